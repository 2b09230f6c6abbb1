/*
 * Asks a database for the findings of audit_findings.h, over a connection of
 * its own and waiting for the answer: for the tool, and before the start.
 */
#ifndef WEIR_PROXY_AUDIT_ASK_H
#define WEIR_PROXY_AUDIT_ASK_H

#include "protocol/error.h"
#include "proxy/audit_report.h"
#include "proxy/config.h"

struct audit_request {
	const struct config_database *database;
	bool production;	/* TLS as the pool would ask for it */
	const char *owner;	/* NULL: AUDIT_OWNER */
	const char *role;	/* NULL: who the connection is */
	/* Asked several times a second. */
	bool (*given_up)(void *context);
	void *context;
};

/* Free with audit_report_fini(), also after a failure. */
bool audit_ask(const struct audit_request *, struct audit_report *,
	       struct error *);
#endif
