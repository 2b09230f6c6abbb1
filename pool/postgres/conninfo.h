/*
 * What a connection string says, taken apart so far that weir can put its own
 * things in: addresses found for names, the client's user, stricter TLS. The
 * rest is libpq's and goes to it as it was written.
 */
#ifndef WEIR_POOL_POSTGRES_CONNINFO_H
#define WEIR_POOL_POSTGRES_CONNINFO_H

#include "pool/postgres/open.h"

#define CONNINFO_HOSTS_MAX 64	/* addresses of all hosts together */
#define CONNINFO_OPTIONS_MAX 64

struct pg_host {
	char *name;		/* as written; a path: a Unix socket; "" */
	char *address;		/* numeric; NULL: not known yet or not needed */
	char *port;		/* "" means the default */
};

struct pg_conninfo {
	unsigned option_count, host_count;
	char *names[CONNINFO_OPTIONS_MAX];
	char *values[CONNINFO_OPTIONS_MAX];
	struct pg_host hosts[CONNINFO_HOSTS_MAX];
	bool has_sslmode;
	/* A service file names the hosts: libpq finds them, and blocks. */
	bool has_service;
	uint64_t connect_timeout_ms;
};

/* Reads the string and puts the target's own user, password and so on over
 * it. Free with pg_conninfo_fini(), also after a failure. */
bool pg_conninfo_read(struct pg_conninfo *, const struct pg_target *,
		      struct error *);
void pg_conninfo_fini(struct pg_conninfo *);

/* The value of an option, or NULL. */
const char *pg_conninfo_get(const struct pg_conninfo *, const char *name);
void pg_conninfo_set(struct pg_conninfo *, const char *name,
		     const char *value);

/* True if this host must be looked up before libpq sees it. */
bool pg_host_needs_lookup(const struct pg_host *);
/* It is this machine by a Unix socket, by loopback or by its name for that. */
bool pg_host_is_local(const struct pg_host *);
/* Puts these numeric addresses in the place of host `index`; none of them:
 * takes it out. */
void pg_conninfo_replace_host(struct pg_conninfo *, unsigned index,
			      char *const *addresses, unsigned count);
/* Nothing leaves this machine: Unix sockets and loopback only. */
bool pg_conninfo_is_local(const struct pg_conninfo *);

/* Begins to connect. NULL only without memory. */
PGconn *pg_conninfo_start(const struct pg_conninfo *);

/* The reason of a failed connection, with the server's own SQLSTATE where it
 * gave one. `conn` must have been set to PQERRORS_VERBOSE. */
void pg_connection_error(PGconn *conn, struct error *);

#endif
