/*
 * Entries of the configuration that lead to one and the same database of a
 * Postgres server, as far as their URLs tell. No two lead to the same file.
 */
#ifndef WEIR_PROXY_CONFIG_TWIN_H
#define WEIR_PROXY_CONFIG_TWIN_H

#include "proxy/config.h"

struct retain_rule;

/* By the same host and port: loopback and Unix sockets are one host, other
 * names of one and the same are not known to be. */
bool config_are_twins(const struct config *, const struct config_database *,
		      const struct config_database *);
/* Whether audit_tables has the rule's table. */
bool config_audits(const struct config_database *, const struct retain_rule *);
/* A table that the one guards and the other does not; NULL: there is none. */
const char *config_lacks(const struct config_database *,
			 const struct config_database *guarded);

#endif
