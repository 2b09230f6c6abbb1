/*
 * Tamper evidence: checkpoints of the tables in audit_digest, made in the
 * background (checkpoint.h says what they are, `weir audit verify` reads them).
 *
 * One thread for each database that asks for it, with a connection of its own;
 * nothing of it runs on the loop. Every audit_digest_interval it takes note of
 * the greatest key in each table, and of the transactions that run. When
 * audit_digest_settle has passed and all of these have ended, whoever got a
 * smaller key has committed or never will: the rows up to that key are
 * *sealed*, in buckets of at most BUCKET_ROWS, and each bucket's checkpoint is
 * signed and added to the file. Between two buckets the thread rests as long as
 * the last one took, so that it takes half of a processor at most.
 *
 * A transaction that took its key before weir looked, outside of any
 * transaction (an identifier made by the application, a clock that is behind),
 * and commits after the settling time, adds a row to a sealed bucket. Nobody
 * can tell that from a row slipped in: it is named by verify as a row more.
 */
#ifndef WEIR_PROXY_DIGEST_H
#define WEIR_PROXY_DIGEST_H

#include "protocol/error.h"
#include "proxy/config.h"

struct digests;

/* Starts a thread for each database of the configuration that asks for it;
 * nothing of the configuration is kept. NULL when there is none. False: a key
 * cannot be read. */
bool digests_start(const struct config *, struct digests **ret,
		   struct error *);
/* Waits for the threads to leave, which takes them a moment. */
void digests_stop(struct digests **);

struct digest_stats {
	uint64_t rows;		/* sealed since the start */
	bool stands_by;		/* another weir has the file */
	uint64_t age_ms;	/* of what is not sealed yet, at most */
};

void digests_each(struct digests *,
		  void (*visit)(void *context, const char *database,
				const struct digest_stats *),
		  void *context);

#endif
