/*
 * Postgres tells which row broke a constraint; SQLite does not. So a
 * statement that failed on one is run once more, in a savepoint that is
 * rolled back, with temporary triggers that show every row on its way to the
 * table. Only failures pay for it.
 */
#ifndef WEIR_POOL_SQLITE_RUN_WITNESS_H
#define WEIR_POOL_SQLITE_RUN_WITNESS_H

#include "pool/sqlite/session.h"

struct witness;

/* NULL where it cannot be watched. */
struct witness *lite_witness(struct lite_session *, const struct lite_plan *);
void lite_witness_free(struct witness **);
/* These add what they know to an error; a NULL witness knows nothing. */
void lite_witness_key(const struct witness *, const int16_t *columns,
		      int count, struct error *);
/* The table that the statement writes; NULL: not known. */
const struct schema_table *lite_witness_table(const struct witness *);
void lite_witness_row(const struct witness *, struct error *);
/* The first unique index, by age as Postgres looks at them, that the last row
 * breaks; NULL: not known. */
const struct schema_index *lite_witness_index(const struct witness *,
					      const struct schema_table *);
/* Runs a statement that failed once more, as far as it comes, for somebody
 * who watches and rolls back what it does. False: it failed again. */
bool lite_run_again(struct lite_session *, const struct lite_plan *);

/* A row of the table that points nowhere by the key. NULL: none. */
struct witness *lite_orphan_new(struct lite_session *,
				const struct schema_constraint *,
				const struct schema_table *);
/* Fills the whole error. `undone`: the member is rolled back by now, and if the
 * row points there as before, what it pointed at was taken away from it. */
void lite_orphan_tell(struct witness *, bool undone, struct error *);

/* The function that the triggers call. A SQLite code. */
int lite_witness_register(struct lite_connection *);

#endif
