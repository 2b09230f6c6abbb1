/*
 * How the row of a trigger changes.
 *
 * To a trigger function of PL/pgSQL the row is a variable, NEW, and so is the
 * one before the change, OLD. What goes on is what it returns: one of the two,
 * or a copy that was made of one of them. A column of these changes where the
 * variable, or one field of it, is the target of something: an assignment,
 * INTO, a loop, a CALL. All of these spell its name, and none stands where a
 * value is read, behind an operator or a parenthesis, say. So whatever is not
 * surely read counts as assigned; and an alias, another variable of the same
 * name, a record that is assigned from elsewhere are refused with all else that
 * is not known.
 *
 * Which word stands before which depends on where strings and comments end.
 * Where Postgres's settings or its version decide that, nothing is told.
 */
#include "proxy/code_assign.h"

#include <stdlib.h>
#include <string.h>

#include "proxy/code_scan.h"

#define WORD_BYTES_MAX 64	/* identifiers are cut to 63 bytes */
#define ROWS_MAX 8
#define BODY_BYTES_MAX 65536	/* it is read on the loop */
#define COUNT(array) (sizeof(array) / sizeof(*(array)))

enum token_kind {
	TOKEN_END,
	TOKEN_WORD,
	TOKEN_QUOTED,		/* a name in quotes */
	TOKEN_MARK,		/* one byte */
	TOKEN_VALUE,		/* a number or string */
	TOKEN_DOUBTFUL,		/* it cannot be told where it ends */
};

struct token {
	enum token_kind kind;
	const char *start, *end;
	char text[WORD_BYTES_MAX];	/* of a name; a mark's byte; or "" */
};

/* The variables that hold the row: NEW, OLD, and what is returned besides. */
struct rows {
	char names[ROWS_MAX][WORD_BYTES_MAX];
	unsigned count;
};

/* NEW, NEW.column, label.NEW: names with points between them. */
struct reference {
	struct token first, second;	/* `second` is empty if it has one */
	bool has_inner_row;		/* a further name is that of a row */
	struct token before, behind;	/* it */
	bool listed;			/* one of the targets of INTO or FOR */
};

struct scan {
	const char *body;
	struct rows rows;
	struct token last;	/* that was read */
	bool listing;		/* `last` goes on with a list of targets */
	struct arena *arena;
	const char *assigned[CODE_ASSIGNED_MAX + 1];	/* NULL-ended */
	unsigned count;
};

static int compare(const void *word, const void *item)
{
	return strcmp(word, *(const char *const *)item);
}

static bool is_among(const char *word, const char *const *words, size_t count)
{
	return bsearch(word, words, count, sizeof(*words), compare);
}

/* --- tokens ------------------------------------------------------------------ */

static bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

/* Digits that nothing adheres to. */
static bool is_plain_number(const struct token *token)
{
	for (const char *at = token->start; at < token->end; at++)
		if (!is_digit(*at))
			return false;
	return *token->end != '\'' && *token->end != '"';
}

/* In any state of standard_conforming_strings it ends where it seems to. */
static bool is_plain_string(const struct token *token)
{
	for (const char *at = token->start; at + 1 < token->end; at++)
		if (at[0] == '\\' && at[1] == '\'')
			return false;
	return true;
}

static bool read_text(struct token *token, const char *start, const char *end,
		      bool folds)
{
	size_t length = (size_t)(end - start);

	if (length >= WORD_BYTES_MAX - 1)
		return false;
	for (size_t i = 0; i < length; i++) {
		char byte = start[i];

		if (folds && byte >= 'A' && byte <= 'Z')
			byte += 'a' - 'A';
		token->text[i] = byte;
	}
	token->text[length] = 0;
	return true;
}

/* A quote inside of it is two. */
static bool read_quoted(struct token *token)
{
	return token->end - token->start > 2 && token->end[-1] == '"' &&
	       *token->end != '"' &&
	       read_text(token, token->start + 1, token->end - 1, false);
}

/* U&"..." is a name, too. */
static bool read_word(struct token *token)
{
	const char *end = token->end;

	return !(end[0] == '&' && (end[1] == '"' || end[1] == '\'')) &&
	       read_text(token, token->start, end, true);
}

static enum token_kind read_kind(struct token *token)
{
	const char *start = token->start;

	if (!*start)
		return TOKEN_END;
	if (*start == '"')
		return read_quoted(token) ? TOKEN_QUOTED : TOKEN_DOUBTFUL;
	if (is_digit(*start))
		return is_plain_number(token) ? TOKEN_VALUE : TOKEN_DOUBTFUL;
	if (*start == '\'' || (*start != '$' && token->end[-1] == '\''))
		return is_plain_string(token) ? TOKEN_VALUE : TOKEN_DOUBTFUL;
	/* a trigger function has no parameters */
	if (*start == '$')
		return token->end - start > 1 ? TOKEN_VALUE : TOKEN_DOUBTFUL;
	if (code_is_word_byte(*start))
		return read_word(token) ? TOKEN_WORD : TOKEN_DOUBTFUL;
	token->text[0] = *start;
	token->text[1] = 0;
	return TOKEN_MARK;
}

static struct token next_token(const char *at)
{
	struct token token = { .text = "" };

	token.start = code_skip_space(at);
	token.end = *token.start ? code_skip_token(token.start) : token.start;
	token.kind = read_kind(&token);
	return token;
}

static bool is_word(const struct token *token, const char *word)
{
	return token->kind == TOKEN_WORD && strcmp(token->text, word) == 0;
}

static bool is_mark(const struct token *token, char mark)
{
	return token->kind == TOKEN_MARK && token->text[0] == mark;
}

static bool is_name(const struct token *token)
{
	return token->kind == TOKEN_WORD || token->kind == TOKEN_QUOTED;
}

/* --- references -------------------------------------------------------------- */

static bool is_row(const struct scan *scan, const struct token *token)
{
	for (unsigned i = 0; i < scan->rows.count && is_name(token); i++)
		if (strcasecmp(token->text, scan->rows.names[i]) == 0)
			return true;
	return false;
}

/* Of SELECT ... INTO a, b, of FOR a, b IN, of ALIAS FOR. */
static bool begins_list(const struct token *token)
{
	return is_word(token, "into") || is_word(token, "strict") ||
	       is_word(token, "for") || is_word(token, "foreach");
}

/* The name behind the point that follows; false: none does. */
static bool take_name(struct scan *scan, struct token *ret_behind)
{
	struct token name;

	*ret_behind = next_token(scan->last.end);
	if (!is_mark(ret_behind, '.'))
		return false;
	name = next_token(ret_behind->end);
	if (!is_name(&name))
		return false;
	scan->last = name;
	return true;
}

/* The last token is its first name. */
static struct reference read_reference(struct scan *scan,
				       const struct token *before)
{
	struct reference reference = {
		.first = scan->last,
		.before = *before,
		.listed = begins_list(before) ||
			  (scan->listing && is_mark(before, ',')),
	};

	while (take_name(scan, &reference.behind)) {
		if (!reference.second.start)
			reference.second = scan->last;
		reference.has_inner_row |= is_row(scan, &scan->last);
	}
	return reference;
}

/* PL/pgSQL does not take its own reserved words for names, unless they are in
 * quotes: INTO NEW.from is INTO NEW. Sorted. */
static bool is_reserved(const struct token *name)
{
	static const char *const words[] = {
		"all", "begin", "by", "case", "declare", "else", "end",
		"execute", "for", "foreach", "from", "if", "in", "into",
		"loop", "not", "null", "or", "strict", "then", "to", "using",
		"when", "while",
	};

	return name->kind == TOKEN_WORD &&
	       is_among(name->text, words, COUNT(words));
}

/* --- what is read only --------------------------------------------------------- */

/* Words that an expression follows, and no target. Sorted. */
static const char *const reading[] = {
	"and", "array", "between", "by", "case", "distinct", "elseif", "elsif", "from",
	"having", "if", "ilike", "in", "like", "limit", "not", "offset", "on",
	"or", "perform", "returning", "select", "using", "when", "where",
	"while",
};

/* A label ends with two of these; a statement follows. */
static bool is_label_end(const struct scan *scan, const struct token *token)
{
	return is_mark(token, '>') && token->start > scan->body &&
	       token->start[-1] == '>';
}

/* CASE WHEN ... THEN NEW.a ELSE NEW.b END, and not IF ... THEN NEW.a = ... */
static bool is_branch(const struct reference *reference)
{
	const struct token *behind = &reference->behind;

	return (is_word(&reference->before, "then") ||
		is_word(&reference->before, "else")) &&
	       !is_mark(behind, ':') && !is_mark(behind, '=') &&
	       !is_mark(behind, '[') && !is_mark(behind, '.');
}

static bool is_read(const struct scan *scan, const struct reference *reference)
{
	const struct token *before = &reference->before;

	if (reference->listed || is_label_end(scan, before))
		return false;
	if (before->kind == TOKEN_MARK)
		return strchr("(,[=<>+-*/%|&~!^@#?:", before->text[0]);
	if (before->kind != TOKEN_WORD)
		return false;
	return is_among(before->text, reading, COUNT(reading)) ||
	       is_branch(reference);
}

/* --- statements --------------------------------------------------------------- */

static const struct token *take(struct scan *scan)
{
	scan->last = next_token(scan->last.end);
	return &scan->last;
}

static bool take_mark(struct scan *scan, char mark)
{
	return is_mark(take(scan), mark);
}

static bool take_row(struct scan *scan)
{
	return take(scan)->kind == TOKEN_WORD && is_row(scan, &scan->last);
}

/* RETURN NEW, RETURN NULL, RETURN COALESCE(NEW, OLD) */
static bool read_return(struct scan *scan)
{
	const struct token *value = take(scan);

	if (is_word(value, "coalesce"))
		return take_mark(scan, '(') && take_row(scan) &&
		       take_mark(scan, ',') && take_row(scan) &&
		       take_mark(scan, ')') && take_mark(scan, ';');
	return (is_word(value, "null") ||
		(value->kind == TOKEN_WORD && is_row(scan, value))) &&
	       take_mark(scan, ';');
}

/* Behind what is assigned: := NEW or = NEW */
static bool read_copy(struct scan *scan)
{
	if (is_mark(take(scan), ':'))
		take(scan);
	return is_mark(&scan->last, '=') && take_row(scan) &&
	       take_mark(scan, ';');
}

/* A copy is a record: as long as nothing was assigned to that, it has no
 * columns that could be. Of another type it would come back with nulls. */
static bool read_declaration(struct scan *scan)
{
	struct token behind;

	take(scan);
	behind = next_token(scan->last.end);
	return is_mark(&behind, ';') || read_copy(scan);
}

/* Two more kinds of statements with targets, which stand where values do. */
static bool has_odd_targets(const struct token *word)
{
	return is_word(word, "call") || is_word(word, "diagnostics");
}

/* Beyond ASCII the database's locale decides what small letters are. */
static bool is_told(const struct token *column)
{
	if (column->kind == TOKEN_WORD)
		for (const char *at = column->text; *at; at++)
			if (*at & 0x80)
				return false;
	return !is_reserved(column);
}

static bool is_listed(const char *const *columns, const char *column)
{
	for (; *columns; columns++)
		if (strcmp(*columns, column) == 0)
			return true;
	return false;
}

static bool note_assigned(struct scan *scan, const char *column)
{
	if (is_listed(scan->assigned, column))
		return true;
	if (scan->count == CODE_ASSIGNED_MAX)
		return false;
	scan->assigned[scan->count++] = arena_text(scan->arena, column);
	return true;
}

static bool read_whole(struct scan *scan, const struct reference *reference)
{
	const struct token *before = &reference->before;
	const struct token *behind = &reference->behind;

	if (reference->listed)
		return false;
	if (is_mark(behind, ':') || is_mark(behind, '='))
		return read_copy(scan);
	return (is_word(before, "declare") || is_mark(before, ';')) &&
	       is_word(behind, "record") && read_declaration(scan);
}

static bool read_row(struct scan *scan, const struct reference *reference)
{
	if (reference->first.kind == TOKEN_QUOTED ||
	    is_mark(&reference->before, '.'))
		return false;
	if (is_read(scan, reference))
		return true;
	if (!reference->second.start)
		return read_whole(scan, reference);
	return is_told(&reference->second) &&
	       note_assigned(scan, reference->second.text);
}

static bool read_names(struct scan *scan, const struct token *before)
{
	struct reference reference = read_reference(scan, before);

	scan->listing = reference.listed;
	if (has_odd_targets(&reference.first) || reference.has_inner_row)
		return false;
	if (is_row(scan, &reference.first))
		return read_row(scan, &reference);
	if (is_word(&reference.first, "return") && !reference.second.start)
		return read_return(scan);
	return true;
}

static void add_row(struct scan *scan, const char *name)
{
	struct rows *rows = &scan->rows;

	if (rows->count < ROWS_MAX)
		memcpy(rows->names[rows->count++], name, strlen(name) + 1);
}

/* Of a variable that is returned as it is. */
static void add_returned(struct scan *scan, const char *at)
{
	struct token token, value, end;

	while ((token = next_token(at)).kind != TOKEN_END &&
	       token.kind != TOKEN_DOUBTFUL) {
		at = token.end;
		if (!is_word(&token, "return"))
			continue;
		value = next_token(at);
		end = next_token(value.end);
		if (value.kind == TOKEN_WORD && is_mark(&end, ';') &&
		    !is_word(&value, "null") && !is_row(scan, &value))
			add_row(scan, value.text);
	}
}

static bool scan_body(struct scan *scan)
{
	for (;;) {
		struct token before = scan->last;

		switch (take(scan)->kind) {
		case TOKEN_END:
			return true;
		case TOKEN_DOUBTFUL:
			return false;
		case TOKEN_WORD:
		case TOKEN_QUOTED:
			if (!read_names(scan, &before))
				return false;
			break;
		default:
			scan->listing &= is_mark(&scan->last, ',');
		}
	}
}

static const char *const *kept(const struct scan *scan)
{
	size_t bytes = (scan->count + 1) * sizeof(*scan->assigned);

	return memcpy(arena_alloc(scan->arena, bytes), scan->assigned, bytes);
}

const char *const *code_assigned(const char *body, bool copies,
				 struct arena *arena)
{
	struct scan scan = { .body = body,
			     .last = { .end = body, .text = "" },
			     .arena = arena };

	add_row(&scan, "new");
	add_row(&scan, "old");
	if (strnlen(body, BODY_BYTES_MAX + 1) > BODY_BYTES_MAX)
		return NULL;
	if (copies)
		add_returned(&scan, body);
	return scan_body(&scan) ? kept(&scan) : NULL;
}

bool code_keeps(const char *const *assigned, const char *const *columns)
{
	if (!assigned)
		return false;
	for (; *columns; columns++)
		if (is_listed(assigned, *columns))
			return false;
	return true;
}
