/* The names of errors in PL/pgSQL's EXCEPTION WHEN. */
#ifndef WEIR_PROTOCOL_PLPGSQL_CONDITIONS_H
#define WEIR_PROTOCOL_PLPGSQL_CONDITIONS_H

#include "protocol/bytes.h"

/* The SQLSTATE of a name, "" for OTHERS, NULL for one that is not known. */
const char *plpgsql_condition(struct slice name);

#endif
