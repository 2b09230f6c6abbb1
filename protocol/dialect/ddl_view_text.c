/*
 * The text of a view that is kept: the query alone, and settled (settle.h).
 */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/ddl_state.h"

#include <ctype.h>
#include <strings.h>

#include "protocol/dialect/settle.h"

/* --- the query in a CREATE statement --------------------------------------- */

/* Past a quoted thing, a comment or one byte. */
static size_t skip_one(struct slice text, size_t at)
{
	const uint8_t *c = text.at;
	uint8_t quote = c[at];

	if (quote == '"' || quote == '\'') {
		for (at++; at < text.length && c[at] != quote; at++)
			;
		return at + 1;
	}
	if (quote == '-' && at + 1 < text.length && c[at + 1] == '-') {
		while (at < text.length && c[at] != '\n')
			at++;
		return at;
	}
	if (quote == '/' && at + 1 < text.length && c[at + 1] == '*') {
		for (at += 2; at + 1 < text.length; at++)
			if (c[at] == '*' && c[at + 1] == '/')
				return at + 2;
		return text.length;
	}
	return at + 1;
}

static bool is_word(uint8_t c)
{
	return isalnum(c) || c == '_' || c >= 0x80;
}

/* The query of "CREATE ... VIEW name (columns) WITH (options) AS query": what
 * follows the first AS that stands alone, outside of all parentheses. */
static struct slice query_text(struct slice text)
{
	size_t at = 0;
	int depth = 0;

	while (at < text.length) {
		const char *here = (const char *)text.at + at;
		bool starts = at == 0 || !is_word(text.at[at - 1]);

		if (depth == 0 && starts && text.length - at > 2 &&
		    strncasecmp(here, "as", 2) == 0 && !is_word(text.at[at + 2]))
			return slice_make(here + 2, text.length - at - 2);
		depth += text.at[at] == '(';
		depth -= text.at[at] == ')';
		at = skip_one(text, at);
	}
	return slice_make("", 0);
}

const char *ddl_trimmed(struct ddl *ddl, struct slice text)
{
	while (text.length && isspace(text.at[0])) {
		text.at++;
		text.length--;
	}
	while (text.length && (isspace(text.at[text.length - 1]) ||
			       text.at[text.length - 1] == ';'))
		text.length--;
	return arena_dup(ddl->arena, text);
}

const char *ddl_view_text(struct ddl *ddl, struct slice text)
{
	return ddl_trimmed(ddl, query_text(text));
}

/* --- what is kept ------------------------------------------------------------ */

bool ddl_compile_view(struct ddl *ddl, const char *text,
		      struct compiled_query *ret_query)
{
	struct sql_tree *tree = sql_tree_new(slice_text(text), ddl->error);
	struct slice before = ddl->state->text;
	bool done = false;

	if (!tree)
		return false;
	ddl->state->text = slice_text(text);
	if (sql_tree_count(tree) == 1 &&
	    IsA(sql_tree_statement(tree, 0).node, SelectStmt))
		done = compile_query(ddl->state,
				     sql_tree_statement(tree, 0).node,
				     ret_query);
	else
		ddl_unsupported(ddl, "a view of this query is");
	ddl->state->text = before;
	sql_tree_free(&tree);
	return done;
}

/* Columns of the same name that a star stood for cannot be told apart by
 * name: then the settled text fails. */
const char *ddl_settle_view(struct ddl *ddl, const char *text)
{
	struct text_edits edits = { 0 };
	struct compiled_query query;
	bool done;

	ddl->state->edits = &edits;
	done = ddl_compile_view(ddl, text, &query);
	ddl->state->edits = NULL;
	if (!done)
		return NULL;
	text = settle_text(ddl->arena, text, &edits);
	if (ddl_compile_view(ddl, text, &query))
		return text;
	ddl_unsupported(ddl, "a view of a * with columns of the same name is");
	return NULL;
}
