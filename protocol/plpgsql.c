#include "protocol/plpgsql.h"

#include <ctype.h>
#include <strings.h>

#include "protocol/plpgsql_conditions.h"
#include "protocol/sql_tree.h"

/* --- words ---------------------------------------------------------------- */

enum token {
	TOKEN_END,
	TOKEN_WORD, /* not quoted */
	TOKEN_STRING, /* '...' without an escape */
	TOKEN_OTHER, /* one byte, or something quoted */
	TOKEN_OPEN, /* a quote or comment that does not end */
};

struct parse {
	const uint8_t *at, *end; /* what follows the token */
	enum token token;
	struct slice word; /* the token's bytes */
	unsigned depth;
	struct arena *arena;
	struct error *error;
};

static bool is_letter(uint8_t byte)
{
	return isalpha(byte) || byte == '_' || byte >= 0x80;
}

static bool follows(const struct parse *parse, const char *text)
{
	size_t length = strlen(text);

	return (size_t)(parse->end - parse->at) >= length &&
	       memcmp(parse->at, text, length) == 0;
}

/* Comments of C nest. */
static bool skip_comment(struct parse *parse)
{
	unsigned depth = 0;

	do {
		if (follows(parse, "/*"))
			depth++, parse->at += 2;
		else if (follows(parse, "*/"))
			depth--, parse->at += 2;
		else if (parse->at == parse->end)
			return false;
		else
			parse->at++;
	} while (depth);
	return true;
}

static bool skip_blanks(struct parse *parse)
{
	while (parse->at < parse->end) {
		if (follows(parse, "--"))
			while (parse->at < parse->end && *parse->at != '\n')
				parse->at++;
		else if (follows(parse, "/*")) {
			if (!skip_comment(parse))
				return false;
		} else if (isspace(*parse->at))
			parse->at++;
		else
			break;
	}
	return true;
}

/* Up to the closing quote; doubled, it stands for itself. */
static bool skip_quoted(struct parse *parse, bool escapes)
{
	uint8_t quote = *parse->at++;

	for (; parse->at < parse->end; parse->at++) {
		if (escapes && *parse->at == '\\')
			parse->at++;
		else if (*parse->at == quote &&
			 (parse->at + 1 == parse->end || parse->at[1] != quote))
			return parse->at++, true;
		else if (*parse->at == quote)
			parse->at++;
	}
	return false;
}

/* $tag$ ... $tag$; a lone $ is one byte. */
static bool skip_dollars(struct parse *parse)
{
	const uint8_t *tag = parse->at, *at = tag + 1;
	size_t length;

	while (at < parse->end && (is_letter(*at) || isdigit(*at)))
		at++;
	if (at == parse->end || *at != '$' || isdigit(tag[1]))
		return parse->at++, true;
	length = (size_t)(at + 1 - tag);
	for (at++; (size_t)(parse->end - at) >= length; at++) {
		if (memcmp(at, tag, length) != 0)
			continue;
		parse->at = at + length;
		return true;
	}
	return false;
}

static enum token scan(struct parse *parse)
{
	const uint8_t *start = parse->at;

	if (is_letter(*start)) {
		while (parse->at < parse->end &&
		       (is_letter(*parse->at) || isdigit(*parse->at) ||
			*parse->at == '$'))
			parse->at++;
		if (parse->at - start == 1 && (*start | 32) == 'e' &&
		    follows(parse, "'"))
			return skip_quoted(parse, true) ? TOKEN_OTHER
							: TOKEN_OPEN;
		return TOKEN_WORD;
	}
	if (*start == '\'')
		return skip_quoted(parse, false) ? TOKEN_STRING : TOKEN_OPEN;
	if (*start == '"')
		return skip_quoted(parse, false) ? TOKEN_OTHER : TOKEN_OPEN;
	if (*start == '$')
		return skip_dollars(parse) ? TOKEN_OTHER : TOKEN_OPEN;
	parse->at++;
	return TOKEN_OTHER;
}

static void next(struct parse *parse)
{
	const uint8_t *start;

	if (!skip_blanks(parse)) {
		parse->token = TOKEN_OPEN;
		return;
	}
	start = parse->at;
	parse->token = start == parse->end ? TOKEN_END : scan(parse);
	/* an escape may have led past the end */
	if (parse->at > parse->end)
		parse->at = parse->end, parse->token = TOKEN_OPEN;
	parse->word = slice_make(start, (size_t)(parse->at - start));
}

static bool is_word(const struct parse *parse, const char *word)
{
	return parse->token == TOKEN_WORD &&
	       parse->word.length == strlen(word) &&
	       strncasecmp((const char *)parse->word.at, word,
			   parse->word.length) == 0;
}

static bool is_mark(const struct parse *parse, char mark)
{
	return parse->token == TOKEN_OTHER && parse->word.length == 1 &&
	       parse->word.at[0] == (uint8_t)mark;
}

static bool take(struct parse *parse, const char *word)
{
	if (!is_word(parse, word))
		return false;
	next(parse);
	return true;
}

/* --- complaints ----------------------------------------------------------- */

static bool unexpected(struct parse *parse)
{
	size_t length = parse->word.length < 60 ? parse->word.length : 60;

	if (parse->error->sqlstate[0])
		return false;
	if (parse->token == TOKEN_END)
		return error_set(parse->error, SQLSTATE_SYNTAX, "%s",
				 "syntax error at end of input");
	return error_set(parse->error, SQLSTATE_SYNTAX,
			 "syntax error at or near \"%.*s\"", (int)length,
			 (const char *)parse->word.at);
}

static bool refuse(struct parse *parse, const char *what)
{
	error_set(parse->error, SQLSTATE_FEATURE_NOT_SUPPORTED,
		  "%s in PL/pgSQL is not supported on SQLite", what);
	error_hint(parse->error, "%s",
		   "A DO block may hold SQL statements, "
		   "IF, PERFORM, EXECUTE, RAISE and EXCEPTION.");
	return false;
}

static bool need_mark(struct parse *parse, char mark)
{
	if (!is_mark(parse, mark))
		return unexpected(parse);
	next(parse);
	return true;
}

static bool need(struct parse *parse, const char *word)
{
	return take(parse, word) || unexpected(parse);
}

/* --- texts ---------------------------------------------------------------- */

static bool ends_here(const struct parse *parse, const char *word)
{
	return word ? is_word(parse, word) : is_mark(parse, ';');
}

/* From the token at hand up to a mark outside of parentheses: `word`, or a
 * semicolon where it is NULL; a comma too, if that divides. */
static bool take_text(struct parse *parse, const char *word, bool divided,
		      struct slice *ret_text)
{
	const uint8_t *start = parse->word.at, *end = start;
	int parentheses = 0;

	while (parentheses > 0 ||
	       !(ends_here(parse, word) || (divided && is_mark(parse, ',')))) {
		if (parse->token == TOKEN_END || parse->token == TOKEN_OPEN)
			return unexpected(parse);
		parentheses += is_mark(parse, '(') - is_mark(parse, ')');
		end = parse->at;
		next(parse);
	}
	*ret_text = slice_make(start, (size_t)(end - start));
	return ret_text->length || unexpected(parse);
}

/* The grammar of SQL is checked before anything runs. */
static bool check_sql(struct parse *parse, struct slice text)
{
	struct sql_tree *tree = sql_tree_new(text, parse->error);
	bool good = tree && sql_tree_count(tree) == 1;

	sql_tree_free(&tree);
	return good || unexpected(parse);
}

static bool take_sql(struct parse *parse, const char *word, bool divided,
		     const char *before, const char *behind,
		     struct slice *ret_sql)
{
	struct slice text;
	const char *sql;

	if (!take_text(parse, word, divided, &text))
		return false;
	sql = arena_printf(parse->arena, "%s%.*s%s", before, (int)text.length,
			   (const char *)text.at, behind);
	*ret_sql = slice_text(sql);
	return check_sql(parse, *ret_sql);
}

/* --- statements ----------------------------------------------------------- */

static bool parse_list(struct parse *, struct plpgsql_statement **ret_list);
static bool parse_block(struct parse *, struct plpgsql_statement *);

/* Behind IF and ELSIF. */
static bool parse_if(struct parse *parse, struct plpgsql_statement *statement)
{
	statement->kind = PLPGSQL_IF;
	if (!take_sql(parse, "then", false, "SELECT (", ")::boolean",
		      &statement->text) ||
	    !need(parse, "then") || !parse_list(parse, &statement->body))
		return false;
	if (take(parse, "elsif") || take(parse, "elseif")) {
		statement->otherwise =
			arena_alloc(parse->arena, sizeof(*statement));
		return parse_if(parse, statement->otherwise);
	}
	if (take(parse, "else") && !parse_list(parse, &statement->otherwise))
		return false;
	return need(parse, "end") && need(parse, "if") && need_mark(parse, ';');
}

static bool parse_arguments(struct parse *parse, struct plpgsql_argument **end)
{
	while (is_mark(parse, ',')) {
		next(parse);
		*end = arena_alloc(parse->arena, sizeof(**end));
		if (!take_sql(parse, NULL, true, "SELECT (", ")::text",
			      &(*end)->text))
			return false;
		end = &(*end)->next;
	}
	if (is_word(parse, "using"))
		return refuse(parse, "RAISE ... USING");
	return need_mark(parse, ';');
}

static const char *take_level(struct parse *parse)
{
	static const char *const levels[][2] = {
		{ "debug", "DEBUG" },	  { "log", "LOG" },
		{ "info", "INFO" },	  { "notice", "NOTICE" },
		{ "warning", "WARNING" }, { "exception", "ERROR" },
	};

	for (size_t i = 0; i < sizeof(levels) / sizeof(*levels); i++)
		if (take(parse, levels[i][0]))
			return levels[i][1];
	return "ERROR";
}

/* A literal's meaning: without its quotes, doubled ones once. */
static const char *literal(struct parse *parse)
{
	char *text = arena_alloc(parse->arena, parse->word.length), *at = text;

	for (size_t i = 1; i + 1 < parse->word.length; i++) {
		*at++ = (char)parse->word.at[i];
		i += parse->word.at[i] == '\'';
	}
	return text;
}

static int count_places(const char *format)
{
	int count = 0;

	for (; *format; format++) {
		if (*format == '%' && format[1] == '%')
			format++;
		else
			count += *format == '%';
	}
	return count;
}

static bool parse_raise(struct parse *parse,
			struct plpgsql_statement *statement)
{
	int places;

	statement->kind = PLPGSQL_RAISE;
	statement->level = take_level(parse);
	if (parse->token == TOKEN_WORD || is_mark(parse, ';'))
		return refuse(parse, "RAISE without a format");
	if (parse->token != TOKEN_STRING)
		return unexpected(parse);
	statement->format = literal(parse);
	next(parse);
	if (!parse_arguments(parse, &statement->arguments))
		return false;
	places = count_places(statement->format);
	for (struct plpgsql_argument *each = statement->arguments; each;
	     each = each->next)
		places--;
	return !places || error_set(parse->error, SQLSTATE_SYNTAX,
				    "too %s parameters specified for RAISE",
				    places > 0 ? "few" : "many");
}

static bool parse_execute(struct parse *parse,
			  struct plpgsql_statement *statement)
{
	statement->kind = PLPGSQL_EXECUTE;
	return take_sql(parse, NULL, false, "SELECT (", ")::text",
			&statement->text) &&
	       need_mark(parse, ';');
}

static bool parse_perform(struct parse *parse,
			  struct plpgsql_statement *statement)
{
	statement->kind = PLPGSQL_PERFORM;
	return take_sql(parse, NULL, false, "SELECT ", "", &statement->text) &&
	       need_mark(parse, ';');
}

/* Without variables there is nothing to select into. */
static bool check_destination(struct parse *parse)
{
	if (!is_word(parse, "select") && !is_word(parse, "values") &&
	    !is_word(parse, "table") && !is_mark(parse, '('))
		return true;
	error_set(parse->error, SQLSTATE_SYNTAX, "%s",
		  "query has no destination for result data");
	error_hint(parse->error, "%s",
		   "If you want to discard the results of "
		   "a SELECT, use PERFORM instead.");
	return false;
}

static bool check_known(struct parse *parse)
{
	static const char *const unknown[][2] = {
		{ "declare", "DECLARE" },   { "for", "FOR" },
		{ "foreach", "FOREACH" },   { "while", "WHILE" },
		{ "loop", "LOOP" },	    { "case", "CASE" },
		{ "exit", "EXIT" },	    { "continue", "CONTINUE" },
		{ "return", "RETURN" },	    { "get", "GET DIAGNOSTICS" },
		{ "open", "OPEN" },	    { "fetch", "FETCH" },
		{ "move", "MOVE" },	    { "close", "CLOSE" },
		{ "assert", "ASSERT" },	    { "commit", "COMMIT" },
		{ "rollback", "ROLLBACK" }, { "call", "CALL" },
		{ "copy", "COPY" },	    { "savepoint", "SAVEPOINT" },
	};

	for (size_t i = 0; i < sizeof(unknown) / sizeof(*unknown); i++)
		if (is_word(parse, unknown[i][0]))
			return refuse(parse, unknown[i][1]);
	return true;
}

static bool is_assignment(const struct parse *parse)
{
	struct parse ahead = *parse;

	if (parse->token != TOKEN_WORD)
		return false;
	next(&ahead);
	return is_mark(&ahead, '=') || is_mark(&ahead, ':');
}

static bool parse_sql(struct parse *parse, struct plpgsql_statement *statement)
{
	if (is_mark(parse, '<'))
		return refuse(parse, "a label");
	if (!check_known(parse))
		return false;
	if (is_assignment(parse))
		return refuse(parse, "an assignment");
	if (!check_destination(parse))
		return false;
	statement->kind = PLPGSQL_SQL;
	return take_sql(parse, NULL, false, "", "", &statement->text) &&
	       need_mark(parse, ';');
}

static bool parse_statement(struct parse *parse,
			    struct plpgsql_statement *statement)
{
	if (take(parse, "begin"))
		return parse_block(parse, statement) && need_mark(parse, ';');
	if (take(parse, "if"))
		return parse_if(parse, statement);
	if (take(parse, "raise"))
		return parse_raise(parse, statement);
	if (take(parse, "perform"))
		return parse_perform(parse, statement);
	if (take(parse, "execute"))
		return parse_execute(parse, statement);
	return parse_sql(parse, statement);
}

static bool ends_list(const struct parse *parse)
{
	static const char *const words[] = {
		"end", "exception", "else", "elsif", "elseif", "when",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (is_word(parse, words[i]))
			return true;
	return parse->token == TOKEN_END;
}

static bool parse_statements(struct parse *parse,
			     struct plpgsql_statement **end)
{
	while (!ends_list(parse)) {
		if (take(parse, "null")) {
			if (!need_mark(parse, ';'))
				return false;
			continue;
		}
		*end = arena_alloc(parse->arena, sizeof(**end));
		if (!parse_statement(parse, *end))
			return false;
		end = &(*end)->next;
	}
	return true;
}

static bool parse_list(struct parse *parse, struct plpgsql_statement **ret_list)
{
	bool good;

	if (parse->depth == PLPGSQL_DEPTH_MAX)
		return error_set(parse->error, SQLSTATE_TOO_COMPLEX, "%s",
				 "blocks are nested too deeply");
	parse->depth++;
	good = parse_statements(parse, ret_list);
	parse->depth--;
	return good;
}

/* --- blocks --------------------------------------------------------------- */

static bool take_sqlstate(struct parse *parse, struct plpgsql_state *state)
{
	if (parse->token != TOKEN_STRING || parse->word.length != 7)
		return unexpected(parse);
	memcpy(state->sqlstate, parse->word.at + 1, 5);
	next(parse);
	return true;
}

static bool take_state(struct parse *parse, struct plpgsql_state *state)
{
	const char *sqlstate;

	if (parse->token != TOKEN_WORD)
		return unexpected(parse);
	if (take(parse, "sqlstate"))
		return take_sqlstate(parse, state);
	sqlstate = plpgsql_condition(parse->word);
	if (!sqlstate)
		return error_set(parse->error, SQLSTATE_UNDEFINED_OBJECT,
				 "unrecognized exception condition \"%.*s\"",
				 (int)parse->word.length,
				 (const char *)parse->word.at);
	memcpy(state->sqlstate, sqlstate, strlen(sqlstate));
	next(parse);
	return true;
}

static bool parse_handler(struct parse *parse, struct plpgsql_handler *handler)
{
	struct plpgsql_state **end = &handler->states;

	do {
		*end = arena_alloc(parse->arena, sizeof(**end));
		if (!take_state(parse, *end))
			return false;
		end = &(*end)->next;
	} while (take(parse, "or"));
	return need(parse, "then") && parse_list(parse, &handler->body);
}

/* Behind BEGIN, up to END. */
static bool parse_block(struct parse *parse,
			struct plpgsql_statement *statement)
{
	struct plpgsql_handler **end = &statement->handlers;

	statement->kind = PLPGSQL_BLOCK;
	if (!parse_list(parse, &statement->body))
		return false;
	if (take(parse, "exception") && !is_word(parse, "when"))
		return unexpected(parse);
	while (take(parse, "when")) {
		*end = arena_alloc(parse->arena, sizeof(**end));
		if (!parse_handler(parse, *end))
			return false;
		end = &(*end)->next;
	}
	return need(parse, "end");
}

struct plpgsql_statement *plpgsql_parse(struct slice text, struct arena *arena,
					struct error *error)
{
	struct plpgsql_statement *block = arena_alloc(arena, sizeof(*block));
	struct parse parse = {
		.at = text.at,
		.end = text.at + text.length,
		.arena = arena,
		.error = error,
	};

	memset(error, 0, sizeof(*error));
	next(&parse);
	if (!take(&parse, "begin")) {
		if (check_known(&parse))
			unexpected(&parse);
		return NULL;
	}
	if (!parse_block(&parse, block))
		return NULL;
	if (is_mark(&parse, ';'))
		next(&parse);
	return parse.token == TOKEN_END || unexpected(&parse) ? block : NULL;
}

/* OTHERS is everything but a cancel. */
static bool matches(const struct plpgsql_state *state, const char *sqlstate)
{
	if (!state->sqlstate[0])
		return strcmp(sqlstate, SQLSTATE_QUERY_CANCELED) != 0;
	if (strcmp(state->sqlstate + 2, "000") == 0 &&
	    strncmp(state->sqlstate, sqlstate, 2) == 0)
		return true;
	return strcmp(state->sqlstate, sqlstate) == 0;
}

const struct plpgsql_handler *
plpgsql_handler_for(const struct plpgsql_statement *block, const char *sqlstate)
{
	for (const struct plpgsql_handler *handler = block->handlers; handler;
	     handler = handler->next)
		for (const struct plpgsql_state *state = handler->states; state;
		     state = state->next)
			if (matches(state, sqlstate))
				return handler;
	return NULL;
}
