-- INSERT, UPDATE, DELETE with RETURNING.

create table t (id serial primary key, name text not null default 'anon', qty int check (qty >= 0), price numeric(8, 2), at timestamptz default '2024-01-01 00:00+00', tags text[] default '{}');
insert into t default values returning *;
insert into t (name, qty, price) values ('a', 1, 1.005), ('b', 2, 2), ('c', null, 3.999) returning id, name, qty, price;
insert into t (name) select 'gen' || n from generate_series(1, 3) as n returning id, name;
insert into t (qty, name) values (default, default) returning qty, name;
insert into t values (100, 'explicit') returning id as new_id, upper(name) as up, id * 2, tags;
insert into t (name) values (null);
insert into t (qty) values (-1);
insert into t (id) values (1);
insert into t (nosuch) values (1);
insert into t (name, name) values ('a', 'b');
insert into t (name, qty) values ('a');
insert into t (qty) values ('abc');
insert into t (qty) values ('7') returning qty;
insert into t (price) values (12345678.9);
update t set qty = coalesce(qty, 0) + 10 where id < 3 returning id, qty;
update t set name = name || '!', price = price * 2 where name = 'a' returning *;
update t set qty = default, at = default where id = 2 returning id, qty, at;
update t set (name, qty) = ('both', 5) where id = 3 returning name, qty;
update t set (name, qty) = (select 'sub', 6) where id = 3 returning name, qty;
update t set qty = -5 where id = 1;
update t set id = 2 where id = 1;
update t set nosuch = 1;
update t set qty = u.q from (values (1, 77), (2, 88)) as u(id, q) where t.id = u.id returning t.id, t.qty, u.q;
update t as x set name = 'alias' where x.id = 4 returning x.name, x.*;
update t set qty = 1 where false returning id;
update t set name = 'everyone' where id > 1000;
delete from t where id = 100 returning id, name;
delete from t using (values (5), (6)) as d(n) where t.id = d.n returning t.id;
delete from t where id = 12345;
delete from t as d where d.id = 7 returning d.*;
select id, name, qty, price from t order by id;
with moved as (delete from t where id = 4 returning id, name) select * from moved;
with ins as (insert into t (name, qty) values ('cte', 3) returning id, qty) select qty, id > 0 from ins;
insert into t (name, qty) values ('x', 1), ('y', (select max(qty) from t)) returning name, qty > 0;
-- bind: ["bound", "9", "1.25"]
insert into t (name, qty, price) values ($1, $2, $3) returning name, qty, price;
-- bind: ["9", "bound"]
update t set qty = qty + $1 where name = $2 returning qty;
-- bind: ["bound"]
delete from t where name = $1 returning qty, price;
insert into t (id, name) overriding system value values (500, 'o') returning id;
insert into t (name) values ('a') returning nosuch;
insert into t (name) values ('e') returning (select 1), now() is not null;
-- refused: a subquery in RETURNING over the same table
insert into t (name) values ('e') returning (select count(*) > 0 from t);
insert into nosuch values (1);
delete from nosuch;
insert into t (tags) values (array['a', 'b']), ('{c}') returning tags, cardinality(tags);
-- Columns that are NULL in RETURNING.
create table was_null (id int primary key, w bool, t text, n int, q int not null default 3, d numeric(5,2));
insert into was_null values (1, true), (2, null), (3, false);
update was_null set w = null returning w is unknown, w is not unknown, row(w, t) is null, row(w, id) is not null, (t, n) is null;
update was_null set t = null returning t in ('a', 'b'), t not in ('a'), n in (1, 2), n in (1, null), n not in (1), id in (n, 1), coalesce(n, 5), coalesce(n, q), case n when 1 then 'x' else 'y' end, n = any(array[1]), n between 1 and 2, t like 'a', not w, w and true, w or false, n is distinct from null, t is not distinct from null, nullif(n, 1), greatest(n, null), d in (1, 2), n + 1, (n, t) = (1, 'a'), n in (select 1), n not in (select q from (values (1)) v(q)), exists (select 1 where n is null), case when n is null then 1 end, case when w then 1 else 0 end, n is null and t is null, (select n is null), (select count(*) from (values (1), (null)) v(x) where x is null);
delete from was_null where id = 1 returning t in ('a', 'b'), t not in ('a'), n in (1, 2), n in (1, null), n not in (1), id in (n, 1), coalesce(n, 5), case n when 1 then 'x' else 'y' end, n = any(array[1]), w is unknown;
insert into was_null (id) values (7) returning t in ('a', 'b'), t not in ('a'), n in (1, 2), n in (1, null), n not in (1), id in (n, 1), coalesce(n, 5), case n when 1 then 'x' else 'y' end, n = any(array[1]), w is unknown, d in (1,2);
create table upd_o (id int primary key, total numeric(10,2), note text);
insert into upd_o values (1, 10, 'a'), (2, 20, null);
update upd_o set note = upper(note) from (select 1 as n) s returning s.n;
update upd_o o set total = o.total + s.n, note = lower(coalesce(note, 'NONE')) from (select id, count(*) as n from upd_o group by id) s where s.id = o.id returning o.id, o.total, s.n, o.note;
