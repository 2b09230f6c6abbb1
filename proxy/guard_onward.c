/*
 * Where a relation leads by what no snapshot shows yet. A view of a table is
 * harmless, and so is the table, until somebody makes a key, a trigger or a
 * partition of it that leads to a guarded one: the snapshot then knows the way
 * from the view to the table, and an overlay what is new at its end. Here the
 * ways of both are followed to all such ends, over any number of steps.
 *
 * Where everything that was made is seen, only what a session made for itself
 * (a temporary view) has ways that a snapshot does not know.
 */
#include "proxy/guard_parts.h"

#define BIT(deed) CATALOG_BIT(DEED_##deed)
#define ASSIGNS (BIT(UPDATE) | BIT(UPSERT) | BIT(MERGE))
#define ROWS (ASSIGNS | BIT(DELETE) | BIT(TRUNCATE))
#define INSERTS (BIT(INSERT) | BIT(COPY_IN))

#define STEPS_MAX (1u << 16)	/* for all names of a text */

struct step {
	const char *name;
	enum onward_kind kind;	/* of the whole way up to here */
	struct step *next;
};

/* A relation that was come by, and in which ways. */
struct passed {
	unsigned kinds;
	UT_hash_handle hh;
};

struct walk {
	const struct judging *judging;
	struct step *first, *last;	/* still to be looked at */
	struct passed *passed;
	const struct step *at;
	uint32_t refused;
	struct onward_end end;
};

/* What at the start comes to one of these at the end. */
static uint32_t lifted(enum onward_kind kind, uint32_t refused)
{
	switch (kind) {
	case ONWARD_NAME:
	case ONWARD_SAME:
		return refused & (ROWS | INSERTS | BIT(READ));
	case ONWARD_PARTS:
		return (refused & (ROWS | INSERTS | BIT(READ))) |
		       (refused & BIT(DELETE) ? ASSIGNS : 0);
	case ONWARD_ROWS:
		return refused & ROWS ? ROWS : 0;
	case ONWARD_TRUNCATE:
		return refused & BIT(TRUNCATE);
	default:
		return refused & (ROWS | INSERTS) ? ROWS | INSERTS : 0;
	}
}

static void meet(struct walk *walk, uint32_t refused, const char *name,
		 const char *table_schema, const char *table)
{
	refused = lifted(walk->at->kind, refused);
	if (refused && !walk->end.name)
		walk->end = (struct onward_end){ name, table_schema, table };
	walk->refused |= refused;
}

/* What is made leads to what the snapshot says of its end. */
static void meet_catalog(struct walk *walk, const char *name)
{
	const struct guard_catalog *catalog = walk->judging->state->catalog;
	const struct catalog_object *object =
		catalog ? catalog_find(catalog, CATALOG_RELATION, name) : NULL;

	for (; object; object = object->next)
		meet(walk, object->refused | object->cascading, name,
		     object->table_schema, object->table);
}

static void add_step(struct walk *walk, const char *name,
		     enum onward_kind kind)
{
	struct step *step;
	struct passed *passed;
	size_t length = strlen(name);

	HASH_FIND(hh, walk->passed, name, length, passed);
	if (!passed) {
		passed = arena_alloc(&walk->judging->guard->code,
				     sizeof(*passed));
		HASH_ADD_KEYPTR(hh, walk->passed, name, length, passed);
	}
	if ((passed->kinds & 1u << kind) ||
	    walk->judging->guard->steps == STEPS_MAX)
		return;
	passed->kinds |= 1u << kind;
	walk->judging->guard->steps++;
	step = arena_alloc(&walk->judging->guard->code, sizeof(*step));
	step->name = name;
	step->kind = kind;
	if (walk->last)
		walk->last->next = step;
	else
		walk->first = step;
	walk->last = step;
}

static void add_steps(struct walk *walk, const struct onward *onward)
{
	for (; onward; onward = onward->next)
		add_step(walk, onward->name,
			 onward->kind > walk->at->kind ? onward->kind :
							 walk->at->kind);
}

static void follow_overlay(void *context, const struct guard_overlay *overlay)
{
	struct walk *walk = context;
	const struct overlay_item *item = overlay_find(overlay,
						       walk->at->name);
	const struct step *at = walk->at;

	if (!item)
		return;
	add_steps(walk, item->onward);
	for (const struct onward *each = item->onward; each; each = each->next) {
		const struct step end = { .name = each->name,
					  .kind = each->kind > at->kind ?
							  each->kind :
							  at->kind };

		walk->at = &end;
		if (each->kind != ONWARD_NAME)
			meet_catalog(walk, each->name);
	}
	walk->at = at;
}

static void follow(struct walk *walk)
{
	const struct judging *judging = walk->judging;
	const struct overlay_item *item;

	for (; walk->first; walk->first = walk->first->next) {
		walk->at = walk->first;
		item = judging_made(judging, walk->at->name);
		if (item)
			meet(walk, item->fresh, item->name,
			     item->table_schema, item->table);
		if (judging->state->catalog)
			add_steps(walk, catalog_onward(judging->state->catalog,
						       walk->at->name));
		judging_each_overlay(judging, follow_overlay, walk);
	}
}

bool judging_sees_all(const struct judging *judging)
{
	return judging->alone && !overlay_is_telling(judging->state->overlay) &&
	       !overlay_is_telling(judging->outer);
}

static void note_untold(void *context, const struct guard_overlay *overlay)
{
	*(bool *)context |= overlay->all_onward;
}

/* More than can be followed: then it may lead anywhere. */
static void check_limits(struct walk *walk)
{
	const struct guarded *any = &walk->judging->guard->tables[0];
	bool lost = walk->judging->guard->steps == STEPS_MAX;

	if (!judging_sees_all(walk->judging))
		judging_each_overlay(walk->judging, note_untold, &lost);
	if (!lost)
		return;
	walk->refused |= ROWS;
	walk->end = (struct onward_end){ "something", any->schema, any->name };
}

static bool is_known_by_snapshot(const struct judging *judging,
				 const char *name)
{
	const struct overlay_item *own =
		overlay_find(judging->state->overlay, name);
	const struct overlay_item *outer = overlay_find(judging->outer, name);

	return judging_sees_all(judging) && !(own && own->onward) &&
	       !(outer && outer->onward);
}

uint32_t judging_onward(const struct judging *judging, const char *name,
			struct onward_end *ret_end)
{
	struct walk walk = { .judging = judging };

	if (is_known_by_snapshot(judging, name))
		return 0;
	add_step(&walk, name, ONWARD_NAME);
	follow(&walk);
	check_limits(&walk);
	HASH_CLEAR(hh, walk.passed);
	*ret_end = walk.end;
	return walk.refused;
}
