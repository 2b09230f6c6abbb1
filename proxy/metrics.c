#include "proxy/metrics.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include "proxy/log.h"

struct metric_row {
	const char *family;	/* rows of one family stand together */
	const char *suffix;	/* behind the family's name, in a sample */
	const char *state;	/* value of its label, or NULL */
	const char *type;
	bool milliseconds;	/* shown in seconds */
	const char *help;	/* on the first row of a family */
	const char *label;	/* NULL: it is called `state` */
};

#define GAUGE(family, help) { family, "", NULL, "gauge", false, help, NULL }
#define COUNTER(family, help) \
	{ family, "", NULL, "counter", false, help, NULL }
#define STATE(name, help) \
	{ "weir_servers", "", name, "gauge", false, help, NULL }
#define PINNED(reason, help) \
	{ "weir_sessions_pinned", "", reason, "gauge", false, help, "reason" }

#define FINDINGS(severity, help) \
	{ "weir_audit_preflight_findings", "", severity, "gauge", false, \
	  help, "severity" }

static const struct metric_row rows[METRIC_COUNT] = {
	[METRIC_SESSIONS] = GAUGE("weir_sessions",
		"Clients connected."),
	[METRIC_SESSIONS_WAITING] = GAUGE("weir_sessions_waiting",
		"Clients waiting for a server."),
	[METRIC_SESSIONS_MAX] = GAUGE("weir_sessions_limit",
		"Clients that may be connected at a time."),
	[METRIC_SESSIONS_OPENED] = COUNTER("weir_sessions_opened_total",
		"Clients that connected."),
	[METRIC_SESSIONS_REFUSED] = COUNTER("weir_sessions_refused_total",
		"Clients turned away because there were too many."),
	[METRIC_SESSIONS_TIMED_OUT] = COUNTER("weir_sessions_timed_out_total",
		"Clients disconnected because a timeout had passed."),
	[METRIC_LOGINS_FAILED] = COUNTER("weir_logins_failed_total",
		"Logins refused."),
	[METRIC_CANCELS] = COUNTER("weir_cancels_total",
		"Cancel requests received."),
	[METRIC_PINS] = COUNTER("weir_pins_total",
		"Times a client had to keep its server beyond a transaction."),
	[METRIC_PINNED_TEMP] = PINNED("temp",
		"Clients that keep their server now, by reason."),
	[METRIC_PINNED_CURSOR] = PINNED("cursor", NULL),
	[METRIC_PINNED_LOAD] = PINNED("load", NULL),
	[METRIC_PINNED_LOCK] = PINNED("lock", NULL),
	[METRIC_PINNED_SEQUENCE] = PINNED("sequence", NULL),
	[METRIC_PINNED_SEED] = PINNED("seed", NULL),
	[METRIC_PINNED_UNKNOWN] = PINNED("unknown", NULL),
	[METRIC_AUDIT_SNAPSHOT_AGE_MS] = { "weir_audit_snapshot_age_seconds",
		"", NULL, "gauge", true, "Time since the catalog was last "
		"known to be as the guard knows it.", NULL },
	[METRIC_AUDIT_CRITICAL] = FINDINGS("critical",
		"What the database would let weir's role do to guarded "
		"tables."),
	[METRIC_AUDIT_HIGH] = FINDINGS("high", NULL),
	[METRIC_AUDIT_MEDIUM] = FINDINGS("medium", NULL),
	[METRIC_AUDIT_INFO] = FINDINGS("info", NULL),
	[METRIC_AUDIT_DIGEST_ROWS] = COUNTER("weir_audit_digest_rows_total",
		"Rows that signed checkpoints were made of."),
	[METRIC_AUDIT_DIGEST_AGE_MS] = { "weir_audit_digest_age_seconds", "",
		NULL, "gauge", true, "Age of the oldest row that no "
		"checkpoint covers yet, at most.", NULL },
	[METRIC_QUERIES] = COUNTER("weir_queries_total",
		"Queries from clients."),
	[METRIC_QUERIES_TIMED_OUT] = COUNTER("weir_queries_timed_out_total",
		"Queries cancelled after query_timeout."),
	[METRIC_TRANSACTIONS] = COUNTER("weir_transactions_total",
		"Transactions of clients that ended."),
	[METRIC_BYTES_RECEIVED] = COUNTER("weir_received_bytes_total",
		"Bytes received from clients."),
	[METRIC_BYTES_SENT] = COUNTER("weir_sent_bytes_total",
		"Bytes sent to clients."),
	[METRIC_SERVERS_ACTIVE] = STATE("active",
		"Servers in the pool, by what they are doing."),
	[METRIC_SERVERS_IDLE] = STATE("idle", NULL),
	[METRIC_SERVERS_OPENING] = STATE("opening", NULL),
	[METRIC_SERVERS_CLEANING] = STATE("cleaning", NULL),
	[METRIC_SERVERS_PINNED] = GAUGE("weir_servers_pinned",
		"Servers kept by one client beyond its transaction."),
	[METRIC_SERVERS_MAX] = GAUGE("weir_servers_limit",
		"Servers there may be at a time: pool_size."),
	[METRIC_SERVERS_OPENED] = COUNTER("weir_servers_opened_total",
		"Servers opened."),
	[METRIC_SERVERS_FAILED] = COUNTER("weir_servers_failed_total",
		"Servers that could not be opened."),
	[METRIC_SERVERS_CLOSED] = COUNTER("weir_servers_closed_total",
		"Servers closed or lost."),
	[METRIC_LEASE_WAIT_MS] = { "weir_lease_wait_seconds", "_sum", NULL,
		"summary", true, "Time clients waited for a server.", NULL },
	[METRIC_LEASES] = { "weir_lease_wait_seconds", "_count", NULL,
		"summary", false, NULL, NULL },
	[METRIC_LEASE_WAIT_MAX_MS] = { "weir_lease_wait_max_seconds", "",
		NULL, "gauge", true, "The longest such wait so far.", NULL },
	[METRIC_QUEUE_TIMEOUTS] = COUNTER("weir_queue_timeouts_total",
		"Clients refused after waiting for queue_timeout."),
	[METRIC_SQLITE_COMMITS] = COUNTER("weir_sqlite_commits_total",
		"Transactions committed to the SQLite file."),
	[METRIC_SQLITE_SYNCS] = COUNTER("weir_sqlite_syncs_total",
		"Syncs that made them durable; many share one."),
};

/* In a label value, the format escapes these three. */
void metrics_put_label(struct buffer *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '\n')
			buffer_put_text(out, "\\n");
		else if (*text == '"' || *text == '\\')
			buffer_printf(out, "\\%c", *text);
		else
			buffer_put_u8(out, (uint8_t)*text);
	}
}

static void put_labels(struct buffer *out, const char *database,
		       const struct metric_row *row)
{
	const char *state = row->state;

	if (!database && !state)
		return;
	buffer_put_u8(out, '{');
	if (database) {
		buffer_put_text(out, "database=\"");
		metrics_put_label(out, database);
		buffer_put_text(out, state ? "\"," : "\"");
	}
	if (state)
		buffer_printf(out, "%s=\"%s\"",
			      row->label ? row->label : "state", state);
	buffer_put_u8(out, '}');
}

static void put_sample(struct buffer *out, const struct metrics *series,
		       enum metric metric)
{
	const struct metric_row *row = &rows[metric];
	uint64_t value = series->values[metric];

	buffer_printf(out, "%s%s", row->family, row->suffix);
	put_labels(out, series->database, row);
	if (row->milliseconds)
		buffer_printf(out, " %" PRIu64 ".%03u\n", value / 1000,
			      (unsigned)(value % 1000));
	else
		buffer_printf(out, " %" PRIu64 "\n", value);
}

void metrics_put_head(struct buffer *out, const char *family, const char *type,
		     const char *help)
{
	buffer_printf(out, "# HELP %s %s\n# TYPE %s %s\n", family, help,
		      family, type);
}

/* The rows from `first` on that share its family. */
static unsigned family_length(unsigned first)
{
	unsigned end = first + 1;

	while (end < METRIC_COUNT &&
	       strcmp(rows[end].family, rows[first].family) == 0)
		end++;
	return end - first;
}

void metrics_write(const struct metrics *series, unsigned count,
		   struct buffer *out)
{
	for (unsigned first = 0; first < METRIC_COUNT;) {
		unsigned length = family_length(first);
		bool begun = false;

		for (unsigned i = 0; i < count * length; i++) {
			const struct metrics *one = &series[i / length];
			enum metric metric = (enum metric)(first + i % length);

			if (!one->is_set[metric])
				continue;
			if (!begun)
				metrics_put_head(out, rows[first].family,
					 rows[first].type, rows[first].help);
			begun = true;
			put_sample(out, one, metric);
		}
		first += length;
	}
}

/* --- the process -------------------------------------------------------- */

/* Pages in memory: the second number of /proc/self/statm. */
static uint64_t resident_bytes(void)
{
	unsigned long long pages = 0;
	FILE *file = fopen("/proc/self/statm", "re");

	if (!file)
		return 0;
	if (fscanf(file, "%*u %llu", &pages) != 1)
		pages = 0;
	fclose(file);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static uint64_t open_descriptors(void)
{
	DIR *directory = opendir("/proc/self/fd");
	uint64_t count = 0;

	if (!directory)
		return 0;
	while (readdir(directory))
		count++;
	closedir(directory);
	return count > 3 ? count - 3 : 0;	/* . and .. and this one */
}

static void put_number(struct buffer *out, const char *name, const char *help,
		       uint64_t value)
{
	metrics_put_head(out, name, "gauge", help);
	buffer_printf(out, "%s %" PRIu64 "\n", name, value);
}

void metrics_write_process(struct buffer *out)
{
	struct rusage usage;
	struct rlimit files;

	metrics_put_head(out, "weir_build_info", "gauge", "The version that runs.");
	buffer_put_text(out, "weir_build_info{version=\"" WEIR_VERSION
			     "\"} 1\n");
	metrics_put_head(out, "weir_log_lines_lost_total", "counter",
			 "Log lines that nobody read in time.");
	buffer_printf(out, "weir_log_lines_lost_total %" PRIu64 "\n",
		      log_lines_lost());
	if (getrusage(RUSAGE_SELF, &usage) == 0) {
		struct timeval sum;

		timeradd(&usage.ru_utime, &usage.ru_stime, &sum);
		metrics_put_head(out, "process_cpu_seconds_total", "counter",
			 "User and system processor time.");
		buffer_printf(out, "process_cpu_seconds_total %lld.%06ld\n",
			      (long long)sum.tv_sec, (long)sum.tv_usec);
	}
	put_number(out, "process_resident_memory_bytes", "Memory in use.",
		   resident_bytes());
	put_number(out, "process_open_fds", "Descriptors in use.",
		   open_descriptors());
	if (getrlimit(RLIMIT_NOFILE, &files) == 0)
		put_number(out, "process_max_fds",
			   "Descriptors there may be.", files.rlim_cur);
}
