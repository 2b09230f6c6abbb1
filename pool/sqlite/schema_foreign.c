/*
 * Columns made by another program: the Postgres type each is shown with,
 * the form its values are kept in, its default as Postgres would say it.
 *
 * The type is the one that was declared for it (`weir adopt` keeps the
 * declarations in _weir_declared, beside the program's own schema, which
 * stays as it is), or else follows from the type in CREATE TABLE. The form
 * follows from the values that are there already.
 */
#include "pool/sqlite/schema_reader.h"

#include <stdlib.h>
#include <strings.h>

#include "pool/sqlite/adopt.h"
#include "pool/sqlite/names.h"
#include "protocol/dialect/schema_facts.h"
#include "protocol/type.h"

#define SAMPLE_ROWS "1000"
#define NAME_BYTES_MAX 63	/* of Postgres's identifiers */

/* --- what cannot be shown ------------------------------------------------- */

void schema_add_note(struct schema_reader *reader, const char *object,
		     const char *what)
{
	struct schema *schema = reader->schema;
	struct schema_note *row = reader_append(
		reader, (void **)&schema->notes, &schema->note_count,
		&reader->note_capacity, sizeof(*row));

	*row = (struct schema_note){ object, what };
}

static void note_column(struct schema_reader *reader,
			const struct schema_table *table,
			const struct schema_column *column, const char *what)
{
	schema_add_note(reader, table->lite_name,
			arena_printf(reader->arena, "column \"%s\" %s",
				     column->name, what));
}

/* --- defaults --------------------------------------------------------------- */

static bool is_number(const char *text)
{
	char *end;

	if (!*text || text[strspn(text, "+-.0123456789eE")])
		return false;
	strtod(text, &end);
	return !*end;
}

static bool is_whole(const char *text)
{
	text += *text == '-' || *text == '+';
	return *text && !text[strspn(text, "0123456789")];
}

static bool is_current(const char *text)
{
	return strcasecmp(text, "current_timestamp") == 0 ||
	       strcasecmp(text, "current_date") == 0 ||
	       strcasecmp(text, "current_time") == 0;
}

/* SQLite's CURRENT_TIMESTAMP is in UTC, whatever the session's zone is. */
static const char *current_default(uint32_t type)
{
	switch (type) {
	case OID_TIMESTAMPTZ:
		return "CURRENT_TIMESTAMP";
	case OID_TIMESTAMP:
		return "(CURRENT_TIMESTAMP AT TIME ZONE 'UTC')";
	case OID_DATE:
		return "((CURRENT_TIMESTAMP AT TIME ZONE 'UTC')::date)";
	case OID_TIME:
		return "((CURRENT_TIMESTAMP AT TIME ZONE 'UTC')::time)";
	default:
		return NULL;
	}
}

/* 'text' with its quotes, if the type takes it. */
static const char *literal_default(struct schema_reader *reader,
				   const struct schema_column *column,
				   const char *text)
{
	size_t length = strlen(text);
	char *inside = arena_alloc(reader->arena, length + 1);
	struct value stored = { .kind = VALUE_TEXT }, value;
	struct error error;
	size_t used = 0;

	for (size_t i = 1; i + 1 < length; i++) {
		if (text[i] == '\'' && text[++i] != '\'')
			return NULL;
		inside[used++] = text[i];
	}
	stored.bytes = slice_make(inside, used);
	return text[length - 1] == '\'' && length > 1 &&
	       foreign_read(column->type, column->typmod, &stored,
			    reader->arena, &value, &error) ? text : NULL;
}

static const char *number_default(const struct schema_column *column,
				  const char *text)
{
	switch (column->type) {
	case OID_BOOL:
		if (strcmp(text, "0") == 0 || strcmp(text, "1") == 0)
			return text[0] == '1' ? "true" : "false";
		return NULL;
	case OID_INT2: case OID_INT4: case OID_INT8:
		return is_whole(text) ? text : NULL;
	case OID_FLOAT4: case OID_FLOAT8: case OID_NUMERIC: case OID_TEXT:
	case OID_VARCHAR:
		return text;
	default:
		return NULL;
	}
}

/* NULL: there is none, or none that Postgres could say. */
static const char *translated_default(struct schema_reader *reader,
				      const struct schema_column *column,
				      const char *text)
{
	if (is_current(text))
		return current_default(column->type);
	if (text[0] == '\'')
		return literal_default(reader, column, text);
	if (column->type == OID_BOOL && (strcasecmp(text, "true") == 0 ||
					 strcasecmp(text, "false") == 0))
		return text;
	return is_number(text) ? number_default(column, text) : NULL;
}

/* --- types ------------------------------------------------------------------ */

bool schema_read_declarations(struct schema_reader *reader)
{
	sqlite3_stmt *statement = reader_prepare(
		reader, "SELECT 1 FROM @.sqlite_master"
			" WHERE name = '_weir_declared'");
	bool found = statement && reader_step(reader, statement);

	sqlite3_finalize(statement);
	if (!found)
		return !reader->error->sqlstate[0];
	statement = reader_prepare(reader, "SELECT \"table\", \"column\", type"
					   " FROM @._weir_declared WHERE"
					   " \"table\" IS NOT NULL AND"
					   " \"column\" IS NOT NULL AND"
					   " type IS NOT NULL");
	if (!statement)
		return false;
	while (reader_step(reader, statement)) {
		struct schema_declaration *row = reader_append(
			reader, (void **)&reader->declarations,
			&reader->declaration_count,
			&reader->declaration_capacity, sizeof(*row));

		row->table = reader_text(reader, statement, 0);
		row->column = reader_text(reader, statement, 1);
		row->type = reader_text(reader, statement, 2);
	}
	sqlite3_finalize(statement);
	reader->schema->has_declarations = true;
	return !reader->error->sqlstate[0];
}

void schema_note_declarations(struct schema_reader *reader)
{
	for (int i = 0; i < reader->declaration_count; i++) {
		const struct schema_declaration *row =
			&reader->declarations[i];

		if (!row->used)
			schema_add_note(reader, row->table, arena_printf(
				reader->arena, "has no column \"%s\" any more,"
				" which was declared %s: run weir adopt again",
				row->column, row->type));
	}
}

static const char *declared_by_hand(const struct schema_reader *reader,
				    const struct schema_table *table,
				    const struct schema_column *column)
{
	for (int i = 0; i < reader->declaration_count; i++) {
		struct schema_declaration *row = &reader->declarations[i];

		if (strcasecmp(row->table, table->lite_name) != 0 ||
		    strcasecmp(row->column, column->name) != 0)
			continue;
		row->used = true;
		return row->type;
	}
	return NULL;
}

void schema_foreign_column(struct schema_reader *reader,
			   struct schema_table *table,
			   struct schema_column *column, const char *declared,
			   const char *default_text)
{
	struct foreign_column *foreign;
	const char *by_hand = declared_by_hand(reader, table, column);
	bool known;

	if (!table->foreign)
		return;
	known = facts_read_declared(by_hand ? by_hand : declared,
				    &column->type, &column->typmod);
	if (!known && table->kind == 'r')
		note_column(reader, table, column, arena_printf(
			reader->arena, "is declared %s, for which there is no "
			"type here; it is shown as %s", declared,
			type_format(reader->arena, column->type, -1)));
	foreign = arena_alloc(reader->arena, sizeof(*foreign));
	foreign->table = table->lite_name;
	foreign->form.affinity = foreign_affinity(declared);
	column->foreign = foreign;
	if (!default_text || strcasecmp(default_text, "null") == 0)
		return;
	column->default_text = translated_default(reader, column,
						  default_text);
	column->lite_default = !column->default_text;
	if (column->lite_default)
		note_column(reader, table, column, arena_printf(
			reader->arena, "has a default of SQLite's own, which "
			"is applied but not shown: %s", default_text));
}

/* --- forms -------------------------------------------------------------------- */

/* One number from a sample of the column's values; -1: there are none. */
static int sample(struct schema_reader *reader,
		  const struct schema_table *table,
		  const struct schema_column *column, const char *expression)
{
	char *sql = sqlite3_mprintf("SELECT max(%s) FROM (SELECT \"%w\" AS v"
				    " FROM %s.\"%w\" LIMIT " SAMPLE_ROWS ")"
				    " WHERE v IS NOT NULL", expression,
				    column->name, reader->database,
				    table->lite_name);
	sqlite3_stmt *statement = NULL;
	int result = -1;

	/* a sample that fails is a sample of nothing */
	if (sql && sqlite3_prepare_v2(reader->db, sql, -1, &statement, NULL)
	    == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW &&
	    sqlite3_column_type(statement, 0) != SQLITE_NULL)
		result = sqlite3_column_int(statement, 0);
	sqlite3_finalize(statement);
	sqlite3_free(sql);
	return result;
}

static char find_spelling(struct schema_reader *reader,
			  const struct schema_table *table,
			  const struct schema_column *column,
			  const char *declared)
{
	int seen;

	switch (column->type) {
	case OID_UUID:
		seen = sample(reader, table, column, "CASE WHEN typeof(v) ="
			      " 'blob' THEN 2 ELSE instr(v, '-') > 0 END");
		if (seen < 0)	/* SQLAlchemy's and Django's CHAR(32) */
			return foreign_affinity(declared) == 'b' ? 'b' :
			       strstr(declared, "(32)") ? 'h' : 'd';
		return seen == 2 ? 'b' : seen == 1 ? 'd' : 'h';
	case OID_TIMESTAMP: case OID_TIMESTAMPTZ: case OID_TIME:
		seen = sample(reader, table, column,
			      "substr(v, -7) = '.000000'");
		return seen == 1 ? 'f' : 's';
	default:
		return 0;
	}
}

static bool is_text(uint32_t type)
{
	return type == OID_TEXT || type == OID_VARCHAR;
}

static bool is_integer(uint32_t type)
{
	return type == OID_INT2 || type == OID_INT4 || type == OID_INT8;
}

/* Values of these always have the type's own form: STRICT says so. */
static bool is_certain(const struct schema_column *column,
		       const char *declared, bool strict, bool binary)
{
	if (column->rowid && column->type == OID_INT8)
		return true;
	if (!strict)
		return false;
	return (column->type == OID_INT8 && strcasestr(declared, "int")) ||
	       (column->type == OID_FLOAT8 &&
		strcasecmp(declared, "real") == 0) ||
	       (column->type == OID_BYTEA &&
		strcasecmp(declared, "blob") == 0) ||
	       (column->type == OID_TEXT && binary &&
		strcasecmp(declared, "text") == 0);
}

static const char *quoted(struct schema_reader *reader, const char *name)
{
	char *text = sqlite3_mprintf("\"%w\"", name);
	const char *copy = arena_text(reader->arena, text ? text : "");

	sqlite3_free(text);
	return copy;
}

static void finish_column(struct schema_reader *reader,
			  struct schema_table *table,
			  struct schema_column *column, bool strict,
			  bool has_rowid)
{
	struct foreign_column *foreign =
		arena_alloc(reader->arena, sizeof(*foreign));
	const char *declared = "", *collation = "BINARY";
	char affinity = column->foreign->form.affinity;
	int not_null = 0, key = 0, numbered = 0;
	bool binary;

	if (table->kind == 'r')
		sqlite3_table_column_metadata(reader->db, reader->database,
					      table->lite_name, column->name,
					      &declared, &collation, &not_null,
					      &key, &numbered);
	binary = !collation || strcasecmp(collation, "BINARY") == 0;
	if (!binary)
		note_column(reader, table, column, arena_printf(
			reader->arena, "has the collation %s, which only its "
			"keys and indexes follow", collation));
	*foreign = *column->foreign;
	foreign->form.spelling = table->kind == 'r' ?
		find_spelling(reader, table, column,
			      declared ? declared : "") : 0;
	foreign->may_be_null = key && !not_null && !strict && has_rowid;
	foreign->plain_equal = (is_text(column->type) && affinity == 't' &&
				binary) ||
			       (is_integer(column->type) &&
				(affinity == 'i' || affinity == 'n'));
	if (has_rowid)
		foreign->row = rowid_of(table);
	column->foreign = is_certain(column, declared ? declared : "", strict,
				     binary) ? NULL : foreign;
}

/* A table without rowid tells its rows apart by its key. */
static void use_key(struct schema_reader *reader, struct schema_table *table)
{
	const char *row = NULL;

	for (int i = 0; i < table->column_count && !row; i++)
		if (table->columns[i].not_null)
			row = quoted(reader, table->columns[i].name);
	for (int i = 0; row && i < table->column_count; i++) {
		struct foreign_column *copy;

		if (!table->columns[i].foreign)
			continue;
		copy = arena_alloc(reader->arena, sizeof(*copy));
		*copy = *table->columns[i].foreign;
		copy->row = row;
		table->columns[i].foreign = copy;
	}
}

static void note_names(struct schema_reader *reader,
		       const struct schema_table *table)
{
	if (strlen(table->lite_name) > NAME_BYTES_MAX)
		schema_add_note(reader, table->lite_name, "has a name longer "
				"than 63 bytes, which clients cannot say");
	for (int i = 0; i < table->column_count; i++)
		if (strlen(table->columns[i].name) > NAME_BYTES_MAX)
			note_column(reader, table, &table->columns[i],
				    "has a name longer than 63 bytes, which "
				    "clients cannot say");
}

/* Enforced or computed by SQLite all the same. */
static void note_texts(struct schema_reader *reader,
		       const struct schema_table *table)
{
	if (table->kind != 'r' || !table->lite_sql)
		return;
	if (!strncasecmp(table->lite_sql, "CREATE VIRTUAL", 14))
		schema_add_note(reader, table->lite_name, "is a virtual table;"
				" operators of its own (MATCH) are not there");
	else if (adopt_checks_any(table->lite_sql))
		schema_add_note(reader, table->lite_name, "has CHECK "
				"constraints, which are enforced but not "
				"shown");
	for (int i = 0; i < table->column_count; i++)
		if (table->columns[i].generated)
			note_column(reader, table, &table->columns[i],
				    "is computed by an expression that is not "
				    "shown");
}

bool schema_note_triggers(struct schema_reader *reader)
{
	sqlite3_stmt *statement = reader_prepare(
		reader, "SELECT tbl_name, name FROM @.sqlite_master"
			" WHERE type = 'trigger' ORDER BY rowid");

	if (!statement)
		return false;
	while (reader_step(reader, statement))
		schema_add_note(reader, reader_text(reader, statement, 0),
				arena_printf(reader->arena, "has the trigger "
				"\"%s\", which runs but is not shown",
				(const char *)sqlite3_column_text(statement,
								  1)));
	sqlite3_finalize(statement);
	return !reader->error->sqlstate[0];
}

void schema_foreign_finish(struct schema_reader *reader,
			   struct schema_table *table, bool without_rowid,
			   bool strict)
{
	bool has_rowid = table->kind == 'r' && !without_rowid;

	for (int i = 0; i < table->column_count; i++)
		if (table->columns[i].foreign)
			finish_column(reader, table, &table->columns[i],
				      strict, has_rowid);
	if (table->kind == 'r' && without_rowid)
		use_key(reader, table);
	note_names(reader, table);
	note_texts(reader, table);
}
