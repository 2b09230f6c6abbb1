/*
 * Between the files of the guard: the names, the proof that code is
 * harmless, and the cache of verdicts.
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

#endif
