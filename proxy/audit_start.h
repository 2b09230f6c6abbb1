/*
 * What weir finds at start about its own role (audit_findings.h), and says in
 * its log. A database with audit_require_database is asked before anybody is
 * served; the others by a thread of their own, so that no start waits for
 * them.
 */
#ifndef WEIR_PROXY_AUDIT_START_H
#define WEIR_PROXY_AUDIT_START_H

#include "proxy/config.h"

struct audit_start;

/* 0, or the code to exit with, and the log says why: EX_CONFIG while a
 * critical finding stands, EX_UNAVAILABLE when the database cannot be asked,
 * which is tried for as long as server_connect_timeout. */
int audit_start_require(const struct config *);

/* Starts asking the others; nothing of the configuration is kept. NULL when
 * there is none. */
struct audit_start *audit_start_look(const struct config *);
/* Waits for the thread to leave, which takes it a moment. */
void audit_start_stop(struct audit_start **);

#endif
