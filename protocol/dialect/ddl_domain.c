/*
 * CREATE DOMAIN and DROP DOMAIN. A domain is one row of _weir_object, whose
 * text lists the base type, its modifier, "n" for NOT NULL, the default, and
 * for each check its name and its condition.
 */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/ddl_state.h"
#include "protocol/dialect/ddl_text.h"
#include "protocol/dialect/domain.h"


/* A table of the one column `value`, for what prints and names conditions. */
static struct schema_table *value_table(struct ddl *ddl,
					const struct schema_domain *domain)
{
	struct schema_table *table = arena_alloc(ddl->arena, sizeof(*table));

	table->name = domain->name;
	table->schema = domain->schema;
	table->column_count = 1;
	table->columns = arena_alloc(ddl->arena, sizeof(*table->columns));
	table->columns[0] = (struct schema_column){
		.name = "value", .number = 1, .type = domain->type,
		.typmod = domain->typmod,
	};
	return table;
}

static const char *print(struct ddl *ddl, const struct schema_domain *domain,
			 Node *node, uint32_t type)
{
	struct ddl_text text = {
		.arena = ddl->arena, .schema = ddl->schema,
		.table = value_table(ddl, domain), .error = ddl->error,
		.types = ddl->state->session->types,
	};

	return ddl_text_print(&text, node, type);
}

static const char *check_name(struct ddl *ddl,
			      const struct schema_domain *domain,
			      const char *given)
{
	const char *name = given ? given :
		arena_printf(ddl->arena, "%s_check", domain->name);

	for (int number = 1, i = 0; !given && i < domain->check_count; i++)
		if (strcmp(domain->checks[i].name, name) == 0) {
			name = arena_printf(ddl->arena, "%s_check%d",
					    domain->name, number++);
			i = -1;
		}
	return name;
}

static bool add_check(struct ddl *ddl, struct schema_domain *domain,
		      Constraint *node)
{
	struct schema_domain_check *check;

	if (domain->check_count == DOMAIN_CHECKS_MAX)
		return error_set(ddl->error, SQLSTATE_LIMIT_EXCEEDED,
				 "too many checks of one domain");
	if (!domain_check_node(ddl->state, domain, node->raw_expr))
		return false;
	check = &domain->checks[domain->check_count];
	check->name = check_name(ddl, domain, node->conname);
	check->text = print(ddl, domain, node->raw_expr, 0);
	domain->check_count += check->text != NULL;
	return check->text;
}

static bool set_default(struct ddl *ddl, struct schema_domain *domain,
			Constraint *node)
{
	const char *sql;

	if (domain->default_text)
		return error_set(ddl->error, SQLSTATE_SYNTAX, "%s",
				 "multiple default expressions");
	if (!compile_value_expr(ddl->state, node->raw_expr, NULL, domain->type,
				domain->typmod, "DEFAULT expressions", &sql))
		return false;
	domain->default_text = print(ddl, domain, node->raw_expr,
				     domain->type);
	return domain->default_text;
}

static bool add_constraint(struct ddl *ddl, struct schema_domain *domain,
			   Constraint *node)
{
	switch (node->contype) {
	case CONSTR_NOTNULL:
		domain->not_null = true;
		return true;
	case CONSTR_NULL:
		return true;
	case CONSTR_DEFAULT:
		return set_default(ddl, domain, node);
	case CONSTR_CHECK:
		return add_check(ddl, domain, node);
	default:
		return error_set(ddl->error, SQLSTATE_SYNTAX, "%s",
				 node->contype == CONSTR_UNIQUE ?
				 "unique constraints not possible for domains" :
				 "this constraint is not possible for domains");
	}
}

static void write_domain(struct ddl *ddl, const struct schema_domain *domain)
{
	const char **items = arena_alloc(ddl->arena, sizeof(*items) *
		(4 + 2 * (size_t)domain->check_count));
	int count = 0;

	items[count++] = arena_printf(ddl->arena, "%u", domain->type);
	items[count++] = arena_printf(ddl->arena, "%d", domain->typmod);
	items[count++] = domain->not_null ? "n" : "";
	items[count++] = domain->default_text ? domain->default_text : "";
	for (int i = 0; i < domain->check_count; i++) {
		items[count++] = domain->checks[i].name;
		items[count++] = domain->checks[i].text;
	}
	facts_write_object(ddl, domain->schema, domain->oid, "domain",
			   domain->name, 0, domain->array_oid,
			   facts_join(ddl->arena, items, count),
			   domain->comment);
}

bool ddl_create_domain(struct ddl *ddl, CreateDomainStmt *node)
{
	struct schema_domain domain = { .typmod = -1 };
	RangeVar name = { .type = T_RangeVar };
	int parts = list_length(node->domainname);
	ListCell *cell;

	ddl->compiled->tag = "CREATE DOMAIN";
	name.relname = strVal(llast(node->domainname));
	if (parts > 1)
		name.schemaname = strVal(list_nth(node->domainname,
						  parts - 2));
	domain.name = name.relname;
	if (!ddl_target_schema(ddl, &name, &domain.schema))
		return false;
	if (ddl_type_taken(ddl, domain.schema, domain.name))
		return error_set(ddl->error, SQLSTATE_DUPLICATE_OBJECT,
				 "type \"%s\" already exists", domain.name);
	if (domain_named(ddl->state, node->typeName))
		return ddl_unsupported(ddl, "a domain over a domain is");
	if (!compile_type_name(ddl->state, node->typeName, &domain.type,
			       &domain.typmod))
		return false;
	domain.checks = arena_alloc(ddl->arena, sizeof(*domain.checks) *
						DOMAIN_CHECKS_MAX);
	foreach(cell, node->constraints)
		if (!add_constraint(ddl, &domain, lfirst(cell)))
			return false;
	domain.array_oid = ddl_oid(ddl);
	domain.oid = ddl_oid(ddl);
	write_domain(ddl, &domain);
	return true;
}

/* Fills the error where a column has the domain. */
static bool in_use(struct ddl *ddl, const struct schema_domain *domain)
{
	for (int i = 0; i < ddl->schema->table_count; i++) {
		const struct schema_table *table = &ddl->schema->tables[i];

		for (int j = 0; j < table->column_count; j++) {
			if (table->columns[j].domain != domain->oid)
				continue;
			error_set(ddl->error, "2BP01", "cannot drop type %s "
				  "because other objects depend on it",
				  domain->name);
			error_detail(ddl->error, "column %s of table %s "
				     "depends on type %s",
				     table->columns[j].name, table->name,
				     domain->name);
			error_hint(ddl->error, "%s", "Use DROP ... CASCADE to "
				   "drop the dependent objects too.");
			return true;
		}
	}
	return false;
}

bool ddl_drop_domain(struct ddl *ddl, TypeName *name, bool missing_ok,
		     bool cascade)
{
	const struct schema_domain *domain = domain_named(ddl->state, name);
	const char *last = strVal(llast(name->names));

	if (!domain && missing_ok) {
		ddl_notice(ddl, "00000", "type \"%s\" does not exist, "
			   "skipping", last);
		return true;
	}
	if (!domain)
		return error_set(ddl->error, SQLSTATE_UNDEFINED_OBJECT,
				 "type \"%s\" does not exist", last);
	if (in_use(ddl, domain))
		return cascade ? ddl_unsupported(ddl, "DROP DOMAIN ... CASCADE "
					"of a domain that columns have is") :
				 false;
	ddl_step(ddl, "DELETE FROM main._weir_object WHERE oid = %u",
		 domain->oid);
	return true;
}
