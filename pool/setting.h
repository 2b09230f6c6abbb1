/*
 * Settings that travel. What a client has SET lasts for its session in
 * Postgres, but its session meets a different server for every transaction:
 * so a session carries its settings, each backend remembers which ones are
 * applied to it, and the difference is replayed in front of the client's
 * next query, in the same write.
 *
 * A `struct settings` is immutable and reference counted: a session that
 * changes one gets a new set, and comparing two is mostly comparing two
 * pointers. NULL is the empty set: everything as at login.
 */
#ifndef WEIR_POOL_SETTING_H
#define WEIR_POOL_SETTING_H

#include <stdint.h>

#include "protocol/bytes.h"

#define SETTINGS_MAX 256		/* names in one set */
#define SETTINGS_BYTES_MAX 262144	/* of all texts of one set */

struct settings;

struct settings *settings_ref(struct settings *);
void settings_unref(struct settings **);
bool settings_equal(const struct settings *, const struct settings *);

/* The set with one name set by this SQL text ("set x to 1"); the old set
 * loses the caller's reference. Past the limits the set stays as it is and
 * the answer is false. */
bool settings_put(struct settings **, const char *name, struct slice sql);
void settings_remove(struct settings **, const char *name);
/* The SQL that sets `name`, or NULL. */
const char *settings_find(const struct settings *, const char *name);

/* The same for search_path; asked for each statement that is guarded. */
const char *settings_search_path(const struct settings *);

/* Whether the search path leads to the temporary schema, so that anything that
 * is created may be temporary. */
bool settings_reach_temp(const struct settings *);

/* role and session_authorization: who one is. */
bool settings_is_identity(const char *name);
bool settings_has_identity(const struct settings *);

/* Visits every name that is set. */
void settings_each(const struct settings *,
		   void (*visit)(void *context, const char *name),
		   void *context);
/* Adds those of another set whose names are such. */
void settings_copy(struct settings **, const struct settings *from,
		   bool (*such)(const char *name));

/* Visits the statements, in order, that bring a server from `now` to
 * `wanted`. */
void settings_steps(const struct settings *now, const struct settings *wanted,
		    void (*visit)(void *context, const char *sql),
		    void *context);
/* Appends them, divided by ';'. */
void settings_replay(const struct settings *now, const struct settings *wanted,
		     struct buffer *sql);

/* The set with the meaning of another one; the caller's. */
struct settings *settings_with_meaning(const struct settings *,
				       const struct settings *meaning);

/* Appends the text as a literal that reads the same under any settings. */
void settings_put_literal(struct buffer *sql, struct slice text);
/* Appends "SELECT pg_catalog.set_config(...)" with both quoted: how a startup
 * parameter is set. */
void settings_quote(struct slice name, struct slice value, struct buffer *sql);

/* The part of the set that what a text means depends on, besides the text:
 * where names are looked for, as whom, how literals are read. Empty for most;
 * equal bytes mean the same. Borrowed from the set. */
struct slice settings_meaning(const struct settings *);

/* A hash of the whole set, for caches. */
uint64_t settings_hash(const struct settings *);

#endif
