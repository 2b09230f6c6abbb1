/*
 * The writing half of a stream: at once as far as the kernel goes, from where
 * the bytes lie; only the rest is copied.
 */
#include "pool/stream_inner.h"

#include <assert.h>
#include <errno.h>
#include <sys/socket.h>

#define PIECES_PER_SEND 64

/* While corked, what is at least this large is not copied but sent. */
#define SEND_AT_ONCE_BYTES 8192

/* A queue no larger than this is kept when it is empty. */
#define QUEUE_KEPT_BYTES 512

void stream_drop_queue(struct stream *stream)
{
	buffer_fini(&stream->queue);
	stream->queue_sent = 0;
	stream->waiting = false;
}

static void forget_sent(struct stream *stream)
{
	struct buffer *queue = &stream->queue;

	if (stream->queue_sent == queue->length) {
		stream->queue_sent = 0;
		if (queue->capacity > QUEUE_KEPT_BYTES)
			buffer_fini(queue);
		else
			buffer_clear(queue);
	} else if (stream->queue_sent > queue->length / 2) {
		buffer_consume(queue, stream->queue_sent);
		stream->queue_sent = 0;
	}
}

/* The socket takes no more: the rest goes when it can. */
static void wait_for_socket(struct stream *stream)
{
	stream->waiting = true;
	stream_rewatch(stream, UV_READABLE);
}

static void enqueue(struct stream *stream, struct slice piece)
{
	/* Exactly what is needed at first: most queues live for one exchange. */
	if (!stream->queue.capacity && piece.length > 64) {
		stream->queue.bytes = must_realloc(NULL, piece.length);
		stream->queue.capacity = piece.length;
	}
	buffer_put_slice(&stream->queue, piece);
}

/* One send; returns what was taken, or an error. */
static ssize_t send_plain(struct stream *stream, struct iovec *pieces,
			  size_t count)
{
	struct msghdr message = { .msg_iov = pieces, .msg_iovlen = count };
	ssize_t sent;

	do {
		if (count == 1)
			sent = send(stream->fd, pieces->iov_base,
				    pieces->iov_len, MSG_NOSIGNAL);
		else
			sent = sendmsg(stream->fd, &message, MSG_NOSIGNAL);
	} while (sent < 0 && errno == EINTR);
	if (sent >= 0)
		return sent;
	return errno == EWOULDBLOCK ? UV_EAGAIN :
	       uv_translate_sys_error(errno);
}

void stream_flush(struct stream *stream)
{
	while (stream_queued(stream) && !stream->failure) {
		struct slice bytes = slice_make(
			stream->queue.bytes + stream->queue_sent,
			stream_queued(stream));
		struct iovec piece = { stream->queue.bytes +
				       stream->queue_sent, bytes.length };
		ssize_t sent = stream->ssl ?
			       stream_tls_write(stream, bytes) :
			       send_plain(stream, &piece, 1);

		if (sent == UV_EAGAIN) {
			forget_sent(stream);
			wait_for_socket(stream);
			return;
		}
		if (sent < 0) {
			stream_fail(stream, (int)sent);
			return;
		}
		stream->queue_sent += (size_t)sent;
	}
	forget_sent(stream);
}

/* Queues what is left of the pieces after `skip` bytes of them. */
static void enqueue_rest(struct stream *stream, const struct slice *pieces,
			 unsigned count, size_t skip)
{
	for (unsigned i = 0; i < count; i++) {
		struct slice piece = pieces[i];
		size_t gone = skip < piece.length ? skip : piece.length;

		skip -= gone;
		piece.at += gone;
		piece.length -= gone;
		if (piece.length)
			enqueue(stream, piece);
	}
}

static unsigned make_vector(const struct stream *stream,
			    const struct slice *pieces, unsigned count,
			    struct iovec *vector)
{
	unsigned used = 0;

	if (stream_queued(stream))
		vector[used++] = (struct iovec){
			stream->queue.bytes + stream->queue_sent,
			stream_queued(stream) };
	for (unsigned i = 0; i < count && used < PIECES_PER_SEND; i++)
		if (pieces[i].length)
			vector[used++] = (struct iovec){
				(void *)(uintptr_t)pieces[i].at,
				pieces[i].length };
	return used;
}

/* The queue and the pieces in one send, without copying what is taken. */
static void send_gathered(struct stream *stream, const struct slice *pieces,
			  unsigned count)
{
	struct iovec vector[PIECES_PER_SEND];
	size_t queued = stream_queued(stream), offered = 0, taken;
	unsigned used = make_vector(stream, pieces, count, vector);
	ssize_t sent;

	for (unsigned i = 0; i < used; i++)
		offered += vector[i].iov_len;
	if (!offered)
		return;
	sent = send_plain(stream, vector, used);
	if (sent < 0 && sent != UV_EAGAIN) {
		stream_fail(stream, (int)sent);
		return;
	}
	taken = sent > 0 ? (size_t)sent : 0;
	stream->queue_sent += taken < queued ? taken : queued;
	forget_sent(stream);
	enqueue_rest(stream, pieces, count, taken < queued ? 0 :
					    taken - queued);
	if (taken < offered)
		wait_for_socket(stream);
	else
		stream_flush(stream);	/* pieces beyond one send, if any */
}

/* A large piece is encrypted from where it lies; small ones are gathered so
 * that they become one record. */
static void send_secured(struct stream *stream, const struct slice *pieces,
			 unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		struct slice piece = pieces[i];

		if (piece.length >= SEND_AT_ONCE_BYTES && !stream->waiting)
			stream_flush(stream);
		while (piece.length >= SEND_AT_ONCE_BYTES &&
		       !stream_queued(stream) && !stream->failure) {
			ssize_t sent = stream_tls_write(stream, piece);

			if (sent < 0 && sent != UV_EAGAIN) {
				stream_fail(stream, (int)sent);
				return;
			}
			if (sent < 0) {
				enqueue(stream, piece);
				wait_for_socket(stream);
				piece.length = 0;
				break;
			}
			piece.at += sent;
			piece.length -= (size_t)sent;
		}
		if (stream->failure)
			return;
		if (piece.length)
			enqueue(stream, piece);
	}
	if (!stream->waiting && !stream->corked)
		stream_flush(stream);
}

static size_t total_length(const struct slice *pieces, unsigned count)
{
	size_t total = 0;

	for (unsigned i = 0; i < count; i++)
		total += pieces[i].length;
	return total;
}

size_t stream_write(struct stream *stream, const struct slice *pieces,
		    unsigned count)
{
	assert(stream->magic == STREAM_MAGIC);
	if (stream->failure || stream->closing)
		return 0;
	if (stream->waiting || stream->handshaking ||
	    (stream->corked &&
	     total_length(pieces, count) < SEND_AT_ONCE_BYTES))
		enqueue_rest(stream, pieces, count, 0);
	else if (stream->ssl)
		send_secured(stream, pieces, count);
	else
		send_gathered(stream, pieces, count);
	return stream_queued(stream);
}

void stream_cork(struct stream *stream)
{
	stream->corked = true;
}

size_t stream_uncork(struct stream *stream)
{
	stream->corked = false;
	if (!stream->waiting && !stream->handshaking && !stream->closing)
		stream_flush(stream);
	return stream_queued(stream);
}
