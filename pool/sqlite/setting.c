#include "pool/sqlite/setting.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "pool/sqlite/setting_table.h"
#include "protocol/dialect/schema_name.h"
#include "protocol/frame.h"

struct lite_setting_change {
	int index;
	char *session, *local;	/* as they were; owned */
};

static int find(const struct lite_settings *settings, const char *name)
{
	int index = lite_setting_find(name);

	/* "SET TIME ZONE" and "SET SESSION AUTHORIZATION" have other names. */
	if (index >= 0)
		return index;
	for (size_t i = 0; i < settings->custom_count; i++)
		if (strcasecmp(settings->custom_names[i], name) == 0)
			return (int)(lite_setting_count() + i);
	return -1;
}

static const struct lite_setting_row *row_of(int index)
{
	return (size_t)index < lite_setting_count() ?
		       lite_setting_at((size_t)index) : NULL;
}

/* --- life ---------------------------------------------------------------------- */

static void preset(struct lite_settings *settings, const char *name,
		   const char *value)
{
	int index = lite_setting_find(name);

	settings->start[index] = must_dup(value);
}

void lite_settings_init(struct lite_settings *settings, const char *user,
			struct zone_source *zones)
{
	memset(settings, 0, sizeof(*settings));
	settings->capacity = lite_setting_count() + LITE_SETTINGS_CUSTOM_MAX;
	settings->session = must_alloc(settings->capacity * sizeof(char *));
	settings->local = must_alloc(settings->capacity * sizeof(char *));
	settings->start = must_alloc(settings->capacity * sizeof(char *));
	settings->reported =
		must_alloc(lite_setting_count() * sizeof(char *));
	settings->custom_names =
		must_alloc(LITE_SETTINGS_CUSTOM_MAX * sizeof(char *));
	settings->zones = zones;
	settings->version = 1;
	preset(settings, "session_authorization", user);
}

static void forget_journal(struct lite_settings *settings)
{
	for (size_t i = 0; i < settings->journal_count; i++) {
		free(settings->journal[i].session);
		free(settings->journal[i].local);
	}
	settings->journal_count = 0;
}

void lite_settings_fini(struct lite_settings *settings)
{
	forget_journal(settings);
	free(settings->journal);
	for (size_t i = 0; i < settings->capacity; i++) {
		free(settings->session[i]);
		free(settings->local[i]);
		free(settings->start[i]);
	}
	for (size_t i = 0; settings->reported && i < lite_setting_count(); i++)
		free((void *)(uintptr_t)settings->reported[i]);
	for (size_t i = 0; i < settings->custom_count; i++)
		free(settings->custom_names[i]);
	free(settings->session);
	free(settings->local);
	free(settings->start);
	free(settings->reported);
	free(settings->custom_names);
	memset(settings, 0, sizeof(*settings));
}

/* --- reading -------------------------------------------------------------------- */

static const char *effective(const struct lite_settings *settings, int index)
{
	const struct lite_setting_row *row = row_of(index);

	if (settings->local[index])
		return settings->local[index];
	if (settings->session[index])
		return settings->session[index];
	if (settings->start[index])
		return settings->start[index];
	if (!row)
		return "";
	/* A transaction that was not told otherwise is as by default. */
	if (row->flags & SETTING_TRANSACTION) {
		char name[64];

		snprintf(name, sizeof(name), "default_%s", row->name);
		return effective(settings, lite_setting_find(name));
	}
	return row->value;
}

const char *lite_settings_get(const struct lite_settings *settings,
			      const char *name)
{
	int index = find(settings, name);

	return index < 0 ? NULL : effective(settings, index);
}

int64_t lite_settings_integer(const struct lite_settings *settings,
			      const char *name)
{
	const char *text = lite_settings_get(settings, name);
	char *end;
	int64_t number = strtoll(text, &end, 10);

	return strcmp(end, "s") == 0   ? number * 1000 :
	       strcmp(end, "min") == 0 ? number * 60000 :
	       strcmp(end, "h") == 0   ? number * 3600000 :
	       strcmp(end, "d") == 0   ? number * 86400000 : number;
}

bool lite_settings_on(const struct lite_settings *settings, const char *name)
{
	return strcmp(lite_settings_get(settings, name), "on") == 0;
}

/* --- changing -------------------------------------------------------------------- */

static void note_change(struct lite_settings *settings, int index)
{
	struct lite_setting_change *change;

	if (settings->journal_count == settings->journal_capacity) {
		settings->journal_capacity =
			settings->journal_capacity * 2 + 8;
		settings->journal = must_realloc(
			settings->journal,
			settings->journal_capacity * sizeof(*change));
	}
	change = &settings->journal[settings->journal_count++];
	change->index = index;
	change->session = settings->session[index];
	change->local = settings->local[index];
	settings->version++;
	settings->report_due = true;
}

/* `value` is taken over. */
static void put(struct lite_settings *settings, int index, char *value,
		bool local)
{
	note_change(settings, index);
	if (local) {
		char *session = settings->session[index];

		settings->session[index] = session ? must_dup(session) : NULL;
		settings->local[index] = value;
	} else {
		settings->session[index] = value;
		settings->local[index] = NULL;
	}
}

/* app.user_id: two words and a dot are anybody's. */
static bool is_custom_name(const char *name)
{
	const char *dot = strchr(name, '.');

	if (!dot || dot == name || !dot[1] || strlen(name) > 63)
		return false;
	for (; *name; name++)
		if (!isalnum((unsigned char)*name) && *name != '_' &&
		    *name != '.' && *name != '$')
			return false;
	return true;
}

static int add_custom(struct lite_settings *settings, const char *name,
		      struct error *error)
{
	if (!is_custom_name(name)) {
		error_set(error, SQLSTATE_UNDEFINED_OBJECT,
			  "unrecognized configuration parameter \"%s\"", name);
		return -1;
	}
	if (settings->custom_count == LITE_SETTINGS_CUSTOM_MAX) {
		error_set(error, SQLSTATE_LIMIT_EXCEEDED,
			  "too many settings of one's own (limit %d)",
			  LITE_SETTINGS_CUSTOM_MAX);
		return -1;
	}
	settings->custom_names[settings->custom_count++] = must_dup(name);
	return find(settings, name);
}

static bool may_change(const struct lite_setting_row *row, struct error *error)
{
	if (row && row->flags & SETTING_FIXED)
		return error_set(error, "55P02",
				 "parameter \"%s\" cannot be changed",
				 row->name);
	if (row && row->flags & SETTING_RESTART)
		return error_set(error, "55P02",
				 "parameter \"%s\" cannot be changed without "
				 "restarting the server", row->name);
	return true;
}

/* There is one role: whoever has logged in. Those that every Postgres has let
 * nobody be them. */
static bool check_role(const struct lite_settings *settings,
		       const struct lite_setting_row *row, const char *value,
		       struct error *error)
{
	struct compile_session session = { 0 };
	const char *user;

	if (!row || !value || (strcmp(row->name, "role") != 0 &&
			       strcmp(row->name, "session_authorization") != 0))
		return true;
	user = settings->start[lite_setting_find("session_authorization")];
	if (strcmp(value, user) == 0 ||
	    (row->name[0] == 'r' && strcmp(value, "none") == 0))
		return true;
	session.user = user;
	if (!role_oid(&session, value))
		return error_set(error, SQLSTATE_INVALID_PARAMETER,
				 "role \"%s\" does not exist", value);
	if (row->name[0] == 'r')
		return error_set(error, SQLSTATE_INSUFFICIENT_PRIVILEGE,
				 "permission denied to set role \"%s\"", value);
	return error_set(error, SQLSTATE_INSUFFICIENT_PRIVILEGE,
			 "permission denied to set session authorization");
}

bool lite_settings_set(struct lite_settings *settings, const char *name,
		       const char *value, bool local, struct error *error)
{
	int index = find(settings, name);
	const struct lite_setting_row *row;
	char *canonical = NULL;

	if (index < 0)
		index = add_custom(settings, name, error);
	if (index < 0)
		return false;
	row = row_of(index);
	if (!may_change(row, error) ||
	    !check_role(settings, row, value, error))
		return false;
	if (value && strlen(value) > LITE_SETTING_BYTES_MAX)
		return error_set(error, SQLSTATE_LIMIT_EXCEEDED,
				 "value for parameter \"%s\" is too long",
				 name);
	if (value) {
		canonical = row ? lite_setting_canonical(row, value,
							 settings->zones,
							 error) :
				  must_dup(value);
		if (!canonical)
			return false;
	} else if (local) {
		canonical = must_dup(settings->start[index] ?
					     settings->start[index] :
				     row ? row->value : "");
	}
	put(settings, index, canonical,
	    local || (row && row->flags & SETTING_TRANSACTION));
	return true;
}

void lite_settings_reset_all(struct lite_settings *settings)
{
	size_t count = lite_setting_count() + settings->custom_count;

	for (size_t i = 0; i < count; i++) {
		const struct lite_setting_row *row = row_of((int)i);

		if (row && row->flags & SETTING_TRANSACTION)
			continue;
		if (settings->session[i] || settings->local[i])
			put(settings, (int)i, NULL, false);
	}
}

void lite_settings_each(const struct lite_settings *settings,
			void (*visit)(void *context, const char *name,
				      const char *value), void *context)
{
	size_t rows = lite_setting_count();

	for (size_t i = 0; i < rows + settings->custom_count; i++)
		if (settings->session[i])
			visit(context, i < rows ? lite_setting_at(i)->name :
				       settings->custom_names[i - rows],
			      settings->session[i]);
}

/* --- transactions ------------------------------------------------------------------ */

size_t lite_settings_mark(const struct lite_settings *settings)
{
	return settings->journal_count;
}

void lite_settings_undo(struct lite_settings *settings, size_t mark)
{
	while (settings->journal_count > mark) {
		struct lite_setting_change *change =
			&settings->journal[--settings->journal_count];

		free(settings->session[change->index]);
		free(settings->local[change->index]);
		settings->session[change->index] = change->session;
		settings->local[change->index] = change->local;
		settings->version++;
		settings->report_due = true;
	}
}

void lite_settings_end(struct lite_settings *settings, bool committed)
{
	if (!settings->journal_count)
		return;
	if (!committed)
		lite_settings_undo(settings, 0);
	for (size_t i = 0; i < settings->journal_count; i++) {
		int index = settings->journal[i].index;

		free(settings->local[index]);
		settings->local[index] = NULL;
	}
	forget_journal(settings);
	settings->version++;
	settings->report_due = true;
}

/* --- reporting ----------------------------------------------------------------------- */

static void tell(const char *name, const char *value, struct buffer *out)
{
	size_t mark = message_begin(out, 'S');

	buffer_put_cstring(out, name);
	buffer_put_cstring(out, value);
	message_end(out, mark);
}

static bool has_changed(struct lite_settings *settings, size_t index)
{
	const char *now = effective(settings, (int)index);
	const char *before = settings->reported[index];

	if (before && strcmp(before, now) == 0)
		return false;
	free((void *)(uintptr_t)before);
	settings->reported[index] = must_dup(now);
	return true;
}

void lite_settings_report(struct lite_settings *settings, struct buffer *out)
{
	if (!settings->report_due)
		return;
	settings->report_due = false;
	for (size_t i = 0; i < lite_setting_count(); i++) {
		const struct lite_setting_row *row = lite_setting_at(i);

		if (row->flags & SETTING_REPORT && has_changed(settings, i))
			tell(row->name, settings->reported[i], out);
	}
}

void lite_settings_list_reported(struct lite_settings *settings,
				 struct buffer *out)
{
	for (size_t i = 0; i < lite_setting_count(); i++) {
		const struct lite_setting_row *row = lite_setting_at(i);

		if (!(row->flags & SETTING_REPORT))
			continue;
		has_changed(settings, i);
		buffer_put_cstring(out, row->name);
		buffer_put_cstring(out, settings->reported[i]);
	}
	settings->report_due = false;
}
