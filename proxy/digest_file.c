#include "proxy/digest_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct digest_file {
	const struct digest_key *key;	/* borrowed */
	char *path;
	char *head_path;
	FILE *file;		/* locked */
	struct checkpoint last;
	off_t length;		/* what we have made of it */
	bool dirty;
	char now[32];		/* of the last one added */
};

void digest_now(char ret[32])
{
	struct timespec now;
	struct tm parts;
	size_t length;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &parts);
	length = strftime(ret, 32, "%Y-%m-%dT%H:%M:%S", &parts);
	snprintf(ret + length, 32 - length, ".%03uZ",
		 (unsigned)(now.tv_nsec / 1000000) % 1000);
}

static bool complain(const char *doing, const char *path, struct error *error)
{
	return error_set(error, SQLSTATE_IO_ERROR, "cannot %s %s: %s", doing,
			 path, strerror(errno));
}

static char *head_path_of(const char *path)
{
	struct buffer text = { 0 };
	char *copy;

	buffer_printf(&text, "%s.head", path);
	copy = slice_dup(buffer_slice(&text));
	buffer_fini(&text);
	return copy;
}

/* --- reading ------------------------------------------------------------- */

static bool wrong(const char *path, uint64_t line, const char *what,
		  struct error *error)
{
	return error_set(error, SQLSTATE_INVALID_PARAMETER,
			 "%s, line %" PRIu64 ": %s", path, line, what);
}

/* What keeps a line from being the next one; NULL: nothing. */
static const char *check_line(const struct checkpoint *checkpoint,
			      struct slice text, const struct digest_read *so_far,
			      const struct digest_key *key, uint64_t from)
{
	uint8_t raw[DIGEST_KEY_BYTES];

	digest_key_raw(key, raw);
	if ((checkpoint->kind == CHECKPOINT_BEGIN) != (so_far->lines == 0))
		return "the first line, and no other, is of kind begin";
	if (checkpoint->kind == CHECKPOINT_BEGIN &&
	    memcmp(raw, checkpoint->key, sizeof(raw)) != 0)
		return "the checkpoints are signed with another key";
	if (checkpoint->n != so_far->lines)
		return "it is not the one that follows: lines were removed, "
		       "moved or added";
	if (!checkpoint_follows(checkpoint, text, so_far->last.chain))
		return "it does not follow from the line before it: this or "
		       "an earlier one was changed";
	if ((checkpoint->n >= from || checkpoint->kind == CHECKPOINT_BEGIN) &&
	    !checkpoint_is_signed(checkpoint, key))
		return "the signature is not of this key";
	return NULL;
}

static bool read_line(struct slice text, const char *path,
		      const struct digest_key *key, uint64_t from,
		      struct arena *arena, struct checkpoint *checkpoint,
		      const struct digest_read *so_far, struct error *error)
{
	const char *what = "it is no checkpoint";

	if (checkpoint_read(text, arena, checkpoint))
		what = check_line(checkpoint, text, so_far, key, from);
	return !what || wrong(path, so_far->lines + 1, what, error);
}

static void advance(struct digest_read *ret, const struct checkpoint *seen,
		    long bytes)
{
	if (ret->lines == 0)
		snprintf(ret->first_time, sizeof(ret->first_time), "%s",
			 seen->time);
	ret->lines++;
	ret->proven_bytes += bytes;
	ret->last.n = seen->n;
	memcpy(ret->last.chain, seen->chain, DIGEST_BYTES);
}

static bool read_lines(FILE *file, const char *path,
		       const struct digest_key *key, uint64_t from,
		       digest_on_checkpoint on_checkpoint, void *context,
		       struct digest_read *ret, struct error *error)
{
	struct arena arena = { 0 };
	char *line = NULL;
	size_t size = 0;
	ssize_t length;
	bool good = true;

	while (good && (length = getline(&line, &size, file)) > 0) {
		struct checkpoint checkpoint;

		if (line[length - 1] != '\n') {
			ret->torn = true;
			break;
		}
		arena_reset(&arena);
		good = read_line(slice_make(line, (size_t)length - 1), path,
				 key, from, &arena, &checkpoint, ret, error);
		if (!good)
			break;
		advance(ret, &checkpoint, length);
		on_checkpoint(context, &checkpoint);
	}
	free(line);
	arena_fini(&arena);
	return good;
}

static bool read_head(const char *path, struct checkpoint_head *ret,
		      struct error *error)
{
	char *head_path = head_path_of(path);
	FILE *file = fopen(head_path, "re");
	char line[512];
	bool good = false;

	if (!file)
		complain("read", head_path, error);
	else if (!fgets(line, sizeof(line), file) ||
		 !checkpoint_head_read(slice_make(line, strcspn(line, "\n")),
				       ret))
		error_set(error, SQLSTATE_INVALID_PARAMETER,
			  "%s is not as weir wrote it", head_path);
	else
		good = true;
	if (file)
		fclose(file);
	free(head_path);
	return good;
}

struct looking {
	struct checkpoint_head head;
	bool found;
	digest_on_checkpoint next;
	void *context;
};

static void look_for_head(void *context, const struct checkpoint *checkpoint)
{
	struct looking *looking = context;

	if (checkpoint->n == looking->head.n &&
	    memcmp(checkpoint->chain, looking->head.chain, DIGEST_BYTES) == 0)
		looking->found = true;
	looking->next(looking->context, checkpoint);
}

bool digest_file_read(FILE *file, const char *path,
		      const struct digest_key *key, uint64_t from,
		      digest_on_checkpoint on_checkpoint, void *context,
		      struct digest_read *ret, struct error *error)
{
	struct looking looking = { .next = on_checkpoint, .context = context };
	struct error head_error = { 0 };
	bool has_head = read_head(path, &looking.head, &head_error);

	*ret = (struct digest_read){ 0 };
	if (from == DIGEST_FROM_HEAD)
		from = has_head ? looking.head.n : 0;
	rewind(file);
	if (!read_lines(file, path, key, from, look_for_head, &looking, ret,
			error))
		return false;
	/* A crash before the first head was written. */
	if (!has_head && ret->lines <= 1 && ret->proven_bytes < 4096)
		return true;
	if (!has_head) {
		*error = head_error;
		return false;
	}
	if (!checkpoint_head_is_signed(&looking.head, key))
		return error_set(error, SQLSTATE_INVALID_PARAMETER,
				 "%s.head is signed with another key", path);
	if (looking.found)
		return true;
	return error_set(error, SQLSTATE_INVALID_PARAMETER, "%s ends after "
			 "line %" PRIu64 ", but had come to line %" PRIu64
			 ": its end was cut off", path, ret->lines,
			 looking.head.n + 1);
}

/* --- opening ------------------------------------------------------------- */

static bool lock(struct digest_file *file, struct error *error)
{
	if (flock(fileno(file->file), LOCK_EX | LOCK_NB) == 0)
		return true;
	if (errno != EWOULDBLOCK)
		return complain("lock", file->path, error);
	return error_set(error, SQLSTATE_OBJECT_IN_USE, "another weir writes "
			 "the checkpoints in %s", file->path);
}

/* A line of which only the beginning got to the disk goes; nothing else. */
static bool cut_torn(struct digest_file *file, const struct digest_read *was,
		     struct error *error)
{
	file->length = was->proven_bytes;
	if (was->torn &&
	    ftruncate(fileno(file->file), was->proven_bytes) != 0)
		return complain("shorten", file->path, error);
	return true;
}

/* A file that has just come to be is not safe before its name is. */
static bool sync_directory(const char *path, struct error *error)
{
	const char *slash = strrchr(path, '/');
	char *directory = slash ? slice_dup(slice_make(path, (size_t)
					    (slash - path + 1))) :
				  must_dup(".");
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool done = fd >= 0 && fsync(fd) == 0;

	if (!done)
		complain("sync", directory, error);
	if (fd >= 0)
		close(fd);
	free(directory);
	return done;
}

static bool begin(struct digest_file *file, const char *database,
		  struct error *error)
{
	struct checkpoint first = { .kind = CHECKPOINT_BEGIN,
				    .database = database };

	digest_key_raw(file->key, first.key);
	return digest_file_add(file, &first, error) &&
	       digest_file_sync(file, error) &&
	       sync_directory(file->path, error);
}

static bool open_it(struct digest_file *file, const char *database,
		    digest_on_checkpoint on_checkpoint, void *context,
		    struct error *error)
{
	struct digest_read was;
	int fd = open(file->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC,
		      0644);

	file->file = fd < 0 ? NULL : fdopen(fd, "r+");
	if (!file->file)
		return complain("open", file->path, error);
	if (!lock(file, error) ||
	    !digest_file_read(file->file, file->path, file->key,
			      DIGEST_FROM_HEAD, on_checkpoint, context, &was,
			      error) ||
	    !cut_torn(file, &was, error))
		return false;
	file->last = was.last;
	return was.lines || begin(file, database, error);
}

struct digest_file *digest_file_open(const char *path, const char *database,
				     const struct digest_key *key,
				     digest_on_checkpoint on_checkpoint,
				     void *context, struct error *error)
{
	struct digest_file *file = must_alloc(sizeof(*file));

	file->key = key;
	file->path = must_dup(path);
	file->head_path = head_path_of(path);
	if (!open_it(file, database, on_checkpoint, context, error))
		digest_file_close(&file);
	return file;
}

void digest_file_close(struct digest_file **file)
{
	if (!*file)
		return;
	if ((*file)->file)
		fclose((*file)->file);
	free((*file)->path);
	free((*file)->head_path);
	free(*file);
	*file = NULL;
}

const struct checkpoint *digest_file_last(const struct digest_file *file)
{
	return &file->last;
}

/* --- adding -------------------------------------------------------------- */

static bool write_all(int fd, struct slice text)
{
	while (text.length) {
		ssize_t put = write(fd, text.at, text.length);

		if (put < 0 && errno != EINTR)
			return false;
		if (put > 0)
			text = slice_make(text.at + put,
					  text.length - (size_t)put);
	}
	return true;
}

/* Somebody else's doing is left for people to look at. */
static bool check_untouched(const struct digest_file *file,
			    struct error *error)
{
	struct stat ours, named;

	if (fstat(fileno(file->file), &ours) != 0 ||
	    stat(file->path, &named) != 0)
		return complain("find", file->path, error);
	if (ours.st_ino == named.st_ino && ours.st_dev == named.st_dev &&
	    ours.st_size == file->length)
		return true;
	return error_set(error, SQLSTATE_INVALID_PARAMETER,
			 "%s was changed by somebody else", file->path);
}

bool digest_file_add(struct digest_file *file, struct checkpoint *checkpoint,
		     struct error *error)
{
	static const uint8_t nothing[DIGEST_BYTES];
	bool first = checkpoint->kind == CHECKPOINT_BEGIN;
	struct buffer line = { 0 };
	bool done;

	if (!check_untouched(file, error))
		return false;
	digest_now(file->now);
	checkpoint->time = file->now;
	checkpoint->n = first ? 0 : file->last.n + 1;
	checkpoint_write(checkpoint, first ? nothing : file->last.chain,
			 file->key, &line);
	done = write_all(fileno(file->file), buffer_slice(&line));
	if (done) {
		file->length += (off_t)line.length;
		file->last = *checkpoint;
		file->dirty = true;
	} else {
		complain("write", file->path, error);
		/* what got there of it would be taken for tampering */
		if (ftruncate(fileno(file->file), file->length) != 0)
			complain("shorten", file->path, error);
	}
	buffer_fini(&line);
	return done;
}

static bool write_head(struct digest_file *file)
{
	struct buffer text = { 0 }, part = { 0 };
	bool done = false;
	int fd;

	buffer_printf(&part, "%s.part", file->head_path);
	checkpoint_head_write(&file->last, file->key, &text);
	fd = open(buffer_cstring(&part), O_WRONLY | O_CREAT | O_TRUNC |
		  O_CLOEXEC, 0644);
	if (fd >= 0) {
		done = write_all(fd, buffer_slice(&text)) && fsync(fd) == 0;
		close(fd);
	}
	done = done && rename(buffer_cstring(&part), file->head_path) == 0;
	buffer_fini(&part);
	buffer_fini(&text);
	return done;
}

bool digest_file_sync(struct digest_file *file, struct error *error)
{
	if (!file->dirty)
		return true;
	if (fdatasync(fileno(file->file)) != 0)
		return complain("sync", file->path, error);
	if (!write_head(file))
		return complain("write", file->head_path, error);
	file->dirty = false;
	return true;
}
