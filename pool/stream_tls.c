#include "pool/stream_inner.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <openssl/err.h>

/* Largest plaintext of one TLS record. */
#define RECORD_BYTES 16384

/* --- the BIO ------------------------------------------------------------ */

struct wire {
	int fd;
	struct buffer first;	/* read already, to be given out first */
	size_t first_given;
};

static int wire_read(BIO *bio, char *to, size_t size, size_t *ret_got)
{
	struct wire *wire = BIO_get_data(bio);
	size_t left = wire->first.length - wire->first_given;
	ssize_t got;

	BIO_clear_retry_flags(bio);
	if (left) {
		*ret_got = left < size ? left : size;
		memcpy(to, wire->first.bytes + wire->first_given, *ret_got);
		wire->first_given += *ret_got;
		if (*ret_got == left) {
			buffer_fini(&wire->first);
			wire->first_given = 0;
		}
		return 1;
	}
	do
		got = recv(wire->fd, to, size, 0);
	while (got < 0 && errno == EINTR);
	if (got > 0) {
		*ret_got = (size_t)got;
		return 1;
	}
	if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		BIO_set_retry_read(bio);
	if (got == 0)
		BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
	return 0;
}

static int wire_write(BIO *bio, const char *from, size_t size,
		      size_t *ret_sent)
{
	struct wire *wire = BIO_get_data(bio);
	ssize_t sent;

	BIO_clear_retry_flags(bio);
	do
		sent = send(wire->fd, from, size, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	if (sent >= 0) {
		*ret_sent = (size_t)sent;
		return 1;
	}
	if (errno == EAGAIN || errno == EWOULDBLOCK)
		BIO_set_retry_write(bio);
	return 0;
}

static long wire_control(BIO *bio, int command, long number, void *pointer)
{
	switch (command) {
	case BIO_CTRL_EOF:
		return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0;
	case BIO_CTRL_FLUSH:
	case BIO_CTRL_DUP:
		return 1;
	default:
		return 0;
	}
}

static int wire_destroy(BIO *bio)
{
	struct wire *wire = BIO_get_data(bio);

	if (wire)
		buffer_fini(&wire->first);
	free(wire);
	BIO_set_data(bio, NULL);
	return 1;
}

/* OpenSSL wants a method object on the heap. It is a constant, made once and
 * kept for the life of the process. */
static BIO_METHOD *wire_method;

static void make_wire_method(void)
{
	wire_method = BIO_meth_new(BIO_get_new_index() |
				   BIO_TYPE_SOURCE_SINK, "weir socket");
	if (!wire_method ||
	    !BIO_meth_set_read_ex(wire_method, wire_read) ||
	    !BIO_meth_set_write_ex(wire_method, wire_write) ||
	    !BIO_meth_set_ctrl(wire_method, wire_control) ||
	    !BIO_meth_set_destroy(wire_method, wire_destroy))
		abort();
}

static BIO *new_wire(int fd, struct slice first)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct wire *wire;
	BIO *bio;

	pthread_once(&once, make_wire_method);
	bio = BIO_new(wire_method);
	if (!bio)
		return NULL;
	wire = must_alloc(sizeof(*wire));
	wire->fd = fd;
	buffer_put_slice(&wire->first, first);
	BIO_set_data(bio, wire);
	BIO_set_init(bio, 1);
	return bio;
}

/* --- errors ------------------------------------------------------------- */

static int note_error(struct stream *stream, int system_error)
{
	unsigned long code = ERR_peek_last_error();
	const char *reason = code ? ERR_reason_error_string(code) : NULL;

	ERR_clear_error();
	if (reason)
		stream->tls_error = reason;
	else if (system_error)
		stream->tls_error = uv_strerror(uv_translate_sys_error(
			system_error));
	return system_error ? uv_translate_sys_error(system_error) : UV_EPROTO;
}

/* What a failed SSL call means. `system_error` is errno from right after it;
 * 0 together with SSL_ERROR_SYSCALL is an end of file without a goodbye. */
static int translate(struct stream *stream, int result, int system_error,
		     bool *ret_wants_read, bool *ret_wants_write)
{
	switch (SSL_get_error(stream->ssl, result)) {
	case SSL_ERROR_WANT_READ:
		*ret_wants_read = true;
		return UV_EAGAIN;
	case SSL_ERROR_WANT_WRITE:
		*ret_wants_write = true;
		return UV_EAGAIN;
	case SSL_ERROR_ZERO_RETURN:
		return UV_EOF;
	case SSL_ERROR_SYSCALL:
		if (system_error)
			return note_error(stream, system_error);
		ERR_clear_error();
		return UV_EOF;
	default:
		if (BIO_eof(SSL_get_rbio(stream->ssl))) {
			note_error(stream, 0);
			return UV_EOF;
		}
		return note_error(stream, 0);
	}
}

/* --- what stream.c asks ------------------------------------------------- */

int stream_tls_attach(struct stream *stream, SSL *ssl, struct slice first,
		      bool borrowed)
{
	BIO *bio = new_wire(stream->fd, first);

	if (!bio)
		return UV_ENOMEM;
	/* Takes the one reference for both directions, and lets go of the
	 * BIO that was there. */
	SSL_set_bio(ssl, bio, bio);
	SSL_set_mode(ssl, SSL_MODE_RELEASE_BUFFERS |
			  SSL_MODE_ENABLE_PARTIAL_WRITE |
			  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	/* Fewer reads: header and body of a record in one. Whatever is read
	 * ahead is asked for with SSL_has_pending(). */
	SSL_set_read_ahead(ssl, 1);
	stream->ssl = ssl;
	stream->ssl_borrowed = borrowed;
	return 0;
}

int stream_tls_handshake(struct stream *stream)
{
	bool wants_read = false, wants_write = false;
	int result;

	ERR_clear_error();
	errno = 0;
	result = SSL_do_handshake(stream->ssl);
	if (result == 1) {
		stream->read_waits_for_write = false;
		return 0;
	}
	result = translate(stream, result, errno, &wants_read, &wants_write);
	stream->read_waits_for_write = wants_write;
	if (result == UV_EOF && stream->tls_error[0] == 0)
		stream->tls_error = "the peer closed during the handshake";
	return result;
}

ssize_t stream_tls_read(struct stream *stream, bool *ret_more)
{
	bool wants_read = false, wants_write = false;
	size_t filled = 0, got;
	int result;

	*ret_more = false;
	stream->read_waits_for_write = false;
	for (;;) {
		ERR_clear_error();
		errno = 0;
		result = SSL_read_ex(stream->ssl,
				     stream->shared->bytes + filled,
				     STREAM_READ_BYTES - filled, &got);
		if (result != 1)
			break;
		filled += got;
		*ret_more = SSL_has_pending(stream->ssl);
		/* A full record is mostly followed by another one. */
		if (STREAM_READ_BYTES - filled < RECORD_BYTES ||
		    (!*ret_more && got < RECORD_BYTES))
			return (ssize_t)filled;
	}
	result = translate(stream, result, errno, &wants_read, &wants_write);
	stream->read_waits_for_write = wants_write;
	if (!filled)
		return result;
	/* What was read comes first; an end is told when asked again. */
	*ret_more = result != UV_EAGAIN;
	return (ssize_t)filled;
}

ssize_t stream_tls_write(struct stream *stream, struct slice bytes)
{
	bool wants_read = false, wants_write = false;
	size_t sent;
	int result;

	ERR_clear_error();
	errno = 0;
	stream->write_waits_for_read = false;
	result = SSL_write_ex(stream->ssl, bytes.at, bytes.length, &sent);
	if (result == 1)
		return (ssize_t)sent;
	result = translate(stream, result, errno, &wants_read, &wants_write);
	stream->write_waits_for_read = wants_read;
	return result == UV_EOF ? UV_EPIPE : result;
}

bool stream_tls_pending(const struct stream *stream)
{
	return stream->ssl && !stream->handshaking &&
	       SSL_has_pending(stream->ssl);
}

void stream_tls_detach(struct stream *stream, bool goodbye)
{
	if (!stream->ssl)
		return;
	ERR_clear_error();
	if (!stream->ssl_borrowed) {
		if (goodbye)
			SSL_shutdown(stream->ssl);
		SSL_free(stream->ssl);
	}
	ERR_clear_error();
	stream->ssl = NULL;
}
