-- Elements and slices: read, and assigned to.

create table t (id int primary key, a int[], s text[], v varchar(3)[] default '{q}', n numeric(6,2)[], d date[]);
insert into t (id, a, s) values (1, '{1,2,3}', '{x,y}'), (2, null, null), (3, '{}', '{}'), (4, '{{1,2},{3,4}}', '{{a,b}}'), (5, '[3:4]={3,4}', '[0:1]={p,"q r"}');
update t set a[2] = 20 where id = 1 returning a;
update t set a[5] = 50 where id = 1 returning a, array_dims(a);
update t set a[-1] = -10 where id = 1 returning a, array_dims(a);
update t set a[1] = 1 where id in (2, 3) returning id, a;
update t set a[2][1] = 33 where id = 4 returning a;
update t set a[3][1] = 33 where id = 4 returning a;
update t set a[1] = 33 where id = 4 returning a;
update t set a[1][1] = 33 where id = 5 returning a;
update t set a[4] = null where id = 5 returning a;
update t set a[2] = 2, a[6] = 6 where id = 5 returning a;
update t set s[1] = 'it''s "quoted", \ {so}' where id = 1 returning s;
update t set s[4] = 'NULL' where id = 1 returning s;
update t set s[2] = '' where id = 1 returning s;
update t set s[1] = null where id = 1 returning s;
update t set a[null] = 1 where id = 1;
update t set a[null::int:2] = '{1}' where id = 1;
update t set a[1] = 'x' where id = 1;
update t set a[1] = '7' where id = 1 returning a[1];
update t set a[1] = 1.5 where id = 1 returning a[1];
update t set a[1] = true where id = 1;
update t set a['1'] = 8 where id = 1 returning a[1];
update t set a['x'] = 8 where id = 1;
update t set a[1.4] = 8 where id = 1 returning a;
update t set a[id + 1] = id * 100 where id = 1 returning a;
update t set a[(select 3)] = (select max(id) from t) where id = 1 returning a;
update t set a[true] = 1 where id = 1;
update t set v[2] = 'abcd' where id = 1;
update t set v[2] = 'abc' where id = 1 returning v;
update t set n[2] = 1.005 where id = 1 returning n;
update t set d[1] = '2024-02-30' where id = 1;
update t set d[2] = '2024-02-29' where id = 1 returning d;
update t set id[1] = 1;
update t set id.x = 1;
update t set a.x = 1;
update t set a[1] = 1, a = '{2}' where id = 1;
update t set a = '{2}', a[1] = 1 where id = 1;
update t set a[1] = default where id = 1;
update t set a[2147483647] = 1 where id = 1;
update t set nothing[1] = 1;

-- slices
update t set a = '{1,2,3,4,5}';
update t set a[2:3] = '{20,30}' where id = 1 returning a;
update t set a[2:3] = array[21,31,41] where id = 1 returning a;
update t set a[2:3] = '{22}' where id = 1 returning a;
update t set a[3:2] = '{22}' where id = 1 returning a;
update t set a[:2] = '{-1,-2}' where id = 1 returning a;
update t set a[4:] = '{-4,-5}' where id = 1 returning a;
update t set a[:] = '{9,8,7,6,5}' where id = 1 returning a;
update t set a[:] = '{9,8,7,6}' where id = 1 returning a;
update t set a[7:8] = '{70,80}' where id = 1 returning a;
update t set a[-3:-2] = '{-30,-20}' where id = 1 returning a;
update t set a[2:3] = null where id = 1 returning a;
update t set a[2:3] = '{null,1}' where id = 1 returning a;
update t set a = null where id = 2;
update t set a[2:3] = null where id = 2 returning a;
update t set a[2:3] = '{2,3,4}' where id = 2 returning a;
update t set a = null where id = 2;
update t set a[:3] = '{2,3,4}' where id = 2 returning a;
update t set a[2:] = '{2,3,4}' where id = 2 returning a;
update t set a[3:2] = '{2,3,4}' where id = 2 returning a;
update t set a[3:1] = '{2,3,4}' where id = 2 returning a;
update t set a[3:2] = '{}' where id = 2 returning a;
update t set a[1:2][1:2] = '{1,2,3,4}' where id = 2 returning a;
update t set a[2:2][1:2] = '{{30,40}}' where id = 2 returning a;
update t set a[1:2][2] = '{{7,8}}' where id = 2 returning a;
update t set a[1:2][1:1] = '{-7,-8}' where id = 2 returning a;
update t set a[2:2] = '{50,60}' where id = 2 returning a;
update t set a[1:2][:] = '{0,0,0,0}' where id = 2 returning a;
update t set a[1:3][1:1] = '{0,0,0,0}' where id = 2 returning a;
update t set a[2:1][1:1] = '{0,0,0,0}' where id = 2 returning a;
update t set a[1:2][1:1][1:1] = '{0,0,0,0}' where id = 2 returning a;
update t set a[1:2] = 5 where id = 1;
update t set a[1:2] = '{a}' where id = 1;
update t set a[1:2] = '{a' where id = 1;
update t set s[1:2] = array['a', null] where id = 3 returning s;
update t set s[2:3] = s[1:2] where id = 3 returning s;
update t set a[1:2147483647] = '{1}' where id = 1;
update t set a[-2147483648:2147483647] = '{1}' where id = 1;
update t set a[1:2][1:2][1:2][1:2][1:2][1:2][1:2] = '{1}' where id = 1;
update t set a[1][2][3][4][5][6][7] = 1 where id = 3;

-- from other places
update t set (a[1], a[2]) = (100, 200) where id = 1 returning a;
update t set (a[1], s) = (select 7, array['z']) where id = 1 returning a, s;
update t set (a[1], s[2]) = row (8, 'zz') where id = 1 returning a, s;
update t set a[1] = u.id * 3 from t u where u.id = t.id and u.id < 3 returning t.id, t.a;
-- bind: ["2", "77", "1"]
update t set a[$1] = $2 where id = $3 returning a;
-- bind: ["1", "2", "{5,6}", "1"]
update t set a[$1:$2] = $3 where id = $4 returning a;
-- bind: ["1", null, "1"]
update t set a[$1] = $2 where id = $3 returning a;
-- bind: [null, "5", "1"]
update t set a[$1] = $2 where id = $3 returning a;
-- bind: ["word", "1"]
update t set s[1] = $1 where id = $2 returning s;
prepare p as update t set s[1] = $1, a[1:2] = $2 where id = $3 returning s, a;
execute p ('w', '{1,2}', 1);
deallocate p;

-- INSERT
insert into t (id, a[1]) values (10, 1) returning a;
insert into t (id, a[2], a[4], s[1]) values (11, 1, 2, 'x'), (12, 3, 4, 'y') returning a, s, v;
insert into t (id, a[1:2]) values (13, '{1,2,3}') returning a;
insert into t (id, a[1], a) values (14, 1, '{1}');
insert into t (id, a, a[1]) values (14, '{1}', 1);
insert into t (id, a[1], a[1]) values (14, 1, 2) returning a;
insert into t (id, v[2]) values (15, 'b') returning v;
insert into t (id, v[2]) values (16, 'bcde') returning v;
insert into t (id, a[1], a[3]) select id + 100, id, id * 2 from t where id < 3 returning id, a;
insert into t (id, a[1]) values (17, default);
insert into t (id, a[1]) values (17, 'z');
insert into t (id, a[1]) values (17, now());
insert into t (id, a[1]) values (17);
insert into t (id, a[1], s) values (1, 5, '{n}') on conflict (id) do update set a[1] = excluded.a[1] + t.a[2], s[3] = excluded.s[1] returning a, s;
insert into t (id, id[1]) values (17, 5);

-- generated, domains, defaults
create domain few as int[] check (cardinality(value) < 4);
create table d (f few, g int[] generated always as (array[1]) stored);
insert into d (f) values ('{1,2}') returning f;
update d set f[3] = 3 returning f;
update d set f[4] = 4;
update d set g[1] = 3;
insert into d (f[1]) values (5) returning f;
insert into d (f[5]) values (5), (6) returning f;
create type mood as enum ('sad', 'ok');
create table m (l mood[] not null, b bytea[], j jsonb[], u uuid[], z timestamptz[], f float8[], o boolean[]);
insert into m (l[2], b[1], j[1], u[1], z[1], f[2], o[1]) values ('ok', '\x0102', '{"a": "b,c"}', '0b1fb8a4-7ee4-4b02-a0ec-9e0cd6a1a3b6', '2024-01-01 12:00+02', 'NaN', true) returning *;
update m set l[1] = 'sad', b[2] = '\xff', j[2] = '[1, {"x": null}]', z[3] = now() - now() + '2024-05-05 05:05+00'::timestamptz, f[1] = 1e300, o[2] = false returning *;
update m set l[1] = 'glad';
update m set l[1] = 'sad'::text;
with c as (update m set f[1] = 2 returning f) select * from c;
update m set j[1]['a'] = '1' returning j;
update m set j[1] = j[1] || '{"n": 1}' returning j;

-- reading
select a[2:3], a[:2], a[2:], a[:], a[0:1], a[9:10], a[3:2] from (values ('{1,2,3,4}'::int[])) x (a);
select a[1:1], a[1:2][1:1], a[1:2][2], a[2:2][:], a[:][2:], a[1:1][1:1][1:1], a[2:9][0:9] from (values ('{{1,2,3},{4,5,6}}'::int[])) x (a);
select a[null:2], a[1:null], a[null:null::int], a[null] from (values ('{1,2,3}'::int[])) x (a);
select a[1:2], a[-1:0], a[:0], array_dims(a[-2:0]) from (values ('[-1:2]={1,2,3,4}'::int[])) x (a);
select a[1:2][1], a[1] from (values ('{}'::int[]), (null)) x (a);
select (array['a', 'b', 'c'])[2:], ('{{a,b},{c,d}}'::text[])[2:2][1:1];
-- bind: ["1", null]
select (array[1, 2, 3])[$1:$2];
-- bind: ["2", "3"]
select (array[1, 2, 3])[$1:$2];
create table w (id int primary key, r int[] default array[1, 2]);
insert into w (id, r[1]) values (1, 9) returning r;
insert into w values (2) returning r;
alter table t add column w int[] not null default '{}';
update t set w[3] = id where id < 4 returning w;
