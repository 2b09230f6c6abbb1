/*
 * Any text a client may send, through parser and compiler: the answer is SQL
 * or an error with a SQLSTATE, and what was said to be a query is one that
 * has its columns described.
 */
#include <assert.h>
#include <stdint.h>

#include "tests/unit/compile_fixture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void compile_one(const struct schema *schema,
			struct sql_statement statement)
{
	struct arena arena = { 0 };
	struct compiled compiled = { .kind = COMPILED_EMPTY };
	struct error error = { .sqlstate = "" };

	if (!compile_statement(statement, schema, &fixture_session, NULL, 0,
			       &arena, &compiled, &error)) {
		assert(strlen(error.sqlstate) == 5);
		assert(error.message[0] != '\0');
	} else if (compiled.kind == COMPILED_QUERY) {
		assert(compiled.sql != NULL);
		assert(compiled.column_count == 0 || compiled.columns != NULL);
		for (int i = 0; i < compiled.column_count; i++)
			assert(compiled.columns[i].name != NULL &&
			       compiled.columns[i].type != 0);
	}
	arena_fini(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct schema *schema;	/* libFuzzer calls again and again */
	struct error error;
	struct sql_tree *tree;

	if (schema == NULL)
		schema = fixture_schema();
	if (memchr(data, '\0', size) != NULL)
		return 0;
	tree = sql_tree_new(slice_make(data, size), &error);
	if (tree == NULL)
		return 0;
	for (size_t i = 0; i < sql_tree_count(tree); i++)
		compile_one(schema, sql_tree_statement(tree, i));
	sql_tree_free(&tree);
	return 0;
}
