#include "proxy/http.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "protocol/list.h"
#include "proxy/config.h"

#define HTTP_MAGIC 0x48545450u
#define CONNECTION_MAGIC 0x48434f4eu
#define BACKLOG 64

struct http {
	uint32_t magic;
	uv_tcp_t listener;
	uv_timer_t timer;
	unsigned handles;	/* not closed yet; the last one frees */
	const struct http_answers *answers;
	void *context;
	struct list connections;	/* the oldest first */
	unsigned connection_count;
	bool closing;
};

struct connection {
	uint32_t magic;
	struct list link;
	struct http *http;
	uv_tcp_t socket;
	uv_write_t write;
	uv_shutdown_t shutdown;
	uint64_t deadline_ms;
	size_t length;		/* of what came */
	char request[HTTP_REQUEST_BYTES_MAX];
	struct buffer answer;
};

static struct http *http_of(void *data)
{
	struct http *http = data;

	assert(http->magic == HTTP_MAGIC);
	return http;
}

static struct connection *connection_of(void *data)
{
	struct connection *connection = data;

	assert(connection->magic == CONNECTION_MAGIC);
	return connection;
}

/* --- closing ------------------------------------------------------------ */

static void on_handle_closed(uv_handle_t *handle)
{
	struct http *http = http_of(handle->data);

	if (--http->handles == 0)
		free(http);
}

static void on_connection_closed(uv_handle_t *handle)
{
	struct connection *connection = connection_of(handle->data);
	struct http *http = connection->http;

	buffer_fini(&connection->answer);
	free(connection);
	if (--http->handles == 0)
		free(http);
}

static void drop(struct connection *connection)
{
	if (uv_is_closing((uv_handle_t *)&connection->socket))
		return;
	list_remove(&connection->link);
	connection->http->connection_count--;
	uv_close((uv_handle_t *)&connection->socket, on_connection_closed);
}

/* --- answering ---------------------------------------------------------- */

static void on_shutdown(uv_shutdown_t *shutdown, int status)
{
	drop(connection_of(shutdown->data));
}

static void on_written(uv_write_t *write, int status)
{
	struct connection *connection = connection_of(write->data);

	connection->shutdown.data = connection;
	if (status < 0 || uv_shutdown(&connection->shutdown,
				      (uv_stream_t *)&connection->socket,
				      on_shutdown) < 0)
		drop(connection);
}

static void send_answer(struct connection *connection, const char *status,
			const char *type, struct slice body, bool with_body)
{
	struct buffer *answer = &connection->answer;
	uv_buf_t out;

	buffer_printf(answer, "HTTP/1.1 %s\r\nContent-Type: %s\r\n"
		      "Content-Length: %zu\r\nCache-Control: no-store\r\n"
		      "X-Content-Type-Options: nosniff\r\n"
		      "Connection: close\r\n\r\n", status, type, body.length);
	if (with_body)
		buffer_put_slice(answer, body);
	out = uv_buf_init((char *)answer->bytes, (unsigned)answer->length);
	connection->write.data = connection;
	if (uv_write(&connection->write, (uv_stream_t *)&connection->socket,
		     &out, 1, on_written) < 0)
		drop(connection);
}

static void answer_plainly(struct connection *connection, const char *status,
			   const char *words, bool with_body)
{
	send_answer(connection, status, "text/plain; charset=utf-8",
		    slice_text(words), with_body);
}

/* Whether `path` is a probe, and what it answers. */
static bool probe(const struct http *http, struct slice path, bool *ret_well)
{
	const struct http_answers *answers = http->answers;

	if (slice_is(path, "/startup"))
		*ret_well = !answers->started ||
			    answers->started(http->context);
	else if (slice_is(path, "/liveness") || slice_is(path, "/livez"))
		*ret_well = true;	/* the loop turns, or who is asking */
	else if (slice_is(path, "/readiness") || slice_is(path, "/readyz"))
		*ret_well = !answers->ready || answers->ready(http->context);
	else
		return false;
	return true;
}

static void answer_metrics(struct connection *connection, bool with_body)
{
	struct http *http = connection->http;
	struct buffer text = { 0 };

	http->answers->metrics(http->context, &text);
	send_answer(connection, "200 OK",
		    "text/plain; version=0.0.4; charset=utf-8",
		    buffer_slice(&text), with_body);
	buffer_fini(&text);
}

static void answer(struct connection *connection,
		   const struct http_request *request)
{
	struct http *http = connection->http;
	bool with_body = slice_is(request->method, "GET");
	bool well;

	if (!with_body && !slice_is(request->method, "HEAD"))
		answer_plainly(connection, "405 Method Not Allowed\r\n"
			       "Allow: GET, HEAD", "only GET and HEAD\n", true);
	else if (slice_is(request->path, "/metrics") && http->answers->metrics)
		answer_metrics(connection, with_body);
	else if (!probe(http, request->path, &well))
		answer_plainly(connection, "404 Not Found",
			       "see /startup /liveness /readiness /metrics\n",
			       with_body);
	else if (well)
		answer_plainly(connection, "200 OK", "ok\n", with_body);
	else
		answer_plainly(connection, "503 Service Unavailable", "no\n",
			       with_body);
}

/* --- reading ------------------------------------------------------------ */

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *ret)
{
	struct connection *connection = connection_of(handle->data);

	*ret = uv_buf_init(connection->request + connection->length,
			   (unsigned)(HTTP_REQUEST_BYTES_MAX -
				      connection->length));
}

static void on_read(uv_stream_t *stream, ssize_t got, const uv_buf_t *buffer)
{
	struct connection *connection = connection_of(stream->data);
	struct http_request request;
	enum http_parse parse;

	if (got < 0) {
		drop(connection);
		return;
	}
	connection->length += (size_t)got;
	parse = http_parse(slice_make(connection->request, connection->length),
			   &request);
	if (parse == HTTP_MORE && connection->length < HTTP_REQUEST_BYTES_MAX)
		return;
	uv_read_stop(stream);
	if (parse == HTTP_WHOLE)
		answer(connection, &request);
	else if (parse == HTTP_BROKEN)
		answer_plainly(connection, "400 Bad Request",
			       "not a request\n", true);
	else
		answer_plainly(connection,
			       "431 Request Header Fields Too Large",
			       "too long\n", true);
}

static void on_connection(uv_stream_t *listener, int status)
{
	struct http *http = http_of(listener->data);
	struct connection *connection;

	if (status < 0 || http->closing)
		return;
	connection = must_alloc(sizeof(*connection));
	connection->magic = CONNECTION_MAGIC;
	connection->http = http;
	connection->socket.data = connection;
	connection->deadline_ms = uv_now(listener->loop) + HTTP_TIMEOUT_MS;
	uv_tcp_init(listener->loop, &connection->socket);
	http->handles++;
	list_append(&http->connections, &connection->link);
	if (++http->connection_count > HTTP_CONNECTIONS_MAX)
		drop(LIST_ENTRY(list_first(&http->connections),
				struct connection, link));
	if (uv_accept(listener, (uv_stream_t *)&connection->socket) < 0 ||
	    uv_read_start((uv_stream_t *)&connection->socket, on_alloc,
			  on_read) < 0)
		drop(connection);
}

static void on_timer(uv_timer_t *timer)
{
	struct http *http = http_of(timer->data);
	uint64_t now_ms = uv_now(timer->loop);

	LIST_EACH_SAFE(link, &http->connections) {
		struct connection *connection =
			LIST_ENTRY(link, struct connection, link);

		if (now_ms >= connection->deadline_ms)
			drop(connection);
	}
}

/* --- life --------------------------------------------------------------- */

/* Names are looked up at once: this is before anybody is served. */
static int find_address(uv_loop_t *loop, const char *text,
			struct sockaddr_storage *ret)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
				  .ai_flags = AI_PASSIVE };
	uv_getaddrinfo_t lookup;
	char host[256], service[8];
	uint16_t port;
	int status;

	if (!config_address(text, host, &port))
		return UV_EINVAL;
	snprintf(service, sizeof(service), "%u", port);
	status = uv_getaddrinfo(loop, &lookup, NULL, host, service, &hints);
	if (status < 0)
		return status;
	memcpy(ret, lookup.addrinfo->ai_addr, lookup.addrinfo->ai_addrlen);
	uv_freeaddrinfo(lookup.addrinfo);
	return 0;
}

static int start_listening(struct http *http, const char *address)
{
	struct sockaddr_storage storage = { 0 };
	int status = find_address(http->listener.loop, address, &storage);

	if (!status)
		status = uv_tcp_bind(&http->listener,
				     (struct sockaddr *)&storage, 0);
	if (!status)
		status = uv_listen((uv_stream_t *)&http->listener, BACKLOG,
				   on_connection);
	if (!status)
		status = uv_timer_start(&http->timer, on_timer, 500, 500);
	return status;
}

int http_open(uv_loop_t *loop, const char *address,
	      const struct http_answers *answers, void *context,
	      struct http **ret)
{
	struct http *http = must_alloc(sizeof(*http));
	int status;

	http->magic = HTTP_MAGIC;
	http->answers = answers;
	http->context = context;
	http->handles = 2;
	list_init(&http->connections);
	uv_tcp_init(loop, &http->listener);
	uv_timer_init(loop, &http->timer);
	http->listener.data = http;
	http->timer.data = http;
	status = start_listening(http, address);
	if (status < 0)
		http_close(&http);
	else
		*ret = http;
	return status;
}

int http_port(const struct http *http)
{
	struct sockaddr_storage storage;
	int length = sizeof(storage);

	if (uv_tcp_getsockname(&http->listener, (struct sockaddr *)&storage,
			       &length) < 0)
		return 0;
	return ntohs(storage.ss_family == AF_INET6 ?
		     ((struct sockaddr_in6 *)&storage)->sin6_port :
		     ((struct sockaddr_in *)&storage)->sin_port);
}

void http_close(struct http **http_place)
{
	struct http *http = *http_place;

	if (!http)
		return;
	*http_place = NULL;
	http->closing = true;
	LIST_EACH_SAFE(link, &http->connections)
		drop(LIST_ENTRY(link, struct connection, link));
	uv_close((uv_handle_t *)&http->timer, on_handle_closed);
	uv_close((uv_handle_t *)&http->listener, on_handle_closed);
}
