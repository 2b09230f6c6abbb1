/*
 * SQL-level PREPARE, EXECUTE and DEALLOCATE speak of names, as the server
 * knows them. Before a text that does, what stands on the leased server under
 * those names is made what the client means by them; what another client left
 * there is closed.
 *
 * Weir's own messages go in front of the client's: within a batch as a part of
 * it, in front of a simple query as a batch of their own.
 */
#include "proxy/session_prepare_inner.h"

#include <stdlib.h>

#include "protocol/message_read.h"
#include "protocol/message_write.h"
#include "proxy/route.h"
#include "proxy/session_listen.h"
#include "proxy/session_state.h"

/* Under this name a PREPARE is run again; it is closed at once. */
#define INSTALLER "weir_install"

#define INSTALLED_MIN 64	/* names on a server, whatever the option says */

/* --- texts of weir's own ------------------------------------------------ */

/* By messages, for a simple query would end the batch it stands in. */
static void run(struct session *session, struct slice text, uint8_t flags)
{
	struct buffer message = { 0 };

	prepare_put_close(session, INSTALLER, flags);
	relay_expect(session, 'P', EXPECT_SWALLOW | flags, 0);
	prepare_put_parse(session, INSTALLER,
		  slice_make(text.at, text.length + 1), slice_make("\0\0", 2));
	relay_expect(session, 'B', EXPECT_SWALLOW | flags, 0);
	write_bind_plain(&message, INSTALLER, INSTALLER);
	relay_expect(session, 'E', EXPECT_SWALLOW | flags, 0);
	write_execute(&message, INSTALLER, 0);
	relay_put_message(session, &message);
	relay_expect(session, 'C', EXPECT_SWALLOW | flags, 0);
	write_close(&message, 'P', INSTALLER);
	relay_put_message(session, &message);
	prepare_put_close(session, INSTALLER, flags);
}

/* In front of a simple query weir's own messages are a batch of their own. */
static uint8_t batch_flags(const struct session *session)
{
	return session->backend->batch_open ? 0 : EXPECT_SILENT;
}

static void end_own_batch(struct session *session, uint8_t flags)
{
	if (!flags)
		return;
	relay_expect(session, 'S', EXPECT_SWALLOW | EXPECT_WATCH,
		     INSTALL_TOKEN);
	session->installed_batch = session->backend->batches;
	relay_put_own(session, slice_make("S\0\0\0\4", 5));
}

void prepare_run(struct session *session, const char *text)
{
	uint8_t flags = batch_flags(session);

	if (session->backend->status == 'E')
		return;
	run(session, slice_text(text), flags);
	end_own_batch(session, flags);
}

static void put_parse_of(struct session *session,
			 const struct statement *statement, const char *name)
{
	prepare_put_parse(session, name,
		  slice_make(statement->text.at, statement->text.length + 1),
		  statement->types);
}

struct changing {
	struct session *session;
	uint8_t flags;
};

static void on_step(void *context, const char *sql)
{
	struct changing *changing = context;

	run(changing->session, slice_text(sql), changing->flags);
}

/* A text is read under the settings it was first read under, whatever the
 * client has set since: changes to those, and back. */
void prepare_change_meaning(struct session *session,
			   const struct statement *statement, bool to,
			   uint8_t flags)
{
	struct changing changing = { session, flags };
	struct settings *meant;

	if (slice_equal(settings_meaning(session->settings),
			settings_meaning(statement->context)))
		return;
	meant = settings_with_meaning(session->settings, statement->context);
	if (to)
		settings_steps(session->settings, meant, on_step, &changing);
	else
		settings_steps(meant, session->settings, on_step, &changing);
	settings_unref(&meant);
}

/* Makes what stands on the server under this name what the client means by
 * it, if that is something. True: something was sent. */
bool prepare_install(struct session *session, const char *name, uint8_t flags)
{
	const struct prepared *wanted =
		names_find(session->names, slice_text(name));
	bool sure;
	const struct statement *there =
		statement_installed(session->backend, name, &sure);

	if (sure && there == (wanted ? wanted->statement : NULL))
		return false;
	if (!sure || there)
		prepare_put_close(session, name, flags);
	statement_install(session->backend, name,
			  wanted ? wanted->statement : NULL);
	if (!wanted)
		return true;
	prepare_change_meaning(session, wanted->statement, true, flags);
	if (wanted->statement->by_sql) {
		run(session, wanted->statement->text, flags);
	} else {
		relay_expect(session, 'P', EXPECT_SWALLOW | flags, 0);
		put_parse_of(session, wanted->statement, name);
	}
	prepare_change_meaning(session, wanted->statement, false, flags);
	return true;
}

struct naming {
	struct session *session;
	uint8_t flags;
	bool sent;
};

static void on_installed_name(void *context, const char *name)
{
	struct naming *naming = context;

	naming->sent |= prepare_install(naming->session, name, naming->flags);
}

static void on_own_name(void *context, const char *name,
			const struct prepared *prepared)
{
	on_installed_name(context, name);
}

/* The Close may yet be skipped, so something of the name may be there. */
static void on_known(void *context, struct statement *statement)
{
	struct naming *naming = context;

	prepare_put_close(naming->session, statement->name, naming->flags);
	statement_doubt(naming->session->backend, statement);
	naming->sent = true;
}

/* The server holds all of the client's names, and nothing else. */
static void install_all(struct naming *naming)
{
	struct backend *backend = naming->session->backend;

	statement_each_known(backend, on_known, naming);
	statement_each_installed(backend, on_installed_name, naming);
	names_each(naming->session->names, on_own_name, naming);
}

static void on_sql_name(void *context, const char *name,
			const struct prepared *prepared)
{
	if (prepared->statement->by_sql)
		on_installed_name(context, name);
}

/* Code may EXECUTE what no text names. */
static bool may_execute(const struct sql_facts *facts)
{
	for (int i = 0; i < facts->code_count; i++)
		if (facts->codes[i].body &&
		    strcasestr(facts->codes[i].body, "execute"))
			return true;
	return false;
}

static void install_for_code(struct naming *naming,
			     const struct sql_facts *facts)
{
	struct session *session = naming->session;

	statement_each_installed(session->backend, on_installed_name, naming);
	names_each(session->names,
		   may_execute(facts) ? on_own_name : on_sql_name, naming);
}

static bool is_opaque(const struct sql_facts *facts)
{
	for (int i = 0; i < facts->statement_count; i++)
		if (facts->statements[i].opaque)
			return true;
	return false;
}

static void install_for(struct naming *naming, const struct session_deed *deed)
{
	switch (deed->kind) {
	case SESSION_PREPARE:
	case SESSION_EXECUTE:
	case SESSION_DEALLOCATE:
		naming->sent |= prepare_install(naming->session, deed->name,
					naming->flags);
		break;
	case SESSION_NAMES_READ:
		install_all(naming);
		break;
	case SESSION_CHANNELS_READ:
		/* in batches of its own */
		listen_install(naming->session);
		break;
	default:
		break;
	}
}

static void make_room(struct naming *naming)
{
	unsigned limit = route_statements_max(naming->session->route);
	unsigned most = limit < INSTALLED_MIN ? INSTALLED_MIN : limit;
	struct backend *backend = naming->session->backend;
	char *name;

	while ((name = statement_uninstall_oldest(backend, most))) {
		prepare_put_close(naming->session, name, naming->flags);
		naming->sent = true;
		free(name);
	}
}

void prepare_names_for(struct session *session,
		       const struct statement *statement)
{
	const struct sql_facts *facts = statement ? statement->facts : NULL;
	struct backend *backend = session->backend;
	struct naming naming = { .session = session,
				 .flags = batch_flags(session) };

	/* What fails already can run nothing more. */
	if (!facts || backend->status == 'E')
		return;
	if (is_opaque(facts))
		install_for_code(&naming, facts);
	for (int i = 0; i < facts->session_deed_count; i++)
		install_for(&naming, &facts->session_deeds[i]);
	if (!naming.sent)
		return;
	make_room(&naming);
	end_own_batch(session, naming.flags);
}

/* --- what code has done to names ---------------------------------------- */

/* The PREPARE of this name in a text that may hold more: its own text. */
static struct statement *find_prepare(struct session *session, const char *name,
				      struct slice text)
{
	struct statement *found = NULL;
	struct arena arena = { 0 };
	struct sql_facts facts;
	struct error error;

	if (!sql_facts_read(text, &arena, &facts, &error))
		facts.session_deed_count = 0;
	for (int i = 0; i < facts.session_deed_count; i++) {
		const struct session_deed *deed = &facts.session_deeds[i];

		if (deed->kind != SESSION_PREPARE ||
		    strcmp(deed->name, name) != 0)
			continue;
		statement_unref(&found);
		found = statement_of_sql(session->worker->statements,
					 slice_text(deed->text),
					 session->settings);
	}
	arena_fini(&arena);
	return found;
}

/* The server holds this name. It is known, or the client's code has just
 * prepared it. */
static void found_name(struct session *session, const char *name,
		       struct slice text)
{
	struct statement *statement = find_prepare(session, name, text);
	const struct prepared *own =
		names_find(session->names, slice_text(name));
	bool sure;
	const struct statement *there =
		statement_installed(session->backend, name, &sure);
	bool known = statement && there &&
		     slice_equal(there->text, statement->text);

	if (statement && !known && !(own && own->statement == statement)) {
		names_put(&session->names, slice_text(name),
			  statement_ref(statement),
			  statements_time(session->worker->statements));
	}
	if (statement && !known)
		statement_install(session->backend, name, statement);
	statement_settle(session->backend, name);
	statement_unref(&statement);
}

struct finding {
	struct session *session;
	struct slice rows;
	struct buffer gone;	/* names that are, zero-ended each */
};

static bool next_name(struct slice *rows, struct slice *ret_name,
		      struct slice *ret_text)
{
	struct frame frame;

	while (frame_read(*rows, BUFFER_BYTES_MAX, &frame) == FRAME_WHOLE) {
		struct slice kind = { NULL, 0 };
		struct row_message row;

		rows->at += frame.length;
		rows->length -= frame.length;
		if (read_row(frame.body, &row) && row.column_count == 3 &&
		    row_next(&row, &kind) && slice_is(kind, "prepared") &&
		    row_next(&row, ret_name) && row_next(&row, ret_text))
			return true;
	}
	return false;
}

static void on_maybe_gone(void *context, const char *name,
			  const struct prepared *prepared)
{
	struct finding *finding = context;
	struct slice rows = finding->rows, found, text;

	if (!prepared->statement->by_sql ||
	    !statement_stood(finding->session->backend, name,
			     prepared->statement,
			     finding->session->first_batch))
		return;
	while (next_name(&rows, &found, &text))
		if (slice_is(found, name))
			return;
	buffer_put_cstring(&finding->gone, name);
}

void prepare_found(struct session *session, struct slice rows)
{
	struct finding finding = { .session = session, .rows = rows };
	struct slice left = rows, name, text;
	struct reader gone;

	while (next_name(&left, &name, &text)) {
		char *copy = slice_dup(name);

		found_name(session, copy, text);
		free(copy);
	}
	names_each(session->names, on_maybe_gone, &finding);
	gone = reader_make(buffer_slice(&finding.gone));
	while (reader_left(&gone)) {
		name = read_cstring(&gone);
		names_remove(&session->names, name);
		statement_install(session->backend, (const char *)name.at,
				  NULL);
	}
	buffer_fini(&finding.gone);
}

/* --- names in errors ---------------------------------------------------- */

struct renaming {
	struct slice theirs;	/* weir_17 */
	const char *ours;	/* the client's, or NULL */
};

static void on_candidate(void *context, const char *name,
			 const struct prepared *prepared)
{
	struct renaming *renaming = context;

	if (slice_is(renaming->theirs, prepared->statement->name))
		renaming->ours = name;
}

/* Appends the text with names in quotes replaced. */
static void put_renamed(struct session *session, struct slice text,
			struct buffer *out)
{
	static const char start[] = "\"" STATEMENT_NAME_PREFIX;

	for (;;) {
		const uint8_t *at = memmem(text.at, text.length, start,
					   sizeof(start) - 1);
		const uint8_t *end;
		struct renaming renaming = { { NULL, 0 }, NULL };

		if (!at)
			break;
		buffer_put(out, text.at, (size_t)(at - text.at) + 1);
		text = slice_make(at + 1,
				  text.length - (size_t)(at + 1 - text.at));
		end = memchr(text.at, '"', text.length);
		if (!end)
			break;
		renaming.theirs =
			slice_make(text.at, (size_t)(end - text.at));
		names_each(session->names, on_candidate, &renaming);
		if (!renaming.ours)
			renaming.ours = state_name_under_way(session,
							     renaming.theirs);
		if (renaming.ours)
			buffer_put_text(out, renaming.ours);
		else
			buffer_put_slice(out, renaming.theirs);
		text.at += renaming.theirs.length;
		text.length -= renaming.theirs.length;
	}
	buffer_put_slice(out, text);
}

void prepare_reword(struct session *session, struct slice body,
		    struct buffer *out)
{
	size_t mark = message_begin(out, 'E');
	struct slice severity;
	struct error error;

	put_renamed(session, body, out);
	message_end(out, mark);
	/* Code has thrown away what weir takes to be there. */
	if (read_error(body, &error, &severity) &&
	    error_is(&error, SQLSTATE_INVALID_STATEMENT_NAME))
		session->backend->doomed = true;
}
