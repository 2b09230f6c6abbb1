#include "proxy/guard_catalog.h"

#include <stdlib.h>

#include <uthash.h>

/* All that have a name, whatever their schema. */
struct named {
	struct catalog_object *first;
	struct onward *onward;
	UT_hash_handle hh;
};

/* One of them. Where every tenant has a schema, many have the same name. */
struct placed {
	struct catalog_object *object;
	UT_hash_handle hh;
};

/* A type that values of a client's may be declared to be. */
struct declared {
	uint32_t oid;
	const struct catalog_object *object;
	UT_hash_handle hh;
};

struct guard_catalog {
	unsigned holders;
	uint64_t epoch;
	bool closed;
	struct arena arena;	/* of everything below */
	struct named *by_name[CATALOG_KINDS];
	struct placed *by_place[CATALOG_KINDS];
	struct declared *types;	/* by OID */
	const char **attributes;
	unsigned attribute_count;
	struct named *targets;	/* in small letters */
	struct named *movers;	/* what is changed by a function */
};

/* "schema", a zero byte, "name": identifiers are at most 63 bytes. */
struct place {
	char text[2 * 64];
	size_t length;
};


/* Deeds of which `columns` speaks. */
#define ASSIGNING (CATALOG_BIT(DEED_UPDATE) | CATALOG_BIT(DEED_UPSERT))

struct guard_catalog *catalog_new(void)
{
	struct guard_catalog *catalog = must_alloc(sizeof(*catalog));

	catalog->holders = 1;
	return catalog;
}

/* --- filling ------------------------------------------------------------- */

static char *copy(struct guard_catalog *catalog, const char *text)
{
	return text ? arena_text(&catalog->arena, text) : NULL;
}

static struct place place_of(const char *schema, const char *name)
{
	struct place place;
	size_t first = strnlen(schema ? schema : "", 63);
	size_t second = strnlen(name, 63);

	memcpy(place.text, schema ? schema : "", first);
	place.text[first] = 0;
	memcpy(place.text + first + 1, name, second);
	place.length = first + 1 + second;
	return place;
}

static struct catalog_object *find_placed(const struct guard_catalog *catalog,
					  enum catalog_kind kind,
					  const struct place *place)
{
	struct placed *placed;

	HASH_FIND(hh, catalog->by_place[kind], place->text, place->length,
		  placed);
	return placed ? placed->object : NULL;
}

static struct named *find_or_add(struct guard_catalog *catalog,
				 const struct catalog_object *object)
{
	struct named *named;
	size_t length = strlen(object->name);
	char *name;

	HASH_FIND(hh, catalog->by_name[object->kind], object->name, length,
		  named);
	if (named)
		return named;
	named = arena_alloc(&catalog->arena, sizeof(*named));
	name = copy(catalog, object->name);
	HASH_ADD_KEYPTR(hh, catalog->by_name[object->kind], name, length,
			named);
	return named;
}

static struct catalog_object *append(struct guard_catalog *catalog,
				     const struct place *place,
				     const struct catalog_object *object)
{
	struct named *named = find_or_add(catalog, object);
	struct catalog_object *added =
		arena_alloc(&catalog->arena, sizeof(*added));
	struct placed *placed = arena_alloc(&catalog->arena, sizeof(*placed));
	char *key = arena_dup(&catalog->arena,
			      slice_make((const uint8_t *)place->text,
					 place->length));

	added->kind = object->kind;
	added->schema = copy(catalog, object->schema);
	added->name = named->hh.key;
	added->next = named->first;
	named->first = added;
	placed->object = added;
	HASH_ADD_KEYPTR(hh, catalog->by_place[object->kind], key,
			place->length, placed);
	return added;
}

static unsigned count_of(const char *const *names)
{
	unsigned count = 0;

	while (names && names[count])
		count++;
	return count;
}

static const char *const *join_columns(struct guard_catalog *catalog,
				       const char *const *a,
				       const char *const *b)
{
	unsigned of_a = count_of(a), count = of_a + count_of(b);
	const char **both;

	if (!a || !b)
		return NULL;
	both = arena_alloc(&catalog->arena, (count + 1) * sizeof(*both));
	for (unsigned i = 0; i < count; i++)
		both[i] = i < of_a ? a[i] : copy(catalog, b[i - of_a]);
	return both;
}

/* An object that refuses no assignment says nothing about columns. */
static void add_columns(struct guard_catalog *catalog,
			struct catalog_object *to,
			const struct catalog_object *object)
{
	static const char *const none[] = { NULL };

	if (!(object->refused & ASSIGNING))
		return;
	to->columns = join_columns(catalog, to->refused & ASSIGNING ?
				   to->columns : none, object->columns);
}

#define HIDDEN (CATALOG_CALL | CATALOG_ATTRIBUTE)
#define ATTRIBUTES_STEP 16

static void add_attribute(struct guard_catalog *catalog, const char *name)
{
	unsigned count = catalog->attribute_count++;
	const char **more;

	if (count % ATTRIBUTES_STEP == 0) {
		more = arena_alloc(&catalog->arena,
				   (count + ATTRIBUTES_STEP + 1) *
					   sizeof(*more));
		if (count)
			memcpy(more, catalog->attributes,
			       count * sizeof(*more));
		catalog->attributes = more;
	}
	catalog->attributes[count] = name;
	catalog->attributes[count + 1] = NULL;
}

static void declare(struct guard_catalog *catalog,
		    struct catalog_object *type, uint32_t oid)
{
	struct declared *declared;

	if (!oid || type->oid)
		return;
	type->oid = oid;
	declared = arena_alloc(&catalog->arena, sizeof(*declared));
	declared->oid = oid;
	declared->object = type;
	HASH_ADD(hh, catalog->types, oid, sizeof(oid), declared);
}

void catalog_add(struct guard_catalog *catalog,
		 const struct catalog_object *object)
{
	struct place place = place_of(object->schema, object->name);
	struct catalog_object *to = find_placed(catalog, object->kind, &place);

	if (!to)
		to = append(catalog, &place, object);
	add_columns(catalog, to, object);
	if ((to->refused & HIDDEN) != HIDDEN &&
	    ((to->refused | object->refused) & HIDDEN) == HIDDEN)
		add_attribute(catalog, to->name);
	to->refused |= object->refused;
	to->cascading |= object->cascading;
	declare(catalog, to, object->oid);
	if (to->table || !object->table)
		return;
	to->table_schema = copy(catalog, object->table_schema);
	to->table = copy(catalog, object->table);
	to->through = copy(catalog, object->through);
}

static struct named *find_target(const struct guard_catalog *catalog,
				 const char *name, char folded[64])
{
	struct named *named;
	size_t length = 0;

	for (; name[length] && length < 63; length++)
		folded[length] = (char)(name[length] >= 'A' &&
					name[length] <= 'Z' ?
						name[length] + 'a' - 'A' :
						name[length]);
	folded[length] = 0;
	HASH_FIND(hh, catalog->targets, folded, length, named);
	return named;
}

void catalog_add_target(struct guard_catalog *catalog, const char *name)
{
	char folded[64];
	struct named *named;
	const char *key;

	if (find_target(catalog, name, folded))
		return;
	named = arena_alloc(&catalog->arena, sizeof(*named));
	key = copy(catalog, folded);
	HASH_ADD_KEYPTR(hh, catalog->targets, key, strlen(key), named);
}

bool catalog_has_target(const struct guard_catalog *catalog, const char *name)
{
	char folded[64];

	return find_target(catalog, name, folded);
}

void catalog_each_target(const struct guard_catalog *catalog,
			 void (*tell)(void *context, const char *name),
			 void *context)
{
	struct named *named, *next;

	HASH_ITER(hh, catalog->targets, named, next)
		tell(context, named->hh.key);
}

/* Where every tenant has the same tables one follows the other. */
#define ONWARD_COMPARED 4

static void add_onward(struct guard_catalog *catalog, struct named *named,
		       enum onward_kind kind, const char *to)
{
	const struct onward *each;
	struct onward *onward;
	int left = ONWARD_COMPARED;

	for (each = named->onward; each && left--; each = each->next)
		if (each->kind == kind && strcmp(each->name, to) == 0)
			return;
	onward = arena_alloc(&catalog->arena, sizeof(*onward));
	onward->name = copy(catalog, to);
	onward->kind = kind;
	onward->next = named->onward;
	named->onward = onward;
}

void catalog_add_onward(struct guard_catalog *catalog, const char *name,
			enum onward_kind kind, const char *to)
{
	struct named *named;

	HASH_FIND_STR(catalog->by_name[CATALOG_RELATION], name, named);
	if (named && strcmp(name, to) != 0)
		add_onward(catalog, named, kind, to);
}

const struct onward *catalog_onward(const struct guard_catalog *catalog,
				    const char *name)
{
	struct named *named;

	HASH_FIND_STR(catalog->by_name[CATALOG_RELATION], name, named);
	return named ? named->onward : NULL;
}

static struct named *find_mover(const struct guard_catalog *catalog,
				const char *function)
{
	struct named *named;

	HASH_FIND_STR(catalog->movers, function, named);
	return named;
}

void catalog_add_mover(struct guard_catalog *catalog, const char *function,
		       const char *relation)
{
	struct named *named = find_mover(catalog, function);

	if (!named) {
		const char *name = copy(catalog, function);

		named = arena_alloc(&catalog->arena, sizeof(*named));
		HASH_ADD_KEYPTR(hh, catalog->movers, name, strlen(name), named);
	}
	add_onward(catalog, named, ONWARD_SAME, relation);
}

bool catalog_has_mover(const struct guard_catalog *catalog,
		       const char *function)
{
	return find_mover(catalog, function);
}

void catalog_each_moved(const struct guard_catalog *catalog,
			const char *function,
			void (*tell)(void *context, const char *relation),
			void *context)
{
	const struct named *named;
	const struct onward *each;

	for (named = catalog->movers; named; named = named->hh.next)
		for (each = named->onward; each; each = each->next)
			if (!function || strcmp(named->hh.key, function) == 0)
				tell(context, each->name);
}

void catalog_set_epoch(struct guard_catalog *catalog, uint64_t epoch)
{
	catalog->epoch = epoch;
}

void catalog_set_closed(struct guard_catalog *catalog, bool closed)
{
	catalog->closed = closed;
}

/* --- holding -------------------------------------------------------------- */

struct guard_catalog *catalog_ref(struct guard_catalog *catalog)
{
	if (catalog)
		catalog->holders++;
	return catalog;
}

void catalog_unref(struct guard_catalog **pointer)
{
	struct guard_catalog *catalog = *pointer;

	*pointer = NULL;
	if (!catalog || --catalog->holders)
		return;
	for (unsigned kind = 0; kind < CATALOG_KINDS; kind++) {
		HASH_CLEAR(hh, catalog->by_name[kind]);
		HASH_CLEAR(hh, catalog->by_place[kind]);
	}
	HASH_CLEAR(hh, catalog->types);
	HASH_CLEAR(hh, catalog->targets);
	HASH_CLEAR(hh, catalog->movers);
	arena_fini(&catalog->arena);
	free(catalog);
}

/* --- asking ---------------------------------------------------------------- */

uint64_t catalog_epoch(const struct guard_catalog *catalog)
{
	return catalog->epoch;
}

bool catalog_is_closed(const struct guard_catalog *catalog)
{
	return catalog->closed;
}

const struct catalog_object *catalog_find(const struct guard_catalog *catalog,
					  enum catalog_kind kind,
					  const char *name)
{
	struct named *named;

	HASH_FIND_STR(catalog->by_name[kind], name, named);
	return named ? named->first : NULL;
}

static bool is_in(const struct catalog_object *object, const char *schema)
{
	return schema && object->schema ? strcmp(object->schema, schema) == 0 :
					  object->schema == schema;
}

/* Mostly a name is there once, and its schema need only be compared. */
static const struct catalog_object *
find_among(const struct guard_catalog *catalog,
	   const struct catalog_object *first, const char *schema)
{
	struct place place;

	if (!first->next)
		return is_in(first, schema) ? first : NULL;
	place = place_of(schema, first->name);
	return find_placed(catalog, first->kind, &place);
}

const struct catalog_object *catalog_find_in(const struct guard_catalog *catalog,
					     enum catalog_kind kind,
					     const char *schema,
					     const char *name)
{
	const struct catalog_object *first = catalog_find(catalog, kind, name);

	return first ? find_among(catalog, first, schema) : NULL;
}

const struct catalog_object *
catalog_find_along(const struct guard_catalog *catalog, enum catalog_kind kind,
		   const char *const *path, const char *name)
{
	const struct catalog_object *first = catalog_find(catalog, kind, name);
	const struct catalog_object *found = NULL;

	for (; first && *path && !found; path++)
		found = find_among(catalog, first, *path);
	return found;
}

const struct catalog_object *catalog_find_type(const struct guard_catalog *catalog,
					       uint32_t oid)
{
	struct declared *declared;

	HASH_FIND(hh, catalog->types, &oid, sizeof(oid), declared);
	return declared ? declared->object : NULL;
}

const char *const *catalog_attributes(const struct guard_catalog *catalog)
{
	return catalog->attributes;
}

bool catalog_has_kind(const struct guard_catalog *catalog,
		      enum catalog_kind kind)
{
	return catalog->by_place[kind];
}

void catalog_each(const struct guard_catalog *catalog, enum catalog_kind kind,
		  void (*tell)(void *context, const struct catalog_object *),
		  void *context)
{
	const struct placed *placed;

	for (placed = catalog->by_place[kind]; placed; placed = placed->hh.next)
		tell(context, placed->object);
}
