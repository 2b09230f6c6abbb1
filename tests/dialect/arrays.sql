-- Arrays.

create table ar (id int primary key, i int[], t text[], n numeric[], d date[], m int[][]);
insert into ar values (1, '{1,2,3}', '{a,b,c}', '{1.50,2}', '{2024-02-29}', '{{1,2},{3,4}}'), (2, '{}', '{}', '{}', '{}', '{}'), (3, null, null, null, null, null), (4, '{NULL,1}', '{NULL,"null",""}', '{NaN,NULL}', '{infinity}', '{{NULL,1}}'), (5, array[3, 1, 2], array['x y', 'a,b', 'q"t', 'b\s'], array[1, 2.5], array[date '2020-01-01'], array[[1], [2]]);
select * from ar order by id;
select i[1], i[2:3], i[:2], i[2:], i[0], i[9], t[1], m[1][2], m[1:1] from ar where id <> 4 order by id;
select array_length(i, 1), cardinality(i), array_ndims(m), array_dims(m), array_lower(i, 1), array_upper(m, 2), array_length(i, 2) from ar order by id;
select i || 4, 0 || i, i || array[7, 8], i || i, t || 'z'::text, array_append(i, null), array_prepend(0, i), array_cat(i, '{9}') from ar order by id;
select i || '{5}' from ar where id = 1;
select i = array[1, 2, 3], i <> '{}', i < array[2], i @> array[1], array[1] <@ i, i && array[3, 9], i @> '{}' from ar order by id;
select 1 = any (i), 2 = all (i), 1 <> all (i), 5 > any (i), null = any (i), 'a' = any (t), 'a' like any (t) from ar order by id;
select array_position(t, 'b'), array_positions(i, 1), array_remove(i, 1), array_replace(i, 1, 9), array_position(i, null) from ar order by id;
select array_to_string(i, ','), array_to_string(t, '|', '?'), array_to_json(i), to_jsonb(t) from ar order by id;
select id, u from ar, unnest(i) as u order by id, u;
select id, u, o from ar, unnest(t) with ordinality as x(u, o) order by id, o;
select unnest(array[1, 2, 3]), unnest(array['a', 'b', 'c']);
select * from unnest(array[1, 2], array['a', 'b', 'c']) as x(n, t);
select array_agg(id order by id desc), array_agg(t[1]), array_agg(i[1]) filter (where id < 3) from ar;
select array_agg(x) from (values (1), (null), (3)) as v(x);
select array_agg(x) from (values (1)) as v(x) where x > 5;
select array(select id from ar order by id desc), array(select id from ar where false);
select array_fill(0, array[3]), array_fill('x'::text, array[2, 2]), array_fill(1, array[2], array[5]);
select trim_array(array[1, 2, 3, 4], 2), array[1, 2, 3][2], (array['a', 'b'])[1], string_to_array('1,2', ',')::int[];
select array[]::int[], array[null], array[null]::int[], array[1, null], array['a', 'b']::varchar[], array[1, 2.5], array[[1, 2], [3, 4]];
select array[];
select array[1, 'a'];
select array[[1, 2], [3]];
select '{1,2'::int[];
select '{1,a}'::int[];
select '[2:3]={7,8}'::int[], ('[2:3]={7,8}'::int[])[2], '{{1,2},{3,4}}'::int[][];
select array_dims('[0:1][2:3]={{1,2},{3,4}}'::int[]), generate_subscripts('{a,b,c}'::text[], 1);
select i::text, t::text, i::bigint[], i::text[], n::int[] from ar where id in (1, 2, 5) order by id;
select i from ar order by i;
select distinct i from ar where id < 4 order by i nulls first;
select count(*), i from ar group by i order by i;
select max(i), min(t) from ar;
update ar set i[2] = 99 where id = 1 returning i;
update ar set i = i || 4, t = array_append(t, 'new') where id = 2 returning i, t;
update ar set i[5] = 5 where id = 2 returning i;
update ar set i[1:2] = '{7,8}' where id = 1 returning i;
-- bind: ["{1,2,3}"]
select id from ar where id = any ($1) order by id;
-- bind: ["{1,2,3}"]
select id from ar where id = any ($1::int[]) order by id;
-- bind: ["{a,b}"]
select t && $1 from ar order by id;
-- bind: ["{\"x y\",NULL}"]
select $1::text[], cardinality($1::text[]);
select array['a', 'b'] || array['c'], array['a'] || null::text, array[1] || null::int[], null::int[] || array[1];
select row(1, array[1, 2]) = row(1, array[1, 2]);
select t[id] from ar order by id;
select m[2][1:1] from ar;
-- refused: arrays of rows
select array[row(1, 2)] is null;
select array[[]]::int[], array[[], []]::text[], array[[[]]]::int[];
select array[[1, 2], []]::int[];
select array[[], [1]]::int[];
select array[['1', '2'], [null, 3]]::int[], array[[1.5], ['2']]::text[], array[[array[1]], [[2]]]::int[];
select array[[1], 2]::int[];
select array[array[]::int[], [1]]::int[];
select array[[]];
