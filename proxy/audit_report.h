/*
 * What was found about weir's own role (audit_findings.h), and what the log
 * says of it.
 */
#ifndef WEIR_PROXY_AUDIT_REPORT_H
#define WEIR_PROXY_AUDIT_REPORT_H

#include "protocol/arena.h"
#include "proxy/audit_findings.h"

#define AUDIT_LINES_MAX 100	/* of one report in the log */

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

void audit_report_fini(struct audit_report *);

/* No critical and no high finding. */
static inline bool audit_report_is_closed(const struct audit_report *report)
{
	return !report->counts[SEVERITY_CRITICAL] &&
	       !report->counts[SEVERITY_HIGH];
}

/* Whether the log would say the same. */
bool audit_report_same(const struct audit_report *,
		       const struct audit_report *);

/* A line for each grave finding, and one that says how it stands. */
void audit_report_log(const struct audit_report *);

#endif
