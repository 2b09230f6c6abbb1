/*
 * Between the files of the findings: the parts of the one statement. In its
 * texts `me` is weir's role, `mine` every role it is or may become, `body`
 * the guarded tables with their partitions and children.
 */
#ifndef WEIR_PROXY_AUDIT_FINDINGS_PARTS_H
#define WEIR_PROXY_AUDIT_FINDINGS_PARTS_H

/* audit_findings_facts.c: common table expressions, in order. They follow
 * `asked(role, owner)` and `names(schema, name, col, secs)`. */
extern const char *const audit_facts[];

/* audit_findings_rows.c: queries of (severity, finding, object, table,
 * remedy, step); the words of a finding are in the one that finds it. */
extern const char *const audit_rows[];

#endif
