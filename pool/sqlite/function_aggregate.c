/*
 * Aggregates: sums and averages in the width Postgres computes them,
 * string_agg, bits. All may stand over a window; those that cannot
 * forget a row are computed anew in a moving frame (FUNCTION_ANEW).
 */
#include "pool/sqlite/function_aggregate.h"

#include "protocol/numeric.h"

/* --- pieces ---------------------------------------------------------------------- */

void pieces_begin(struct pieces *pieces)
{
	pieces->begun = pieces->text.length;
}

void pieces_separated(struct pieces *pieces)
{
	pieces->separated = pieces->text.length;
}

bool pieces_end(struct call *call, struct pieces *pieces)
{
	size_t lengths[2] = { pieces->separated - pieces->begun,
			      pieces->text.length - pieces->separated };

	buffer_put(&pieces->lengths, lengths, sizeof(lengths));
	return check_length(call, pieces->text.length + pieces->lengths.length,
			    1);
}

static size_t piece_length(const struct pieces *pieces, size_t row, int which)
{
	size_t lengths[2];

	memcpy(lengths, pieces->lengths.bytes + row * sizeof(lengths),
	       sizeof(lengths));
	return lengths[which];
}

size_t pieces_count(const struct pieces *pieces)
{
	return pieces->lengths.length / (2 * sizeof(size_t)) - pieces->gone;
}

struct slice pieces_text(const struct pieces *pieces)
{
	size_t start = pieces->gone_bytes;

	if (!pieces_count(pieces))
		return slice_make("", 0);
	start += piece_length(pieces, pieces->gone, 0);
	return slice_make(pieces->text.bytes + start,
			  pieces->text.length - start);
}

/* Gives back what is gone once it is half of what is kept. */
static void shrink(struct pieces *pieces)
{
	if (pieces->gone_bytes < 4096 ||
	    pieces->gone_bytes < pieces->text.length / 2)
		return;
	buffer_consume(&pieces->text, pieces->gone_bytes);
	buffer_consume(&pieces->lengths, pieces->gone * 2 * sizeof(size_t));
	pieces->gone = pieces->gone_bytes = 0;
}

bool pieces_remove(struct call *call, void *state)
{
	struct pieces *pieces = state;

	if (!pieces_count(pieces))
		return true;
	pieces->gone_bytes += piece_length(pieces, pieces->gone, 0) +
			      piece_length(pieces, pieces->gone, 1);
	pieces->gone++;
	shrink(pieces);
	return true;
}

void pieces_release(void *state)
{
	struct pieces *pieces = state;

	buffer_fini(&pieces->text);
	buffer_fini(&pieces->lengths);
}

bool refuse_remove(struct call *call, void *state)
{
	return error_set(call->error, SQLSTATE_FEATURE_NOT_SUPPORTED,
			 "this aggregate over a moving window frame is not "
			 "supported");
}

/* --- string_agg, bytea ---------------------------------------------------------------- */

static bool add_string(struct call *call, void *state)
{
	struct pieces *pieces = state;

	if (call_null(call, 0))
		return true;
	pieces_begin(pieces);
	if (!call_null(call, 1))
		buffer_put_slice(&pieces->text, call_text(call, 1));
	pieces_separated(pieces);
	buffer_put_slice(&pieces->text, call_text(call, 0));
	return pieces_end(call, pieces);
}

static bool remove_string(struct call *call, void *state)
{
	return call_null(call, 0) || pieces_remove(call, state);
}

static bool string_value(struct call *call, void *state)
{
	struct pieces *pieces = state;

	if (!pieces_count(pieces))
		return give_null(call);
	return call->variant ? give_blob(call, pieces_text(pieces))
			     : give_text(call, pieces_text(pieces));
}

/* --- sums of integers -------------------------------------------------------------------- */

/* SQLite aligns an aggregate's memory to 8 bytes only. */
struct int_sum {
	__int128 sum;
	int64_t count;
} __attribute__((packed, aligned(8)));

static bool int_add(struct call *call, void *state)
{
	struct int_sum *sum = state;

	sum->sum += call_integer(call, 0);
	sum->count++;
	return true;
}

static bool int_remove(struct call *call, void *state)
{
	struct int_sum *sum = state;

	sum->sum -= call_integer(call, 0);
	sum->count--;
	return true;
}

static bool int_sum_value(struct call *call, void *state)
{
	struct int_sum *sum = state;

	if (!sum->count)
		return give_null(call);
	if (sum->sum != (int64_t)sum->sum)
		return fail_integer_range(call, 8);
	return give_integer(call, (int64_t)sum->sum);
}

/* 128 bits as a numeric: upper half times 2^64 plus lower half. */
static void numeric_from_int128(__int128 value, struct numeric *ret)
{
	unsigned __int128 size = value < 0 ? -(unsigned __int128)value
					   : (unsigned __int128)value;
	uint64_t halves[2] = { (uint64_t)size, (uint64_t)(size >> 64) };

	mpz_import(ret->units, 2, -1, sizeof(halves[0]), 0, 0, halves);
	if (value < 0)
		mpz_neg(ret->units, ret->units);
}

static bool give_numeric(struct call *call, const struct numeric *value)
{
	return give_text(call, numeric_text(value, call->scratch));
}

static bool give_quotient(struct call *call, const struct numeric *sum,
			  int64_t count)
{
	struct numeric divisor, result;
	bool ok;

	numeric_init(&divisor);
	numeric_init(&result);
	numeric_from_int64(count, &divisor);
	ok = numeric_do(NUMERIC_DIV, sum, &divisor, &result, call->error) &&
	     give_numeric(call, &result);
	numeric_fini(&divisor);
	numeric_fini(&result);
	return ok;
}

static bool int_avg_value(struct call *call, void *state)
{
	struct int_sum *sum = state;
	struct numeric total;
	bool ok;

	if (!sum->count)
		return give_null(call);
	numeric_init(&total);
	numeric_from_int128(sum->sum, &total);
	ok = give_quotient(call, &total, sum->count);
	numeric_fini(&total);
	return ok;
}

/* --- sums of numerics ---------------------------------------------------------------------- */

/*
 * The scale of a sum is the largest of its rows'; so that a moving frame can
 * forget it, rows are counted per scale. Special values are only counted.
 */
struct numeric_sum {
	bool ready;
	struct numeric sum;
	struct numeric squares;	/* for the variances */
	int64_t count;		/* all rows */
	int64_t special[4];	/* by enum numeric_kind */
	struct buffer scales;	/* int64_t rows of each scale */
};

enum numeric_aggregate {
	AGG_SUM, AGG_AVG, AGG_VAR_POP, AGG_VAR_SAMP, AGG_STDDEV_POP,
	AGG_STDDEV_SAMP, AGG_SUM_FLOAT4,
};

static void make_ready(struct numeric_sum *state)
{
	if (state->ready)
		return;
	state->ready = true;
	numeric_init(&state->sum);
	numeric_init(&state->squares);
}

static void count_scale(struct numeric_sum *state, int scale, int64_t change)
{
	size_t needed = ((size_t)scale + 1) * sizeof(int64_t);
	int64_t rows;

	while (state->scales.length < needed)
		buffer_put_u64(&state->scales, 0);
	memcpy(&rows, state->scales.bytes + needed - sizeof(rows),
	       sizeof(rows));
	rows += change;
	memcpy(state->scales.bytes + needed - sizeof(rows), &rows,
	       sizeof(rows));
	while (state->scales.length) {
		memcpy(&rows, state->scales.bytes + state->scales.length -
				      sizeof(rows), sizeof(rows));
		if (rows)
			break;
		state->scales.length -= sizeof(rows);
	}
}

/* Adds (or takes away) one value. */
static bool accumulate(struct call *call, struct numeric_sum *state,
		       enum numeric_operation operation,
		       const struct numeric *value)
{
	struct numeric square;
	bool ok;

	if (value->kind != NUMERIC_FINITE) {
		state->special[value->kind] +=
			operation == NUMERIC_ADD ? 1 : -1;
		return true;
	}
	count_scale(state, value->scale, operation == NUMERIC_ADD ? 1 : -1);
	if (!numeric_do(operation, &state->sum, value, &state->sum,
			call->error))
		return false;
	if (call->variant < AGG_VAR_POP)
		return true;
	numeric_init(&square);
	ok = numeric_do(NUMERIC_MUL, value, value, &square, call->error) &&
	     numeric_do(operation, &state->squares, &square, &state->squares,
			call->error);
	numeric_fini(&square);
	return ok;
}

static bool change_numeric(struct call *call, struct numeric_sum *state,
			   enum numeric_operation operation)
{
	struct numeric value;
	bool ok;

	make_ready(state);
	numeric_init(&value);
	ok = numeric_parse(call_text(call, 0), &value, call->error) &&
	     accumulate(call, state, operation, &value);
	numeric_fini(&value);
	state->count += operation == NUMERIC_ADD ? 1 : -1;
	return ok;
}

static bool numeric_add(struct call *call, void *state)
{
	return change_numeric(call, state, NUMERIC_ADD);
}

static bool numeric_remove(struct call *call, void *state)
{
	return change_numeric(call, state, NUMERIC_SUB);
}

/* NaN and infinities decide alone; NULL: there are none. */
static const char *special_result(const struct numeric_sum *state, bool sum)
{
	int64_t plus = state->special[NUMERIC_PLUS_INFINITY];
	int64_t minus = state->special[NUMERIC_MINUS_INFINITY];

	if (state->special[NUMERIC_NAN] || (plus && minus))
		return "NaN";
	if (plus)
		return sum ? "Infinity" : "NaN";
	if (minus)
		return sum ? "-Infinity" : "NaN";
	return NULL;
}

static bool numeric_sum_value(struct call *call, void *memory)
{
	struct numeric_sum *state = memory;
	const char *special;
	int scale = (int)(state->scales.length / sizeof(int64_t)) - 1;

	if (!state->count)
		return give_null(call);
	special = special_result(state, true);
	if (special)
		return give_text(call, slice_text(special));
	numeric_round(&state->sum, scale < 0 ? 0 : scale);
	return call->variant == AGG_AVG
		       ? give_quotient(call, &state->sum, state->count)
		       : give_numeric(call, &state->sum);
}

/* (N * sum of squares - sum squared) / (N * (N or N - 1)), as Postgres; the
 * root of it keeps the scale of the quotient. */
static bool give_variance(struct call *call, struct numeric_sum *state,
			  bool sample, bool root)
{
	struct numeric n, a, b;
	bool ok;

	numeric_init(&n);
	numeric_init(&a);
	numeric_init(&b);
	numeric_from_int64(state->count, &n);
	ok = numeric_do(NUMERIC_MUL, &n, &state->squares, &a, call->error) &&
	     numeric_do(NUMERIC_MUL, &state->sum, &state->sum, &b,
			call->error) &&
	     numeric_do(NUMERIC_SUB, &a, &b, &a, call->error);
	numeric_from_int64(state->count - sample, &b);
	if (ok && mpz_sgn(a.units) <= 0) {
		give_text(call, slice_text("0"));
	} else if (ok) {
		ok = numeric_do(NUMERIC_MUL, &n, &b, &b, call->error) &&
		     numeric_do(NUMERIC_DIV, &a, &b, &a, call->error);
		if (ok && root)
			ok = numeric_sqrt_at(&a, a.scale, &a, call->error);
		ok = ok && give_numeric(call, &a);
	}
	numeric_fini(&n);
	numeric_fini(&a);
	numeric_fini(&b);
	return ok;
}

static bool variance_value(struct call *call, void *memory)
{
	struct numeric_sum *state = memory;
	bool sample = call->variant == AGG_VAR_SAMP ||
		      call->variant == AGG_STDDEV_SAMP;
	int scale;

	if (state->count <= sample)
		return give_null(call);
	if (special_result(state, false))
		return give_text(call, slice_text("NaN"));
	scale = (int)(state->scales.length / sizeof(int64_t)) - 1;
	numeric_round(&state->sum, scale < 0 ? 0 : scale);
	numeric_round(&state->squares, scale < 0 ? 0 : scale * 2);
	return give_variance(call, state, sample,
			     call->variant >= AGG_STDDEV_POP);
}

static void numeric_release(void *memory)
{
	struct numeric_sum *state = memory;

	if (!state->ready)
		return;
	numeric_fini(&state->sum);
	numeric_fini(&state->squares);
	buffer_fini(&state->scales);
}

/* --- sums of floats ------------------------------------------------------------------------------ */

/* Postgres adds floats in their order, and squares beside it for avg(). */
struct float_sum {
	double sum;
	int64_t count;
	double squares;		/* avg() keeps them, and may overflow */
};

static bool add_square(struct call *call, struct float_sum *sum, double x)
{
	double n = (double)sum->count, step = x * n - sum->sum;

	if (n < 2)
		return true;
	sum->squares += step * step / (n * (n - 1));
	return !isinf(sum->squares) || isinf(x) || isinf(sum->sum) ||
	       error_set(call->error, SQLSTATE_NUMERIC_OUT_OF_RANGE,
			 "value out of range: overflow");
}

static bool float_add(struct call *call, void *state)
{
	struct float_sum *sum = state;
	double x = call_real(call, 0);
	bool first = !sum->count && call->variant != AGG_AVG;
	double total = first ? x : sum->sum + x;	/* -0 stays -0 */

	if (call->variant == AGG_SUM_FLOAT4)	/* each step in its width */
		total = (float)total;
	if (isinf(total) && !isinf(x) && !isinf(sum->sum))
		return error_set(call->error, SQLSTATE_NUMERIC_OUT_OF_RANGE,
				 "value out of range: overflow");
	sum->sum = total;
	sum->count++;
	return call->variant != AGG_AVG || add_square(call, sum, x);
}

static bool float_value(struct call *call, void *state)
{
	struct float_sum *sum = state;

	if (!sum->count)
		return give_null(call);
	return give_real(call, call->variant == AGG_AVG
			 ? sum->sum / (double)sum->count : sum->sum);
}

/* --- bits ------------------------------------------------------------------------------------------- */

struct bits {
	int64_t value;
	bool any;
};

static bool add_bits(struct call *call, void *state)
{
	struct bits *bits = state;
	int64_t value = call_integer(call, 0);

	if (!bits->any)
		bits->value = value;
	else if (call->variant == '&')
		bits->value &= value;
	else if (call->variant == '|')
		bits->value |= value;
	else
		bits->value ^= value;
	bits->any = true;
	return true;
}

static bool bits_value(struct call *call, void *state)
{
	struct bits *bits = state;

	return bits->any ? give_integer(call, bits->value) : give_null(call);
}

static bool bool_value(struct call *call, void *state)
{
	struct bits *bits = state;

	return bits->any ? give_bool(call, bits->value) : give_null(call);
}

#define NUMERIC_ROW(name, value, variant)                              \
	{ name, 1, 0, sizeof(struct numeric_sum), numeric_add,         \
	  numeric_remove, value, numeric_release, variant }

static const struct aggregate_row aggregates[] = {
	{ "pg_string_agg", 2, FUNCTION_NULLS, sizeof(struct pieces),
	  add_string, remove_string, string_value, pieces_release, 0 },
	{ "pg_bytea_agg", 2, FUNCTION_NULLS, sizeof(struct pieces), add_string,
	  remove_string, string_value, pieces_release, 1 },
	{ "pg_int_sum8", 1, 0, sizeof(struct int_sum), int_add, int_remove,
	  int_sum_value, NULL, 0 },
	{ "pg_int_avg", 1, 0, sizeof(struct int_sum), int_add, int_remove,
	  int_avg_value, NULL, 0 },
	NUMERIC_ROW("pg_numeric_sum", numeric_sum_value, AGG_SUM),
	NUMERIC_ROW("pg_numeric_avg", numeric_sum_value, AGG_AVG),
	NUMERIC_ROW("pg_numeric_var_pop", variance_value, AGG_VAR_POP),
	NUMERIC_ROW("pg_numeric_var_samp", variance_value, AGG_VAR_SAMP),
	NUMERIC_ROW("pg_numeric_stddev_pop", variance_value, AGG_STDDEV_POP),
	NUMERIC_ROW("pg_numeric_stddev_samp", variance_value,
		    AGG_STDDEV_SAMP),
	{ "pg_float_sum", 1, FUNCTION_ANEW, sizeof(struct float_sum),
	  float_add, refuse_remove, float_value, NULL, AGG_SUM },
	{ "pg_float4_sum", 1, FUNCTION_ANEW, sizeof(struct float_sum),
	  float_add, refuse_remove, float_value, NULL, AGG_SUM_FLOAT4 },
	{ "pg_float_avg", 1, FUNCTION_ANEW, sizeof(struct float_sum),
	  float_add, refuse_remove, float_value, NULL, AGG_AVG },
	{ "pg_bit_and", 1, FUNCTION_ANEW, sizeof(struct bits), add_bits,
	  refuse_remove, bits_value, NULL, '&' },
	{ "pg_bit_or", 1, FUNCTION_ANEW, sizeof(struct bits), add_bits,
	  refuse_remove, bits_value, NULL, '|' },
	{ "pg_bit_xor", 1, FUNCTION_ANEW, sizeof(struct bits), add_bits,
	  refuse_remove, bits_value, NULL, '#' },
	{ "pg_bool_and", 1, FUNCTION_ANEW, sizeof(struct bits), add_bits,
	  refuse_remove, bool_value, NULL, '&' },
	{ "pg_bool_or", 1, FUNCTION_ANEW, sizeof(struct bits), add_bits,
	  refuse_remove, bool_value, NULL, '|' },
	{ 0 },
};

int functions_aggregate(sqlite3 *db, struct functions *functions)
{
	static int (*const others[])(sqlite3 *, struct functions *) = {
		functions_statistics, functions_best, functions_array_agg,
	};
	int rc = functions_add_aggregates(db, functions, aggregates);

	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (rc == SQLITE_OK)
			rc = others[i](db, functions);
	return rc;
}
