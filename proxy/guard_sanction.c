/*
 * What passes although a table is insert-only: data definition of users who
 * are exempt, and the deletion of rows that are old enough. Each time it is
 * noted, so that nothing passes unseen.
 */
#include <stdio.h>

#include "proxy/guard_parts.h"
#include "proxy/guard_retain.h"

bool guard_retain(struct guard *guard, const char *const *entries,
		  unsigned count, struct error *error)
{
	guard->rules = arena_alloc(&guard->names,
				   (count + 1) * sizeof(*guard->rules));
	for (unsigned i = 0; i < count; i++) {
		const char *wrong = retain_rule_read(entries[i], &guard->names,
						     &guard->rules[i]);

		if (wrong)
			return error_set(error, SQLSTATE_SYNTAX,
					 "audit_retain: \"%s\" %s", entries[i],
					 wrong);
	}
	guard->rule_count = count;
	return true;
}

unsigned guard_sanction_count(const struct guard *guard)
{
	return guard->sanction_count;
}

const struct sanction *guard_sanctions(const struct guard *guard)
{
	return guard->sanctions;
}

static bool is_noted(const struct guard *guard, const struct sanction *sanction)
{
	for (unsigned i = 0;
	     i < guard->sanction_count && i < SANCTIONS_MAX; i++)
		if (strcmp(guard->sanctions[i].table, sanction->table) == 0 &&
		    strcmp(guard->sanctions[i].schema, sanction->schema) == 0 &&
		    strcmp(guard->sanctions[i].command, sanction->command) == 0)
			return true;
	return false;
}

static void note(struct guard *guard, const char *schema, const char *table,
		 const char *command, const char *reason)
{
	struct sanction sanction = { .reason = reason };

	snprintf(sanction.schema, sizeof(sanction.schema), "%s",
		 schema ? schema : "");
	snprintf(sanction.table, sizeof(sanction.table), "%s",
		 table ? table : "");
	snprintf(sanction.command, sizeof(sanction.command), "%s", command);
	if (is_noted(guard, &sanction))
		return;
	if (guard->sanction_count < SANCTIONS_MAX)
		guard->sanctions[guard->sanction_count] = sanction;
	guard->sanction_count++;
}

/* --- exempt users --------------------------------------------------------------- */

static bool is_definition(enum deed deed)
{
	switch (deed) {
	case DEED_CREATE:
	case DEED_DROP:
	case DEED_ALTER:
	case DEED_RENAME:
	case DEED_HARMLESS_DDL:
	case DEED_LOCK:
		return true;
	default:
		return false;
	}
}

/* A row lock that a SELECT takes is none of a migration's. */
static bool is_migration(const struct judging *judging, enum deed deed,
			 int statement)
{
	const struct statement_facts *of = &judging->facts->statements[statement];

	return judging->state->exempt && is_definition(deed) &&
	       (of->is_ddl || (deed == DEED_LOCK && of->tag &&
			       strcmp(of->tag, "LockStmt") == 0));
}

bool guard_exempts(struct judging *judging, const struct relation_deed *deed,
		   const char *schema, const char *table)
{
	if (!is_migration(judging, deed->deed, deed->statement))
		return false;
	note(judging->guard, schema ? schema : deed->schema, table,
	     deed->command, "exempt user");
	return true;
}

bool guard_exempts_object(struct judging *judging,
			  const struct object_deed *deed, const char *schema,
			  const char *table)
{
	if (!is_migration(judging, deed->deed, deed->statement))
		return false;
	note(judging->guard, schema, table, deed->command, "exempt user");
	return true;
}

/* Code that is defined passes, not code that runs. */
bool guard_exempts_code(struct judging *judging, const struct code_deed *code)
{
	if (!judging->state->exempt || strcmp(code->command, "DO") == 0)
		return false;
	note(judging->guard, NULL, NULL, code->command, "exempt user");
	return true;
}

bool guard_exempts_call(struct judging *judging, const struct call_deed *call)
{
	const struct statement_facts *of =
		&judging->facts->statements[call->statement];

	if (!judging->state->exempt || !of->is_ddl || !of->tag ||
	    strcmp(of->tag, "CreateTrigStmt") != 0)
		return false;
	note(judging->guard, NULL, NULL, "CREATE TRIGGER", "exempt user");
	return true;
}

/* --- retention ------------------------------------------------------------------ */

static bool same(const struct guard *guard, const char *a, const char *b)
{
	return (guard->fold_case ? strcasecmp(a, b) : strcmp(a, b)) == 0;
}

/* The rule of the table that a deed means. Where either stands for any schema,
 * the deed must say that it is the other's. */
static const struct retain_rule *rule_of(const struct guard *guard,
					 const struct guarded *table,
					 const struct relation_deed *deed)
{
	for (unsigned i = 0; i < guard->rule_count; i++) {
		const struct retain_rule *rule = &guard->rules[i];
		const char *schema = table->schema ? table->schema :
						     deed->schema;

		if (same(guard, rule->table, table->name) &&
		    (!rule->schema ||
		     (schema && same(guard, rule->schema, schema))))
			return rule;
	}
	return NULL;
}

/* It must be all that the statement does to any table. */
static bool is_all(const struct judging *judging,
		   const struct relation_deed *deed)
{
	const struct statement_facts *of =
		&judging->facts->statements[deed->statement];
	const struct relation_deed *deeds =
		judging->facts->deeds + of->first_deed;

	for (int i = 0; i < of->deed_count; i++)
		if (&deeds[i] != deed && deeds[i].deed != DEED_READ)
			return false;
	return true;
}

/* Operators and functions must be Postgres's own: nothing stands before
 * pg_catalog on the path, and no other operator fits the operands better. What
 * is PREPARED is judged again when it runs. */
static bool has_own_operators(const struct judging *judging, int statement)
{
	const char *const *path = judging_path(judging, statement, false);

	if (judging->guard->fold_case)
		return true;
	if (!path || judging_has_replaced_operators(judging))
		return false;
	for (const char *const *each = path; *each; each++)
		if (strcmp(*each, "pg_catalog") == 0)
			return each == path;
	return true;
}

/* With other statements around it the zone may be another by then. */
static int64_t zone_slack(const struct judging *judging)
{
	const struct sql_facts *facts = judging->facts;

	if (facts->statement_count != 1 || facts->statements[0].opaque)
		return RETAIN_ZONE_ANY_US;
	for (int i = 0; i < facts->session_deed_count; i++)
		if (facts->session_deeds[i].kind != SESSION_PREPARE)
			return RETAIN_ZONE_ANY_US;
	return judging->state->zone_slack_us;
}

/* One that is PREPARED alone, or by a message, is judged once more when it is
 * EXECUTEd; where there is more in the text that could be here. */
static bool comes_later(const struct judging *judging, int statement)
{
	const struct sql_facts *facts = judging->facts;
	const char *tag = facts->statements[statement].tag;

	return judging->state->binds_later || judging->executed ||
	       (facts->statement_count == 1 && tag &&
		strcmp(tag, "PrepareStmt") == 0);
}

/* Read once for all the DELETEs in it; not one that is long, for it would be
 * read on the loop. */
static const struct sql_tree *tree_of(struct guard *guard, struct slice text)
{
	struct error ignored;

	if (guard->tree && guard->tree_text.at == text.at &&
	    guard->tree_text.length == text.length)
		return guard->tree;
	guard_forget_tree(guard);
	if (text.length > SQL_LONG_BYTES)
		return NULL;
	guard->tree = sql_tree_new(text, &ignored);
	guard->tree_text = text;
	return guard->tree;
}

void guard_forget_tree(struct guard *guard)
{
	sql_tree_free(&guard->tree);
}

bool guard_retains(struct judging *judging, const struct relation_deed *deed,
		   const struct guarded *table)
{
	const struct retain_rule *rule;
	const struct sql_tree *tree;
	struct retain_question question;

	if (deed->deed != DEED_DELETE || !judging->text.length)
		return false;
	rule = rule_of(judging->guard, table, deed);
	if (!rule || !is_all(judging, deed) ||
	    (!judging->executed &&
	     !has_own_operators(judging, deed->statement)))
		return false;
	question = (struct retain_question){
		.rule = *rule,
		.fold_case = judging->guard->fold_case,
		.now_us = judging->state->now_us,
		.zone_slack_us = zone_slack(judging),
		.values = judging->state->values,
		.values_later = comes_later(judging, deed->statement),
	};
	tree = tree_of(judging->guard, judging->text);
	if (!tree || !retain_allows(&question, tree, deed->statement))
		return false;
	if (!judging->executed)
		note(judging->guard,
		     table->schema ? table->schema : deed->schema,
		     table->name, deed->command, "retention");
	judging->retained = deed;
	return true;
}
