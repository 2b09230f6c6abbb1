#include "protocol/arena.h"
#include "proxy/audit_findings.h"
#include "proxy/config.h"
#include "proxy/retain_rule.h"

/* Names are read where rules of retention are, which hold one. */
static bool read_name(const char *name, struct arena *arena,
		      struct audit_table *ret)
{
	struct retain_rule rule;

	if (retain_rule_read(arena_printf(arena, "%s.c 1d", name), arena,
			     &rule))
		return false;
	*ret = (struct audit_table){ .schema = rule.schema,
				     .name = rule.table };
	return true;
}

static bool read_rule(const char *text, struct arena *arena,
		      struct audit_table *ret)
{
	struct retain_rule rule;

	if (retain_rule_read(text, arena, &rule))
		return false;
	*ret = (struct audit_table){
		.schema = rule.schema,
		.name = rule.table,
		.retain_column = rule.column,
		.retain_s = rule.age_s,
		.retain_type = retain_type_name(rule.type),
	};
	return true;
}

void audit_subject_of(const struct config_database *database,
		      struct arena *arena, struct audit_subject *ret)
{
	const struct option_list *names = &database->audit_tables;
	const struct option_list *rules = &database->audit_retain;
	struct audit_table *tables =
		arena_alloc(arena, (names->count + rules->count) *
				   sizeof(*tables));
	unsigned count = 0;

	for (unsigned i = 0; i < names->count; i++)
		count += read_name(names->items[i], arena, &tables[count]);
	for (unsigned i = 0; i < rules->count; i++)
		count += read_rule(rules->items[i], arena, &tables[count]);
	*ret = (struct audit_subject){ .tables = tables, .count = count };
}
