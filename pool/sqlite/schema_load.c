/*
 * Reading a file's schema. SQLite's own schema says which tables, columns
 * and types there are; weir's facts (schema_facts.h) add what SQLite cannot
 * hold. Where both speak, what SQLite enforces wins: a column that is there
 * is shown, a fact about a column that is gone is not.
 */
#include "pool/sqlite/schema_reader.h"

#include <stdlib.h>
#include <strings.h>

#include "pool/sqlite/catalog_tables.h"
#include "pool/sqlite/context.h"
#include "protocol/dialect/schema_facts.h"
#include "protocol/type.h"

#define COLUMNS_MAX 2000	/* SQLITE_MAX_COLUMN */

/* --- helpers ------------------------------------------------------------ */

sqlite3_stmt *reader_prepare(struct schema_reader *reader, const char *sql)
{
	struct buffer text = { 0 };
	sqlite3_stmt *statement = NULL;

	for (const char *at; (at = strchr(sql, '@')); sql = at + 1) {
		buffer_put(&text, sql, (size_t)(at - sql));
		buffer_put_text(&text, reader->database);
	}
	buffer_put_text(&text, sql);
	if (sqlite3_prepare_v2(reader->db, buffer_cstring(&text), -1,
			       &statement, NULL) != SQLITE_OK)
		error_set(reader->error, SQLSTATE_INTERNAL,
			  "could not read the schema: %s",
			  sqlite3_errmsg(reader->db));
	buffer_fini(&text);
	return statement;
}

/* What is asked of each table is prepared once. */
static sqlite3_stmt *prepare_once(struct schema_reader *reader,
				  enum reader_question question,
				  const char *sql)
{
	sqlite3_stmt **asked = &reader->asked[question];

	if (*asked)
		sqlite3_reset(*asked);
	else
		*asked = reader_prepare(reader, sql);
	return *asked;
}

static void forget_questions(struct schema_reader *reader)
{
	for (int i = 0; i < READER_QUESTIONS; i++) {
		sqlite3_finalize(reader->asked[i]);
		reader->asked[i] = NULL;
	}
}

bool reader_step(struct schema_reader *reader, sqlite3_stmt *statement)
{
	int status = sqlite3_step(statement);

	if (status != SQLITE_ROW && status != SQLITE_DONE)
		error_set(reader->error, SQLSTATE_INTERNAL,
			  "could not read the schema: %s",
			  sqlite3_errmsg(reader->db));
	return status == SQLITE_ROW;
}

const char *reader_text(struct schema_reader *reader, sqlite3_stmt *statement,
			int column)
{
	const unsigned char *text = sqlite3_column_text(statement, column);

	if (!text)
		return NULL;
	return arena_text(reader->arena, (const char *)text);
}

void *reader_append(struct schema_reader *reader, void **items, int *count,
		    int *capacity, size_t size)
{
	if (*count == *capacity) {
		int more = *capacity ? *capacity * 2 : 8;
		void *grown = arena_alloc(reader->arena, (size_t)more * size);

		if (*count)
			memcpy(grown, *items, (size_t)*count * size);
		*items = grown;
		*capacity = more;
	}
	return (char *)*items + (size_t)(*count)++ * size;
}

uint32_t schema_derived_oid(char kind, const char *table, const char *name)
{
	uint32_t hash = 2166136261u ^ (uint8_t)kind;

	for (; *table; table++)
		hash = (hash ^ (uint8_t)*table) * 16777619u;
	hash = (hash ^ '.') * 16777619u;
	for (; *name; name++)
		hash = (hash ^ (uint8_t)*name) * 16777619u;
	return 0x40000000u | (hash & 0x3fffffffu);
}

bool reader_failed(const struct schema_reader *reader)
{
	return reader->error->sqlstate[0] != 0;
}

/* --- tables and their columns ------------------------------------------- */

static void add_column(struct schema_reader *reader, sqlite3_stmt *statement,
		       struct schema_table *table, int *capacity)
{
	struct schema_column *column = reader_append(
		reader, (void **)&table->columns, &table->column_count,
		capacity, sizeof(*column));
	const char *declared = (const char *)sqlite3_column_text(statement, 1);
	int hidden = sqlite3_column_int(statement, 5);

	column->name = reader_text(reader, statement, 0);
	column->number = (int16_t)table->column_count;
	facts_read_declared(declared ? declared : "", &column->type,
			    &column->typmod);
	column->not_null = sqlite3_column_int(statement, 2) ||
			   (sqlite3_column_int(statement, 4) &&
			    table->kind == 'r');
	column->generated = hidden == 2 || hidden == 3 ? 's' : 0;
	column->rowid = sqlite3_column_int(statement, 6);
	schema_foreign_column(reader, table, column, declared ? declared : "",
			      reader_text(reader, statement, 3));
}

/* The rowid is a column when it is the whole primary key, declared INTEGER
 * to the letter, and the table has one. The last term of the query says so. */
static bool read_columns(struct schema_reader *reader,
			 struct schema_table *table, bool without_rowid)
{
	sqlite3_stmt *statement = prepare_once(
		reader, ASK_COLUMNS,
		"SELECT name, type, \"notnull\", dflt_value, pk, hidden,"
		" pk = 1 AND upper(type) = 'INTEGER' AND ?2 AND NOT EXISTS"
		" (SELECT 1 FROM pragma_table_xinfo(?1, '@') WHERE pk > 1)"
		" AND NOT EXISTS (SELECT 1 FROM"
		" pragma_index_list(?1, '@') WHERE origin = 'pk')"
		" FROM pragma_table_xinfo(?1, '@') WHERE hidden <> 1"
		" AND name <> '_weir_none'"
		" ORDER BY cid");
	int capacity = 0;

	if (!statement)
		return false;
	sqlite3_bind_text(statement, 1, table->lite_name, -1, SQLITE_STATIC);
	sqlite3_bind_int(statement, 2, !without_rowid && table->kind == 'r');
	while (table->column_count < COLUMNS_MAX &&
	       reader_step(reader, statement))
		add_column(reader, statement, table, &capacity);
	sqlite3_reset(statement);
	if (reader_failed(reader) && (table->kind == 'v' || table->foreign)) {
		/* a view that SQLite cannot read, or a virtual table without
		 * its module, is no reason to stop */
		schema_add_note(reader, table->lite_name, arena_printf(
			reader->arena, "is left out: %s",
			reader->error->message));
		*reader->error = (struct error){ 0 };
		return false;
	}
	return !reader_failed(reader);
}

/* The fact names the domain; all but its own files see the base type. */
static void apply_domain(const struct schema *schema,
			 struct schema_column *column)
{
	const struct schema_domain *domain =
		schema_domain_by_oid(schema, column->type);

	if (!domain)
		return;
	column->domain = domain->oid;
	column->domain_default = domain->default_text;
	column->type = domain->type;
	column->typmod = domain->typmod;
}

/* What weir's own tables say of a table, a row each; `sql` takes its OID. */
static bool read_facts(struct schema_reader *reader, struct schema_table *table,
		       enum reader_question question, const char *sql,
		       void (*add)(struct schema_reader *, sqlite3_stmt *,
				   struct schema_table *, int *capacity))
{
	sqlite3_stmt *statement = prepare_once(reader, question, sql);
	int capacity = 0;

	if (!statement)
		return false;
	sqlite3_bind_int64(statement, 1, table->oid);
	while (reader_step(reader, statement))
		add(reader, statement, table, &capacity);
	sqlite3_reset(statement);
	return !reader_failed(reader);
}

/* Of a view of ours only the facts are asked: SQLite will not look into one
 * that calls what it may not, and need not, since it is never read there. */
static bool read_view_columns(struct schema_reader *reader,
			      struct schema_table *table)
{
	return read_facts(reader, table, ASK_VIEW_COLUMNS,
			  "SELECT name, '', 0, NULL, 0, 0, 0 FROM"
			  " @._weir_column WHERE parent = ?1 AND name <> ''"
			  " ORDER BY position", add_column);
}

static void apply_column_fact(struct schema_reader *reader,
			      sqlite3_stmt *statement,
			      struct schema_column *column)
{
	const char *identity = reader_text(reader, statement, 4);
	const char *generated = reader_text(reader, statement, 5);

	if (!column->foreign) {
		column->type = (uint32_t)sqlite3_column_int64(statement, 1);
		column->typmod = sqlite3_column_int(statement, 2);
		column->default_text = reader_text(reader, statement, 3);
		apply_domain(reader->schema, column);
	}
	column->attribute = (int16_t)sqlite3_column_int(statement, 7);
	column->identity = identity ? identity[0] : 0;
	column->generated = generated ? generated[0] : 0;
	column->comment = reader_text(reader, statement, 6);
	column->collation = (uint32_t)sqlite3_column_int64(statement, 8);
}

static bool read_column_facts(struct schema_reader *reader,
			      struct schema_table *table)
{
	sqlite3_stmt *statement = prepare_once(
		reader, ASK_COLUMN_FACTS,
			"SELECT name, type, typmod, default_text, identity,"
			" generated, comment, position, collation FROM"
			" @._weir_column WHERE parent = ?1");

	if (!statement)
		return false;
	sqlite3_bind_int64(statement, 1, table->oid);
	while (reader_step(reader, statement)) {
		const char *name = (const char *)
			sqlite3_column_text(statement, 0);
		const struct schema_column *found =
			schema_find_column(table, name);

		if (found)
			apply_column_fact(reader, statement,
				&table->columns[found->number - 1]);
		if (sqlite3_column_int(statement, 7) > table->attribute_count)
			table->attribute_count =
				(int16_t)sqlite3_column_int(statement, 7);
	}
	sqlite3_reset(statement);
	return !reader_failed(reader);
}

/* --- constraints and indexes -------------------------------------------- */

/* Names to column numbers; false when a column is gone. */
static bool column_numbers(struct schema_reader *reader,
			   const struct schema_table *table,
			   const char *joined, int16_t **ret_numbers,
			   int *ret_count)
{
	const char **names;
	int count = facts_split(reader->arena, joined, &names);
	int16_t *numbers = arena_alloc(reader->arena, ((size_t)count + 1) *
						      sizeof(*numbers));

	for (int i = 0; i < count; i++) {
		const struct schema_column *column =
			schema_find_column(table, names[i]);

		if (!column)
			return false;
		numbers[i] = column->number;
	}
	*ret_numbers = numbers;
	*ret_count = count;
	return true;
}

static char first_letter(sqlite3_stmt *statement, int column, char otherwise)
{
	const unsigned char *text = sqlite3_column_text(statement, column);

	return text && text[0] ? (char)text[0] : otherwise;
}

static void add_constraint(struct schema_reader *reader,
			   sqlite3_stmt *statement, struct schema_table *table,
			   int *capacity)
{
	struct schema_constraint row = { 0 };

	if (!column_numbers(reader, table, reader_text(reader, statement, 3),
			    &row.columns, &row.column_count))
		return;
	row.oid = (uint32_t)sqlite3_column_int64(statement, 0);
	row.name = reader_text(reader, statement, 1);
	row.kind = (enum constraint_kind)first_letter(statement, 2, 'c');
	row.check_text = reader_text(reader, statement, 4);
	row.foreign_table = reader_text(reader, statement, 5);
	row.foreign_schema = reader_text(reader, statement, 6);
	row.foreign_names = reader_text(reader, statement, 7);
	row.on_update = first_letter(statement, 8, 'a');
	row.on_delete = first_letter(statement, 9, 'a');
	row.deferrable = sqlite3_column_int(statement, 10);
	row.deferred = sqlite3_column_int(statement, 11);
	row.comment = reader_text(reader, statement, 12);
	row.not_valid = sqlite3_column_int(statement, 13);
	row.match_full = sqlite3_column_int(statement, 14);
	*(struct schema_constraint *)reader_append(
		reader, (void **)&table->constraints, &table->constraint_count,
		capacity, sizeof(row)) = row;
}

static bool read_constraints(struct schema_reader *reader,
			     struct schema_table *table)
{
	return read_facts(
		reader, table, ASK_CONSTRAINTS,
		"SELECT c.oid, c.name, c.kind, c.columns, c.check_text,"
		" t.name, t.namespace, c.foreign_columns, c.on_update,"
		" c.on_delete, c.is_deferrable, c.is_deferred, c.comment,"
		" c.not_valid, c.match_full"
		" FROM @._weir_constraint c LEFT JOIN @._weir_object t"
		" ON t.oid = c.foreign_table WHERE c.parent = ?1"
		" ORDER BY c.position", add_constraint);
}

/* Keys are written as four texts each: flags, column, expression, operator
 * class (ddl_facts.c). */
static bool read_keys(struct schema_reader *reader,
		      const struct schema_table *table, const char *joined,
		      struct schema_index *row)
{
	struct arena *arena = reader->arena;
	const char **items;
	int count = facts_split(arena, joined, &items) / 4;
	size_t room = (size_t)count + 1;

	row->column_count = count;
	row->columns = arena_alloc(arena, room * sizeof(*row->columns));
	row->descending = arena_alloc(arena, room);
	row->nulls_first = arena_alloc(arena, room);
	row->expressions = arena_alloc(arena, room * sizeof(char *));
	row->operator_classes = arena_alloc(arena, room * sizeof(char *));
	row->types = arena_alloc(arena, room * sizeof(*row->types));
	for (int i = 0; i < count; i++) {
		const char **item = items + (size_t)i * 4;
		const struct schema_column *column =
			schema_find_column(table, item[1]);

		row->descending[i] = strchr(item[0], 'd') != NULL;
		row->nulls_first[i] = strchr(item[0], 'f') != NULL;
		row->operator_classes[i] = item[3][0] ? item[3] : NULL;
		if (item[2][0]) {
			row->expressions[i] = item[2];
			row->types[i] = (uint32_t)strtoul(item[1], NULL, 10);
		} else if (column) {
			row->columns[i] = column->number;
		} else {
			return false;
		}
	}
	return true;
}

static void add_index(struct schema_reader *reader, sqlite3_stmt *statement,
		      struct schema_table *table, int *capacity)
{
	const struct schema_constraint *serves;
	struct schema_index row = { 0 };

	if (!read_keys(reader, table, reader_text(reader, statement, 5), &row))
		return;
	row.oid = (uint32_t)sqlite3_column_int64(statement, 0);
	row.name = reader_text(reader, statement, 1);
	row.unique = sqlite3_column_int(statement, 2);
	row.primary = sqlite3_column_int(statement, 3);
	row.method = reader_text(reader, statement, 4);
	row.key_count = row.column_count - sqlite3_column_int(statement, 6);
	row.predicate = reader_text(reader, statement, 7);
	row.constraint = reader_text(reader, statement, 8);
	row.comment = reader_text(reader, statement, 9);
	row.nulls_equal = sqlite3_column_int(statement, 10);
	row.options = reader_text(reader, statement, 11);
	serves = row.constraint ?
		schema_find_constraint(table, row.constraint) : NULL;
	row.late = serves && serves->deferrable;
	*(struct schema_index *)reader_append(
		reader, (void **)&table->indexes, &table->index_count,
		capacity, sizeof(row)) = row;
}

static bool read_indexes(struct schema_reader *reader,
			 struct schema_table *table)
{
	return read_facts(reader, table, ASK_INDEXES,
			  "SELECT oid, name, is_unique, is_primary, method,"
			  " keys, included, predicate, serves, comment,"
			  " nulls_equal, options"
			  " FROM @._weir_index WHERE parent = ?1"
			  " ORDER BY position", add_index);
}

/* --- one table ---------------------------------------------------------- */

/* A view of another program's has no Postgres text to show or compile; its
 * rows are all that can be had. */
static bool read_adopted(struct schema_reader *reader,
			 struct schema_table *table)
{
	table->adopted = true;
	table->schema = strcmp(reader->database, "temp") == 0 ?
			SCHEMA_TEMP : "public";
	table->name = table->lite_name;
	table->oid = schema_derived_oid('t', table->name, "");
	table->type_oid = schema_derived_oid('r', table->name, "");
	table->array_oid = schema_derived_oid('a', table->name, "");
	if (table->kind == 'v')
		return true;
	return schema_adopt(reader, table);
}

/* Columns that nothing is known of come last. */
static void number_attributes(struct schema_table *table)
{
	for (int i = 0; i < table->column_count; i++)
		if (!table->columns[i].attribute)
			table->columns[i].attribute = ++table->attribute_count;
}

static enum on_commit on_commit_of(const char *text)
{
	return strcmp(text, FACTS_ON_COMMIT_DROP) == 0 ? ON_COMMIT_DROP :
	       strcmp(text, FACTS_ON_COMMIT_DELETE_ROWS) == 0 ?
	       ON_COMMIT_DELETE_ROWS : ON_COMMIT_NOTHING;
}

static bool read_table(struct schema_reader *reader,
		       struct schema_table *table, bool without_rowid,
		       bool strict)
{
	table->foreign = !table->oid ||
			 (table->kind == 'r' && table->view_text &&
			  strcmp(table->view_text, FACTS_FOREIGN) == 0);
	if (table->kind == 'r' && table->view_text)
		table->on_commit = on_commit_of(table->view_text);
	if (table->kind == 'r')
		table->view_text = NULL;
	if (table->kind == 'v' && table->oid && table->view_text ?
	    !read_view_columns(reader, table) :
	    !read_columns(reader, table, without_rowid))
		return false;
	if (table->foreign)
		schema_foreign_finish(reader, table, without_rowid, strict);
	if (table->oid && !read_column_facts(reader, table))
		return false;
	number_attributes(table);
	if (!table->oid)
		return read_adopted(reader, table);
	return read_constraints(reader, table) && read_indexes(reader, table);
}

static const char *tables_query(const struct schema_reader *reader)
{
	if (!reader->has_facts)
		return "SELECT l.name, l.type, l.wr, m.sql,"
		       " NULL, NULL, NULL, NULL, NULL, NULL, NULL, l.strict,"
		       " NULL"
		       " FROM pragma_table_list l JOIN @.sqlite_master m"
		       " ON m.name = l.name AND m.type IN ('table', 'view')"
		       " WHERE l.schema = '@' ORDER BY m.rowid";
	/* names with a dot are those of other schemas */
	return "WITH o AS MATERIALIZED (SELECT *, CASE WHEN namespace IN"
	       " ('public', '" SCHEMA_TEMP "') THEN name"
	       " ELSE namespace || '.' || name END AS lite_name"
	       " FROM @._weir_object WHERE kind IN"
	       " ('table', 'view', 'matview', 'unfilled'))"
	       " SELECT l.name, l.type, l.wr, m.sql, o.oid, o.namespace,"
	       " o.name, o.row_type, o.array_type, o.text, o.comment,"
	       " l.strict, o.kind"
	       " FROM pragma_table_list l JOIN @.sqlite_master m"
	       " ON m.name = l.name AND m.type IN ('table', 'view')"
	       " LEFT JOIN o ON o.lite_name = l.name"
	       " WHERE l.schema = '@' ORDER BY m.rowid";
}

static bool read_table_row(struct schema_reader *reader,
			   sqlite3_stmt *statement)
{
	struct schema *schema = reader->schema;
	const char *name = reader_text(reader, statement, 0);
	const char *type = (const char *)sqlite3_column_text(statement, 1);
	const char *kind = (const char *)sqlite3_column_text(statement, 12);
	struct schema_table table = { 0 };

	if (facts_name_is_reserved(name) || strcmp(type, "shadow") == 0)
		return true;
	table.lite_name = name;
	table.lite_database = strcmp(reader->database, "temp") == 0 ?
			      "temp" : "main";
	table.kind = strcmp(type, "view") == 0 ? 'v' : kind && (
		     strcmp(kind, "matview") == 0 ||
		     strcmp(kind, "unfilled") == 0) ? 'm' : 'r';
	table.unpopulated = kind && strcmp(kind, "unfilled") == 0;
	table.lite_sql = reader_text(reader, statement, 3);
	table.oid = (uint32_t)sqlite3_column_int64(statement, 4);
	table.schema = reader_text(reader, statement, 5);
	table.name = reader_text(reader, statement, 6);
	table.type_oid = (uint32_t)sqlite3_column_int64(statement, 7);
	table.array_oid = (uint32_t)sqlite3_column_int64(statement, 8);
	table.view_text = reader_text(reader, statement, 9);
	table.comment = reader_text(reader, statement, 10);
	if (!read_table(reader, &table, sqlite3_column_int(statement, 2),
			sqlite3_column_int(statement, 11)))
		return !reader_failed(reader);
	*(struct schema_table *)reader_append(
		reader, (void **)&schema->tables, &schema->table_count,
		&reader->table_capacity, sizeof(table)) = table;
	return true;
}

static bool read_tables(struct schema_reader *reader)
{
	sqlite3_stmt *statement = reader_prepare(reader, tables_query(reader));
	bool good = statement != NULL;

	while (good && reader_step(reader, statement))
		good = read_table_row(reader, statement);
	sqlite3_finalize(statement);
	forget_questions(reader);
	return good && !reader_failed(reader);
}

/* --- the whole ---------------------------------------------------------- */

static bool find_facts(struct schema_reader *reader)
{
	sqlite3_stmt *statement = reader_prepare(
		reader, "SELECT 1 FROM @.sqlite_master"
			" WHERE name = '_weir_object'");

	reader->has_facts = statement && reader_step(reader, statement);
	sqlite3_finalize(statement);
	return !reader_failed(reader);
}

static bool read_next_oid(struct schema_reader *reader)
{
	sqlite3_stmt *statement = reader_prepare(
		reader, "SELECT max(next) FROM @._weir_oid");

	reader->schema->next_oid = OID_USER_FIRST;
	if (statement && reader_step(reader, statement) &&
	    sqlite3_column_int64(statement, 0) > OID_USER_FIRST)
		reader->schema->next_oid =
			(uint32_t)sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return !reader_failed(reader);
}

static bool read_database(struct schema_reader *reader, const char *database)
{
	bool main = strcmp(database, "main") == 0;

	reader->database = database;
	if (!find_facts(reader))
		return false;
	if (main && (!schema_note_triggers(reader) ||
		     !schema_read_declarations(reader)))
		return false;
	if (main)
		reader->schema->has_facts = reader->has_facts;
	if (main && reader->has_facts && !read_next_oid(reader))
		return false;
	if (reader->has_facts &&
	    (!reader_objects(reader) || !reader_sequences(reader)))
		return false;
	if (!read_tables(reader))
		return false;
	if (main)
		schema_note_declarations(reader);
	return true;
}

static void add_catalogs(struct schema_reader *reader)
{
	struct schema *schema = reader->schema;
	int count;
	const struct schema_table *catalogs = catalog_schema_tables(&count);
	size_t bytes = (size_t)count * sizeof(*catalogs);

	schema->tables = arena_alloc(reader->arena, bytes * 2);
	memcpy(schema->tables, catalogs, bytes);
	schema->table_count = count;
	reader->table_capacity = count * 2;
}

/* REFERENCES without columns means the primary key. */
static const char *primary_names(struct schema_reader *reader,
				 const struct schema_table *table)
{
	for (int i = 0; i < table->constraint_count; i++) {
		const struct schema_constraint *row = &table->constraints[i];
		const char **names;

		if (row->kind != CONSTRAINT_PRIMARY)
			continue;
		names = arena_alloc(reader->arena, (size_t)row->column_count *
						   sizeof(*names));
		for (int j = 0; j < row->column_count; j++)
			names[j] = table->columns[row->columns[j] - 1].name;
		return facts_join(reader->arena, names, row->column_count);
	}
	return "";
}

/* A foreign key names a table by OID and its columns by name; both can be
 * resolved only when all tables are there. */
static void resolve_foreign(struct schema_reader *reader,
			    struct schema_constraint *row)
{
	const struct schema_table *table;
	int count;

	if (row->kind != CONSTRAINT_FOREIGN || row->foreign_columns ||
	    !row->foreign_table)
		return;
	table = schema_find_table(reader->schema, NULL, row->foreign_schema,
				  row->foreign_table);
	if (table && !row->foreign_names)
		row->foreign_names = primary_names(reader, table);
	if (table)
		column_numbers(reader, table, row->foreign_names,
			       &row->foreign_columns, &count);
	if (!row->foreign_columns)
		row->foreign_columns = arena_alloc(
			reader->arena, ((size_t)row->column_count + 1) *
				       sizeof(*row->foreign_columns));
}

static void link_columns(struct schema_reader *reader)
{
	struct schema *schema = reader->schema;

	for (int i = 0; i < schema->table_count; i++)
		for (int j = 0; j < schema->tables[i].constraint_count; j++)
			resolve_foreign(reader,
					&schema->tables[i].constraints[j]);
	for (int i = 0; i < schema->sequence_count; i++) {
		const struct schema_sequence *row = &schema->sequences[i];
		const struct schema_table *table;
		const struct schema_column *column;

		if (!row->owner_table || !row->owner_column)
			continue;
		table = schema_find_table(schema, NULL, row->schema,
					  row->owner_table);
		column = table ? schema_find_column(table, row->owner_column)
			       : NULL;
		if (column)
			table->columns[column->number - 1].sequence = row->name;
	}
}

/* Read first: what changes while the rest is read is then seen as changed. */
static bool read_version(struct schema_reader *reader)
{
	return schema_file_version(reader->db, &reader->schema->file_version) ||
	       error_set(reader->error, SQLSTATE_INTERNAL,
			 "could not read the schema: %s",
			 sqlite3_errmsg(reader->db));
}

bool schema_file_version(sqlite3 *db, int *ret_version)
{
	sqlite3_stmt *statement = NULL;
	bool found;

	sqlite3_prepare_v2(db, "PRAGMA main.schema_version", -1, &statement,
			   NULL);
	found = statement && sqlite3_step(statement) == SQLITE_ROW;
	if (found)
		*ret_version = sqlite3_column_int(statement, 0);
	sqlite3_finalize(statement);
	return found;
}

int schema_load(sqlite3 *db, uint64_t generation, struct schema **ret_schema,
		struct error *error)
{
	struct schema *schema = schema_new();
	struct schema_reader reader = {
		.db = db, .schema = schema, .arena = &schema->arena,
		.error = error,
	};

	*error = (struct error){ 0 };
	schema->generation = generation;
	schema->next_oid = OID_USER_FIRST;
	add_catalogs(&reader);
	reader_namespaces(&reader);
	reader_extensions(&reader);
	if (!read_version(&reader) || !read_database(&reader, "main") ||
	    !read_database(&reader, "temp")) {
		schema_unref(&schema);
		return SQLITE_ERROR;
	}
	schema_finish(schema);
	link_columns(&reader);
	schema_type_views(&reader);
	*ret_schema = schema;
	return SQLITE_OK;
}
