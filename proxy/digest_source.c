#include "proxy/digest_source_inner.h"

#include <stdlib.h>
#include <strings.h>

/* --- life ---------------------------------------------------------------- */

struct digest_source *digest_source_open(const struct digest_target *target,
					 bool (*given_up)(void *context),
					 void *context, struct error *error)
{
	struct digest_source *source;

	if (target->kind == BACKEND_URL_SQLITE)
		source = digest_sqlite_open(target, error);
	else
		source = digest_postgres_open(target, given_up, context,
					      error);
	if (!source)
		return NULL;
	source->given_up = given_up;
	source->context = context;
	return source;
}

void digest_source_close(struct digest_source **source)
{
	if (*source)
		(*source)->verbs->close(*source);
	*source = NULL;
}

bool digest_source_begin(struct digest_source *source, struct error *error)
{
	return source->verbs->begin(source, error);
}

void digest_source_end(struct digest_source *source)
{
	source->verbs->end(source);
}

/* --- SQL ----------------------------------------------------------------- */

static void put_doubled(struct buffer *sql, const char *text, char quote)
{
	buffer_put_u8(sql, (uint8_t)quote);
	for (; *text; text++) {
		if (*text == quote)
			buffer_put_u8(sql, (uint8_t)quote);
		buffer_put_u8(sql, (uint8_t)*text);
	}
	buffer_put_u8(sql, (uint8_t)quote);
}

void digest_put_literal(struct buffer *sql, const char *text)
{
	put_doubled(sql, text, '\'');
}

void digest_put_quoted(struct buffer *sql, const char *name)
{
	put_doubled(sql, name, '"');
}

static void put_from(struct digest_source *source,
		     const struct digest_table *table, struct buffer *sql)
{
	buffer_put_text(sql, " FROM ");
	source->verbs->put_table(table->name, sql);
}

static void put_bound(const char *column, const char *is, const char *value,
		      struct buffer *sql)
{
	digest_put_quoted(sql, column);
	buffer_printf(sql, " %s ", is);
	digest_put_literal(sql, value);
}

static void put_range(const struct digest_table *table,
		      struct digest_range range, struct buffer *sql)
{
	const char *word = " WHERE ";

	if (range.after) {
		buffer_put_text(sql, word);
		put_bound(table->name->column, ">", range.after, sql);
		word = " AND ";
	}
	if (range.upto) {
		buffer_put_text(sql, word);
		put_bound(table->name->column, "<=", range.upto, sql);
		word = " AND ";
	}
	if (range.younger_than) {
		buffer_printf(sql, "%s(", word);
		put_bound(range.column, ">", range.younger_than, sql);
		buffer_put_text(sql, " OR ");
		digest_put_quoted(sql, range.column);
		buffer_put_text(sql, " IS NULL)");
	}
}

static void put_order(const struct digest_table *table, struct buffer *sql)
{
	buffer_put_text(sql, " ORDER BY ");
	digest_put_quoted(sql, table->name->column);
}

/* What a question of one row with up to two values has answered. */
struct pair {
	struct arena *arena;
	const char *values[2];
	unsigned count;
};

static void on_pair(void *context, const char *const *values)
{
	struct pair *pair = context;

	for (unsigned i = 0; i < pair->count; i++)
		pair->values[i] = values[i] ?
				  arena_text(pair->arena, values[i]) : NULL;
}

static bool ask_pair(struct digest_source *source, struct buffer *sql,
		     struct pair *pair, struct error *error)
{
	bool done = source->verbs->ask(source, buffer_cstring(sql), on_pair,
				       pair, error);

	buffer_fini(sql);
	return done;
}

static bool ask_one(struct digest_source *source, struct buffer *sql,
		    struct arena *arena, const char **ret,
		    struct error *error)
{
	struct pair pair = { arena, { NULL, NULL }, 1 };

	if (!ask_pair(source, sql, &pair, error))
		return false;
	*ret = pair.values[0];
	return true;
}

/* --- the table ----------------------------------------------------------- */

static const char *const number_types[] = {
	"smallint", "integer", "bigint", "int", "int2", "int4", "int8",
	"smallserial", "serial", "bigserial", NULL
};
static const char *const time_types[] = {
	"timestamp", "timestamptz", "date", "datetime", NULL
};

/* By its first word: "timestamp(3) with time zone", "bigint". */
static bool is_one_of(const char *type, const char *const *words)
{
	size_t length = strcspn(type, " (");

	for (; *words; words++)
		if (strlen(*words) == length &&
		    strncasecmp(type, *words, length) == 0)
			return true;
	return false;
}

struct describing {
	struct arena *arena;
	struct digest_table *table;
	const char *names[CHECKPOINT_COLUMNS_MAX];
	const char *types[CHECKPOINT_COLUMNS_MAX];
};

static void on_column(void *context, const char *const *values)
{
	struct describing *describing = context;
	struct digest_table *table = describing->table;
	unsigned at = table->columns.count;
	const char *by = table->name->column;

	if (at == CHECKPOINT_COLUMNS_MAX || !values[0] || !values[1])
		return;
	describing->names[at] = arena_text(describing->arena, values[0]);
	describing->types[at] = arena_text(describing->arena, values[1]);
	if (by && strcmp(values[0], by) == 0) {
		table->type = describing->types[at];
		table->is_time = is_one_of(values[1], time_types);
		table->has_column = table->is_time ||
				    is_one_of(values[1], number_types);
		table->is_nullable = values[2] && values[2][0] == '1';
	}
	table->columns.count++;
}

static const char **keep(struct arena *arena, const char **texts,
			 unsigned count)
{
	const char **kept = arena_alloc(arena, (count + 1) * sizeof(*kept));

	memcpy(kept, texts, count * sizeof(*kept));
	return kept;
}

bool digest_source_describe(struct digest_source *source,
			    const struct digest_name *name,
			    struct arena *arena, struct digest_table *ret,
			    struct error *error)
{
	struct describing *describing = must_alloc(sizeof(*describing));
	struct digest_table table = { .name = name };
	struct buffer sql = { 0 };
	bool done;

	describing->arena = arena;
	describing->table = &table;
	source->verbs->put_describe(name, &sql);
	done = source->verbs->ask(source, buffer_cstring(&sql), on_column,
				  describing, error);
	table.exists = table.columns.count > 0;
	table.columns.names = keep(arena, describing->names,
				   table.columns.count);
	table.columns.types = keep(arena, describing->types,
				   table.columns.count);
	buffer_fini(&sql);
	free(describing);
	if (done)
		*ret = table;
	return done;
}

/* --- its keys ------------------------------------------------------------ */

bool digest_source_top(struct digest_source *source,
		       const struct digest_table *table, const char *after,
		       struct arena *arena, const char **ret,
		       struct error *error)
{
	struct digest_range range = { .after = after };
	struct buffer sql = { 0 };

	buffer_put_text(&sql, "SELECT max(");
	digest_put_quoted(&sql, table->name->column);
	buffer_put_u8(&sql, ')');
	put_from(source, table, &sql);
	put_range(table, range, &sql);
	if (table->is_time) {
		buffer_put_text(&sql, after ? " AND " : " WHERE ");
		digest_put_quoted(&sql, table->name->column);
		buffer_printf(&sql, " <= %s", source->verbs->now);
	}
	return ask_one(source, &sql, arena, ret, error);
}

bool digest_source_cut(struct digest_source *source,
		       const struct digest_table *table,
		       struct digest_range range, unsigned rows,
		       struct arena *arena, const char **ret,
		       struct error *error)
{
	struct buffer sql = { 0 };

	buffer_put_text(&sql, "SELECT ");
	digest_put_quoted(&sql, table->name->column);
	put_from(source, table, &sql);
	put_range(table, range, &sql);
	put_order(table, &sql);
	buffer_printf(&sql, " LIMIT 1 OFFSET %u", rows - 1);
	return ask_one(source, &sql, arena, ret, error);
}

bool digest_source_span(struct digest_source *source,
			const struct digest_table *table, const char *column,
			struct digest_range range, struct arena *arena,
			const char **ret_least, const char **ret_greatest,
			struct error *error)
{
	struct pair pair = { arena, { NULL, NULL }, 2 };
	struct buffer sql = { 0 };

	buffer_put_text(&sql, "SELECT min(");
	digest_put_quoted(&sql, column);
	buffer_put_text(&sql, "), CASE WHEN count(*) > count(");
	digest_put_quoted(&sql, column);
	buffer_put_text(&sql, ") THEN '9999-12-31' ELSE CAST(max(");
	digest_put_quoted(&sql, column);
	buffer_put_text(&sql, ") AS text) END");
	put_from(source, table, &sql);
	put_range(table, range, &sql);
	if (!ask_pair(source, &sql, &pair, error))
		return false;
	*ret_least = pair.values[0];
	*ret_greatest = pair.values[1];
	return true;
}

bool digest_source_keyless(struct digest_source *source,
			   const struct digest_table *table, uint64_t *ret,
			   struct error *error)
{
	struct arena arena = { 0 };
	struct buffer sql = { 0 };
	const char *count = NULL;
	bool done;

	buffer_put_text(&sql, "SELECT count(*)");
	put_from(source, table, &sql);
	buffer_put_text(&sql, " WHERE ");
	digest_put_quoted(&sql, table->name->column);
	buffer_put_text(&sql, " IS NULL");
	done = ask_one(source, &sql, &arena, &count, error);
	if (done)
		*ret = count ? strtoull(count, NULL, 10) : 0;
	arena_fini(&arena);
	return done;
}

bool digest_source_ago(struct digest_source *source, const char *type,
		       uint64_t ms, struct arena *arena, const char **ret,
		       struct error *error)
{
	struct buffer sql = { 0 };

	source->verbs->put_ago(type, ms, &sql);
	return ask_one(source, &sql, arena, ret, error);
}

/* --- its transactions ---------------------------------------------------- */

struct transactions {
	const char *among;
	struct buffer found;
};

static bool has_word(const char *words, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = words; (at = strstr(at, word)); at += length)
		if ((at == words || at[-1] == ' ') &&
		    (at[length] == ' ' || !at[length]))
			return true;
	return false;
}

static void on_transaction(void *context, const char *const *values)
{
	struct transactions *all = context;

	if (!values[0] || (all->among[0] && !has_word(all->among, values[0])))
		return;
	if (all->found.length)
		buffer_put_u8(&all->found, ' ');
	buffer_put_text(&all->found, values[0]);
}

bool digest_source_running(struct digest_source *source, const char *among,
			   struct arena *arena, const char **ret,
			   struct error *error)
{
	struct transactions all = { .among = among };
	bool done = true;

	if (source->verbs->running)
		done = source->verbs->ask(source, source->verbs->running,
					  on_transaction, &all, error);
	if (done)
		*ret = arena_dup(arena, buffer_slice(&all.found));
	buffer_fini(&all.found);
	return done;
}

/* --- its rows ------------------------------------------------------------ */

bool digest_source_read(struct digest_source *source,
			const struct digest_table *table,
			const struct digest_columns *columns,
			struct digest_range range,
			struct digest_bucket *bucket, struct error *error)
{
	struct buffer sql = { 0 };
	bool done;

	buffer_put_text(&sql, "SELECT ");
	digest_put_quoted(&sql, table->name->column);
	for (unsigned i = 0; i < columns->count; i++) {
		buffer_put_text(&sql, ", ");
		digest_put_quoted(&sql, columns->names[i]);
	}
	put_from(source, table, &sql);
	put_range(table, range, &sql);
	put_order(table, &sql);
	done = source->verbs->read(source, buffer_cstring(&sql),
				   columns->count, bucket, error);
	buffer_fini(&sql);
	return done;
}
