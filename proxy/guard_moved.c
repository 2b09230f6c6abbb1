/*
 * What a statement does about triggers that change a row before an UPDATE. A
 * key of it that leads to a guarded table was told to be left alone by what
 * there was; a new trigger, another body of its function, or another type that
 * the body names, may move it whatever the UPDATE assigns.
 */
#include "proxy/code_assign.h"
#include "proxy/guard_parts.h"

#define BIT(deed) CATALOG_BIT(DEED_##deed)
#define ASSIGNS (BIT(UPDATE) | BIT(UPSERT) | BIT(MERGE))

/* A trigger that assigns columns of a relation's rows before an UPDATE, from
 * now on: `assigned` as of code_assigned(). */
struct mover {
	struct judging *judging;
	const char *const *assigned;
	bool temporary;		/* for this session only */
	const struct object_deed *replaced;	/* the function; or NULL */
	int statement;
	bool good;
};

static bool moves(const struct mover *mover,
		  const struct catalog_object *object)
{
	return (object->refused & BIT(UPDATE)) && object->columns &&
	       !code_keeps(mover->assigned, object->columns);
}

/* No lock keeps an UPDATE that was let pass just before from meeting the new
 * body: it is not enough to count it for those behind. */
static bool refuse_body(const struct mover *mover,
			const struct catalog_object *object)
{
	struct judging *judging = mover->judging;
	const struct object_deed *deed = mover->replaced;

	return guard_exempts_object(judging, deed, object->table_schema,
				    object->table) ||
	       guard_refuse_through(judging->guard, object->table_schema,
				    object->table, object->through,
				    deed->command, mover->statement,
				    judging->facts->statement_count,
				    judging->error);
}

/* A key that must not be changed may be now, whatever is assigned. */
static void note_moved(void *context, const char *relation)
{
	struct mover *mover = context;
	const struct guard_catalog *catalog = mover->judging->state->catalog;
	const struct catalog_object *object =
		catalog ? catalog_find(catalog, CATALOG_RELATION, relation) :
			  NULL;

	for (; object && mover->good; object = object->next) {
		const struct overlay_item item = {
			.name = relation,
			.refused = ASSIGNS,
			.fresh = ASSIGNS,
			.table_schema = object->table_schema,
			.table = object->table,
			.temporary = mover->temporary,
		};

		if (moves(mover, object))
			mover->good = (!mover->replaced ||
				       refuse_body(mover, object)) &&
				      note_item(mover->judging, &item,
						mover->statement);
	}
}

/* Code that declares a "record" would mean this one. */
bool note_record(struct judging *judging, const struct overlay_item *item,
		 int statement)
{
	struct mover any = { .judging = judging,
			     .temporary = item->temporary,
			     .statement = statement, .good = true };

	if (judging->state->catalog && strcmp(item->name, "record") == 0)
		catalog_each_moved(judging->state->catalog, NULL, note_moved,
				   &any);
	return any.good;
}

bool note_row_triggers(struct judging *judging,
		       const struct statement_facts *statement,
		       const struct relation_deed *deeds)
{
	struct mover mover = { .judging = judging, .good = true };

	for (int i = 0; i < statement->deed_count; i++) {
		mover.statement = deeds[i].statement;
		if (deeds[i].moving)
			note_moved(&mover, deeds[i].relation);
	}
	return mover.good;
}

static bool has_other_record(const struct judging *judging)
{
	const struct guard_catalog *catalog = judging->state->catalog;

	return catalog_find(catalog, CATALOG_RELATION, "record") ||
	       catalog_find(catalog, CATALOG_TYPE, "record") ||
	       judging_made(judging, "record");
}

static const char *const *assigned_by(const struct judging *judging,
				      const struct object_deed *deed)
{
	const struct sql_facts *facts = judging->facts;

	for (int i = 0; i < facts->code_count; i++) {
		const struct code_deed *code = &facts->codes[i];

		if (code->statement == deed->statement && code->language &&
		    code->body && strcasecmp(code->language, "plpgsql") == 0)
			return code_assigned(code->body,
					     !has_other_record(judging),
					     &judging->guard->code);
	}
	return NULL;
}

/* A trigger's function is to have another body, or a name by which nobody would
 * know it when it gets one. */
bool note_replaced(struct judging *judging, const struct object_deed *deed)
{
	const struct guard_catalog *catalog = judging->state->catalog;
	struct mover mover = { .judging = judging, .replaced = deed,
			       .statement = deed->statement, .good = true };

	if (deed->kind != OBJECT_OF_FUNCTION || !catalog ||
	    !catalog_has_mover(catalog, deed->name))
		return true;
	if (deed->deed == DEED_CREATE)
		mover.assigned = assigned_by(judging, deed);
	else if (deed->deed != DEED_RENAME)
		return true;
	catalog_each_moved(catalog, deed->name, note_moved, &mover);
	return mover.good;
}
