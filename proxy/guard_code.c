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
#include "proxy/code_scan.h"
#include "proxy/code_words.h"
#include "proxy/guard_parts.h"
#include "proxy/word_sieve.h"

#include <stdlib.h>

#define SCANNED_MAX 32768	/* of COPY and of definitions */
#define SIFTED_BYTES 16384	/* a longer body has more words than there are
				   names to be looked for */
#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* Whatever stands beside them. Sorted. */
static const char *const never[] = {
	"allow_system_table_mods", "alter", "array_in", "cascade",
	"client_encoding",
	"create", "cursor_to_xml", "cursor_to_xmlschema", "database_to_xml",
	"database_to_xml_and_xmlschema", "domain_in", "drop",
	"dynamic_library_path", "execute", "foreign", "grant",
	"heap_force_freeze", "heap_force_kill", "lo_export", "lo_import",
	"local_preload_libraries", "multirange_in", "owned",
	"pg_file_rename", "pg_file_unlink", "pg_file_write",
	"pg_input_error_info", "pg_input_is_valid", "pg_settings", "program",
	"query_to_xml", "query_to_xml_and_xmlschema", "query_to_xmlschema",
	"range_in", "reassign", "record_in", "revoke", "schema_to_xml", "schema_to_xml_and_xmlschema",
	"search_path", "session_authorization",
	"session_preload_libraries", "session_replication_role",
	"set_config", "setval", "standard_conforming_strings", "table_to_xml",
	"table_to_xml_and_xmlschema", "ts_rewrite", "ts_stat",
	"xpath_table",
};

/* After SET, LOCAL and SESSION left out; a role is part of the search path, as
 * "$user". Sorted. */
static const char *const never_set[] = {
	"authorization", "names", "role", "schema",
};

/* After RESET. Sorted. */
static const char *const never_reset[] = {
	"all", "authorization", "role", "session",
};

/* What a statement of PL/pgSQL may come right after. */
static const char *const openings[] = { "begin", "else", "loop", "then" };

/* What else is looked for. */
static const char *const others[] = {
	"alter", "create", "delete", "insert", "load", "merge", "reset", "set",
	"truncate", "update",
};

/* What was read of a body so far. Bits are those of guard_catalog.h. */
struct proof {
	const char *body;
	const char *token;	/* up to there it was cut */
	size_t scanned;		/* bytes of statements that were looked at */
	const char *line;	/* up to there lines were looked at */
	bool commented;		/* the one there is, with two dashes */
	struct word_sieve *names;	/* that mean anything; NULL: any may */
	struct judging *judging;
	bool odd;		/* it spells a guarded name of several words */
	bool harmful;
	uint32_t named;		/* what relations that it names refuse */
	uint32_t unsure;	/* what it does to some that it names */
};

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
static bool is_value(const struct code_words *words, const char *body)
{
	return words->start > body && words->start[-1] == '\'' &&
	       words->start[words->length] == '\'';
}

/* DO begins a block of code, but for DO NOTHING and DO UPDATE. */
static bool is_do_block(const struct code_words *words)
{
	struct code_words next = *words;

	if (!code_word_ends_in(words, "do"))
		return false;
	return !code_next_word(&next) || (strcmp(next.lower, "nothing") != 0 &&
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

/* Those that tell what there is may be read, and are not called. */
static bool is_read_only(const struct code_words *words)
{
	static const char *const names[] = {
		"pg_attribute", "pg_class", "pg_constraint", "pg_database",
		"pg_enum", "pg_extension", "pg_index", "pg_indexes",
		"pg_namespace", "pg_proc", "pg_roles", "pg_tables",
		"pg_trigger", "pg_type", "pg_user", "pg_views",
	};
	const char *at = words->at;

	while (code_is_space(*at) || *at == '"')
		at++;
	return *at != '(' && !code_has_comment(at, at + 1) &&
	       is_among(words->lower, names, COUNT(names));
}

/* Asked from the front to the back: a line may be as long as the body. */
static bool is_commented(struct proof *proof, const char *at)
{
	for (; proof->line < at; proof->line++) {
		const char *byte = proof->line;

		if (*byte == '\n' || *byte == '\r')
			proof->commented = false;
		else if (byte[0] == '-' && byte[1] == '-')
			proof->commented = true;
	}
	return proof->commented;
}

/* The SET of an UPDATE comes after a name. One in a comment is none, nor is a
 * word that a statement may come after. */
static bool is_behind_name(struct proof *proof, const struct code_words *set)
{
	const char *body = proof->body, *end = set->start, *start;
	struct code_words name;

	while (end > body && (code_is_space(end[-1]) || end[-1] == '"'))
		end--;
	for (start = end; start > body && code_is_word_byte(start[-1]); start--)
		;
	name.at = start;
	if (start == end || is_commented(proof, start) || !code_next_word(&name))
		return false;
	for (size_t i = 0; i < COUNT(openings); i++)
		if (code_word_ends_in(&name, openings[i]))
			return false;
	return true;
}

/* SET SCHEMA is another spelling of SET search_path, and so on. */
static bool is_other_spelling(struct proof *proof, const struct code_words *words)
{
	bool resets = strcmp(words->lower, "reset") == 0;
	struct code_words next = *words;

	if ((!resets && strcmp(words->lower, "set") != 0) || !code_next_word(&next))
		return false;
	if (!resets && (strcmp(next.lower, "local") == 0 ||
			strcmp(next.lower, "session") == 0))
		code_next_word(&next);
	if (!code_has_comment(words->at, next.start) &&
	    !(resets ? is_among(next.lower, never_reset, COUNT(never_reset)) :
		       is_among(next.lower, never_set, COUNT(never_set))))
		return false;
	return !is_behind_name(proof, words);
}

/* LOAD 'library' */
static bool is_load(const struct code_words *words)
{
	const char *at = words->at;

	while (code_is_space(*at))
		at++;
	return strcmp(words->lower, "load") == 0 && *at == '\'';
}

/* It is done on the loop, and may be asked for at every word. */
static bool may_scan(struct proof *proof, ptrdiff_t bytes)
{
	proof->scanned += (size_t)bytes;
	return proof->scanned <= SCANNED_MAX;
}

/* What a function copies is in a file of the server, or a program's: TO or
 * FROM it stands in the statement, outside of its query. */
static bool is_copy(struct proof *proof, const struct code_words *words)
{
	const char *at = words->at, *next;
	int depth = 0;

	if (!code_word_ends_in(words, "copy"))
		return false;
	if (!may_scan(proof, code_skip_statement(at) - at))
		return true;
	for (; *at && (*at != ';' || depth); at = next) {
		next = code_skip_token(at);
		depth += (*at == '(') - (*at == ')');
		if (depth || !code_begins_string(next))
			continue;
		if ((next - at == 2 && strncasecmp(at, "to", 2) == 0) ||
		    (next - at == 4 && strncasecmp(at, "from", 4) == 0))
			return true;
	}
	return false;
}

/* --- long bodies -------------------------------------------------------------- */

struct sifting {
	struct word_sieve *names;
	bool all;		/* whatever its name, it may lead on */
};

static void add_words(struct word_sieve *names, const char *const *words,
		      size_t count)
{
	for (size_t i = 0; i < count; i++)
		word_sieve_add(names, words[i]);
}

static void add_object(void *context, const struct catalog_object *object)
{
	const struct sifting *sifting = context;

	if (sifting->all || object->refused || object->cascading)
		word_sieve_add(sifting->names, object->name);
}

static void add_made(void *context, const struct guard_overlay *overlay)
{
	const struct sifting *sifting = context;
	struct overlay_item *item, *next;

	HASH_ITER(hh, overlay->by_name, item, next)
		word_sieve_add(sifting->names, item->name);
}

static void note_untold(void *context, const struct guard_overlay *overlay)
{
	*(bool *)context |= overlay->all_onward;
}

/* It is judged on the loop: most of a million words must cost next to nothing.
 * NULL: any of them may mean something. */
static struct word_sieve *sift(const struct judging *judging,
				     const char *body)
{
	const struct guard_catalog *catalog = judging->state->catalog;
	const struct guard *guard = judging->guard;
	struct sifting sifting = { .all = !judging_sees_all(judging) };
	bool untold = false;

	judging_each_overlay(judging, note_untold, &untold);
	if (untold || strnlen(body, SIFTED_BYTES) < SIFTED_BYTES)
		return NULL;
	sifting.names = arena_alloc(&judging->guard->code,
				    sizeof(*sifting.names));
	add_words(sifting.names, never, COUNT(never));
	add_words(sifting.names, others, COUNT(others));
	for (unsigned i = 0; i < guard->count; i++)
		word_sieve_add(sifting.names, guard->tables[i].name);
	judging_each_overlay(judging, add_made, &sifting);
	if (!catalog)
		return sifting.names;
	catalog_each(catalog, CATALOG_RELATION, add_object, &sifting);
	sifting.all = false;
	catalog_each(catalog, CATALOG_FUNCTION, add_object, &sifting);
	catalog_each(catalog, CATALOG_TYPE, add_object, &sifting);
	return sifting.names;
}

/* What a definition in the body has made means something from there on. */
static void sift_made(struct proof *proof)
{
	const struct guard_overlay *made = proof->judging->state->overlay;
	struct sifting sifting = { .names = proof->names };

	if (!proof->names || !made)
		return;
	if (made->all_onward)
		proof->names = NULL;
	else
		add_made(&sifting, made);
}

/* --- definitions ------------------------------------------------------------- */

/* CREATE and ALTER, where they are a statement that does no harm: nothing in
 * it is computed, so that it can be judged by itself. *ret_end is where. */
static bool is_definition(struct proof *proof, const struct code_words *words,
			  const char **ret_end)
{
	const char *end;

	if (strcmp(words->lower, "create") != 0 &&
	    strcmp(words->lower, "alter") != 0)
		return false;
	end = code_skip_statement(words->start);
	if (*end != ';' || !may_scan(proof, end - words->start) ||
	    !code_has_token(&proof->token, words->start) ||
	    !guard_proves_definition(
		    proof->judging,
		    slice_make((const uint8_t *)words->start,
			       (size_t)(end - words->start))))
		return false;
	*ret_end = end;
	return true;
}

static bool is_dangerous(struct proof *proof, const struct code_words *words)
{
	return is_among(words->lower, never, COUNT(never)) ||
	       strncmp(words->lower, "dblink", 6) == 0 || is_do_block(words) ||
	       is_other_spelling(proof, words) || is_load(words) ||
	       is_copy(proof, words) ||
	       (is_catalog(words->lower) && !is_read_only(words));
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
	while (code_is_word_byte(*name))
		name++;
	return !*name;
}

/* What must not be done to a guarded table. */
#define GUARDED_BITS (~(CATALOG_BIT(DEED_READ) | CATALOG_BIT(DEED_INSERT) | \
			CATALOG_BIT(DEED_COPY_IN)))

static uint32_t bits_in_catalog(const struct guard_catalog *catalog,
				enum catalog_kind kind, const char *name)
{
	const struct catalog_object *object =
		catalog ? catalog_find(catalog, kind, name) : NULL;
	uint32_t bits = 0;

	for (; object; object = object->next)
		bits |= object->refused | object->cascading;
	return bits;
}

/* Nothing is known of it, and none of the rules for names is about it. */
static bool means_nothing(const struct proof *proof, const char *name)
{
	return proof->names && !word_sieve_may_have(proof->names, name) &&
	       name[0] != '_' && strncmp(name, "pg_", 3) != 0;
}

/* What may not be done to relations of that name, in whatever schema. */
static uint32_t bits_of(const struct proof *proof, const char *name)
{
	const struct guard *guard = proof->judging->guard;
	const struct overlay_item *made;
	struct onward_end ignored;
	uint32_t bits;

	if (means_nothing(proof, name))
		return 0;
	made = judging_made(proof->judging, name);
	bits = (made ? made->refused : 0) |
	       judging_onward(proof->judging, name, &ignored);
	for (unsigned i = 0; i < guard->count; i++)
		if (strncasecmp(name, guard->tables[i].name,
				CODE_WORD_BYTES_MAX - 1) == 0)
			bits |= GUARDED_BITS;
	if (is_catalog(name))
		bits |= ~(CATALOG_BIT(DEED_READ) | CATALOG_CALL |
			  CATALOG_OPERATE);
	return bits | bits_in_catalog(proof->judging->state->catalog,
				      CATALOG_RELATION, name);
}

/* Of whatever schema, called or not; and a type, by which a variable may be
 * declared. */
static uint32_t bits_of_code(const struct proof *proof, const char *name)
{
	const struct guard_catalog *catalog = proof->judging->state->catalog;

	if (means_nothing(proof, name))
		return 0;
	if (overlay_calls(proof->judging->state->overlay, name))
		return CATALOG_CALL;
	return (bits_in_catalog(catalog, CATALOG_FUNCTION, name) |
		bits_in_catalog(catalog, CATALOG_TYPE, name)) &
	       (CATALOG_CALL | CATALOG_OPERATE);
}

static void read_code_name(struct proof *proof, const char *name)
{
	uint32_t bits = bits_of_code(proof, name);

	proof->harmful |= (bits & CATALOG_CALL) != 0;
	proof->named |= bits;
}

struct symbols {
	const char *body;
	bool operands;		/* it names what shows values of the type */
	bool harmful;
};

static void look_for_symbol(void *context,
			    const struct catalog_object *operator)
{
	struct symbols *symbols = context;

	if ((operator->refused & (CATALOG_CALL | CATALOG_OPERATE)) &&
	    strstr(symbols->body, operator->name) &&
	    ((operator->refused & CATALOG_CALL) || symbols->operands))
		symbols->harmful = true;
}

static bool applies_unproven(const struct proof *proof, const char *body)
{
	struct symbols symbols = {
		.body = body, .operands = proof->named & CATALOG_OPERATE,
	};

	if (proof->judging->state->catalog)
		catalog_each(proof->judging->state->catalog, CATALOG_OPERATOR,
			     look_for_symbol, &symbols);
	return symbols.harmful;
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

/* Names in quotes, in capitals or of several words: whatever stands between
 * two of them, since which one begins a name cannot be told. */
static void read_quoted(struct proof *proof, const char *body)
{
	const char *start = strchr(body, '"'), *end;
	char name[CODE_WORD_BYTES_MAX];

	for (; start && (end = strchr(start + 1, '"')); start = end) {
		size_t length = (size_t)(end - start - 1);

		if (!length)
			proof->named |= GUARDED_BITS;
		if (length >= CODE_WORD_BYTES_MAX)
			length = CODE_WORD_BYTES_MAX - 1;
		memcpy(name, start + 1, length);
		name[length] = 0;
		proof->named |= bits_of(proof, name);
		read_code_name(proof, name);
	}
}

/* A target in quotes may be in capitals; of one that is no word the words are
 * not counted. */
static void read_quoted_target(struct proof *proof, const char *start,
			       const char *end, uint32_t bits)
{
	char name[CODE_WORD_BYTES_MAX];
	size_t length;

	while ((start = memchr(start, '"', (size_t)(end - start)))) {
		for (length = 0; code_is_word_byte(start[1 + length]) &&
				 length < CODE_WORD_BYTES_MAX - 1; length++)
			name[length] = start[1 + length];
		name[length] = 0;
		start += 1 + length;
		proof->harmful |= (bits_of(proof, name) & bits) != 0;
		if (!length || *start != '"')
			proof->unsure |= bits;
		if (start >= end || ++start >= end)
			break;
	}
}

/* The target is one of the next words; where that cannot be told, it may be
 * any that the body names. */
static void read_target(struct proof *proof, const struct code_words *words,
			uint32_t bits)
{
	struct code_words next = *words;

	if (proof->odd)
		proof->unsure |= bits;
	for (int i = 0; i < CODE_TARGET_WORDS && code_next_word(&next); i++) {
		if (code_ends_between(words->at, next.start))
			break;
		proof->harmful |= (bits_of(proof, next.lower) & bits) != 0;
	}
	if (code_has_comment(words->at, next.at))
		proof->unsure |= bits;
	read_quoted_target(proof, words->at, next.at, bits);
}

/* INSERT ... ON CONFLICT DO UPDATE has its target long before the UPDATE;
 * TRUNCATE may have many. */
static void read_verb(struct proof *proof, const struct code_words *words)
{
	struct code_words next = *words;
	uint32_t bits = code_verb_bits(words->lower);

	if (bits)
		read_target(proof, words, bits);
	else if (strcmp(words->lower, "truncate") == 0)
		proof->unsure |= CATALOG_BIT(DEED_TRUNCATE);
	else if (code_word_ends_in(words, "do") && code_next_word(&next) &&
		 strcmp(next.lower, "update") == 0)
		proof->unsure |= CATALOG_BIT(DEED_UPSERT);
}

/* Of most words of a long body no more than this is asked. What ends in DO or
 * COPY may be that. */
static bool is_dull(const struct proof *proof, const struct code_words *words)
{
	char last = words->start[words->length - 1] | 0x20;

	return last != 'o' && last != 'y' && words->lower[0] != 'd' &&
	       means_nothing(proof, words->lower);
}

static void read_word(struct proof *proof, struct code_words *words)
{
	uint32_t bits;

	if (is_dull(proof, words))
		return;
	if (is_definition(proof, words, &words->at)) {
		sift_made(proof);
		return;
	}
	bits = bits_of(proof, words->lower);

	proof->harmful |= is_dangerous(proof, words) ||
			  (bits & CATALOG_BIT(DEED_READ));
	proof->named |= bits;
	read_code_name(proof, words->lower);
	read_verb(proof, words);
}

bool code_is_harmless(struct judging *judging, const char *body)
{
	struct proof proof = { .body = body,
			       .token = body,
			       .line = body,
			       .names = sift(judging, body),
			       .judging = judging,
			       .odd = spells_odd_name(body, judging->guard) };
	struct code_words words = { .at = body };

	if (has_unicode_escapes(body))
		return false;
	if (proof.odd)
		proof.named = GUARDED_BITS;
	if (judging->operands)
		proof.named |= CATALOG_OPERATE;
	read_quoted(&proof, body);
	while (!proof.harmful && code_next_word(&words))
		if (!is_value(&words, body))
			read_word(&proof, &words);
	return !proof.harmful && !(proof.named & proof.unsure) &&
	       !applies_unproven(&proof, body);
}
