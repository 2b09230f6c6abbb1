/*
 * Postgres's node structs, for the few files that walk a tree: sql_tree.c,
 * sql_facts.c, the compiler in dialect/, and the SQLite session's utility
 * statements. Include it first in such a file: postgres.h has opinions.
 */
#ifndef WEIR_PROTOCOL_SQL_NODES_H
#define WEIR_PROTOCOL_SQL_NODES_H

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wundef"
#pragma GCC diagnostic ignored "-Wcast-qual"
#pragma GCC diagnostic ignored "-Wshadow"
#include "postgres.h"
#include "nodes/parsenodes.h"
#include "nodes/pg_list.h"
#include "nodes/primnodes.h"
#include "nodes/value.h"
#pragma GCC diagnostic pop

/* postgres.h sends these to its own versions, which libpg_query lacks. */
#undef printf
#undef fprintf
#undef sprintf
#undef snprintf
#undef vprintf
#undef vfprintf
#undef vsprintf
#undef vsnprintf
#undef strerror
#undef strerror_r

#endif
