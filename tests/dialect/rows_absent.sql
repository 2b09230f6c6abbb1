-- A whole row that an outer join has not found is NULL, not a row of NULLs; USING (...) AS.

create table t (id int primary key, v int);
create table u (id int primary key, t_id int, w text, arr int[], f float8, bl bytea);
insert into t values (1,1),(2,2),(3,null);
insert into u values (10,1,'a','{1}',1.5,'\x01'),(11,1,null,null,null,null),(12,9,'x',null,2,null);
create view uv as select t_id, w, 1 as one from u;
select t.id, count(u), count(u.*), count(*) from t left join u on u.t_id = t.id group by t.id order by 1;
select t.id, to_jsonb(u), row_to_json(u), to_json(u.*) from t left join u on u.t_id = t.id order by 1, u.id;
select t.id, jsonb_agg(u order by u.id), json_agg(u) filter (where u is not null), count(u) filter (where u.w is null) from t left join u on u.t_id = t.id group by t.id order by 1;
select t.id, to_jsonb(q) from t left join (select t_id, w from u) q on q.t_id = t.id order by 1, 2;
select t.id, to_jsonb(q), count(q) over () from t left join (select t_id, w from u) q on q.t_id = t.id order by 1, 2;
select t.id, to_jsonb(q) from t left join lateral (select max(u.w) as m from u where u.t_id = t.id) q on true order by 1;
select t.id, to_jsonb(q) from t left join lateral (select u.w from u where u.t_id = t.id order by id limit 1) q on true order by 1;
select t.id, row_to_json(q) from t left join uv q on q.t_id = t.id order by 1, q.w;
select to_jsonb(t), to_jsonb(u) from t full join u on u.t_id = t.id order by t.id, u.id;
select to_jsonb(t), to_jsonb(u) from t right join u on u.t_id = t.id order by t.id, u.id;
with c as (select t_id, w from u) select t.id, to_jsonb(c) from t left join c on c.t_id = t.id order by 1, 2;
select t.id, to_jsonb(v) from t left join (values (1, 'x'), (null, null)) v(a, b) on v.a = t.id or v.a is null order by 1, 2;
select t.id, to_jsonb(g) from t left join generate_series(1, 2) g on g = t.id order by 1;
select t.id, to_jsonb(g) from t left join unnest(array[1,2], array['a','b']) g(x, y) on g.x = t.id order by 1;
select t.id, to_jsonb(j) from t left join (u join t t2 on t2.id = u.t_id) as j(uid, tid, w, arr, f, bl, i2, v2) on j.tid = t.id order by 1, 2;
select t.id, jsonb_build_object('t', t, 'u', u) from t left join u on u.t_id = t.id order by 1, u.id;
select t.id, json_build_array(u, q) from t left join u on u.t_id = t.id left join (select 1 as one) q on q.one = t.v order by 1, u.id;
select t.id, u is null, u is not null, u.* is null, not (u is null) from t left join u on u.t_id = t.id order by 1, u.id;
select t.id, coalesce(to_jsonb(u), '{}'), coalesce(jsonb_agg(u) filter (where u.id is not null), '[]') from t left join u on u.t_id = t.id group by t.id, u.id, u.t_id, u.w, u.arr, u.f, u.bl order by 1, u.id;
select t.id, count(distinct u.id), count(u) = count(u.id) from t left join u on u.t_id = t.id group by 1 order by 1;
-- refused: a row that may be NULL as a column of a subquery
select q.id, to_jsonb(q.u) from (select t.id, u from t left join u on u.t_id = t.id) q order by 1, 2;
select count(q) from (select null::int as a, null::int as b) q;
select count(q), count(row(null)), count(row(1, null)) from (values (1), (null)) q(a);
-- refused: rows as arguments of concat()
select concat(u.id, u), concat_ws('-', t, u) from t left join u on u.t_id = t.id order by t.id, u.id;
-- refused: rows as text
select coalesce(u.w, 'none'), u::text from t left join u on u.t_id = t.id order by t.id, u.id;
create view uagg as select t_id, count(*) as n from u group by t_id union all select null, null;
select t.id, to_jsonb(q), count(q) over () from t left join uagg q on q.t_id = t.id order by 1, 2;
select t.id, count(q), jsonb_agg(q order by q.w) from t left join (select distinct t_id, w from u union all select 2, null) q on q.t_id = t.id group by 1 order by 1;
select t.id, count(q), jsonb_agg(q) from t left join lateral (select max(w) as m from u where u.t_id = t.id) q on true group by 1 order by 1;
select count(q), count(t) from t full join (select t_id, w from u) q on q.t_id = t.id;
select count(q), count(t) from (select t_id, w from u) q right join t on q.t_id = t.id;
select count(q), count(r) from t left join (select t_id, w from u) q on q.t_id = t.id left join (select 1 as one) r on r.one = q.t_id;
select t.id, (select count(q) from u left join (select id, null::int as x from t t2) q on q.id = u.t_id) from t order by 1;
select t.id, (select jsonb_agg(x) from (select u.w, u.f from u where u.t_id = t.id) x) from t order by 1;
select jsonb_agg(jsonb_build_object('t', t, 'n', (select count(q) from (select 1 from u where u.t_id = t.id) q))) from t;
create view vv as select t.id, count(u) as n, jsonb_agg(u) as us from t left join u on u.t_id = t.id group by t.id;
select * from vv order by id;
create table cta as select t.id, to_jsonb(q) as j from t left join (select t_id, w from u) q on q.t_id = t.id;
select * from cta order by id, j;
insert into cta select t.id + 100, to_jsonb(q) from t left join (select t_id, w from u) q on q.t_id = t.id returning *;
select j.id, count(e) from cta j left join lateral jsonb_each(j.j) e on true group by 1 order by 1;
select j.id, to_jsonb(e) from cta j left join lateral jsonb_to_record(j.j) e(w text, t_id int) on e.w is not null order by 1, 2;
select count(c) from pg_class c left join pg_namespace n on n.oid = c.relnamespace where c.relname = 't';
select t.id, count(s) from t left join information_schema.tables s on s.table_name = 't' and t.id = 1 group by 1 order by 1;
with x as (insert into u (id, t_id) values (50, 3) returning id, t_id) select t.id, count(x), count(u) from t left join x on x.t_id = t.id left join u on u.t_id = t.id group by 1 order by 1;
update t set v = q.n from (select t.id, count(u) as n from t left join u on u.t_id = t.id group by 1) q where q.id = t.id returning t.*;
-- bind: ["2"]
select t.id, to_jsonb(q) from t left join (select t_id, w, $1::int as p from u) q on q.t_id = t.id where t.id <> $1 order by 1, 2;

create table k1 (id int primary key, v int);
create table k2 (id int primary key, t_id int, w text);
insert into k1 values (1,1),(2,2),(3,null);
insert into k2 values (2,1,'a'),(11,1,null),(3,9,'x');
select a.x from (values (1), (2)) a(x) join (values (2), (3)) b(x) using (x) as k where k.x = 2;
select * from k1 join k2 using (id) as k order by k.id;
select k.*, k1.v from k1 left join k2 using (id) as k order by k.id;
select k.id, id from k1 full join k2 using (id) as k order by k.id;
select v from k1 join k2 using (id) as k where k.v = 1;
select to_jsonb(k) from k1 full join k2 using (id) as k order by k.id;
select * from k1 join k2 using (id) as k1;
select * from (t join k2 using (id) as k) as j join k1 q using (id) order by 1;
select k.id from (t join k2 using (id) as k) as j;
select x from (values ('a'::varchar(3))) a(x) full join (values ('a'::varchar(5))) b(x) using (x);
select x from (values ('a'::varchar(3))) a(x) join (values ('a'::varchar(3))) b(x) using (x);
