/*
 * The settings of one SQLite session: what SET, SHOW, RESET and set_config()
 * work on. The table of names says what Postgres 15 says by default; most of
 * them are accepted and change nothing, because drivers set them.
 *
 * A value may be the session's, or local to the transaction (SET LOCAL).
 * Changes are kept in a journal until the transaction ends, so that ROLLBACK
 * and ROLLBACK TO take them back. Owned by the session, used by the thread
 * that runs it.
 */
#ifndef WEIR_POOL_SQLITE_SETTING_H
#define WEIR_POOL_SQLITE_SETTING_H

#include <stdint.h>

#include "protocol/bytes.h"
#include "protocol/error.h"
#include "protocol/type.h"

#define LITE_SETTINGS_CUSTOM_MAX 200	/* names like app.user_id */
#define LITE_SETTING_BYTES_MAX 1048576

enum lite_setting_flag {
	SETTING_REPORT = 1,	/* told to the client when it changes */
	SETTING_FIXED = 2,	/* cannot be changed */
	SETTING_RESTART = 4,	/* the server's, not the session's */
	SETTING_LIST = 8,	/* several values, joined by commas */
	SETTING_TRANSACTION = 16,	/* always local to the transaction */
};

struct lite_setting_row {
	const char *name;	/* as SHOW ALL prints it */
	const char *value;	/* the default, as SHOW prints it */
	char kind;		/* b bool, i integer, r real, s text, e enum */
	uint8_t flags;
	const char *unit;	/* "ms", "kB", or the choices of an enum
				   divided by '|' */
	int64_t minimum, maximum;
	const char *text;	/* a short description, for SHOW ALL */
};

size_t lite_setting_count(void);
const struct lite_setting_row *lite_setting_at(size_t index);

struct lite_setting_change;
struct lite_setting_custom;

struct lite_settings {
	char **session;		/* by row; NULL: the default */
	char **local;		/* by row; NULL: not set locally */
	const char **reported;	/* what the client was told last; owned */
	char **start;		/* as at login: what RESET goes back to */
	char **custom_names;
	size_t custom_count, capacity;	/* rows after the table's */
	struct lite_setting_change *journal;
	size_t journal_count, journal_capacity;
	bool report_due;
	uint64_t version;	/* grows with every change */
	struct zone_source *zones;	/* to check TimeZone; may be NULL */
};

void lite_settings_init(struct lite_settings *, const char *user,
			struct zone_source *);
void lite_settings_fini(struct lite_settings *);

/* NULL: there is no such setting. Valid until the next change. */
const char *lite_settings_get(const struct lite_settings *, const char *name);
int64_t lite_settings_integer(const struct lite_settings *, const char *name);
bool lite_settings_on(const struct lite_settings *, const char *name);

/* `value` NULL: the default (RESET). */
bool lite_settings_set(struct lite_settings *, const char *name,
		       const char *value, bool local, struct error *);
void lite_settings_reset_all(struct lite_settings *);

/* Visits what is SET for the session and not only in its transaction. */
void lite_settings_each(const struct lite_settings *,
			void (*visit)(void *context, const char *name,
				      const char *value), void *context);

/* The journal: where it is now, and back to there. */
size_t lite_settings_mark(const struct lite_settings *);
void lite_settings_undo(struct lite_settings *, size_t mark);
/* The transaction is over; local values go with it. */
void lite_settings_end(struct lite_settings *, bool committed);

/* ParameterStatus for what changed since it was last reported. */
void lite_settings_report(struct lite_settings *, struct buffer *out);
/* The same facts as name\0value\0 pairs, all of them. */
void lite_settings_list_reported(struct lite_settings *, struct buffer *out);

#endif
