/*
 * Watches: messages under way whose end changes what the session carries.
 *
 * What is assumed when a message is sent (that a Parse gives its name a
 * meaning, that a Close takes it) is put right at the ReadyForQuery if it was
 * not so; whatever depends on it in the meantime waits (state_unsettled).
 */
#include "proxy/session_state_inner.h"

#include <stdlib.h>

#include "pool/shape.h"
#include "proxy/session_probe.h"

#define SPARE_WATCHES_MAX 256

static char no_name[] = "";	/* of the unnamed statement */

/* --- one watch ---------------------------------------------------------- */

/* One is needed for every unnamed Parse, so they are kept. */
static struct watch *new_watch(struct worker *worker)
{
	struct list *link;
	struct watch *watch;

	if (list_empty(&worker->spare_watches))
		return must_alloc(sizeof(*watch));
	link = list_first(&worker->spare_watches);
	list_remove(link);
	worker->spare_watch_count--;
	watch = LIST_ENTRY(link, struct watch, link);
	*watch = (struct watch){ 0 };
	return watch;
}

static void free_watch(struct worker *worker, struct watch *watch)
{
	statement_unref(&watch->statement);
	if (watch->name != no_name)
		free(watch->name);
	if (worker->spare_watch_count == SPARE_WATCHES_MAX) {
		free(watch);
		return;
	}
	list_append(&worker->spare_watches, &watch->link);
	worker->spare_watch_count++;
}

uint32_t state_watch_name(struct session *session, char message,
			  struct statement *statement, struct slice name,
			  bool learned)
{
	struct watch *watch = new_watch(session->worker);

	watch->token = ++session->last_token;
	watch->message = message;
	watch->learned = learned;
	watch->batch = session->backend->batches;
	watch->statement = statement;
	if (name.at)
		watch->name = name.length ? slice_dup(name) : no_name;
	watch->since = name.length && names_find(session->names, name) ?
		       names_find(session->names, name)->since : 0;
	list_append(&session->watches, &watch->link);
	return watch->token;
}

uint32_t state_watch_close(struct session *session,
			   const struct prepared *prepared)
{
	return state_watch_name(session, 'C',
				statement_ref(prepared->statement),
				slice_text(prepared->name), false);
}

uint32_t state_watch(struct session *session, struct statement *statement)
{
	return state_watch_name(session, 'E', statement,
				slice_make(NULL, 0), false);
}

static struct watch *take_watch(struct session *session, uint32_t token)
{
	LIST_EACH(link, &session->watches) {
		struct watch *watch = LIST_ENTRY(link, struct watch, link);

		if (watch->token != token)
			continue;
		list_remove(&watch->link);
		return watch;
	}
	return NULL;
}

/* --- its end ------------------------------------------------------------ */

bool watch_changes_names(const struct statement *statement)
{
	return statement_does(statement, SESSION_PREPARE) ||
	       statement_does(statement, SESSION_DEALLOCATE) ||
	       statement_does(statement, SESSION_DEALLOCATE_ALL) ||
	       statement_does(statement, SESSION_DISCARD);
}

/* What was assumed when the message was sent is not so. */
static void undo(struct session *session, struct watch *watch)
{
	if (!watch->name)
		return;
	if (watch->message == 'P')
		names_remove(&session->names, slice_text(watch->name));
	else
		names_put(&session->names, slice_text(watch->name),
			  statement_ref(watch->statement), watch->since);
}

/* One that fails leaves none; one that is skipped leaves the one before. */
static void learn_unnamed(struct session *session, const struct watch *watch,
			  bool succeeded, struct slice told)
{
	if (!succeeded && !told.at)
		return;
	statement_unref(&session->unnamed_read);
	if (succeeded)
		session->unnamed_read = statement_ref(watch->statement);
}

void state_drop_unnamed(struct session *session)
{
	statement_unref(&session->unnamed);
	statement_unref(&session->unnamed_read);
}

/* The first one is what the client may have been told. */
static void learn_unnamed_shape(struct session *session, struct shape *shape)
{
	if (!session->unnamed_shape) {
		session->unnamed_shape = shape;
		session->unnamed_changed = false;
		return;
	}
	session->unnamed_changed =
		shape && !shape_same_columns(session->unnamed_shape, shape);
	shape_unref(&shape);
}

/* What the server said of a statement: of its own reading, and of the one
 * that the client's name stands for. */
static void learn_shape(struct session *session, const struct watch *watch,
			struct slice told)
{
	struct shape *shape = shape_new(told);

	if (watch->name && !watch->name[0]) {
		learn_unnamed_shape(session, shape);
		return;
	}
	statement_set_shape(session->backend, watch->statement, shape);
	if (watch->name)
		names_set_shape(session->names, slice_text(watch->name),
				watch->since, shape);
	shape_unref(&shape);
}

void state_told(struct session *session, uint32_t token)
{
	if (session->awaited != token)
		return;
	session->awaited = 0;
	backend_ask_turn(session->backend);
}

void state_watched(struct session *session, uint32_t token, bool succeeded,
		   struct slice told)
{
	struct watch *watch = take_watch(session, token);

	state_told(session, token);
	if (!watch)
		return;
	if (watch->learned && watch->message == 'C')
		session->backend->closing--;
	if (watch->learned && watch->message == 'P' && succeeded)
		statement_confirm(session->backend, watch->statement);
	else if (watch->learned && !succeeded)
		statement_doubt(session->backend, watch->statement);
	if (watch->message == WATCH_TAKEN) {
		if (succeeded)
			statement_doubt(session->backend, watch->statement);
		free_watch(session->worker, watch);
		return;
	}
	if (watch->message == 'P' && watch->name && !watch->name[0]) {
		learn_unnamed(session, watch, succeeded, told);
		free_watch(session->worker, watch);
		return;
	}
	if (!succeeded && watch->message == 'E' &&
	    watch_changes_names(watch->statement))
		session->probe_due |= PROBE_PINS | PROBE_SETTINGS;
	if (!succeeded && watch->message != 'D') {
		list_append(&session->undoing, &watch->link);
		return;
	}
	if (watch->message == 'E')
		state_apply(session, watch->statement);
	else if (watch->message == 'D' && succeeded)
		learn_shape(session, watch, told);
	free_watch(session->worker, watch);
}

/* The latest first: a name may have been closed and given again. */
void watch_undo_all(struct session *session)
{
	while (!list_empty(&session->undoing)) {
		struct watch *watch = LIST_ENTRY(session->undoing.prev,
						 struct watch, link);

		undo(session, watch);
		list_remove(&watch->link);
		free_watch(session->worker, watch);
	}
}

void watch_undo_unnamed(struct session *session)
{
	if (session->unnamed == session->unnamed_read)
		return;
	statement_unref(&session->unnamed);
	if (session->unnamed_read)
		session->unnamed = statement_ref(session->unnamed_read);
	shape_unref(&session->unnamed_shape);
}

/* --- while it is under way ---------------------------------------------- */

static bool changes_settings(const struct statement *statement)
{
	return statement_does(statement, SESSION_SET) ||
	       statement_does(statement, SESSION_RESET) ||
	       statement_does(statement, SESSION_RESET_ALL) ||
	       statement_does(statement, SESSION_SET_CONFIG_CALL) ||
	       statement_does(statement, SESSION_ROLLBACK_TO);
}

/* What was sent behind another Sync may be skipped, which is not known yet. */
static bool is_unsettled(const struct session *session,
			 const struct watch *watch, struct slice name,
			 bool of_settings)
{
	if (watch->message == 'E')
		return watch_changes_names(watch->statement) ||
		       (of_settings && changes_settings(watch->statement));
	return watch->name && slice_is(name, watch->name) &&
	       watch->batch != session->backend->batches;
}

static const char *find_name(const struct list *watches, struct slice name)
{
	LIST_EACH(link, watches) {
		struct watch *watch = LIST_ENTRY(link, struct watch, link);

		if (watch->name && slice_is(name, watch->statement->name))
			return watch->name;
	}
	return NULL;
}

const char *state_name_under_way(const struct session *session,
				 struct slice name)
{
	const char *found = find_name(&session->watches, name);

	return found ? found : find_name(&session->undoing, name);
}

uint32_t state_unsettled(struct session *session, struct slice name,
			 bool of_settings)
{
	uint32_t token = session->probing ? PROBE_TOKEN : 0;

	LIST_EACH(link, &session->watches) {
		struct watch *watch = LIST_ENTRY(link, struct watch, link);

		/* What was skipped is put right at the ReadyForQuery. */
		if (is_unsettled(session, watch, name, of_settings))
			token = watch->batch == session->backend->batches ?
				watch->token : BATCH_TOKEN;
	}
	return token;
}

void watch_free_all(struct worker *worker, struct list *watches)
{
	LIST_EACH_SAFE(link, watches) {
		list_remove(link);
		free_watch(worker, LIST_ENTRY(link, struct watch, link));
	}
}

void state_free_spare(struct worker *worker)
{
	LIST_EACH_SAFE(link, &worker->spare_watches) {
		list_remove(link);
		free(LIST_ENTRY(link, struct watch, link));
	}
}
