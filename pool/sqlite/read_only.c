#include "pool/sqlite/read_only.h"

#include <ctype.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "protocol/bytes.h"

#define VERSION_OFFSET 18	/* of the file format: 2 is WAL */

/* In WAL mode, with no WAL: nobody has it open, and whoever opens it now
 * writes into a WAL first. */
static bool is_at_rest(const char *path)
{
	struct buffer wal = { 0 };
	uint8_t versions[2] = { 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool rest;

	/* no other connection of this process could lose its locks by the
	 * closing: there is none */
	rest = fd >= 0 && pread(fd, versions, 2, VERSION_OFFSET) == 2 &&
	       versions[1] == 2;
	if (fd >= 0)
		close(fd);
	buffer_printf(&wal, "%s-wal", path);
	rest = rest && access(buffer_cstring(&wal), F_OK) < 0;
	buffer_fini(&wal);
	return rest;
}

static void put_uri(struct buffer *out, const char *path)
{
	buffer_put_text(out, "file:");
	for (; *path; path++)
		if (isalnum((unsigned char)*path) || strchr("/._-", *path))
			buffer_put_u8(out, (uint8_t)*path);
		else
			buffer_printf(out, "%%%02X", (unsigned char)*path);
	buffer_put_text(out, "?immutable=1");
}

int lite_open_read_only(const char *path, sqlite3 **ret_db)
{
	struct buffer uri = { 0 };
	int code;

	if (!is_at_rest(path))
		return sqlite3_open_v2(path, ret_db, SQLITE_OPEN_READONLY,
				       NULL);
	put_uri(&uri, path);
	code = sqlite3_open_v2(buffer_cstring(&uri), ret_db,
			       SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL);
	buffer_fini(&uri);
	return code;
}
