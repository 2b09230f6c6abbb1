/* WITH: common table expressions, recursive ones included. */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/expr.h"
#include "protocol/dialect/with_order.h"

static bool name_columns(struct compile_state *state, struct cte *cte,
			 List *names)
{
	int at = 0;
	ListCell *cell;

	if (list_length(names) > cte->column_count)
		return compile_fail(state, -1, "42P10",
				    "WITH query \"%s\" has %d columns available but %d columns specified",
				    cte->name, cte->column_count,
				    list_length(names));
	foreach(cell, names)
		cte->columns[at++].name = arena_text(state->arena,
						     strVal(lfirst(cell)));
	return true;
}

static struct cte *cte_new(struct compile_state *state, CommonTableExpr *node)
{
	struct cte *cte = arena_alloc(state->arena, sizeof(*cte));

	cte->name = arena_text(state->arena, node->ctename);
	cte->alias = arena_printf(state->arena, "_c%d", ++state->alias_count);
	return cte;
}

/* SQLite wants the arms bare, without parentheses around the recursion, and
 * tells rows apart by the first arm's collations. */
static const char *first_arm(struct compile_state *state,
			     const struct query *query, const uint32_t *types,
			     bool deduplicates)
{
	bool wrap = query->is_sorted || query->is_set ||
		    query->with[0] != '\0';
	const char *columns = "";

	for (int i = 0; i < query->column_count; i++) {
		const char *name = arena_printf(state->arena, "column%d",
						i + 1);
		const char *key = !deduplicates ? name :
				  collated(state, name, types[i]);

		wrap |= key != name;
		columns = arena_printf(state->arena, "%s%s%s AS %s", columns,
				       i > 0 ? ", " : "", key, name);
	}
	return !wrap ? query->sql :
	       arena_printf(state->arena, "SELECT %s FROM (%s)", columns,
			    query->sql);
}

/* Names and types are the first arm's; the second must agree with them. */
static const char *recursive_query(struct compile_state *state,
				   struct scope *scope, CommonTableExpr *node,
				   struct cte *cte)
{
	SelectStmt *select = (SelectStmt *)node->ctequery;
	struct query first, second;
	struct draft *draft;
	uint32_t *types;
	int32_t *typmods;

	if (!select_query(state, scope, select->larg, &first))
		return NULL;
	cte->columns = first.columns;
	cte->column_count = first.column_count;
	for (int i = 0; i < cte->column_count; i++) {
		cte->columns[i].table = 0;
		cte->columns[i].number = 0;
	}
	if (!name_columns(state, cte, node->aliascolnames))
		return NULL;
	cte->next = scope->ctes;
	scope->ctes = cte;
	if (!select_draft(state, scope, select->rarg, &draft))
		return NULL;
	if (draft->column_count != first.column_count) {
		compile_fail(state, node->location, SQLSTATE_SYNTAX,
			     "each UNION query must have the same number of columns");
		return NULL;
	}
	types = arena_alloc(state->arena, sizeof(*types) *
			    (size_t)(first.column_count + 1));
	typmods = arena_alloc(state->arena, sizeof(*typmods) *
			      (size_t)(first.column_count + 1));
	if (!draft_types(state, draft, types, typmods))
		return NULL;
	for (int i = 0; i < first.column_count; i++) {
		if (types[i] != first.columns[i].type &&
		    types[i] != OID_UNKNOWN &&
		    !can_coerce(state, types[i], first.columns[i].type, 'i')) {
			compile_fail(state, node->location,
				     SQLSTATE_DATATYPE_MISMATCH,
				     "recursive query \"%s\" column %d has type %s in non-recursive term but type %s overall",
				     cte->name, i + 1,
				     type_text(state, first.columns[i].type,
					       -1),
				     type_text(state, types[i], -1));
			return NULL;
		}
		if (first.columns[i].typmod != typmods[i]) {
			compile_fail(state, node->location,
				     SQLSTATE_DATATYPE_MISMATCH,
				     "recursive query \"%s\" column %d has type %s in non-recursive term but type %s overall",
				     cte->name, i + 1,
				     type_text(state, first.columns[i].type,
					       first.columns[i].typmod),
				     type_text(state, first.columns[i].type,
					       -1));
			return NULL;
		}
		types[i] = first.columns[i].type;
	}
	if (!draft_print(state, draft, types, &second))
		return NULL;
	return arena_printf(state->arena, "%s UNION %s%s",
			    first_arm(state, &first, types, !select->all),
			    select->all ? "ALL " : "", second.sql);
}

static bool check_recursive_form(struct compile_state *state,
				 CommonTableExpr *node)
{
	const SelectStmt *select = (const SelectStmt *)node->ctequery;
	const char *clause = select->sortClause != NIL ? "ORDER BY" :
			     select->limitOffset != NULL ? "OFFSET" :
			     select->limitCount != NULL ? "LIMIT" :
			     select->withClause != NULL ? "WITH" : NULL;

	if (select->op != SETOP_UNION)
		return compile_fail(state, node->location, "42P19",
				    "recursive query \"%s\" does not have the form non-recursive-term UNION [ALL] recursive-term",
				    node->ctename);
	if (!check_recursion(state, node))
		return false;
	return clause == NULL ||
	       compile_fail(state, node->location,
			    SQLSTATE_FEATURE_NOT_SUPPORTED,
			    "%s in a recursive query is not implemented",
			    clause);
}

static void add_cte(struct scope *scope, struct cte *cte)
{
	cte->next = scope->ctes;
	scope->ctes = cte;
}

/* "_c1(column1, column2) AS (...)" */
static const char *query_cte(struct compile_state *state, struct scope *scope,
			     CommonTableExpr *node, struct cte *cte,
			     bool recursive)
{
	static const char *const words[] = {
		[CTEMaterializeDefault] = "",
		[CTEMaterializeAlways] = "MATERIALIZED ",
		[CTEMaterializeNever] = "NOT MATERIALIZED ",
	};
	struct query query;
	const char *columns = "";

	if (node->search_clause != NULL || node->cycle_clause != NULL) {
		compile_fail(state, node->location,
			     SQLSTATE_FEATURE_NOT_SUPPORTED,
			     "SEARCH and CYCLE are not supported on SQLite");
		return NULL;
	}
	if (recursive && !cte_reads_itself(state, node, &recursive))
		return NULL;
	if (recursive && !check_recursive_form(state, node))
		return NULL;
	if (recursive) {
		query.sql = recursive_query(state, scope, node, cte);
		if (query.sql == NULL)
			return NULL;
	} else {
		if (!select_query(state, scope, (SelectStmt *)node->ctequery,
				  &query))
			return NULL;
		cte->columns = query.columns;
		cte->column_count = query.column_count;
		if (!name_columns(state, cte, node->aliascolnames))
			return NULL;
		add_cte(scope, cte);
	}
	for (int i = 0; i < cte->column_count; i++)
		columns = arena_printf(state->arena, "%s%scolumn%d", columns,
				       i > 0 ? ", " : "", i + 1);
	return arena_printf(state->arena, "%s(%s) AS %s(%s)", cte->alias,
			    columns, words[node->ctematerialized], query.sql);
}

static bool check_changes(struct compile_state *state,
			  const struct scope *scope, WithClause *with)
{
	if (scope->parent != NULL || state->in_part)
		return compile_fail(state, with->location,
				    SQLSTATE_FEATURE_NOT_SUPPORTED,
				    "WITH clause containing a data-modifying statement must be at the top level");
	if (!state->changes_allowed)
		return compile_fail(state, with->location,
				    SQLSTATE_FEATURE_NOT_SUPPORTED,
				    "data-modifying statements in WITH are not supported here on SQLite");
	return true;
}

/* One that changes data, or stands beside one that does: what it returns is
 * kept, and read from there. */
static const char *kept_cte(struct compile_state *state, struct scope *scope,
			    CommonTableExpr *node, bool recursive)
{
	struct cte *cte = cte_new(state, node);
	bool is_query = IsA(node->ctequery, SelectStmt);
	const char *definition = "";
	int part;

	if (is_query) {
		definition = query_cte(state, scope, node, cte, recursive);
		if (definition == NULL)
			return NULL;
	}
	if (!kept_part(state, scope, node, cte, definition, &part))
		return NULL;
	if (!is_query) {
		if (!name_columns(state, cte, node->aliascolnames))
			return NULL;
		add_cte(scope, cte);
	}
	definition = kept_definition(state, cte, part);
	state->kept_ctes = state->kept_ctes == NULL ? definition :
		arena_printf(state->arena, "%s, %s", state->kept_ctes,
			     definition);
	return definition;
}

/* A part begins with what the parts before it returned. */
static const char *open_clause(struct compile_state *state,
			       struct scope *scope)
{
	if (scope->parent != NULL || !state->in_part || state->view_depth > 0)
		return "";
	if (scope->ctes == NULL)
		scope->ctes = state->part_ctes;
	return state->kept_ctes != NULL ? state->kept_ctes : "";
}

static bool check_names(struct compile_state *state, List *ctes)
{
	for (int i = 0; i < list_length(ctes); i++) {
		const CommonTableExpr *node = list_nth(ctes, i);

		for (int k = 0; k < i; k++) {
			const CommonTableExpr *other = list_nth(ctes, k);

			if (strcmp(other->ctename, node->ctename) == 0)
				return compile_fail(state, node->location,
						    "42712",
						    "WITH query name \"%s\" specified more than once",
						    node->ctename);
		}
	}
	return true;
}

/* Those that stand before place `end` and are known already are in sight. */
static void show_ctes(struct scope *scope, struct cte *before,
		      struct cte **known, int end)
{
	scope->ctes = before;
	for (int i = 0; i < end; i++) {
		if (known[i] != NULL)
			add_cte(scope, known[i]);
	}
}

/* The items of a WITH that changes data, as far as they are known. */
struct late_parts {
	WithClause *with;
	struct with_order order;
	struct cte *before, **known;	/* by place in the clause */
};

/* Those in the order from place `first` to `end`. */
static const char *make_parts(struct compile_state *state, struct scope *scope,
			      struct late_parts *parts, int first, int end)
{
	const char *sql = "";

	for (int i = first; i < end; i++) {
		int at = parts->order.places[i];
		const char *one;

		show_ctes(scope, parts->before, parts->known, at);
		one = kept_cte(state, scope, list_nth(parts->with->ctes, at),
			       parts->with->recursive);
		if (one == NULL)
			return NULL;
		parts->known[at] = scope->ctes;
		sql = arena_printf(state->arena, "%s%s%s", sql,
				   i > first ? ", " : "", one);
	}
	return sql;
}

/* What runs behind the statement is read now all the same: its parameters
 * get their types, and its errors are told, in this order. */
static bool read_late(struct compile_state *state, struct scope *scope,
		      struct late_parts *parts)
{
	struct parts_mark mark;

	parts_mark(state, &mark);
	if (make_parts(state, scope, parts, parts->order.read_count,
		       parts->order.count) == NULL)
		return false;
	parts_forget(state, &mark);
	return true;
}

bool with_late_parts(struct compile_state *state)
{
	struct late_parts *parts = state->late_parts;
	struct scope scope = { .ctes = NULL };
	int first = state->part_count;

	if (parts == NULL)
		return true;
	state->query_depth++;
	note_statement(state);
	if (make_parts(state, &scope, parts, parts->order.read_count,
		       parts->order.count) == NULL)
		return false;
	for (int i = first; i < state->part_count; i++)
		state->parts[i].is_late = true;
	state->query_depth--;
	return true;
}

/* The parts in the order in which they run. */
static const char *kept_ctes(struct compile_state *state, struct scope *scope,
			     WithClause *with)
{
	int count = list_length(with->ctes);
	struct late_parts *parts = arena_alloc(state->arena, sizeof(*parts));
	const char *sql;

	*parts = (struct late_parts){ .with = with, .before = scope->ctes };
	parts->known = arena_alloc(state->arena, sizeof(*parts->known) *
						 (size_t)(count + 1));
	if (!with_order(state, with, &parts->order))
		return NULL;
	sql = make_parts(state, scope, parts, 0, parts->order.read_count);
	if (sql == NULL || !read_late(state, scope, parts))
		return NULL;
	for (int i = 0; i < count; i++) {	/* not run, but right */
		show_ctes(scope, parts->before, parts->known, i);
		if (parts->known[i] == NULL &&
		    query_cte(state, scope, list_nth(with->ctes, i),
			      cte_new(state, list_nth(with->ctes, i)),
			      with->recursive) == NULL)
			return NULL;
		parts->known[i] = parts->known[i] != NULL ? parts->known[i] :
							    scope->ctes;
	}
	show_ctes(scope, parts->before, parts->known, count);
	state->late_parts = parts;
	return sql;
}

static const char *plain_ctes(struct compile_state *state, struct scope *scope,
			      WithClause *with)
{
	const char *sql = "";
	ListCell *cell;

	foreach(cell, with->ctes) {
		const char *one = query_cte(state, scope, lfirst(cell),
					    cte_new(state, lfirst(cell)),
					    with->recursive);

		if (one == NULL)
			return NULL;
		sql = arena_printf(state->arena, "%s%s%s", sql,
				   sql[0] == '\0' ? "" : ", ", one);
	}
	return sql;
}

const char *with_clause(struct compile_state *state, struct scope *scope,
			WithClause *with)
{
	const char *opened = open_clause(state, scope), *sql;
	bool changes = with_changes(with);

	if (with == NULL)
		return opened[0] == '\0' ? "" :
		       arena_printf(state->arena, "WITH %s ", opened);
	if ((changes && !check_changes(state, scope, with)) ||
	    !check_names(state, with->ctes))
		return NULL;
	state->query_depth++;
	sql = changes ? kept_ctes(state, scope, with) :
	      plain_ctes(state, scope, with);
	if (sql == NULL)
		return NULL;
	state->query_depth--;
	if (opened[0] == '\0' && sql[0] == '\0')
		return "";
	return arena_printf(state->arena, "WITH %s%s%s%s ",
			    with->recursive ? "RECURSIVE " : "", opened,
			    opened[0] != '\0' && sql[0] != '\0' ? ", " : "",
			    sql);
}
