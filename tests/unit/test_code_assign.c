#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proxy/code_assign.h"

/* NULL: it cannot be told. */
static void assigns(const char *body, const char *wanted)
{
	struct arena arena = { 0 };
	const char *const *columns = code_assigned(body, true, &arena);
	const char *told = columns ? "" : NULL;

	for (; columns && *columns; columns++)
		told = arena_printf(&arena, "%s[%s]", told, *columns);
	if (!told != !wanted || (told && strcmp(told, wanted) != 0))
		fail_msg("%s: %s", body, told ? told : "(not told)");
	arena_fini(&arena);
}

static void tells_what_is_assigned(void **state)
{
	assigns("BEGIN NEW.updated_at = now(); RETURN NEW; END",
		"[updated_at]");
	assigns("begin new.Updated_At := current_timestamp; return new; end",
		"[updated_at]");
	assigns("BEGIN NEW.\"updatedAt\" := now(); RETURN NEW; END;",
		"[updatedAt]");
	assigns("BEGIN IF row(NEW.*) IS DISTINCT FROM row(OLD.*) THEN\n"
		"  NEW.modified = now(); RETURN NEW;\n"
		"ELSE RETURN OLD; END IF; END;", "[modified]");
	assigns("BEGIN NEW . a := 1; NEW/**/./**/b = 2; RETURN NULL; END",
		"[a][b]");
	assigns("BEGIN OLD.a := 1; NEW.A := 2; RETURN OLD; END", "[a]");
	assigns("BEGIN NEW.a[1] := 1; NEW.b.c := 2; RETURN NEW; END",
		"[a][b]");
	assigns("BEGIN SELECT 1, 2 INTO STRICT NEW.a, x, NEW.b; RETURN NEW; END",
		"[a][b]");
	assigns("BEGIN INSERT INTO t (a) VALUES (1) RETURNING a INTO NEW.a; "
		"FETCH c INTO x, NEW.b; RETURN NEW; END", "[a][b]");
	assigns("BEGIN FOR NEW.a, NEW.b IN SELECT 1, 2 LOOP END LOOP; "
		"FOREACH NEW.c IN ARRAY x LOOP END LOOP; RETURN NEW; END",
		"[a][b][c]");
	assigns("BEGIN <<l>> NEW.a := 1; IF x THEN NEW.b = 1; ELSE NEW.c = 1; "
		"END IF; LOOP NEW.d := 1; END LOOP; RETURN NEW; END",
		"[a][b][c][d]");
	assigns("BEGIN IF x > t.then NEW.a := 1; END IF; RETURN NEW; END",
		"[a]");
	assigns("BEGIN SELECT t.into NEW.a x FROM t; RETURN NEW; END", "[a]");
	assigns("BEGIN EXCEPTION WHEN others THEN NEW.a = 1; RETURN NEW; END",
		"[a]");
}

static void tells_nothing_of_what_is_only_read(void **state)
{
	assigns("BEGIN RETURN NEW; END", "");
	assigns("BEGIN RETURN COALESCE(NEW, OLD); END", "");
	assigns("BEGIN IF NEW.id <> OLD.id OR OLD.id IS NULL THEN "
		"RAISE EXCEPTION 'id of % is %', OLD.id, NEW.id; END IF; "
		"RETURN NEW; END", "");
	assigns("BEGIN INSERT INTO h (id, new, old) "
		"SELECT NEW.id, to_jsonb(NEW), OLD.n, NEW; RETURN NEW; END", "");
	assigns("BEGIN SELECT n INTO x FROM t WHERE id = NEW.id AND m IN "
		"(1, NEW.m); PERFORM f(NEW.id), NEW.m; RETURN NEW; END", "");
	assigns("DECLARE r record := NEW; x int := OLD.id; BEGIN "
		"x := CASE WHEN r.id = 1 THEN NEW.id ELSE OLD.id END + NEW.id; "
		"RETURN NEW; END", "");
	assigns("BEGIN SELECT max(n) INTO x FROM t, u WHERE t.id = NEW.id; "
		"IF NOT NEW.done AND EXISTS (SELECT FROM t WHERE NEW.id = id) "
		"THEN EXECUTE 'SELECT $1' INTO x USING NEW.id, NEW.n; END IF; "
		"RETURN NEW; END", "");
	assigns("BEGIN FOREACH x IN ARRAY NEW.tags LOOP FOR i IN NEW.n + 1 .. 5 "
		"LOOP END LOOP; END LOOP; RETURN NEW; END", "");
	assigns("BEGIN y := renew.id; newer.id := 5; new$.id := 1; RETURN NEW; "
		"END", "");
	assigns("BEGIN -- RETURN x, NEW := y\n/* NEW.id := /* 5 */ */ "
		"x := 'RETURN x; NEW.id := 5' || $$ NEW.id := 5 $$ || "
		"$a$ $$; RETURN x; $a$ || E'\\n' || '\\s+'; RETURN NEW; END", "");
	assigns("", "");
}

static void tells_nothing_where_the_row_may_be_any(void **state)
{
	assigns("BEGIN NEW = r; RETURN NEW; END", NULL);
	assigns("BEGIN NEW := NEW #= hstore('id', '5'); RETURN NEW; END", NULL);
	assigns("BEGIN SELECT * INTO NEW FROM t; RETURN NEW; END", NULL);
	assigns("BEGIN SELECT t INTO NEW.* FROM t; RETURN NEW; END", NULL);
	assigns("BEGIN SELECT t INTO NEW.from t; RETURN NEW; END", NULL);
	assigns("BEGIN SELECT 1, t INTO x, NEW FROM t; RETURN NEW; END", NULL);
	assigns("BEGIN FOR NEW IN SELECT * FROM t LOOP END LOOP; RETURN NEW; END",
		NULL);
	assigns("BEGIN CALL p(NEW.id); RETURN NEW; END", NULL);
	assigns("BEGIN GET DIAGNOSTICS x = ROW_COUNT, NEW.id = ROW_COUNT; "
		"RETURN NEW; END", NULL);
	assigns("DECLARE r ALIAS FOR NEW; BEGIN r.id := 5; RETURN NEW; END",
		NULL);
	assigns("DECLARE new t; BEGIN SELECT 5 INTO new.n; RETURN new; END",
		NULL);
	assigns("BEGIN DECLARE x int; old t; BEGIN RETURN old; END; END", NULL);
	assigns("BEGIN f.new.id := 5; RETURN NEW; END", NULL);
	assigns("BEGIN f.\"new\".id := 5; RETURN NEW; END", NULL);
	assigns("BEGIN \"new\".id := 5; RETURN NEW; END", NULL);
	assigns("BEGIN IF x THEN NEW.* = OLD.*; END IF; RETURN NEW; END", NULL);
}

static void tells_nothing_where_something_else_comes_back(void **state)
{
	assigns("BEGIN RETURN (SELECT t FROM t); END", NULL);
	assigns("BEGIN RETURN jsonb_populate_record(NEW, '{\"id\": 5}'); END",
		NULL);
	assigns("BEGIN RETURN NEW #= 'id => 5'; END", NULL);
	assigns("BEGIN RETURN COALESCE(r, NEW); END", NULL);
	assigns("BEGIN RETURN COALESCE(NULL, r); END", NULL);
	assigns("BEGIN RETURN NEW.row; END", NULL);
	assigns("BEGIN RETURN/**/row(5, 1); END", NULL);
	assigns("BEGIN RETURN\"r\"; END", NULL);
	assigns("BEGIN RETURN QUERY SELECT * FROM t; END", NULL);
	assigns("BEGIN IF x > t.then RETURN row(r); END IF; END", NULL);
}

/* Each of these reads as harmless to who cuts the text otherwise. */
static void follows_copies(void **state)
{
	struct arena arena = { 0 };
	const char *body = "DECLARE _new record; BEGIN _new := NEW; "
			   "_new.\"updated_at\" = now(); RETURN _new; END";

	assigns(body, "[updated_at]");
	assert_null(code_assigned(body, false, &arena));
	assigns("DECLARE x int; r record := NEW; s RECORD; BEGIN s := r; "
		"s.a := 1; r.b := 2; IF x THEN RETURN s; END IF; RETURN r; END",
		"[a][b]");
	assigns("BEGIN NEW := OLD; RETURN NEW; END", "");
	assigns("BEGIN IF NEW.stale THEN NEW = OLD; END IF; RETURN NEW; END", "");
	assigns("DECLARE r t; BEGIN r := NEW; RETURN r; END", NULL);
	assigns("DECLARE r t%ROWTYPE; BEGIN r.n := 5; RETURN r; END", NULL);
	assigns("DECLARE r record := row(5); BEGIN RETURN r; END", NULL);
	assigns("DECLARE r record; BEGIN r := NEW; r := row(5); RETURN r; END",
		NULL);
	assigns("DECLARE r record; BEGIN SELECT 5 INTO r; RETURN r; END", NULL);
	assigns("DECLARE r record; BEGIN SELECT 5 INTO x, r; RETURN r; END",
		NULL);
	assigns("DECLARE r record; BEGIN FOR r IN TABLE t LOOP RETURN r; "
		"END LOOP; END", NULL);
	assigns("DECLARE a ALIAS FOR r; r record; BEGIN RETURN r; END", NULL);
	assigns("BEGIN r := NEW.r; RETURN r; END", NULL);
	assigns("BEGIN r = NEW = OLD; RETURN r; END", NULL);
	assigns("BEGIN \"R\".id := 5; RETURN r; END", NULL);
	assigns("BEGIN b.r.id := 5; RETURN r; END", NULL);
	assigns("BEGIN RETURN a; RETURN b; RETURN c; RETURN d; RETURN e; "
		"RETURN f; RETURN g; END", NULL);
	arena_fini(&arena);
}

static void tells_nothing_where_it_is_not_sure_how_to_read(void **state)
{
	assigns("BEGIN x := 'a\\'; NEW.id := 5; y := '; RETURN NEW; END", NULL);
	assigns("BEGIN x := 'a\\''; NEW.id := 5; --'; RETURN NEW; END", NULL);
	assigns("BEGIN x := E'a''\\'; NEW.id := 5; --'; RETURN NEW; END", NULL);
	assigns("BEGIN IF x THEN PERFORM $1$; END IF; RETURN r; PERFORM $1$; END",
		NULL);
	assigns("BEGIN PERFORM $a; RETURN r; PERFORM $a; END", NULL);
	assigns("BEGIN PERFORM 1$$; RETURN r; PERFORM 1$$; END", NULL);
	assigns("BEGIN U&\"\\006eew\".id := 5; RETURN NEW; END", NULL);
	assigns("BEGIN NEW.U&\"\\0069d\" := 5; RETURN NEW; END", NULL);
	assigns("BEGIN SELECT 1, 5 INTO \"a\"\"b\", NEW.id; RETURN NEW; END",
		NULL);
	assigns("BEGIN NEW.\"i\"\"d\" := 5; RETURN NEW; END", NULL);
	assigns("BEGIN NEW.\xc9 := 5; RETURN NEW; END", NULL);
	assigns("BEGIN NEW.a23456789012345678901234567890123456789012345678901234"
		"5678901234567890 := 5; RETURN NEW; END", NULL);
}

static void knows_which_columns_are_left_alone(void **state)
{
	static const char *const key[] = { "id", "tenant", NULL };
	static const char *const none[] = { NULL };
	static const char *const other[] = { "Id", "n", NULL };
	static const char *const one[] = { "n", "tenant", NULL };

	assert_true(code_keeps(none, key));
	assert_true(code_keeps(other, key));
	assert_false(code_keeps(one, key));
	assert_false(code_keeps(NULL, key));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_what_is_assigned),
		cmocka_unit_test(tells_nothing_of_what_is_only_read),
		cmocka_unit_test(tells_nothing_where_the_row_may_be_any),
		cmocka_unit_test(tells_nothing_where_something_else_comes_back),
		cmocka_unit_test(follows_copies),
		cmocka_unit_test(tells_nothing_where_it_is_not_sure_how_to_read),
		cmocka_unit_test(knows_which_columns_are_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
