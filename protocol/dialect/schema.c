#include "protocol/dialect/schema.h"

#include <assert.h>
#include <stdlib.h>

/* The index of every table by name, hashed with open addressing: a schema
 * holds over two hundred catalog tables, and every statement looks up a few
 * names. Slots hold index + 1; tables of one name in several schemas sit in
 * neighbouring slots. */

struct schema *schema_new(void)
{
	struct schema *schema = must_alloc(sizeof(*schema));

	atomic_init(&schema->references, 1);
	return schema;
}

struct schema *schema_ref(struct schema *schema)
{
	atomic_fetch_add_explicit(&schema->references, 1,
				  memory_order_relaxed);
	return schema;
}

void schema_unref(struct schema **schema)
{
	struct schema *old = *schema;

	*schema = NULL;
	if (!old)
		return;
	if (atomic_fetch_sub_explicit(&old->references, 1,
				      memory_order_acq_rel) > 1)
		return;
	arena_fini(&old->arena);
	free(old);
}

static uint32_t hash_name(const char *name)
{
	uint32_t hash = 2166136261u;

	for (; *name; name++)
		hash = (hash ^ (uint8_t)*name) * 16777619u;
	return hash;
}

void schema_finish(struct schema *schema)
{
	uint32_t slots = 16;

	while (slots < (uint32_t)schema->table_count * 2)
		slots *= 2;
	schema->by_name_mask = slots - 1;
	schema->by_name = arena_alloc(&schema->arena,
				      slots * sizeof(*schema->by_name));
	for (int i = 0; i < schema->table_count; i++) {
		uint32_t slot = hash_name(schema->tables[i].name);

		while (schema->by_name[slot & schema->by_name_mask])
			slot++;
		schema->by_name[slot & schema->by_name_mask] = (uint32_t)i + 1;
	}
}

static const char *real_schema_name(const char *schema)
{
	return strcmp(schema, "pg_temp") == 0 ? SCHEMA_TEMP : schema;
}

static const struct schema_table *find_exactly(const struct schema *schema,
					       const char *in,
					       const char *name)
{
	uint32_t slot = hash_name(name);

	if (!schema->by_name)
		return NULL;
	for (;; slot++) {
		uint32_t at = schema->by_name[slot & schema->by_name_mask];
		const struct schema_table *table;

		if (!at)
			return NULL;
		table = &schema->tables[at - 1];
		if (strcmp(table->name, name) == 0 &&
		    strcmp(table->schema, in) == 0)
			return table;
	}
}

static bool path_names(const char *const *path, const char *schema)
{
	for (; path && *path; path++)
		if (strcmp(*path, schema) == 0)
			return true;
	return false;
}

const struct schema_table *schema_find_table(const struct schema *schema,
					     const char *const *path,
					     const char *in, const char *name)
{
	const struct schema_table *table;

	if (in)
		return find_exactly(schema, real_schema_name(in), name);
	table = find_exactly(schema, SCHEMA_TEMP, name);
	if (!table && !path_names(path, "pg_catalog"))
		table = find_exactly(schema, "pg_catalog", name);
	for (; !table && path && *path; path++)
		table = find_exactly(schema, real_schema_name(*path), name);
	return table;
}

const struct schema_table *schema_table_by_oid(const struct schema *schema,
					       uint32_t oid)
{
	for (int i = 0; i < schema->table_count; i++)
		if (schema->tables[i].oid == oid)
			return &schema->tables[i];
	return NULL;
}

const struct schema_column *schema_find_column(const struct schema_table *table,
					       const char *name)
{
	for (int i = 0; i < table->column_count; i++)
		if (strcmp(table->columns[i].name, name) == 0)
			return &table->columns[i];
	return NULL;
}

const struct schema_column *
schema_column_numbered(const struct schema_table *table, int16_t number)
{
	for (int i = 0; i < table->column_count; i++)
		if (table->columns[i].number == number)
			return &table->columns[i];
	return NULL;
}

static bool type_in(const struct schema *schema, const char *in,
		    const char *name, const struct schema_enum **ret_enum,
		    const struct schema_domain **ret_domain)
{
	for (int i = 0; i < schema->enum_count; i++)
		if (strcmp(schema->enums[i].name, name) == 0 &&
		    strcmp(schema->enums[i].schema, in) == 0) {
			*ret_enum = &schema->enums[i];
			return true;
		}
	for (int i = 0; i < schema->domain_count; i++)
		if (strcmp(schema->domains[i].name, name) == 0 &&
		    strcmp(schema->domains[i].schema, in) == 0) {
			*ret_domain = &schema->domains[i];
			return true;
		}
	return false;
}

bool schema_find_type(const struct schema *schema, const char *const *path,
		      const char *in, const char *name,
		      const struct schema_enum **ret_enum,
		      const struct schema_domain **ret_domain)
{
	*ret_enum = NULL;
	*ret_domain = NULL;
	if (in)
		return type_in(schema, in, name, ret_enum, ret_domain);
	for (; path && *path; path++)
		if (type_in(schema, *path, name, ret_enum, ret_domain))
			return true;
	return false;
}

const struct schema_domain *schema_domain_by_oid(const struct schema *schema,
						 uint32_t oid)
{
	for (int i = 0; i < schema->domain_count; i++)
		if (schema->domains[i].oid == oid)
			return &schema->domains[i];
	return NULL;
}

const struct schema_enum *schema_enum_by_oid(const struct schema *schema,
					     uint32_t oid)
{
	for (int i = 0; i < schema->enum_count; i++)
		if (schema->enums[i].oid == oid)
			return &schema->enums[i];
	return NULL;
}

/* Nothing else comes so high: objects are counted up from OID_USER_FIRST. */
#define OID_DOMAIN_CHECK_FIRST 0xc0000000u

uint32_t schema_domain_check_oid(const struct schema_domain *domain, int check)
{
	return OID_DOMAIN_CHECK_FIRST +
	       (domain->oid - OID_USER_FIRST) * DOMAIN_CHECKS_MAX +
	       (uint32_t)check;
}

const struct schema_domain_check *
schema_domain_check_by_oid(const struct schema *schema, uint32_t oid)
{
	uint32_t number = oid - OID_DOMAIN_CHECK_FIRST;
	const struct schema_domain *domain;

	if (oid < OID_DOMAIN_CHECK_FIRST)
		return NULL;
	domain = schema_domain_by_oid(schema, OID_USER_FIRST +
				      number / DOMAIN_CHECKS_MAX);
	number %= DOMAIN_CHECKS_MAX;
	return domain && number < (uint32_t)domain->check_count ?
	       &domain->checks[number] : NULL;
}

const struct schema_sequence *schema_find_sequence(const struct schema *schema,
						   const char *in,
						   const char *name)
{
	for (int i = 0; i < schema->sequence_count; i++) {
		const struct schema_sequence *sequence = &schema->sequences[i];

		if (strcmp(sequence->name, name) == 0 &&
		    (!in || strcmp(sequence->schema,
				   real_schema_name(in)) == 0))
			return sequence;
	}
	return NULL;
}

const struct schema_sequence *schema_sequence_by_oid(const struct schema *schema,
						     uint32_t oid)
{
	for (int i = 0; i < schema->sequence_count; i++)
		if (schema->sequences[i].oid == oid)
			return &schema->sequences[i];
	return NULL;
}

const struct schema_namespace *schema_find_namespace(const struct schema *schema,
						     const char *name)
{
	for (int i = 0; i < schema->namespace_count; i++)
		if (strcmp(schema->namespaces[i].name,
			   real_schema_name(name)) == 0)
			return &schema->namespaces[i];
	return NULL;
}

const struct schema_extension *schema_find_extension(const struct schema *schema,
						     const char *name)
{
	for (int i = 0; i < schema->extension_count; i++)
		if (strcmp(schema->extensions[i].name, name) == 0)
			return &schema->extensions[i];
	return NULL;
}

const struct schema_index *schema_find_index(const struct schema *schema,
					     const char *in, const char *name,
					     const struct schema_table **ret_table)
{
	for (int i = 0; i < schema->table_count; i++) {
		const struct schema_table *table = &schema->tables[i];

		if (in && strcmp(table->schema, real_schema_name(in)) != 0)
			continue;
		for (int j = 0; j < table->index_count; j++)
			if (strcmp(table->indexes[j].name, name) == 0) {
				*ret_table = table;
				return &table->indexes[j];
			}
	}
	return NULL;
}

const struct schema_index *schema_index_by_oid(const struct schema *schema,
					       uint32_t oid,
					       const struct schema_table **ret_table)
{
	for (int i = 0; i < schema->table_count; i++) {
		const struct schema_table *table = &schema->tables[i];

		for (int j = 0; j < table->index_count; j++)
			if (table->indexes[j].oid == oid) {
				*ret_table = table;
				return &table->indexes[j];
			}
	}
	return NULL;
}

const struct schema_constraint *
schema_constraint_by_oid(const struct schema *schema, uint32_t oid,
			 const struct schema_table **ret_table)
{
	for (int i = 0; i < schema->table_count; i++) {
		const struct schema_table *table = &schema->tables[i];

		for (int j = 0; j < table->constraint_count; j++)
			if (table->constraints[j].oid == oid) {
				*ret_table = table;
				return &table->constraints[j];
			}
	}
	return NULL;
}

const struct schema_constraint *
schema_find_constraint(const struct schema_table *table, const char *name)
{
	for (int i = 0; i < table->constraint_count; i++)
		if (strcmp(table->constraints[i].name, name) == 0)
			return &table->constraints[i];
	return NULL;
}

const char *schema_action_words(char letter)
{
	switch (letter) {
	case 'c':
		return "CASCADE";
	case 'n':
		return "SET NULL";
	case 'd':
		return "SET DEFAULT";
	case 'r':
		return "RESTRICT";
	default:
		return "NO ACTION";
	}
}
