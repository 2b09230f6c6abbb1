/*
 * The options of weir, each described once: the table that flags, environment
 * variables, the configuration file, --help, --print-config, SHOW CONFIG and
 * the manual have in common.
 *
 * An option has a path, as in the file: `tls.cert` for the whole process,
 * `pool_size` for each database. From the path come the flag `--tls-cert` and
 * the variable `WEIR_TLS_CERT`.
 *
 * Values live in plain structs (config.h); a row knows the offset and the
 * type of its member. Everything here is pure: no file, no environment.
 */
#ifndef WEIR_PROXY_OPTION_H
#define WEIR_PROXY_OPTION_H

#include "protocol/bytes.h"

/* A list of texts, each owned. */
struct option_list {
	char **items;
	unsigned count;
};

enum option_type {
	OPTION_BOOL,		/* bool */
	OPTION_COUNT,		/* unsigned */
	OPTION_MODE,		/* unsigned: permission bits, written in octal */
	OPTION_DURATION,	/* uint64_t, in milliseconds */
	OPTION_CHOICE,		/* int: the index of the word in `choices` */
	OPTION_TEXT,		/* char *, NULL when not set */
	OPTION_LIST,		/* struct option_list */
};

enum option_scope {
	OPTION_GLOBAL,		/* offset is in struct config */
	OPTION_DATABASE,	/* offset is in struct config_database */
};

struct option_row {
	const char *path;
	enum option_scope scope;
	enum option_type type;
	size_t offset;
	const char *initial;	/* the default as one would write it; NULL:
				   not set */
	const char *unit;	/* of a duration without one: "s" or "ms" */
	uint64_t min, max;	/* counts; durations in milliseconds */
	const char *const *choices;	/* ended by NULL */
	bool reloads;		/* a reload takes a new value */
	bool detail;		/* of another option: --help leaves it out */
	bool secret;		/* shown as ***; may come from a file */
	const char *argument;	/* what --help calls the value */
	const char *elsewhere;	/* PgBouncer's name where it differs */
	const char *about;	/* half a line */
};

/* More rows than this there are not: who keeps something per row sizes it so. */
#define OPTION_ROWS_MAX 64

extern const struct option_row option_rows[];
extern const unsigned option_count;

/* The row of a path, or NULL. */
const struct option_row *option_find(enum option_scope, struct slice path);
static inline unsigned option_index(const struct option_row *row)
{
	return (unsigned)(row - option_rows);
}

/* "--pool-size" without the dashes; "WEIR_POOL_SIZE". */
void option_flag(const struct option_row *, char *ret, size_t size);
void option_variable(const struct option_row *, char *ret, size_t size);

/* Reads `text` as this option's type and stores it in `base`, the struct that
 * has the member; lists are split at commas outside double quotes. On failure
 * nothing changes and `why` says what would have been right. */
bool option_set(const struct option_row *, void *base, struct slice text,
		struct buffer *why);
/* Adds one item to a list; the first one since option_clear() starts it. */
void option_add(const struct option_row *, void *base, struct slice item);
void option_clear(const struct option_row *, void *base);

/* The value as one would write it in the file; secrets too. */
void option_print(const struct option_row *, const void *base,
		  struct buffer *out);
/* Any text, quoted where YAML would read something else. */
void option_print_text(const char *text, struct buffer *out);
bool option_is_set(const struct option_row *, const void *base);
bool option_equal(const struct option_row *, const void *a, const void *b);
void option_copy(const struct option_row *, void *to, const void *from);

/* The known word nearest to a misspelt one, or NULL when none is near.
 * `words` is ended by NULL. */
const char *option_nearest(struct slice word, const char *const *words);

#endif
