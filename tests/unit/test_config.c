#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "proxy/config.h"

/* One attempt to load: the words, the variables, and what came of it. */
struct attempt {
	struct config *config;
	struct buffer messages;
	enum config_result result;
	char path[64];
};

static void load(struct attempt *attempt, const char *const *words,
		 const char *const *variables)
{
	char *argv[16] = { (char []){ "weir" } }, *envp[16] = { 0 };
	int argc = 1;

	for (; words && *words; words++)
		argv[argc++] = must_dup(*words);
	for (int i = 0; variables && variables[i]; i++)
		envp[i] = must_dup(variables[i]);
	attempt->result = config_load(argc, argv, envp, &attempt->config,
				      &attempt->messages);
	for (int i = 1; i < argc; i++)
		free(argv[i]);
	for (int i = 0; envp[i]; i++)
		free(envp[i]);
}

static void write_file(struct attempt *attempt, const char *text)
{
	int fd;

	strcpy(attempt->path, "/tmp/weir-test-XXXXXX");
	fd = mkstemp(attempt->path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void load_yaml(struct attempt *attempt, const char *yaml)
{
	write_file(attempt, yaml);
	load(attempt, (const char *[]){ "-c", attempt->path, NULL }, NULL);
	unlink(attempt->path);
}

static const char *said(struct attempt *attempt)
{
	return buffer_cstring(&attempt->messages);
}

static void forget(struct attempt *attempt)
{
	config_free(&attempt->config);
	buffer_fini(&attempt->messages);
	*attempt = (struct attempt){ 0 };
}

/* The words alone, expecting a refusal whose text contains `part`. */
static void expect_refusal(const char *const *words,
			   const char *const *variables,
			   enum config_result result, const char *part)
{
	struct attempt attempt = { 0 };

	load(&attempt, words, variables);
	if (!strstr(said(&attempt), part))
		fail_msg("said: %s", said(&attempt));
	assert_int_equal(attempt.result, result);
	assert_null(attempt.config);
	forget(&attempt);
}

/* A file that is refused; each complaint begins with its place. */
static void expect_complaint(const char *yaml, const char *place,
			     const char *what)
{
	struct attempt attempt = { 0 };
	struct buffer part = { 0 };

	load_yaml(&attempt, yaml);
	buffer_printf(&part, "%s:%s: %s", attempt.path, place, what);
	if (!strstr(said(&attempt), buffer_cstring(&part)))
		fail_msg("said: %s", said(&attempt));
	assert_int_equal(attempt.result, CONFIG_BAD);
	buffer_fini(&part);
	forget(&attempt);
}

/* --- without a file ----------------------------------------------------- */

static void with_nothing_said_a_file_answers_on_loopback(void **state)
{
	struct attempt attempt = { 0 };
	const struct config_database *entry;

	load(&attempt, NULL, NULL);
	assert_int_equal(attempt.result, CONFIG_OK);
	assert_int_equal(attempt.messages.length, 0);
	assert_int_equal(attempt.config->environment, ENVIRONMENT_DEV);
	assert_int_equal(attempt.config->listen.tcp.count, 1);
	assert_string_equal(attempt.config->listen.tcp.items[0],
			    "127.0.0.1:6432");
	entry = config_database(attempt.config, "anything");
	assert_string_equal(entry->name, "*");
	assert_int_equal(entry->url.kind, BACKEND_URL_SQLITE);
	assert_string_equal(entry->url.target, "weir.db");
	assert_int_equal(entry->pool_size, 20);
	assert_int_equal(entry->queue_timeout_ms, 120000);
	assert_int_equal(entry->pool_mode, POOL_MODE_TRANSACTION);
	forget(&attempt);
}

static void a_flag_beats_a_variable_beats_the_file(void **state)
{
	struct attempt attempt = { 0 };

	write_file(&attempt, "log: {level: debug}\n"
			     "databases:\n  app:\n"
			     "    backend: postgresql://h/app\n"
			     "    pool_size: 1\n    min_pool_size: 1\n"
			     "    sqlite_readers: 9\n");
	load(&attempt,
	     (const char *[]){ "--pool-size=3", "--config", attempt.path,
			       NULL },
	     (const char *[]){ "WEIR_POOL_SIZE=2", "WEIR_MIN_POOL_SIZE=2",
			       NULL });
	unlink(attempt.path);
	assert_int_equal(attempt.result, CONFIG_OK);
	assert_int_equal(attempt.config->databases[0].pool_size, 3);
	assert_int_equal(attempt.config->databases[0].min_pool_size, 2);
	assert_int_equal(attempt.config->databases[0].sqlite_readers, 9);
	assert_int_equal(attempt.config->log.level, LOG_LEVEL_DEBUG);
	assert_int_equal(attempt.config->log.format, LOG_FORMAT_LOGFMT);
	assert_null(config_database(attempt.config, "other"));
	forget(&attempt);
}

static void variables_of_kubernetes_services_are_ignored(void **state)
{
	struct attempt attempt = { 0 };

	load(&attempt, NULL,
	     (const char *[]){ "WEIR_PORT=tcp://10.0.0.1:6432",
			       "WEIR_SERVICE_HOST=10.0.0.1",
			       "WEIR_PORT_6432_TCP=tcp://10.0.0.1:6432",
			       "WEIR_NONSENSE=1", "WEIR_LISTEN_HTTP=",
			       "DATABASE_URL=postgresql://elsewhere/x", NULL });
	assert_int_equal(attempt.result, CONFIG_OK);
	assert_int_equal(attempt.config->databases[0].url.kind,
			 BACKEND_URL_SQLITE);
	assert_null(attempt.config->listen.http);
	forget(&attempt);
}

static void a_secret_may_come_from_a_file(void **state)
{
	struct attempt attempt = { 0 };
	char variable[128];

	write_file(&attempt, "s3cret\n");
	snprintf(variable, sizeof(variable), "WEIR_BACKEND_PASSWORD_FILE=%s",
		 attempt.path);
	load(&attempt, (const char *[]){ "postgresql://a@h/d", NULL },
	     (const char *[]){ variable, NULL });
	assert_int_equal(attempt.result, CONFIG_OK);
	assert_string_equal(attempt.config->databases[0].backend_password,
			    "s3cret");
	assert_non_null(strstr(attempt.config->databases[0].url.target,
			       "?password=%73"));
	unlink(attempt.path);
	forget(&attempt);
	expect_refusal((const char *[]){ "postgresql://a@h/d", NULL },
		       (const char *[]){ variable, NULL }, CONFIG_BAD,
		       "WEIR_BACKEND_PASSWORD_FILE: cannot read");
	expect_refusal(NULL, (const char *[]){ "WEIR_BACKEND_PASSWORD=x",
					       variable, NULL },
		       CONFIG_BAD, "both set");
}

static void flags_given_twice_add_to_lists(void **state)
{
	struct attempt attempt = { 0 };

	load(&attempt, (const char *[]){ "-l", "127.0.0.1:1", "app.db",
					 "--listen=[::1]:2", "--strict-dev",
					 "--pool-size", "5", "--pool-size",
					 "6", NULL }, NULL);
	assert_int_equal(attempt.result, CONFIG_OK);
	assert_int_equal(attempt.config->listen.tcp.count, 2);
	assert_string_equal(attempt.config->listen.tcp.items[1], "[::1]:2");
	assert_true(attempt.config->databases[0].strict_dev);
	assert_int_equal(attempt.config->databases[0].pool_size, 6);
	assert_string_equal(attempt.config->databases[0].url.target, "app.db");
	forget(&attempt);
}

static void a_wrong_command_line_is_a_usage_error(void **state)
{
	expect_refusal((const char *[]){ "--pool-sze", "3", NULL }, NULL,
		       CONFIG_USAGE, "did you mean --pool-size?");
	expect_refusal((const char *[]){ "--backend-pasword=x1y2", NULL },
		       NULL, CONFIG_USAGE, "unknown option --backend-pasword;");
	expect_refusal((const char *[]){ "-x", NULL }, NULL, CONFIG_USAGE,
		       "unknown option -x");
	expect_refusal((const char *[]){ "--help=me", NULL }, NULL,
		       CONFIG_USAGE, "--help takes no value");
	expect_refusal((const char *[]){ "--pool-size", NULL }, NULL,
		       CONFIG_USAGE, "needs a value");
	expect_refusal((const char *[]){ "a.db", "b.db", NULL }, NULL,
		       CONFIG_USAGE, "more than one BACKEND");
	expect_refusal((const char *[]){ "--pool-size", "many", NULL }, NULL,
		       CONFIG_BAD, "--pool-size: pool_size must be a whole");
	expect_refusal(NULL, (const char *[]){ "WEIR_POOL_SIZE=many", NULL },
		       CONFIG_BAD, "WEIR_POOL_SIZE: pool_size must be");
}

static void flags_cannot_choose_between_several_databases(void **state)
{
	struct attempt attempt = { 0 };

	write_file(&attempt, "databases:\n  a: {backend: a.db}\n"
			     "  b: {backend: b.db}\n");
	expect_refusal((const char *[]){ "-c", attempt.path, "--pool-size",
					 "3", NULL }, NULL, CONFIG_BAD,
		       "--pool-size: the file has several databases");
	unlink(attempt.path);
}

static void help_needs_nothing_else_to_be_right(void **state)
{
	struct attempt attempt = { 0 };

	load(&attempt, (const char *[]){ "--help", "-c", "/nonexistent",
					 NULL }, NULL);
	assert_int_equal(attempt.result, CONFIG_OK);
	assert_int_equal(attempt.config->action, ACTION_HELP);
	forget(&attempt);
}

/* --- the file ----------------------------------------------------------- */

static void a_file_is_read_with_its_lists_and_entries(void **state)
{
	struct attempt attempt = { 0 };

	load_yaml(&attempt,
		  "environment: production\n"
		  "listen:\n  tcp: [\"0.0.0.0:6432\", '[::]:6433']\n"
		  "auth: {method: scram-sha-256, users_file: /etc/users}\n"
		  "tls:\n"
		  "databases:\n"
		  "  app:\n"
		  "    backend: postgresql://app@db/app\n"
		  "    queue_timeout: 500ms\n"
		  "    audit_tables:\n    - audit_event\n"
		  "    - public.\"Odd\"\"Name\"\n"
		  "  \"*\":\n    backend: sqlite:x.db\n"
		  "    allow_sqlite: yes\n");
	if (attempt.result)
		fail_msg("said: %s", said(&attempt));
	assert_int_equal(attempt.config->environment, ENVIRONMENT_PRODUCTION);
	assert_int_equal(attempt.config->listen.tcp.count, 2);
	assert_int_equal(attempt.config->auth.method, CONFIG_AUTH_SCRAM);
	assert_int_equal(attempt.config->database_count, 2);
	assert_int_equal(attempt.config->databases[0].queue_timeout_ms, 500);
	assert_int_equal(attempt.config->databases[0].audit_tables.count, 2);
	assert_string_equal(config_database(attempt.config, "app")->name,
			    "app");
	assert_string_equal(config_database(attempt.config, "x")->name, "*");
	forget(&attempt);
}

static void an_empty_file_says_nothing(void **state)
{
	struct attempt attempt = { 0 };

	load_yaml(&attempt, "# only a comment\n");
	assert_int_equal(attempt.result, CONFIG_OK);
	forget(&attempt);
	load_yaml(&attempt, "{}\n");
	assert_int_equal(attempt.result, CONFIG_OK);
	forget(&attempt);
}

static void complaints_name_line_and_column(void **state)
{
	expect_complaint("databases:\n  app:\n    pool_sze: 1\n", "3:5",
			 "unknown key pool_sze; did you mean pool_size?");
	expect_complaint("tlss: {}\n", "1:1",
			 "unknown key tlss; did you mean tls?");
	expect_complaint("listen:\n  tpc: x\n", "2:3",
			 "unknown key tpc; did you mean tcp?");
	expect_complaint("databases:\n  a:\n    query_wait_timeout: 1\n",
			 "3:5", "unknown key query_wait_timeout; weir calls it "
			 "databases.NAME.queue_timeout");
	expect_complaint("databases:\n  a:\n    pool_size: many\n", "3:16",
			 "pool_size must be a whole number");
	expect_complaint("log: {level: loud}\n", "1:14",
			 "log.level must be error, warn, info or debug");
	expect_complaint("databases:\n  a: {pool_size: [1]}\n", "2:18",
			 "pool_size takes one value");
	expect_complaint("databases:\n  a: {audit_tables: {b: c}}\n", "2:21",
			 "audit_tables takes a list");
	expect_complaint("databases:\n  a: {backend: }\n", "2:16",
			 "backend has no value");
	expect_complaint("databases: [a]\n", "1:12", "databases holds keys");
	expect_complaint("- a\n", "1:1", "the file holds keys");
	expect_complaint("[a]: b\n", "1:1", "a key must be a word");
	expect_complaint("log:\n  level: info\n format: json\n", "3:2", "");
	expect_complaint("log: \"\xFF\"\n", "1:7", "");
}

static void what_is_there_twice_is_refused(void **state)
{
	expect_complaint("environment: dev\nenvironment: test\n", "2:1",
			 "is here twice; the first time in line 1");
	expect_complaint("log: {level: info}\nlog: {format: json}\n", "2:1",
			 "log is here twice");
	expect_complaint("databases:\n  a: {backend: x.db}\n"
			 "  a: {backend: y.db}\n", "3:3",
			 "database a is here twice");
	expect_complaint("databases: {a: {backend: x.db}}\ndatabases: {}\n",
			 "2:1", "databases is here twice");
}

static void anchors_aliases_tags_and_documents_are_refused(void **state)
{
	expect_complaint("environment: &a dev\n", "1:14", "anchors,");
	expect_complaint("log: &l {level: info}\n", "1:6", "anchors,");
	expect_complaint("environment: &a dev\nlog: {level: *a}\n", "2:14",
			 "anchors,");
	expect_complaint("environment: !!str dev\n", "1:14", "anchors,");
	expect_complaint("environment: dev\n---\nlog: {}\n", "2:1",
			 "a second document");
}

static void every_complaint_is_told_but_not_for_ever(void **state)
{
	struct attempt attempt = { 0 };
	struct buffer yaml = { 0 };
	unsigned lines = 0;

	load_yaml(&attempt, "a: 1\nb: 2\n");
	assert_non_null(strstr(said(&attempt), ":1:1: unknown key a"));
	assert_non_null(strstr(said(&attempt), ":2:1: unknown key b"));
	forget(&attempt);
	for (int i = 0; i < 1000; i++)
		buffer_printf(&yaml, "zzzzzzzz%d: 1\n", i);
	load_yaml(&attempt, buffer_cstring(&yaml));
	for (const char *at = said(&attempt); (at = strchr(at, '\n')); at++)
		lines++;
	assert_in_range(lines, 10, 60);
	buffer_fini(&yaml);
	forget(&attempt);
}

static void every_prefix_of_a_file_is_survived(void **state)
{
	static const char yaml[] =
		"environment: dev\nlog: {level: \"in\\x66o\"}\n"
		"databases:\n  a: {backend: x.db, audit_tables: [b, \"c\"]}\n"
		"  ? [x, {y: z}]\n  : &q {}\n";
	struct attempt attempt = { 0 };
	char prefix[sizeof(yaml)];

	for (size_t i = 0; i < sizeof(yaml); i++) {
		memcpy(prefix, yaml, i);
		prefix[i] = 0;
		load_yaml(&attempt, prefix);
		forget(&attempt);
	}
}

static void a_file_that_is_not_there_is_named(void **state)
{
	expect_refusal((const char *[]){ "-c", "/nonexistent/weir.yaml",
					 NULL }, NULL, CONFIG_BAD,
		       "/nonexistent/weir.yaml: No such file");
	expect_refusal(NULL, (const char *[]){ "WEIR_CONFIG=/dev/zero", NULL },
		       CONFIG_BAD, "larger than 1 MiB");
}

/* --- rails -------------------------------------------------------------- */

static void sqlite_in_production_is_refused(void **state)
{
	struct attempt attempt = { 0 };

	expect_refusal((const char *[]){ "--environment=production", NULL },
		       NULL, CONFIG_BAD, "allow_sqlite");
	expect_refusal((const char *[]){ "app.db", NULL },
		       (const char *[]){ "KUBERNETES_SERVICE_HOST=10.0.0.1",
					 NULL },
		       CONFIG_BAD, "KUBERNETES_SERVICE_HOST");
	load(&attempt, (const char *[]){ "--allow-sqlite", NULL },
	     (const char *[]){ "WEIR_ENVIRONMENT=production", NULL });
	assert_int_equal(attempt.result, CONFIG_OK);
	forget(&attempt);
	load(&attempt, (const char *[]){ "--environment", "test", NULL },
	     (const char *[]){ "KUBERNETES_SERVICE_HOST=10.0.0.1", NULL });
	assert_int_equal(attempt.result, CONFIG_OK);
	forget(&attempt);
}

static void open_doors_are_refused(void **state)
{
	static const char *const open[] = {
		"0.0.0.0:6432", ":6432", "*:6432", "[::]:6432",
		"10.0.0.1:6432", "127.evil.example:6432", "db:6432",
	};
	static const char *const closed[] = {
		"127.0.0.1:6432", "127.1.2.3:6432", "[::1]:6432",
		"localhost:6432", "6432",
	};
	struct attempt attempt = { 0 };

	for (unsigned i = 0; i < sizeof(open) / sizeof(open[0]); i++)
		expect_refusal((const char *[]){ "-l", open[i], NULL }, NULL,
			       CONFIG_BAD, "auth.method");
	for (unsigned i = 0; i < sizeof(closed) / sizeof(closed[0]); i++) {
		load(&attempt, (const char *[]){ "-l", closed[i], NULL }, NULL);
		assert_int_equal(attempt.result, CONFIG_OK);
		forget(&attempt);
	}
	load(&attempt, (const char *[]){ "-l:6432", "--auth-method",
					 "scram-sha-256", "--auth-users-file",
					 "/etc/users", NULL }, NULL);
	assert_int_equal(attempt.result, CONFIG_OK);
	forget(&attempt);
}

static void what_belongs_together_must_be_there(void **state)
{
	expect_refusal((const char *[]){ "--auth-method=scram-sha-256", NULL },
		       NULL, CONFIG_BAD, "users_file");
	expect_refusal((const char *[]){ "--tls-mode=require", "--tls-cert=x",
					 NULL }, NULL, CONFIG_BAD, "tls.key");
	expect_refusal((const char *[]){ "--tls-mode=verify", "--tls-cert=x",
					 "--tls-key=y", NULL }, NULL,
		       CONFIG_BAD, "tls.client_ca");
	expect_refusal((const char *[]){ "--min-pool-size=21", NULL }, NULL,
		       CONFIG_BAD, "more than pool_size");
	expect_refusal((const char *[]){ "-l", "nowhere", NULL }, NULL,
		       CONFIG_BAD, "no HOST:PORT");
	expect_refusal((const char *[]){ "-l", "::1:6432", NULL }, NULL,
		       CONFIG_BAD, "no HOST:PORT");
	expect_refusal((const char *[]){ "--audit-tables=a.b.c", NULL }, NULL,
		       CONFIG_BAD, "no table name");
	expect_refusal((const char *[]){ "--audit-tables=\"a", NULL }, NULL,
		       CONFIG_BAD, "no table name");
	expect_refusal((const char *[]){ "--audit-tables=user", NULL }, NULL,
		       CONFIG_BAD, "double quotes where SQL needs them");
	expect_refusal((const char *[]){ "--backend-password=x", NULL }, NULL,
		       CONFIG_BAD, "is for Postgres");
	expect_refusal((const char *[]){ "mysql://h/d", NULL }, NULL,
		       CONFIG_BAD, "must be postgresql://");
}

/* --- what is shown ------------------------------------------------------ */

static void printing_hides_secrets_and_names_origins(void **state)
{
	struct attempt attempt = { 0 };
	struct buffer out = { 0 };
	const char *text;

	load(&attempt, (const char *[]){ "postgresql://a:hush@h/d?x=1", NULL },
	     (const char *[]){ "WEIR_BACKEND_PASSWORD=hush",
			       "WEIR_POOL_SIZE=7", NULL });
	assert_int_equal(attempt.result, CONFIG_OK);
	config_print(attempt.config, &out);
	text = buffer_cstring(&out);
	assert_null(strstr(text, "hush"));
	assert_non_null(strstr(text, "postgresql://a:***@h/d?x=1"));
	assert_non_null(strstr(text, "pool_size: 7 "));
	assert_non_null(strstr(text, "# environment\n"));
	assert_non_null(strstr(text, "# command line\n"));
	assert_non_null(strstr(text, "# not set\n"));
	buffer_fini(&out);
	forget(&attempt);
}

static void what_is_printed_can_be_read_again(void **state)
{
	struct attempt first = { 0 }, second = { 0 };
	struct buffer out = { 0 };

	load(&first, (const char *[]){ "odd #name: x.db", "--audit-tables",
				       "a,\"B c\"", "--queue-timeout=1500ms",
				       "--listen-tcp=", "--listen-unix=/tmp",
				       NULL }, NULL);
	assert_int_equal(first.result, CONFIG_OK);
	config_print(first.config, &out);
	load_yaml(&second, buffer_cstring(&out));
	if (second.result)
		fail_msg("said: %s", said(&second));
	for (unsigned i = 0; i < option_count; i++)
		assert_true(option_equal(&option_rows[i],
			option_rows[i].scope == OPTION_GLOBAL ?
				(void *)first.config :
				(void *)first.config->databases,
			option_rows[i].scope == OPTION_GLOBAL ?
				(void *)second.config :
				(void *)second.config->databases));
	buffer_fini(&out);
	forget(&first);
	forget(&second);
}

static void help_fits_on_a_screen(void **state)
{
	struct buffer out = { 0 };
	unsigned lines = 0, width = 0;

	config_help(&out);
	buffer_cstring(&out);
	for (size_t i = 0; i < out.length; i++) {
		width++;
		if (out.bytes[i] == '\n') {
			assert_in_range(width, 1, 81);
			width = 0;
			lines++;
		}
	}
	assert_in_range(lines, 20, 70);
	buffer_fini(&out);
}

static void count_visits(void *context, const char *path, const char *value,
			 const char *initial, bool reloads)
{
	assert_null(strstr(value, "hush"));
	*(unsigned *)context += 1;
}

static void every_option_can_be_visited(void **state)
{
	struct attempt attempt = { 0 };
	unsigned count = 0;

	load(&attempt, (const char *[]){ "postgresql://a:hush@h/d", NULL },
	     NULL);
	config_each(attempt.config, count_visits, &count);
	assert_int_equal(count, option_count);
	forget(&attempt);
}

/* --- reload ------------------------------------------------------------- */

static struct config *reload(struct attempt *attempt, const char *yaml,
			     struct buffer *messages)
{
	char *argv[] = { (char []){ "weir" }, (char []){ "-c" },
			 attempt->path, NULL };
	struct config *fresh = NULL;
	FILE *file = fopen(attempt->path, "w");

	fputs(yaml, file);
	fclose(file);
	config_reload(attempt->config, 3, argv, NULL, &fresh, messages);
	return fresh;
}

static void a_reload_changes_only_what_can_change(void **state)
{
	struct attempt attempt = { 0 };
	struct buffer messages = { 0 };
	struct config *fresh;

	write_file(&attempt, "databases: {a: {backend: x.db}}\n");
	load(&attempt, (const char *[]){ "-c", attempt.path, NULL }, NULL);
	fresh = reload(&attempt, "log: {level: debug}\n"
		       "listen: {tcp: \"127.0.0.1:1\"}\n"
		       "databases: {a: {backend: y.db}}\n", &messages);
	assert_non_null(fresh);
	assert_int_equal(fresh->log.level, LOG_LEVEL_DEBUG);
	assert_string_equal(fresh->listen.tcp.items[0], "127.0.0.1:6432");
	assert_string_equal(fresh->databases[0].url.target, "x.db");
	assert_string_equal(buffer_cstring(&messages),
			    "listen.tcp changed; it waits for a restart\n"
			    "log.level changed\n"
			    "databases.a.backend changed; it waits for a "
			    "restart\n");
	config_free(&fresh);
	unlink(attempt.path);
	buffer_fini(&messages);
	forget(&attempt);
}

static void a_reload_keeps_what_runs_when_the_file_is_wrong(void **state)
{
	struct attempt attempt = { 0 };
	struct buffer messages = { 0 };
	struct config *fresh;

	write_file(&attempt, "databases: {a: {backend: x.db}}\n");
	load(&attempt, (const char *[]){ "-c", attempt.path, NULL }, NULL);
	assert_null(reload(&attempt, "lgo: {}\n", &messages));
	assert_non_null(strstr(buffer_cstring(&messages), "unknown key lgo"));
	buffer_clear(&messages);
	fresh = reload(&attempt, "databases: {b: {backend: x.db}}\n",
		       &messages);
	assert_string_equal(fresh->databases[0].name, "a");
	assert_string_equal(fresh->databases[0].url.target, "x.db");
	assert_non_null(strstr(buffer_cstring(&messages),
			       "waits for a restart"));
	config_free(&fresh);
	unlink(attempt.path);
	buffer_fini(&messages);
	forget(&attempt);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(with_nothing_said_a_file_answers_on_loopback),
		cmocka_unit_test(a_flag_beats_a_variable_beats_the_file),
		cmocka_unit_test(variables_of_kubernetes_services_are_ignored),
		cmocka_unit_test(a_secret_may_come_from_a_file),
		cmocka_unit_test(flags_given_twice_add_to_lists),
		cmocka_unit_test(a_wrong_command_line_is_a_usage_error),
		cmocka_unit_test(flags_cannot_choose_between_several_databases),
		cmocka_unit_test(help_needs_nothing_else_to_be_right),
		cmocka_unit_test(a_file_is_read_with_its_lists_and_entries),
		cmocka_unit_test(an_empty_file_says_nothing),
		cmocka_unit_test(complaints_name_line_and_column),
		cmocka_unit_test(what_is_there_twice_is_refused),
		cmocka_unit_test(
			anchors_aliases_tags_and_documents_are_refused),
		cmocka_unit_test(every_complaint_is_told_but_not_for_ever),
		cmocka_unit_test(every_prefix_of_a_file_is_survived),
		cmocka_unit_test(a_file_that_is_not_there_is_named),
		cmocka_unit_test(sqlite_in_production_is_refused),
		cmocka_unit_test(open_doors_are_refused),
		cmocka_unit_test(what_belongs_together_must_be_there),
		cmocka_unit_test(printing_hides_secrets_and_names_origins),
		cmocka_unit_test(what_is_printed_can_be_read_again),
		cmocka_unit_test(help_fits_on_a_screen),
		cmocka_unit_test(every_option_can_be_visited),
		cmocka_unit_test(a_reload_changes_only_what_can_change),
		cmocka_unit_test(
			a_reload_keeps_what_runs_when_the_file_is_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
