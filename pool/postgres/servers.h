/*
 * Which servers a connection string leads to, as far as its words tell: to
 * find that two of them lead to the same one.
 */
#ifndef WEIR_POOL_POSTGRES_SERVERS_H
#define WEIR_POOL_POSTGRES_SERVERS_H

#include "pool/postgres/conninfo.h"

/* A text for pg_servers_meet(); free() it. Loopback and Unix sockets are one
 * and the same machine. */
char *pg_servers_of(const struct pg_conninfo *);
/* Whether one and the same host and port is in both; NULL is nowhere. */
bool pg_servers_meet(const char *a, const char *b);

#endif
