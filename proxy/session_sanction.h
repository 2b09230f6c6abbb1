/*
 * What a session may do to insert-only tables all the same, as its guard has
 * found (guard_sanction.c): who it is, which clock and zone count, what a Bind
 * and an EXECUTE bring; and the line in the log for each statement that passed
 * so, never with a literal.
 */
#ifndef WEIR_PROXY_SESSION_SANCTION_H
#define WEIR_PROXY_SESSION_SANCTION_H

#include "proxy/guard.h"
#include "proxy/session_guard.h"

struct session;
struct statement;

/* Whether the database's configuration has any. */
bool sanction_is_possible(const struct session *);

/* Fills in what the guard must know for it. */
void sanction_read_state(struct session *, struct guard_state *);

/* The text that was judged last is sent now. */
void sanction_note(struct session *);

/* The engine of a SQLite file has let an exempt user change a table that the
 * text does not name. */
void sanction_note_exempted(struct session *, const char *table,
			    const char *command);

/* Whether what the text EXECUTEs may run with these arguments; every name is
 * settled. */
enum permission sanction_permits_execute(struct session *,
					 const struct statement *,
					 struct error *);

#endif
