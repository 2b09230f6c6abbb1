/*
 * weir explain-sql: what becomes of a statement on a SQLite backend
 * (pool/sqlite/explain.h).
 */
#include "proxy/tools.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "pool/sqlite/explain.h"

struct arguments {
	const char *file;
	const char *schema;
	const char *sql;
	bool supported;
	bool help;
};

static const char usage[] =
	"usage: weir explain-sql [--file FILE | --schema SQL] SQL\n"
	"       weir explain-sql --supported\n"
	"Shows what a statement becomes on a SQLite backend, with the types of"
	" its\nparameters and columns, or the error a client would get.\n";

static bool read_arguments(int argc, char **argv, struct arguments *arguments)
{
	for (int i = 2; i < argc; i++) {
		const char *word = argv[i];
		bool takes_value = strcmp(word, "--file") == 0 ||
				   strcmp(word, "--schema") == 0;

		if (takes_value && i + 1 == argc)
			return false;
		if (strcmp(word, "--file") == 0)
			arguments->file = argv[++i];
		else if (strcmp(word, "--schema") == 0)
			arguments->schema = argv[++i];
		else if (strcmp(word, "--supported") == 0)
			arguments->supported = true;
		else if (strcmp(word, "--help") == 0 ||
			 strcmp(word, "-h") == 0)
			arguments->help = true;
		else if (arguments->sql ||
			 (word[0] == '-' && word[1] != '-' && word[1] != ' '))
			return false;
		else
			arguments->sql = word;
	}
	if (arguments->help || arguments->supported)
		return !arguments->sql;
	return arguments->sql && !(arguments->file && arguments->schema);
}

/* Tables that the statement speaks of; said only if they are wrong. */
static bool make_schema(struct explainer *explainer, const char *schema,
			struct buffer *out)
{
	bool good = !schema || explainer_explain(explainer, schema, out);

	if (good)
		buffer_clear(out);
	return good;
}

static int explain(const struct arguments *arguments)
{
	struct arena arena = { 0 };
	struct buffer out = { 0 };
	struct error error;
	struct explainer *explainer = explainer_open(
		arguments->file ? tool_sqlite_path(arguments->file, &arena) :
				  NULL, &error);
	bool good = explainer &&
		    make_schema(explainer, arguments->schema, &out) &&
		    explainer_explain(explainer, arguments->sql, &out);

	if (!explainer)
		fprintf(stderr, "weir: %s\n", error.message);
	fputs(buffer_cstring(&out), stdout);
	buffer_fini(&out);
	explainer_close(&explainer);
	arena_fini(&arena);
	return good ? 0 : 1;
}

static int print_supported(void)
{
	struct buffer out = { 0 };

	explain_supported(&out);
	fputs(buffer_cstring(&out), stdout);
	buffer_fini(&out);
	return 0;
}

int tool_explain(int argc, char **argv)
{
	struct arguments arguments = { 0 };

	if (!read_arguments(argc, argv, &arguments)) {
		fputs(usage, stderr);
		return EX_USAGE;
	}
	if (arguments.help) {
		fputs(usage, stdout);
		return 0;
	}
	return arguments.supported ? print_supported() : explain(&arguments);
}
