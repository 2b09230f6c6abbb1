/*
 * What came of reading a text, kept where several may want it: a long text is
 * read once, in another thread.
 */
#ifndef WEIR_PROTOCOL_SQL_READING_H
#define WEIR_PROTOCOL_SQL_READING_H

#include "protocol/sql_coercion.h"
#include "protocol/sql_facts.h"

/* Reading takes some 100 ns a byte: a longer text would keep an event loop
 * from others for too long. One above SQL_TEXT_BYTES_MAX is refused by its
 * length alone. */
#define SQL_LONG_BYTES ((size_t)32768)

static inline bool sql_is_long(struct slice text)
{
	return text.length > SQL_LONG_BYTES &&
	       text.length <= SQL_TEXT_BYTES_MAX;
}

struct sql_reading {
	unsigned references;
	struct slice text;	/* a copy */
	bool good;
	struct sql_facts facts;	/* if it is, in the arena */
	bool coerces;		/* that was asked for too: */
	bool coerced;
	struct sql_coercion coercion;	/* the same, if it could be read */
	struct error error;	/* if it is not */
	struct arena arena;
};

/* Nothing is read yet; the caller's reference. `coerces`: its coercions are
 * too, which few texts need. */
struct sql_reading *sql_reading_new(struct slice text, bool coerces);
/* In any thread, while no other one looks at it. */
void sql_reading_run(struct sql_reading *);

/* In one thread. */
struct sql_reading *sql_reading_ref(struct sql_reading *);
void sql_reading_unref(struct sql_reading **);

#endif
