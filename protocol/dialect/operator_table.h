/*
 * The table of operators: name, operand types, result, and the SQLite text
 * that says the same. The template's words are those of function_table.h.
 */
#ifndef WEIR_PROTOCOL_DIALECT_OPERATOR_TABLE_H
#define WEIR_PROTOCOL_DIALECT_OPERATOR_TABLE_H

#include "protocol/dialect/pseudo_type.h"

struct operator_row {
	const char *name;
	uint32_t left;		/* 0: a prefix operator */
	uint32_t right;
	uint32_t result;
	const char *print;	/* NULL: Postgres has it, weir has not */
};

/* The first of the rows of that name; they stand together. */
const struct operator_row *operator_find(const char *name, int *ret_count);

/* The same among those that weir has not. */
const struct operator_row *operator_find_absent(const char *name,
						int *ret_count);

extern const struct operator_row operator_rows_absent[];
extern const size_t operator_rows_absent_count;

/* By index, NULL past the end. */
const struct operator_row *operator_at(size_t index);

#endif
