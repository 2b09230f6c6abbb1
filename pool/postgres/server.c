#include "pool/postgres/server.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "pool/postgres/cancel.h"
#include "pool/parameter.h"
#include "pool/stream.h"
#include "protocol/message_write.h"

#define SERVER_MAGIC 0x73727672u

struct pg_server {
	struct backend backend;	/* first: the pool's pointer is ours */
	uint32_t magic;
	uv_loop_t *loop;
	struct buffer *shared;
	uv_timer_t last;	/* closed last: what follows is from the loop */
	struct pg_opening *opening;	/* NULL once open, or failed */

	PGconn *conn;		/* NULL until open */
	struct stream stream;
	bool streaming;
	bool lost;
	uint32_t pid;
	struct buffer cancel_key;

	struct pg_cancel *cancel;	/* under way */
	struct buffer held;	/* what may not be sent before it is over */
};

static struct pg_server *of_backend(const struct backend *backend)
{
	struct pg_server *server = (struct pg_server *)(uintptr_t)backend;

	assert(server->magic == SERVER_MAGIC);
	return server;
}

static struct pg_server *of_stream(struct stream *stream)
{
	return of_backend((struct backend *)(void *)((char *)stream -
		offsetof(struct pg_server, stream)));
}

/* --- the end ------------------------------------------------------------ */

static void on_last_closed(uv_handle_t *handle)
{
	struct pg_server *server = handle->data;

	buffer_wipe(&server->cancel_key);
	buffer_wipe(&server->held);
	backend_closed(&server->backend);
	server->magic = 0;
	free(server);
}

static void close_last(struct pg_server *server)
{
	uv_close((uv_handle_t *)&server->last, on_last_closed);
}

static void on_stream_closed(struct stream *stream)
{
	struct pg_server *server = of_stream(stream);

	/* libpq says goodbye too, and would wait for a slow server. */
	shutdown(stream->fd, SHUT_RDWR);
	PQfinish(server->conn);
	server->conn = NULL;
	close_last(server);
}

/* Terminate in the middle of a message would be read as a part of it. */
static void say_goodbye(struct pg_server *server)
{
	struct buffer goodbye = { 0 };
	struct slice piece;

	if (server->lost || server->held.length ||
	    stream_queued(&server->stream) ||
	    !backend_is_quiet(&server->backend))
		return;
	write_terminate(&goodbye);
	piece = buffer_slice(&goodbye);
	stream_write(&server->stream, &piece, 1);
	buffer_fini(&goodbye);
}

static void close_server(struct backend *backend)
{
	struct pg_server *server = of_backend(backend);

	pg_open_cancel(&server->opening);
	pg_cancel_forget(&server->cancel);
	if (!server->streaming) {
		close_last(server);
		return;
	}
	say_goodbye(server);
	stream_close(&server->stream, true);
}

/* --- relaying ----------------------------------------------------------- */

static void on_read(struct stream *stream, struct slice bytes)
{
	backend_received(&of_stream(stream)->backend, bytes);
}

static void on_secured(struct stream *stream)
{
}

static void on_drained(struct stream *stream)
{
	struct pg_server *server = of_stream(stream);

	if (!server->cancel)
		backend_drained(&server->backend);
}

static void on_end(struct stream *stream, int reason)
{
	struct pg_server *server = of_stream(stream);
	struct error error;

	server->lost = true;
	if (reason == UV_EOF)
		error_set(&error, SQLSTATE_CONNECTION_FAILURE,
			  "server closed the connection unexpectedly");
	else
		error_set(&error, SQLSTATE_CONNECTION_FAILURE,
			  "the connection to the server was lost: %s",
			  uv_strerror(reason));
	error_detail(&error, "What was under way may or may not have been "
		     "done.");
	error.fatal = true;
	backend_lost(&server->backend, &error);
}

static const struct stream_handlers stream_handlers = {
	.on_read = on_read,
	.on_secured = on_secured,
	.on_drained = on_drained,
	.on_end = on_end,
	.on_closed = on_stream_closed,
};

static size_t send_pieces(struct backend *backend, const struct slice *pieces,
			  unsigned count)
{
	struct pg_server *server = of_backend(backend);

	if (!server->streaming)
		return 0;
	if (!server->cancel)
		return stream_write(&server->stream, pieces, count);
	for (unsigned i = 0; i < count; i++)
		buffer_put_slice(&server->held, pieces[i]);
	return server->held.length + stream_queued(&server->stream);
}

static void pause_replies(struct backend *backend, bool paused)
{
	struct pg_server *server = of_backend(backend);

	if (!server->streaming)
		return;
	if (paused)
		stream_pause(&server->stream);
	else
		stream_resume(&server->stream);
}

/* --- cancelling --------------------------------------------------------- */

static void on_cancelled(void *context, enum cancel_outcome outcome)
{
	struct pg_server *server = context;
	struct slice held = buffer_slice(&server->held);
	bool waited = held.length > 0;

	server->cancel = NULL;
	/* It may yet hit whatever runs here next. */
	if (outcome == CANCEL_UNKNOWN)
		server->backend.doomed = true;
	if (waited)
		stream_write(&server->stream, &held, 1);
	buffer_fini(&server->held);
	if (waited && !stream_queued(&server->stream))
		backend_drained(&server->backend);
}

static void cancel_query(struct backend *backend)
{
	struct pg_server *server = of_backend(backend);

	if (!server->streaming || server->lost || server->cancel ||
	    !server->cancel_key.length)
		return;
	server->cancel = pg_cancel_start(server->loop, server->conn,
					 server->pid,
					 buffer_slice(&server->cancel_key),
					 server->shared, on_cancelled, server);
}

static const struct backend_ops ops = {
	.kind = "postgres",
	.send = send_pieces,
	.cancel = cancel_query,
	.pause = pause_replies,
	.close = close_server,
};

/* --- opening ------------------------------------------------------------ */

static void open_failed(struct pg_server *server, const struct error *error)
{
	backend_failed(&server->backend, error);
	close_last(server);
}

static bool start_stream(struct pg_server *server, struct error *error)
{
	SSL *ssl = PQsslStruct(server->conn, "OpenSSL");
	int result = stream_init(&server->stream, server->loop,
				 PQsocket(server->conn), &stream_handlers,
				 server->shared);

	if (result == 0) {
		server->streaming = true;
		if (!ssl)
			return true;
		result = stream_adopt_tls(&server->stream, ssl);
	}
	if (result == 0)
		return true;
	return error_set(error, SQLSTATE_CANNOT_CONNECT, "the connection to "
			 "the server cannot be used: %s",
			 uv_strerror(result));
}

/* Where libpq got through to, of all hosts and addresses. */
static void note_place(struct pg_server *server)
{
	const char *address = PQhostaddr(server->conn);
	char *place = server->backend.place;
	bool is_ipv6;

	if (!address || !address[0])
		address = PQhost(server->conn);
	is_ipv6 = strchr(address, ':') && address[0] != '/';
	snprintf(place, sizeof(server->backend.place),
		 is_ipv6 ? "[%s]:%s" : "%s:%s", address,
		 PQport(server->conn));
}

static void on_open(void *context, struct pg_opened *opened,
		    const struct error *why)
{
	struct pg_server *server = context;
	struct error error;

	server->opening = NULL;
	if (!opened) {
		open_failed(server, why);
		return;
	}
	server->conn = opened->conn;
	server->pid = opened->pid;
	server->cancel_key = opened->cancel_key;
	server->backend.parameters =
		parameters_new(buffer_slice(&opened->parameters));
	buffer_fini(&opened->parameters);
	*opened = (struct pg_opened){ 0 };
	note_place(server);
	if (start_stream(server, &error)) {
		stream_resume(&server->stream);
		backend_opened(&server->backend);
		return;
	}
	backend_failed(&server->backend, &error);
	if (server->streaming) {
		stream_close(&server->stream, true);
		return;
	}
	PQfinish(server->conn);
	close_last(server);
}

struct backend *pg_server_open(uv_loop_t *loop, struct pool *pool,
			       const struct pg_target *target,
			       struct buffer *shared, struct error *error)
{
	struct pg_server *server = must_alloc(sizeof(*server));

	server->magic = SERVER_MAGIC;
	server->loop = loop;
	server->shared = shared;
	backend_init(&server->backend, &ops, pool);
	server->opening = pg_open(loop, target, on_open, server, error);
	if (!server->opening) {
		free(server);
		return NULL;
	}
	uv_timer_init(loop, &server->last);
	server->last.data = server;
	return &server->backend;
}

uint32_t pg_server_pid(const struct backend *backend)
{
	return of_backend(backend)->pid;
}
