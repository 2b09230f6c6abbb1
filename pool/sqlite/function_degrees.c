/*
 * sind(), cosd() and their kin: angles in degrees. As in Postgres what is
 * computed is divided by what the C library says of an angle whose answer is
 * known, so that sind(30) is 0.5 and tand(45) is 1, exactly.
 */
#include "pool/sqlite/function.h"

#define RADIANS_PER_DEGREE 0.0174532925199432957692

/* Neither is computed by the compiler, whose library may round otherwise. */
static const volatile double thirty = 30, forty_five = 45, sixty = 60;
static const volatile double one_half = 0.5, one = 1;

/* --- a quarter of the circle ---------------------------------------------------- */

static double sind_to_30(double x)
{
	volatile double sine = sin(x * RADIANS_PER_DEGREE);

	return sine / sin(thirty * RADIANS_PER_DEGREE) / 2;
}

static double cosd_to_60(double x)
{
	volatile double rest = 1 - cos(x * RADIANS_PER_DEGREE);
	volatile double known = 1 - cos(sixty * RADIANS_PER_DEGREE);

	return 1 - rest / known / 2;
}

static double sind_to_90(double x)
{
	return x <= 30 ? sind_to_30(x) : cosd_to_60(90 - x);
}

static double cosd_to_90(double x)
{
	return x <= 60 ? cosd_to_60(x) : sind_to_30(90 - x);
}

static double tand_to_90(double x)
{
	volatile double known = sind_to_90(forty_five) / cosd_to_90(forty_five);
	volatile double tangent = sind_to_90(x) / cosd_to_90(x);

	return tangent / known;
}

static double cotd_to_90(double x)
{
	volatile double known = cosd_to_90(forty_five) / sind_to_90(forty_five);
	volatile double cotangent = cosd_to_90(x) / sind_to_90(x);

	return cotangent / known;
}

static double below_half(double x)
{
	volatile double angle = asin(x);

	return angle / asin(one_half) * 30;
}

static double above_half(double x)
{
	volatile double angle = acos(x);

	return angle / acos(one_half) * 60;
}

static double asind_to_1(double x)
{
	return x <= 0.5 ? below_half(x) : 90 - above_half(x);
}

static double acosd_to_1(double x)
{
	return x <= 0.5 ? 90 - below_half(x) : above_half(x);
}

/* --- the whole circle ------------------------------------------------------------- */

enum degrees { DEG_SIN, DEG_COS, DEG_TAN, DEG_COT, DEG_ASIN, DEG_ACOS,
	       DEG_ATAN };

/* The angle's sister between 0 and 90; what changed its sign. */
static double to_quarter(double x, bool *ret_below, bool *ret_left)
{
	x = fmod(x, 360);
	*ret_below = x < 0;
	if (*ret_below)
		x = -x;		/* -0 stays */
	if (x > 180) {
		x = 360 - x;
		*ret_below = !*ret_below;
	}
	*ret_left = x > 90;
	return *ret_left ? 180 - x : x;
}

static double of_angle(enum degrees function, double x)
{
	bool below, left;
	double result;

	x = to_quarter(x, &below, &left);
	switch (function) {
	case DEG_SIN:
		return (below ? -1 : 1) * sind_to_90(x);
	case DEG_COS:
		return (left ? -1 : 1) * cosd_to_90(x);
	case DEG_TAN:
		result = (below != left ? -1 : 1) * tand_to_90(x);
		break;
	default:
		result = (below != left ? -1 : 1) * cotd_to_90(x);
	}
	return result == 0 ? 0 : result;	/* no -0 */
}

static double to_angle(enum degrees function, double x)
{
	if (function == DEG_ATAN)
		return atan(x) / atan(one) * 45;
	if (function == DEG_ASIN)
		return x >= 0 ? asind_to_1(x) : -asind_to_1(-x);
	return x >= 0 ? acosd_to_1(x) : 90 + asind_to_1(-x);
}

static bool degrees(struct call *call)
{
	enum degrees function = (enum degrees)call->variant;
	double x = call_real(call, 0);

	if (isnan(x))
		return give_real(call, x);
	if (function < DEG_ASIN ? isinf(x)
	    : function != DEG_ATAN && fabs(x) > 1)
		return error_set(call->error, SQLSTATE_NUMERIC_OUT_OF_RANGE,
				 "input is out of range");
	return give_real(call, function < DEG_ASIN ? of_angle(function, x)
			 : to_angle(function, x));
}

static bool atan2_degrees(struct call *call)
{
	volatile double angle = atan2(call_real(call, 0), call_real(call, 1));

	return give_real(call, angle / atan(one) * 45);
}

static const struct function_row rows[] = {
	{ "pg_sind", 1, 0, degrees, DEG_SIN },
	{ "pg_cosd", 1, 0, degrees, DEG_COS },
	{ "pg_tand", 1, 0, degrees, DEG_TAN },
	{ "pg_cotd", 1, 0, degrees, DEG_COT },
	{ "pg_asind", 1, 0, degrees, DEG_ASIN },
	{ "pg_acosd", 1, 0, degrees, DEG_ACOS },
	{ "pg_atand", 1, 0, degrees, DEG_ATAN },
	{ "pg_atan2d", 2, 0, atan2_degrees, 0 },
	{ 0 },
};

int functions_degrees(sqlite3 *db, struct functions *functions)
{
	return functions_add(db, functions, rows);
}
