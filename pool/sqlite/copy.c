/*
 * COPY FROM STDIN and TO STDOUT on a session.
 *
 * In: the compiler's INSERT of one row is run once per record. The data comes
 * in as many jobs as it takes; meanwhile the session holds the writer.
 * Out: the compiler's query is stepped, a CopyData per row.
 */
#include "protocol/sql_nodes.h"

#include "pool/sqlite/copy.h"
#include "pool/sqlite/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "pool/sqlite/session_constraints.h"
#include "protocol/frame.h"

struct lite_copy {
	struct copy_format format;
	char *null;		/* owned */
	struct lite_plan *plan;
	struct lite_prepared *insert;
	struct buffer data;	/* not yet a whole record */
	size_t scanned;
	bool quoted;
	bool started;		/* header or signature seen */
	bool ended;		/* "\." or the trailer */
	uint64_t count, line;
	struct arena arena;	/* of one record */
	struct copy_field *fields;
	struct value *values;
};

static const char signature[11] = "PGCOPY\n\377\r\n";

/* --- options ------------------------------------------------------------------------- */

static const char *text_of(const DefElem *option)
{
	return option->arg && IsA(option->arg, String) ?
		       ((String *)option->arg)->sval :
	       option->arg && IsA(option->arg, Integer) ?
		       (((Integer *)option->arg)->ival ? "true" : "false") :
	       option->arg && IsA(option->arg, Boolean) ?
		       (((Boolean *)option->arg)->boolval ? "true" :
							     "false") :
		       "true";
}

static bool is_on(const char *text)
{
	return strcasecmp(text, "true") == 0 || strcasecmp(text, "on") == 0 ||
	       strcmp(text, "1") == 0 || strcasecmp(text, "match") == 0;
}

static bool one_byte(const char *name, const char *text, char *ret_byte,
		     struct error *error)
{
	if (strlen(text) != 1)
		return error_set(error, SQLSTATE_FEATURE_NOT_SUPPORTED,
				 "COPY %s must be a single one-byte character",
				 name);
	*ret_byte = text[0];
	return true;
}

static bool read_format(const char *text, struct copy_format *format,
			struct error *error)
{
	if (strcmp(text, "text") == 0)
		format->kind = COPY_TEXT;
	else if (strcmp(text, "csv") == 0)
		format->kind = COPY_CSV;
	else if (strcmp(text, "binary") == 0)
		format->kind = COPY_BINARY;
	else
		return error_set(error, SQLSTATE_INVALID_PARAMETER,
				 "COPY format \"%s\" not recognized", text);
	return true;
}

static bool read_option(struct lite_copy *copy, const DefElem *option,
			struct error *error)
{
	struct copy_format *format = &copy->format;
	const char *name = option->defname, *text = text_of(option);

	if (strcmp(name, "format") == 0)
		return read_format(text, format, error);
	if (strcmp(name, "delimiter") == 0)
		return one_byte("delimiter", text, &format->delimiter, error);
	if (strcmp(name, "quote") == 0)
		return one_byte("quote", text, &format->quote, error);
	if (strcmp(name, "escape") == 0)
		return one_byte("escape", text, &format->escape, error);
	if (strcmp(name, "null") == 0) {
		free(copy->null);
		copy->null = must_dup(text);
		return true;
	}
	if (strcmp(name, "header") == 0) {
		format->header = is_on(text);
		return true;
	}
	if (strcmp(name, "force_quote") == 0 && option->arg &&
	    IsA(option->arg, A_Star)) {
		format->force_quote_all = true;
		return true;
	}
	if (strcmp(name, "encoding") == 0 &&
	    (strcasecmp(text, "utf8") == 0 || strcasecmp(text, "utf-8") == 0))
		return true;
	if (strcmp(name, "freeze") == 0)
		return true;
	return error_set(error, SQLSTATE_FEATURE_NOT_SUPPORTED,
			 "COPY option \"%s\" is not supported on SQLite",
			 name);
}

static bool read_options(struct lite_copy *copy, struct error *error)
{
	struct sql_tree *tree = sql_tree_new(copy->plan->text, error);
	bool done = true;
	const CopyStmt *node;
	ListCell *cell;

	if (!tree)
		return false;
	node = (const CopyStmt *)(const void *)sql_tree_statement(tree, 0).node;
	foreach(cell, node->options)
		done = done && read_option(copy, lfirst(cell), error);
	sql_tree_free(&tree);
	if (!copy->format.delimiter)
		copy->format.delimiter =
			copy->format.kind == COPY_CSV ? ',' : '\t';
	if (!copy->format.quote)
		copy->format.quote = '"';
	if (!copy->format.escape)
		copy->format.escape = copy->format.quote;
	if (!copy->null)
		copy->null = must_dup(copy->format.kind == COPY_CSV ? "" :
								      "\\N");
	copy->format.null = copy->null;
	return done;
}

/* --- life ------------------------------------------------------------------------------- */

void session_copy_end(struct lite_session *session)
{
	struct lite_copy *copy = session->copy;

	session->copy = NULL;
	if (!copy)
		return;
	lite_prepared_end(&copy->insert);
	lite_plan_unref(&copy->plan);
	buffer_fini(&copy->data);
	arena_fini(&copy->arena);
	free(copy->fields);
	free(copy->values);
	free(copy->null);
	free(copy);
}

static struct lite_copy *new_copy(struct lite_session *session,
				  struct lite_plan *plan, struct error *error)
{
	struct lite_copy *copy = must_alloc(sizeof(*copy));
	size_t count = (size_t)plan->compiled.column_count + 1;

	session->copy = copy;
	copy->plan = lite_plan_ref(plan);
	copy->fields = must_alloc(count * sizeof(*copy->fields));
	copy->values = must_alloc(count * sizeof(*copy->values));
	if (read_options(copy, error))
		return copy;
	session_copy_end(session);
	return NULL;
}

static void put_response(struct lite_session *session, char type,
			 const struct lite_copy *copy)
{
	int count = copy->plan->compiled.column_count;
	bool binary = copy->format.kind == COPY_BINARY;
	size_t mark = message_begin(&session->output, type);

	buffer_put_u8(&session->output, binary);
	buffer_put_u16(&session->output, (uint16_t)count);
	for (int i = 0; i < count; i++)
		buffer_put_u16(&session->output, binary);
	message_end(&session->output, mark);
}

static void put_tag(struct lite_session *session, uint64_t count)
{
	char tag[48];

	snprintf(tag, sizeof(tag), "COPY %llu", (unsigned long long)count);
	session_complete(session, tag);
}

/* --- in ------------------------------------------------------------------------------------ */

static enum session_step begin_in(struct lite_session *session,
				  struct lite_plan *plan, struct error *error)
{
	struct lite_copy *copy;
	enum session_step step;
	int code;

	session->alone = true;
	step = lite_session_enter(session, true, "COPY FROM", error);
	if (step != STEP_DONE)
		return step;
	copy = new_copy(session, plan, error);
	if (!copy)
		return STEP_FAILED;
	if (plan->compiled.waits_for_rows)
		session_defer_for_now(session);
	code = lite_prepare(session->connection, plan, &copy->insert);
	if (code != SQLITE_OK) {
		session_describe_error(session, code, plan, error);
		session_copy_end(session);
		return STEP_FAILED;
	}
	put_response(session, 'G', copy);
	return STEP_DONE;
}

static bool insert_row(struct lite_session *session, struct lite_copy *copy,
		       struct error *error)
{
	sqlite3_stmt *statement = copy->insert->statement;
	int code;

	session->connection->context.error.sqlstate[0] = 0;
	session->connection->denied[0] = 0;
	session->bound = copy->values;
	if (!session_bind_values(session, statement, copy->values,
				 copy->plan->compiled.column_count, error))
		return false;
	do
		code = sqlite3_step(statement);
	while (code == SQLITE_ROW);
	if (code != SQLITE_DONE) {
		session_describe_error(session, code, copy->plan, error);
		lite_check_loss(session->connection, code);
	}
	sqlite3_reset(statement);
	copy->count++;
	return code == SQLITE_DONE;
}

static bool read_field(struct lite_session *session, struct lite_copy *copy,
		       int index, enum wire_format format, struct error *error)
{
	const struct compiled_column *column =
		&copy->plan->compiled.columns[index];
	const struct copy_field *field = &copy->fields[index];

	memset(&copy->values[index], 0, sizeof(copy->values[index]));
	if (field->null)
		return true;
	return type_read(column->type, column->typmod, format, field->text,
			 &session->types, &copy->arena, &copy->values[index],
			 error);
}

static bool take_fields(struct lite_session *session, struct lite_copy *copy,
			int count, enum wire_format format,
			struct error *error)
{
	const struct compiled *compiled = &copy->plan->compiled;

	if (count < compiled->column_count)
		return error_set(error, "22P04",
				 "missing data for column \"%s\"",
				 compiled->columns[count].name);
	if (count > compiled->column_count)
		return error_set(error, "22P04", "%s",
				 "extra data after last expected column");
	for (int i = 0; i < count; i++)
		if (!read_field(session, copy, i, format, error))
			return false;
	return insert_row(session, copy, error);
}

static struct slice without_end(struct slice line)
{
	if (line.length && line.at[line.length - 1] == '\n')
		line.length--;
	if (line.length && line.at[line.length - 1] == '\r')
		line.length--;
	return line;
}

static bool take_line(struct lite_session *session, struct lite_copy *copy,
		      struct slice line, struct error *error)
{
	int count;

	copy->line++;
	line = without_end(line);
	if (!copy->started) {
		copy->started = true;
		if (copy->format.header)
			return true;
	}
	if (slice_is(line, "\\.")) {
		copy->ended = true;
		return true;
	}
	arena_reset(&copy->arena);
	count = copy_split(&copy->format, line, &copy->arena, copy->fields,
			   copy->plan->compiled.column_count, error);
	return count >= 0 &&
	       take_fields(session, copy, count, WIRE_TEXT, error);
}

static bool take_lines(struct lite_session *session, struct lite_copy *copy,
		       bool at_end, struct error *error)
{
	size_t used = 0, length;
	bool done = true;

	while (done && !copy->ended) {
		struct slice left = slice_make(copy->data.bytes + used,
					       copy->data.length - used);

		length = copy_cut_line(&copy->format, left, at_end,
				       &copy->scanned, &copy->quoted);
		if (!length)
			break;
		done = take_line(session, copy,
				 slice_make(left.at, length), error);
		used += length;
	}
	buffer_consume(&copy->data, copy->ended ? copy->data.length : used);
	if (done && copy->data.length > COPY_LINE_BYTES_MAX)
		return error_set(error, SQLSTATE_LIMIT_EXCEEDED, "%s",
				 "a line of the COPY data is too long");
	return done;
}

/* --- binary -------------------------------------------------------------------------------- */

static bool take_signature(struct lite_copy *copy, struct reader *reader,
			   struct error *error)
{
	struct slice found = read_bytes(reader, sizeof(signature));
	uint32_t flags = read_u32(reader), extension = read_u32(reader);

	read_bytes(reader, extension);
	if (reader->failed)
		return true;	/* more must come */
	if (memcmp(found.at, signature, sizeof(signature)) != 0)
		return error_set(error, "22P04", "%s",
				 "COPY file signature not recognized");
	if (flags & 0xffff0000)
		return error_set(error, "22P04", "%s",
				 "unrecognized critical flags in COPY file "
				 "header");
	copy->started = true;
	return true;
}

static int read_tuple(struct lite_copy *copy, struct reader *reader)
{
	int count = (int16_t)read_u16(reader);
	int most = copy->plan->compiled.column_count;

	for (int i = 0; i < count && !reader->failed; i++) {
		uint32_t length = read_u32(reader);
		struct copy_field field = { .null = length == UINT32_MAX };

		if (!field.null)
			field.text = read_bytes(reader, length);
		if (i < most)
			copy->fields[i] = field;
	}
	return count;
}

static bool take_tuples(struct lite_session *session, struct lite_copy *copy,
			bool at_end, struct error *error)
{
	struct reader reader = reader_make(buffer_slice(&copy->data));
	const uint8_t *used = reader.at;
	bool done = true;

	if (!copy->started) {
		done = take_signature(copy, &reader, error);
		if (copy->started)
			used = reader.at;
	}
	while (done && copy->started && !copy->ended && reader_left(&reader)) {
		int count = read_tuple(copy, &reader);

		if (reader.failed)
			break;
		arena_reset(&copy->arena);
		if (count < 0)
			copy->ended = true;
		else
			done = take_fields(session, copy, count, WIRE_BINARY,
					   error);
		used = reader.at;
	}
	buffer_consume(&copy->data, (size_t)(used - copy->data.bytes));
	if (done && at_end && !copy->ended && copy->data.length)
		return error_set(error, "22P04", "%s",
				 "unexpected EOF in COPY data");
	return done;
}

static bool take_data(struct lite_session *session, struct slice data,
		      bool at_end, struct error *error)
{
	struct lite_copy *copy = session->copy;

	buffer_put_slice(&copy->data, data);
	if (copy->format.kind == COPY_BINARY)
		return take_tuples(session, copy, at_end, error);
	return take_lines(session, copy, at_end, error);
}

static enum session_step finish_in(struct lite_session *session,
				   struct error *error)
{
	uint64_t count;

	if (!take_data(session, slice_make(NULL, 0), true, error) ||
	    !session_keys_hold(session, NULL, error))
		return STEP_FAILED;
	count = session->copy->count;
	session_copy_end(session);
	session_leave(session);
	put_tag(session, count);
	return STEP_DONE;
}

enum session_step session_copy_message(struct lite_session *session, char type,
				       struct slice body, struct error *error)
{
	struct reader reader = reader_make(body);
	struct slice reason;

	switch (type) {
	case 'd':
		if (atomic_load(&session->job.cancelled))
			return error_set(error, SQLSTATE_QUERY_CANCELED, "%s",
					 "canceling statement due to user "
					 "request"), STEP_FAILED;
		return take_data(session, body, false, error) ? STEP_DONE :
								STEP_FAILED;
	case 'c':
		return finish_in(session, error);
	case 'f':
		reason = read_cstring(&reader);
		error_set(error, SQLSTATE_QUERY_CANCELED,
			  "COPY from stdin failed: %s",
			  reader.failed ? "" : (const char *)reason.at);
		return STEP_FAILED;
	default:
		error_set(error, SQLSTATE_PROTOCOL_VIOLATION,
			  "unexpected message type 0x%02X during COPY from "
			  "stdin", type);
		return STEP_FAILED;
	}
}

/* --- out ------------------------------------------------------------------------------------- */

static bool put_value(struct lite_session *session, struct lite_copy *copy,
		      int index, const struct value *value,
		      struct buffer *text, struct error *error)
{
	const struct compiled_column *column =
		&copy->plan->compiled.columns[index];
	struct buffer *out = &session->output;
	size_t mark = out->length;

	if (copy->format.kind == COPY_BINARY) {
		buffer_put_u32(out, UINT32_MAX);
		if (value->kind == VALUE_NULL)
			return true;
		if (!type_write(column->type, column->typmod, WIRE_BINARY,
				value, &session->types, out, error))
			return false;
		buffer_patch_u32(out, mark,
				 (uint32_t)(out->length - mark - 4));
		return true;
	}
	if (index)
		buffer_put_u8(out, (uint8_t)copy->format.delimiter);
	if (value->kind == VALUE_NULL) {
		buffer_put_text(out, copy->format.null);
		return true;
	}
	buffer_clear(text);
	if (!type_write(column->type, column->typmod, WIRE_TEXT, value,
			&session->types, text, error))
		return false;
	copy_put_field(&copy->format, buffer_slice(text), out);
	return true;
}

static bool put_copy_row(struct lite_session *session, struct lite_copy *copy,
			 sqlite3_stmt *statement, struct error *error)
{
	int count = copy->plan->compiled.column_count;
	size_t mark = message_begin(&session->output, 'd');
	struct value value;

	if (copy->format.kind == COPY_BINARY)
		buffer_put_u16(&session->output, (uint16_t)count);
	for (int i = 0; i < count; i++) {
		session_column_value(statement, i, &value);
		if (!put_value(session, copy, i, &value, &copy->data, error)) {
			session->output.length = mark - 1;
			return false;
		}
	}
	if (copy->format.kind != COPY_BINARY)
		buffer_put_u8(&session->output, '\n');
	message_end(&session->output, mark);
	copy->count++;
	return true;
}

static void put_header(struct lite_session *session, struct lite_copy *copy)
{
	const struct compiled *compiled = &copy->plan->compiled;
	struct buffer *out = &session->output;
	size_t mark;

	if (copy->format.kind != COPY_BINARY && !copy->format.header)
		return;
	mark = message_begin(out, 'd');
	if (copy->format.kind == COPY_BINARY) {
		buffer_put(out, signature, sizeof(signature));
		buffer_put_u32(out, 0);
		buffer_put_u32(out, 0);
	}
	for (int i = 0; copy->format.kind != COPY_BINARY &&
			i < compiled->column_count; i++) {
		if (i)
			buffer_put_u8(out, (uint8_t)copy->format.delimiter);
		copy_put_field(&copy->format,
			       slice_text(compiled->columns[i].name), out);
	}
	if (copy->format.kind != COPY_BINARY)
		buffer_put_u8(out, '\n');
	message_end(out, mark);
}

static void put_trailer(struct lite_session *session, struct lite_copy *copy)
{
	size_t mark;

	if (copy->format.kind == COPY_BINARY) {
		mark = message_begin(&session->output, 'd');
		buffer_put_u16(&session->output, UINT16_MAX);
		message_end(&session->output, mark);
	}
	message_end(&session->output, message_begin(&session->output, 'c'));
}

static bool has_room(const struct lite_session *session)
{
	return session->output.length < SESSION_OUTPUT_BYTES ||
	       (session->connection->is_writer && session->status != 'T');
}

static enum session_step begin_out(struct lite_session *session,
				   struct lite_portal *portal,
				   struct error *error)
{
	struct lite_plan *plan = portal->plan;
	struct lite_copy *copy;
	enum session_step step = lite_session_enter(
		session, plan->compiled.writes, "COPY TO", error);
	int code;

	if (step != STEP_DONE)
		return step;
	if (plan->compiled.uses_catalog)
		lite_fill_catalog(session->connection, session->schema);
	copy = new_copy(session, plan, error);
	if (!copy)
		return STEP_FAILED;
	session->connection->context.error.sqlstate[0] = 0;
	code = lite_prepare(session->connection, plan, &portal->running);
	if (code != SQLITE_OK) {
		session_describe_error(session, code, plan, error);
		session_copy_end(session);
		return STEP_FAILED;
	}
	put_response(session, 'H', copy);
	put_header(session, copy);
	portal->state = PORTAL_RUNNING;
	session->copy_out = copy;
	session->copy = NULL;	/* the client sends nothing meanwhile */
	return STEP_DONE;
}

static enum session_step run_out(struct lite_session *session,
				 struct lite_portal *portal,
				 struct error *error)
{
	struct lite_copy *copy = session->copy_out;
	enum session_step step = STEP_DONE;
	int code;

	while ((code = sqlite3_step(portal->running->statement)) ==
	       SQLITE_ROW) {
		lite_note_snapshot(session->connection);
		if (!put_copy_row(session, copy, portal->running->statement,
				  error)) {
			step = STEP_FAILED;
			break;
		}
		if (!has_room(session))
			return STEP_FULL;
	}
	lite_note_snapshot(session->connection);
	if (step == STEP_DONE && code != SQLITE_DONE) {
		session_describe_error(session, code, portal->plan, error);
		step = STEP_FAILED;
	}
	lite_prepared_end(&portal->running);
	portal->state = PORTAL_DONE;
	if (step == STEP_DONE) {
		put_trailer(session, copy);
		session_leave(session);
		put_tag(session, copy->count);
	}
	session->copy = copy;
	session->copy_out = NULL;
	session_copy_end(session);
	return step;
}

enum session_step session_copy_begin(struct lite_session *session,
				     struct lite_portal *portal,
				     struct error *error)
{
	enum session_step step;

	if (portal->plan->compiled.kind == COMPILED_COPY_IN)
		return begin_in(session, portal->plan, error);
	if (portal->state == PORTAL_NEW) {
		step = begin_out(session, portal, error);
		if (step != STEP_DONE)
			return step;
	}
	return run_out(session, portal, error);
}
