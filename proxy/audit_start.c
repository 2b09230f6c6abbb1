#include "proxy/audit_start.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sysexits.h>
#include <time.h>

#include "pool/postgres/open.h"
#include "proxy/audit_ask.h"

#define LINES_MAX 100		/* of one database; the rest is counted */
#define RETRY_MS 500

/* As much of a configured database as is asked about. */
struct subject {
	struct config_database database;
	bool production;
};

struct audit_start {
	pthread_t thread;
	atomic_bool stopping;
	struct arena arena;
	struct subject *subjects;
	unsigned count;
};

/* --- the log --------------------------------------------------------------- */

static void log_findings(const char *name, const struct audit_report *report)
{
	for (unsigned i = 0; i < report->count && i < LINES_MAX; i++) {
		const struct audit_finding *finding = &report->findings[i];

		if (finding->severity > SEVERITY_HIGH)
			break;
		log_warn("weir's role could change an audit table without weir",
			 "database", name, "role", report->role, "severity",
			 severity_words[finding->severity], "finding",
			 finding->finding, "object", finding->object, "table",
			 finding->table[0] ? finding->table : NULL);
	}
}

static void log_report(const char *name, const struct audit_report *report)
{
	log_findings(name, report);
	if (audit_report_is_closed(report))
		log_info("the database guards the audit tables too",
			 "database", name, "role", report->role);
	else
		log_warn("the database does not guard the audit tables",
			 "database", name, "role", report->role, "critical",
			 report->counts[SEVERITY_CRITICAL], "high",
			 report->counts[SEVERITY_HIGH], "hint", "weir audit "
			 "check says what is open, weir audit sql closes it");
}

static void log_unasked(const char *name, const struct error *error)
{
	log_warn("the database cannot be asked whether it guards the audit "
		 "tables", "database", name, "error", error->message);
}

/* --- who can be asked -------------------------------------------------------- */

/* NULL, or why weir does not know whom to be and where. */
static const char *why_unknown(const struct config_database *database)
{
	struct pg_named named = { 0 };
	struct error error;
	const char *why = NULL;

	if (!pg_named_read(database->url.target, &named, &error))
		why = "the backend's URL cannot be read";
	else if (!named.user)
		why = "the backend's URL names no user";
	else if (!named.database && strcmp(database->name, "*") == 0)
		why = "the backend's URL names no database";
	pg_named_fini(&named);
	return why;
}

static bool is_guarded(const struct config_database *database)
{
	return database->audit_tables.count &&
	       database->url.kind == BACKEND_URL_POSTGRES;
}

/* --- before serving ---------------------------------------------------------- */

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static bool is_late(void *context)
{
	const uint64_t *deadline_ms = context;

	return now_ms() >= *deadline_ms;
}

/* A database that starts together with weir is waited for. */
static bool ask_until(uint64_t deadline_ms, struct audit_request *request,
		      struct audit_report *report, struct error *error)
{
	const struct timespec pause = { .tv_nsec = RETRY_MS * 1000000 };

	request->given_up = is_late;
	request->context = &deadline_ms;
	while (!audit_ask(request, report, error)) {
		audit_report_fini(report);
		if (is_late(&deadline_ms))
			return false;
		nanosleep(&pause, NULL);
	}
	return true;
}

static int refuse(const char *name, const char *why, int code)
{
	log_error("audit_require_database: weir does not start", "database",
		  name, "reason", why, "hint", "weir audit check says what is "
		  "open, weir audit sql closes it");
	return code;
}

static int require(const struct config *config,
		   const struct config_database *database)
{
	struct audit_request request = {
		.database = database,
		.production = config->environment == ENVIRONMENT_PRODUCTION,
	};
	const char *unknown = why_unknown(database);
	struct audit_report report;
	struct error error = { 0 };
	bool critical;

	if (unknown)
		return refuse(database->name, unknown, EX_CONFIG);
	if (!ask_until(now_ms() + database->server_connect_timeout_ms,
		       &request, &report, &error))
		return refuse(database->name, error.message, EX_UNAVAILABLE);
	log_report(database->name, &report);
	critical = report.counts[SEVERITY_CRITICAL];
	audit_report_fini(&report);
	return critical ? refuse(database->name, "a critical finding stands",
				 EX_CONFIG) : 0;
}

int audit_start_require(const struct config *config)
{
	int code = 0;

	for (unsigned i = 0; i < config->database_count && !code; i++) {
		const struct config_database *database = &config->databases[i];

		if (is_guarded(database) && database->audit_require_database)
			code = require(config, database);
	}
	return code;
}

/* --- beside serving ---------------------------------------------------------- */

static bool is_stopping(void *context)
{
	struct audit_start *start = context;

	return atomic_load(&start->stopping);
}

static void look_at(struct audit_start *start, const struct subject *subject)
{
	struct audit_request request = {
		.database = &subject->database,
		.production = subject->production,
		.given_up = is_stopping,
		.context = start,
	};
	struct audit_report report;
	struct error error = { 0 };

	if (audit_ask(&request, &report, &error))
		log_report(subject->database.name, &report);
	else if (!is_stopping(start))
		log_unasked(subject->database.name, &error);
	audit_report_fini(&report);
}

static void *run(void *context)
{
	struct audit_start *start = context;

	for (unsigned i = 0; i < start->count && !is_stopping(start); i++)
		look_at(start, &start->subjects[i]);
	return NULL;
}

static struct option_list copy_list(const struct option_list *from,
				    struct arena *arena)
{
	struct option_list copy = { .count = from->count };

	copy.items = arena_alloc(arena, (from->count + 1) * sizeof(char *));
	for (unsigned i = 0; i < from->count; i++)
		copy.items[i] = arena_text(arena, from->items[i]);
	return copy;
}

static void take(struct audit_start *start, const struct config *config,
		 const struct config_database *database)
{
	struct subject *subject = &start->subjects[start->count];
	const char *unknown = why_unknown(database);

	if (unknown) {
		log_info("whether the database guards the audit tables is not "
			 "looked at", "database", database->name, "reason",
			 unknown);
		return;
	}
	start->count++;
	subject->production = config->environment == ENVIRONMENT_PRODUCTION;
	subject->database = (struct config_database){
		.name = arena_text(&start->arena, database->name),
		.url.kind = database->url.kind,
		.url.target = arena_text(&start->arena, database->url.target),
		.server_connect_timeout_ms =
			database->server_connect_timeout_ms,
		.audit_tables = copy_list(&database->audit_tables,
					  &start->arena),
		.audit_retain = copy_list(&database->audit_retain,
					  &start->arena),
	};
}

static void forget(struct audit_start *start)
{
	/* the URLs may hold passwords */
	for (unsigned i = 0; i < start->count; i++)
		explicit_bzero(start->subjects[i].database.url.target,
			       strlen(start->subjects[i].database.url.target));
	arena_fini(&start->arena);
	free(start);
}

struct audit_start *audit_start_look(const struct config *config)
{
	struct audit_start *start = must_alloc(sizeof(*start));

	start->subjects = arena_alloc(&start->arena, config->database_count *
				      sizeof(*start->subjects));
	for (unsigned i = 0; i < config->database_count; i++)
		if (is_guarded(&config->databases[i]) &&
		    !config->databases[i].audit_require_database)
			take(start, config, &config->databases[i]);
	if (start->count &&
	    pthread_create(&start->thread, NULL, run, start) == 0)
		return start;
	forget(start);
	return NULL;
}

void audit_start_stop(struct audit_start **pointer)
{
	struct audit_start *start = *pointer;

	*pointer = NULL;
	if (!start)
		return;
	atomic_store(&start->stopping, true);
	pthread_join(start->thread, NULL);
	forget(start);
}
