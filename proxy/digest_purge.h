/*
 * Retention and checkpoints: rows that audit_retain lets go are missed by
 * nobody, and no others.
 *
 * At every look the buckets that hold rows older than the cut-off are read
 * again. One that has lost rows, and holds old rows only, gets a checkpoint
 * of kind purge that says what is left of it. Through others the cut-off
 * goes: of these weir keeps in mind what their rows younger than a bound
 * somewhat ahead of the cut-off come to, and they get a purge only if exactly
 * those rows are still there. What lost rows otherwise gets nothing, and
 * verify reports it.
 *
 * What is kept in mind is gone with the process: a purge in a bucket that the
 * cut-off goes through, made while no weir was looking, is reported until the
 * whole of the bucket is old.
 */
#ifndef WEIR_PROXY_DIGEST_PURGE_H
#define WEIR_PROXY_DIGEST_PURGE_H

#include "proxy/digest_source.h"

struct digest_purge;

/* Rows whose `column` is older than `age_ms` may go; looks are at most
 * `pause_ms` apart. */
struct digest_purge *digest_purge_new(const char *column, uint64_t age_ms,
				      uint64_t pause_ms);
void digest_purge_free(struct digest_purge **);
/* Nothing is known any more: the file is read anew. */
void digest_purge_forget(struct digest_purge *);

const char *digest_purge_column(const struct digest_purge *);

/* A checkpoint of the table, of either kind, as it is in the file. */
void digest_purge_note(struct digest_purge *, const struct checkpoint *);

/* Looks for buckets that have lost old rows, in the snapshot of the source;
 * `add` puts a checkpoint into the file. False: something failed. */
bool digest_purge_look(struct digest_purge *, struct digest_source *,
		       const struct digest_table *, struct digest_bucket *,
		       bool (*add)(void *context, struct checkpoint *,
				   struct error *),
		       void *context, struct error *);

#endif
