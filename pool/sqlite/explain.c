#include "protocol/sql_nodes.h"

#include "pool/sqlite/explain.h"

#include "pool/sqlite/read_only.h"
#include "pool/sqlite/session.h"
#include "protocol/sql_facts.h"

#define LINE_BYTES 76
#define STEP_BYTES_MAX 4000	/* of one step that is shown */

static const char *const path[] = { "public", NULL };
static const struct type_settings types = { .time_zone = "UTC",
					    .date_order = 'M' };
static const struct compile_session compile_session = {
	.user = "app", .database = "app", .search_path = path,
	.types = &types,
};

struct explainer {
	sqlite3 *db;
	bool in_memory;
	struct lite_context context;
	struct schema *schema;
	uint64_t generation;
};

/* --- opening ------------------------------------------------------------- */

static bool load(struct explainer *explainer, struct error *error)
{
	struct schema *schema;

	if (schema_load(explainer->db, ++explainer->generation, &schema,
			error) != SQLITE_OK)
		return false;
	if (explainer->schema)
		schema_unref(&explainer->schema);
	explainer->schema = schema;
	explainer->context.schema = schema;
	return true;
}

static bool prepare(struct explainer *explainer, const char *file,
		    struct error *error)
{
	int code = file ? lite_open_read_only(file, &explainer->db) :
			  sqlite3_open(":memory:", &explainer->db);

	if (code == SQLITE_OK)
		code = functions_register(explainer->db, &explainer->context);
	/* what runs in memory may ask the catalogs; of a file nothing runs */
	if (code == SQLITE_OK && explainer->in_memory)
		code = catalog_attach(explainer->db, &explainer->context);
	if (code == SQLITE_OK && explainer->in_memory)
		code = schema_prepare_file(explainer->db, error);
	if (code != SQLITE_OK)
		return error_set(error, SQLSTATE_IO_ERROR,
				 "could not open \"%s\": %s",
				 file ? file : "a database in memory",
				 sqlite3_errmsg(explainer->db));
	return load(explainer, error);
}

struct explainer *explainer_open(const char *file, struct error *error)
{
	struct explainer *explainer = must_alloc(sizeof(*explainer));

	explainer->in_memory = !file;
	explainer->context.session = &compile_session;
	if (!prepare(explainer, file, error))
		explainer_close(&explainer);
	return explainer;
}

void explainer_close(struct explainer **explainer)
{
	if (!*explainer)
		return;
	if ((*explainer)->schema)
		schema_unref(&(*explainer)->schema);
	sqlite3_close((*explainer)->db);
	arena_fini(&(*explainer)->context.arena);
	free(*explainer);
	*explainer = NULL;
}

/* --- printing ------------------------------------------------------------- */

/* In lines that fit a page, broken at blanks outside of quotes. */
static void put_wrapped(struct buffer *out, const char *sql)
{
	while (*sql) {
		size_t length = 0, best = 0;
		char quote = 0;

		for (; sql[length] && (length < LINE_BYTES || !best);
		     length++) {
			char letter = sql[length];

			if (quote)
				quote = letter == quote ? 0 : quote;
			else if (letter == '\'' || letter == '"')
				quote = letter;
			else if (letter == ' ' && length)
				best = length;
		}
		if (!sql[length])
			best = length;
		buffer_put_text(out, "  ");
		buffer_put(out, sql, best);
		buffer_put_text(out, "\n");
		sql += best;
		sql += strspn(sql, " ");
	}
}

static void put_type(struct explainer *explainer, struct arena *arena,
		     uint32_t type, int32_t typmod, struct buffer *out)
{
	const char *name = type_format(arena, type, typmod);
	const struct schema_enum *user;

	if (name) {
		buffer_put_text(out, name);
		return;
	}
	for (int i = 0; i < explainer->schema->enum_count; i++) {
		user = &explainer->schema->enums[i];
		if (user->oid == type || user->array_oid == type)
			buffer_printf(out, "%s%s", user->name,
				      user->oid == type ? "" : "[]");
	}
}

static void put_types(struct explainer *explainer, struct arena *arena,
		      const struct compiled *compiled, struct buffer *out)
{
	struct buffer line = { 0 };

	for (int i = 0; i < compiled->parameter_count; i++) {
		buffer_printf(&line, "%s$%d ", i ? ", " : "parameters: ",
			      i + 1);
		put_type(explainer, arena, compiled->parameters[i], -1, &line);
	}
	if (line.length)
		put_wrapped(out, buffer_cstring(&line));
	buffer_clear(&line);
	for (int i = 0; i < compiled->column_count; i++) {
		buffer_printf(&line, "%s%s ", i ? ", " : "result: ",
			      compiled->columns[i].name);
		put_type(explainer, arena, compiled->columns[i].type,
			 compiled->columns[i].typmod, &line);
	}
	if (line.length)
		put_wrapped(out, buffer_cstring(&line));
	buffer_fini(&line);
}

/* As psql prints it, with its SQLSTATE. */
static void put_error(struct slice text, const struct error *error,
		      struct buffer *out)
{
	const uint8_t *start = text.at, *at = text.at;
	const uint8_t *end = text.at + text.length;
	int column = 0, line = 1;

	buffer_printf(out, "ERROR:  %s: %s\n", error->sqlstate,
		      error->message);
	for (int i = 1; error->position && i < error->position && at < end;
	     at++) {
		if ((at[0] & 0xc0) == 0x80)
			continue;
		i++;
		column++;
		if (*at == '\n') {
			start = at + 1;
			line++;
			column = 0;
		}
	}
	if (error->position) {
		size_t length = 0;

		while (start + length < end && start[length] != '\n')
			length++;
		buffer_printf(out, "LINE %d: %.*s\n%*s^\n", line, (int)length,
			      (const char *)start,
			      column + (line < 10 ? 8 : 9), "");
	}
	if (error->detail[0])
		buffer_printf(out, "DETAIL:  %s\n", error->detail);
	if (error->hint[0])
		buffer_printf(out, "HINT:  %s\n", error->hint);
}

/* What it does to the user's tables; the facts that go into weir's own are
 * counted. */
static void put_steps(const struct compiled *compiled, struct buffer *out)
{
	int facts = 0;

	for (int i = 0; i < compiled->step_count; i++) {
		const char *sql = compiled->steps[i].sql;

		if (strstr(sql, "._weir_") || strlen(sql) > STEP_BYTES_MAX)
			facts++;
		else
			put_wrapped(out, sql);
	}
	if (facts)
		buffer_printf(out, "  and %d statement%s on tables of weir's "
			      "own\n", facts, facts == 1 ? "" : "s");
}

/* --- one statement --------------------------------------------------------- */

/* Utility statements are the session's, or nobody's. */
static bool check_utility(struct sql_statement statement,
			  struct compiled *compiled, struct error *error)
{
	struct lite_plan *plan = lite_plan_new();
	bool known;

	session_classify(NULL, statement.node, plan);
	known = session_utility_is_known(statement.node);
	compiled->tag = plan->compiled.tag;
	if (!known)
		error_set(error, SQLSTATE_FEATURE_NOT_SUPPORTED,
			  "%s is not supported on SQLite",
			  sql_command(statement.node));
	lite_plan_unref(&plan);
	return known;
}

static bool compile(struct explainer *explainer,
		    struct sql_statement statement, struct arena *arena,
		    struct compiled *ret_compiled, struct error *error)
{
	*error = (struct error){ 0 };
	if (IsA(statement.node, VacuumStmt)) {
		ret_compiled->kind = COMPILED_UTILITY;
		return check_utility(statement, ret_compiled, error);
	}
	if (!compile_statement(statement, explainer->schema, &compile_session,
			       NULL, 0, arena, ret_compiled, error))
		return false;
	return ret_compiled->kind != COMPILED_UTILITY ||
	       check_utility(statement, ret_compiled, error);
}

static bool run_step(struct explainer *explainer,
		     const struct compiled_step *step, struct error *error)
{
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(explainer->db, step->sql, -1, &statement,
				      NULL);

	if (code == SQLITE_OK)
		code = sqlite3_step(statement);
	if (code == SQLITE_ROW && step->error)
		*error = *step->error;
	else if (code != SQLITE_ROW && code != SQLITE_DONE)
		error_set(error, SQLSTATE_INTERNAL, "%s",
			  sqlite3_errmsg(explainer->db));
	sqlite3_finalize(statement);
	return !error->sqlstate[0];
}

/* DDL counts for what comes after it, in memory only. */
static bool take_effect(struct explainer *explainer,
			const struct compiled *compiled, struct error *error)
{
	if (compiled->kind != COMPILED_DDL || !explainer->in_memory)
		return true;
	for (int i = 0; i < compiled->step_count; i++)
		if (!run_step(explainer, &compiled->steps[i], error))
			return false;
	return load(explainer, error);
}

/* "INSERT 0" is how a tag begins, not what the statement is. */
static void put_tag(const struct compiled *compiled, struct buffer *out)
{
	const char *tag = compiled->tag ? compiled->tag : "nothing";

	buffer_printf(out, "%s\n", compiled->kind == COMPILED_INSERT ?
				   "INSERT" : tag);
}

static void put_parts(const struct compiled *compiled, bool late,
		      struct buffer *out)
{
	for (int i = 0; i < compiled->before_count; i++) {
		const struct compiled_before *part = &compiled->before[i];

		if ((part->is_late && !part->copies) == late)
			put_wrapped(out, part->sql);
	}
}

static bool explain(struct explainer *explainer,
		    struct sql_statement statement, struct buffer *out,
		    struct error *error)
{
	struct arena arena = { 0 };
	struct compiled compiled = { 0 };
	bool good = compile(explainer, statement, &arena, &compiled, error);

	if (good) {
		put_tag(&compiled, out);
		put_types(explainer, &arena, &compiled, out);
		put_parts(&compiled, false, out);
		if (compiled.sql)
			put_wrapped(out, compiled.sql);
		else if (compiled.kind == COMPILED_UTILITY)
			buffer_put_text(out, "  done by the session itself\n");
		put_parts(&compiled, true, out);
		put_steps(&compiled, out);
		good = take_effect(explainer, &compiled, error);
	}
	arena_fini(&arena);
	return good;
}

bool explainer_explain(struct explainer *explainer, const char *sql,
		       struct buffer *out)
{
	struct error error = { 0 };
	struct sql_tree *tree = session_read_tree(slice_text(sql), &error);
	bool good = tree != NULL;

	for (size_t i = 0; good && i < sql_tree_count(tree); i++)
		good = explain(explainer, sql_tree_statement(tree, i), out,
			       &error);
	if (!good)
		put_error(slice_text(sql), &error, out);
	sql_tree_free(&tree);
	return good;
}

void explainer_ask(struct explainer *explainer, const char *sql,
		   struct error *error)
{
	struct arena arena = { 0 };
	struct compiled compiled;
	struct sql_tree *tree = sql_tree_new(slice_text(sql), error);

	if (tree)
		compile(explainer, sql_tree_statement(tree, 0), &arena,
			&compiled, error);
	sql_tree_free(&tree);
	arena_fini(&arena);
}
