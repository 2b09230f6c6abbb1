#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "protocol/message_write.h"
#include "proxy/catalog_derive.h"
#include "proxy/catalog_rows.h"
#include "proxy/guard.h"

#define BIT(deed) CATALOG_BIT(DEED_##deed)

struct fixture {
	struct guard *guard;
	struct buffer rows;
	struct catalog_load load;
};

static void put_column(struct buffer *rows, const char *text)
{
	put_value(rows, text ? slice_text(text) : slice_make(NULL, 0));
}

/* A row of `count` texts. */
static void row(struct fixture *f, unsigned count, ...)
{
	size_t mark = begin_row(&f->rows, count);
	va_list texts;

	va_start(texts, count);
	while (count--)
		put_column(&f->rows, va_arg(texts, const char *));
	va_end(texts);
	end_row(&f->rows, mark);
}

static void table(struct fixture *f, const char *oid, const char *name)
{
	row(f, 7, "relation", oid, "public", name, "r",
	    strcmp(name, "audit_log") == 0 ? "0" : NULL, "0");
}

static void view(struct fixture *f, const char *oid, const char *name,
		 const char *base)
{
	row(f, 7, "relation", oid, "public", name, "v", NULL, "28");
	row(f, 3, "view", oid, base);
}

static void function(struct fixture *f, const char *oid, const char *name,
		     const char *language, const char *body)
{
	row(f, 12, "function", oid, "public", name, language, body, "f", "t",
	    NULL, "f", "f", "f");
}

static int setup(void **state)
{
	static const char *const names[] = { "public.audit_log" };
	struct fixture *f = must_alloc(sizeof(*f));
	struct error error;

	f->guard = guard_new(names, 1, false, &error);
	assert_non_null(f->guard);
	row(f, 3, "schema", "2200", "public");
	table(f, "1", "audit_log");
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	catalog_unref(&f->load.catalog);
	audit_report_fini(&f->load.report);
	buffer_fini(&f->rows);
	guard_free(&f->guard);
	free(f);
	return 0;
}

static void derive(struct fixture *f)
{
	assert_true(catalog_derive(f->guard, buffer_slice(&f->rows),
				   &f->load));
}

static const struct catalog_object *
find(struct fixture *f, enum catalog_kind kind, const char *name)
{
	const struct catalog_object *found =
		catalog_find(f->load.catalog, kind, name);

	assert_non_null(found);
	return found;
}

static const struct catalog_object *relation(struct fixture *f,
					     const char *name)
{
	return find(f, CATALOG_RELATION, name);
}

static void refuses_changes_through_a_view_of_a_view(void **state)
{
	struct fixture *f = *state;
	const struct catalog_object *found;

	table(f, "9", "plain");
	view(f, "2", "v", "1");
	view(f, "3", "w", "2");
	view(f, "4", "other", "9");
	derive(f);
	found = relation(f, "w");
	assert_int_equal(found->refused, BIT(UPDATE) | BIT(UPSERT) |
			 BIT(DELETE) | BIT(MERGE));
	assert_string_equal(found->table, "audit_log");
	assert_string_equal(found->through, "view public.w");
	assert_int_equal(relation(f, "other")->refused, 0);
	assert_int_equal(relation(f, "plain")->refused, 0);
}

static void follows_foreign_keys_over_several_hops(void **state)
{
	struct fixture *f = *state;
	const struct catalog_object *found;

	table(f, "2", "users");
	table(f, "3", "tenants");
	table(f, "4", "regions");
	row(f, 8, "key", "1", "2", "k1", "c", "c", "ref", "id");
	row(f, 8, "key", "2", "3", "k2", "c", "a", "tenant", "id");
	row(f, 8, "key", "3", "4", "k3", "a", "a", "region", "id");
	derive(f);
	found = relation(f, "users");
	assert_int_equal(found->refused, BIT(DELETE) | BIT(MERGE) |
			 BIT(UPDATE) | BIT(UPSERT));
	assert_string_equal(found->columns[0], "id");
	assert_null(found->columns[1]);
	assert_string_equal(found->through, "foreign key k1 of "
			    "public.audit_log (ON DELETE CASCADE)");
	found = relation(f, "tenants");
	assert_int_equal(found->refused, BIT(DELETE) | BIT(MERGE));
	assert_int_equal(found->cascading, BIT(TRUNCATE));
	found = relation(f, "regions");
	assert_int_equal(found->refused, 0);
	assert_int_equal(found->cascading, BIT(TRUNCATE));
}

/* A trigger of users that runs before an UPDATE: of these columns, or any. */
static void mover(struct fixture *f, const char *oid, const char *symbol,
		  const char *columns, const char *argument)
{
	row(f, 7, "mover", "2", oid, "f", symbol, columns, argument);
}

static const struct catalog_object *users_moved_by(struct fixture *f)
{
	table(f, "2", "users");
	row(f, 8, "key", "1", "2", "k1", "a", "c", "ref", "id");
	derive(f);
	return relation(f, "users");
}

static void does_not_fear_a_trigger_that_leaves_the_key_alone(void **state)
{
	struct fixture *f = *state;
	const struct catalog_object *found;

	function(f, "20", "f", "plpgsql",
		 "BEGIN NEW.at := now(); RETURN NEW; END");
	table(f, "2", "users");
	mover(f, "20", NULL, NULL, NULL);
	mover(f, "7", "moddatetime.moddatetime", NULL, "at");
	mover(f, "8", "suppress_redundant_updates_trigger", NULL, NULL);
	found = users_moved_by(f);
	assert_string_equal(found->columns[0], "id");
	assert_null(found->columns[1]);
	assert_true(catalog_has_mover(f->load.catalog, "f"));
}

static void fears_a_trigger_that_may_assign_the_key(void **state)
{
	static const struct {
		const char *oid, *symbol, *argument;
	} movers[] = {
		{ "20", NULL, NULL },	/* it does */
		{ "21", NULL, NULL },	/* another language */
		{ "22", NULL, NULL },	/* a body that was not read */
		{ "99", NULL, NULL },	/* a function that is not there */
		{ "7", "moddatetime.moddatetime", "id" },
		{ "7", "moddatetime.moddatetime", NULL },
		{ "7", ".moddatetime", "at" },
		{ "7", "autoinc.autoinc", "at" },
	};

	for (size_t i = 0; i < sizeof(movers) / sizeof(*movers); i++) {
		struct fixture *f;

		teardown(state);
		setup(state);
		f = *state;
		function(f, "20", "f", "plpgsql",
			 "BEGIN NEW.id := 5; RETURN NEW; END");
		function(f, "21", "f", "plpython3u", "return None");
		function(f, "22", "f", "plpgsql", NULL);
		table(f, "2", "users");
		mover(f, movers[i].oid, movers[i].symbol, NULL,
		      movers[i].argument);
		assert_null(users_moved_by(f)->columns);
	}
}

static void fears_a_trigger_only_for_what_it_waits_for(void **state)
{
	struct fixture *f = *state;
	const struct catalog_object *found;

	function(f, "20", "f", "plpgsql", "BEGIN RETURN g(NEW); END");
	function(f, "21", "f", "plpgsql",
		 "BEGIN NEW.email := NULL; RETURN NEW; END");
	table(f, "2", "users");
	mover(f, "20", NULL, "email", NULL);
	mover(f, "21", NULL, NULL, NULL);
	found = users_moved_by(f);
	assert_string_equal(found->columns[0], "email");
	assert_string_equal(found->columns[1], "id");
	assert_null(found->columns[2]);
}

/* Where a table or type is called "record", a copy may be one of it. */
static void fears_copies_where_a_record_may_be_something_else(void **state)
{
	struct fixture *f = *state;

	function(f, "20", "f", "plpgsql",
		 "DECLARE r record; BEGIN r := NEW; r.n := 5; RETURN r; END");
	table(f, "2", "users");
	table(f, "3", "record");
	mover(f, "20", NULL, NULL, NULL);
	assert_null(users_moved_by(f)->columns);
}

static void follows_a_key_only_where_its_columns_lie_on_the_way(void **state)
{
	struct fixture *f = *state;

	table(f, "2", "users");
	table(f, "3", "tenants");
	table(f, "4", "names");
	row(f, 8, "key", "1", "2", "k1", "a", "c", "ref", "id");
	row(f, 8, "key", "2", "3", "k2", "n", "c", "tenant", "id");
	row(f, 8, "key", "2", "4", "k3", "n", "c", "id", "code");
	derive(f);
	assert_int_equal(relation(f, "tenants")->refused, 0);
	assert_int_equal(relation(f, "names")->refused,
			 BIT(UPDATE) | BIT(UPSERT) | BIT(DELETE) | BIT(MERGE));
}

static void takes_children_for_the_table_and_parents_for_a_way_to_it(
	void **state)
{
	struct fixture *f = *state;

	table(f, "2", "child");
	table(f, "3", "parent");
	table(f, "4", "sibling");
	row(f, 4, "inherits", "1", "2", "t");
	row(f, 4, "inherits", "3", "1", "f");
	row(f, 4, "inherits", "3", "4", "f");
	derive(f);
	assert_true(relation(f, "child")->refused & BIT(LOCK));
	assert_false(relation(f, "child")->refused & BIT(INSERT));
	assert_true(relation(f, "parent")->refused & BIT(DELETE));
	assert_true(relation(f, "parent")->refused & BIT(ALTER));
	assert_int_equal(relation(f, "sibling")->refused, 0);
}

static void disproves_who_calls_the_unproven(void **state)
{
	struct fixture *f = *state;

	function(f, "11", "good", "plpgsql", "BEGIN RETURN worse(); END");
	function(f, "12", "worse", "sql", "SELECT bad()");
	function(f, "13", "bad", "sql", "DELETE FROM v");
	function(f, "14", "fine", "sql",
		 "INSERT INTO audit_log(x) VALUES (1)");
	function(f, "15", "foreign_code", "c", NULL);
	view(f, "2", "v", "1");
	derive(f);
	assert_int_equal(find(f, CATALOG_FUNCTION, "bad")->refused,
			 CATALOG_CALL);
	assert_int_equal(find(f, CATALOG_FUNCTION, "worse")->refused,
			 CATALOG_CALL);
	assert_int_equal(find(f, CATALOG_FUNCTION, "good")->refused,
			 CATALOG_CALL);
	assert_int_equal(find(f, CATALOG_FUNCTION, "fine")->refused, 0);
	assert_int_equal(find(f, CATALOG_FUNCTION, "foreign_code")->refused,
			 CATALOG_CALL);
}

static void refuses_what_fires_an_unproven_trigger(void **state)
{
	struct fixture *f = *state;
	const struct catalog_object *found;

	table(f, "2", "orders");
	function(f, "11", "tf", "plpgsql", "BEGIN EXECUTE x; END");
	function(f, "12", "writer", "sql", "DELETE FROM logs");
	table(f, "3", "logs");
	row(f, 7, "trigger", "2", "11", "t", "17", "status", "O");
	row(f, 7, "trigger", "3", "11", "t", "9", NULL, "O");
	derive(f);
	found = relation(f, "orders");
	assert_int_equal(found->refused,
			 BIT(UPDATE) | BIT(UPSERT) | BIT(MERGE));
	assert_string_equal(found->columns[0], "status");
	assert_string_equal(found->through, "trigger t of public.orders");
	assert_int_equal(relation(f, "logs")->refused,
			 BIT(DELETE) | BIT(MERGE));
	/* and who does what fires it is no better */
	assert_int_equal(find(f, CATALOG_FUNCTION, "writer")->refused,
			 CATALOG_CALL);
}

static void refuses_to_enable_what_is_unproven(void **state)
{
	struct fixture *f = *state;

	table(f, "2", "orders");
	table(f, "3", "logs");
	table(f, "4", "all_orders");
	function(f, "11", "tf", "plpgsql", "BEGIN EXECUTE x; END");
	function(f, "12", "fine", "plpgsql", "BEGIN RETURN NULL; END");
	row(f, 7, "trigger", "2", "11", "t", "17", NULL, "D");
	row(f, 7, "trigger", "3", "12", "t", "17", NULL, "D");
	row(f, 6, "rule", "3", "r", "3", "CREATE RULE r AS\n    ON INSERT TO "
	    "public.logs DO ALSO  DELETE FROM public.audit_log;", "D");
	row(f, 4, "inherits", "4", "2", "t");
	derive(f);
	assert_int_equal(relation(f, "orders")->refused, BIT(ENABLE));
	assert_int_equal(relation(f, "all_orders")->refused, BIT(ENABLE));
	assert_int_equal(relation(f, "logs")->refused, BIT(ENABLE));
	assert_string_equal(relation(f, "logs")->through,
			    "rule r of public.logs");
}

static void judges_the_actions_of_rules(void **state)
{
	struct fixture *f = *state;

	table(f, "2", "a");
	table(f, "3", "b");
	table(f, "4", "c");
	row(f, 6, "rule", "2", "r", "3", "CREATE RULE r AS\n    ON INSERT TO "
	    "public.a DO ALSO  DELETE FROM public.audit_log;", "O");
	row(f, 6, "rule", "3", "r", "4", "CREATE RULE r AS\n    ON DELETE TO "
	    "public.b DO ALSO ( INSERT INTO public.audit_log (x)\n  VALUES "
	    "(1);\n INSERT INTO public.c (x)\n  VALUES (old.x);\n);",
	    "O");
	row(f, 6, "rule", "4", "r", "2", "CREATE RULE r AS\n    ON UPDATE TO "
	    "public.c\n   WHERE (new.x = ' DO '::text) DO INSTEAD NOTHING;", "O");
	derive(f);
	assert_true(relation(f, "a")->refused & BIT(INSERT));
	assert_int_equal(relation(f, "b")->refused, 0);
	assert_true(relation(f, "c")->refused & BIT(UPDATE));
}

static void refuses_views_and_tables_that_compute_with_the_unproven(
	void **state)
{
	struct fixture *f = *state;

	function(f, "11", "odd", "c", NULL);
	table(f, "2", "with_default");
	table(f, "3", "plain");
	view(f, "4", "v", "3");
	view(f, "5", "w", "4");
	row(f, 4, "use", "2", "11", "w");
	row(f, 4, "use", "4", "11", "r");
	row(f, 5, "type", "21", "public", "dom", NULL);
	row(f, 3, "typecall", "21", "11");
	row(f, 3, "column", "3", "21");
	derive(f);
	assert_true(relation(f, "with_default")->refused & BIT(INSERT));
	assert_false(relation(f, "with_default")->refused & BIT(READ));
	assert_true(relation(f, "v")->refused & BIT(READ));
	assert_true(relation(f, "w")->refused & BIT(READ));
	assert_int_equal(find(f, CATALOG_TYPE, "dom")->refused, CATALOG_CALL);
	assert_true(relation(f, "plain")->refused & BIT(UPDATE));
	assert_false(relation(f, "plain")->refused & BIT(READ));
}

static void hands_on_what_a_type_runs_to_all_that_is_made_of_it(void **state)
{
	struct fixture *f = *state;

	function(f, "11", "purge", "sql", "DELETE FROM audit_log");
	function(f, "12", "takes", "sql", "SELECT 1");
	table(f, "2", "holder");
	table(f, "3", "arrays");
	view(f, "4", "casts", "2");
	row(f, 5, "type", "21", "public", "dom", NULL);
	row(f, 5, "type", "22", "public", "_dom", "c");
	row(f, 5, "type", "23", "public", "holder", "c");
	row(f, 5, "type", "24", "public", "other", "c");
	row(f, 3, "typecall", "21", "11");
	row(f, 3, "content", "22", "21");
	row(f, 3, "content", "23", "22");
	row(f, 3, "column", "3", "22");
	row(f, 3, "value", "12", "23");
	row(f, 4, "usetype", "4", "21", "r");
	derive(f);
	assert_ptr_equal(catalog_find_type(f->load.catalog, 23),
			 find(f, CATALOG_TYPE, "holder"));
	assert_true(find(f, CATALOG_TYPE, "holder")->refused & CATALOG_CALL);
	assert_true(find(f, CATALOG_FUNCTION, "takes")->refused &
		    CATALOG_CALL);
	assert_true(relation(f, "arrays")->refused & BIT(INSERT));
	assert_string_equal(relation(f, "arrays")->through,
			    "function public.purge");
	assert_true(relation(f, "casts")->refused & BIT(READ));
	assert_int_equal(find(f, CATALOG_TYPE, "other")->refused, 0);
	assert_null(catalog_find_type(f->load.catalog, 24));
}

static void keeps_what_a_guarded_table_needs(void **state)
{
	struct fixture *f = *state;
	const struct catalog_object *found;

	function(f, "11", "no_change", "plpgsql",
		 "BEGIN PERFORM deny(); RETURN NEW; END");
	function(f, "12", "deny", "plpgsql", "BEGIN RAISE 'no'; END");
	function(f, "13", "other", "sql", "SELECT 1");
	row(f, 5, "type", "21", "public", "mood", NULL);
	row(f, 6, "need", "pg_proc", "11", "1", "trigger g", "f");
	row(f, 6, "need", "pg_type", "21", "1", "column mood", "f");
	row(f, 6, "need", "pg_namespace", "2200", "1", "table", "f");
	derive(f);
	found = find(f, CATALOG_FUNCTION, "no_change");
	assert_int_equal(found->refused,
			 BIT(CREATE) | BIT(ALTER) | BIT(RENAME));
	assert_int_equal(found->cascading, BIT(DROP));
	assert_string_equal(found->through, "trigger g");
	assert_true(find(f, CATALOG_FUNCTION, "deny")->refused & BIT(DROP));
	assert_int_equal(find(f, CATALOG_FUNCTION, "other")->refused, 0);
	assert_true(find(f, CATALOG_TYPE, "mood")->refused & BIT(ALTER));
	assert_true(find(f, CATALOG_SCHEMA, "public")->refused & BIT(RENAME));
}

static void counts_findings_by_severity(void **state)
{
	struct fixture *f = *state;

	derive(f);
	assert_false(f->load.findings_known);
	catalog_unref(&f->load.catalog);
	row(f, 1, "findings");
	row(f, 6, "high", "owns the table", "x", "y", "", "1");
	row(f, 6, "info", "a", "x", "y", "", "1");
	row(f, 6, "info", "b", "x", "y", "", "1");
	derive(f);
	assert_true(f->load.findings_known);
	assert_int_equal(f->load.report.counts[SEVERITY_HIGH], 1);
	assert_int_equal(f->load.report.counts[SEVERITY_INFO], 2);
	assert_int_equal(f->load.report.counts[SEVERITY_CRITICAL], 0);
	assert_int_equal(f->load.report.count, 1);
	assert_string_equal(f->load.report.findings[0].finding,
			    "owns the table");
}

static void leaves_code_to_a_database_that_is_closed(void **state)
{
	struct fixture *f = *state;

	function(f, "11", "odd", "c", NULL);
	table(f, "2", "with_default");
	row(f, 4, "use", "2", "11", "w");
	view(f, "3", "v", "1");
	row(f, 1, "findings");
	row(f, 6, "medium", "a", "x", "y", "", "1");
	derive(f);
	assert_int_equal(find(f, CATALOG_FUNCTION, "odd")->refused, 0);
	assert_int_equal(relation(f, "with_default")->refused, 0);
	assert_true(relation(f, "v")->refused & BIT(DELETE));
}

static void knows_what_code_would_change_under_any_meaning(void **state)
{
	struct fixture *f = *state;

	function(f, "11", "f", "plpgsql",
		 "BEGIN DELETE FROM staging; SELECT 1 FROM seen; "
		 "UPDATE \"Mixed Case\" SET a = 1; TRUNCATE x, y; END");
	derive(f);
	assert_true(catalog_has_target(f->load.catalog, "staging"));
	assert_true(catalog_has_target(f->load.catalog, "Mixed Case"));
	assert_true(catalog_has_target(f->load.catalog, "y"));
	assert_false(catalog_has_target(f->load.catalog, "seen"));
}

static void operator(struct fixture *f, const char *oid, const char *name,
		     const char *function, const char *letter)
{
	row(f, 6, "operator", oid, "public", name, function, letter);
}

static void tells_of_operators_that_could_do_harm(void **state)
{
	struct fixture *f = *state;

	table(f, "2", "pairs");
	table(f, "3", "plain");
	row(f, 5, "type", "20", "public", "pair", NULL);
	row(f, 5, "type", "21", "public", "of_pair", NULL);
	function(f, "10", "wipes", "plpgsql",
		 "BEGIN EXECUTE 'DELETE FROM audit_log'; END");
	function(f, "11", "fine", "sql", "SELECT $1 = $2");
	function(f, "12", "compares", "plpgsql", "BEGIN RETURN a = b; END");
	operator(f, "30", "@@@", "10", "o");
	operator(f, "31", "=", "10", "x");
	operator(f, "32", "<", "11", "x");
	operator(f, "33", "&&&", "11", "o");
	row(f, 3, "operand", "20", "31");
	row(f, 3, "content", "21", "20");
	row(f, 3, "column", "2", "21");
	row(f, 3, "value", "12", "20");
	derive(f);
	assert_int_equal(find(f, CATALOG_OPERATOR, "@@@")->refused,
			 CATALOG_CALL);
	assert_int_equal(find(f, CATALOG_OPERATOR, "=")->refused,
			 CATALOG_OPERATE);
	assert_null(catalog_find(f->load.catalog, CATALOG_OPERATOR, "<"));
	assert_int_equal(find(f, CATALOG_OPERATOR, "&&&")->refused, 0);
	assert_int_equal(relation(f, "pairs")->refused, CATALOG_OPERATE);
	assert_int_equal(relation(f, "plain")->refused, 0);
	assert_int_equal(find(f, CATALOG_FUNCTION, "fine")->refused, 0);
	assert_true(find(f, CATALOG_FUNCTION, "compares")->refused &
		    CATALOG_CALL);
}

static void leaves_postgres_s_own_functions_to_the_texts_that_call(void **state)
{
	struct fixture *f = *state;

	row(f, 12, "function", "10", "pg_catalog", "setval", "internal",
	    "setval_oid", "i", "t", NULL, "f", "f", "f");
	table(f, "2", "defaulted");
	row(f, 4, "use", "2", "10", "w");
	derive(f);
	assert_null(catalog_find(f->load.catalog, CATALOG_FUNCTION, "setval"));
	assert_true(relation(f, "defaulted")->refused & BIT(INSERT));
}

/* Whatever is cut off or put in its place, there is an answer. */
static void survives_rows_that_are_not_what_was_asked_for(void **state)
{
	struct fixture *f = *state;
	struct catalog_load load;
	struct slice whole;

	view(f, "2", "v", "1");
	row(f, 8, "key", "1", "99999999999", "k", "", NULL, NULL, "\n\n");
	function(f, "11", "f", NULL, NULL);
	derive(f);
	whole = buffer_slice(&f->rows);
	for (size_t length = 0; length < whole.length; length++) {
		load = (struct catalog_load){ 0 };
		catalog_derive(f->guard, slice_make(whole.at, length), &load);
		catalog_unref(&load.catalog);
		audit_report_fini(&load.report);
	}
	row(f, 2, "relation", "7");
	assert_false(catalog_derive(f->guard, buffer_slice(&f->rows), &load));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(refuses_changes_through_a_view_of_a_view),
		TEST(follows_foreign_keys_over_several_hops),
		TEST(does_not_fear_a_trigger_that_leaves_the_key_alone),
		TEST(fears_a_trigger_that_may_assign_the_key),
		TEST(fears_a_trigger_only_for_what_it_waits_for),
		TEST(fears_copies_where_a_record_may_be_something_else),
		TEST(follows_a_key_only_where_its_columns_lie_on_the_way),
		TEST(takes_children_for_the_table_and_parents_for_a_way_to_it),
		TEST(disproves_who_calls_the_unproven),
		TEST(refuses_what_fires_an_unproven_trigger),
		TEST(refuses_to_enable_what_is_unproven),
		TEST(judges_the_actions_of_rules),
		TEST(refuses_views_and_tables_that_compute_with_the_unproven),
		TEST(hands_on_what_a_type_runs_to_all_that_is_made_of_it),
		TEST(keeps_what_a_guarded_table_needs),
		TEST(counts_findings_by_severity),
		TEST(leaves_code_to_a_database_that_is_closed),
		TEST(knows_what_code_would_change_under_any_meaning),
		TEST(tells_of_operators_that_could_do_harm),
		TEST(leaves_postgres_s_own_functions_to_the_texts_that_call),
		TEST(survives_rows_that_are_not_what_was_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
