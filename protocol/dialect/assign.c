/*
 * Assignment: a value becomes that of a column, or of a part of it, in SET
 * and in INSERT. Several parts of one column make one assignment, each on top
 * of the one before.
 */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/dml.h"
#include "protocol/dialect/domain.h"
#include "protocol/dialect/foreign.h"

const struct schema_column *target_column(struct compile_state *state,
					  const struct schema_table *table,
					  const ResTarget *target)
{
	const struct schema_column *column =
		schema_find_column(table, target->name);

	if (column == NULL)
		compile_fail(state, target->location, SQLSTATE_UNDEFINED_COLUMN,
			     "column \"%s\" of relation \"%s\" does not exist",
			     target->name, table->name);
	return column;
}

static struct expr *as_stored(struct compile_state *state, struct expr *value,
			      const struct schema_column *column)
{
	if (value == NULL || column->foreign == NULL)
		return value;
	return expr_new(state, column->type,
			foreign_write_sql(state->arena, column, value->sql));
}

struct expr *assign(struct compile_state *state, struct expr *value,
		    const struct schema_column *column, int location)
{
	if (value->kind == EXPR_ROW ||
	    !can_coerce(state, value->type, column->type, 'a')) {
		compile_fail(state, location, SQLSTATE_DATATYPE_MISMATCH,
			     "column \"%s\" is of type %s but expression is of type %s",
			     column->name, type_text(state, column->type, -1),
			     type_text(state, value->type, -1));
		error_hint(state->error,
			   "You will need to rewrite or cast the expression.");
		return NULL;
	}
	value = coerce(state, value, column->type, column->typmod, 'a',
		       location);
	if (value != NULL)
		value = domain_coerce(state, value, column->domain);
	return as_stored(state, value, column);
}

/* --- several ------------------------------------------------------------------ */

static struct assignment *find_assignment(struct assignments *list,
					  const struct schema_column *column)
{
	for (int i = 0; i < list->count; i++) {
		if (list->items[i].column == column)
			return &list->items[i];
	}
	return NULL;
}

void assignments_init(struct compile_state *state, struct assignments *list,
		      int capacity)
{
	*list = (struct assignments){
		.items = arena_alloc(state->arena, sizeof(*list->items) *
				     (size_t)(capacity + 1)),
	};
}

struct assignment *assignment_of(struct assignments *list,
				 const struct schema_column *column,
				 const ResTarget *target)
{
	struct assignment *item = find_assignment(list, column);
	bool partial = target != NULL && target->indirection != NIL;

	if (item != NULL)
		return item->partial && partial ? item : NULL;
	item = &list->items[list->count++];
	*item = (struct assignment){ .column = column, .partial = partial };
	return item;
}

bool assign_target(struct compile_state *state, struct scope *scope,
		   struct assignment *item, const ResTarget *target,
		   const char *before, struct expr *value, int location)
{
	if (!item->partial) {
		value = assign(state, value, item->column, location);
		item->value = value == NULL ? NULL : value->sql;
		return value != NULL;
	}
	value = part_assign(state, scope, item->column, target,
			    item->part != NULL ? item->part : before, value,
			    location);
	if (value != NULL)
		value = domain_coerce(state, value, item->column->domain);
	if (value == NULL)
		return false;
	item->part = value->sql;
	item->value = as_stored(state, value, item->column)->sql;
	return true;
}

bool fail_part_default(struct compile_state *state, int location)
{
	return compile_fail(state, location, SQLSTATE_FEATURE_NOT_SUPPORTED,
			    "cannot set an array element to DEFAULT");
}

/* --- SET ---------------------------------------------------------------------- */

struct set_work {
	struct scope *scope;
	const struct schema_table *table;
	List *targets;
	struct assignments done;
	const char *queries;	/* "(a, b) = (SELECT ...), " */
};

static struct assignment *open_target(struct compile_state *state,
				      struct set_work *work, int index,
				      const ResTarget **ret_target)
{
	const ResTarget *target = list_nth(work->targets, index);
	const struct schema_column *column =
		target_column(state, work->table, target);
	struct assignment *item;

	if (column == NULL)
		return NULL;
	*ret_target = target;
	item = assignment_of(&work->done, column, target);
	if (item == NULL)
		compile_fail(state, target->location, SQLSTATE_SYNTAX,
			     "multiple assignments to same column \"%s\"",
			     target->name);
	return item;
}

/* What the column was before: of the row that is changed. */
static const char *value_before(struct compile_state *state,
				struct set_work *work,
				const struct assignment *item)
{
	struct range *range = work->scope->ranges[0];

	if (!item->partial)
		return NULL;
	return column_expr(state, work->scope, range,
			   &range->columns[item->column->number - 1], -1)->sql;
}

static bool check_generated(struct compile_state *state,
			    const struct schema_column *column, int location)
{
	if (column->generated == 0 && column->identity != 'a')
		return true;
	compile_fail(state, location, "428C9",
		     "column \"%s\" can only be updated to DEFAULT",
		     column->name);
	error_detail(state->error, column->generated != 0 ?
		     "Column \"%s\" is a generated column." :
		     "Column \"%s\" is an identity column defined as GENERATED ALWAYS.",
		     column->name);
	return false;
}

static bool set_default(struct compile_state *state, struct set_work *work,
			struct assignment *item, const ResTarget *target)
{
	if (item->partial)
		return fail_part_default(state, target->location);
	if (item->column->generated != 0)
		return true;	/* SQLite computes it in any case */
	item->value = default_value(state, work->table, item->column);
	return item->value != NULL;
}

/* column = value */
static bool set_one(struct compile_state *state, struct set_work *work,
		    int index, Node *node)
{
	const ResTarget *target;
	struct assignment *item = open_target(state, work, index, &target);
	struct expr *value;

	if (item == NULL)
		return false;
	if (node != NULL && IsA(node, SetToDefault))
		return set_default(state, work, item, target);
	value = expr_read(state, work->scope, node);
	return value != NULL &&
	       assign_target(state, work->scope, item, target,
			     value_before(state, work, item), value,
			     expr_location(node)) &&
	       check_generated(state, item->column, target->location);
}

/* One of the columns that a query gives: its value is taken out at once. */
static bool set_from_column(struct compile_state *state,
			    struct set_work *work, int index,
			    struct expr *value, const char **ret_name,
			    const char **ret_value)
{
	const ResTarget *target;
	struct assignment *item = open_target(state, work, index, &target);

	if (item == NULL)
		return false;
	if (item->value != NULL)
		return compile_fail(state, target->location,
				    SQLSTATE_FEATURE_NOT_SUPPORTED,
				    "assigning several parts of column \"%s\", one from a query, is not supported on SQLite",
				    target->name);
	if (!assign_target(state, work->scope, item, target,
			   value_before(state, work, item), value,
			   target->location))
		return false;
	item->in_query = true;
	*ret_name = print_name(state->arena, item->column->name);
	*ret_value = item->value;
	return true;
}

/* (a, b) = (SELECT ...): all at once. */
static bool set_from_query(struct compile_state *state, struct set_work *work,
			   int first, int count, SubLink *link)
{
	const char *names = "", *values = "", *name, *value_sql;
	const char *alias = new_alias(state);
	struct query query;

	if (!select_query(state, work->scope, (SelectStmt *)link->subselect,
			  &query))
		return false;
	if (query.column_count != count)
		return compile_fail(state, link->location, SQLSTATE_SYNTAX,
				    "number of columns does not match number of values");
	for (int i = 0; i < count; i++) {
		struct expr *value = expr_new(state, query.columns[i].type,
			arena_printf(state->arena, "%s.column%d", alias,
				     i + 1));

		value->typmod = query.columns[i].typmod;
		if (!set_from_column(state, work, first + i, value, &name,
				     &value_sql))
			return false;
		names = arena_printf(state->arena, "%s%s%s", names,
				     i > 0 ? ", " : "", name);
		values = arena_printf(state->arena, query.is_single ?
				      "%s%s%s" : "%s%spg_only(%s)", values,
				      i > 0 ? ", " : "", value_sql);
	}
	work->queries = arena_printf(state->arena,
				     "%s(%s) = (SELECT %s FROM (%s) AS %s), ",
				     work->queries, names, values, query.sql,
				     alias);
	return true;
}

static bool set_multiple(struct compile_state *state, struct set_work *work,
			 int first, int *ret_count)
{
	ResTarget *target = list_nth(work->targets, first);
	MultiAssignRef *reference = (MultiAssignRef *)target->val;
	RowExpr *row = (RowExpr *)reference->source;

	*ret_count = reference->ncolumns;
	if (IsA(reference->source, SubLink))
		return set_from_query(state, work, first, reference->ncolumns,
				      (SubLink *)reference->source);
	if (!IsA(row, RowExpr))
		return compile_fail(state, target->location, SQLSTATE_SYNTAX,
				    "source for a multiple-column UPDATE item must be a sub-SELECT or ROW() expression");
	if (list_length(row->args) != reference->ncolumns)
		return compile_fail(state, target->location, SQLSTATE_SYNTAX,
				    "number of columns does not match number of values");
	for (int i = 0; i < reference->ncolumns; i++) {
		if (!set_one(state, work, first + i, list_nth(row->args, i)))
			return false;
	}
	return true;
}

/* Only generated columns are to be as they are. */
static const char *set_nothing(struct compile_state *state,
			       const struct schema_table *table)
{
	for (int i = 0; i < table->column_count; i++) {
		const char *name = print_name(state->arena,
					      table->columns[i].name);

		if (table->columns[i].generated == 0)
			return arena_printf(state->arena, "%s = %s", name,
					    name);
	}
	compile_fail(state, -1, SQLSTATE_FEATURE_NOT_SUPPORTED,
		     "an UPDATE of a table of generated columns is not supported on SQLite");
	return NULL;
}

static const char *print_sets(struct compile_state *state,
			      const struct set_work *work)
{
	const char *sql = work->queries;

	for (int i = 0; i < work->done.count; i++) {
		const struct assignment *item = &work->done.items[i];

		if (!item->in_query && item->column->generated == 0)
			sql = arena_printf(state->arena, "%s%s = %s, ", sql,
					   print_name(state->arena,
						      item->column->name),
					   item->value);
	}
	if (sql[0] == '\0')
		return set_nothing(state, work->table);
	/* without the last comma */
	return arena_dup(state->arena, slice_make(sql, strlen(sql) - 2));
}

static bool set_all(struct compile_state *state, struct set_work *work)
{
	int count = list_length(work->targets);

	assignments_init(state, &work->done, count);
	for (int i = 0; i < count;) {
		ResTarget *target = list_nth(work->targets, i);
		int taken = 1;

		if (!(IsA(target->val, MultiAssignRef) ?
		      set_multiple(state, work, i, &taken) :
		      set_one(state, work, i, target->val)))
			return false;
		i += taken;
	}
	return true;
}

const char *set_clause(struct compile_state *state, struct scope *scope,
		       const struct schema_table *table, List *targets)
{
	struct set_work work = { .scope = scope, .table = table,
				 .targets = targets, .queries = "" };

	return set_all(state, &work) ? print_sets(state, &work) : NULL;
}

static void drop_generated(struct assignments *all)
{
	int count = 0;

	for (int i = 0; i < all->count; i++)
		if (all->items[i].column->generated == 0)
			all->items[count++] = all->items[i];
	all->count = count;
}

const struct assignments *set_values(struct compile_state *state,
				     struct scope *scope,
				     const struct schema_table *table,
				     List *targets)
{
	struct set_work *work = arena_alloc(state->arena, sizeof(*work));

	*work = (struct set_work){ .scope = scope, .table = table,
				   .targets = targets, .queries = "" };
	if (!set_all(state, work))
		return NULL;
	if (work->queries[0] != '\0') {
		compile_fail(state, -1, SQLSTATE_FEATURE_NOT_SUPPORTED,
			     "assigning the columns of a query is not supported in MERGE on SQLite");
		return NULL;
	}
	drop_generated(&work->done);
	if (work->done.count > 0)
		return &work->done;
	compile_fail(state, -1, SQLSTATE_FEATURE_NOT_SUPPORTED,
		     "assigning to generated columns only is not supported in MERGE on SQLite");
	return NULL;
}
