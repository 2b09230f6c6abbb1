/*
 * Channels: what the sessions of one database LISTEN to, heard on a single
 * connection of its own, outside the pool's bound.
 *
 * A session *subscribes* to a channel. Every subscription is asked of the
 * server anew, also where the connection listens already, and counts from the
 * answer on: what was notified before belongs to nobody who came later. When
 * the connection is lost it is opened again and asks for everything; what was
 * notified in between is lost, and every subscriber is told so.
 *
 *     UNHEARD ── LISTEN sent ──► ASKED ── answered ──► HEARD
 *        ▲                                               │
 *        └───────────────── connection lost ─────────────┘
 *
 * Everything on the loop thread. A callback may subscribe and unsubscribe.
 */
#ifndef WEIR_POOL_CHANNEL_H
#define WEIR_POOL_CHANNEL_H

#include "pool/pool.h"

struct channels;

/*
 * The same connection answers a question that needs no server of the pool: of
 * which columns is this text? Under the settings of a new session, for nothing
 * of a client's is ever set there.
 */
struct question {
	struct list link;
	uint32_t request;	/* 0: not asked yet */
	char *text;
	void *holder;
	/* A RowDescription, or nothing where there is none or nobody knows. */
	void (*on_answer)(void *holder, struct slice row_description);
};

/*
 * And it runs queries of weir's own, which change nothing. What they SET they
 * SET LOCAL. Their rows come at once, all that a text of several statements
 * gives: whole DataRow messages, those of each statement behind its
 * RowDescription.
 */
#define INQUIRY_BYTES_MAX ((size_t)64 << 20)

struct inquiry {
	struct list link;
	uint32_t request;	/* 0: not asked yet */
	char *text;		/* NULL: nothing is asked */
	void *holder;
	/* `messages` is borrowed. */
	void (*on_rows)(void *holder, struct slice messages);
	/* The server refused, or was lost, or said too much. */
	void (*on_failed)(void *holder, const struct error *);
};

struct subscriber {
	struct list link;	/* of its channels */
	struct list subscriptions;
	struct channels *channels;
	unsigned unheard;	/* subscriptions that are not heard yet */
	void *holder;
	/* A NotificationResponse, whole; borrowed. */
	void (*on_notification)(void *holder, struct slice message);
	/* Everything subscribed to is heard from now on. */
	void (*on_heard)(void *holder);
	/* Notifications may have been missed. */
	void (*on_gap)(void *holder);
	/* The connection cannot be opened; nothing is subscribed any more. */
	void (*on_failed)(void *holder, const struct error *);
};

/* The pool is for the one connection: its bound is one, and it is nobody
 * else's. It is opened while anybody listens. */
struct channels *channels_new(struct pool *, uint64_t (*now_ms)(void *context),
			      void *context);
/* Closes the connection, for good. */
void channels_stop(struct channels *);
/* After that; nobody subscribes any more. */
void channels_free(struct channels **);

/* on_answer() follows from the loop, unless it is withdrawn before. */
void channels_ask(struct channels *, struct question *, struct slice text);
void question_withdraw(struct question *);

/* on_rows() or on_failed() follows from the loop, unless it is withdrawn
 * before. One inquiry asks one thing at a time. */
void channels_inquire(struct channels *, struct inquiry *, struct slice text);
void inquiry_withdraw(struct inquiry *);

/* Whether the connection is opened, and opened again, though nobody listens
 * or asks now. */
void channels_keep(struct channels *, bool keep);

void subscriber_init(struct subscriber *, struct channels *);
/* Listens to a channel. on_heard() follows from the loop, or on_failed(). */
void subscriber_listen(struct subscriber *, const char *channel);
/* Stops; NULL: listening to anything. */
void subscriber_unlisten(struct subscriber *, const char *channel);
static inline bool subscriber_is_idle(const struct subscriber *subscriber)
{
	return list_empty(&subscriber->subscriptions);
}
bool subscriber_listens(const struct subscriber *, const char *channel);
/* Visits what it listens to, as SQL: LISTEN "a". */
void subscriber_each(const struct subscriber *,
		     void (*visit)(void *context, const char *sql),
		     void *context);
void subscriber_fini(struct subscriber *);

#endif
