#include "protocol/dialect/key_order.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/bytes.h"

#define STEPS_MAX 1000		/* followed; beyond it the order may show */

/* Rows of a table that are deleted, or set in some columns, by the statement
 * or by a key. */
struct step {
	const struct schema_table *table;
	const int16_t *columns;	/* NULL: deleted */
	int count;
};

/* What keys do to a table. */
struct reached {
	unsigned keys;		/* that look at its rows */
	bool changed;		/* some of them change rows */
	bool matters;		/* some can fail, or leave something else */
};

struct walk {
	const struct schema *schema;
	struct reached *reached;	/* by position in the schema */
	struct step steps[STEPS_MAX];
	int count;
	unsigned order;		/* of enum key_order */
};

bool key_points_at(const struct schema_constraint *key,
		   const struct schema_table *table)
{
	return key->kind == CONSTRAINT_FOREIGN &&
	       strcmp(key->foreign_table, table->name) == 0 &&
	       strcmp(key->foreign_schema, table->schema) == 0;
}

bool key_touches(const struct schema *schema, const struct schema_table *table)
{
	for (int i = 0; i < table->constraint_count; i++)
		if (table->constraints[i].kind == CONSTRAINT_FOREIGN)
			return true;
	for (int i = 0; i < schema->table_count; i++)
		for (int j = 0; j < schema->tables[i].constraint_count; j++)
			if (key_points_at(&schema->tables[i].constraints[j],
					  table))
				return true;
	return false;
}

static bool shares(const int16_t *a, int a_count, const int16_t *b,
		   int b_count)
{
	for (int i = 0; i < a_count; i++)
		for (int j = 0; j < b_count; j++)
			if (a[i] == b[j])
				return true;
	return false;
}

static bool same_step(const struct step *a, const struct step *b)
{
	return a->table == b->table && a->count == b->count &&
	       !a->columns == !b->columns &&
	       (!a->columns || memcmp(a->columns, b->columns,
				      sizeof(*a->columns) *
				      (size_t)a->count) == 0);
}

static void add_step(struct walk *walk, struct step step)
{
	for (int i = 0; i < walk->count; i++)
		if (same_step(&walk->steps[i], &step))
			return;
	if (walk->count == STEPS_MAX)
		walk->order |= KEY_ORDER_SHOWS;
	else
		walk->steps[walk->count++] = step;
}

static bool may_be_null(const struct schema_table *table,
			const struct schema_constraint *key)
{
	for (int i = 0; i < table->column_count; i++) {
		const struct schema_column *column = &table->columns[i];

		if (shares(&column->number, 1, key->columns,
			   key->column_count) &&
		    (column->not_null || column->domain))
			return false;
	}
	return true;
}

/* SET NULL that nothing in the table can refuse. */
static bool nulls_quietly(const struct schema_table *table,
			  const struct schema_constraint *key)
{
	for (int i = 0; i < table->constraint_count; i++)
		if (table->constraints[i].kind == CONSTRAINT_CHECKED)
			return false;
	for (int i = 0; i < table->index_count; i++) {
		const struct schema_index *index = &table->indexes[i];

		if (index->unique &&
		    (index->predicate || index->nulls_equal || shares((int16_t[]){ 0 }, 1,
						index->columns,
						index->column_count)))
			return false;
	}
	return !table->adopted && may_be_null(table, key);
}

/* SQLite would copy what the column's type does not hold. */
static bool copies_as_is(const struct schema_table *table,
			 const struct schema_constraint *key,
			 const struct schema_table *parent)
{
	for (int i = 0; i < key->column_count; i++) {
		const struct schema_column *to =
			schema_column_numbered(table, key->columns[i]);
		const struct schema_column *from =
			schema_column_numbered(parent, key->foreign_columns[i]);

		if (to && from && (to->type != from->type || to->domain ||
				   to->typmod != from->typmod))
			return false;
	}
	return true;
}

static void follow_key(struct walk *walk, const struct step *step, int child,
		       const struct schema_constraint *key)
{
	const struct schema_table *table = &walk->schema->tables[child];
	struct reached *reached = &walk->reached[child];
	char action = step->columns ? key->on_update : key->on_delete;
	bool quiet = action == 'c' ? !step->columns :
		     action == 'n' && nulls_quietly(table, key);

	reached->keys++;
	reached->changed |= strchr("cnd", action) != NULL;
	reached->matters |= !quiet;
	if (action == 'r')
		walk->order |= KEY_ORDER_RESTRICTS;
	if (!quiet && strchr("cnd", action))
		walk->order |= KEY_ORDER_FAILS;
	/* SQLite does not look at once whether the default is there. */
	if (action == 'd')
		walk->order |= KEY_ORDER_SHOWS;
	/* The statement's own rows are changed one by one. */
	if (table == walk->steps[0].table && action != 'a')
		walk->order |= KEY_ORDER_SHOWS;
	if (action == 'c' && step->columns &&
	    !copies_as_is(table, key, step->table))
		walk->order |= KEY_ORDER_SHOWS;
	if (reached->keys > 1 && reached->changed && reached->matters)
		walk->order |= KEY_ORDER_SHOWS;
	if (action == 'c' && !step->columns)
		add_step(walk, (struct step){ table, NULL, 0 });
	else if (strchr("cnd", action))
		add_step(walk, (struct step){ table, key->columns,
					      key->column_count });
}

static void follow(struct walk *walk, struct step step)
{
	const struct schema *schema = walk->schema;

	for (int i = 0; i < schema->table_count; i++) {
		const struct schema_table *table = &schema->tables[i];

		for (int j = 0; j < table->constraint_count; j++) {
			const struct schema_constraint *key =
				&table->constraints[j];

			if (key_points_at(key, step.table) &&
			    (!step.columns ||
			     shares(step.columns, step.count,
				    key->foreign_columns, key->column_count)))
				follow_key(walk, &step, i, key);
		}
	}
}

static unsigned order_of(const struct schema *schema, struct step first)
{
	struct walk *walk = must_alloc(sizeof(*walk));
	unsigned order;

	walk->schema = schema;
	walk->reached = must_alloc(((size_t)schema->table_count + 1) *
				   sizeof(*walk->reached));
	add_step(walk, first);
	for (int i = 0; i < walk->count; i++)
		follow(walk, walk->steps[i]);
	order = walk->order;
	free(walk->reached);
	free(walk);
	return order;
}

unsigned key_order_of_delete(const struct schema *schema,
			     const struct schema_table *table)
{
	return order_of(schema, (struct step){ table, NULL, 0 });
}

unsigned key_order_of_update(const struct schema *schema,
			     const struct schema_table *table,
			     const int16_t *columns, int count)
{
	return order_of(schema, (struct step){ table, columns, count });
}
