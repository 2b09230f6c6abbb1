/*
 * What a client hears when the engine refuses to change an insert-only table,
 * and what operators hear when it does not, for an exempt user. Mostly the
 * guard has said so before; this is for what a text does not show, such as
 * what a foreign key makes of a DELETE from another table.
 */
#include "pool/sqlite/engine_inner.h"
#include "pool/sqlite/session.h"

#include <stdio.h>
#include <string.h>

#include "protocol/audit_refusal.h"

static const struct schema_table *find_table(const struct schema *schema,
					     const char *lite_name)
{
	for (int i = 0; i < schema->table_count; i++)
		if (!schema->tables[i].catalog &&
		    sqlite3_stricmp(schema->tables[i].lite_name,
				    lite_name) == 0)
			return &schema->tables[i];
	return NULL;
}

static bool is_changed_by_itself(const struct lite_plan *plan,
				 const struct schema_table *table)
{
	for (int i = 0; i < plan->compiled.changed_count; i++)
		if (plan->compiled.changed[i] == table->oid)
			return true;
	return false;
}

/* The only key of the table that does something to it, or that there may be
 * several. */
static void name_key(const struct schema_table *table, bool of_delete,
		     char ret_through[256])
{
	unsigned found = 0;

	for (int i = 0; i < table->constraint_count; i++) {
		const struct schema_constraint *key = &table->constraints[i];
		char action = of_delete ? key->on_delete : key->on_update;

		if (key->kind != CONSTRAINT_FOREIGN || action == 'a' ||
		    action == 'r' || found++)
			continue;
		snprintf(ret_through, 256, "foreign key %s of %s.%s (ON %s %s)",
			 key->name, table->schema, table->name,
			 of_delete ? "DELETE" : "UPDATE",
			 schema_action_words(action));
	}
	if (found != 1)
		snprintf(ret_through, 256, "a foreign key or a trigger");
}

/* "INSERT 0" is a tag, not a command. */
static const char *command_of(const struct lite_plan *plan)
{
	const char *tag = plan ? plan->compiled.tag : NULL;

	if (!tag)
		return "a change";
	return strcmp(tag, "INSERT 0") == 0 ? "INSERT" : tag;
}

void session_describe_refused(struct lite_session *session,
			      const char *lite_name,
			      const struct lite_plan *plan,
			      struct error *error)
{
	const struct schema_table *table = find_table(session->schema,
						      lite_name);
	const char *command = command_of(plan);
	char through[256] = "";

	if (table && plan && plan->compiled.changed_count &&
	    !is_changed_by_itself(plan, table))
		name_key(table, strcmp(command, "UPDATE") != 0, through);
	audit_refusal_put(&(struct audit_refusal){
		.schema = table ? table->schema : NULL,
		.table = table ? table->name : lite_name,
		.command = command,
		.through = through[0] ? through : NULL,
	}, error);
	audit_refusal_sign(error);
}

/* The first guarded table that loses something, or NULL. */
static const struct schema_table *find_loser(struct lite_session *session,
					     const struct lite_plan *plan)
{
	for (int i = 0; i < plan->compiled.loser_count; i++) {
		const struct schema_table *table = schema_table_by_oid(
			session->schema, plan->compiled.losers[i]);

		if (table && lite_is_protected(session->engine,
					       table->lite_name))
			return table;
	}
	return NULL;
}

bool session_keeps_losers(struct lite_session *session,
			  const struct lite_plan *plan, struct error *error)
{
	const struct schema_table *loser = find_loser(session, plan);

	if (loser)
		session_describe_refused(session, loser->lite_name, plan,
					 error);
	return !loser;
}

/* --- exempt users --------------------------------------------------------- */

/* Then the guard has seen it. */
static bool names_its_table(const struct lite_plan *plan)
{
	return strcmp(plan->compiled.tag, "ALTER TABLE") == 0 ||
	       strcmp(plan->compiled.tag, "DROP TABLE") == 0;
}

void session_note_exempted(struct lite_session *session,
			   const struct lite_plan *plan)
{
	const struct schema_table *table = find_loser(session, plan);
	const char *changed = session->connection->exempted;
	struct lite_exempted *note;

	if (!table && changed[0] && !names_its_table(plan))
		table = find_table(session->schema, changed);
	if (!table || session->exempted_count == LITE_EXEMPTED_MAX)
		return;
	note = &session->exempted[session->exempted_count++];
	snprintf(note->table, sizeof(note->table), "%s", table->name);
	snprintf(note->command, sizeof(note->command), "%s",
		 command_of(plan));
}
