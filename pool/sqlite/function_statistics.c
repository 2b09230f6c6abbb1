/*
 * Statistics over floats: variances, correlation, regression. Sums are kept
 * as Postgres keeps them (Youngs and Cramer 1971), so that the last digits
 * agree.
 */
#include "pool/sqlite/function_aggregate.h"

struct moments {
	double n, sx, sxx, sy, syy, sxy;
};

enum statistic {
	STAT_VAR_POP, STAT_VAR_SAMP, STAT_STDDEV_POP, STAT_STDDEV_SAMP,
	STAT_CORR, STAT_COVAR_POP, STAT_COVAR_SAMP, STAT_REGR_COUNT,
	STAT_REGR_SXX, STAT_REGR_SYY, STAT_REGR_SXY, STAT_REGR_AVGX,
	STAT_REGR_AVGY, STAT_REGR_R2, STAT_REGR_SLOPE, STAT_REGR_INTERCEPT,
};

static bool fail_overflow(struct call *call)
{
	return error_set(call->error, SQLSTATE_NUMERIC_OUT_OF_RANGE,
			 "value out of range: overflow");
}

static void nan_if_infinite(double *sum)
{
	if (isinf(*sum))
		*sum = NAN;
}

static bool add_one(struct call *call, void *state)
{
	struct moments *m = state;
	double x = call_real(call, 0), before = m->sx, step;

	m->n += 1;
	m->sx += x;
	if (m->n > 1) {
		step = x * m->n - m->sx;
		m->sxx += step * step / (m->n * (m->n - 1));
		if ((isinf(m->sx) || isinf(m->sxx)) && !isinf(before) &&
		    !isinf(x))
			return fail_overflow(call);
		if (isinf(m->sx))
			m->sxx = NAN;
		nan_if_infinite(&m->sxx);
	} else if (!isfinite(x)) {
		m->sxx = NAN;
	}
	return true;
}

/* Sums that became infinite though nothing infinite was added. */
static bool overflows(const struct moments *m, const struct moments *before,
		      double x, double y)
{
	bool x_finite = !isinf(before->sx) && !isinf(x);
	bool y_finite = !isinf(before->sy) && !isinf(y);

	return ((isinf(m->sx) || isinf(m->sxx)) && x_finite) ||
	       ((isinf(m->sy) || isinf(m->syy)) && y_finite) ||
	       (isinf(m->sxy) && x_finite && y_finite);
}

/* The arguments are Y, X, as SQL has them. */
static bool add_two(struct call *call, void *state)
{
	struct moments *m = state, before = *m;
	double y = call_real(call, 0), x = call_real(call, 1), dx, dy, scale;

	m->n += 1;
	if (call->variant == STAT_REGR_COUNT)
		return true;
	m->sx += x;
	m->sy += y;
	if (m->n > 1) {
		dx = x * m->n - m->sx;
		dy = y * m->n - m->sy;
		scale = 1.0 / (m->n * (m->n - 1));
		m->sxx += dx * dx * scale;
		m->syy += dy * dy * scale;
		m->sxy += dx * dy * scale;
		if (overflows(m, &before, x, y))
			return fail_overflow(call);
		nan_if_infinite(&m->sxx);
		nan_if_infinite(&m->syy);
		nan_if_infinite(&m->sxy);
	} else {
		if (!isfinite(x))
			m->sxx = m->sxy = NAN;
		if (!isfinite(y))
			m->syy = m->sxy = NAN;
	}
	return true;
}

/* How many rows a statistic needs at least. */
static double rows_needed(int statistic)
{
	switch (statistic) {
	case STAT_VAR_SAMP:
	case STAT_STDDEV_SAMP:
	case STAT_COVAR_SAMP:
		return 2;
	case STAT_REGR_COUNT:
		return 0;
	default:
		return 1;
	}
}

/* What is not defined: a line through points that share one x ... */
static bool undefined(const struct moments *m, int statistic)
{
	switch (statistic) {
	case STAT_CORR:
		return m->sxx == 0 || m->syy == 0;
	case STAT_REGR_R2:
	case STAT_REGR_SLOPE:
	case STAT_REGR_INTERCEPT:
		return m->sxx == 0;
	default:
		return false;
	}
}

static double compute(const struct moments *m, int statistic)
{
	switch (statistic) {
	case STAT_VAR_POP: return m->sxx / m->n;
	case STAT_VAR_SAMP: return m->sxx / (m->n - 1);
	case STAT_STDDEV_POP: return sqrt(m->sxx / m->n);
	case STAT_STDDEV_SAMP: return sqrt(m->sxx / (m->n - 1));
	case STAT_CORR: return m->sxy / sqrt(m->sxx * m->syy);
	case STAT_COVAR_POP: return m->sxy / m->n;
	case STAT_COVAR_SAMP: return m->sxy / (m->n - 1);
	case STAT_REGR_SXX: return m->sxx;
	case STAT_REGR_SYY: return m->syy;
	case STAT_REGR_SXY: return m->sxy;
	case STAT_REGR_AVGX: return m->sx / m->n;
	case STAT_REGR_AVGY: return m->sy / m->n;
	case STAT_REGR_R2:
		return m->syy == 0 ? 1.0
				   : m->sxy * m->sxy / (m->sxx * m->syy);
	case STAT_REGR_SLOPE: return m->sxy / m->sxx;
	default: return (m->sy - m->sx * m->sxy / m->sxx) / m->n;
	}
}

static bool statistic_value(struct call *call, void *state)
{
	struct moments *m = state;

	if (call->variant == STAT_REGR_COUNT)
		return give_integer(call, (int64_t)m->n);
	if (m->n < rows_needed(call->variant) || undefined(m, call->variant))
		return give_null(call);
	return give_real(call, compute(m, call->variant));
}

#define ONE(name, statistic)                                        \
	{ name, 1, FUNCTION_ANEW, sizeof(struct moments), add_one,  \
	  refuse_remove, statistic_value, NULL, statistic }
#define TWO(name, statistic)                                        \
	{ name, 2, FUNCTION_ANEW, sizeof(struct moments), add_two,  \
	  refuse_remove, statistic_value, NULL, statistic }

static const struct aggregate_row aggregates[] = {
	ONE("pg_float_var_pop", STAT_VAR_POP),
	ONE("pg_float_var_samp", STAT_VAR_SAMP),
	ONE("pg_float_stddev_pop", STAT_STDDEV_POP),
	ONE("pg_float_stddev_samp", STAT_STDDEV_SAMP),
	TWO("pg_corr", STAT_CORR),
	TWO("pg_covar_pop", STAT_COVAR_POP),
	TWO("pg_covar_samp", STAT_COVAR_SAMP),
	TWO("pg_regr_count", STAT_REGR_COUNT),
	TWO("pg_regr_sxx", STAT_REGR_SXX),
	TWO("pg_regr_syy", STAT_REGR_SYY),
	TWO("pg_regr_sxy", STAT_REGR_SXY),
	TWO("pg_regr_avgx", STAT_REGR_AVGX),
	TWO("pg_regr_avgy", STAT_REGR_AVGY),
	TWO("pg_regr_r2", STAT_REGR_R2),
	TWO("pg_regr_slope", STAT_REGR_SLOPE),
	TWO("pg_regr_intercept", STAT_REGR_INTERCEPT),
	{ 0 },
};

int functions_statistics(sqlite3 *db, struct functions *functions)
{
	return functions_add_aggregates(db, functions, aggregates);
}
