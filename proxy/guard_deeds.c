/*
 * What a text does, statement by statement: what one makes the next may use.
 */
#include "proxy/guard_parts.h"

static bool is_insert_only(enum deed deed)
{
	switch (deed) {
	case DEED_READ:
	case DEED_INSERT:
	case DEED_COPY_IN:
	case DEED_CREATE:
	case DEED_HARMLESS_DDL:
		return true;
	default:
		return false;
	}
}

/* One that is known to be another schema's means another table. */
static bool is_other(const struct guarded *table,
		     const struct catalog_object *relation)
{
	return relation && table->schema && relation->schema &&
	       strcmp(relation->schema, table->schema) != 0;
}

/* Where tables of any schema are meant the catalog tells which have one. */
static bool is_told_by_catalog(const struct judging *judging,
			       const struct guarded *table,
			       const struct relation_deed *deed)
{
	return !deed->relation && !table->schema && judging->state->catalog;
}

static bool check_names(struct judging *judging,
			const struct relation_deed *deed)
{
	struct guard *guard = judging->guard;
	const char *const *path = judging_path(judging, deed->statement,
					       deed->deferred);
	const struct catalog_object *relation;

	if (is_insert_only(deed->deed))
		return true;
	relation = deed->deed == DEED_CREATE_TEMP ?
			   NULL : judging_relation(judging, deed);
	for (unsigned i = 0; i < guard->count; i++) {
		if (!guard_means(guard, &guard->tables[i], deed, path) ||
		    is_other(&guard->tables[i], relation) ||
		    is_told_by_catalog(judging, &guard->tables[i], deed))
			continue;
		if (guard_retains(judging, deed, &guard->tables[i]) ||
		    guard_exempts(judging, deed, guard->tables[i].schema,
				  guard->tables[i].name))
			continue;
		guard_refuse_table(&guard->tables[i], deed,
				   !path && deed->relation && !deed->schema &&
					   guard->tables[i].schema,
				   judging->facts->statement_count,
				   judging->error);
		guard_note_refusal(guard, deed->command, guard_reason(false));
		return false;
	}
	return true;
}

/* What a prepared transaction has made would come to be seen when nothing of
 * it is known here any more. */
static bool check_transaction(struct judging *judging, int statement)
{
	const struct sql_facts *facts = judging->facts;

	if (facts->statements[statement].transaction != TRANSACTION_PREPARE ||
	    !overlay_is_telling(judging->state->overlay))
		return true;
	guard_refuse_command("PREPARE TRANSACTION", "what this transaction has "
			     "made leads to them", statement,
			     facts->statement_count, judging->error);
	guard_note_refusal(judging->guard, "PREPARE TRANSACTION",
			   "leads to a table");
	return false;
}

/* Statement by statement: what one makes the next may use. */
static bool check_deeds(struct judging *judging)
{
	const struct sql_facts *facts = judging->facts;

	for (int i = 0; i < facts->statement_count; i++) {
		const struct statement_facts *each = &facts->statements[i];
		const struct relation_deed *deeds =
			facts->deeds + each->first_deed;

		for (int j = 0; j < each->deed_count; j++)
			if (!check_names(judging, &deeds[j]) ||
			    !check_relation(judging, &deeds[j]))
				return false;
		if (!check_objects(judging, i) ||
		    !check_transaction(judging, i) || !note_made(judging, each))
			return false;
	}
	return true;
}

bool check_facts(struct judging *judging, int depth)
{
	const struct sql_facts *facts = judging->facts;

	if (!check_deeds(judging))
		return false;
	if (facts->unlisted) {
		guard_refuse_command("statement of an unknown kind",
				     "what it does is not known", 0,
				     facts->statement_count, judging->error);
		guard_note_refusal(judging->guard, "", "unknown statement");
		return false;
	}
	if (facts->forbidden) {
		guard_refuse_command(facts->forbidden, "this can get round it",
				     facts->forbidden_statement,
				     facts->statement_count, judging->error);
		guard_note_refusal(judging->guard, facts->forbidden,
				   "forbidden command");
		return false;
	}
	return check_calls(judging) && check_codes(judging, depth);
}
