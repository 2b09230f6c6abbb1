/*
 * A very small HTTP server for probes and metrics: GET and HEAD of
 *
 *     /startup /liveness /readiness (/livez /readyz)    200 or 503
 *     /metrics                                          Prometheus text
 *
 * It lives on the worker's loop on purpose: a loop that is stuck does not
 * answer, and the liveness probe fails as it should. It reads at most 8 KiB,
 * waits at most five seconds, keeps at most 32 connections (the oldest one
 * gives way) and answers one request on each. Nothing can be changed through
 * it, so it needs no login; it is meant for the machine, not the world.
 */
#ifndef WEIR_PROXY_HTTP_H
#define WEIR_PROXY_HTTP_H

#include <uv.h>

#include "protocol/bytes.h"

#define HTTP_REQUEST_BYTES_MAX 8192
#define HTTP_CONNECTIONS_MAX 32
#define HTTP_TIMEOUT_MS 5000

/* --- the request, from bytes (pure) ------------------------------------- */

struct http_request {
	struct slice method;
	struct slice path;	/* without what follows a '?' */
};

enum http_parse {
	HTTP_MORE,		/* so far all is well */
	HTTP_WHOLE,
	HTTP_BROKEN,
};

/* Looks for one whole request head. The slices lie within `bytes`. */
enum http_parse http_parse(struct slice bytes, struct http_request *ret);

/* --- the server --------------------------------------------------------- */

/* Where the answers come from; called on the loop. */
struct http_answers {
	bool (*started)(void *context);	/* listening; NULL: always */
	bool (*ready)(void *context);	/* may get traffic; NULL: always */
	void (*metrics)(void *context, struct buffer *out);
};

struct http;

/* Listens on HOST:PORT. 0, or a negative uv error. `answers` is kept. */
int http_open(uv_loop_t *, const char *address, const struct http_answers *,
	      void *context, struct http **ret);

/* The port it listens on, for those who asked for port 0. */
int http_port(const struct http *);

/* Stops listening and drops every connection; the memory goes from the loop.
 * Does nothing when *http is NULL. */
void http_close(struct http **http);

#endif
