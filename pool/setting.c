#include "pool/setting.h"

#include <stdlib.h>

struct setting {
	char *name;
	char *sql;
};

struct settings {
	unsigned references;
	unsigned count;
	size_t bytes;
	uint64_t hash;
	const char *search_path;	/* the SQL that sets it; or NULL */
	bool reach_temp;
	bool has_identity;
	struct buffer meaning;	/* name\0text\0 of those that matter to it */
	struct setting items[];	/* by name */
};

struct settings *settings_ref(struct settings *settings)
{
	if (settings)
		settings->references++;
	return settings;
}

void settings_unref(struct settings **pointer)
{
	struct settings *settings = *pointer;

	*pointer = NULL;
	if (!settings || --settings->references)
		return;
	for (unsigned i = 0; i < settings->count; i++) {
		free(settings->items[i].name);
		free(settings->items[i].sql);
	}
	buffer_fini(&settings->meaning);
	free(settings);
}

uint64_t settings_hash(const struct settings *settings)
{
	return settings ? settings->hash : 0;
}

bool settings_equal(const struct settings *a, const struct settings *b)
{
	if (a == b)
		return true;
	if (settings_hash(a) != settings_hash(b) || !a || !b ||
	    a->count != b->count)
		return false;
	for (unsigned i = 0; i < a->count; i++)
		if (strcmp(a->items[i].name, b->items[i].name) != 0 ||
		    strcmp(a->items[i].sql, b->items[i].sql) != 0)
			return false;
	return true;
}

static uint64_t hash_text(uint64_t hash, const char *text)
{
	/* FNV-1a; equality is always checked in full. */
	for (; *text; text++)
		hash = (hash ^ (uint8_t)*text) * UINT64_C(0x100000001b3);
	return (hash ^ 0xff) * UINT64_C(0x100000001b3);
}

/* The names of those that a text is read the same under, whatever they are.
 * One that is not listed costs a statement that is not shared, so a parameter
 * nobody thought of is on the safe side. */
static bool leaves_meaning(const char *name)
{
	static const char *const names[] = {
		"application_name", "client_min_messages", "lock_timeout",
		"statement_timeout", "idle_in_transaction_session_timeout",
		"idle_session_timeout", "work_mem", "maintenance_work_mem",
		"temp_buffers", "extra_float_digits", "bytea_output",
		"default_transaction_isolation",
		"default_transaction_read_only",
		"default_transaction_deferrable", "synchronous_commit",
		"log_min_duration_statement", "log_statement", "jit",
		"plan_cache_mode", "tcp_keepalives_idle",
		"tcp_keepalives_interval", "tcp_keepalives_count",
		"tcp_user_timeout",
	};

	if (strchr(name, '.') || strncmp(name, "enable_", 7) == 0)
		return true;	/* custom ones; the planner's */
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

struct slice settings_meaning(const struct settings *settings)
{
	return settings ? buffer_slice(&settings->meaning) :
			  slice_make(NULL, 0);
}

static void append(struct settings *set, const char *name, struct slice sql)
{
	struct setting *item = &set->items[set->count++];

	item->name = must_dup(name);
	item->sql = slice_dup(sql);
	set->bytes += strlen(name) + sql.length;
	set->hash = hash_text(hash_text(set->hash, item->name), item->sql);
	set->has_identity |= settings_is_identity(name);
	if (strcmp(name, "search_path") == 0) {
		set->search_path = item->sql;
		set->reach_temp = strcasestr(item->sql, "pg_temp");
	}
	if (leaves_meaning(name))
		return;
	buffer_put_cstring(&set->meaning, item->name);
	buffer_put_cstring(&set->meaning, item->sql);
}

/* A copy of `old` in which `name` is set by `sql`, or absent if sql.at is
 * NULL. */
static struct settings *copy_with(const struct settings *old, const char *name,
				  struct slice sql)
{
	unsigned count = old ? old->count : 0;
	struct settings *set = must_alloc(sizeof(*set) +
					  (count + 1) * sizeof(set->items[0]));
	bool placed = !sql.at;

	set->references = 1;
	set->hash = UINT64_C(0xcbf29ce484222325);
	for (unsigned i = 0; i < count; i++) {
		int order = strcmp(old->items[i].name, name);

		if (order >= 0 && !placed) {
			append(set, name, sql);
			placed = true;
		}
		if (order != 0)
			append(set, old->items[i].name,
			       slice_text(old->items[i].sql));
	}
	if (!placed)
		append(set, name, sql);
	if (!set->count)
		settings_unref(&set);
	return set;
}

bool settings_put(struct settings **settings, const char *name,
		  struct slice sql)
{
	struct settings *old = *settings;

	const char *before = settings_find(old, name);
	size_t bytes = (old ? old->bytes : 0) + sql.length -
		       (before ? strlen(before) : 0);

	if (bytes > SETTINGS_BYTES_MAX ||
	    (old && old->count >= SETTINGS_MAX && !before))
		return false;
	*settings = copy_with(old, name, sql);
	settings_unref(&old);
	return true;
}

void settings_remove(struct settings **settings, const char *name)
{
	struct settings *old = *settings;

	if (!settings_find(old, name))
		return;
	*settings = copy_with(old, name, slice_make(NULL, 0));
	settings_unref(&old);
}

const char *settings_find(const struct settings *settings, const char *name)
{
	for (unsigned i = 0; settings && i < settings->count; i++)
		if (strcmp(settings->items[i].name, name) == 0)
			return settings->items[i].sql;
	return NULL;
}

bool settings_is_identity(const char *name)
{
	return strcmp(name, "role") == 0 ||
	       strcmp(name, "session_authorization") == 0;
}

bool settings_has_identity(const struct settings *settings)
{
	return settings && settings->has_identity;
}

const char *settings_search_path(const struct settings *settings)
{
	return settings ? settings->search_path : NULL;
}

bool settings_reach_temp(const struct settings *settings)
{
	return settings && settings->reach_temp;
}

void settings_each(const struct settings *settings,
		   void (*visit)(void *context, const char *name),
		   void *context)
{
	for (unsigned i = 0; settings && i < settings->count; i++)
		visit(context, settings->items[i].name);
}

void settings_copy(struct settings **settings, const struct settings *from,
		   bool (*such)(const char *name))
{
	for (unsigned i = 0; from && i < from->count; i++)
		if (such(from->items[i].name))
			settings_put(settings, from->items[i].name,
				     slice_text(from->items[i].sql));
}

static bool has_meaning(const char *name)
{
	return !leaves_meaning(name);
}

struct settings *settings_with_meaning(const struct settings *settings,
				       const struct settings *meaning)
{
	struct settings *set = NULL;

	settings_copy(&set, settings, leaves_meaning);
	settings_copy(&set, meaning, has_meaning);
	return set;
}

/* --- replaying ---------------------------------------------------------- */

struct steps {
	void (*visit)(void *context, const char *sql);
	void *context;
};

static void step_reset(const struct steps *steps, const char *name)
{
	struct buffer sql = { 0 };

	buffer_put_text(&sql, "RESET ");
	if (strcmp(name, "session_authorization") == 0) {
		buffer_put_text(&sql, "SESSION AUTHORIZATION");
		steps->visit(steps->context, buffer_cstring(&sql));
		buffer_fini(&sql);
		return;
	}
	/* A name may have dots between its parts; each part is quoted. */
	buffer_put_u8(&sql, '"');
	for (; *name; name++) {
		if (*name == '.')
			buffer_put_text(&sql, "\".\"");
		else if (*name == '"')
			buffer_put_text(&sql, "\"\"");
		else
			buffer_put_u8(&sql, (uint8_t)*name);
	}
	buffer_put_u8(&sql, '"');
	steps->visit(steps->context, buffer_cstring(&sql));
	buffer_fini(&sql);
}

static void step_changed(const struct steps *steps, const struct settings *now,
			 const struct settings *wanted)
{
	for (unsigned i = 0; wanted && i < wanted->count; i++) {
		const struct setting *item = &wanted->items[i];
		const char *text = settings_find(now, item->name);

		if (!settings_is_identity(item->name) &&
		    (!text || strcmp(text, item->sql) != 0))
			steps->visit(steps->context, item->sql);
	}
}

void settings_steps(const struct settings *now, const struct settings *wanted,
		    void (*visit)(void *context, const char *sql),
		    void *context)
{
	/* Who one is decides what one may set, so these two are given up first
	 * and taken on last; SET SESSION AUTHORIZATION undoes SET ROLE. */
	static const char *const identities[] = {
		"session_authorization", "role",
	};
	const struct steps steps = { visit, context };

	if (settings_equal(now, wanted))
		return;
	for (int i = 1; i >= 0; i--)
		if (settings_find(now, identities[i]))
			step_reset(&steps, identities[i]);
	for (unsigned i = 0; now && i < now->count; i++)
		if (!settings_is_identity(now->items[i].name) &&
		    !settings_find(wanted, now->items[i].name))
			step_reset(&steps, now->items[i].name);
	step_changed(&steps, now, wanted);
	for (int i = 0; i < 2; i++)
		if (settings_find(wanted, identities[i]))
			visit(context, settings_find(wanted, identities[i]));
}

static void append_step(void *context, const char *text)
{
	struct buffer *sql = context;

	/* The client's text may end in a comment. */
	if (sql->length)
		buffer_put_text(sql, "\n;");
	buffer_put_text(sql, text);
}

void settings_replay(const struct settings *now, const struct settings *wanted,
		     struct buffer *sql)
{
	settings_steps(now, wanted, append_step, sql);
}

/* --- quoting ------------------------------------------------------------ */

void settings_put_literal(struct buffer *sql, struct slice text)
{
	/* E'' with doubled backslashes reads the same whatever
	 * standard_conforming_strings is. */
	buffer_put_text(sql, "E'");
	for (size_t i = 0; i < text.length; i++) {
		if (text.at[i] == '\'' || text.at[i] == '\\')
			buffer_put_u8(sql, text.at[i]);
		buffer_put_u8(sql, text.at[i]);
	}
	buffer_put_u8(sql, '\'');
}

void settings_quote(struct slice name, struct slice value, struct buffer *sql)
{
	buffer_put_text(sql, "SELECT pg_catalog.set_config(");
	settings_put_literal(sql, name);
	buffer_put_u8(sql, ',');
	settings_put_literal(sql, value);
	buffer_put_text(sql, ",false)");
}
