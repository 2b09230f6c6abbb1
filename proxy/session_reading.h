/*
 * Texts too long to be read on the loop are read beside it, for the guard and
 * for what a text does to its session: one at a time of all sessions of a
 * worker, in the order they came, in a thread that is there from the first on.
 * The message they stand in waits meanwhile; its session hears no other.
 *
 *     IN LINE ── its turn ──► UNDER WAY ──► READ, until the message is taken
 *        │                        │
 *        └── the session ends ────┴──► forgotten
 */
#ifndef WEIR_PROXY_SESSION_READING_H
#define WEIR_PROXY_SESSION_READING_H

#include "proxy/session.h"

/* What came of reading this text, borrowed until the message is taken; NULL:
 * it was not read. */
struct sql_reading *session_reading(const struct session *, struct slice text);
/* The same, but it is read then, and session_continue() follows. `coerces`: as
 * of sql_reading_new(). */
struct sql_reading *session_read(struct session *, struct slice text,
				 bool coerces);
/* Whether what the text does to the session can be told at once, for it is
 * short, or has been read; else it is read now. */
bool session_has_read(struct session *, struct slice text);
/* To wait for a server may take long, and many do: who waits keeps no more than
 * a little, and what was more is read again with the server at hand. */
void session_reading_lighten(struct session *);
/* The message is taken. */
void session_reading_forget(struct session *);
void session_reading_leave(struct session *);

#endif
