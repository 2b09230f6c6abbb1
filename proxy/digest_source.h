/*
 * The database as the digests see it: one connection of their own, in a
 * thread that may wait, reading only. On Postgres it is libpq's, counted
 * outside of pool_size; on SQLite a read-only handle on the file, which knows
 * no function of weir's.
 *
 * Between digest_source_begin() and _end() everything is read in one snapshot,
 * with every setting that has a say in how a value is written fixed.
 */
#ifndef WEIR_PROXY_DIGEST_SOURCE_H
#define WEIR_PROXY_DIGEST_SOURCE_H

#include "proxy/checkpoint.h"
#include "proxy/backend_url.h"
#include "proxy/digest_name.h"

/* Rows with after < key <= upto; NULL: no such bound. With `younger_than`,
 * only those whose `column` is greater than that, or null. */
struct digest_range {
	const char *after, *upto;
	const char *column, *younger_than;
};

/* A table that is there, as its catalog has it. */
struct digest_table {
	const struct digest_name *name;
	bool exists;		/* false: nothing below is set */
	bool has_column;	/* the one it is read by */
	bool is_time;		/* that column; else a whole number */
	bool is_nullable;
	const char *type;
	struct digest_columns columns;
};

/* Which database; borrowed. */
struct digest_target {
	enum backend_url_kind kind;
	const char *url;	/* for libpq, or the path of the file */
	const char *database;	/* where the URL names none */
	bool production;	/* as in pool/postgres/open.h */
};

struct digest_source;

/* NULL with an error. `given_up` is asked while connecting and reading; what
 * it stops fails with SQLSTATE_QUERY_CANCELED. */
struct digest_source *digest_source_open(const struct digest_target *,
					 bool (*given_up)(void *context),
					 void *context, struct error *);
void digest_source_close(struct digest_source **);

bool digest_source_begin(struct digest_source *, struct error *);
void digest_source_end(struct digest_source *);

/* All texts are in the arena, and everything below needs a snapshot. */
bool digest_source_describe(struct digest_source *, const struct digest_name *,
			    struct arena *, struct digest_table *ret,
			    struct error *);
/* The greatest key after this one, of those not in the future; NULL where
 * there is none. */
bool digest_source_top(struct digest_source *, const struct digest_table *,
		       const char *after, struct arena *, const char **ret, struct error *);
/* Which of the transactions `among` ("" to begin with: all there are, but
 * this one) still run: names with spaces between, "" when none does. */
bool digest_source_running(struct digest_source *, const char *among,
			   struct arena *, const char **ret, struct error *);
/* The key of the row `rows` rows into the range; NULL where there are fewer. */
bool digest_source_cut(struct digest_source *, const struct digest_table *,
		       struct digest_range, unsigned rows, struct arena *,
		       const char **ret, struct error *);
/* The least and greatest value of a column in the range, a null counting as
 * greater than any time; NULL: no row. */
bool digest_source_span(struct digest_source *, const struct digest_table *,
			const char *column, struct digest_range,
			struct arena *, const char **ret_least,
			const char **ret_greatest, struct error *);
/* How many rows have no key, and so are in no bucket. */
bool digest_source_keyless(struct digest_source *, const struct digest_table *,
			   uint64_t *ret, struct error *);
/* The time so many milliseconds ago, as a column of this type would have it. */
bool digest_source_ago(struct digest_source *, const char *type, uint64_t ms,
		       struct arena *, const char **ret, struct error *);
/* Puts the rows of the range into the bucket: these columns, in order. */
bool digest_source_read(struct digest_source *, const struct digest_table *,
			const struct digest_columns *, struct digest_range,
			struct digest_bucket *, struct error *);

#endif
