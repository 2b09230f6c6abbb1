/*
 * What Postgres knows of itself: how its functions are called, and which
 * encodings there are.
 */
#include "pool/sqlite/catalog_call.h"

#include <ctype.h>
#include <stdlib.h>

#include "protocol/dialect/catalog_facts.h"
#include "protocol/dialect/schema_name.h"

/* --- functions ---------------------------------------------------------- */

static const char *proc_row(struct call *call)
{
	return any_null(call) ? NULL :
	       catalog_facts_row(catalog_facts_of("pg_proc"), oid_at(call, 0));
}

static struct slice proc_cell(const char *row, const char *column)
{
	const struct catalog_facts *facts = catalog_facts_of("pg_proc");

	return catalog_facts_cell(row, catalog_facts_column(facts, column));
}

static void refuse_signature(struct call *call)
{
	error_set(&call->context->error, SQLSTATE_FEATURE_NOT_SUPPORTED,
		  "the arguments of this function are not known on SQLite");
	fail(call);
}

/* Whether nothing but plain arguments is declared. */
static bool is_plain(const char *row)
{
	return !proc_cell(row, "proallargtypes").at &&
	       slice_is(proc_cell(row, "pronargdefaults"), "0") &&
	       slice_is(proc_cell(row, "provariadic"), "0");
}

/* "a integer, b text": names stand in {a,b} where there are any. */
static void function_arguments(struct call *call)
{
	const char *row = proc_row(call);
	const char *types, *names, *text = "";

	if (!row)
		return give_text(call, NULL);
	if (!is_plain(row))
		return refuse_signature(call);
	types = arena_dup(&call->arena, proc_cell(row, "proargtypes"));
	names = proc_cell(row, "proargnames").at == NULL ? "" :
		arena_dup(&call->arena, proc_cell(row, "proargnames")) + 1;
	while (*types) {
		int width = (int)strcspn(names, ",}");
		char *rest;
		uint32_t type = (uint32_t)strtoul(types, &rest, 10);

		text = arena_printf(&call->arena, "%s%s%.*s%s%s", text,
				    *text ? ", " : "", width, names,
				    width ? " " : "",
				    type_name_text(&call->arena, call->schema,
						   path(call), type,
						   TYPMOD_NONE));
		types = rest + strspn(rest, " ");
		names += width + (names[width] == ',');
	}
	give_text(call, text);
}

static void function_result(struct call *call)
{
	const char *row = proc_row(call);
	uint32_t type;

	if (!row)
		return give_text(call, NULL);
	if (proc_cell(row, "proallargtypes").at)
		return refuse_signature(call);
	type = (uint32_t)strtoul(arena_dup(&call->arena,
				 proc_cell(row, "prorettype")), NULL, 10);
	give_text(call, arena_printf(&call->arena, "%s%s",
		slice_is(proc_cell(row, "proretset"), "t") ? "SETOF " : "",
		type_name_text(&call->arena, call->schema, path(call), type,
			       TYPMOD_NONE)));
}

/* --- encodings ---------------------------------------------------------- */

/* By number; how many bytes a character may have. */
static const struct {
	const char *name;
	int bytes_max;
} encodings[] = {
	{ "SQL_ASCII", 1 }, { "EUC_JP", 3 }, { "EUC_CN", 2 }, { "EUC_KR", 3 },
	{ "EUC_TW", 4 }, { "EUC_JIS_2004", 3 }, { "UTF8", 4 },
	{ "MULE_INTERNAL", 4 }, { "LATIN1", 1 }, { "LATIN2", 1 },
	{ "LATIN3", 1 }, { "LATIN4", 1 }, { "LATIN5", 1 }, { "LATIN6", 1 },
	{ "LATIN7", 1 }, { "LATIN8", 1 }, { "LATIN9", 1 }, { "LATIN10", 1 },
	{ "WIN1256", 1 }, { "WIN1258", 1 }, { "WIN866", 1 }, { "WIN874", 1 },
	{ "KOI8R", 1 }, { "WIN1251", 1 }, { "WIN1252", 1 },
	{ "ISO_8859_5", 1 }, { "ISO_8859_6", 1 }, { "ISO_8859_7", 1 },
	{ "ISO_8859_8", 1 }, { "WIN1250", 1 }, { "WIN1253", 1 },
	{ "WIN1254", 1 }, { "WIN1255", 1 }, { "WIN1257", 1 }, { "KOI8U", 1 },
	{ "SJIS", 2 }, { "BIG5", 2 }, { "GBK", 2 }, { "UHC", 2 },
	{ "GB18030", 4 }, { "JOHAB", 3 }, { "SHIFT_JIS_2004", 2 },
};

#define ENCODINGS ((int)(sizeof(encodings) / sizeof(*encodings)))

static void encoding_to_char(struct call *call)
{
	int encoding;

	if (any_null(call))
		return give_text(call, NULL);
	encoding = sqlite3_value_int(call->arguments[0]);
	give_text(call, encoding >= 0 && encoding < ENCODINGS ?
			encodings[encoding].name : "");
}

static void encoding_max_length(struct call *call)
{
	int encoding;

	if (any_null(call))
		return give_text(call, NULL);
	encoding = sqlite3_value_int(call->arguments[0]);
	if (encoding < 0 || encoding >= ENCODINGS)
		return give_text(call, NULL);
	give_integer(call, encodings[encoding].bytes_max);
}

/* Letters and digits only, in lower case. */
static const char *bare(struct call *call, const char *name)
{
	char *text = arena_alloc(&call->arena, strlen(name) + 1);
	char *out = text;

	for (; *name; name++)
		if (isalnum((unsigned char)*name))
			*out++ = (char)tolower((unsigned char)*name);
	*out = 0;
	return text;
}

static void char_to_encoding(struct call *call)
{
	const char *name;

	if (any_null(call))
		return give_text(call, NULL);
	name = bare(call, string_at(call, 0));
	if (strcmp(name, "unicode") == 0)
		name = "utf8";
	for (int i = 0; i < ENCODINGS; i++)
		if (strcmp(name, bare(call, encodings[i].name)) == 0)
			return give_integer(call, i);
	give_integer(call, -1);
}

const struct catalog_function catalog_signatures[] = {
	{ "pg_encoding_to_char", 1, encoding_to_char },
	{ "pg_encoding_max_length", 1, encoding_max_length },
	{ "pg_char_to_encoding", 1, char_to_encoding },
	{ "pg_get_function_arguments", 1, function_arguments },
	{ "pg_get_function_identity_arguments", 1, function_arguments },
	{ "pg_get_function_result", 1, function_result },
	{ 0 },
};
