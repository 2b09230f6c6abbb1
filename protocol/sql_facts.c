/*
 * One walk over the tree. Statements, wherever they are (in a CTE, under
 * EXPLAIN, in a rule), are looked up in the table of statements, whose rows
 * record what they do to their targets; calls are looked up in the table of
 * functions; every other relation that is named is read.
 */
#include "protocol/sql_nodes.h"

#include <stdlib.h>

#include "protocol/sql_facts.h"
#include "protocol/sql_facts_build.h"
#include "protocol/sql_walk.h"

const char *deed_name(enum deed deed)
{
	static const char *const names[] = {
		[DEED_READ] = "SELECT",
		[DEED_INSERT] = "INSERT",
		[DEED_UPSERT] = "INSERT ... ON CONFLICT DO UPDATE",
		[DEED_UPDATE] = "UPDATE",
		[DEED_DELETE] = "DELETE",
		[DEED_MERGE] = "MERGE",
		[DEED_TRUNCATE] = "TRUNCATE",
		[DEED_COPY_IN] = "COPY FROM",
		[DEED_CREATE] = "CREATE",
		[DEED_CREATE_TEMP] = "CREATE TEMPORARY",
		[DEED_DROP] = "DROP",
		[DEED_ALTER] = "ALTER",
		[DEED_RENAME] = "RENAME",
		[DEED_HARMLESS_DDL] = "maintenance",
		[DEED_ENABLE] = "ENABLE",
		[DEED_LOCK] = "LOCK",
	};

	return names[deed];
}

/* --- recording ----------------------------------------------------------- */

/* Makes room for one more element in an array of the arena. */
static void *grown(struct arena *arena, void *items, int count, int *max,
		   size_t size)
{
	void *more;

	if (count < *max)
		return items;
	*max = *max ? *max * 2 : 4;
	more = arena_alloc(arena, (size_t)*max * size);
	if (count)
		memcpy(more, items, (size_t)count * size);
	return more;
}

static const char *kept(struct facts_builder *builder, const char *text)
{
	return text ? arena_text(builder->arena, text) : NULL;
}

struct statement_facts *current_statement(struct facts_builder *builder)
{
	return &builder->facts->statements[builder->statement];
}

void add_deed(struct facts_builder *builder, enum deed deed,
	      const char *schema, const char *relation)
{
	struct sql_facts *facts = builder->facts;
	struct statement_facts *statement = current_statement(builder);

	facts->deeds = grown(builder->arena, facts->deeds, facts->deed_count,
			     &builder->deeds_max, sizeof(*facts->deeds));
	facts->deeds[facts->deed_count++] = (struct relation_deed){
		.deed = deed,
		.schema = kept(builder, schema),
		.relation = kept(builder, relation),
		.command = builder->command,
		.statement = builder->statement,
		.deferred = builder->deferred,
	};
	statement->deed_count++;
	if (deed != DEED_READ)
		statement->reads_only = false;
}

static struct relation_deed *last_deed(struct facts_builder *builder)
{
	return &builder->facts->deeds[builder->facts->deed_count - 1];
}

void note_cascade(struct facts_builder *builder, bool cascade)
{
	last_deed(builder)->cascade = cascade;
}

void note_columns(struct facts_builder *builder, const char *const *columns)
{
	last_deed(builder)->columns = columns;
}

void note_moving(struct facts_builder *builder, bool moving)
{
	last_deed(builder)->moving = moving;
}

void note_rebuilt(struct facts_builder *builder)
{
	last_deed(builder)->rebuilt = true;
}

void note_also(struct facts_builder *builder, uint32_t deeds)
{
	last_deed(builder)->also = deeds;
}

static void split_name(const List *list, const char **ret_schema,
		       const char **ret_name)
{
	int length = list_length(list);

	*ret_schema = length > 1 ? string_of(list_nth(list, length - 2)) : NULL;
	*ret_name = length ? string_of(list_nth(list, length - 1)) : NULL;
}

/* 1 + 1 + 1 + ... */
static bool is_last_call(const struct facts_builder *builder,
			 const char *schema, const char *name, bool attribute)
{
	const struct sql_facts *facts = builder->facts;
	const struct call_deed *last;

	if (!facts->call_count)
		return false;
	last = &facts->calls[facts->call_count - 1];
	return !schema && !last->schema &&
	       last->statement == builder->statement &&
	       last->deferred == builder->deferred &&
	       last->attribute == attribute && strcmp(last->name, name) == 0;
}

static void add_call(struct facts_builder *builder, const List *list,
		     bool listed, bool attribute)
{
	struct sql_facts *facts = builder->facts;
	const char *schema, *name;

	split_name(list, &schema, &name);
	if (!name || (schema && strcmp(schema, "pg_catalog") == 0) ||
	    is_last_call(builder, schema, name, attribute))
		return;
	facts->calls = grown(builder->arena, facts->calls, facts->call_count,
			     &builder->calls_max, sizeof(*facts->calls));
	facts->calls[facts->call_count++] = (struct call_deed){
		.schema = kept(builder, schema),
		.name = kept(builder, name),
		.statement = builder->statement,
		.deferred = builder->deferred,
		.listed = listed || (!schema && sql_function_is_listed(name)),
		.attribute = attribute,
	};
}

void add_called(struct facts_builder *builder, const List *list)
{
	add_call(builder, list, false, false);
}

void add_used(struct facts_builder *builder, const List *list)
{
	add_call(builder, list, true, false);
}

void add_attribute(struct facts_builder *builder, const List *list)
{
	add_call(builder, list, true, true);
}

/* Of relation.column%TYPE the column is the last. */
static void add_type(struct facts_builder *builder, const TypeName *type)
{
	List of_relation;

	if (!type->pct_type) {
		add_used(builder, type->names);
		return;
	}
	of_relation = *type->names;
	of_relation.length--;
	add_used(builder, &of_relation);
}

/* --- operators ------------------------------------------------------------ */

#define OPERATORS_COMPARED 8	/* mostly there are no more */

static bool is_applied(const struct facts_builder *builder, const char *name)
{
	const struct sql_facts *facts = builder->facts;

	for (int i = facts->operator_count - 1, left = OPERATORS_COMPARED;
	     i >= 0 && left; i--, left--) {
		const struct call_deed *each = &facts->operators[i];

		if (!each->schema && each->statement == builder->statement &&
		    each->deferred == builder->deferred &&
		    strcmp(each->name, name) == 0)
			return true;
	}
	return false;
}

static void add_operator(struct facts_builder *builder, const char *schema,
			 const char *name)
{
	struct sql_facts *facts = builder->facts;

	if (!name || (schema && strcmp(schema, "pg_catalog") == 0) ||
	    (!schema && is_applied(builder, name)))
		return;
	facts->operators = grown(builder->arena, facts->operators,
				 facts->operator_count,
				 &builder->operators_max,
				 sizeof(*facts->operators));
	facts->operators[facts->operator_count++] = (struct call_deed){
		.schema = kept(builder, schema),
		.name = kept(builder, name),
		.statement = builder->statement,
		.deferred = builder->deferred,
	};
}

static void add_operator_named(struct facts_builder *builder, const List *list)
{
	const char *schema, *name;

	split_name(list, &schema, &name);
	add_operator(builder, schema, name);
}

/* BETWEEN is named so in the tree, and is comparisons. */
static void record_expression(struct facts_builder *builder,
			      const A_Expr *expression)
{
	switch (expression->kind) {
	case AEXPR_BETWEEN:
	case AEXPR_BETWEEN_SYM:
		add_operator(builder, NULL, ">=");
		add_operator(builder, NULL, "<=");
		break;
	case AEXPR_NOT_BETWEEN:
	case AEXPR_NOT_BETWEEN_SYM:
		add_operator(builder, NULL, "<");
		add_operator(builder, NULL, ">");
		break;
	default:
		add_operator_named(builder, expression->name);
	}
}

/* What applies an operator that is not written: x IN (SELECT ...), CASE x
 * WHEN ..., JOIN ... USING. */
static void record_implied(struct facts_builder *builder, const Node *node)
{
	const SubLink *link = (const SubLink *)node;
	const JoinExpr *join = (const JoinExpr *)node;

	switch (nodeTag(node)) {
	case T_SubLink:
		if (link->operName)
			add_operator_named(builder, link->operName);
		else if (link->testexpr)
			add_operator(builder, NULL, "=");
		break;
	case T_CaseExpr:
		if (((const CaseExpr *)node)->arg)
			add_operator(builder, NULL, "=");
		break;
	case T_JoinExpr:
		if (join->usingClause || join->isNatural)
			add_operator(builder, NULL, "=");
		break;
	case T_SortBy:
		if (((const SortBy *)node)->useOp)
			add_operator_named(builder,
					   ((const SortBy *)node)->useOp);
		break;
	default:
		break;
	}
}

void add_object(struct facts_builder *builder, enum object_kind kind,
		enum deed deed, const List *list, bool cascade)
{
	struct sql_facts *facts = builder->facts;
	const char *schema, *name;

	split_name(list, &schema, &name);
	facts->objects = grown(builder->arena, facts->objects,
			       facts->object_count, &builder->objects_max,
			       sizeof(*facts->objects));
	facts->objects[facts->object_count++] = (struct object_deed){
		.kind = kind,
		.deed = deed,
		.schema = kept(builder, schema),
		.name = kept(builder, name),
		.command = builder->command,
		.statement = builder->statement,
		.cascade = cascade,
	};
}

static void add_with(struct facts_builder *builder, const char *name)
{
	struct sql_facts *facts = builder->facts;

	facts->withs = grown(builder->arena, facts->withs, facts->with_count,
			     &builder->withs_max, sizeof(*facts->withs));
	facts->withs[facts->with_count++] = kept(builder, name);
}

static int compare_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

bool sql_facts_has_with(const struct sql_facts *facts, const char *name)
{
	return facts->with_count &&
	       bsearch(&name, facts->withs, (size_t)facts->with_count,
		       sizeof(*facts->withs), compare_text);
}

bool sql_facts_touch_session(const struct sql_facts *facts)
{
	if (facts->session_deed_count)
		return true;
	for (int i = 0; i < facts->statement_count; i++)
		if (facts->statements[i].opaque)
			return true;
	return false;
}

void add_target(struct facts_builder *builder, enum deed deed,
		const RangeVar *relation)
{
	if (!relation)
		return;
	if (builder->target_count == TARGETS_MAX)
		builder->target_count = 0;
	builder->targets[builder->target_count++] = relation;
	add_deed(builder, deed, relation->schemaname, relation->relname);
}

void add_named(struct facts_builder *builder, enum deed deed,
	       const List *name)
{
	int length = list_length(name);
	const char *schema;

	if (length < 1)
		return;
	schema = length > 1 ? string_of(list_nth(name, length - 2)) : NULL;
	add_deed(builder, deed, schema,
		 string_of(list_nth(name, length - 1)));
}

struct session_deed *add_session_deed(struct facts_builder *builder,
				      enum session_deed_kind kind,
				      const char *name)
{
	struct sql_facts *facts = builder->facts;
	struct session_deed *deed;

	facts->session_deeds =
		grown(builder->arena, facts->session_deeds,
		      facts->session_deed_count, &builder->session_deeds_max,
		      sizeof(*facts->session_deeds));
	deed = &facts->session_deeds[facts->session_deed_count++];
	*deed = (struct session_deed){ .kind = kind,
				       .statement = builder->statement,
				       .name = kept(builder, name),
				       .deferred = builder->deferred &&
						   kind != SESSION_PREPARE };
	current_statement(builder)->reads_only = false;
	return deed;
}

void add_code(struct facts_builder *builder, const char *language,
	      const char *body)
{
	struct sql_facts *facts = builder->facts;

	facts->codes = grown(builder->arena, facts->codes, facts->code_count,
			     &builder->codes_max, sizeof(*facts->codes));
	facts->codes[facts->code_count++] =
		(struct code_deed){ .statement = builder->statement,
				    .command = builder->command,
				    .language = kept(builder, language),
				    .body = kept(builder, body) };
}

void add_forbidden(struct facts_builder *builder, const char *words)
{
	struct sql_facts *facts = builder->facts;

	if (facts->forbidden)
		return;
	facts->forbidden = kept(builder, words);
	facts->forbidden_statement = builder->statement;
}

const char *constant_text(const Node *node)
{
	const A_Const *constant = (const A_Const *)node;

	if (node && IsA(node, TypeCast))
		return constant_text(((const TypeCast *)node)->arg);
	if (!node || !IsA(node, A_Const) || constant->isnull ||
	    !IsA(&constant->val.node, String))
		return NULL;
	return constant->val.sval.sval;
}

char *lower_text(struct arena *arena, const char *text)
{
	char *lower = arena_text(arena, text);

	for (char *at = lower; *at; at++)
		if (*at >= 'A' && *at <= 'Z')
			*at += 'a' - 'A';
	return lower;
}

/* --- walking ------------------------------------------------------------- */

static bool is_target(const struct facts_builder *builder,
		      const RangeVar *relation)
{
	for (int i = 0; i < builder->target_count; i++)
		if (builder->targets[i] == relation)
			return true;
	return false;
}

static void record_relation(struct facts_builder *builder,
			    const RangeVar *relation)
{
	if (is_target(builder, relation))
		return;
	if (strcmp(relation->relname, "pg_prepared_statements") == 0)
		add_session_deed(builder, SESSION_NAMES_READ, NULL);
	/* its UPDATE would be one of pg_settings, which is a set_config() */
	if (builder->viewing && strcmp(relation->relname, "pg_settings") == 0)
		add_forbidden(builder, "a view of pg_settings");
	add_deed(builder, DEED_READ, relation->schemaname, relation->relname);
}

static void record_statement(struct facts_builder *builder, Node *node,
			     const struct statement_row *row)
{
	struct statement_facts *statement = current_statement(builder);

	builder->command = row->command;
	if (!(row->flags & IS_READING))
		statement->reads_only = false;
	if (row->flags & IS_OPAQUE)
		statement->opaque = true;
	if (row->flags & IS_DDL)
		statement->is_ddl = true;
	if (row->flags & IS_DEFERRED)
		builder->deferred = true;
	if (row->record)
		row->record(builder, node);
	builder->nested = true;
}

static bool is_statement(Node *node)
{
	const char *name = sql_kind_find(nodeTag(node))->name;
	size_t length = strlen(name);

	return length > 4 && strcmp(name + length - 4, "Stmt") == 0;
}

static bool acts(char action)
{
	return action == FKCONSTR_ACTION_CASCADE ||
	       action == FKCONSTR_ACTION_SETNULL ||
	       action == FKCONSTR_ACTION_SETDEFAULT;
}

/* A key may hand on to its own table what is done to the other. */
static void record_constraint(struct facts_builder *builder,
			      const Constraint *constraint)
{
	if (constraint->contype != CONSTR_FOREIGN || !constraint->pktable)
		return;
	add_target(builder, DEED_READ, constraint->pktable);
	last_deed(builder)->referred = true;
	last_deed(builder)->acting = acts(constraint->fk_del_action) ||
				     acts(constraint->fk_upd_action);
}

static bool check_size(const struct facts_builder *builder)
{
	if (builder->arena->bytes <= SQL_FACTS_BYTES_MAX)
		return true;
	error_set(builder->error, SQLSTATE_TOO_COMPLEX,
		  "statement text does too many things");
	error_hint(builder->error, "Send it in several texts.");
	return false;
}

static bool visit(Node *node, int depth, void *context)
{
	struct facts_builder *builder = context;
	const struct statement_row *row;

	if (!check_size(builder))
		return false;
	switch (nodeTag(node)) {
	case T_RangeVar:
		record_relation(builder, (RangeVar *)node);
		return true;
	case T_CommonTableExpr:
		add_with(builder, ((CommonTableExpr *)node)->ctename);
		return true;
	case T_TypeName:
		add_type(builder, (TypeName *)node);
		return true;
	case T_Constraint:
		record_constraint(builder, (Constraint *)node);
		return true;
	case T_FuncCall:
		record_call(builder, (FuncCall *)node);
		return true;
	case T_A_Indirection:
		record_attributes(builder, (A_Indirection *)node);
		return true;
	case T_A_Expr:
		record_expression(builder, (A_Expr *)node);
		return true;
	case T_SubLink:
	case T_CaseExpr:
	case T_JoinExpr:
	case T_SortBy:
		record_implied(builder, node);
		return true;
	case T_String:	/* what most texts consist of */
	case T_ColumnRef:
	case T_ResTarget:
	case T_A_Const:
	case T_ParamRef:
	case T_BoolExpr:
		return true;
	default:
		break;
	}
	row = statement_row(nodeTag(node));
	if (row)
		record_statement(builder, node, row);
	else if (depth == 0 || is_statement(node))
		builder->facts->unlisted = true;
	return true;
}

static bool read_statement(struct facts_builder *builder,
			   struct sql_statement statement,
			   struct error *error)
{
	struct statement_facts *facts = current_statement(builder);

	builder->text = statement.text;
	builder->nested = false;
	builder->deferred = false;
	builder->viewing = false;
	builder->called = NULL;
	builder->target_count = 0;
	facts->tag = sql_kind_find(nodeTag(statement.node))->name;
	facts->first_deed = builder->facts->deed_count;
	facts->reads_only = true;
	return sql_walk_outline(statement.node, visit, builder, error) &&
	       check_size(builder);
}

bool sql_facts_of_tree(const struct sql_tree *tree, struct arena *arena,
		       struct sql_facts *facts, struct error *error)
{
	struct facts_builder builder = { .arena = arena, .facts = facts,
					 .error = error };
	size_t count = sql_tree_count(tree);

	memset(facts, 0, sizeof(*facts));
	facts->statement_count = (int)count;
	facts->statements =
		arena_alloc(arena, count * sizeof(*facts->statements));
	for (size_t i = 0; i < count; i++) {
		builder.statement = (int)i;
		if (!read_statement(&builder, sql_tree_statement(tree, i),
				    error))
			return false;
	}
	if (facts->with_count)
		qsort(facts->withs, (size_t)facts->with_count,
		      sizeof(*facts->withs), compare_text);
	return true;
}

bool sql_facts_read(struct slice text, struct arena *arena,
		    struct sql_facts *facts, struct error *error)
{
	struct sql_tree *tree = sql_tree_new(text, error);
	bool done;

	if (!tree)
		return false;
	done = sql_facts_of_tree(tree, arena, facts, error);
	sql_tree_free(&tree);
	return done;
}
