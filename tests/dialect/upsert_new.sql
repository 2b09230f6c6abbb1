-- xmax = 0 in RETURNING of an upsert: whether the row is new.

create table k (id int primary key, email text unique, n int default 0);
insert into k values (1, 'a') returning xmax, xmax = 0 as inserted;
insert into k values (1, 'b') on conflict (id) do update set email = excluded.email, n = k.n + 1 returning id, (xmax = 0) as inserted;
insert into k values (2, 'c') on conflict (id) do update set email = excluded.email returning id, (xmax = 0) as inserted, n;
insert into k values (1, 'x'), (3, 'y'), (2, 'z') on conflict (id) do update set email = excluded.email returning id, xmax = 0, xmax <> 0, xmax::text = '0', xmax::text::bigint > 0, k.xmax = 0;
insert into k (id, email) select i, 'm' || i from generate_series(2, 5) i on conflict (id) do update set n = k.n + 10 where k.id <> 3 returning id, case when xmax = 0 then 'new' else 'old' end;
insert into k values (9, 'm4') on conflict (email) do update set id = 40 returning *, xmax = 0 as fresh;
insert into k values (1, 'q') on conflict do nothing returning xmax;
insert into k values (50, 'q') on conflict do nothing returning xmax;
with u as (insert into k values (1, 'w'), (60, 'v') on conflict (id) do update set n = 99 returning id, xmax = 0 as ins) select * from u order by id;
insert into k values (61, 'u') on conflict (id) do update set n = 1 returning sum(xmax);
-- refused: only of rows that are inserted
select xmax from k;
-- refused: only of rows that are inserted
update k set n = 1 where id = 1 returning xmax = 0;
insert into k values (63, 'wx') on conflict (id) do update set n = 1 returning *;
create table ch (k int references k on update cascade);
insert into ch values (1), (2);
insert into k values (1, 'cc') on conflict (id) do update set id = 101 returning id, xmax = 0;
