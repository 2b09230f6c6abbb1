/*
 * Whether a text may move the search path, for itself or for those behind it.
 */
#include "proxy/guard_parts.h"

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

bool path_moves_unseen(const struct sql_facts *facts)
{
	for (int i = 0; i < facts->session_deed_count; i++)
		if (moves_unseen(&facts->session_deeds[i]))
			return true;
	return false;
}

bool path_moves(const struct sql_facts *facts)
{
	for (int i = 0; i < facts->session_deed_count; i++)
		if (may_move_path(&facts->session_deeds[i]))
			return true;
	return false;
}

/* The end of a transaction takes SET LOCAL back. */
int path_first_move(const struct sql_facts *facts)
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
