/*
 * The foreign keys of one statement, followed as Postgres follows them.
 *
 * SQLite follows the keys of a row as soon as it has changed it, depth first,
 * and checks at the end what is still broken. In Postgres a statement changes
 * its rows first. Then for each of them, in order, the keys that point at it
 * act or look whether it is missed, then its own keys look for what they point
 * at, each kind in the order in which the keys were made. What an action
 * changes comes last in the queue. So NO ACTION may complain of a row that a
 * later key would have deleted.
 *
 * Where that shows (protocol/dialect/key_order.h) SQLite's own keys are off
 * while a statement runs. Temporary triggers tell of every row; at the end the
 * queue is worked off by statements of weir's. The same is done, and undone,
 * to learn which key made a statement fail that SQLite has run.
 *
 * Of the writer's thread. At most one queue is open on a connection.
 */
#ifndef WEIR_POOL_SQLITE_KEY_QUEUE_H
#define WEIR_POOL_SQLITE_KEY_QUEUE_H

#include "pool/sqlite/session.h"

struct key_queue;

/* Before a statement that needs it, or does not: then nothing is opened. */
bool key_queue_open(struct lite_session *, const struct compiled *,
		    struct error *);
/* The statement has changed its rows. False: a key refuses, and all must be
 * rolled back. */
bool key_queue_settle(struct lite_session *, struct error *);
/* Whether it is open or not, and whatever happened. */
void key_queue_close(struct lite_connection *);

/* A key has made a statement fail, perhaps: which one, and whose row. False:
 * none did, as far as can be told. */
bool key_queue_explain(struct lite_session *, const struct lite_plan *,
		       struct error *);

/* The function that the triggers call. A SQLite code. */
int key_queue_register(struct lite_connection *);

#endif
