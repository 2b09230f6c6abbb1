-- INSERT ... ON CONFLICT.

create table kv (k text primary key, v int, n int default 0, unique (v));
insert into kv (k, v) values ('a', 1), ('b', 2);
insert into kv (k, v) values ('a', 10) on conflict do nothing;
insert into kv (k, v) values ('a', 10) on conflict (k) do nothing returning *;
insert into kv (k, v) values ('a', 10) on conflict (k) do update set v = excluded.v returning *;
insert into kv (k, v) values ('a', 11), ('c', 3) on conflict (k) do update set v = excluded.v, n = kv.n + 1 returning k, v, n;
insert into kv as old (k, v) values ('a', 12) on conflict (k) do update set v = old.v + excluded.v where old.n < 5 returning *;
insert into kv (k, v) values ('a', 13) on conflict (k) do update set v = excluded.v where kv.n > 100 returning *;
insert into kv (k, v) values ('d', 2) on conflict (k) do nothing;
insert into kv (k, v) values ('d', 2) on conflict (v) do update set k = excluded.k returning *;
insert into kv (k, v) values ('z', 100), ('z', 101) on conflict (k) do update set v = excluded.v;
insert into kv (k, v) values ('z', 100), ('z', 101) on conflict (k) do nothing returning *;
insert into kv (k, v) values ('a', 1) on conflict (nosuch) do nothing;
insert into kv (k, v) values ('a', 1) on conflict (n) do nothing;
insert into kv (k, v) values ('a', 20) on conflict on constraint kv_pkey do update set v = 21 returning *;
insert into kv (k, v) values ('a', 20) on conflict on constraint nosuch do nothing;
insert into kv (k, v) values ('a', 20) on conflict do update set v = 1;
insert into kv select 'q' || i, 200 + i from generate_series(1, 3) i on conflict (k) do update set n = kv.n + 1 returning k;
insert into kv select 'q' || i, 200 + i from generate_series(2, 4) i on conflict (k) do update set n = kv.n + 1 returning k, n;
insert into kv (k, v) values ('a', null) on conflict (k) do update set (v, n) = (excluded.v, 9) returning *;
insert into kv (k, v) values ('a', 5) on conflict (k) do update set v = default, n = default returning *;
select * from kv order by k;
create unique index kv_partial on kv (n) where n > 50;
insert into kv (k, v, n) values ('p', 300, 60);
insert into kv (k, v, n) values ('r', 301, 60) on conflict (n) where n > 50 do update set v = 302 returning k, v, n;
insert into kv (k, v, n) values ('r', 301, 60);
create unique index kv_expr on kv (lower(k));
insert into kv (k, v) values ('A', 400) on conflict (lower(k)) do update set v = 401 returning k, v;
-- bind: ["a", "77"]
insert into kv (k, v) values ($1, $2) on conflict (k) do update set v = excluded.v returning k, v;
-- bind: ["a", "78"]
insert into kv (k, v) values ($1, $2) on conflict (k) do update set v = $2 where kv.k = $1 returning k, v;
