/*
 * Two things here are less simple than they look.
 *
 * Watching. Changing what epoll watches costs two system calls, so reading is
 * left on while nobody wants to read, until bytes really arrive; and writing
 * is watched only while output waits. What the poll handle cannot know of
 * (bytes inside of OpenSSL, a failed write) is seen to in the next turn of
 * the loop, which a *nudge* asks for: an idle handle of its own, since most
 * streams never need one.
 *
 * Failed writes. A server that is shut down sends its reason and closes. If
 * we were just writing, the write fails while the reason still waits to be
 * read. So a failure first lets everything be read that is there, and only
 * then is told as the end.
 */
#include "pool/stream.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pool/stream_inner.h"

#define READS_PER_EVENT 4

struct stream_nudge {
	uv_idle_t idle;
	struct stream *stream;	/* NULL: closed meanwhile */
};

static void on_poll(uv_poll_t *handle, int status, int events);

static struct stream *of_handle(uv_poll_t *handle)
{
	struct stream *stream = handle->data;

	assert(stream->magic == STREAM_MAGIC);
	return stream;
}

/* --- watching ----------------------------------------------------------- */

static void watch(struct stream *stream, int events)
{
	if (stream->closing || events == stream->events)
		return;
	stream->events = events;
	if (events)
		uv_poll_start(&stream->poll, events, on_poll);
	else
		uv_poll_stop(&stream->poll);
}

void stream_rewatch(struct stream *stream, int keep)
{
	int events = 0;

	if (stream->handshaking) {
		events = stream->read_waits_for_write ? UV_WRITABLE :
							UV_READABLE;
	} else if (!stream->ended) {
		if (stream->reading || stream->write_waits_for_read)
			events |= UV_READABLE;
		if (stream->read_waits_for_write)
			events |= UV_WRITABLE;
		events |= stream->events & keep;
	}
	if (stream->waiting && !stream->write_waits_for_read)
		events |= UV_WRITABLE;
	watch(stream, events);
}

static void free_nudge(uv_handle_t *handle)
{
	free(handle->data);
}

static void drop_nudge(struct stream *stream)
{
	struct stream_nudge *nudge = stream->nudge;

	if (!nudge)
		return;
	stream->nudge = NULL;
	nudge->stream = NULL;
	uv_close((uv_handle_t *)&nudge->idle, free_nudge);
}

static void work_without_event(struct stream *stream);

static void on_nudge(uv_idle_t *idle)
{
	struct stream_nudge *nudge = idle->data;
	struct stream *stream = nudge->stream;

	if (!stream)
		return;
	drop_nudge(stream);
	work_without_event(stream);
}

/* Asks for a turn of the loop. */
static void nudge(struct stream *stream)
{
	struct stream_nudge *made;

	if (stream->nudge || stream->closing)
		return;
	made = must_alloc(sizeof(*made));
	made->stream = stream;
	made->idle.data = made;
	uv_idle_init(stream->poll.loop, &made->idle);
	uv_idle_start(&made->idle, on_nudge);
	stream->nudge = made;
}

/* --- the end ------------------------------------------------------------ */

static void end(struct stream *stream, int error)
{
	if (stream->ended || stream->closing)
		return;
	stream->ended = true;
	stream->reading = false;
	stream->handshaking = false;
	stream_rewatch(stream, 0);
	stream->handlers->on_end(stream, error);
}

void stream_fail(struct stream *stream, int error)
{
	stream->failure = error;
	stream_drop_queue(stream);
	stream_rewatch(stream, UV_READABLE);
	nudge(stream);
}

/* --- reading ------------------------------------------------------------ */

static ssize_t read_plain(struct stream *stream, bool *ret_more)
{
	ssize_t got;

	do
		got = recv(stream->fd, stream->shared->bytes,
			   STREAM_READ_BYTES, 0);
	while (got < 0 && errno == EINTR);
	*ret_more = got == STREAM_READ_BYTES;
	if (got > 0)
		return got;
	if (got == 0)
		return UV_EOF;
	return errno == EWOULDBLOCK ? UV_EAGAIN :
	       uv_translate_sys_error(errno);
}

static ssize_t read_some(struct stream *stream, bool *ret_more)
{
	return stream->ssl ? stream_tls_read(stream, ret_more) :
			     read_plain(stream, ret_more);
}

static bool may_read(const struct stream *stream)
{
	return stream->reading && !stream->ended && !stream->closing &&
	       !stream->handshaking;
}

/* Delivers what has arrived, but not for ever: others wait too. */
static void read_input(struct stream *stream)
{
	bool more = true;
	unsigned reads = 0;

	while (more && may_read(stream) && reads++ < READS_PER_EVENT) {
		ssize_t got = read_some(stream, &more);

		if (got == UV_EAGAIN)
			break;
		if (got < 0) {
			end(stream, stream->failure ? stream->failure :
						      (int)got);
			return;
		}
		if (stream->failure)
			more = true;	/* up to its end */
		stream->handlers->on_read(stream,
			slice_make(stream->shared->bytes, (size_t)got));
		/* Enough for now. The poll handle knows of what is in the
		 * kernel, but not of what is inside of OpenSSL. */
		if (reads == READS_PER_EVENT && may_read(stream) && more &&
		    (stream->failure || stream->ssl)) {
			nudge(stream);
			return;
		}
	}
	if (stream->closing || stream->ended)
		return;
	/* Nothing is left to be read that could come before it. */
	if (stream->failure)
		end(stream, stream->failure);
	else if (stream->read_waits_for_write)
		stream_rewatch(stream, UV_READABLE);
}

void stream_pause(struct stream *stream)
{
	stream->reading = false;
}

void stream_resume(struct stream *stream)
{
	if (stream->reading || stream->ended || stream->closing)
		return;
	stream->reading = true;
	stream_rewatch(stream, UV_READABLE);
	if (stream->failure || (stream->ssl && !stream->handshaking))
		nudge(stream);
}

/* --- what the loop says ------------------------------------------------- */

static void handshake(struct stream *stream)
{
	int result = stream_tls_handshake(stream);

	if (result == UV_EAGAIN) {
		stream_rewatch(stream, 0);
		return;
	}
	if (result < 0) {
		end(stream, result);
		return;
	}
	stream->handshaking = false;
	stream_rewatch(stream, UV_READABLE);
	stream->handlers->on_secured(stream);
	if (stream->closing || stream->ended)
		return;
	if (!stream->waiting && !stream->corked)
		stream_flush(stream);
	/* The client's first message may have come with its last flight. */
	if (stream_tls_pending(stream))
		read_input(stream);
}

static void write_output(struct stream *stream)
{
	stream->waiting = false;
	stream_flush(stream);
	if (stream->waiting || stream->failure)
		return;
	stream_rewatch(stream, UV_READABLE);
	stream->handlers->on_drained(stream);
}

static void work_without_event(struct stream *stream)
{
	if (stream->ended || stream->closing)
		return;
	if (stream->handshaking) {
		if (stream->failure)
			end(stream, stream->failure);
		else
			handshake(stream);
	} else if (stream->reading) {
		read_input(stream);
	} else if (stream->failure) {
		end(stream, stream->failure);
	}
}

/* libuv tells a socket's error (POLLERR) as UV_EBADF and stops watching. The
 * true reason is with the socket. */
static void on_socket_error(struct stream *stream)
{
	socklen_t length = sizeof(int);
	int reason = 0;

	stream->events = 0;
	getsockopt(stream->fd, SOL_SOCKET, SO_ERROR, &reason, &length);
	if (!stream->failure)
		stream->failure = reason ? uv_translate_sys_error(reason) :
					   UV_ECONNRESET;
	stream_drop_queue(stream);
	work_without_event(stream);
}

static void on_poll(uv_poll_t *handle, int status, int events)
{
	struct stream *stream = of_handle(handle);

	if (status < 0) {
		on_socket_error(stream);
		return;
	}
	if (stream->handshaking) {
		handshake(stream);
		return;
	}
	if (stream->waiting && ((events & UV_WRITABLE) ||
				((events & UV_READABLE) &&
				 stream->write_waits_for_read)))
		write_output(stream);
	if (stream->closing || stream->ended)
		return;
	if (stream->reading) {
		if ((events & UV_READABLE) || stream->read_waits_for_write)
			read_input(stream);
	} else if ((events & UV_READABLE) && !stream->write_waits_for_read) {
		stream_rewatch(stream, 0);	/* paused in earnest now */
	}
	if ((events & UV_WRITABLE) && !stream->closing)
		stream_rewatch(stream, UV_READABLE);
}

/* --- life --------------------------------------------------------------- */

/* These do nothing on a Unix socket, and nothing is lost if they fail. */
static void tune_socket(int fd)
{
	int on = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
}

int stream_init(struct stream *stream, uv_loop_t *loop, int fd,
		const struct stream_handlers *handlers, struct buffer *shared)
{
	int result;

	*stream = (struct stream){
		.magic = STREAM_MAGIC,
		.handlers = handlers,
		.shared = shared,
		.fd = fd,
		.tls_error = "",
	};
	buffer_reserve(shared, STREAM_READ_BYTES);
	result = uv_poll_init(loop, &stream->poll, fd);
	if (result < 0)
		return result;
	stream->poll.data = stream;
	tune_socket(fd);
	return 0;
}

static int start_handshake(struct stream *stream, SSL *ssl, struct slice first)
{
	int result;

	if (!stream->waiting)
		stream_flush(stream);
	if (stream_queued(stream))
		return UV_EBUSY;
	result = stream_tls_attach(stream, ssl, first, false);
	if (result < 0)
		return result;
	stream->handshaking = true;
	stream_rewatch(stream, 0);
	return 0;
}

int stream_accept_tls_after(struct stream *stream, SSL_CTX *context,
			    struct slice first)
{
	SSL *ssl = SSL_new(context);
	int result;

	if (!ssl)
		return UV_ENOMEM;
	SSL_set_accept_state(ssl);
	result = start_handshake(stream, ssl, first);
	if (result < 0)
		SSL_free(ssl);
	else if (first.length)
		nudge(stream);
	return result;
}

int stream_accept_tls(struct stream *stream, SSL_CTX *context)
{
	return stream_accept_tls_after(stream, context, slice_make(NULL, 0));
}

int stream_connect_tls(struct stream *stream, SSL *ssl)
{
	int result;

	SSL_set_connect_state(ssl);
	result = start_handshake(stream, ssl, slice_make(NULL, 0));
	if (result == 0)
		nudge(stream);	/* the client speaks first */
	return result;
}

int stream_adopt_tls(struct stream *stream, SSL *ssl)
{
	return stream_tls_attach(stream, ssl, slice_make(NULL, 0), true);
}

static void on_poll_closed(uv_handle_t *handle)
{
	struct stream *stream = of_handle((uv_poll_t *)handle);

	stream->magic = 0;
	stream->handlers->on_closed(stream);
}

/* Closing a TCP socket that holds unread input resets the connection, and the
 * far end may lose our last words (an error message). So it is thrown away
 * first, without being copied. */
static void discard_input(int fd)
{
	recv(fd, NULL, 1 << 20, MSG_TRUNC | MSG_DONTWAIT);
}

void stream_close(struct stream *stream, bool keep_fd)
{
	if (stream->closing)
		return;
	assert(stream->magic == STREAM_MAGIC);
	stream->corked = false;
	if (!stream->handshaking && !stream->failure)
		stream_flush(stream);
	stream_tls_detach(stream, !stream->handshaking && !stream->failure &&
				  !stream_queued(stream));
	stream_drop_queue(stream);
	stream->closing = true;
	stream->reading = false;
	drop_nudge(stream);
	uv_close((uv_handle_t *)&stream->poll, on_poll_closed);
	if (!keep_fd) {
		discard_input(stream->fd);
		close(stream->fd);
	}
}
