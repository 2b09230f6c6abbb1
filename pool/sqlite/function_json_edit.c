/*
 * Changing jsonb: ||, -, #-, jsonb_set and its kin, and printing it prettily.
 */
#include "pool/sqlite/function_json.h"


/* --- || ---------------------------------------------------------------------- */

static struct json *as_array(struct call *call, struct json *json)
{
	struct json *array;

	if (json->kind == JSON_ARRAY)
		return json;
	array = json_new(JSON_ARRAY, call->scratch);
	json_append(array, json);
	return array;
}

static bool concat(struct call *call)
{
	struct json *a = call_json(call, 0), *b = a ? call_json(call, 1) : NULL;
	struct json *next;

	if (!b)
		return false;
	if (a->kind != JSON_OBJECT || b->kind != JSON_OBJECT) {
		a = as_array(call, a);
		b = as_array(call, b);
	}
	for (struct json *at = b->first; at; at = next) {
		next = at->next;
		json_append(a, at);
	}
	return give_jsonb(call, a);
}

/* --- removing --------------------------------------------------------------------- */

static void remove_child(struct json *parent, struct json *gone)
{
	struct json *at = parent->first, *next;

	parent->first = parent->last = NULL;
	parent->count = 0;
	for (; at; at = next) {
		next = at->next;
		if (at != gone)
			json_append(parent, at);
	}
}

static bool is_named(const struct json *parent, const struct json *child,
		     struct slice name)
{
	if (parent->kind == JSON_OBJECT)
		return slice_equal(child->key, name);
	return child->kind == JSON_STRING && slice_equal(child->text, name);
}

static void remove_named(struct json *parent, struct slice name)
{
	struct json *at = parent->first, *next;

	parent->first = parent->last = NULL;
	parent->count = 0;
	for (; at; at = next) {
		next = at->next;
		if (!is_named(parent, at, name))
			json_append(parent, at);
	}
}

static struct json *call_container(struct call *call, const char *complaint)
{
	struct json *json = call_json(call, 0);

	if (json && json_is_scalar(json)) {
		fail_json(call, complaint);
		return NULL;
	}
	return json;
}

static bool delete(struct call *call)
{
	struct json *json = call_container(call, "cannot delete from scalar");
	struct json *gone;

	if (!json)
		return false;
	if (sqlite3_value_type(call->arguments[1]) != SQLITE_INTEGER) {
		remove_named(json, call_text(call, 1));
		return give_jsonb(call, json);
	}
	if (json->kind == JSON_OBJECT)
		return fail_json(call, "cannot delete from object using "
				       "integer index");
	gone = json_element(json, call_integer(call, 1));
	if (gone)
		remove_child(json, gone);
	return give_jsonb(call, json);
}

static bool delete_many(struct call *call)
{
	struct json *json;
	struct value *names;
	size_t count;

	if (!check_one_dimension(call, 1))
		return false;
	json = call_container(call, "cannot delete from scalar");
	if (!json || !call_text_array(call, 1, &names, &count))
		return false;
	for (size_t i = 0; i < count; i++)
		if (names[i].kind != VALUE_NULL)
			remove_named(json, names[i].bytes);
	return give_jsonb(call, json);
}

/* --- paths -------------------------------------------------------------------------- */

struct path {
	struct value *steps;
	size_t count;
};

/* What a path leads into: its shape is looked at first. */
static struct json *path_target(struct call *call, const char *in_scalar)
{
	return check_one_dimension(call, 1) ? call_container(call, in_scalar)
					    : NULL;
}

static bool read_path(struct call *call, int index, struct path *path)
{
	return call_text_array(call, index, &path->steps, &path->count);
}

static bool fail_step(struct call *call, const struct path *path, size_t index)
{
	const struct value *step = &path->steps[index];

	if (step->kind == VALUE_NULL)
		return error_set(call->error, SQLSTATE_NULL_NOT_ALLOWED,
				 "path element at position %zu is null",
				 index + 1);
	return error_set(call->error, SQLSTATE_INVALID_TEXT,
			 "path element at position %zu is not an integer: "
			 "\"%.*s\"", index + 1, (int)step->bytes.length,
			 (const char *)step->bytes.at);
}

/*
 * The container in which the last step is to be taken; *ret_parent is NULL
 * where the way does not lead there. False: a step is none.
 */
static bool walk(struct call *call, struct json *json, const struct path *path,
		 struct json **ret_parent, int64_t *ret_index)
{
	*ret_parent = NULL;
	for (size_t i = 0; i < path->count; i++) {
		const struct value *step = &path->steps[i];

		if (json_is_scalar(json))
			return true;
		if (step->kind == VALUE_NULL ||
		    (json->kind == JSON_ARRAY &&
		     !path_index(step->bytes, ret_index)))
			return fail_step(call, path, i);
		if (i + 1 == path->count) {
			*ret_parent = json;
			return true;
		}
		json = json->kind == JSON_ARRAY
			       ? json_element(json, *ret_index)
			       : json_member(json, step->bytes);
		if (!json)
			return true;
	}
	return true;
}

static struct json *child_at(struct json *parent, const struct path *path,
			     int64_t index)
{
	return parent->kind == JSON_ARRAY
		       ? json_element(parent, index)
		       : json_member(parent,
				     path->steps[path->count - 1].bytes);
}

static bool delete_path(struct call *call)
{
	struct json *json = path_target(call, "cannot delete path in scalar");
	struct json *parent, *gone;
	struct path path;
	int64_t index;

	if (!json || !read_path(call, 1, &path))
		return false;
	if (!json->count)
		return give_jsonb(call, json);
	if (!walk(call, json, &path, &parent, &index))
		return false;
	gone = parent ? child_at(parent, &path, index) : NULL;
	if (gone)
		remove_child(parent, gone);
	return give_jsonb(call, json);
}

/* Puts a value where another is, keeping its place and name. */
static void replace_child(struct json *old, const struct json *with)
{
	struct json *next = old->next;
	struct slice key = old->key;

	*old = *with;
	old->next = next;
	old->key = key;
}

/* Puts a value before `place`; NULL: at the end. */
static void insert_child(struct json *parent, struct json *place,
			 struct json *child)
{
	struct json *at = parent->first, *next;

	parent->first = parent->last = NULL;
	parent->count = 0;
	for (; at; at = next) {
		next = at->next;
		if (at == place)
			json_append(parent, child);
		json_append(parent, at);
	}
	if (!place)
		json_append(parent, child);
}

/* A new member, or element: before the first for an index before it. */
static void add_child(struct call *call, struct json *parent,
		      const struct path *path, int64_t index,
		      const struct json *value)
{
	struct json *child = json_copy(value, call->scratch);

	if (parent->kind == JSON_OBJECT)
		child->key = path->steps[path->count - 1].bytes;
	insert_child(parent, parent->kind == JSON_ARRAY && index < 0
			     ? parent->first : NULL, child);
}

static bool give_set(struct call *call, struct json *json,
		     const struct json *value, bool create)
{
	struct json *parent, *old;
	struct path path;
	int64_t index;

	if (!read_path(call, 1, &path))
		return false;
	if (!json->count && !create)
		return give_jsonb(call, json);
	if (!walk(call, json, &path, &parent, &index))
		return false;
	old = parent ? child_at(parent, &path, index) : NULL;
	if (old)
		replace_child(old, value);
	else if (parent && create)
		add_child(call, parent, &path, index, value);
	return give_jsonb(call, json);
}

/* jsonb_set(target, path, value [, create if missing]) */
static bool set(struct call *call)
{
	struct json *json = path_target(call, "cannot set path in scalar");
	struct json *value = json ? call_json(call, 2) : NULL;

	return value && give_set(call, json, value,
				 call->count < 4 || call_integer(call, 3));
}

/* jsonb_insert(target, path, value [, after]) */
static bool insert(struct call *call)
{
	struct json *json = path_target(call, "cannot set path in scalar");
	struct json *value = json ? call_json(call, 2) : NULL;
	struct json *parent, *old;
	struct path path;
	int64_t index;

	if (!value || !read_path(call, 1, &path) ||
	    !walk(call, json, &path, &parent, &index))
		return false;
	old = parent ? child_at(parent, &path, index) : NULL;
	if (old && parent->kind == JSON_OBJECT) {
		fail_json(call, "cannot replace existing key");
		error_hint(call->error, "Try using the function jsonb_set to "
					"replace key value.");
		return false;
	}
	if (!old && parent)
		add_child(call, parent, &path, index, value);
	else if (old && call->count > 3 && call_integer(call, 3))
		insert_child(parent, old->next, value);
	else if (old)
		insert_child(parent, old, value);
	return give_jsonb(call, json);
}

static bool fail_treatment(struct call *call)
{
	return fail_json(call, "null_value_treatment must be "
			       "\"delete_key\", \"return_target\", "
			       "\"use_json_null\", or \"raise_exception\"");
}

/* jsonb_set_lax(target, path, value [, create [, null treatment]]) */
static bool set_lax(struct call *call)
{
	struct json *json, *parent, *old;
	struct slice treatment = slice_text("use_json_null");
	bool create = call->count < 4 || call_null(call, 3) ||
		      call_integer(call, 3);
	struct path path;
	int64_t index;

	if (call_null(call, 0) || call_null(call, 1) ||
	    (call->count > 3 && call_null(call, 3)))
		return give_null(call);
	if (call->count > 4 && call_null(call, 4))
		return fail_treatment(call);
	if (call->count > 4)
		treatment = call_text(call, 4);
	json = path_target(call, "cannot set path in scalar");
	if (!json)
		return false;
	if (!call_null(call, 2)) {
		struct json *value = call_json(call, 2);

		return value && give_set(call, json, value, create);
	}
	if (slice_is(treatment, "use_json_null"))
		return give_set(call, json, json_new(JSON_NULL, call->scratch),
				create);
	if (slice_is(treatment, "return_target"))
		return give_jsonb(call, json);
	if (slice_is(treatment, "raise_exception"))
		return error_set(call->error, SQLSTATE_NULL_NOT_ALLOWED,
				 "JSON value must not be null");
	if (!slice_is(treatment, "delete_key"))
		return fail_treatment(call);
	if (!read_path(call, 1, &path) ||
	    !walk(call, json, &path, &parent, &index))
		return false;
	old = parent ? child_at(parent, &path, index) : NULL;
	if (old)
		remove_child(parent, old);
	return give_jsonb(call, json);
}

/* --- whole documents ------------------------------------------------------------------ */

static void strip(struct json *json)
{
	struct json *at = json->first, *next;
	bool object = json->kind == JSON_OBJECT;

	json->first = json->last = NULL;
	json->count = 0;
	for (; at; at = next) {
		next = at->next;
		if (object && at->kind == JSON_NULL)
			continue;
		strip(at);
		json_append(json, at);
	}
}

/* As json prints what it made itself: nothing between the parts. */
static void put_tight(const struct json *json, struct buffer *out)
{
	bool object = json->kind == JSON_OBJECT;

	if (json->kind == JSON_STRING) {
		json_put_string(out, json->text);
		return;
	}
	if (json_is_scalar(json)) {
		buffer_put_slice(out, json->source);
		return;
	}
	buffer_put_u8(out, object ? '{' : '[');
	for (const struct json *at = json->first; at; at = at->next) {
		if (at != json->first)
			buffer_put_u8(out, ',');
		if (object) {
			json_put_string(out, at->key);
			buffer_put_u8(out, ':');
		}
		put_tight(at, out);
	}
	buffer_put_u8(out, object ? '}' : ']');
}

static bool strip_nulls(struct call *call)
{
	struct json *json = call_json(call, 0);
	struct buffer out = { 0 };

	if (!json)
		return false;
	strip(json);
	if (call->variant)
		return give_jsonb(call, json);
	put_tight(json, &out);
	return give_buffer(call, &out);
}

static void put_indent(struct buffer *out, int level)
{
	buffer_put_u8(out, '\n');
	for (; level > 0; level--)
		buffer_put_text(out, "    ");
}

static void put_pretty(const struct json *json, int level, struct buffer *out)
{
	bool object = json->kind == JSON_OBJECT;

	if (json_is_scalar(json)) {
		buffer_put_slice(out, json->source);
		return;
	}
	buffer_put_u8(out, object ? '{' : '[');
	for (const struct json *at = json->first; at; at = at->next) {
		if (at != json->first)
			buffer_put_u8(out, ',');
		put_indent(out, level + 1);
		if (object) {
			json_put_string(out, at->key);
			buffer_put_text(out, ": ");
		}
		put_pretty(at, level + 1, out);
	}
	put_indent(out, level);
	buffer_put_u8(out, object ? '}' : ']');
}

static bool pretty(struct call *call)
{
	struct json *json = call_json(call, 0);
	struct buffer out = { 0 };

	if (!json)
		return false;
	put_pretty(json, 0, &out);
	return give_buffer(call, &out);
}

static const struct function_row rows[] = {
	{ "pg_jsonb_concat", 2, 0, concat, 0 },
	{ "pg_jsonb_delete", 2, 0, delete, 0 },
	{ "pg_jsonb_delete_array", 2, 0, delete_many, 0 },
	{ "pg_jsonb_delete_path", 2, 0, delete_path, 0 },
	{ "pg_jsonb_set", 3, 0, set, 0 },
	{ "pg_jsonb_set", 4, 0, set, 0 },
	{ "pg_jsonb_set_lax", 3, FUNCTION_NULLS, set_lax, 0 },
	{ "pg_jsonb_set_lax", 4, FUNCTION_NULLS, set_lax, 0 },
	{ "pg_jsonb_set_lax", 5, FUNCTION_NULLS, set_lax, 0 },
	{ "pg_jsonb_insert", 3, 0, insert, 0 },
	{ "pg_jsonb_insert", 4, 0, insert, 0 },
	{ "pg_json_strip_nulls", 1, 0, strip_nulls, 0 },
	{ "pg_jsonb_strip_nulls", 1, 0, strip_nulls, 1 },
	{ "pg_jsonb_pretty", 1, 0, pretty, 0 },
	{ 0 },
};

int functions_json_edit(sqlite3 *db, struct functions *functions)
{
	return functions_add(db, functions, rows);
}
