-- What a WITH changes and nobody reads runs behind the statement, the last one first; upserts of several rows.

create table acc (id int primary key, owner text unique, n int default 0);
create table log (id serial primary key, what text);
create table aud (id serial primary key, what text);
insert into acc values (1, 'ann'), (2, 'bob'), (20, 'old');
with a as (insert into log (what) values ('first') returning id), b as (insert into log (what) values ('second')) select 1;
select * from log order by id;
with a as (insert into log (what) values ('p1')), b as (insert into log (what) values ('p2')), c as (insert into log (what) values ('p3') returning id) select count(*) from c;
select * from log order by id;
with a as (insert into log (what) values ('q1') returning id), b as (insert into log (what) select 'q2 ' || (select count(*) from a)), c as (insert into log (what) values ('q3')) select 1;
-- refused: a WITH that changes table "acc" and is not read, before a change of it, is not supported on SQLite
with u as (update acc set owner = 'zed' where owner = 'bob' returning id) insert into acc (id, owner) values (30, 'bob') returning id;
-- refused: a WITH that changes table "acc" and is not read, before a change of it, is not supported on SQLite
with d as (delete from acc where id = 20) insert into acc (id, owner) values (20, 'new');
with d as (delete from acc where id = 20 returning id) insert into acc (id, owner) select id, 'new' from d returning *;
with a as (delete from acc where id = 20 returning id), b as (insert into acc (id, owner) values (20, 'again') returning id) select * from b;
with a as (delete from acc where id = 20 returning id), b as (insert into acc (id, owner) values (20, 'again') returning id) select 1;
with a as (delete from acc where id = 20 returning id), b as (insert into acc (id, owner) select 21, 'b' from a returning id) select id from b;
select * from acc order by id;
with i as (insert into log (what) values ('i')) update acc set n = 1 where id = 1 returning n;
with i as (insert into log (what) values ('cte')) insert into aud (what) values ('main') returning id;
with i as (insert into log (what) values ('cte')) insert into log (what) values ('main') returning id;
with a as (select 1/0 as x), b as (insert into aud (what) values ('b') returning what) select what from b;
with a as (select nosuch as x), b as (insert into aud (what) values ('b') returning what) select what from b;
with a as (select 1 as x), b as (select x from a), c as (insert into aud (what) select 'c' || x from b returning what) select what from c;
with acc2 as (select * from acc where id = 1), x as (update acc set n = n + 1 from acc2 where acc2.id = acc.id returning acc.id) select * from x;
with d as (delete from acc a using log l where a.n = 77 and l.id = a.id), log as (insert into aud (what) values ('shadow') returning what) select * from log;
with recursive r as (select 1 as n union all select n + 1 from r where n < 3), i as (insert into aud (what) select 'r' || n from r) select count(*) from r;
select what from aud order by id;
with a as (insert into aud (what) values ('u1') returning id) select 'none' where exists (select 1 from a where false);
with a as (insert into aud (what) values ('u2') returning id) select (with b as (select id from a) select count(*) from b);
with a as (insert into aud (what) values ('u3') returning id), b as (update acc set n = 9 where id = 2 returning id) delete from log where id in (select id from log limit 1) returning (select count(*) from a);
select what from aud where what like 'u%' order by id;
select * from acc order by id;
create table tags (id serial primary key, name text unique, n int default 1);
with ins as (insert into tags (name) values ('a'), ('b') on conflict (name) do update set n = tags.n + 1 returning *) select * from ins order by id;
with ins as (insert into tags (name) values ('c'), ('b'), ('a') on conflict (name) do update set n = tags.n + excluded.n returning id, name, n) select name, n from ins order by name;
with ins as (insert into tags (name) values ('c'), ('c') on conflict (name) do update set n = 5 returning *) select * from ins;
with ins as (insert into tags (name) values ('z'), ('z') on conflict (name) do update set n = 5 returning *) select * from ins;
with src(name) as (values ('a'), ('new')), ups as (insert into tags (name) select name from src on conflict (name) do update set n = tags.n * 10 returning id, name, n) insert into aud (what) select name || n from ups returning what;
with one as (insert into tags (name) values ('a') on conflict (name) do update set n = 0 returning name), two as (insert into acc (id, owner) values (1, 'x'), (500, 'y') on conflict (id) do update set n = acc.n + 100 returning id, n) select * from one, two order by id;
with ins as (insert into tags (name) values ('a'), ('q') on conflict (name) do update set n = 77 returning name) select t.name, t.n from tags t left join ins using (name) where t.name in ('a', 'q') order by 1;
select name, n from tags order by name;
create table k (id int primary key, a int, b text);
insert into k values (1, 1, 'x'), (2, 2, 'y'), (3, 3, 'z');
with i as (insert into k values (1, 10, 'new')) delete from k where id = 1;
with i as (insert into k values (5, 10, 'new')) delete from k where id = 5;
with i as (insert into k values (2, 10, 'new')) update k set id = 12 where id = 2;
with i as (insert into k values (2, 11, 'neu')) update k set id = 22 where id = 2 returning *;
select * from k order by id;
with i as (insert into k values (3, 12, 'no')) delete from k where id = 2 returning *;
with i as (insert into k select id + 100, a, b from k) delete from k where id < 4;
with i as (insert into k select id + 1000, a, b from k) select count(*) from k;
with d as (delete from k where id > 1000), i as (insert into k values (40, 4, 'i')) select count(*), max(id) from k;
with u as (update k set b = b || '!') select string_agg(b, ',' order by id) from k;
with u as (update k set b = b || '!'), o as (update acc set n = n + 1) insert into aud (what) select b from k where id = 40 returning what;
select * from k order by id;
with i as (insert into aud (what) select 'late ' || count(*) from k) insert into k values (41, 1, 'w');
with i as (insert into aud (what) select 'late ' || count(*) from k) delete from k where id = 41;
with i as (insert into aud (what) select 'late ' || b from k where id = 40) update k set b = 'after' where id = 40;
with r as (select max(id) as m from k), i as (insert into aud (what) select 'max ' || m from r), n as (select m from r) delete from k where id = (select m from n);
select what from aud where what like 'late%' or what like 'max%' order by id;
-- bind: ["5", "60"]
with i as (insert into k (id, b) values ($2::int, $1)) select $1 || 'x', $2 + 1;
-- bind: ["61", "5"]
with i as (insert into k (id, a) values ($1, $2)) select id from k where id = $1;
with i as (insert into k values (40, 1, 'dup')) select 1;
with i as (insert into k values (1, 2)), j as (insert into k values ('x')) select nosuch from k;
with i as (insert into k values (70, 70 / 0)) select 1;
-- refused: changed twice
with i as (insert into k values (40, 4, '1') on conflict (id) do update set a = 1) update k set a = 6 where id = 40 returning *;
-- refused: changed twice
with i as (insert into k values (80) returning id) insert into k (id) select id from i on conflict (id) do update set a = 1;
select * from k order by id;
