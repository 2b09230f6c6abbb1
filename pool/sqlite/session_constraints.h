/*
 * SET CONSTRAINTS: which keys of a session's transaction are checked at its
 * end only.
 *
 * SQLite can put off the foreign keys declared INITIALLY DEFERRED, and by a
 * PRAGMA all of them, until the transaction ends. Where that is more than
 * Postgres would put off, weir looks after each statement for what is broken.
 * Of the other keys that can wait see pool/sqlite/late_key.h.
 */
#ifndef WEIR_POOL_SQLITE_SESSION_CONSTRAINTS_H
#define WEIR_POOL_SQLITE_SESSION_CONSTRAINTS_H

#include "pool/sqlite/session.h"

struct ConstraintsSetStmt;
struct witness;

struct lite_deferral {		/* the last one that fits a key counts */
	uint32_t key;		/* OID; 0: ALL */
	bool deferred;
};

bool session_set_constraints(struct lite_session *,
			     const struct ConstraintsSetStmt *, struct error *);
/* Before a statement that writes: SQLite puts off what must be. */
bool session_start_deferring(struct lite_session *, struct error *);
/* A statement of many parts begins, whose rows may point at later ones: what
 * SQLite puts off now session_keys_hold() looks for. */
void session_defer_for_now(struct lite_session *);
/* Behind it: false when it broke a key that is not put off. Without a plan
 * less can be told of it. */
bool session_keys_hold(struct lite_session *, const struct lite_plan *,
		       struct error *);

/* Whether the key is checked at the end of the transaction, as of now. */
bool session_defers(const struct lite_session *,
		    const struct schema_constraint *);
/* Whether some row of the table points nowhere by that key. */
bool session_is_broken(struct lite_session *, const struct schema_table *,
		       const struct schema_constraint *, int64_t *ret_rowid);
/* A row that points nowhere by a key that `concerns` (NULL: all); the caller
 * frees it. NULL: none. */
struct witness *session_broken_row(
	struct lite_session *,
	bool (*concerns)(const struct lite_session *,
			 const struct schema_constraint *));

#endif
