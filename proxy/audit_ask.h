/*
 * Asks a database for the findings of audit_findings.h, over a connection of
 * its own and waiting for the answer: for the tool, and for a thread at start.
 */
#ifndef WEIR_PROXY_AUDIT_ASK_H
#define WEIR_PROXY_AUDIT_ASK_H

#include "protocol/arena.h"
#include "protocol/error.h"
#include "proxy/audit_findings.h"
#include "proxy/config.h"

struct audit_finding {
	enum severity severity;
	const char *finding, *object, *table;
	const char *remedy;	/* "": a human has to decide */
	int step;
};

struct audit_report {
	const char *database, *role;	/* as the server calls them */
	struct audit_finding *findings;	/* gravest first */
	unsigned count;
	unsigned counts[SEVERITIES];
	struct arena arena;
};

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
void audit_report_fini(struct audit_report *);

/* No critical and no high finding. */
static inline bool audit_report_is_closed(const struct audit_report *report)
{
	return !report->counts[SEVERITY_CRITICAL] && !report->counts[SEVERITY_HIGH];
}

#endif
