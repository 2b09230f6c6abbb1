/* Constants of a statement. */
#ifndef WEIR_PROTOCOL_DIALECT_LITERAL_H
#define WEIR_PROTOCOL_DIALECT_LITERAL_H

#include "protocol/dialect/expr.h"

const char *print_integer(struct arena *, int64_t integer);
const char *print_value(struct arena *, const struct value *);

/* The storage form of a literal of that type; NULL: it is not one. */
const char *literal_print(struct compile_state *, const char *text,
			  uint32_t type, int32_t typmod, bool is_explicit,
			  int location);

#endif
