/*
 * What a session has that would stay behind for whoever is given it next. The
 * pool asks after a transaction (proxy/session_probe.c), in a simple query as
 * with any backend; here two names that SHOW knows besides the settings:
 *
 *     SHOW weir.left_behind       kind, name, value: lock, cursor, temp,
 *                                 channel, setting, prepared, settings
 *     SHOW weir.used_sequence     kind, name, value: sequence, or no row
 *
 * The answers come from the session's own memory, save for temporary objects,
 * which are counted on the connection that has them.
 */
#ifndef WEIR_POOL_SQLITE_SESSION_LEFT_H
#define WEIR_POOL_SQLITE_SESSION_LEFT_H

#include "pool/sqlite/session.h"

extern const struct backend_questions session_left_questions;

/* Whether SHOW of this name is one of the two. */
bool session_left_is(const char *name);
/* Writes the rows, and the tag. */
void session_left_show(struct lite_session *, const char *name,
		       const uint8_t *formats);

#endif
