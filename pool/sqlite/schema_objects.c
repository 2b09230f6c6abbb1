/*
 * What of a file's schema has no columns: namespaces, extensions, enums,
 * domains, sequences.
 */
#include "pool/sqlite/schema_reader.h"

#include <stdlib.h>
#include <strings.h>

#include "protocol/dialect/schema_facts.h"
#include "protocol/type.h"

static bool read_labels(struct schema_reader *reader, struct schema_enum *row)
{
	sqlite3_stmt *statement = reader_prepare(
		reader, "SELECT label FROM @._weir_enum WHERE parent=?1 "
			"ORDER BY position");
	int capacity = 0;

	if (!statement)
		return false;
	sqlite3_bind_int64(statement, 1, row->oid);
	while (reader_step(reader, statement)) {
		const char **label = reader_append(
			reader, (void **)&row->labels, &row->label_count,
			&capacity, sizeof(*row->labels));

		*label = reader_text(reader, statement, 0);
	}
	sqlite3_finalize(statement);
	return !reader_failed(reader);
}

static void add_namespace(struct schema_reader *reader, uint32_t oid,
			  const char *name, const char *comment)
{
	struct schema *schema = reader->schema;
	struct schema_namespace *row = reader_append(
		reader, (void **)&schema->namespaces, &schema->namespace_count,
		&reader->namespace_capacity, sizeof(*row));

	*row = (struct schema_namespace){ oid, name, comment };
}

static void add_extension(struct schema_reader *reader,
			  struct schema_extension extension)
{
	struct schema *schema = reader->schema;
	struct schema_extension *row = reader_append(
		reader, (void **)&schema->extensions, &schema->extension_count,
		&reader->extension_capacity, sizeof(*row));

	*row = extension;
}

static void add_enum(struct schema_reader *reader, sqlite3_stmt *statement)
{
	struct schema *schema = reader->schema;
	struct schema_enum *row = reader_append(
		reader, (void **)&schema->enums, &schema->enum_count,
		&reader->enum_capacity, sizeof(*row));

	row->oid = (uint32_t)sqlite3_column_int64(statement, 0);
	row->schema = reader_text(reader, statement, 2);
	row->name = reader_text(reader, statement, 3);
	row->array_oid = (uint32_t)sqlite3_column_int64(statement, 4);
	row->comment = reader_text(reader, statement, 5);
	read_labels(reader, row);
}

/* The text is that of ddl_domain.c. */
static void add_domain(struct schema_reader *reader, sqlite3_stmt *statement)
{
	struct schema *schema = reader->schema;
	struct schema_domain *row = reader_append(
		reader, (void **)&schema->domains, &schema->domain_count,
		&reader->domain_capacity, sizeof(*row));
	const char *text = reader_text(reader, statement, 6);
	const char **items;
	int count = facts_split(reader->arena, text ? text : "", &items);

	*row = (struct schema_domain){
		.oid = (uint32_t)sqlite3_column_int64(statement, 0),
		.schema = reader_text(reader, statement, 2),
		.name = reader_text(reader, statement, 3),
		.array_oid = (uint32_t)sqlite3_column_int64(statement, 4),
		.comment = reader_text(reader, statement, 5),
		.type = OID_TEXT, .typmod = -1,
	};
	if (count < 4)
		return;
	row->type = (uint32_t)strtoul(items[0], NULL, 10);
	row->typmod = (int32_t)strtol(items[1], NULL, 10);
	row->not_null = items[2][0];
	row->default_text = items[3][0] ? items[3] : NULL;
	row->check_count = (count - 4) / 2;
	row->checks = arena_alloc(reader->arena, sizeof(*row->checks) *
				  ((size_t)row->check_count + 1));
	for (int i = 0; i < row->check_count; i++)
		row->checks[i] = (struct schema_domain_check){
			items[4 + i * 2], items[5 + i * 2] };
}

static void add_object(struct schema_reader *reader, sqlite3_stmt *statement)
{
	const char *kind = (const char *)sqlite3_column_text(statement, 1);
	uint32_t oid = (uint32_t)sqlite3_column_int64(statement, 0);
	const char *name = reader_text(reader, statement, 3);
	const char *comment = reader_text(reader, statement, 5);

	if (strcmp(kind, "enum") == 0)
		add_enum(reader, statement);
	else if (strcmp(kind, "domain") == 0)
		add_domain(reader, statement);
	else if (strcmp(kind, "namespace") == 0)
		add_namespace(reader, oid, name, comment);
	else
		add_extension(reader, (struct schema_extension){
			oid, reader_text(reader, statement, 2), name,
			reader_text(reader, statement, 6), comment });
}

bool reader_objects(struct schema_reader *reader)
{
	sqlite3_stmt *statement = reader_prepare(
		reader, "SELECT oid, kind, namespace, name, array_type, comment,"
			" text FROM @._weir_object WHERE kind IN"
			" ('enum', 'domain', 'namespace', 'extension')"
			" ORDER BY oid");

	if (!statement)
		return false;
	while (reader_step(reader, statement))
		add_object(reader, statement);
	sqlite3_finalize(statement);
	return !reader_failed(reader);
}

bool reader_sequences(struct schema_reader *reader)
{
	sqlite3_stmt *statement = reader_prepare(
		reader,
		"SELECT s.oid, o.namespace, o.name, s.type, s.start,"
		" s.increment, s.minimum, s.maximum, s.cycle, t.name,"
		" s.owner_column, s.is_identity, o.comment,"
		" coalesce(o.text, 1)"
		" FROM @._weir_sequence s JOIN @._weir_object o"
		" ON o.oid = s.oid LEFT JOIN @._weir_object t"
		" ON t.oid = s.owner_table ORDER BY s.oid");
	struct schema *schema = reader->schema;

	if (!statement)
		return false;
	while (reader_step(reader, statement)) {
		struct schema_sequence *row = reader_append(
			reader, (void **)&schema->sequences,
			&schema->sequence_count, &reader->sequence_capacity,
			sizeof(*row));

		row->oid = (uint32_t)sqlite3_column_int64(statement, 0);
		row->schema = reader_text(reader, statement, 1);
		row->name = reader_text(reader, statement, 2);
		row->type = (uint32_t)sqlite3_column_int64(statement, 3);
		row->start = sqlite3_column_int64(statement, 4);
		row->increment = sqlite3_column_int64(statement, 5);
		row->minimum = sqlite3_column_int64(statement, 6);
		row->maximum = sqlite3_column_int64(statement, 7);
		row->cycle = sqlite3_column_int(statement, 8);
		row->owner_table = reader_text(reader, statement, 9);
		row->owner_column = reader_text(reader, statement, 10);
		row->identity = sqlite3_column_int(statement, 11);
		row->comment = reader_text(reader, statement, 12);
		row->cache = sqlite3_column_int64(statement, 13);
		row->temporary = strcmp(reader->database, "temp") == 0;
	}
	sqlite3_finalize(statement);
	return !reader_failed(reader);
}

void reader_namespaces(struct schema_reader *reader)
{
	add_namespace(reader, 11, "pg_catalog", "system catalog schema");
	add_namespace(reader, 2200, "public", "standard public schema");
	add_namespace(reader, 13207, "information_schema", NULL);
	add_namespace(reader, 99, "pg_toast",
		      "reserved schema for TOAST tables");
	add_namespace(reader, 16383, SCHEMA_TEMP, NULL);
}

void reader_extensions(struct schema_reader *reader)
{
	add_extension(reader, (struct schema_extension){
		13559, "pg_catalog", "plpgsql", "1.0",
		"PL/pgSQL procedural language" });
}
