/*
 * The table of node kinds held against the library's own printer: over a
 * statement of every kind, both must come by the same nodes and texts.
 */
#include "protocol/sql_nodes.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <ctype.h>
#include <dirent.h>
#include <pg_query.h>
#include <stdio.h>
#include <stdlib.h>

#include "protocol/sql_tree.h"
#include "protocol/sql_walk.h"

#define KINDS_MAX 1024
#define TEXTS_MAX 20000

static int seen[KINDS_MAX];	/* how often the walker met each kind, ever */

struct found {
	int nodes;
	int kinds[KINDS_MAX];
	char *texts[TEXTS_MAX];
	int text_count;
};

static void add_text(struct found *found, char *text)
{
	assert_true(found->text_count < TEXTS_MAX);
	found->texts[found->text_count++] = text;
}

static void clear_found(struct found *found)
{
	for (int i = 0; i < found->text_count; i++)
		free(found->texts[i]);
	memset(found, 0, sizeof(*found));
}

/* --- what the walker finds ---------------------------------------------- */

static bool visit(struct Node *node, int depth, void *context)
{
	struct found *found = context;
	int tag = (int)nodeTag(node);
	const struct sql_field *field = sql_kind_find(tag)->fields;

	found->nodes++;
	found->kinds[tag]++;
	seen[tag]++;
	for (; field->kind != FIELD_END; field++) {
		char *at = (char *)node + field->offset;

		if (field->kind == FIELD_TEXT && *(char **)(void *)at)
			add_text(found, must_dup(*(char **)(void *)at));
	}
	return true;
}

static bool find_in_tree(const char *text, struct found *found)
{
	struct error error;
	struct sql_tree *tree = sql_tree_new(slice_text(text), &error);

	if (!tree)
		return false;
	for (size_t i = 0; i < sql_tree_count(tree); i++) {
		found->nodes++;	/* its RawStmt, which is not visited */
		assert_true(sql_walk(sql_tree_statement(tree, i).node, visit,
				     found, &error));
	}
	sql_tree_free(&tree);
	return true;
}

/* --- what the library prints -------------------------------------------- */

static int tag_of(const char *name)
{
	for (int tag = 0; tag < KINDS_MAX; tag++) {
		const struct sql_kind *kind = sql_kind_find(tag);

		if (kind && strcmp(kind->name, name) == 0)
			return tag;
	}
	return -1;
}

static char *read_string(const char **at)
{
	struct buffer text = { 0 };

	for ((*at)++; **at != '"'; (*at)++) {
		if (**at != '\\') {
			buffer_put_u8(&text, (uint8_t)**at);
			continue;
		}
		(*at)++;
		switch (**at) {
		case 'n':
			buffer_put_u8(&text, '\n');
			break;
		case 't':
			buffer_put_u8(&text, '\t');
			break;
		case 'r':
			buffer_put_u8(&text, '\r');
			break;
		case 'u':
			buffer_put_u8(&text, (uint8_t)strtol(
				(char[]){ (*at)[3], (*at)[4], 0 }, NULL, 16));
			*at += 4;
			break;
		default:
			buffer_put_u8(&text, (uint8_t)**at);
		}
	}
	(*at)++;
	buffer_put_u8(&text, 0);
	return (char *)text.bytes;
}

static void read_json(const char **at, struct found *found, const char *field);

/* Objects are nodes, save those with one capitalised key, which give the
 * kind of the node inside. Lists of lists are printed as nodes. */
static void read_object(const char **at, struct found *found,
			const char *field)
{
	bool first = true, wrapper = false;

	for ((*at)++; **at != '}'; first = false) {
		char *key;

		if (**at == ',')
			(*at)++;
		key = read_string(at);
		(*at)++;
		if (first && isupper((unsigned char)key[0])) {
			wrapper = true;
			if (strcmp(key, "List") == 0) {
				found->nodes--;
			} else {
				assert_int_not_equal(tag_of(key), -1);
				found->kinds[tag_of(key)]++;
			}
		}
		read_json(at, found, key);
		free(key);
	}
	(*at)++;
	/* the CreateStmt inside a CreateForeignTableStmt is no node of its own */
	if (!wrapper && strcmp(field, "base") != 0)
		found->nodes++;
}

static void read_array(const char **at, struct found *found)
{
	for ((*at)++; **at != ']';) {
		if (**at == ',')
			(*at)++;
		/* a null pointer in a list */
		if (strncmp(*at, "{}", 2) == 0)
			*at += 2;
		else
			read_json(at, found, "");
	}
	(*at)++;
}

/* Single letters that are char fields, not texts. */
static bool is_letter_field(const char *field)
{
	static const char *const fields[] = {
		"relpersistence", "fk_matchtype", "fk_upd_action",
		"fk_del_action", "generated_when", "identity", "subtype",
		"strategy", "amtype", "tgenabled", "identity_type",
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		if (strcmp(fields[i], field) == 0)
			return true;
	return false;
}

/* Enums that are not all capitals. */
static const char *const enum_starts[] = {
	"AT_", "AP_", "LockWait", "CTEMaterialize",
};

static bool is_enum(const char *field, const char *text)
{
	bool underscore = false;

	for (size_t i = 0; i < sizeof(enum_starts) / sizeof(*enum_starts); i++)
		if (strncmp(text, enum_starts[i], strlen(enum_starts[i])) == 0)
			return true;
	if (text[0] && !text[1] && is_letter_field(field))
		return true;
	/* no text of the statements looks like one */
	for (const char *at = text; *at; at++) {
		if (*at == '_')
			underscore = true;
		else if (!isupper((unsigned char)*at) &&
			 !isdigit((unsigned char)*at))
			return false;
	}
	return underscore;
}

static void read_json(const char **at, struct found *found, const char *field)
{
	char *text;

	switch (**at) {
	case '{':
		read_object(at, found, field);
		break;
	case '[':
		read_array(at, found);
		break;
	case '"':
		text = read_string(at);
		if (is_enum(field, text))
			free(text);
		else
			add_text(found, text);
		break;
	default:
		*at += strcspn(*at, ",]}");
	}
}

static void find_in_json(const char *text, struct found *found)
{
	PgQueryParseResult result = pg_query_parse(text);
	const char *at = result.parse_tree;

	assert_null(result.error);
	read_json(&at, found, "");
	found->nodes--;	/* the root */
	pg_query_free_parse_result(result);
}

/* --- comparing ---------------------------------------------------------- */

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void drop_enums(struct found *found)
{
	int kept = 0;

	for (int i = 0; i < found->text_count; i++) {
		if (is_enum("", found->texts[i]))
			free(found->texts[i]);
		else
			found->texts[kept++] = found->texts[i];
	}
	found->text_count = kept;
}

static bool same(const struct found *tree, const struct found *json)
{
	if (tree->nodes != json->nodes || tree->text_count != json->text_count)
		return false;
	for (int i = 0; i < tree->text_count; i++)
		if (strcmp(tree->texts[i], json->texts[i]) != 0)
			return false;
	/* the printer omits the kind where the field's type says it */
	for (int tag = 0; tag < KINDS_MAX; tag++)
		if (tree->kinds[tag] < json->kinds[tag])
			return false;
	return true;
}

static bool compare(const char *sql, struct found *tree, struct found *json)
{
	drop_enums(tree);
	qsort(tree->texts, (size_t)tree->text_count, sizeof(char *),
	      compare_texts);
	qsort(json->texts, (size_t)json->text_count, sizeof(char *),
	      compare_texts);
	if (same(tree, json))
		return true;
	print_message("differs: %s\nnodes %d, printed %d\nwalked:", sql,
		      tree->nodes, json->nodes);
	for (int i = 0; i < tree->text_count; i++)
		print_message(" %s", tree->texts[i]);
	print_message("\nprinted:");
	for (int i = 0; i < json->text_count; i++)
		print_message(" %s", json->texts[i]);
	print_message("\n");
	return false;
}

enum outcome { SAME, DIFFERS, NO_SQL };

static enum outcome check_statement(const char *sql)
{
	static struct found tree, json;
	enum outcome outcome = NO_SQL;

	if (find_in_tree(sql, &tree)) {
		find_in_json(sql, &json);
		outcome = compare(sql, &tree, &json) ? SAME : DIFFERS;
	}
	clear_found(&tree);
	clear_found(&json);
	return outcome;
}

static void meets_what_the_library_prints(void **state)
{
	FILE *file = fopen("tests/unit/every_statement.sql", "r");
	char line[4096];
	int wrong = 0;

	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		enum outcome outcome;

		line[strcspn(line, "\n")] = 0;
		if (strncmp(line, "--", 2) == 0)
			continue;
		outcome = check_statement(line);
		if (outcome == NO_SQL)
			print_message("not SQL: %s\n", line);
		wrong += outcome != SAME;
	}
	fclose(file);
	assert_int_equal(wrong, 0);
}

static void meets_every_kind_in_the_table(void **state)
{
	int missing = 0;

	for (int tag = 0; tag < KINDS_MAX; tag++) {
		const struct sql_kind *kind = sql_kind_find(tag);

		if (kind && !seen[tag] && tag != T_RawStmt) {
			print_message("no statement has a %s\n", kind->name);
			missing++;
		}
	}
	assert_int_equal(missing, 0);
}

static void check_file(const char *path)
{
	FILE *file = fopen(path, "r");
	struct buffer text = { 0 };
	char line[65536];

	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		buffer_put_text(&text, line);
		/* statements end with a semicolon at the end of a line */
		if (strlen(line) < 2 || strcmp(line + strlen(line) - 2, ";\n"))
			continue;
		if (text.length < SQL_TEXT_BYTES_MAX)
			assert_int_not_equal(
				check_statement(buffer_cstring(&text)),
				DIFFERS);
		buffer_clear(&text);
	}
	buffer_fini(&text);
	fclose(file);
}

/* What real clients send, where a copy of it is named. */
static void meets_what_clients_send(void **state)
{
	const char *folder = getenv("WEIR_TEST_TRAFFIC");
	DIR *directory = folder ? opendir(folder) : NULL;
	struct dirent *entry;
	char path[4096];

	if (!directory)
		skip();
	while ((entry = readdir(directory))) {
		size_t length = strlen(entry->d_name);

		if (length < 4 || strcmp(entry->d_name + length - 4, ".sql"))
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		check_file(path);
	}
	closedir(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(meets_what_the_library_prints),
		cmocka_unit_test(meets_every_kind_in_the_table),
		cmocka_unit_test(meets_what_clients_send),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
