/*
 * What leads to a guarded table: judged by the snapshot of the catalog and by
 * what the transaction itself has made.
 *
 * A name is resolved as the server will: by its schema, else along the path.
 * Where the path is not known, or the transaction took something of that name
 * away, it may be any object of that name, and the one that refuses counts. A name that neither snapshot nor transaction knows is
 * looked up anew before the verdict; if it is still unknown then, it is
 * nothing's, and the server says so.
 */
#include <stdio.h>

#include "protocol/type.h"
#include "proxy/guard_parts.h"

/* --- names ------------------------------------------------------------------ */

const char *const *judging_path(const struct judging *judging, int statement,
				bool deferred)
{
	return deferred || statement > judging->moved ?
		       NULL : judging->state->search_path;
}

/* What leads to a table counts whoever makes it, for this statement may wait
 * on the server until it is there. */
static const struct overlay_item *made_elsewhere(const struct judging *judging,
						 const char *name)
{
	if (judging->alone)
		return NULL;
	LIST_EACH(link, &judging->guard->overlays->kept) {
		const struct overlay_item *item = overlay_find(
			&LIST_ENTRY(link, struct kept_overlay, link)->overlay,
			name);

		if (item && item->refused && item->shared)
			return item;
	}
	return NULL;
}

const struct overlay_item *judging_made(const struct judging *judging,
					const char *name)
{
	const struct overlay_item *own =
		overlay_find(judging->state->overlay, name);
	const struct overlay_item *outer = overlay_find(judging->outer, name);
	const struct overlay_item *other;

	if (outer && (outer->refused || !own))
		own = outer;
	if (own && own->refused)
		return own;
	other = made_elsewhere(judging, name);
	return other ? other : own;
}

bool judging_made_calls(const struct judging *judging, const char *name)
{
	if (overlay_calls(judging->state->overlay, name) ||
	    overlay_calls(judging->outer, name))
		return true;
	if (judging->alone)
		return false;
	LIST_EACH(link, &judging->guard->overlays->kept)
		if (overlay_calls(&LIST_ENTRY(link, struct kept_overlay,
					      link)->overlay, name))
			return true;
	return false;
}

void judging_each_overlay(const struct judging *judging,
			  void (*tell)(void *context,
				       const struct guard_overlay *),
			  void *context)
{
	if (judging->state->overlay)
		tell(context, judging->state->overlay);
	if (judging->outer)
		tell(context, judging->outer);
	if (judging->alone)
		return;
	LIST_EACH(link, &judging->guard->overlays->kept)
		tell(context, &LIST_ENTRY(link, struct kept_overlay,
					  link)->overlay);
}

static bool has_gone(const struct guard_overlay *overlay, const char *name)
{
	const struct overlay_item *item;

	if (!overlay_is_telling(overlay))
		return false;
	item = overlay_find(overlay, name);
	return overlay->schemas_gone || (item && item->gone);
}

/* Whoever takes it away: this statement may wait until that is done. */
static bool is_doubtful(const struct judging *judging, const char *name)
{
	if (has_gone(judging->state->overlay, name) ||
	    has_gone(judging->outer, name))
		return true;
	if (judging->alone)
		return false;
	LIST_EACH(link, &judging->guard->overlays->kept)
		if (has_gone(&LIST_ENTRY(link, struct kept_overlay,
					 link)->overlay, name))
			return true;
	return false;
}

/* The objects a name may stand for: the answer, and all behind it if
 * *ret_any. */
static const struct catalog_object *
resolve(const struct judging *judging, enum catalog_kind kind,
	const char *schema, const char *name, const char *const *path,
	bool *ret_any)
{
	const struct guard_catalog *catalog = judging->state->catalog;

	*ret_any = false;
	if (kind == CATALOG_EXTENSION)
		return catalog_find_in(catalog, kind, NULL, name);
	if (!is_doubtful(judging, name)) {
		if (schema && strncmp(schema, "pg_temp", 7) != 0)
			return catalog_find_in(catalog, kind, schema, name);
		if (!schema && path)
			return catalog_find_along(catalog, kind, path, name);
	}
	*ret_any = true;
	return catalog_find(catalog, kind, name);
}

const struct catalog_object *
judging_relation(const struct judging *judging,
		 const struct relation_deed *deed)
{
	const struct catalog_object *object;
	bool any;

	if (!judging->state->catalog || !deed->relation)
		return NULL;
	object = resolve(judging, CATALOG_RELATION, deed->schema,
			 deed->relation,
			 judging_path(judging, deed->statement, deed->deferred),
			 &any);
	return any ? NULL : object;
}

bool guard_is_system(const char *schema, const char *name)
{
	if (!schema)
		return strncmp(name, "pg_", 3) == 0;
	return strcmp(schema, "pg_catalog") == 0 ||
	       strcmp(schema, "information_schema") == 0;
}

/* --- relations -------------------------------------------------------------- */

static bool assigns_any(const char *const *assigned, const char *const *columns)
{
	for (; *assigned; assigned++)
		for (const char *const *each = columns; *each; each++)
			if (strcmp(*each, *assigned) == 0)
				return true;
	return false;
}

#define ASSIGNING (CATALOG_BIT(DEED_UPDATE) | CATALOG_BIT(DEED_UPSERT))

/* A MERGE is what its arms do, if they are known. */
uint32_t judging_bits(const struct relation_deed *deed)
{
	if (deed->deed == DEED_MERGE && deed->also)
		return deed->also;
	return CATALOG_BIT(deed->deed) | deed->also |
	       (deed->rebuilt ? CATALOG_CALL : 0);
}

static bool refuses(const struct catalog_object *object,
		    const struct relation_deed *deed)
{
	uint32_t refused = object->refused |
			   (deed->cascade ? object->cascading : 0);
	uint32_t hit = refused & judging_bits(deed);

	if (hit & ~ASSIGNING)
		return true;
	return hit && (!object->columns || !deed->columns ||
		       assigns_any(deed->columns, object->columns));
}

static bool refuse_object(struct judging *judging,
			  const struct catalog_object *object,
			  const char *command, int statement)
{
	return guard_refuse_through(judging->guard, object->table_schema,
				    object->table, object->through, command,
				    statement,
				    judging->facts->statement_count,
				    judging->error);
}

/* Rows that are old enough may go, but from the table itself only. */
static bool is_sanctioned(struct judging *judging,
			  const struct catalog_object *object,
			  const struct relation_deed *deed)
{
	return (judging->retained == deed && !object->through) ||
	       guard_exempts(judging, deed, object->table_schema,
			     object->table);
}

static void note_shown(struct judging *judging, const char *schema,
		       const char *name)
{
	judging->shown_schema = schema;
	judging->shown = name;
}

static bool check_kind(struct judging *judging, enum catalog_kind kind,
		       const struct relation_deed *deed, bool *ret_known)
{
	bool any;
	const struct catalog_object *object = resolve(
		judging, kind, deed->schema, deed->relation,
		judging_path(judging, deed->statement, deed->deferred), &any);

	for (; object; object = any ? object->next : NULL) {
		*ret_known = true;
		if (object->refused & CATALOG_CALL)
			note_shown(judging, object->schema, object->name);
		if (refuses(object, deed) &&
		    !is_sanctioned(judging, object, deed))
			return refuse_object(judging, object, deed->command,
					     deed->statement);
	}
	return true;
}

/* --- schemas ---------------------------------------------------------------- */

struct holding {
	const struct judging *judging;
	const char *held;	/* that must not be dropped; NULL: nothing */
	const char *table_schema, *table;
};

static bool is_guarded_anywhere(const struct guard *guard, const char *name)
{
	for (unsigned i = 0; i < guard->count; i++)
		if (!guard->tables[i].schema &&
		    strcasecmp(guard->tables[i].name, name) == 0)
			return true;
	return false;
}

static void hold(struct holding *holding, const char *held,
		 const char *table_schema, const char *table)
{
	if (holding->held)
		return;
	holding->held = held;
	holding->table_schema = table_schema;
	holding->table = table;
}

/* What was made may be in any schema. */
static void look_for_held(void *context, const struct guard_overlay *overlay)
{
	struct holding *holding = context;
	const struct guard *guard = holding->judging->guard;
	const struct overlay_item *item;

	for (item = overlay->by_name; item; item = item->hh.next) {
		if (item->refused & CATALOG_BIT(DEED_DROP))
			hold(holding, item->name, item->table_schema,
			     item->table);
		else if (item->made && is_guarded_anywhere(guard, item->name))
			hold(holding, item->name, NULL, item->name);
	}
	if (overlay->count == OVERLAY_ITEMS_MAX)
		hold(holding, "something", guard->tables[0].schema,
		     guard->tables[0].name);
}

static bool check_held(struct judging *judging,
		       const struct relation_deed *deed)
{
	struct holding holding = { .judging = judging };

	if (deed->deed != DEED_DROP)
		return true;
	judging_each_overlay(judging, look_for_held, &holding);
	return !holding.held ||
	       guard_exempts(judging, deed, holding.table_schema,
			     holding.table) ||
	       guard_refuse_through(judging->guard, holding.table_schema,
				    holding.table,
				    arena_printf(&judging->guard->code,
						 "%s, made in an open "
						 "transaction", holding.held),
				    deed->command, deed->statement,
				    judging->facts->statement_count,
				    judging->error);
}

/* Everything in a schema, or the schema itself. */
static bool check_schema(struct judging *judging,
			 const struct relation_deed *deed)
{
	const struct catalog_object *object =
		deed->schema ? catalog_find(judging->state->catalog,
					    CATALOG_SCHEMA, deed->schema) :
			       NULL;

	judging->unknown |= !object && deed->schema;
	if (object && refuses(object, deed) &&
	    !is_sanctioned(judging, object, deed))
		return refuse_object(judging, object, deed->command,
				     deed->statement);
	return check_held(judging, deed);
}

/* --- relations and types ---------------------------------------------------- */

static bool changes_or_reads(enum deed deed)
{
	switch (deed) {
	case DEED_READ:
	case DEED_INSERT:
	case DEED_UPSERT:
	case DEED_UPDATE:
	case DEED_DELETE:
	case DEED_MERGE:
	case DEED_TRUNCATE:
	case DEED_COPY_IN:
		return true;
	default:
		return false;
	}
}

static void note_unknown(struct judging *judging,
			 const struct relation_deed *deed)
{
	if (!changes_or_reads(deed->deed) ||
	    guard_is_system(deed->schema, deed->relation))
		return;
	if (deed->deed == DEED_READ && !deed->schema &&
	    sql_facts_has_with(judging->facts, deed->relation))
		return;
	judging->unknown = true;
	judging->guard->relied = true;	/* it is looked for every time */
}

static bool is_harmless_to_any(enum deed deed)
{
	switch (deed) {
	case DEED_READ:
	case DEED_INSERT:
	case DEED_COPY_IN:
	case DEED_CREATE:
	case DEED_CREATE_TEMP:
	case DEED_HARMLESS_DDL:
		return true;
	default:
		return false;
	}
}

/* Without a catalog nobody can tell what goes along. */
static bool refuse_cascade(struct judging *judging, const char *command,
			   int statement)
{
	guard_refuse_command(command, "this can take rows or columns of theirs "
			     "along", statement,
			     judging->facts->statement_count, judging->error);
	guard_note_refusal(judging->guard, command, "forbidden command");
	return false;
}

#define OF_ROWS (CATALOG_BIT(DEED_UPDATE) | CATALOG_BIT(DEED_UPSERT) | \
		 CATALOG_BIT(DEED_DELETE) | CATALOG_BIT(DEED_MERGE) | \
		 CATALOG_BIT(DEED_TRUNCATE) | CATALOG_BIT(DEED_INSERT))

static bool check_made(struct judging *judging,
		       const struct relation_deed *deed, bool *ret_known)
{
	const struct overlay_item *item =
		judging_made(judging, deed->relation);
	struct onward_end end = { .name = NULL };
	uint32_t refused = judging_onward(judging, deed->relation, &end);
	const char *through;

	if (item) {
		*ret_known = item->made;
		refused |= item->refused;
	}
	if (refused & CATALOG_CALL)
		note_shown(judging, NULL, deed->relation);
	if (item && item->table)
		end = (struct onward_end){ item->name, item->table_schema,
					   item->table };
	if (judging->state->again)
		refused &= OF_ROWS;
	if (!(refused & judging_bits(deed)))
		return true;
	through = arena_printf(&judging->guard->code,
			       "%s, made in an open transaction", end.name);
	return guard_refuse_through(judging->guard, end.table_schema,
				    end.table, through, deed->command,
				    deed->statement,
				    judging->facts->statement_count,
				    judging->error);
}

static bool is_about_type(enum deed deed)
{
	return deed == DEED_DROP || deed == DEED_ALTER || deed == DEED_RENAME;
}

/* Nobody knows: what could harm is for later. Reading and inserting harms by
 * a trigger, a rule or a view alone: that passes where nobody can know. */
static bool check_blindly(struct judging *judging,
			  const struct relation_deed *deed)
{
	if (judging->state->keeps_catalog) {
		judging->unknown |= !is_harmless_to_any(deed->deed);
		judging->unsure |= !deed->relation ||
				   !guard_is_system(deed->schema, deed->relation);
		return true;
	}
	return deed->deed != DEED_TRUNCATE || !deed->cascade ||
	       refuse_cascade(judging, "TRUNCATE ... CASCADE",
			      deed->statement);
}

bool check_relation(struct judging *judging, const struct relation_deed *deed)
{
	bool made = false, known = false;

	if (!deed->relation)
		return judging->state->catalog ? check_schema(judging, deed) :
						 check_blindly(judging, deed);
	if (!check_made(judging, deed, &made))
		return false;
	if (!judging->state->catalog)
		return check_blindly(judging, deed);
	if (!check_kind(judging, CATALOG_RELATION, deed, &known) ||
	    (is_about_type(deed->deed) &&
	     !check_kind(judging, CATALOG_TYPE, deed, &known)))
		return false;
	if (!known && made)
		judging->guard->relied = true;
	else if (!known)
		note_unknown(judging, deed);
	return true;
}

/* --- functions -------------------------------------------------------------- */

static const char *kind_in_words(enum catalog_kind kind)
{
	return kind == CATALOG_TYPE	? "type" :
	       kind == CATALOG_OPERATOR ? "operator" :
					  "function";
}

bool judging_refuse_call(struct judging *judging, int statement,
			 enum catalog_kind of, const char *schema,
			 const char *name)
{
	const char *kind = kind_in_words(of);

	error_set(judging->error, SQLSTATE_INSUFFICIENT_PRIVILEGE,
		  "permission denied for %s %s", kind, name);
	error_detail(judging->error,
		     "weir: tables are configured insert-only, and %s%s%s "
		     "cannot be shown to leave them alone; statement %d of %d",
		     schema ? schema : "", schema ? "." : "", name,
		     statement + 1, judging->facts->statement_count);
	error_hint(judging->error,
		   "Once the database itself protects them (weir audit sql "
		   "prints how) any function may be called.");
	guard_note_refusal(judging->guard,
			   arena_printf(&judging->guard->code, "%s call", kind),
			   "unproven code");
	return false;
}

static bool refuse_call(struct judging *judging, int statement,
			const struct catalog_object *called)
{
	return judging_refuse_call(judging, statement, called->kind,
				   called->schema, called->name);
}

bool judging_is_closed(const struct judging *judging)
{
	return judging->state->catalog &&
	       catalog_is_closed(judging->state->catalog);
}

/* A type is called by the values that become one of it. */
static bool check_call_of(struct judging *judging, enum catalog_kind kind,
			  const struct call_deed *call, bool *ret_known)
{
	bool any;
	const struct catalog_object *called = resolve(
		judging, kind, call->schema, call->name,
		judging_path(judging, call->statement, call->deferred), &any);
	uint32_t bits = CATALOG_CALL;

	if (call->attribute && kind == CATALOG_FUNCTION)
		bits |= CATALOG_SINGLE;
	for (; called; called = any ? called->next : NULL) {
		*ret_known = true;
		if ((called->refused & bits) == bits)
			return refuse_call(judging, call->statement, called);
	}
	return true;
}

static bool check_call(struct judging *judging, const struct call_deed *call)
{
	const struct overlay_item *item;
	bool known = call->listed;

	if (!check_call_of(judging, CATALOG_FUNCTION, call, &known) ||
	    !check_call_of(judging, CATALOG_TYPE, call, &known))
		return false;
	if (judging_made_calls(judging, call->name))
		return judging_refuse_call(judging, call->statement,
					   CATALOG_TYPE, call->schema,
					   call->name);
	if (known)
		return true;
	item = judging_made(judging, call->name);
	if (item && item->made)
		judging->guard->relied = true;
	else
		judging->unknown = true;
	return true;
}

static bool is_postgres_own(const struct call_deed *call)
{
	return !call->schema && (sql_function_is_listed(call->name) ||
				 type_by_name(slice_text(call->name)));
}

/* Before there is a picture of the catalog: one is waited for, whatever the
 * text calls, casts to or compares by. */
static void note_unseen(struct judging *judging)
{
	const struct sql_facts *facts = judging->facts;

	judging->unsure |= facts->call_count || facts->operator_count;
	for (int i = 0; i < facts->call_count; i++)
		judging->unknown |= !is_postgres_own(&facts->calls[i]);
}

bool check_calls(struct judging *judging)
{
	const struct sql_facts *facts = judging->facts;

	if (!judging->state->keeps_catalog || judging_is_closed(judging))
		return true;
	if (!check_declared(judging))
		return false;
	if (!judging->state->catalog) {
		note_unseen(judging);
		return true;
	}
	for (int i = 0; i < facts->call_count; i++)
		if (!check_call(judging, &facts->calls[i]))
			return false;
	return check_operators(judging);
}

/* --- other objects ---------------------------------------------------------- */

/* Nobody would know it by its new name; a domain's check is run when it is
 * validated. */
static bool runs_or_hides(const struct object_deed *deed)
{
	return deed->deed == DEED_RENAME ||
	       (deed->deed == DEED_ALTER && deed->kind == OBJECT_OF_TYPE);
}

static bool check_object(struct judging *judging,
			 const struct object_deed *deed)
{
	static const enum catalog_kind kinds[] = {
		[OBJECT_OF_FUNCTION] = CATALOG_FUNCTION,
		[OBJECT_OF_TYPE] = CATALOG_TYPE,
		[OBJECT_OF_EXTENSION] = CATALOG_EXTENSION,
	};
	const struct catalog_object *object;
	bool any;

	if (deed->name && judging->state->keeps_catalog &&
	    !judging->state->catalog) {
		judging->unknown = true;
		return true;
	}
	if (!deed->name || !judging->state->catalog)
		return !deed->cascade ||
		       refuse_cascade(judging, "DROP ... CASCADE",
				      deed->statement);
	object = resolve(judging, kinds[deed->kind], deed->schema, deed->name,
			 judging_path(judging, deed->statement, false), &any);
	for (; object; object = any ? object->next : NULL) {
		if (((object->refused |
		      (deed->cascade ? object->cascading : 0)) &
		     CATALOG_BIT(deed->deed)) &&
		    !guard_exempts_object(judging, deed, object->table_schema,
					  object->table))
			return refuse_object(judging, object, deed->command,
					     deed->statement);
		if (runs_or_hides(deed) && !judging_is_closed(judging) &&
		    (object->refused & CATALOG_CALL))
			return refuse_call(judging, deed->statement, object);
	}
	return true;
}

/* They are in the order of the statements. */
bool check_objects(struct judging *judging, int statement)
{
	const struct sql_facts *facts = judging->facts;

	while (judging->next_object < facts->object_count) {
		const struct object_deed *deed =
			&facts->objects[judging->next_object];

		if (deed->statement != statement)
			break;
		if (!check_object(judging, deed) || !note_object(judging, deed))
			return false;
		judging->next_object++;
	}
	return true;
}
