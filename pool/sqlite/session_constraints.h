/*
 * SET CONSTRAINTS: which foreign keys of a session's transaction are checked
 * at its end only.
 *
 * SQLite knows two kinds: keys declared INITIALLY DEFERRED, and after a PRAGMA
 * all keys, until the transaction ends. Where that is more than Postgres would
 * put off, weir looks after each statement for what is broken.
 */
#ifndef WEIR_POOL_SQLITE_SESSION_CONSTRAINTS_H
#define WEIR_POOL_SQLITE_SESSION_CONSTRAINTS_H

#include "pool/sqlite/session.h"

/* Whether the key is checked at the end of the transaction, as of now. */
bool session_defers(const struct lite_session *,
		    const struct schema_constraint *);
/* Whether some row of the table points nowhere by that key. */
bool session_is_broken(struct lite_session *, const struct schema_table *,
		       const struct schema_constraint *);

#endif
