#include "proxy/digest_purge.h"

#include <stdlib.h>

#define READ_PER_LOOK 64	/* buckets; the others wait for the next one */
#define AHEAD_MS 60000		/* besides twice the pause */

struct content {
	uint64_t rows;
	uint8_t digest[DIGEST_BYTES];
};

struct kept {
	const char *after, *upto;
	const char *oldest, *newest;	/* of the column of retention */
	const struct digest_columns *columns;
	struct content content;
	/* what is younger than the bound; NULL: not known */
	char *bound;
	struct content young;
};

struct digest_purge {
	char *column;
	uint64_t age_ms, ahead_ms;
	struct arena arena;	/* of the texts in the buckets */
	struct kept *buckets;
	size_t count, capacity;
	size_t first;		/* those before it are empty */
	size_t next;		/* where the last look had to stop */
};

/* What one look has at hand. */
struct look {
	struct digest_purge *purge;
	struct digest_source *source;
	const struct digest_table *table;
	struct digest_bucket *bucket;
	struct arena arena;
	const char *cutoff, *bound;
	bool (*add)(void *context, struct checkpoint *, struct error *);
	void *context;
};

/* --- life ---------------------------------------------------------------- */

struct digest_purge *digest_purge_new(const char *column, uint64_t age_ms,
				      uint64_t pause_ms)
{
	struct digest_purge *purge = must_alloc(sizeof(*purge));

	purge->column = must_dup(column);
	purge->age_ms = age_ms;
	purge->ahead_ms = 2 * pause_ms + AHEAD_MS;
	return purge;
}

void digest_purge_forget(struct digest_purge *purge)
{
	for (size_t i = 0; i < purge->count; i++)
		free(purge->buckets[i].bound);
	arena_fini(&purge->arena);
	purge->count = purge->first = purge->next = 0;
}

void digest_purge_free(struct digest_purge **purge)
{
	if (!*purge)
		return;
	digest_purge_forget(*purge);
	free((*purge)->buckets);
	free((*purge)->column);
	free(*purge);
	*purge = NULL;
}

const char *digest_purge_column(const struct digest_purge *purge)
{
	return purge->column;
}

/* --- what is in the file ------------------------------------------------- */

static const char *keep_text(struct digest_purge *purge, const char *text)
{
	return text ? arena_text(&purge->arena, text) : NULL;
}

static const struct digest_columns *
keep_columns(struct digest_purge *purge, const struct digest_columns *columns)
{
	const struct digest_columns *before = purge->count ?
		purge->buckets[purge->count - 1].columns : NULL;

	if (before && digest_columns_equal(before, columns))
		return before;
	return digest_columns_copy(columns, &purge->arena);
}

/* Sealed before there was a rule, a bucket does not say how old its rows are;
 * the key does where it is the same column, else that they were there by then.
 */
static void guess_ages(struct digest_purge *purge, struct kept *bucket,
		       const struct checkpoint *seen)
{
	bool is_key = strcmp(seen->by, purge->column) == 0;

	if (bucket->newest)
		return;
	bucket->oldest = is_key && seen->after ? bucket->after : "";
	bucket->newest = is_key ? bucket->upto :
			 arena_text(&purge->arena, seen->time);
}

static void add_bucket(struct digest_purge *purge,
		       const struct checkpoint *seen)
{
	struct kept bucket = {
		.after = keep_text(purge, seen->after),
		.upto = keep_text(purge, seen->upto),
		.oldest = keep_text(purge, seen->oldest),
		.newest = keep_text(purge, seen->newest),
		.columns = keep_columns(purge, &seen->columns),
	};

	guess_ages(purge, &bucket, seen);
	if (purge->count == purge->capacity) {
		purge->capacity = purge->capacity ? 2 * purge->capacity : 64;
		purge->buckets = must_realloc(purge->buckets, purge->capacity *
					      sizeof(*purge->buckets));
	}
	purge->buckets[purge->count++] = bucket;
}

void digest_purge_note(struct digest_purge *purge,
		       const struct checkpoint *seen)
{
	struct kept *bucket;

	if (seen->kind == CHECKPOINT_BUCKET)
		add_bucket(purge, seen);
	if (seen->bucket >= purge->count)
		return;
	bucket = &purge->buckets[seen->bucket];
	bucket->content.rows = seen->rows;
	memcpy(bucket->content.digest, seen->digest, DIGEST_BYTES);
	while (purge->first < purge->count &&
	       !purge->buckets[purge->first].content.rows)
		purge->first++;
}

/* --- one bucket ---------------------------------------------------------- */

static bool same(const struct content *a, const struct content *b)
{
	return a->rows == b->rows &&
	       memcmp(a->digest, b->digest, DIGEST_BYTES) == 0;
}

static bool read_content(struct look *look, const struct kept *bucket,
			 const char *younger_than, struct content *ret,
			 struct error *error)
{
	struct digest_range range = {
		.after = bucket->after, .upto = bucket->upto,
		.column = look->purge->column, .younger_than = younger_than,
	};
	bool done = digest_source_read(look->source, look->table,
				       bucket->columns, range, look->bucket,
				       error);

	ret->rows = digest_bucket_end(look->bucket, ret->digest);
	return done;
}

/* Whether nothing is missing that may not go. */
static bool may_shrink(struct look *look, const struct kept *bucket,
		       bool *ret, struct error *error)
{
	struct content young;

	*ret = strcmp(bucket->newest, look->cutoff) <= 0;
	if (*ret || !bucket->bound || strcmp(bucket->bound, look->cutoff) < 0)
		return true;
	if (!read_content(look, bucket, bucket->bound, &young, error))
		return false;
	*ret = same(&young, &bucket->young);
	return true;
}

static bool write_purge(struct look *look, size_t at,
			const struct content *now, struct error *error)
{
	const struct kept *bucket = &look->purge->buckets[at];
	struct checkpoint purge = {
		.kind = CHECKPOINT_PURGE,
		.table = digest_name_table(look->table->name, &look->arena),
		.by = look->table->name->column, .bucket = at,
		.after = bucket->after, .upto = bucket->upto,
		.rows = now->rows, .oldest = bucket->oldest,
		.newest = bucket->newest, .cutoff = look->cutoff,
		.columns = *bucket->columns,
	};

	memcpy(purge.digest, now->digest, DIGEST_BYTES);
	if (!look->add(look->context, &purge, error))
		return false;
	digest_purge_note(look->purge, &purge);
	return true;
}

/* What is as it should be is what the next look compares with. */
static bool keep_young(struct look *look, struct kept *bucket,
		       struct error *error)
{
	free(bucket->bound);
	bucket->bound = NULL;
	if (strcmp(bucket->newest, look->cutoff) <= 0)
		return true;
	if (!read_content(look, bucket, look->bound, &bucket->young, error))
		return false;
	bucket->bound = must_dup(look->bound);
	return true;
}

static bool look_at(struct look *look, size_t at, struct error *error)
{
	struct kept *bucket = &look->purge->buckets[at];
	bool good = true, may = false;
	struct content now;

	if (!read_content(look, bucket, NULL, &now, error))
		return false;
	if (!same(&now, &bucket->content)) {
		if (now.rows >= bucket->content.rows)
			return true;
		good = may_shrink(look, bucket, &may, error) &&
		       (!may || write_purge(look, at, &now, error));
		if (!good || !may)
			return good;
	}
	return keep_young(look, bucket, error);
}

/* --- all of them --------------------------------------------------------- */

static const char *type_of(const struct digest_table *table,
			   const char *column)
{
	for (unsigned i = 0; i < table->columns.count; i++)
		if (strcmp(table->columns.names[i], column) == 0)
			return table->columns.types[i];
	return NULL;
}

static bool find_bounds(struct look *look, const char *type,
			struct error *error)
{
	const struct digest_purge *purge = look->purge;
	uint64_t ahead_ms = purge->ahead_ms < purge->age_ms ?
			    purge->ahead_ms : purge->age_ms;

	return digest_source_ago(look->source, type, purge->age_ms,
				 &look->arena, &look->cutoff, error) &&
	       digest_source_ago(look->source, type, purge->age_ms - ahead_ms,
				 &look->arena, &look->bound, error) &&
	       look->cutoff && look->bound;
}

static bool look_at_all(struct look *look, struct error *error)
{
	struct digest_purge *purge = look->purge;
	size_t begin = purge->next > purge->first ? purge->next : purge->first;
	unsigned read = 0;

	purge->next = 0;
	for (size_t at = begin; at < purge->count; at++) {
		const struct kept *bucket = &purge->buckets[at];

		if (!bucket->content.rows ||
		    strcmp(bucket->oldest, look->bound) > 0 ||
		    digest_columns_lost(bucket->columns,
					&look->table->columns) >= 0)
			continue;
		if (read++ == READ_PER_LOOK) {
			purge->next = at;
			break;
		}
		if (!look_at(look, at, error))
			return false;
	}
	return true;
}

bool digest_purge_look(struct digest_purge *purge, struct digest_source *source,
		       const struct digest_table *table,
		       struct digest_bucket *bucket,
		       bool (*add)(void *context, struct checkpoint *,
				   struct error *),
		       void *context, struct error *error)
{
	struct look look = {
		.purge = purge, .source = source, .table = table,
		.bucket = bucket, .add = add, .context = context,
	};
	const char *type = type_of(table, purge->column);
	bool done = !type || (find_bounds(&look, type, error) &&
			      look_at_all(&look, error));

	arena_fini(&look.arena);
	return done;
}
