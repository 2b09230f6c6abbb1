/*
 * Aggregates that want their rows in an order of their own: ORDER BY and
 * DISTINCT inside the parentheses, which SQLite 3.40 does not know, and
 * WITHIN GROUP.
 *
 *   pg_sort('pg_string_agg', 'a25al;23df;', key, key, argument, argument)
 *
 * keeps the rows of a group, sorts them by the keys, and lets the aggregate it
 * names have them in that order. The second argument says how: 'd' for one row
 * of a kind only, 'a' for all; and for each key its type, a or d, and whether
 * NULL comes first or last.
 */
#include "pool/sqlite/function_aggregate.h"

#include <math.h>
#include <stdlib.h>

#include "pool/sqlite/function_array.h"

#define KEYS_MAX 64
#define BEFORE_KEYS 2		/* arguments in front of the first key */

struct sort_key {
	uint32_t type;
	bool down;
	bool nulls_first;
};

struct sorted {
	const struct aggregate_row *inner;
	struct sort_key keys[KEYS_MAX];
	int key_count;
	bool distinct;
	int width;		/* keys and arguments of a row */
	sqlite3_value **values;	/* row by row */
	size_t rows;
	size_t capacity;
	size_t bytes;
};

/* --- what is asked for ----------------------------------------------------------------- */

static bool read_keys(struct call *call, struct sorted *sorted)
{
	const char *at = call_cstring(call, 1);

	if (*at == '\0')
		return false;
	sorted->distinct = *at++ == 'd';
	while (*at != '\0' && sorted->key_count < KEYS_MAX) {
		struct sort_key *key = &sorted->keys[sorted->key_count++];
		char *after;

		key->type = (uint32_t)strtoul(at, &after, 10);
		if (strlen(after) < 3)
			return false;
		key->down = after[0] == 'd';
		key->nulls_first = after[1] == 'f';
		at = after + 3;
	}
	return *at == '\0';
}

static bool takes(const struct aggregate_row *row, int count)
{
	return row->arguments >= 0 ? count == row->arguments :
				     FUNCTION_FROM(count) <= row->arguments;
}

static bool open_sorted(struct call *call, struct sorted *sorted)
{
	sorted->inner = aggregate_find(call->functions, call_cstring(call, 0));
	if (!sorted->inner || !read_keys(call, sorted) ||
	    !takes(sorted->inner,
		   call->count - BEFORE_KEYS - sorted->key_count))
		return error_set(call->error, SQLSTATE_INTERNAL, "%s",
				 "cannot sort for this aggregate");
	sorted->width = call->count - BEFORE_KEYS;
	return true;
}

/* --- keeping ------------------------------------------------------------------------------- */

static bool inner_skips(const struct call *call, const struct sorted *sorted)
{
	if (sorted->inner->flags & FUNCTION_NULLS)
		return false;
	for (int i = BEFORE_KEYS + sorted->key_count; i < call->count; i++) {
		if (call_null(call, i))
			return true;
	}
	return false;
}

static void grow(struct sorted *sorted)
{
	if (sorted->rows < sorted->capacity)
		return;
	sorted->capacity = sorted->capacity * 2 + 16;
	sorted->values = must_realloc(sorted->values,
				      sorted->capacity *
				      (size_t)sorted->width *
				      sizeof(*sorted->values));
}

static bool sort_add(struct call *call, void *state)
{
	struct sorted *sorted = state;
	sqlite3_value **row;

	if (!sorted->inner && !open_sorted(call, sorted))
		return false;
	if (inner_skips(call, sorted))
		return true;
	grow(sorted);
	row = sorted->values + sorted->rows++ * (size_t)sorted->width;
	for (int i = 0; i < sorted->width; i++) {
		sqlite3_value *value = call->arguments[BEFORE_KEYS + i];

		row[i] = sqlite3_value_dup(value);
		sorted->bytes += sizeof(*row) + 64 +
				 (size_t)sqlite3_value_bytes(value);
	}
	return check_length(call, sorted->bytes, 1);
}

static void sort_release(void *state)
{
	struct sorted *sorted = state;

	for (size_t i = 0; i < sorted->rows * (size_t)sorted->width; i++)
		sqlite3_value_free(sorted->values[i]);
	free(sorted->values);
}

/* --- sorting ------------------------------------------------------------------------------- */

struct sorting {
	struct call *call;
	const struct sorted *sorted;
};

static struct value value_of(sqlite3_value *from)
{
	struct call call = { .arguments = &from, .count = 1 };

	return call_value(&call, 0);
}

static int compare_key(struct call *call, const struct sort_key *key,
		       sqlite3_value *a, sqlite3_value *b)
{
	struct value left = value_of(a), right = value_of(b);
	int order;

	if (left.kind == VALUE_NULL || right.kind == VALUE_NULL) {
		order = (left.kind == VALUE_NULL) - (right.kind == VALUE_NULL);
		return key->nulls_first ? -order : order;
	}
	order = compare_values(call, key->type, &left, &right);
	return key->down ? -order : order;
}

static int compare_rows(const struct sorting *sorting, sqlite3_value **a,
			sqlite3_value **b)
{
	for (int i = 0; i < sorting->sorted->key_count; i++) {
		int order = compare_key(sorting->call,
					&sorting->sorted->keys[i], a[i], b[i]);

		if (order)
			return order;
	}
	return 0;
}

/* Rows that are equal keep the order they came in. */
static int in_order(const void *left, const void *right, void *user_data)
{
	sqlite3_value **a = *(sqlite3_value **const *)left;
	sqlite3_value **b = *(sqlite3_value **const *)right;
	int order = compare_rows(user_data, a, b);

	return order ? order : (a > b) - (a < b);
}

static bool feed(struct call *call, const struct sorted *sorted,
		 sqlite3_value ***rows, void *inner_state)
{
	struct sorting sorting = { call, sorted };
	struct call inner = *call;

	inner.variant = sorted->inner->variant;
	inner.count = sorted->width - sorted->key_count;
	for (size_t i = 0; i < sorted->rows; i++) {
		if (sorted->distinct && i > 0 &&
		    !compare_rows(&sorting, rows[i - 1], rows[i]))
			continue;
		inner.arguments = rows[i] + sorted->key_count;
		if (!sorted->inner->add(&inner, inner_state))
			return false;
	}
	inner.count = 0;
	return sorted->inner->value(&inner, inner_state);
}

static bool sort_value(struct call *call, void *state)
{
	struct sorted *sorted = state;
	struct sorting sorting = { call, sorted };
	sqlite3_value ***rows;
	void *inner_state;
	bool done;

	if (!sorted->inner)	/* not one row */
		return give_null(call);
	rows = must_alloc((sorted->rows + 1) * sizeof(*rows));
	for (size_t i = 0; i < sorted->rows; i++)
		rows[i] = sorted->values + i * (size_t)sorted->width;
	qsort_r(rows, sorted->rows, sizeof(*rows), in_order, &sorting);
	inner_state = must_alloc(sorted->inner->state_bytes);
	done = feed(call, sorted, rows, inner_state);
	if (sorted->inner->release)
		sorted->inner->release(inner_state);
	free(inner_state);
	free(rows);
	return done;
}

/* --- WITHIN GROUP ------------------------------------------------------------------------------ */

/* The rows come sorted. The arguments are the fraction (or an array of
 * them), the value, and its type. */
struct percentiles {
	sqlite3_value *fraction;
	uint32_t type;
	sqlite3_value **values;
	size_t count;
	size_t capacity;
	size_t best, best_count, run;	/* mode() */
};

static bool percentile_add(struct call *call, void *state)
{
	struct percentiles *all = state;

	if (call_null(call, 1))
		return true;
	if (!all->fraction) {
		all->fraction = sqlite3_value_dup(call->arguments[0]);
		all->type = (uint32_t)call_integer(call, 2);
	}
	if (all->count == all->capacity) {
		all->capacity = all->capacity * 2 + 16;
		all->values = must_realloc(all->values, all->capacity *
					   sizeof(*all->values));
	}
	all->values[all->count++] = sqlite3_value_dup(call->arguments[1]);
	return true;
}

static void percentile_release(void *state)
{
	struct percentiles *all = state;

	sqlite3_value_free(all->fraction);
	for (size_t i = 0; i < all->count; i++)
		sqlite3_value_free(all->values[i]);
	free(all->values);
}

enum percentile { PERCENTILE_DISC, PERCENTILE_CONT };

static bool check_fraction(struct call *call, double fraction)
{
	if (fraction >= 0 && fraction <= 1)
		return true;
	return error_set(call->error, SQLSTATE_NUMERIC_OUT_OF_RANGE,
			 "percentile value %g is not between 0 and 1",
			 fraction);
}

static struct value between(const struct percentiles *all, double fraction)
{
	double place = fraction * (double)(all->count - 1);
	size_t low = (size_t)floor(place), high = (size_t)ceil(place);
	double a = value_real(all->values[low]);
	double b = value_real(all->values[high]);

	return (struct value){
		.kind = VALUE_REAL,
		.real = low == high ? a : a + (b - a) * (place - (double)low),
	};
}

static struct value one_percentile(const struct percentiles *all, int variant,
				   double fraction)
{
	double place = ceil(fraction * (double)all->count);

	if (variant == PERCENTILE_CONT)
		return between(all, fraction);
	return value_of(all->values[place < 1 ? 0 : (size_t)place - 1]);
}

static bool percentile_value(struct call *call, void *state)
{
	struct percentiles *all = state;
	struct value value;
	double fraction;

	if (!all->count || sqlite3_value_type(all->fraction) == SQLITE_NULL)
		return give_null(call);
	fraction = value_real(all->fraction);
	if (!check_fraction(call, fraction))
		return false;
	value = one_percentile(all, call->variant, fraction);
	return give_value(call, &value);
}

static bool add_percentile(struct call *call, const struct percentiles *all,
			   const struct value *fraction, struct slice *ret_item)
{
	struct value value = { .kind = VALUE_NULL };
	double place = fraction->kind == VALUE_REAL ? fraction->real :
		       (double)fraction->integer;

	if (fraction->kind != VALUE_NULL) {
		if (!check_fraction(call, place))
			return false;
		value = one_percentile(all, call->variant, place);
	}
	return array_write_item(call, &value, all->type, ret_item);
}

/* An array of fractions gives an array of the same shape. */
static bool percentiles_value(struct call *call, void *state)
{
	struct percentiles *all = state;
	struct array array;
	struct value *fractions;

	if (!all->count || sqlite3_value_type(all->fraction) == SQLITE_NULL)
		return give_null(call);
	if (!array_parse(call, value_bytes(all->fraction), &array) ||
	    !array_values(call, &array, OID_FLOAT8, &fractions))
		return false;
	for (size_t i = 0; i < array.count; i++) {
		if (!add_percentile(call, all, &fractions[i],
				    &array.items[i]))
			return false;
	}
	return give_array(call, &array);
}

/* The arguments are the value and its type. */
static bool mode_add(struct call *call, void *state)
{
	struct percentiles *all = state;
	struct value now = call_value(call, 0), before;

	if (call_null(call, 0))
		return true;
	if (all->count) {
		before = value_of(all->values[all->count - 1]);
		if (compare_values(call, (uint32_t)call_integer(call, 1),
				   &before, &now))
			all->run = 0;
	}
	all->run++;
	if (all->count == all->capacity) {
		all->capacity = all->capacity * 2 + 16;
		all->values = must_realloc(all->values, all->capacity *
					   sizeof(*all->values));
	}
	all->values[all->count++] = sqlite3_value_dup(call->arguments[0]);
	if (all->run > all->best_count) {
		all->best_count = all->run;
		all->best = all->count - all->run;	/* its first */
	}
	return true;
}

static bool mode_value(struct call *call, void *state)
{
	struct percentiles *all = state;
	struct value value;

	if (!all->count)
		return give_null(call);
	value = value_of(all->values[all->best]);
	return give_value(call, &value);
}

/* --- one row at most ------------------------------------------------------------------------------ */

/* What a subquery in an expression returns. */
struct only {
	sqlite3_value *value;
};

static bool only_add(struct call *call, void *state)
{
	struct only *only = state;

	if (only->value)
		return error_set(call->error, SQLSTATE_CARDINALITY, "%s",
				 "more than one row returned by a subquery "
				 "used as an expression");
	only->value = sqlite3_value_dup(call->arguments[0]);
	return true;
}

static bool only_value(struct call *call, void *state)
{
	struct only *only = state;
	struct value value;

	if (!only->value)
		return give_null(call);
	value = value_of(only->value);
	return give_value(call, &value);
}

static void only_release(void *state)
{
	sqlite3_value_free(((struct only *)state)->value);
}

static const struct aggregate_row rows[] = {
	{ "pg_sort", FUNCTION_FROM(2), FUNCTION_NULLS, sizeof(struct sorted), sort_add,
	  refuse_remove, sort_value, sort_release, 0 },
	{ "pg_percentile_disc", 3, FUNCTION_NULLS, sizeof(struct percentiles),
	  percentile_add, refuse_remove, percentile_value, percentile_release,
	  PERCENTILE_DISC },
	{ "pg_percentile_cont", 3, FUNCTION_NULLS, sizeof(struct percentiles),
	  percentile_add, refuse_remove, percentile_value, percentile_release,
	  PERCENTILE_CONT },
	{ "pg_percentiles_disc", 3, FUNCTION_NULLS, sizeof(struct percentiles),
	  percentile_add, refuse_remove, percentiles_value, percentile_release,
	  PERCENTILE_DISC },
	{ "pg_percentiles_cont", 3, FUNCTION_NULLS, sizeof(struct percentiles),
	  percentile_add, refuse_remove, percentiles_value, percentile_release,
	  PERCENTILE_CONT },
	{ "pg_mode", 2, FUNCTION_NULLS, sizeof(struct percentiles), mode_add,
	  refuse_remove, mode_value, percentile_release, 0 },
	{ "pg_only", 1, FUNCTION_NULLS, sizeof(struct only), only_add,
	  refuse_remove, only_value, only_release, 0 },
	{ 0 },
};

int functions_sorted(sqlite3 *db, struct functions *functions)
{
	return functions_add_aggregates(db, functions, rows);
}
