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
 */
#include "proxy/guard.h"

#include <stdlib.h>

#include "protocol/audit_refusal.h"
#include "proxy/guard_parts.h"

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

/* --- reading ----------------------------------------------------------------- */

/* False without an error that counts: it is being read. */
static bool read_long(struct guard *guard, struct slice text,
		      const struct guard_state *state,
		      struct sql_facts *facts, struct error *error)
{
	const struct sql_reading *reading = state->read(state->context, text,
						       false);

	guard->must_read |= !reading;
	if (!reading)
		return false;
	*facts = reading->facts;
	if (!reading->good)
		*error = reading->error;
	return reading->good;
}

bool guard_read_facts(struct guard *guard, struct slice text,
		      const struct guard_state *state, struct arena *arena,
		      struct sql_facts *facts, struct error *error)
{
	if (state->read && sql_is_long(text))
		return read_long(guard, text, state, facts, error);
	return sql_facts_read(text, arena, facts, error);
}

/* --- facts ------------------------------------------------------------------- */

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

enum verdict guard_judge_facts(struct guard *guard,
			       const struct sql_facts *facts,
			       const struct guard_state *state,
			       struct error *error)
{
	struct guard_state whole = *state;
	struct judging judging = { .guard = guard, .facts = facts,
				   .state = &whole,
				   .moved = path_first_move(facts),
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

/* --- the lexer's state ------------------------------------------------------- */

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
	if (guard_read_facts(guard, text, state, &guard->arena, &facts, error)) {
		enum verdict verdict;

		guard->moves_path = path_moves_unseen(&facts);
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
