#include "protocol/sql_reading.h"

#include <stdlib.h>

struct sql_reading *sql_reading_new(struct slice text, bool coerces)
{
	struct sql_reading *reading = must_alloc(sizeof(*reading));

	reading->references = 1;
	reading->coerces = coerces;
	reading->text = slice_make(slice_dup(text), text.length);
	return reading;
}

void sql_reading_run(struct sql_reading *reading)
{
	reading->good = sql_facts_read(reading->text, &reading->arena,
				       &reading->facts, &reading->error);
	reading->coerced = reading->good && reading->coerces &&
			   sql_coercion_read(reading->text, &reading->arena,
					     &reading->coercion);
	if (!reading->good)
		arena_fini(&reading->arena);
}

struct sql_reading *sql_reading_ref(struct sql_reading *reading)
{
	if (reading)
		reading->references++;
	return reading;
}

void sql_reading_unref(struct sql_reading **pointer)
{
	struct sql_reading *reading = *pointer;

	*pointer = NULL;
	if (!reading || --reading->references)
		return;
	arena_fini(&reading->arena);
	free((void *)(uintptr_t)reading->text.at);
	free(reading);
}
