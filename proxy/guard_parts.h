/*
 * Between the files of the guard: the names, the proof that code is
 * harmless, views made on the way, and the cache of verdicts.
 */
#ifndef WEIR_PROXY_GUARD_PARTS_H
#define WEIR_PROXY_GUARD_PARTS_H

#include "protocol/arena.h"
#include "protocol/sql_facts.h"
#include "proxy/guard.h"

struct guarded {
	const char *schema;	/* NULL: in any schema */
	const char *name;
};

/* --- guard_cache.c -------------------------------------------------------- */

/*
 * Texts that were allowed, by a keyed 128-bit hash of text and state: nobody
 * who does not know the key can make a bad text meet a good one's entry.
 * Bounded; the least lately used of a set goes first. Zeroed is empty.
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
bool verdict_cache_has(struct verdict_cache *, struct verdict_key);
void verdict_cache_add(struct verdict_cache *, struct verdict_key);

/* --- guard_code.c --------------------------------------------------------- */

/* Whether a PL/pgSQL body certainly leaves the guarded tables alone, but for
 * reading and inserting. Errs on the side of false. */
bool code_is_harmless(const struct guarded *, unsigned count,
		      const char *body);

/* --- guard.c -------------------------------------------------------------- */

struct guard {
	struct guarded *tables;
	unsigned count;
	bool fold_case;
	struct arena names;
	struct arena arena;	/* of the text being judged */
	struct arena code;	/* of the code inside it */
	struct verdict_cache cache;
	struct guard_counters counters;
	char command[64];	/* of the last refusal; "" if not known */
	const char *reason;
	bool moves_path;	/* the last text */
};

/* Whether a deed is about this table, for a path or (NULL) for any. */
bool guard_means(const struct guard *, const struct guarded *,
		 const struct relation_deed *, const char *const *path);

/* What the client is told. `unsure`: perhaps another schema's table is meant.
 * `count` is of the statements in the text. */
void guard_refuse_table(const struct guarded *, const struct relation_deed *,
			bool unsure, int count, struct error *);
void guard_refuse_command(const char *words, const char *why, int statement,
			  int count, struct error *);
/* What the log is told. `reason` outlives the guard. */
void guard_note_refusal(struct guard *, const char *command,
			const char *reason);

/* --- guard_view.c --------------------------------------------------------- */

/* False, and the error filled: rows of a guarded table would be changed
 * through a view made earlier in the text. */
bool guard_check_views(struct guard *, const struct sql_facts *,
		       struct error *);

#endif
