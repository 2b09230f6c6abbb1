/*
 * Tables made by another program: keys, indexes and foreign keys as
 * SQLite's pragmas tell them, under the names that Postgres would have
 * given. Their CHECKs are enforced by SQLite but cannot be shown.
 */
#include "pool/sqlite/schema_reader.h"

#include "protocol/dialect/schema_facts.h"

struct adoption {
	struct schema_reader *reader;
	struct schema_table *table;
	int constraint_capacity;
	int index_capacity;
};

static struct schema_constraint *add_constraint(struct adoption *adoption,
						enum constraint_kind kind,
						const char *name)
{
	struct schema_table *table = adoption->table;
	struct schema_constraint *row = reader_append(
		adoption->reader, (void **)&table->constraints,
		&table->constraint_count, &adoption->constraint_capacity,
		sizeof(*row));

	row->kind = kind;
	row->name = name;
	row->oid = schema_derived_oid('c', table->name, name);
	row->on_update = row->on_delete = 'a';
	return row;
}

static struct schema_index *add_index(struct adoption *adoption,
				      const char *name, int columns)
{
	struct schema_table *table = adoption->table;
	struct arena *arena = adoption->reader->arena;
	size_t room = (size_t)columns + 1;
	struct schema_index *row = reader_append(
		adoption->reader, (void **)&table->indexes,
		&table->index_count, &adoption->index_capacity, sizeof(*row));

	row->name = name;
	row->oid = schema_derived_oid('i', table->name, name);
	row->method = "btree";
	row->column_count = row->key_count = columns;
	row->columns = arena_alloc(arena, room * sizeof(*row->columns));
	row->descending = arena_alloc(arena, room);
	row->nulls_first = arena_alloc(arena, room);
	row->expressions = arena_alloc(arena, room * sizeof(char *));
	row->operator_classes = arena_alloc(arena, room * sizeof(char *));
	row->types = arena_alloc(arena, room * sizeof(*row->types));
	return row;
}

/* "t_a_b_key": as Postgres names what has no name. */
static const char *key_name(struct adoption *adoption, const int16_t *columns,
			    int count, const char *suffix)
{
	const char *name = adoption->table->name;

	for (int i = 0; i < count; i++) {
		const struct schema_column *column;

		if (columns[i] < 1)
			continue;
		column = &adoption->table->columns[columns[i] - 1];
		name = arena_printf(adoption->reader->arena, "%s_%s", name,
				    column->name);
	}
	return arena_printf(adoption->reader->arena, "%s_%s", name, suffix);
}

/* The primary key that is the rowid has no index inside SQLite. */
static void adopt_rowid(struct adoption *adoption)
{
	struct schema_table *table = adoption->table;
	const char *name = arena_printf(adoption->reader->arena, "%s_pkey",
					table->name);

	for (int i = 0; i < table->column_count; i++) {
		struct schema_constraint *constraint;
		struct schema_index *index;

		if (!table->columns[i].rowid)
			continue;
		constraint = add_constraint(adoption, CONSTRAINT_PRIMARY, name);
		constraint->columns = arena_alloc(adoption->reader->arena,
						  sizeof(int16_t));
		constraint->columns[0] = table->columns[i].number;
		constraint->column_count = 1;
		index = add_index(adoption, name, 1);
		index->columns[0] = table->columns[i].number;
		index->unique = index->primary = true;
		index->constraint = name;
		/* SQLite numbers the rows where no value is given */
		table->columns[i].identity = 'd';
	}
}

static bool read_index_columns(struct adoption *adoption, const char *lite_name,
			       struct schema_index *row)
{
	sqlite3_stmt *statement = reader_prepare(
		adoption->reader,
		"SELECT cid, \"desc\" FROM pragma_index_xinfo(?1, '@')"
		" WHERE key ORDER BY seqno");
	int i = 0;

	if (!statement)
		return false;
	sqlite3_bind_text(statement, 1, lite_name, -1, SQLITE_STATIC);
	while (i < row->column_count &&
	       reader_step(adoption->reader, statement)) {
		int column = sqlite3_column_int(statement, 0);

		/* -2: an expression, of which SQLite gives no text */
		row->columns[i] = (int16_t)(column < 0 ? 0 : column + 1);
		row->expressions[i] = column < 0 ? "(expression)" : NULL;
		row->types[i] = column < 0 ? 25 : 0;
		row->descending[i] = sqlite3_column_int(statement, 1);
		row->nulls_first[i] = row->descending[i];
		i++;
	}
	sqlite3_finalize(statement);
	return adoption->reader->error->sqlstate[0] == 0;
}

static void name_index(struct adoption *adoption, struct schema_index *row,
		       char origin)
{
	struct schema_constraint *constraint;

	if (origin == 'c')
		return;
	row->name = origin == 'p' ?
		arena_printf(adoption->reader->arena, "%s_pkey",
			     adoption->table->name) :
		key_name(adoption, row->columns, row->column_count, "key");
	row->oid = schema_derived_oid('i', adoption->table->name, row->name);
	row->primary = origin == 'p';
	row->constraint = row->name;
	constraint = add_constraint(adoption, origin == 'p' ?
				    CONSTRAINT_PRIMARY : CONSTRAINT_UNIQUE_KEY,
				    row->name);
	constraint->columns = row->columns;
	constraint->column_count = row->column_count;
}

static void note_index(struct adoption *adoption,
		       const struct schema_index *row)
{
	bool shown = !row->predicate;

	for (int i = 0; i < row->column_count; i++)
		shown &= row->columns[i] != 0;
	if (!shown)
		schema_add_note(adoption->reader, adoption->table->name,
				arena_printf(adoption->reader->arena,
					"has the index \"%s\", whose "
					"expressions are not shown",
					row->name));
}

static bool adopt_indexes(struct adoption *adoption)
{
	sqlite3_stmt *statement = reader_prepare(
		adoption->reader,
		"SELECT l.name, l.\"unique\", substr(l.origin, 1, 1), l.partial,"
		" (SELECT count(*) FROM pragma_index_info(l.name, '@'))"
		" FROM pragma_index_list(?1, '@') l ORDER BY seq DESC");
	bool good = statement != NULL;

	if (!good)
		return false;
	sqlite3_bind_text(statement, 1, adoption->table->lite_name, -1,
			  SQLITE_STATIC);
	while (good && reader_step(adoption->reader, statement)) {
		const char *name = reader_text(adoption->reader, statement, 0);
		const char *origin = reader_text(adoption->reader, statement,
						 2);
		struct schema_index *row = add_index(
			adoption, name, sqlite3_column_int(statement, 4));

		row->unique = sqlite3_column_int(statement, 1);
		if (sqlite3_column_int(statement, 3))
			row->predicate = "(condition)";
		good = read_index_columns(adoption, name, row);
		note_index(adoption, row);
		name_index(adoption, row, origin[0]);
	}
	sqlite3_finalize(statement);
	return good && adoption->reader->error->sqlstate[0] == 0;
}

static char action_letter(const unsigned char *text)
{
	switch (text ? text[0] : 0) {
	case 'C':
		return 'c';
	case 'R':
		return 'r';
	case 'S':	/* SET NULL, SET DEFAULT */
		return strcmp((const char *)text, "SET NULL") == 0 ? 'n' : 'd';
	default:
		return 'a';
	}
}

/* One row per column; all rows of a key follow one another. */
static bool add_foreign_column(struct adoption *adoption,
			       sqlite3_stmt *statement,
			       struct schema_constraint *row)
{
	struct arena *arena = adoption->reader->arena;
	const char *from = reader_text(adoption->reader, statement, 2);
	const char *to = reader_text(adoption->reader, statement, 3);
	const struct schema_column *column =
		from ? schema_find_column(adoption->table, from) : NULL;
	int16_t *columns = arena_alloc(arena, ((size_t)row->column_count + 1) *
					      sizeof(*columns));

	if (!column)
		return false;
	if (row->column_count)
		memcpy(columns, row->columns,
		       (size_t)row->column_count * sizeof(*columns));
	columns[row->column_count++] = column->number;
	row->columns = columns;
	if (to) {	/* NULL: the primary key, whatever it is */
		const char *quoted = facts_join(arena, &to, 1);

		row->foreign_names = row->foreign_names ?
			arena_printf(arena, "%s,%s", row->foreign_names,
				     quoted) : quoted;
	}
	return true;
}

static bool adopt_foreign_keys(struct adoption *adoption)
{
	sqlite3_stmt *statement = reader_prepare(
		adoption->reader,
		"SELECT id, \"table\", \"from\", \"to\", on_update, on_delete"
		" FROM pragma_foreign_key_list(?1, '@') ORDER BY id DESC, seq");
	struct schema_constraint *row = NULL;
	int last = -1;

	if (!statement)
		return false;
	sqlite3_bind_text(statement, 1, adoption->table->lite_name, -1,
			  SQLITE_STATIC);
	while (reader_step(adoption->reader, statement)) {
		if (!row || sqlite3_column_int(statement, 0) != last) {
			row = add_constraint(adoption, CONSTRAINT_FOREIGN, "");
			row->foreign_schema = "public";
			row->foreign_table = reader_text(adoption->reader,
							 statement, 1);
			row->on_update = action_letter(
				sqlite3_column_text(statement, 4));
			row->on_delete = action_letter(
				sqlite3_column_text(statement, 5));
		}
		last = sqlite3_column_int(statement, 0);
		add_foreign_column(adoption, statement, row);
		row->name = key_name(adoption, row->columns, row->column_count,
				     "fkey");
		row->oid = schema_derived_oid('c', adoption->table->name,
					      row->name);
	}
	sqlite3_finalize(statement);
	return adoption->reader->error->sqlstate[0] == 0;
}

bool schema_adopt(struct schema_reader *reader, struct schema_table *table)
{
	struct adoption adoption = { .reader = reader, .table = table };

	adopt_rowid(&adoption);
	return adopt_indexes(&adoption) && adopt_foreign_keys(&adoption);
}
