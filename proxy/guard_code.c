/*
 * Is a PL/pgSQL body harmless?
 *
 * There is no parse to judge by: so this asks for words, and only ever says
 * yes where no reading of the words could harm. PL/pgSQL runs the SQL that is
 * written in it, or text it computes with EXECUTE. A body without EXECUTE,
 * and without words that make code, move things or change settings, can
 * touch a guarded table only by spelling its name. If it does not spell it,
 * it is harmless; if it does, no word that changes rows may have it for its
 * target.
 *
 * Words are taken from everywhere, strings and comments and quoted names
 * included; a string that is one word ('UPDATE', as triggers compare with
 * TG_OP) is left out: it is a value, and there is nothing to run it. Names
 * spelled in Unicode escapes are not read: such a body is not harmless.
 */
#include "proxy/guard_parts.h"

#include <stdlib.h>

#define WORD_BYTES_MAX 64	/* identifiers are cut to 63 bytes */
#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* Whatever stands beside them. Sorted. */
static const char *const never[] = {
	"allow_system_table_mods", "alter", "cascade", "client_encoding",
	"create", "cursor_to_xml", "cursor_to_xmlschema", "database_to_xml",
	"database_to_xml_and_xmlschema", "drop",
	"dynamic_library_path", "execute", "foreign", "grant",
	"heap_force_freeze", "heap_force_kill", "lo_export", "lo_import",
	"local_preload_libraries", "owned", "pg_file_rename",
	"pg_file_unlink", "pg_file_write", "pg_settings", "program",
	"query_to_xml", "query_to_xml_and_xmlschema", "query_to_xmlschema",
	"reassign", "revoke", "schema_to_xml", "schema_to_xml_and_xmlschema",
	"search_path", "session_authorization",
	"session_preload_libraries", "session_replication_role",
	"set_config", "standard_conforming_strings", "table_to_xml",
	"table_to_xml_and_xmlschema", "ts_rewrite", "ts_stat",
	"xpath_table",
};

/* After SET, LOCAL and SESSION left out. Sorted. */
static const char *const never_set[] = { "authorization", "names", "schema" };

/* How many words may stand between UPDATE, DELETE or MERGE and the last of
 * its target: FROM ONLY db.schema.table. */
#define TARGET_WORDS 5

struct words {
	const char *at;		/* the rest of the body */
	const char *start;	/* of the last word */
	size_t length;
	char lower[WORD_BYTES_MAX];
};

struct proof {
	const struct guard *guard;
	const struct guard_state *state;
};

static bool is_word_byte(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
	       (byte >= '0' && byte <= '9') || byte == '_' || byte == '$' ||
	       (byte & 0x80);
}

static bool next_word(struct words *words)
{
	const char *at = words->at;
	size_t kept;

	while (*at && !is_word_byte(*at))
		at++;
	words->start = at;
	while (is_word_byte(*at))
		at++;
	words->length = (size_t)(at - words->start);
	words->at = at;
	kept = words->length < WORD_BYTES_MAX ? words->length :
						WORD_BYTES_MAX - 1;
	for (size_t i = 0; i < kept; i++) {
		char byte = words->start[i];

		if (byte >= 'A' && byte <= 'Z')
			byte += 'a' - 'A';
		words->lower[i] = byte;
	}
	words->lower[kept] = 0;
	return words->length > 0;
}

static int compare(const void *word, const void *item)
{
	return strcmp(word, *(const char *const *)item);
}

static bool is_among(const char *word, const char *const *words, size_t count)
{
	return bsearch(word, words, count, sizeof(*words), compare);
}

/* Between single quotes, all by itself. No statement has a keyword that is
 * followed by a quote without a space and can change rows. */
static bool is_value(const struct words *words, const char *body)
{
	return words->start > body && words->start[-1] == '\'' &&
	       words->start[words->length] == '\'';
}

/* DO begins a block of code, but for DO NOTHING and DO UPDATE. */
static bool is_do_block(const struct words *words)
{
	struct words next = *words;

	if (strcmp(words->lower, "do") != 0)
		return false;
	return !next_word(&next) || (strcmp(next.lower, "nothing") != 0 &&
				     strcmp(next.lower, "update") != 0);
}

/* Names of catalogs begin with pg_, and so do harmless functions. */
static bool is_catalog(const char *word)
{
	return strncmp(word, "pg_", 3) == 0 && !sql_function_is_pure(word) &&
	       strcmp(word, "pg_notify") != 0 &&
	       strcmp(word, "pg_temp") != 0 &&
	       strcmp(word, "pg_catalog") != 0;
}

/* SET SCHEMA is another spelling of SET search_path, and so on. */
static bool is_other_spelling(const struct words *words)
{
	struct words next = *words;

	if (strcmp(words->lower, "set") != 0 || !next_word(&next))
		return false;
	if (strcmp(next.lower, "local") == 0 ||
	    strcmp(next.lower, "session") == 0)
		next_word(&next);
	return is_among(next.lower, never_set, COUNT(never_set));
}

/* LOAD 'library' */
static bool is_load(const struct words *words)
{
	const char *at = words->at;

	while (*at == ' ' || (*at >= '\t' && *at <= '\r'))
		at++;
	return strcmp(words->lower, "load") == 0 && *at == '\'';
}

static bool is_dangerous(const struct words *words)
{
	return is_among(words->lower, never, COUNT(never)) ||
	       strncmp(words->lower, "dblink", 6) == 0 || is_do_block(words) ||
	       is_other_spelling(words) || is_load(words) ||
	       is_catalog(words->lower);
}

static bool has_unicode_escapes(const char *body)
{
	for (const char *at = strchr(body, '&'); at; at = strchr(at + 1, '&'))
		if (at > body && (at[-1] == 'u' || at[-1] == 'U') &&
		    (at[1] == '"' || at[1] == '\''))
			return true;
	return false;
}

/* A name that the words above could not spell is looked for as it is. */
static bool is_one_word(const char *name)
{
	while (is_word_byte(*name))
		name++;
	return !*name;
}

/* Spelled without quotes, all of these are in small letters. */
static bool leads(const struct guard_catalog *catalog, const char *word)
{
	const struct catalog_object *object =
		catalog_find(catalog, CATALOG_RELATION, word);

	while (object && !object->refused)
		object = object->next;
	return object;
}

/* A guarded table, or what leads to one. */
static bool names_guarded(const struct words *words, const struct proof *proof)
{
	const struct guard *guard = proof->guard;
	const struct overlay_item *made =
		overlay_find(proof->state->overlay, words->lower);

	for (unsigned i = 0; i < guard->count; i++)
		if (strncasecmp(words->lower, guard->tables[i].name,
				WORD_BYTES_MAX - 1) == 0)
			return true;
	return (made && made->refused) ||
	       (proof->state->catalog &&
		leads(proof->state->catalog, words->lower));
}

/* Of whatever schema, called or not. */
static bool names_unproven(const struct words *words, const struct proof *proof)
{
	const struct catalog_object *function =
		proof->state->catalog ?
			catalog_find(proof->state->catalog, CATALOG_FUNCTION,
				     words->lower) :
			NULL;

	while (function && !(function->refused & CATALOG_CALL))
		function = function->next;
	return function;
}

static bool spells_odd_name(const char *body, const struct guard *guard)
{
	for (unsigned i = 0; i < guard->count; i++) {
		const char *name = guard->tables[i].name;

		if (is_one_word(name))
			continue;
		/* with quotes inside it would be spelled otherwise */
		if (strchr(name, '"') || strcasestr(body, name))
			return true;
	}
	return false;
}

/* Quoted names may be in capitals, or of several words: what leads to a table
 * under such a name is not looked for, so neither may be quoted. */
static bool has_quoted_name(const char *body, const struct proof *proof)
{
	return proof->state->catalog && strchr(body, '"');
}

/* Between these there may be more words than are counted. */
static bool has_marks(const char *start, const char *end)
{
	for (const char *at = start; at < end; at++)
		if (*at == '"' || (at[0] == '/' && at[1] == '*') ||
		    (at[0] == '-' && at[1] == '-'))
			return true;
	return false;
}

/* UPDATE, DELETE or MERGE may have a guarded table for its target. */
static bool may_target(const struct words *words, const struct proof *proof)
{
	struct words next = *words;

	for (int i = 0; i < TARGET_WORDS && next_word(&next); i++)
		if (names_guarded(&next, proof))
			return true;
	return has_marks(words->at, next.at);
}

static bool changes_rows(const struct words *words, const struct proof *proof,
			 bool odd)
{
	if (strcmp(words->lower, "truncate") == 0 ||
	    strcmp(words->lower, "setval") == 0)
		return true;
	if (strcmp(words->lower, "update") != 0 &&
	    strcmp(words->lower, "delete") != 0 &&
	    strcmp(words->lower, "merge") != 0)
		return false;
	return odd || may_target(words, proof);
}

/* INSERT ... ON CONFLICT DO UPDATE has its target long before the UPDATE. */
static bool is_upsert(const struct words *words)
{
	struct words next = *words;

	return strcmp(words->lower, "do") == 0 && next_word(&next) &&
	       strcmp(next.lower, "update") == 0;
}

bool code_is_harmless(const struct guard *guard,
		      const struct guard_state *state, const char *body)
{
	const struct proof proof = { guard, state };
	struct words words = { .at = body };
	bool odd = spells_odd_name(body, guard) ||
		   has_quoted_name(body, &proof);
	bool named = odd, changes = false;

	if (has_unicode_escapes(body))
		return false;
	while (next_word(&words)) {
		if (is_value(&words, body))
			continue;
		if (is_dangerous(&words) || names_unproven(&words, &proof))
			return false;
		named = named || names_guarded(&words, &proof);
		changes = changes || is_upsert(&words) ||
			  changes_rows(&words, &proof, odd);
	}
	return !named || !changes;
}
