/*
 * Which columns of its row a trigger function in PL/pgSQL may assign. Every
 * such function that keeps a column of the time of the last change does it
 * before each UPDATE, and only the text of its body shows that this is all it
 * does to the row. Pure.
 */
#ifndef WEIR_PROXY_CODE_ASSIGN_H
#define WEIR_PROXY_CODE_ASSIGN_H

#include "protocol/arena.h"

#define CODE_ASSIGNED_MAX 256	/* a table has at most 1600 columns */

/* The columns that the body may assign, NULL-ended, each once; in small
 * letters, where it is not in quotes. NULL: it cannot be told, and the row that
 * comes back may be any. Errs on that side. With `copies` the body may return
 * a variable of the type "record" that was assigned NEW, too: only where that
 * is Postgres's own type. */
const char *const *code_assigned(const char *body, bool copies, struct arena *);

/* Whether it is a body that leaves these columns alone, NULL-ended. */
bool code_keeps(const char *const *assigned, const char *const *columns);

#endif
