/*
 * weir adopt: what pool/sqlite/adopt.h finds out about a file, in words.
 */
#include "proxy/tools.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "pool/sqlite/adopt.h"
#include "proxy/backend_url.h"

#define NOTES_MAX 100		/* lines; the rest is counted */
#define WISHES_MAX 1000

struct arguments {
	const char *file;
	bool apply;
	bool help;
	struct adopt_options options;
	struct adopt_wish wishes[WISHES_MAX];
	struct arena arena;
};

static const char usage[] =
	"usage: weir adopt [--apply] [--naive] [--declare TABLE.COLUMN=TYPE]"
	" ... FILE\n"
	"Says which Postgres types the columns of another program's SQLite file"
	" could\nbe declared with. With --apply it keeps a copy of the file and"
	" declares them.\n";

/* --- the command line ------------------------------------------------------ */

/* TABLE.COLUMN=TYPE; the column is what stands behind the last dot. */
static bool read_wish(struct arguments *arguments, const char *text)
{
	struct adopt_options *options = &arguments->options;
	char *name = arena_text(&arguments->arena, text ? text : "");
	char *equals = strchr(name, '='), *dot;

	if (!equals || options->wish_count == WISHES_MAX)
		return false;
	*equals = 0;
	dot = strrchr(name, '.');
	if (!dot)
		return false;
	*dot = 0;
	arguments->wishes[options->wish_count++] = (struct adopt_wish){
		name, dot + 1, equals + 1,
	};
	return true;
}

static bool read_arguments(int argc, char **argv, struct arguments *arguments)
{
	arguments->options.wishes = arguments->wishes;
	for (int i = 2; i < argc; i++) {
		const char *word = argv[i];

		if (strcmp(word, "--apply") == 0) {
			arguments->apply = true;
		} else if (strcmp(word, "--naive") == 0) {
			arguments->options.naive = true;
		} else if (strcmp(word, "--help") == 0 ||
			   strcmp(word, "-h") == 0) {
			arguments->help = true;
		} else if (strcmp(word, "--declare") == 0) {
			if (!read_wish(arguments, argv[++i]))
				return false;
		} else if (strncmp(word, "--declare=", 10) == 0) {
			if (!read_wish(arguments, word + 10))
				return false;
		} else if (word[0] == '-' || arguments->file) {
			return false;
		} else {
			arguments->file = word;
		}
	}
	return arguments->file || arguments->help;
}

const char *tool_sqlite_path(const char *file, struct arena *arena)
{
	struct backend_url url = { 0 };
	struct buffer why = { 0 };
	const char *path = file;

	if (backend_url_parse(file, &url, &why) &&
	    url.kind == BACKEND_URL_SQLITE)
		path = arena_text(arena, url.target);
	backend_url_fini(&url);
	buffer_fini(&why);
	return path;
}

/* --- the report -------------------------------------------------------------- */

static void print_count(int64_t count, const char *what)
{
	printf("%" PRId64 " %s%s", count, what, count == 1 ? "" : "s");
}

static void print_unfit(const struct adopt_finding *row)
{
	printf("    row %s: %s\n", row->unfit_row, row->unfit_why);
}

static void print_finding(const struct adopt_finding *row)
{
	const char *declared;

	if (row->verdict == ADOPT_UNREADABLE) {
		printf("  cannot be read: %s\n", row->unfit_why);
		return;
	}
	declared = row->declared[0] ? row->declared : "(no type)";
	printf("  %-20s %-16s -> %-26s ", row->column, declared, row->type);
	if (row->values)
		printf("%" PRId64 " of %" PRId64 " values fit", row->fit,
		       row->values);
	else
		printf("no values yet");
	if (row->evidence)
		printf("; %s", row->evidence);
	switch (row->verdict) {
	case ADOPT_PROPOSED:
		printf("\n");
		break;
	case ADOPT_UNFIT:
		printf("; NOT proposed\n");
		print_unfit(row);
		break;
	case ADOPT_BROKEN:
		printf("; reading the others will fail\n");
		print_unfit(row);
		break;
	case ADOPT_UNREADABLE:
		break;
	case ADOPT_POSSIBLE:
		printf("; possible, not proposed: "
		       "--declare '%s.%s=%s' if it is meant\n", row->table,
		       row->column, row->type);
		break;
	}
}

static void print_findings(const struct adopt_report *report)
{
	const char *table = "";

	for (int i = 0; i < report->finding_count; i++) {
		const struct adopt_finding *row = &report->findings[i];

		if (strcmp(table, row->table) != 0)
			printf("%s\n", row->table);
		table = row->table;
		print_finding(row);
	}
}

static void print_notes(const struct adopt_report *report)
{
	if (report->note_count)
		printf("not as Postgres would show it\n");
	for (int i = 0; i < report->note_count && i < NOTES_MAX; i++)
		printf("  %s: %s\n", report->notes[i].object,
		       report->notes[i].what);
	if (report->note_count > NOTES_MAX)
		printf("  and %d more\n", report->note_count - NOTES_MAX);
}

static void print_report(const struct arguments *arguments,
			 const struct adopt_report *report, const char *copy)
{
	int proposed = report->proposed_count;

	printf("%s: ", arguments->file);
	print_count(report->table_count, "table");
	printf(" of another program's\n");
	print_findings(report);
	print_notes(report);
	print_count(proposed, "declaration");
	if (report->copy)
		printf(" made; the file as it was is kept in %s\n", copy);
	else if (arguments->apply || !proposed)
		printf(" proposed; nothing was changed\n");
	else
		printf(" proposed; nothing was changed. `weir adopt --apply`"
		       " makes them, and keeps\nthe file as it is in %s\n",
		       copy);
}

static int run(struct arguments *arguments)
{
	const char *path = tool_sqlite_path(arguments->file,
					    &arguments->arena);
	const char *copy = arena_printf(&arguments->arena, "%s.before-adopt",
					path);
	struct adopt_report report;
	struct error error = { 0 };
	bool done = arguments->apply ?
		adopt_apply(path, copy, &arguments->options,
			    &arguments->arena, &report, &error) :
		adopt_look(path, &arguments->options, &arguments->arena,
			   &report, &error);

	if (done) {
		print_report(arguments, &report, copy);
		return 0;
	}
	fprintf(stderr, "weir: %s\n", error.message);
	if (error.hint[0])
		fprintf(stderr, "%s\n", error.hint);
	return 1;
}

int tool_adopt(int argc, char **argv)
{
	static struct arguments arguments;
	int status = EX_USAGE;

	if (!read_arguments(argc, argv, &arguments)) {
		fputs(usage, stderr);
	} else if (arguments.help) {
		fputs(usage, stdout);
		status = 0;
	} else {
		status = run(&arguments);
	}
	arena_fini(&arguments.arena);
	return status;
}
