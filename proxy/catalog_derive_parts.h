/*
 * Between the files of catalog_derive: what is being concluded, and the rules
 * that do it, an edge at a time.
 */
#ifndef WEIR_PROXY_CATALOG_DERIVE_PARTS_H
#define WEIR_PROXY_CATALOG_DERIVE_PARTS_H

#include "proxy/catalog_rows.h"
#include "proxy/guard_parts.h"

#define BIT(deed) CATALOG_BIT(DEED_##deed)
#define ASSIGNS (BIT(UPDATE) | BIT(UPSERT))
#define CHANGES (ASSIGNS | BIT(DELETE) | BIT(MERGE))
#define INSERTS (BIT(INSERT) | BIT(COPY_IN))
#define WRITES (CHANGES | INSERTS)

/* All that an insert-only table refuses itself. */
#define OF_FAMILY (CHANGES | BIT(TRUNCATE) | BIT(DROP) | BIT(ALTER) | \
		   BIT(RENAME) | BIT(CREATE_TEMP) | BIT(LOCK))
#define OF_ANCESTOR (CHANGES | BIT(TRUNCATE) | BIT(DROP) | BIT(ALTER) | \
		     BIT(RENAME))

struct derive {
	struct guard *guard;
	struct guard_catalog *catalog;
	struct catalog_rows *rows;
	const struct thing *any_table;	/* where none in particular is in
					   danger */
	bool closed;		/* whatever code tries, the database stops it */
	bool changed;		/* in this round */
};

struct reason {
	const struct thing *table;	/* NULL: any */
	const char *through;
	const struct name *columns;
};

/* Adds to what is refused of a thing; notes the reason of the first. */
void derive_refuse(struct derive *, struct thing *, uint32_t refused,
		   uint32_t cascading, const struct reason *);
const char *derive_qualified(struct derive *, const char *words,
			     const struct thing *);
const char *derive_function_name(struct derive *, const struct thing *);

bool names_have(const struct name *, const char *text);
/* The text stays where it is. False: it is there already. */
bool derive_add_name(struct derive *, struct name **, const char *text);
/* One that is guarded, or a child or partition of one. */
bool thing_is_family(const struct thing *);
const struct thing *thing_table(const struct thing *);

/* Finds out which triggers may change a key, and when. Once, before keys are
 * followed. */
void derive_movers(struct derive *);
void derive_key(struct derive *, const struct edge *);
/* Whether a key hands on what is done to the table it refers to. */
bool derive_acts(const struct edge *key);

/* Proves or disproves every function by what is known so far. */
void derive_functions(struct derive *);

void derive_trigger(struct derive *, const struct edge *);
void derive_rule(struct derive *, const struct edge *);
/* Tells the snapshot what a rule's actions change. */
void derive_rule_ways(struct derive *, const struct edge *);
void derive_use(struct derive *, const struct edge *);
void derive_type_call(struct derive *, const struct edge *);
void derive_sort(struct derive *, const struct edge *);
void derive_operator(struct derive *, const struct edge *);
void derive_operand(struct derive *, const struct edge *);
void derive_column(struct derive *, const struct edge *);
void derive_value(struct derive *, const struct edge *);
void derive_content(struct derive *, const struct edge *);
void derive_call(struct derive *, const struct edge *);

#endif
