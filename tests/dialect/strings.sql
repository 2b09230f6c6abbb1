-- Strings: functions and operators as applications use them.

create table words (id int primary key, w text, v varchar(20), c char(6), n name);
insert into words values (1, 'Hello World', 'abc', 'ab', 'someName'), (2, 'ünïcödé', 'ÄÖÜ', 'x', 'pg_class'), (3, '', '', '', ''), (4, null, null, null, null), (5, ' padded ', 'tab	tab', '  b', 'a b'), (6, '日本語テキスト', '😀', 'c d', 'é');
select id, length(w), char_length(v), octet_length(w), bit_length(c), length(c), octet_length(c) from words order by id;
select id, upper(w), lower(v), initcap(w), reverse(w) from words order by id;
select id, w || v, w || '!', c || '|', n || '_idx', v || id, id || w from words order by id;
select id, concat(w, v, c, n, id, null), concat_ws('-', w, v, c), concat_ws(null, 'a') from words order by id;
select id, trim(w), ltrim(w), rtrim(w), btrim(w, ' dHe'), trim(both 'x' from 'xxhixx'), trim(leading from '  a '), trim(trailing 'o' from 'foo') from words order by id;
select id, left(w, 3), left(w, -2), right(w, 3), right(w, -2), substr(w, 2), substr(w, 0, 3), substr(w, -1, 4) from words order by id;
select substring('Thomas' from 2 for 3), substring('Thomas' from '...$'), substring('foobar' from 'o(.)b');
select position('lo' in w), strpos(w, 'o'), position('' in w) from words order by id;
select replace(w, 'l', 'L'), translate(w, 'lo', '01'), overlay(w placing 'XX' from 2 for 3) from words order by id;
select lpad(w, 14, '*'), rpad(w, 14), lpad(w, 3), repeat(v, 3), repeat('x', -1) from words order by id;
select lpad('x', 12, 'äbc'), rpad('x', 3, 'äbc'), rpad('', 7, 'äb'), repeat('äb', 5);
select format('%268435460s', 'x') is null where false;
select format('%2684354560s', 'x');
select format('%7s|%-7s|%2s', 'äb', 'äb', 'äbc');
select split_part('a,b,c', ',', 2), split_part('a,b,c', ',', -1), split_part('a,b,c', ',', 9), split_part('abc', '', 1);
select split_part('a,b', ',', 0);
select md5('abc'), md5(''), md5('ü'), encode(sha256('abc'), 'hex'), encode('a\000b'::bytea, 'escape'), encode('hello', 'base64');
select ascii('a'), ascii('ü'), ascii(''), chr(252), chr(128512);
select chr(0);
select format('%s %I %L', 'a', 'b c', 'd''e'), format('%2$s-%1$s', 'x', 'y'), format('%%'), format('%10s|%-10s|', 'r', 'l');
select format('%s %s', 'one');
select quote_ident('Foo'), quote_ident('foo'), quote_ident('select'), quote_literal('it''s'), quote_literal(E'a\\b'), quote_nullable(null), quote_literal(42);
select to_hex(255), to_hex(-1), to_hex(4294967296);
select starts_with('foobar', 'foo'), 'foobar' ^@ 'bar', starts_with(null, 'a');
select string_to_array('a,b,,c', ','), string_to_array('a,b,,c', ',', ''), string_to_array('abc', null), string_to_array('', ',');
select array_to_string(array['a', null, 'c'], ','), array_to_string(array['a', null, 'c'], ',', '*'), array_to_string(array[1, 2], '-');
select unnest(string_to_array('x y z', ' ')) as part;
select regexp_split_to_array('a1b22c', '\d+'), regexp_replace('abc', '(b)', '[\1]'), regexp_replace('aaa', 'a', 'b', 'g'), regexp_match('foobarbaz', 'b(..)');
select 'a' < 'B', 'a' < 'b', 'Z' < 'a', 'ä' > 'z', '' < 'a', 'abc' = 'abc ', 'abc'::char(5) = 'abc', 'a'::char(3) = 'a  '::char(5);
select w from words where w > 'a' order by w;
select w from words order by w desc nulls last;
select v from words where v in ('abc', 'ÄÖÜ') order by 1;
select 'a' 'b';
select 'a'
'b' as joined;
select E'tab\there', E'\u00e9', U&'\00e9', $$dollar 'quoted'$$, $tag$x$tag$;
select 'abc'::varchar(2), 'abc'::char(2), cast('abcdef' as varchar(3)), 'ab'::char(4) || '|';
insert into words (id, v) values (7, 'this is much too long for it');
insert into words (id, c) values (7, 'toolong');
insert into words (id, c) values (7, 'fits         ');
select c, length(c) from words where id = 7;
select max(w), min(w), count(distinct v), string_agg(v, ',' order by id) from words;
select string_agg(w, '') from words where id > 100;
-- bind: ["l"]
select id from words where w like '%' || $1 || '%' order by id;
-- bind: ["3", "*"]
select lpad('x', $1, $2);
-- bind: ["abc", "2"]
select substr($1, $2), left($1, $2), repeat($1, $2);
-- bind: [null]
select upper($1), length($1), $1 || 'x';
-- bind: ["Hello", "ello"]
select position($2 in $1), replace($1, $2, ''), concat($1, $2);
select length(repeat('ab', 5000)), length(rpad('', 3000, 'xyz'));
select substring('abc' from 0), substring('abc' from -1 for 3), substring('abc' from 2 for 0);
select substring('abc' from 2 for -1);
select left('ünï', 2), right('日本語', 1), reverse('日本'), upper('straße'), lower('ÀÉ'), initcap('o''neil mc-donald');
select 'x' || null, null || 'x', 'a' || 1 || true || 1.5 || '2020-01-01'::date;
select coalesce(nullif(trim('  '), ''), 'empty');
select greatest('a', 'B', null), least('a', 'B');
select 'abc' similar to '(a|x)%', 'abc' similar to 'ab', 'abc' not similar to 'a_c';
-- refused: normal forms of Unicode
select normalize('é'), 'é' is normalized;
-- refused: separators within SIMILAR
select substring('Thomas' similar '%#"o_a#"_' escape '#');
