/*
 * Domains: a type with conditions. In expressions a value of a domain is one
 * of its base type, as on Postgres's wire; the conditions are asked where a
 * value becomes one of the domain's: in a cast, and in a column that has it.
 *
 *      (SELECT CASE WHEN NOT (_e1.value > 0) THEN pg_domain_error(oid, 0)
 *              ELSE _e1.value END FROM pg_let(<value>) AS _e1)
 */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/domain.h"

const struct schema_domain *domain_named(struct compile_state *state,
					 const TypeName *name)
{
	int count = list_length(name->names);
	const char *last = strVal(llast(name->names));
	const char *schema = count > 1 ?
			     strVal(list_nth(name->names, count - 2)) : NULL;
	const struct schema_enum *other;
	const struct schema_domain *found;

	if (schema == NULL && type_by_name(slice_text(last)) != NULL)
		return NULL;
	schema_find_type(state->schema, compile_type_path(state), schema, last,
			 &other, &found);
	return found;
}

/* What VALUE means is told by one column of that name. */
static struct range *value_range(struct compile_state *state,
				 const struct schema_domain *domain,
				 const char *sql)
{
	struct range *range = range_new(state, "value", 1);

	range->columns[0] = (struct range_column){
		.name = "value", .sql = sql, .type = domain->type,
		.typmod = domain->typmod,
	};
	return range;
}

/* One condition over the SQL text of a value. NULL: failed. */
static const char *condition(struct compile_state *state,
			     const struct schema_domain *domain,
			     Node *node, const char *value)
{
	struct scope scope = { .no_aggregates = "check constraints",
			       .no_windows = "check constraints",
			       .no_sets = "check constraints" };
	bool refused = state->parameters_refused;
	struct expr *expr = NULL;

	state->parameters_refused = true;
	if (scope_add(state, &scope, value_range(state, domain, value), -1))
		expr = expr_condition(state, &scope, node, "CHECK");
	state->parameters_refused = refused;
	return expr == NULL ? NULL : expr->sql;
}

bool domain_check_node(struct compile_state *state,
		       const struct schema_domain *domain, Node *node)
{
	return condition(state, domain, node, "value") != NULL;
}

static const char *kept_condition(struct compile_state *state,
				  const struct schema_domain *domain,
				  const char *text, const char *value)
{
	struct slice whole = state->text;
	const char *sql = NULL;
	struct sql_tree *tree;
	Node *node;

	tree = parse_expression(state, text, &node);
	if (tree == NULL)
		return NULL;
	state->text = slice_make(NULL, 0);
	state->kept_depth++;
	sql = condition(state, domain, node, value);
	state->kept_depth--;
	state->text = whole;
	sql_tree_free(&tree);
	return sql;
}

static bool put_conditions(struct compile_state *state,
			   const struct schema_domain *domain,
			   const char *value, struct buffer *sql)
{
	if (domain->not_null)
		buffer_printf(sql,
			      " WHEN %s IS NULL THEN pg_domain_error(%u, -1)",
			      value, domain->oid);
	for (int i = 0; i < domain->check_count; i++) {
		const char *text = kept_condition(state, domain,
						  domain->checks[i].text,
						  value);

		if (text == NULL)
			return false;
		buffer_printf(sql, " WHEN NOT (%s) THEN pg_domain_error(%u, %d)",
			      text, domain->oid, i);
	}
	return true;
}

struct expr *domain_coerce(struct compile_state *state, struct expr *value,
			   uint32_t oid)
{
	const struct schema_domain *domain =
		schema_domain_by_oid(state->schema, oid);
	const char *alias = arena_printf(state->arena, "_e%d",
					 ++state->alias_count);
	struct buffer sql = { 0 };
	struct expr *expr;
	bool done;

	if (domain == NULL || (!domain->not_null && domain->check_count == 0))
		return value;
	done = put_conditions(state, domain, arena_printf(state->arena,
			      "%s.value", alias), &sql);
	expr = arena_alloc(state->arena, sizeof(*expr));
	*expr = *value;
	expr->not_null = value->not_null || domain->not_null;
	expr->table = 0;
	expr->number = 0;
	expr->literal = NULL;
	expr->sql = arena_printf(state->arena,
		"(SELECT CASE%s ELSE %s.value END FROM pg_let(%s) AS %s)",
		buffer_cstring(&sql), alias, value->sql, alias);
	buffer_fini(&sql);
	return done ? expr : NULL;
}
