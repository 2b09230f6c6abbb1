-- WITH that changes data: every part sees the tables as they were.

create table t (id serial primary key, a int, b text);
create table u (id int primary key, t_id int references t(id) on delete cascade, v text);
insert into t (a, b) values (1,'x'),(2,'y'),(3,'z');
insert into u values (1,1,'p'),(2,1,'q'),(3,2,'r');
with x as (insert into t (a, b) values (4,'w'),(5,'v') returning id, a) select * from x order by id;
with x as (insert into t (a, b) values (6,'w') returning id, a) select count(*) from t;
select count(*) from t;
with x as (delete from u where v = 'r' returning *) insert into u select id + 10, t_id, v || '2' from x;
select * from u order by id;
with x as (update t set a = a + 100 where a < 3 returning id, a) update u set v = v || x.a from x where u.t_id = x.id;
select * from u order by id;
with x as (insert into t (a, b) values (7,'w') returning id) insert into u (id, t_id, v) select 20, id, 'new' from x returning *;
with a as (insert into t (a) values (8) returning id), b as (insert into t (a) values (9) returning id) select a.id < b.id from a, b;
with a as (insert into t (a, b) values (10, 'ten') returning *) select * from a join t on t.id = a.id;
with a as (insert into t (a, b) values (10, 'ten2') returning *) select a.b, t.b from a left join t on t.id = a.id;
with a as (insert into t (a, b) values (11, 'e') returning *) select b from a union all select b from t where a = 10 order by 1;
with moved as (delete from t where a = 10 returning *) select b from moved order by b;
with gone as (delete from t where a = 11 returning *) select (select count(*) from t where a = 11), (select b from gone);
with up as (update t set b = 'changed' where a = 7 returning *) select t.b, up.b from t join up using (id);
with d as (delete from u returning *) delete from t where id in (select t_id from d) returning id, a;
with d as (update t set b = 'q' where a = 6) select 1;
with d as (update t set b = 'q' where a = 6) select count(*) from d;
with recursive r as (select 1 as n union all select n + 1 from r where n < 3), i as (insert into t (a) select n * 1000 from r returning a) select * from i order by a;
-- bind: ["77"]
with a as (insert into t (a) values ($1) returning a, b) select a, b from a;
-- bind: ["78", "seventy-eight"]
with a as (insert into t (a, b) values ($1, $2) returning *), b as (update t set b = 'old' where a = 77 returning id) select a.a, a.b, b.id > 0, $1 + 1 from a, b;
select * from t order by id;
create table tags (id serial primary key, name text unique);
insert into tags (name) values ('one');
with ins as (insert into tags (name) values ('one') on conflict (name) do nothing returning id) select id from ins union all select id from tags where name = 'one' limit 1;
with ins as (insert into tags (name) values ('two') on conflict (name) do nothing returning id) select id > 1 from ins union all select id > 1 from tags where name = 'two';
with upd as (update tags set name = 'uno' where name = 'one' returning *) insert into tags (name) select 'one' where not exists (select 1 from upd);
with upd as (update tags set name = 'tres' where name = 'three' returning *) insert into tags (name) select 'three' where not exists (select 1 from upd) returning name;
with ups as (insert into tags (name) values ('two') on conflict (name) do update set name = excluded.name || '!' returning *) select name from ups;
select name from tags order by id;
with n as (insert into tags (name) values ('new') returning id) update tags set name = name || '?' where id not in (select id from n);
select name from tags order by name;
with n as (insert into tags (name) values ('new2') returning id) delete from tags where name like 'n%';
select name from tags order by name;
with x (renamed) as (insert into tags (name) values ('r') returning name) select renamed from x;
with x (a, b) as (insert into tags (name) values ('s') returning name) select a from x;
with x as (insert into tags (name) values ('r') returning id) select * from x;
select name from tags where name in ('r', 's');
with x as (insert into nosuch values (1) returning *) select * from x;
with x as (insert into tags (name) values ('z') returning nosuch) select * from x;
with x as (insert into tags (name) values ('dd') returning *), x as (select 1) select * from x;
select * from (with x as (insert into tags (name) values ('dd') returning *) select * from x) q;
create view v as with x as (insert into tags (name) values ('dd') returning *) select * from x;
create table archive (id int, name text, at timestamptz default now());
with moved as (delete from tags where name = 'r' returning id, name) insert into archive (id, name) select id, name from moved returning name;
with s as (select * from tags where name like 't%'), d as (delete from tags where id in (select id from s) returning id) select count(*) = (select count(*) from d) from s;
with g as (select gen_random_uuid() as id), i as (insert into archive (name) select id::text from g returning name) select g.id::text = i.name from g, i;
begin;
savepoint s;
with x as (insert into archive (name) values ('tx') returning name) select name from x;
with x as (insert into archive (name) values ('tx2') returning name) select 1 / 0 from x;
rollback to s;
select count(*) from archive where name like 'tx%';
with x as (insert into archive (name) values ('tx3') returning name) select name from x;
commit;
select count(*) from archive where name like 'tx%';
with x as (insert into archive (name) values ('a1'), ('a2')), y as (update archive set id = 5 where name = 'tx3') select 'done';
select name, id from archive where name in ('a1', 'a2', 'tx3') order by name;
create table acct (id int primary key, bal int check (bal >= 0));
insert into acct values (1, 100), (2, 0);
with debit as (update acct set bal = bal - 30 where id = 1 returning 30 as amount), credit as (insert into archive (name) select 'moved ' || amount from debit returning name) select * from credit;
with debit as (update acct set bal = bal - 300 where id = 1 returning id) select * from debit;
with debit as (update acct set bal = bal - 30 where id = 1 returning *) select a.bal, debit.bal from acct a, debit where a.id = 1;
select * from acct order by id;
with child as (insert into u values (99, 12345, 'x') returning id) select * from child;
with p as (insert into t (id, a) values (500, 5) returning id) insert into u (id, t_id) select 100, id from p returning t_id;
with d as (delete from t where id = 500 returning id) select (select count(*) from u where t_id = 500), id from d;
select count(*) from u where t_id = 500;
prepare pp (text) as with x as (insert into archive (name) values ($1) returning name) select name || '!' from x;
execute pp ('prepared');
execute pp ('again');
-- simple
with x as (insert into archive (name) values ('simple') returning name) select * from x; select count(*) from archive where name = 'simple';
declare c cursor for with x as (insert into archive (name) values ('cur') returning name) select * from x;
-- refused: a changing WITH inside COPY or CREATE TABLE AS
copy (with x as (insert into archive (name) values ('cur') returning name) select * from x) to stdout;
-- refused: a changing WITH inside COPY or CREATE TABLE AS
create table cc as with x as (insert into archive (name) values ('cc') returning name) select * from x;
insert into archive (name) with x as (delete from tags returning name) select name from x;

-- Columns of the other tables in RETURNING.

create table m (dep text primary key, total numeric, n int default 0);
create table s (id int, dep text, amt numeric);
insert into m values ('a', 0), ('b', 1), ('z', 9);
insert into s values (1, 'a', 10.5), (2, 'a', 20), (3, 'b', 7);
update m set total = x.t from (select dep, count(*) as t from s group by dep) x where x.dep = m.dep returning m.*, x.t;
update m set n = s.id from s where s.dep = m.dep and s.id in (1, 3) returning m.dep, s.id, s.amt + 1, (select count(*) from s s2 where s2.dep = s.dep);
update m as mm set total = total + q.v from (values ('a', 5), ('z', 6)) as q(k, v) where q.k = mm.dep returning mm.dep, mm.total, q.v, q.*;
update m set n = n + 1 from s join s s2 using (dep) where s.dep = m.dep and s.id = s2.id and s.id > 1 and s.id < 3 returning *;
delete from m using s where m.dep = s.dep and s.id = 3 returning m.dep, s.amt;
delete from s using m where m.dep = s.dep returning *;
-- bind: ["z", "w"]
update m set total = 1 from (select $1::text as k) q where q.k = m.dep returning total, $2 || q.k;
with x as (update m set n = 42 from (values ('z', 1)) v(k, q) where v.k = m.dep returning m.n, v.q) select * from x;
update m set n = 1 from s where s.dep = m.dep returning nosuch;
update m set n = 1 from nosuch returning 1;
select * from m order by dep;
