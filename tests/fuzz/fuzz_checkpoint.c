/* Any bytes: what is read as a checkpoint is written again as it was, but for
 * its seal, and a head is only what a head looks like. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "proxy/checkpoint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct digest_key *key;

static void forget_key(void)
{
	digest_key_free(&key);
}

static void make_key(void)
{
	char directory[] = "/tmp/fuzz_checkpoint_XXXXXX", path[64], public[72];
	struct error error;

	if (!mkdtemp(directory))
		abort();
	snprintf(path, sizeof(path), "%s/key", directory);
	snprintf(public, sizeof(public), "%s.pub", path);
	if (!digest_key_generate(path, &error) ||
	    !(key = digest_key_private(path, &error)))
		abort();
	unlink(path);
	unlink(public);
	rmdir(directory);
	atexit(forget_key);
}

/* The bytes before `,"chain"`, which are all that the reader may not read in
 * two ways. */
static struct slice body(struct slice line)
{
	size_t seal = sizeof(",\"chain\":\"\",\"signature\":\"\"}") - 1 +
		      2 * (DIGEST_BYTES + DIGEST_SIGNATURE_BYTES);

	if (line.length < seal)
		abort();
	return slice_make(line.at, line.length - seal);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t before[DIGEST_BYTES];
	struct slice line = slice_make(data, size);
	struct checkpoint checkpoint;
	struct checkpoint_head head;
	struct arena arena = { 0 };
	struct buffer again = { 0 };

	if (!key)
		make_key();
	if (checkpoint_read(line, &arena, &checkpoint)) {
		checkpoint_follows(&checkpoint, line, before);
		checkpoint_write(&checkpoint, before, key, &again);
		if (!slice_equal(body(line), body(slice_make(
			    again.bytes, again.length - 1))))
			abort();
	}
	checkpoint_head_read(line, &head);
	buffer_fini(&again);
	arena_fini(&arena);
	return 0;
}
