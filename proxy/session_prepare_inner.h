/*
 * Between the files of prepared statements: session_prepare.c has those that
 * are prepared by message, session_prepare_sql.c the client's own names.
 */
#ifndef WEIR_PROXY_SESSION_PREPARE_INNER_H
#define WEIR_PROXY_SESSION_PREPARE_INNER_H

#include "proxy/session_prepare.h"

/* Writes a Parse; the text is given with its end byte. */
void prepare_put_parse(struct session *, const char *name, struct slice text,
		       struct slice types);
/* A Close whose answer the client does not hear. */
void prepare_put_close(struct session *, const char *name, uint8_t flags);

/* Makes what stands on the server under this name what the client means by
 * it, if that is something. True: something was sent. */
bool prepare_install(struct session *, const char *name, uint8_t flags);
/* A text is read under the settings it was first read under, whatever the
 * client has set since: changes to those, and back. */
void prepare_change_meaning(struct session *, const struct statement *,
			    bool to, uint8_t flags);

#endif
