/*
 * The evidence: which types a column might have, and how many of its values
 * fit each.
 */
#include "pool/sqlite/adopt.h"

#include <inttypes.h>
#include <stdio.h>
#include <strings.h>

#include "pool/sqlite/context.h"
#include "protocol/dialect/schema_facts.h"

#define CANDIDATES_MAX 8	/* of one column */

/* Of UUIDs, and of times (struct foreign_form). */
static const char uuid_spellings[] = "hdb";
static const char time_spellings[] = "fs";

/* One type a column might have. */
struct candidate {
	uint32_t type;
	int32_t typmod;
	const char *evidence;	/* that it is meant, besides the values */
	bool wished;
	bool current;		/* the one it has now */
	bool strict_uuid;	/* digits alone must be a UUID's, not a
				   checksum's */
	bool strict_json;	/* only objects and arrays: '5' is valid JSON,
				   and so is every number */
	int64_t fit;
	int64_t spelled[3];	/* as each of spellings[] would write it */
	const char *unfit_row;
	const char *unfit_why;
};

struct column {
	const struct schema_column *schema;
	const char *declared;
	struct candidate candidates[CANDIDATES_MAX];
	int count;
	int64_t values;
};

struct look {
	sqlite3 *db;
	const struct adopt_options *options;
	struct arena *arena;
	struct adopt_report *report;
	int capacity;
	struct error *error;
	const struct schema_table *table;
	struct column *columns;
	struct arena scratch;	/* of one value */
};

/* --- candidates ------------------------------------------------------------ */

static struct candidate *add(struct column *column, uint32_t type,
			     const char *evidence)
{
	struct candidate *row = &column->candidates[column->count++];

	*row = (struct candidate){ .type = type, .typmod = -1,
				   .evidence = evidence };
	return row;
}

static bool is_text(uint32_t type)
{
	return type == OID_TEXT || type == OID_VARCHAR || type == OID_BPCHAR;
}

static bool is_integer(uint32_t type)
{
	return type == OID_INT2 || type == OID_INT4 || type == OID_INT8;
}

static uint32_t moment_type(const struct look *look)
{
	return look->options->naive ? OID_TIMESTAMP : OID_TIMESTAMPTZ;
}

static void text_candidates(struct look *look, struct column *column)
{
	bool checked = look->table->lite_sql &&
		       adopt_checks_json(look->table->lite_sql,
					 column->schema->name);

	if (checked) {
		add(column, OID_JSONB, "a CHECK makes it JSON");
		return;
	}
	add(column, OID_UUID, NULL)->strict_uuid = true;
	add(column, OID_DATE, NULL);
	add(column, moment_type(look), NULL);
	add(column, OID_TIME, NULL);
	add(column, OID_JSONB, NULL)->strict_json = true;
}

static bool is_key(const struct schema_table *table, int16_t number)
{
	for (int i = 0; i < table->constraint_count; i++)
		for (int k = 0; k < table->constraints[i].column_count; k++)
			if (table->constraints[i].columns[k] == number)
				return true;
	for (int i = 0; i < table->index_count; i++)
		for (int k = 0; k < table->indexes[i].key_count; k++)
			if (table->indexes[i].unique &&
			    table->indexes[i].columns[k] == number)
				return true;
	return false;
}

static void integer_candidates(struct look *look, struct column *column)
{
	if (is_key(look->table, column->schema->number))
		return;
	if (look->table->lite_sql &&
	    adopt_checks_bool(look->table->lite_sql, column->schema->name))
		add(column, OID_BOOL, "a CHECK allows only 0 and 1");
	else if (strcasecmp(column->declared, "tinyint(1)") == 0)
		add(column, OID_BOOL, "declared tinyint(1)");
	else
		add(column, OID_BOOL, NULL);
}

static void keep_current(struct column *column)
{
	struct candidate *row = add(column, column->schema->type, NULL);

	row->typmod = column->schema->typmod;
	row->current = true;
}

/* It has been declared before: asking twice would undo a wish. */
static bool is_settled(const struct look *look, const struct column *column)
{
	char *sql = sqlite3_mprintf(
		"SELECT 1 FROM main._weir_declared WHERE \"table\" = %Q"
		" COLLATE NOCASE AND \"column\" = %Q COLLATE NOCASE",
		look->table->name, column->schema->name);
	sqlite3_stmt *statement = NULL;
	bool found;

	sqlite3_prepare_v2(look->db, sql, -1, &statement, NULL);
	found = statement && sqlite3_step(statement) == SQLITE_ROW;
	sqlite3_finalize(statement);
	sqlite3_free(sql);
	return found;
}

/* A type is a wish of the user's, or follows from what is declared. */
static bool find_candidates(struct look *look, struct column *column)
{
	const struct schema_column *schema = column->schema;

	for (int i = 0; i < look->options->wish_count; i++) {
		const struct adopt_wish *wish = &look->options->wishes[i];
		struct candidate *row;

		if (strcasecmp(wish->table, look->table->name) ||
		    strcasecmp(wish->column, schema->name))
			continue;
		row = add(column, 0, "as you say");
		row->wished = true;
		if (!facts_read_declared(wish->type, &row->type, &row->typmod))
			return error_set(look->error, SQLSTATE_UNDEFINED_OBJECT,
					 "type \"%s\" does not exist",
					 wish->type);
		return true;
	}
	keep_current(column);
	if (is_settled(look, column))
		return true;
	if (is_text(schema->type) && foreign_affinity(column->declared) == 't')
		text_candidates(look, column);
	else if (is_integer(schema->type))
		integer_candidates(look, column);
	else if (schema->type == OID_TIMESTAMP && !look->options->naive &&
		 strncasecmp(column->declared, "timestamp without", 17))
		add(column, OID_TIMESTAMPTZ,
		    "times without an offset are taken for UTC");
	else if (schema->type == OID_JSON)
		add(column, OID_JSONB, "declared JSON");
	else if (schema->type == OID_BYTEA)
		add(column, OID_UUID, NULL)->strict_uuid = true;
	return true;
}

/* --- values ------------------------------------------------------------------- */

/* The bits that RFC 4122 sets; a checksum has them one time in thirty-two. */
static bool has_uuid_bits(const struct value *uuid)
{
	const uint8_t *text = uuid->bytes.at;

	return uuid->bytes.length == 36 && text[14] >= '1' &&
	       text[14] <= '8' && strchr("89ab", text[19]) != NULL;
}

static bool starts_structure(const struct value *stored)
{
	const uint8_t *at = stored->bytes.at;

	for (size_t i = 0; stored->kind == VALUE_TEXT &&
			   i < stored->bytes.length; i++)
		if (!strchr(" \t\r\n", at[i]))
			return at[i] == '{' || at[i] == '[';
	return false;
}

static const char *spellings_of(uint32_t type)
{
	switch (type) {
	case OID_UUID:
		return uuid_spellings;
	case OID_TIME: case OID_TIMESTAMP: case OID_TIMESTAMPTZ:
		return time_spellings;
	default:
		return "";
	}
}

static void count_spellings(struct candidate *row, const struct value *stored,
			    const struct value *value, struct arena *arena)
{
	const char *letters = spellings_of(row->type);

	for (int i = 0; letters[i]; i++) {
		struct foreign_form form = { 't', letters[i] };
		struct value again;
		struct error error;

		row->spelled[i] += foreign_write(row->type, row->typmod, form,
						 value, arena, &again,
						 &error) &&
				   again.kind == stored->kind &&
				   slice_equal(again.bytes, stored->bytes);
	}
}

/* In a key, one value spelled in two ways would be two values to SQLite. */
static bool is_spelled_one_way(const struct candidate *row)
{
	const char *letters = spellings_of(row->type);

	if (!letters[0])
		return true;
	for (int i = 0; letters[i]; i++)
		if (row->spelled[i] == row->fit)
			return true;
	return false;
}

static bool fits(struct candidate *row, const struct value *stored,
		 struct arena *arena, struct error *error)
{
	struct value value;

	if (row->strict_json && !starts_structure(stored))
		return error_set(error, SQLSTATE_INVALID_TEXT,
				 "it is no JSON object or array");
	if (!foreign_read(row->type, row->typmod, stored, arena, &value,
			  error))
		return false;
	if (row->strict_uuid && !has_uuid_bits(&value))
		return error_set(error, SQLSTATE_INVALID_TEXT,
				 "its bits are not those of a UUID");
	count_spellings(row, stored, &value, arena);
	return true;
}

static struct value value_at(sqlite3_stmt *statement, int column)
{
	struct value value = { 0 };

	switch (sqlite3_column_type(statement, column)) {
	case SQLITE_INTEGER:
		value.kind = VALUE_INTEGER;
		value.integer = sqlite3_column_int64(statement, column);
		return value;
	case SQLITE_FLOAT:
		value.kind = VALUE_REAL;
		value.real = sqlite3_column_double(statement, column);
		return value;
	case SQLITE_TEXT:
	case SQLITE_BLOB:
		value.kind = sqlite3_column_type(statement, column) ==
			     SQLITE_TEXT ? VALUE_TEXT : VALUE_BLOB;
		value.bytes.at = sqlite3_column_blob(statement, column);
		value.bytes.length =
			(size_t)sqlite3_column_bytes(statement, column);
		if (!value.bytes.at)
			value.bytes = slice_make("", 0);
		return value;
	default:
		return value;
	}
}

static void try_value(struct look *look, struct column *column,
		      const struct value *stored, sqlite3_stmt *statement)
{
	column->values++;
	for (int i = 0; i < column->count; i++) {
		struct candidate *row = &column->candidates[i];
		struct error error = { 0 };
		const char *name;

		if (fits(row, stored, &look->scratch, &error)) {
			row->fit++;
		} else if (!row->unfit_row) {
			name = (const char *)sqlite3_column_text(statement, 0);
			row->unfit_row = arena_text(look->arena,
						    name ? name : "?");
			row->unfit_why = arena_text(look->arena,
						    error.message);
		}
	}
	arena_reset(&look->scratch);
}

static sqlite3_stmt *select_all(struct look *look)
{
	const struct schema_table *table = look->table;
	struct buffer sql = { 0 };
	const char *row = NULL;
	sqlite3_stmt *statement = NULL;
	char *name = sqlite3_mprintf("\"%w\"", table->lite_name);

	for (int i = 0; i < table->column_count && !row; i++)
		row = table->columns[i].foreign ?
		      table->columns[i].foreign->row : NULL;
	buffer_printf(&sql, "SELECT %s", row ? row : "'?'");
	for (int i = 0; i < table->column_count; i++) {
		char *column = sqlite3_mprintf("\"%w\"",
					       table->columns[i].name);

		buffer_printf(&sql, ", %s", column);
		sqlite3_free(column);
	}
	buffer_printf(&sql, " FROM main.%s", name);
	sqlite3_free(name);
	sqlite3_prepare_v2(look->db, buffer_cstring(&sql), -1, &statement,
			   NULL);
	buffer_fini(&sql);
	return statement;
}

static bool read_rows(struct look *look)
{
	sqlite3_stmt *statement = select_all(look);
	int code = statement ? SQLITE_ROW : SQLITE_ERROR;

	while (statement && (code = sqlite3_step(statement)) == SQLITE_ROW)
		for (int i = 0; i < look->table->column_count; i++) {
			struct value stored = value_at(statement, i + 1);

			if (stored.kind != VALUE_NULL)
				try_value(look, &look->columns[i], &stored,
					  statement);
		}
	sqlite3_finalize(statement);
	return code == SQLITE_DONE;
}

/* --- verdicts ------------------------------------------------------------------ */

/* Not to be declared though every value fits. */
static bool breaks_key(const struct look *look, const struct column *column,
		       struct candidate *row)
{
	if (!is_key(look->table, column->schema->number) ||
	    is_spelled_one_way(row))
		return false;
	row->unfit_row = "any";
	row->unfit_why = "the values of this key are spelled in several ways";
	return true;
}

static struct adopt_finding *new_finding(struct look *look)
{
	struct adopt_report *out = look->report;

	if (out->finding_count == look->capacity) {
		int more = look->capacity * 2 + 16;
		struct adopt_finding *grown = arena_alloc(
			look->arena, (size_t)more * sizeof(*grown));

		if (out->finding_count)
			memcpy(grown, out->findings,
			       (size_t)out->finding_count * sizeof(*grown));
		out->findings = grown;
		look->capacity = more;
	}
	return &out->findings[out->finding_count++];
}

static void report(struct look *look, const struct column *column,
		   const struct candidate *row, enum adopt_verdict verdict)
{
	look->report->proposed_count += verdict == ADOPT_PROPOSED;
	*new_finding(look) = (struct adopt_finding){
		.table = look->table->name,
		.column = column->schema->name,
		.declared = column->declared,
		.type = type_format(look->arena, row->type, row->typmod),
		.verdict = verdict,
		.values = column->values,
		.fit = row->fit,
		.evidence = row->evidence,
		.unfit_row = row->unfit_row,
		.unfit_why = row->unfit_why,
	};
}

/* The best that can be said of the column; nothing for most. */
static void judge(struct look *look, struct column *column)
{
	const struct candidate *best = NULL;

	for (int i = 0; i < column->count; i++) {
		struct candidate *row = &column->candidates[i];
		bool all = row->fit == column->values;

		if (row->current) {
			if (!all)
				report(look, column, row, ADOPT_BROKEN);
			continue;
		}
		if (all && (row->evidence || (column->values &&
		    !is_integer(column->schema->type)))) {
			report(look, column, row,
			       breaks_key(look, column, row) ? ADOPT_UNFIT :
			       ADOPT_PROPOSED);
			return;
		}
		if (!best || row->fit > best->fit)
			best = row;
	}
	if (!best)
		return;
	if (best->fit == column->values && column->values)
		report(look, column, best, ADOPT_POSSIBLE);
	else if (best->fit < column->values &&
		 (best->evidence || best->fit * 2 > column->values))
		report(look, column, best, ADOPT_UNFIT);
}

/* --- the whole ------------------------------------------------------------------ */

static const char *declared_type(struct look *look, const char *column)
{
	const char *declared = NULL;

	sqlite3_table_column_metadata(look->db, "main", look->table->lite_name,
				      column, &declared, NULL, NULL, NULL,
				      NULL);
	return arena_text(look->arena, declared ? declared : "");
}

static bool examine_table(struct look *look)
{
	const struct schema_table *table = look->table;

	look->report->table_count++;
	look->columns = arena_alloc(look->arena,
				    sizeof(*look->columns) *
				    ((size_t)table->column_count + 1));
	for (int i = 0; i < table->column_count; i++) {
		look->columns[i].schema = &table->columns[i];
		look->columns[i].declared =
			declared_type(look, table->columns[i].name);
		if (!find_candidates(look, &look->columns[i]))
			return false;
	}
	if (!read_rows(look)) {
		*new_finding(look) = (struct adopt_finding){
			.table = table->name, .column = "",
			.verdict = ADOPT_UNREADABLE,
			.unfit_why = arena_text(look->arena,
						sqlite3_errmsg(look->db)),
		};
		return true;
	}
	for (int i = 0; i < table->column_count; i++)
		judge(look, &look->columns[i]);
	return true;
}

static bool check_wishes(const struct look *look, const struct schema *schema)
{
	for (int i = 0; i < look->options->wish_count; i++) {
		const struct adopt_wish *wish = &look->options->wishes[i];
		bool found = false;

		for (int k = 0; k < schema->table_count; k++) {
			const struct schema_table *table = &schema->tables[k];

			for (int n = 0; n < table->column_count; n++)
				found |= table->foreign &&
					 table->kind == 'r' &&
					 !strcasecmp(table->name,
						     wish->table) &&
					 !strcasecmp(table->columns[n].name,
						     wish->column);
		}
		if (!found)
			return error_set(look->error, SQLSTATE_UNDEFINED_COLUMN,
					 "no table of another program has a "
					 "column %s.%s", wish->table,
					 wish->column);
	}
	return true;
}

static void copy_notes(struct look *look, const struct schema *schema)
{
	struct schema_note *notes = arena_alloc(
		look->arena, sizeof(*notes) * ((size_t)schema->note_count + 1));

	for (int i = 0; i < schema->note_count; i++)
		notes[i] = (struct schema_note){
			arena_text(look->arena, schema->notes[i].object),
			arena_text(look->arena, schema->notes[i].what),
		};
	look->report->notes = notes;
	look->report->note_count = schema->note_count;
}

/* Findings must outlive the schema. */
static void keep_names(struct look *look)
{
	for (int i = 0; i < look->report->finding_count; i++) {
		struct adopt_finding *row = &look->report->findings[i];

		row->table = arena_text(look->arena, row->table);
		row->column = arena_text(look->arena, row->column);
	}
}

bool adopt_examine(sqlite3 *db, const struct adopt_options *options,
		   struct arena *arena, struct adopt_report *ret_report,
		   struct error *error)
{
	struct look look = { .db = db, .options = options, .arena = arena,
			     .report = ret_report, .error = error };
	struct schema *schema;
	bool good;

	*ret_report = (struct adopt_report){ 0 };
	if (schema_load(db, 1, &schema, error) != SQLITE_OK)
		return false;
	good = check_wishes(&look, schema);
	for (int i = 0; good && i < schema->table_count; i++) {
		look.table = &schema->tables[i];
		if (look.table->foreign && look.table->kind == 'r')
			good = examine_table(&look);
	}
	copy_notes(&look, schema);
	keep_names(&look);
	arena_fini(&look.scratch);
	schema_unref(&schema);
	return good;
}
