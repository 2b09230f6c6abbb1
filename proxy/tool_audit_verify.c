/*
 * weir audit verify: proves a file of checkpoints, reads every bucket again
 * and says which are not what they were. weir audit keygen: makes the key.
 *
 * Nothing is compared by the database: its administrator may have replaced
 * any function in it.
 */
#include "proxy/tools.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "proxy/digest_file.h"
#include "proxy/digest_source.h"

extern char **environ;

enum outcome { CLEAN = 0, TAMPERED = 1, UNVERIFIED = 2 };

static const char usage[] =
	"usage: weir audit verify [-c FILE] [--database NAME] [--file FILE]\n"
	"                         [--public-key FILE] [--from N] [BACKEND]\n"
	"Proves the checkpoints of audit_digest, and compares them with the"
	" tables.\nExit status: 0 all is as it was, 1 something was changed,"
	" 2 cannot tell.\n";

struct arguments {
	const char *database, *file, *key;
	uint64_t from;
	bool help, wrong;
	int argc;		/* what is left, for the configuration */
	char **argv;
};

/* A bucket as the last word on it has it. */
struct bucket {
	uint64_t n, rows;
	const char *after, *upto, *time;
	const struct digest_columns *columns;
	uint8_t digest[DIGEST_BYTES];
};

struct table {
	const char *title;
	struct digest_name name;
	struct bucket *buckets;
	uint64_t count, capacity;
	uint64_t rows, different;
	uint64_t purged;	/* rows that retention let go */
};

struct verification {
	const struct arguments *arguments;
	struct arena arena;	/* until the end */
	struct table *tables;
	unsigned table_count;
	struct digest_source *source;
	struct digest_bucket *bucket;
	enum outcome outcome;
};

/* What was changed weighs more than what could not be read. */
static void find(struct verification *all, enum outcome outcome)
{
	if (all->outcome != TAMPERED && outcome != CLEAN)
		all->outcome = outcome;
}

static void fail(struct verification *all, const struct error *error)
{
	fprintf(stderr, "weir: %s\n", error->message);
	if (error->hint[0])
		fprintf(stderr, "%s\n", error->hint);
	find(all, UNVERIFIED);
}

/* --- the checkpoints ----------------------------------------------------- */

static struct table *table_of(struct verification *all, const char *title,
			      const char *by)
{
	struct table *table;

	for (unsigned i = 0; i < all->table_count; i++)
		if (strcmp(all->tables[i].title, title) == 0)
			return &all->tables[i];
	all->tables = must_realloc(all->tables, (all->table_count + 1) *
						sizeof(*table));
	table = &all->tables[all->table_count++];
	*table = (struct table){ .title = arena_text(&all->arena, title) };
	if (!digest_name_read(title, &all->arena, &table->name))
		table->name.table = table->name.schema = "";
	table->name.column = arena_text(&all->arena, by);
	return table;
}

static const char *keep_text(struct verification *all, const char *text)
{
	return text ? arena_text(&all->arena, text) : NULL;
}

/* Most buckets have the columns of the one before. */
static const struct digest_columns *
keep_columns(struct verification *all, const struct digest_columns *columns,
	     const struct digest_columns *before)
{
	if (before && digest_columns_equal(before, columns))
		return before;
	return digest_columns_copy(columns, &all->arena);
}

static struct bucket *add_bucket(struct table *table)
{
	if (table->count == table->capacity) {
		table->capacity = table->capacity ? 2 * table->capacity : 64;
		table->buckets = must_realloc(table->buckets, table->capacity *
					      sizeof(*table->buckets));
	}
	table->buckets[table->count] = (struct bucket){ 0 };
	return &table->buckets[table->count++];
}

static void on_checkpoint(void *context, const struct checkpoint *seen)
{
	struct verification *all = context;
	struct bucket *bucket;
	struct table *table;

	if (seen->kind == CHECKPOINT_BEGIN)
		return;
	table = table_of(all, seen->table, seen->by);
	if (seen->kind == CHECKPOINT_BUCKET)
		bucket = add_bucket(table);
	else if (seen->bucket < table->count)
		bucket = &table->buckets[seen->bucket];
	else
		return;
	if (seen->kind == CHECKPOINT_PURGE)
		table->purged += bucket->rows - seen->rows;
	bucket->n = seen->n;
	bucket->rows = seen->rows;
	bucket->after = keep_text(all, seen->after);
	bucket->upto = keep_text(all, seen->upto);
	bucket->time = keep_text(all, seen->time);
	bucket->columns = keep_columns(all, &seen->columns, bucket ==
				       table->buckets ? NULL :
				       bucket[-1].columns);
	memcpy(bucket->digest, seen->digest, DIGEST_BYTES);
}

static bool read_checkpoints(struct verification *all, const char *path,
			     const struct digest_key *key)
{
	FILE *file = fopen(path, "re");
	struct digest_read was;
	struct error error;
	bool proven;

	if (!file) {
		fprintf(stderr, "weir: cannot read %s: %s\n", path,
			strerror(errno));
		find(all, UNVERIFIED);
		return false;
	}
	proven = digest_file_read(file, path, key, all->arguments->from,
				  on_checkpoint, all, &was, &error);
	fclose(file);
	printf("%s: %" PRIu64 " checkpoint%s proven%s%s\n", path, was.lines,
	       was.lines == 1 ? "" : "s", was.lines ? ", the first of " : "",
	       was.first_time);
	if (was.torn)
		printf("  its last line has no end: it was being written\n");
	if (!proven) {
		printf("  TAMPERED: %s\n", error.message);
		find(all, TAMPERED);
	} else if (!was.lines) {
		printf("  there is nothing to compare with\n");
		find(all, UNVERIFIED);
	}
	return true;
}

/* --- one bucket ---------------------------------------------------------- */

static void print_rows(uint64_t count, const char *what)
{
	printf("%" PRIu64 " row%s %s", count, count == 1 ? "" : "s", what);
}

static void print_place(const struct table *table, const struct bucket *bucket)
{
	printf("  %s bucket %" PRIu64 " (%s ", table->title,
	       (uint64_t)(bucket - table->buckets), table->name.column);
	if (bucket->after)
		printf("after %s ", bucket->after);
	printf("up to %s; line %" PRIu64 ", %s): ", bucket->upto,
	       bucket->n + 1, bucket->time);
}

static void print_difference(const struct table *table,
			     const struct bucket *bucket, uint64_t rows)
{
	print_place(table, bucket);
	if (rows < bucket->rows)
		print_rows(bucket->rows - rows, "fewer");
	else if (rows > bucket->rows)
		print_rows(rows - bucket->rows, "more (late or back-dated)");
	else
		printf("changed");
	printf(", of %" PRIu64 " sealed\n", bucket->rows);
}

static bool check_bucket(struct verification *all, struct table *table,
			 const struct digest_table *found,
			 const struct bucket *bucket, struct error *error)
{
	struct digest_range range = { .after = bucket->after,
				      .upto = bucket->upto };
	uint8_t digest[DIGEST_BYTES];
	uint64_t rows;
	bool done = digest_source_read(all->source, found, bucket->columns,
				       range, all->bucket, error);

	rows = digest_bucket_end(all->bucket, digest);
	if (!done)
		return false;
	table->rows += rows;
	if (rows == bucket->rows &&
	    memcmp(digest, bucket->digest, DIGEST_BYTES) == 0)
		return true;
	print_difference(table, bucket, rows);
	table->different++;
	return true;
}

/* --- one table ----------------------------------------------------------- */

/* The bucket behind the last one with the same columns. */
static uint64_t run_end(const struct table *table, uint64_t first)
{
	uint64_t end = first;

	while (end < table->count && table->buckets[end].columns ==
	       table->buckets[first].columns)
		end++;
	return end;
}

static void print_lost(const struct table *table, uint64_t first, uint64_t end,
		       int lost)
{
	const struct digest_columns *sealed = table->buckets[first].columns;

	printf("  %s buckets %" PRIu64 " to %" PRIu64 ": columns changed: "
	       "%s %s is there no more\n", table->title, first, end - 1,
	       sealed->names[lost], sealed->types[lost]);
}

static bool check_run(struct verification *all, struct table *table,
		      const struct digest_table *found, uint64_t first,
		      uint64_t end, struct error *error)
{
	int lost = digest_columns_lost(table->buckets[first].columns,
				       &found->columns);

	if (lost >= 0 || !found->has_column) {
		print_lost(table, first, end, lost < 0 ? 0 : lost);
		table->different += end - first;
		return true;
	}
	for (uint64_t i = first; i < end; i++)
		if (table->buckets[i].n >= all->arguments->from &&
		    !check_bucket(all, table, found, &table->buckets[i],
				  error))
			return false;
	return true;
}

static bool check_buckets(struct verification *all, struct table *table,
			  const struct digest_table *found,
			  struct error *error)
{
	for (uint64_t first = 0, end; first < table->count; first = end) {
		end = run_end(table, first);
		if (!check_run(all, table, found, first, end, error))
			return false;
	}
	return true;
}

static void print_keyless(struct verification *all,
			  const struct digest_table *found)
{
	struct error error;
	uint64_t count;

	if (found->is_nullable &&
	    digest_source_keyless(all->source, found, &count, &error) &&
	    count) {
		printf("  note: ");
		print_rows(count, "without a value there");
		printf(" cannot be compared\n");
	}
}

static void print_table(const struct table *table)
{
	printf("%s by %s: %" PRIu64 " bucket%s, %" PRIu64 " row%s: ",
	       table->title, table->name.column, table->count,
	       table->count == 1 ? "" : "s", table->rows,
	       table->rows == 1 ? "" : "s");
	if (table->purged)
		printf("%" PRIu64 " gone by audit_retain, ", table->purged);
	if (table->different)
		printf("TAMPERED: %" PRIu64 " bucket%s not as sealed\n",
		       table->different, table->different == 1 ? "" : "s");
	else
		printf("all as sealed\n");
}

static bool check_table(struct verification *all, struct table *table,
			struct error *error)
{
	struct digest_table found;

	if (!digest_source_describe(all->source, &table->name, &all->arena,
				    &found, error))
		return false;
	if (!found.exists) {
		printf("  %s buckets 0 to %" PRIu64 ": the table is gone\n",
		       table->title, table->count - 1);
		table->different = table->count;
	} else if (!check_buckets(all, table, &found, error)) {
		return false;
	}
	print_table(table);
	if (found.exists && found.has_column)
		print_keyless(all, &found);
	if (table->different)
		find(all, TAMPERED);
	return true;
}

/* --- one database -------------------------------------------------------- */

static bool never(void *context)
{
	return false;
}

static bool open_source(struct verification *all, const struct config *config,
			const struct config_database *entry,
			struct error *error)
{
	struct digest_target target = {
		.kind = entry->url.kind, .url = entry->url.target,
		.database = entry->name,
		.production = config->environment == ENVIRONMENT_PRODUCTION,
	};

	if (strcmp(entry->name, "*") == 0)
		target.database = NULL;
	all->source = digest_source_open(&target, never, NULL, error);
	return all->source && digest_source_begin(all->source, error);
}

/* All tables in one snapshot. */
static void check_tables(struct verification *all, const struct config *config,
			 const struct config_database *entry)
{
	struct error error;
	bool good = open_source(all, config, entry, &error);

	all->bucket = digest_bucket_new();
	for (unsigned i = 0; good && i < all->table_count; i++)
		good = check_table(all, &all->tables[i], &error);
	if (!good)
		fail(all, &error);
	digest_bucket_free(&all->bucket);
	digest_source_close(&all->source);
}

static bool has_checkpoint(const struct verification *all, const char *title)
{
	for (unsigned i = 0; i < all->table_count; i++)
		if (strcmp(all->tables[i].title, title) == 0)
			return true;
	return false;
}

/* It may be empty, or its name be wrong. */
static void print_unsealed(struct verification *all,
			   const struct config_database *entry)
{
	const struct option_list *names = &entry->audit_digest;
	struct digest_name name;

	for (unsigned i = 0; i < names->count && !all->arguments->from; i++) {
		const char *title;

		if (!digest_name_read(names->items[i], &all->arena, &name))
			continue;
		title = digest_name_table(&name, &all->arena);
		if (!has_checkpoint(all, title))
			printf("%s by %s: no checkpoint yet\n", title,
			       name.column);
	}
}

/* The public half lies beside the private one, which verifying need not be
 * able to read. */
static struct digest_key *open_key(const struct arguments *arguments,
				   const struct config_database *entry,
				   struct error *error)
{
	const char *path = arguments->key ? arguments->key :
					    entry->audit_digest_key;
	struct buffer beside = { 0 };
	struct digest_key *key;

	if (!path) {
		error_set(error, SQLSTATE_INVALID_PARAMETER,
			  "no key to verify with: give --public-key");
		return NULL;
	}
	buffer_printf(&beside, "%s.pub", path);
	if (!arguments->key && access(buffer_cstring(&beside), R_OK) == 0)
		path = buffer_cstring(&beside);
	key = digest_key_public(path, error);
	buffer_fini(&beside);
	return key;
}

static void free_verification(struct verification *all)
{
	for (unsigned i = 0; i < all->table_count; i++)
		free(all->tables[i].buckets);
	free(all->tables);
	arena_fini(&all->arena);
}

static enum outcome verify_one(const struct arguments *arguments,
			       const struct config *config,
			       const struct config_database *entry)
{
	const char *path = arguments->file ? arguments->file :
					     entry->audit_digest_file;
	struct verification all = { .arguments = arguments };
	struct error error;
	struct digest_key *key = open_key(arguments, entry, &error);

	if (!key) {
		fail(&all, &error);
	} else if (read_checkpoints(&all, path, key)) {
		check_tables(&all, config, entry);
		print_unsealed(&all, entry);
	}
	digest_key_free(&key);
	free_verification(&all);
	return all.outcome;
}

static bool is_meant(const struct arguments *arguments,
		     const struct config *config,
		     const struct config_database *entry)
{
	if (arguments->database)
		return strcmp(arguments->database, entry->name) == 0;
	if (arguments->file)
		return config->database_count == 1;
	return entry->audit_digest.count;
}

static enum outcome verify_all(const struct arguments *arguments,
			       const struct config *config)
{
	enum outcome worst = CLEAN;
	unsigned count = 0;

	for (unsigned i = 0; i < config->database_count; i++) {
		const struct config_database *entry = &config->databases[i];
		enum outcome outcome;

		if (!is_meant(arguments, config, entry) ||
		    (!arguments->file && !entry->audit_digest_file))
			continue;
		outcome = verify_one(arguments, config, entry);
		if (worst != TAMPERED && outcome != CLEAN)
			worst = outcome;
		count++;
	}
	if (count)
		return worst;
	fprintf(stderr, "weir: no database with audit_digest%s\n",
		arguments->file ? "; with --file, name one with --database" :
				  "");
	return UNVERIFIED;
}

/* --- the command line ---------------------------------------------------- */

/* The value of `--name VALUE` or `--name=VALUE`; NULL: it is not that one. */
static const char *value_of(const char *name, int argc, char **argv, int *at,
			    struct arguments *arguments)
{
	size_t length = strlen(name);

	if (strncmp(argv[*at], name, length) != 0)
		return NULL;
	if (argv[*at][length] == '=')
		return argv[*at] + length + 1;
	if (argv[*at][length])
		return NULL;
	if (*at + 1 < argc)
		return argv[++*at];
	arguments->wrong = true;
	return "";
}

static bool read_number(const char *text, uint64_t *ret)
{
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*ret = strtoull(text, &end, 10);
	return !*end && !errno;
}

static void read_word(struct arguments *arguments, int argc, char **argv,
		      int *at)
{
	const char *value;

	if (strcmp(argv[*at], "--help") == 0 || strcmp(argv[*at], "-h") == 0)
		arguments->help = true;
	else if ((value = value_of("--database", argc, argv, at, arguments)))
		arguments->database = value;
	else if ((value = value_of("--file", argc, argv, at, arguments)))
		arguments->file = value;
	else if ((value = value_of("--public-key", argc, argv, at,
				   arguments)))
		arguments->key = value;
	else if ((value = value_of("--from", argc, argv, at, arguments)))
		arguments->wrong |= !read_number(value, &arguments->from);
	else
		arguments->argv[arguments->argc++] = argv[*at];
}

int tool_audit_verify(int argc, char **argv)
{
	struct arguments arguments = { 0 };
	struct buffer messages = { 0 };
	struct config *config = NULL;
	int status = UNVERIFIED;

	arguments.argv = must_alloc((size_t)(argc + 1) * sizeof(char *));
	arguments.argv[arguments.argc++] = argv[0];
	for (int at = 3; at < argc; at++)
		read_word(&arguments, argc, argv, &at);
	if (arguments.help || arguments.wrong) {
		fputs(usage, arguments.help ? stdout : stderr);
		status = arguments.help ? 0 : EX_USAGE;
	} else {
		if (config_load(arguments.argc, arguments.argv, environ,
				&config, &messages) == CONFIG_OK)
			status = (int)verify_all(&arguments, config);
		fputs(buffer_cstring(&messages), stderr);
	}
	config_free(&config);
	buffer_fini(&messages);
	free(arguments.argv);
	return status;
}

int tool_audit_keygen(int argc, char **argv)
{
	struct error error;

	if (argc != 4 || argv[3][0] == '-') {
		fputs("usage: weir audit keygen FILE\n"
		      "Makes the key that signs checkpoints: FILE, and FILE.pub"
		      " to verify with.\n", stderr);
		return EX_USAGE;
	}
	if (!digest_key_generate(argv[3], &error)) {
		fprintf(stderr, "weir: %s\n", error.message);
		return 1;
	}
	printf("%s signs, and stays with weir; %s.pub verifies, and may be"
	       " anywhere\n", argv[3], argv[3]);
	return 0;
}
