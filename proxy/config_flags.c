/*
 * The command line and the environment. Both name options by their path with
 * the dots and underscores turned, and both speak of the default database.
 */
#include "proxy/config_read.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

/* One flag as given; lists given twice are joined. */
struct given {
	const struct option_row *row;
	char *value;
};

struct command {
	enum config_action action;
	char *file;
	char *backend;		/* the positional one */
	struct given *given;
	unsigned given_count;
};

/* --- the command line --------------------------------------------------- */

#define NAME_BYTES 64
#define FIRST_ROW 256	/* what getopt_long() returns for the first row */

static const struct option own_flags[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "listen", required_argument, NULL, 'l' },
	{ "check-config", no_argument, NULL, 't' },
	{ "print-config", no_argument, NULL, 'p' },
	{ "version", no_argument, NULL, 'V' },
	{ "help", no_argument, NULL, 'h' },
};
#define OWN_FLAGS (sizeof(own_flags) / sizeof(own_flags[0]))

/* Everything getopt_long() and the search for a near word need. */
struct flags {
	struct option options[OWN_FLAGS + OPTION_ROWS_MAX + 1];
	const char *words[OWN_FLAGS + OPTION_ROWS_MAX + 1];
	char names[OPTION_ROWS_MAX][NAME_BYTES];
};

static void fill_flags(struct flags *flags)
{
	unsigned count = OWN_FLAGS;

	memset(flags, 0, sizeof(*flags));
	memcpy(flags->options, own_flags, sizeof(own_flags));
	for (unsigned i = 0; i < option_count; i++) {
		option_flag(&option_rows[i], flags->names[i], NAME_BYTES);
		flags->options[count++] = (struct option){
			flags->names[i],
			option_rows[i].type == OPTION_BOOL ?
				optional_argument : required_argument,
			NULL, FIRST_ROW + (int)i };
	}
	for (unsigned i = 0; i < count; i++)
		flags->words[i] = flags->options[i].name;
}

static void give(struct command *command, const struct option_row *row,
		 const char *value)
{
	struct buffer joined = { 0 };

	for (unsigned i = 0; i < command->given_count; i++) {
		struct given *given = &command->given[i];

		if (given->row != row)
			continue;
		if (row->type == OPTION_LIST)
			buffer_printf(&joined, "%s,", given->value);
		buffer_put_text(&joined, value);
		free(given->value);
		given->value = slice_dup(buffer_slice(&joined));
		buffer_wipe(&joined);
		return;
	}
	command->given = must_realloc(command->given,
				      (command->given_count + 1) *
				      sizeof(*command->given));
	command->given[command->given_count++] =
		(struct given){ row, must_dup(value) };
}

static void replace(char **text, const char *with)
{
	free(*text);
	*text = must_dup(with);
}

static void take_flag(struct command *command, int flag, const char *value)
{
	switch (flag) {
	case 'c':
		replace(&command->file, value);
		break;
	case 'l':
		give(command, option_find(OPTION_GLOBAL,
					  slice_text("listen.tcp")), value);
		break;
	case 't':
		command->action = ACTION_CHECK;
		break;
	case 'p':
		command->action = ACTION_PRINT;
		break;
	case 'V':
		command->action = ACTION_VERSION;
		break;
	case 'h':
		command->action = ACTION_HELP;
		break;
	default:
		give(command, &option_rows[flag - FIRST_ROW],
		     value ? value : "true");
	}
}

/* `word` is what getopt_long() stumbled over; it may go on with "=value",
 * which may be a secret. */
static void say_unknown(const struct flags *flags, const char *word,
			struct buffer *messages)
{
	size_t length = strcspn(word, "=");
	const char *nearest;

	if (strncmp(word, "--", 2) != 0) {
		buffer_printf(messages, "unknown option -%c\n", optopt);
		return;
	}
	if (optopt) {
		buffer_printf(messages, "%.*s takes no value\n", (int)length,
			      word);
		return;
	}
	nearest = option_nearest(slice_make(word + 2, length - 2),
				 flags->words);
	buffer_printf(messages, "unknown option %.*s", (int)length, word);
	if (nearest)
		buffer_printf(messages, "; did you mean --%s?", nearest);
	buffer_put_text(messages, "\n");
}

static enum config_result read_flags(struct command *command, int argc,
				     char **argv, struct buffer *messages)
{
	struct flags flags;
	int flag;

	fill_flags(&flags);
	optind = 0;	/* getopt keeps state; this starts it anew */
	opterr = 0;
	while ((flag = getopt_long(argc, argv, ":c:l:tVh", flags.options,
				   NULL)) != -1) {
		if (flag == ':') {
			buffer_printf(messages, "%s needs a value\n",
				      argv[optind - 1]);
			return CONFIG_USAGE;
		}
		if (flag == '?') {
			say_unknown(&flags, argv[optind - 1], messages);
			return CONFIG_USAGE;
		}
		take_flag(command, flag, optarg);
	}
	if (optind + 1 < argc) {
		buffer_put_text(messages, "more than one BACKEND is given\n");
		return CONFIG_USAGE;
	}
	if (optind < argc)
		command->backend = must_dup(argv[optind]);
	return CONFIG_OK;
}

enum config_result command_read(int argc, char *const *argv,
				struct buffer *messages, struct command **ret)
{
	struct command *command = must_alloc(sizeof(*command));
	/* getopt_long() moves the words about */
	char **words = must_alloc(((size_t)argc + 1) * sizeof(*words));
	enum config_result result;

	memcpy(words, argv, (size_t)argc * sizeof(*words));
	result = read_flags(command, argc, words, messages);
	free(words);
	if (result == CONFIG_OK)
		*ret = command;
	else
		command_free(&command);
	return result;
}

void command_free(struct command **command)
{
	if (!*command)
		return;
	for (unsigned i = 0; i < (*command)->given_count; i++)
		free((*command)->given[i].value);
	free((*command)->given);
	free((*command)->file);
	free((*command)->backend);
	free(*command);
	*command = NULL;
}

enum config_action command_action(const struct command *command)
{
	return command->action;
}

const char *command_file(const struct command *command)
{
	return command->file;
}

/* --- the default database ----------------------------------------------- */

/* The entry "*", or the only one; else it must be said in the file. */
static struct config_database *default_database(struct reading *reading,
						const char *where)
{
	struct config *config = reading->config;
	struct config_database *any =
		config_find_database(config, slice_text("*"));

	if (any)
		return any;
	if (config->database_count == 1)
		return &config->databases[0];
	config_complain(reading, "%s: the file has several databases; say it "
			"there, for the one that is meant", where);
	return NULL;
}

static void assign(struct reading *reading, const struct option_row *row,
		   const char *value, bool is_file, enum config_origin origin,
		   const char *where)
{
	struct config_place place = { origin, 0 };
	struct config_database *database = NULL;

	if (row->scope == OPTION_DATABASE &&
	    !(database = default_database(reading, where)))
		return;
	if (is_file)
		config_assign_file(reading, database, row, value, place, where);
	else
		config_assign(reading, database, row, slice_text(value), place,
			      where);
}

void command_apply(const struct command *command, struct reading *reading)
{
	char where[NAME_BYTES + 2] = "--";

	for (unsigned i = 0; i < command->given_count; i++) {
		const struct given *given = &command->given[i];

		option_flag(given->row, where + 2, NAME_BYTES);
		assign(reading, given->row, given->value, false, ORIGIN_FLAG,
		       where);
	}
	if (command->backend)
		assign(reading, option_find(OPTION_DATABASE,
					    slice_text("backend")),
		       command->backend, false, ORIGIN_FLAG, "BACKEND");
}

/* --- the environment ---------------------------------------------------- */

const char *environment_get(char *const *envp, const char *name)
{
	size_t length = strlen(name);

	for (; envp && *envp; envp++)
		if (strncmp(*envp, name, length) == 0 &&
		    (*envp)[length] == '=' && (*envp)[length + 1])
			return *envp + length + 1;
	return NULL;
}

/* Only known names are looked for: Kubernetes sets WEIR_PORT and its kin for
 * a Service called weir. */
void environment_apply(char *const *envp, struct reading *reading)
{
	char name[NAME_BYTES], file_name[NAME_BYTES + 8];

	for (unsigned i = 0; i < option_count; i++) {
		const struct option_row *row = &option_rows[i];
		const char *value, *file = NULL;

		option_variable(row, name, sizeof(name));
		snprintf(file_name, sizeof(file_name), "%s_FILE", name);
		value = environment_get(envp, name);
		if (row->secret)
			file = environment_get(envp, file_name);
		if (value && file)
			config_complain(reading, "%s and %s are both set; one "
					"is enough", name, file_name);
		else if (file)
			assign(reading, row, file, true, ORIGIN_ENVIRONMENT,
			       file_name);
		else if (value)
			assign(reading, row, value, false, ORIGIN_ENVIRONMENT,
			       name);
	}
}
