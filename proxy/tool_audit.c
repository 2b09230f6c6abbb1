/*
 * weir audit check and sql: what stands between the guarded tables and a change that does
 * not come through weir.
 */
#include "proxy/tools.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "proxy/audit_ask.h"
#include "proxy/audit_script.h"

extern char **environ;

struct arguments {
	const char *owner, *role, *database;
	int argc;		/* what is left: weir's own */
	char **argv;
};

static const char usage[] =
	"usage: weir audit check [--database NAME] [--role ROLE] [OPTIONS]"
	" [BACKEND]\n"
	"       weir audit sql [--owner ROLE] [--database NAME] [--role ROLE]"
	" [OPTIONS]\n                      [BACKEND]\n"
	"Says what the role of the pool could do to the audit tables without"
	" weir, or\nprints the SQL that closes it. OPTIONS are those of weir"
	" itself: -c FILE, or\n--audit-tables NAMES and the BACKEND.\n";

/* --- the command line ------------------------------------------------------ */

/* `--name VALUE` or `--name=VALUE`; NULL if it is something else. */
static const char *value_of(int argc, char **argv, int *at, const char *name)
{
	size_t length = strlen(name);

	if (strncmp(argv[*at], name, length) != 0)
		return NULL;
	if (argv[*at][length] == '=')
		return argv[*at] + length + 1;
	if (argv[*at][length] || *at + 1 == argc)
		return NULL;
	return argv[++*at];
}

/* Takes out what is the tool's own. */
static void read_arguments(int argc, char **argv, struct arguments *arguments)
{
	const char *value;

	arguments->argv = must_alloc(((size_t)argc + 1) * sizeof(*argv));
	arguments->argv[arguments->argc++] = argv[0];
	for (int i = 3; i < argc; i++) {
		if ((value = value_of(argc, argv, &i, "--owner")))
			arguments->owner = value;
		else if ((value = value_of(argc, argv, &i, "--role")))
			arguments->role = value;
		else if ((value = value_of(argc, argv, &i, "--database")))
			arguments->database = value;
		else
			arguments->argv[arguments->argc++] = argv[i];
	}
}

static int complain(const struct error *error)
{
	fprintf(stderr, "weir: %s\n", error->message);
	if (error->hint[0])
		fprintf(stderr, "%s\n", error->hint);
	return EX_UNAVAILABLE;
}

/* --- one database ---------------------------------------------------------- */

static bool never(void *context)
{
	return false;
}

static bool ask(const struct config *config,
		const struct config_database *database,
		const struct arguments *arguments, struct audit_report *report,
		struct error *error)
{
	struct audit_request request = {
		.database = database,
		.production = config->environment == ENVIRONMENT_PRODUCTION,
		.owner = arguments->owner,
		.role = arguments->role,
		.given_up = never,
	};

	return audit_ask(&request, report, error);
}

/* Nothing is asked of a file: what weir does there holds while weir serves
 * it, and for nobody else. */
static int check_sqlite(const struct config_database *database)
{
	printf("database %s, SQLite file %s\n"
	       "info\n"
	       "  weir refuses by itself, below SQL: an authorizer and triggers"
	       " in each of its\n  connections.\n"
	       "  whoever can write the file can change it without weir: keep"
	       " it readable by\n  weir's user alone, and let audit_digest show"
	       " what was changed behind it.\n", database->name,
	       database->url.target);
	return 0;
}

static int check_database(const struct config *config,
			  const struct config_database *database,
			  const struct arguments *arguments)
{
	struct audit_report report;
	struct buffer out = { 0 };
	struct error error = { 0 };
	int status;

	if (database->url.kind == BACKEND_URL_SQLITE)
		return check_sqlite(database);
	if (ask(config, database, arguments, &report, &error)) {
		audit_report_print(&report, &out);
		fputs(buffer_cstring(&out), stdout);
		status = audit_report_is_closed(&report) ? 0 : 1;
	} else {
		status = complain(&error);
	}
	buffer_fini(&out);
	audit_report_fini(&report);
	return status;
}

static int print_script(const struct config *config,
			const struct config_database *database,
			const struct arguments *arguments)
{
	const char *owner = arguments->owner ? arguments->owner : AUDIT_OWNER;
	struct audit_report report;
	struct buffer out = { 0 };
	struct error error = { 0 };
	int status = 0;

	if (database->url.kind == BACKEND_URL_SQLITE) {
		printf("-- %s is a SQLite file: weir refuses by itself there.\n",
		       database->name);
		return 0;
	}
	if (ask(config, database, arguments, &report, &error)) {
		audit_script_print(&report, owner, &out);
		fputs(buffer_cstring(&out), stdout);
	} else {
		status = complain(&error);
	}
	buffer_fini(&out);
	audit_report_fini(&report);
	return status;
}

/* --- all of them ----------------------------------------------------------- */

static const struct verb {
	const char *name;
	int (*run)(const struct config *, const struct config_database *,
		   const struct arguments *);
	bool one;		/* of several on Postgres one has to be named */
} verbs[] = {
	{ "check", check_database, false },
	{ "sql", print_script, true },
};

static bool is_meant(const struct verb *verb,
		     const struct config_database *database,
		     const struct arguments *arguments)
{
	if (!database->audit_tables.count)
		return false;
	if (arguments->database)
		return strcmp(arguments->database, database->name) == 0;
	return !verb->one || database->url.kind == BACKEND_URL_POSTGRES;
}

/* A check of nothing is no good news. */
static bool is_countable(const struct verb *verb, unsigned count)
{
	if (count == 1 || (count && !verb->one))
		return true;
	fprintf(stderr, count ? "weir: several databases have audit_tables; "
				"name one with --database\n" :
		verb->one ? "weir: no such database on Postgres has "
			    "audit_tables\n" :
			    "weir: no such database has audit_tables\n");
	return false;
}

static int run(const struct verb *verb, const struct config *config,
	       const struct arguments *arguments)
{
	unsigned count = 0;
	int worst = 0;

	for (unsigned i = 0; i < config->database_count; i++)
		count += is_meant(verb, &config->databases[i], arguments);
	if (!is_countable(verb, count))
		return EX_CONFIG;
	for (unsigned i = 0; i < config->database_count; i++) {
		const struct config_database *database = &config->databases[i];
		int status = 0;

		if (is_meant(verb, database, arguments))
			status = verb->run(config, database, arguments);
		if (status > worst)
			worst = status;
	}
	return worst;
}

static int load_and_run(const struct verb *verb, int argc, char **argv)
{
	struct arguments arguments = { 0 };
	struct buffer messages = { 0 };
	struct config *config = NULL;
	int status;

	read_arguments(argc, argv, &arguments);
	status = (int)config_load(arguments.argc, arguments.argv, environ,
				  &config, &messages);
	if (messages.length)
		fputs(buffer_cstring(&messages), stderr);
	if (status == CONFIG_OK && config->action == ACTION_HELP)
		fputs(usage, stdout);
	else if (status == CONFIG_OK)
		status = run(verb, config, &arguments);
	buffer_fini(&messages);
	config_free(&config);
	free(arguments.argv);
	return status;
}

int tool_audit(int argc, char **argv)
{
	for (unsigned i = 0; argc > 2 && i < sizeof(verbs) / sizeof(verbs[0]);
	     i++)
		if (strcmp(argv[2], verbs[i].name) == 0)
			return load_and_run(&verbs[i], argc, argv);
	fputs(usage, stderr);
	return EX_USAGE;
}
