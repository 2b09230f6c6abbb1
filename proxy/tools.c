#include "proxy/tools.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <termios.h>
#include <unistd.h>

#include <libpq-fe.h>

#include "pool/postgres/open.h"
#include "proxy/log.h"

extern char **environ;

/* --- what to connect to ------------------------------------------------- */

static const char *default_database(const struct config *config)
{
	const char *name = config->databases[0].name;

	return strcmp(name, "*") == 0 ? "app" : name;
}

/* The address a client on this machine uses. */
static void write_url(const struct config *config,
		      const struct listeners *listeners, char *url,
		      size_t size)
{
	bool trusted = config->auth.method == CONFIG_AUTH_TRUST;

	snprintf(url, size, "postgresql://%s127.0.0.1:%d/%s",
		 trusted ? "app@" : "", listeners_port(listeners),
		 default_database(config));
}

void tools_say_ready(const struct config *config,
		     const struct listeners *listeners)
{
	const struct config_database *first = &config->databases[0];
	char url[256];

	log_info("ready", "listen", listeners_describe(listeners),
		 "databases", config->database_count);
	if (!isatty(STDERR_FILENO) || !listeners_port(listeners))
		return;
	write_url(config, listeners, url, sizeof(url));
	fprintf(stderr, "\n  weir %s\n", WEIR_VERSION);
	if (first->url.kind == BACKEND_URL_SQLITE)
		fprintf(stderr, "  SQLite file     %s (not for production)\n",
			first->url.target);
	fprintf(stderr, "  pool            %u, per transaction\n",
		first->pool_size);
	if (first->audit_tables.count)
		fprintf(stderr, "  insert-only     %u table(s)\n",
			first->audit_tables.count);
	fprintf(stderr, "  DATABASE_URL=%s\n  psql %s\n\n", url, url);
}

pid_t tools_start(char **command, const struct config *config,
		  const struct listeners *listeners)
{
	char url[256];
	pid_t pid;

	write_url(config, listeners, url, sizeof(url));
	pid = fork();
	if (pid < 0)
		fprintf(stderr, "weir: cannot run %s: %s\n", command[0],
			strerror(errno));
	if (pid != 0)
		return pid;
	signal(SIGPIPE, SIG_DFL);
	setenv("DATABASE_URL", url, 1);
	execvp(command[0], command);
	fprintf(stderr, "weir: cannot run %s: %s\n", command[0],
		strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

/* --- small commands ----------------------------------------------------- */

/* Exit 0 when weir answers there: for exec probes and HEALTHCHECK. */
static int ping(int argc, char **argv)
{
	const char *where = argc > 2 ? argv[2] :
			    "postgresql://127.0.0.1:6432/app";
	PGPing answer;

	if (argc > 3) {
		fprintf(stderr, "usage: weir ping [URL]\n");
		return EX_USAGE;
	}
	answer = PQping(where);
	if (answer == PQPING_OK)
		return 0;
	fprintf(stderr, "weir: no answer from %s\n",
		argc > 2 ? "that address" : "127.0.0.1:6432");
	return 1;
}

static bool read_password(char *password, size_t size)
{
	struct termios old, silent;
	bool terminal = tcgetattr(STDIN_FILENO, &old) == 0;
	bool got;

	if (terminal) {
		fprintf(stderr, "password: ");
		silent = old;
		silent.c_lflag &= ~(tcflag_t)ECHO;
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
	}
	got = fgets(password, (int)size, stdin) != NULL;
	if (terminal) {
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &old);
		fprintf(stderr, "\n");
	}
	password[strcspn(password, "\n")] = 0;
	return got && password[0];
}

/* A line for the users file; the password comes from standard input. */
static int hash_password(int argc, char **argv)
{
	struct buffer verifier = { 0 };
	struct error error;
	char password[1024];
	int status = EX_USAGE;

	if (argc != 3) {
		fprintf(stderr, "usage: weir hash-password USER\n"
			"Reads the password from standard input.\n");
		return EX_USAGE;
	}
	if (!read_password(password, sizeof(password))) {
		fprintf(stderr, "weir: no password given\n");
	} else if (!pg_hash_password(argv[2], password, &verifier, &error)) {
		fprintf(stderr, "weir: %s\n", error.message);
	} else {
		printf("\"%s\" \"%s\"\n", argv[2],
		       buffer_cstring(&verifier));
		status = 0;
	}
	explicit_bzero(password, sizeof(password));
	buffer_wipe(&verifier);
	return status;
}

/* --- the command line --------------------------------------------------- */

static int show(void (*write)(struct buffer *))
{
	struct buffer out = { 0 };

	write(&out);
	fputs(buffer_cstring(&out), stdout);
	buffer_fini(&out);
	return 0;
}

static int print(const struct config *config)
{
	struct buffer out = { 0 };

	config_print(config, &out);
	fputs(buffer_cstring(&out), stdout);
	buffer_fini(&out);
	return 0;
}

static int version(void)
{
	printf("weir %s\n", WEIR_VERSION);
	return 0;
}

static int act(const struct config *config)
{
	switch (config->action) {
	case ACTION_HELP:
		return show(config_help);
	case ACTION_VERSION:
		return version();
	case ACTION_PRINT:
		return print(config);
	case ACTION_CHECK:
		printf("the configuration is good\n");
		return 0;
	case ACTION_SERVE:
		break;
	}
	return 0;
}

/* What is not serving, by its first word or its first two. */
static const struct tool {
	const char *word, *second;
	int (*run)(int argc, char **argv);
} tools[] = {
	{ "ping", NULL, ping },
	{ "hash-password", NULL, hash_password },
	{ "adopt", NULL, tool_adopt },
	{ "explain-sql", NULL, tool_explain },
	{ "audit", "keygen", tool_audit_keygen },
	{ "audit", "verify", tool_audit_verify },
	{ "audit", NULL, tool_audit },
};

static const struct tool *find_tool(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(tools) / sizeof(tools[0]); i++) {
		const struct tool *tool = &tools[i];

		if (argc > 1 && strcmp(argv[1], tool->word) == 0 &&
		    (!tool->second ||
		     (argc > 2 && strcmp(argv[2], tool->second) == 0)))
			return tool;
	}
	return NULL;
}

/* Where the options end: at "--", if it is there. */
static int find_dashes(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--") == 0)
			return i;
	return argc;
}

/* A line each, as the configuration was good. */
static void log_warnings(const struct buffer *messages)
{
	char *text = slice_dup(buffer_slice(messages)), *rest = NULL;

	for (char *line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest))
		log_warn(line);
	free(text);
}

int tools_main(int argc, char **argv,
	       int (*serve)(int argc, char **argv, struct config *,
			    char **command))
{
	const struct tool *tool = find_tool(argc, argv);
	struct config *config = NULL;
	struct buffer messages = { 0 };
	enum config_result result;
	char **command = NULL;
	int end = argc, status;

	if (tool)
		return tool->run(argc, argv);
	if (argc > 1 && strcmp(argv[1], "run") == 0) {
		end = find_dashes(argc, argv);
		if (end + 1 >= argc) {
			fprintf(stderr, "usage: weir run [OPTIONS] [BACKEND] "
				"-- COMMAND [ARGUMENT ...]\n");
			return EX_USAGE;
		}
		command = argv + end + 1;
		argv[1] = argv[0];
		argv++;
		end--;
	}
	result = config_load(end, argv, environ, &config, &messages);
	if (result == CONFIG_OK && config->action == ACTION_SERVE) {
		log_set((enum log_level)config->log.level,
			(enum log_format)config->log.format);
		log_warnings(&messages);
		buffer_fini(&messages);
		return serve(end, argv, config, command);
	}
	if (messages.length)
		fputs(buffer_cstring(&messages), stderr);
	buffer_fini(&messages);
	if (result != CONFIG_OK)
		return (int)result;
	status = act(config);
	config_free(&config);
	return status;
}
