#include "pool/statement.h"

#include <stdio.h>
#include <stdlib.h>

#include <uthash.h>

#include "pool/backend.h"
#include "pool/setting.h"
#include "pool/shape.h"
#include "protocol/list.h"

struct interned {
	struct statement statement;
	size_t key_length;
	uint8_t *key;		/* text, zero, types, context */
	UT_hash_handle hh;
};

struct statements {
	struct interned *by_key;
	uint64_t last_id;
	uint64_t time;
};

struct statements *statements_new(void)
{
	return must_alloc(sizeof(struct statements));
}

void statements_free(struct statements **statements)
{
	free(*statements);
	*statements = NULL;
}

/* The server may read what the parser cannot, under other settings. */
static struct sql_facts *unread_facts(struct arena *arena)
{
	struct sql_facts *facts = arena_alloc(arena, sizeof(*facts));

	memset(facts, 0, sizeof(*facts));
	facts->statement_count = facts->session_deed_count = 1;
	facts->statements = arena_alloc(arena, sizeof(*facts->statements));
	facts->session_deeds =
		arena_alloc(arena, sizeof(*facts->session_deeds));
	memset(facts->statements, 0, sizeof(*facts->statements));
	*facts->session_deeds = (struct session_deed){
		.kind = SESSION_UNREAD,
	};
	return facts;
}

static void take_facts(struct statement *statement,
		       struct sql_reading *reading)
{
	if (!reading->good) {
		statement->facts = unread_facts(&statement->arena);
	} else if (sql_facts_touch_session(&reading->facts)) {
		statement->reading = sql_reading_ref(reading);
		statement->facts = &reading->facts;
	}
}

static void read_facts(struct statement *statement)
{
	struct sql_facts facts;
	struct error error;

	if (!sql_facts_read(statement->text, &statement->arena, &facts,
			    &error)) {
		statement->facts = unread_facts(&statement->arena);
	} else if (sql_facts_touch_session(&facts)) {
		statement->facts = arena_alloc(&statement->arena,
					       sizeof(facts));
		*statement->facts = facts;
	}
}

/* What the text does to its session, once. */
static void learn_facts(struct statement *statement,
			struct sql_reading *reading)
{
	if (!sql_may_touch_session(statement->text))
		return;
	if (reading)
		take_facts(statement, reading);
	else
		read_facts(statement);
}

static struct interned *add_statement(struct statements *all,
				      struct slice text, struct slice types,
				      uint8_t *key, size_t key_length,
				      struct sql_reading *reading)
{
	struct interned *interned = must_alloc(sizeof(*interned));
	struct statement *statement = &interned->statement;

	interned->key = key;
	interned->key_length = key_length;
	statement->id = ++all->last_id;
	statement->all = all;
	statement->text = slice_make(key, text.length);
	statement->types = slice_make(key + text.length + 1, types.length);
	snprintf(statement->name, sizeof(statement->name),
		 STATEMENT_NAME_PREFIX "%llu",
		 (unsigned long long)statement->id);
	learn_facts(statement, reading);
	HASH_ADD_KEYPTR(hh, all->by_key, interned->key, key_length, interned);
	return interned;
}

uint64_t statements_time(struct statements *all)
{
	return ++all->time;
}

static struct statement *get(struct statements *all, struct slice text,
			     struct slice types, struct settings *context,
			     const char *kind, uint64_t moment,
			     struct sql_reading *reading)
{
	struct interned *interned;
	struct buffer key = { 0 };

	buffer_put_slice(&key, text);
	buffer_put_u8(&key, 0);
	buffer_put_slice(&key, types);
	buffer_put_slice(&key, settings_meaning(context));
	buffer_put_text(&key, kind);
	if (moment)
		buffer_put_u64(&key, moment);
	HASH_FIND(hh, all->by_key, key.bytes, key.length, interned);
	if (interned)
		buffer_fini(&key);
	else
		interned = add_statement(all, text, types, key.bytes,
					 key.length, reading);
	if (!interned->statement.references++)
		interned->statement.context = settings_ref(context);
	return &interned->statement;
}

struct statement *statement_get(struct statements *all, struct slice text,
				struct slice types, struct settings *context,
				uint64_t moment, struct sql_reading *reading)
{
	return get(all, text, types, context, "", moment, reading);
}

/* No Parse has such types, so it shares nothing with what is prepared by
 * message. */
struct statement *statement_of_sql(struct statements *all, struct slice text,
				   struct settings *context)
{
	struct statement *statement =
		get(all, text, slice_make("", 0), context, "sql", 0,
		    NULL);

	statement->by_sql = true;
	return statement;
}

struct statement *statement_ref(struct statement *statement)
{
	statement->references++;
	return statement;
}

void statement_unref(struct statement **pointer)
{
	struct statement *statement = *pointer;
	struct interned *interned;

	*pointer = NULL;
	if (!statement || --statement->references)
		return;
	interned = LIST_ENTRY(statement, struct interned, statement);
	HASH_DELETE(hh, statement->all->by_key, interned);
	arena_fini(&statement->arena);
	sql_reading_unref(&statement->reading);
	settings_unref(&statement->context);
	free(interned->key);
	free(interned);
}

/* --- what a backend knows ---------------------------------------------- */

/* Evicted by second chance: the list is in order of arrival, and one that was
 * used since it was last looked at goes to its end instead. So a use costs a
 * flag, and mostly not even a search: `recent` finds the common ones. */
#define RECENT_COUNT 64

/*
 * A Parse counts from when it is sent, so that what follows it in the same
 * batch may use it; but an error before it makes the server skip it, and what
 * comes behind the next Sync was sent before weir hears of that. So until its
 * answer is there a statement is known in its own batch only.
 */
struct known {
	struct statement *statement;
	uint64_t id;
	bool used;
	bool sure;
	uint32_t batch;		/* of its Parse */
	uint64_t since;		/* when that was sent */
	struct shape *shape;	/* what came of it; NULL: not known */
	struct list link;
	UT_hash_handle hh;
};

/* What stands under a client's own name. */
struct installed {
	char *name;
	struct statement *statement;	/* NULL: closed */
	uint32_t batch;		/* in which that was sent */
	bool sure;
	UT_hash_handle hh;
};

struct known_statements {
	struct known *by_id;
	struct list in_order;
	struct known *recent[RECENT_COUNT];	/* by id, modulo */
	struct installed *by_name;
};

static struct known *find_known(const struct backend *backend, uint64_t id)
{
	struct known *known = NULL;

	if (backend->known)
		HASH_FIND(hh, backend->known->by_id, &id, sizeof(id), known);
	return known;
}

enum knowledge statement_knowledge(struct backend *backend,
				   const struct statement *statement,
				   uint64_t since)
{
	struct known_statements *all = backend->known;
	struct known *known = all ? all->recent[statement->id % RECENT_COUNT] :
				    NULL;

	if (!known || known->statement != statement) {
		known = find_known(backend, statement->id);
		if (!known)
			return STATEMENT_UNKNOWN;
		all->recent[statement->id % RECENT_COUNT] = known;
	}
	known->used = true;
	return known->since >= since &&
	       (known->sure || known->batch == backend->batches) ?
	       STATEMENT_KNOWN : STATEMENT_UNSURE;
}

static void drop_known(struct known_statements *all, struct known *known)
{
	if (all->recent[known->id % RECENT_COUNT] == known)
		all->recent[known->id % RECENT_COUNT] = NULL;
	HASH_DELETE(hh, all->by_id, known);
	list_remove(&known->link);
	statement_unref(&known->statement);
	shape_unref(&known->shape);
	free(known);
}

static struct known *find_unused(struct known_statements *all)
{
	for (;;) {
		struct known *known = LIST_ENTRY(list_first(&all->in_order),
						 struct known, link);

		if (!known->used)
			return known;
		known->used = false;
		list_remove(&known->link);
		list_append(&all->in_order, &known->link);
	}
}

static struct known_statements *known_of(struct backend *backend)
{
	if (!backend->known) {
		backend->known = must_alloc(sizeof(*backend->known));
		list_init(&backend->known->in_order);
	}
	return backend->known;
}

static struct known *find_or_add(struct backend *backend,
				 struct statement *statement)
{
	struct known *known = find_known(backend, statement->id);

	if (known)
		return known;
	known_of(backend);
	known = must_alloc(sizeof(*known));
	known->statement = statement_ref(statement);
	known->id = statement->id;
	list_append(&backend->known->in_order, &known->link);
	HASH_ADD(hh, backend->known->by_id, id, sizeof(known->id), known);
	return known;
}

static struct statement *forget_one(struct known_statements *all)
{
	struct known *unused = find_unused(all);
	struct statement *forgotten = statement_ref(unused->statement);

	drop_known(all, unused);
	return forgotten;
}

struct statement *statement_learn(struct backend *backend,
				  struct statement *statement, uint64_t since,
				  unsigned most)
{
	struct known_statements *all = backend->known;
	struct statement *forgotten = NULL;
	struct known *known;

	if (!find_known(backend, statement->id) && all &&
	    HASH_COUNT(all->by_id) >= most && !list_empty(&all->in_order))
		forgotten = forget_one(all);
	known = find_or_add(backend, statement);
	known->sure = false;
	known->batch = backend->batches;
	known->since = since;
	shape_unref(&known->shape);
	return forgotten;
}

struct shape *statement_shape(struct backend *backend,
			      const struct statement *statement,
			      uint64_t *ret_since)
{
	struct known *known = find_known(backend, statement->id);

	*ret_since = known ? known->since : 0;
	return known ? known->shape : NULL;
}

void statement_set_shape(struct backend *backend,
			 const struct statement *statement,
			 struct shape *shape)
{
	struct known *known = find_known(backend, statement->id);

	if (!known)
		return;
	shape_unref(&known->shape);
	known->shape = shape_ref(shape);
}

void statement_confirm(struct backend *backend,
		       const struct statement *statement)
{
	struct known *known = find_known(backend, statement->id);

	/* It may have been closed again in the meantime. */
	if (known)
		known->sure = true;
}

void statement_doubt(struct backend *backend, struct statement *statement)
{
	struct known *known = find_or_add(backend, statement);

	known->sure = false;
	known->batch = backend->batches - 1;
}

static void drop_installed(struct known_statements *all,
			   struct installed *installed)
{
	HASH_DELETE(hh, all->by_name, installed);
	statement_unref(&installed->statement);
	free(installed->name);
	free(installed);
}

void known_statements_free(struct known_statements **pointer)
{
	struct known_statements *all = *pointer;
	struct known *known, *next;
	struct installed *installed, *after;

	*pointer = NULL;
	if (!all)
		return;
	HASH_ITER(hh, all->by_id, known, next)
		drop_known(all, known);
	HASH_ITER(hh, all->by_name, installed, after)
		drop_installed(all, installed);
	free(all);
}

/* --- under a client's own name ------------------------------------------ */

static struct installed *find_installed(const struct backend *backend,
					const char *name)
{
	struct installed *installed = NULL;

	if (backend->known)
		HASH_FIND_STR(backend->known->by_name, name, installed);
	return installed;
}

struct statement *statement_installed(const struct backend *backend,
				      const char *name, bool *ret_sure)
{
	const struct installed *installed = find_installed(backend, name);

	*ret_sure = !installed || installed->sure;
	return installed ? installed->statement : NULL;
}

void statement_install(struct backend *backend, const char *name,
		       struct statement *statement)
{
	struct installed *old = find_installed(backend, name);
	struct installed *installed;

	/* The table is in the order of installing. A name that was closed
	 * stays in it: should the Close be skipped, it is in doubt. */
	if (!old && !statement)
		return;
	installed = must_alloc(sizeof(*installed));
	installed->name = must_dup(name);
	installed->statement = statement ? statement_ref(statement) : NULL;
	if (old)
		drop_installed(backend->known, old);
	installed->sure = true;
	installed->batch = backend->batches;
	HASH_ADD_KEYPTR(hh, known_of(backend)->by_name, installed->name,
			strlen(name), installed);
}

void statement_settle(struct backend *backend, const char *name)
{
	struct installed *installed = find_installed(backend, name);

	if (installed)
		installed->batch = backend->batches - 1;
}

bool statement_stood(const struct backend *backend, const char *name,
		     const struct statement *statement, uint32_t batch)
{
	const struct installed *installed = find_installed(backend, name);

	return installed && installed->statement == statement &&
	       (int32_t)(installed->batch - batch) < 0;
}

char *statement_uninstall_oldest(struct backend *backend, unsigned most)
{
	struct known_statements *all = backend->known;
	char *name;

	if (!all || HASH_COUNT(all->by_name) <= most)
		return NULL;
	name = must_dup(all->by_name->name);
	drop_installed(all, all->by_name);
	return name;
}

void statement_doubt_installed(struct backend *backend)
{
	struct installed *installed, *next;

	if (!backend->known)
		return;
	HASH_ITER(hh, backend->known->by_name, installed, next)
		installed->sure = false;
}

void statement_each_installed(struct backend *backend,
			      void (*visit)(void *context, const char *name),
			      void *context)
{
	struct installed *installed, *next;

	if (!backend->known)
		return;
	HASH_ITER(hh, backend->known->by_name, installed, next) {
		/* the visitor may install something else there */
		char *name = must_dup(installed->name);

		visit(context, name);
		free(name);
	}
}

void statement_each_known(struct backend *backend,
			  void (*visit)(void *context, struct statement *),
			  void *context)
{
	struct known *known, *next;

	if (!backend->known)
		return;
	HASH_ITER(hh, backend->known->by_id, known, next)
		visit(context, known->statement);
}

/* --- a client's names --------------------------------------------------- */

struct named {
	struct prepared prepared;
	char *name;
	UT_hash_handle hh;
};

struct statement_names {
	struct named *by_name;
};

static struct named *find_named(struct statement_names *names,
				struct slice name)
{
	struct named *named = NULL;

	if (name.length > STATEMENT_NAME_BYTES_MAX)
		name.length = STATEMENT_NAME_BYTES_MAX;
	if (names)
		HASH_FIND(hh, names->by_name, name.at, name.length, named);
	return named;
}

const struct prepared *names_find(struct statement_names *names,
				  struct slice name)
{
	struct named *named = find_named(names, name);

	return named ? &named->prepared : NULL;
}

static void drop_named(struct statement_names *names, struct named *named)
{
	HASH_DELETE(hh, names->by_name, named);
	statement_unref(&named->prepared.statement);
	shape_unref(&named->prepared.shape);
	free(named->name);
	free(named);
}

void names_put(struct statement_names **names, struct slice name,
	       struct statement *statement, uint64_t since)
{
	struct named *named;

	if (name.length > STATEMENT_NAME_BYTES_MAX)
		name.length = STATEMENT_NAME_BYTES_MAX;
	names_remove(names, name);
	if (!*names)
		*names = must_alloc(sizeof(**names));
	named = must_alloc(sizeof(*named));
	named->name = slice_dup(name);
	named->prepared = (struct prepared){ named->name, statement, since,
					     NULL };
	HASH_ADD_KEYPTR(hh, (*names)->by_name, named->name, name.length,
			named);
}

void names_set_shape(struct statement_names *names, struct slice name,
		     uint64_t since, struct shape *shape)
{
	struct named *named = find_named(names, name);

	if (!named || named->prepared.since != since)
		return;
	shape_unref(&named->prepared.shape);
	named->prepared.shape = shape_ref(shape);
}

bool names_remove(struct statement_names **names, struct slice name)
{
	struct named *named = find_named(*names, name);

	if (named)
		drop_named(*names, named);
	return named;
}

void names_each(struct statement_names *names,
		void (*visit)(void *context, const char *name,
			      const struct prepared *),
		void *context)
{
	struct named *named, *next;

	if (!names)
		return;
	HASH_ITER(hh, names->by_name, named, next)
		visit(context, named->name, &named->prepared);
}

void names_free(struct statement_names **names)
{
	struct named *named, *next;

	if (!*names)
		return;
	HASH_ITER(hh, (*names)->by_name, named, next)
		drop_named(*names, named);
	free(*names);
	*names = NULL;
}
