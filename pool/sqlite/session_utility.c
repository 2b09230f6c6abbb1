/*
 * The statements that the session does itself: transactions, settings,
 * PREPARE, cursors and the like. Their trees are gone once they are planned;
 * those that need more than the plan says are parsed again when they run.
 */
#include "protocol/sql_nodes.h"

#include "pool/sqlite/session_utility.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "pool/sqlite/session_constraints.h"
#include "pool/sqlite/session_left.h"
#include "pool/sqlite/setting_table.h"
#include "protocol/dialect/compile_state.h"
#include "protocol/sql_facts.h"

#define ROW_SHARE_LOCK 2	/* storage/lockdefs.h */

/* --- classifying -------------------------------------------------------------------- */

static void one_column(struct lite_plan *plan, const char *name)
{
	struct compiled_column *column =
		arena_alloc(&plan->arena, sizeof(*column));

	column->name = arena_text(&plan->arena, name);
	column->type = OID_TEXT;
	column->typmod = -1;
	plan->compiled.columns = column;
	plan->compiled.column_count = 1;
}

static void three_columns(struct lite_plan *plan, const char *const names[3])
{
	struct compiled_column *columns =
		arena_alloc(&plan->arena, 3 * sizeof(*columns));

	for (int i = 0; i < 3; i++) {
		columns[i].name = names[i];
		columns[i].type = OID_TEXT;
		columns[i].typmod = -1;
	}
	plan->compiled.columns = columns;
	plan->compiled.column_count = 3;
}

static const char *option_text(const DefElem *option)
{
	const A_Const *value = (const A_Const *)option->arg;

	if (!value || !IsA(value, A_Const) || value->isnull)
		return "";
	return nodeTag(&value->val) == T_String ? value->val.sval.sval :
	       nodeTag(&value->val) == T_Integer ?
		       (value->val.ival.ival ? "on" : "off") : "";
}

static void read_options(struct lite_plan *plan, const List *options)
{
	ListCell *cell;

	foreach(cell, options) {
		const DefElem *option = lfirst(cell);
		const char *text = option_text(option);
		signed char on = strcmp(text, "on") == 0;

		if (strcmp(option->defname, "transaction_isolation") == 0)
			plan->isolation = arena_text(&plan->arena, text);
		else if (strcmp(option->defname, "transaction_read_only") == 0)
			plan->read_only = on;
		else if (strcmp(option->defname,
				"transaction_deferrable") == 0)
			plan->deferrable = on;
	}
}

static const struct {
	TransactionStmtKind kind;
	enum transaction_deed deed;
	const char *tag;
	bool exits;
} transactions[] = {
	{ TRANS_STMT_BEGIN, TRANSACTION_BEGIN, "BEGIN", false },
	{ TRANS_STMT_START, TRANSACTION_BEGIN, "START TRANSACTION", false },
	{ TRANS_STMT_COMMIT, TRANSACTION_COMMIT, "COMMIT", true },
	{ TRANS_STMT_ROLLBACK, TRANSACTION_ROLLBACK, "ROLLBACK", true },
	{ TRANS_STMT_SAVEPOINT, TRANSACTION_SAVEPOINT, "SAVEPOINT", false },
	{ TRANS_STMT_RELEASE, TRANSACTION_RELEASE, "RELEASE", false },
	{ TRANS_STMT_ROLLBACK_TO, TRANSACTION_ROLLBACK_TO, "ROLLBACK", true },
	{ TRANS_STMT_PREPARE, TRANSACTION_PREPARE, "PREPARE TRANSACTION",
	  true },
	{ TRANS_STMT_COMMIT_PREPARED, TRANSACTION_PREPARE, "COMMIT PREPARED",
	  false },
	{ TRANS_STMT_ROLLBACK_PREPARED, TRANSACTION_PREPARE,
	  "ROLLBACK PREPARED", false },
};

static void classify_transaction(struct lite_plan *plan,
				 const TransactionStmt *statement)
{
	size_t i = 0;

	while (transactions[i].kind != statement->kind)
		i++;
	plan->transaction = transactions[i].deed;
	plan->compiled.tag = transactions[i].tag;
	plan->exits = transactions[i].exits;
	plan->chain = statement->chain;
	if (statement->savepoint_name)
		plan->name = arena_text(&plan->arena,
					statement->savepoint_name);
	read_options(plan, statement->options);
}

static void classify_show(struct lite_plan *plan,
			  const VariableShowStmt *statement)
{
	static const char *const all[] = { "name", "setting", "description" };
	static const char *const left[] = { "kind", "name", "value" };
	int row = lite_setting_find(statement->name);

	plan->compiled.tag = "SHOW";
	if (strcmp(statement->name, "all") == 0)
		three_columns(plan, all);
	else if (session_left_is(statement->name))
		three_columns(plan, left);
	else
		one_column(plan, row >= 0 ?
			   lite_setting_at((size_t)row)->name :
			   statement->name);
}

static const char *discard_tag(const DiscardStmt *statement)
{
	switch (statement->target) {
	case DISCARD_PLANS:
		return "DISCARD PLANS";
	case DISCARD_SEQUENCES:
		return "DISCARD SEQUENCES";
	case DISCARD_TEMP:
		return "DISCARD TEMP";
	default:
		return "DISCARD ALL";
	}
}

static const char *utility_tag(const Node *node)
{
	switch (nodeTag(node)) {
	case T_VariableSetStmt:
		switch (((const VariableSetStmt *)node)->kind) {
		case VAR_RESET:
		case VAR_RESET_ALL:
			return "RESET";
		default:
			return "SET";
		}
	case T_PrepareStmt:
		return "PREPARE";
	case T_ExecuteStmt:
		return "EXECUTE";
	case T_DeallocateStmt:
		return ((const DeallocateStmt *)node)->name ?
			"DEALLOCATE" : "DEALLOCATE ALL";
	case T_DiscardStmt:
		return discard_tag((const DiscardStmt *)node);
	case T_DeclareCursorStmt:
		return "DECLARE CURSOR";
	case T_FetchStmt:
		return ((const FetchStmt *)node)->ismove ? "MOVE" : "FETCH";
	case T_ClosePortalStmt:
		return ((const ClosePortalStmt *)node)->portalname ?
			"CLOSE CURSOR" : "CLOSE CURSOR ALL";
	case T_ListenStmt:
		return "LISTEN";
	case T_UnlistenStmt:
		return "UNLISTEN";
	case T_NotifyStmt:
		return "NOTIFY";
	case T_LockStmt:
		return "LOCK TABLE";
	case T_ExplainStmt:
		return "EXPLAIN";
	case T_CheckPointStmt:
		return "CHECKPOINT";
	case T_CreatedbStmt:
		return "CREATE DATABASE";
	case T_DropdbStmt:
		return "DROP DATABASE";
	case T_VacuumStmt:
		return ((const VacuumStmt *)node)->is_vacuumcmd ? "VACUUM" :
								   "ANALYZE";
	case T_ConstraintsSetStmt:
		return "SET CONSTRAINTS";
	case T_LoadStmt:
		return "LOAD";
	case T_DoStmt:
		return "DO";
	case T_CallStmt:
		return "CALL";
	default:
		return NULL;
	}
}

bool session_utility_is_known(const struct Node *node)
{
	switch (nodeTag(node)) {
	case T_TransactionStmt:
	case T_VariableShowStmt:
		return true;
	case T_LoadStmt:
	case T_CallStmt:
		return false;
	default:
		return utility_tag(node) != NULL;
	}
}

void session_classify(struct lite_session *session, struct Node *node,
		      struct lite_plan *plan)
{
	plan->compiled.kind = COMPILED_UTILITY;
	if (IsA(node, TransactionStmt))
		classify_transaction(plan, (const TransactionStmt *)node);
	else if (IsA(node, VariableShowStmt))
		classify_show(plan, (const VariableShowStmt *)node);
	else
		plan->compiled.tag = utility_tag(node);
	if (IsA(node, ExplainStmt))
		one_column(plan, "QUERY PLAN");
	plan->session_columns = IsA(node, ExecuteStmt) ||
		(IsA(node, FetchStmt) && !((const FetchStmt *)node)->ismove);
}

/* --- settings ------------------------------------------------------------------------ */

/* An interval counts hours to the east, as a number does; the same text
 * without the word would be POSIX's, to the west. */
static bool put_hours(const char *text, struct buffer *out)
{
	int hours = 0, minutes = 0;
	const char *digits = text + strspn(text, "+-");

	if (sscanf(digits, "%2d:%2d", &hours, &minutes) < 1)
		return false;
	buffer_printf(out, "%s%.4g", *text == '-' ? "-" : "",
		      hours + minutes / 60.0);
	return true;
}

static void put_argument(struct lite_session *session, const char *name,
			 Node *argument, struct buffer *out)
{
	const A_Const *value;
	const char *text;
	bool is_interval = false;

	/* SET TIME ZONE INTERVAL '-08:00' HOUR TO MINUTE */
	if (IsA(argument, TypeCast)) {
		argument = ((TypeCast *)argument)->arg;
		is_interval = true;
	}
	if (!IsA(argument, A_Const))
		return;
	value = (const A_Const *)argument;
	switch (nodeTag(&value->val)) {
	case T_Integer:
		buffer_printf(out, "%d", value->val.ival.ival);
		return;
	case T_Float:
		buffer_put_text(out, value->val.fval.fval);
		return;
	default:
		text = nodeTag(&value->val) == T_String ?
			value->val.sval.sval : "";
	}
	if (is_interval && put_hours(text, out))
		return;
	if (strcasecmp(name, "search_path") == 0)
		text = name_quoted(&session->scratch, text);
	buffer_put_text(out, text);
}

static const char *join_arguments(struct lite_session *session,
				  const VariableSetStmt *statement)
{
	struct buffer text = { 0 };
	const char *joined;
	ListCell *cell;

	foreach(cell, statement->args) {
		if (text.length)
			buffer_put_text(&text, ", ");
		put_argument(session, statement->name, lfirst(cell), &text);
	}
	joined = arena_text(&session->scratch, buffer_cstring(&text));
	buffer_fini(&text);
	return joined;
}

/* What the transaction has seen was seen at another level. */
bool session_check_isolation(struct lite_session *session, const char *name,
			     const char *value, struct error *error)
{
	if (session->status != 'T' || !value ||
	    strcmp(name, "transaction_isolation") != 0 ||
	    strcasecmp(lite_settings_get(&session->settings, name), value) == 0)
		return true;
	if (!session->queried && session->savepoint_count)
		return error_set(error, SQLSTATE_ACTIVE_TRANSACTION, "%s",
				 "SET TRANSACTION ISOLATION LEVEL must not be "
				 "called in a subtransaction");
	if (!session->queried)
		return true;
	return error_set(error, SQLSTATE_ACTIVE_TRANSACTION, "%s",
			 "SET TRANSACTION ISOLATION LEVEL must be called "
			 "before any query");
}

static bool set_many(struct lite_session *session,
		     const VariableSetStmt *statement, struct error *error)
{
	bool characteristics =
		strcmp(statement->name, "SESSION CHARACTERISTICS") == 0;
	ListCell *cell;

	if (strcmp(statement->name, "TRANSACTION SNAPSHOT") == 0)
		return error_set(error, SQLSTATE_FEATURE_NOT_SUPPORTED, "%s",
				 "SET TRANSACTION SNAPSHOT is not supported on "
				 "SQLite");
	if (!characteristics && session->status == 'I' &&
	    !session->query_multiple)
		session_notice(session, "WARNING",
			       SQLSTATE_NO_ACTIVE_TRANSACTION,
			       "SET TRANSACTION can only be used in "
			       "transaction blocks");
	foreach(cell, statement->args) {
		const DefElem *option = lfirst(cell);
		char name[64];

		snprintf(name, sizeof(name), "%s%s",
			 characteristics ? "default_" : "", option->defname);
		if (!session_check_isolation(session, name,
					     option_text(option), error) ||
		    !lite_settings_set(&session->settings, name,
				       option_text(option), !characteristics,
				       error))
			return false;
	}
	return true;
}

static bool set_variable(struct lite_session *session,
			 const VariableSetStmt *statement,
			 struct error *error)
{
	const char *value;

	if (statement->is_local && session->status == 'I' &&
	    !session->query_multiple && !session->in_block)
		session_notice(session, "WARNING",
			       SQLSTATE_NO_ACTIVE_TRANSACTION,
			       "SET LOCAL can only be used in transaction "
			       "blocks");
	switch (statement->kind) {
	case VAR_SET_VALUE:
		value = join_arguments(session, statement);
		return session_check_isolation(session, statement->name, value,
					       error) &&
		       lite_settings_set(&session->settings, statement->name,
					 value, statement->is_local, error);
	case VAR_SET_DEFAULT:
	case VAR_RESET:
		return lite_settings_set(&session->settings, statement->name,
					 NULL, statement->is_local, error);
	case VAR_SET_MULTI:
		return set_many(session, statement, error);
	case VAR_RESET_ALL:
		lite_settings_reset_all(&session->settings);
		return true;
	default:
		return error_set(error, SQLSTATE_FEATURE_NOT_SUPPORTED, "%s",
				 "SET ... FROM CURRENT is not supported here");
	}
}

static void show_all(struct lite_session *session, const uint8_t *formats)
{
	char tag[32];

	for (size_t i = 0; i < lite_setting_count(); i++) {
		const struct lite_setting_row *row = lite_setting_at(i);
		const char *texts[] = {
			row->name,
			lite_settings_get(&session->settings, row->name),
			row->text,
		};

		session_put_text_row(session, formats, texts, 3);
	}
	snprintf(tag, sizeof(tag), "SHOW");
	session_complete(session, tag);
}

static bool show_variable(struct lite_session *session,
			  const VariableShowStmt *statement,
			  const uint8_t *formats, struct error *error)
{
	const char *value;

	if (strcmp(statement->name, "all") == 0) {
		show_all(session, formats);
		return true;
	}
	if (session_left_is(statement->name)) {
		session_left_show(session, statement->name, formats);
		return true;
	}
	value = lite_settings_get(&session->settings, statement->name);
	if (!value)
		return error_set(error, SQLSTATE_UNDEFINED_OBJECT,
				 "unrecognized configuration parameter \"%s\"",
				 statement->name);
	session_put_text_row(session, formats, &value, 1);
	session_complete(session, "SHOW");
	return true;
}

/* --- PREPARE, EXECUTE, DEALLOCATE ---------------------------------------------------------- */

static bool read_types(struct lite_session *session, const List *names,
		       uint32_t **ret_types, struct error *error)
{
	int count = list_length(names), i = 0;
	struct compile_state state = {
		.schema = session->schema, .session = &session->compile,
		.arena = &session->scratch, .error = error,
	};
	ListCell *cell;
	int32_t typmod;

	*ret_types = must_alloc(count ? (size_t)count * sizeof(uint32_t) : 1);
	foreach(cell, names) {
		if (!compile_type_name(&state, lfirst(cell),
				       &(*ret_types)[i++], &typmod)) {
			free(*ret_types);
			return false;
		}
	}
	return true;
}

static bool prepare(struct lite_session *session, const PrepareStmt *node,
		    const struct lite_plan *plan, struct error *error)
{
	struct lite_statement *statement;
	uint32_t *types;

	if (session_find_statement(session, node->name))
		return error_set(error, SQLSTATE_DUPLICATE_STATEMENT,
				 "prepared statement \"%s\" already exists",
				 node->name);
	if (HASH_COUNT(session->statements) >= SESSION_STATEMENTS_MAX)
		return error_set(error, SQLSTATE_LIMIT_EXCEEDED,
				 "too many prepared statements (limit %d)",
				 SESSION_STATEMENTS_MAX);
	if (!read_types(session, node->argtypes, &types, error))
		return false;
	statement = must_alloc(sizeof(*statement));
	statement->name = must_dup(node->name);
	statement->text = slice_dup(plan->text);
	statement->length = plan->text.length;
	statement->declared = types;
	statement->declared_count = list_length(node->argtypes);
	statement->from_sql = true;
	statement->prepared_us = session->statement_us;
	statement->plan = session_plan(session, plan->text, types,
				       statement->declared_count, true, error);
	if (!statement->plan) {
		lite_statement_free(session, &statement);
		return false;
	}
	session_add_statement(session, statement);
	return true;
}

static bool evaluate(struct lite_session *session, Node *expression,
		     uint32_t type, struct arena *arena,
		     struct value *ret_value, struct error *error)
{
	sqlite3 *db = session->connection->db;
	sqlite3_stmt *statement = NULL;
	const char *sql;
	bool done = false;
	int code;

	if (!compile_expression((struct Node *)expression, session->schema,
				NULL, &session->compile, type, -1,
				&session->scratch, &sql, error))
		return false;
	sql = arena_printf(&session->scratch, "SELECT %s", sql);
	code = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_step(statement);
	if (code == SQLITE_ROW) {
		session_column_value(statement, 0, ret_value);
		ret_value->bytes.at = (const uint8_t *)arena_dup(
			arena, ret_value->bytes);
		done = true;
	} else {
		session_describe_error(session, code, NULL, error);
	}
	sqlite3_finalize(statement);
	return done;
}

static bool check_arguments(const ExecuteStmt *node,
			    const struct lite_statement *statement,
			    struct error *error)
{
	int wanted = statement->plan->compiled.parameter_count;
	int count = list_length(node->params);

	if (count == wanted)
		return true;
	error_set(error, SQLSTATE_SYNTAX,
		  "wrong number of parameters for prepared statement \"%s\"",
		  node->name);
	error_detail(error, "Expected %d parameters but got %d.", wanted,
		     count);
	return false;
}

static bool bind_arguments(struct lite_session *session,
			   struct lite_portal *portal, const ExecuteStmt *node,
			   struct error *error)
{
	const struct compiled *compiled = &portal->plan->compiled;
	int count = list_length(node->params), i = 0;
	ListCell *cell;

	portal->values = arena_alloc(&portal->arena,
				     ((size_t)count + 1) *
					     sizeof(*portal->values));
	foreach(cell, node->params) {
		if (!evaluate(session, lfirst(cell), compiled->parameters[i],
			      &portal->arena, &portal->values[i], error))
			return false;
		i++;
	}
	return true;
}

static struct lite_statement *need_statement(struct lite_session *session,
					     const char *name,
					     struct error *error)
{
	struct lite_statement *statement =
		session_find_statement(session, name);

	if (!statement)
		error_set(error, SQLSTATE_INVALID_STATEMENT_NAME,
			  "prepared statement \"%s\" does not exist", name);
	else if (!session_replan(session, statement, error))
		statement = NULL;
	return statement;
}

static enum session_step execute(struct lite_session *session,
				 struct lite_portal *portal,
				 const ExecuteStmt *node, uint64_t most,
				 struct error *error)
{
	struct lite_statement *statement;

	if (!portal->inner) {
		statement = need_statement(session, node->name, error);
		if (!statement || !check_arguments(node, statement, error))
			return STEP_FAILED;
		portal->inner = lite_portal_new(lite_plan_ref(statement->plan),
						"");
		portal->inner->formats = portal->formats;
		if (!bind_arguments(session, portal->inner, node, error)) {
			lite_portal_free(session, &portal->inner);
			return STEP_FAILED;
		}
	}
	return session_execute(session, portal->inner, most, error);
}

static bool deallocate(struct lite_session *session,
		       const DeallocateStmt *node, struct error *error)
{
	struct lite_statement *statement;

	if (!node->name) {
		session_drop_statements(session, true, 0);
		return true;
	}
	statement = session_find_statement(session, node->name);
	if (!statement)
		return error_set(error, SQLSTATE_INVALID_STATEMENT_NAME,
				 "prepared statement \"%s\" does not exist",
				 node->name);
	HASH_DEL(session->statements, statement);
	lite_statement_free(session, &statement);
	return true;
}

/* --- the rest -------------------------------------------------------------------------------- */

bool session_no_block(struct lite_session *session, const char *what,
		      struct error *error)
{
	if (session->status != 'I' || session->query_multiple)
		return error_set(error, SQLSTATE_ACTIVE_TRANSACTION,
				 "%s cannot run inside a transaction block",
				 what);
	if (session->pipelined)
		return error_set(error, SQLSTATE_ACTIVE_TRANSACTION,
				 "%s cannot be executed within a pipeline",
				 what);
	return true;
}

static bool discard(struct lite_session *session, const DiscardStmt *node,
		    struct error *error)
{
	bool all = node->target == DISCARD_ALL;

	if (all && !session_no_block(session, "DISCARD ALL", error))
		return false;
	if (all) {
		lite_settings_reset_all(&session->settings);
		session_drop_statements(session, true, 0);
		session_close_portals(session);
		session_listen(session, NULL, false);
		lite_locks_release(session, true);
	}
	if (all || node->target == DISCARD_TEMP)
		session->discards_temp = true;
	if (all || node->target == DISCARD_SEQUENCES) {
		session->currval_count = 0;
		session->last_sequence = 0;
	}
	return true;
}

static bool check_relations(struct lite_session *session, List *names,
			    struct error *error)
{
	ListCell *cell;

	foreach(cell, names) {
		const RangeVar *name = lfirst(cell);

		if (relation_oid(session->schema, session->compile.search_path,
				 name->schemaname, name->relname))
			continue;
		return error_set(error, SQLSTATE_UNDEFINED_TABLE,
				 "relation \"%s%s%s\" does not exist",
				 name->schemaname ? name->schemaname : "",
				 name->schemaname ? "." : "", name->relname);
	}
	return true;
}

/* Whoever locks against writers holds the writer; whoever locks against a
 * change of the tables alone has a snapshot, which none can change. */
static enum session_step lock_table(struct lite_session *session,
				    const LockStmt *node, struct error *error)
{
	const RangeVar *first = linitial(node->relations);
	enum session_step step;

	if (session->status == 'I' && !session->query_multiple)
		return error_set(error, SQLSTATE_NO_ACTIVE_TRANSACTION, "%s",
				 "LOCK TABLE can only be used in transaction "
				 "blocks"), STEP_FAILED;
	if (!check_relations(session, node->relations, error))
		return STEP_FAILED;
	step = lite_session_enter(session, node->mode > ROW_SHARE_LOCK,
				  "LOCK TABLE", error);
	session_note_locks(session, step == STEP_MOVE && node->nowait ?
				    LOCK_REFUSES : LOCK_WAITS, "relation",
			   first->relname);
	if (step == STEP_DONE)
		session_leave(session);
	return step;
}

static enum session_step explain(struct lite_session *session,
				 struct lite_portal *portal,
				 struct error *error)
{
	const struct lite_plan *inner = portal->plan->inner;
	sqlite3 *db = session->connection->db;
	sqlite3_stmt *statement = NULL;
	const char *sql, *text = inner->compiled.tag;

	if (!inner->compiled.sql) {
		session_put_text_row(session, portal->formats, &text, 1);
		session_complete(session, "EXPLAIN");
		return STEP_DONE;
	}
	if (inner->compiled.uses_catalog)
		lite_fill_catalog(session->connection, session->schema);
	sql = arena_printf(&session->scratch, "EXPLAIN QUERY PLAN %s",
			   inner->compiled.sql);
	if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK) {
		session_describe_error(session, sqlite3_errcode(db), inner,
				       error);
		return STEP_FAILED;
	}
	while (sqlite3_step(statement) == SQLITE_ROW) {
		text = (const char *)sqlite3_column_text(statement, 3);
		session_put_text_row(session, portal->formats, &text, 1);
	}
	sqlite3_finalize(statement);
	session_complete(session, "EXPLAIN");
	return STEP_DONE;
}

void session_put_text_row(struct lite_session *session, const uint8_t *formats,
			  const char *const *texts, int count)
{
	struct buffer *out = &session->output;

	buffer_put_u8(out, 'D');
	buffer_put_u32(out, 0);
	size_t start = out->length;

	buffer_put_u16(out, (uint16_t)count);
	for (int i = 0; i < count; i++) {
		if (!texts[i]) {
			buffer_put_u32(out, UINT32_MAX);
			continue;
		}
		buffer_put_u32(out, (uint32_t)strlen(texts[i]));
		buffer_put_text(out, texts[i]);
	}
	buffer_patch_u32(out, start - 4,
			 (uint32_t)(out->length - start + 4));
}

/* --- the dispatch ----------------------------------------------------------------------------- */

static enum session_step as_step(bool done)
{
	return done ? STEP_DONE : STEP_FAILED;
}

/* Most of them answer with their tag alone; `tagged` says who did it. */
static enum session_step run_node(struct lite_session *session,
				  struct lite_portal *portal, Node *node,
				  uint64_t most, bool *tagged,
				  struct error *error)
{
	const struct lite_plan *plan = portal->plan;

	switch (nodeTag(node)) {
	case T_VariableSetStmt:
		return as_step(set_variable(session, (void *)node, error));
	case T_VariableShowStmt:
		*tagged = true;
		return as_step(show_variable(session, (void *)node,
					     portal->formats, error));
	case T_PrepareStmt:
		return as_step(prepare(session, (void *)node, plan, error));
	case T_ExecuteStmt:
		*tagged = true;
		return execute(session, portal, (void *)node, most, error);
	case T_DeallocateStmt:
		return as_step(deallocate(session, (void *)node, error));
	case T_DiscardStmt:
		return as_step(discard(session, (void *)node, error));
	case T_DeclareCursorStmt:
		return session_declare(session, portal, (void *)node, error);
	case T_FetchStmt:
		*tagged = true;
		return as_step(session_fetch(session, portal, (void *)node,
					     error));
	case T_ClosePortalStmt:
		return as_step(session_close_cursor(session, (void *)node,
						    error));
	case T_ListenStmt:
		session_listen(session, ((ListenStmt *)node)->conditionname,
			       true);
		return STEP_DONE;
	case T_UnlistenStmt:
		session_listen(session, ((UnlistenStmt *)node)->conditionname,
			       false);
		return STEP_DONE;
	case T_NotifyStmt:
		return as_step(session_notify(
			session, ((NotifyStmt *)node)->conditionname,
			((NotifyStmt *)node)->payload, error));
	case T_LockStmt:
		return lock_table(session, (LockStmt *)node, error);
	case T_ExplainStmt:
		*tagged = true;
		return explain(session, portal, error);
	case T_VacuumStmt:
		return as_step(!((VacuumStmt *)node)->is_vacuumcmd ||
			       session_no_block(session, "VACUUM", error));
	case T_ConstraintsSetStmt:
		return as_step(session_set_constraints(session, (void *)node,
						       error));
	case T_CheckPointStmt:
		return STEP_DONE;
	case T_CreatedbStmt:
		return as_step(session_create_database(session, (void *)node,
						       error));
	case T_DropdbStmt:
		return session_drop_database(session, (void *)node, error);
	case T_DoStmt:
		return session_do(session, (void *)node, error);
	default:
		return error_set(error, SQLSTATE_FEATURE_NOT_SUPPORTED,
				 "%s is not supported on SQLite",
				 sql_command(node)), STEP_FAILED;
	}
}

enum session_step session_utility(struct lite_session *session,
				  struct lite_portal *portal, uint64_t most,
				  struct error *error)
{
	const struct lite_plan *plan = portal->plan;
	struct sql_tree *tree;
	enum session_step step;
	bool tagged = false;

	if (plan->transaction != TRANSACTION_NONE)
		return session_transaction(session, plan, error);
	tree = sql_tree_new(plan->text, error);
	if (!tree)
		return STEP_FAILED;
	arena_reset(&session->scratch);
	step = run_node(session, portal,
			(Node *)sql_tree_statement(tree, 0).node, most,
			&tagged, error);
	sql_tree_free(&tree);
	if (step == STEP_DONE && !tagged)
		session_complete(session, plan->compiled.tag);
	return step;
}

bool session_utility_columns(struct lite_session *session,
			     const struct lite_plan *plan,
			     const struct compiled_column **ret_columns,
			     int *ret_count, struct error *error)
{
	struct sql_tree *tree = sql_tree_new(plan->text, error);
	struct lite_statement *statement;
	struct lite_portal *portal;
	const Node *node;
	bool found = false;

	if (!tree)
		return false;
	node = (const Node *)sql_tree_statement(tree, 0).node;
	if (IsA(node, ExecuteStmt)) {
		statement = need_statement(
			session, ((const ExecuteStmt *)node)->name, error);
		if (statement && check_arguments((const ExecuteStmt *)node,
						 statement, error)) {
			*ret_columns = statement->plan->compiled.columns;
			*ret_count = statement->plan->compiled.column_count;
			found = true;
		}
	} else {
		portal = session_need_cursor(
			session, ((const FetchStmt *)node)->portalname, error);
		if (portal) {
			*ret_columns = portal->plan->compiled.columns;
			*ret_count = portal->plan->compiled.column_count;
			if (portal->cursor) {
				*ret_columns = portal->columns;
				*ret_count = portal->column_count;
			}
			found = true;
		}
	}
	sql_tree_free(&tree);
	return found;
}
