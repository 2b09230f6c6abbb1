/*
 * Between the files of the relay: session_relay.c cuts messages and hears the
 * lease, session_message.c knows each message, session_gather.c sends.
 */
#ifndef WEIR_PROXY_SESSION_RELAY_H
#define WEIR_PROXY_SESSION_RELAY_H

#include "protocol/frame.h"
#include "proxy/session.h"

enum step {
	STEP_TAKEN,	/* the message is dealt with */
	STEP_MORE,	/* it must be whole, or have more of its body */
	STEP_WAIT,	/* it needs a lease, which is not there yet */
};

/* Sends what was gathered. */
void relay_flush(struct session *);
/* Ends the session; what it sent before goes to the server. */
void relay_end(struct session *, const struct error *why);
/* Gathers bytes that live until the flush; or copies them; or a message,
 * which is emptied. */
void relay_put(struct session *, struct slice bytes);
void relay_put_own(struct session *, struct slice bytes);
void relay_put_message(struct session *, struct buffer *message);
void relay_expect(struct session *, char message, uint8_t flags,
		  uint32_t token);

void relay_begin_lease(struct session *, struct backend *);
/* Gives the lease back; its server, which shows what it should not, goes. */
void relay_swap_backend(struct session *);
/* A lease; false: it is waited for. */
bool relay_have_lease(struct session *);
/* The same, and the backend is set as the client's. */
bool relay_ready_to_send(struct session *);

/* Answers with an error that no server saw; so is an extended query until its
 * Sync. */
void relay_answer(struct session *, const struct error *, bool extended);
/* The same, but where there is a lease the server is made to fail. */
enum step relay_refuse(struct session *, const struct error *, bool extended);

/* One message, of which `there` is at hand: all of it but for the long ones. */
enum step message_take(struct session *, const struct frame *,
		       struct slice there);
enum step message_unknown(struct session *, char type);

#endif
