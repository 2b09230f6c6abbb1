#include "pool/sqlite/function.h"

#include <assert.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A scratch arena that has grown beyond this gives its memory back. */
#define SCRATCH_BYTES_KEPT (1 << 20)

/*
 * What SQLite hands to on_call() and the aggregate callbacks: the row and the
 * connection's shared part. Freed when SQLite forgets the function.
 */
struct site {
	struct functions *functions;
	const struct function_row *function;	/* one of both is NULL */
	const struct aggregate_row *aggregate;
};

struct functions *functions_ref(struct functions *functions)
{
	functions->references++;
	return functions;
}

void functions_unref(void *user_data)
{
	struct functions *functions = user_data;

	if (--functions->references)
		return;
	regex_cache_free(&functions->regexes);
	if (functions->ctype)
		freelocale((locale_t)functions->ctype);
	arena_fini(&functions->scratch);
	free(functions);
}

static void on_forgotten(void *user_data)
{
	struct site *site = user_data;

	functions_unref(site->functions);
	free(site);
}

static struct site *make_site(struct functions *functions)
{
	struct site *site = must_alloc(sizeof(*site));

	site->functions = functions_ref(functions);
	return site;
}

/* --- calling -------------------------------------------------------------- */

static void reset_scratch(struct arena *scratch)
{
	if (scratch->bytes > SCRATCH_BYTES_KEPT)
		arena_fini(scratch);
	else
		arena_reset(scratch);
}

static struct call make_call(struct functions *functions,
			     sqlite3_context *sqlite, int count,
			     sqlite3_value **arguments, int variant)
{
	reset_scratch(&functions->scratch);
	return (struct call){
		.context = functions->context,
		.functions = functions,
		.scratch = &functions->scratch,
		.error = &functions->context->error,
		.sqlite = sqlite,
		.arguments = arguments,
		.count = count,
		.variant = variant,
	};
}

static bool any_null(sqlite3_value **arguments, int count)
{
	for (int i = 0; i < count; i++)
		if (sqlite3_value_type(arguments[i]) == SQLITE_NULL)
			return true;
	return false;
}

static void report(struct call *call)
{
	if (!call->error->sqlstate[0])
		error_set(call->error, SQLSTATE_INTERNAL,
			  "a function failed without saying why");
	sqlite3_result_error(call->sqlite, call->error->message, -1);
}

static void refuse_to_run(struct functions *functions, sqlite3_context *sqlite)
{
	error_set(&functions->context->error, CONTEXT_STOPPED, "stopped");
	sqlite3_result_error(sqlite, "stopped", -1);
}

static void on_call(sqlite3_context *sqlite, int count,
		    sqlite3_value **arguments)
{
	struct site *site = sqlite3_user_data(sqlite);
	const struct function_row *row = site->function;
	struct call call;

	if (site->functions->context->stopped) {
		refuse_to_run(site->functions, sqlite);
		return;
	}
	if (arguments_are_missing(sqlite, row->arguments, count))
		return;
	if (!(row->flags & FUNCTION_NULLS) && any_null(arguments, count)) {
		sqlite3_result_null(sqlite);
		return;
	}
	call = make_call(site->functions, sqlite, count, arguments,
			 row->variant);
	if (!row->run(&call))
		report(&call);
}

static void change_state(sqlite3_context *sqlite, int count,
			 sqlite3_value **arguments,
			 bool (*change)(struct call *, void *))
{
	struct site *site = sqlite3_user_data(sqlite);
	const struct aggregate_row *row = site->aggregate;
	struct call call;
	void *state;

	if (site->functions->context->stopped) {
		refuse_to_run(site->functions, sqlite);
		return;
	}
	if (arguments_are_missing(sqlite, row->arguments, count) ||
	    (!(row->flags & FUNCTION_NULLS) && any_null(arguments, count)))
		return;
	state = sqlite3_aggregate_context(sqlite, (int)row->state_bytes);
	if (!state) {
		sqlite3_result_error_nomem(sqlite);
		return;
	}
	call = make_call(site->functions, sqlite, count, arguments,
			 row->variant);
	if (!change(&call, state))
		report(&call);
}

static void on_add(sqlite3_context *sqlite, int count,
		   sqlite3_value **arguments)
{
	struct site *site = sqlite3_user_data(sqlite);

	change_state(sqlite, count, arguments, site->aggregate->add);
}

static void on_remove(sqlite3_context *sqlite, int count,
		      sqlite3_value **arguments)
{
	struct site *site = sqlite3_user_data(sqlite);

	change_state(sqlite, count, arguments, site->aggregate->remove);
}

static void on_value(sqlite3_context *sqlite)
{
	struct site *site = sqlite3_user_data(sqlite);
	const struct aggregate_row *row = site->aggregate;
	void *state = sqlite3_aggregate_context(sqlite, 0);
	struct call call = make_call(site->functions, sqlite, 0, NULL,
				     row->variant);

	if (!state)	/* not one row: SQLite made no state */
		state = arena_alloc(call.scratch, row->state_bytes);
	if (!row->value(&call, state))
		report(&call);
}

static void on_final(sqlite3_context *sqlite)
{
	struct site *site = sqlite3_user_data(sqlite);
	void *state = sqlite3_aggregate_context(sqlite, 0);

	/* after a failure SQLite only wants the state gone */
	if (!site->functions->context->error.sqlstate[0])
		on_value(sqlite);
	if (state && site->aggregate->release)
		site->aggregate->release(state);
}

/* --- moving frames ------------------------------------------------------------ */

/*
 * What cannot forget a row computes a moving window frame anew for each row,
 * as Postgres does, and rounds as it does: the frame's arguments are kept, the
 * oldest first.
 */
struct frame {
	sqlite3_value **values;
	size_t first, end, capacity;
};

static bool frame_add(struct frame *frame, int count, sqlite3_value **arguments)
{
	size_t needed = frame->end + (size_t)count;

	if (needed > frame->capacity && frame->first &&
	    frame->first >= frame->end / 2) {
		memmove(frame->values, frame->values + frame->first,
			(frame->end - frame->first) * sizeof(*frame->values));
		frame->end -= frame->first;
		frame->first = 0;
	}
	if (frame->end + (size_t)count > frame->capacity) {
		frame->capacity = frame->capacity * 2 + 16;
		frame->values = must_realloc(frame->values, frame->capacity *
					     sizeof(*frame->values));
	}
	for (int i = 0; i < count; i++) {
		sqlite3_value *copy = sqlite3_value_dup(arguments[i]);

		if (!copy)
			return false;
		frame->values[frame->end++] = copy;
	}
	return true;
}

static void frame_fini(struct frame *frame)
{
	while (frame->first < frame->end)
		sqlite3_value_free(frame->values[frame->first++]);
	free(frame->values);
}

static struct frame *frame_of(sqlite3_context *sqlite, int count,
			      sqlite3_value **arguments)
{
	struct site *site = sqlite3_user_data(sqlite);

	if (site->functions->context->stopped) {
		refuse_to_run(site->functions, sqlite);
		return NULL;
	}
	if (!(site->aggregate->flags & FUNCTION_NULLS) &&
	    any_null(arguments, count))
		return NULL;
	return sqlite3_aggregate_context(sqlite, sizeof(struct frame));
}

static void on_frame_add(sqlite3_context *sqlite, int count,
			 sqlite3_value **arguments)
{
	struct frame *frame = frame_of(sqlite, count, arguments);

	if (frame && !frame_add(frame, count, arguments))
		sqlite3_result_error_nomem(sqlite);
}

static void on_frame_remove(sqlite3_context *sqlite, int count,
			    sqlite3_value **arguments)
{
	struct frame *frame = frame_of(sqlite, count, arguments);

	for (int i = 0; frame && i < count && frame->first < frame->end; i++)
		sqlite3_value_free(frame->values[frame->first++]);
}

static void frame_compute(const struct site *site, sqlite3_context *sqlite,
			  const struct frame *frame, void *state)
{
	const struct aggregate_row *row = site->aggregate;
	struct call call;

	for (size_t i = frame->first; i < frame->end;
	     i += (size_t)row->arguments) {
		call = make_call(site->functions, sqlite, row->arguments,
				 frame->values + i, row->variant);
		if (!row->add(&call, state)) {
			report(&call);
			return;
		}
	}
	call = make_call(site->functions, sqlite, 0, NULL, row->variant);
	if (!row->value(&call, state))
		report(&call);
}

static void on_frame_value(sqlite3_context *sqlite)
{
	const struct site *site = sqlite3_user_data(sqlite);
	const struct aggregate_row *row = site->aggregate;
	const struct frame *frame = sqlite3_aggregate_context(sqlite, 0);
	void *state = must_alloc(row->state_bytes);

	frame_compute(site, sqlite, frame ? frame : &(struct frame){ 0 },
		      state);
	if (row->release)
		row->release(state);
	free(state);
}

static void on_frame_final(sqlite3_context *sqlite)
{
	const struct site *site = sqlite3_user_data(sqlite);
	struct frame *frame = sqlite3_aggregate_context(sqlite, 0);

	/* after a failure SQLite only wants the state gone */
	if (!site->functions->context->error.sqlstate[0])
		on_frame_value(sqlite);
	if (frame)
		frame_fini(frame);
}

/* --- registering ------------------------------------------------------------ */

/* What changes something is never called from a file's schema. */
static int sqlite_flags(int flags)
{
	if (flags & FUNCTION_READS)
		return SQLITE_UTF8 | SQLITE_INNOCUOUS;
	return SQLITE_UTF8 |
	       (flags & FUNCTION_VOLATILE
			? SQLITE_DIRECTONLY
			: SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS);
}

int functions_add(sqlite3 *db, struct functions *functions,
		  const struct function_row *row)
{
	int rc = SQLITE_OK;

	for (; row->name && rc == SQLITE_OK; row++) {
		struct site *site = make_site(functions);

		site->function = row;
		rc = sqlite3_create_function_v2(db, row->name,
						arguments_max(row->arguments),
						sqlite_flags(row->flags), site,
						on_call, NULL, NULL,
						on_forgotten);
	}
	return rc;
}

/* "pg_moving_float_sum" of "pg_float_sum". */
static int add_moving(sqlite3 *db, struct functions *functions,
		      const struct aggregate_row *row)
{
	struct site *site = make_site(functions);
	char name[64];

	assert(row->arguments > 0);
	snprintf(name, sizeof(name), "pg_moving_%s",
		 row->name + strlen("pg_"));
	site->aggregate = row;
	return sqlite3_create_window_function(
		db, name, row->arguments, sqlite_flags(row->flags), site,
		on_frame_add, on_frame_final, on_frame_value, on_frame_remove,
		on_forgotten);
}

int functions_add_aggregates(sqlite3 *db, struct functions *functions,
			     const struct aggregate_row *row)
{
	int rc = SQLITE_OK;

	assert(functions->aggregates_count < FUNCTION_AGGREGATES_MAX);
	functions->aggregates[functions->aggregates_count++] = row;
	for (; row->name && rc == SQLITE_OK; row++) {
		struct site *site = make_site(functions);

		site->aggregate = row;
		rc = sqlite3_create_window_function(
			db, row->name, arguments_max(row->arguments),
			sqlite_flags(row->flags), site, on_add, on_final,
			row->remove ? on_value : NULL,
			row->remove ? on_remove : NULL, on_forgotten);
		if (rc == SQLITE_OK && (row->flags & FUNCTION_ANEW))
			rc = add_moving(db, functions, row);
	}
	return rc;
}

const struct aggregate_row *aggregate_find(const struct functions *functions,
					   const char *name)
{
	for (int i = 0; i < functions->aggregates_count; i++) {
		const struct aggregate_row *row = functions->aggregates[i];

		for (; row->name; row++) {
			if (strcmp(row->name, name) == 0)
				return row;
		}
	}
	return NULL;
}

int functions_add_collation(sqlite3 *db, struct functions *functions,
			    const char *name,
			    int (*compare)(void *, int, const void *, int,
					   const void *))
{
	int rc = sqlite3_create_collation_v2(db, name, SQLITE_UTF8,
					     functions_ref(functions), compare,
					     functions_unref);

	/* Unlike the others, this call does not free what it refused. */
	if (rc != SQLITE_OK)
		functions_unref(functions);
	return rc;
}

int functions_register(sqlite3 *db, struct lite_context *context)
{
	static int (*const companions[])(sqlite3 *, struct functions *) = {
		functions_number, functions_text, functions_string,
		functions_bytes, functions_crypto, functions_regex,
		functions_numeric,
		functions_session, functions_array, functions_array_part,
		functions_aggregate,
		functions_sorted, functions_choose,
		functions_json, functions_json_build, functions_json_edit,
		functions_json_put, functions_sets,
		functions_time, functions_cast, functions_to_char,
		functions_order, functions_network,
		functions_foreign, functions_degrees, functions_enum,
	};
	struct functions *functions = must_alloc(sizeof(*functions));
	int rc = SQLITE_OK;

	functions->context = context;
	functions->db = db;
	functions->ctype = (void *)newlocale(LC_CTYPE_MASK, "C.UTF-8", NULL);
	functions_ref(functions);
	for (size_t i = 0; i < sizeof(companions) / sizeof(*companions); i++)
		if (rc == SQLITE_OK)
			rc = companions[i](db, functions);
	functions_unref(functions);
	return rc;
}

/* --- arguments ---------------------------------------------------------------- */

double value_real(sqlite3_value *value)
{
	const char *text;

	if (sqlite3_value_type(value) != SQLITE_TEXT)
		return sqlite3_value_double(value);
	text = (const char *)sqlite3_value_text(value);
	return text ? strtod(text, NULL) : 0;	/* knows NaN and Infinity */
}

struct slice value_bytes(sqlite3_value *value)
{
	const void *bytes = sqlite3_value_type(value) == SQLITE_BLOB
				    ? sqlite3_value_blob(value)
				    : sqlite3_value_text(value);
	int length = sqlite3_value_bytes(value);

	return bytes ? slice_make(bytes, (size_t)length) : slice_make("", 0);
}

const char *call_cstring(const struct call *call, int index)
{
	return arena_dup(call->scratch, call_text(call, index));
}

struct value call_value(const struct call *call, int index)
{
	sqlite3_value *value = call->arguments[index];

	switch (sqlite3_value_type(value)) {
	case SQLITE_INTEGER:
		return (struct value){ .kind = VALUE_INTEGER,
				       .integer = sqlite3_value_int64(value) };
	case SQLITE_FLOAT:
		return (struct value){ .kind = VALUE_REAL,
				       .real = sqlite3_value_double(value) };
	case SQLITE_TEXT:
		return (struct value){ .kind = VALUE_TEXT,
				       .bytes = value_bytes(value) };
	case SQLITE_BLOB:
		return (struct value){ .kind = VALUE_BLOB,
				       .bytes = value_bytes(value) };
	default:
		return (struct value){ .kind = VALUE_NULL };
	}
}

/* --- results -------------------------------------------------------------------- */

bool give_null(struct call *call)
{
	sqlite3_result_null(call->sqlite);
	return true;
}

bool give_integer(struct call *call, int64_t value)
{
	sqlite3_result_int64(call->sqlite, value);
	return true;
}

bool give_bool(struct call *call, bool value)
{
	return give_integer(call, value);
}

bool give_real(struct call *call, double value)
{
	/* SQLite turns NaN into NULL. */
	if (isnan(value))
		return give_text(call, slice_text("NaN"));
	sqlite3_result_double(call->sqlite, value);
	return true;
}

bool give_text(struct call *call, struct slice text)
{
	sqlite3_result_text64(call->sqlite,
			      text.length ? (const char *)text.at : "",
			      text.length, SQLITE_TRANSIENT, SQLITE_UTF8);
	return true;
}

bool give_blob(struct call *call, struct slice bytes)
{
	sqlite3_result_blob64(call->sqlite,
			      bytes.length ? (const void *)bytes.at : "",
			      bytes.length, SQLITE_TRANSIENT);
	return true;
}

bool give_value(struct call *call, const struct value *value)
{
	switch (value->kind) {
	case VALUE_INTEGER:
		return give_integer(call, value->integer);
	case VALUE_REAL:
		return give_real(call, value->real);
	case VALUE_TEXT:
		return give_text(call, value->bytes);
	case VALUE_BLOB:
		return give_blob(call, value->bytes);
	default:
		return give_null(call);
	}
}

bool give_buffer(struct call *call, struct buffer *buffer)
{
	bool fits = check_length(call, buffer->length, 1);

	if (fits)
		give_text(call, buffer_slice(buffer));
	buffer_fini(buffer);
	return fits;
}

bool give_argument(struct call *call, int index)
{
	sqlite3_result_value(call->sqlite, call->arguments[index]);
	return true;
}

/* --- complaints ------------------------------------------------------------------- */

bool fail_integer_range(struct call *call, int64_t width)
{
	return error_set(call->error, SQLSTATE_NUMERIC_OUT_OF_RANGE,
			 "%s out of range",
			 width == 2   ? "smallint"
			 : width == 4 ? "integer"
				      : "bigint");
}

bool fail_division(struct call *call)
{
	return error_set(call->error, SQLSTATE_DIVISION_BY_ZERO,
			 "division by zero");
}

bool check_length(struct call *call, size_t count, size_t each)
{
	if (!each || count <= FUNCTION_BYTES_MAX / each)
		return true;
	return error_set(call->error, SQLSTATE_LIMIT_EXCEEDED,
			 "requested length too large");
}
