/* Any text: its facts are consistent, the quick scan never overlooks what the
 * facts find, and the guard allows only what it could read and what leaves
 * its table alone. */
#include <stdint.h>
#include <stdlib.h>

#include "protocol/sql_facts.h"
#include "proxy/guard.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_facts(const struct sql_facts *facts)
{
	int deeds = 0;

	if (facts->unlisted)
		abort();
	for (int i = 0; i < facts->statement_count; i++) {
		const struct statement_facts *statement =
			&facts->statements[i];

		if (!statement->tag || statement->first_deed != deeds)
			abort();
		deeds += statement->deed_count;
	}
	if (deeds != facts->deed_count)
		abort();
	for (int i = 0; i < facts->deed_count; i++)
		if (!facts->deeds[i].relation && !facts->deeds[i].schema)
			abort();
}

/* The plainest of attacks, which nothing around it may excuse. */
static bool changes_guarded(const struct sql_facts *facts)
{
	for (int i = 0; i < facts->deed_count; i++) {
		const struct relation_deed *deed = &facts->deeds[i];

		if ((deed->deed == DEED_UPDATE || deed->deed == DEED_DELETE ||
		     deed->deed == DEED_TRUNCATE || deed->deed == DEED_DROP) &&
		    deed->relation && strcmp(deed->relation, "t") == 0)
			return true;
	}
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "t" };
	static const struct guard_state state = {
		.search_path = NULL, .standard_conforming_strings = true,
		.client_encoding_safe = true,
	};
	static struct guard *guard;
	struct slice text = slice_make(data, size);
	struct arena arena = { 0 };
	struct sql_facts facts;
	struct error error = { .sqlstate = "" };
	enum verdict verdict;

	if (size > 4096)
		return 0;
	if (!guard)
		guard = guard_new(names, 1, false, &error);
	verdict = guard_judge(guard, text, &state, &error);
	if (verdict != VERDICT_ALLOW && !error.sqlstate[0])
		abort();
	if (!sql_facts_read(text, &arena, &facts, &error)) {
		if (verdict == VERDICT_ALLOW || !error.sqlstate[0])
			abort();
	} else {
		check_facts(&facts);
		if (facts.session_deed_count && !sql_may_touch_session(text))
			abort();
		if (changes_guarded(&facts) && verdict == VERDICT_ALLOW)
			abort();
	}
	arena_fini(&arena);
	return 0;
}
