/*
 * CREATE TABLE: columns with their serials and defaults, and constraints
 * under the names that Postgres would give them.
 */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/ddl_state.h"
#include "protocol/dialect/ddl_text.h"
#include "protocol/dialect/domain.h"
#include "protocol/sql_tree.h"
#include "protocol/type.h"

static void *copy_array(struct ddl *ddl, const void *items, int count,
			int more, size_t size)
{
	void *copy = arena_alloc(ddl->arena,
				 ((size_t)count + (size_t)more + 1) * size);

	if (count)
		memcpy(copy, items, (size_t)count * size);
	return copy;
}

struct schema_table *table_copy(struct ddl *ddl,
				const struct schema_table *table, int more)
{
	struct schema_table *copy = arena_alloc(ddl->arena, sizeof(*copy));

	*copy = *table;
	copy->columns = copy_array(ddl, table->columns, table->column_count,
				   more, sizeof(*copy->columns));
	copy->constraints = copy_array(ddl, table->constraints,
				       table->constraint_count, more,
				       sizeof(*copy->constraints));
	copy->indexes = copy_array(ddl, table->indexes, table->index_count,
				   more, sizeof(*copy->indexes));
	copy->adopted = false;
	return copy;
}

void table_drop_constraint(struct schema_table *table, int index)
{
	memmove(&table->constraints[index], &table->constraints[index + 1],
		(size_t)(table->constraint_count - index - 1) *
		sizeof(*table->constraints));
	table->constraint_count--;
}

void table_drop_index(struct schema_table *table, int index)
{
	memmove(&table->indexes[index], &table->indexes[index + 1],
		(size_t)(table->index_count - index - 1) *
		sizeof(*table->indexes));
	table->index_count--;
}

struct schema_index *table_new_index(struct ddl *ddl,
				     struct schema_table *table, int columns)
{
	struct schema_index *row = &table->indexes[table->index_count++];
	size_t room = (size_t)columns + 1;

	*row = (struct schema_index){ 0 };
	row->oid = ddl_oid(ddl);
	row->method = "btree";
	row->column_count = row->key_count = columns;
	row->columns = arena_alloc(ddl->arena, room * sizeof(*row->columns));
	row->descending = arena_alloc(ddl->arena, room);
	row->nulls_first = arena_alloc(ddl->arena, room);
	row->expressions = arena_alloc(ddl->arena, room * sizeof(char *));
	row->operator_classes = arena_alloc(ddl->arena, room * sizeof(char *));
	row->types = arena_alloc(ddl->arena, room * sizeof(*row->types));
	return row;
}

/* --- columns ------------------------------------------------------------ */

static uint32_t serial_type(const TypeName *name)
{
	static const struct {
		const char *name;
		uint32_t type;
	} rows[] = {
		{ "serial", OID_INT4 }, { "serial4", OID_INT4 },
		{ "bigserial", OID_INT8 }, { "serial8", OID_INT8 },
		{ "smallserial", OID_INT2 }, { "serial2", OID_INT2 },
	};

	if (list_length(name->names) != 1 || name->arrayBounds)
		return 0;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (strcmp(strVal(linitial(name->names)), rows[i].name) == 0)
			return rows[i].type;
	return 0;
}

static bool is_null_constant(Node *node)
{
	return IsA(node, A_Const) && ((A_Const *)node)->isnull;
}

static bool is_no_column(Node *node, int depth, void *context)
{
	return !IsA(node, ColumnRef);
}

static bool check_default(struct ddl *ddl, Node *expression)
{
	struct error deep = { 0 };

	if (sql_walk(expression, is_no_column, NULL, &deep))
		return true;
	if (deep.sqlstate[0])
		*ddl->error = deep;
	else
		error_set(ddl->error, SQLSTATE_FEATURE_NOT_SUPPORTED,
			  "cannot use column reference in DEFAULT expression");
	return false;
}

bool table_set_default(struct ddl *ddl, struct schema_table *table,
		       struct schema_column *column, Node *expression)
{
	struct ddl_text print = {
		.arena = ddl->arena, .schema = ddl->schema, .table = table,
		.error = ddl->error, .types = ddl->state->session->types,
		.state = ddl->state,
	};
	const char *sql;

	column->default_text = NULL;
	if (!expression || is_null_constant(expression))
		return true;
	if (!check_default(ddl, expression) ||
	    !compile_value_expr(ddl->state, expression, NULL, column->type,
				column->typmod, "DEFAULT expressions", &sql))
		return false;
	column->default_text = ddl_text_print(&print, expression,
					      column->type);
	return column->default_text != NULL;
}

static bool check_new_column(struct ddl *ddl, const struct schema_table *table,
			     const ColumnDef *node)
{
	static const char *const system[] = {
		"ctid", "xmin", "cmin", "xmax", "cmax", "tableoid",
	};

	for (size_t i = 0; i < sizeof(system) / sizeof(*system); i++)
		if (strcmp(node->colname, system[i]) == 0)
			return error_set(ddl->error, SQLSTATE_DUPLICATE_COLUMN,
					 "column name \"%s\" conflicts with a "
					 "system column name", node->colname);
	if (facts_name_is_reserved(node->colname))
		return error_set(ddl->error, "42939",
				 "column name \"%s\" is reserved",
				 node->colname);
	if (table->column_count >= DDL_COLUMNS_MAX)
		return error_set(ddl->error, "54011",
				 "tables can have at most %d columns",
				 DDL_COLUMNS_MAX);
	return ddl_check_column_case(ddl, table, node->colname, NULL);
}

bool table_add_column(struct ddl *ddl, struct schema_table *table,
		      ColumnDef *node)
{
	struct schema_column *column = &table->columns[table->column_count];
	uint32_t serial = node->typeName ? serial_type(node->typeName) : 0;
	const struct schema_domain *domain = node->typeName ?
		domain_named(ddl->state, node->typeName) : NULL;
	ListCell *cell;

	if (!check_new_column(ddl, table, node))
		return false;
	*column = (struct schema_column){ .name = node->colname,
					  .typmod = -1 };
	column->number = (int16_t)(table->column_count + 1);
	column->attribute = ++table->attribute_count;
	column->type = serial;
	column->not_null = serial || node->is_not_null;
	if (!serial && !compile_type_name(ddl->state, node->typeName,
					  &column->type, &column->typmod))
		return false;
	if (domain) {
		column->domain = domain->oid;
		column->domain_default = domain->default_text;
	}
	if (!compile_column_collation(ddl->state, node->collClause,
				      column->type, &column->collation))
		return false;
	if (!facts_declared_type(ddl->arena, ddl->schema, column->type,
				 column->typmod))
		return error_set(ddl->error, SQLSTATE_FEATURE_NOT_SUPPORTED,
				 "columns of type %s are not supported on a "
				 "SQLite backend",
				 type_text(ddl->state, column->type, -1));
	table->column_count++;
	if (serial && !sequence_for_column(ddl, table, column, NULL, false))
		return false;
	foreach(cell, node->constraints) {
		Constraint *constraint = lfirst(cell);

		switch (constraint->contype) {
		case CONSTR_NOTNULL:
			column->not_null = true;
			break;
		case CONSTR_DEFAULT:
			if (serial)
				return error_set(ddl->error, SQLSTATE_SYNTAX,
						 "multiple default values "
						 "specified for column \"%s\" "
						 "of table \"%s\"",
						 column->name, table->name);
			if (!table_set_default(ddl, table, column,
					       constraint->raw_expr))
				return false;
			break;
		case CONSTR_IDENTITY:
			column->not_null = true;
			column->identity = constraint->generated_when;
			if (!sequence_for_column(ddl, table, column,
						 constraint->options, true))
				return false;
			break;
		default:	/* the second round */
			break;
		}
	}
	return true;
}

/* --- the statement ------------------------------------------------------ */

/* A constraint that may be deferrable, and what was said of that so far. */
struct attributes {
	Constraint *node;
	bool when, initially;
};

static bool check_attribute(struct ddl *ddl, const Constraint *node,
			    const struct attributes *last, bool seen,
			    const char *what, const char *group)
{
	bool takes = last->node && (last->node->contype == CONSTR_PRIMARY ||
				    last->node->contype == CONSTR_UNIQUE ||
				    last->node->contype == CONSTR_EXCLUSION ||
				    last->node->contype == CONSTR_FOREIGN);

	if (!takes)
		return compile_fail(ddl->state, node->location, SQLSTATE_SYNTAX,
				    "misplaced %s clause", what);
	return !seen || compile_fail(ddl->state, node->location,
				     SQLSTATE_SYNTAX, "multiple %s clauses not "
				     "allowed", group);
}

static bool set_when(struct ddl *ddl, const Constraint *node,
		     struct attributes *last)
{
	bool deferrable = node->contype == CONSTR_ATTR_DEFERRABLE;

	if (!check_attribute(ddl, node, last, last->when, deferrable ?
			     "DEFERRABLE" : "NOT DEFERRABLE",
			     "DEFERRABLE/NOT DEFERRABLE"))
		return false;
	last->when = true;
	last->node->deferrable = deferrable;
	return true;
}

static bool set_initially(struct ddl *ddl, const Constraint *node,
			  struct attributes *last)
{
	bool deferred = node->contype == CONSTR_ATTR_DEFERRED;

	if (!check_attribute(ddl, node, last, last->initially, deferred ?
			     "INITIALLY DEFERRED" : "INITIALLY IMMEDIATE",
			     "INITIALLY IMMEDIATE/DEFERRED"))
		return false;
	last->initially = true;
	last->node->initdeferred = deferred;
	last->node->deferrable |= deferred && !last->when;
	return true;
}

/* The grammar gives DEFERRABLE and its kin of a column constraint as
 * constraints of their own that follow it. */
bool table_fold_attributes(struct ddl *ddl, List *constraints)
{
	struct attributes last = { NULL, false, false };
	ListCell *cell;

	foreach(cell, constraints) {
		Constraint *node = lfirst(cell);

		switch (node->contype) {
		case CONSTR_ATTR_DEFERRABLE:
		case CONSTR_ATTR_NOT_DEFERRABLE:
			if (!set_when(ddl, node, &last))
				return false;
			break;
		case CONSTR_ATTR_DEFERRED:
		case CONSTR_ATTR_IMMEDIATE:
			if (!set_initially(ddl, node, &last))
				return false;
			break;
		default:
			last = (struct attributes){ node, false, false };
			continue;
		}
		if (last.node->initdeferred && !last.node->deferrable)
			return compile_fail(ddl->state, node->location,
					    SQLSTATE_SYNTAX, "constraint "
					    "declared INITIALLY DEFERRED must "
					    "be DEFERRABLE");
	}
	return true;
}

/* Postgres makes keys first, then checks, then foreign keys: the names it
 * chooses depend on it. */
static bool is_of_round(const Constraint *node, int round)
{
	switch (node->contype) {
	case CONSTR_GENERATED:
		return round == 0;
	case CONSTR_PRIMARY:
		return round == 1;
	case CONSTR_UNIQUE:
	case CONSTR_EXCLUSION:
		return round == 2;
	case CONSTR_CHECK:
		return round == 3;
	case CONSTR_FOREIGN:
		return round == 4;
	default:
		return false;
	}
}

static bool add_constraints(struct ddl *ddl, struct schema_table *table,
			    List *elements, int round)
{
	ListCell *cell, *inner;

	foreach(cell, elements) {
		ColumnDef *column = lfirst(cell);

		if (IsA(column, Constraint) &&
		    is_of_round((Constraint *)column, round) &&
		    !table_add_constraint(ddl, table, (Constraint *)column,
					  NULL))
			return false;
		if (!IsA(column, ColumnDef))
			continue;
		foreach(inner, column->constraints)
			if (is_of_round(lfirst(inner), round) &&
			    !table_add_constraint(ddl, table, lfirst(inner),
						  column))
				return false;
	}
	return true;
}

static bool add_columns(struct ddl *ddl, struct schema_table *table,
			List *elements)
{
	ListCell *cell;

	foreach(cell, elements) {
		ColumnDef *column = lfirst(cell);

		if (IsA(column, TableLikeClause)) {
			if (!ddl_copy_like(ddl, table,
					   (TableLikeClause *)column))
				return false;
			continue;
		}
		if (!IsA(column, ColumnDef))
			continue;
		if (schema_find_column(table, column->colname))
			return error_set(ddl->error, SQLSTATE_DUPLICATE_COLUMN,
					 "column \"%s\" specified more than "
					 "once", column->colname);
		if (!table_fold_attributes(ddl, column->constraints) ||
		    !table_add_column(ddl, table, column))
			return false;
	}
	return true;
}

static bool check_create(struct ddl *ddl, CreateStmt *node)
{
	if (node->inhRelations)
		return ddl_unsupported(ddl, node->partbound ?
				       "a partitioned table is" :
				       "table inheritance is");
	if (node->partspec)
		return ddl_unsupported(ddl, "a partitioned table is");
	if (node->ofTypename)
		return ddl_unsupported(ddl, "a typed table is");
	if (facts_name_is_reserved(node->relation->relname))
		return error_set(ddl->error, "42939",
				 "table name \"%s\" is reserved",
				 node->relation->relname);
	return true;
}

/* Room for every column and constraint that the elements could make. */
static int room_for(struct ddl *ddl, List *elements)
{
	int room = 8;
	ListCell *cell;

	foreach(cell, elements) {
		room++;
		if (IsA(lfirst(cell), ColumnDef))
			room += list_length(((ColumnDef *)lfirst(cell))
					    ->constraints);
		if (IsA(lfirst(cell), TableLikeClause))
			room += DDL_COLUMNS_MAX;
	}
	return room;
}

struct schema_table *table_new(struct ddl *ddl, const char *schema,
			       const char *name, int room)
{
	struct schema_table blank = { .kind = 'r' };
	struct schema_table *table = table_copy(ddl, &blank, room);

	table->oid = ddl_oid(ddl);
	table->array_oid = ddl_oid(ddl);	/* as Postgres counts them */
	table->type_oid = ddl_oid(ddl);
	table->schema = schema;
	table->name = name;
	table->lite_name = facts_lite_name(ddl->arena, schema, name);
	table->lite_database = ddl_database(schema);
	ddl_take_name(ddl, name);
	return table;
}

bool table_set_on_commit(struct ddl *ddl, struct schema_table *table,
			 int action)
{
	if (action != ONCOMMIT_DROP && action != ONCOMMIT_DELETE_ROWS)
		return true;
	if (strcmp(table->lite_database, "temp") != 0)
		return error_set(ddl->error, "42P16", "%s",
				 "ON COMMIT can only be used on temporary "
				 "tables");
	table->on_commit = action == ONCOMMIT_DROP ? ON_COMMIT_DROP :
						     ON_COMMIT_DELETE_ROWS;
	ddl->compiled->on_commit = true;
	return true;
}

bool table_emit(struct ddl *ddl, const struct schema_table *table)
{
	const char *sql = lite_table_sql(ddl, table,
					 ddl_database(table->schema),
					 table->lite_name, false);

	if (!sql)
		return false;
	ddl_step(ddl, "%s", sql);
	facts_write_table(ddl, table);
	return true;
}

bool ddl_check_exists(struct ddl *ddl, const char *schema, const char *name,
		      bool if_not_exists, bool *ret_exists)
{
	*ret_exists = ddl_name_taken(ddl, schema, name);
	if (!*ret_exists)
		return ddl_check_case(ddl, schema, name);
	if (!if_not_exists)
		return error_set(ddl->error, SQLSTATE_DUPLICATE_TABLE,
				 "relation \"%s\" already exists", name);
	ddl_notice(ddl, SQLSTATE_DUPLICATE_TABLE,
		   "relation \"%s\" already exists, skipping", name);
	return true;
}

bool ddl_create_table(struct ddl *ddl, CreateStmt *node)
{
	struct schema_table *table;
	const char *schema;
	bool exists;

	ddl->compiled->tag = "CREATE TABLE";
	if (!check_create(ddl, node) ||
	    !ddl_target_schema(ddl, node->relation, &schema) ||
	    !ddl_check_exists(ddl, schema, node->relation->relname,
			  node->if_not_exists, &exists))
		return false;
	if (exists)
		return true;
	table = table_new(ddl, schema, node->relation->relname,
			  room_for(ddl, node->tableElts));
	if (!table_set_on_commit(ddl, table, node->oncommit) ||
	    !add_columns(ddl, table, node->tableElts))
		return false;
	for (int round = 0; round < 5; round++)
		if (!add_constraints(ddl, table, node->tableElts, round))
			return false;
	return table_emit(ddl, table) && lite_make_indexes(ddl, table);
}
