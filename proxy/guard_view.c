/*
 * Views that a text makes and then writes through. Whoever knows the catalog
 * knows the views that are there; of these nobody can know when the text is
 * judged, so they are followed within it. Any name counts in any schema.
 */
#include "proxy/guard_parts.h"

#define VIEWS_MAX 32	/* over guarded tables, in one text */

struct views {
	unsigned count;
	struct {
		const char *name;
		const struct guarded *table;	/* seen through it */
	} items[VIEWS_MAX];
};

static const struct guarded *seen_through(const struct views *views,
					  const char *name)
{
	for (unsigned i = 0; name && i < views->count; i++)
		if (strcasecmp(views->items[i].name, name) == 0)
			return views->items[i].table;
	return NULL;
}

static const struct guarded *read_by(const struct guard *guard,
				     const struct views *views,
				     const struct relation_deed *deed)
{
	if (deed->deed != DEED_READ)
		return NULL;
	for (unsigned i = 0; i < guard->count; i++)
		if (guard_means(guard, &guard->tables[i], deed, NULL))
			return &guard->tables[i];
	return seen_through(views, deed->relation);
}

/* False: there are too many to follow. */
static bool follow_view(const struct guard *guard, struct views *views,
			const struct relation_deed *deeds, int count)
{
	const struct guarded *table = NULL;
	const char *name = NULL;

	for (int i = 0; i < count; i++) {
		if (!table)
			table = read_by(guard, views, &deeds[i]);
		if (!name && (deeds[i].deed == DEED_CREATE ||
			      deeds[i].deed == DEED_CREATE_TEMP))
			name = deeds[i].relation;
	}
	if (!table || !name)
		return true;
	if (views->count == VIEWS_MAX)
		return false;
	views->items[views->count].name = name;
	views->items[views->count++].table = table;
	return true;
}

static bool changes_rows(enum deed deed)
{
	return deed == DEED_UPDATE || deed == DEED_DELETE ||
	       deed == DEED_UPSERT || deed == DEED_MERGE;
}

static bool check_written(struct guard *guard, const struct views *views,
			  const struct relation_deed *deeds, int count,
			  int statements, struct error *error)
{
	for (int i = 0; i < count; i++) {
		const struct guarded *table =
			changes_rows(deeds[i].deed) ?
				seen_through(views, deeds[i].relation) : NULL;

		if (!table)
			continue;
		guard_refuse_table(table, &deeds[i], false, statements, error);
		guard_note_refusal(guard, deeds[i].command, "view of a table");
		return false;
	}
	return true;
}

bool guard_check_views(struct guard *guard, const struct sql_facts *facts,
		       struct error *error)
{
	struct views views = { 0 };

	for (int i = 0; i < facts->statement_count; i++) {
		const struct statement_facts *each = &facts->statements[i];
		const struct relation_deed *deeds =
			facts->deeds + each->first_deed;

		if (views.count &&
		    !check_written(guard, &views, deeds, each->deed_count,
				   facts->statement_count, error))
			return false;
		if (!each->tag || strcmp(each->tag, "ViewStmt") != 0 ||
		    follow_view(guard, &views, deeds, each->deed_count))
			continue;
		guard_refuse_command("CREATE VIEW", "there are too many in one text",
			       i, facts->statement_count, error);
		guard_note_refusal(guard, "CREATE VIEW", "too many views");
		return false;
	}
	return true;
}
