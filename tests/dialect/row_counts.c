/*
 * Counts how often a weir uses each row of the dialect's tables: linked into
 * a weir of its own (weir-counting) in front of the three functions that
 * choose a row. With WEIR_ROW_COUNTS=FILE the counts are written there when
 * it ends, a row a line, tabs between:
 *
 *   count  operator  NAME  LEFT RIGHT   RESULT
 *   count  function  NAME  TYPE ...     RESULT  FLAGS DEFAULTS
 *   count  cast      SOURCE  TARGET     CONTEXT METHOD
 */
#include "protocol/sql_nodes.h"

#include <stdio.h>
#include <stdlib.h>

#include "protocol/dialect/cast_table.h"
#include "protocol/dialect/expr.h"
#include "protocol/dialect/operator_table.h"

#define ROWS_MAX 4096

struct tally {
	const void *row;
	unsigned long count;
};

static struct tally tallies[ROWS_MAX];

static unsigned long *count_of(const void *row)
{
	size_t at = ((uintptr_t)row >> 3) % ROWS_MAX;

	while (tallies[at].row != NULL && tallies[at].row != row)
		at = (at + 1) % ROWS_MAX;
	tallies[at].row = row;
	return &tallies[at].count;
}

static void hit(const void *row)
{
	if (row != NULL)
		__atomic_add_fetch(count_of(row), 1, __ATOMIC_RELAXED);
}

const struct operator_row *__real_operator_choose(struct compile_state *,
						  const char *, struct expr *,
						  struct expr *, int);
const struct operator_row *__wrap_operator_choose(struct compile_state *,
						  const char *, struct expr *,
						  struct expr *, int);
const struct call_row *__real_call_choose(struct compile_state *, const char *,
					  struct expr **, int *, int,
					  uint32_t *);
const struct call_row *__wrap_call_choose(struct compile_state *, const char *,
					  struct expr **, int *, int,
					  uint32_t *);
const char *__real_print_cast(struct compile_state *, const struct expr *,
			      uint32_t, int32_t, char);
const char *__wrap_print_cast(struct compile_state *, const struct expr *,
			      uint32_t, int32_t, char);

const struct operator_row *__wrap_operator_choose(struct compile_state *state,
						  const char *name,
						  struct expr *left,
						  struct expr *right,
						  int location)
{
	const struct operator_row *row =
		__real_operator_choose(state, name, left, right, location);

	hit(row);
	return row;
}

const struct call_row *__wrap_call_choose(struct compile_state *state,
					  const char *name,
					  struct expr **arguments, int *count,
					  int location, uint32_t *ret_result)
{
	const struct call_row *row = __real_call_choose(state, name, arguments,
							count, location,
							ret_result);

	hit(row);
	return row;
}

const char *__wrap_print_cast(struct compile_state *state,
			      const struct expr *expr, uint32_t to,
			      int32_t typmod, char context)
{
	hit(cast_find(expr->type, to));
	return __real_print_cast(state, expr, to, typmod, context);
}

static void write_counts(void)
{
	FILE *out = fopen(getenv("WEIR_ROW_COUNTS"), "w");
	const struct operator_row *operator;
	const struct call_row *call;
	const struct cast_row *cast;

	if (out == NULL)
		abort();
	for (size_t i = 0; (operator = operator_at(i)) != NULL; i++)
		fprintf(out, "%lu\toperator\t%s\t%u %u\t%u\n",
			*count_of(operator), operator->name, operator->left,
			operator->right, operator->result);
	for (size_t i = 0; (call = function_at(i)) != NULL; i++) {
		fprintf(out, "%lu\tfunction\t%s\t", *count_of(call),
			call->name);
		for (int k = 0; k < call->arguments; k++)
			fprintf(out, "%s%u", k > 0 ? " " : "", call->types[k]);
		fprintf(out, "\t%u\t%d %d\n", call->result, call->flags,
			call->defaults);
	}
	for (size_t i = 0; (cast = cast_at(i)) != NULL; i++)
		fprintf(out, "%lu\tcast\t%u\t%u\t%c %c\n", *count_of(cast),
			cast->source, cast->target, cast->context,
			cast->method);
	fclose(out);
}

/* Every row has its place before there are threads. */
static void make_places(void)
{
	const struct operator_row *operator;
	const struct call_row *call;
	const struct cast_row *cast;

	for (size_t i = 0; (operator = operator_at(i)) != NULL; i++)
		count_of(operator);
	for (size_t i = 0; (call = function_at(i)) != NULL; i++)
		count_of(call);
	for (size_t i = 0; (cast = cast_at(i)) != NULL; i++)
		count_of(cast);
}

__attribute__((constructor)) static void start_counting(void)
{
	if (getenv("WEIR_ROW_COUNTS") == NULL)
		return;
	make_places();
	atexit(write_counts);
}
