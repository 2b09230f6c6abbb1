/*
 * The table of functions: name, argument types, result, and the SQLite text
 * that says the same.
 *
 * A template is SQLite text in which
 *   $1 .. $7  an argument        $*  all arguments, with commas
 *   $t1       its type's OID     $e1 the OID of its elements, for arrays
 *   $r        the result's OID   $x1 the argument cast to text
 *   $v        all arguments, each followed by its type's OID
 *   $w2       the arguments from there on as one array
 *   $n1       the place of an enum's value among its labels, from 1
 *   $o        of an aggregate: where FILTER and OVER go, if not at the end
 *   $c        a cast of the only argument to the type of that name
 *
 * Names of functions of ours begin with pg_. Where Postgres has one name for
 * several storage forms the form stands in the name: pg_int_mod(a,b,width),
 * pg_numeric_mod(a,b), pg_float_round(a), pg_bytea_substring(a,from,count).
 * Type OIDs come last, but for pg_json_build_object() and its kin.
 */
#ifndef WEIR_PROTOCOL_DIALECT_FUNCTION_TABLE_H
#define WEIR_PROTOCOL_DIALECT_FUNCTION_TABLE_H

#include "protocol/dialect/pseudo_type.h"

#define FUNCTION_ARGUMENTS_MAX 7
#define FUNCTION_COLUMNS_MAX 6

enum call_flag {
	CALL_AGGREGATE = 1,
	CALL_WINDOW = 2,
	CALL_SET = 4,	/* returns rows: a table-valued function with
				   the columns `value` (or those named) and
				   `ordinality` */
	CALL_VOLATILE = 8,
	CALL_VARIADIC = 16,	/* the last argument may repeat */
	CALL_MOVES = 32,	/* an aggregate that is another function over a
				   moving frame: pg_moving_ for pg_ */
	CALL_ANEW = CALL_AGGREGATE | CALL_MOVES,
};

struct call_row {
	const char *name;
	int arguments;
	int defaults;		/* so many at the end may be left out */
	uint32_t types[FUNCTION_ARGUMENTS_MAX];
	uint32_t result;
	int flags;
	const char *print;	/* NULL: Postgres has it, weir has not */
	const char *names;	/* of the arguments, where calls use them */
	const char *columns;	/* of a set: names with commas between */
	uint32_t column_types[FUNCTION_COLUMNS_MAX];	/* of a record set */
};

/* The first of the rows of that name; they stand together. */
const struct call_row *function_find(const char *name, int *ret_count);

/* The same among those that weir has not. */
const struct call_row *function_find_absent(const char *name, int *ret_count);

/* All rows, by index; NULL past the end. */
const struct call_row *function_at(size_t index);

/* What a CALL_MOVES row prints over a moving frame. */
const char *moving_print(struct arena *, const char *print);

/* The parts the table is kept in. */
extern const struct call_row function_rows_a[];
extern const size_t function_rows_a_count;
extern const struct call_row function_rows_k[];
extern const size_t function_rows_k_count;
extern const struct call_row function_rows_catalog[];
extern const size_t function_rows_catalog_count;
extern const struct call_row function_rows_aggregate[];
extern const size_t function_rows_aggregate_count;
extern const struct call_row function_rows_absent[];
extern const size_t function_rows_absent_count;

#endif
