/*
 * The file: a small part of YAML, at most three levels deep.
 *
 *     environment: dev             a global option
 *     tls:                         a section
 *       cert: /etc/weir/tls.crt    its options
 *     databases:
 *       app:                       an entry
 *         pool_size: 20            its options
 *         audit_tables: [a, b]     a list, where the option is one
 *
 * There are no anchors, aliases, tags or second documents: who reads the file
 * sees what it says, and nothing in it can multiply. A value has the type
 * that its option has, so `no` is a word where a word belongs. Whatever is
 * not understood is an error with its place; nothing is skipped in silence.
 */
#include "proxy/config_read.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <yaml.h>

#define WORDS_MAX (2 * OPTION_ROWS_MAX)
#define NAME_BYTES_MAX 63	/* of a database, as in Postgres */

struct yaml {
	struct reading *reading;
	const char *name;	/* of the file, for complaints */
	struct slice text;	/* all of it */
	yaml_parser_t parser;
	yaml_event_t event;	/* the one looked at */
	bool broken;		/* the file ended early: no more events */
	const char *sections[16];	/* those met; borrowed from the table */
	unsigned section_count;
};

/* --- events ------------------------------------------------------------- */

#define PLACE_BYTES 512

static const char *place_of(const struct yaml *yaml, yaml_mark_t mark,
			    char ret[PLACE_BYTES])
{
	snprintf(ret, PLACE_BYTES, "%s:%zu:%zu", yaml->name, mark.line + 1,
		 mark.column + 1);
	return ret;
}

__attribute__((format(printf, 3, 4)))
static void complain(struct yaml *yaml, yaml_mark_t mark, const char *format,
		     ...)
{
	char place[PLACE_BYTES], what[512];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	config_complain(yaml->reading, "%s: %s", place_of(yaml, mark, place),
			what);
}

/* Where a byte of the file is. libyaml reads ahead, so its own mark is too
 * early for bytes that are not UTF-8. */
static yaml_mark_t mark_of(const struct yaml *yaml, size_t offset)
{
	yaml_mark_t mark = { 0 };

	for (size_t i = 0; i < offset && i < yaml->text.length; i++) {
		bool ends = yaml->text.at[i] == '\n';

		mark.line += ends;
		mark.column = ends ? 0 : mark.column + 1;
	}
	return mark;
}

static void say_syntax(struct yaml *yaml)
{
	const yaml_parser_t *parser = &yaml->parser;
	yaml_mark_t mark = parser->problem_mark;

	if (parser->error == YAML_READER_ERROR)
		mark = mark_of(yaml, parser->problem_offset);
	complain(yaml, mark, "%s%s%s", parser->problem ? parser->problem :
		 "cannot be read", parser->context ? " " : "",
		 parser->context ? parser->context : "");
}

/* What may hang on a node besides its value. */
static bool has_ornament(const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_ALIAS_EVENT:
		return true;
	case YAML_SCALAR_EVENT:
		return event->data.scalar.anchor || event->data.scalar.tag;
	case YAML_SEQUENCE_START_EVENT:
		return event->data.sequence_start.anchor ||
		       event->data.sequence_start.tag;
	case YAML_MAPPING_START_EVENT:
		return event->data.mapping_start.anchor ||
		       event->data.mapping_start.tag;
	default:
		return false;
	}
}

/* Goes to the next event. At a syntax error, or after too many complaints,
 * the file is over. */
static yaml_event_type_t next(struct yaml *yaml)
{
	if (yaml->broken)
		return YAML_NO_EVENT;
	yaml_event_delete(&yaml->event);
	if (!yaml_parser_parse(&yaml->parser, &yaml->event)) {
		memset(&yaml->event, 0, sizeof(yaml->event));
		say_syntax(yaml);
		yaml->broken = true;
	} else if (yaml->reading->complaints >= CONFIG_COMPLAINTS_MAX) {
		yaml->broken = true;
	} else if (has_ornament(&yaml->event)) {
		complain(yaml, yaml->event.start_mark, "anchors, aliases and "
			 "tags are not used here: write the value itself");
	}
	return yaml->broken ? YAML_NO_EVENT : yaml->event.type;
}

/* Leaves the node that begins at the current event, to its last event. */
static void skip(struct yaml *yaml)
{
	unsigned depth = 0;

	do {
		switch (yaml->event.type) {
		case YAML_MAPPING_START_EVENT:
		case YAML_SEQUENCE_START_EVENT:
			depth++;
			break;
		case YAML_MAPPING_END_EVENT:
		case YAML_SEQUENCE_END_EVENT:
			depth--;
			break;
		default:
			break;
		}
	} while (depth && next(yaml) != YAML_NO_EVENT);
}

static struct slice scalar(const struct yaml *yaml)
{
	return slice_make(yaml->event.data.scalar.value,
			  yaml->event.data.scalar.length);
}

/* A plain scalar that YAML reads as nothing. */
static bool is_null(const struct yaml *yaml)
{
	struct slice text = scalar(yaml);

	return yaml->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
	       (!text.length || slice_is(text, "~") || slice_is(text, "null"));
}

/* --- names -------------------------------------------------------------- */

/* "tls" of "tls.cert"; length 0 for a path without a section. */
static struct slice section_of(const struct option_row *row)
{
	const char *dot = strchr(row->path, '.');

	return slice_make(row->path, dot ? (size_t)(dot - row->path) : 0);
}

/* The option called `name` in a section ("" at the top), or NULL. */
static const struct option_row *row_of(enum option_scope scope,
				       struct slice section, struct slice name)
{
	for (unsigned i = 0; i < option_count; i++) {
		const struct option_row *row = &option_rows[i];
		size_t skipped = section.length + (section.length > 0);

		if (row->scope == scope &&
		    slice_equal(section_of(row), section) &&
		    slice_is(name, row->path + skipped))
			return row;
	}
	return NULL;
}

/* What PgBouncer calls something that has another name here. */
static const struct option_row *row_elsewhere(struct slice name)
{
	for (unsigned i = 0; i < option_count; i++)
		if (option_rows[i].elsewhere &&
		    slice_is(name, option_rows[i].elsewhere))
			return &option_rows[i];
	return NULL;
}

/* The words that would have been right in a section. */
static const char *nearest(enum option_scope scope, struct slice section,
			   struct slice name)
{
	static const char *const top[] = { "databases", "listen", "tls",
					   "auth", "log", "drain", NULL };
	const char *words[WORDS_MAX + 1];
	unsigned count = 0;

	if (scope == OPTION_GLOBAL && !section.length)
		for (; top[count]; count++)
			words[count] = top[count];
	for (unsigned i = 0; i < option_count; i++)
		if (option_rows[i].scope == scope &&
		    slice_equal(section_of(&option_rows[i]), section))
			words[count++] = option_rows[i].path + section.length +
					 (section.length > 0);
	words[count] = NULL;
	return option_nearest(name, words);
}

static void say_unknown(struct yaml *yaml, enum option_scope scope,
			struct slice section, struct slice name,
			yaml_mark_t mark)
{
	const char *near = nearest(scope, section, name);
	const struct option_row *other = row_elsewhere(name);
	int length = name.length < 64 ? (int)name.length : 64;

	if (other)
		complain(yaml, mark, "unknown key %.*s; weir calls it %s%s",
			 length, (const char *)name.at,
			 other->scope == OPTION_GLOBAL ? "" : "databases.NAME.",
			 other->path);
	else if (near)
		complain(yaml, mark, "unknown key %.*s; did you mean %s?",
			 length, (const char *)name.at, near);
	else
		complain(yaml, mark, "unknown key %.*s", length,
			 (const char *)name.at);
}

/* --- values ------------------------------------------------------------- */

static bool is_duplicate(struct yaml *yaml, struct config_place *place,
			 yaml_mark_t mark)
{
	if (place->origin == ORIGIN_FILE) {
		complain(yaml, mark, "is here twice; the first time in line %u",
			 place->line);
		return true;
	}
	*place = (struct config_place){ ORIGIN_FILE, (unsigned)mark.line + 1 };
	return false;
}

static void read_list(struct yaml *yaml, struct config_database *database,
		      const struct option_row *row)
{
	void *base = config_base(yaml->reading->config, database, row);

	option_clear(row, base);
	while (next(yaml) != YAML_SEQUENCE_END_EVENT && !yaml->broken) {
		if (yaml->event.type != YAML_SCALAR_EVENT) {
			complain(yaml, yaml->event.start_mark,
				 "%s is a list of texts", row->path);
			skip(yaml);
		} else if (!scalar(yaml).length ||
			   memchr(scalar(yaml).at, 0, scalar(yaml).length)) {
			complain(yaml, yaml->event.start_mark,
				 "%s must not hold an empty item", row->path);
		} else {
			option_add(row, base, scalar(yaml));
		}
	}
}

/* The value of an option; the current event is its first. `is_file`: the key
 * was KEY_file, and the value is in that file. */
static void read_value(struct yaml *yaml, struct config_database *database,
		       const struct option_row *row, bool is_file)
{
	yaml_mark_t mark = yaml->event.start_mark;
	struct config_place place = { ORIGIN_FILE, (unsigned)mark.line + 1 };
	char where[PLACE_BYTES], *path;

	if (yaml->event.type == YAML_SEQUENCE_START_EVENT &&
	    row->type == OPTION_LIST) {
		read_list(yaml, database, row);
		return;
	}
	if (yaml->event.type != YAML_SCALAR_EVENT) {
		if (yaml->event.type != YAML_ALIAS_EVENT)
			complain(yaml, mark, row->type == OPTION_LIST ?
				 "%s takes a list" : "%s takes one value",
				 row->path);
		skip(yaml);
		return;
	}
	place_of(yaml, mark, where);
	if (is_null(yaml)) {
		complain(yaml, mark, "%s has no value; leave the key out for "
			 "the default", row->path);
	} else if (is_file) {
		path = slice_dup(scalar(yaml));
		config_assign_file(yaml->reading, database, row, path, place,
				   where);
		free(path);
	} else {
		config_assign(yaml->reading, database, row, scalar(yaml),
			      place, where);
	}
}

/* `backend_password_file` is the secret `backend_password`, in a file. */
static const struct option_row *secret_in_file(enum option_scope scope,
					       struct slice name)
{
	const struct option_row *row;

	if (name.length <= 5 || memcmp(name.at + name.length - 5, "_file", 5))
		return NULL;
	row = option_find(scope, slice_make(name.at, name.length - 5));
	return row && row->secret ? row : NULL;
}

/* A key of the section is the current event; goes to the end of its value. */
static void read_option(struct yaml *yaml, struct config_database *database,
			enum option_scope scope, struct slice section)
{
	yaml_mark_t mark = yaml->event.start_mark;
	const struct option_row *row = row_of(scope, section, scalar(yaml));
	bool is_file = false;

	if (!row && (row = secret_in_file(scope, scalar(yaml))))
		is_file = true;
	if (!row)
		say_unknown(yaml, scope, section, scalar(yaml), mark);
	next(yaml);
	if (!row || is_duplicate(yaml, config_place(yaml->reading->config,
						    database, row), mark))
		skip(yaml);
	else
		read_value(yaml, database, row, is_file);
}

/* --- mappings ----------------------------------------------------------- */

/* Whether the current event is a key; complains about what cannot be one. */
static bool is_key(struct yaml *yaml)
{
	if (yaml->event.type == YAML_SCALAR_EVENT)
		return true;
	complain(yaml, yaml->event.start_mark, "a key must be a word");
	skip(yaml);
	next(yaml);
	skip(yaml);
	return false;
}

/* Whether a mapping begins here; a bare `tls:` is an empty one. */
static bool enters_mapping(struct yaml *yaml, const char *what)
{
	if (yaml->event.type == YAML_MAPPING_START_EVENT)
		return true;
	if (yaml->event.type != YAML_SCALAR_EVENT || !is_null(yaml))
		complain(yaml, yaml->event.start_mark,
			 "%s holds keys with values, indented below it", what);
	skip(yaml);
	return false;
}

static void read_section(struct yaml *yaml, const struct option_row *any)
{
	struct slice section = section_of(any);
	yaml_mark_t mark = yaml->event.start_mark;
	char name[NAME_BYTES_MAX + 1];

	snprintf(name, sizeof(name), "%.*s", (int)section.length,
		 (const char *)section.at);
	for (unsigned i = 0; i < yaml->section_count; i++)
		if (yaml->sections[i] == any->path)
			complain(yaml, mark, "%s is here twice", name);
	if (yaml->section_count < 16)
		yaml->sections[yaml->section_count++] = any->path;
	next(yaml);
	if (!enters_mapping(yaml, name))
		return;
	while (next(yaml) != YAML_MAPPING_END_EVENT && !yaml->broken)
		if (is_key(yaml))
			read_option(yaml, NULL, OPTION_GLOBAL, section);
}

static bool check_entry(struct yaml *yaml, struct slice name)
{
	struct config *config = yaml->reading->config;
	yaml_mark_t mark = yaml->event.start_mark;

	if (!name.length || name.length > NAME_BYTES_MAX ||
	    memchr(name.at, 0, name.length))
		complain(yaml, mark, "a database has a name of at most %d "
			 "bytes", NAME_BYTES_MAX);
	else if (config_find_database(config, name))
		complain(yaml, mark, "database %.*s is here twice",
			 (int)name.length, (const char *)name.at);
	else if (config->database_count >= CONFIG_DATABASES_MAX)
		complain(yaml, mark, "more than %d databases",
			 CONFIG_DATABASES_MAX);
	else
		return true;
	return false;
}

static void read_entry(struct yaml *yaml)
{
	struct config_database *entry = NULL;

	if (check_entry(yaml, scalar(yaml)))
		entry = config_add_database(yaml->reading->config,
					    scalar(yaml));
	next(yaml);
	if (!entry) {
		skip(yaml);
		return;
	}
	if (!enters_mapping(yaml, "a database"))
		return;
	while (next(yaml) != YAML_MAPPING_END_EVENT && !yaml->broken)
		if (is_key(yaml))
			read_option(yaml, entry, OPTION_DATABASE,
				    slice_text(""));
}

static void read_databases(struct yaml *yaml)
{
	if (yaml->reading->config->database_count)
		complain(yaml, yaml->event.start_mark,
			 "databases is here twice");
	next(yaml);
	if (!enters_mapping(yaml, "databases"))
		return;
	while (next(yaml) != YAML_MAPPING_END_EVENT && !yaml->broken)
		if (is_key(yaml))
			read_entry(yaml);
}

/* A section has the name that some option's path begins with. */
static const struct option_row *first_of_section(struct slice name)
{
	for (unsigned i = 0; i < option_count; i++)
		if (option_rows[i].scope == OPTION_GLOBAL &&
		    section_of(&option_rows[i]).length &&
		    slice_equal(section_of(&option_rows[i]), name))
			return &option_rows[i];
	return NULL;
}

static void read_top(struct yaml *yaml)
{
	const struct option_row *section = first_of_section(scalar(yaml));

	if (slice_is(scalar(yaml), "databases"))
		read_databases(yaml);
	else if (section)
		read_section(yaml, section);
	else
		read_option(yaml, NULL, OPTION_GLOBAL, slice_text(""));
}

static void read_document(struct yaml *yaml)
{
	next(yaml);
	if (!enters_mapping(yaml, "the file"))
		return;
	while (next(yaml) != YAML_MAPPING_END_EVENT && !yaml->broken)
		if (is_key(yaml))
			read_top(yaml);
}

void config_read_yaml(struct reading *reading, const char *name,
		      struct slice text)
{
	struct yaml yaml = { .reading = reading, .name = name, .text = text };

	if (!yaml_parser_initialize(&yaml.parser)) {
		config_complain(reading, "%s: out of memory", name);
		return;
	}
	yaml_parser_set_input_string(&yaml.parser, text.at, text.length);
	yaml_parser_set_encoding(&yaml.parser, YAML_UTF8_ENCODING);
	next(&yaml);	/* the stream */
	if (next(&yaml) == YAML_DOCUMENT_START_EVENT) {
		read_document(&yaml);
		next(&yaml);	/* the document's end */
		if (next(&yaml) == YAML_DOCUMENT_START_EVENT)
			complain(&yaml, yaml.event.start_mark,
				 "a second document; there is one per file");
	}
	yaml_event_delete(&yaml.event);
	yaml_parser_delete(&yaml.parser);
}
