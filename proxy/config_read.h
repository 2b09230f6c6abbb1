/*
 * How the files that read the configuration work together; for them only.
 * Each source (file, environment, command line) gives texts with their
 * options; config_assign() puts them in place and words what is wrong.
 */
#ifndef WEIR_PROXY_CONFIG_READ_H
#define WEIR_PROXY_CONFIG_READ_H

#include "proxy/config.h"

#define CONFIG_COMPLAINTS_MAX 50	/* then reading stops */
#define CONFIG_SECRET_BYTES_MAX 65536

struct reading {
	struct config *config;
	struct buffer *messages;
	unsigned complaints;
};

/* Adds a line to the messages; the reading has failed. */
void config_complain(struct reading *, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Adds one that stands only where nothing has failed. */
void config_warn(struct reading *, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* What option_set() and friends take as the base of a row. */
void *config_base(struct config *, struct config_database *,
		  const struct option_row *);
struct config_place *config_place(struct config *, struct config_database *,
				  const struct option_row *);

/* Puts a value in its place. `where` begins the complaint, such as
 * "weir.yaml:3:5" or "--pool-size"; `database` is NULL for global options. */
void config_assign(struct reading *, struct config_database *,
		   const struct option_row *, struct slice text,
		   struct config_place, const char *where);
/* The same with the content of a file, less the newline at its end. */
void config_assign_file(struct reading *, struct config_database *,
			const struct option_row *, const char *path,
			struct config_place, const char *where);

/* A new entry with every default; valid until the next one is added. */
struct config_database *config_add_database(struct config *,
					    struct slice name);
struct config_database *config_find_database(struct config *,
					     struct slice name);

/* Reads a whole file of at most `bytes_max`; 0, or an errno (EFBIG). */
int config_read_file(const char *path, size_t bytes_max, struct buffer *out);

/* The file (config_yaml.c). `text` is the whole of it. */
void config_read_yaml(struct reading *, const char *name, struct slice text);

/* The command line and the environment (config_flags.c). */
struct command;
enum config_result command_read(int argc, char *const *argv,
				struct buffer *messages,
				struct command **ret);
void command_free(struct command **);
enum config_action command_action(const struct command *);
const char *command_file(const struct command *);	/* NULL: not given */
void command_apply(const struct command *, struct reading *);
void environment_apply(char *const *envp, struct reading *);
/* The value of a variable; NULL where it is not set or empty. */
const char *environment_get(char *const *envp, const char *name);

/* Refuses what is unsafe or cannot work, and says what to do
 * (config_check.c). `in_kubernetes` is for its words only. */
void config_check(struct reading *, bool in_kubernetes);

#endif
