/*
 * Between the files of the guard: the names, what leads to them, the proof
 * that code is harmless, and the cache of verdicts.
 */
#ifndef WEIR_PROXY_GUARD_PARTS_H
#define WEIR_PROXY_GUARD_PARTS_H

#include "protocol/arena.h"
#include "protocol/sql_reading.h"
#include "proxy/guard.h"
#include "proxy/guard_catalog.h"
#include "proxy/guard_overlay.h"
#include "proxy/retain_rule.h"

struct judging;

struct guarded {
	const char *schema;	/* NULL: in any schema */
	const char *name;
};

/* --- guard_cache.c -------------------------------------------------------- */

/*
 * Texts that were allowed, by a keyed 128-bit hash of text and state: nobody
 * who does not know the key can make a bad text meet a good one's entry.
 * Bounded; the least lately used of a set goes first. Zeroed is empty. One of
 * the bits tells what else is remembered: whether the text spares its session.
 */
#define VERDICT_SETS 2048
#define VERDICT_WAYS 4

struct verdict_key {
	uint64_t halves[2];
};

struct verdict_cache {
	uint64_t secret[2];
	struct verdict_key (*sets)[VERDICT_WAYS];
};

void verdict_cache_init(struct verdict_cache *);
void verdict_cache_fini(struct verdict_cache *);
struct verdict_key verdict_key(const struct verdict_cache *, struct slice text,
			       const struct guard_state *);
bool verdict_cache_has(struct verdict_cache *, struct verdict_key,
		       bool *ret_spares_session);
void verdict_cache_add(struct verdict_cache *, struct verdict_key,
		       bool spares_session);

/* --- guard_kept.c ---------------------------------------------------------- */

/* With nothing kept yet, and not shared with anybody. */
void guard_enter(struct guard *);
void guard_leave(struct guard *);

/* --- guard_operators.c ---------------------------------------------------- */

/* Whether it names something that shows values of a type which has operators
 * that could do harm (CATALOG_OPERATE). */
bool judging_has_operands(const struct judging *);
/* Whether a symbol in it may mean a user's operator for Postgres's types. */
bool judging_has_replaced_operators(const struct judging *);
bool check_operators(struct judging *);

/* --- guard_values.c ------------------------------------------------------- */

/* The types that users made of which a Parse declares its parameters to be,
 * one after another; 0: no more. */
struct reader declared_types(const struct guard_state *);
uint32_t next_declared(struct reader *);
bool check_declared(struct judging *);
/* What may run without being called: of a text that is allowed otherwise. */
bool check_values(struct judging *, struct slice text);

/* --- guard_code.c --------------------------------------------------------- */

/* Whether a PL/pgSQL body certainly leaves the guarded tables alone, but for
 * reading and inserting. Errs on the side of false. */
bool code_is_harmless(struct judging *, const char *body);

/* --- guard.c -------------------------------------------------------------- */

struct guard {
	struct guarded *tables;
	unsigned count;
	bool fold_case;
	struct arena names;
	struct arena arena;	/* of the text being judged */
	struct arena code;	/* of the code inside it */
	struct verdict_cache cache;
	uint64_t last_epoch;
	struct guard_counters counters;
	char command[64];	/* of the last refusal; "" if not known */
	char through[256];	/* the same */
	const char *reason;
	struct guard_overlay made;	/* by the text, where nobody keeps it */
	struct kept_overlays *overlays;	/* shared: guard_join() */
	struct list link;	/* of those who share them */
	struct retain_rule *rules;
	unsigned rule_count;
	struct sanction sanctions[SANCTIONS_MAX];
	unsigned sanction_count;	/* of the last text */
	struct slice text;	/* being judged; empty for code inside it */
	struct sql_tree *tree;	/* of tree_text, while judging; or NULL */
	struct slice tree_text;
	bool moves_path;	/* the last text */
	bool spares_session;
	bool made_ddl;
	bool relied;		/* on what its transaction has made, or on that
				   there is nothing of a name */
	unsigned steps;		/* of guard_onward.c, for this text */
	bool must_read;		/* something long, before it can be judged */
};

/* False, and the error filled: it cannot be read; or `must_read` is set, for it
 * is being read. The facts are in the arena, or somebody else's that stay. */
bool guard_read_facts(struct guard *, struct slice text,
		      const struct guard_state *, struct arena *,
		      struct sql_facts *, struct error *);

/* --- guard_names.c -------------------------------------------------------- */

/* Whether a deed is about this table, for a path or (NULL) for any. */
bool guard_means(const struct guard *, const struct guarded *,
		 const struct relation_deed *, const char *const *path);

/* --- guard_refusal.c ------------------------------------------------------ */

/* What the client is told. `unsure`: perhaps another schema's table is meant.
 * `count` is of the statements in the text. */
void guard_refuse_table(const struct guarded *, const struct relation_deed *,
			bool unsure, int count, struct error *);
void guard_refuse_command(const char *words, const char *why, int statement,
			  int count, struct error *);
/* Says no for a table that is reached through something else. */
bool guard_refuse_through(struct guard *, const char *schema,
			  const char *table, const char *through,
			  const char *command, int statement, int count,
			  struct error *);
/* What the log is told. `reason` outlives the guard. */
void guard_note_refusal(struct guard *, const char *command,
			const char *reason);

/* --- guard_path.c --------------------------------------------------------- */

bool path_moves(const struct sql_facts *);
/* By a way that the session's settings do not show: for a transaction only, or
 * to what only the server knows. */
bool path_moves_unseen(const struct sql_facts *);
/* The first statement that may change the path for those after it. */
int path_first_move(const struct sql_facts *);

/* --- guard_deeds.c -------------------------------------------------------- */

/* All that a text does, and the code that it brings, `depth` functions deep. */
bool check_facts(struct judging *, int depth);

/* --- guard_inside.c ------------------------------------------------------- */

#define CODE_DEPTH_MAX 4	/* functions that make functions */

bool check_codes(struct judging *, int depth);
/* Whether a statement within code defines something that leads nowhere. */
bool guard_proves_definition(struct judging *, struct slice text);

/* --- guard_execute.c ------------------------------------------------------ */

/* So many bytes, and so deep, may still be read again. */
struct allowance {
	size_t bytes;
	int depth;
};

/* The server looks names up again if they have come to mean something else
 * since the PREPARE. What a Parse message prepared may be an EXECUTE itself. */
bool check_executed(struct judging *, struct allowance *left);

/* --- guard_sanction.c ------------------------------------------------------- */

/* Whether a deed that an insert-only table refuses passes all the same, for
 * who asks or since the rows are old enough. It is noted. */
bool guard_exempts(struct judging *, const struct relation_deed *,
		   const char *schema, const char *table);
bool guard_retains(struct judging *, const struct relation_deed *,
		   const struct guarded *);
/* What was read for that is not needed any more. */
void guard_forget_tree(struct guard *);
/* The same for what is no relation: types, functions. */
bool guard_exempts_object(struct judging *, const struct object_deed *,
			  const char *schema, const char *table);
bool guard_exempts_code(struct judging *, const struct code_deed *);
/* Whether the call is part of a statement that only defines things. */
bool guard_exempts_call(struct judging *, const struct call_deed *);

/* --- guard_objects.c ------------------------------------------------------ */

/* One text while it is judged. */
struct judging {
	struct guard *guard;
	const struct sql_facts *facts;
	const struct guard_state *state;
	const struct guard_overlay *outer;	/* of code: what was made where
						   it is made; or NULL */
	bool operands;		/* of code: it is given values of
				   CATALOG_OPERATE */
	bool runs_now;		/* the code that is being proven: what it
				   defines is noted */
	bool alone;		/* no other session makes what matters here */
	int moved;		/* from the next statement on no path is known */
	int next_object;	/* of the facts, that was not checked yet */
	struct slice text;	/* of the facts; empty: not at hand */
	bool executed;		/* PREPARED text: the session asks about it
				   once more, with its arguments */
	const struct relation_deed *retained;	/* passed, by its age */
	const char *shown_schema, *shown;	/* a relation in it that
				   CATALOG_CALL is said of; NULL: none */
	bool unknown;		/* something is named that nobody knows */
	bool unsure;		/* the same, but it is hardly a danger */
	struct error *error;	/* filled where the answer is no */
};

struct onward_end {
	const char *name;
	const char *table_schema, *table;
};

/* The path by which a deed's names are looked for; NULL: not known. */
const char *const *judging_path(const struct judging *, int statement,
				bool deferred);
/* The one relation that a name stands for, or NULL: it is not known which, or
 * there is none. */
const struct catalog_object *judging_relation(const struct judging *,
					      const struct relation_deed *);
/* What the transaction made of that name, or took away; or NULL. */
const struct overlay_item *judging_made(const struct judging *,
					const char *name);
/* Whether an open transaction has made of that name what overlay_calls() is
 * about. */
bool judging_made_calls(const struct judging *, const char *name);
/* Whether the database stops whatever code is called. */
bool judging_is_closed(const struct judging *);
bool judging_refuse_call(struct judging *, int statement, enum catalog_kind,
			 const char *schema, const char *name);
/* Where it leads by views, keys, parents and rules, as far as no snapshot
 * tells (guard_onward.c): what must not be done to it for that, as
 * CATALOG_BIT()s, and the first of what is there. */
uint32_t judging_onward(const struct judging *, const char *name,
			struct onward_end *ret_end);
/* Whether no open transaction, nor this one, has made what leads anywhere: then
 * names that nothing is refused of lead nowhere. */
bool judging_sees_all(const struct judging *);
/* A name in Postgres's own catalogs, or one that only such have. */
bool guard_is_system(const char *schema, const char *name);
/* All that a deed is, as CATALOG_BIT()s. */
uint32_t judging_bits(const struct relation_deed *);
/* What the catalog and the transaction say of each. */
bool check_relation(struct judging *, const struct relation_deed *);
bool check_calls(struct judging *);
bool check_objects(struct judging *, int statement);

/* Tells of every overlay that counts for the text, its own among them. */
void judging_each_overlay(const struct judging *,
			  void (*tell)(void *context,
				       const struct guard_overlay *),
			  void *context);

/* --- guard_made.c --------------------------------------------------------- */

/* Adds what a statement makes, or takes away, to the overlay. False, and the
 * error filled: it cannot be followed. */
bool note_made(struct judging *, const struct statement_facts *);
/* What code changes that the text brings, for what is made behind it. */
void note_code(struct judging *, const char *body);
/* The same for what is no relation. */
bool note_object(struct judging *, const struct object_deed *);
bool note_item(struct judging *, const struct overlay_item *, int statement);

/* --- guard_moved.c -------------------------------------------------------- */

/* The same for what may change a row before an UPDATE: a trigger that is made,
 * a function that is or gets another name, and what is made that may be called
 * "record". */
bool note_row_triggers(struct judging *, const struct statement_facts *,
		       const struct relation_deed *);
bool note_replaced(struct judging *, const struct object_deed *);
bool note_record(struct judging *, const struct overlay_item *, int statement);

#endif
