/* What people may see of the configuration: help, values, where from. */
#include "proxy/config_read.h"

#include <stdio.h>

static const char *const origins[] = {
	[ORIGIN_DEFAULT] = "default",
	[ORIGIN_FILE] = "line",
	[ORIGIN_ENVIRONMENT] = "environment",
	[ORIGIN_FLAG] = "command line",
};

/* --- help --------------------------------------------------------------- */

static void help_rows(enum option_scope scope, struct buffer *out)
{
	char flag[64], line[80];

	for (unsigned i = 0; i < option_count; i++) {
		const struct option_row *row = &option_rows[i];

		if (row->scope != scope || row->detail)
			continue;
		option_flag(row, flag, sizeof(flag));
		snprintf(line, sizeof(line), row->type == OPTION_BOOL ?
			 "--%s[=%s]" : "--%s %s", flag, row->argument);
		buffer_printf(out, "  %-32s %s%s%s%s\n", line, row->about,
			      row->initial ? " [" : "",
			      row->initial ? row->initial : "",
			      row->initial ? "]" : "");
	}
}

void config_help(struct buffer *out)
{
	buffer_put_text(out,
		"Usage: weir [OPTIONS] [BACKEND]        serve\n"
		"       weir run [OPTIONS] -- COMMAND   serve, with DATABASE_URL"
		" set for COMMAND\n"
		"       weir adopt FILE | explain-sql SQL | ping |"
		" hash-password |\n            audit keygen | audit verify"
		"   see weir(1)\n"
		"BACKEND is postgresql://... or sqlite:PATH or PATH"
		" [weir.db].\n\n"
		"  -c, --config FILE      options in YAML, see weir.yaml(5)"
		" (WEIR_CONFIG)\n"
		"  -l, --listen HOST:PORT the same as --listen-tcp\n"
		"  -t, --check-config     say what is wrong, exit 0 or 78\n"
		"      --print-config     the values in effect and their"
		" origin\n"
		"  -V, --version   -h, --help\n\n"
		"Every option is a variable: --pool-size is"
		" WEIR_POOL_SIZE; see weir.yaml(5).\n");
	help_rows(OPTION_GLOBAL, out);
	buffer_put_text(out, "For the default database:\n");
	help_rows(OPTION_DATABASE, out);
}

/* --- values ------------------------------------------------------------- */

/* Appends the value; never a secret. */
static void show(const struct option_row *row, const void *base,
		 struct buffer *out)
{
	const struct config_database *database = base;
	struct buffer url = { 0 };

	if (row->scope == OPTION_DATABASE && option_is_set(row, base) &&
	    row->offset == offsetof(struct config_database, backend)) {
		backend_url_show(database->backend, &url);
		option_print_text(buffer_cstring(&url), out);
		buffer_fini(&url);
	} else if (row->secret && option_is_set(row, base)) {
		buffer_put_text(out, "\"***\"");
	} else {
		option_print(row, base, out);
	}
}

static void print_row(const struct option_row *row, const char *name,
		      const char *indent, const void *base,
		      const struct config_place *place, struct buffer *out)
{
	struct buffer line = { 0 };
	/* an empty list in place of a default one was said by somebody */
	bool is_set = option_is_set(row, base) || row->initial;

	buffer_printf(&line, "%s%s%s: ", indent, is_set ? "" : "# ", name);
	show(row, base, &line);
	buffer_printf(out, "%-47s # ", buffer_cstring(&line));
	if (place->origin == ORIGIN_FILE)
		buffer_printf(out, "%s %u\n", origins[ORIGIN_FILE],
			      place->line);
	else
		buffer_printf(out, "%s\n", is_set ? origins[place->origin] :
						    "not set");
	buffer_fini(&line);
}

static void print_global(const struct config *config, struct buffer *out)
{
	const char *section = "";
	size_t length = 0;

	for (unsigned i = 0; i < option_count; i++) {
		const struct option_row *row = &option_rows[i];
		const char *dot = strchr(row->path, '.');

		if (row->scope != OPTION_GLOBAL)
			continue;
		if (dot && strncmp(row->path, section, length + 1) != 0) {
			section = row->path;
			length = (size_t)(dot - row->path);
			buffer_printf(out, "%.*s:\n", (int)length, section);
		}
		print_row(row, dot ? dot + 1 : row->path, dot ? "  " : "",
			  config, &config->places[i], out);
	}
}

void config_print(const struct config *config, struct buffer *out)
{
	if (config->file) {
		buffer_put_text(out, "# lines are those of ");
		option_print_text(config->file, out);
		buffer_put_text(out, "\n");
	}
	print_global(config, out);
	buffer_put_text(out, "databases:\n");
	for (unsigned d = 0; d < config->database_count; d++) {
		const struct config_database *entry = &config->databases[d];

		buffer_put_text(out, "  ");
		option_print_text(entry->name, out);
		buffer_put_text(out, ":\n");
		for (unsigned i = 0; i < option_count; i++)
			if (option_rows[i].scope == OPTION_DATABASE)
				print_row(&option_rows[i], option_rows[i].path,
					  "    ", entry, &entry->places[i],
					  out);
	}
}

/* --- SHOW CONFIG -------------------------------------------------------- */

struct visit {
	void (*visit)(void *context, const char *path, const char *value,
		      const char *initial, bool reloads);
	void *context;
};

static void visit_rows(enum option_scope scope, const char *prefix,
		       const void *base, const struct visit *visit)
{
	struct buffer path = { 0 }, value = { 0 };

	for (unsigned i = 0; i < option_count; i++) {
		const struct option_row *row = &option_rows[i];

		if (row->scope != scope)
			continue;
		buffer_clear(&path);
		buffer_clear(&value);
		buffer_printf(&path, "%s%s", prefix, row->path);
		show(row, base, &value);
		visit->visit(visit->context, buffer_cstring(&path),
			     buffer_cstring(&value),
			     row->initial ? row->initial : "", row->reloads);
	}
	buffer_fini(&path);
	buffer_fini(&value);
}

void config_each(const struct config *config, void (*function)(void *context,
		 const char *path, const char *value, const char *initial,
		 bool reloads), void *context)
{
	struct visit visit = { function, context };
	struct buffer prefix = { 0 };

	visit_rows(OPTION_GLOBAL, "", config, &visit);
	for (unsigned i = 0; i < config->database_count; i++) {
		buffer_clear(&prefix);
		buffer_printf(&prefix, "databases.%s.",
			      config->databases[i].name);
		visit_rows(OPTION_DATABASE, buffer_cstring(&prefix),
			   &config->databases[i], &visit);
	}
	buffer_fini(&prefix);
}
