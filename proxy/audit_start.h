/*
 * A database with audit_require_database is asked what weir's role could do
 * (audit_findings.h) before anybody is served. The watch on the catalog asks
 * too, at start and whenever the catalog changes (catalog_watch.h).
 */
#ifndef WEIR_PROXY_AUDIT_START_H
#define WEIR_PROXY_AUDIT_START_H

#include "proxy/config.h"

/* 0, or the code to exit with, and the log says why: EX_CONFIG while a
 * critical finding stands, EX_UNAVAILABLE when the database cannot be asked,
 * which is tried for as long as server_connect_timeout. */
int audit_start_require(const struct config *);

#endif
