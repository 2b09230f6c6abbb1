#include "pool/postgres/cancel.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/x509v3.h>

#include "pool/stream.h"
#include "protocol/message_write.h"

#define CANCEL_TIMEOUT_MS 5000

enum cancel_state {
	CANCEL_ASKING,		/* for TLS */
	CANCEL_SECURING,
	CANCEL_SENT,
	CANCEL_ENDED,
};

struct pg_cancel {
	enum cancel_state state;
	struct stream stream;
	uv_timer_t timer;
	unsigned open_handles;
	pg_on_cancel on_cancel;	/* NULL: forgotten, or told */
	void *context;
	struct buffer request;	/* the CancelRequest */

	/* how the server's own connection was secured */
	SSL_CTX *tls;		/* NULL: it was not */
	X509 *certificate;
	char *host;
	bool must_verify;
};

static struct pg_cancel *of_stream(struct stream *stream)
{
	return (struct pg_cancel *)(void *)((char *)stream -
		offsetof(struct pg_cancel, stream));
}

static void let_go(struct pg_cancel *cancel)
{
	if (--cancel->open_handles)
		return;
	SSL_CTX_free(cancel->tls);
	X509_free(cancel->certificate);
	free(cancel->host);
	buffer_wipe(&cancel->request);
	free(cancel);
}

static void on_closed(struct stream *stream)
{
	let_go(of_stream(stream));
}

static void on_timer_closed(uv_handle_t *handle)
{
	let_go(handle->data);
}

static void end(struct pg_cancel *cancel, enum cancel_outcome outcome)
{
	pg_on_cancel on_cancel = cancel->on_cancel;

	if (cancel->state == CANCEL_ENDED)
		return;
	cancel->state = CANCEL_ENDED;
	cancel->on_cancel = NULL;
	stream_close(&cancel->stream, false);
	uv_close((uv_handle_t *)&cancel->timer, on_timer_closed);
	if (on_cancel)
		on_cancel(cancel->context, outcome);
}

static void send_request(struct pg_cancel *cancel)
{
	struct slice piece = buffer_slice(&cancel->request);

	cancel->state = CANCEL_SENT;
	stream_write(&cancel->stream, &piece, 1);
}

static void start_tls(struct pg_cancel *cancel)
{
	SSL *ssl = SSL_new(cancel->tls);

	cancel->state = CANCEL_SECURING;
	if (ssl) {
		/* libpq's callback would look at its own connection. */
		SSL_set_cert_cb(ssl, NULL, NULL);
		/* Judged in is_trusted(), where more is known. */
		SSL_set_verify(ssl, SSL_VERIFY_NONE, NULL);
		if (cancel->host)
			SSL_set_tlsext_host_name(ssl, cancel->host);
		if (stream_connect_tls(&cancel->stream, ssl) == 0)
			return;
		SSL_free(ssl);
	}
	end(cancel, CANCEL_NOT_SENT);
}

/* The key must reach nobody but the server: it shows the certificate that it
 * showed before, or (it may have been renewed) one that is as good. */
static bool is_trusted(const struct pg_cancel *cancel)
{
	X509 *shown = SSL_get0_peer_certificate(cancel->stream.ssl);

	if (!cancel->must_verify)
		return true;
	if (!shown)
		return false;
	if (cancel->certificate && X509_cmp(shown, cancel->certificate) == 0)
		return true;
	return SSL_get_verify_result(cancel->stream.ssl) == X509_V_OK &&
	       cancel->host &&
	       X509_check_host(shown, cancel->host, 0, 0, NULL) == 1;
}

static void on_secured(struct stream *stream)
{
	struct pg_cancel *cancel = of_stream(stream);

	if (is_trusted(cancel))
		send_request(cancel);
	else
		end(cancel, CANCEL_NOT_SENT);
}

static void on_read(struct stream *stream, struct slice bytes)
{
	struct pg_cancel *cancel = of_stream(stream);

	/* One byte, and nothing may be behind it. */
	if (cancel->state == CANCEL_ASKING && slice_is(bytes, "S"))
		start_tls(cancel);
	else if (cancel->state == CANCEL_ASKING)
		end(cancel, CANCEL_NOT_SENT);
}

static void on_drained(struct stream *stream)
{
}

static void on_end(struct stream *stream, int error)
{
	struct pg_cancel *cancel = of_stream(stream);

	if (cancel->state != CANCEL_SENT)
		end(cancel, CANCEL_NOT_SENT);
	else if (error == UV_EOF || error == UV_ECONNRESET)
		end(cancel, CANCEL_HEARD);
	else
		end(cancel, CANCEL_UNKNOWN);
}

static const struct stream_handlers handlers = {
	.on_read = on_read,
	.on_secured = on_secured,
	.on_drained = on_drained,
	.on_end = on_end,
	.on_closed = on_closed,
};

static void on_timeout(uv_timer_t *timer)
{
	struct pg_cancel *cancel = timer->data;

	end(cancel, cancel->state == CANCEL_SENT ? CANCEL_UNKNOWN :
						   CANCEL_NOT_SENT);
}

/* A socket on its way to where `fd` is connected, or -1. */
static int connect_alike(int fd)
{
	struct sockaddr_storage address;
	socklen_t length = sizeof(address);
	int made;

	if (getpeername(fd, (struct sockaddr *)&address, &length) < 0)
		return -1;
	made = socket(address.ss_family,
		      SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (made < 0)
		return -1;
	if (connect(made, (struct sockaddr *)&address, length) == 0 ||
	    errno == EINPROGRESS)
		return made;
	close(made);
	return -1;
}

static void remember_tls(struct pg_cancel *cancel, PGconn *conn)
{
	SSL *ssl = PQsslStruct(conn, "OpenSSL");
	const char *host = PQhost(conn);

	if (!ssl)
		return;
	cancel->tls = SSL_get_SSL_CTX(ssl);
	SSL_CTX_up_ref(cancel->tls);
	cancel->certificate = SSL_get1_peer_certificate(ssl);
	cancel->must_verify = SSL_get_verify_mode(ssl) != SSL_VERIFY_NONE;
	if (host && host[0] && host[0] != '/')
		cancel->host = must_dup(host);
}

struct pg_cancel *pg_cancel_start(uv_loop_t *loop, PGconn *conn, uint32_t pid,
				  struct slice key, struct buffer *shared,
				  pg_on_cancel on_cancel, void *context)
{
	struct pg_cancel *cancel;
	struct buffer ask = { 0 };
	struct slice piece;
	int fd = connect_alike(PQsocket(conn));

	if (fd < 0)
		return NULL;
	cancel = must_alloc(sizeof(*cancel));
	if (stream_init(&cancel->stream, loop, fd, &handlers, shared) < 0) {
		close(fd);
		free(cancel);
		return NULL;
	}
	cancel->on_cancel = on_cancel;
	cancel->context = context;
	cancel->open_handles = 2;
	uv_timer_init(loop, &cancel->timer);
	cancel->timer.data = cancel;
	uv_timer_start(&cancel->timer, on_timeout, CANCEL_TIMEOUT_MS, 0);
	write_cancel(&cancel->request, pid, key);
	remember_tls(cancel, conn);
	stream_resume(&cancel->stream);
	/* What is written before the connection stands is queued. */
	if (!cancel->tls) {
		send_request(cancel);
		return cancel;
	}
	write_tls_request(&ask);
	piece = buffer_slice(&ask);
	stream_write(&cancel->stream, &piece, 1);
	buffer_fini(&ask);
	return cancel;
}

void pg_cancel_forget(struct pg_cancel **cancel)
{
	if (*cancel)
		(*cancel)->on_cancel = NULL;
	*cancel = NULL;
}
