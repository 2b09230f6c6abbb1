/*
 * The numbers weir shows, each described once, and their exposition in the
 * Prometheus text format. The names follow Prometheus's rules: base units,
 * `_total` on counters, labels with few values and never a query.
 *
 * A series is one set of values: of a database, or of the process. Whoever
 * has numbers puts them into series and has them written; what was not set is
 * not shown. Nothing here counts or keeps anything.
 */
#ifndef WEIR_PROXY_METRICS_H
#define WEIR_PROXY_METRICS_H

#include "protocol/bytes.h"

enum metric {
	/* sessions */
	METRIC_SESSIONS,
	METRIC_SESSIONS_WAITING,
	METRIC_SESSIONS_MAX,
	METRIC_SESSIONS_OPENED,
	METRIC_SESSIONS_REFUSED,
	METRIC_SESSIONS_TIMED_OUT,
	METRIC_LOGINS_FAILED,
	METRIC_CANCELS,
	METRIC_PINS,
	METRIC_PINNED_TEMP,		/* in the order of enum pin */
	METRIC_PINNED_CURSOR,
	METRIC_PINNED_LOAD,
	METRIC_PINNED_LOCK,
	METRIC_PINNED_SEQUENCE,
	METRIC_PINNED_SEED,
	METRIC_PINNED_UNKNOWN,
	METRIC_AUDIT_SNAPSHOT_AGE_MS,
	METRIC_AUDIT_CRITICAL,		/* in the order of enum severity */
	METRIC_AUDIT_HIGH,
	METRIC_AUDIT_MEDIUM,
	METRIC_AUDIT_INFO,
	METRIC_AUDIT_DIGEST_ROWS,
	METRIC_AUDIT_DIGEST_AGE_MS,
	/* work */
	METRIC_QUERIES,
	METRIC_QUERIES_TIMED_OUT,
	METRIC_TRANSACTIONS,
	METRIC_BYTES_RECEIVED,
	METRIC_BYTES_SENT,
	/* servers */
	METRIC_SERVERS_ACTIVE,
	METRIC_SERVERS_IDLE,
	METRIC_SERVERS_OPENING,
	METRIC_SERVERS_CLEANING,
	METRIC_SERVERS_PINNED,
	METRIC_SERVERS_MAX,
	METRIC_SERVERS_OPENED,
	METRIC_SERVERS_FAILED,
	METRIC_SERVERS_CLOSED,
	/* leases */
	METRIC_LEASE_WAIT_MS,		/* the sum of all waits */
	METRIC_LEASES,
	METRIC_LEASE_WAIT_MAX_MS,
	METRIC_QUEUE_TIMEOUTS,
	/* SQLite */
	METRIC_SQLITE_COMMITS,
	METRIC_SQLITE_SYNCS,
	METRIC_COUNT,
};

struct metrics {
	const char *database;	/* borrowed; NULL: the process */
	bool is_set[METRIC_COUNT];
	uint64_t values[METRIC_COUNT];
};

static inline void metrics_set(struct metrics *metrics, enum metric metric,
			       uint64_t value)
{
	metrics->is_set[metric] = true;
	metrics->values[metric] = value;
}

/* Keeps the highest of several. */
static inline void metrics_raise(struct metrics *metrics, enum metric metric,
				 uint64_t value)
{
	if (!metrics->is_set[metric] || metrics->values[metric] < value)
		metrics_set(metrics, metric, value);
}

/* Adds to a value, which counts as 0 before it is set. */
static inline void metrics_add(struct metrics *metrics, enum metric metric,
			       uint64_t value)
{
	metrics_set(metrics, metric, metrics->values[metric] + value);
}

/* Writes every value that was set, family by family. No two series are of
 * the same database. */
void metrics_write(const struct metrics *series, unsigned count,
		   struct buffer *out);

/* For those who write series of their own: the two lines in front of a
 * family; a label's value, quoted as it must be. */
void metrics_put_head(struct buffer *out, const char *family, const char *type,
		      const char *help);
void metrics_put_label(struct buffer *out, const char *text);

/* Writes what the system knows of this process: processor time, memory,
 * descriptors, and the version as weir_build_info. */
void metrics_write_process(struct buffer *out);

#endif
