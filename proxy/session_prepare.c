#include "proxy/session_prepare.h"

#include <stdlib.h>

#include "protocol/message_write.h"
#include "proxy/route.h"
#include "proxy/session_state.h"

/* Under this name a PREPARE is run again; it is closed at once. */
#define INSTALLER "weir_install"

#define INSTALLED_MIN 64	/* names on a server, whatever the option says */

/* --- on the wire -------------------------------------------------------- */

/* Writes a Parse; the text is given with its end byte. */
static void put_parse(struct session *session, const char *name,
		      struct slice text, struct slice types)
{
	struct buffer head = { 0 };
	size_t length = strlen(name) + 1 + text.length + types.length;

	buffer_put_u8(&head, 'P');
	buffer_put_u32(&head, (uint32_t)length + 4);
	buffer_put_cstring(&head, name);
	relay_put_message(session, &head);
	relay_put_own(session, text);
	relay_put_own(session, types);
}

static void put_parse_of(struct session *session,
			 const struct statement *statement, const char *name)
{
	put_parse(session, name,
		  slice_make(statement->text.at, statement->text.length + 1),
		  statement->types);
}

static void put_close(struct session *session, const char *name, uint8_t flags)
{
	struct buffer message = { 0 };

	relay_expect(session, 'C', EXPECT_SWALLOW | flags, 0);
	write_close(&message, 'S', name);
	relay_put_message(session, &message);
}

/* --- shared statements -------------------------------------------------- */

/* Room for one more on the server: what is forgotten here is closed there. */
static void learn(struct session *session, struct statement *statement)
{
	struct buffer message = { 0 };
	struct statement *forgotten =
		statement_learn(session->backend, statement,
				route_statements_max(session->route));

	if (!forgotten)
		return;
	session->backend->closing++;
	write_close(&message, 'S', forgotten->name);
	relay_expect(session, 'C', EXPECT_SWALLOW | EXPECT_WATCH,
		     state_watch_name(session, 'C', forgotten,
				      slice_make(NULL, 0), true));
	relay_put_message(session, &message);
}

/* Learns it, and closes what may be there of that name, also because a Close
 * under way may yet be skipped. */
static void learn_again(struct session *session, struct statement *statement,
			enum knowledge knowledge)
{
	bool close = knowledge != STATEMENT_UNKNOWN ||
		     session->backend->closing;

	learn(session, statement);
	if (close)
		put_close(session, statement->name, 0);
}

/* Before a message that names a statement: prepares it where the backend does
 * not know it as it was when the client prepared it. */
static void make_known(struct session *session,
		       const struct prepared *prepared)
{
	struct statement *statement = prepared->statement;
	enum knowledge knowledge = statement_knowledge(
		session->backend, statement, prepared->since);

	if (knowledge == STATEMENT_KNOWN)
		return;
	learn_again(session, statement, knowledge);
	relay_expect(session, 'P', EXPECT_SWALLOW | EXPECT_WATCH,
		     state_watch_name(session, 'P', statement_ref(statement),
				      slice_make(NULL, 0), true));
	put_parse_of(session, statement, statement->name);
}

/* What a text means depends on some settings; one that may read the clock
 * when it is parsed is shared with nobody. */
static struct statement *get_statement(struct session *session,
				       struct slice text, struct slice types,
				       uint64_t since)
{
	struct slice meaning = settings_meaning(session->settings);
	struct statements *all = session->worker->statements;
	struct statement *statement;
	struct buffer context = { 0 };

	if (!sql_may_read_clock(text))
		return statement_get(all, text, types, meaning);
	buffer_put_slice(&context, meaning);
	buffer_put_u64(&context, since);
	statement = statement_get(all, text, types, buffer_slice(&context));
	buffer_fini(&context);
	return statement;
}

static enum step parse_named(struct session *session, struct slice name,
			     struct slice text, struct slice types)
{
	uint64_t since = statements_time(session->worker->statements);
	struct statement *statement;
	struct error error;

	if (names_find(session->names, name)) {
		error_set(&error, SQLSTATE_DUPLICATE_STATEMENT,
			  "prepared statement \"%.*s\" already exists",
			  (int)name.length, (const char *)name.at);
		return relay_refuse(session, &error, true);
	}
	statement = get_statement(session, text, types, since);
	names_put(&session->names, name, statement_ref(statement), since);
	prepare_names_for(session, statement);
	/* Also where the server knows it: it may have read it before the
	 * tables changed, and whether it is in order the client asks now. */
	learn_again(session, statement,
		    statement_knowledge(session->backend, statement, since));
	relay_expect(session, 'P', EXPECT_WATCH,
		     state_watch_name(session, 'P', statement, name, true));
	put_parse_of(session, statement, statement->name);
	return STEP_TAKEN;
}

/* --- the unnamed statement ---------------------------------------------- */

/* A Parse of the unnamed statement is sent next. */
static void note_unnamed(struct session *session)
{
	session->unnamed_here = true;
	session->unnamed_sure = false;
	session->unnamed_batch = session->backend->batches;
}

static bool unnamed_is_here(const struct session *session)
{
	return session->unnamed_here &&
	       (session->unnamed_sure ||
		session->unnamed_batch == session->backend->batches);
}

static enum step parse_unnamed(struct session *session, struct slice text,
			       struct slice types, struct slice frame)
{
	struct statement *old = session->unnamed;

	if (!old || !slice_equal(old->text, text) ||
	    !slice_equal(old->types, types)) {
		session->unnamed =
			statement_get(session->worker->statements, text, types,
				      slice_make(NULL, 0));
		statement_unref(&old);
	}
	prepare_names_for(session, session->unnamed);
	note_unnamed(session);
	relay_expect(session, 'P', EXPECT_FORWARD, 0);
	relay_put(session, frame);
	return STEP_TAKEN;
}

enum step prepare_parse(struct session *session, struct slice name,
			struct slice text, struct slice types,
			struct slice frame)
{
	if (name.length)
		return parse_named(session, name, text, types);
	return parse_unnamed(session, text, types, frame);
}

/* --- under the client's own names --------------------------------------- */

/* By messages, for a simple query would end the batch it stands in. */
static void run(struct session *session, struct slice text, uint8_t flags)
{
	struct buffer message = { 0 };

	put_close(session, INSTALLER, flags);
	relay_expect(session, 'P', EXPECT_SWALLOW | flags, 0);
	put_parse(session, INSTALLER,
		  slice_make(text.at, text.length + 1), slice_make("\0\0", 2));
	relay_expect(session, 'B', EXPECT_SWALLOW | flags, 0);
	write_bind_plain(&message, INSTALLER, INSTALLER);
	relay_expect(session, 'E', EXPECT_SWALLOW | flags, 0);
	write_execute(&message, INSTALLER, 0);
	relay_put_message(session, &message);
	relay_expect(session, 'C', EXPECT_SWALLOW | flags, 0);
	write_close(&message, 'P', INSTALLER);
	relay_put_message(session, &message);
	put_close(session, INSTALLER, flags);
}

/* Makes what stands on the server under this name what the client means by
 * it, if that is something. True: something was sent. */
static bool install(struct session *session, const char *name, uint8_t flags)
{
	const struct prepared *wanted =
		names_find(session->names, slice_text(name));
	uint64_t id = wanted ? wanted->statement->id : 0;
	bool sure;
	uint64_t there = statement_installed(session->backend, name, &sure);

	if (sure && there == id)
		return false;
	if (!sure || there)
		put_close(session, name, flags);
	statement_install(session->backend, name,
			  wanted ? wanted->statement : NULL);
	if (!wanted)
		return true;
	if (wanted->statement->by_sql) {
		run(session, wanted->statement->text, flags);
	} else {
		relay_expect(session, 'P', EXPECT_SWALLOW | flags, 0);
		put_parse_of(session, wanted->statement, name);
	}
	return true;
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
	relay_expect(session, 'S', EXPECT_SWALLOW, 0);
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

struct naming {
	struct session *session;
	uint8_t flags;
	bool sent;
};

static void on_installed_name(void *context, const char *name)
{
	struct naming *naming = context;

	naming->sent |= install(naming->session, name, naming->flags);
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

	put_close(naming->session, statement->name, naming->flags);
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

static void install_for(struct naming *naming, const struct session_deed *deed)
{
	switch (deed->kind) {
	case SESSION_PREPARE:
	case SESSION_EXECUTE:
	case SESSION_DEALLOCATE:
		naming->sent |= install(naming->session, deed->name,
					naming->flags);
		break;
	case SESSION_NAMES_READ:
		install_all(naming);
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
		put_close(naming->session, name, naming->flags);
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
	for (int i = 0; i < facts->session_deed_count; i++)
		install_for(&naming, &facts->session_deeds[i]);
	if (!naming.sent)
		return;
	make_room(&naming);
	end_own_batch(session, naming.flags);
}

/* --- what a name stands for --------------------------------------------- */

bool prepare_find(struct session *session, struct slice name,
		  struct found *ret_found)
{
	const struct prepared *prepared;

	if (!name.length) {
		if (!session->unnamed)
			return false;
		prepare_names_for(session, session->unnamed);
		if (!unnamed_is_here(session)) {
			note_unnamed(session);
			relay_expect(session, 'P', EXPECT_SWALLOW, 0);
			put_parse_of(session, session->unnamed, "");
		}
		*ret_found = (struct found){ session->unnamed, "" };
		return true;
	}
	prepared = names_find(session->names, name);
	if (!prepared)
		return false;
	*ret_found = (struct found){ prepared->statement,
				     prepared->statement->name };
	if (prepared->statement->by_sql) {
		ret_found->name = prepared->name;
		install(session, prepared->name, 0);
		return true;
	}
	prepare_names_for(session, prepared->statement);
	make_known(session, prepared);
	return true;
}

/* weir's own answer in the right place of the stream. Should the server skip
 * to a Sync before its turn comes, it was not done. */
void prepare_close(struct session *session, struct slice name)
{
	const struct prepared *prepared = names_find(session->names, name);
	struct buffer reply = { 0 };

	write_close_complete(&reply);
	if (!session->backend || backend_is_quiet(session->backend)) {
		session_send(session, buffer_slice(&reply));
		buffer_fini(&reply);
	} else if (prepared) {
		backend_expect(session->backend, 'C',
			       EXPECT_INSERT | EXPECT_WATCH,
			       state_watch_close(session, prepared), &reply);
	} else {
		backend_expect(session->backend, 'C', EXPECT_INSERT, 0,
			       &reply);
	}
	/* The server keeps it for whoever prepares the same. */
	if (name.length)
		names_remove(&session->names, name);
	else
		statement_unref(&session->unnamed);
}
