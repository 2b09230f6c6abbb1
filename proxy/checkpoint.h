/*
 * A checkpoint: what a bucket of a table was when it was sealed, as one line
 * of JSON in a file that only grows.
 *
 *     {"n":0,"kind":"begin","time":"...","database":"app","key":"<hex>",
 *      "chain":"<hex>","signature":"<hex>"}
 *     {"n":1,"kind":"bucket","time":"...","table":"public.audit_event",
 *      "by":"id","bucket":0,"after":null,"upto":"4096","rows":4096,
 *      "oldest":null,"newest":null,"cutoff":null,
 *      "columns":["id","bigint","what","text"],"digest":"<hex>",
 *      "chain":"<hex>","signature":"<hex>"}
 *
 * (each on one line.) A bucket holds the rows whose key is greater than
 * `after` and at most `upto`; the next bucket of its table begins there, so
 * that a row added anywhere below the last one falls into one of them. A line
 * of kind "purge" says what is left of a bucket after rows older than
 * `cutoff` were removed, as audit_retain allows.
 *
 * `chain` is SHA-256 of the chain of the line before (zeros before the first)
 * and of this line's bytes up to `,"chain"`; `signature` is made over it. So
 * no line can be changed, left out, moved or added without the key. Only the
 * end can be cut off: FILE.head, written after each addition, says how far
 * the chain had come.
 *
 * Pure. Lines are read strictly: what checkpoint_write() does not write,
 * checkpoint_read() does not read.
 */
#ifndef WEIR_PROXY_CHECKPOINT_H
#define WEIR_PROXY_CHECKPOINT_H

#include "protocol/arena.h"
#include "proxy/digest_bucket.h"
#include "proxy/digest_key.h"

#define CHECKPOINT_LINE_BYTES_MAX (1u << 20)
#define CHECKPOINT_COLUMNS_MAX 1600	/* as Postgres */

enum checkpoint_kind {
	CHECKPOINT_BEGIN,
	CHECKPOINT_BUCKET,
	CHECKPOINT_PURGE,
};

struct digest_columns {
	unsigned count;
	const char **names, **types;
};

struct checkpoint {
	uint64_t n;
	enum checkpoint_kind kind;
	const char *time;
	/* of the first line */
	const char *database;
	uint8_t key[DIGEST_KEY_BYTES];
	/* of the others */
	const char *table, *by;
	uint64_t bucket;
	const char *after;	/* NULL: from the first row on */
	const char *upto;
	uint64_t rows;
	const char *oldest, *newest;	/* of the column that retention goes
					   by; NULL: no retention */
	const char *cutoff;	/* of a purge */
	struct digest_columns columns;
	uint8_t digest[DIGEST_BYTES];
	/* of all */
	uint8_t chain[DIGEST_BYTES];
	uint8_t signature[DIGEST_SIGNATURE_BYTES];
};

/* Appends the line, chained to `before` and signed; sets chain and signature
 * of the checkpoint. */
void checkpoint_write(struct checkpoint *, const uint8_t before[DIGEST_BYTES],
		      const struct digest_key *, struct buffer *out);

/* Reads a line without its end; texts are in the arena. */
bool checkpoint_read(struct slice line, struct arena *,
		     struct checkpoint *ret);
/* Whether the line goes on from `before`. */
bool checkpoint_follows(const struct checkpoint *, struct slice line,
			const uint8_t before[DIGEST_BYTES]);
bool checkpoint_is_signed(const struct checkpoint *,
			  const struct digest_key *);

/* How far the chain has come. */
struct checkpoint_head {
	uint64_t n;
	uint8_t chain[DIGEST_BYTES];
	uint8_t signature[DIGEST_SIGNATURE_BYTES];
};

void checkpoint_head_write(const struct checkpoint *,
			   const struct digest_key *, struct buffer *out);
bool checkpoint_head_read(struct slice line, struct checkpoint_head *ret);
bool checkpoint_head_is_signed(const struct checkpoint_head *,
			       const struct digest_key *);

bool digest_columns_equal(const struct digest_columns *,
			  const struct digest_columns *);
/* The first sealed column that the table has no more, or not of that type; -1:
 * none. */
int digest_columns_lost(const struct digest_columns *sealed,
			const struct digest_columns *now);
/* A copy in the arena. */
const struct digest_columns *digest_columns_copy(const struct digest_columns *,
						 struct arena *);
void digest_put_hex(struct buffer *, const uint8_t *bytes, size_t length);

#endif
