/*
 * The code that a text brings: the body of a function, of a DO. SQL is judged
 * as texts are; PL/pgSQL by its words (guard_code.c).
 */
#include "proxy/guard_parts.h"

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
	harmless = depth < CODE_DEPTH_MAX && !path_moves(facts) &&
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

	return guard_read_facts(outer->guard, text, outer->state,
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

bool check_codes(struct judging *judging, int depth)
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
