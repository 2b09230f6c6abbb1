#include "protocol/sql_nodes.h"

#include "protocol/sql_tree.h"

#include <stdlib.h>

#include <pg_query.h>
#include <pg_query/pg_query_internal.h>

struct sql_tree {
	MemoryContext memory;
	List *statements;	/* of RawStmt */
	struct slice text;
	char *copy;		/* zero-ended, for the parser */
};

static bool is_space(uint8_t byte)
{
	return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static bool check_text(struct slice text, struct error *error)
{
	if (text.length > SQL_TEXT_BYTES_MAX) {
		error_set(error, SQLSTATE_LIMIT_EXCEEDED,
			  "statement is too long: %zu bytes", text.length);
		error_hint(error, "At most %zu bytes are read.",
			   SQL_TEXT_BYTES_MAX);
		return false;
	}
	if (text.length && memchr(text.at, 0, text.length))
		return error_set(error, "22021", "invalid byte sequence for "
				 "encoding \"UTF8\": 0x00");
	return true;
}

static void take_parser_error(const PgQueryError *from, struct error *error)
{
	/* Bison's own limit: right nesting of some thousand levels. */
	if (strstr(from->message, "memory exhausted"))
		error_set(error, SQLSTATE_TOO_COMPLEX,
			  "stack depth limit exceeded");
	else
		error_set(error, SQLSTATE_SYNTAX, "%s", from->message);
	error->position = from->cursorpos;
}

struct sql_tree *sql_tree_new(struct slice text, struct error *error)
{
	PgQueryInternalParsetreeAndError result;
	struct sql_tree *tree;

	if (!check_text(text, error))
		return NULL;
	tree = must_alloc(sizeof(*tree));
	tree->text = text;
	tree->copy = slice_dup(text);
	tree->memory = pg_query_enter_memory_context();
	result = pg_query_raw_parse(tree->copy);
	tree->statements = result.tree;
	free(result.stderr_buffer);
	if (result.error) {
		take_parser_error(result.error, error);
		pg_query_free_error(result.error);
		sql_tree_free(&tree);
	}
	return tree;
}

size_t sql_tree_count(const struct sql_tree *tree)
{
	return (size_t)list_length(tree->statements);
}

struct sql_statement sql_tree_statement(const struct sql_tree *tree,
					size_t index)
{
	RawStmt *raw = list_nth(tree->statements, (int)index);
	size_t start = (size_t)raw->stmt_location;
	size_t length = raw->stmt_len ? (size_t)raw->stmt_len :
					tree->text.length - start;
	struct sql_statement statement = { .node = raw->stmt };

	while (length && is_space(tree->text.at[start])) {
		start++;
		length--;
	}
	statement.text = slice_make(tree->text.at + start, length);
	statement.offset = start;
	return statement;
}

void sql_tree_free(struct sql_tree **pointer)
{
	struct sql_tree *tree = *pointer;

	*pointer = NULL;
	if (!tree)
		return;
	pg_query_exit_memory_context(tree->memory);
	free(tree->copy);
	free(tree);
}
