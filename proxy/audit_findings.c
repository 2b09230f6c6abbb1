#include "proxy/audit_findings.h"

#include <inttypes.h>

#include "pool/setting.h"
#include "proxy/audit_findings_parts.h"

const char *const severity_words[SEVERITIES] = {
	[SEVERITY_CRITICAL] = "critical",
	[SEVERITY_HIGH] = "high",
	[SEVERITY_MEDIUM] = "medium",
	[SEVERITY_INFO] = "info",
};

void audit_put_literal(struct buffer *out, const char *text)
{
	if (text)
		settings_put_literal(out, slice_text(text));
	else
		buffer_put_text(out, "NULL");
}

static void put_table(struct buffer *out, const struct audit_table *table)
{
	buffer_put_text(out, "(");
	audit_put_literal(out, table->schema);
	buffer_put_text(out, "::text, ");
	audit_put_literal(out, table->name);
	buffer_put_text(out, "::text, ");
	audit_put_literal(out, table->retain_column);
	if (table->retain_column)
		buffer_printf(out, "::text, %" PRIu64 "::int8, ",
			      table->retain_s);
	else
		buffer_put_text(out, "::text, NULL::int8, ");
	audit_put_literal(out, table->retain_type);
	buffer_put_text(out, "::text)");
}

static void put_asked(struct buffer *out, const struct audit_subject *subject)
{
	buffer_put_text(out, "WITH RECURSIVE asked(role, owner) AS (VALUES (");
	audit_put_literal(out, subject->role);
	buffer_put_text(out, "::text, ");
	audit_put_literal(out, subject->owner ? subject->owner : AUDIT_OWNER);
	buffer_put_text(out, "::text)),\n"
			"names(schema, name, col, secs, kind) AS (VALUES ");
	for (unsigned i = 0; i < subject->count; i++) {
		if (i)
			buffer_put_text(out, ", ");
		put_table(out, &subject->tables[i]);
	}
	buffer_put_text(out, ")");
}

void audit_findings_sql(const struct audit_subject *subject,
			struct buffer *out)
{
	put_asked(out, subject);
	for (const char *const *fact = audit_facts; *fact; fact++)
		buffer_printf(out, ",\n%s", *fact);
	buffer_put_text(out, "\nSELECT severity, finding, object, \"table\", "
			"remedy, step FROM (");
	for (const char *const *row = audit_rows; *row; row++)
		buffer_printf(out, "%s\n%s", row == audit_rows ? "" :
			      "\nUNION ALL", *row);
	buffer_put_text(out, ") AS found(severity, finding, object, \"table\", "
			"remedy, step)\n"
			"ORDER BY array_position(ARRAY['critical', 'high', "
			"'medium', 'info'], severity), finding COLLATE \"C\", "
			"object COLLATE \"C\"");
}
