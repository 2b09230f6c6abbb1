/*
 * What is said of a refusal: to the client, and to the log.
 */
#include "proxy/guard_parts.h"

#include <stdio.h>

#include "protocol/audit_refusal.h"

/* --- to the client ----------------------------------------------------------- */

void guard_refuse_table(const struct guarded *table,
			const struct relation_deed *deed, bool unsure,
			int count, struct error *error)
{
	audit_refusal_put(&(struct audit_refusal){
		.schema = table->schema ? table->schema : deed->schema,
		.table = table->name,
		.command = deed->command,
		.statement = deed->statement + 1,
		.count = count,
		.unsure = unsure,
	}, error);
}

bool guard_refuse_through(struct guard *guard, const char *schema,
			  const char *table, const char *through,
			  const char *command, int statement, int count,
			  struct error *error)
{
	audit_refusal_put(&(struct audit_refusal){
		.schema = schema,
		.table = table,
		.command = command,
		.through = through,
		.statement = statement + 1,
		.count = count,
	}, error);
	guard_note_refusal(guard, command, guard_reason(through));
	if (through)
		snprintf(guard->through, sizeof(guard->through), "%s", through);
	return false;
}

void guard_refuse_command(const char *words, const char *why, int statement,
			  int count, struct error *error)
{
	error_set(error, SQLSTATE_INSUFFICIENT_PRIVILEGE,
		  "permission denied: %s", words);
	error_detail(error,
		     "weir: tables are configured insert-only, and %s; "
		     "statement %d of %d",
		     why, statement + 1, count);
	error_hint(error, "Run it on a direct connection to the database.");
}

/* --- to the log -------------------------------------------------------------- */

const char *guard_refused_command(const struct guard *guard)
{
	return guard->command[0] ? guard->command : NULL;
}

const char *guard_refused_through(const struct guard *guard)
{
	return guard->through[0] ? guard->through : NULL;
}

const char *guard_refused_reason(const struct guard *guard)
{
	return guard->reason;
}

const char *guard_reason(bool through)
{
	return through ? "leads to a table" : "insert-only table";
}

void guard_note_refusal(struct guard *guard, const char *command,
			const char *reason)
{
	snprintf(guard->command, sizeof(guard->command), "%s", command);
	guard->through[0] = 0;
	guard->reason = reason;
}
