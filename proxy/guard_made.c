/*
 * What a statement makes, for the statements behind it: until the transaction
 * is over no snapshot shows it. Whatever it makes is known by its name; what
 * leads to a guarded table by it is told from what the statement names: a view
 * from what it reads, a partition from its parent, a new name from the old
 * one, a table that is referred to from the one that refers.
 */
#include "proxy/guard_parts.h"

#define BIT(deed) CATALOG_BIT(DEED_##deed)
#define ASSIGNS (BIT(UPDATE) | BIT(UPSERT) | BIT(MERGE))
#define CHANGES (ASSIGNS | BIT(DELETE))
#define INSERTS (BIT(INSERT) | BIT(COPY_IN))
/* Of a child or partition, and of what is renamed, all but these. */
#define OF_FAMILY (CHANGES | BIT(TRUNCATE) | BIT(DROP) | BIT(ALTER) | \
		   BIT(RENAME) | BIT(LOCK))

/* Where something leads: bits 0 is nowhere. */
struct lead {
	uint32_t refused;
	const char *schema, *table;
};

static bool is_of_column(const struct relation_deed *deed)
{
	return deed->deed == DEED_RENAME && deed->columns;
}

/* The snapshot knows the column by its old name only. */
static bool is_renamed(const struct catalog_object *object,
		       const struct relation_deed *deed)
{
	for (const char *const *each = object->columns; each && *each; each++)
		if (strcmp(*each, deed->columns[0]) == 0)
			return true;
	return false;
}

static void add_lead(struct lead *lead, uint32_t refused, const char *schema,
		     const char *table)
{
	if (!refused || !table)
		return;
	lead->refused |= refused;
	if (lead->table)
		return;
	lead->schema = schema;
	lead->table = table;
}

static void add_lead_in(const struct judging *judging, struct lead *lead,
			enum catalog_kind kind, uint32_t bits,
			const struct relation_deed *deed)
{
	const struct catalog_object *object =
		judging->state->catalog ?
			catalog_find(judging->state->catalog, kind,
				     deed->relation) : NULL;

	for (; object; object = object->next)
		if (!is_of_column(deed) || is_renamed(object, deed))
			add_lead(lead,
				 (object->refused | object->cascading) & bits,
				 object->table_schema, object->table);
}

/* Whether doing something to the relation may reach a guarded table; of
 * several it may be, any counts. */
static void add_lead_of(const struct judging *judging, struct lead *lead,
			const struct relation_deed *deed)
{
	const struct guard *guard = judging->guard;
	const struct overlay_item *item;

	if (!deed->relation)
		return;
	if (deed->deed == DEED_READ && guard_is_system(deed->schema, deed->relation))
		add_lead(lead, CHANGES | INSERTS, guard->tables[0].schema,
			 guard->tables[0].name);
	for (unsigned i = 0; i < guard->count; i++)
		if (guard_means(guard, &guard->tables[i], deed, NULL))
			add_lead(lead, OF_FAMILY, guard->tables[i].schema,
				 guard->tables[i].name);
	item = judging_made(judging, deed->relation);
	if (item)
		add_lead(lead, item->refused, item->table_schema, item->table);
	add_lead_in(judging, lead, CATALOG_RELATION, ~0u, deed);
	add_lead_in(judging, lead, CATALOG_TYPE, CATALOG_CALL, deed);
}

/* What of a statement's deeds hands on where it leads to what is made. */
enum handing {
	HANDS_NOTHING,
	HANDS_READ,		/* a view, to what it reads */
	HANDS_PARENT,		/* a child or partition, to its parent */
	HANDS_BOTH,		/* CREATE SCHEMA makes of everything */
	HANDS_ALL,		/* a rename, a partition attached */
};

static enum handing handing_of(const struct statement_facts *statement)
{
	static const struct {
		const char *tag;
		enum handing handing;
	} rows[] = {
		{ "ViewStmt", HANDS_READ },
		{ "RuleStmt", HANDS_READ },
		{ "CreateStmt", HANDS_PARENT },
		{ "CreateSchemaStmt", HANDS_BOTH },
		{ "RenameStmt", HANDS_ALL },
		{ "AlterObjectSchemaStmt", HANDS_ALL },
		{ "AlterTableStmt", HANDS_ALL },
	};

	for (size_t i = 0; statement->tag && i < sizeof(rows) / sizeof(*rows);
	     i++)
		if (strcmp(statement->tag, rows[i].tag) == 0)
			return rows[i].handing;
	return HANDS_NOTHING;
}

static bool hands_on(enum handing handing, const struct relation_deed *deed)
{
	switch (handing) {
	case HANDS_READ:
		return deed->deed == DEED_READ;
	case HANDS_PARENT:
		return deed->deed == DEED_HARMLESS_DDL;
	case HANDS_BOTH:
		return deed->deed == DEED_READ ||
		       deed->deed == DEED_HARMLESS_DDL;
	case HANDS_ALL:
		return deed->deed == DEED_ALTER || deed->deed == DEED_RENAME ||
		       deed->deed == DEED_HARMLESS_DDL;
	default:
		return false;
	}
}

static bool is_alter_table(const struct statement_facts *statement)
{
	return strcmp(statement->tag, "AlterTableStmt") == 0;
}

/* An ALTER TABLE of one table hands nothing on: it is what it was. */
static bool is_about_one(const struct statement_facts *statement,
			 const struct relation_deed *deeds)
{
	int named = 0;

	if (!is_alter_table(statement))
		return false;
	for (int i = 0; i < statement->deed_count; i++)
		named += deeds[i].relation && deeds[i].deed != DEED_READ;
	return named < 2;
}

/* Through a view rows are changed, and it may be dropped. Out of a partition
 * rows may be moved, which deletes them there. */
static uint32_t bits_handed(const struct statement_facts *statement,
			    enum handing handing, uint32_t refused)
{
	if (handing == HANDS_READ)
		return refused & (CHANGES | INSERTS | BIT(READ));
	if (is_alter_table(statement) && (refused & BIT(DELETE)))
		return refused | CHANGES;
	return refused;
}

/* LIKE copies defaults, checks and indexes: code that an INSERT runs. */
static void add_lead_copied(const struct judging *judging, struct lead *lead,
			    const struct relation_deed *deed)
{
	struct lead copied = { 0 };

	if (deed->deed != DEED_READ || !deed->relation ||
	    guard_is_system(deed->schema, deed->relation))
		return;
	add_lead_of(judging, &copied, deed);
	if (copied.refused & INSERTS)
		add_lead(lead, INSERTS | ASSIGNS, copied.schema, copied.table);
}

static struct lead lead_of_statement(const struct judging *judging,
				     const struct statement_facts *statement,
				     const struct relation_deed *deeds)
{
	enum handing handing = handing_of(statement);
	struct lead lead = { 0 };

	if (handing == HANDS_NOTHING || is_about_one(statement, deeds))
		return lead;
	for (int i = 0; i < statement->deed_count; i++)
		if (hands_on(handing, &deeds[i]))
			add_lead_of(judging, &lead, &deeds[i]);
		else if (handing == HANDS_PARENT)
			add_lead_copied(judging, &lead, &deeds[i]);
	lead.refused = bits_handed(statement, handing, lead.refused);
	return lead;
}

/* What is the same as before, under another name. */
static bool is_renamed_only(const struct statement_facts *statement,
			    const struct relation_deed *deeds)
{
	return handing_of(statement) == HANDS_ALL &&
	       !is_alter_table(statement) && !is_of_column(&deeds[0]);
}

static bool is_made(const struct relation_deed *deed, enum handing handing,
		    struct lead lead)
{
	switch (deed->deed) {
	case DEED_CREATE:
	case DEED_CREATE_TEMP:
		return true;
	case DEED_ALTER:
	case DEED_RENAME:
	case DEED_HARMLESS_DDL:
		return handing == HANDS_ALL && lead.refused;
	default:
		return false;
	}
}

static bool refuse_too_many(struct judging *judging, int statement)
{
	guard_refuse_command("too many objects in one transaction",
			     "weir follows only so many to them", statement,
			     judging->facts->statement_count, judging->error);
	guard_note_refusal(judging->guard, "", "too many objects");
	return false;
}

/* Whether that is refused already of what has the name: by that code was
 * judged. */
static bool is_nothing_new(const struct judging *judging,
			   const struct overlay_item *item)
{
	const struct guard_catalog *catalog = judging->state->catalog;
	const struct catalog_object *object =
		catalog ? catalog_find(catalog, CATALOG_RELATION, item->name) :
			  NULL;
	uint32_t fresh = item->refused &
			 (CHANGES | INSERTS | BIT(TRUNCATE) | BIT(READ));

	for (; object; object = object->next)
		if (!(fresh & ~(object->refused | object->cascading)) &&
		    !((fresh & BIT(UPDATE)) && object->columns))
			return true;
	return false;
}

static bool has_target(const struct guard_overlay *overlay, const char *name)
{
	const struct overlay_item *item = overlay_find(overlay, name);

	return overlay->all_targeted || (item && item->targeted);
}

/* Whether code that was proven harmless by what the name meant so far may run
 * before anybody proves it anew: when it is called, or by a trigger. Whoever
 * has made it. */
static bool is_targeted(const struct judging *judging, const char *name)
{
	const struct guard_catalog *catalog = judging->state->catalog;

	if (catalog && catalog_is_closed(catalog))
		return false;
	LIST_EACH(link, &judging->guard->overlays->kept)
		if (has_target(&LIST_ENTRY(link, struct kept_overlay,
					   link)->overlay, name))
			return true;
	return (catalog && catalog_has_target(catalog, name)) ||
	       has_target(judging->state->overlay, name);
}

static bool refuse_targeted(struct judging *judging, const char *name,
			    const char *table_schema, const char *table,
			    int statement)
{
	const char *through = arena_printf(
		&judging->guard->code,
		"functions that change what is called %s", name);

	return guard_refuse_through(judging->guard, table_schema, table,
				    through, "making it lead there", statement,
				    judging->facts->statement_count,
				    judging->error);
}

/* Only what tells something must not be forgotten. Where too much is taken
 * away every name is doubtful. */
bool note_item(struct judging *judging, const struct overlay_item *item,
	       int statement)
{
	if (item->refused && !is_nothing_new(judging, item) &&
	    is_targeted(judging, item->name))
		return refuse_targeted(judging, item->name, item->table_schema,
				       item->table, statement);
	if (overlay_add(judging->state->overlay, item))
		return !item->made || note_record(judging, item, statement);
	if (item->gone)
		judging->state->overlay->schemas_gone = true;
	return !item->refused || refuse_too_many(judging, statement);
}

/* Of a new name that may come to stand in the temporary schema: whether it
 * does, since the statement names something that is there. */
static bool names_temporary(const struct judging *judging,
			    const struct statement_facts *statement,
			    const struct relation_deed *deeds)
{
	for (int i = 0; i < statement->deed_count; i++) {
		const struct overlay_item *item =
			deeds[i].relation ?
				judging_made(judging, deeds[i].relation) : NULL;

		if (item && item->temporary)
			return true;
	}
	return false;
}

/* Of whatever is made with them in the same text. */
static void add_types(const struct judging *judging, struct lead *lead)
{
	const struct guarded *any = &judging->guard->tables[0];

	if (judging_has_operands(judging))
		add_lead(lead, CATALOG_OPERATE, any->schema, any->name);
	if (judging->shown)
		add_lead(lead, CATALOG_CALL | CHANGES | INSERTS, any->schema,
			 any->name);
}

static bool note_relations(struct judging *judging,
			   const struct statement_facts *statement,
			   const struct relation_deed *deeds, struct lead lead)
{
	enum handing handing = handing_of(statement);
	bool new_name = handing == HANDS_ALL ||
			strcmp(statement->tag, "IndexStmt") == 0;
	bool temporary = names_temporary(judging, statement, deeds);

	add_types(judging, &lead);
	for (int i = 0; i < statement->deed_count; i++) {
		const struct overlay_item item = {
			.name = deeds[i].relation,
			.refused = lead.refused,
			.fresh = is_renamed_only(statement, deeds) ?
					 0 : lead.refused,
			.table_schema = lead.schema,
			.table = lead.table,
			.made = true,
			.temporary = temporary ||
				     (deeds[i].deed == DEED_CREATE_TEMP &&
				      !new_name),
		};

		if (item.name && is_made(&deeds[i], handing, lead) &&
		    !note_item(judging, &item, deeds[i].statement))
			return false;
	}
	return true;
}

/* --- ways ------------------------------------------------------------------- */

static void add_way(const struct judging *judging, const char *from,
		    enum onward_kind kind, const char *to)
{
	if (from && to && strcmp(from, to) != 0)
		overlay_add_onward(judging->state->overlay, from, kind, to);
}

/* From what is made to what it is made of; to a part also from the whole. */
static void add_ways_between(const struct judging *judging,
			     const struct statement_facts *statement,
			     const struct relation_deed *made,
			     const struct relation_deed *of)
{
	bool renamed = is_renamed_only(statement, made);

	if (of->deed == DEED_READ) {
		add_way(judging, made->relation, ONWARD_SAME, of->relation);
		return;
	}
	add_way(judging, made->relation,
		renamed ? ONWARD_NAME : ONWARD_ROWS, of->relation);
	add_way(judging, of->relation, renamed ? ONWARD_NAME : ONWARD_PARTS,
		made->relation);
}

static bool takes_part(const struct relation_deed *deed, enum handing handing)
{
	return deed->deed == DEED_CREATE || deed->deed == DEED_CREATE_TEMP ||
	       (handing == HANDS_ALL && deed->deed != DEED_READ);
}

static void note_ways(const struct judging *judging,
		      const struct statement_facts *statement,
		      const struct relation_deed *deeds)
{
	enum handing handing = handing_of(statement);

	for (int i = 0; i < statement->deed_count; i++) {
		if (!takes_part(&deeds[i], handing))
			continue;
		for (int j = 0; j < statement->deed_count &&
				!judging->state->overlay->all_onward; j++)
			if (j != i && hands_on(handing, &deeds[j]))
				add_ways_between(judging, statement, &deeds[i],
						 &deeds[j]);
	}
}

/* A key leads from what it refers to, a rule from its table to what it
 * changes. */
static void note_ways_of_own(const struct judging *judging,
			     const struct statement_facts *statement,
			     const struct relation_deed *deeds)
{
	bool rule = strcmp(statement->tag, "RuleStmt") == 0;

	for (int i = 0; i < statement->deed_count; i++) {
		if (rule && i && deeds[i].deed != DEED_READ)
			add_way(judging, deeds[0].relation, ONWARD_ANY,
				deeds[i].relation);
		for (int j = 0; deeds[i].referred &&
				j < statement->deed_count &&
				!judging->state->overlay->all_onward; j++)
			if (deeds[j].deed != DEED_READ)
				add_way(judging, deeds[i].relation,
					deeds[i].acting ? ONWARD_ROWS :
							  ONWARD_TRUNCATE,
					deeds[j].relation);
	}
}

/* --- what a statement changes of others ------------------------------------- */

/* Of a table with a key: what is done to the other one. */
static bool note_referred(struct judging *judging,
			  const struct statement_facts *statement,
			  const struct relation_deed *deeds)
{
	struct lead lead = { 0 };

	for (int i = 0; i < statement->deed_count; i++)
		if (deeds[i].deed != DEED_READ)
			add_lead_of(judging, &lead, &deeds[i]);
	for (int i = 0; i < statement->deed_count; i++) {
		uint32_t refused = deeds[i].acting ?
					   CHANGES | BIT(TRUNCATE) :
					   lead.refused & BIT(TRUNCATE);
		const struct overlay_item item = {
			.name = deeds[i].relation,
			.refused = refused,
			.fresh = refused,
			.table_schema = lead.schema,
			.table = lead.table,
		};

		if (lead.refused && deeds[i].referred && item.refused &&
		    !note_item(judging, &item, deeds[i].statement))
			return false;
	}
	return true;
}

static bool has_referred(const struct statement_facts *statement,
			 const struct relation_deed *deeds)
{
	for (int i = 0; i < statement->deed_count; i++)
		if (deeds[i].referred)
			return true;
	return false;
}

/* From now on the name may mean something further down the path. */
static bool note_gone(struct judging *judging,
		      const struct statement_facts *statement,
		      const struct relation_deed *deeds)
{
	for (int i = 0; i < statement->deed_count; i++) {
		const struct overlay_item item = {
			.name = deeds[i].relation,
			.gone = true,
		};

		if ((deeds[i].deed != DEED_DROP &&
		     deeds[i].deed != DEED_RENAME) || is_of_column(&deeds[i]))
			continue;
		if (!item.name)
			judging->state->overlay->schemas_gone = true;
		else if (!note_item(judging, &item, deeds[i].statement))
			return false;
	}
	return true;
}

/* Of functions only proven ones come so far. */
bool note_object(struct judging *judging, const struct object_deed *deed)
{
	const struct overlay_item item = {
		.name = deed->name,
		.made = deed->deed == DEED_CREATE ||
			deed->deed == DEED_HARMLESS_DDL,
		.gone = deed->deed == DEED_DROP || deed->deed == DEED_RENAME,
	};

	if (!judging->state->overlay || !item.name || !(item.made || item.gone))
		return true;
	return note_item(judging, &item, deed->statement) &&
	       note_replaced(judging, deed);
}

static void note_target(void *context, const char *name)
{
	struct guard_overlay *overlay = context;

	if (!overlay_add(overlay, &(struct overlay_item){
			.name = name, .targeted = true }))
		overlay->all_targeted = true;
}

void note_code(struct judging *judging, const char *body)
{
	if (judging->state->overlay)
		guard_each_target(body, note_target, judging->state->overlay);
}

/* It will change what its names mean when it is executed. */
static void note_prepared(struct judging *judging,
			  const struct statement_facts *statement,
			  const struct relation_deed *deeds)
{
	for (int i = 0; i < statement->deed_count; i++)
		if (deeds[i].deed != DEED_READ && deeds[i].relation)
			note_target(judging->state->overlay,
				    deeds[i].relation);
}

/* --- what code changes ------------------------------------------------------ */

/* The first of the names that code changes which leads to a table now, and did
 * not when that code was proven. */
struct led_target {
	const struct judging *judging;
	const char *name;
	struct onward_end end;
};

/* By this code was judged. A view cannot be truncated, and what leads on by
 * keys only with CASCADE. */
static uint32_t refused_before(const struct guard_catalog *catalog,
			       const char *name)
{
	const struct catalog_object *object =
		catalog ? catalog_find(catalog, CATALOG_RELATION, name) : NULL;
	uint32_t refused = 0;

	for (; object; object = object->next)
		if (!object->columns)
			refused |= object->refused | object->cascading;
	return refused & BIT(DELETE) ? refused | BIT(TRUNCATE) : refused;
}

static void look_where(void *context, const char *name)
{
	struct led_target *led = context;
	const struct judging *judging = led->judging;
	struct onward_end end;
	uint32_t refused;

	if (led->name)
		return;
	refused = judging_onward(judging, name, &end);
	if (!(refused & ~refused_before(judging->state->catalog, name)))
		return;
	led->name = name;
	led->end = end;
}

static void look_where_made(void *context, const struct guard_overlay *overlay)
{
	struct overlay_item *item, *next;

	HASH_ITER(hh, overlay->by_name, item, next)
		if (item->targeted)
			look_where(context, item->name);
}

/* From what code changes, a way may lead on to what was just made. */
static bool check_targets(struct judging *judging, int statement)
{
	const struct guard_catalog *catalog = judging->state->catalog;
	struct led_target led = { .judging = judging };

	if (catalog && catalog_is_closed(catalog))
		return true;
	if (catalog)
		catalog_each_target(catalog, look_where, &led);
	look_where_made(&led, judging->state->overlay);
	LIST_EACH(link, &judging->guard->overlays->kept)
		look_where_made(&led, &LIST_ENTRY(link, struct kept_overlay,
						  link)->overlay);
	return !led.name ||
	       refuse_targeted(judging, led.name, led.end.table_schema,
			       led.end.table, statement);
}

/* --- a statement ------------------------------------------------------------ */

bool note_made(struct judging *judging, const struct statement_facts *statement)
{
	const struct relation_deed *deeds =
		judging->facts->deeds + statement->first_deed;
	unsigned ways, telling;

	if (!judging->state->overlay)
		return true;
	if (strcmp(statement->tag, "PrepareStmt") == 0)
		note_prepared(judging, statement, deeds);
	if (!statement->is_ddl)
		return true;
	ways = judging->state->overlay->onward_count;
	telling = judging->state->overlay->telling;
	if (!note_relations(judging, statement, deeds,
			    lead_of_statement(judging, statement, deeds)) ||
	    !note_row_triggers(judging, statement, deeds) ||
	    (has_referred(statement, deeds) &&
	     !note_referred(judging, statement, deeds)) ||
	    !note_gone(judging, statement, deeds))
		return false;
	note_ways(judging, statement, deeds);
	note_ways_of_own(judging, statement, deeds);
	return (ways == judging->state->overlay->onward_count &&
		telling == judging->state->overlay->telling) ||
	       check_targets(judging,
			     (int)(statement - judging->facts->statements));
}
