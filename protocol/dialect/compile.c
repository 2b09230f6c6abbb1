/*
 * The entry of the compiler: one statement in, what the SQLite session runs
 * out. What each kind of statement becomes is written in files of its own.
 */
#include "protocol/sql_nodes.h"

#include <stdarg.h>
#include <stdio.h>

#include "protocol/dialect/fold.h"
#include "protocol/dialect/foreign.h"

/* Characters before `location`, which counts bytes of the whole text. */
static int character_position(const struct compile_state *state, int location)
{
	int position = 1;

	if (location < 0 || (size_t)location > state->text.length ||
	    state->text.at == NULL)
		return 0;
	for (int i = 0; i < location; i++) {
		if ((state->text.at[i] & 0xC0) != 0x80)
			position++;
	}
	return position;
}

bool compile_fail(struct compile_state *state, int location,
		  const char *sqlstate, const char *format, ...)
{
	char message[sizeof(state->error->message)];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	error_set(state->error, sqlstate, "%s", message);
	state->error->position = character_position(state, location);
	return false;
}

bool compile_enter(struct compile_state *state)
{
	if (state->arena->bytes > COMPILE_BYTES_MAX)
		return compile_fail(state, -1, SQLSTATE_LIMIT_EXCEEDED,
				    "statement is too large to be compiled");
	if (state->depth >= COMPILE_DEPTH_MAX)
		return compile_fail(state, -1, SQLSTATE_TOO_COMPLEX,
				    "stack depth limit exceeded");
	state->depth++;
	return true;
}

void compile_leave(struct compile_state *state)
{
	state->depth--;
}

static void state_init(struct compile_state *state,
		       const struct schema *schema,
		       const struct compile_session *session,
		       struct arena *arena, struct error *error)
{
	*state = (struct compile_state){
		.schema = schema,
		.session = session,
		.arena = arena,
		.error = error,
	};
	memset(error, 0, sizeof(*error));
}

static bool declare_parameters(struct compile_state *state,
			       const uint32_t *declared, int count)
{
	if (count > COMPILE_PARAMETERS_MAX)
		return compile_fail(state, -1, SQLSTATE_LIMIT_EXCEEDED,
				    "too many parameters");
	if (count <= 0)
		return true;
	state->parameters = arena_alloc(state->arena,
					sizeof(uint32_t) * (size_t)count);
	state->parameters_capacity = count;
	state->parameter_count = count;
	state->declared_count = count;
	for (int i = 0; i < count; i++)
		state->parameters[i] = declared[i] == OID_UNKNOWN ?
				       0 : declared[i];
	return true;
}

static const char *locked_table(const SelectStmt *select,
				const LockingClause *clause)
{
	const List *tables = clause->lockedRels != NIL ? clause->lockedRels :
							 select->fromClause;
	const Node *first = tables != NIL ? linitial(tables) : NULL;

	while (first && IsA(first, JoinExpr))
		first = ((const JoinExpr *)first)->larg;
	return first && IsA(first, RangeVar) ?
		       ((const RangeVar *)first)->relname : NULL;
}

static void finish_locks(const struct compile_state *state,
			 struct compiled *out)
{
	static const char *const names[] = {
		[LCS_FORKEYSHARE] = "SELECT FOR KEY SHARE",
		[LCS_FORSHARE] = "SELECT FOR SHARE",
		[LCS_FORNOKEYUPDATE] = "SELECT FOR NO KEY UPDATE",
		[LCS_FORUPDATE] = "SELECT FOR UPDATE",
	};
	const LockingClause *clause;
	const char *table;

	if (!state->locking)
		return;
	clause = linitial(state->locking->lockingClause);
	table = locked_table(state->locking, clause);
	out->locked = table ? arena_text(state->arena, table) : NULL;
	if (state->refuses_to_wait)
		out->lock_wait = LOCK_REFUSES;
	if (out->kind != COMPILED_QUERY || out->before_count)
		return;
	out->locks = names[clause->strength];
	if (!state->refuses_to_wait && state->locking == state->outermost &&
	    clause->waitPolicy == LockWaitSkip)
		out->lock_wait = LOCK_SKIPS;
}

/* What a statement only keeps, a default or a view, fails when it is used. */
static bool is_kept_only(const struct Node *node)
{
	ListCell *cell;

	switch (nodeTag(node)) {
	case T_CreateStmt: case T_ViewStmt: case T_CreateDomainStmt:
	case T_AlterDomainStmt:
		return true;
	case T_AlterTableStmt:
		foreach(cell, ((const AlterTableStmt *)node)->cmds) {
			AlterTableCmd *command = lfirst(cell);

			if (command->subtype == AT_AddColumn)
				return false;
		}
		return true;
	default:
		return false;
	}
}

static bool check_late(struct compile_state *state, const struct Node *node)
{
	if (state->late == NULL || is_kept_only(node))
		return true;
	*state->error = *state->late;
	return false;
}

/* Every parameter must have found its type by now. */
static bool finish_parameters(struct compile_state *state, struct compiled *out)
{
	for (int i = 0; i < state->parameter_count; i++) {
		if (state->parameters[i] == 0)
			return compile_fail(state, -1,
					    SQLSTATE_INDETERMINATE_TYPE,
					    "could not determine data type of parameter $%d",
					    i + 1);
	}
	out->parameters = state->parameters;
	out->parameter_count = state->parameter_count;
	out->writes |= state->writes;
	out->uses_tables |= state->uses_tables;
	out->uses_catalog |= state->uses_catalog;
	out->volatile_plan |= state->volatile_plan;
	out->may_conflict |= state->may_conflict;
	out->late_arbiter = state->late_arbiter;
	out->late_table = state->late_table;
	out->changed = state->changed;
	out->changed_count = state->changed_count;
	out->key_order = state->key_order;
	out->constants = fold_print(state);
	out->before = state->parts;
	out->before_count = state->part_count;
	finish_locks(state, out);
	return true;
}

static bool compile_select_statement(struct compile_state *state,
				     SelectStmt *statement,
				     struct compiled *out)
{
	struct query query;

	state->outermost = statement;
	state->fold_depth = 1;
	if (!select_query(state, NULL, statement, &query))
		return false;
	out->kind = COMPILED_QUERY;
	out->tag = "SELECT";
	out->sql = query.sql;
	out->columns = query.columns;
	out->column_count = query.column_count;
	return true;
}

static bool is_ddl(const struct Node *node)
{
	switch (nodeTag(node)) {
	case T_CreateStmt: case T_CreateTableAsStmt: case T_AlterTableStmt:
	case T_DropStmt: case T_IndexStmt: case T_CreateSeqStmt:
	case T_AlterSeqStmt: case T_CreateEnumStmt: case T_AlterEnumStmt:
	case T_ViewStmt: case T_CommentStmt: case T_RenameStmt:
	case T_CreateSchemaStmt: case T_CreateExtensionStmt:
	case T_AlterObjectSchemaStmt: case T_AlterOwnerStmt:
	case T_GrantStmt: case T_GrantRoleStmt: case T_CreateDomainStmt:
	case T_CompositeTypeStmt: case T_CreateFunctionStmt:
	case T_CreateTrigStmt: case T_RuleStmt: case T_CreateRangeStmt:
	case T_DefineStmt: case T_RefreshMatViewStmt: case T_ReindexStmt:
	case T_VacuumStmt: case T_ClusterStmt: case T_CreateStatsStmt:
	case T_CreatePolicyStmt: case T_AlterTableMoveAllStmt:
	case T_CreateRoleStmt: case T_AlterRoleStmt: case T_DropRoleStmt:
	case T_AlterDefaultPrivilegesStmt: case T_SecLabelStmt:
	case T_AlterDomainStmt:
	case T_AlterDatabaseStmt: case T_AlterDatabaseSetStmt:
	case T_AlterRoleSetStmt: case T_AlterExtensionStmt:
	case T_DropOwnedStmt: case T_ReassignOwnedStmt:
	case T_CreateTableSpaceStmt: case T_DropTableSpaceStmt:
	case T_CreateCastStmt: case T_CreateConversionStmt:
	case T_CreateForeignTableStmt: case T_AlterFunctionStmt:
	case T_CreateEventTrigStmt: case T_CreatePublicationStmt:
	case T_CreateSubscriptionStmt: case T_CreatePLangStmt:
	case T_CreateAmStmt: case T_CreateOpClassStmt:
	case T_CreateOpFamilyStmt: case T_AlterOperatorStmt:
	case T_AlterTypeStmt: case T_AlterCollationStmt:
		return true;
	default:
		return false;
	}
}

static bool dispatch(struct compile_state *state,
		     struct sql_statement statement, struct compiled *out)
{
	struct Node *node = statement.node;

	state->statement = node;
	state->changes_allowed = true;
	switch (nodeTag(node)) {
	case T_SelectStmt:
		if (((SelectStmt *)node)->intoClause != NULL)
			break;
		return compile_select_statement(state, (SelectStmt *)node, out);
	case T_InsertStmt:
		return compile_insert(state, (InsertStmt *)node, out);
	case T_UpdateStmt:
		return compile_update(state, (UpdateStmt *)node, out);
	case T_DeleteStmt:
		return compile_delete(state, (DeleteStmt *)node, out);
	case T_TruncateStmt:
		return compile_truncate(state, (TruncateStmt *)node, out);
	case T_CopyStmt:
		state->changes_allowed = false;
		return compile_copy(state, (CopyStmt *)node, out);
	case T_MergeStmt:
		return compile_merge(state, (MergeStmt *)node, out);
	default:
		break;
	}
	state->changes_allowed = false;
	if (IsA(node, SelectStmt) || is_ddl(node))
		return compile_ddl(state, statement, out);
	out->kind = COMPILED_UTILITY;
	out->node = node;
	return true;
}

static bool read_statement(struct compile_state *state,
			   struct sql_statement statement,
			   const uint32_t *declared, int declared_count,
			   struct compiled *out)
{
	/* Locations count from the start of the whole text. */
	if (statement.text.at != NULL)
		state->text = slice_make(statement.text.at - statement.offset,
					 statement.text.length +
					 statement.offset);
	return declare_parameters(state, declared, declared_count) &&
	       dispatch(state, statement, out) && with_late_parts(state) &&
	       finish_parameters(state, out) &&
	       check_late(state, statement.node);
}

bool compile_statement(struct sql_statement statement,
		       const struct schema *schema,
		       const struct compile_session *session,
		       const uint32_t *declared, int declared_count,
		       struct arena *arena, struct compiled *ret_compiled,
		       struct error *error)
{
	struct compile_state state;
	struct compiled out = { .kind = COMPILED_EMPTY };

	state_init(&state, schema, session, arena, error);
	if (statement.node != NULL &&
	    !read_statement(&state, statement, declared, declared_count, &out))
		return false;
	/* What FROM says is printed before it is known who asks for marks. */
	if (state.wants_marks) {
		state_init(&state, schema, session, arena, error);
		state.marks_rows = true;
		out = (struct compiled){ .kind = COMPILED_EMPTY };
		if (!read_statement(&state, statement, declared,
				    declared_count, &out))
			return false;
	}
	*ret_compiled = out;
	return true;
}

/* The columns of a table, by bare names. */
static bool add_bare_table(struct compile_state *state, struct scope *scope,
			   const struct schema_table *table)
{
	struct range *range;

	if (table == NULL)
		return true;
	range = range_of_table(state, table, table->name, "");
	for (int i = 0; i < range->column_count; i++)
		range->columns[i].sql = i < table->column_count ?
			foreign_read_sql(state->arena, &table->columns[i],
					 "") :
			print_name(state->arena, range->columns[i].name);
	return scope_add(state, scope, range, -1) != NULL;
}

static struct expr *read_bare(struct compile_state *state, struct Node *node,
			      const struct schema_table *table,
			      const char *what)
{
	struct scope scope = { .no_aggregates = what, .no_windows = what,
			       .no_sets = what };

	struct expr *expr;

	if (!add_bare_table(state, &scope, table))
		return NULL;
	state->bare_columns = table != NULL;
	expr = expr_read(state, &scope, node);
	state->bare_columns = false;
	return expr;
}

/* Whether SQLite only asks if it is true. */
static bool is_condition(const char *what)
{
	return strcmp(what, "check constraints") == 0 ||
	       strcmp(what, "index predicates") == 0;
}

bool compile_bare_expr(struct compile_state *state, struct Node *node,
		       const struct schema_table *table, uint32_t type,
		       int32_t typmod, const char *what, const char **ret_sql)
{
	struct expr *expr = read_bare(state, node, table, what);

	if (expr != NULL && type != 0)
		expr = coerce(state, expr, type, typmod, 'a',
			      expr_location(node));
	else if (expr != NULL)
		expr = settle(state, expr);
	if (expr == NULL)
		return false;
	*ret_sql = is_condition(what) ? as_condition(expr) : expr->sql;
	return true;
}

bool compile_value_expr(struct compile_state *state, struct Node *node,
			const struct schema_table *table, uint32_t type,
			int32_t typmod, const char *what, const char **ret_sql)
{
	bool refused = state->parameters_refused, done;

	state->parameters_refused = true;
	done = compile_bare_expr(state, node, table, type, typmod, what,
				 ret_sql);
	state->parameters_refused = refused;
	return done;
}

bool compile_expr_type(struct compile_state *state, struct Node *node,
		       const struct schema_table *table, uint32_t *ret_type)
{
	struct expr *expr = read_bare(state, node, table, "expressions");

	if (expr == NULL || (expr = settle(state, expr)) == NULL)
		return false;
	*ret_type = expr->type;
	return true;
}

bool compile_expression(struct Node *node, const struct schema *schema,
			const struct schema_table *table,
			const struct compile_session *session, uint32_t type,
			int32_t typmod, struct arena *arena,
			const char **ret_sql, struct error *error)
{
	struct compile_state state;

	state_init(&state, schema, session, arena, error);
	return compile_value_expr(&state, node, table, type, typmod,
				  "expressions", ret_sql);
}

/* A key may be of another type than what it points at. */
static const char *moved_value(struct compile_state *state,
			       const struct schema_column *column,
			       const struct schema_column *from, int parameter)
{
	const char *sql = arena_printf(state->arena, "?%d", parameter);
	struct expr *value;

	if (column->type == from->type && column->typmod == from->typmod &&
	    column->domain == 0)
		return sql;
	value = expr_new(state, from->type, sql);
	value->typmod = from->typmod;
	value = assign(state, value, column, -1);
	return value == NULL ? NULL : value->sql;
}

bool compile_key_action(const struct schema *schema,
			const struct compile_session *session,
			const struct schema_table *child,
			const struct schema_table *parent,
			const struct schema_constraint *key, char action,
			struct arena *arena, const char **ret_sql,
			struct error *error)
{
	struct compile_state state;
	const char *list = "";

	state_init(&state, schema, session, arena, error);
	for (int i = 0; i < key->column_count; i++) {
		const struct schema_column *column =
			schema_column_numbered(child, key->columns[i]);
		const char *sql = action == 'n' ? "NULL" :
			action == 'd' ? default_value(&state, child, column) :
			moved_value(&state, column,
				    schema_column_numbered(parent,
						    key->foreign_columns[i]),
				    key->column_count + i + 1);

		if (sql == NULL)
			return false;
		list = arena_printf(arena, "%s%s%s = %s", list,
				    i > 0 ? ", " : "",
				    print_name(arena, column->name), sql);
	}
	*ret_sql = list;
	return true;
}

bool compile_query(struct compile_state *state, struct Node *node,
		   struct compiled_query *ret_query)
{
	struct query query;

	if (!IsA(node, SelectStmt))
		return compile_fail(state, -1, SQLSTATE_FEATURE_NOT_SUPPORTED,
				    "only SELECT is supported here");
	if (!select_query(state, NULL, (SelectStmt *)node, &query))
		return false;
	*ret_query = (struct compiled_query){ query.sql, query.columns,
					      query.column_count };
	return true;
}

struct compiled_column *columns_of(struct compile_state *state,
				   const struct expr_list *list)
{
	struct compiled_column *columns =
		arena_alloc(state->arena, sizeof(*columns) *
			    (size_t)(list->count + 1));

	for (int i = 0; i < list->count; i++)
		columns[i] = (struct compiled_column){
			.name = arena_text(state->arena, list->names[i]),
			.type = list->items[i]->type,
			.typmod = list->items[i]->typmod,
			.table = list->items[i]->table,
			.number = list->items[i]->number,
		};
	return columns;
}

struct sql_tree *parse_expression(struct compile_state *state, const char *text,
				  struct Node **ret_node)
{
	const char *select = arena_printf(state->arena, "SELECT %s", text);
	struct sql_tree *tree = sql_tree_new(slice_text(select), state->error);
	SelectStmt *statement;

	if (tree == NULL)
		return NULL;
	statement = sql_tree_count(tree) == 1 ?
		    (SelectStmt *)sql_tree_statement(tree, 0).node : NULL;
	if (statement == NULL || !IsA(statement, SelectStmt) ||
	    list_length(statement->targetList) != 1) {
		sql_tree_free(&tree);
		compile_fail(state, -1, SQLSTATE_INTERNAL,
			     "cannot read the stored expression \"%s\"", text);
		return NULL;
	}
	*ret_node = ((ResTarget *)linitial(statement->targetList))->val;
	return tree;
}
