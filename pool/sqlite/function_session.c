/*
 * What a function may know or change of the session that runs: settings,
 * sequences, time of day apart; advisory locks, sleeping, identity.
 */
#include "pool/sqlite/function.h"
#include "pool/sqlite/setting_table.h"

#include <errno.h>
#include <time.h>

#include "protocol/iso_time.h"

/* --- settings ---------------------------------------------------------------- */

static bool fail_setting(struct call *call, const char *name)
{
	return error_set(call->error, SQLSTATE_UNDEFINED_OBJECT,
			 "unrecognized configuration parameter \"%s\"", name);
}

/* current_setting(name [, missing is fine]) */
static bool current_setting(struct call *call)
{
	const char *name = call_cstring(call, 0), *value = NULL;

	if (call->context->setting)
		value = call->context->setting(call->context, name);
	if (value)
		return give_text(call, slice_text(value));
	if (call->count == 2 && call_integer(call, 1))
		return give_null(call);
	return fail_setting(call, name);
}

/* set_config(name, value, only in this transaction); NULL: its default */
static bool set_config(struct call *call)
{
	const char *name, *value;
	bool local;

	if (call_null(call, 0))
		return error_set(call->error, SQLSTATE_NULL_NOT_ALLOWED,
				 "SET requires parameter name");
	name = call_cstring(call, 0);
	value = call_null(call, 1) ? NULL : call_cstring(call, 1);
	local = !call_null(call, 2) && call_integer(call, 2);
	if (!call->context->set_setting)
		return fail_setting(call, name);
	if (!call->context->set_setting(call->context, name, value, local,
					call->error))
		return false;
	value = call->context->setting
			? call->context->setting(call->context, name)
			: value;
	return value ? give_text(call, slice_text(value)) : give_null(call);
}

/* pg_once(rowid): whether ON CONFLICT DO UPDATE may change that row */
static bool once(struct call *call)
{
	if (!touched_has(&call->context->touched, call_integer(call, 0)))
		return give_bool(call, true);
	error_set(call->error, SQLSTATE_CARDINALITY, "%s",
		  "ON CONFLICT DO UPDATE command cannot affect row a second "
		  "time");
	error_hint(call->error, "%s",
		   "Ensure that no rows proposed for insertion within the same "
		   "command have duplicate constrained values.");
	return false;
}

/* pg_no_target(): no partial index is of what the parameters say */
static bool no_target(struct call *call)
{
	return error_set(call->error, "42P10", "%s",
			 "there is no unique or exclusion constraint matching "
			 "the ON CONFLICT specification");
}

/* pg_xmax(): of the row that INSERT has just written. In Postgres one that was
 * there was locked by this transaction; what its number is nobody can know. */
static bool xmax(struct call *call)
{
	return give_integer(call, call->context->touched.updated);
}

/* pg_merge_once(count): fails where MERGE has come to a row so many times */
static bool merge_once(struct call *call)
{
	if (call_integer(call, 0) <= 1)
		return give_bool(call, true);
	error_set(call->error, SQLSTATE_CARDINALITY, "%s",
		  "MERGE command cannot affect row a second time");
	error_hint(call->error, "%s",
		   "Ensure that not more than one source row matches any one "
		   "target row.");
	return false;
}

/* --- rows of earlier parts: see pool/sqlite/kept.h ------------------------------ */

/* pg_item(row, index) */
static bool item(struct call *call)
{
	struct value value;

	kept_item(call_text(call, 0), call_integer(call, 1), &value);
	return give_value(call, &value);
}

/* pg_kept_item(set, key, index): of the row with that key */
static bool kept_item_of(struct call *call)
{
	struct kept *kept = &call->context->kept;
	int64_t number = call_integer(call, 0);
	struct value value;
	size_t index;

	if (number < 0 || number >= kept->count ||
	    !kept_find(&kept->sets[number], call_integer(call, 1), &index))
		return give_null(call);
	kept_item(kept_row(&kept->sets[number], index), call_integer(call, 2),
		  &value);
	return give_value(call, &value);
}

/* --- sequences ----------------------------------------------------------------- */

static bool fail_sequences(struct call *call)
{
	return error_set(call->error, SQLSTATE_FEATURE_NOT_SUPPORTED,
			 "sequences are not available here");
}

static bool nextval(struct call *call)
{
	int64_t value;

	if (!call->context->next_value)
		return fail_sequences(call);
	return call->context->next_value(call->context,
					 (uint32_t)call_integer(call, 0),
					 &value, call->error) &&
	       give_integer(call, value);
}

static bool currval(struct call *call)
{
	int64_t value;

	if (!call->context->current_value)
		return fail_sequences(call);
	return call->context->current_value(call->context,
					    (uint32_t)call_integer(call, 0),
					    &value, call->error) &&
	       give_integer(call, value);
}

static bool lastval(struct call *call)
{
	int64_t value;

	if (!call->context->last_value)
		return fail_sequences(call);
	return call->context->last_value(call->context, &value, call->error) &&
	       give_integer(call, value);
}

/* setval(sequence, value [, it was called]) */
static bool setval(struct call *call)
{
	int64_t value = call_integer(call, 1);
	bool called = call->count == 2 || call_integer(call, 2);

	if (!call->context->set_value)
		return fail_sequences(call);
	return call->context->set_value(call->context,
					(uint32_t)call_integer(call, 0), value,
					called, call->error) &&
	       give_integer(call, value);
}

enum { SEQUENCE_VALUE, SEQUENCE_LOGGED, SEQUENCE_CALLED, SEQUENCE_GIVEN };

/* pg_sequence_...(sequence): one column of its row; GIVEN is the last value
 * that nextval() gave, NULL before the first. */
static bool sequence_part(struct call *call)
{
	struct lite_sequence_row row;

	if (!call->context->sequence_row)
		return fail_sequences(call);
	if (!call->context->sequence_row(call->context,
					 (uint32_t)call_integer(call, 0), &row,
					 call->error))
		return false;
	if (call->variant == SEQUENCE_CALLED)
		return give_bool(call, row.is_called);
	if (call->variant == SEQUENCE_GIVEN && !row.is_called)
		return give_null(call);
	return give_integer(call, call->variant == SEQUENCE_LOGGED ?
				  row.log_cnt : row.last_value);
}

/* --- advisory locks ---------------------------------------------------------------- */

/*
 * One key of 64 bits, or two of 32. The engine owns the locks: it answers
 * through context->advisory_lock (LITE_LOCK_...).
 */
static bool advisory(struct call *call)
{
	bool two = call->count == 2, done = false;
	int64_t key = call->count ? call_integer(call, 0) : 0;
	int64_t second = two ? call_integer(call, 1) : 0;

	if (!call->context->advisory_lock)
		return error_set(call->error, SQLSTATE_FEATURE_NOT_SUPPORTED,
				 "advisory locks are not supported");
	if (two)
		key = (int64_t)((uint64_t)key << 32 | (uint32_t)second);
	if (!call->context->advisory_lock(call->context, call->variant, two,
					  key, &done, call->error))
		return false;
	if (call->variant & (LITE_LOCK_TRY | LITE_LOCK_RELEASE))
		return give_bool(call, done);
	return give_text(call, slice_make("", 0));	/* void */
}

/* --- sleeping ------------------------------------------------------------------------ */

#define NAP_NS 20000000		/* a cancel is noticed after so long */

static double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static bool pg_sleep(struct call *call)
{
	double until = seconds_now() + call_real(call, 0), left;

	while ((left = until - seconds_now()) > 0) {
		struct timespec nap = { 0, NAP_NS };

		if (call->context->cancelled &&
		    atomic_load(call->context->cancelled))
			return error_set(call->error, SQLSTATE_QUERY_CANCELED,
					 "canceling statement due to user "
					 "request");
		if (call->context->too_late &&
		    call->context->too_late(call->context))
			return error_set(call->error, SQLSTATE_QUERY_CANCELED,
					 "canceling statement due to statement "
					 "timeout");
		if (left * 1e9 < NAP_NS)
			nap.tv_nsec = (long)(left * 1e9);
		nanosleep(&nap, NULL);
	}
	return give_text(call, slice_make("", 0));
}

/* --- who and what ----------------------------------------------------------------------- */

static bool backend_pid(struct call *call)
{
	return give_integer(call, call->context->process_id);
}

/* Drivers read the number behind the first word. */
static bool version(struct call *call)
{
	return give_text(call, slice_text(arena_printf(
		call->scratch, "PostgreSQL " LITE_SERVER_NUMBER " (weir "
		WEIR_VERSION " on SQLite %s)", sqlite3_libversion())));
}

static bool give_name(struct call *call, const char *name)
{
	return name ? give_text(call, slice_text(name)) : give_null(call);
}

static bool current_user(struct call *call)
{
	return give_name(call, call->context->session->user);
}

static bool current_database(struct call *call)
{
	return give_name(call, call->context->session->database);
}

static bool gen_random_uuid(struct call *call)
{
	uint8_t id[16];
	struct buffer out = { 0 };

	sqlite3_randomness(sizeof(id), id);
	id[6] = (id[6] & 0x0F) | 0x40;	/* version 4 (RFC 4122) */
	id[8] = (id[8] & 0x3F) | 0x80;
	for (size_t i = 0; i < sizeof(id); i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			buffer_put_u8(&out, '-');
		buffer_printf(&out, "%02x", id[i]);
	}
	return give_buffer(call, &out);
}

static bool unsupported(struct call *call)
{
	static const char *const what[] = {
		"setseed()", "normalize()", "IS NORMALIZED", "hashtext()",
		"unistr()", "pg_cancel_backend()", "pg_terminate_backend()",
	};

	return error_set(call->error, SQLSTATE_FEATURE_NOT_SUPPORTED,
			 "%s is not supported", what[call->variant]);
}

/* pg_is_older(value, seconds): whether it is a time so long ago. Without an
 * offset it counts as UTC, and what is no time is not old. */
static bool is_older(struct call *call)
{
	struct iso_time time;
	struct timespec now;
	int64_t age_s = call_integer(call, 1);

	if (!iso_time_read(call_text(call, 0), &time))
		return give_bool(call, false);
	clock_gettime(CLOCK_REALTIME, &now);
	return give_bool(call, time.us - time.east_s * INT64_C(1000000) <=
				       (now.tv_sec - age_s) * INT64_C(1000000));
}

#define LOCK(name, how)                                           \
	{ "pg_" name, 1, FUNCTION_VOLATILE, advisory, how },      \
	{ "pg_" name, 2, FUNCTION_VOLATILE, advisory, how }

static const struct function_row rows[] = {
	{ "pg_current_setting", 1, FUNCTION_VOLATILE, current_setting, 0 },
	{ "pg_current_setting", 2, FUNCTION_VOLATILE, current_setting, 0 },
	{ "pg_set_config", 3, FUNCTION_VOLATILE | FUNCTION_NULLS, set_config,
	  0 },
	{ "pg_is_older", 2, FUNCTION_VOLATILE, is_older, 0 },
	{ "pg_once", 1, FUNCTION_VOLATILE, once, 0 },
	{ "pg_no_target", 0, FUNCTION_VOLATILE, no_target, 0 },
	{ "pg_xmax", 0, FUNCTION_VOLATILE, xmax, 0 },
	{ "pg_merge_once", 1, FUNCTION_VOLATILE, merge_once, 0 },
	{ "pg_item", 2, 0, item, 0 },
	{ "pg_kept_item", 3, FUNCTION_VOLATILE, kept_item_of, 0 },
	{ "pg_nextval", 1, FUNCTION_VOLATILE, nextval, 0 },
	{ "pg_currval", 1, FUNCTION_VOLATILE, currval, 0 },
	{ "pg_lastval", 0, FUNCTION_VOLATILE, lastval, 0 },
	{ "pg_sequence_value", 1, FUNCTION_READS, sequence_part,
	  SEQUENCE_VALUE },
	{ "pg_sequence_logged", 1, FUNCTION_READS, sequence_part,
	  SEQUENCE_LOGGED },
	{ "pg_sequence_called", 1, FUNCTION_READS, sequence_part,
	  SEQUENCE_CALLED },
	{ "pg_sequence_last_value", 1, FUNCTION_READS, sequence_part,
	  SEQUENCE_GIVEN },
	{ "pg_setval", 2, FUNCTION_VOLATILE, setval, 0 },
	{ "pg_setval", 3, FUNCTION_VOLATILE, setval, 0 },
	LOCK("advisory_lock", 0),
	LOCK("advisory_lock_shared", LITE_LOCK_SHARED),
	LOCK("advisory_xact_lock", LITE_LOCK_TRANSACTION),
	LOCK("advisory_xact_lock_shared",
	     LITE_LOCK_TRANSACTION | LITE_LOCK_SHARED),
	LOCK("try_advisory_lock", LITE_LOCK_TRY),
	LOCK("try_advisory_lock_shared", LITE_LOCK_TRY | LITE_LOCK_SHARED),
	LOCK("try_advisory_xact_lock", LITE_LOCK_TRY | LITE_LOCK_TRANSACTION),
	LOCK("try_advisory_xact_lock_shared",
	     LITE_LOCK_TRY | LITE_LOCK_TRANSACTION | LITE_LOCK_SHARED),
	LOCK("advisory_unlock", LITE_LOCK_RELEASE),
	LOCK("advisory_unlock_shared", LITE_LOCK_RELEASE | LITE_LOCK_SHARED),
	{ "pg_advisory_unlock_all", 0, FUNCTION_VOLATILE, advisory,
	  LITE_LOCK_RELEASE_ALL },
	{ "pg_sleep", 1, FUNCTION_VOLATILE, pg_sleep, 0 },
	{ "pg_backend_pid", 0, FUNCTION_VOLATILE, backend_pid, 0 },
	{ "pg_version", 0, 0, version, 0 },
	{ "pg_current_user", 0, FUNCTION_VOLATILE, current_user, 0 },
	{ "pg_current_database", 0, FUNCTION_VOLATILE, current_database, 0 },
	{ "pg_gen_random_uuid", 0, FUNCTION_VOLATILE, gen_random_uuid, 0 },
	{ "pg_setseed", 1, 0, unsupported, 0 },
	{ "pg_normalize", FUNCTION_FROM(0), 0, unsupported, 1 },
	{ "pg_is_normalized", FUNCTION_FROM(0), 0, unsupported, 2 },
	{ "pg_hashtext", 1, 0, unsupported, 3 },
	{ "pg_unistr", 1, 0, unsupported, 4 },
	{ "pg_cancel_backend", 1, FUNCTION_VOLATILE, unsupported, 5 },
	{ "pg_terminate_backend", FUNCTION_FROM(0), FUNCTION_VOLATILE, unsupported, 6 },
	{ 0 },
};

int functions_session(sqlite3 *db, struct functions *functions)
{
	return functions_add(db, functions, rows);
}
