#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pool/stream.h"
#include "tests/unit/tls_pair.h"

/* One end of a pair: a stream and what it heard. */
struct end {
	struct stream stream;
	struct buffer heard;
	int ended;		/* 0: not yet */
	unsigned reads, drained, secured, closed;
	bool close_in_read, pause_in_read, close_in_secured;
	size_t biggest;
};

struct world {
	uv_loop_t loop;
	struct buffer shared;
	struct end left, right;
	int fds[2];
};

static struct end *end_of(struct stream *stream)
{
	return (struct end *)(void *)stream;
}

static void on_read(struct stream *stream, struct slice bytes)
{
	struct end *end = end_of(stream);

	end->reads++;
	buffer_put_slice(&end->heard, bytes);
	if (bytes.length > end->biggest)
		end->biggest = bytes.length;
	if (end->pause_in_read)
		stream_pause(stream);
	if (end->close_in_read)
		stream_close(stream, false);
}

static void on_secured(struct stream *stream)
{
	end_of(stream)->secured++;
	if (end_of(stream)->close_in_secured)
		stream_close(stream, false);
}

static void on_drained(struct stream *stream)
{
	end_of(stream)->drained++;
}

static void on_end(struct stream *stream, int error)
{
	assert_int_equal(end_of(stream)->ended, 0);
	end_of(stream)->ended = error;
}

static void on_closed(struct stream *stream)
{
	end_of(stream)->closed++;
}

static const struct stream_handlers handlers = {
	.on_read = on_read,
	.on_secured = on_secured,
	.on_drained = on_drained,
	.on_end = on_end,
	.on_closed = on_closed,
};

static int set_up(void **state)
{
	struct world *world = must_alloc(sizeof(*world));

	uv_loop_init(&world->loop);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
				    world->fds), 0);
	assert_int_equal(stream_init(&world->left.stream, &world->loop,
				     world->fds[0], &handlers,
				     &world->shared), 0);
	assert_int_equal(stream_init(&world->right.stream, &world->loop,
				     world->fds[1], &handlers,
				     &world->shared), 0);
	*state = world;
	return 0;
}

static int tear_down(void **state)
{
	struct world *world = *state;

	if (!world->left.closed)
		stream_close(&world->left.stream, false);
	if (!world->right.closed)
		stream_close(&world->right.stream, false);
	uv_run(&world->loop, UV_RUN_DEFAULT);
	assert_int_equal(world->left.closed, 1);
	assert_int_equal(world->right.closed, 1);
	assert_int_equal(uv_loop_close(&world->loop), 0);
	buffer_fini(&world->shared);
	buffer_fini(&world->left.heard);
	buffer_fini(&world->right.heard);
	free(world);
	return 0;
}

/* Turns the loop until nothing happens any more. */
static void settle(struct world *world)
{
	for (int i = 0; i < 50; i++)
		uv_run(&world->loop, UV_RUN_NOWAIT);
}

static size_t say(struct end *end, const char *text)
{
	struct slice piece = slice_text(text);

	return stream_write(&end->stream, &piece, 1);
}

static void make_noise(struct buffer *noise, size_t length)
{
	uint32_t seed = 12345;

	buffer_clear(noise);
	buffer_reserve(noise, length);
	for (size_t i = 0; i < length; i++) {
		seed = seed * 1664525 + 1013904223;
		noise->bytes[noise->length++] = (uint8_t)(seed >> 24);
	}
}

static void assert_heard(const struct end *end, struct slice wanted)
{
	assert_int_equal(end->heard.length, wanted.length);
	assert_memory_equal(end->heard.bytes, wanted.at, wanted.length);
}

static void secure_both(struct world *world)
{
	SSL_CTX *server = pair_server_context();
	SSL_CTX *client = SSL_CTX_new(TLS_client_method());

	stream_resume(&world->left.stream);
	stream_resume(&world->right.stream);
	assert_int_equal(stream_accept_tls(&world->left.stream, server), 0);
	assert_int_equal(stream_connect_tls(&world->right.stream,
					    SSL_new(client)), 0);
	settle(world);
	SSL_CTX_free(server);
	SSL_CTX_free(client);
	assert_int_equal(world->left.secured, 1);
	assert_int_equal(world->right.secured, 1);
}

/* --- plain -------------------------------------------------------------- */

static void says_nothing_until_resumed(void **state)
{
	struct world *world = *state;

	assert_int_equal(say(&world->left, "hello"), 0);
	settle(world);
	assert_int_equal(world->right.reads, 0);
	stream_resume(&world->right.stream);
	settle(world);
	assert_heard(&world->right, slice_text("hello"));
}

static void sends_pieces_in_order(void **state)
{
	struct world *world = *state;
	struct slice pieces[200];
	struct buffer all = { 0 };
	char text[200][8];

	for (unsigned i = 0; i < 200; i++) {
		snprintf(text[i], sizeof(text[i]), "<%u>", i);
		pieces[i] = slice_text(text[i]);
		buffer_put_slice(&all, pieces[i]);
	}
	stream_resume(&world->right.stream);
	stream_write(&world->left.stream, pieces, 200);
	settle(world);
	assert_heard(&world->right, buffer_slice(&all));
	buffer_fini(&all);
}

static void holds_small_writes_back_while_corked(void **state)
{
	struct world *world = *state;

	stream_resume(&world->right.stream);
	stream_cork(&world->left.stream);
	assert_int_equal(say(&world->left, "a"), 1);
	assert_int_equal(say(&world->left, "b"), 2);
	settle(world);
	assert_int_equal(world->right.reads, 0);
	assert_int_equal(stream_uncork(&world->left.stream), 0);
	settle(world);
	assert_int_equal(world->right.reads, 1);
	assert_heard(&world->right, slice_text("ab"));
	assert_int_equal(world->left.drained, 0);
}

static void sends_a_large_write_through_a_cork(void **state)
{
	struct world *world = *state;
	struct buffer noise = { 0 };
	struct slice piece;

	make_noise(&noise, 20000);
	stream_resume(&world->right.stream);
	stream_cork(&world->left.stream);
	say(&world->left, "x");
	piece = buffer_slice(&noise);
	assert_int_equal(stream_write(&world->left.stream, &piece, 1), 0);
	settle(world);
	assert_int_equal(world->right.heard.length, 20001);
	assert_int_equal(stream_uncork(&world->left.stream), 0);
	buffer_fini(&noise);
}

static void queues_what_the_kernel_does_not_take(void **state)
{
	struct world *world = *state;
	struct buffer noise = { 0 };
	struct slice pieces[2];
	size_t queued;

	make_noise(&noise, 3000000);
	pieces[0] = slice_make(noise.bytes, 1000);
	pieces[1] = slice_make(noise.bytes + 1000, noise.length - 1000);
	queued = stream_write(&world->left.stream, pieces, 2);
	assert_true(queued > 0 && queued < noise.length);
	assert_int_equal(stream_queued(&world->left.stream), queued);
	/* while it waits, more is appended */
	assert_int_equal(say(&world->left, "end"), queued + 3);
	buffer_put_text(&noise, "end");
	settle(world);
	assert_int_equal(world->left.drained, 0);
	stream_resume(&world->right.stream);
	while (world->right.heard.length < noise.length)
		uv_run(&world->loop, UV_RUN_ONCE);
	settle(world);
	assert_heard(&world->right, buffer_slice(&noise));
	assert_int_equal(world->left.drained, 1);
	assert_int_equal(stream_queued(&world->left.stream), 0);
	assert_int_equal(world->left.stream.queue.capacity, 0);
	buffer_fini(&noise);
}

static void reads_no_more_once_paused(void **state)
{
	struct world *world = *state;

	world->right.pause_in_read = true;
	stream_resume(&world->right.stream);
	say(&world->left, "one");
	settle(world);
	say(&world->left, "two");
	settle(world);
	assert_int_equal(world->right.reads, 1);
	stream_resume(&world->right.stream);
	settle(world);
	assert_int_equal(world->right.reads, 2);
	assert_heard(&world->right, slice_text("onetwo"));
}

static void tells_the_end_behind_the_last_bytes(void **state)
{
	struct world *world = *state;

	stream_resume(&world->right.stream);
	say(&world->left, "last words");
	stream_close(&world->left.stream, false);
	settle(world);
	assert_heard(&world->right, slice_text("last words"));
	assert_int_equal(world->right.ended, UV_EOF);
}

static void tells_the_end_once_and_watches_no_more(void **state)
{
	struct world *world = *state;

	stream_resume(&world->right.stream);
	stream_close(&world->left.stream, false);
	settle(world);
	assert_int_equal(world->right.ended, UV_EOF);
	assert_int_equal(world->right.stream.events, 0);
	stream_resume(&world->right.stream);
	settle(world);
}

static void may_be_closed_inside_on_read(void **state)
{
	struct world *world = *state;
	struct buffer noise = { 0 };
	struct slice piece;

	make_noise(&noise, 150000);
	piece = buffer_slice(&noise);
	stream_write(&world->left.stream, &piece, 1);
	world->right.close_in_read = true;
	stream_resume(&world->right.stream);
	settle(world);
	assert_int_equal(world->right.reads, 1);
	assert_int_equal(world->right.closed, 1);
	assert_int_equal(world->right.ended, 0);
	buffer_fini(&noise);
}

static void never_calls_back_from_inside_a_call(void **state)
{
	struct world *world = *state;

	stream_resume(&world->left.stream);
	shutdown(world->fds[1], SHUT_RDWR);
	assert_int_equal(say(&world->left, "lost"), 0);
	assert_int_equal(world->left.ended, 0);
	settle(world);
	assert_int_not_equal(world->left.ended, 0);
}

/* What a server says before it hangs up must arrive, although a write to it
 * fails at the same time. */
static void reads_the_reason_before_telling_a_failed_write(void **state)
{
	struct world *world = *state;

	say(&world->right, "FATAL: going away");
	stream_close(&world->right.stream, false);
	stream_resume(&world->left.stream);
	say(&world->left, "a query");
	assert_true(world->left.stream.failure < 0);
	settle(world);
	assert_heard(&world->left, slice_text("FATAL: going away"));
	assert_int_equal(world->left.ended, UV_EPIPE);
	assert_int_equal(say(&world->left, "more"), 0);
}

static void tells_a_failed_write_even_while_paused(void **state)
{
	struct world *world = *state;

	stream_close(&world->right.stream, false);
	settle(world);
	say(&world->left, "a query");
	settle(world);
	assert_int_equal(world->left.ended, UV_EPIPE);
}

static void keeps_the_descriptor_when_asked(void **state)
{
	struct world *world = *state;

	stream_close(&world->left.stream, true);
	settle(world);
	assert_true(fcntl(world->fds[0], F_GETFD) >= 0);
	close(world->fds[0]);
}

static void reads_in_large_bites(void **state)
{
	struct world *world = *state;
	struct buffer noise = { 0 };
	struct slice piece;
	int size = 1 << 20;

	setsockopt(world->fds[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	make_noise(&noise, 150000);
	piece = buffer_slice(&noise);
	stream_write(&world->left.stream, &piece, 1);
	stream_resume(&world->right.stream);
	settle(world);
	assert_heard(&world->right, buffer_slice(&noise));
	assert_int_equal(world->right.biggest, STREAM_READ_BYTES);
	buffer_fini(&noise);
}

static void gives_the_true_reason_of_a_reset(void **state)
{
	struct world *world = *state;
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t length = sizeof(address);
	struct linger linger = { 1, 0 };
	struct end end = { 0 };
	int client, server;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	bind(listener, (struct sockaddr *)&address, sizeof(address));
	listen(listener, 1);
	getsockname(listener, (struct sockaddr *)&address, &length);
	client = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(connect(client, (struct sockaddr *)&address,
				 sizeof(address)), 0);
	server = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
	stream_init(&end.stream, &world->loop, server, &handlers,
		    &world->shared);
	stream_resume(&end.stream);
	setsockopt(client, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	send(client, "bye", 3, 0);
	close(client);
	settle(world);
	assert_int_equal(end.ended, UV_ECONNRESET);
	stream_close(&end.stream, false);
	settle(world);
	assert_int_equal(end.closed, 1);
	buffer_fini(&end.heard);
	close(listener);
}

/* --- TLS ---------------------------------------------------------------- */

static void talks_tls_both_ways(void **state)
{
	struct world *world = *state;

	secure_both(world);
	say(&world->left, "to the client");
	say(&world->right, "to the server");
	settle(world);
	assert_heard(&world->left, slice_text("to the server"));
	assert_heard(&world->right, slice_text("to the client"));
	stream_close(&world->right.stream, false);
	settle(world);
	assert_int_equal(world->left.ended, UV_EOF);
}

static void sends_small_pieces_as_one_record(void **state)
{
	struct world *world = *state;
	struct slice pieces[3] = { slice_text("one "), slice_text("two "),
				   slice_text("three") };

	secure_both(world);
	stream_write(&world->left.stream, pieces, 3);
	settle(world);
	assert_int_equal(world->right.reads, 1);
	assert_heard(&world->right, slice_text("one two three"));
}

static void carries_much_over_tls_under_back_pressure(void **state)
{
	struct world *world = *state;
	struct buffer noise = { 0 };
	struct slice pieces[3];

	secure_both(world);
	stream_pause(&world->right.stream);
	make_noise(&noise, 2000000);
	pieces[0] = slice_make(noise.bytes, 17);
	pieces[1] = slice_make(noise.bytes + 17, 1500000);
	pieces[2] = slice_make(noise.bytes + 1500017, 499983);
	assert_true(stream_write(&world->left.stream, pieces, 3) > 0);
	assert_true(say(&world->left, "end") > 0);
	buffer_put_text(&noise, "end");
	settle(world);
	assert_int_equal(world->right.reads, 0);
	stream_resume(&world->right.stream);
	while (world->right.heard.length < noise.length)
		uv_run(&world->loop, UV_RUN_ONCE);
	settle(world);
	assert_heard(&world->right, buffer_slice(&noise));
	assert_int_equal(world->left.drained, 1);
	buffer_fini(&noise);
}

/* Each read is followed by a pause, so that bytes stay inside of OpenSSL. */
static void delivers_after_a_resume_what_tls_holds(void **state)
{
	struct world *world = *state;
	struct buffer noise = { 0 };
	struct slice piece;
	int turns = 0;

	secure_both(world);
	world->right.pause_in_read = true;
	make_noise(&noise, 300000);
	piece = buffer_slice(&noise);
	stream_write(&world->left.stream, &piece, 1);
	while (world->right.heard.length < noise.length && turns++ < 500) {
		settle(world);
		stream_resume(&world->right.stream);
	}
	assert_heard(&world->right, buffer_slice(&noise));
	buffer_fini(&noise);
}

static void tells_why_a_handshake_failed(void **state)
{
	struct world *world = *state;
	SSL_CTX *server = pair_server_context();

	stream_resume(&world->left.stream);
	assert_int_equal(stream_accept_tls(&world->left.stream, server), 0);
	SSL_CTX_free(server);
	say(&world->right, "this is no TLS at all, is it?");
	settle(world);
	assert_true(world->left.ended < 0);
	assert_true(world->left.stream.tls_error[0]);
	assert_int_equal(world->left.secured, 0);
}

static void tells_a_client_that_leaves_in_the_handshake(void **state)
{
	struct world *world = *state;
	SSL_CTX *server = pair_server_context();

	assert_int_equal(stream_accept_tls(&world->left.stream, server), 0);
	SSL_CTX_free(server);
	stream_close(&world->right.stream, false);
	settle(world);
	assert_int_equal(world->left.ended, UV_EOF);
}

/* The owner sees plaintext that came with the request and must refuse it; it
 * never reaches the handshake by this way. */
static void shows_the_owner_what_was_stuffed_before_tls(void **state)
{
	struct world *world = *state;

	stream_resume(&world->left.stream);
	say(&world->right, "SSLRequest" "stuffed");
	settle(world);
	assert_heard(&world->left, slice_text("SSLRequeststuffed"));
}

static void takes_a_handshake_whose_first_bytes_were_read(void **state)
{
	struct world *world = *state;
	SSL_CTX *server = pair_server_context();
	SSL_CTX *client = SSL_CTX_new(TLS_client_method());

	stream_resume(&world->left.stream);
	stream_resume(&world->right.stream);
	assert_int_equal(stream_connect_tls(&world->right.stream,
					    SSL_new(client)), 0);
	settle(world);
	assert_true(world->left.heard.length > 0);
	assert_int_equal(stream_accept_tls_after(&world->left.stream, server,
			 buffer_slice(&world->left.heard)), 0);
	buffer_clear(&world->left.heard);
	settle(world);
	assert_int_equal(world->left.secured, 1);
	say(&world->right, "hello");
	settle(world);
	assert_heard(&world->left, slice_text("hello"));
	SSL_CTX_free(server);
	SSL_CTX_free(client);
}

static void may_be_closed_inside_on_secured(void **state)
{
	struct world *world = *state;
	SSL_CTX *server = pair_server_context();
	SSL_CTX *client = SSL_CTX_new(TLS_client_method());

	world->left.close_in_secured = true;
	stream_resume(&world->right.stream);
	stream_accept_tls(&world->left.stream, server);
	stream_connect_tls(&world->right.stream, SSL_new(client));
	settle(world);
	SSL_CTX_free(server);
	SSL_CTX_free(client);
	assert_int_equal(world->left.closed, 1);
	assert_int_equal(world->right.ended, UV_EOF);
}

static void goes_on_with_tls_that_somebody_else_made(void **state)
{
	struct world *world = *state;
	SSL_CTX *server = pair_server_context();
	SSL_CTX *client = SSL_CTX_new(TLS_client_method());
	SSL *ssl = SSL_new(client);
	int result;

	stream_resume(&world->left.stream);
	stream_accept_tls(&world->left.stream, server);
	SSL_set_fd(ssl, world->fds[1]);
	SSL_set_connect_state(ssl);
	while ((result = SSL_do_handshake(ssl)) != 1) {
		assert_int_equal(SSL_get_error(ssl, result),
				 SSL_ERROR_WANT_READ);
		uv_run(&world->loop, UV_RUN_NOWAIT);
	}
	assert_int_equal(stream_adopt_tls(&world->right.stream, ssl), 0);
	stream_resume(&world->right.stream);
	settle(world);
	say(&world->left, "to the client");
	say(&world->right, "to the server");
	settle(world);
	assert_heard(&world->left, slice_text("to the server"));
	assert_heard(&world->right, slice_text("to the client"));
	stream_close(&world->right.stream, true);
	settle(world);
	/* its maker still ends it */
	SSL_shutdown(ssl);
	SSL_free(ssl);
	close(world->fds[1]);
	settle(world);
	assert_int_equal(world->left.ended, UV_EOF);
	SSL_CTX_free(server);
	SSL_CTX_free(client);
}

static void ends_on_a_damaged_record(void **state)
{
	struct world *world = *state;
	static const uint8_t junk[64] = { 23, 3, 3, 0, 40, 1, 2, 3 };

	secure_both(world);
	assert_int_equal(send(world->fds[1], junk, sizeof(junk), 0),
			 sizeof(junk));
	settle(world);
	assert_true(world->left.ended < 0);
	assert_int_not_equal(world->left.ended, UV_EOF);
	assert_int_equal(world->left.heard.length, 0);
}

/* --- any mix ------------------------------------------------------------ */

static uint32_t dice(uint32_t *seed, uint32_t sides)
{
	*seed = *seed * 1664525 + 1013904223;
	return (*seed >> 8) % sides;
}

/* One throw: writes, holds back, pauses or resumes one end. */
static void act(struct end *end, const struct buffer *noise, size_t *sent,
		uint32_t *seed)
{
	struct slice pieces[5];
	unsigned count = 1 + dice(seed, 5);

	switch (dice(seed, 8)) {
	case 0:
		stream_pause(&end->stream);
		break;
	case 1: case 2:
		stream_resume(&end->stream);
		break;
	case 3:
		stream_cork(&end->stream);
		break;
	case 4:
		stream_uncork(&end->stream);
		break;
	default:
		for (unsigned i = 0; i < count; i++) {
			size_t length = dice(seed, 4) ? dice(seed, 200) :
							dice(seed, 90000);

			if (length > noise->length - *sent)
				length = noise->length - *sent;
			pieces[i] = slice_make(noise->bytes + *sent, length);
			*sent += length;
		}
		stream_write(&end->stream, pieces, count);
	}
}

static void mix(struct world *world, uint32_t seed)
{
	struct end *ends[2] = { &world->left, &world->right };
	struct buffer noise = { 0 };
	size_t sent[2] = { 0, 0 };

	make_noise(&noise, 4000000);
	for (int i = 0; i < 1500; i++) {
		unsigned which = dice(&seed, 2);

		act(ends[which], &noise, &sent[which], &seed);
		if (dice(&seed, 3) == 0)
			uv_run(&world->loop, UV_RUN_NOWAIT);
	}
	for (int i = 0; i < 2; i++) {
		stream_uncork(&ends[i]->stream);
		stream_resume(&ends[i]->stream);
	}
	for (int i = 0; i < 100000 && (world->left.heard.length < sent[1] ||
				       world->right.heard.length < sent[0]);
	     i++)
		uv_run(&world->loop, UV_RUN_NOWAIT);
	assert_heard(&world->right, slice_make(noise.bytes, sent[0]));
	assert_heard(&world->left, slice_make(noise.bytes, sent[1]));
	buffer_clear(&world->left.heard);
	buffer_clear(&world->right.heard);
	buffer_fini(&noise);
}

static void loses_nothing_in_any_mix_of_calls(void **state)
{
	for (uint32_t seed = 1; seed <= 10; seed++)
		mix(*state, seed);
}

static void loses_nothing_over_tls_either(void **state)
{
	secure_both(*state);
	for (uint32_t seed = 1; seed <= 10; seed++)
		mix(*state, seed);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(says_nothing_until_resumed),
		TEST(sends_pieces_in_order),
		TEST(holds_small_writes_back_while_corked),
		TEST(sends_a_large_write_through_a_cork),
		TEST(queues_what_the_kernel_does_not_take),
		TEST(reads_no_more_once_paused),
		TEST(tells_the_end_behind_the_last_bytes),
		TEST(tells_the_end_once_and_watches_no_more),
		TEST(may_be_closed_inside_on_read),
		TEST(never_calls_back_from_inside_a_call),
		TEST(reads_the_reason_before_telling_a_failed_write),
		TEST(tells_a_failed_write_even_while_paused),
		TEST(keeps_the_descriptor_when_asked),
		TEST(reads_in_large_bites),
		TEST(gives_the_true_reason_of_a_reset),
		TEST(talks_tls_both_ways),
		TEST(sends_small_pieces_as_one_record),
		TEST(carries_much_over_tls_under_back_pressure),
		TEST(delivers_after_a_resume_what_tls_holds),
		TEST(tells_why_a_handshake_failed),
		TEST(tells_a_client_that_leaves_in_the_handshake),
		TEST(shows_the_owner_what_was_stuffed_before_tls),
		TEST(takes_a_handshake_whose_first_bytes_were_read),
		TEST(may_be_closed_inside_on_secured),
		TEST(goes_on_with_tls_that_somebody_else_made),
		TEST(ends_on_a_damaged_record),
		TEST(loses_nothing_in_any_mix_of_calls),
		TEST(loses_nothing_over_tls_either),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
