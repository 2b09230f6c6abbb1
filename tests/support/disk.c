/* A disk whose every write and sync of a database is recorded, and that fails
 * when it is told to. Preloaded into weir by tests/support/disk.py.
 *
 * A file is the database (.db) or its log (-wal). A write is recorded when it
 * has returned, a sync when it begins and when it ends (its offset is the
 * descriptor's number):
 *
 *     u64 nanoseconds  u32 kind  u32 file  u64 offset  u64 length  bytes
 *
 * WEIR_DISK_TRACE names the record; WEIR_DISK_CONTROL a page shared with the
 * test, which says what is to fail, `lies` that a sync does nothing.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum kind { WROTE = 1, TRUNCATED, SYNC_BEGAN, SYNC_ENDED, SYNC_FAILED };

struct control {
	volatile int32_t write_countdown;	/* the call that finds 1 fails */
	volatile int32_t sync_countdown;
	volatile int32_t error;			/* with this */
	volatile int32_t is_short;		/* half of it is written first */
	volatile int32_t full;			/* all writes: ENOSPC */
	volatile int32_t lies;
	volatile int32_t sync_delay_us;
	volatile int32_t only;		/* 1: the database, 2: the log */
	volatile int32_t writes, syncs, failures;	/* how many there were */
};

struct event {
	uint64_t time_ns;
	uint32_t kind, file;
	uint64_t offset, length;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct control *control;
static struct { dev_t device; ino_t inode; } files[2];
static int trace = -1;

__attribute__((constructor)) static void start(void)
{
	const char *path = getenv("WEIR_DISK_CONTROL");
	int fd = path ? (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR) : -1;

	if (fd >= 0)
		control = mmap(NULL, sizeof(*control), PROT_READ | PROT_WRITE,
			       MAP_SHARED, fd, 0);
	if (fd < 0 || control == MAP_FAILED)
		_exit(99);
	close(fd);
	path = getenv("WEIR_DISK_TRACE");
	if (path)
		trace = (int)syscall(SYS_openat, AT_FDCWD, path,
				     O_WRONLY | O_CREAT | O_TRUNC | O_APPEND |
				     O_CLOEXEC, 0600);
}

static int ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), tail = strlen(end);

	return length >= tail && strcmp(text + length - tail, end) == 0;
}

/* 0: the database, 1: its log, -1: neither. */
static int file_of(int fd)
{
	char link[40], path[4096];
	struct stat info;
	ssize_t length;
	int file;

	if (syscall(SYS_fstat, fd, &info) < 0 || !S_ISREG(info.st_mode))
		return -1;
	for (file = 0; file < 2; file++)
		if (files[file].inode == info.st_ino &&
		    files[file].device == info.st_dev)
			return file;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, path, sizeof(path) - 1);
	if (length < 0)
		return -1;
	path[length] = 0;
	file = ends_with(path, ".db") ? 0 : ends_with(path, ".db-wal") ? 1 : -1;
	if (file >= 0) {
		files[file].device = info.st_dev;
		files[file].inode = info.st_ino;
	}
	return file;
}

static void record(enum kind kind, int file, const void *bytes,
		   uint64_t length, uint64_t offset)
{
	struct event event = { 0, kind, (uint32_t)file, offset, length };
	struct timespec now;

	if (trace < 0)
		return;
	pthread_mutex_lock(&lock);
	clock_gettime(CLOCK_MONOTONIC, &now);
	event.time_ns = (uint64_t)now.tv_sec * 1000000000 +
			(uint64_t)now.tv_nsec;
	syscall(SYS_write, trace, &event, sizeof(event));
	if (bytes)
		syscall(SYS_write, trace, bytes, length);
	pthread_mutex_unlock(&lock);
}

static int is_due(volatile int32_t *countdown, volatile int32_t *count,
		  int file)
{
	__sync_fetch_and_add(count, 1);
	if (control->only && control->only != file + 1)
		return 0;
	if (*countdown <= 0 || __sync_sub_and_fetch(countdown, 1) != 0)
		return 0;
	__sync_fetch_and_add(&control->failures, 1);
	return 1;
}

static ssize_t do_write(int fd, const void *bytes, size_t length, off_t offset)
{
	int file = file_of(fd), due;
	ssize_t done;

	if (file < 0)
		return syscall(SYS_pwrite64, fd, bytes, length, offset);
	due = is_due(&control->write_countdown, &control->writes, file);
	if (control->full) {
		__sync_fetch_and_add(&control->failures, 1);
		errno = ENOSPC;
		return -1;
	}
	if (due && !control->is_short) {
		errno = control->error;
		return -1;
	}
	done = syscall(SYS_pwrite64, fd, bytes, due ? length / 2 : length,
		       offset);
	if (done > 0)
		record(WROTE, file, bytes, (uint64_t)done, (uint64_t)offset);
	/* What is left of a short one fails. */
	if (due)
		__sync_fetch_and_add(&control->write_countdown, 1);
	if (due)
		control->is_short = 0;
	return done;
}

static int do_truncate(int fd, off_t length)
{
	int file = file_of(fd);
	int result = (int)syscall(SYS_ftruncate, fd, length);

	if (file >= 0 && result == 0)
		record(TRUNCATED, file, NULL, 0, (uint64_t)length);
	return result;
}

static int do_sync(int fd, long call)
{
	int file = file_of(fd), result;

	if (file < 0)
		return (int)syscall(call, fd);
	if (is_due(&control->sync_countdown, &control->syncs, file)) {
		record(SYNC_FAILED, file, NULL, 0, (uint64_t)fd);
		errno = control->error;
		return -1;
	}
	if (control->lies)
		return 0;
	record(SYNC_BEGAN, file, NULL, 0, (uint64_t)fd);
	if (control->sync_delay_us)
		usleep((useconds_t)control->sync_delay_us);
	result = (int)syscall(call, fd);
	if (result == 0)
		record(SYNC_ENDED, file, NULL, 0, (uint64_t)fd);
	return result;
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset)
{
	return do_write(fd, bytes, length, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset)
{
	return do_write(fd, bytes, length, offset);
}

int ftruncate(int fd, off_t length) { return do_truncate(fd, length); }
int ftruncate64(int fd, off64_t length) { return do_truncate(fd, length); }
int fdatasync(int fd) { return do_sync(fd, SYS_fdatasync); }
int fsync(int fd) { return do_sync(fd, SYS_fsync); }
