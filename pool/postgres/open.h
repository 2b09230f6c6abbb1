/*
 * Opening a connection to Postgres is libpq's work: several hosts,
 * target_session_attrs, TLS, passwords, .pgpass, service files. This drives
 * it without ever waiting: names are resolved first, on libuv's threads
 * (libpq would block), then PQconnectPoll() follows the socket.
 *
 *     RESOLVING ──► CONNECTING ──► handed over
 *         │             │  └─ timeout: the next address, if there is one
 *         └─────────────┴──────► failed
 *
 * connect_timeout_ms counts per address, as libpq's connect_timeout does.
 * Exactly one call of the callback follows, from the loop, unless
 * pg_open_cancel() came first.
 */
#ifndef WEIR_POOL_POSTGRES_OPEN_H
#define WEIR_POOL_POSTGRES_OPEN_H

#include <libpq-fe.h>
#include <uv.h>

#include "protocol/bytes.h"
#include "protocol/error.h"

/* Borrowed for the time of the call only. */
struct pg_target {
	const char *conninfo;	/* postgresql://... or name=value ... */
	const char *user;	/* NULL: as in conninfo; else instead of it */
	const char *password;
	const char *database;
	const char *options;	/* startup options, "-c name=value ..." */
	uint64_t connect_timeout_ms;	/* 0: ten seconds */
	bool production;	/* no sslmode to a remote host: verify-full */
	/* How a far end that vanished is noticed, unless conninfo says so
	 * itself; 0: as the system does. */
	bool without_keepalive;
	unsigned keepalive_idle_s, keepalive_interval_s, keepalive_count;
	unsigned user_timeout_ms;
};

/* A connection that is logged in and idle. Ownership goes to who is given it. */
struct pg_opened {
	PGconn *conn;
	struct buffer parameters;	/* name\0value\0 as reported */
	uint32_t pid;
	struct buffer cancel_key;	/* empty: could not be learned */
};

struct pg_opening;

/* `opened` is NULL when it failed; the error is set then. The callee takes
 * what it wants out of `opened` and empties it; the rest is freed. */
typedef void (*pg_on_open)(void *context, struct pg_opened *opened,
			   const struct error *);

/* NULL: the conninfo cannot be read; the error says why. */
struct pg_opening *pg_open(uv_loop_t *, const struct pg_target *, pg_on_open,
			   void *context, struct error *);
/* Gives up; no callback follows. Nulls the pointer. */
void pg_open_cancel(struct pg_opening **);

/* What conninfo names; NULL where it names none. */
struct pg_named {
	char *user, *database;
	char *servers;		/* for pg_servers_meet() */
	/* Of several hosts it wants the one that can be written to. */
	bool primary;
};

/* False: it cannot be read. Free with pg_named_fini(), also after that. */
bool pg_named_read(const char *conninfo, struct pg_named *ret_named,
		   struct error *);
void pg_named_fini(struct pg_named *);

/* Makes an SCRAM verifier for a password, prepared as Postgres does
 * (SASLprep). Costs a few milliseconds. */
bool pg_hash_password(const char *user, const char *password,
		      struct buffer *ret_verifier, struct error *);

void pg_opened_fini(struct pg_opened *);

#endif
