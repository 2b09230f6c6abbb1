/*
 * The search path of a session, as far as it is certain: what its names mean
 * to the guard. Servers before version 18 do not report it, so each is asked
 * once, before it is used, what it starts with (ALTER ROLE and ALTER DATABASE
 * can say); from there the session's own SETs are followed. Only where tables
 * are guarded.
 */
#ifndef WEIR_PROXY_SESSION_PATH_H
#define WEIR_PROXY_SESSION_PATH_H

#include "proxy/session.h"

/* Schemas, NULL-ended; NULL where it is not certain. Valid until the session
 * or its server is asked for the next thing. Equal ids mean equal paths; of
 * what is not certain the id is 0. */
const char *const *session_path(struct session *, uint32_t *ret_id);

/* Whether the leased server had to be asked first: then the message waits,
 * and session_continue() follows. */
bool session_path_ask(struct session *);
void session_path_answered(struct session *, bool succeeded,
			   struct slice rows);

void session_path_fini(struct session *);

#endif
