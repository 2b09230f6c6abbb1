#include "proxy/config_read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* --- life --------------------------------------------------------------- */

static void fill_defaults(void *base, enum option_scope scope)
{
	struct buffer why = { 0 };

	for (const struct option_row *row = option_rows;
	     row < option_rows + option_count; row++)
		if (row->scope == scope && row->initial)
			option_set(row, base, slice_text(row->initial), &why);
	buffer_fini(&why);
}

static void clear(void *base, enum option_scope scope)
{
	for (const struct option_row *row = option_rows;
	     row < option_rows + option_count; row++)
		if (row->scope == scope)
			option_clear(row, base);
}

static struct config *config_new(void)
{
	struct config *config = must_alloc(sizeof(*config));

	fill_defaults(config, OPTION_GLOBAL);
	return config;
}

struct config_database *config_add_database(struct config *config,
					    struct slice name)
{
	struct config_database *database;

	config->databases = must_realloc(config->databases,
					 (config->database_count + 1) *
					 sizeof(*config->databases));
	database = &config->databases[config->database_count++];
	*database = (struct config_database){ .name = slice_dup(name) };
	fill_defaults(database, OPTION_DATABASE);
	return database;
}

static void free_databases(struct config *config)
{
	for (unsigned i = 0; i < config->database_count; i++) {
		clear(&config->databases[i], OPTION_DATABASE);
		backend_url_fini(&config->databases[i].url);
		free(config->databases[i].name);
	}
	free(config->databases);
	config->databases = NULL;
	config->database_count = 0;
}

void config_free(struct config **config)
{
	if (!*config)
		return;
	free_databases(*config);
	clear(*config, OPTION_GLOBAL);
	free((*config)->file);
	free(*config);
	*config = NULL;
}

struct config_database *config_find_database(struct config *config,
					     struct slice name)
{
	for (unsigned i = 0; i < config->database_count; i++)
		if (slice_is(name, config->databases[i].name))
			return &config->databases[i];
	return NULL;
}

const struct config_database *config_database(const struct config *config,
					      const char *name)
{
	const struct config_database *any = NULL;

	for (unsigned i = 0; i < config->database_count; i++) {
		if (strcmp(config->databases[i].name, name) == 0)
			return &config->databases[i];
		if (strcmp(config->databases[i].name, "*") == 0)
			any = &config->databases[i];
	}
	return any;
}

/* --- assigning ---------------------------------------------------------- */

__attribute__((format(printf, 2, 0)))
static void put_line(struct buffer *messages, const char *format, va_list args)
{
	char line[1024];

	vsnprintf(line, sizeof(line), format, args);
	buffer_put_text(messages, line);
	buffer_put_u8(messages, '\n');
}

void config_complain(struct reading *reading, const char *format, ...)
{
	va_list args;

	if (reading->complaints++ >= CONFIG_COMPLAINTS_MAX)
		return;
	va_start(args, format);
	put_line(reading->messages, format, args);
	va_end(args);
}

void config_warn(struct reading *reading, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	put_line(reading->messages, format, args);
	va_end(args);
}

void *config_base(struct config *config, struct config_database *database,
		  const struct option_row *row)
{
	return row->scope == OPTION_GLOBAL ? (void *)config : (void *)database;
}

struct config_place *config_place(struct config *config,
				  struct config_database *database,
				  const struct option_row *row)
{
	unsigned index = option_index(row);

	return row->scope == OPTION_GLOBAL ? &config->places[index] :
					     &database->places[index];
}

void config_assign(struct reading *reading, struct config_database *database,
		   const struct option_row *row, struct slice text,
		   struct config_place place, const char *where)
{
	struct config *config = reading->config;
	struct buffer why = { 0 };

	if (option_set(row, config_base(config, database, row), text, &why))
		*config_place(config, database, row) = place;
	else
		config_complain(reading, "%s: %s %s", where, row->path,
				buffer_cstring(&why));
	buffer_fini(&why);
}

int config_read_file(const char *path, size_t bytes_max, struct buffer *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = 1;
	int error;

	if (fd < 0)
		return errno;
	while (got > 0 && out->length <= bytes_max) {
		buffer_reserve(out, 4096);
		got = read(fd, out->bytes + out->length, 4096);
		if (got > 0)
			out->length += (size_t)got;
	}
	error = got < 0 ? errno : out->length > bytes_max ? EFBIG : 0;
	close(fd);
	return error;
}

void config_assign_file(struct reading *reading,
			struct config_database *database,
			const struct option_row *row, const char *path,
			struct config_place place, const char *where)
{
	struct buffer secret = { 0 };
	int error = config_read_file(path, CONFIG_SECRET_BYTES_MAX, &secret);

	if (error) {
		config_complain(reading, "%s: cannot read %s: %s", where, path,
				strerror(error));
	} else {
		if (secret.length && secret.bytes[secret.length - 1] == '\n')
			secret.length--;
		if (secret.length && secret.bytes[secret.length - 1] == '\r')
			secret.length--;
		config_assign(reading, database, row, buffer_slice(&secret),
			      place, where);
	}
	buffer_wipe(&secret);
}

/* --- loading ------------------------------------------------------------ */

static void read_named_file(struct reading *reading, const char *path)
{
	struct buffer text = { 0 };
	int error = config_read_file(path, CONFIG_FILE_BYTES_MAX, &text);

	reading->config->file = must_dup(path);
	if (error)
		config_complain(reading, "%s: %s", path, error == EFBIG ?
				"larger than 1 MiB" : strerror(error));
	else
		config_read_yaml(reading, path, buffer_slice(&text));
	buffer_wipe(&text);	/* there may be passwords in it */
}

/* Turns what was written for each backend into what it means. */
static void read_backends(struct reading *reading)
{
	struct config *config = reading->config;
	struct buffer why = { 0 };

	for (unsigned i = 0; i < config->database_count; i++) {
		struct config_database *entry = &config->databases[i];

		buffer_clear(&why);
		if (!entry->backend)
			config_complain(reading, "databases.%s: backend is "
					"missing", entry->name);
		else if (!backend_url_parse(entry->backend, &entry->url, &why))
			config_complain(reading, "databases.%s: backend %s",
					entry->name, buffer_cstring(&why));
		else if (!entry->backend_password)
			continue;
		else if (entry->url.kind == BACKEND_URL_POSTGRES)
			backend_url_add_password(&entry->url,
						 entry->backend_password);
		else
			config_complain(reading, "databases.%s: "
					"backend_password is for Postgres; a "
					"SQLite file has none", entry->name);
	}
	buffer_fini(&why);
}

/* In the order of their weight: file, environment, command line. */
static void read_all(struct reading *reading, const struct command *command,
		     char *const *envp)
{
	struct config *config = reading->config;
	const char *file = command_file(command);
	bool kubernetes = environment_get(envp, "KUBERNETES_SERVICE_HOST");

	if (!file)
		file = environment_get(envp, "WEIR_CONFIG");
	if (kubernetes)
		config->environment = ENVIRONMENT_PRODUCTION;
	if (file)
		read_named_file(reading, file);
	if (!config->database_count && !reading->complaints)
		config_add_database(config, slice_text("*"))->backend =
			must_dup("weir.db");
	if (reading->complaints)
		return;	/* what follows would only be confusing */
	environment_apply(envp, reading);
	command_apply(command, reading);
	if (reading->complaints)
		return;
	read_backends(reading);
	if (!reading->complaints)
		config_check(reading, kubernetes);
}

enum config_result config_load(int argc, char *const *argv, char *const *envp,
			       struct config **ret, struct buffer *messages)
{
	struct reading reading = { NULL, messages, 0 };
	struct command *command = NULL;
	enum config_result result;

	result = command_read(argc, argv, messages, &command);
	if (result != CONFIG_OK)
		return result;
	reading.config = config_new();
	reading.config->action = command_action(command);
	if (reading.config->action != ACTION_HELP &&
	    reading.config->action != ACTION_VERSION)
		read_all(&reading, command, envp);
	command_free(&command);
	if (reading.complaints) {
		config_free(&reading.config);
		return CONFIG_BAD;
	}
	*ret = reading.config;
	return CONFIG_OK;
}

/* --- reloading ---------------------------------------------------------- */

static bool same_names(const struct config *a, const struct config *b)
{
	if (a->database_count != b->database_count)
		return false;
	for (unsigned i = 0; i < a->database_count; i++)
		if (strcmp(a->databases[i].name, b->databases[i].name) != 0)
			return false;
	return true;
}

/* Compares every option of one scope; what cannot change now is put back. */
static void keep_running(void *fresh, const void *running,
			 enum option_scope scope, const char *prefix,
			 struct buffer *messages)
{
	for (const struct option_row *row = option_rows;
	     row < option_rows + option_count; row++) {
		if (row->scope != scope || option_equal(row, fresh, running))
			continue;
		buffer_printf(messages, "%s%s changed%s\n", prefix, row->path,
			      row->reloads ? "" : "; it waits for a restart");
		if (!row->reloads)
			option_copy(row, fresh, running);
	}
}

static void keep_database(struct config_database *fresh,
			  const struct config_database *running,
			  struct buffer *messages)
{
	struct buffer prefix = { 0 };

	buffer_printf(&prefix, "databases.%s.", running->name);
	keep_running(fresh, running, OPTION_DATABASE, buffer_cstring(&prefix),
		     messages);
	buffer_fini(&prefix);
	backend_url_fini(&fresh->url);
	fresh->url = (struct backend_url){ running->url.kind,
					   must_dup(running->url.target) };
}

/* Entries come and go with a restart only. */
static void keep_databases(struct config *fresh, const struct config *running)
{
	free_databases(fresh);
	for (unsigned i = 0; i < running->database_count; i++)
		config_add_database(fresh,
				    slice_text(running->databases[i].name));
}

enum config_result config_reload(const struct config *running, int argc,
				 char *const *argv, char *const *envp,
				 struct config **ret, struct buffer *messages)
{
	struct config *fresh = NULL;
	struct buffer unsaid = { 0 };
	enum config_result result;
	bool same;

	result = config_load(argc, argv, envp, &fresh, messages);
	if (result != CONFIG_OK)
		return result;
	buffer_clear(messages);	/* what is warned of waits for a restart */
	same = same_names(fresh, running);
	if (!same) {
		buffer_put_text(messages, "databases were added, removed or "
				"moved; that waits for a restart\n");
		keep_databases(fresh, running);
	}
	keep_running(fresh, running, OPTION_GLOBAL, "", messages);
	for (unsigned i = 0; i < running->database_count; i++)
		keep_database(&fresh->databases[i], &running->databases[i],
			      same ? messages : &unsaid);
	buffer_fini(&unsaid);
	*ret = fresh;
	return CONFIG_OK;
}
