/*
 * Weir's side of arith_diff.py: reads "FUNCTION<tab>A<tab>B" lines, answers
 * with the text of the result, or "error STATE|MESSAGE".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/numeric.h"

static const struct {
	const char *name;
	enum numeric_operation operation;
} operations[] = {
	{ "+", NUMERIC_ADD },	    { "-", NUMERIC_SUB },
	{ "*", NUMERIC_MUL },	    { "/", NUMERIC_DIV },
	{ "%", NUMERIC_MOD },	    { "div", NUMERIC_QUOTIENT },
	{ "power", NUMERIC_POWER }, { "log", NUMERIC_LOG },
	{ "gcd", NUMERIC_GCD },	    { "lcm", NUMERIC_LCM },
	{ "neg", NUMERIC_NEG },	    { "abs", NUMERIC_ABS },
	{ "sign", NUMERIC_SIGN },   { "ceil", NUMERIC_CEIL },
	{ "floor", NUMERIC_FLOOR }, { "sqrt", NUMERIC_SQRT },
	{ "ln", NUMERIC_LN },	    { "exp", NUMERIC_EXP },
	{ "log10", NUMERIC_LOG10 }, { "trim_scale", NUMERIC_TRIM },
};

static bool by_table(const char *name, struct slice a, struct slice b,
		     struct arena *arena, struct slice *ret,
		     struct error *error, bool *ret_ok)
{
	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
		if (strcmp(operations[i].name, name) == 0) {
			*ret_ok = numeric_text_do(operations[i].operation, a, b,
						  arena, ret, error);
			return true;
		}
	return false;
}

static bool cmp(struct slice a, struct slice b, struct arena *arena,
		struct slice *ret)
{
	struct numeric left, right;
	struct error error;
	int order, other;

	numeric_init(&left);
	numeric_init(&right);
	numeric_parse(a, &left, &error);
	numeric_parse(b, &right, &error);
	order = numeric_compare(&left, &right);
	other = numeric_text_compare(numeric_text(&left, arena),
				     numeric_text(&right, arena));
	*ret = slice_text(
		arena_printf(arena, "%d", order == other ? order : 99));
	numeric_fini(&left);
	numeric_fini(&right);
	return true;
}

static bool convert(const char *name, struct slice a, struct arena *arena,
		    struct slice *ret, struct error *error)
{
	struct numeric number;
	int64_t whole;
	double real;
	struct buffer out = { 0 };
	bool ok;

	numeric_init(&number);
	if (strcmp(name, "from_double") == 0) {
		numeric_from_double(strtod((const char *)a.at, NULL), &number);
		*ret = numeric_text(&number, arena);
		numeric_fini(&number);
		return true;
	}
	ok = numeric_parse(a, &number, error);
	if (ok && strcmp(name, "int8") == 0) {
		ok = numeric_to_int64(&number, INT64_MIN, INT64_MAX, "bigint",
				      &whole, error);
		*ret = ok ? slice_text(arena_printf(arena, "%lld",
						    (long long)whole))
			  : *ret;
	} else if (ok) {
		extern void type_put_float(struct buffer *, double, bool);

		ok = numeric_to_double(&number, &real, error);
		if (ok) {
			type_put_float(&out, real, false);
			*ret = slice_text(arena_dup(arena, buffer_slice(&out)));
		}
	}
	buffer_fini(&out);
	numeric_fini(&number);
	return ok;
}

static bool run(const char *name, struct slice a, struct slice b,
		struct arena *arena, struct slice *ret, struct error *error)
{
	bool ok;

	if (by_table(name, a, b, arena, ret, error, &ok))
		return ok;
	if (strcmp(name, "round") == 0)
		return numeric_text_round(a, atoi((const char *)b.at), arena,
					  ret, error);
	if (strcmp(name, "trunc") == 0)
		return numeric_text_trunc(a, atoi((const char *)b.at), arena,
					  ret, error);
	if (strcmp(name, "cmp") == 0)
		return cmp(a, b, arena, ret);
	return convert(name, a, arena, ret, error);
}

int main(void)
{
	static char line[1 << 20];

	while (fgets(line, sizeof(line), stdin)) {
		struct arena arena = { 0 };
		struct slice result = { NULL, 0 };
		struct error error = { 0 };
		char *name = strtok(line, "\t\n");
		char *a = strtok(NULL, "\t\n");
		char *b = strtok(NULL, "\t\n");

		if (run(name, slice_text(a), slice_text(b ? b : "0"), &arena,
			&result, &error))
			printf("%.*s\n", (int)result.length,
			       (const char *)result.at);
		else
			printf("error %s|%s\n", error.sqlstate, error.message);
		arena_fini(&arena);
	}
	return 0;
}
