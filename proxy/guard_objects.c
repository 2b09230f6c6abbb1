/*
 * What leads to a guarded table: judged by the snapshot of the catalog and by
 * what the transaction itself has made.
 *
 * A name is resolved as the server will: by its schema, else along the path.
 * Where the path is not known it may be any object of that name, and the one
 * that refuses counts. A name that neither snapshot nor transaction knows is
 * looked up anew before the verdict; if it is still unknown then, it is
 * nothing's, and the server says so.
 */
#include <stdio.h>

#include "proxy/guard_parts.h"

/* --- names ------------------------------------------------------------------ */

const char *const *judging_path(const struct judging *judging, int statement,
				bool deferred)
{
	return deferred || statement > judging->moved ?
		       NULL : judging->state->search_path;
}

static const struct catalog_object *
in_schema(const struct catalog_object *each, const char *schema)
{
	while (each && (!each->schema || strcmp(each->schema, schema) != 0))
		each = each->next;
	return each;
}

static const struct catalog_object *
along_path(const struct catalog_object *first, const char *const *path)
{
	const struct catalog_object *found = NULL;

	for (; *path && !found; path++)
		found = in_schema(first, *path);
	return found;
}

/* The objects a name may stand for: the answer, and all behind it if
 * *ret_any. */
static const struct catalog_object *
resolve(const struct judging *judging, enum catalog_kind kind,
	const char *schema, const char *name, const char *const *path,
	bool *ret_any)
{
	const struct catalog_object *first =
		catalog_find(judging->state->catalog, kind, name);

	*ret_any = false;
	if (schema && strncmp(schema, "pg_temp", 7) != 0)
		return in_schema(first, schema);
	if (!schema && path)
		return along_path(first, path);
	*ret_any = true;
	return first;
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

static bool is_of_system(const char *schema, const char *name)
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

static bool refuses(const struct catalog_object *object,
		    const struct relation_deed *deed)
{
	uint32_t refused = object->refused |
			   (deed->cascade ? object->cascading : 0);

	if (!(refused & CATALOG_BIT(deed->deed)))
		return false;
	if (deed->deed != DEED_UPDATE && deed->deed != DEED_UPSERT)
		return true;
	return !object->columns || !deed->columns ||
	       assigns_any(deed->columns, object->columns);
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

static bool check_kind(struct judging *judging, enum catalog_kind kind,
		       const struct relation_deed *deed, bool *ret_known)
{
	bool any;
	const struct catalog_object *object = resolve(
		judging, kind, deed->schema, deed->relation,
		judging_path(judging, deed->statement, deed->deferred), &any);

	for (; object; object = any ? object->next : NULL) {
		*ret_known = true;
		if (refuses(object, deed))
			return refuse_object(judging, object, deed->command,
					     deed->statement);
	}
	return true;
}

/* Everything in a schema, or the schema itself. */
static bool check_schema(struct judging *judging,
			 const struct relation_deed *deed)
{
	const struct catalog_object *object =
		deed->schema ? catalog_find(judging->state->catalog,
					    CATALOG_SCHEMA, deed->schema) :
			       NULL;

	return !object || !refuses(object, deed) ||
	       refuse_object(judging, object, deed->command, deed->statement);
}

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
	    is_of_system(deed->schema, deed->relation))
		return;
	if (deed->deed == DEED_READ && !deed->schema &&
	    sql_facts_has_with(judging->facts, deed->relation))
		return;
	judging->unknown = true;
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

static bool check_made(struct judging *judging,
		       const struct relation_deed *deed, bool *ret_known)
{
	const struct overlay_item *item =
		overlay_find(judging->state->overlay, deed->relation);

	if (!item)
		return true;
	*ret_known = true;
	return !item->table || is_harmless_to_any(deed->deed) ||
	       guard_refuse_through(judging->guard, item->table_schema,
				    item->table, item->name, deed->command,
				    deed->statement,
				    judging->facts->statement_count,
				    judging->error);
}

bool check_relation(struct judging *judging, const struct relation_deed *deed)
{
	bool known = false;

	if (!deed->relation)
		return !judging->state->catalog || check_schema(judging, deed);
	if (!check_made(judging, deed, &known))
		return false;
	if (!judging->state->catalog) {
		judging->unknown |= !is_harmless_to_any(deed->deed);
		return deed->deed != DEED_TRUNCATE || !deed->cascade ||
		       refuse_cascade(judging, "TRUNCATE ... CASCADE",
				      deed->statement);
	}
	if (!check_kind(judging, CATALOG_RELATION, deed, &known) ||
		 !check_kind(judging, CATALOG_TYPE, deed, &known))
		return false;
	else if (!known)
		note_unknown(judging, deed);
	return true;
}

/* --- functions -------------------------------------------------------------- */

static bool refuse_call(struct judging *judging, const struct call_deed *call,
			const struct catalog_object *function)
{
	guard_refuse_command("", "", call->statement,
			     judging->facts->statement_count, judging->error);
	error_set(judging->error, SQLSTATE_INSUFFICIENT_PRIVILEGE,
		  "permission denied for function %s", call->name);
	error_detail(judging->error,
		     "weir: tables are configured insert-only, and %s.%s "
		     "cannot be shown to leave them alone; statement %d of %d",
		     function->schema, function->name, call->statement + 1,
		     judging->facts->statement_count);
	error_hint(judging->error,
		   "Once the database itself protects them (weir audit sql "
		   "prints how) any function may be called.");
	guard_note_refusal(judging->guard, "function call", "unproven code");
	return false;
}

static bool check_call(struct judging *judging, const struct call_deed *call)
{
	bool any;
	const struct catalog_object *function = resolve(
		judging, CATALOG_FUNCTION, call->schema, call->name,
		judging_path(judging, call->statement, call->deferred), &any);

	if (!function && !call->listed)
		judging->unknown = true;
	for (; function; function = any ? function->next : NULL)
		if (function->refused & CATALOG_CALL)
			return refuse_call(judging, call, function);
	return true;
}

bool check_calls(struct judging *judging)
{
	const struct sql_facts *facts = judging->facts;

	if (!judging->state->keeps_catalog ||
	    (judging->state->catalog &&
	     catalog_is_closed(judging->state->catalog)))
		return true;
	for (int i = 0; i < facts->call_count; i++) {
		if (!judging->state->catalog)
			judging->unknown |= !facts->calls[i].listed;
		else if (!check_call(judging, &facts->calls[i]))
			return false;
	}
	return true;
}

/* --- other objects ---------------------------------------------------------- */

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

	if (!deed->name || !judging->state->catalog)
		return !deed->cascade ||
		       refuse_cascade(judging, "DROP ... CASCADE",
				      deed->statement);
	object = resolve(judging, kinds[deed->kind], deed->schema, deed->name,
			 deed->kind == OBJECT_OF_EXTENSION ?
				 NULL :
				 judging_path(judging, deed->statement, false),
			 &any);
	for (; object; object = any ? object->next : NULL)
		if ((object->refused | (deed->cascade ? object->cascading : 0)) &
		    CATALOG_BIT(deed->deed))
			return refuse_object(judging, object, deed->command,
					     deed->statement);
	return true;
}

bool check_objects(struct judging *judging)
{
	const struct sql_facts *facts = judging->facts;

	for (int i = 0; i < facts->object_count; i++)
		if (!check_object(judging, &facts->objects[i]))
			return false;
	return true;
}

/* --- what is made ----------------------------------------------------------- */

struct lead {
	const char *schema, *table;	/* table NULL: it leads nowhere */
};

static bool is_of_column(const struct relation_deed *deed)
{
	return deed->deed == DEED_RENAME && deed->columns;
}

/* The snapshot knows the column by its old name only. */
static bool is_renamed(const struct catalog_object *object,
		       const struct relation_deed *deed)
{
	return object->columns && assigns_any(deed->columns, object->columns);
}

/* Whether changing rows through the relation, or of it, may reach a guarded
 * table; of several it may be, any counts. */
static struct lead lead_of(const struct judging *judging,
			   const struct relation_deed *deed)
{
	const struct overlay_item *item;
	const struct catalog_object *object;
	const struct guard *guard = judging->guard;

	if (!deed->relation)
		return (struct lead){ NULL, NULL };
	for (unsigned i = 0; i < guard->count; i++)
		if (guard_means(guard, &guard->tables[i], deed, NULL))
			return (struct lead){ guard->tables[i].schema,
					      guard->tables[i].name };
	item = overlay_find(judging->state->overlay, deed->relation);
	if (item && item->table)
		return (struct lead){ item->table_schema, item->table };
	object = judging->state->catalog ?
			 catalog_find(judging->state->catalog,
				      CATALOG_RELATION, deed->relation) :
			 NULL;
	for (; object; object = object->next)
		if (object->refused && object->table &&
		    (!is_of_column(deed) || is_renamed(object, deed)))
			return (struct lead){ object->table_schema,
					      object->table };
	return (struct lead){ NULL, NULL };
}

/* What of a statement's deeds hands on where it leads to what is made. */
enum handing {
	HANDS_NOTHING,
	HANDS_READ,		/* a view, to what it reads */
	HANDS_PARENT,		/* a child or partition, to its parent */
	HANDS_ALL,		/* a rename, a partition attached */
};

static enum handing handing_of(const struct statement_facts *statement)
{
	static const struct {
		const char *tag;
		enum handing handing;
	} rows[] = {
		{ "ViewStmt", HANDS_READ },
		{ "CreateStmt", HANDS_PARENT },
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

static bool hands_on(enum handing handing, enum deed deed)
{
	switch (handing) {
	case HANDS_READ:
		return deed == DEED_READ;
	case HANDS_PARENT:
		return deed == DEED_HARMLESS_DDL;
	case HANDS_ALL:
		return deed == DEED_ALTER || deed == DEED_RENAME ||
		       deed == DEED_HARMLESS_DDL;
	default:
		return false;
	}
}

/* An ALTER TABLE of one table hands nothing on: it is what it was. */
static bool is_about_one(const struct statement_facts *statement,
			 const struct relation_deed *deeds)
{
	int named = 0;

	if (strcmp(statement->tag, "AlterTableStmt") != 0)
		return false;
	for (int i = 0; i < statement->deed_count; i++)
		named += deeds[i].relation && deeds[i].deed != DEED_READ;
	return named < 2;
}

static struct lead lead_of_statement(const struct judging *judging,
				     const struct statement_facts *statement,
				     const struct relation_deed *deeds)
{
	enum handing handing = handing_of(statement);
	struct lead lead = { NULL, NULL };

	if (handing == HANDS_NOTHING || is_about_one(statement, deeds))
		return lead;
	for (int i = 0; i < statement->deed_count && !lead.table; i++)
		if (hands_on(handing, deeds[i].deed))
			lead = lead_of(judging, &deeds[i]);
	return lead;
}

static bool is_made(const struct relation_deed *deed, struct lead lead)
{
	switch (deed->deed) {
	case DEED_CREATE:
	case DEED_CREATE_TEMP:
		return deed->relation;
	case DEED_ALTER:
	case DEED_RENAME:
		return deed->relation && lead.table;
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

bool note_made(struct judging *judging, const struct statement_facts *statement)
{
	const struct relation_deed *deeds =
		judging->facts->deeds + statement->first_deed;
	struct lead lead;

	if (!judging->state->overlay || !statement->is_ddl)
		return true;
	lead = lead_of_statement(judging, statement, deeds);
	for (int i = 0; i < statement->deed_count; i++) {
		const struct overlay_item item = {
			.name = deeds[i].relation,
			.table_schema = lead.schema,
			.table = lead.table,
			.temporary = deeds[i].deed == DEED_CREATE_TEMP,
		};

		if (is_made(&deeds[i], lead) &&
		    !overlay_add(judging->state->overlay, &item) &&
		    item.table)
			return refuse_too_many(judging, deeds[i].statement);
	}
	return true;
}
