#include "protocol/sql_nodes.h"

#include "protocol/search_path.h"
#include "protocol/sql_tree.h"

#define NAME_BYTES_MAX 63

static const char *skip_spaces(const char *at)
{
	return at + strspn(at, " \t\n\r\f\v");
}

/* --- a value (SplitIdentifierString in the server's varlena.c) -------------- */

/* "A ""quoted"" name"; `at` is behind the quote. NULL: it does not end. */
static const char *read_quoted(const char *at, char *word)
{
	for (; *at; at++) {
		if (*at == '"' && *++at != '"')
			return at;
		*word++ = *at;
	}
	return NULL;
}

static const char *read_bare(const char *at, char *word)
{
	for (; *at && *at != ',' && !strchr(" \t\n\r\f\v", *at); at++)
		*word++ = *at >= 'A' && *at <= 'Z' ? (char)(*at + 32) : *at;
	return at;
}

/* Cut as the server cuts, but for a cut through the middle of a character:
 * such a name is none that is known here. */
static const char *read_name(const char *at, struct arena *arena,
			     const char **ret_name)
{
	char *word = arena_alloc(arena, strlen(at) + 1);
	const char *start = at;

	at = *at == '"' ? read_quoted(at + 1, word) : read_bare(at, word);
	if (!at || at == start)
		return NULL;
	if (strlen(word) > NAME_BYTES_MAX)
		word[NAME_BYTES_MAX] = 0;
	*ret_name = word;
	return skip_spaces(at);
}

static const char *of_user(const char *name, const char *user)
{
	return strcmp(name, "$user") == 0 ? user : name;
}

const char *const *search_path_split(const char *value, const char *user,
				     struct arena *arena)
{
	const char **path = arena_alloc(arena, (strlen(value) / 2 + 2) *
						       sizeof(*path));
	size_t count = 0;

	value = skip_spaces(value);
	while (*value) {
		value = read_name(value, arena, &path[count]);
		if (!value || (*value && *value != ','))
			return NULL;
		path[count] = of_user(path[count], user);
		count++;
		if (*value != ',')
			break;
		value = skip_spaces(value + 1);
		if (!*value)
			return NULL;
	}
	return path;
}

/* --- a statement ------------------------------------------------------------- */

static const char *text_of(const Node *node)
{
	const A_Const *constant = (const A_Const *)node;

	return node && IsA(node, A_Const) && !constant->isnull &&
			       IsA(&constant->val, String) ?
		       constant->val.sval.sval :
		       NULL;
}

/* Every word of the list is one name as it stands. */
static const char *const *of_set(const VariableSetStmt *set, const char *user,
				 struct arena *arena)
{
	size_t count = 0;
	const char **path = arena_alloc(
		arena, ((size_t)list_length(set->args) + 1) * sizeof(*path));
	ListCell *cell;

	if (set->kind != VAR_SET_VALUE || set->is_local ||
	    strcasecmp(set->name, "search_path") != 0)
		return NULL;
	foreach (cell, set->args) {
		const char *word = text_of(lfirst(cell));

		if (!word)
			return NULL;
		path[count++] = arena_text(arena, of_user(word, user));
	}
	return path;
}

static const FuncCall *only_call(const SelectStmt *select)
{
	const ResTarget *target;

	if (list_length(select->targetList) != 1 || select->fromClause ||
	    select->whereClause)
		return NULL;
	target = linitial(select->targetList);
	return target->val && IsA(target->val, FuncCall) ?
		       (const FuncCall *)target->val : NULL;
}

static const char *const *of_call(const SelectStmt *select, const char *user,
				  struct arena *arena)
{
	const FuncCall *call = only_call(select);
	const char *function, *name, *value;

	if (!call || list_length(call->args) != 3)
		return NULL;
	function = strVal(llast(call->funcname));
	name = text_of(linitial(call->args));
	value = text_of(lsecond(call->args));
	if (strcmp(function, "set_config") != 0 || !name || !value ||
	    strcasecmp(name, "search_path") != 0)
		return NULL;
	return search_path_split(value, user, arena);
}

const char *const *search_path_of_statement(struct slice sql, const char *user,
					    struct arena *arena)
{
	struct error ignored;
	struct sql_tree *tree = sql_tree_new(sql, &ignored);
	const char *const *path = NULL;
	const struct Node *node;

	if (!tree)
		return NULL;
	if (sql_tree_count(tree) == 1) {
		node = sql_tree_statement(tree, 0).node;
		if (IsA(node, VariableSetStmt))
			path = of_set((const VariableSetStmt *)node, user,
				      arena);
		else if (IsA(node, SelectStmt))
			path = of_call((const SelectStmt *)node, user, arena);
	}
	sql_tree_free(&tree);
	return path;
}
