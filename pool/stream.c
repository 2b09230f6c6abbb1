#include "pool/stream.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <openssl/err.h>

#define STREAM_MAGIC 0x73747265u
#define READS_PER_TURN 4	/* then others have their turn */
#define RECORD_BYTES 16384	/* what one TLS record carries */
#define IOV_PIECES 64

static void on_poll(uv_poll_t *poll, int status, int events);

/* --- what the loop watches ---------------------------------------------- */

/* Tells the loop what to watch, if that has changed: each change costs a
 * system call, so reading stays on while a paused stream is quiet. */
static void watch(struct stream *stream)
{
	int wanted = 0;

	if (stream->closing || stream->ended)
		return;
	if (stream->reading || stream->handshaking ||
	    (stream->events & UV_READABLE))
		wanted |= UV_READABLE;
	if (stream_queued(stream) || stream->failure || stream->again)
		wanted |= UV_WRITABLE;
	if (wanted == stream->events)
		return;
	stream->events = wanted;
	if (wanted)
		uv_poll_start(&stream->poll, wanted, on_poll);
	else
		uv_poll_stop(&stream->poll);
}

int stream_init(struct stream *stream, uv_loop_t *loop, int fd,
		const struct stream_handlers *handlers, struct buffer *shared)
{
	int status;

	*stream = (struct stream){
		.magic = STREAM_MAGIC,
		.handlers = handlers,
		.shared = shared,
		.fd = fd,
	};
	assert(shared->capacity >= STREAM_READ_BYTES);
	status = uv_poll_init(loop, &stream->poll, fd);
	stream->poll.data = stream;
	return status;
}

static void end(struct stream *stream, int error)
{
	if (stream->ended || stream->closing)
		return;
	stream->ended = true;
	stream->events = 0;
	uv_poll_stop(&stream->poll);
	stream->handlers->on_end(stream, error);
}

/* --- TLS ---------------------------------------------------------------- */

static void note_tls_error(struct stream *stream)
{
	unsigned long code = ERR_get_error();
	const char *reason = code ? ERR_reason_error_string(code) : NULL;

	snprintf(stream->tls_error, sizeof(stream->tls_error), "%s",
		 reason ? reason : "connection closed");
	ERR_clear_error();
}

static void set_tls_modes(SSL *ssl)
{
	SSL_set_mode(ssl, SSL_MODE_RELEASE_BUFFERS |
			  SSL_MODE_ENABLE_PARTIAL_WRITE |
			  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
}

int stream_accept_tls(struct stream *stream, SSL_CTX *context)
{
	stream->ssl = SSL_new(context);
	if (!stream->ssl || SSL_set_fd(stream->ssl, stream->fd) != 1)
		return UV_ENOMEM;
	set_tls_modes(stream->ssl);
	SSL_set_accept_state(stream->ssl);
	stream->handshaking = true;
	watch(stream);
	return 0;
}

int stream_adopt_tls(struct stream *stream, SSL *ssl)
{
	if (SSL_set_fd(ssl, stream->fd) != 1)
		return UV_ENOMEM;
	set_tls_modes(ssl);
	stream->ssl = ssl;
	stream->ssl_borrowed = true;
	return 0;
}

static void go_on_with_handshake(struct stream *stream)
{
	int status;

	ERR_clear_error();
	stream->again = false;
	status = SSL_do_handshake(stream->ssl);
	if (status == 1) {
		stream->handshaking = false;
		stream->handlers->on_secured(stream);
		/* The client's first bytes may have come with the last of
		 * the handshake. */
		if (!stream->closing && SSL_has_pending(stream->ssl))
			stream->again = true;
		return;
	}
	switch (SSL_get_error(stream->ssl, status)) {
	case SSL_ERROR_WANT_READ:
		return;
	case SSL_ERROR_WANT_WRITE:
		stream->again = true;
		return;
	default:
		note_tls_error(stream);
		end(stream, UV_EPROTO);
	}
}

/* --- reading ------------------------------------------------------------ */

/* Bytes read, 0 for "none now", or a negative uv error (UV_EOF). */
static ssize_t read_plain(struct stream *stream, uint8_t *at, size_t size)
{
	ssize_t count;

	do
		count = recv(stream->fd, at, size, 0);
	while (count < 0 && errno == EINTR);
	if (count == 0)
		return UV_EOF;
	if (count > 0)
		return count;
	return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -errno;
}

static ssize_t read_tls_once(struct stream *stream, uint8_t *at, size_t size)
{
	size_t count;
	int status;

	ERR_clear_error();
	errno = 0;
	status = SSL_read_ex(stream->ssl, at, size, &count);
	if (status == 1)
		return (ssize_t)count;
	switch (SSL_get_error(stream->ssl, status)) {
	case SSL_ERROR_WANT_READ:
		return 0;
	case SSL_ERROR_WANT_WRITE:
		stream->again = true;
		return 0;
	case SSL_ERROR_ZERO_RETURN:
		return UV_EOF;
	case SSL_ERROR_SYSCALL:
		return errno ? -errno : UV_EOF;
	default:
		/* Many clients leave without a close_notify. */
		note_tls_error(stream);
		return strstr(stream->tls_error, "unexpected eof") ? UV_EOF :
								     UV_EPROTO;
	}
}

/* Several records at once, so that one exchange is one delivery. */
static ssize_t read_tls(struct stream *stream, uint8_t *at, size_t size)
{
	size_t all = 0;

	for (;;) {
		ssize_t count = read_tls_once(stream, at + all, size - all);

		if (count <= 0)
			return all ? (ssize_t)all : count;
		all += (size_t)count;
		if (size - all < RECORD_BYTES || !SSL_has_pending(stream->ssl))
			return (ssize_t)all;
	}
}

static void deliver(struct stream *stream)
{
	uint8_t *at = stream->shared->bytes;
	ssize_t count;

	stream->again = false;
	for (int i = 0; i < READS_PER_TURN; i++) {
		count = stream->ssl ?
			read_tls(stream, at, STREAM_READ_BYTES) :
			read_plain(stream, at, STREAM_READ_BYTES);
		if (count < 0) {
			end(stream, (int)count);
			return;
		}
		if (count == 0)
			return;
		stream->handlers->on_read(stream,
					  slice_make(at, (size_t)count));
		if (stream->closing || stream->ended || !stream->reading)
			break;
		if (stream->ssl ? !SSL_has_pending(stream->ssl) :
				  count < STREAM_READ_BYTES)
			return;
	}
	/* Bytes that TLS holds already do not wake the loop. */
	if (!stream->closing && !stream->ended && stream->ssl &&
	    SSL_has_pending(stream->ssl))
		stream->again = stream->reading;
}

void stream_pause(struct stream *stream)
{
	stream->reading = false;
}

void stream_resume(struct stream *stream)
{
	stream->reading = true;
	if (stream->ssl && !stream->handshaking &&
	    SSL_has_pending(stream->ssl))
		stream->again = true;
	watch(stream);
}

/* --- writing ------------------------------------------------------------ */

static void fail_later(struct stream *stream, int error)
{
	if (!stream->failure)
		stream->failure = error;
}

/* Bytes the kernel took; 0 if none now. */
static size_t write_plain(struct stream *stream, const struct slice *pieces,
			  unsigned count)
{
	struct iovec iov[IOV_PIECES];
	struct msghdr message = { .msg_iov = iov };
	ssize_t sent;

	if (count > IOV_PIECES)
		count = IOV_PIECES;
	for (unsigned i = 0; i < count; i++) {
		iov[i].iov_base = (void *)(uintptr_t)pieces[i].at;
		iov[i].iov_len = pieces[i].length;
	}
	message.msg_iovlen = count;
	do
		sent = count == 1 ?
		       send(stream->fd, pieces[0].at, pieces[0].length,
			    MSG_NOSIGNAL) :
		       sendmsg(stream->fd, &message, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	if (sent >= 0)
		return (size_t)sent;
	if (errno != EAGAIN && errno != EWOULDBLOCK)
		fail_later(stream, -errno);
	return 0;
}

/* One record's worth; bytes that TLS took. */
static size_t write_tls(struct stream *stream, struct slice bytes)
{
	size_t count;
	int status;

	if (bytes.length > RECORD_BYTES)
		bytes.length = RECORD_BYTES;
	ERR_clear_error();
	errno = 0;
	status = SSL_write_ex(stream->ssl, bytes.at, bytes.length, &count);
	if (status == 1)
		return count;
	switch (SSL_get_error(stream->ssl, status)) {
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		break;
	default:
		note_tls_error(stream);
		fail_later(stream, errno ? -errno : UV_EPIPE);
	}
	return 0;
}

static void queue_from(struct stream *stream, const struct slice *pieces,
		       unsigned count, size_t skip)
{
	for (unsigned i = 0; i < count; i++) {
		size_t skipped = skip < pieces[i].length ? skip :
							   pieces[i].length;

		buffer_put(&stream->queue, pieces[i].at + skipped,
			   pieces[i].length - skipped);
		skip -= skipped;
	}
}

/* Sends from the queue what goes; an empty queue gives its memory back. */
static void flush(struct stream *stream)
{
	while (stream_queued(stream) && !stream->failure) {
		struct slice rest = {
			stream->queue.bytes + stream->queue_sent,
			stream_queued(stream),
		};
		size_t sent = stream->ssl ? write_tls(stream, rest) :
					    write_plain(stream, &rest, 1);

		if (!sent)
			return;
		stream->queue_sent += sent;
	}
	if (!stream_queued(stream)) {
		buffer_fini(&stream->queue);
		stream->queue_sent = 0;
	}
}

static void write_now_tls(struct stream *stream, const struct slice *pieces,
			  unsigned count)
{
	if (count == 1 && pieces[0].length <= RECORD_BYTES) {
		size_t sent = write_tls(stream, pieces[0]);

		queue_from(stream, pieces, 1, sent);
		return;
	}
	/* Small pieces share a record: they are copied together anyway by
	 * the encryption. */
	queue_from(stream, pieces, count, 0);
	flush(stream);
}

static void write_now_plain(struct stream *stream, const struct slice *pieces,
			    unsigned count)
{
	size_t all = 0, sent = write_plain(stream, pieces, count);

	for (unsigned i = 0; i < count; i++)
		all += pieces[i].length;
	if (sent < all)
		queue_from(stream, pieces, count, sent);
}

size_t stream_write(struct stream *stream, const struct slice *pieces,
		    unsigned count)
{
	assert(stream->magic == STREAM_MAGIC);
	if (stream->closing || stream->ended || stream->failure)
		return 0;
	if (stream_queued(stream))
		queue_from(stream, pieces, count, 0);
	else if (stream->ssl)
		write_now_tls(stream, pieces, count);
	else
		write_now_plain(stream, pieces, count);
	watch(stream);
	return stream_queued(stream);
}

/* --- the loop's call ---------------------------------------------------- */

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct stream *stream = poll->data;
	bool waited = stream_queued(stream);

	assert(stream->magic == STREAM_MAGIC);
	/* libuv tells of an error condition as UV_EBADF: a read finds the
	 * true reason. */
	if (status < 0)
		events = UV_READABLE;
	if (stream->handshaking) {
		go_on_with_handshake(stream);
		watch(stream);
		return;
	}
	if (events & UV_WRITABLE)
		flush(stream);
	if (stream->failure) {
		end(stream, stream->failure);
		return;
	}
	if (waited && !stream_queued(stream))
		stream->handlers->on_drained(stream);
	if (stream->closing || stream->ended)
		return;
	if (stream->reading && ((events & UV_READABLE) || stream->again))
		deliver(stream);
	else if ((events & UV_READABLE) && !stream->reading) {
		/* Paused, and bytes have come: now it must be said. */
		stream->events = 0;
		uv_poll_stop(poll);
	}
	if (!stream->reading)
		stream->again = false;
	watch(stream);
}

/* --- closing ------------------------------------------------------------ */

static void on_poll_closed(uv_handle_t *handle)
{
	struct stream *stream = handle->data;

	if (stream->ssl && !stream->ssl_borrowed)
		SSL_free(stream->ssl);
	if (!stream->keep_fd)
		close(stream->fd);
	buffer_fini(&stream->queue);
	stream->magic = 0;
	stream->handlers->on_closed(stream);
}

void stream_close(struct stream *stream, bool keep_fd)
{
	if (stream->closing)
		return;
	if (!stream->failure && !stream->ended)
		flush(stream);
	if (stream->ssl && !stream->handshaking && !stream->failure) {
		ERR_clear_error();
		SSL_shutdown(stream->ssl);
	}
	stream->closing = true;
	stream->keep_fd = keep_fd;
	uv_poll_stop(&stream->poll);
	uv_close((uv_handle_t *)&stream->poll, on_poll_closed);
}
