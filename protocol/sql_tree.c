/*
 * libpg_query keeps one current memory context per thread. Each tree has a
 * context of its own, a child of the thread's top one, so that trees do not
 * depend on each other's life.
 *
 * The raw parser itself stands any text: it builds left-deep trees in a loop
 * and gives up ("memory exhausted") on right-deep ones. But nothing that
 * walks a tree afterwards would: so the depth is measured here, once, and
 * every walker above may recurse.
 */
#include "protocol/sql_nodes.h"

#include <stdlib.h>

#include <pg_query.h>
/* unprototyped declarations that are the library's business */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wstrict-prototypes"
#include <pg_query/pg_query_internal.h>
#pragma GCC diagnostic pop

#include "protocol/sql_tree.h"

/* The scanner computes character lengths of text that may be cut in the
 * middle of a character; it never looks further than this. */
#define PADDING_BYTES 8

struct sql_tree {
	MemoryContext context;
	List *statements;	/* of RawStmt */
	struct slice text;	/* the caller's */
	char copy[];		/* zero-ended, what the parser read */
};

/*
 * The library tells message and position but not the SQLSTATE. Nearly all
 * the parser says is 42601; these are the others (Postgres's scan.l, gram.y,
 * parser.c), by how the message starts or ends.
 */
static const struct parser_complaint {
	const char *start;
	const char *end;
	const char *sqlstate;
} complaints[] = {
	{ "memory exhausted", "", SQLSTATE_TOO_COMPLEX },
	{ "stack depth limit", "", SQLSTATE_TOO_COMPLEX },
	{ "out of memory", "", SQLSTATE_OUT_OF_MEMORY },
	{ "invalid memory alloc request", "", SQLSTATE_LIMIT_EXCEEDED },
	{ "invalid byte sequence for encoding", "", "22021" },
	{ "unsafe use of \\'", "", "22P06" },
	{ "unsafe use of string constant", "", SQLSTATE_FEATURE_NOT_SUPPORTED },
	{ "precision for type float", "", SQLSTATE_INVALID_PARAMETER },
	{ "frame ", "", "42P20" },
	{ "role name \"", " is reserved", "42939" },
	{ "", "not yet implemented", SQLSTATE_FEATURE_NOT_SUPPORTED },
	{ "", "is no longer supported", SQLSTATE_FEATURE_NOT_SUPPORTED },
	{ "", "cannot be marked DEFERRABLE", SQLSTATE_FEATURE_NOT_SUPPORTED },
	{ "", "cannot be marked NOT VALID", SQLSTATE_FEATURE_NOT_SUPPORTED },
	{ "", "cannot be marked NO INHERIT", SQLSTATE_FEATURE_NOT_SUPPORTED },
	{ "", "not supported on recursive views",
	  SQLSTATE_FEATURE_NOT_SUPPORTED },
	{ "current database cannot be changed", "",
	  SQLSTATE_FEATURE_NOT_SUPPORTED },
	{ "an ordered-set aggregate with a VARIADIC", "",
	  SQLSTATE_FEATURE_NOT_SUPPORTED },
};

static bool starts_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), tail = strlen(end);

	return length >= tail && strcmp(text + length - tail, end) == 0;
}

static const char *complaint_sqlstate(const PgQueryError *complaint)
{
	const char *message = complaint->message;

	/* The same words, but 42601 from parser.c. */
	if (strcmp(message, "invalid Unicode escape") == 0 &&
	    complaint->filename && ends_with(complaint->filename, "scan.l"))
		return "22025";
	for (size_t i = 0; i < lengthof(complaints); i++)
		if (starts_with(message, complaints[i].start) &&
		    ends_with(message, complaints[i].end))
			return complaints[i].sqlstate;
	return SQLSTATE_SYNTAX;
}

static bool fill_error(struct error *error, const PgQueryError *complaint)
{
	const char *sqlstate = complaint_sqlstate(complaint);

	if (strcmp(sqlstate, SQLSTATE_TOO_COMPLEX) == 0) {
		error_set(error, sqlstate, "stack depth limit exceeded");
		error_hint(error, "The statement nests too deeply.");
		return false;
	}
	error_set(error, sqlstate, "%s", complaint->message);
	error->position = complaint->cursorpos > 0 ? complaint->cursorpos : 0;
	return false;
}

static bool check_text(struct slice text, struct error *error)
{
	if (text.length > SQL_TEXT_BYTES_MAX) {
		error_set(error, SQLSTATE_LIMIT_EXCEEDED,
			  "statement text is too long");
		error_detail(error, "It has %zu bytes; the limit is %zu.",
			     text.length, SQL_TEXT_BYTES_MAX);
		error_hint(error, "Send values as parameters, or use COPY.");
		return false;
	}
	if (text.length && memchr(text.at, 0, text.length))
		return error_set(error, "22021", "invalid byte sequence for "
				 "encoding \"UTF8\": 0x00");
	return true;
}

static bool parse(struct sql_tree *tree, struct error *error)
{
	PgQueryInternalParsetreeAndError result =
		pg_query_raw_parse(tree->copy);
	bool sound = !result.error;

	if (result.error) {
		fill_error(error, result.error);
		pg_query_free_error(result.error);
	}
	free(result.stderr_buffer);
	tree->statements = sound ? result.tree : NULL;
	return sound;
}

static bool visit_anything(struct Node *node, int depth, void *context)
{
	return true;
}

/* A level takes a byte of text at least and is a few nodes deep: a short text
 * cannot be too deep. */
static bool measure(struct sql_tree *tree, struct error *error)
{
	return tree->text.length < SQL_DEPTH_MAX / 4 ||
	       sql_walk((struct Node *)tree->statements, visit_anything, NULL,
			error);
}

struct sql_tree *sql_tree_new(struct slice text, struct error *error)
{
	struct sql_tree *tree;

	if (!check_text(text, error))
		return NULL;
	tree = must_realloc(NULL,
			    sizeof(*tree) + text.length + PADDING_BYTES);
	tree->text = text;
	tree->statements = NULL;
	if (text.length)
		memcpy(tree->copy, text.at, text.length);
	memset(tree->copy + text.length, 0, PADDING_BYTES);
	tree->context = pg_query_enter_memory_context();
	if (!parse(tree, error) || !measure(tree, error))
		sql_tree_free(&tree);
	return tree;
}

size_t sql_tree_count(const struct sql_tree *tree)
{
	return (size_t)list_length(tree->statements);
}

static bool is_space(uint8_t byte)
{
	/* as Postgres's scanner: [ \t\n\r\f] */
	return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r' ||
	       byte == '\f';
}

struct sql_statement sql_tree_statement(const struct sql_tree *tree,
					size_t index)
{
	const RawStmt *raw = list_nth(tree->statements, (int)index);
	size_t start = raw->stmt_location > 0 ? (size_t)raw->stmt_location : 0;
	size_t end = raw->stmt_len > 0 ? start + (size_t)raw->stmt_len :
					 tree->text.length;
	const uint8_t *at = tree->text.at;

	while (start < end && is_space(at[start]))
		start++;
	while (end > start && is_space(at[end - 1]))
		end--;
	return (struct sql_statement){
		.node = raw->stmt,
		.text = slice_make(at + start, end - start),
		.offset = start,
	};
}

int sql_position(struct slice text, int location)
{
	int position = 1;

	if (location < 0)
		return 0;
	for (size_t i = 0; i < text.length && i < (size_t)location; i++)
		if ((text.at[i] & 0xC0) != 0x80)
			position++;
	return position;
}

void sql_tree_free(struct sql_tree **tree)
{
	if (!*tree)
		return;
	pg_query_exit_memory_context((*tree)->context);
	free(*tree);
	*tree = NULL;
}
