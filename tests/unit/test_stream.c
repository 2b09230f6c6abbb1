#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/socket.h>

#include "pool/stream.h"

/* One end is a stream on a loop, the other a plain descriptor. */
struct fixture {
	uv_loop_t loop;
	struct buffer shared;
	struct stream stream;
	int far;
	struct buffer heard;
	int ended;		/* the error, 0 while open */
	unsigned drained, closed, secured;
	bool close_on_read;
};

static struct fixture *fixture_of(struct stream *stream)
{
	return (struct fixture *)((char *)stream -
				  offsetof(struct fixture, stream));
}

static void on_read(struct stream *stream, struct slice bytes)
{
	struct fixture *f = fixture_of(stream);

	buffer_put_slice(&f->heard, bytes);
	if (f->close_on_read)
		stream_close(stream, false);
}

static void on_secured(struct stream *stream)
{
	fixture_of(stream)->secured++;
}

static void on_drained(struct stream *stream)
{
	fixture_of(stream)->drained++;
}

static void on_end(struct stream *stream, int error)
{
	fixture_of(stream)->ended = error;
}

static void on_closed(struct stream *stream)
{
	fixture_of(stream)->closed++;
}

static const struct stream_handlers handlers = {
	on_read, on_secured, on_drained, on_end, on_closed,
};

static int setup(void **state)
{
	struct fixture *f = must_alloc(sizeof(*f));
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
				    pair), 0);
	uv_loop_init(&f->loop);
	buffer_reserve(&f->shared, STREAM_READ_BYTES);
	f->far = pair[1];
	assert_int_equal(stream_init(&f->stream, &f->loop, pair[0], &handlers,
				     &f->shared), 0);
	stream_resume(&f->stream);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	stream_close(&f->stream, false);
	uv_run(&f->loop, UV_RUN_DEFAULT);
	assert_int_equal(f->closed, 1);
	assert_int_equal(uv_loop_close(&f->loop), 0);
	buffer_fini(&f->shared);
	buffer_fini(&f->heard);
	close(f->far);
	free(f);
	return 0;
}

static void turn(struct fixture *f)
{
	uv_run(&f->loop, UV_RUN_NOWAIT);
}

static void delivers_what_arrives(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(write(f->far, "hello", 5), 5);
	turn(f);
	assert_int_equal(f->heard.length, 5);
}

static void delivers_nothing_while_paused(void **state)
{
	struct fixture *f = *state;

	stream_pause(&f->stream);
	assert_int_equal(write(f->far, "hello", 5), 5);
	turn(f);
	turn(f);
	assert_int_equal(f->heard.length, 0);
	stream_resume(&f->stream);
	turn(f);
	assert_int_equal(f->heard.length, 5);
}

static void tells_the_end_after_the_last_bytes(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(write(f->far, "bye", 3), 3);
	shutdown(f->far, SHUT_WR);
	turn(f);
	turn(f);
	assert_int_equal(f->heard.length, 3);
	assert_int_equal(f->ended, UV_EOF);
}

static void queues_what_the_kernel_does_not_take(void **state)
{
	struct fixture *f = *state;
	size_t size = (size_t)4 << 20, got = 0;
	uint8_t *big = must_alloc(size), chunk[65536];
	struct slice pieces[2] = { { big, size / 2 }, { big + size / 2,
							size / 2 } };
	ssize_t count;

	for (size_t i = 0; i < size; i++)
		big[i] = (uint8_t)(i * 31 >> 3);
	assert_true(stream_write(&f->stream, pieces, 2) > 0);
	while (got < size) {
		count = read(f->far, chunk, sizeof(chunk));
		if (count > 0) {
			assert_memory_equal(chunk, big + got, count);
			got += (size_t)count;
		} else {
			turn(f);
		}
	}
	turn(f);
	assert_int_equal(f->drained, 1);
	assert_int_equal(stream_queued(&f->stream), 0);
	free(big);
}

static void may_be_closed_from_inside_its_own_callback(void **state)
{
	struct fixture *f = *state;

	f->close_on_read = true;
	assert_int_equal(write(f->far, "x", 1), 1);
	turn(f);
	assert_int_equal(f->heard.length, 1);
}

static void tells_of_a_failed_write_from_the_loop(void **state)
{
	struct fixture *f = *state;
	struct slice piece = slice_make("x", 1);

	close(f->far);
	f->far = dup(0);
	stream_pause(&f->stream);
	stream_write(&f->stream, &piece, 1);
	assert_int_equal(f->ended, 0);
	turn(f);
	assert_true(f->ended < 0);
}

/* --- TLS ---------------------------------------------------------------- */

static SSL_CTX *server_context(void)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *certificate = X509_new();

	X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
	X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
	X509_set_pubkey(certificate, key);
	X509_sign(certificate, key, EVP_sha256());
	SSL_CTX_use_certificate(context, certificate);
	SSL_CTX_use_PrivateKey(context, key);
	X509_free(certificate);
	EVP_PKEY_free(key);
	return context;
}

static void speaks_tls_both_ways(void **state)
{
	struct fixture *f = *state;
	SSL_CTX *server = server_context();
	SSL_CTX *client = SSL_CTX_new(TLS_client_method());
	SSL *ssl = SSL_new(client);
	static uint8_t big[200000], back[200000];
	struct slice piece = { big, sizeof(big) };
	size_t got = 0, count;

	SSL_set_fd(ssl, f->far);
	SSL_set_connect_state(ssl);
	assert_int_equal(stream_accept_tls(&f->stream, server), 0);
	while (!f->secured) {
		SSL_do_handshake(ssl);
		turn(f);
	}
	while (SSL_do_handshake(ssl) != 1)
		turn(f);
	assert_int_equal(SSL_write(ssl, "hello", 5), 5);
	turn(f);
	assert_int_equal(f->heard.length, 5);
	for (size_t i = 0; i < sizeof(big); i++)
		big[i] = (uint8_t)(i % 251);
	stream_write(&f->stream, &piece, 1);
	while (got < sizeof(big)) {
		if (SSL_read_ex(ssl, back + got, sizeof(back) - got,
				&count) == 1)
			got += count;
		else
			turn(f);
	}
	assert_memory_equal(big, back, sizeof(big));
	SSL_free(ssl);
	SSL_CTX_free(client);
	SSL_CTX_free(server);
}

static void ends_when_the_handshake_is_garbage(void **state)
{
	struct fixture *f = *state;
	SSL_CTX *server = server_context();

	assert_int_equal(stream_accept_tls(&f->stream, server), 0);
	assert_int_equal(write(f->far, "GET / HTTP/1.0\r\n\r\n", 18), 18);
	turn(f);
	assert_true(f->ended < 0);
	assert_true(f->stream.tls_error[0]);
	SSL_CTX_free(server);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(delivers_what_arrives),
		TEST(delivers_nothing_while_paused),
		TEST(tells_the_end_after_the_last_bytes),
		TEST(queues_what_the_kernel_does_not_take),
		TEST(may_be_closed_from_inside_its_own_callback),
		TEST(tells_of_a_failed_write_from_the_loop),
		TEST(speaks_tls_both_ways),
		TEST(ends_when_the_handshake_is_garbage),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
