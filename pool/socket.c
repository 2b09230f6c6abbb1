#include "pool/socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

static void set(int fd, int level, int option, int value)
{
	if (value)
		setsockopt(fd, level, option, &value, sizeof(value));
}

void socket_keep_alive(int fd, const struct socket_keep_alive *wanted)
{
	set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	set(fd, IPPROTO_TCP, TCP_KEEPIDLE, wanted->idle_s);
	set(fd, IPPROTO_TCP, TCP_KEEPINTVL, wanted->interval_s);
	set(fd, IPPROTO_TCP, TCP_KEEPCNT, wanted->probes);
	set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, wanted->unanswered_ms);
}
