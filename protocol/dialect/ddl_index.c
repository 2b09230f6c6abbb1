/*
 * CREATE INDEX. Methods that SQLite does not have are accepted: such an index
 * is shown as it was asked for, and finds nothing faster.
 */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/ddl_state.h"
#include "protocol/dialect/ddl_text.h"
#include "protocol/dialect/immutable.h"
#include "protocol/dialect/index_name.h"
#include "protocol/type.h"

static bool check_method(struct ddl *ddl, const char *method)
{
	static const char *const known[] = {
		"btree", "hash", "gin", "gist", "spgist", "brin",
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (strcmp(known[i], method) == 0)
			return true;
	return error_set(ddl->error, SQLSTATE_UNDEFINED_OBJECT,
			 "access method \"%s\" does not exist", method);
}

static bool read_expression(struct ddl *ddl, const struct schema_table *table,
			    Node *expression, struct schema_index *row, int i)
{
	struct ddl_text print = {
		.arena = ddl->arena, .schema = ddl->schema, .table = table,
		.error = ddl->error, .types = ddl->state->session->types,
		.state = ddl->state,
	};

	if (!check_immutable(ddl->state, expression, table,
			     "index expressions",
			     "functions in index expression must be marked IMMUTABLE") ||
	    !compile_expr_type(ddl->state, expression, table,
			       &row->types[i]))
		return false;
	row->expressions[i] = ddl_text_print(&print, expression, OID_TEXT);
	return row->expressions[i] != NULL;
}

static bool read_key(struct ddl *ddl, const struct schema_table *table,
		     IndexElem *node, struct schema_index *row, int i)
{
	const struct schema_column *column;
	uint32_t ignored;

	if (node->collation && !compile_collation(ddl->state, node->collation,
						  -1, &ignored))
		return false;
	row->descending[i] = node->ordering == SORTBY_DESC;
	row->nulls_first[i] = node->nulls_ordering == SORTBY_NULLS_FIRST ||
			      (row->descending[i] && node->nulls_ordering !=
						     SORTBY_NULLS_LAST);
	if (node->opclass)
		row->operator_classes[i] = strVal(llast(node->opclass));
	if (!node->name)
		return read_expression(ddl, table, node->expr, row, i);
	column = schema_find_column(table, node->name);
	if (!column)
		return error_set(ddl->error, SQLSTATE_UNDEFINED_COLUMN,
				 "column \"%s\" does not exist", node->name);
	row->columns[i] = column->number;
	return true;
}

/* "t_a_lower_idx": columns by their names, expressions as in a SELECT. */
static const char *key_names(struct ddl *ddl, IndexStmt *node)
{
	int keys = list_length(node->indexParams);
	int count = keys + list_length(node->indexIncludingParams);
	const char **names = arena_alloc(ddl->arena, ((size_t)count + 1) *
						     sizeof(*names));

	for (int i = 0; i < count; i++) {
		IndexElem *key = i < keys ? list_nth(node->indexParams, i) :
			list_nth(node->indexIncludingParams, i - keys);

		names[i] = key->name ? key->name :
			   column_name_or(ddl->arena, key->expr, "expr");
	}
	index_tell_apart(ddl->arena, names, count);
	return index_join_names(ddl->arena, names, count);
}

static bool fill_index(struct ddl *ddl, const struct schema_table *table,
		       IndexStmt *node, struct schema_index *row)
{
	struct ddl_text print = {
		.arena = ddl->arena, .schema = ddl->schema, .table = table,
		.error = ddl->error, .types = ddl->state->session->types,
		.state = ddl->state,
	};
	int keys = list_length(node->indexParams);
	const char *sql;

	for (int i = 0; i < keys; i++)
		if (!read_key(ddl, table, list_nth(node->indexParams, i), row,
			      i))
			return false;
	for (int i = keys; i < row->column_count; i++)
		if (!read_key(ddl, table,
			      list_nth(node->indexIncludingParams, i - keys),
			      row, i))
			return false;
	row->key_count = keys;
	if (!node->whereClause)
		return true;
	if (!compile_value_expr(ddl->state, node->whereClause, table, OID_BOOL,
				-1, "index predicates", &sql) ||
	    !check_immutable(ddl->state, node->whereClause, table,
			     "index predicates",
			     "functions in index predicate must be marked IMMUTABLE"))
		return false;
	row->predicate = ddl_text_print(&print, node->whereClause, OID_BOOL);
	return row->predicate != NULL;
}

/* An expression of ours in the file would stop the program that made the
 * table from writing it: it has no such functions. */
static bool check_foreign(struct ddl *ddl, const struct schema_table *table,
			  const struct schema_index *row)
{
	bool plain = row->predicate == NULL;

	for (int i = 0; i < row->key_count; i++)
		plain &= row->columns[i] != 0;
	if (!table->foreign || plain)
		return true;
	return ddl_unsupported(ddl, "an index on expressions or a part of a "
			       "table that another program made is");
}

bool ddl_create_index(struct ddl *ddl, IndexStmt *node)
{
	const struct schema_table *table;
	struct schema_table *next;
	struct schema_index *row;
	bool failed;

	ddl->compiled->tag = "CREATE INDEX";
	table = ddl_find_table(ddl, node->relation, NULL, false, &failed);
	if (table && table->kind == 'v')
		return error_set(ddl->error, "42809", "cannot create index on "
				 "relation \"%s\"", table->name);
	if (!table || !check_method(ddl, node->accessMethod))
		return false;
	if (node->idxname && ddl_name_taken(ddl, table->schema,
					    node->idxname)) {
		if (!node->if_not_exists)
			return error_set(ddl->error, SQLSTATE_DUPLICATE_TABLE,
					 "relation \"%s\" already exists",
					 node->idxname);
		ddl_notice(ddl, SQLSTATE_DUPLICATE_TABLE,
			   "relation \"%s\" already exists, skipping",
			   node->idxname);
		return true;
	}
	next = table_copy(ddl, table, 1);
	row = table_new_index(ddl, next,
			      list_length(node->indexParams) +
			      list_length(node->indexIncludingParams));
	row->unique = node->unique;
	row->nulls_equal = node->nulls_not_distinct;
	row->method = node->accessMethod;
	if (!ddl_index_options(ddl, row, node->options, false) ||
	    !fill_index(ddl, table, node, row) ||
	    !check_foreign(ddl, table, row))
		return false;
	row->name = node->idxname ? node->idxname : ddl_choose_name(
		ddl, table->schema, NULL, table->name, key_names(ddl, node),
		"idx");
	if (!lite_make_index(ddl, table, row))
		return false;
	if (table->adopted)
		facts_write_table(ddl, next);
	else
		facts_write_indexes(ddl, next);
	return true;
}
