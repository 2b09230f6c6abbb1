/*
 * COPY FROM STDIN and TO STDOUT on a session.
 *
 * In: the compiler's INSERT of one row is run once per record. The data comes
 * in as many jobs as it takes; meanwhile the session holds the writer.
 * Out: the compiler's query is stepped, a CopyData per row.
 */
#include "pool/sqlite/copy_options.h"
#include "pool/sqlite/session.h"

#include <stdio.h>
#include <stdlib.h>

#include "pool/sqlite/session_constraints.h"
#include "protocol/frame.h"

struct lite_copy {
	struct copy_format format;
	struct arena options;	/* what the format points at */
	struct lite_plan *plan;
	struct lite_prepared *insert;
	struct buffer data;	/* not yet a whole record */
	size_t scanned;
	bool quoted;
	bool started;		/* header or signature seen */
	bool ended;		/* "\." or the trailer */
	uint64_t count, line;	/* rows and lines so far */
	uint8_t line_end;	/* how the first one ended, or 0 */
	struct slice record;	/* the one being read; none in binary */
	const struct copy_field *field;	/* of it, or NULL */
	struct arena arena;	/* of one record */
	struct copy_field *fields;
	struct value *values;
};

static const char signature[11] = "PGCOPY\n\377\r\n";

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
	arena_fini(&copy->options);
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
	if (copy_read_options(plan->text, session->schema, &plan->compiled,
			      &copy->options, &copy->format, error))
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
	} else if (sqlite3_changes64(session->connection->db) > 0) {
		copy->count++;
	}
	sqlite3_reset(statement);
	return code == SQLITE_DONE;
}

/* FORCE_NOT_NULL and FORCE_NULL. */
static void force_field(const struct copy_format *format, int index,
			struct copy_field *field)
{
	struct slice null = slice_text(format->null);

	if (field->null && format->force_not_null &&
	    format->force_not_null[index])
		*field = (struct copy_field){ .text = null };
	else if (!field->null && format->force_null &&
		 format->force_null[index] && slice_equal(field->text, null))
		field->null = true;
}

static bool read_field(struct lite_session *session, struct lite_copy *copy,
		       int index, enum wire_format format, struct error *error)
{
	const struct compiled_column *column =
		&copy->plan->compiled.columns[index];
	struct copy_field *field = &copy->fields[index];

	memset(&copy->values[index], 0, sizeof(copy->values[index]));
	force_field(&copy->format, index, field);
	copy->field = field;
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
	copy->field = NULL;
	return insert_row(session, copy, error);
}

/* --- where it failed ---------------------------------------------------------------------- */

#define SHOWN_BYTES_MAX 100

static const char *shown_text(struct arena *arena, struct slice text)
{
	size_t length = text.length;

	if (length <= SHOWN_BYTES_MAX)
		return arena_dup(arena, text);
	for (length = SHOWN_BYTES_MAX; length &&
	     (text.at[length] & 0xC0) == 0x80; length--)
		;
	return arena_printf(arena, "%.*s...", (int)length,
			    (const char *)text.at);
}

static const char *where_in_record(struct lite_copy *copy,
				   const struct error *error)
{
	struct arena *arena = &copy->arena;
	bool binary = copy->format.kind == COPY_BINARY;
	const char *column;

	if (copy->field) {
		column = copy->plan->compiled.columns[copy->field -
						      copy->fields].name;
		if (binary)
			return arena_printf(arena, ", column %s", column);
		if (copy->field->null)
			return arena_printf(arena, ", column %s: null input",
					    column);
		return arena_printf(arena, ", column %s: \"%s\"", column,
				    shown_text(arena, copy->field->text));
	}
	/* Postgres stores rows by the batch, and has no text left then. */
	if (binary || error_is(error, SQLSTATE_UNIQUE))
		return "";
	return arena_printf(arena, ": \"%s\"",
			    shown_text(arena, copy->record));
}

static bool fail_record(struct lite_copy *copy, struct error *error)
{
	error_context(error, "COPY %s, line %llu%s", copy->format.table,
		      (unsigned long long)copy->line,
		      where_in_record(copy, error));
	return false;
}

/* --- records ------------------------------------------------------------------------------ */

static struct slice without_end(struct slice line)
{
	if (line.length && line.at[line.length - 1] == '\n')
		line.length--;
	if (line.length && line.at[line.length - 1] == '\r')
		line.length--;
	return line;
}

static bool check_name(const struct lite_copy *copy, int index,
		       struct error *error)
{
	const char *name = copy->plan->compiled.columns[index].name;
	const struct copy_field *field = &copy->fields[index];

	if (field->null)
		return error_set(error, "22P04",
				 "column name mismatch in header line field %d: got null value (\"%s\"), expected \"%s\"",
				 index + 1, copy->format.null, name);
	return slice_is(field->text, name) ||
	       error_set(error, "22P04",
			 "column name mismatch in header line field %d: got \"%.*s\", expected \"%s\"",
			 index + 1, (int)field->text.length,
			 (const char *)field->text.at, name);
}

static bool take_header(struct lite_copy *copy, struct slice line,
			struct error *error)
{
	int most = copy->plan->compiled.column_count, count;

	if (!copy->format.header_matches)
		return true;
	count = copy_split(&copy->format, line, &copy->arena, copy->fields,
			   most, error);
	if (count >= 0 && count != most)
		return error_set(error, "22P04",
				 "wrong number of fields in header line: got %d, expected %d",
				 count, most);
	for (int i = 0; i < count; i++)
		if (!check_name(copy, i, error))
			return false;
	return count >= 0;
}

/* Quotes may hold ends of lines. Postgres learns from the first record how
 * lines end, and counts none in that one. */
static void count_lines(struct lite_copy *copy, struct slice line)
{
	size_t length = without_end(line).length;

	copy->line++;
	for (size_t i = 0; copy->line_end && i < length &&
			   copy->format.kind == COPY_CSV; i++)
		copy->line += line.at[i] == copy->line_end;
	if (!copy->line_end)
		copy->line_end = length < line.length ? line.at[length] : '\n';
}

static bool take_line(struct lite_session *session, struct lite_copy *copy,
		      struct slice line, struct error *error)
{
	int count;

	count_lines(copy, line);
	copy->record = line = without_end(line);
	copy->field = NULL;
	if (!copy->started) {
		copy->started = true;
		if (copy->format.header)
			return take_header(copy, line, error);
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
		done = take_line(session, copy, slice_make(left.at, length),
				 error) ||
		       fail_record(copy, error);
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
		copy->line++;
		copy->field = NULL;
		arena_reset(&copy->arena);
		if (count < 0)
			copy->ended = true;
		else
			done = take_fields(session, copy, count, WIRE_BINARY,
					   error) ||
			       fail_record(copy, error);
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
	copy_put_field(&copy->format, buffer_slice(text),
		       copy->format.force_quote &&
			       copy->format.force_quote[index],
		       copy->plan->compiled.column_count == 1, out);
	return true;
}

/* Drivers look for the first row in one message with it, as Postgres sends
 * them. */
static void put_signature(struct lite_copy *copy, struct buffer *out)
{
	if (copy->started)
		return;
	copy->started = true;
	buffer_put(out, signature, sizeof(signature));
	buffer_put_u32(out, 0);
	buffer_put_u32(out, 0);
}

static bool put_copy_row(struct lite_session *session, struct lite_copy *copy,
			 sqlite3_stmt *statement, struct error *error)
{
	int count = copy->plan->compiled.column_count;
	size_t mark = message_begin(&session->output, 'd');
	struct value value;

	if (copy->format.kind == COPY_BINARY) {
		put_signature(copy, &session->output);
		buffer_put_u16(&session->output, (uint16_t)count);
	}
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

	if (copy->format.kind == COPY_BINARY || !copy->format.header)
		return;
	mark = message_begin(out, 'd');
	for (int i = 0; i < compiled->column_count; i++) {
		if (i)
			buffer_put_u8(out, (uint8_t)copy->format.delimiter);
		copy_put_field(&copy->format,
			       slice_text(compiled->columns[i].name), false,
			       compiled->column_count == 1, out);
	}
	buffer_put_u8(out, '\n');
	message_end(out, mark);
}

static void put_trailer(struct lite_session *session, struct lite_copy *copy)
{
	size_t mark;

	if (copy->format.kind == COPY_BINARY) {
		mark = message_begin(&session->output, 'd');
		put_signature(copy, &session->output);
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
