/*
 * What an EXECUTE runs: the text that was prepared, by what its names mean now.
 */
#include "proxy/guard_parts.h"

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
	allowed = guard_read_facts(outer->guard, text, &unbound,
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

bool check_executed(struct judging *judging, struct allowance *left)
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
