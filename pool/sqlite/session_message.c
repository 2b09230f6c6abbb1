/* Parse, Bind, Describe and Close, and the statements and portals they make
 * (Postgres manual, "Extended Query"). */
#include "pool/sqlite/session.h"

#include <stdio.h>
#include <stdlib.h>

#include "protocol/frame.h"

static bool malformed(struct error *error)
{
	return error_set(error, SQLSTATE_PROTOCOL_VIOLATION, "%s",
			 "invalid message format");
}

static void put_empty(struct lite_session *session, char type)
{
	message_end(&session->output, message_begin(&session->output, type));
}

/* --- statements ------------------------------------------------------------------ */

void lite_statement_free(struct lite_session *session,
			 struct lite_statement **statement_address)
{
	struct lite_statement *statement = *statement_address;

	*statement_address = NULL;
	if (!statement)
		return;
	lite_plan_unref(&statement->plan);
	free(statement->name);
	free(statement->text);
	free(statement->declared);
	free(statement->search_path);
	free(statement);
}

struct lite_statement *session_find_statement(struct lite_session *session,
					      const char *name)
{
	struct lite_statement *statement;

	if (!name[0])
		return session->unnamed;
	HASH_FIND_STR(session->statements, name, statement);
	return statement;
}

/* Whether names may mean something else now. */
static bool path_moved(struct lite_session *session,
		       struct lite_statement *statement)
{
	const char *path;

	if (statement->settings_version == session->settings.version)
		return false;
	statement->settings_version = session->settings.version;
	path = lite_settings_get(&session->settings, "search_path");
	if (statement->search_path && strcmp(statement->search_path, path) == 0)
		return false;
	free(statement->search_path);
	statement->search_path = must_dup(path);
	return true;
}

void session_add_statement(struct lite_session *session,
			   struct lite_statement *statement)
{
	statement->serial = ++session->serial;
	path_moved(session, statement);
	if (!statement->name[0]) {
		lite_statement_free(session, &session->unnamed);
		session->unnamed = statement;
		return;
	}
	HASH_ADD_KEYPTR(hh, session->statements, statement->name,
			strlen(statement->name), statement);
}

void session_drop_statements(struct lite_session *session, bool all,
			     uint64_t newer_than)
{
	struct lite_statement *statement, *next;

	HASH_ITER(hh, session->statements, statement, next) {
		if (!all && statement->serial <= newer_than)
			continue;
		HASH_DEL(session->statements, statement);
		lite_statement_free(session, &statement);
	}
	if (session->unnamed &&
	    (all || session->unnamed->serial > newer_than))
		lite_statement_free(session, &session->unnamed);
}

static bool same_columns(const struct compiled *a, const struct compiled *b)
{
	if (a->column_count != b->column_count)
		return false;
	for (int i = 0; i < a->column_count; i++)
		if (a->columns[i].type != b->columns[i].type ||
		    a->columns[i].typmod != b->columns[i].typmod)
			return false;
	return true;
}

/* What the client sees of a plan: the parameters and columns of COPY are the
 * session's own. */
static bool is_copy(const struct lite_plan *plan)
{
	return plan->compiled.kind == COMPILED_COPY_IN ||
	       plan->compiled.kind == COMPILED_COPY_OUT;
}

static int parameter_count(const struct lite_plan *plan)
{
	return is_copy(plan) ? 0 : plan->compiled.parameter_count;
}

bool session_replan(struct lite_session *session,
		    struct lite_statement *statement, struct error *error)
{
	struct lite_plan *old = statement->plan, *plan;

	if (!old->schema || session_plan_needs_nobody(old) ||
	    (old->schema == session->schema &&
			     !path_moved(session, statement)))
		return true;
	/* The types of parameters stay as they were found. */
	plan = session_plan(session,
			    slice_make(statement->text, statement->length),
			    is_copy(old) ? statement->declared :
					   old->compiled.parameters,
			    is_copy(old) ? statement->declared_count :
					   old->compiled.parameter_count,
			    statement->from_sql, error);
	if (!plan)
		return false;
	/* Drivers rely on hearing this, and prepare again. */
	if (!same_columns(&old->compiled, &plan->compiled)) {
		lite_plan_unref(&plan);
		error_set(error, SQLSTATE_FEATURE_NOT_SUPPORTED, "%s",
			  "cached plan must not change result type");
		/* by which they know it */
		snprintf(error->routine, sizeof(error->routine),
			 "RevalidateCachedQuery");
		return false;
	}
	lite_plan_unref(&statement->plan);
	statement->plan = plan;
	return true;
}

static struct lite_statement *make_statement(struct slice name,
					     struct slice text,
					     uint32_t *declared, int count)
{
	struct lite_statement *statement = must_alloc(sizeof(*statement));

	statement->name = slice_dup(name);
	statement->text = slice_dup(text);
	statement->length = text.length;
	statement->declared = declared;
	statement->declared_count = count;
	return statement;
}

static uint32_t *read_types(struct reader *reader, uint16_t count)
{
	uint32_t *types;

	if (reader->failed || reader_left(reader) < (size_t)count * 4)
		return NULL;
	types = must_alloc(count ? count * sizeof(*types) : 1);
	for (uint16_t i = 0; i < count; i++)
		types[i] = read_u32(reader);
	return types;
}

bool session_parse(struct lite_session *session, struct slice body,
		   struct error *error)
{
	struct reader reader = reader_make(body);
	struct slice name = read_cstring(&reader);
	struct slice text = read_cstring(&reader);
	uint16_t count = read_u16(&reader);
	uint32_t *types = read_types(&reader, count);
	struct lite_statement *statement;

	if (!types || !reader_done(&reader)) {
		free(types);
		return malformed(error);
	}
	statement = make_statement(name, text, types, count);
	statement->prepared_us = session->statement_us;
	if (name.length && session_find_statement(session, statement->name))
		error_set(error, SQLSTATE_DUPLICATE_STATEMENT,
			  "prepared statement \"%s\" already exists",
			  statement->name);
	else if (HASH_COUNT(session->statements) >= SESSION_STATEMENTS_MAX)
		error_set(error, SQLSTATE_LIMIT_EXCEEDED,
			  "too many prepared statements (limit %d)",
			  SESSION_STATEMENTS_MAX);
	else
		statement->plan = session_plan(session, text, types, count,
					       false, error);
	if (!statement->plan) {
		lite_statement_free(session, &statement);
		return false;
	}
	session_add_statement(session, statement);
	put_empty(session, '1');
	return true;
}

/* --- portals ---------------------------------------------------------------------- */

struct lite_portal *lite_portal_new(struct lite_plan *plan, const char *name)
{
	struct lite_portal *portal = must_alloc(sizeof(*portal));

	portal->plan = plan;
	portal->name = must_dup(name);
	return portal;
}

void lite_portal_free(struct lite_session *session,
		      struct lite_portal **portal_address)
{
	struct lite_portal *portal = *portal_address;

	*portal_address = NULL;
	if (!portal)
		return;
	if (session->bound_last == portal)
		session->bound_last = NULL;
	lite_prepared_end(&portal->running);
	lite_portal_free(session, &portal->inner);
	lite_plan_unref(&portal->plan);
	arena_fini(&portal->arena);
	buffer_fini(&portal->rows);
	free(portal->row_starts);
	free(portal->text);
	free(portal->name);
	free(portal);
}

struct lite_portal *session_find_portal(struct lite_session *session,
					const char *name)
{
	struct lite_portal *portal;

	if (!name[0])
		return session->unnamed_portal;
	HASH_FIND_STR(session->portals, name, portal);
	return portal;
}

void session_add_portal(struct lite_session *session,
			struct lite_portal *portal)
{
	if (!portal->name[0]) {
		lite_portal_free(session, &session->unnamed_portal);
		session->unnamed_portal = portal;
		return;
	}
	HASH_ADD_KEYPTR(hh, session->portals, portal->name,
			strlen(portal->name), portal);
}

void session_close_portals(struct lite_session *session)
{
	struct lite_portal *portal;

	for (portal = session->portals; portal; portal = portal->hh.next)
		portal->held = false;
	session_end_portals(session, false);
}

void session_end_portals(struct lite_session *session, bool committed)
{
	struct lite_portal *portal, *next;

	HASH_ITER(hh, session->portals, portal, next) {
		if (portal->held || (committed && portal->hold)) {
			portal->held = true;
			continue;
		}
		HASH_DEL(session->portals, portal);
		lite_portal_free(session, &portal);
	}
	lite_portal_free(session, &session->unnamed_portal);
}

/* Format codes: none is all text, one is for all, else one each. */
static bool read_formats(struct reader *reader, struct arena *arena,
			 int wanted, const char *what, uint8_t **ret_formats,
			 struct error *error)
{
	uint16_t count = read_u16(reader), first = 0;
	uint8_t *formats;

	if (reader->failed || reader_left(reader) < (size_t)count * 2)
		return malformed(error);
	if (count > 1 && count != wanted)
		return error_set(error, SQLSTATE_PROTOCOL_VIOLATION,
				 "bind message has %u %s formats but %d %ss",
				 count, what, wanted,
				 what[0] == 'r' ? "column" : what);
	formats = arena_alloc(arena, wanted ? (size_t)wanted : 1);
	for (uint16_t i = 0; i < count; i++) {
		uint16_t format = read_u16(reader);

		if (format > 1)
			return error_set(error, SQLSTATE_INVALID_PARAMETER,
					 "unsupported format code: %d",
					 (int16_t)format);
		if (i == 0)
			first = format;
		if (i < wanted)
			formats[i] = (uint8_t)format;
	}
	for (int i = count; i < wanted; i++)
		formats[i] = (uint8_t)first;
	*ret_formats = formats;
	return true;
}

static bool read_value(struct lite_session *session,
		       struct lite_portal *portal, struct reader *reader,
		       int index, uint8_t format, struct error *error)
{
	uint32_t length = read_u32(reader);
	uint32_t type = portal->plan->compiled.parameters[index];
	struct slice bytes;

	if (reader->failed)
		return malformed(error);
	if (length == UINT32_MAX) {
		portal->values[index].kind = VALUE_NULL;
		return true;
	}
	bytes = read_bytes(reader, length);
	if (reader->failed)
		return error_set(error, SQLSTATE_PROTOCOL_VIOLATION, "%s",
				 "insufficient data left in message");
	/* The message goes when the unit is over, the portal may stay. */
	bytes = slice_make(arena_dup(&portal->arena, bytes), bytes.length);
	return type_read(type, -1, format, bytes, &session->types,
			 &portal->arena, &portal->values[index], error);
}

static bool read_values(struct lite_session *session,
			struct lite_portal *portal, struct reader *reader,
			const char *statement, struct error *error)
{
	int wanted = parameter_count(portal->plan);
	uint8_t *formats;
	uint16_t count;
	struct reader ahead = *reader;
	uint16_t format_count = read_u16(&ahead);

	/* The number of values comes after the formats, but the complaint
	 * about it comes first. */
	read_bytes(&ahead, (size_t)format_count * 2);
	count = read_u16(&ahead);
	if (ahead.failed)
		return malformed(error);
	if (format_count > 1 && format_count != count)
		return error_set(error, SQLSTATE_PROTOCOL_VIOLATION,
				 "bind message has %u parameter formats but "
				 "%u parameters", format_count, count);
	if (count != wanted)
		return error_set(error, SQLSTATE_PROTOCOL_VIOLATION,
				 "bind message supplies %u parameters, but "
				 "prepared statement \"%s\" requires %d",
				 count, statement, wanted);
	if (!read_formats(reader, &portal->arena, wanted, "parameter",
			  &formats, error))
		return false;
	read_u16(reader);
	portal->values = arena_alloc(&portal->arena,
				     ((size_t)wanted + 1) *
					     sizeof(*portal->values));
	for (int i = 0; i < wanted; i++)
		if (!read_value(session, portal, reader, i, formats[i], error))
			return false;
	return true;
}

static bool bind_portal(struct lite_session *session,
			struct lite_statement *statement,
			struct lite_portal *portal, struct reader *reader,
			struct error *error)
{
	const struct compiled_column *columns = NULL;
	int count = is_copy(portal->plan) ? 0 :
					portal->plan->compiled.column_count;

	if (session->status == 'E' && !portal->plan->exits)
		return error_set(error, SQLSTATE_IN_FAILED_TRANSACTION, "%s",
				 "current transaction is aborted, commands "
				 "ignored until end of transaction block");
	if (portal->name[0] && session_find_portal(session, portal->name))
		return error_set(error, SQLSTATE_DUPLICATE_CURSOR,
				 "cursor \"%s\" already exists", portal->name);
	if (HASH_COUNT(session->portals) >= SESSION_PORTALS_MAX)
		return error_set(error, SQLSTATE_LIMIT_EXCEEDED,
				 "too many portals (limit %d)",
				 SESSION_PORTALS_MAX);
	/* One that is not there is missed when it is run. */
	if (portal->plan->session_columns &&
	    !session_utility_columns(session, portal->plan, &columns, &count,
				     error))
		count = 0;
	if (!read_values(session, portal, reader, statement->name, error) ||
	    !read_formats(reader, &portal->arena, count, "result",
			  &portal->formats, error))
		return false;
	return reader_done(reader) || malformed(error);
}

bool session_bind(struct lite_session *session, struct slice body,
		  struct error *error)
{
	struct reader reader = reader_make(body);
	struct slice name = read_cstring(&reader);
	struct slice source = read_cstring(&reader);
	struct lite_statement *statement;
	struct lite_portal *portal;

	if (reader.failed)
		return malformed(error);
	statement = session_find_statement(session, (const char *)source.at);
	if (!statement)
		return error_set(error, SQLSTATE_INVALID_STATEMENT_NAME,
				 source.length ?
				 "prepared statement \"%s\" does not exist" :
				 "unnamed prepared statement does not exist%s",
				 (const char *)source.at);
	if (session->status != 'E' &&
	    !session_replan(session, statement, error))
		return false;
	if (!name.length)
		lite_portal_free(session, &session->unnamed_portal);
	portal = lite_portal_new(lite_plan_ref(statement->plan),
				 (const char *)name.at);
	portal->made_us = session->statement_us;
	if (!bind_portal(session, statement, portal, &reader, error)) {
		lite_portal_free(session, &portal);
		return false;
	}
	session_add_portal(session, portal);
	put_empty(session, '2');
	return true;
}

/* --- describing ------------------------------------------------------------------- */

static int16_t type_length(const struct schema *schema, uint32_t oid)
{
	const struct type *type = type_by_oid(oid);

	if (type)
		return type->length;
	return schema && schema_enum_by_oid(schema, oid) ? 4 : -1;
}

void session_put_row_description(struct lite_session *session,
				 const struct compiled_column *columns,
				 int count, const uint8_t *formats)
{
	struct buffer *out = &session->output;
	size_t mark = message_begin(out, 'T');

	buffer_put_u16(out, (uint16_t)count);
	for (int i = 0; i < count; i++) {
		buffer_put_cstring(out, columns[i].name);
		buffer_put_u32(out, columns[i].table);
		buffer_put_u16(out, (uint16_t)columns[i].number);
		buffer_put_u32(out, columns[i].type);
		buffer_put_u16(out, (uint16_t)type_length(session->schema,
						   columns[i].type));
		buffer_put_u32(out, (uint32_t)columns[i].typmod);
		buffer_put_u16(out, formats ? formats[i] : 0);
	}
	message_end(out, mark);
}

static bool describe_plan(struct lite_session *session,
			  const struct lite_plan *plan,
			  const uint8_t *formats, struct error *error)
{
	const struct compiled_column *columns = plan->compiled.columns;
	int count = plan->compiled.column_count;

	if (plan->session_columns &&
	    !session_utility_columns(session, plan, &columns, &count, error))
		columns = NULL;
	if (columns && !is_copy(plan))
		session_put_row_description(session, columns, count, formats);
	else
		put_empty(session, 'n');
	return true;
}

static bool describe_statement(struct lite_session *session, const char *name,
			       struct error *error)
{
	struct lite_statement *statement =
		session_find_statement(session, name);
	size_t mark;
	int count;

	if (!statement)
		return error_set(error, SQLSTATE_INVALID_STATEMENT_NAME,
				 name[0] ?
				 "prepared statement \"%s\" does not exist" :
				 "unnamed prepared statement does not exist%s",
				 name);
	if (session->status == 'E' && statement->plan->compiled.columns)
		return error_set(error, SQLSTATE_IN_FAILED_TRANSACTION, "%s",
				 "current transaction is aborted, commands "
				 "ignored until end of transaction block");
	count = parameter_count(statement->plan);
	mark = message_begin(&session->output, 't');
	buffer_put_u16(&session->output, (uint16_t)count);
	for (int i = 0; i < count; i++)
		buffer_put_u32(&session->output,
			       statement->plan->compiled.parameters[i]);
	message_end(&session->output, mark);
	/* Of a changed table, the parameters are told before the complaint. */
	if (session->status != 'E' &&
	    !session_replan(session, statement, error))
		return false;
	return describe_plan(session, statement->plan, NULL, error);
}

bool session_describe(struct lite_session *session, struct slice body,
		      struct error *error)
{
	struct reader reader = reader_make(body);
	uint8_t kind = read_u8(&reader);
	struct slice name = read_cstring(&reader);
	struct lite_portal *portal;

	if (!reader_done(&reader) || (kind != 'S' && kind != 'P'))
		return malformed(error);
	if (kind == 'S')
		return describe_statement(session, (const char *)name.at,
					  error);
	portal = session_find_portal(session, (const char *)name.at);
	if (!portal)
		return error_set(error, SQLSTATE_INVALID_CURSOR,
				 "portal \"%s\" does not exist",
				 (const char *)name.at);
	return describe_plan(session, portal->plan, portal->formats, error);
}

bool lite_session_close(struct lite_session *session, struct slice body,
		   struct error *error)
{
	struct reader reader = reader_make(body);
	uint8_t kind = read_u8(&reader);
	struct slice name = read_cstring(&reader);
	struct lite_statement *statement;
	struct lite_portal *portal;

	if (!reader_done(&reader) || (kind != 'S' && kind != 'P'))
		return malformed(error);
	statement = kind == 'S' ?
		session_find_statement(session, (const char *)name.at) : NULL;
	portal = kind == 'P' ?
		session_find_portal(session, (const char *)name.at) : NULL;
	if (statement && name.length)
		HASH_DEL(session->statements, statement);
	else if (statement)
		session->unnamed = NULL;
	if (portal && name.length)
		HASH_DEL(session->portals, portal);
	else if (portal)
		session->unnamed_portal = NULL;
	lite_statement_free(session, &statement);
	lite_portal_free(session, &portal);
	put_empty(session, '3');
	return true;
}
