/*
 * How it reads that a change to an insert-only table is refused, whoever
 * refuses it: the guard, before a text is sent, or the engine of a SQLite file
 * below it. As Postgres would say it to a role that may read and insert only,
 * 42501, with what weir knows besides in the DETAIL. Pure.
 */
#ifndef WEIR_PROTOCOL_AUDIT_REFUSAL_H
#define WEIR_PROTOCOL_AUDIT_REFUSAL_H

#include "protocol/error.h"

struct audit_refusal {
	const char *schema;	/* NULL or "": not known */
	const char *table;
	const char *command;	/* "DELETE" */
	const char *through;	/* "view public.recent"; NULL: by its name */
	int statement, count;	/* from 1, of so many; 0: not known */
	bool unsure;		/* perhaps another schema's table is meant */
};

void audit_refusal_put(const struct audit_refusal *, struct error *);

/* The routine of the error says who refuses. */
#define AUDIT_REFUSAL_ROUTINE "weir_audit_guard"
void audit_refusal_sign(struct error *);

/* What a signed error was made of, for a log; "" for what it does not say.
 * False: it is not one. */
struct audit_refused {
	char command[64];
	char through[256];
};

bool audit_refusal_read(const struct error *, struct audit_refused *ret);

#endif
