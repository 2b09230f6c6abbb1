/*
 * DDL: which statement is whose, and what all of them need.
 *
 * All steps of a statement run in one savepoint of the writer, so a statement
 * that fails half way leaves nothing behind. The schema that the statement is
 * compiled against must be the one it runs against: the first step refuses to
 * run if OIDs were given in between.
 */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/ddl_state.h"

#include <stdarg.h>
#include <stdio.h>
#include <strings.h>

#include "protocol/sql_facts.h"
#include "protocol/type.h"

#define NAME_BYTES_MAX 63	/* NAMEDATALEN - 1 */

/* --- steps and notices -------------------------------------------------- */

void *ddl_grow(struct ddl *ddl, void *items, int count, int *capacity,
	       size_t size)
{
	int more = *capacity ? *capacity * 2 : 8;
	void *grown;

	if (count < *capacity)
		return items;
	grown = arena_alloc(ddl->arena, (size_t)more * size);
	if (count)
		memcpy(grown, items, (size_t)count * size);
	*capacity = more;
	return grown;
}

static struct compiled_step *add_step(struct ddl *ddl)
{
	struct compiled *compiled = ddl->compiled;

	compiled->steps = ddl_grow(ddl, compiled->steps, compiled->step_count,
				   &ddl->step_capacity,
				   sizeof(*compiled->steps));
	return &compiled->steps[compiled->step_count++];
}

__attribute__((format(printf, 2, 0)))
static const char *print_args(struct ddl *ddl, const char *format,
			      va_list args)
{
	va_list again;
	char *text;
	int length;

	va_copy(again, args);
	length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	text = arena_alloc(ddl->arena, (size_t)(length < 0 ? 0 : length) + 1);
	vsnprintf(text, (size_t)(length < 0 ? 0 : length) + 1, format, args);
	return text;
}

void ddl_step(struct ddl *ddl, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add_step(ddl)->sql = print_args(ddl, format, args);
	va_end(args);
}

void ddl_refuse_if(struct ddl *ddl, const struct error *error,
		   const char *format, ...)
{
	struct compiled_step *step = add_step(ddl);
	va_list args;

	if (error) {
		struct error *copy = arena_alloc(ddl->arena, sizeof(*copy));

		*copy = *error;
		step->error = copy;
	}
	va_start(args, format);
	step->sql = print_args(ddl, format, args);
	va_end(args);
}

void ddl_notice(struct ddl *ddl, const char *sqlstate, const char *format, ...)
{
	va_list args;

	/* one more than counted: the list ends with one without a text */
	if (ddl->notice_count + 1 >= ddl->notice_capacity)
		ddl->notices = ddl_grow(ddl, ddl->notices,
					ddl->notice_capacity,
					&ddl->notice_capacity,
					sizeof(*ddl->notices));
	va_start(args, format);
	ddl->notices[ddl->notice_count++] = (struct compiled_notice){
		.sqlstate = sqlstate, .text = print_args(ddl, format, args),
	};
	va_end(args);
	ddl->compiled->notices = ddl->notices;
}

void ddl_reshapes(struct ddl *ddl, const char *what,
		  const struct schema_table *table)
{
	struct compiled *compiled = ddl->compiled;

	if (compiled->reshaped_count == ddl->reshaped_capacity)
		ddl->reshaped = ddl_grow(ddl, ddl->reshaped,
					 ddl->reshaped_capacity,
					 &ddl->reshaped_capacity,
					 sizeof(*ddl->reshaped));
	ddl->reshaped[compiled->reshaped_count++] = table->oid;
	compiled->reshaped = ddl->reshaped;
	compiled->reshape = what;
}

void ddl_cascade(struct ddl *ddl, const char *format, ...)
{
	const char *before = ddl->cascaded, *text;
	va_list args;

	va_start(args, format);
	text = print_args(ddl, format, args);
	va_end(args);
	ddl->cascaded = arena_printf(ddl->arena, "%s%sdrop cascades to %s",
				     before ? before : "", before ? "\n" : "",
				     text);
	ddl->cascade_count++;
}

void ddl_cascade_of(struct ddl *ddl, const struct schema_table *table,
		    const char *format, ...)
{
	struct compiled *compiled = ddl->compiled;
	va_list args;

	va_start(args, format);
	ddl_cascade(ddl, "%s", print_args(ddl, format, args));
	va_end(args);
	if (compiled->loser_count == ddl->loser_capacity)
		ddl->losers = ddl_grow(ddl, ddl->losers, ddl->loser_capacity,
				       &ddl->loser_capacity,
				       sizeof(*ddl->losers));
	ddl->losers[compiled->loser_count++] = table->oid;
	compiled->losers = ddl->losers;
}

static void tell_cascades(struct ddl *ddl)
{
	if (ddl->cascade_count == 1)
		ddl_notice(ddl, SQLSTATE_SUCCESS, "%s", ddl->cascaded);
	if (ddl->cascade_count < 2)
		return;
	ddl_notice(ddl, SQLSTATE_SUCCESS, "drop cascades to %d other objects",
		   ddl->cascade_count);
	ddl->notices[ddl->notice_count - 1].detail = ddl->cascaded;
}

bool ddl_unsupported(struct ddl *ddl, const char *what)
{
	return error_set(ddl->error, SQLSTATE_FEATURE_NOT_SUPPORTED,
			 "%s not supported on a SQLite backend", what);
}

const char *ddl_text_or_null(struct ddl *ddl, const char *text)
{
	return text ? print_text(ddl->arena, text) : "NULL";
}

/* --- OIDs --------------------------------------------------------------- */

uint32_t ddl_oid(struct ddl *ddl)
{
	return ddl->next_oid++;
}

/* The first step, once it is known how many OIDs were given. */
static void claim_oids(struct ddl *ddl)
{
	struct compiled_step *steps;
	struct error error = { 0 };
	int count;

	if (ddl->next_oid == ddl->schema->next_oid)
		return;
	error_set(&error, SQLSTATE_SERIALIZATION,
		  "could not serialize access due to concurrent DDL");
	ddl_refuse_if(ddl, &error,
		      "SELECT 1 FROM main._weir_oid WHERE next <> %u",
		      ddl->schema->next_oid);
	ddl_step(ddl, "UPDATE main._weir_oid SET next = %u", ddl->next_oid);
	count = ddl->compiled->step_count;
	steps = arena_alloc(ddl->arena, (size_t)count * sizeof(*steps));
	memcpy(steps, ddl->compiled->steps + count - 2, 2 * sizeof(*steps));
	memcpy(steps + 2, ddl->compiled->steps,
	       ((size_t)count - 2) * sizeof(*steps));
	ddl->compiled->steps = steps;
}

/* A file of another program's has none of weir's tables before this. */
static void prepare_main(struct ddl *ddl)
{
	const char **sql = facts_tables_sql(ddl->arena, "main");
	int before = ddl->compiled->step_count, count = 0;
	struct compiled_step *steps;

	if (ddl->schema->has_facts || !before)
		return;
	while (sql[count])
		count++;
	steps = arena_alloc(ddl->arena,
			    (size_t)(count + before) * sizeof(*steps));
	for (int i = 0; i < count; i++)
		steps[i] = (struct compiled_step){ .sql = sql[i] };
	memcpy(steps + count, ddl->compiled->steps,
	       (size_t)before * sizeof(*steps));
	ddl->compiled->steps = steps;
	ddl->compiled->step_count = count + before;
}

/* --- names -------------------------------------------------------------- */

const char *ddl_database(const char *schema)
{
	return strcmp(schema, SCHEMA_TEMP) == 0 ? "temp" : "main";
}

void ddl_prepare_temp(struct ddl *ddl)
{
	const char **sql = facts_tables_sql(ddl->arena, "temp");

	if (ddl->temp_ready)
		return;
	ddl->temp_ready = true;
	for (; *sql; sql++)
		ddl_step(ddl, "%s", *sql);
}

static const char *default_schema(struct ddl *ddl)
{
	const char *const *path = ddl->state->session->search_path;

	for (; path && *path; path++)
		if (strcmp(*path, "pg_catalog") != 0 &&
		    schema_find_namespace(ddl->schema, *path))
			return *path;
	return NULL;
}

bool ddl_target_schema(struct ddl *ddl, const RangeVar *name,
		       const char **ret_schema)
{
	const char *in = name->schemaname;

	if (name->relpersistence == RELPERSISTENCE_TEMP ||
	    (in && (strcmp(in, "pg_temp") == 0 ||
		    strcmp(in, SCHEMA_TEMP) == 0))) {
		ddl_prepare_temp(ddl);
		*ret_schema = SCHEMA_TEMP;
		return true;
	}
	if (!in)
		in = default_schema(ddl);
	if (!in)
		return error_set(ddl->error, SQLSTATE_INVALID_SCHEMA,
				 "no schema has been selected to create in");
	if (!schema_find_namespace(ddl->schema, in))
		return error_set(ddl->error, SQLSTATE_INVALID_SCHEMA,
				 "schema \"%s\" does not exist", in);
	if (strncmp(in, "pg_", 3) == 0 ||
	    strcmp(in, "information_schema") == 0)
		return error_set(ddl->error, SQLSTATE_INSUFFICIENT_PRIVILEGE,
				 "permission denied to create \"%s.%s\"", in,
				 name->relname);
	*ret_schema = in;
	return true;
}

bool ddl_name_taken(struct ddl *ddl, const char *schema, const char *name)
{
	for (int i = 0; i < ddl->taken_count; i++)
		if (strcmp(ddl->taken[i], name) == 0)
			return true;
	for (int i = 0; i < ddl->freed_count; i++)
		if (strcmp(ddl->freed[i], name) == 0)
			return false;
	return relation_oid(ddl->schema, NULL, schema, name) != 0;
}

bool ddl_check_case(struct ddl *ddl, const char *schema, const char *name)
{
	const char *lite_name = facts_lite_name(ddl->arena, schema, name);

	for (int i = 0; i < ddl->schema->table_count; i++) {
		const struct schema_table *table = &ddl->schema->tables[i];

		if (table->catalog ||
		    strcmp(table->lite_database, ddl_database(schema)) != 0 ||
		    strcasecmp(table->lite_name, lite_name) != 0 ||
		    strcmp(table->lite_name, lite_name) == 0)
			continue;
		return error_set(ddl->error, SQLSTATE_FEATURE_NOT_SUPPORTED,
				 "a name that differs from \"%s\" in its case "
				 "only is not supported on SQLite",
				 table->name);
	}
	return true;
}

bool ddl_check_column_case(struct ddl *ddl, const struct schema_table *table,
			   const char *name, const struct schema_column *except)
{
	for (int i = 0; i < table->column_count; i++) {
		const struct schema_column *column = &table->columns[i];

		if (column == except || strcasecmp(column->name, name) != 0 ||
		    strcmp(column->name, name) == 0)
			continue;
		return error_set(ddl->error, SQLSTATE_FEATURE_NOT_SUPPORTED,
				 "a column name that differs from \"%s\" in "
				 "its case only is not supported on SQLite",
				 column->name);
	}
	return true;
}

void ddl_take_name(struct ddl *ddl, const char *name)
{
	ddl->taken = ddl_grow(ddl, ddl->taken, ddl->taken_count,
			      &ddl->taken_capacity, sizeof(*ddl->taken));
	ddl->taken[ddl->taken_count++] = name;
}

void ddl_free_name(struct ddl *ddl, const char *name)
{
	ddl->freed = ddl_grow(ddl, ddl->freed, ddl->freed_count,
			      &ddl->freed_capacity, sizeof(*ddl->freed));
	ddl->freed[ddl->freed_count++] = name;
}

/* Cuts the longer of both until all fit, never inside a character. */
static const char *join_names(struct ddl *ddl, const char *first,
			      const char *second, const char *label)
{
	size_t a = strlen(first), b = second ? strlen(second) : 0;
	size_t extra = strlen(label) + 1 + (second ? 1 : 0);

	while (a + b + extra > NAME_BYTES_MAX)
		*(a > b ? &a : &b) -= 1;
	while (a && first[a] && ((uint8_t)first[a] & 0xc0) == 0x80)
		a--;
	while (b && second[b] && ((uint8_t)second[b] & 0xc0) == 0x80)
		b--;
	if (!second)
		return arena_printf(ddl->arena, "%.*s_%s", (int)a, first,
				    label);
	return arena_printf(ddl->arena, "%.*s_%.*s_%s", (int)a, first, (int)b,
			    second, label);
}

const char *ddl_choose_name(struct ddl *ddl, const char *schema,
			    const struct schema_table *table,
			    const char *first, const char *second,
			    const char *label)
{
	const char *name = join_names(ddl, first, second, label);

	for (int pass = 1; ddl_name_taken(ddl, schema, name) ||
			   (table && schema_find_constraint(table, name));
	     pass++)
		name = join_names(ddl, first, second,
				  arena_printf(ddl->arena, "%s%d", label,
					       pass));
	ddl_take_name(ddl, name);
	return name;
}

const char *ddl_kind_word(const struct schema_table *table)
{
	switch (table->kind) {
	case 'v':
		return "view";
	case 'm':
		return "materialized view";
	default:
		return "table";
	}
}

const struct schema_table *ddl_find_table(struct ddl *ddl,
					  const RangeVar *name,
					  const char *kind, bool missing_ok,
					  bool *ret_failed)
{
	const struct schema_table *table = schema_find_table(
		ddl->schema, ddl->state->session->search_path,
		name->schemaname, name->relname);

	*ret_failed = true;
	if (!table && missing_ok) {
		ddl_notice(ddl, SQLSTATE_SUCCESS,
			   "relation \"%s\" does not exist, skipping",
			   name->relname);
		*ret_failed = false;
		return NULL;
	}
	if (!table) {
		compile_fail(ddl->state, name->location,
			     SQLSTATE_UNDEFINED_TABLE,
			     "relation \"%s%s%s\" does not exist",
			     name->schemaname ? name->schemaname : "",
			     name->schemaname ? "." : "", name->relname);
		ddl->error->position = 0;
		return NULL;
	}
	if (table->catalog) {
		error_set(ddl->error, SQLSTATE_INSUFFICIENT_PRIVILEGE,
			  "permission denied: \"%s\" is a system catalog",
			  table->name);
		return NULL;
	}
	if (kind && strcmp(kind, ddl_kind_word(table)) != 0) {
		error_set(ddl->error, "42809", "\"%s\" is not a %s",
			  table->name, kind);
		return NULL;
	}
	*ret_failed = false;
	return table;
}

/* --- which statement is whose ------------------------------------------- */

bool ddl_create_schema(struct ddl *ddl, CreateSchemaStmt *node)
{
	const char *name = node->schemaname;

	ddl->compiled->tag = "CREATE SCHEMA";
	if (!name)
		name = ddl->state->session->user;
	if (node->schemaElts)
		return ddl_unsupported(ddl, "CREATE SCHEMA with elements is");
	if (schema_find_namespace(ddl->schema, name)) {
		if (!node->if_not_exists)
			return error_set(ddl->error,
					 SQLSTATE_DUPLICATE_SCHEMA,
					 "schema \"%s\" already exists", name);
		ddl_notice(ddl, SQLSTATE_DUPLICATE_SCHEMA,
			   "schema \"%s\" already exists, skipping",
			   name);
		return true;
	}
	if (strncmp(name, "pg_", 3) == 0) {
		error_set(ddl->error, "42939",
			  "unacceptable schema name \"%s\"", name);
		error_detail(ddl->error, "The prefix \"pg_\" is reserved for "
					 "system schemas.");
		return false;
	}
	facts_write_object(ddl, "public", ddl_oid(ddl), "namespace", name, 0,
			   0, NULL, NULL);
	return true;
}

const char *ddl_object_words(int type)
{
	static const char *const words[OBJECT_VIEW + 1] = {
		[OBJECT_ACCESS_METHOD] = "ACCESS METHOD",
		[OBJECT_AGGREGATE] = "AGGREGATE", [OBJECT_CAST] = "CAST",
		[OBJECT_COLLATION] = "COLLATION",
		[OBJECT_CONVERSION] = "CONVERSION",
		[OBJECT_DOMAIN] = "DOMAIN",
		[OBJECT_EVENT_TRIGGER] = "EVENT TRIGGER",
		[OBJECT_EXTENSION] = "EXTENSION",
		[OBJECT_FDW] = "FOREIGN DATA WRAPPER",
		[OBJECT_FOREIGN_SERVER] = "SERVER",
		[OBJECT_FOREIGN_TABLE] = "FOREIGN TABLE",
		[OBJECT_FUNCTION] = "FUNCTION", [OBJECT_INDEX] = "INDEX",
		[OBJECT_LANGUAGE] = "LANGUAGE",
		[OBJECT_MATVIEW] = "MATERIALIZED VIEW",
		[OBJECT_OPCLASS] = "OPERATOR CLASS",
		[OBJECT_OPERATOR] = "OPERATOR",
		[OBJECT_OPFAMILY] = "OPERATOR FAMILY",
		[OBJECT_POLICY] = "POLICY", [OBJECT_PROCEDURE] = "PROCEDURE",
		[OBJECT_PUBLICATION] = "PUBLICATION",
		[OBJECT_ROUTINE] = "ROUTINE", [OBJECT_RULE] = "RULE",
		[OBJECT_SCHEMA] = "SCHEMA", [OBJECT_SEQUENCE] = "SEQUENCE",
		[OBJECT_STATISTIC_EXT] = "STATISTICS",
		[OBJECT_TABLE] = "TABLE", [OBJECT_TRANSFORM] = "TRANSFORM",
		[OBJECT_TRIGGER] = "TRIGGER",
		[OBJECT_TSCONFIGURATION] = "TEXT SEARCH CONFIGURATION",
		[OBJECT_TSDICTIONARY] = "TEXT SEARCH DICTIONARY",
		[OBJECT_TSPARSER] = "TEXT SEARCH PARSER",
		[OBJECT_TSTEMPLATE] = "TEXT SEARCH TEMPLATE",
		[OBJECT_TYPE] = "TYPE", [OBJECT_VIEW] = "VIEW",
	};

	return type >= 0 && type <= OBJECT_VIEW && words[type] ? words[type] :
	       "of this kind";
}

/* What is not done here at all, by the words that ask for it. */
static bool refuse(struct ddl *ddl, const Node *node)
{
	const char *words = sql_command(node);

	if (IsA(node, DefineStmt))
		words = arena_printf(ddl->arena, "CREATE %s", ddl_object_words(
			((const DefineStmt *)node)->kind));
	return ddl_unsupported(ddl, arena_printf(ddl->arena, "%s is", words));
}

static bool dispatch(struct ddl *ddl, struct sql_statement statement)
{
	Node *node = statement.node;

	switch (nodeTag(node)) {
	case T_CreateStmt:
		return ddl_create_table(ddl, (CreateStmt *)node);
	case T_CreateTableAsStmt:
		return ddl_create_table_as(ddl, (CreateTableAsStmt *)node,
					   statement.text);
	case T_RefreshMatViewStmt:
		return ddl_refresh(ddl, (RefreshMatViewStmt *)node);
	case T_SelectStmt:
		return ddl_select_into(ddl, (SelectStmt *)node);
	case T_IndexStmt:
		return ddl_create_index(ddl, (IndexStmt *)node);
	case T_AlterTableStmt:
		return ddl_alter_table(ddl, (AlterTableStmt *)node);
	case T_RenameStmt:
		return ddl_rename(ddl, (RenameStmt *)node);
	case T_DropStmt:
		return ddl_drop(ddl, (DropStmt *)node);
	case T_CreateSeqStmt:
		return ddl_create_sequence(ddl, (CreateSeqStmt *)node);
	case T_AlterSeqStmt:
		return ddl_alter_sequence(ddl, (AlterSeqStmt *)node);
	case T_CreateEnumStmt:
		return ddl_create_enum(ddl, (CreateEnumStmt *)node);
	case T_AlterEnumStmt:
		return ddl_alter_enum(ddl, (AlterEnumStmt *)node);
	case T_AlterObjectSchemaStmt:
		return ddl_set_schema(ddl, (AlterObjectSchemaStmt *)node);
	case T_AlterOwnerStmt:
		return ddl_alter_owner(ddl, (AlterOwnerStmt *)node);
	case T_ViewStmt:
		return ddl_create_view(ddl, (ViewStmt *)node, statement.text);
	case T_CommentStmt:
		return ddl_comment(ddl, (CommentStmt *)node);
	case T_CreateSchemaStmt:
		return ddl_create_schema(ddl, (CreateSchemaStmt *)node);
	case T_CreateExtensionStmt:
		return ddl_create_extension(ddl, (CreateExtensionStmt *)node);
	case T_GrantStmt:
	case T_GrantRoleStmt:
	case T_AlterDefaultPrivilegesStmt:
		return ddl_grant(ddl, node);
	case T_CreateFunctionStmt:
		return ddl_unsupported(ddl, "CREATE FUNCTION is");
	case T_CreateTrigStmt:
		return ddl_unsupported(ddl, "CREATE TRIGGER is");
	case T_ReindexStmt:
		return ddl_reindex(ddl, (ReindexStmt *)node);
	case T_ClusterStmt:
		return ddl_cluster(ddl, (ClusterStmt *)node);
	case T_CreateDomainStmt:
		return ddl_create_domain(ddl, (CreateDomainStmt *)node);
	case T_CompositeTypeStmt:
		return ddl_unsupported(ddl, "composite types are");
	case T_CreateRangeStmt:
		return ddl_unsupported(ddl, "range types are");
	case T_RuleStmt:
		return ddl_unsupported(ddl, "CREATE RULE is");
	case T_CreatePolicyStmt:
		return ddl_unsupported(ddl, "row-level security is");
	default:
		return refuse(ddl, node);
	}
}

bool compile_ddl(struct compile_state *state, struct sql_statement statement,
		 struct compiled *ret_compiled)
{
	struct ddl ddl = {
		.state = state, .schema = state->schema,
		.arena = state->arena, .error = state->error,
		.compiled = ret_compiled,
		.next_oid = state->schema->next_oid,
	};

	ret_compiled->kind = COMPILED_DDL;
	ret_compiled->writes = true;
	ret_compiled->volatile_plan = true;
	if (!dispatch(&ddl, statement))
		return false;
	tell_cascades(&ddl);
	claim_oids(&ddl);
	prepare_main(&ddl);
	return true;
}
