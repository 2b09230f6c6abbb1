#include "proxy/session_reading.h"

#include <stdlib.h>

#include "protocol/sql_reading.h"
#include "proxy/session_relay.h"
#include "proxy/worker.h"

#define WAITING_BYTES_MAX ((size_t)256 << 10)	/* of facts, for each text */

/* A text in line or under way. */
struct long_text {
	struct list link;	/* in line */
	uv_work_t work;
	struct worker *worker;
	struct session *session;	/* NULL: it has ended */
	struct sql_reading *reading;
};

/* Of a session's message; most have but one. */
struct read_text {
	struct list link;
	struct sql_reading *reading;
};

/* --- in line -------------------------------------------------------------- */

static void begin_next(struct worker *);

static void work(uv_work_t *request)
{
	struct long_text *text = request->data;

	sql_reading_run(text->reading);
}

static void free_text(struct long_text *text)
{
	sql_reading_unref(&text->reading);
	free(text);
}

static void give(struct session *session, struct sql_reading *reading)
{
	struct read_text *read = must_alloc(sizeof(*read));

	read->reading = sql_reading_ref(reading);
	list_append(&session->read_texts, &read->link);
	session->being_read = NULL;
	session->looking_up = false;
	session_continue(session);
}

static void after_work(uv_work_t *request, int status)
{
	struct long_text *text = request->data;

	text->worker->reads_beside = false;
	begin_next(text->worker);
	if (text->session)
		give(text->session, text->reading);
	free_text(text);
}

static void begin_next(struct worker *worker)
{
	struct list *first = list_first(&worker->long_texts);
	struct long_text *text;

	if (!first || worker->reads_beside)
		return;
	text = LIST_ENTRY(first, struct long_text, link);
	list_remove(&text->link);
	worker->reads_beside = true;
	text->work.data = text;
	uv_queue_work(worker->loop, &text->work, work, after_work);
}

static void stand_in_line(struct session *session, struct slice bytes,
			  bool coerces)
{
	struct long_text *text = must_alloc(sizeof(*text));

	text->worker = session->worker;
	text->session = session;
	text->reading = sql_reading_new(bytes, coerces);
	session->being_read = text;
	session->looking_up = true;
	list_append(&session->worker->long_texts, &text->link);
	begin_next(session->worker);
}

/* --- for the message at hand ------------------------------------------------ */

static struct sql_reading *find(const struct session *session,
				struct slice text, bool coerces)
{
	LIST_EACH(link, &session->read_texts) {
		struct sql_reading *reading =
			LIST_ENTRY(link, struct read_text, link)->reading;

		if (slice_equal(reading->text, text) &&
		    reading->coerces >= coerces)
			return reading;
	}
	return NULL;
}

struct sql_reading *session_reading(const struct session *session,
				    struct slice text)
{
	return find(session, text, false);
}

struct sql_reading *session_read(struct session *session, struct slice text,
				 bool coerces)
{
	struct sql_reading *reading = find(session, text, coerces);

	if (!reading && !session->being_read)
		stand_in_line(session, text, coerces);
	return reading;
}

bool session_has_read(struct session *session, struct slice text)
{
	return !sql_is_long(text) || !sql_may_touch_session(text) ||
	       session_read(session, text, false);
}

static void forget(struct list *link)
{
	struct read_text *read = LIST_ENTRY(link, struct read_text, link);

	list_remove(link);
	sql_reading_unref(&read->reading);
	free(read);
}

void session_reading_lighten(struct session *session)
{
	LIST_EACH_SAFE(link, &session->read_texts)
		if (LIST_ENTRY(link, struct read_text, link)
			    ->reading->arena.bytes > WAITING_BYTES_MAX)
			forget(link);
}

void session_reading_forget(struct session *session)
{
	struct list *first;

	while ((first = list_first(&session->read_texts)))
		forget(first);
}

void session_reading_leave(struct session *session)
{
	struct long_text *text = session->being_read;

	session_reading_forget(session);
	session->being_read = NULL;
	if (!text)
		return;
	text->session = NULL;
	if (list_empty(&text->link))
		return;	/* under way: it ends by itself */
	list_remove(&text->link);
	free_text(text);
}
