#include "lite_function.h"

static const struct function_case looking[] = {
	{ "'{\"a\": {\"b\":1}}'::json -> 'a'",
	  "pg_json_get('{\"a\": {\"b\":1}}','a',0)", "{\"b\":1}" },
	{ "'{\"a\": null}'::json -> 'a'", "pg_json_get('{\"a\": null}','a',0)",
	  "null" },
	{ "'{\"a\": null}'::json ->> 'a'",
	  "pg_json_get_text('{\"a\": null}','a',0)", "NULL" },
	{ "'{\"a\": 1}'::json -> 'z'", "pg_json_get('{\"a\": 1}','z',0)",
	  "NULL" },
	{ "'{\"a\": 1, \"a\": 2}'::json -> 'a'",
	  "pg_json_get('{\"a\": 1, \"a\": 2}','a',0)", "2" },
	{ "'[1,[2, 3],\"x\"]'::json -> 1",
	  "pg_json_get('[1,[2, 3],\"x\"]',1,0)", "[2, 3]" },
	{ "'[1,2,\"x\"]'::json ->> -1", "pg_json_get_text('[1,2,\"x\"]',-1,0)",
	  "x" },
	{ "'[1]'::json -> 'a'", "pg_json_get('[1]','a',0)", "NULL" },
	{ "'{\"a\":\"\\u00e9\\n\\ud83d\\ude00\"}'::json ->> 'a'",
	  "pg_json_get_text('{\"a\":\"\\u00e9\\n\\ud83d\\ude00\"}','a',0)",
	  "é\n😀" },
	{ "'{\"a\":[{\"b\":\"c\"}]}'::jsonb #> '{a,0}'",
	  "pg_json_path('{\"a\": [{\"b\": \"c\"}]}','{a,0}',1)",
	  "{\"b\": \"c\"}" },
	{ "'{\"a\":[{\"b\":\"c\"}]}'::jsonb #>> '{a,-1,b}'",
	  "pg_json_path_text('{\"a\": [{\"b\": \"c\"}]}','{a,-1,b}',1)", "c" },
	{ "'{\"a\":[1]}'::jsonb #> '{a,x}'",
	  "pg_json_path('{\"a\": [1]}','{a,x}',1)", "NULL" },
	{ "'{\"a\":{\"b\":[1,2]},\"c\":1.0}'::jsonb @> '{\"a\":{\"b\":[2]}}'",
	  "pg_jsonb_contains('{\"a\": {\"b\": [1, 2]}, \"c\": 1.0}',"
	  "'{\"a\": {\"b\": [2]}}')", "1" },
	{ "'{\"c\":1.0}'::jsonb @> '{\"c\":1}'",
	  "pg_jsonb_contains('{\"c\": 1.0}','{\"c\": 1}')", "1" },
	{ "'[\"a\",\"b\"]'::jsonb @> '\"b\"'",
	  "pg_jsonb_contains('[\"a\", \"b\"]','\"b\"')", "1" },
	{ "'\"b\"'::jsonb @> '[\"b\"]'",
	  "pg_jsonb_contains('\"b\"','[\"b\"]')", "0" },
	{ "'[1,[2]]'::jsonb @> '[[2]]'",
	  "pg_jsonb_contains('[1, [2]]','[[2]]')", "1" },
	{ "'[1,[2]]'::jsonb @> '[2]'", "pg_jsonb_contains('[1, [2]]','[2]')",
	  "0" },
	{ "'{\"a\":1}'::jsonb ? 'a'", "pg_jsonb_exists('{\"a\": 1}','a')",
	  "1" },
	{ "'[\"a\"]'::jsonb ? 'a'", "pg_jsonb_exists('[\"a\"]','a')", "1" },
	{ "'\"a\"'::jsonb ? 'a'", "pg_jsonb_exists('\"a\"','a')", "1" },
	{ "'{\"a\":1}'::jsonb ?| '{b,a}'",
	  "pg_jsonb_exists_any('{\"a\": 1}','{b,a}')", "1" },
	{ "'{\"a\":1}'::jsonb ?& '{b,a}'",
	  "pg_jsonb_exists_all('{\"a\": 1}','{b,a}')", "0" },
	{ "json_typeof('null')", "pg_json_typeof('null')", "null" },
	{ "json_typeof('1.5')", "pg_json_typeof('1.5')", "number" },
	{ "json_array_length('[1,2]')", "pg_json_array_length('[1,2]')", "2" },
	{ "json_array_length('{}')", "pg_json_array_length('{}')", "!22023" },
	{ "'[1,2]'::jsonb < '[3]'", "pg_jsonb_cmp('[1, 2]','[3]') < 0", "0" },
	{ "'{\"a\":1}'::jsonb > '[9]'", "pg_jsonb_cmp('{\"a\": 1}','[9]') > 0",
	  "1" },
	{ "'\"b\"'::jsonb > '\"a\"'", "pg_jsonb_cmp('\"b\"','\"a\"') > 0",
	  "1" },
	{ "'10'::jsonb > '9'", "pg_jsonb_cmp('10','9') > 0", "1" },
	{ "'1.0'::jsonb = '1'", "pg_jsonb_cmp('1.0','1') = 0", "1" },
};

static const struct function_case changing[] = {
	{ "'{\"a\":1}'::jsonb || '{\"a\":2,\"b\":3}'",
	  "pg_jsonb_concat('{\"a\": 1}','{\"a\": 2, \"b\": 3}')",
	  "{\"a\": 2, \"b\": 3}" },
	{ "'{\"a\":1}'::jsonb || '[1]'", "pg_jsonb_concat('{\"a\": 1}','[1]')",
	  "[{\"a\": 1}, 1]" },
	{ "'1'::jsonb || '2'", "pg_jsonb_concat('1','2')", "[1, 2]" },
	{ "'[\"a\",\"b\",\"a\"]'::jsonb - 'a'",
	  "pg_jsonb_delete('[\"a\", \"b\", \"a\"]','a')", "[\"b\"]" },
	{ "'[\"a\",\"b\"]'::jsonb - -1", "pg_jsonb_delete('[\"a\", \"b\"]',-1)",
	  "[\"a\"]" },
	{ "'{\"a\":1,\"b\":2}'::jsonb - '{a}'::text[]",
	  "pg_jsonb_delete_array('{\"a\": 1, \"b\": 2}','{a}')",
	  "{\"b\": 2}" },
	{ "'{\"a\":1}'::jsonb - 1", "pg_jsonb_delete('{\"a\": 1}',1)",
	  "!22023" },
	{ "'1'::jsonb - 'a'", "pg_jsonb_delete('1','a')", "!22023" },
	{ "'{\"a\":[1,{\"b\":2}]}'::jsonb #- '{a,1,b}'",
	  "pg_jsonb_delete_path('{\"a\": [1, {\"b\": 2}]}','{a,1,b}')",
	  "{\"a\": [1, {}]}" },
	{ "'{\"a\":[1]}'::jsonb #- '{a,x}'",
	  "pg_jsonb_delete_path('{\"a\": [1]}','{a,x}')", "!22P02" },
	{ "jsonb_set('{\"a\":[1,2,3]}','{a,1}','9')",
	  "pg_jsonb_set('{\"a\": [1, 2, 3]}','{a,1}','9')",
	  "{\"a\": [1, 9, 3]}" },
	{ "jsonb_set('{\"a\":[1,2]}','{a,9}','9')",
	  "pg_jsonb_set('{\"a\": [1, 2]}','{a,9}','9')",
	  "{\"a\": [1, 2, 9]}" },
	{ "jsonb_set('[1,2]','{-5}','9')", "pg_jsonb_set('[1, 2]','{-5}','9')",
	  "[9, 1, 2]" },
	{ "jsonb_set('{\"bb\":1}','{a}','[1,2]')",
	  "pg_jsonb_set('{\"bb\": 1}','{a}','[1, 2]')",
	  "{\"a\": [1, 2], \"bb\": 1}" },
	{ "jsonb_set('{\"a\":1}','{b}','9',false)",
	  "pg_jsonb_set('{\"a\": 1}','{b}','9',0)", "{\"a\": 1}" },
	{ "jsonb_set('{\"a\":1}','{b,c}','9')",
	  "pg_jsonb_set('{\"a\": 1}','{b,c}','9')", "{\"a\": 1}" },
	{ "jsonb_set('1','{a}','9')", "pg_jsonb_set('1','{a}','9')",
	  "!22023" },
	{ "jsonb_set('[1]','{a}','9')", "pg_jsonb_set('[1]','{a}','9')",
	  "!22P02" },
	{ "jsonb_insert('{\"a\":[1,2]}','{a,1}','9')",
	  "pg_jsonb_insert('{\"a\": [1, 2]}','{a,1}','9')",
	  "{\"a\": [1, 9, 2]}" },
	{ "jsonb_insert('{\"a\":[1,2]}','{a,1}','9',true)",
	  "pg_jsonb_insert('{\"a\": [1, 2]}','{a,1}','9',1)",
	  "{\"a\": [1, 2, 9]}" },
	{ "jsonb_insert('{\"a\":1}','{a}','9')",
	  "pg_jsonb_insert('{\"a\": 1}','{a}','9')", "!22023" },
	{ "jsonb_set_lax('{\"a\":1}','{a}',null)",
	  "pg_jsonb_set_lax('{\"a\": 1}','{a}',NULL)", "{\"a\": null}" },
	{ "jsonb_set_lax('{\"a\":1}','{a}',null,true,'delete_key')",
	  "pg_jsonb_set_lax('{\"a\": 1}','{a}',NULL,1,'delete_key')", "{}" },
	{ "json_strip_nulls('{\"a\": null, \"b\": [null, {\"c\":null}] }')",
	  "pg_json_strip_nulls('{\"a\": null, \"b\": [null, {\"c\":null}] }')",
	  "{\"b\":[null,{}]}" },
	{ "jsonb_strip_nulls('{\"a\":null,\"b\":1}')",
	  "pg_jsonb_strip_nulls('{\"a\": null, \"b\": 1}')", "{\"b\": 1}" },
	{ "replace(jsonb_pretty('{\"a\":[1,{}]}'),E'\\n','~')",
	  "replace(pg_jsonb_pretty('{\"a\": [1, {}]}'),char(10),'~')",
	  "{~    \"a\": [~        1,~        {~        }~    ]~}" },
};

static const struct function_case building[] = {
	{ "json_build_object('a',1,'b',true,'c',null,'e','{\"x\":1}'::json,"
	  "'f',array[1,2],'g',1.50,'h','NaN'::float8)",
	  "pg_json_build_object('a',25,1,23,'b',25,1,16,'c',25,NULL,25,"
	  "'e',25,'{\"x\":1}',114,'f',25,'{1,2}',1007,'g',25,'1.50',1700,"
	  "'h',25,'NaN',701)",
	  "{\"a\" : 1, \"b\" : true, \"c\" : null, \"e\" : {\"x\":1}, "
	  "\"f\" : [1,2], \"g\" : 1.50, \"h\" : \"NaN\"}" },
	{ "jsonb_build_object('bb',1,'a','x','bb',2)",
	  "pg_jsonb_build_object('bb',25,1,23,'a',25,'x',25,'bb',25,2,23)",
	  "{\"a\": \"x\", \"bb\": 2}" },
	{ "json_build_object('a')", "pg_json_build_object('a',25)", "!22023" },
	{ "json_build_object(null,1)",
	  "pg_json_build_object(NULL,25,1,23)", "!22023" },
	{ "json_build_object()", "pg_json_build_object()", "{}" },
	{ "json_build_object(1,2)", "pg_json_build_object(1,23,2,23)",
	  "{\"1\" : 2}" },
	{ "json_build_array(1,'x',null)",
	  "pg_json_build_array(1,23,'x',25,NULL,25)", "[1, \"x\", null]" },
	{ "jsonb_build_array(1.5e0::numeric,'a\"b')",
	  "pg_jsonb_build_array('1.5',1700,'a\"b',25)", "[1.5, \"a\\\"b\"]" },
	{ "to_json('a\"b'::text)", "pg_to_json('a\"b',25)", "\"a\\\"b\"" },
	{ "to_jsonb(1e20::float8)", "pg_to_jsonb(1e20,701)",
	  "100000000000000000000" },
	{ "to_json(array['a','b\"c',null])",
	  "pg_to_json('{a,\"b\\\"c\",NULL}',1009)", "[\"a\",\"b\\\"c\",null]" },
	{ "to_json(array[[1,2],[3,4]])", "pg_to_json('{{1,2},{3,4}}',1007)",
	  "[[1,2],[3,4]]" },
	{ "array_to_json('{1,2}'::int[])", "pg_array_to_json('{1,2}',1007)",
	  "[1,2]" },
	{ "row_to_json(row(1,'a'))",
	  "pg_row_to_json('f1',25,1,23,'f2',25,'a',25)",
	  "{\"f1\":1,\"f2\":\"a\"}" },
	{ "to_json('\\x00ff'::bytea)", "pg_to_json(x'00ff',17)",
	  "\"\\\\x00ff\"" },
	{ "json_object('{a,1,b,2}')", "pg_json_object('{a,1,b,2}')",
	  "{\"a\" : \"1\", \"b\" : \"2\"}" },
	{ "jsonb_object('{a,b}','{1,null}')",
	  "pg_jsonb_object('{a,b}','{1,NULL}')",
	  "{\"a\": \"1\", \"b\": null}" },
	{ "json_object('{a,1,b}')", "pg_json_object('{a,1,b}')", "!2202E" },
	{ "SELECT json_agg(x) FROM (VALUES (1),(null),(2)) v(x)",
	  "SELECT pg_json_agg(column1,23) FROM (VALUES (1),(null),(2))",
	  "[1, null, 2]" },
	{ "SELECT replace(json_agg(x)::text,E'\\n','~') FROM "
	  "(VALUES ('{1,2}'::int[]),('{3}')) v(x)",
	  "SELECT replace(pg_json_agg(column1,1007),char(10),'~') FROM "
	  "(VALUES ('{1,2}'),('{3}'))", "[[1,2], ~ [3]]" },
	{ "SELECT json_agg(1) WHERE false",
	  "SELECT pg_json_agg(1,23) WHERE 0", "NULL" },
	{ "SELECT jsonb_agg(x) FROM (VALUES ('a'),('b')) v(x)",
	  "SELECT pg_jsonb_agg(column1,25) FROM (VALUES ('a'),('b'))",
	  "[\"a\", \"b\"]" },
	{ "SELECT json_object_agg(x,x) FROM (VALUES (1),(2)) v(x)",
	  "SELECT pg_json_object_agg(column1,23,column1,23) FROM "
	  "(VALUES (1),(2))", "{ \"1\" : 1, \"2\" : 2 }" },
	{ "SELECT jsonb_object_agg(k,v) FROM (VALUES ('bb',1),('a',2),('bb',3)) "
	  "v(k,v)",
	  "SELECT pg_jsonb_object_agg(column1,25,column2,23) FROM "
	  "(VALUES ('bb',1),('a',2),('bb',3))", "{\"a\": 2, \"bb\": 3}" },
	{ "json_object_agg(null,1)", "pg_json_object_agg(NULL,25,1,23)",
	  "!22023" },
};

static const struct function_case sets[] = {
	{ "SELECT * FROM json_array_elements('[1,{\"a\": 2},null]')",
	  "SELECT value FROM pg_json_array_elements('[1,{\"a\": 2},null]')",
	  "1/{\"a\": 2}/null" },
	{ "SELECT * FROM jsonb_array_elements_text('[1,\"x\"]') "
	  "WITH ORDINALITY",
	  "SELECT value, ordinality FROM "
	  "pg_jsonb_array_elements_text('[1, \"x\"]')", "1|1/x|2" },
	{ "SELECT * FROM jsonb_array_elements('{\"a\":1}')",
	  "SELECT value FROM pg_jsonb_array_elements('{\"a\": 1}')",
	  "!22023" },
	{ "SELECT * FROM json_each('{\"a\":1,\"b\":\"x\"}')",
	  "SELECT key, value FROM pg_json_each('{\"a\":1,\"b\":\"x\"}')",
	  "a|1/b|\"x\"" },
	{ "SELECT * FROM jsonb_each_text('{\"a\":1,\"b\":\"x\"}')",
	  "SELECT key, value FROM "
	  "pg_jsonb_each_text('{\"a\": 1, \"b\": \"x\"}')", "a|1/b|x" },
	{ "SELECT * FROM json_each('[1]')",
	  "SELECT key FROM pg_json_each('[1]')", "!22023" },
	{ "SELECT * FROM jsonb_object_keys('{\"a\":1,\"b\":2}')",
	  "SELECT value FROM pg_jsonb_object_keys('{\"a\": 1, \"b\": 2}')",
	  "a/b" },
	{ "SELECT count(*) FROM json_each(null)",
	  "SELECT count(*) FROM pg_json_each(NULL)", "0" },
	{ "SELECT v.x, e FROM (VALUES ('[1,2]'::json),('[3]')) v(x), "
	  "json_array_elements(v.x) e",
	  "SELECT column1, e.value FROM (VALUES ('[1,2]'),('[3]')) v, "
	  "pg_json_array_elements(v.column1) e", "[1,2]|1/[1,2]|2/[3]|3" },
};

static void looks_into_documents_as_postgres(void **state)
{
	CHECK_CASES(state, looking);
}

static void changes_documents_as_postgres(void **state)
{
	CHECK_CASES(state, changing);
}

static void builds_documents_as_postgres(void **state)
{
	CHECK_CASES(state, building);
}

static void takes_documents_apart_as_postgres(void **state)
{
	CHECK_CASES(state, sets);
}

static void refuses_what_is_no_json(void **state)
{
	static const struct function_case broken[] = {
		{ "", "pg_json_get('{\"a\":','a',0)", "!22P02" },
		{ "", "pg_json_get('','a',0)", "!22P02" },
		{ "", "pg_json_get('[1,]',0,0)", "!22P02" },
		{ "", "pg_json_get('01',0,0)", "!22P02" },
		{ "", "pg_json_get('\"\\',0,0)", "!22P02" },
		{ "", "pg_json_get('\"\\u12',0,0)", "!22P02" },
		{ "", "pg_json_get('\"\\ud800\"',0,0)", "!22P02" },
		{ "", "pg_json_get_text('[\"\\u0000\"]',0,0)", "!22P05" },
		{ "", "pg_json_get(pg_repeat('[',100000),0,0)", "!54001" },
	};

	CHECK_CASES(state, broken);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(looks_into_documents_as_postgres),
		cmocka_unit_test(changes_documents_as_postgres),
		cmocka_unit_test(builds_documents_as_postgres),
		cmocka_unit_test(takes_documents_apart_as_postgres),
		cmocka_unit_test(refuses_what_is_no_json),
	};

	return cmocka_run_group_tests(tests, open_functions, close_functions);
}
