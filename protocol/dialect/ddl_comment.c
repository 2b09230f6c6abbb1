/*
 * COMMENT ON: a fact, nothing that SQLite sees.
 */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/ddl_state.h"

static RangeVar range_of(List *names, int count)
{
	RangeVar name = { .type = T_RangeVar };

	name.location = -1;
	name.relname = strVal(list_nth(names, count - 1));
	name.schemaname = count > 1 ? strVal(list_nth(names, count - 2)) :
				      NULL;
	return name;
}

static bool comment_object(struct ddl *ddl, const char *schema, uint32_t oid,
			   const char *text)
{
	ddl_step(ddl, "UPDATE %s._weir_object SET comment = %s WHERE oid = %u",
		 ddl_database(schema), ddl_text_or_null(ddl, text), oid);
	return true;
}

static bool comment_table(struct ddl *ddl, List *names, const char *text)
{
	RangeVar name = range_of(names, list_length(names));
	bool failed;
	const struct schema_table *table = ddl_find_table(ddl, &name, NULL,
							  false, &failed);
	struct schema_table *next;

	if (!table)
		return false;
	next = table_copy(ddl, table, 0);
	next->comment = text;
	if (table->adopted) {
		facts_write_table(ddl, next);
		return true;
	}
	return comment_object(ddl, table->schema, table->oid, text);
}

static bool comment_column(struct ddl *ddl, List *names, const char *text)
{
	RangeVar name = range_of(names, list_length(names) - 1);
	bool failed;
	const struct schema_table *table = ddl_find_table(ddl, &name, NULL,
							  false, &failed);
	const struct schema_column *column;
	struct schema_table *next;

	if (!table)
		return false;
	column = schema_find_column(table, strVal(llast(names)));
	if (!column)
		return error_set(ddl->error, SQLSTATE_UNDEFINED_COLUMN,
				 "column \"%s\" of relation \"%s\" does not "
				 "exist", strVal(llast(names)), table->name);
	next = table_copy(ddl, table, 0);
	next->columns[column->number - 1].comment = text;
	if (table->adopted)
		facts_write_table(ddl, next);
	else
		facts_write_columns(ddl, next);
	return true;
}

static bool comment_constraint(struct ddl *ddl, List *names, const char *text)
{
	RangeVar name = range_of(names, list_length(names) - 1);
	bool failed;
	const struct schema_table *table = ddl_find_table(ddl, &name, "table",
							  false, &failed);
	const struct schema_constraint *row;

	if (!table)
		return false;
	row = schema_find_constraint(table, strVal(llast(names)));
	if (!row)
		return error_set(ddl->error, SQLSTATE_UNDEFINED_OBJECT,
				 "constraint \"%s\" for table \"%s\" does not "
				 "exist", strVal(llast(names)), table->name);
	ddl_step(ddl, "UPDATE %s._weir_constraint SET comment = %s WHERE "
		 "oid = %u", ddl_database(table->schema),
		 ddl_text_or_null(ddl, text), row->oid);
	return true;
}

static bool comment_relation(struct ddl *ddl, List *names, const char *text)
{
	RangeVar name = range_of(names, list_length(names));
	uint32_t oid = relation_oid(ddl->schema,
				    ddl->state->session->search_path,
				    name.schemaname, name.relname);
	const struct schema_table *table;

	if (!oid)
		return error_set(ddl->error, SQLSTATE_UNDEFINED_TABLE,
				 "relation \"%s\" does not exist",
				 name.relname);
	if (schema_index_by_oid(ddl->schema, oid, &table))
		ddl_step(ddl, "UPDATE %s._weir_index SET comment = %s WHERE "
			 "oid = %u", ddl_database(table->schema),
			 ddl_text_or_null(ddl, text), oid);
	else
		comment_object(ddl, "public", oid, text);
	return true;
}

static bool comment_type(struct ddl *ddl, TypeName *type, const char *text)
{
	const struct schema_enum *row;
	const struct schema_domain *domain;

	if (!ddl_find_type(ddl, type->names, &row, &domain))
		return false;
	if (domain)
		return comment_object(ddl, domain->schema, domain->oid, text);
	return comment_object(ddl, row->schema, row->oid, text);
}

static bool comment_schema(struct ddl *ddl, const char *name, const char *text)
{
	const struct schema_namespace *row =
		schema_find_namespace(ddl->schema, name);

	if (!row)
		return error_set(ddl->error, SQLSTATE_INVALID_SCHEMA,
				 "schema \"%s\" does not exist", name);
	return comment_object(ddl, "public", row->oid, text);
}

static bool comment_extension(struct ddl *ddl, const char *name,
			      const char *text)
{
	const struct schema_extension *row =
		schema_find_extension(ddl->schema, name);

	if (!row)
		return error_set(ddl->error, SQLSTATE_UNDEFINED_OBJECT,
				 "extension \"%s\" does not exist", name);
	return comment_object(ddl, "public", row->oid, text);
}

bool ddl_comment(struct ddl *ddl, CommentStmt *node)
{
	const char *text = node->comment && node->comment[0] ? node->comment :
							       NULL;

	ddl->compiled->tag = "COMMENT";
	switch (node->objtype) {
	case OBJECT_TABLE:
	case OBJECT_VIEW:
	case OBJECT_MATVIEW:
		return comment_table(ddl, (List *)node->object, text);
	case OBJECT_COLUMN:
		return comment_column(ddl, (List *)node->object, text);
	case OBJECT_TABCONSTRAINT:
		return comment_constraint(ddl, (List *)node->object, text);
	case OBJECT_INDEX:
	case OBJECT_SEQUENCE:
		return comment_relation(ddl, (List *)node->object, text);
	case OBJECT_TYPE:
	case OBJECT_DOMAIN:
		return comment_type(ddl, (TypeName *)node->object, text);
	case OBJECT_SCHEMA:
		return comment_schema(ddl, strVal(node->object), text);
	case OBJECT_EXTENSION:
		return comment_extension(ddl, strVal(node->object), text);
	case OBJECT_DATABASE:
	case OBJECT_ROLE:
		return true;	/* nothing here that could carry one */
	default:
		return ddl_unsupported(ddl, "a comment on this kind of object "
					    "is");
	}
}
