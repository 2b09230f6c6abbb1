#include "protocol/audit_refusal.h"

#include <stdio.h>
#include <string.h>

/*
 * The DETAIL:
 *
 *     weir: public.log is configured insert-only; DELETE in statement 1 of 2 (through view public.recent)
 */
#define BEFORE_COMMAND " is configured insert-only; "
#define BEFORE_STATEMENT " in statement "
#define BEFORE_THROUGH " (through "

static void put_detail(const struct audit_refusal *refusal,
		       const char *schema, struct error *error)
{
	char statement[64] = "";

	if (refusal->count)
		snprintf(statement, sizeof(statement),
			 BEFORE_STATEMENT "%d of %d", refusal->statement,
			 refusal->count);
	error_detail(error, "weir: %s%s%s" BEFORE_COMMAND "%s%s%s%s%s", schema,
		     schema[0] ? "." : "", refusal->table, refusal->command,
		     statement, refusal->through ? BEFORE_THROUGH : "",
		     refusal->through ? refusal->through : "",
		     refusal->through ? ")" : "");
}

static void put_hint(const struct audit_refusal *refusal, struct error *error)
{
	const char *through = refusal->through;

	error_hint(error, "Only SELECT and INSERT are allowed on it%s%s.%s",
		   through ? ", and this could change it through " : "",
		   through ? through : "",
		   refusal->unsure ? " If a table of another schema is meant, "
				     "write its schema." : "");
}

void audit_refusal_put(const struct audit_refusal *refusal,
		       struct error *error)
{
	const char *schema = refusal->schema ? refusal->schema : "";

	error_set(error, SQLSTATE_INSUFFICIENT_PRIVILEGE,
		  "permission denied for table %s", refusal->table);
	put_detail(refusal, schema, error);
	put_hint(refusal, error);
	error_table(error, schema, refusal->table);
}

void audit_refusal_sign(struct error *error)
{
	memcpy(error->routine, AUDIT_REFUSAL_ROUTINE,
	       sizeof(AUDIT_REFUSAL_ROUTINE));
}

static void copy(char *to, size_t size, const char *from, const char *end)
{
	size_t length = end > from ? (size_t)(end - from) : 0;

	snprintf(to, size, "%.*s", (int)(length < size ? length : size - 1),
		 from);
}

bool audit_refusal_read(const struct error *error, struct audit_refused *ret)
{
	const char *end = error->detail + strlen(error->detail);
	const char *command = strstr(error->detail, BEFORE_COMMAND);
	const char *statement, *through;

	if (strcmp(error->routine, AUDIT_REFUSAL_ROUTINE) != 0)
		return false;
	*ret = (struct audit_refused){ .command = "" };
	if (!command)
		return true;
	command += strlen(BEFORE_COMMAND);
	statement = strstr(command, BEFORE_STATEMENT);
	through = strstr(command, BEFORE_THROUGH);
	copy(ret->command, sizeof(ret->command), command,
	     statement ? statement : through ? through : end);
	if (through)
		copy(ret->through, sizeof(ret->through),
		     through + strlen(BEFORE_THROUGH), end - 1);
	return true;
}
