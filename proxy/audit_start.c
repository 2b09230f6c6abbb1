#include "proxy/audit_start.h"

#include <sysexits.h>
#include <time.h>

#include "pool/postgres/open.h"
#include "proxy/audit_ask.h"
#include "proxy/log.h"

#define RETRY_MS 500

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
		  name, "reason", why);
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
	int code = 0;

	if (unknown)
		return refuse(database->name, unknown, EX_CONFIG);
	if (!ask_until(now_ms() + database->server_connect_timeout_ms,
		       &request, &report, &error))
		return refuse(database->name, error.message, EX_UNAVAILABLE);
	/* else the watch says what there is */
	if (report.counts[SEVERITY_CRITICAL]) {
		audit_report_log(&report);
		code = refuse(database->name, "a critical finding stands",
			      EX_CONFIG);
	}
	audit_report_fini(&report);
	return code;
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
