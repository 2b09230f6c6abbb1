/*
 * The files of an engine: the database, the lock that says whose it is, and
 * a descriptor of our own on the write-ahead log.
 *
 * The lock is a separate file, because closing any descriptor of the
 * database file would drop the POSIX locks that SQLite holds on it. The WAL
 * carries no such locks, so opening it beside SQLite is safe; what must not
 * happen is that it is deleted or replaced under us, which is checked after
 * every sync.
 */
#include "pool/sqlite/engine_inner.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int complain(struct error *error, const char *what, const char *path)
{
	int code = -errno;

	error_set(error, SQLSTATE_IO_ERROR, "could not %s \"%s\": %s", what,
		  path, uv_strerror(code));
	return code;
}

static char *join(const char *left, const char *right)
{
	struct buffer text = { 0 };
	char *result;

	buffer_put_text(&text, left);
	buffer_put_text(&text, right);
	result = must_dup(buffer_cstring(&text));
	buffer_fini(&text);
	return result;
}

/* realpath() also for a file that is not there yet. */
static int resolve(struct lite_engine *engine, struct error *error)
{
	char *path = engine->path, *folder, *real, *with_slash;

	real = realpath(path, NULL);
	if (!real && errno == ENOENT) {
		char *copy = must_dup(path), *copy2 = must_dup(path);

		folder = realpath(dirname(copy), NULL);
		if (folder) {
			with_slash = join(folder, "/");
			real = join(with_slash, basename(copy2));
			free(with_slash);
		}
		free(folder);
		free(copy);
		free(copy2);
	}
	if (!real)
		return complain(error, "find", path);
	engine->path = must_dup(real);
	free(real);
	free(path);
	return 0;
}

static int take_lock(struct lite_engine *engine, struct error *error)
{
	engine->lock_fd = open(engine->lock_path,
			       O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (engine->lock_fd < 0)
		return complain(error, "open the lock file",
				engine->lock_path);
	if (flock(engine->lock_fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	if (errno != EWOULDBLOCK)
		return complain(error, "lock", engine->lock_path);
	error_set(error, SQLSTATE_OBJECT_IN_USE,
		  "another weir is serving \"%s\"", engine->path);
	error_detail(error, "It holds the lock on \"%s\".", engine->lock_path);
	error_hint(error, "%s",
		   "A SQLite file has one weir: connect to that one, or stop "
		   "it first.");
	return UV_EBUSY;
}

static int make_file(struct lite_engine *engine, struct error *error)
{
	int fd = open(engine->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC,
		      0600);

	/* Nobody else has it open: it was not there a moment ago. */
	if (fd >= 0)
		close(fd);
	else if (errno != EEXIST)
		return complain(error, "create", engine->path);
	return 0;
}

int lite_file_claim(struct lite_engine *engine, struct error *error)
{
	int result = resolve(engine, error);

	if (result < 0)
		return result;
	engine->lock_path = join(engine->path, "-weir.lock");
	engine->wal_path = join(engine->path, "-wal");
	result = take_lock(engine, error);
	return result < 0 ? result : make_file(engine, error);
}

void lite_file_release(struct lite_engine *engine)
{
	if (engine->wal_fd >= 0)
		close(engine->wal_fd);
	/* The lock file stays: removing it would let two instances lock two
	 * different files of one name. */
	if (engine->lock_fd >= 0)
		close(engine->lock_fd);
	engine->wal_fd = engine->lock_fd = -1;
}

static int sync_folder(struct lite_engine *engine, struct error *error)
{
	char *copy = must_dup(engine->path);
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int result = 0;

	free(copy);
	if (fd < 0 || fsync(fd) < 0)
		result = complain(error, "sync the folder of", engine->path);
	if (fd >= 0)
		close(fd);
	return result;
}

int lite_file_open_wal(struct lite_engine *engine, struct error *error)
{
	struct stat info;

	engine->wal_fd = open(engine->wal_path, O_RDONLY | O_CLOEXEC);
	if (engine->wal_fd < 0 || fstat(engine->wal_fd, &info) < 0)
		return complain(error, "open", engine->wal_path);
	engine->wal_device = info.st_dev;
	engine->wal_inode = info.st_ino;
	/* Frames that a killed process left are visible already, and nothing
	 * but this makes them durable. */
	if (fdatasync(engine->wal_fd) < 0)
		return complain(error, "sync", engine->wal_path);
	return sync_folder(engine, error);
}

bool lite_file_sync(struct lite_engine *engine, int *ret_code)
{
	struct stat info;

	if (fdatasync(engine->wal_fd) < 0) {
		*ret_code = -errno;
		return false;
	}
	/* Is what was synced still the WAL? */
	if (stat(engine->wal_path, &info) < 0) {
		*ret_code = -errno;
		return false;
	}
	if (info.st_dev != engine->wal_device ||
	    info.st_ino != engine->wal_inode) {
		*ret_code = UV_ENOENT;
		return false;
	}
	return true;
}
