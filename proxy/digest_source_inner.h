/*
 * Between the files of digest_source: what each kind of database does its own
 * way. SQL is written in digest_source.c, and is the same for both but for
 * what stands here.
 */
#ifndef WEIR_PROXY_DIGEST_SOURCE_INNER_H
#define WEIR_PROXY_DIGEST_SOURCE_INNER_H

#include "proxy/digest_source.h"

#define DIGEST_VALUES_MAX 8	/* of a row of a question */

/* Values are NULL where the database's are. Valid during the call. */
typedef void (*digest_on_row)(void *context, const char *const *values);

struct digest_source_verbs {
	void (*close)(struct digest_source *);
	bool (*begin)(struct digest_source *, struct error *);
	void (*end)(struct digest_source *);
	bool (*ask)(struct digest_source *, const char *sql, digest_on_row,
		    void *context, struct error *);
	/* `sql` gives the key first, then the columns, in order. */
	bool (*read)(struct digest_source *, const char *sql, unsigned columns,
		     struct digest_bucket *, struct error *);
	void (*put_table)(const struct digest_name *, struct buffer *sql);
	/* Name, type, may be NULL: a row for each column. */
	void (*put_describe)(const struct digest_name *, struct buffer *sql);
	void (*put_ago)(const char *type, uint64_t ms, struct buffer *sql);
	const char *now;	/* an expression, written as the keys are */
	const char *running;	/* SQL; NULL: nobody writes but one at a time */
};

struct digest_source {
	const struct digest_source_verbs *verbs;
	bool (*given_up)(void *context);
	void *context;
};

/* An SQL literal; a name in double quotes. */
void digest_put_literal(struct buffer *sql, const char *text);
void digest_put_quoted(struct buffer *sql, const char *name);

/* digest_postgres.c, digest_sqlite.c */
struct digest_source *digest_postgres_open(const struct digest_target *,
					   bool (*given_up)(void *context),
					   void *context, struct error *);
struct digest_source *digest_sqlite_open(const struct digest_target *,
					 struct error *);

#endif
