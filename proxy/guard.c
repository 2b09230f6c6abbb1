/*
 * Why a parse may be trusted, and when.
 *
 * The verdict is about what the server will run, so the server must read the
 * text as the parser here did. It is the same grammar, but two things outside
 * of the text change how Postgres cuts it into words: whether a backslash
 * escapes inside '...' (standard_conforming_strings), and whether the second
 * byte of a character can be a quote (client_encoding). A text without
 * backslashes and beyond-ASCII bytes is read the same way in any state;
 * any other is judged only where the state is known to be sound.
 *
 * Names are resolved as the server will: along the search path if it is
 * known; and where it is not, or an earlier statement of the text may have
 * changed it, or the statement runs later (PREPARE), a bare name means any
 * guarded table it could.
 */
#include "proxy/guard.h"

#include <stdio.h>
#include <stdlib.h>

#include "protocol/audit_refusal.h"
#include "proxy/guard_parts.h"

#define CODE_DEPTH_MAX 4	/* functions that make functions */
#define EXECUTE_DEPTH_MAX 4	/* prepared statements that execute others */

/* --- making ------------------------------------------------------------------ */

/* The parser itself reads the name: as that of a table in a statement. */
static bool read_name(struct guard *guard, const char *name,
		      struct guarded *ret_table)
{
	const char *text = arena_printf(&guard->arena,
					"COMMENT ON TABLE %s IS NULL", name);
	struct sql_facts facts;
	struct error error;

	if (strpbrk(name, "\n;") || strstr(name, "--") ||
	    !sql_facts_read(slice_text(text), &guard->arena, &facts, &error) ||
	    facts.deed_count != 1)
		return false;
	ret_table->name = arena_text(&guard->names, facts.deeds[0].relation);
	ret_table->schema =
		facts.deeds[0].schema ?
			arena_text(&guard->names, facts.deeds[0].schema) :
			NULL;
	return true;
}

struct guard *guard_new(const char *const *names, unsigned count,
			bool fold_case, struct error *error)
{
	struct guard *guard = must_alloc(sizeof(*guard));

	guard->fold_case = fold_case;
	guard_enter(guard);
	guard->count = count;
	guard->tables =
		arena_alloc(&guard->names, count * sizeof(*guard->tables));
	verdict_cache_init(&guard->cache);
	for (unsigned i = 0; i < count; i++) {
		if (read_name(guard, names[i], &guard->tables[i]))
			continue;
		error_set(error, SQLSTATE_SYNTAX, "not a table name: %s",
			  names[i]);
		error_hint(error, "Names are written as in SQL: audit_event, "
			   "audit.events, public.\"AuditTrail\".");
		guard_free(&guard);
		return NULL;
	}
	return guard;
}

void guard_free(struct guard **pointer)
{
	struct guard *guard = *pointer;

	*pointer = NULL;
	if (!guard)
		return;
	verdict_cache_fini(&guard->cache);
	arena_fini(&guard->names);
	arena_fini(&guard->arena);
	arena_fini(&guard->code);
	overlay_fini(&guard->made);
	guard_leave(guard);
	free(guard);
}

struct guard_counters guard_counters(const struct guard *guard)
{
	return guard->counters;
}

bool guard_moves_path(const struct guard *guard)
{
	return guard->moves_path;
}

bool guard_spares_session(const struct guard *guard)
{
	return guard->spares_session;
}

uint64_t guard_next_epoch(struct guard *guard)
{
	return ++guard->last_epoch;
}

bool guard_made_ddl(const struct guard *guard)
{
	return guard->made_ddl;
}

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

/* --- names ------------------------------------------------------------------- */

static bool same(const struct guard *guard, const char *a, const char *b)
{
	return (guard->fold_case ? strcasecmp(a, b) : strcmp(a, b)) == 0;
}

static bool is_on_path(const struct guard *guard, const char *const *path,
		       const char *schema)
{
	if (!path)
		return true;
	for (; *path; path++)
		if (same(guard, *path, schema))
			return true;
	return false;
}

static bool is_temporary_schema(const char *schema)
{
	return strncmp(schema, "pg_temp", 7) == 0;
}

/* Whether the schema a deed gives, or does not, can be the table's. */
static bool may_be_schema(const struct guard *guard,
			  const struct guarded *table, const char *schema,
			  const char *const *path)
{
	if (!table->schema)
		return true;
	if (!schema)
		return is_on_path(guard, path, table->schema);
	/* SQLite's own names for where tables are */
	if (guard->fold_case && (strcasecmp(schema, "main") == 0 ||
				 strcasecmp(schema, "temp") == 0))
		return true;
	return same(guard, schema, table->schema);
}

/* Something that shadows a name does so without naming its schema. */
static bool may_shadow(const struct guard *guard, const struct guarded *table,
		       const char *schema)
{
	return !schema || is_temporary_schema(schema) ||
	       may_be_schema(guard, table, schema, NULL);
}

/* The sequence of a serial column goes by its table's name; without it no
 * row arrives any more. */
static bool is_sequence_of(const struct guarded *table, const char *name)
{
	size_t length = strlen(table->name), whole = strlen(name);

	return whole > length + 4 &&
	       strncasecmp(name, table->name, length) == 0 &&
	       name[length] == '_' &&
	       strcasecmp(name + whole - 4, "_seq") == 0;
}

bool guard_means(const struct guard *guard, const struct guarded *table,
		 const struct relation_deed *deed, const char *const *path)
{
	if (!deed->relation)
		return may_be_schema(guard, table, deed->schema, path);
	if (deed->deed == DEED_CREATE_TEMP)
		return same(guard, table->name, deed->relation) &&
		       may_shadow(guard, table, deed->schema);
	if (!same(guard, table->name, deed->relation) &&
	    !((deed->deed == DEED_ALTER || deed->deed == DEED_DROP ||
	       deed->deed == DEED_RENAME) &&
	      is_sequence_of(table, deed->relation)))
		return false;
	return may_be_schema(guard, table, deed->schema, path);
}

/* --- what is refused ----------------------------------------------------------- */

static bool is_insert_only(enum deed deed)
{
	switch (deed) {
	case DEED_READ:
	case DEED_INSERT:
	case DEED_COPY_IN:
	case DEED_CREATE:
	case DEED_HARMLESS_DDL:
		return true;
	default:
		return false;
	}
}

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

/* --- the search path within a text ------------------------------------------------ */

static bool may_move_path(const struct session_deed *deed)
{
	switch (deed->kind) {
	case SESSION_SET:
	case SESSION_SET_LOCAL:
	case SESSION_RESET:
	case SESSION_SET_CONFIG_CALL:
		return !deed->name || strcmp(deed->name, "search_path") == 0 ||
		       strcmp(deed->name, "role") == 0 ||
		       strcmp(deed->name, "session_authorization") == 0;
	case SESSION_RESET_ALL:
	case SESSION_DISCARD:
	case SESSION_EXECUTE:
		return true;
	default:
		return false;
	}
}

/* By a way that the session's settings do not show: for a transaction only, or
 * to what only the server knows. */
static bool moves_unseen(const struct session_deed *deed)
{
	switch (deed->kind) {
	case SESSION_SET:
	case SESSION_RESET:
	case SESSION_RESET_ALL:
	case SESSION_DISCARD:
		return false;
	case SESSION_SET_CONFIG_CALL:
		return may_move_path(deed) && (deed->local || !deed->sure);
	default:
		return may_move_path(deed);
	}
}

static bool has_unseen_move(const struct sql_facts *facts)
{
	for (int i = 0; i < facts->session_deed_count; i++)
		if (moves_unseen(&facts->session_deeds[i]))
			return true;
	return false;
}

static bool has_path_move(const struct sql_facts *facts)
{
	for (int i = 0; i < facts->session_deed_count; i++)
		if (may_move_path(&facts->session_deeds[i]))
			return true;
	return false;
}

/* The first statement that may change the path for those after it. The end
 * of a transaction takes SET LOCAL back. */
static int first_path_move(const struct sql_facts *facts)
{
	int first = facts->statement_count;

	for (int i = 0; i < facts->statement_count; i++) {
		enum transaction_deed deed = facts->statements[i].transaction;

		if (!facts->statements[i].opaque &&
		    deed != TRANSACTION_COMMIT && deed != TRANSACTION_ROLLBACK &&
		    deed != TRANSACTION_ROLLBACK_TO)
			continue;
		first = i;
		break;
	}
	for (int i = 0; i < facts->session_deed_count; i++)
		if (may_move_path(&facts->session_deeds[i]) &&
		    facts->session_deeds[i].statement < first)
			first = facts->session_deeds[i].statement;
	return first;
}

/* --- judging ----------------------------------------------------------------------- */

/* One that is known to be another schema's means another table. */
static bool is_other(const struct guarded *table,
		     const struct catalog_object *relation)
{
	return relation && table->schema && relation->schema &&
	       strcmp(relation->schema, table->schema) != 0;
}

/* Where tables of any schema are meant the catalog tells which have one. */
static bool is_told_by_catalog(const struct judging *judging,
			       const struct guarded *table,
			       const struct relation_deed *deed)
{
	return !deed->relation && !table->schema && judging->state->catalog;
}

static bool check_names(struct judging *judging,
			const struct relation_deed *deed)
{
	struct guard *guard = judging->guard;
	const char *const *path = judging_path(judging, deed->statement,
					       deed->deferred);
	const struct catalog_object *relation;

	if (is_insert_only(deed->deed))
		return true;
	relation = deed->deed == DEED_CREATE_TEMP ?
			   NULL : judging_relation(judging, deed);
	for (unsigned i = 0; i < guard->count; i++) {
		if (!guard_means(guard, &guard->tables[i], deed, path) ||
		    is_other(&guard->tables[i], relation) ||
		    is_told_by_catalog(judging, &guard->tables[i], deed))
			continue;
		if (guard_retains(judging, deed, &guard->tables[i]) ||
		    guard_exempts(judging, deed, guard->tables[i].schema,
				  guard->tables[i].name))
			continue;
		guard_refuse_table(&guard->tables[i], deed,
				   !path && deed->relation && !deed->schema &&
					   guard->tables[i].schema,
				   judging->facts->statement_count,
				   judging->error);
		guard_note_refusal(guard, deed->command, guard_reason(false));
		return false;
	}
	return true;
}

/* What a prepared transaction has made would come to be seen when nothing of
 * it is known here any more. */
static bool check_transaction(struct judging *judging, int statement)
{
	const struct sql_facts *facts = judging->facts;

	if (facts->statements[statement].transaction != TRANSACTION_PREPARE ||
	    !overlay_is_telling(judging->state->overlay))
		return true;
	guard_refuse_command("PREPARE TRANSACTION", "what this transaction has "
			     "made leads to them", statement,
			     facts->statement_count, judging->error);
	guard_note_refusal(judging->guard, "PREPARE TRANSACTION",
			   "leads to a table");
	return false;
}

/* Statement by statement: what one makes the next may use. */
static bool check_deeds(struct judging *judging)
{
	const struct sql_facts *facts = judging->facts;

	for (int i = 0; i < facts->statement_count; i++) {
		const struct statement_facts *each = &facts->statements[i];
		const struct relation_deed *deeds =
			facts->deeds + each->first_deed;

		for (int j = 0; j < each->deed_count; j++)
			if (!check_names(judging, &deeds[j]) ||
			    !check_relation(judging, &deeds[j]))
				return false;
		if (!check_objects(judging, i) ||
		    !check_transaction(judging, i) || !note_made(judging, each))
			return false;
	}
	return true;
}

/* --- reading ------------------------------------------------------------------- */

/* False without an error that counts: it is being read. */
static bool read_long(struct guard *guard, struct slice text,
		      const struct guard_state *state,
		      struct sql_facts *facts, struct error *error)
{
	const struct sql_reading *reading = state->read(state->context, text);

	guard->must_read |= !reading;
	if (!reading)
		return false;
	*facts = reading->facts;
	if (!reading->good)
		*error = reading->error;
	return reading->good;
}

/* The facts are in the arena, or somebody else's that stay. */
static bool read_facts(struct guard *guard, struct slice text,
		       const struct guard_state *state, struct arena *arena,
		       struct sql_facts *facts, struct error *error)
{
	if (state->read && sql_is_long(text))
		return read_long(guard, text, state, facts, error);
	return sql_facts_read(text, arena, facts, error);
}

/* --- code ------------------------------------------------------------------------ */

static bool check_facts(struct judging *, int depth);

/* SQL is parsed and judged like any other, for whatever path it meets; it
 * must not move that path under those who call it, nor make or take away what
 * would have to be followed behind the call. A name that is unknown even now
 * may be anything by then, if that is later. */
static bool is_harmless_inside(struct judging *outer, struct slice text,
			       const struct sql_facts *facts, int depth,
			       struct guard_overlay *made)
{
	struct guard_state inside = *outer->state;
	struct error ignored;
	struct judging judging = { .guard = outer->guard, .facts = facts,
				   .state = &inside,
				   .outer = outer->state->overlay,
				   .alone = outer->alone,
				   .operands = outer->operands,
				   .moved = -1, .error = &ignored };
	bool harmless;

	inside.overlay = made;
	inside.exempt &= !outer->runs_now;
	harmless = depth < CODE_DEPTH_MAX && !has_path_move(facts) &&
		   check_facts(&judging, depth + 1) &&
		   check_values(&judging, text) && !overlay_is_telling(made);
	outer->unsure |= judging.unsure;
	if (!judging.unknown || !inside.keeps_catalog)
		return harmless;
	outer->unknown = true;
	return harmless && (outer->runs_now || !inside.looked_up);
}

static bool read_inside(const struct judging *outer, struct slice text,
			struct sql_facts *ret_facts)
{
	struct error ignored;

	return read_facts(outer->guard, text, outer->state,
			  &outer->guard->code, ret_facts, &ignored);
}

static bool is_harmless_sql(struct judging *outer, const char *body, int depth)
{
	struct guard_overlay made = { .by_name = NULL };
	struct slice text = slice_text(body);
	struct sql_facts facts;
	bool harmless = read_inside(outer, text, &facts) &&
			is_harmless_inside(outer, text, &facts, depth, &made);

	overlay_fini(&made);
	return harmless;
}

/* Of what is called later only what nothing has to be known of behind it. */
static bool is_plain_definition(const struct sql_facts *facts, bool runs_now)
{
	static const char *const tags[] = {
		"CreateEnumStmt", "AlterEnumStmt", "CreateStmt",
		"AlterTableStmt", "IndexStmt", "CreateSeqStmt",
		"CreateSchemaStmt", "CreateDomainStmt", "CreateStatsStmt",
		"CreateTrigStmt",
	};
	unsigned count = runs_now ? sizeof(tags) / sizeof(*tags) : 1;

	if (facts->statement_count != 1)
		return false;
	for (unsigned i = 0; i < count; i++)
		if (strcmp(facts->statements[0].tag, tags[i]) == 0)
			return true;
	return false;
}

bool guard_proves_definition(struct judging *outer, struct slice text)
{
	struct guard_overlay made = { .by_name = NULL };
	struct sql_facts facts;
	bool harmless = read_inside(outer, text, &facts) &&
			is_plain_definition(&facts, outer->runs_now) &&
			is_harmless_inside(outer, text, &facts, 0, &made);

	if (harmless && outer->runs_now && outer->state->overlay)
		overlay_add_all(outer->state->overlay, &made);
	overlay_fini(&made);
	return harmless;
}

static bool proves(struct judging *judging, const char *language,
		   const char *body, int depth)
{
	if (!language || !body)
		return false;
	if (strcasecmp(language, "sql") == 0)
		return is_harmless_sql(judging, body, depth);
	if (strcasecmp(language, "plpgsql") == 0)
		return code_is_harmless(judging, body);
	return false;
}

bool guard_proves(struct guard *guard, const struct guard_catalog *catalog,
		  const char *language, const char *body, bool operands)
{
	const struct guard_state state = {
		.standard_conforming_strings = true,
		.client_encoding_safe = true,
		.keeps_catalog = catalog,
		.catalog = catalog,
		.looked_up = true,
	};

	struct judging judging = { .guard = guard, .state = &state,
				   .alone = true, .operands = operands };

	arena_reset(&guard->code);
	return proves(&judging, language, body, 0);
}

static bool check_codes(struct judging *judging, int depth)
{
	const struct sql_facts *facts = judging->facts;

	if (judging->state->catalog &&
	    catalog_is_closed(judging->state->catalog))
		return true;
	/* without a catalog it is shown for the guarded names only */
	if (facts->code_count && !judging->state->catalog)
		judging->unknown = true;
	for (int i = 0; i < facts->code_count; i++) {
		const struct code_deed *code = &facts->codes[i];

		judging->runs_now = depth == 0 &&
				    strcmp(code->command, "DO") == 0;
		if (proves(judging, code->language, code->body, depth)) {
			note_code(judging, code->body);
			continue;
		}
		guard_refuse_command(code->command,
				     "this code cannot be shown to leave them alone",
				     code->statement, facts->statement_count,
				     judging->error);
		guard_note_refusal(judging->guard, code->command,
				   "unproven code");
		return false;
	}
	return true;
}

static bool check_facts(struct judging *judging, int depth)
{
	const struct sql_facts *facts = judging->facts;

	if (!check_deeds(judging))
		return false;
	if (facts->unlisted) {
		guard_refuse_command("statement of an unknown kind",
				     "what it does is not known", 0,
				     facts->statement_count, judging->error);
		guard_note_refusal(judging->guard, "", "unknown statement");
		return false;
	}
	if (facts->forbidden) {
		guard_refuse_command(facts->forbidden, "this can get round it",
				     facts->forbidden_statement,
				     facts->statement_count, judging->error);
		guard_note_refusal(judging->guard, facts->forbidden,
				   "forbidden command");
		return false;
	}
	return check_calls(judging) && check_codes(judging, depth);
}

/* The catalog could not be had: what it would have to be asked is refused. */
static enum verdict refuse_blind(struct guard *guard, struct error *error)
{
	error_set(error, SQLSTATE_CANNOT_CONNECT_NOW,
		  "the catalog cannot be read, which tells what this statement "
		  "would do to insert-only tables");
	error_hint(error, "weir's log says why: it needs one connection beside "
		   "the pool, and the rights that PUBLIC has on pg_catalog. Try "
		   "again later.");
	guard_note_refusal(guard, "", "catalog unknown");
	audit_refusal_sign(error);
	guard->counters.refused++;
	return VERDICT_REFUSE;
}

/* --- EXECUTE ------------------------------------------------------------- */

/* So many bytes, and so deep, may still be read again. */
struct allowance {
	size_t bytes;
	int depth;
};

static bool check_executed(struct judging *, struct allowance *);

static bool check_prepared(struct judging *outer, struct slice text,
			   struct allowance *left)
{
	struct sql_facts facts;
	struct guard_state unbound = *outer->state;
	struct judging judging = { .guard = outer->guard, .facts = &facts,
				   .state = &unbound,
				   .alone = outer->alone,
				   .text = text, .executed = true,
				   .moved = -1, .error = outer->error };
	bool allowed;

	unbound.values = NULL;
	allowed = read_facts(outer->guard, text, &unbound,
			     &outer->guard->code, &facts, outer->error) &&
		  check_facts(&judging, CODE_DEPTH_MAX) &&
		  check_executed(&judging, left) &&
		  check_values(&judging, text);
	outer->unknown |= judging.unknown;
	outer->unsure |= judging.unsure;
	return allowed;
}

static bool refuse_many(struct judging *judging,
			const struct session_deed *deed)
{
	guard_refuse_command("EXECUTE", "too much would have to be read again "
			     "for it", deed->statement,
			     judging->facts->statement_count, judging->error);
	guard_note_refusal(judging->guard, "EXECUTE", "too much prepared");
	return false;
}

/* The server looks names up again if they have come to mean something else
 * since the PREPARE. What a Parse message prepared may be an EXECUTE itself. */
static bool check_executed(struct judging *judging, struct allowance *left)
{
	const struct guard_state *state = judging->state;
	const char *last = "";

	if (!state->prepared || !state->keeps_catalog)
		return true;
	for (int i = 0; i < judging->facts->session_deed_count; i++) {
		const struct session_deed *deed =
			&judging->facts->session_deeds[i];
		struct slice text;

		if (deed->kind != SESSION_EXECUTE || !deed->name ||
		    strcmp(deed->name, last) == 0)
			continue;
		last = deed->name;
		text = state->prepared(state->context, deed->name);
		if (!text.length)
			continue;
		if (text.length > left->bytes || !left->depth)
			return refuse_many(judging, deed);
		left->bytes -= text.length;
		left->depth--;
		if (!check_prepared(judging, text, left))
			return false;
		left->depth++;
	}
	return true;
}

enum verdict guard_judge_facts(struct guard *guard,
			       const struct sql_facts *facts,
			       const struct guard_state *state,
			       struct error *error)
{
	struct guard_state whole = *state;
	struct judging judging = { .guard = guard, .facts = facts,
				   .state = &whole,
				   .moved = first_path_move(facts),
				   .alone = guard_is_settled(guard),
				   .text = guard->text,
				   .error = error };
	struct allowance left = { SQL_TEXT_BYTES_MAX, EXECUTE_DEPTH_MAX };

	arena_reset(&guard->code);
	guard->steps = 0;
	if (!whole.overlay) {
		overlay_fini(&guard->made);
		whole.overlay = &guard->made;
	}
	if (!check_facts(&judging, 0) || !check_executed(&judging, &left) ||
	    !check_values(&judging, guard->text)) {
		if (guard->must_read)
			return VERDICT_READ;
		audit_refusal_sign(error);
		guard->counters.refused++;
		return VERDICT_REFUSE;
	}
	if (!state->keeps_catalog || !(judging.unknown || judging.unsure))
		return VERDICT_ALLOW;
	if (!state->looked_up)
		return VERDICT_LOOKUP;
	return state->catalog || !judging.unknown ? VERDICT_ALLOW :
						    refuse_blind(guard, error);
}

/* --- the lexer's state --------------------------------------------------------------- */

static bool is_ascii(struct slice text)
{
	uint8_t all = 0;

	for (size_t i = 0; i < text.length; i++)
		all |= text.at[i];
	return all < 0x80;
}

static bool check_lexer(struct guard *guard, struct slice text,
			const struct guard_state *state,
			struct error *error)
{
	const char *setting = NULL;

	if (!state->standard_conforming_strings && text.length &&
	    memchr(text.at, '\\', text.length))
		setting = "standard_conforming_strings is not on";
	else if (!state->client_encoding_safe && !is_ascii(text))
		setting = "client_encoding is not one that can be read safely";
	if (!setting)
		return true;
	error_set(error, SQLSTATE_INSUFFICIENT_PRIVILEGE,
		  "permission denied: the statement cannot be read reliably");
	error_detail(error, "weir: tables are configured insert-only, and %s.",
		     setting);
	error_hint(error, "SET standard_conforming_strings = on and "
		   "client_encoding = 'UTF8', or send values as parameters.");
	guard_note_refusal(guard, "", setting);
	return false;
}

static bool has_ddl(const struct sql_facts *facts)
{
	for (int i = 0; i < facts->statement_count; i++)
		if (facts->statements[i].is_ddl)
			return true;
	return facts->code_count > 0;
}

static enum verdict judge_text(struct guard *guard, struct slice text,
			       const struct guard_state *state,
			       struct error *error)
{
	struct sql_facts facts;

	arena_reset(&guard->arena);
	if (read_facts(guard, text, state, &guard->arena, &facts, error)) {
		enum verdict verdict;

		guard->moves_path = has_unseen_move(&facts);
		guard->spares_session = !sql_facts_touch_session(&facts);
		guard->made_ddl = has_ddl(&facts);
		guard->text = text;
		verdict = guard_judge_facts(guard, &facts, state, error);
		guard->text = slice_make(NULL, 0);
		return verdict;
	}
	if (guard->must_read)
		return VERDICT_READ;
	audit_refusal_sign(error);
	guard->counters.unread++;
	return VERDICT_UNREAD;
}

enum verdict guard_judge(struct guard *guard, struct slice text,
			 const struct guard_state *state, struct error *error)
{
	enum verdict verdict;
	struct verdict_key key;
	bool settled;

	guard->counters.judged++;
	guard->moves_path = false;
	guard->spares_session = false;
	guard->made_ddl = false;
	guard->relied = false;
	guard->must_read = false;
	guard->sanction_count = 0;
	if (!check_lexer(guard, text, state, error)) {
		audit_refusal_sign(error);
		guard->counters.refused++;
		return VERDICT_REFUSE;
	}
	key = verdict_key(&guard->cache, text, state);
	settled = guard_is_settled(guard) &&
		  !overlay_is_telling(state->overlay) &&
		  (state->catalog || !state->keeps_catalog);
	if (settled && verdict_cache_has(&guard->cache, key,
					 &guard->spares_session)) {
		guard->counters.remembered++;
		return VERDICT_ALLOW;
	}
	verdict = judge_text(guard, text, state, error);
	guard_forget_tree(guard);
	/* The cache does not keep that a text moves the path or makes things,
	 * nor what a transaction had made before it. */
	if (verdict == VERDICT_ALLOW && !guard->moves_path &&
	    !guard->made_ddl && !guard->relied && !guard->sanction_count &&
	    settled)
		verdict_cache_add(&guard->cache, key, guard->spares_session);
	return verdict;
}
