#include "proxy/listener.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "pool/socket.h"
#include "proxy/config.h"
#include "proxy/log.h"
#include "proxy/session.h"

#define LISTENERS_MAX 32
#define BACKLOG 1024
#define ACCEPTS_PER_TURN 64
#define PAUSE_MS 500		/* when descriptors have run out */

/* A client whose host has vanished is given up after a minute of silence, and
 * when it does not acknowledge for half of one what it was sent. */
static const struct socket_keep_alive keep_alive = {
	.idle_s = 30, .interval_s = 10, .probes = 3, .unanswered_ms = 30000,
};

struct listener {
	uv_poll_t poll;
	uv_timer_t pause;
	struct worker *worker;
	int fd;
	bool unix_socket;
	int port;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
};

struct listeners {
	unsigned count;
	struct listener all[LISTENERS_MAX];
	char description[512];
	bool closed;
};

/* --- accepting ---------------------------------------------------------- */

static void describe_peer(const struct sockaddr_storage *address,
			  socklen_t length, char *text, size_t size,
			  bool *ret_local)
{
	char host[NI_MAXHOST] = "?", port[NI_MAXSERV] = "?";

	if (address->ss_family == AF_UNIX) {
		snprintf(text, size, "unix");
		*ret_local = true;
		return;
	}
	getnameinfo((const struct sockaddr *)address, length, host,
		    sizeof(host), port, sizeof(port),
		    NI_NUMERICHOST | NI_NUMERICSERV);
	*ret_local = strncmp(host, "127.", 4) == 0 ||
		     strcmp(host, "::1") == 0 ||
		     strncmp(host, "::ffff:127.", 11) == 0;
	snprintf(text, size, strchr(host, ':') ? "[%.45s]:%s" : "%.45s:%s",
		 host, port);
}

static void serve(struct listener *listener, int fd,
		  const struct sockaddr_storage *address, socklen_t length)
{
	char peer[64];
	bool local;
	int on = 1;

	describe_peer(address, length, peer, sizeof(peer), &local);
	if (!listener->unix_socket) {
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		socket_keep_alive(fd, &keep_alive);
	}
	session_start(listener->worker, fd, peer, local);
}

static void on_connection(uv_poll_t *poll, int status, int events);

static void on_pause_over(uv_timer_t *timer)
{
	struct listener *listener = timer->data;

	uv_poll_start(&listener->poll, UV_READABLE, on_connection);
}

static void pause_accepting(struct listener *listener, int error)
{
	log_warn("cannot accept connections for a moment", "error",
		 strerror(error), "hint", "raise the limit of open files");
	uv_poll_stop(&listener->poll);
	uv_timer_start(&listener->pause, on_pause_over, PAUSE_MS, 0);
}

static void on_connection(uv_poll_t *poll, int status, int events)
{
	struct listener *listener = poll->data;

	for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
		struct sockaddr_storage address = { 0 };
		socklen_t length = sizeof(address);
		int fd = accept4(listener->fd, (struct sockaddr *)&address,
				 &length, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0) {
			serve(listener, fd, &address, length);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
		    errno == ENOMEM)
			pause_accepting(listener, errno);
		if (errno != EINTR && errno != ECONNABORTED)
			return;
	}
}

/* --- opening ------------------------------------------------------------ */

static bool watch(struct listeners *listeners, struct worker *worker, int fd,
		  bool unix_socket, const char *path, int port)
{
	struct listener *listener = &listeners->all[listeners->count++];
	size_t used = strlen(listeners->description);

	listener->worker = worker;
	listener->fd = fd;
	listener->unix_socket = unix_socket;
	listener->port = port;
	if (unix_socket)
		snprintf(listener->path, sizeof(listener->path), "%s", path);
	uv_timer_init(worker->loop, &listener->pause);
	listener->pause.data = listener;
	uv_poll_init(worker->loop, &listener->poll, fd);
	listener->poll.data = listener;
	snprintf(listeners->description + used,
		 sizeof(listeners->description) - used, "%s%s",
		 used ? ", " : "", path);
	return uv_poll_start(&listener->poll, UV_READABLE, on_connection) == 0;
}

static bool cannot_listen(struct error *error, const char *where, int number)
{
	error_set(error, SQLSTATE_OBJECT_IN_USE, "cannot listen on %s: %s",
		  where, strerror(number));
	error_hint(error, number == EADDRINUSE ?
		   "Another process has it; stop that one or choose another "
		   "with --listen." :
		   "Choose another address with --listen.");
	return false;
}

static int bound_port(int fd)
{
	struct sockaddr_storage address = { 0 };
	socklen_t length = sizeof(address);
	char port[NI_MAXSERV] = "0";

	getsockname(fd, (struct sockaddr *)&address, &length);
	getnameinfo((struct sockaddr *)&address, length, NULL, 0, port,
		    sizeof(port), NI_NUMERICSERV);
	return atoi(port);
}

static bool open_one(struct listeners *listeners, struct worker *worker,
		     const struct addrinfo *info, const char *host,
		     const char *where, struct error *error)
{
	int on = 1, port;
	char name[300];
	int fd = socket(info->ai_family, SOCK_STREAM | SOCK_NONBLOCK |
			SOCK_CLOEXEC, 0);

	if (fd < 0)
		return cannot_listen(error, where, errno);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (info->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(fd, info->ai_addr, info->ai_addrlen) < 0 ||
	    listen(fd, BACKLOG) < 0) {
		int number = errno;

		close(fd);
		return cannot_listen(error, where, number);
	}
	port = bound_port(fd);
	snprintf(name, sizeof(name), strchr(host, ':') ? "[%s]:%d" : "%s:%d",
		 host, port);
	return watch(listeners, worker, fd, false, name, port);
}

static bool open_tcp(struct listeners *listeners, struct worker *worker,
		     const char *where, struct error *error)
{
	struct addrinfo hints = {
		.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_PASSIVE | AI_NUMERICSERV,
	};
	struct addrinfo *found;
	const char *colon = strrchr(where, ':');
	char host[256];
	int status;
	bool good = true;
	size_t length = colon ? (size_t)(colon - where) : 0;

	if (!colon || length >= sizeof(host))
		return cannot_listen(error, where, EINVAL);
	memcpy(host, where, length);
	host[length] = 0;
	if (host[0] == '[' && host[length - 1] == ']') {
		memmove(host, host + 1, length - 2);
		host[length - 2] = 0;
	}
	status = getaddrinfo(strcmp(host, "*") == 0 || !host[0] ? NULL : host,
			     colon + 1, &hints, &found);
	if (status != 0) {
		error_set(error, SQLSTATE_CANNOT_CONNECT,
			  "cannot listen on %s: %s", where,
			  gai_strerror(status));
		error_hint(error, "Write HOST:PORT, such as 127.0.0.1:6432.");
		return false;
	}
	for (struct addrinfo *at = found;
	     good && at && listeners->count < LISTENERS_MAX; at = at->ai_next)
		good = open_one(listeners, worker, at, host[0] ? host : "*",
				where, error);
	freeaddrinfo(found);
	return good;
}

/* A socket file nobody answers on is left over from a weir that was killed. */
static bool is_stale(const struct sockaddr_un *address)
{
	struct stat status;
	bool stale;
	int fd;

	if (lstat(address->sun_path, &status) < 0 || !S_ISSOCK(status.st_mode))
		return false;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	stale = connect(fd, (const struct sockaddr *)address,
			sizeof(*address)) < 0 && errno == ECONNREFUSED;
	close(fd);
	return stale;
}

static bool open_unix(struct listeners *listeners, struct worker *worker,
		      const char *directory, int port, unsigned mode,
		      struct error *error)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd, length;

	if (strstr(directory, "/.s.PGSQL."))
		length = snprintf(address.sun_path, sizeof(address.sun_path),
				  "%s", directory);
	else
		length = snprintf(address.sun_path, sizeof(address.sun_path),
				  "%s/.s.PGSQL.%d", directory, port);
	if (length >= (int)sizeof(address.sun_path))
		return cannot_listen(error, directory, ENAMETOOLONG);
	if (is_stale(&address))
		unlink(address.sun_path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return cannot_listen(error, address.sun_path, errno);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    chmod(address.sun_path, mode) < 0 || listen(fd, BACKLOG) < 0) {
		int number = errno;

		close(fd);
		return cannot_listen(error, address.sun_path, number);
	}
	return watch(listeners, worker, fd, true, address.sun_path, 0);
}

bool listeners_open(struct worker *worker, struct listeners **ret_listeners,
		    struct error *error)
{
	const struct config *config = worker->config;
	struct listeners *listeners = must_alloc(sizeof(*listeners));
	bool good = true;

	for (unsigned i = 0; good && i < config->listen.tcp.count &&
	     listeners->count < LISTENERS_MAX; i++)
		good = open_tcp(listeners, worker,
				config->listen.tcp.items[i], error);
	if (good && config->listen.unix_dir && config->listen.unix_dir[0]) {
		int port = listeners_port(listeners);

		good = open_unix(listeners, worker, config->listen.unix_dir,
				 port ? port : 6432, config->listen.unix_mode,
				 error);
	}
	if (!good)
		listeners_close(listeners);
	/* Their handles belong to the loop until it has run: even a failed
	 * set is freed by the caller, after that. */
	*ret_listeners = listeners;
	return good;
}

/* --- closing ------------------------------------------------------------ */

static void on_poll_closed(uv_handle_t *handle)
{
	struct listener *listener = handle->data;

	close(listener->fd);
}

void listeners_close(struct listeners *listeners)
{
	if (listeners->closed)
		return;
	listeners->closed = true;
	for (unsigned i = 0; i < listeners->count; i++) {
		struct listener *listener = &listeners->all[i];

		if (listener->unix_socket)
			unlink(listener->path);
		uv_poll_stop(&listener->poll);
		uv_close((uv_handle_t *)&listener->poll, on_poll_closed);
		uv_close((uv_handle_t *)&listener->pause, NULL);
	}
}

void listeners_free(struct listeners **listeners)
{
	free(*listeners);
	*listeners = NULL;
}

const char *listeners_describe(const struct listeners *listeners)
{
	return listeners->description;
}

int listeners_port(const struct listeners *listeners)
{
	for (unsigned i = 0; i < listeners->count; i++)
		if (!listeners->all[i].unix_socket)
			return listeners->all[i].port;
	return 0;
}
