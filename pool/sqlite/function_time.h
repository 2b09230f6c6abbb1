/*
 * Dates and times as arguments and results, for the files that reckon with
 * them. Readers return false when what is stored is not of the type's form.
 */
#ifndef WEIR_POOL_SQLITE_FUNCTION_TIME_H
#define WEIR_POOL_SQLITE_FUNCTION_TIME_H

#include "pool/sqlite/function.h"
#include "protocol/datetime.h"

bool call_date(struct call *, int index, int32_t *ret);
bool call_time(struct call *, int index, int64_t *ret);
bool call_timetz(struct call *, int index, struct timetz *ret);
bool call_timestamp(struct call *, int index, int64_t *ret);
bool call_interval(struct call *, int index, struct interval *ret);

bool give_date(struct call *, int32_t);
bool give_time(struct call *, int64_t);
bool give_timetz(struct call *, struct timetz);
bool give_timestamp(struct call *, int64_t);	/* and timestamptz */
bool give_interval(struct call *, const struct interval *);

static inline const struct time_zone *call_zone(const struct call *call)
{
	return call_settings(call)->zone;
}

/* What text is stored is not of the type: XX000. */
bool fail_stored(struct call *, struct slice text, const char *type);

/* to_char() of a number (function_to_char_number.c). */
bool number_to_char(struct call *);

int functions_time_part(sqlite3 *, struct functions *);
int functions_time_make(sqlite3 *, struct functions *);

#endif
