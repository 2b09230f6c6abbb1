#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proxy/http.h"
#include "tests/unit/guard_page.h"

/* --- the parser --------------------------------------------------------- */

static const char good[] = "GET /metrics?x=1 HTTP/1.1\r\n"
			   "Host: a\r\nX-Empty:\r\n\r\nmore";

static enum http_parse parse(struct slice text)
{
	static struct guard_page guard;
	struct http_request request;

	if (!guard.memory)
		guard = guard_page_make(4096);
	return http_parse(guard_page_put(&guard, text), &request);
}

static void a_request_is_whole_only_at_its_empty_line(void **state)
{
	size_t head = sizeof(good) - 1 - 4;
	struct http_request request;

	for (size_t length = 0; length < sizeof(good); length++)
		assert_int_equal(parse(slice_make(good, length)),
				 length < head ? HTTP_MORE : HTTP_WHOLE);
	http_parse(slice_text(good), &request);
	assert_true(slice_is(request.method, "GET"));
	assert_true(slice_is(request.path, "/metrics"));
}

static void what_is_not_certainly_a_request_is_broken(void **state)
{
	static const char *const broken[] = {
		"\r\n", "GET\r\n", "GET / HTTP/2\r\n", "get / HTTP/1.1\r\n",
		"GET  / HTTP/1.1\r\n", "GET http://x/ HTTP/1.1\r\n",
		"GET /\x7f HTTP/1.1\r\n", "GET / HTTP/1.1 \r\n",
		"GET / HTTP/1.1\r\n folded: x\r\n",
		"GET / HTTP/1.1\r\nno colon\r\n",
		"GET / HTTP/1.1\r\nbad name : x\r\n",
		"GET / HTTP/1.1\r\na: \x01\r\n",
		"AVERYLONGMETHODNAME / HTTP/1.1\r\n",
		"\x16\x03\x01 / HTTP/1.1\n",
	};

	for (unsigned i = 0; i < sizeof(broken) / sizeof(broken[0]); i++)
		assert_int_equal(parse(slice_text(broken[i])), HTTP_BROKEN);
	assert_int_equal(parse(slice_text("GET / HTTP/1.0\n\n")), HTTP_WHOLE);
}

/* --- the server --------------------------------------------------------- */

static bool is_ready;

static bool ready(void *context)
{
	return is_ready;
}

static void metrics(void *context, struct buffer *out)
{
	buffer_put_text(out, "weir_up 1\n");
}

static const struct http_answers answers = { .ready = ready,
					     .metrics = metrics };

struct server {
	uv_loop_t loop;
	struct http *http;
};

static void start(struct server *server)
{
	uv_loop_init(&server->loop);
	assert_int_equal(http_open(&server->loop, "127.0.0.1:0", &answers,
				   NULL, &server->http), 0);
}

static void stop(struct server *server)
{
	http_close(&server->http);
	uv_run(&server->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&server->loop), 0);
}

static int connect_to(struct server *server)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)http_port(server->http)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&address,
				 sizeof(address)), 0);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

/* Turns the loop until the server has closed; what it said is in `said`. */
static void listen_to(struct server *server, int fd, char *said, size_t size)
{
	size_t length = 0;
	ssize_t got = -1;

	while (got) {
		uv_run(&server->loop, UV_RUN_NOWAIT);
		got = recv(fd, said + length, size - 1 - length, 0);
		if (got > 0)
			length += (size_t)got;
	}
	said[length] = 0;
	close(fd);
}

static const char *ask(struct server *server, const char *request)
{
	static char said[4096];
	int fd = connect_to(server);

	assert_int_equal(send(fd, request, strlen(request), 0),
			 strlen(request));
	listen_to(server, fd, said, sizeof(said));
	return said;
}

static bool answers_with(struct server *server, const char *request,
			 const char *status)
{
	char line[64];

	snprintf(line, sizeof(line), "HTTP/1.1 %s", status);
	return strncmp(ask(server, request), line, strlen(line)) == 0;
}

static void probes_answer_200_or_503(void **state)
{
	struct server server;

	start(&server);
	is_ready = false;
	assert_true(answers_with(&server, "GET /readyz HTTP/1.1\r\n\r\n",
				 "503 "));
	assert_true(answers_with(&server, "GET /livez HTTP/1.1\r\n\r\n",
				 "200 "));
	assert_true(answers_with(&server, "GET /startup HTTP/1.1\r\n\r\n",
				 "200 "));
	is_ready = true;
	assert_true(answers_with(&server, "GET /readiness HTTP/1.0\r\n\r\n",
				 "200 "));
	stop(&server);
}

static void metrics_come_with_their_length_and_type(void **state)
{
	struct server server;
	const char *said;

	start(&server);
	said = ask(&server, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_non_null(strstr(said, "\r\nContent-Length: 10\r\n"));
	assert_non_null(strstr(said, "text/plain; version=0.0.4"));
	assert_non_null(strstr(said, "\r\n\r\nweir_up 1\n"));
	said = ask(&server, "HEAD /metrics HTTP/1.1\r\n\r\n");
	assert_non_null(strstr(said, "\r\nContent-Length: 10\r\n"));
	assert_null(strstr(said, "weir_up"));
	stop(&server);
}

static void other_requests_are_refused(void **state)
{
	struct server server;
	char *big = must_alloc(HTTP_REQUEST_BYTES_MAX + 1);

	memset(big, 'a', HTTP_REQUEST_BYTES_MAX);
	start(&server);
	assert_true(answers_with(&server, "GET /other HTTP/1.1\r\n\r\n",
				 "404 "));
	assert_true(answers_with(&server, "POST /livez HTTP/1.1\r\n\r\n",
				 "405 "));
	assert_true(answers_with(&server, "nonsense\r\n", "400 "));
	assert_true(answers_with(&server, big, "431 "));
	stop(&server);
	free(big);
}

static void idle_connections_make_room_for_probes(void **state)
{
	int idle[HTTP_CONNECTIONS_MAX + 5];
	struct server server;

	start(&server);
	for (int i = 0; i < HTTP_CONNECTIONS_MAX + 5; i++) {
		idle[i] = connect_to(&server);
		uv_run(&server.loop, UV_RUN_NOWAIT);
	}
	assert_true(answers_with(&server, "GET /livez HTTP/1.1\r\n\r\n",
				 "200 "));
	stop(&server);
	for (int i = 0; i < HTTP_CONNECTIONS_MAX + 5; i++)
		close(idle[i]);
}

static void an_address_that_cannot_be_had_is_an_error(void **state)
{
	struct http *http = NULL;
	uv_loop_t loop;

	uv_loop_init(&loop);
	assert_int_equal(http_open(&loop, "nonsense", &answers, NULL, &http),
			 UV_EINVAL);
	assert_true(http_open(&loop, "192.0.2.1:1", &answers, NULL, &http) < 0);
	assert_null(http);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_is_whole_only_at_its_empty_line),
		cmocka_unit_test(what_is_not_certainly_a_request_is_broken),
		cmocka_unit_test(probes_answer_200_or_503),
		cmocka_unit_test(metrics_come_with_their_length_and_type),
		cmocka_unit_test(other_requests_are_refused),
		cmocka_unit_test(idle_connections_make_room_for_probes),
		cmocka_unit_test(an_address_that_cannot_be_had_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
