/*
 * A client of one engine for tests: sends frontend messages to sessions, and
 * writes what comes back as one line, such as
 *
 *     T(id:23) D(1) D(NULL) C(SELECT 2) Z(I)
 *
 * It stands where the pool stands: it provides the backend_*() functions.
 */
#ifndef WEIR_TESTS_LITE_CLIENT_H
#define WEIR_TESTS_LITE_CLIENT_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "pool/backend.h"
#include "pool/sqlite/engine.h"
#include "protocol/frame.h"

#define CLIENTS_MAX 64

struct server {
	struct backend *open[CLIENTS_MAX];	/* those not closed yet */
	uv_loop_t loop;
	struct lite_engine *engine;
	char folder[64], path[128];
	bool closed;
};

struct client {
	struct server *server;
	struct backend *backend;
	struct buffer replies;
	unsigned ready;		/* ReadyForQuery seen */
	bool opened, lost, closed;
	struct error error;
	struct buffer line;
};

/* One client per backend; found through `holder`. */
static inline struct client *client_of(struct backend *backend)
{
	return backend->holder;
}

void backend_init(struct backend *backend, const struct backend_ops *ops,
		  struct pool *pool)
{
	memset(backend, 0, sizeof(*backend));
	backend->ops = ops;
	backend->holder = pool;	/* the test's client */
}

void backend_opened(struct backend *backend)
{
	client_of(backend)->opened = true;
}

void backend_failed(struct backend *backend, const struct error *error)
{
	client_of(backend)->lost = true;
	client_of(backend)->error = *error;
}

void backend_lost(struct backend *backend, const struct error *error)
{
	client_of(backend)->lost = true;
	client_of(backend)->error = *error;
}

void backend_closed(struct backend *backend)
{
	client_of(backend)->closed = true;
}

void backend_drained(struct backend *backend)
{
}

void backend_set_parameter(struct backend *backend, struct slice name,
			   struct slice value)
{
}

void backend_received(struct backend *backend, struct slice bytes)
{
	struct client *client = client_of(backend);
	struct frame frame;

	buffer_put_slice(&client->replies, bytes);
	while (frame_read(bytes, BUFFER_BYTES_MAX, &frame) == FRAME_WHOLE) {
		client->ready += frame.type == 'Z';
		bytes.at += frame.length;
		bytes.length -= frame.length;
	}
	assert_int_equal(bytes.length, 0);
}

/* --- messages ------------------------------------------------------------------ */

static inline void client_send(struct client *client, struct buffer *out)
{
	struct slice piece = buffer_slice(out);

	client->backend->ops->send(client->backend, &piece, 1);
	buffer_fini(out);
}

static inline void put_query(struct buffer *out, const char *sql)
{
	size_t mark = message_begin(out, 'Q');

	buffer_put_cstring(out, sql);
	message_end(out, mark);
}

static inline void put_parse(struct buffer *out, const char *name,
			     const char *sql)
{
	size_t mark = message_begin(out, 'P');

	buffer_put_cstring(out, name);
	buffer_put_cstring(out, sql);
	buffer_put_u16(out, 0);
	message_end(out, mark);
}

/* Text parameters, NULL-ended; "\\N" is NULL. */
static inline void put_bind(struct buffer *out, const char *portal,
			    const char *statement, const char *const *values)
{
	size_t mark = message_begin(out, 'B');
	uint16_t count = 0;

	while (values && values[count])
		count++;
	buffer_put_cstring(out, portal);
	buffer_put_cstring(out, statement);
	buffer_put_u16(out, 0);
	buffer_put_u16(out, count);
	for (uint16_t i = 0; i < count; i++) {
		if (strcmp(values[i], "\\N") == 0) {
			buffer_put_u32(out, UINT32_MAX);
			continue;
		}
		buffer_put_u32(out, (uint32_t)strlen(values[i]));
		buffer_put_text(out, values[i]);
	}
	buffer_put_u16(out, 0);
	message_end(out, mark);
}

static inline void put_named(struct buffer *out, char type, char kind,
			     const char *name)
{
	size_t mark = message_begin(out, type);

	buffer_put_u8(out, (uint8_t)kind);
	buffer_put_cstring(out, name);
	message_end(out, mark);
}

static inline void put_execute(struct buffer *out, const char *portal,
			       uint32_t most)
{
	size_t mark = message_begin(out, 'E');

	buffer_put_cstring(out, portal);
	buffer_put_u32(out, most);
	message_end(out, mark);
}

static inline void put_plain(struct buffer *out, char type, const char *data)
{
	size_t mark = message_begin(out, type);

	buffer_put_text(out, data);
	message_end(out, mark);
}

/* --- the rendering --------------------------------------------------------------- */

static inline void show_row_description(struct reader *reader,
					struct buffer *line)
{
	uint16_t count = read_u16(reader);

	for (uint16_t i = 0; i < count; i++) {
		struct slice name = read_cstring(reader);

		read_u32(reader);
		read_u16(reader);
		buffer_printf(line, "%s%s:%u", i ? "," : "",
			      (const char *)name.at, read_u32(reader));
		read_u16(reader);
		read_u32(reader);
		read_u16(reader);
	}
}

static inline void show_row(struct reader *reader, struct buffer *line)
{
	uint16_t count = read_u16(reader);

	for (uint16_t i = 0; i < count; i++) {
		uint32_t length = read_u32(reader);

		buffer_put_text(line, i ? "," : "");
		if (length == UINT32_MAX)
			buffer_put_text(line, "NULL");
		else
			buffer_put_slice(line, read_bytes(reader, length));
	}
}

/* state message [detail] */
static inline void show_fields(struct reader *reader, struct buffer *line)
{
	struct slice state = { 0 }, message = { 0 }, detail = { 0 };
	uint8_t code;

	while ((code = read_u8(reader))) {
		struct slice text = read_cstring(reader);

		if (code == 'C')
			state = text;
		if (code == 'M')
			message = text;
		if (code == 'D')
			detail = text;
	}
	buffer_put_slice(line, state);
	buffer_put_text(line, " ");
	buffer_put_slice(line, message);
	if (!detail.length)
		return;
	buffer_put_text(line, " | ");
	buffer_put_slice(line, detail);
}

static inline void show_frame(const struct frame *frame, struct buffer *line)
{
	struct reader reader = reader_make(frame->body);

	buffer_printf(line, "%s%c(", line->length ? " " : "", frame->type);
	switch (frame->type) {
	case 'T':
		show_row_description(&reader, line);
		break;
	case 'D':
		show_row(&reader, line);
		break;
	case 'E': case 'N':
		show_fields(&reader, line);
		break;
	case 't':
		for (uint16_t i = 0, n = read_u16(&reader); i < n; i++)
			buffer_printf(line, "%s%u", i ? "," : "",
				      read_u32(&reader));
		break;
	case 'S': {
		struct slice name = read_cstring(&reader);

		buffer_put_slice(line, name);
		buffer_put_text(line, "=");
		buffer_put_slice(line, read_cstring(&reader));
		break;
	}
	case 'A':
		read_u32(&reader);
		buffer_put_slice(line, read_cstring(&reader));
		buffer_put_text(line, ":");
		buffer_put_slice(line, read_cstring(&reader));
		break;
	case 'C':
		buffer_put_slice(line, read_cstring(&reader));
		break;
	case 'Z':
		buffer_put_slice(line, frame->body);
		break;
	case 'd':
		for (size_t i = 0; i < frame->body.length; i++)
			if (frame->body.at[i] == '\n')
				buffer_put_text(line, "\\n");
			else
				buffer_put_u8(line, frame->body.at[i]);
		break;
	}
	buffer_put_u8(line, ')');
}

static inline const char *client_line(struct client *client)
{
	struct slice bytes = buffer_slice(&client->replies);
	struct frame frame;

	buffer_clear(&client->line);
	while (frame_read(bytes, BUFFER_BYTES_MAX, &frame) == FRAME_WHOLE) {
		show_frame(&frame, &client->line);
		bytes.at += frame.length;
		bytes.length -= frame.length;
	}
	buffer_clear(&client->replies);
	client->ready = 0;
	return buffer_cstring(&client->line);
}

/* --- waiting ------------------------------------------------------------------------ */

static inline void pump(struct server *server)
{
	uv_run(&server->loop, UV_RUN_ONCE);
}

static inline const char *await_ready(struct client *client, unsigned count)
{
	while (client->ready < count && !client->lost)
		pump(client->server);
	return client_line(client);
}

static inline const char *query(struct client *client, const char *sql)
{
	struct buffer out = { 0 };

	put_query(&out, sql);
	client_send(client, &out);
	return await_ready(client, 1);
}

/* Parse, Bind, Describe portal, Execute, Sync. */
static inline const char *extended(struct client *client, const char *sql,
				   const char *const *values)
{
	struct buffer out = { 0 };

	put_parse(&out, "", sql);
	put_bind(&out, "", "", values);
	put_named(&out, 'D', 'P', "");
	put_execute(&out, "", 0);
	put_plain(&out, 'S', "");
	client_send(client, &out);
	return await_ready(client, 1);
}

#define Q(client, sql, expected) \
	assert_string_equal(query((client), (sql)), (expected))

/* Runs and only wants it not to fail. */
static inline void ok(struct client *client, const char *sql)
{
	const char *line = query(client, sql);

	if (strstr(line, "E("))
		fail_msg("%s: %s", sql, line);
}

/* --- life ----------------------------------------------------------------------------- */

static inline void server_open(struct server *server,
			       const struct lite_options *extra)
{
	struct lite_options options = { 0 };
	struct error error;

	if (extra)
		options = *extra;
	options.path = server->path;
	server->closed = false;
	if (lite_engine_open(&server->loop, &options, &server->engine, &error))
		fail_msg("%s", error.message);
}

static inline void client_open(struct server *server, struct client *client)
{
	int slot = 0;

	memset(client, 0, sizeof(*client));
	client->server = server;
	client->backend = lite_backend_new(server->engine, (void *)client,
					   "me", "app");
	while (server->open[slot])
		slot++;
	server->open[slot] = client->backend;
	while (!client->opened && !client->lost)
		pump(server);
}

static inline void client_close(struct client *client)
{
	for (int i = 0; i < CLIENTS_MAX; i++)
		if (client->server->open[i] == client->backend)
			client->server->open[i] = NULL;
	client->backend->ops->close(client->backend);
	while (!client->closed)
		pump(client->server);
	buffer_fini(&client->replies);
	buffer_fini(&client->line);
}

static inline void on_server_closed(void *context)
{
	((struct server *)context)->closed = true;
}

static inline void server_close(struct server *server)
{
	lite_engine_close(server->engine, on_server_closed, server);
	while (!server->closed)
		pump(server);
	server->engine = NULL;
}

static int make_server(void **state)
{
	struct server *server = calloc(1, sizeof(*server));

	strcpy(server->folder, "/tmp/weir-lite-XXXXXX");
	assert_non_null(mkdtemp(server->folder));
	snprintf(server->path, sizeof(server->path), "%s/app.db",
		 server->folder);
	uv_loop_init(&server->loop);
	*state = server;
	return 0;
}

static int remove_server(void **state)
{
	struct server *server = *state;
	struct client rest = { .server = server };
	char command[128];

	/* Left behind by a test that failed. */
	for (int i = 0; i < CLIENTS_MAX; i++) {
		if (!server->open[i])
			continue;
		server->open[i]->holder = &rest;
		rest.closed = false;
		rest.backend = server->open[i];
		client_close(&rest);
	}
	if (server->engine)
		server_close(server);
	uv_run(&server->loop, UV_RUN_NOWAIT);
	assert_int_equal(uv_loop_close(&server->loop), 0);
	snprintf(command, sizeof(command), "rm -rf %s", server->folder);
	assert_int_equal(system(command), 0);
	free(server);
	return 0;
}

#endif
