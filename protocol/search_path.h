/*
 * The search path, as it is written: where bare names are looked for
 * (Postgres manual, 5.9.3). Not on it but looked at first are the temporary
 * schema and pg_catalog; who resolves a name adds these.
 */
#ifndef WEIR_PROTOCOL_SEARCH_PATH_H
#define WEIR_PROTOCOL_SEARCH_PATH_H

#include "protocol/arena.h"

/*
 * The value of the setting, names divided by commas, as SHOW gives it: folded
 * and cut as the server does, "$user" replaced by `user`. NULL-ended, in the
 * arena; NULL where the server would refuse it too.
 */
const char *const *search_path_split(const char *value, const char *user,
				     struct arena *);

/* The same of a statement that sets it: SET search_path TO a, "B" or SELECT
 * set_config('search_path', 'a, "B"', false). NULL also where it is another
 * statement, or sets it to what only the server knows. */
const char *const *search_path_of_statement(struct slice sql,
					    const char *user, struct arena *);

#endif
