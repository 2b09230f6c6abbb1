/*
 * Sequences. Their values live in the engine's memory and are not given
 * twice, whatever is rolled back. The file holds a mark that is ahead of
 * what was given: it is moved in the transaction that passes it, so that a
 * value that a commit made durable is never given again after a crash. Like
 * Postgres, which logs 32 values ahead, a crash may skip some; an orderly
 * stop writes the exact value back.
 *
 *      given:  1 2 3 4 ...            mark in _weir_sequence: 33
 */
#include "pool/sqlite/session.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define AHEAD 32

struct sequence {
	UT_hash_handle hh;
	uint32_t oid;
	int64_t start, increment, minimum, maximum;
	bool cycle;
	int64_t value;
	bool called;		/* value was given */
	int64_t left;		/* values until the mark */
	bool dirty;		/* the file's mark is not the value */
	char name[64];
	const char *database;	/* "main" or "temp" */
};

struct lite_sequences {
	pthread_mutex_t lock;
	struct sequence *by_oid;
	uint64_t generation;	/* of the schema when they were read */
	bool marked;		/* since the last rollback */
};

struct lite_sequences *lite_sequences_new(void)
{
	struct lite_sequences *sequences = must_alloc(sizeof(*sequences));

	pthread_mutex_init(&sequences->lock, NULL);
	return sequences;
}

static void forget_all(struct lite_sequences *sequences)
{
	struct sequence *sequence, *next;

	HASH_ITER(hh, sequences->by_oid, sequence, next) {
		HASH_DEL(sequences->by_oid, sequence);
		free(sequence);
	}
}

void lite_sequences_free(struct lite_sequences **sequences_address)
{
	struct lite_sequences *sequences = *sequences_address;

	*sequences_address = NULL;
	if (!sequences)
		return;
	forget_all(sequences);
	pthread_mutex_destroy(&sequences->lock);
	free(sequences);
}

/* Marks that were written in what is rolled back now are gone: the next
 * value of each writes its own. */
void lite_sequences_forget(struct lite_sequences *sequences, bool schema)
{
	struct sequence *sequence, *next;

	pthread_mutex_lock(&sequences->lock);
	if (schema)
		forget_all(sequences);	/* some may never have been */
	else if (sequences->marked)
		HASH_ITER(hh, sequences->by_oid, sequence, next)
			sequence->left = 0;
	sequences->marked = false;
	pthread_mutex_unlock(&sequences->lock);
}

/* --- the file ------------------------------------------------------------------------ */

static struct lite_connection *connection_of(struct lite_context *context)
{
	return LIST_ENTRY(context, struct lite_connection, context);
}

static bool write_mark(struct lite_connection *writer,
		       const struct sequence *sequence, int64_t value,
		       bool called, struct error *error)
{
	enum lite_trust before = writer->trust;
	sqlite3_stmt *statement = NULL;
	char sql[160];
	int code;

	writer->trust = LITE_OWN;
	snprintf(sql, sizeof(sql), "UPDATE %s._weir_sequence SET last_value = "
		 "?1, is_called = ?2 WHERE oid = ?3", sequence->database);
	code = sqlite3_prepare_v2(writer->db, sql, -1, &statement, NULL);
	if (code == SQLITE_OK) {
		sqlite3_bind_int64(statement, 1, value);
		sqlite3_bind_int(statement, 2, called);
		sqlite3_bind_int64(statement, 3, sequence->oid);
		sqlite3_step(statement);
		code = sqlite3_finalize(statement);
	}
	writer->trust = before;
	if (code == SQLITE_OK)
		return true;
	return error_set(error, SQLSTATE_IO_ERROR,
			 "could not write the sequence: %s",
			 sqlite3_errmsg(writer->db));
}

static struct sequence *read_sequence(struct lite_connection *connection,
				      const char *database, uint32_t oid)
{
	enum lite_trust before = connection->trust;
	struct sequence *sequence = NULL;
	sqlite3_stmt *statement = NULL;
	char sql[200];

	connection->trust = LITE_OWN;
	snprintf(sql, sizeof(sql), "SELECT start, increment, minimum, maximum, "
		 "cycle, last_value, is_called FROM %s._weir_sequence "
		 "WHERE oid = ?1", database);
	sqlite3_prepare_v2(connection->db, sql, -1, &statement, NULL);
	if (statement)
		sqlite3_bind_int64(statement, 1, oid);
	if (statement && sqlite3_step(statement) == SQLITE_ROW) {
		sequence = must_alloc(sizeof(*sequence));
		sequence->database = database;
		sequence->oid = oid;
		sequence->start = sqlite3_column_int64(statement, 0);
		sequence->increment = sqlite3_column_int64(statement, 1);
		sequence->minimum = sqlite3_column_int64(statement, 2);
		sequence->maximum = sqlite3_column_int64(statement, 3);
		sequence->cycle = sqlite3_column_int(statement, 4);
		sequence->value = sqlite3_column_int64(statement, 5);
		sequence->called = sqlite3_column_int(statement, 6);
	}
	sqlite3_finalize(statement);
	connection->trust = before;
	return sequence;
}

static void name_sequence(struct sequence *sequence,
			  const struct schema *schema)
{
	const struct schema_sequence *found =
		schema ? schema_sequence_by_oid(schema, sequence->oid) : NULL;

	snprintf(sequence->name, sizeof(sequence->name), "%s",
		 found ? found->name : "?");
}

/* ALTER SEQUENCE and RESTART go through the file: what it says about a
 * sequence counts again after every change of the schema. With the lock
 * held. */
static struct sequence *find(struct lite_sequences *sequences,
			     struct lite_context *context, uint32_t oid)
{
	struct lite_connection *connection = connection_of(context);
	struct sequence *sequence;

	HASH_FIND(hh, sequences->by_oid, &oid, sizeof(oid), sequence);
	if (sequence)
		return sequence;
	/* Only what the writer sees is the truth. */
	if (!connection->is_writer)
		return NULL;
	sequence = read_sequence(connection, "main", oid);
	if (!sequence)
		sequence = read_sequence(connection, "temp", oid);
	if (!sequence)
		return NULL;
	name_sequence(sequence, context->schema);
	HASH_ADD(hh, sequences->by_oid, oid, sizeof(sequence->oid), sequence);
	return sequence;
}

void lite_sequences_reread(struct lite_connection *writer)
{
	struct lite_sequences *sequences = writer->engine->sequences;
	struct error ignored;
	struct sequence *sequence, *next;

	pthread_mutex_lock(&sequences->lock);
	HASH_ITER(hh, sequences->by_oid, sequence, next)
		if (sequence->dirty && sequence->database[0] == 'm')
			write_mark(writer, sequence, sequence->value,
				   sequence->called, &ignored);
	forget_all(sequences);
	pthread_mutex_unlock(&sequences->lock);
}

/* --- values ----------------------------------------------------------------------------- */

static void remember(struct lite_session *session, uint32_t oid, int64_t value)
{
	int i = 0;

	while (i < session->currval_count &&
	       session->currvals[i].sequence != oid)
		i++;
	if (i == session->currval_count) {
		session->currvals = must_realloc(
			session->currvals,
			((size_t)i + 1) * sizeof(*session->currvals));
		session->currval_count++;
	}
	session->currvals[i].sequence = oid;
	session->currvals[i].value = value;
	session->last_sequence = oid;
}

static bool step(struct sequence *sequence, int64_t from, int64_t *ret_value)
{
	int64_t next;

	if (!__builtin_add_overflow(from, sequence->increment, &next) &&
	    next >= sequence->minimum && next <= sequence->maximum) {
		*ret_value = next;
		return true;
	}
	*ret_value = sequence->increment > 0 ? sequence->minimum :
					       sequence->maximum;
	return sequence->cycle;
}

static bool advance(struct sequence *sequence, int64_t *ret_value,
		    struct error *error)
{
	bool up = sequence->increment > 0;

	if (!sequence->called) {
		*ret_value = sequence->value;
		return true;
	}
	if (step(sequence, sequence->value, ret_value))
		return true;
	return error_set(error, "2200H",
			 "nextval: reached %s value of sequence \"%s\" (%lld)",
			 up ? "maximum" : "minimum", sequence->name,
			 (long long)(up ? sequence->maximum :
					  sequence->minimum));
}

/* The mark goes so far ahead that it is written once in a while. */
static bool move_mark(struct lite_connection *writer,
		      struct sequence *sequence, int64_t value,
		      struct error *error)
{
	int64_t ahead = value, next, left = 0;

	while (left < AHEAD && !__builtin_add_overflow(
				       ahead, sequence->increment, &next) &&
	       next >= sequence->minimum && next <= sequence->maximum) {
		ahead = next;
		left++;
	}
	if (!write_mark(writer, sequence, ahead, true, error))
		return false;
	sequence->left = left + 1;
	sequence->dirty = true;
	writer->engine->sequences->marked = true;
	return true;
}

static bool needs_writer(struct error *error)
{
	return error_set(error, LITE_RETRY_WRITER, "%s", "needs the writer");
}

static bool unknown(struct lite_context *context, uint32_t oid,
		    struct error *error)
{
	if (!connection_of(context)->is_writer)
		return needs_writer(error);
	return error_set(error, SQLSTATE_UNDEFINED_TABLE,
			 "could not open relation with OID %u", oid);
}

static bool next_locked(struct lite_context *context, uint32_t oid,
			int64_t *ret_value, struct error *error)
{
	struct lite_connection *connection = connection_of(context);
	struct lite_sequences *sequences = connection->engine->sequences;
	struct sequence *sequence = find(sequences, context, oid);

	if (!sequence)
		return unknown(context, oid, error);
	if (!advance(sequence, ret_value, error))
		return false;
	if (sequence->left == 0) {
		if (!connection->is_writer || !connection->member)
			return needs_writer(error);
		if (!move_mark(connection, sequence, *ret_value, error))
			return false;
	}
	sequence->left--;
	sequence->value = *ret_value;
	sequence->called = true;
	return true;
}

static bool current_value(struct lite_context *context, uint32_t oid,
			  int64_t *ret_value, struct error *error)
{
	struct lite_session *session = lite_session_of(context);
	const struct schema_sequence *found =
		schema_sequence_by_oid(context->schema, oid);

	for (int i = 0; i < session->currval_count; i++)
		if (session->currvals[i].sequence == oid) {
			*ret_value = session->currvals[i].value;
			return true;
		}
	return error_set(error, SQLSTATE_NOT_IN_PREREQUISITE_STATE,
			 "currval of sequence \"%s\" is not yet defined in "
			 "this session", found ? found->name : "?");
}

static bool next_value(struct lite_context *context, uint32_t oid,
		       int64_t *ret_value, struct error *error)
{
	struct lite_sequences *sequences =
		connection_of(context)->engine->sequences;
	struct lite_session *session = lite_session_of(context);
	bool done;

	/* A statement that is repeated only to find out why it failed gives
	 * no new values, but its own again. */
	if (session->replaying && session->replayed < session->given_count) {
		*ret_value = session->given[session->replayed++];
		return true;
	}
	if (session->replaying)
		return current_value(context, oid, ret_value, error);
	pthread_mutex_lock(&sequences->lock);
	done = next_locked(context, oid, ret_value, error);
	pthread_mutex_unlock(&sequences->lock);
	if (done)
		remember(session, oid, *ret_value);
	if (done && session->given_count < LITE_GIVEN_MAX)
		session->given[session->given_count++] = *ret_value;
	return done;
}

static bool last_value(struct lite_context *context, int64_t *ret_value,
		       struct error *error)
{
	struct lite_session *session = lite_session_of(context);

	if (session->last_sequence &&
	    schema_sequence_by_oid(context->schema, session->last_sequence))
		return current_value(context, session->last_sequence,
				     ret_value, error);
	return error_set(error, SQLSTATE_NOT_IN_PREREQUISITE_STATE, "%s",
			 "lastval is not yet defined in this session");
}

static bool set_locked(struct lite_context *context, uint32_t oid,
		       int64_t value, bool called, struct error *error)
{
	struct lite_connection *connection = connection_of(context);
	struct lite_sequences *sequences = connection->engine->sequences;
	struct sequence *sequence = find(sequences, context, oid);

	if (!sequence)
		return unknown(context, oid, error);
	if (value < sequence->minimum || value > sequence->maximum)
		return error_set(error, SQLSTATE_NUMERIC_OUT_OF_RANGE,
				 "setval: value %lld is out of bounds for "
				 "sequence \"%s\" (%lld..%lld)",
				 (long long)value, sequence->name,
				 (long long)sequence->minimum,
				 (long long)sequence->maximum);
	if (!connection->is_writer || !connection->member)
		return needs_writer(error);
	if (!write_mark(connection, sequence, value, called, error))
		return false;
	sequence->value = value;
	sequence->called = called;
	sequence->left = 0;
	sequence->dirty = false;
	return true;
}

static bool set_value(struct lite_context *context, uint32_t oid,
		      int64_t value, bool called, struct error *error)
{
	struct lite_sequences *sequences =
		connection_of(context)->engine->sequences;
	bool done;

	if (lite_session_of(context)->replaying)
		return true;
	pthread_mutex_lock(&sequences->lock);
	done = set_locked(context, oid, value, called, error);
	pthread_mutex_unlock(&sequences->lock);
	if (done && called)
		remember(lite_session_of(context), oid, value);
	return done;
}

/* What is not in memory is as the file says. */
static bool sequence_row(struct lite_context *context, uint32_t oid,
			 struct lite_sequence_row *ret_row, struct error *error)
{
	struct lite_connection *connection = connection_of(context);
	struct lite_sequences *sequences = connection->engine->sequences;
	struct sequence *sequence, *read = NULL;

	pthread_mutex_lock(&sequences->lock);
	HASH_FIND(hh, sequences->by_oid, &oid, sizeof(oid), sequence);
	if (!sequence)
		sequence = read = read_sequence(connection, "main", oid);
	if (!sequence)
		sequence = read = read_sequence(connection, "temp", oid);
	if (sequence)
		*ret_row = (struct lite_sequence_row){
			sequence->value, sequence->left, sequence->called };
	pthread_mutex_unlock(&sequences->lock);
	free(read);
	return sequence || unknown(context, oid, error);
}

static const char *get_setting(struct lite_context *context, const char *name)
{
	return lite_settings_get(&lite_session_of(context)->settings, name);
}

static bool set_setting(struct lite_context *context, const char *name,
			const char *value, bool local, struct error *error)
{
	return lite_settings_set(&lite_session_of(context)->settings, name,
				 value, local, error);
}

void lite_sequences_connect(struct lite_context *context)
{
	context->next_value = next_value;
	context->current_value = current_value;
	context->last_value = last_value;
	context->set_value = set_value;
	context->sequence_row = sequence_row;
	context->setting = get_setting;
	context->set_setting = set_setting;
}
