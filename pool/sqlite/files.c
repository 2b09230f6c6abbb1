#include "pool/sqlite/files.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "protocol/bytes.h"
#include "protocol/list.h"

#define NAME_BYTES_MAX 63
#define ALWAYS "postgres"

/* A database that somebody has come to. */
struct file {
	struct list link;
	struct lite_files *files;
	char name[NAME_BYTES_MAX + 1];
	struct lite_engine *engine;	/* NULL: not open */
	int clients;
	bool drops;	/* nobody comes in any more; the engine closes */
	bool closing;
};

struct lite_files {
	uv_loop_t *loop;
	uv_async_t async;	/* a file is to be dropped */
	struct lite_options options;
	char **tables;		/* the options' protected ones */
	const struct lite_files_report *report;
	void *context;
	char *folder, *before, *after;	/* "data", "app_", ".db" */
	pthread_mutex_t lock;	/* over what follows */
	struct list open;
	unsigned engines_left;	/* while all close */
	void (*on_closed)(void *context);
};

/* --- names -------------------------------------------------------------------- */

/* A name is a part of a file's: nothing that leads elsewhere. */
static bool is_name(const char *database)
{
	size_t length = strlen(database);

	return length > 0 && length <= NAME_BYTES_MAX && database[0] != '.' &&
	       strchr(database, '/') == NULL;
}

static char *path_of(const struct lite_files *files, const char *database,
		     const char *behind)
{
	struct buffer path = { 0 };
	char *copy;

	buffer_printf(&path, "%s/%s%s%s%s", files->folder, files->before,
		      database, files->after, behind);
	copy = must_dup(buffer_cstring(&path));
	buffer_fini(&path);
	return copy;
}

static bool has_file(const struct lite_files *files, const char *database)
{
	char *path = path_of(files, database, "");
	bool found = access(path, F_OK) == 0;

	free(path);
	return found;
}

static struct file *find(struct lite_files *files, const char *database)
{
	LIST_EACH(link, &files->open) {
		struct file *file = LIST_ENTRY(link, struct file, link);

		if (strcmp(file->name, database) == 0)
			return file;
	}
	return NULL;
}

static struct file *find_or_add(struct lite_files *files, const char *database)
{
	struct file *file = find(files, database);

	if (file)
		return file;
	file = must_alloc(sizeof(*file));
	file->files = files;
	snprintf(file->name, sizeof(file->name), "%s", database);
	list_append(&files->open, &file->link);
	return file;
}

static bool no_database(struct error *error, const char *database)
{
	return error_set(error, SQLSTATE_INVALID_DATABASE,
			 "database \"%.63s\" does not exist", database);
}

bool lite_files_exists(struct lite_files *files, const char *database)
{
	struct file *file;
	bool found;

	if (!is_name(database))
		return false;
	pthread_mutex_lock(&files->lock);
	file = find(files, database);
	found = !(file && file->drops);
	pthread_mutex_unlock(&files->lock);
	return found && (strcmp(database, ALWAYS) == 0 ||
			 has_file(files, database));
}

void lite_files_count(struct lite_files *files, const char *database, int by)
{
	pthread_mutex_lock(&files->lock);
	find_or_add(files, database)->clients += by;
	pthread_mutex_unlock(&files->lock);
}

/* --- engines ------------------------------------------------------------------- */

static void wake_all(struct lite_files *files)
{
	LIST_EACH(link, &files->open) {
		struct file *file = LIST_ENTRY(link, struct file, link);

		if (file->engine && !file->closing)
			lite_engine_wake(file->engine);
	}
}

static void free_files(struct lite_files *files)
{
	struct list *link;

	while ((link = list_first(&files->open))) {
		list_remove(link);
		free(LIST_ENTRY(link, struct file, link));
	}
	for (size_t i = 0; files->tables && files->tables[i]; i++)
		free(files->tables[i]);
	free(files->tables);
	pthread_mutex_destroy(&files->lock);
	free(files->folder);
	free(files->before);
	free(files->after);
	free(files);
}

static void on_async_closed(uv_handle_t *handle)
{
	struct lite_files *files = handle->data;
	void (*on_closed)(void *) = files->on_closed;
	void *context = files->context;

	free_files(files);
	on_closed(context);
}

static void on_engine_closed(void *context)
{
	struct file *file = context;
	struct lite_files *files = file->files;

	pthread_mutex_lock(&files->lock);
	file->engine = NULL;
	file->closing = false;
	wake_all(files);
	pthread_mutex_unlock(&files->lock);
	if (files->on_closed && --files->engines_left == 0)
		uv_close((uv_handle_t *)&files->async, on_async_closed);
}

static void close_engine(struct file *file)
{
	file->closing = true;
	lite_engine_close(file->engine, on_engine_closed, file);
}

static void on_async(uv_async_t *async)
{
	struct lite_files *files = async->data;

	LIST_EACH(link, &files->open) {
		struct file *file = LIST_ENTRY(link, struct file, link);
		bool drops;

		pthread_mutex_lock(&files->lock);
		drops = file->drops && file->engine && !file->closing;
		pthread_mutex_unlock(&files->lock);
		if (!drops)
			continue;
		files->report->closes(files->context, file->name);
		close_engine(file);
	}
}

static struct lite_engine *open_engine(struct lite_files *files,
				       struct file *file, struct error *error)
{
	struct lite_options options = files->options;
	char *path = path_of(files, file->name, "");
	struct lite_engine *engine = NULL;

	options.path = path;
	options.files = files;
	if (lite_engine_open(files->loop, &options, &engine, error) != 0)
		engine = NULL;
	free(path);
	return engine;
}

struct lite_engine *lite_files_engine(struct lite_files *files,
				      const char *database,
				      struct error *error)
{
	struct lite_engine *engine;
	struct file *file;

	if (!lite_files_exists(files, database))
		return no_database(error, database), NULL;
	pthread_mutex_lock(&files->lock);
	file = find_or_add(files, database);
	engine = file->engine;
	pthread_mutex_unlock(&files->lock);
	if (engine)
		return engine;
	engine = open_engine(files, file, error);
	pthread_mutex_lock(&files->lock);
	file->engine = engine;
	pthread_mutex_unlock(&files->lock);
	if (engine)
		files->report->opened(files->context, engine);
	return engine;
}

void lite_files_each_engine(struct lite_files *files,
			    void (*visit)(void *, const char *,
					  struct lite_engine *),
			    void *context)
{
	LIST_EACH(link, &files->open) {
		struct file *file = LIST_ENTRY(link, struct file, link);

		if (file->engine && !file->closing)
			visit(context, file->name, file->engine);
	}
}

/* --- CREATE and DROP --------------------------------------------------------------- */

bool lite_files_create(struct lite_files *files, const char *database,
		       struct error *error)
{
	char *path;
	int fd;

	if (!is_name(database))
		return error_set(error, SQLSTATE_FEATURE_NOT_SUPPORTED,
				 "a database of this name is not supported on "
				 "SQLite: it names a file");
	path = path_of(files, database, "");
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	free(path);
	if (fd >= 0) {
		close(fd);
		return true;
	}
	if (errno == EEXIST)
		return error_set(error, "42P04",
				 "database \"%s\" already exists", database);
	return error_set(error, SQLSTATE_IO_ERROR,
			 "could not create database \"%s\": %s", database,
			 strerror(errno));
}

static bool remove_file(struct lite_files *files, const char *database,
			struct error *error)
{
	static const char *const parts[] = { "-wal", "-shm", "-journal", "",
					     "-weir.lock" };
	bool done = true;

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		char *path = path_of(files, database, parts[i]);

		if (unlink(path) < 0 && errno != ENOENT)
			done = error_set(error, SQLSTATE_IO_ERROR,
					 "could not remove file \"%s\": %s",
					 path, strerror(errno));
		free(path);
	}
	return done;
}

static bool in_use(const struct file *file, struct error *error)
{
	if (file->clients <= 0)
		return false;
	error_set(error, SQLSTATE_OBJECT_IN_USE,
		  "database \"%s\" is being accessed by other users",
		  file->name);
	error_detail(error, file->clients == 1 ?
		     "There is %d other session using the database." :
		     "There are %d other sessions using the database.",
		     file->clients);
	return true;
}

bool lite_files_drop(struct lite_files *files, const char *database,
		     bool force, bool *ret_wait, struct error *error)
{
	struct file *file;
	bool done = true;

	*ret_wait = false;
	if (!is_name(database) || !has_file(files, database))
		return no_database(error, database);
	pthread_mutex_lock(&files->lock);
	file = find_or_add(files, database);
	if (!file->drops && !force && in_use(file, error)) {
		done = false;
	} else if (file->engine) {
		file->drops = *ret_wait = true;
		uv_async_send(&files->async);
	} else {
		done = remove_file(files, database, error);
		file->drops = false;
	}
	pthread_mutex_unlock(&files->lock);
	return done;
}

static bool is_database(const struct lite_files *files, const char *file,
			char *ret_name)
{
	size_t before = strlen(files->before), after = strlen(files->after);
	size_t length = strlen(file);

	if (length <= before + after ||
	    length - before - after > NAME_BYTES_MAX ||
	    strncmp(file, files->before, before) != 0 ||
	    strcmp(file + length - after, files->after) != 0)
		return false;
	snprintf(ret_name, NAME_BYTES_MAX + 1, "%.*s",
		 (int)(length - before - after), file + before);
	return is_name(ret_name);
}

void lite_files_each(struct lite_files *files,
		     void (*visit)(void *context, const char *database),
		     void *context)
{
	DIR *folder = opendir(files->folder);
	char name[NAME_BYTES_MAX + 1];
	struct dirent *entry;

	while (folder && (entry = readdir(folder)))
		if (is_database(files, entry->d_name, name))
			visit(context, name);
	if (folder)
		closedir(folder);
}

/* --- making and closing -------------------------------------------------------------- */

/* "data/app_{database}.db" in its three parts. */
static bool split(struct lite_files *files, const char *path,
		  struct error *error)
{
	const char *slash = strrchr(path, '/');
	const char *last = slash ? slash + 1 : path;
	const char *place = strstr(last, FILES_PLACE);

	if (!place || strstr(path, FILES_PLACE) != place)
		return error_set(error, SQLSTATE_INVALID_PARAMETER, "%s",
				 FILES_PLACE " must stand in the name of the "
				 "file, not of a folder");
	files->folder = slash ? slice_dup(slice_make(path, (size_t)
						     (slash - path) +
						     (slash == path))) :
				must_dup(".");
	files->before = slice_dup(slice_make(last, (size_t)(place - last)));
	files->after = must_dup(place + strlen(FILES_PLACE));
	if (files->after[0] || files->before[0])
		return true;
	return error_set(error, SQLSTATE_INVALID_PARAMETER, "%s",
			 "the file's name must be more than " FILES_PLACE
			 ", such as " FILES_PLACE ".db");
}

static char **copy_tables(const char *const *tables)
{
	size_t count = 0;
	char **copy;

	while (tables && tables[count])
		count++;
	copy = must_alloc((count + 1) * sizeof(*copy));
	for (size_t i = 0; i < count; i++)
		copy[i] = must_dup(tables[i]);
	return copy;
}

struct lite_files *lite_files_new(uv_loop_t *loop,
				  const struct lite_options *options,
				  const struct lite_files_report *report,
				  void *context, struct error *error)
{
	struct lite_files *files = must_alloc(sizeof(*files));

	list_init(&files->open);
	pthread_mutex_init(&files->lock, NULL);
	if (!split(files, options->path, error)) {
		free_files(files);
		return NULL;
	}
	if (access(files->folder, R_OK | W_OK | X_OK) != 0) {
		error_set(error, SQLSTATE_IO_ERROR, "cannot use folder "
			  "\"%s\": %s", files->folder, strerror(errno));
		free_files(files);
		return NULL;
	}
	files->loop = loop;
	files->options = *options;
	files->options.path = NULL;
	files->options.protected_tables = (const char *const *)(files->tables =
		copy_tables(options->protected_tables));
	files->report = report;
	files->context = context;
	uv_async_init(loop, &files->async, on_async);
	files->async.data = files;
	return files;
}

void lite_files_close(struct lite_files *files,
		      void (*on_closed)(void *context))
{
	files->on_closed = on_closed;
	files->engines_left = 1;
	LIST_EACH(link, &files->open) {
		struct file *file = LIST_ENTRY(link, struct file, link);

		if (!file->engine)
			continue;
		files->engines_left++;
		if (!file->closing)
			close_engine(file);
	}
	if (--files->engines_left == 0)
		uv_close((uv_handle_t *)&files->async, on_async_closed);
}
