/*
 * The tables of the manual: types, casts, operators and functions are read
 * out of what the compiler uses; of statements it has no table, so one of
 * each kind is compiled, and what it says is what the manual says.
 */
#include "pool/sqlite/explain.h"

#include <stdio.h>
#include <string.h>

#include "pool/sqlite/context.h"
#include "protocol/dialect/cast_table.h"
#include "protocol/dialect/function_table.h"
#include "protocol/dialect/operator_table.h"
#include "protocol/dialect/schema_facts.h"

#define LINE_BYTES 76

/* --- mdoc ------------------------------------------------------------------ */

/* Words of a running text, a line each as long as fits. */
struct words {
	struct buffer *out;
	size_t column;
};

static void put_word(struct words *words, const char *word)
{
	size_t length = strlen(word);

	if (words->column && words->column + length + 1 > LINE_BYTES) {
		buffer_put_text(words->out, "\n");
		words->column = 0;
	}
	if (words->column) {
		buffer_put_text(words->out, " ");
		words->column++;
	} else if (*word == '.' || *word == '\'') {
		buffer_put_text(words->out, "\\&");
	}
	for (; *word; word++) {
		if (*word == '\\')
			buffer_put_text(words->out, "\\e");
		else if (*word == '~')
			buffer_put_text(words->out, "\\(ti");
		else if (*word == '^')
			buffer_put_text(words->out, "\\(ha");
		else
			buffer_put_u8(words->out, (uint8_t)*word);
	}
	words->column += length;
}

static void put_text(struct words *words, const char *text)
{
	char word[256];

	while (*text) {
		size_t length = strcspn(text, " ");

		snprintf(word, sizeof(word), "%.*s", (int)length, text);
		if (length)
			put_word(words, word);
		text += length;
		text += strspn(text, " ");
	}
}

static void end_text(struct words *words)
{
	if (words->column)
		buffer_put_text(words->out, "\n");
	words->column = 0;
}

/* An item's tag; \& keeps mdoc from taking signs for punctuation. */
static void put_item(struct words *words, const char *tag)
{
	end_text(words);
	buffer_put_text(words->out, ".It Li \\&");
	put_word(words, tag);
	end_text(words);
}

static void begin_list(struct words *words, const char *section)
{
	end_text(words);
	buffer_printf(words->out, ".Ss %s\n.Bl -tag -width 12n -compact\n",
		      section);
}

static void end_list(struct words *words)
{
	end_text(words);
	buffer_put_text(words->out, ".El\n");
}

/* --- types ------------------------------------------------------------------ */

/* "int4", "int4[]", "any". */
static const char *type_words(struct arena *arena, uint32_t oid)
{
	static const struct {
		uint32_t oid;
		const char *name;
	} pseudo[] = {
		{ OID_ANY, "any" }, { OID_ANYARRAY, "anyarray" },
		{ OID_ANYELEMENT, "anyelement" },
		{ OID_ANYNONARRAY, "anynonarray" }, { OID_ANYENUM, "anyenum" },
		{ OID_ANYCOMPATIBLE, "anycompatible" },
		{ OID_ANYCOMPATIBLEARRAY, "anycompatiblearray" },
		{ OID_ANYCOMPATIBLENONARRAY, "anycompatiblenonarray" },
		{ OID_RECORD, "record" }, { OID_VOID, "void" },
		{ OID_UNKNOWN, "unknown" },
	};
	const struct type *type = type_by_oid(oid);

	for (size_t i = 0; i < sizeof(pseudo) / sizeof(*pseudo); i++)
		if (pseudo[i].oid == oid)
			return pseudo[i].name;
	if (!type)
		return arena_printf(arena, "type %u", oid);
	if (type->element && type->name[0] == '_')
		return arena_printf(arena, "%s[]", type->name + 1);
	return type->name;
}

static bool is_stored(struct arena *arena, uint32_t oid)
{
	const struct type *type = type_by_oid(oid);

	return type && type->name[0] != '_' &&
	       facts_declared_type(arena, NULL, oid, -1) != NULL;
}

static void put_types(struct words *words, struct arena *arena)
{
	buffer_put_text(words->out, ".Ss Types\nColumns may have these types, "
			"enums, and arrays of them:\n");
	for (size_t i = 0, first = 1; i < type_count(); i++) {
		const struct type *type = type_at(i);

		if (!is_stored(arena, type->oid))
			continue;
		if (!first)
			buffer_put_text(words->out, words->column ? "," : "");
		put_text(words, type->sql_name);
		first = 0;
	}
	buffer_put_text(words->out, ".");
	words->column++;
	end_text(words);
}

static void put_casts(struct words *words, struct arena *arena)
{
	static const struct {
		char context;
		const char *word;
	} contexts[] = {
		{ 'i', "implicit:" }, { 'a', "assignment:" },
		{ 'e', "explicit:" },
	};
	const struct cast_row *row;
	uint32_t source = 0;

	begin_list(words, "Casts");
	for (size_t i = 0; (row = cast_at(i)) != NULL; i++) {
		if (row->source == source || !is_stored(arena, row->source))
			continue;
		source = row->source;
		put_item(words, type_words(arena, source));
		for (int k = 0; k < 3; k++) {
			bool any = false;

			for (size_t n = i; (row = cast_at(n)) != NULL &&
					   row->source == source; n++) {
				if (row->context != contexts[k].context ||
				    !is_stored(arena, row->target))
					continue;
				if (!any)
					put_text(words, contexts[k].word);
				any = true;
				put_text(words, type_words(arena,
							   row->target));
			}
		}
	}
	end_list(words);
	buffer_put_text(words->out, "Every type becomes text as an assignment,"
			" and comes from text where a cast is\nwritten.\n");
}

/* --- operators ----------------------------------------------------------------- */

/* "int4", "date int4", "- interval": operands, and the result where it is
 * another. */
static void put_operator(struct words *words, struct arena *arena,
			 const struct operator_row *row, bool first)
{
	const char *left = row->left ? type_words(arena, row->left) : "";
	const char *right = type_words(arena, row->right);
	const char *result = "";

	if (row->result != row->right && row->result != OID_BOOL)
		result = arena_printf(arena, "->%s",
				      type_words(arena, row->result));
	if (!first)
		buffer_put_text(words->out, ",");
	if (row->left == row->right)
		put_text(words, arena_printf(arena, "%s%s", right, result));
	else
		put_text(words, arena_printf(arena, "%s%s%s%s",
					     row->left ? left : "(prefix)",
					     row->left ? "/" : "", right,
					     result));
}

static void put_operators(struct words *words, struct arena *arena)
{
	const struct operator_row *row;
	const char *name = "";

	buffer_put_text(words->out, ".Ss Operators\nOne type stands for both "
			"operands, a slash between two that differ; the "
			"result\nfollows where it is neither boolean nor the "
			"right operand's type.\n"
			"In the table, \\(ti\\(ti is LIKE and \\(ti\\(ti* "
			"ILIKE.\n.Pp\n.Bl -tag -width 6n -compact\n");
	for (size_t i = 0; (row = operator_at(i)) != NULL; i++) {
		bool first = strcmp(name, row->name) != 0;

		if (first)
			put_item(words, row->name);
		name = row->name;
		put_operator(words, arena, row, first);
	}
	end_list(words);
}

/* --- functions ------------------------------------------------------------------- */

static bool in_part(const struct call_row *row, int wanted)
{
	return (row->flags & (CALL_AGGREGATE | CALL_WINDOW | CALL_SET)) ==
	       wanted;
}

/* "(int4, text [, text]) int4" */
static const char *signature(struct arena *arena, const struct call_row *row)
{
	const char *text = "(";

	for (int i = 0; i < row->arguments; i++) {
		bool optional = i >= row->arguments - row->defaults;

		text = arena_printf(arena, "%s%s%s%s", text,
				    optional && (!i || i == row->arguments -
						 row->defaults) ? "[" : "",
				    i ? "," : "",
				    type_words(arena, row->types[i]));
	}
	return arena_printf(arena, "%s%s%s)", text,
			    row->flags & CALL_VARIADIC ? ",..." : "",
			    row->defaults ? "]" : "");
}

static void put_functions(struct words *words, struct arena *arena,
			  const char *section, int part)
{
	const struct call_row *row;
	const char *name = "", *result = "";

	end_text(words);
	buffer_printf(words->out, ".Ss %s\n", section);
	for (size_t i = 0; (row = function_at(i)) != NULL; i++) {
		bool same = strcmp(name, row->name) == 0;
		const char *type = type_words(arena, row->result);

		if (!in_part(row, part) || strncmp(row->name, "_", 1) == 0)
			continue;
		if (words->column)
			buffer_put_text(words->out, same ? "," : ";");
		if (!same)
			result = "";
		put_text(words, arena_printf(
			arena, "%s%s%s%s", same ? "" : row->name,
			signature(arena, row), strcmp(result, type) ? "->" : "",
			strcmp(result, type) ? type : ""));
		name = row->name;
		result = type;
	}
	if (words->column)
		buffer_put_text(words->out, ".");
	end_text(words);
}

/* --- statements ------------------------------------------------------------------ */

static const char made_before[] =
	"CREATE TABLE t (id int PRIMARY KEY, a int, b text, d date);"
	"CREATE TABLE u (id int REFERENCES t, c jsonb, z int[]);"
	"CREATE SEQUENCE s; CREATE TYPE e AS ENUM ('x');"
	"CREATE VIEW v AS SELECT a FROM t; CREATE SCHEMA n";

static const struct kind {
	const char *words;
	const char *sql;
} kinds[] = {
	{ "SELECT", "SELECT a FROM t" },
	{ "DISTINCT ON", "SELECT DISTINCT ON (a) * FROM t ORDER BY a" },
	{ "LATERAL", "SELECT * FROM t, LATERAL (SELECT t.a + 1) x" },
	{ "GROUPING SETS, ROLLUP, CUBE",
	  "SELECT a, count(*) FROM t GROUP BY ROLLUP (a)" },
	{ "WITH RECURSIVE", "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL "
			    "SELECT n + 1 FROM r WHERE n < 5) SELECT * FROM r" },
	{ "INSERT, UPDATE, DELETE in WITH",
	  "WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x" },
	{ "window functions",
	  "SELECT row_number() OVER (PARTITION BY a ORDER BY id) FROM t" },
	{ "FOR UPDATE SKIP LOCKED", "SELECT * FROM t FOR UPDATE SKIP LOCKED" },
	{ "TABLESAMPLE", "SELECT * FROM t TABLESAMPLE system (10)" },
	{ "INSERT ... ON CONFLICT", "INSERT INTO t(id) VALUES (1) "
				    "ON CONFLICT (id) DO UPDATE SET a = 1" },
	{ "UPDATE ... FROM", "UPDATE t SET a = 1 FROM u WHERE u.id = t.id" },
	{ "DELETE ... USING", "DELETE FROM t USING u WHERE u.id = t.id" },
	{ "assignment to elements of arrays and jsonb",
	  "UPDATE u SET z[1] = 2, c['k'] = '1'" },
	{ "RETURNING", "DELETE FROM t RETURNING *" },
	{ "MERGE", "MERGE INTO t USING u ON t.id = u.id WHEN MATCHED THEN "
		   "DELETE" },
	{ "TRUNCATE", "TRUNCATE t, u" },
	{ "COPY FROM STDIN, TO STDOUT", "COPY t FROM STDIN" },
	{ "COPY of a file on the server", "COPY t FROM '/tmp/t'" },
	{ "CREATE TABLE", "CREATE TABLE w (a int)" },
	{ "CREATE TABLE AS", "CREATE TABLE w AS SELECT * FROM t" },
	{ "CREATE TEMPORARY TABLE", "CREATE TEMP TABLE w (a int)" },
	{ "CREATE UNLOGGED TABLE", "CREATE UNLOGGED TABLE w (a int)" },
	{ "INHERITS", "CREATE TABLE w () INHERITS (t)" },
	{ "PARTITION BY", "CREATE TABLE w (a int) PARTITION BY RANGE (a)" },
	{ "generated columns",
	  "CREATE TABLE w (a int, b int GENERATED ALWAYS AS (a * 2) STORED)" },
	{ "identity columns",
	  "CREATE TABLE w (a int GENERATED ALWAYS AS IDENTITY)" },
	{ "UNIQUE NULLS NOT DISTINCT",
	  "CREATE TABLE w (a int UNIQUE NULLS NOT DISTINCT)" },
	{ "UNIQUE, PRIMARY KEY ... DEFERRABLE",
	  "CREATE TABLE w (a int PRIMARY KEY DEFERRABLE)" },
	{ "REFERENCES ... MATCH FULL",
	  "CREATE TABLE w (a int REFERENCES t MATCH FULL)" },
	{ "EXCLUDE", "CREATE TABLE w (a int, EXCLUDE USING gist (a WITH =))" },
	{ "ALTER TABLE ADD COLUMN", "ALTER TABLE t ADD COLUMN x int" },
	{ "ALTER TABLE ALTER TYPE", "ALTER TABLE u ALTER id TYPE bigint" },
	{ "ALTER TABLE ADD CONSTRAINT", "ALTER TABLE t ADD CHECK (a > 0)" },
	{ "row-level security", "ALTER TABLE t ENABLE ROW LEVEL SECURITY" },
	{ "CREATE INDEX", "CREATE INDEX ON t (lower(b)) WHERE a > 0" },
	{ "CREATE INDEX USING gin", "CREATE INDEX ON u USING gin (c)" },
	{ "CREATE VIEW", "CREATE VIEW w AS SELECT * FROM t" },
	{ "writing through a view", "INSERT INTO v VALUES (1)" },
	{ "CREATE MATERIALIZED VIEW",
	  "CREATE MATERIALIZED VIEW w AS SELECT * FROM t" },
	{ "CREATE SEQUENCE", "CREATE SEQUENCE w" },
	{ "CREATE SCHEMA", "CREATE SCHEMA w" },
	{ "CREATE TYPE AS ENUM", "CREATE TYPE w AS ENUM ('a')" },
	{ "ALTER TYPE ADD VALUE", "ALTER TYPE e ADD VALUE 'y'" },
	{ "CREATE TYPE AS (...)", "CREATE TYPE w AS (a int)" },
	{ "CREATE DOMAIN", "CREATE DOMAIN w AS int" },
	{ "CREATE FUNCTION", "CREATE FUNCTION w() RETURNS int LANGUAGE sql "
			     "AS 'SELECT 1'" },
	{ "CREATE TRIGGER", "CREATE TRIGGER w AFTER INSERT ON t "
			    "EXECUTE FUNCTION f()" },
	{ "CREATE RULE", "CREATE RULE w AS ON INSERT TO t DO NOTHING" },
	{ "CREATE EXTENSION", "CREATE EXTENSION IF NOT EXISTS pgcrypto" },
	{ "CREATE ROLE", "CREATE ROLE w" },
	{ "GRANT, REVOKE", "GRANT SELECT ON t TO app" },
	{ "CREATE POLICY", "CREATE POLICY w ON t" },
	{ "COMMENT ON", "COMMENT ON TABLE t IS 'x'" },
	{ "DROP ... CASCADE", "DROP TABLE t CASCADE" },
	{ "CREATE DATABASE", "CREATE DATABASE w" },
	{ "BEGIN, COMMIT, ROLLBACK, SAVEPOINT",
	  "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY" },
	{ "PREPARE, EXECUTE, DEALLOCATE", "DEALLOCATE ALL" },
	{ "DECLARE, FETCH, MOVE, CLOSE", "CLOSE ALL" },
	{ "LISTEN, NOTIFY, UNLISTEN", "LISTEN x" },
	{ "LOCK TABLE", "LOCK TABLE t" },
	{ "SET, SHOW, RESET, DISCARD", "SHOW search_path" },
	{ "EXPLAIN", "EXPLAIN SELECT 1" },
	{ "VACUUM, ANALYZE", "VACUUM" },
	{ "DO", "DO 'BEGIN DELETE FROM t; END'" },
	{ "CALL", "CALL f()" },
};

/* What works in one sentence, what is refused line by line. */
static void put_kinds(struct words *words, struct explainer *explainer)
{
	static const size_t count = sizeof(kinds) / sizeof(*kinds);
	struct error errors[sizeof(kinds) / sizeof(*kinds)];

	buffer_put_text(words->out, ".Ss Statements\nThese are supported:\n");
	for (size_t i = 0; i < count; i++) {
		explainer_ask(explainer, kinds[i].sql, &errors[i]);
		if (errors[i].sqlstate[0])
			continue;
		if (words->column)
			buffer_put_text(words->out, ";");
		put_text(words, kinds[i].words);
	}
	buffer_put_text(words->out, ".");
	end_text(words);
	buffer_put_text(words->out, "These are refused:\n"
			".Bl -tag -width 12n -compact\n");
	for (size_t i = 0; i < count; i++) {
		if (!errors[i].sqlstate[0])
			continue;
		put_item(words, kinds[i].words);
		put_text(words, errors[i].sqlstate);
		put_text(words, errors[i].message);
	}
	end_list(words);
}

static void put_statements(struct words *words)
{
	struct error error;
	struct explainer *explainer = explainer_open(NULL, &error);
	struct buffer unused = { 0 };

	if (!explainer ||
	    !explainer_explain(explainer, made_before, &unused))
		buffer_put_slice(words->out, buffer_slice(&unused));
	buffer_fini(&unused);
	if (explainer)
		put_kinds(words, explainer);
	explainer_close(&explainer);
}

void explain_supported(struct buffer *out)
{
	struct words words = { .out = out };
	struct arena arena = { 0 };

	put_statements(&words);
	put_types(&words, &arena);
	put_casts(&words, &arena);
	put_operators(&words, &arena);
	put_functions(&words, &arena, "Functions", 0);
	put_functions(&words, &arena, "Aggregates", CALL_AGGREGATE);
	put_functions(&words, &arena, "Window functions", CALL_WINDOW);
	put_functions(&words, &arena, "Functions that return rows", CALL_SET);
	arena_fini(&arena);
}
