/*
 * Bytes in and out of one connected socket, plain or TLS: the lowest thing
 * that waits. Sessions and servers embed one; all calls are on the worker's
 * loop thread.
 *
 * A stream is a descriptor, a uv_poll_t and, once secured, an SSL on that
 * same descriptor (no memory BIOs). Reads go into one large buffer that the
 * whole worker shares, so an idle stream owns no memory; what on_read is
 * given is valid until it returns. Writes go to the kernel at once; only what
 * it does not take is copied and queued, and sent when the socket can.
 * Small writes of one exchange are gathered: `stream_cork` holds them back
 * until `stream_uncork`, so that they are one send and one TLS record; a large
 * one goes out at once, with what was held back in front of it.
 *
 * A stream never calls back from inside a call made to it. Errors of writing
 * surface through on_end. After stream_close() only on_closed comes, from the
 * loop; the memory may go then.
 */
#ifndef WEIR_POOL_STREAM_H
#define WEIR_POOL_STREAM_H

#include <openssl/ssl.h>
#include <uv.h>

#include "protocol/bytes.h"

#define STREAM_READ_BYTES 65536

struct stream;

struct stream_handlers {
	/* Bytes arrived; borrowed until the return. The handler takes all of
	 * them (it keeps what it cannot use yet). It may call any function
	 * here, stream_close() included. */
	void (*on_read)(struct stream *, struct slice bytes);
	/* The TLS handshake is over. */
	void (*on_secured)(struct stream *);
	/* All queued output has left, after a time when some had to wait. */
	void (*on_drained)(struct stream *);
	/* No more will come: UV_EOF, or an error number. Called once. */
	void (*on_end)(struct stream *, int error);
	/* Closed; the memory may be freed. */
	void (*on_closed)(struct stream *);
};

struct stream {
	uint32_t magic;
	const struct stream_handlers *handlers;
	struct buffer *shared;	/* the worker's read buffer, borrowed;
				   STREAM_READ_BYTES large */
	uv_poll_t poll;
	int fd;
	int events;		/* what the poll handle watches now */
	SSL *ssl;		/* NULL: plain */
	bool ssl_borrowed;	/* libpq's: not freed here */
	bool handshaking;
	bool reading;		/* wanted by the owner */
	bool read_waits_for_write;	/* TLS wants the other direction */
	bool write_waits_for_read;
	bool corked;
	bool waiting;		/* output waits for the socket */
	bool ended;
	bool closing;
	int failure;		/* a write error to be told from the loop */
	struct buffer queue;	/* output the kernel did not take yet */
	size_t queue_sent;	/* of the queue, already sent */
	struct stream_nudge *nudge;	/* a turn of the loop was asked for */
	const char *tls_error;	/* why TLS failed, for the log; never NULL */
};

/* Takes over a connected, non-blocking descriptor; reading is off until
 * stream_resume(). 0 or a negative uv error (the descriptor stays the
 * caller's then). */
int stream_init(struct stream *, uv_loop_t *, int fd,
		const struct stream_handlers *, struct buffer *shared);

/* Starts a TLS handshake as the server of it. on_secured or on_end follows.
 * UV_EBUSY: plain output is still queued. `first` are bytes of the handshake
 * that were read already, of a client that starts TLS without asking; they
 * are copied. */
int stream_accept_tls(struct stream *, SSL_CTX *);
int stream_accept_tls_after(struct stream *, SSL_CTX *, struct slice first);

/* The same as the client of it, with an SSL that the caller made and set up;
 * the stream owns it if the answer is 0. */
int stream_connect_tls(struct stream *, SSL *);

/* Goes on with a TLS connection that libpq made on this descriptor. The SSL
 * stays libpq's; its BIO is replaced by one that reports failed writes. */
int stream_adopt_tls(struct stream *, SSL *);

/* Reading on and off. Pausing costs nothing until bytes arrive. Bytes that
 * TLS has decrypted already are delivered after a resume. A paused stream
 * does not see that the far end has gone, unless a write shows it. */
void stream_pause(struct stream *);
void stream_resume(struct stream *);

/* Sends the pieces in order, now as far as the kernel takes them. Returns
 * the bytes still queued afterwards: a caller that sees more than it likes
 * stops feeding until on_drained. */
size_t stream_write(struct stream *, const struct slice *pieces,
		    unsigned count);
void stream_cork(struct stream *);
size_t stream_uncork(struct stream *);

static inline size_t stream_queued(const struct stream *stream)
{
	return stream->queue.length - stream->queue_sent;
}

/* Flushes what can be sent at once, closes (TLS: with close_notify), and
 * calls on_closed from the loop. `keep_fd`: the descriptor is libpq's. */
void stream_close(struct stream *, bool keep_fd);

#endif
