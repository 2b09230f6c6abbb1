#include "proxy/digest.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "pool/postgres/open.h"
#include "proxy/digest_file.h"
#include "proxy/digest_purge.h"
#include "proxy/digest_source.h"
#include "proxy/log.h"
#include "proxy/retain_rule.h"

#define BUCKET_ROWS 4096

/* A table as its checkpoints have it, and what is about to become the next. */
struct table {
	struct digest_name name;
	const char *title;	/* SCHEMA.TABLE */
	uint64_t buckets;	/* sealed */
	char *upto;		/* of the last; NULL: there is none */
	bool by_another;	/* they are in the order of another column */
	char *seen;		/* a key that is not sealed yet, or NULL */
	uint64_t seen_ms;
	char *running;		/* who ran then */
	uint64_t covered_ms;	/* what there was then is sealed */
	bool said_nullable;
	struct digest_purge *purge;	/* NULL: its rows stay for ever */
	char said[256];		/* what the log had of it last */
};

struct digests {
	struct digests *next;
	char *database;
	struct digest_target target;	/* its texts are owned */
	struct digest_key *key;
	char *path;
	uint64_t interval_ms, settle_ms;
	struct arena names;	/* of the tables */
	struct table *tables;
	unsigned table_count;

	/* the thread's own */
	struct digest_file *file;
	struct digest_source *source;
	struct digest_bucket *bucket;
	char said[256];

	pthread_t thread;
	pthread_mutex_t lock;	/* of what is below */
	pthread_cond_t wake;
	bool stopping;
	struct digest_stats stats;
	uint64_t covered_ms;	/* in all tables */
};

static uint64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static bool is_stopping(void *context)
{
	struct digests *digests = context;
	bool stopping;

	pthread_mutex_lock(&digests->lock);
	stopping = digests->stopping;
	pthread_mutex_unlock(&digests->lock);
	return stopping;
}

/* Until the time has passed or the thread shall stop. */
static void rest(struct digests *digests, uint64_t ms)
{
	uint64_t until_ms = clock_ms() + ms;
	struct timespec until = {
		.tv_sec = (time_t)(until_ms / 1000),
		.tv_nsec = (long)(until_ms % 1000) * 1000000,
	};

	pthread_mutex_lock(&digests->lock);
	while (!digests->stopping && clock_ms() < until_ms)
		pthread_cond_timedwait(&digests->wake, &digests->lock,
				       &until);
	pthread_mutex_unlock(&digests->lock);
}

/* What stays wrong is said once. */
static bool is_news(char said[256], const char *what)
{
	if (strncmp(said, what, 255) == 0)
		return false;
	snprintf(said, 256, "%.255s", what);
	return true;
}

static void replace(char **text, const char *by)
{
	char *copy = by ? must_dup(by) : NULL;

	free(*text);
	*text = copy;
}

/* --- where the file had come to ------------------------------------------ */

static struct table *find_table(struct digests *digests, const char *title)
{
	for (unsigned i = 0; i < digests->table_count; i++)
		if (strcmp(digests->tables[i].title, title) == 0)
			return &digests->tables[i];
	return NULL;
}

static void on_checkpoint(void *context, const struct checkpoint *seen)
{
	struct table *table;

	if (seen->kind == CHECKPOINT_BEGIN)
		return;
	table = find_table(context, seen->table);
	if (table && table->purge)
		digest_purge_note(table->purge, seen);
	if (!table || seen->kind != CHECKPOINT_BUCKET)
		return;
	table->by_another = strcmp(seen->by, table->name.column) != 0;
	table->buckets = seen->bucket + 1;
	replace(&table->upto, seen->upto);
}

static void forget(struct table *table)
{
	table->buckets = 0;
	table->by_another = false;
	replace(&table->upto, NULL);
	replace(&table->seen, NULL);
	if (table->purge)
		digest_purge_forget(table->purge);
}

static void set_standby(struct digests *digests, bool stands_by)
{
	pthread_mutex_lock(&digests->lock);
	digests->stats.stands_by = stands_by;
	pthread_mutex_unlock(&digests->lock);
}

static bool have_file(struct digests *digests, struct error *error)
{
	if (digests->file)
		return true;
	for (unsigned i = 0; i < digests->table_count; i++)
		forget(&digests->tables[i]);
	digests->file = digest_file_open(digests->path, digests->database,
					 digests->key, on_checkpoint, digests,
					 error);
	set_standby(digests, !digests->file &&
			     error_is(error, SQLSTATE_OBJECT_IN_USE));
	if (!digests->file)
		return false;
	log_info("checkpoints go on", "database", digests->database, "file",
		 digests->path, "n", digest_file_last(digests->file)->n);
	return true;
}

static bool have_source(struct digests *digests, struct error *error)
{
	if (!digests->source)
		digests->source = digest_source_open(&digests->target,
						     is_stopping, digests,
						     error);
	return digests->source;
}

/* --- one table ----------------------------------------------------------- */

/* Ends the snapshot. What failed leaves a connection nobody knows the state
 * of, unless it is the table that was found wanting. */
static void end_snapshot(struct digests *digests, bool good,
			 const struct error *error)
{
	if (good || error_is(error, SQLSTATE_UNDEFINED_TABLE) ||
	    error_is(error, SQLSTATE_UNDEFINED_COLUMN))
		digest_source_end(digests->source);
	else
		digest_source_close(&digests->source);
}

static bool check_table(const struct digest_table *found,
			const struct table *table, struct error *error)
{
	if (table->by_another)
		return error_set(error, SQLSTATE_UNDEFINED_COLUMN, "the "
				 "checkpoints of %s are by another column than "
				 "%s: begin another file", table->title,
				 table->name.column);
	if (!found->exists)
		return error_set(error, SQLSTATE_UNDEFINED_TABLE,
				 "table %s does not exist", table->title);
	if (found->has_column)
		return true;
	return error_set(error, SQLSTATE_UNDEFINED_COLUMN, "%s has no column "
			 "%s that is a whole number or a timestamp",
			 table->title, table->name.column);
}

static bool describe(struct digests *digests, struct table *table,
		     struct arena *arena, struct digest_table *ret,
		     struct error *error)
{
	return digest_source_describe(digests->source, &table->name, arena,
				      ret, error) &&
	       check_table(ret, table, error);
}

static void say_nullable(const struct digests *digests, struct table *table,
			 const struct digest_table *found)
{
	if (found->is_nullable && !table->said_nullable)
		log_warn("rows without a value in this column are in no "
			 "checkpoint", "database", digests->database, "table",
			 table->title, "column", table->name.column);
	table->said_nullable = found->is_nullable;
}

/* Takes note of the greatest key and of those who may still commit a smaller
 * one. The key first: who gets one later gets a greater one. */
static bool look(struct digests *digests, struct table *table,
		 const struct digest_table *found, struct arena *arena,
		 struct error *error)
{
	uint64_t now_ms = clock_ms();
	const char *top, *running;

	if (!digest_source_top(digests->source, found, table->upto, arena,
			       &top, error))
		return false;
	if (!top) {
		table->covered_ms = now_ms;
		return true;
	}
	if (!digest_source_running(digests->source, "", arena, &running,
				   error))
		return false;
	replace(&table->seen, top);
	replace(&table->running, running);
	table->seen_ms = now_ms;
	return true;
}

/* Whether all that ran then has ended. */
static bool has_settled(struct digests *digests, struct table *table,
			struct arena *arena, bool *ret, struct error *error)
{
	const char *running = "";

	*ret = false;
	if (clock_ms() - table->seen_ms < digests->settle_ms)
		return true;
	if (table->running[0] &&
	    !digest_source_running(digests->source, table->running, arena,
				   &running, error))
		return false;
	replace(&table->running, running);
	*ret = !running[0];
	return true;
}

static bool watch(struct digests *digests, struct table *table,
		  struct arena *arena, bool *ret_settled, struct error *error)
{
	struct digest_table found;

	if (!describe(digests, table, arena, &found, error))
		return false;
	say_nullable(digests, table, &found);
	*ret_settled = false;
	return (table->seen ||
		look(digests, table, &found, arena, error)) &&
	       (!table->seen ||
		has_settled(digests, table, arena, ret_settled, error));
}

/* --- sealing ------------------------------------------------------------- */

/* The next bucket's rows, in a snapshot that began after all had settled. */
static bool read_bucket(struct digests *digests, struct table *table,
			struct arena *arena, struct checkpoint *ret,
			struct error *error)
{
	struct digest_range range = { .after = table->upto,
				      .upto = table->seen };
	struct digest_table found;
	const char *cut;

	if (!describe(digests, table, arena, &found, error) ||
	    !digest_source_cut(digests->source, &found, range, BUCKET_ROWS,
			       arena, &cut, error))
		return false;
	if (cut)
		range.upto = cut;
	if (!digest_source_read(digests->source, &found, &found.columns,
				range, digests->bucket, error)) {
		digest_bucket_end(digests->bucket, ret->digest);
		return false;
	}
	*ret = (struct checkpoint){
		.kind = CHECKPOINT_BUCKET, .table = table->title,
		.by = table->name.column, .bucket = table->buckets,
		.after = range.after, .upto = range.upto,
		.columns = found.columns,
	};
	ret->rows = digest_bucket_end(digests->bucket, ret->digest);
	return !table->purge ||
	       digest_source_span(digests->source, &found,
				  digest_purge_column(table->purge), range,
				  arena, &ret->oldest, &ret->newest, error);
}

static void count_rows(struct digests *digests, uint64_t rows)
{
	pthread_mutex_lock(&digests->lock);
	digests->stats.rows += rows;
	pthread_mutex_unlock(&digests->lock);
}

static bool add_checkpoint(void *context, struct checkpoint *checkpoint,
			   struct error *error)
{
	struct digests *digests = context;

	if (digest_file_add(digests->file, checkpoint, error) &&
	    digest_file_sync(digests->file, error))
		return true;
	digest_file_close(&digests->file);
	return false;
}

static bool seal_bucket(struct digests *digests, struct table *table,
			struct arena *arena, struct error *error)
{
	struct checkpoint checkpoint;
	bool done;

	done = digest_source_begin(digests->source, error) &&
	       read_bucket(digests, table, arena, &checkpoint, error);
	end_snapshot(digests, done, error);
	if (!done)
		return false;
	if (!add_checkpoint(digests, &checkpoint, error))
		return false;
	on_checkpoint(digests, &checkpoint);
	count_rows(digests, checkpoint.rows);
	return true;
}

static void say_sealed(const struct digests *digests,
		       const struct table *table)
{
	const struct checkpoint *last = digest_file_last(digests->file);
	struct buffer chain = { 0 };

	digest_put_hex(&chain, last->chain, DIGEST_BYTES);
	log_info("checkpoint", "database", digests->database, "table",
		 table->title, "buckets", table->buckets, "upto", table->upto,
		 "n", last->n, "chain", buffer_cstring(&chain));
	buffer_fini(&chain);
}

static bool seal(struct digests *digests, struct table *table,
		 struct error *error)
{
	struct arena arena = { 0 };
	bool good = true;

	while (good && (!table->upto ||
			strcmp(table->upto, table->seen) != 0)) {
		uint64_t began_ms = clock_ms();

		good = !is_stopping(digests) &&
		       seal_bucket(digests, table, &arena, error);
		arena_reset(&arena);
		if (good && strcmp(table->upto, table->seen) != 0)
			rest(digests, clock_ms() - began_ms);
	}
	if (good) {
		say_sealed(digests, table);
		table->covered_ms = table->seen_ms;
		replace(&table->seen, NULL);
	}
	arena_fini(&arena);
	return good;
}

static bool add_purge(void *context, struct checkpoint *checkpoint,
		      struct error *error)
{
	struct digests *digests = context;

	if (!add_checkpoint(digests, checkpoint, error))
		return false;
	log_info("old rows are gone", "database", digests->database, "table",
		 checkpoint->table, "bucket", checkpoint->bucket, "left",
		 checkpoint->rows, "cutoff", checkpoint->cutoff);
	return true;
}

static bool purge(struct digests *digests, struct table *table,
		  struct error *error)
{
	struct arena arena = { 0 };
	struct digest_table found;
	bool done;

	if (!table->purge)
		return true;
	done = digest_source_begin(digests->source, error) &&
	       describe(digests, table, &arena, &found, error) &&
	       digest_purge_look(table->purge, digests->source, &found,
				 digests->bucket, add_purge, digests, error);
	end_snapshot(digests, done, error);
	arena_fini(&arena);
	return done;
}

static bool work_on(struct digests *digests, struct table *table,
		    struct error *error)
{
	struct arena arena = { 0 };
	bool settled = false, done;

	if (!have_source(digests, error))
		return false;
	done = digest_source_begin(digests->source, error) &&
	       watch(digests, table, &arena, &settled, error);
	end_snapshot(digests, done, error);
	arena_fini(&arena);
	return done && (!settled || seal(digests, table, error)) &&
	       purge(digests, table, error);
}

/* --- the thread ---------------------------------------------------------- */

static void say_failed(const struct digests *digests, const char *table,
		       char said[256], const struct error *error)
{
	if (!error->message[0] || !is_news(said, error->message))
		return;
	if (error_is(error, SQLSTATE_OBJECT_IN_USE))
		log_info("checkpoints stand by", "database",
			 digests->database, "reason", error->message);
	else
		log_error("no checkpoint can be made", "database",
			  digests->database, "table", table, "error",
			  error->message, "hint",
			  error->hint[0] ? error->hint : NULL);
}

static void look_at_table(struct digests *digests, struct table *table)
{
	struct error error = { 0 };

	if (work_on(digests, table, &error))
		table->said[0] = 0;
	else if (!is_stopping(digests))
		say_failed(digests, table->title, table->said, &error);
}

static void look_at_all(struct digests *digests)
{
	uint64_t covered_ms = UINT64_MAX;
	struct error error = { 0 };

	if (!have_file(digests, &error)) {
		say_failed(digests, NULL, digests->said, &error);
		return;
	}
	digests->said[0] = 0;
	for (unsigned i = 0; i < digests->table_count && digests->file; i++)
		look_at_table(digests, &digests->tables[i]);
	for (unsigned i = 0; i < digests->table_count; i++)
		if (digests->tables[i].covered_ms < covered_ms)
			covered_ms = digests->tables[i].covered_ms;
	pthread_mutex_lock(&digests->lock);
	digests->covered_ms = covered_ms;
	pthread_mutex_unlock(&digests->lock);
}

static void *run(void *context)
{
	struct digests *digests = context;
	uint64_t pause_ms = digests->interval_ms;

	if (digests->settle_ms && digests->settle_ms < pause_ms)
		pause_ms = digests->settle_ms;
	while (!is_stopping(digests)) {
		look_at_all(digests);
		rest(digests, pause_ms < 100 ? 100 : pause_ms);
	}
	digest_source_close(&digests->source);
	digest_file_close(&digests->file);
	return NULL;
}

/* --- life ---------------------------------------------------------------- */

static void free_one(struct digests *digests)
{
	for (unsigned i = 0; i < digests->table_count; i++) {
		forget(&digests->tables[i]);
		replace(&digests->tables[i].running, NULL);
		digest_purge_free(&digests->tables[i].purge);
	}
	free(digests->tables);
	arena_fini(&digests->names);
	digest_bucket_free(&digests->bucket);
	digest_key_free(&digests->key);
	free(digests->path);
	free(digests->database);
	free((char *)(uintptr_t)digests->target.url);
	pthread_mutex_destroy(&digests->lock);
	pthread_cond_destroy(&digests->wake);
	free(digests);
}

static void init_lock(struct digests *digests)
{
	pthread_condattr_t clock;

	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_mutex_init(&digests->lock, NULL);
	pthread_cond_init(&digests->wake, &clock);
	pthread_condattr_destroy(&clock);
}

static struct digest_purge *purge_of(const struct digests *digests,
				     const struct digest_name *name,
				     const struct option_list *rules)
{
	struct digest_purge *found = NULL;
	struct arena arena = { 0 };

	for (unsigned i = 0; i < rules->count && !found; i++) {
		struct retain_rule rule;

		if (!retain_rule_read(rules->items[i], &arena, &rule) &&
		    strcmp(rule.table, name->table) == 0 &&
		    (!rule.schema || strcmp(rule.schema, name->schema) == 0))
			found = digest_purge_new(rule.column, rule.age_s * 1000,
						 digests->interval_ms);
	}
	arena_fini(&arena);
	return found;
}

/* The names were checked with the configuration. */
static void read_names(struct digests *digests,
		       const struct option_list *names,
		       const struct option_list *rules)
{
	digests->tables = must_alloc(names->count * sizeof(struct table));
	for (unsigned i = 0; i < names->count; i++) {
		struct table *table = &digests->tables[digests->table_count];

		if (!digest_name_read(names->items[i], &digests->names,
				      &table->name))
			continue;
		table->title = digest_name_table(&table->name,
						 &digests->names);
		table->covered_ms = clock_ms();
		table->purge = purge_of(digests, &table->name, rules);
		digests->table_count++;
	}
}

/* The thread logs in by itself, as nobody's session. */
static bool check_target(const struct digests *digests, struct error *error)
{
	struct pg_named named = { 0 };
	bool good;

	if (digests->target.kind == BACKEND_URL_SQLITE)
		return true;
	good = pg_named_read(digests->target.url, &named, error);
	if (good && (!named.user || (!named.database &&
				     strcmp(digests->database, "*") == 0)))
		good = error_set(error, SQLSTATE_INVALID_PARAMETER,
				 "databases.%s: audit_digest needs a backend "
				 "whose URL names a user and a database",
				 digests->database);
	pg_named_fini(&named);
	return good;
}

static struct digests *new_one(const struct config *config,
			       const struct config_database *entry,
			       struct error *error)
{
	struct digests *digests = must_alloc(sizeof(*digests));

	init_lock(digests);
	digests->database = must_dup(entry->name);
	digests->target = (struct digest_target){
		.kind = entry->url.kind,
		.url = must_dup(entry->url.target),
		.database = digests->database,
		.production = config->environment == ENVIRONMENT_PRODUCTION,
	};
	digests->path = must_dup(entry->audit_digest_file);
	digests->interval_ms = entry->audit_digest_interval_ms;
	digests->settle_ms = entry->audit_digest_settle_ms;
	digests->bucket = digest_bucket_new();
	digests->covered_ms = clock_ms();
	read_names(digests, &entry->audit_digest, &entry->audit_retain);
	if (check_target(digests, error))
		digests->key = digest_key_private(entry->audit_digest_key,
						  error);
	if (digests->key)
		return digests;
	free_one(digests);
	return NULL;
}

static bool start_one(struct digests *digests, struct error *error)
{
	if (pthread_create(&digests->thread, NULL, run, digests) == 0)
		return true;
	return error_set(error, SQLSTATE_INTERNAL,
			 "cannot start a thread for checkpoints");
}

bool digests_start(const struct config *config, struct digests **ret,
		   struct error *error)
{
	for (unsigned i = 0; i < config->database_count; i++) {
		const struct config_database *entry = &config->databases[i];
		struct digests *digests;

		if (!entry->audit_digest.count)
			continue;
		digests = new_one(config, entry, error);
		if (!digests)
			return false;
		if (!start_one(digests, error)) {
			free_one(digests);
			return false;
		}
		digests->next = *ret;
		*ret = digests;
	}
	return true;
}

void digests_stop(struct digests **all)
{
	for (struct digests *digests = *all; digests; digests = digests->next) {
		pthread_mutex_lock(&digests->lock);
		digests->stopping = true;
		pthread_cond_signal(&digests->wake);
		pthread_mutex_unlock(&digests->lock);
	}
	while (*all) {
		struct digests *digests = *all;

		*all = digests->next;
		pthread_join(digests->thread, NULL);
		free_one(digests);
	}
}

void digests_each(struct digests *digests,
		  void (*visit)(void *context, const char *database,
				const struct digest_stats *),
		  void *context)
{
	for (; digests; digests = digests->next) {
		struct digest_stats stats;

		pthread_mutex_lock(&digests->lock);
		stats = digests->stats;
		stats.age_ms = clock_ms() - digests->covered_ms;
		pthread_mutex_unlock(&digests->lock);
		visit(context, digests->database, &stats);
	}
}
