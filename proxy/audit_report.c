#include "proxy/audit_report.h"

#include "proxy/log.h"

void audit_report_fini(struct audit_report *report)
{
	arena_fini(&report->arena);
	*report = (struct audit_report){ 0 };
}

static unsigned count_grave(const struct audit_report *report)
{
	unsigned count = 0;

	while (count < report->count && count < AUDIT_LINES_MAX &&
	       report->findings[count].severity <= SEVERITY_HIGH)
		count++;
	return count;
}

static bool same_finding(const struct audit_finding *a,
			 const struct audit_finding *b)
{
	return a->severity == b->severity &&
	       strcmp(a->finding, b->finding) == 0 &&
	       strcmp(a->object, b->object) == 0 &&
	       strcmp(a->table, b->table) == 0;
}

bool audit_report_same(const struct audit_report *a,
		       const struct audit_report *b)
{
	unsigned count = count_grave(a);

	if (count != count_grave(b))
		return false;
	for (unsigned i = 0; i <= SEVERITY_HIGH; i++)
		if (a->counts[i] != b->counts[i])
			return false;
	for (unsigned i = 0; i < count; i++)
		if (!same_finding(&a->findings[i], &b->findings[i]))
			return false;
	return true;
}

static void log_findings(const struct audit_report *report)
{
	unsigned count = count_grave(report);

	for (unsigned i = 0; i < count; i++) {
		const struct audit_finding *finding = &report->findings[i];

		log_warn("weir audit check finds",
			 "database", report->database, "role", report->role,
			 "severity", severity_words[finding->severity],
			 "finding", finding->finding, "object",
			 finding->object, "table",
			 finding->table[0] ? finding->table : NULL);
	}
}

void audit_report_log(const struct audit_report *report)
{
	log_findings(report);
	if (audit_report_is_closed(report))
		log_info("the database guards the audit tables too",
			 "database", report->database, "role", report->role);
	else
		log_warn("the database does not guard the audit tables",
			 "database", report->database, "role", report->role,
			 "critical", report->counts[SEVERITY_CRITICAL], "high",
			 report->counts[SEVERITY_HIGH], "hint", "weir audit "
			 "check says what is open, weir audit sql closes it");
}
