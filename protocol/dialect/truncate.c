/* TRUNCATE: DELETE of everything, referencing tables first. */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/dml.h"

struct doomed {
	const struct schema_table **tables;
	struct compiled_notice *notices;	/* of those that CASCADE adds */
	int count, notice_count;
};

static bool is_doomed(const struct doomed *doomed,
		      const struct schema_table *table)
{
	for (int i = 0; i < doomed->count; i++) {
		if (doomed->tables[i] == table)
			return true;
	}
	return false;
}

static bool references(const struct schema_table *table,
		       const struct schema_table *parent)
{
	for (int i = 0; i < table->constraint_count; i++) {
		const struct schema_constraint *key = &table->constraints[i];

		if (key->kind == CONSTRAINT_FOREIGN &&
		    key->foreign_table != NULL &&
		    strcmp(key->foreign_table, parent->name) == 0)
			return true;
	}
	return false;
}

static void add_cascaded(struct compile_state *state, struct doomed *doomed,
			 const struct schema_table *table)
{
	doomed->tables[doomed->count++] = table;
	doomed->notices[doomed->notice_count++] = (struct compiled_notice){
		.sqlstate = SQLSTATE_SUCCESS,
		.text = arena_printf(state->arena,
				     "truncate cascades to table \"%s\"",
				     table->name),
	};
}

/* Tables that refer to a doomed one fall with it, or forbid it. */
static bool add_referencing(struct compile_state *state, struct doomed *doomed,
			    bool cascade)
{
	for (int i = 0; i < doomed->count; i++) {
		for (int k = 0; k < state->schema->table_count; k++) {
			const struct schema_table *table =
				&state->schema->tables[k];

			if (is_doomed(doomed, table) ||
			    !references(table, doomed->tables[i]))
				continue;
			if (cascade) {
				add_cascaded(state, doomed, table);
				continue;
			}
			compile_fail(state, -1, SQLSTATE_FEATURE_NOT_SUPPORTED,
				     "cannot truncate a table referenced in a foreign key constraint");
			error_detail(state->error,
				     "Table \"%s\" references \"%s\".",
				     table->name, doomed->tables[i]->name);
			error_hint(state->error,
				   "Truncate table \"%s\" at the same time, or use TRUNCATE ... CASCADE.",
				   table->name);
			return false;
		}
	}
	return true;
}

/* Repeatedly: a table nothing else in the list refers to goes first. */
static void sort_children_first(struct doomed *doomed)
{
	for (int i = 0; i < doomed->count; i++) {
		for (int k = i; k < doomed->count; k++) {
			const struct schema_table *table = doomed->tables[k];
			bool referred = false;

			for (int other = i; other < doomed->count; other++)
				referred |= other != k &&
					references(doomed->tables[other],
						   table);
			if (referred)
				continue;
			doomed->tables[k] = doomed->tables[i];
			doomed->tables[i] = table;
			break;
		}
	}
}

static int restart_sequences(struct compile_state *state,
			     const struct schema_table *table,
			     struct compiled_step *steps)
{
	int count = 0;

	for (int i = 0; i < state->schema->sequence_count; i++) {
		const struct schema_sequence *sequence =
			&state->schema->sequences[i];

		if (sequence->owner_table == NULL ||
		    strcmp(sequence->owner_table, table->name) != 0)
			continue;
		steps[count++].sql = arena_printf(state->arena,
			"SELECT pg_setval(%u, %lld, 0)", sequence->oid,
			(long long)sequence->start);
	}
	return count;
}

static const uint32_t *oids_of(struct compile_state *state,
			       const struct doomed *doomed)
{
	uint32_t *oids = arena_alloc(state->arena, sizeof(*oids) *
						   ((size_t)doomed->count + 1));

	for (int i = 0; i < doomed->count; i++)
		oids[i] = doomed->tables[i]->oid;
	return oids;
}

bool compile_truncate(struct compile_state *state, TruncateStmt *statement,
		      struct compiled *out)
{
	struct doomed doomed = { .count = 0 };
	ListCell *cell;

	doomed.tables = arena_alloc(state->arena, sizeof(*doomed.tables) *
		(size_t)(state->schema->table_count +
			 list_length(statement->relations) + 1));
	doomed.notices = arena_alloc(state->arena, sizeof(*doomed.notices) *
		((size_t)state->schema->table_count + 1));
	foreach(cell, statement->relations) {
		RangeVar *name = lfirst(cell);
		const struct schema_table *table =
			compile_find_table(state, name);

		if (table == NULL || !check_writable(state, table, "truncate",
						     name->location))
			return false;
		if (!is_doomed(&doomed, table))
			doomed.tables[doomed.count++] = table;
	}
	if (!add_referencing(state, &doomed,
			     statement->behavior == DROP_CASCADE))
		return false;
	sort_children_first(&doomed);
	for (int i = 0; i < doomed.count; i++) {
		for (int k = i; k < doomed.count; k++)
			out->keys_off |= references(doomed.tables[k],
						    doomed.tables[i]);
	}
	out->kind = COMPILED_DDL;
	out->notices = doomed.notices;
	out->tag = "TRUNCATE TABLE";
	out->reshape = "TRUNCATE";
	out->reshaped = oids_of(state, &doomed);
	out->reshaped_count = doomed.count;
	out->steps = arena_alloc(state->arena, sizeof(*out->steps) *
		(size_t)(doomed.count + state->schema->sequence_count + 1));
	for (int i = 0; i < doomed.count; i++)
		out->steps[out->step_count++].sql =
			arena_printf(state->arena, "DELETE FROM %s",
				     print_table(state->arena,
						 doomed.tables[i]));
	for (int i = 0; statement->restart_seqs && i < doomed.count; i++)
		out->step_count += restart_sequences(state, doomed.tables[i],
						     out->steps +
						     out->step_count);
	return true;
}
