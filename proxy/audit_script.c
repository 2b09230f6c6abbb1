#include "proxy/audit_script.h"

#include <stdlib.h>
#include <string.h>

/* What every remedy may count on. `%1$s` is the database as a literal, `%2$s`
 * the owner as one, `%3$s` the owner as a name. */
static const char prelude[] =
	"BEGIN;\n"
	"SET LOCAL client_encoding = 'UTF8';\n"
	"SET LOCAL client_min_messages = warning;\n"
	"SET LOCAL search_path = pg_catalog, pg_temp;\n"
	"-- rather fail than make everybody wait behind a long transaction\n"
	"SET LOCAL lock_timeout = '10s';\n"
	"DO $weir$\n"
	"BEGIN\n"
	"\tIF current_database() <> E'%1$s' THEN\n"
	"\t\tRAISE 'this script is for another database';\n"
	"\tEND IF;\n"
	"\tIF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = E'%2$s') THEN\n"
	"\t\tCREATE ROLE %3$s NOLOGIN;\n"
	"\tEND IF;\n"
	"END\n"
	"$weir$;\n"
	"CREATE SCHEMA IF NOT EXISTS weir_guard;\n"
	"ALTER SCHEMA weir_guard OWNER TO %3$s;\n"
	"REVOKE ALL ON SCHEMA weir_guard FROM PUBLIC;\n"
	"CREATE OR REPLACE FUNCTION weir_guard.refuse() RETURNS trigger\n"
	"LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$\n"
	"BEGIN\n"
	"\tRAISE insufficient_privilege USING MESSAGE =\n"
	"\t\tformat('permission denied for table %%s', TG_TABLE_NAME),\n"
	"\t\tHINT = 'The table is insert-only.';\n"
	"END\n"
	"$$;\n"
	"ALTER FUNCTION weir_guard.refuse() OWNER TO %3$s;\n";

/* --- texts ----------------------------------------------------------------- */

/* A name may hold anything; a line of a comment or report may not. */
static void put_line(struct buffer *out, const char *text)
{
	for (; *text; text++)
		buffer_put_u8(out, (uint8_t)*text < ' ' || *text == 127 ?
			      '?' : (uint8_t)*text);
}

/* As it stands in '' (with E before) or "". */
static char *doubled(struct arena *arena, const char *text, const char *which)
{
	char *copy = arena_alloc(arena, 2 * strlen(text) + 1), *at = copy;

	for (; *text; text++) {
		if (strchr(which, *text))
			*at++ = *text;
		*at++ = *text;
	}
	return copy;
}

static void put_finding(struct buffer *out,
			const struct audit_finding *finding)
{
	put_line(out, finding->finding);
	buffer_put_text(out, ": ");
	put_line(out, finding->object);
}

static unsigned count_by_hand(const struct audit_report *report)
{
	unsigned count = 0;

	for (unsigned i = 0; i < report->count; i++)
		count += !report->findings[i].remedy[0];
	return count;
}

/* --- the report ------------------------------------------------------------ */

static void put_group(const struct audit_report *report,
		      enum severity severity, struct buffer *out)
{
	if (report->counts[severity])
		buffer_printf(out, "%s\n", severity_words[severity]);
	for (unsigned i = 0; i < report->count; i++) {
		const struct audit_finding *finding = &report->findings[i];

		if (finding->severity != severity)
			continue;
		buffer_put_text(out, "  ");
		put_finding(out, finding);
		buffer_put_text(out, finding->remedy[0] ? "\n" :
						" (a human has to decide)\n");
	}
}

void audit_report_print(const struct audit_report *report, struct buffer *out)
{
	unsigned by_hand = count_by_hand(report);

	buffer_put_text(out, "database ");
	put_line(out, report->database);
	buffer_put_text(out, ", role ");
	put_line(out, report->role);
	buffer_put_text(out, "\n");
	for (enum severity i = 0; i < SEVERITIES; i++)
		put_group(report, i, out);
	for (enum severity i = 0; i < SEVERITIES; i++)
		buffer_printf(out, "%u %s%s", report->counts[i],
			      severity_words[i],
			      i + 1 < SEVERITIES ? ", " : "\n");
	if (report->count == by_hand)
		return;
	buffer_put_text(out, "`weir audit sql` prints statements that close ");
	if (by_hand)
		buffer_printf(out, "all but %u.\n", by_hand);
	else
		buffer_put_text(out, "them.\n");
}

/* --- the script ------------------------------------------------------------ */

static int by_step(const void *left, const void *right)
{
	const struct audit_finding *const *a = left, *const *b = right;

	if ((*a)->step != (*b)->step)
		return (*a)->step < (*b)->step ? -1 : 1;
	return *a < *b ? -1 : *a > *b;
}

/* Those that have a remedy, in the order to apply them. */
static unsigned list_remedies(const struct audit_report *report,
			      const struct audit_finding **list)
{
	unsigned count = 0;

	for (unsigned i = 0; i < report->count; i++)
		if (report->findings[i].remedy[0])
			list[count++] = &report->findings[i];
	qsort(list, count, sizeof(*list), by_step);
	return count;
}

static bool is_repeated(const struct audit_finding *const *list, unsigned at)
{
	for (unsigned i = at; i-- > 0 && list[i]->step == list[at]->step;)
		if (strcmp(list[i]->remedy, list[at]->remedy) == 0)
			return true;
	return false;
}

/* The comments name every finding that the statements below them close. */
static void put_remedy(const struct audit_finding *const *list, unsigned count,
		       unsigned at, struct buffer *out)
{
	for (unsigned i = at; i < count && list[i]->step == list[at]->step;
	     i++) {
		if (strcmp(list[i]->remedy, list[at]->remedy) != 0)
			continue;
		buffer_put_text(out, "\n-- ");
		put_finding(out, list[i]);
	}
	buffer_printf(out, "\n%s\n", list[at]->remedy);
}

static void put_by_hand(const struct audit_report *report, struct buffer *out)
{
	bool any = false;

	for (unsigned i = 0; i < report->count; i++) {
		const struct audit_finding *finding = &report->findings[i];

		if (finding->remedy[0])
			continue;
		if (!any)
			buffer_put_text(out, "\n-- A human has to decide:\n");
		any = true;
		buffer_printf(out, "--   %s: ",
			      severity_words[finding->severity]);
		put_finding(out, finding);
		buffer_put_text(out, "\n");
	}
}

static void put_prelude(const struct audit_report *report, const char *owner,
			struct buffer *out)
{
	struct arena arena = { 0 };

	buffer_printf(out, prelude, doubled(&arena, report->database, "'\\"),
		      doubled(&arena, owner, "'\\"),
		      arena_printf(&arena, "\"%s\"",
				   doubled(&arena, owner, "\"")));
	arena_fini(&arena);
}

void audit_script_print(const struct audit_report *report, const char *owner,
			struct buffer *out)
{
	const struct audit_finding **list =
		must_alloc((report->count + 1) * sizeof(struct audit_finding *));
	unsigned count = list_remedies(report, list);

	buffer_put_text(out, "-- What closes the findings in database ");
	put_line(out, report->database);
	buffer_put_text(out, " for role ");
	put_line(out, report->role);
	buffer_put_text(out, ".\n-- To be run by a superuser; running it again "
			"changes nothing.\n");
	if (count)
		put_prelude(report, owner, out);
	else
		buffer_put_text(out, "-- There is nothing to run.\n");
	for (unsigned i = 0; i < count; i++)
		if (!is_repeated(list, i))
			put_remedy(list, count, i, out);
	if (count)
		buffer_put_text(out, "\nCOMMIT;\n");
	put_by_hand(report, out);
	free(list);
}
