/* From text to plan: the key under which a plan is shared, and the making of
 * one. See engine_plan.h. */
#include "protocol/sql_nodes.h"

#include "pool/sqlite/session.h"
#include "protocol/dialect/spelling.h"

static struct slice make_key(struct lite_session *session,
				   struct slice text, const uint32_t *declared,
				   int declared_count)
{
	struct buffer *key = &session->key;

	buffer_clear(key);
	buffer_put_slice(key, buffer_slice(&session->environment));
	buffer_put_u16(key, (uint16_t)declared_count);
	for (int i = 0; i < declared_count; i++)
		buffer_put_u32(key, declared[i]);
	buffer_put_slice(key, text);
	return buffer_slice(key);
}

struct lite_plan *session_plan_find(struct lite_session *session,
				    struct slice text,
				    const uint32_t *declared,
				    int declared_count)
{
	if (text.length > LITE_PLAN_BYTES_MAX)
		return NULL;
	return lite_plans_find(session->engine->plans,
			       make_key(session, text, declared,
					declared_count));
}

void session_plan_keep(struct lite_session *session, struct lite_plan *plan,
		       struct slice text)
{
	if (plan->compiled.volatile_plan || plan->session_columns)
		return;
	lite_plans_keep(session->engine->plans, plan,
			make_key(session, text, plan->declared,
				 plan->declared_count));
}

bool session_plan_needs_nobody(const struct lite_plan *plan)
{
	return plan->compiled.kind == COMPILED_UTILITY &&
	       plan->transaction != TRANSACTION_NONE;
}

static bool may_run_now(struct lite_session *session,
			const struct lite_plan *plan, struct error *error)
{
	if (session->status != 'E' || plan->exits)
		return true;
	return error_set(error, SQLSTATE_IN_FAILED_TRANSACTION, "%s",
			 "current transaction is aborted, commands ignored "
			 "until end of transaction block");
}

static bool is_off(const DefElem *option)
{
	Node *value = option->arg;
	const char *word = value && IsA(value, String) ? strVal(value) : "";

	return (value && IsA(value, Integer) && !intVal(value)) ||
	       (value && IsA(value, Boolean) && !boolVal(value)) ||
	       !strcasecmp(word, "false") || !strcasecmp(word, "off");
}

/* ANALYZE runs the statement; here only its plan is shown, and what it changes
 * would be missing. */
static bool check_analyze(const ExplainStmt *node,
			  const struct compiled *compiled, struct error *error)
{
	bool analyze = false;
	ListCell *cell;

	foreach(cell, node->options) {
		const DefElem *option = lfirst(cell);

		if (strcmp(option->defname, "analyze") == 0)
			analyze = !is_off(option);
	}
	return !analyze || !compiled->writes ||
	       error_set(error, SQLSTATE_FEATURE_NOT_SUPPORTED, "%s",
			 "EXPLAIN ANALYZE of a statement that changes data is "
			 "not supported on SQLite");
}

/* SQLite's plans are lines of text: there is no tree to print otherwise. */
static bool check_explain(const ExplainStmt *node, struct error *error)
{
	ListCell *cell;

	foreach(cell, node->options) {
		const DefElem *option = lfirst(cell);

		if (strcmp(option->defname, "format") == 0 && option->arg &&
		    IsA(option->arg, String) &&
		    strcasecmp(strVal(option->arg), "text") != 0)
			return error_set(error, SQLSTATE_FEATURE_NOT_SUPPORTED,
					 "EXPLAIN (FORMAT %s) is not supported on SQLite",
					 strVal(option->arg));
	}
	return true;
}

/* DECLARE and EXPLAIN are utility statements around a query, whose
 * parameters are theirs. */
static bool plan_inner(struct lite_session *session, struct lite_plan *plan,
		       struct sql_statement statement, struct error *error)
{
	bool declares = IsA(statement.node, DeclareCursorStmt);
	const ExplainStmt *explains = IsA(statement.node, ExplainStmt) ?
		(const ExplainStmt *)statement.node : NULL;
	Node *query = NULL;

	if (declares)
		query = castNode(DeclareCursorStmt, statement.node)->query;
	else if (explains)
		query = explains->query;
	if (!query)
		return true;
	if (explains && !check_explain(explains, error))
		return false;
	statement.node = (struct Node *)query;
	plan->inner = session_plan_node(session, statement, plan->declared,
					plan->declared_count, error);
	if (!plan->inner)
		return false;
	if (explains &&
	    !check_analyze(explains, &plan->inner->compiled, error))
		return false;
	if (declares && plan->inner->compiled.before_count)
		return error_set(error, SQLSTATE_FEATURE_NOT_SUPPORTED, "%s",
				 "DECLARE CURSOR must not contain "
				 "data-modifying statements in WITH");
	plan->compiled.parameters = plan->inner->compiled.parameters;
	plan->compiled.parameter_count =
		plan->inner->compiled.parameter_count;
	plan->compiled.volatile_plan = plan->inner->compiled.volatile_plan;
	return true;
}

static bool is_temporary_name(const RangeVar *name)
{
	return name && (name->relpersistence == 't' ||
			(name->schemaname &&
			 strncmp(name->schemaname, "pg_temp", 7) == 0));
}

static bool makes_temporary(const Node *node)
{
	switch (nodeTag(node)) {
	case T_CreateStmt:
		return is_temporary_name(((const CreateStmt *)node)->relation);
	case T_CreateTableAsStmt:
		return is_temporary_name(
			((const CreateTableAsStmt *)node)->into->rel);
	case T_ViewStmt:
		return is_temporary_name(((const ViewStmt *)node)->view);
	case T_CreateSeqStmt:
		return is_temporary_name(
			((const CreateSeqStmt *)node)->sequence);
	case T_SelectStmt:
		return ((const SelectStmt *)node)->intoClause &&
		       is_temporary_name(((const SelectStmt *)node)
						 ->intoClause->rel);
	default:
		return false;
	}
}

static bool compile(struct lite_session *session, struct lite_plan *plan,
		    struct sql_statement statement, struct error *error)
{
	session_classify(session, statement.node, plan);
	if (!may_run_now(session, plan, error))
		return false;
	if (plan->compiled.tag)
		return plan_inner(session, plan, statement, error);
	if (!compile_statement(statement, session->schema, &session->compile,
			       plan->declared, plan->declared_count,
			       &plan->arena, &plan->compiled, error))
		return false;
	plan->compiled.node = NULL;
	plan->from_nothing = IsA(statement.node, SelectStmt) &&
		!((const SelectStmt *)statement.node)->fromClause;
	plan->temporary = makes_temporary((const Node *)statement.node);
	return true;
}

static struct lite_plan *compile_plan(struct lite_session *session,
				    struct sql_statement statement,
				    const uint32_t *declared,
				    int declared_count, struct error *error)
{
	struct lite_plan *plan = lite_plan_new();
	size_t bytes = (size_t)declared_count * sizeof(*declared);

	plan->schema = schema_ref((struct schema *)(uintptr_t)session->schema);
	plan->declared = arena_alloc(&plan->arena, bytes ? bytes : 1);
	if (bytes)
		memcpy((void *)(uintptr_t)plan->declared, declared, bytes);
	plan->declared_count = declared_count;
	plan->text = slice_make(arena_dup(&plan->arena, statement.text),
				statement.text.length);
	memset(error, 0, sizeof(*error));
	if (compile(session, plan, statement, error))
		return plan;
	lite_plan_unref(&plan);
	return NULL;
}

/* What is not there may be so new that nobody has looked for it yet. */
static bool may_be_new(struct lite_session *session, const struct error *error)
{
	struct error ignored;

	return session->connection &&
	       strncmp(error->sqlstate, "42", 2) == 0 &&
	       lite_schema_look(session->connection) &&
	       session_refresh(session, &ignored);
}

struct lite_plan *session_plan_node(struct lite_session *session,
				    struct sql_statement statement,
				    const uint32_t *declared,
				    int declared_count, struct error *error)
{
	struct lite_plan *plan = compile_plan(session, statement, declared,
					      declared_count, error);

	if (!plan && may_be_new(session, error))
		plan = compile_plan(session, statement, declared,
				    declared_count, error);
	return plan;
}

struct sql_tree *session_read_tree(struct slice text, struct error *error)
{
	struct sql_tree *tree = sql_tree_new(text, error);

	if (!tree)
		spelling_hint_syntax(text, error);
	return tree;
}

/* An empty text: EmptyQueryResponse, even in a failed transaction. */
static struct lite_plan *empty_plan(void)
{
	struct lite_plan *plan = lite_plan_new();

	plan->compiled.kind = COMPILED_EMPTY;
	plan->compiled.tag = "";
	plan->exits = true;
	plan->declared = arena_alloc(&plan->arena, 1);
	return plan;
}

static struct sql_statement inside_prepare(struct sql_statement statement)
{
	if (IsA(statement.node, PrepareStmt))
		statement.node = (struct Node *)
			castNode(PrepareStmt, statement.node)->query;
	return statement;
}

struct lite_plan *session_plan(struct lite_session *session, struct slice text,
			       const uint32_t *declared, int declared_count,
			       bool from_sql, struct error *error)
{
	struct lite_plan *plan = NULL;
	struct sql_tree *tree;
	struct sql_statement statement;

	if (!from_sql)
		plan = session_plan_find(session, text, declared,
					 declared_count);
	if (plan && !may_run_now(session, plan, error))
		lite_plan_unref(&plan);
	else if (!plan && (tree = session_read_tree(text, error))) {
		if (sql_tree_count(tree) > 1) {
			error_set(error, SQLSTATE_SYNTAX, "%s",
				  "cannot insert multiple commands into a "
				  "prepared statement");
		} else if (sql_tree_count(tree) == 0) {
			plan = empty_plan();
		} else {
			statement = sql_tree_statement(tree, 0);
			if (from_sql)
				statement = inside_prepare(statement);
			plan = session_plan_node(session, statement, declared,
						 declared_count, error);
		}
		sql_tree_free(&tree);
		if (plan && !from_sql)
			session_plan_keep(session, plan, text);
	}
	return plan;
}
