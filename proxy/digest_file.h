/*
 * The file of checkpoints: opened and locked by one process, read once to
 * prove it whole, then added to. It is never cut but for a last line without
 * its end, which a crash in the middle of a write leaves.
 *
 * FILE.head beside it holds the place the chain has come to, written after
 * the line is safe. A file that ends before it was cut by somebody, and is
 * left as it is.
 */
#ifndef WEIR_PROXY_DIGEST_FILE_H
#define WEIR_PROXY_DIGEST_FILE_H

#include <stdio.h>

#include "proxy/checkpoint.h"

/* Sees each line in order; the checkpoint's texts live during the call. */
typedef void (*digest_on_checkpoint)(void *context,
				     const struct checkpoint *);

/* What there was in a file, and how it ended. */
struct digest_read {
	uint64_t lines;		/* that are proven */
	bool torn;		/* a last line has no end */
	long proven_bytes;	/* where it would begin */
	struct checkpoint last;	/* n and chain only */
	char first_time[32];
};

#define DIGEST_FROM_HEAD UINT64_MAX

/* Reads all lines from an open file: chained, signed from line `from` on,
 * consistent with the head. The head's signature is always proven, and with
 * it the lines up to there, as each contains those before it: who only wants
 * to go on can leave the others with DIGEST_FROM_HEAD. False: the error says which line is wrong (then
 * ret holds what was proven before it). */
bool digest_file_read(FILE *, const char *path, const struct digest_key *,
		      uint64_t from, digest_on_checkpoint, void *context,
		      struct digest_read *ret, struct error *);

struct digest_file;

/* Opens it, and creates it where there is none. NULL with an error: of state
 * SQLSTATE_OBJECT_IN_USE when another process has it. */
struct digest_file *digest_file_open(const char *path, const char *database,
				     const struct digest_key *,
				     digest_on_checkpoint, void *context,
				     struct error *);
void digest_file_close(struct digest_file **);

/* Chains, signs and writes; safe only after digest_file_sync(). The time in
 * the checkpoint is the file's, until the next one. */
bool digest_file_add(struct digest_file *, struct checkpoint *,
		     struct error *);
bool digest_file_sync(struct digest_file *, struct error *);
const struct checkpoint *digest_file_last(const struct digest_file *);

/* The time now, as checkpoints have it. */
void digest_now(char ret[32]);

#endif
