#include "proxy/refusals.h"

#include <inttypes.h>
#include <stdlib.h>

#include <uthash.h>

#include "proxy/metrics.h"

struct series {
	char *labels;		/* as they are written */
	uint64_t count;
	UT_hash_handle hh;
};

struct refusals {
	const char *family, *about;
	struct series *by_labels;
	uint64_t total;
};

static struct refusals *new_of(const char *family, const char *about)
{
	struct refusals *refusals = must_alloc(sizeof(*refusals));

	refusals->family = family;
	refusals->about = about;
	return refusals;
}

struct refusals *refusals_new(void)
{
	return new_of("weir_audit_refused_total",
		      "Statements refused to protect an insert-only table.");
}

struct refusals *refusals_new_of_sanctions(void)
{
	return new_of("weir_audit_exempted_total",
		      "Statements on insert-only tables that passed by "
		      "exception.");
}

void refusals_free(struct refusals **pointer)
{
	struct refusals *refusals = *pointer;
	struct series *series, *next;

	*pointer = NULL;
	if (!refusals)
		return;
	HASH_ITER(hh, refusals->by_labels, series, next) {
		HASH_DELETE(hh, refusals->by_labels, series);
		free(series->labels);
		free(series);
	}
	free(refusals);
}

static void put_pair(struct buffer *out, const char *name, const char *value)
{
	buffer_printf(out, "%s%s=\"", out->length ? "," : "", name);
	metrics_put_label(out, value ? value : "");
	buffer_put_u8(out, '"');
}

static struct series *find(struct refusals *refusals,
			   const struct refusal *refusal)
{
	struct buffer labels = { 0 };
	struct series *series;

	put_pair(&labels, "database", refusal->database);
	put_pair(&labels, "table", refusal->table);
	put_pair(&labels, "command", refusal->command);
	put_pair(&labels, "reason", refusal->reason);
	HASH_FIND(hh, refusals->by_labels, labels.bytes, labels.length,
		  series);
	if (!series && HASH_COUNT(refusals->by_labels) < REFUSAL_SERIES_MAX) {
		series = must_alloc(sizeof(*series));
		series->labels = slice_dup(buffer_slice(&labels));
		HASH_ADD_KEYPTR(hh, refusals->by_labels, series->labels,
				labels.length, series);
	}
	buffer_fini(&labels);
	return series;
}

void refusals_count(struct refusals *refusals, const struct refusal *refusal)
{
	struct series *series = find(refusals, refusal);

	refusals->total++;
	if (series)
		series->count++;
}

uint64_t refusals_total(const struct refusals *refusals)
{
	return refusals->total;
}

void refusals_write(const struct refusals *refusals, struct buffer *out)
{
	const struct series *series;
	uint64_t other = refusals->total;

	if (!refusals->total)
		return;
	metrics_put_head(out, refusals->family, "counter", refusals->about);
	for (series = refusals->by_labels; series; series = series->hh.next) {
		buffer_printf(out, "%s{%s} %" PRIu64 "\n", refusals->family,
			      series->labels, series->count);
		other -= series->count;
	}
	if (other)
		buffer_printf(out, "%s{reason=\"other\"} %" PRIu64 "\n",
			      refusals->family, other);
}
