-- LIKE, ILIKE, SIMILAR TO and regular expressions.

create table p (id int, s text);
insert into p values (1, 'abc'), (2, 'ABC'), (3, 'a%c'), (4, 'a_c'), (5, 'a\c'), (6, ''), (7, null), (8, E'line1\nline2'), (9, 'ÜBER'), (10, 'über');
select id from p where s like 'a%' order by id;
select id from p where s ilike 'A%' order by id;
select id from p where s like 'a\%c' order by id;
select id from p where s like 'a!_c' escape '!' order by id;
select id from p where s like 'a\\c' order by id;
select id from p where s like 'a\c' escape '' order by id;
select id from p where s not like '%b%' order by id;
select id from p where s like '' order by id;
select id from p where s like '%' order by id;
select id from p where s like 'line1_line2' order by id;
select id from p where s ilike 'über' order by id;
select id from p where s ~ '^a' order by id;
select id from p where s ~* '^A.C$' order by id;
select id from p where s !~ 'b' order by id;
select id from p where s !~* 'B' order by id;
select id from p where s ~ '^line2$' order by id;
select id from p where s ~ '(?n)^line2$' order by id;
select id from p where s ~* 'über' order by id;
select id from p where s ~ '[[:upper:]]' order by id;
select id from p where s ~ '\mabc\M' order by id;
select id from p where s similar to '(a|A)%' order by id;
select id from p where s similar to 'a#%c' escape '#' order by id;
select 'abc' like null, null like 'a', 'abc' like 'abc' escape null;
select 'abc' like 'ab\';
select 'a' like 'a' escape 'xy';
select 'abc' ~ '(';
select 'abc' ~ '[a';
select 'aaa' ~ 'a{2}', 'aaa' ~ 'a{4}', 'ab' ~ 'a(?=b)', 'ab' ~ 'a(?!b)', 'foo.bar' ~ 'foo\.bar';
select regexp_replace('Hello World', 'o', '0'), regexp_replace('Hello World', 'o', '0', 'g'), regexp_replace('abc', 'B', 'x', 'i'), regexp_replace('abcabc', 'b', '<\&>', 'g');
select regexp_replace('a.b.c', '\.', '', 2), regexp_replace('aXbXc', 'X', '-', 1, 2), regexp_replace('2020-01-02', '(\d+)-(\d+)-(\d+)', '\3/\2/\1');
select regexp_matches('foobarbequebaz', '(bar)(beque)'), regexp_matches('abab', 'b', 'g');
select regexp_match('abc', 'x'), regexp_match('abc', '(a)(x)?'), regexp_match('abc', 'b');
select regexp_split_to_table('one  two three', '\s+') as word;
select regexp_split_to_array('abc', ''), regexp_count('banana', 'an'), regexp_instr('banana', 'an', 3), regexp_substr('banana', 'n.', 4), regexp_like('Abc', 'a', 'i');
select regexp_replace('x', 'x', 'y', 'z');
select 'a' ~~ 'a', 'a' !~~ 'b', 'A' ~~* 'a', 'A' !~~* 'b';
select s like any (array['a%', 'A%']) from p order by id;
select s ilike all (array['a%', '%c']) from p order by id;
-- bind: ["a%"]
select id from p where s like $1 order by id;
-- bind: ["^[aA]"]
select id from p where s ~ $1 order by id;
-- bind: ["%_%", "_"]
select id from p where s like $1 escape $2 order by id;
