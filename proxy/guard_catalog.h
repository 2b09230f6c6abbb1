/*
 * What the guard knows of a database: its relations, functions, types and
 * schemas by name, and of each what would change a guarded table through it.
 * A view on the table, a parent of it, a table whose DELETE cascades into it,
 * a type whose values its rows show, a function that cannot be proven
 * harmless: each is an object with its refused deeds and the reason in words.
 * Objects that lead nowhere are listed too, with nothing refused, so that a
 * name that is *not* here is known to be unknown.
 *
 * A snapshot: filled by one hand, then never changed, counted by who holds
 * it. Its epoch rises with every snapshot of the same database that differs.
 * Everything on the loop thread.
 */
#ifndef WEIR_PROXY_GUARD_CATALOG_H
#define WEIR_PROXY_GUARD_CATALOG_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/sql_facts.h"

enum catalog_kind {
	CATALOG_RELATION,	/* tables, views, indexes, sequences: all that
				   is in pg_class */
	CATALOG_FUNCTION,	/* and procedures and aggregates; all that have
				   the name are one object */
	CATALOG_TYPE,		/* and domains */
	CATALOG_OPERATOR,	/* of the users', those that apply to Postgres's
				   own types or could do harm; all that have
				   the symbol are one object */
	CATALOG_SCHEMA,		/* `schema` is NULL */
	CATALOG_EXTENSION,	/* the same */
	CATALOG_KINDS,
};

/* Deeds, as bits. One that calls is not a deed to a relation: of one it is
 * that its rows are of a type whose values call. */
#define CATALOG_BIT(deed) (1u << (deed))
#define CATALOG_CALL (1u << 31)
/* Nor is this: of a relation, function or type, that it shows values of a
 * type which has operators that could do harm; of an operator, that only such
 * values make it one of those, where Postgres has the same symbol. */
#define CATALOG_OPERATE (1u << 30)
/* Of a function or operator: it takes values of any type, and a constant for
 * one of a type that it is given. */
#define CATALOG_ADAPT (1u << 29)
/* Of a function: it can be called with one argument, and be written as a
 * column of that, (x).f; and where that may be a row, as t.f. */
#define CATALOG_SINGLE (1u << 27)
#define CATALOG_ATTRIBUTE (1u << 28)

struct catalog_object {
	enum catalog_kind kind;
	const char *schema;	/* where it is */
	const char *name;
	uint32_t oid;		/* of a type of which something is refused */
	uint32_t refused;	/* CATALOG_BIT() of enum deed, CATALOG_CALL */
	uint32_t cascading;	/* the same, but only when said with CASCADE */
	/* UPDATE and UPSERT are refused only where one of these columns is
	 * assigned; NULL-ended; NULL: whichever is. */
	const char *const *columns;
	/* The guarded table in danger; NULL where nothing is refused. */
	const char *table_schema, *table;
	const char *through;	/* "view public.v_recent"; NULL: itself */
	const struct catalog_object *next;	/* of the same kind and name,
						   in another schema */
};

/*
 * That what is done to a relation is done to another. As long as nothing new
 * leads to a guarded table that is in `refused` already; it is followed for
 * what sessions make. Along a way the last kind that it meets counts.
 */
enum onward_kind {
	ONWARD_NAME,		/* the same by another name */
	ONWARD_SAME,		/* a view, a parent */
	ONWARD_PARTS,		/* a parent of partitions: an UPDATE may move
				   a row out of one, which deletes it there */
	ONWARD_ROWS,		/* by a key that acts: whatever changes or
				   removes rows may do either there */
	ONWARD_TRUNCATE,	/* by a key: TRUNCATE ... CASCADE only */
	ONWARD_ANY,		/* by a rule: any write may be any */
	ONWARD_KINDS,
};

struct onward {
	const char *name;	/* in whatever schema */
	enum onward_kind kind;
	const struct onward *next;
};

struct guard_catalog;

/* Makes one to be filled; the caller holds it. */
struct guard_catalog *catalog_new(void);
/* Copies the object; of one that is there already the refusals are added up.
 */
void catalog_add(struct guard_catalog *, const struct catalog_object *);
void catalog_set_epoch(struct guard_catalog *, uint64_t epoch);
/* Whether the database's own privileges and triggers stop code that is run
 * there from changing any guarded table (audit_findings.h): then calls are
 * the database's to refuse. */
void catalog_set_closed(struct guard_catalog *, bool closed);

/* Code that is there, proven or not, changes what has this name, in any case:
 * whatever is called so from now on. */
void catalog_add_target(struct guard_catalog *, const char *name);

void catalog_each_target(const struct guard_catalog *,
			 void (*tell)(void *context, const char *name),
			 void *context);

/* Of a relation, by its bare name, that was added. */
void catalog_add_onward(struct guard_catalog *, const char *name,
			enum onward_kind, const char *to);
const struct onward *catalog_onward(const struct guard_catalog *,
				    const char *name);

/* A function that may change the rows of a relation before an UPDATE, by their
 * bare names: what of it is refused was told by its body. NULL: any. */
void catalog_add_mover(struct guard_catalog *, const char *function,
		       const char *relation);
bool catalog_has_mover(const struct guard_catalog *, const char *function);
void catalog_each_moved(const struct guard_catalog *, const char *function,
			void (*tell)(void *context, const char *relation),
			void *context);

struct guard_catalog *catalog_ref(struct guard_catalog *);
void catalog_unref(struct guard_catalog **);

uint64_t catalog_epoch(const struct guard_catalog *);
bool catalog_is_closed(const struct guard_catalog *);
/* The first object of that kind and name, whatever its schema, or NULL;
 * the others follow by `next`. Names are as the server stores them. */
const struct catalog_object *catalog_find(const struct guard_catalog *,
					  enum catalog_kind, const char *name);
/* A type by its OID; NULL where nothing is refused of it. */
const struct catalog_object *catalog_find_type(const struct guard_catalog *,
					       uint32_t oid);
/* Names of functions that both CATALOG_CALL and CATALOG_ATTRIBUTE are said of;
 * NULL-ended, or NULL. */
const char *const *catalog_attributes(const struct guard_catalog *);
/* Any at all of that kind. */
bool catalog_has_kind(const struct guard_catalog *, enum catalog_kind);
/* Tells of all that are of one kind. */
void catalog_each(const struct guard_catalog *, enum catalog_kind,
		  void (*tell)(void *context, const struct catalog_object *),
		  void *context);
bool catalog_has_target(const struct guard_catalog *, const char *name);
/* That of a schema (NULL for a schema or an extension itself), or NULL. */
const struct catalog_object *catalog_find_in(const struct guard_catalog *,
					     enum catalog_kind,
					     const char *schema,
					     const char *name);
/* The first along a path of schemas, NULL-ended; or NULL. */
const struct catalog_object *
catalog_find_along(const struct guard_catalog *, enum catalog_kind,
		   const char *const *path, const char *name);

#endif
