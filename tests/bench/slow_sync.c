/* Makes every fsync and fdatasync take WEIR_SYNC_MS longer: what a slower disk
 * would cost, for both sides of a bench. Preloaded. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

static void wait_longer(void)
{
	const char *ms = getenv("WEIR_SYNC_MS");

	usleep((useconds_t)(ms ? atof(ms) * 1000 : 0));
}

int fdatasync(int fd)
{
	int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");

	wait_longer();
	return real(fd);
}

int fsync(int fd)
{
	int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");

	wait_longer();
	return real(fd);
}
