/*
 * What the guard refused, or let pass by exception, counted by what an
 * operator asks about: database, table, command and reason. Bounded: what
 * would make too many series is counted as "other". Only on the loop thread.
 */
#ifndef WEIR_PROXY_REFUSALS_H
#define WEIR_PROXY_REFUSALS_H

#include "protocol/bytes.h"

#define REFUSAL_SERIES_MAX 500

struct refusal {
	const char *database;
	const char *table;	/* NULL: of no single one */
	const char *command;	/* NULL: not known */
	const char *reason;
};

struct refusals;

/* One of each; the worker has both. */
struct refusals *refusals_new(void);
struct refusals *refusals_new_of_sanctions(void);
void refusals_free(struct refusals **);

void refusals_count(struct refusals *, const struct refusal *);
uint64_t refusals_total(const struct refusals *);

/* weir_audit_refused_total, or weir_audit_exempted_total, as Prometheus reads
 * it. */
void refusals_write(const struct refusals *, struct buffer *out);

#endif
