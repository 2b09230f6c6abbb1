/*
 * LISTEN and NOTIFY among the sessions of one engine, with Postgres's
 * transaction semantics: both take effect at commit. What a session is
 * listening to is known on the loop, where its finished jobs arrive.
 */
#include "pool/sqlite/session.h"

#include <stdio.h>
#include <stdlib.h>

#include "protocol/frame.h"

#define CHANNEL_BYTES_MAX 63
#define PAYLOAD_BYTES_MAX 7999
#define NOTIFICATIONS_MAX 10000	/* of one transaction */

enum note_kind { NOTE_NOTIFY, NOTE_LISTEN, NOTE_UNLISTEN };

struct note {
	struct list link;
	enum note_kind kind;
	char *channel;		/* NULL with UNLISTEN: all */
	char *payload;
};

static void free_notes(struct list *notes)
{
	struct list *link;

	while ((link = list_first(notes))) {
		struct note *note = LIST_ENTRY(link, struct note, link);

		list_remove(link);
		free(note->channel);
		free(note->payload);
		free(note);
	}
}

static struct note *add(struct list *notes, enum note_kind kind,
			const char *channel, const char *payload)
{
	struct note *note = must_alloc(sizeof(*note));

	note->kind = kind;
	note->channel = channel ? must_dup(channel) : NULL;
	note->payload = payload ? must_dup(payload) : NULL;
	list_append(notes, &note->link);
	return note;
}

void session_init_notifications(struct lite_session *session)
{
	list_init(&session->notes);
	list_init(&session->settled_notes);
	list_init(&session->channels);
}

void session_free_notifications(struct lite_session *session)
{
	free_notes(&session->notes);
	free_notes(&session->settled_notes);
	free_notes(&session->channels);
}

/* --- on the session's thread ------------------------------------------------------- */

void session_listen(struct lite_session *session, const char *channel, bool on)
{
	add(&session->notes, on ? NOTE_LISTEN : NOTE_UNLISTEN, channel, NULL);
}

bool session_notify(struct lite_session *session, const char *channel,
		    const char *payload, struct error *error)
{
	if (!channel[0])
		return error_set(error, SQLSTATE_INVALID_PARAMETER, "%s",
				 "channel name cannot be empty");
	if (strlen(channel) > CHANNEL_BYTES_MAX)
		return error_set(error, SQLSTATE_INVALID_PARAMETER, "%s",
				 "channel name too long");
	if (payload && strlen(payload) > PAYLOAD_BYTES_MAX)
		return error_set(error, SQLSTATE_INVALID_PARAMETER, "%s",
				 "payload string too long");
	if (session->note_count >= NOTIFICATIONS_MAX)
		return error_set(error, SQLSTATE_LIMIT_EXCEEDED, "%s",
				 "too many notifications in one transaction");
	/* The same one twice is told once. */
	LIST_EACH(link, &session->notes) {
		struct note *note = LIST_ENTRY(link, struct note, link);

		if (note->kind == NOTE_NOTIFY &&
		    strcmp(note->channel, channel) == 0 &&
		    strcmp(note->payload, payload ? payload : "") == 0)
			return true;
	}
	session->note_count++;
	add(&session->notes, NOTE_NOTIFY, channel, payload ? payload : "");
	return true;
}

unsigned session_mark_notifications(const struct lite_session *session)
{
	unsigned count = 0;

	LIST_EACH(link, &session->notes)
		count++;
	return count;
}

void session_undo_notifications(struct lite_session *session, unsigned mark)
{
	struct list undone;
	unsigned count = 0;

	list_init(&undone);
	session->note_count = 0;
	LIST_EACH_SAFE(link, &session->notes) {
		if (count++ >= mark) {
			list_remove(link);
			list_append(&undone, link);
		} else if (LIST_ENTRY(link, struct note, link)->kind ==
			   NOTE_NOTIFY) {
			session->note_count++;
		}
	}
	free_notes(&undone);
}

void session_settle_notifications(struct lite_session *session, bool committed)
{
	struct list *link;

	session->note_count = 0;
	if (!committed) {
		free_notes(&session->notes);
		return;
	}
	while ((link = list_first(&session->notes))) {
		list_remove(link);
		list_append(&session->settled_notes, link);
	}
}

/* What the job has committed and the loop has not heard of yet comes on top of
 * what the loop knows; the loop changes nothing while the job runs. */
static bool still_listens(struct lite_session *session, const char *channel)
{
	bool listens = true;

	LIST_EACH(link, &session->settled_notes) {
		struct note *note = LIST_ENTRY(link, struct note, link);

		if (note->kind == NOTE_UNLISTEN &&
		    (!note->channel || strcmp(note->channel, channel) == 0))
			listens = false;
		else if (note->kind == NOTE_LISTEN &&
			 strcmp(note->channel, channel) == 0)
			listens = true;
	}
	return listens;
}

static bool comes_again(const struct list *notes, struct list *from,
			const char *channel)
{
	for (; from != notes; from = from->next) {
		struct note *note = LIST_ENTRY(from, struct note, link);

		if (note->kind == NOTE_LISTEN &&
		    strcmp(note->channel, channel) == 0)
			return true;
	}
	return false;
}

void session_each_channel(struct lite_session *session,
			  void (*visit)(void *context, const char *channel),
			  void *context)
{
	struct list *notes = &session->settled_notes;

	LIST_EACH(link, &session->channels) {
		struct note *note = LIST_ENTRY(link, struct note, link);

		if (!comes_again(notes, notes->next, note->channel) &&
		    still_listens(session, note->channel))
			visit(context, note->channel);
	}
	LIST_EACH(link, notes) {
		struct note *note = LIST_ENTRY(link, struct note, link);

		if (note->kind == NOTE_LISTEN &&
		    !comes_again(notes, link->next, note->channel) &&
		    still_listens(session, note->channel))
			visit(context, note->channel);
	}
}

/* --- on the loop ---------------------------------------------------------------------- */

static struct list *find_channel(struct lite_session *session,
				 const char *channel)
{
	LIST_EACH(link, &session->channels)
		if (strcmp(LIST_ENTRY(link, struct note, link)->channel,
			   channel) == 0)
			return link;
	return NULL;
}

static void forget_channel(struct lite_session *session, struct list *link)
{
	struct list one;

	list_init(&one);
	list_remove(link);
	list_append(&one, link);
	free_notes(&one);
}

static void change_channels(struct lite_session *session,
			    const struct note *note)
{
	struct list *link;

	if (!note->channel) {
		free_notes(&session->channels);
		return;
	}
	link = find_channel(session, note->channel);
	if (note->kind == NOTE_LISTEN && !link)
		add(&session->channels, NOTE_LISTEN, note->channel, NULL);
	else if (note->kind == NOTE_UNLISTEN && link)
		forget_channel(session, link);
}

static void tell(struct lite_session *session, int sender,
		 const struct note *note)
{
	struct buffer message = { 0 };
	size_t mark;

	if (session->closing || session->lost || !session->opened ||
	    !find_channel(session, note->channel))
		return;
	mark = message_begin(&message, 'A');
	buffer_put_u32(&message, (uint32_t)sender);
	buffer_put_cstring(&message, note->channel);
	buffer_put_cstring(&message, note->payload);
	message_end(&message, mark);
	backend_received(&session->backend, buffer_slice(&message));
	buffer_fini(&message);
}

/* Every session's replies pass the loop whole messages at a time, so one may
 * be put between them. */
static void tell_all(struct lite_session *from, const struct note *note)
{
	LIST_EACH_SAFE(link, &from->engine->jobs) {
		struct lite_job *job =
			LIST_ENTRY(link, struct lite_job, member_link);

		tell(LIST_ENTRY(job, struct lite_session, job),
		     from->process_id, note);
	}
}

void session_deliver_notifications(struct lite_session *session)
{
	struct list *link, one;

	while ((link = list_first(&session->settled_notes))) {
		struct note *note = LIST_ENTRY(link, struct note, link);

		list_init(&one);
		list_remove(link);
		list_append(&one, link);
		if (note->kind == NOTE_NOTIFY)
			tell_all(session, note);
		else
			change_channels(session, note);
		free_notes(&one);
	}
}
