/*
 * Between the files of what a session carries.
 */
#ifndef WEIR_PROXY_SESSION_STATE_INNER_H
#define WEIR_PROXY_SESSION_STATE_INNER_H

#include "proxy/session_state.h"

/* Whether the statement is known to do such a thing. */
bool statement_does(const struct statement *, enum session_deed_kind);

/* --- session_state.c ---------------------------------------------------- */

/* All that a statement does, in the order of its text. */
void state_apply(struct session *, const struct statement *);

/* --- session_setting.c -------------------------------------------------- */

/* What is SET from now on in this transaction can be undone. */
void setting_save(struct session *);
void setting_forget_saved(struct session *);
void setting_undo(struct session *);
void setting_set_savepoint(struct session *, const char *name);
void setting_release_savepoint(struct session *, const char *name);
void setting_roll_back_to(struct session *, const char *name);
void setting_drop_savepoints(struct session *);

void setting_put(struct session *, const char *name, const char *sql);
void setting_reset(struct session *, const char *name);
void setting_reset_all(struct session *, bool identities_too);
void setting_set_local(struct session *, const char *name);
void setting_set_config(struct session *, const struct session_deed *);
void setting_settle_identity(struct session *, const char *name);
void setting_settle_style(struct session *);

/* --- session_pin.c ------------------------------------------------------ */

void pin_drop_portals(struct session *);

/* --- session_watch.c ---------------------------------------------------- */

bool watch_changes_names(const struct statement *);
/* What was assumed of messages that failed. */
void watch_undo_all(struct session *);
void watch_undo_unnamed(struct session *);
void watch_free_all(struct worker *, struct list *watches);

#endif
