/*
 * Arrays as the functions see them: bounds, and the elements as they are
 * written in the stored text, quotes included. An element becomes a value
 * only where its value is asked for.
 */
#ifndef WEIR_POOL_SQLITE_FUNCTION_ARRAY_H
#define WEIR_POOL_SQLITE_FUNCTION_ARRAY_H

#include "pool/sqlite/function.h"

#define ARRAY_DIMENSIONS_MAX 6
#define ARRAY_ITEMS_MAX (1 << 24)

struct array {
	int dimensions;		/* 0: empty */
	int64_t lengths[ARRAY_DIMENSIONS_MAX];
	int64_t lower[ARRAY_DIMENSIONS_MAX];
	size_t count;
	struct slice *items;	/* row by row; in scratch memory */
};

/* Reads the stored text (int2vector and oidvector too, which count from 0);
 * false: 22P02. */
bool array_parse(struct call *, struct slice text, struct array *ret);

static inline bool call_array(struct call *call, int index, struct array *ret)
{
	return array_parse(call, call_text(call, index), ret);
}

void array_print(const struct array *, struct buffer *out);
/* "[2:3]=", or nothing where all count from 1. */
void array_print_bounds(const struct array *, struct buffer *out);
bool give_array(struct call *, const struct array *);

/* What is stored in an array does not depend on the session. */
extern const struct type_settings stored_settings;

static inline bool item_is_null(struct slice item)
{
	return item.length == 4 && !strncasecmp((const char *)item.at, "null",
						4);
}

/* All items as values in storage form, and one value as an item. */
bool array_values(struct call *, const struct array *, uint32_t element,
		  struct value **ret_values);
bool array_write_item(struct call *, const struct value *, uint32_t element,
		      struct slice *ret_item);

/* -1, 0, 1 as the type's own order has it; NULL is equal to NULL and after
 * everything. */
int compare_values(struct call *, uint32_t type, const struct value *a,
		   const struct value *b);
/* The same of two stored texts, arrays included. What is not of the type's
 * form sorts as its bytes do. */
int compare_texts(struct call *, uint32_t type, struct slice a,
		  struct slice b);
int compare_bytes(struct slice a, struct slice b);
int compare_arrays(struct call *, uint32_t element, struct slice a,
		   struct slice b);

#endif
