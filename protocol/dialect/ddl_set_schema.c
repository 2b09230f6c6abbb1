/*
 * ALTER ... SET SCHEMA: a table with its indexes and the sequences that its
 * columns own; views, sequences and types. Inside SQLite a schema is a part of
 * the name; types and sequences have no name there, but are named in texts.
 */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/ddl_state.h"

static bool check_free(struct ddl *ddl, const char *schema, const char *name)
{
	if (!ddl_name_taken(ddl, schema, name))
		return ddl_check_case(ddl, schema, name);
	return error_set(ddl->error, SQLSTATE_DUPLICATE_TABLE,
			 "relation \"%s\" already exists in schema \"%s\"",
			 name, schema);
}

static bool check_schema(struct ddl *ddl, const char *schema)
{
	if (!schema_find_namespace(ddl->schema, schema))
		return error_set(ddl->error, SQLSTATE_INVALID_SCHEMA,
				 "schema \"%s\" does not exist", schema);
	if (strncmp(schema, "pg_", 3) == 0 ||
	    strcmp(schema, "information_schema") == 0)
		return ddl_unsupported(ddl, "moving an object into a system "
					    "schema is");
	return true;
}

static bool check_table(struct ddl *ddl, const struct schema_table *table,
			const char *schema)
{
	if (table->foreign || table->adopted ||
	    strcmp(table->lite_database, "main") != 0)
		return ddl_unsupported(ddl, "SET SCHEMA of this relation is");
	if (ddl_view_on(ddl, table, NULL))
		return ddl_unsupported(ddl, "SET SCHEMA of what a view uses "
					    "is");
	return check_free(ddl, schema, table->name);
}

static bool move_indexes(struct ddl *ddl, const struct schema_table *table,
			 const struct schema_table *next)
{
	for (int i = 0; i < table->index_count; i++) {
		const struct schema_index *row = &table->indexes[i];

		if (!check_free(ddl, next->schema, row->name))
			return false;
		lite_drop_index(ddl, table, row);
		if (!lite_make_index(ddl, next, row))
			return false;
	}
	return true;
}

static void move_object(struct ddl *ddl, uint32_t oid, const char *schema)
{
	ddl_step(ddl, "UPDATE main._weir_object SET namespace = %s"
		 " WHERE oid = %u", print_text(ddl->arena, schema), oid);
}

/* The sequences that its columns own, and the defaults that name them. */
static bool move_sequences(struct ddl *ddl, const struct schema_table *table,
			   struct schema_table *next)
{
	for (int i = 0; i < ddl->schema->sequence_count; i++) {
		const struct schema_sequence *row = &ddl->schema->sequences[i];

		if (!row->owner_table || strcmp(row->schema, table->schema) ||
		    strcmp(row->owner_table, table->name))
			continue;
		if (!check_free(ddl, next->schema, row->name) ||
		    !sequence_renamed(ddl, row, next->schema, row->name,
				      next))
			return false;
		move_object(ddl, row->oid, next->schema);
	}
	return true;
}

static void point_to_itself(struct schema_table *next,
			    const struct schema_table *table)
{
	for (int i = 0; i < next->constraint_count; i++) {
		struct schema_constraint *row = &next->constraints[i];

		if (row->kind == CONSTRAINT_FOREIGN &&
		    ddl_points_to(row, table))
			row->foreign_schema = next->schema;
	}
}

static bool move_table(struct ddl *ddl, const struct schema_table *table,
		       const char *schema)
{
	struct schema_table *next = table_copy(ddl, table, 0);

	if (strcmp(table->schema, schema) == 0)
		return true;
	if (!check_table(ddl, table, schema))
		return false;
	next->schema = schema;
	next->lite_name = facts_lite_name(ddl->arena, schema, table->name);
	if (table->kind == 'v')
		return ddl_move_view(ddl, table, next);
	ddl_step(ddl, "ALTER TABLE %s RENAME TO %s",
		 print_table(ddl->arena, table),
		 print_name(ddl->arena, next->lite_name));
	if (!move_indexes(ddl, table, next) ||
	    !move_sequences(ddl, table, next))
		return false;
	point_to_itself(next, table);
	facts_write_table(ddl, next);
	return true;
}

static bool move_sequence(struct ddl *ddl, const struct schema_sequence *row,
			  const char *schema)
{
	if (row->owner_table) {
		error_set(ddl->error, SQLSTATE_FEATURE_NOT_SUPPORTED,
			  "cannot move an owned sequence into another schema");
		error_detail(ddl->error,
			     "Sequence \"%s\" is linked to table \"%s\".",
			     row->name, row->owner_table);
		return false;
	}
	if (strcmp(row->schema, schema) == 0)
		return true;
	if (row->temporary)
		return ddl_unsupported(ddl, "SET SCHEMA of this relation is");
	if (!check_free(ddl, schema, row->name) ||
	    !sequence_renamed(ddl, row, schema, row->name, NULL))
		return false;
	move_object(ddl, row->oid, schema);
	return true;
}

/* Words of error messages; Postgres lets ALTER TABLE move views and sequences
 * too. */
static bool check_kind(struct ddl *ddl, ObjectType type,
		       const struct schema_table *table, const char *name)
{
	const char *kind = table ? ddl_kind_word(table) : "sequence";
	const char *wanted = type == OBJECT_SEQUENCE ? "sequence" :
			     type == OBJECT_VIEW ? "view" :
			     type == OBJECT_MATVIEW ? "materialized view" :
			     kind;

	return strcmp(kind, wanted) == 0 ||
	       error_set(ddl->error, "42809", "\"%s\" is not a %s", name,
			 wanted);
}

static bool move_relation(struct ddl *ddl, AlterObjectSchemaStmt *node)
{
	const RangeVar *name = node->relation;
	const struct schema_sequence *sequence = schema_sequence_by_oid(
		ddl->schema, relation_oid(ddl->schema,
			ddl->state->session->search_path, name->schemaname,
			name->relname));
	const struct schema_table *table = NULL;
	bool failed = false;

	if (!sequence)
		table = ddl_find_table(ddl, name, NULL, node->missing_ok,
				       &failed);
	if (!sequence && !table)
		return !failed;
	if (!check_kind(ddl, node->objectType, table, name->relname) ||
	    !check_schema(ddl, node->newschema))
		return false;
	return sequence ? move_sequence(ddl, sequence, node->newschema) :
			  move_table(ddl, table, node->newschema);
}

static bool check_type_free(struct ddl *ddl, const char *schema,
			    const char *name)
{
	return !ddl_type_taken(ddl, schema, name) ||
	       error_set(ddl->error, SQLSTATE_DUPLICATE_OBJECT,
			 "type \"%s\" already exists in schema \"%s\"", name,
			 schema);
}

static bool move_type(struct ddl *ddl, AlterObjectSchemaStmt *node)
{
	const char *schema = node->newschema;
	const struct schema_enum *labels;
	const struct schema_domain *domain;

	if (!ddl_find_type(ddl, (List *)node->object, &labels, &domain))
		return false;
	if (node->objectType == OBJECT_DOMAIN && !domain)
		return error_set(ddl->error, "42809", "%s is not a domain",
				 strVal(llast((List *)node->object)));
	if (!check_schema(ddl, schema))
		return false;
	if (domain)
		return ddl_unsupported(ddl, "SET SCHEMA of a domain is");
	if (strcmp(labels->schema, schema) == 0)
		return true;
	if (!check_type_free(ddl, schema, labels->name) ||
	    !ddl_type_renamed(ddl, labels, schema, labels->name))
		return false;
	move_object(ddl, labels->oid, schema);
	return true;
}

bool ddl_set_schema(struct ddl *ddl, AlterObjectSchemaStmt *node)
{
	static const struct {
		ObjectType type;
		const char *tag;
		bool (*move)(struct ddl *, AlterObjectSchemaStmt *);
	} kinds[] = {
		{ OBJECT_TABLE, "ALTER TABLE", move_relation },
		{ OBJECT_VIEW, "ALTER VIEW", move_relation },
		{ OBJECT_MATVIEW, "ALTER MATERIALIZED VIEW", move_relation },
		{ OBJECT_SEQUENCE, "ALTER SEQUENCE", move_relation },
		{ OBJECT_TYPE, "ALTER TYPE", move_type },
		{ OBJECT_DOMAIN, "ALTER DOMAIN", move_type },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (kinds[i].type != node->objectType)
			continue;
		ddl->compiled->tag = kinds[i].tag;
		return kinds[i].move(ddl, node);
	}
	return ddl_unsupported(ddl, "SET SCHEMA of this is");
}
