-- json and jsonb.

create table j (id int primary key, a json, b jsonb);
insert into j values (1, '{"a": 1, "b": [1, 2, {"c": "x"}], "d": null}', '{"a": 1, "b": [1, 2, {"c": "x"}], "d": null}'), (2, '[1, "two", null, true]', '[1, "two", null, true]'), (3, '"text"', '"text"'), (4, '42.50', '42.50'), (5, null, null), (6, '{}', '{}'), (7, '{"a": {"b": {"c": [10, 20]}}, "z": "ü😀", "a": {"x": 1}}', '{"a": {"b": {"c": [10, 20]}}, "z": "ü😀"}');
select * from j order by id;
select a -> 'a', a ->> 'a', b -> 'a', b ->> 'a', b -> 'b' -> 2 ->> 'c', b -> 0, b ->> 1, b -> -1 from j order by id;
select a #> '{b,2,c}', b #>> '{b,2,c}', b #> '{a,b,c,1}', a #>> '{a}', b #> '{}' from j order by id;
select b @> '{"a": 1}', b @> '[1]', '{"a": 1}' <@ b, b ? 'a', b ?| array['x', 'z'], b ?& array['a', 'z'], b ? 'two' from j order by id;
select b || '{"new": true}', b - 'a', b - 0, b #- '{a,b}' from j where id in (1, 7) order by id;
select b - 'a' from j where id = 3;
select b - 0 from j where id = 1;
select jsonb_set(b, '{a}', '99'), jsonb_set(b, '{new}', '"v"'), jsonb_set(b, '{new}', '1', false), jsonb_insert(b, '{b,0}', '"first"') from j where id = 1;
select json_typeof(a), jsonb_typeof(b), jsonb_typeof(b -> 'a') from j order by id;
select json_array_length(a), jsonb_array_length(b) from j where id = 2;
select jsonb_array_length(b) from j where id = 1;
select jsonb_array_length(b) from j where id = 4;
select key, value from j, jsonb_each(b) where id = 1 order by key;
select key, value from j, json_each_text(a) where id = 1 order by key;
select jsonb_object_keys(b) from j where id = 7 order by 1;
select value from j, jsonb_array_elements(b) where id = 2;
select value, ordinality from j, jsonb_array_elements_text(b) with ordinality where id = 2 order by 2;
select jsonb_array_elements('5');
-- refused: records in a select list
select jsonb_each('[1]');
select to_json(1), to_json('a"b'::text), to_json(true), to_json(array[1, 2]), to_jsonb(row(1, 'x')), to_json(null::int), to_jsonb(1.50), to_json('2024-02-29'::date), to_jsonb('1 day'::interval);
select json_build_object('a', 1, 'b', array[1, 2], 'c', null), jsonb_build_object('x', 'y', 'n', 1.5), json_build_array(1, 'a', null, true), jsonb_build_array(), jsonb_build_object();
select json_build_object(true, 1, 2.5, false, 'x'::text, null), jsonb_object_agg(k, 1) from (values (true), (false)) as v(k);
select json_build_object('a');
select json_build_object(null, 1);
select json_object('{a,1,b,2}'), jsonb_object('{a,b}', '{1,2}'), json_object('{{a,1},{b,null}}');
select json_agg(id order by id), jsonb_agg(b -> 'a' order by id), json_object_agg(id, a ->> 'a' order by id), jsonb_object_agg(id, id) from j where id < 4;
select json_agg(x) from (select id, b from j where id in (1, 3) order by id) as x;
select json_agg(x) from (values (1)) as v(x) where false;
select row_to_json(x) from (select id, b ->> 'a' as a from j where id < 3 order by id) as x;
select row_to_json(row(1, 'a', null)), to_jsonb(j) from j where id = 6;
select json_strip_nulls(a), jsonb_strip_nulls(b), jsonb_pretty(b) from j where id = 1;
select b::text, a::jsonb, b::json, b -> 'b' = '[1, 2, {"c": "x"}]' from j where id = 1;
select (b -> 'a')::int + 1, (b ->> 'a')::numeric, (b -> 'a')::text::float8 from j where id = 1;
select (b -> 'b')::int from j where id = 1;
select '{"a": 1}'::json ->> 'b', '{"a": null}'::jsonb ->> 'a', '{"a": null}'::jsonb -> 'a', '[1,2]'::jsonb ->> 5;
select '{"a": 1,}'::json;
select '{bad}'::jsonb;
select '"\u0000"'::jsonb;
select '{"b":1,"a":2,"a":3}'::jsonb, '{"b":1,"a":2,"a":3}'::json, ' [ 1 , 2 ] '::jsonb, ' [ 1 , 2 ] '::json, '1e3'::jsonb, '1.0'::jsonb, '"\u00e9"'::jsonb, '"\u00e9"'::json;
select b from j order by b;
select distinct b -> 'a' from j order by 1;
select count(*), b ->> 'a' from j group by 2 order by 2;
select id from j where b @> '{"b": [2]}' order by id;
select id from j where b -> 'a' = '1' order by id;
select id from j where (b ->> 'a')::int = 1 and id = 1;
select id from j where b = '{}' order by id;
select '{"a":1,"b":2}'::jsonb = '{"b":2,"a":1}', '[1,2]'::jsonb < '[1,3]', '1'::jsonb < '"a"', '{}'::jsonb > '[]', 'null'::jsonb < '1';
select '{"a":1}'::json = '{"a":1}'::json;
update j set b = jsonb_set(coalesce(b, '{}'), '{n}', to_jsonb(id)) where id in (5, 6) returning id, b;
update j set b = b || jsonb_build_object('k', array[id]) where id = 6 returning b;
-- bind: ["{\"a\": [1, {\"b\": 2}]}"]
select $1::jsonb -> 'a' -> 1 ->> 'b';
-- bind: ["a"]
select b -> $1, b ->> $1 from j where id = 1;
-- bind: ["0"]
select b -> $1::int from j where id = 2;
-- bind: ["{a,b}"]
select b #> $1 from j where id = 7;
-- bind: ["hex:017b2261223a20317d"]
select $1::jsonb;
-- bind: ["{\"a\": 1}"]
select id from j where b @> $1 order by id;
-- refused: jsonpath
select jsonb_path_query('{"a": [1, 2]}', '$.a[*]');
select b['a'], b['b'][0], b['nosuch'] from j where id = 1;
select array_to_json(array[[1, 2], [3, 4]]), array_to_json(array[1, 2], true), json_build_array(array[1], '{"a":1}'::jsonb);
select x.* from json_to_recordset('[{"a":1,"b":"x"},{"a":2}]') as x(a int, b text);
select * from jsonb_to_record('{"a": 5, "b": [1,2], "c": "t"}') as x(a int, b jsonb, c text);
-- refused: arrays out of JSON
select * from jsonb_to_record('{"b": [1,2]}') as x(b int[]);
select jsonb_delete_path('{"a": 1}', '{{a,b},{c,d}}'), '{}'::jsonb #- '{}';
select '-1'::jsonb #- '{{a,b}}';
select '-1'::jsonb #- '{a}';
select '[]'::jsonb #- '{{a,b}}';
select jsonb_set('{"a": 1}', '{{a,b}}', '1');
select jsonb_set('1', '{{a,b}}', '1');
select jsonb_insert('{"a": 1}', '{{a,b}}', '1');
select jsonb_insert('1', '{{a,b}}', '1');
select jsonb_set_lax('1', '{{a,b}}', '1');
select jsonb_set_lax('{}', '{{a,b}}', null, true, 'delete_key');
select '{"a":1}'::jsonb #> '{{a,b}}', '{"a":{"b":2}}'::jsonb #>> '{{a},{b}}';
