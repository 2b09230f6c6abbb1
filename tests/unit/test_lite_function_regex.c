#include "lite_function.h"

static const struct function_case cases[] = {
	{ "'abc' ~ '^a.c$'", "pg_regex('abc','^a.c$',0)", "1" },
	{ "'ABC' ~ 'abc'", "pg_regex('ABC','abc',0)", "0" },
	{ "'ÀBC' ~* 'àbc'", "pg_regex('ÀBC','àbc',1)", "1" },
	{ "E'a\\nb' ~ 'a.b'", "pg_regex('a'||char(10)||'b','a.b',0)", "1" },
	{ "E'a\\n' ~ 'a$'", "pg_regex('a'||char(10),'a$',0)", "0" },
	{ "'foo bar' ~ '\\mbar\\M'", "pg_regex('foo bar','\\mbar\\M',0)",
	  "1" },
	{ "'foobar' ~ '\\ybar'", "pg_regex('foobar','\\ybar',0)", "0" },
	{ "'a]' ~ '^[]a]+$'", "pg_regex('a]','^[]a]+$',0)", "1" },
	{ "'x' ~ '[[:alpha:]]'", "pg_regex('x','[[:alpha:]]',0)", "1" },
	{ "'aa' ~ '^(a)\\1$'", "pg_regex('aa','^(a)\\1$',0)", "1" },
	{ "'a.c' ~ '***=a.c'", "pg_regex('a.c','***=a.c',0)", "1" },
	{ "'abc' ~ '***=a.c'", "pg_regex('abc','***=a.c',0)", "0" },
	{ "'ABC' ~ '(?i)abc'", "pg_regex('ABC','(?i)abc',0)", "1" },
	{ "'a{x' ~ 'a{x'", "pg_regex('a{x','a{x',0)", "1" },
	{ "'a' ~ '('", "pg_regex('a','(',0)", "!2201B" },
	{ "'a' ~ '['", "pg_regex('a','[',0)", "!2201B" },
	{ "'a' ~ 'a**'", "pg_regex('a','a**',0)", "!2201B" },
	{ "'a' ~ 'a*+'", "pg_regex('a','a*+',0)", "!2201B" },
	{ "'a' ~ 'a{300}'", "pg_regex('a','a{300}',0)", "!2201B" },
	{ "'a' ~ '(?P<x>a)'", "pg_regex('a','(?P<x>a)',0)", "!2201B" },
	{ "'a' ~ '(*COMMIT)a'", "pg_regex('a','(*COMMIT)a',0)", "!2201B" },
	{ "'a' ~ '\\q'", "pg_regex('a','\\q',0)", "!2201B" },
	{ "'a' ~ '\\2'", "pg_regex('a','\\2',0)", "!2201B" },
	{ "substring('foobar' from 'o.b')",
	  "pg_substring_regex('foobar','o.b')", "oob" },
	{ "substring('foobar' from 'o(.)b')",
	  "pg_substring_regex('foobar','o(.)b')", "o" },
	{ "substring('foobar' from 'z')", "pg_substring_regex('foobar','z')",
	  "NULL" },
	{ "substring('abcd' from 'a|ab|abc')",
	  "pg_substring_regex('abcd','a|ab|abc')", "abc" },
	{ "regexp_match('abc','(x)?b(c)')", "pg_regexp_match('abc','(x)?b(c)')",
	  "{NULL,c}" },
	{ "regexp_match('abc','b')", "pg_regexp_match('abc','b')", "{b}" },
	{ "regexp_match('abc','z')", "pg_regexp_match('abc','z')", "NULL" },
	{ "regexp_match('a b','(.*)')", "pg_regexp_match('a b','(.*)')",
	  "{\"a b\"}" },
	{ "regexp_match('abc','b','g')", "pg_regexp_match('abc','b','g')",
	  "!22023" },
	{ "regexp_match('abc','b','y')", "pg_regexp_match('abc','b','y')",
	  "!22023" },
	{ "regexp_replace('abcabc','b(.)','<\\1\\0\\&>\\\\','g')",
	  "pg_regexp_replace('abcabc','b(.)','<\\1\\0\\&>\\\\','g')",
	  "a<c\\0bc>\\a<c\\0bc>\\" },
	{ "regexp_replace('abc','b','X')", "pg_regexp_replace('abc','b','X')",
	  "aXc" },
	{ "regexp_replace('abc','','X','g')",
	  "pg_regexp_replace('abc','','X','g')", "XaXbXcX" },
	{ "regexp_replace('abc','b*','X','g')",
	  "pg_regexp_replace('abc','b*','X','g')", "XaXXcX" },
	{ "regexp_replace('é€é','€','','g')",
	  "pg_regexp_replace('é€é','€','','g')", "éé" },
	{ "regexp_replace('abcabc','b','X',1,2)",
	  "pg_regexp_replace_n('abcabc','b','X',1,2)", "abcaXc" },
	{ "regexp_replace('abcabc','b','X',3)",
	  "pg_regexp_replace_n('abcabc','b','X',3)", "abcaXc" },
	{ "regexp_replace('abcabc','B','X',1,0,'i')",
	  "pg_regexp_replace_n('abcabc','B','X',1,0,'i')", "aXcaXc" },
	{ "regexp_replace('abc','b','X',0)",
	  "pg_regexp_replace_n('abc','b','X',0)", "!22023" },
	{ "regexp_split_to_array('hello world foo','\\s+')",
	  "pg_regexp_split_to_array('hello world foo','\\s+')",
	  "{hello,world,foo}" },
	{ "regexp_split_to_array('abc','')",
	  "pg_regexp_split_to_array('abc','')", "{a,b,c}" },
	{ "regexp_split_to_array(',a,',',')",
	  "pg_regexp_split_to_array(',a,',',')", "{\"\",a,\"\"}" },
	{ "regexp_count('abcabc','b',3)", "pg_regexp_count('abcabc','b',3)",
	  "1" },
	{ "regexp_instr('abcabc','b(c)',1,2,1,'i',1)",
	  "pg_regexp_instr('abcabc','b(c)',1,2,1,'i',1)", "7" },
	{ "regexp_substr('abcabc','b(c)',1,2)",
	  "pg_regexp_substr('abcabc','b(c)',1,2)", "bc" },
	{ "regexp_like('ABC','abc','i')", "pg_regexp_like('ABC','abc','i')",
	  "1" },
	{ "similar_to_escape('a%b_(c|d)[x%]\\%', '\\')",
	  "pg_similar_to_escape('a%b_(c|d)[x%]\\%','\\')",
	  "^(?:a.*b.(?:c|d)[x%]\\%)$" },
	{ "'abc' similar to '(a|b)%c'",
	  "pg_regex('abc',pg_similar_to_escape('(a|b)%c'),0)", "1" },
	{ "like_escape('a!%\\','!')", "pg_like_escape('a!%\\','!')",
	  "a\\%\\\\" },
};

static void regular_expressions_answer_as_postgres(void **state)
{
	CHECK_CASES(state, cases);
}

static void refuses_what_the_engines_disagree_about(void **state)
{
	static const struct function_case refused[] = {
		{ "", "pg_regexp_match('XY1234Z','Y*?([0-9]{1,3})')",
		  "!0A000" },
		{ "", "pg_regex('XY1234Z','Y*?([0-9]{1,3})',0)", "1" },
	};

	CHECK_CASES(state, refused);
}

static void gives_up_on_an_endless_match(void **state)
{
	static const struct function_case endless[] = {
		{ "", "pg_regex(pg_repeat('a',5000),'^(a+)+$b',0)",
		  "!54001" },
		{ "", "pg_regex(pg_repeat('a',64),'^(a|a|aa)+\\d$',0)",
		  "!54001" },
	};

	CHECK_CASES(state, endless);
}

static void remembers_many_expressions(void **state)
{
	static const struct function_case many[] = {
		{ "", "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 "
		      "FROM n WHERE i<100) SELECT "
		      "sum(pg_regex('a'||i,'^a'||i||'$',0)) FROM n", "100" },
	};

	CHECK_CASES(state, many);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(regular_expressions_answer_as_postgres),
		cmocka_unit_test(refuses_what_the_engines_disagree_about),
		cmocka_unit_test(gives_up_on_an_endless_match),
		cmocka_unit_test(remembers_many_expressions),
	};

	return cmocka_run_group_tests(tests, open_functions, close_functions);
}
