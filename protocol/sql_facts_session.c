/*
 * What statements do to session and transaction, and code.
 */
#include "protocol/sql_nodes.h"

#include "protocol/sql_facts_build.h"

/* --- transactions ---------------------------------------------------------- */

void record_transaction(struct facts_builder *builder, Node *node)
{
	static const enum transaction_deed deeds[] = {
		[TRANS_STMT_BEGIN] = TRANSACTION_BEGIN,
		[TRANS_STMT_START] = TRANSACTION_BEGIN,
		[TRANS_STMT_COMMIT] = TRANSACTION_COMMIT,
		[TRANS_STMT_ROLLBACK] = TRANSACTION_ROLLBACK,
		[TRANS_STMT_SAVEPOINT] = TRANSACTION_SAVEPOINT,
		[TRANS_STMT_RELEASE] = TRANSACTION_RELEASE,
		[TRANS_STMT_ROLLBACK_TO] = TRANSACTION_ROLLBACK_TO,
		[TRANS_STMT_PREPARE] = TRANSACTION_PREPARE,
		[TRANS_STMT_COMMIT_PREPARED] = TRANSACTION_PREPARE,
		[TRANS_STMT_ROLLBACK_PREPARED] = TRANSACTION_PREPARE,
	};
	const TransactionStmt *transaction = (TransactionStmt *)node;
	struct statement_facts *statement = current_statement(builder);
	bool reads_only = statement->reads_only;

	if (transaction->kind < lengthof(deeds))
		statement->transaction = deeds[transaction->kind];
	if (transaction->chain)
		add_session_deed(builder, SESSION_CHAIN, NULL);
	if (statement->transaction == TRANSACTION_SAVEPOINT)
		add_session_deed(builder, SESSION_SAVEPOINT,
				 transaction->savepoint_name);
	else if (statement->transaction == TRANSACTION_RELEASE)
		add_session_deed(builder, SESSION_RELEASE,
				 transaction->savepoint_name);
	else if (statement->transaction == TRANSACTION_ROLLBACK_TO)
		add_session_deed(builder, SESSION_ROLLBACK_TO,
				 transaction->savepoint_name);
	statement->reads_only = reads_only;
}

/* --- settings -------------------------------------------------------------- */

/* As Postgres compares names of encodings: letters and digits only. */
static void clean_encoding(const char *name, char *clean, size_t size)
{
	size_t length = 0;

	for (; *name && length + 1 < size; name++) {
		char byte = *name;

		if (byte >= 'A' && byte <= 'Z')
			byte += 'a' - 'A';
		if ((byte >= 'a' && byte <= 'z') ||
		    (byte >= '0' && byte <= '9'))
			clean[length++] = byte;
	}
	clean[length] = 0;
}

static bool starts_with_any(const char *name, const char *const *starts,
			    size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strncmp(name, starts[i], strlen(starts[i])) == 0)
			return true;
	return false;
}

bool sql_encoding_is_safe(const char *name)
{
	static const char *const safe[] = {
		"utf8", "unicode", "sqlascii", "latin", "iso8859", "win",
		"koi8", "euc", "alt", "abc", "tcvn", "vscii",
	};
	/* the two-byte ones among the names that begin with win */
	static const char *const unsafe[] = {
		"win932", "win936", "win949", "win950", "windows932",
		"windows936", "windows949", "windows950",
	};
	char clean[64];

	if (strcmp(name, "UTF8") == 0)
		return true;
	clean_encoding(name, clean, sizeof(clean));
	return starts_with_any(clean, safe, lengthof(safe)) &&
	       !starts_with_any(clean, unsafe, lengthof(unsafe));
}

/* Of the settings that are refused none takes a list, but for those that only
 * the start of a session sets. An encoding's name is read without commas. */
bool setting_is_harmless(const char *value)
{
	static const char *const unsafe[] = {
		"sjis", "shiftjis", "mskanji", "big5", "gbk", "gb18030", "uhc",
		"johab", "win932", "win936", "win949", "win950", "windows932",
		"windows936", "windows949", "windows950",
	};
	char clean[64];

	clean_encoding(value, clean, sizeof(clean));
	return strchr(value, ',') &&
	       !starts_with_any(clean, unsafe, lengthof(unsafe));
}

static bool is_on(const char *value)
{
	return value && (strcasecmp(value, "on") == 0 ||
			 strcasecmp(value, "true") == 0 ||
			 strcasecmp(value, "yes") == 0 ||
			 strcmp(value, "1") == 0);
}

/* Settings that let code in, or let the system's own tables be written. */
static bool is_never_set(const char *name)
{
	static const char *const names[] = {
		"session_replication_role", "allow_system_table_mods",
		"session_preload_libraries", "local_preload_libraries",
		"shared_preload_libraries", "dynamic_library_path",
	};

	for (size_t i = 0; i < lengthof(names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

static bool is_risky(const char *name, const char *value, bool later)
{
	if (is_never_set(name))
		return true;
	if (strcmp(name, "standard_conforming_strings") == 0)
		return later || !is_on(value);
	if (strcmp(name, "client_encoding") == 0)
		return later || !value || !sql_encoding_is_safe(value);
	if (strcmp(name, "session_authorization") == 0)
		return true;
	/* of sessions to come: where names lead, and whether rows may come */
	return later && (strcmp(name, "search_path") == 0 ||
			 strcmp(name, "role") == 0 ||
			 strcmp(name, "row_security") == 0 ||
			 strcmp(name, "default_transaction_read_only") == 0);
}

void check_setting(struct facts_builder *builder, const char *name,
		   const char *value, bool later)
{
	if (is_risky(name, value, later))
		add_forbidden(builder,
			      arena_printf(builder->arena, "%s%s%s",
					   later ? builder->command : "",
					   later ? " ... SET " : "SET ",
					   name));
}

static const char *first_value(const List *args)
{
	const Node *node = args ? linitial(args) : NULL;
	const A_Const *constant = (const A_Const *)node;

	if (!node)
		return NULL;
	if (IsA(node, A_Const) && IsA(&constant->val.node, Integer))
		return constant->val.ival.ival == 1 ? "1" : "0";
	return constant_text(node);
}

/* SET TRANSACTION and SET SESSION CHARACTERISTICS. */
static void record_set_multi(struct facts_builder *builder,
			     const VariableSetStmt *set)
{
	ListCell *cell;

	if (strcmp(set->name, "SESSION CHARACTERISTICS") != 0) {
		add_session_deed(builder, SESSION_SET_LOCAL, "transaction");
		return;
	}
	foreach (cell, set->args) {
		const DefElem *item = lfirst(cell);
		struct session_deed *deed = add_session_deed(
			builder, SESSION_SET,
			arena_printf(builder->arena, "default_%s",
				     item->defname));

		deed->text = arena_dup(builder->arena, builder->text);
	}
}

static void record_value(struct facts_builder *builder,
			 const VariableSetStmt *set, const char *name)
{
	struct session_deed *deed;

	check_setting(builder, name, first_value(set->args), false);
	if (strcmp(name, "seed") == 0)
		add_session_deed(builder, SESSION_SEED_CALL, NULL);
	deed = add_session_deed(
		builder, set->is_local ? SESSION_SET_LOCAL : SESSION_SET, name);
	deed->text = arena_dup(builder->arena, builder->text);
}

/*
 * Going back to the default is what every driver does between uses; for the
 * lexer's settings the server reports the outcome. Only the switch that
 * turns triggers off must not move at all.
 */
static void record_default(struct facts_builder *builder,
			   const VariableSetStmt *set, const char *name)
{
	if (is_never_set(name))
		check_setting(builder, name, NULL, false);
	add_session_deed(builder,
			 set->is_local ? SESSION_SET_LOCAL : SESSION_RESET,
			 name);
}

void record_set(struct facts_builder *builder, Node *node)
{
	VariableSetStmt *set = (VariableSetStmt *)node;
	const char *name;

	if (builder->nested)
		return;	/* ALTER ROLE ... SET: not this session's */
	if (set->kind == VAR_SET_MULTI) {
		record_set_multi(builder, set);
		return;
	}
	if (set->kind == VAR_RESET_ALL) {
		add_session_deed(builder, SESSION_RESET_ALL, NULL);
		return;
	}
	name = lower_text(builder->arena, set->name ? set->name : "");
	if (set->kind == VAR_SET_VALUE)
		record_value(builder, set, name);
	else
		record_default(builder, set, name);
}

/* Of sessions to come: ALTER ROLE, DATABASE, FUNCTION ... SET. */
static void check_later(struct facts_builder *builder,
			const VariableSetStmt *set)
{
	if (set && set->name)
		check_setting(builder,
			      lower_text(builder->arena, set->name), NULL,
			      true);
}

void record_alter_role_set(struct facts_builder *builder, Node *node)
{
	check_later(builder, ((AlterRoleSetStmt *)node)->setstmt);
}

void record_alter_database_set(struct facts_builder *builder, Node *node)
{
	check_later(builder, ((AlterDatabaseSetStmt *)node)->setstmt);
}

/* --- statements, cursors, channels ----------------------------------------- */

void record_prepare(struct facts_builder *builder, Node *node)
{
	struct session_deed *deed = add_session_deed(
		builder, SESSION_PREPARE, ((PrepareStmt *)node)->name);

	deed->text = arena_dup(builder->arena, builder->text);
}

void record_execute(struct facts_builder *builder, Node *node)
{
	add_session_deed(builder, SESSION_EXECUTE,
			 ((ExecuteStmt *)node)->name);
}

void record_deallocate(struct facts_builder *builder, Node *node)
{
	const char *name = ((DeallocateStmt *)node)->name;

	add_session_deed(builder,
			 name ? SESSION_DEALLOCATE : SESSION_DEALLOCATE_ALL,
			 name);
}

void record_discard(struct facts_builder *builder, Node *node)
{
	static const char *const names[] = {
		[DISCARD_ALL] = "all",
		[DISCARD_PLANS] = "plans",
		[DISCARD_SEQUENCES] = "sequences",
		[DISCARD_TEMP] = "temp",
	};
	unsigned target = ((DiscardStmt *)node)->target;

	add_session_deed(builder, SESSION_DISCARD,
			 target < lengthof(names) ? names[target] : "all");
}

void record_listen(struct facts_builder *builder, Node *node)
{
	add_session_deed(builder, SESSION_LISTEN,
			 ((ListenStmt *)node)->conditionname);
}

void record_unlisten(struct facts_builder *builder, Node *node)
{
	add_session_deed(builder, SESSION_UNLISTEN,
			 ((UnlistenStmt *)node)->conditionname);
}

void record_cursor(struct facts_builder *builder, Node *node)
{
	DeclareCursorStmt *cursor = (DeclareCursorStmt *)node;

	if (cursor->options & CURSOR_OPT_HOLD)
		add_session_deed(builder, SESSION_CURSOR_HOLD,
				 cursor->portalname);
}

void record_load(struct facts_builder *builder, Node *node)
{
	add_session_deed(builder, SESSION_LOAD, NULL);
	add_forbidden(builder, "LOAD");
}

void record_forbidden(struct facts_builder *builder, Node *node)
{
	add_forbidden(builder, builder->command);
}

/* --- code ------------------------------------------------------------------ */

static const DefElem *option_named(const List *options, const char *name)
{
	ListCell *cell;

	foreach (cell, options)
		if (strcmp(((DefElem *)lfirst(cell))->defname, name) == 0)
			return lfirst(cell);
	return NULL;
}

/* The body of AS '...', which is a list, or of DO '...', which is not. */
static const char *option_text(const List *options, const char *name)
{
	const DefElem *option = option_named(options, name);
	const Node *value = option ? option->arg : NULL;

	if (value && IsA(value, List))
		value = linitial((const List *)value);
	return string_of(value);
}

static void check_function_settings(struct facts_builder *builder,
				    const List *options, bool altered)
{
	ListCell *cell;

	foreach (cell, options) {
		const DefElem *option = lfirst(cell);
		const VariableSetStmt *set = (const VariableSetStmt *)option->arg;

		if (strcmp(option->defname, "set") != 0 || !set->name)
			continue;
		/* a search path of its own is good manners in a new function,
		 * and a way to disarm an old one */
		if (!altered && strcasecmp(set->name, "search_path") == 0)
			continue;
		check_later(builder, set);
	}
}

void record_function(struct facts_builder *builder, Node *node)
{
	CreateFunctionStmt *create = (CreateFunctionStmt *)node;
	const char *name = string_of(llast(create->funcname));
	const char *schema = list_length(create->funcname) > 1 ?
				     string_of(linitial(create->funcname)) :
				     NULL;

	if (create->is_procedure)
		builder->command = "CREATE PROCEDURE";
	add_object(builder, OBJECT_OF_FUNCTION,
		   create->replace ? DEED_CREATE : DEED_HARMLESS_DDL,
		   create->funcname, false);
	check_function_settings(builder, create->options, false);
	if (schema && strncmp(schema, "pg_temp", 7) == 0)
		add_session_deed(builder, SESSION_TEMP, name);
	/* a BEGIN ATOMIC or RETURN body is part of the tree */
	if (!create->sql_body)
		add_code(builder, option_text(create->options, "language"),
			 option_text(create->options, "as"));
}

void record_alter_function(struct facts_builder *builder, Node *node)
{
	AlterFunctionStmt *alter = (AlterFunctionStmt *)node;

	check_function_settings(builder, alter->actions, true);
	add_object(builder, OBJECT_OF_FUNCTION, DEED_ALTER,
		   alter->func->objname, false);
}

void record_do(struct facts_builder *builder, Node *node)
{
	DoStmt *statement = (DoStmt *)node;
	const char *language = option_text(statement->args, "language");

	add_code(builder, language ? language : "plpgsql",
		 option_text(statement->args, "as"));
}

/* Extensions whose functions and types neither run SQL that they are given nor
 * reach out of the database. */
static const char *const known_extensions[] = {
	"autoinc", "bloom", "btree_gin", "btree_gist", "citext", "cube",
	"dict_int", "dict_xsyn", "earthdistance", "fuzzystrmatch", "hstore",
	"insert_username", "intagg", "intarray", "isn", "lo", "ltree",
	"moddatetime", "old_snapshot", "pageinspect", "pg_buffercache",
	"pg_freespacemap", "pg_prewarm", "pg_stat_statements", "pg_trgm",
	"pg_visibility", "pg_walinspect", "pgcrypto", "pgrowlocks",
	"pgstattuple", "plpgsql", "postgis", "postgis_topology", "seg",
	"sslinfo", "tcn", "timescaledb_toolkit", "tsm_system_rows",
	"tsm_system_time", "unaccent", "uuid-ossp", "vector",
};

const char *sql_extension_known(size_t index)
{
	return index < lengthof(known_extensions) ? known_extensions[index] :
						    NULL;
}

static bool is_known_extension(const char *name)
{
	for (size_t i = 0; i < lengthof(known_extensions); i++)
		if (strcmp(name, known_extensions[i]) == 0)
			return true;
	return false;
}

void record_extension(struct facts_builder *builder, Node *node)
{
	const char *name = IsA(node, CreateExtensionStmt) ?
				   ((CreateExtensionStmt *)node)->extname :
				   ((AlterExtensionStmt *)node)->extname;

	if (!is_known_extension(name))
		add_forbidden(builder,
			      arena_printf(builder->arena, "%s %s",
					   builder->command, name));
}
