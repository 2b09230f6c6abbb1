/*
 * What a session can be asked about itself in SQL: pg_listening_channels(),
 * and the views pg_cursors, pg_prepared_statements and pg_locks, which are
 * made of functions that return rows (catalog_views.c).
 */
#include "pool/sqlite/files.h"
#include "pool/sqlite/schema_reader.h"
#include "pool/sqlite/session.h"

#include <stdlib.h>

#include "pool/sqlite/function_array.h"
#include "pool/sqlite/function_set.h"
#include "protocol/datetime.h"

static struct value text_value(const char *text)
{
	struct value value = { .kind = VALUE_TEXT,
			       .bytes = slice_text(text) };

	return value;
}

static struct value integer_value(int64_t integer)
{
	struct value value = { .kind = VALUE_INTEGER, .integer = integer };

	return value;
}

/* --- channels ----------------------------------------------------------- */

static void add_channel(void *context, const char *channel)
{
	struct value *row = set_add(context);

	if (row)
		*row = text_value(channel);
}

/* --- cursors ------------------------------------------------------------ */

static bool moment(struct set *set, int64_t us, struct value *ret_value)
{
	ret_value->kind = VALUE_TEXT;
	return timestamp_to_storage(us, set->call->scratch, &ret_value->bytes,
				    set->call->error);
}

/* name, statement, is_holdable, is_binary, is_scrollable, creation_time */
static bool add_cursor(struct set *set, const struct lite_portal *portal)
{
	struct value *row = set_add(set);

	if (!row)
		return false;
	row[0] = text_value(portal->name);
	row[1] = (struct value){ .kind = VALUE_TEXT,
				 .bytes = portal->plan->text };
	if (portal->text)
		row[1] = text_value(portal->text);
	row[2] = integer_value(portal->hold);
	row[3] = integer_value(portal->binary);
	row[4] = integer_value(portal->scroll);
	return moment(set, portal->made_us, &row[5]);
}

static bool add_cursors(struct lite_session *session, struct set *set)
{
	const struct lite_portal *portal;

	for (portal = session->portals; portal; portal = portal->hh.next)
		if (!add_cursor(set, portal))
			return false;
	return true;
}

/* --- prepared statements ------------------------------------------------ */

static bool put_types(struct set *set, const struct lite_statement *statement,
		      struct value *ret_value)
{
	const struct compiled *compiled = &statement->plan->compiled;
	struct buffer text = { 0 }, name = { 0 };
	struct value type = { .kind = VALUE_INTEGER };
	bool done = true;

	array_begin(&text);
	for (int i = 0; i < compiled->parameter_count && done; i++) {
		struct slice item;

		buffer_clear(&name);
		type.integer = compiled->parameters[i];
		done = type_write(OID_REGTYPE, -1, WIRE_TEXT, &type,
				  call_settings(set->call), &name,
				  set->call->error);
		item = buffer_slice(&name);
		array_item(&text, &item);
	}
	array_end(&text);
	*ret_value = text_value(arena_dup(set->call->scratch,
					  buffer_slice(&text)));
	buffer_fini(&text);
	buffer_fini(&name);
	return done;
}

/* name, statement, prepare_time, parameter_types, from_sql */
static bool add_statement(struct set *set,
			  const struct lite_statement *statement)
{
	struct value *row = set_add(set);

	if (!row)
		return false;
	row[0] = text_value(statement->name);
	row[1] = (struct value){
		.kind = VALUE_TEXT,
		.bytes = slice_make(statement->text, statement->length),
	};
	row[4] = integer_value(statement->from_sql);
	return moment(set, statement->prepared_us, &row[2]) &&
	       put_types(set, statement, &row[3]);
}

static bool add_statements(struct lite_session *session, struct set *set)
{
	const struct lite_statement *statement;

	for (statement = session->statements; statement;
	     statement = statement->hh.next)
		if (!add_statement(set, statement))
			return false;
	return true;
}

/* --- locks -------------------------------------------------------------- */

/* As Postgres has it: the halves of the number, and whether it was given as
 * one (1) or as two (2). classid, objid, objsubid, mode, pid */
static void add_lock(void *context, const struct lite_lock_view *lock)
{
	struct value *row = set_add(context);

	if (!row)
		return;
	row[0] = integer_value((uint32_t)((uint64_t)lock->number >> 32));
	row[1] = integer_value((uint32_t)lock->number);
	row[2] = integer_value(lock->pair ? 2 : 1);
	row[3] = text_value(lock->shared ? "ShareLock" : "ExclusiveLock");
	row[4] = integer_value(lock->process_id);
}

/* --- settings ----------------------------------------------------------- */

/* What stands for one of a larger unit, in the smallest of its kind. */
static const struct {
	const char *suffix;
	int64_t factor;
} scales[] = {
	{ "ms", 1 }, { "s", 1000 }, { "min", 60000 }, { "h", 3600000 },
	{ "d", 86400000 }, { "kB", 1 }, { "MB", 1024 }, { "GB", 1048576 },
	{ "TB", 1073741824 },
};

/* The view shows numbers without their units: 4MB is 4096. */
static struct value plain_value(struct set *set,
				const struct lite_setting_row *row,
				const char *text)
{
	char *end;
	long long number = strtoll(text, &end, 10);

	for (size_t i = 0; row->kind == 'i' &&
			   i < sizeof(scales) / sizeof(scales[0]); i++)
		if (strcmp(end, scales[i].suffix) == 0)
			text = arena_printf(set->call->scratch, "%lld",
					    number * scales[i].factor);
	return text_value(text);
}

static struct value choices_of(struct set *set,
			       const struct lite_setting_row *row)
{
	struct buffer text = { 0 };
	struct value value;
	const char *at = row->unit;

	array_begin(&text);
	while (*at) {
		struct slice word = slice_make(at, strcspn(at, "|"));

		array_item(&text, &word);
		at += word.length;
		at += *at == '|';
	}
	array_end(&text);
	value = text_value(arena_dup(set->call->scratch, buffer_slice(&text)));
	buffer_fini(&text);
	return value;
}

static const char *type_of(const struct lite_setting_row *row)
{
	switch (row->kind) {
	case 'b':
		return "bool";
	case 'i':
		return "integer";
	case 'r':
		return "real";
	case 'e':
		return "enum";
	default:
		return "string";
	}
}

static const char *context_of(const struct lite_setting_row *row)
{
	return row->flags & SETTING_FIXED ? "internal" :
	       row->flags & SETTING_RESTART ? "postmaster" : "user";
}

static bool add_setting(struct lite_settings *settings, struct set *set,
			size_t index)
{
	const struct lite_setting_row *row = lite_setting_at(index);
	const char *reset = settings->start[index] ? settings->start[index] :
						     row->value;
	struct value *values = set_add(set);

	if (!values)
		return false;
	values[0] = text_value(row->name);
	values[1] = plain_value(set, row,
				lite_settings_get(settings, row->name));
	if (row->kind == 'i' && row->unit[0])
		values[2] = text_value(row->unit);
	values[3] = text_value(row->text);
	values[4] = text_value(context_of(row));
	values[5] = text_value(type_of(row));
	values[6] = text_value(settings->session[index] ||
			       settings->local[index] ? "session" :
			       row->flags & SETTING_TRANSACTION ? "override" :
			       "default");
	if (row->kind == 'i') {
		values[7] = text_value(arena_printf(set->call->scratch, "%lld",
			(long long)row->minimum));
		values[8] = text_value(arena_printf(set->call->scratch, "%lld",
			(long long)row->maximum));
	}
	if (row->kind == 'e')
		values[9] = choices_of(set, row);
	values[10] = plain_value(set, row, row->value);
	values[11] = plain_value(set, row, reset);
	return true;
}

static bool add_settings(struct lite_session *session, struct set *set)
{
	for (size_t i = 0; i < lite_setting_count(); i++)
		if (!add_setting(&session->settings, set, i))
			return false;
	return true;
}

/* --- databases ---------------------------------------------------------- */

#define DATABASE_OID 5		/* of the one the session is in */

static void put_database(struct set *set, uint32_t oid, const char *name)
{
	struct value *values = set_add(set);

	if (!values)
		return;
	values[0] = (struct value){ .kind = VALUE_INTEGER, .integer = oid };
	values[1] = text_value(arena_text(set->call->scratch, name));
}

struct databases {
	struct lite_session *session;
	struct set *set;
};

static void add_database(void *context, const char *name)
{
	struct databases *databases = context;

	if (strcmp(name, databases->session->compile.database) != 0)
		put_database(databases->set,
			     schema_derived_oid('D', "database", name), name);
}

static bool add_databases(struct lite_session *session, struct set *set)
{
	struct databases databases = { session, set };

	put_database(set, DATABASE_OID, session->compile.database);
	if (session->engine->options.files)
		lite_files_each(session->engine->options.files, add_database,
				&databases);
	return set->count > 0;
}

/* --- what it is doing --------------------------------------------------- */

static bool add_activity(struct lite_session *session, struct set *set)
{
	const struct lite_portal *portal = session->query_portal ?
		session->query_portal : session->unnamed_portal;
	struct value *row = set_add(set);

	if (!row)
		return false;
	row[0] = integer_value(set->call->context->process_id);
	row[3] = (struct value){ .kind = VALUE_TEXT, .bytes = portal ?
				 portal->plan->text : slice_make("", 0) };
	return moment(set, session->transaction_us, &row[1]) &&
	       moment(set, session->statement_us, &row[2]);
}

/* --- the door ----------------------------------------------------------- */

bool session_rows(struct lite_context *context, enum lite_rows what,
		  struct set *set)
{
	struct lite_session *session = lite_session_of(context);

	switch (what) {
	case LITE_ROWS_CURSORS:
		return add_cursors(session, set);
	case LITE_ROWS_STATEMENTS:
		return add_statements(session, set);
	case LITE_ROWS_SETTINGS:
		return add_settings(session, set);
	case LITE_ROWS_LOCKS:
		lite_locks_each(session->engine->locks, add_lock, set);
		return true;
	case LITE_ROWS_ACTIVITY:
		return add_activity(session, set);
	case LITE_ROWS_DATABASES:
		return add_databases(session, set);
	default:
		session_each_channel(session, add_channel, set);
		return true;
	}
}
