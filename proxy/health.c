#include "proxy/health.h"

#include <stdlib.h>

#include "pool/sqlite/engine.h"
#include "proxy/catalog_watch.h"
#include "proxy/config.h"
#include "proxy/digest.h"
#include "proxy/metrics.h"
#include "proxy/refusals.h"
#include "proxy/route.h"

#define DATABASES_MAX 256	/* with series of their own */

/* Ready means: it may get traffic. A database that is down for a moment does
 * not make it unready for the sessions it has; draining does. */
static bool is_ready(void *context)
{
	struct worker *worker = context;

	return !worker->draining && routes_ready(worker);
}

static unsigned list_length_of(const struct list *list)
{
	unsigned length = 0;

	LIST_EACH(link, list)
		length++;
	return length;
}

struct series {
	struct metrics *all;
	unsigned count;
};

static struct metrics *series_of(struct series *series, const char *database)
{
	for (unsigned i = 1; i < series->count; i++)
		if (strcmp(series->all[i].database, database) == 0)
			return &series->all[i];
	if (series->count == DATABASES_MAX)
		return NULL;
	series->all[series->count].database = database;
	return &series->all[series->count++];
}

static void add_pool(void *context, const char *database,
		     const struct pool *pool)
{
	struct metrics *metrics = series_of(context, database);

	if (!metrics)
		return;
	metrics_add(metrics, METRIC_SERVERS_ACTIVE,
		    list_length_of(&pool->leased));
	metrics_add(metrics, METRIC_SERVERS_IDLE, list_length_of(&pool->idle));
	metrics_add(metrics, METRIC_SERVERS_OPENING, pool->opening_count);
	metrics_add(metrics, METRIC_SERVERS_CLEANING,
		    list_length_of(&pool->cleaning));
	metrics_add(metrics, METRIC_SESSIONS_WAITING, pool->waiting_count);
	metrics_add(metrics, METRIC_SERVERS_PINNED, pool->pinned_count);
	metrics_set(metrics, METRIC_SERVERS_MAX, pool->bound->backends_max);
}

static void add_engine(void *context, const char *database,
		       struct lite_engine *engine)
{
	struct metrics *metrics = series_of(context, database);
	struct lite_stats stats;

	if (!metrics)
		return;
	lite_engine_stats(engine, &stats);
	metrics_add(metrics, METRIC_SQLITE_COMMITS, stats.commits);
	metrics_add(metrics, METRIC_SQLITE_SYNCS, stats.syncs);
}

_Static_assert(METRIC_AUDIT_INFO - METRIC_AUDIT_CRITICAL ==
	       SEVERITY_INFO - SEVERITY_CRITICAL, "one for each severity");

/* Of several roles the worst. */
static void add_watch(void *context, const char *database,
		      const struct catalog_watch *watch)
{
	struct metrics *metrics = series_of(context, database);
	uint64_t age_ms;

	if (!metrics || !catalog_watch_age(watch, &age_ms))
		return;
	metrics_raise(metrics, METRIC_AUDIT_SNAPSHOT_AGE_MS, age_ms);
	if (!catalog_watch_knows_findings(watch))
		return;
	for (enum severity each = 0; each < SEVERITIES; each++)
		metrics_raise(metrics, METRIC_AUDIT_CRITICAL + each,
			      catalog_watch_findings(watch, each));
}

/* Who stands by has nothing to be late with. */
static void add_digests(void *context, const char *database,
			const struct digest_stats *stats)
{
	struct metrics *metrics = series_of(context, database);

	if (!metrics)
		return;
	metrics_add(metrics, METRIC_AUDIT_DIGEST_ROWS, stats->rows);
	if (!stats->stands_by)
		metrics_set(metrics, METRIC_AUDIT_DIGEST_AGE_MS,
			    stats->age_ms);
}

static void set_counters(struct metrics *metrics, const struct worker *worker)
{
	const struct counters *counters = &worker->counters;

	metrics_set(metrics, METRIC_SESSIONS, worker->session_count);
	metrics_set(metrics, METRIC_SESSIONS_MAX,
		    worker->config->max_client_conn);
	metrics_set(metrics, METRIC_SESSIONS_OPENED,
		    counters->sessions_opened);
	metrics_set(metrics, METRIC_SESSIONS_REFUSED,
		    counters->sessions_refused);
	metrics_set(metrics, METRIC_SESSIONS_TIMED_OUT,
		    counters->sessions_timed_out);
	metrics_set(metrics, METRIC_LOGINS_FAILED, counters->logins_failed);
	metrics_set(metrics, METRIC_CANCELS, counters->cancels);
	metrics_set(metrics, METRIC_PINS, counters->pins);
	metrics_set(metrics, METRIC_QUERIES, counters->queries);
	metrics_set(metrics, METRIC_QUERIES_TIMED_OUT,
		    counters->queries_timed_out);
	metrics_set(metrics, METRIC_TRANSACTIONS, counters->transactions);
	metrics_set(metrics, METRIC_BYTES_RECEIVED,
		    counters->bytes_from_clients);
	metrics_set(metrics, METRIC_BYTES_SENT, counters->bytes_to_clients);
	metrics_set(metrics, METRIC_SERVERS_OPENED, counters->servers_opened);
	metrics_set(metrics, METRIC_SERVERS_FAILED, counters->servers_failed);
	metrics_set(metrics, METRIC_SERVERS_CLOSED, counters->servers_closed);
	metrics_set(metrics, METRIC_LEASES, counters->leases);
	metrics_set(metrics, METRIC_LEASE_WAIT_MS, counters->lease_wait_ms);
	metrics_set(metrics, METRIC_LEASE_WAIT_MAX_MS,
		    counters->lease_wait_max_ms);
	metrics_set(metrics, METRIC_QUEUE_TIMEOUTS, counters->queue_timeouts);
}

_Static_assert(METRIC_PINNED_UNKNOWN - METRIC_PINNED_TEMP ==
	       PIN_UNKNOWN - PIN_TEMP, "one metric for each reason");

static void count_pins(void *context, const struct pinned *pinned)
{
	struct metrics *metrics = context;

	for (enum pin pin = 0; pin < PIN_COUNT; pin++)
		if (pinned->pins & (1u << pin))
			metrics_add(metrics, METRIC_PINNED_TEMP + pin, 1);
}

static void set_pins(struct metrics *metrics, struct worker *worker)
{
	for (enum pin pin = 0; pin < PIN_COUNT; pin++)
		metrics_set(metrics, METRIC_PINNED_TEMP + pin, 0);
	session_each_pinned(worker, count_pins, metrics);
}

static void write_metrics(void *context, struct buffer *out)
{
	struct worker *worker = context;
	struct series series = {
		must_alloc(DATABASES_MAX * sizeof(struct metrics)), 1,
	};

	set_counters(&series.all[0], worker);
	set_pins(&series.all[0], worker);
	routes_each_pool(worker, add_pool, &series);
	routes_each_watch(worker, add_watch, &series);
	routes_each_engine(worker, add_engine, &series);
	digests_each(worker->digests, add_digests, &series);
	metrics_write(series.all, series.count, out);
	refusals_write(worker->refusals, out);
	refusals_write(worker->sanctions, out);
	metrics_write_process(out);
	free(series.all);
}

const struct http_answers health_answers = {
	.ready = is_ready,
	.metrics = write_metrics,
};
