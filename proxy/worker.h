/*
 * One worker: one event loop, one thread, and everything that hangs off it.
 * There are no globals, so that several workers need no redesign.
 */
#ifndef WEIR_PROXY_WORKER_H
#define WEIR_PROXY_WORKER_H

#include <openssl/ssl.h>
#include <uv.h>

#include "pool/statement.h"
#include "protocol/bytes.h"
#include "protocol/list.h"
#include "proxy/counters.h"

#define OUTGOING_PIECES 64
#define OUTGOING_OWN_BYTES 8192

struct auth;
struct config;
struct digests;
struct refusals;
struct routes;
struct session;

/*
 * What goes to a backend of one read from a client: runs of bytes as they
 * came and small pieces of weir's own in between, sent in one call. Only one
 * session fills it at a time.
 */
struct outgoing {
	struct slice pieces[OUTGOING_PIECES];
	unsigned count;
	size_t own_length;
	uint8_t own[OUTGOING_OWN_BYTES];
};

struct worker {
	uv_loop_t *loop;
	struct buffer shared;	/* what every stream reads into */
	struct outgoing outgoing;
	struct config *config;
	struct statements *statements;
	struct routes *routes;
	struct digests *digests;	/* NULL: none are wanted */
	struct auth *auth;
	SSL_CTX *tls;		/* NULL: no TLS */
	struct list sessions;
	struct list long_texts;	/* in line to be read: session_reading.c */
	bool reads_beside;	/* one is being read */
	struct list spare_watches;	/* see session_state.c */
	unsigned spare_watch_count;
	unsigned session_count;
	unsigned client_count;	/* of them, those that have proved who they are */
	uint64_t look_at_ms;	/* no session is late before: session_timeout.c */
	struct session *by_cancel_pid;	/* a hash table */
	struct refusals *refusals;	/* by the guard */
	struct refusals *sanctions;	/* what it let pass by exception */
	struct counters counters;
	bool draining;		/* no new sessions; old ones leave when they
				   can */
	void (*on_session_gone)(struct worker *);
};

static inline uint64_t worker_now(const struct worker *worker)
{
	return uv_now(worker->loop);
}

#endif
