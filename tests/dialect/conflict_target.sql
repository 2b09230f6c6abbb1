-- Which index an ON CONFLICT target means.

create table t (id int primary key, a text, b text, c int);
create unique index t_a on t (a) where c > 0;
create unique index t_b on t (b) include (c);
insert into t values (1, 'a', 'b', 1), (2, 'x', 'y', -1);
insert into t values (1, 'q', 'q', 1) on conflict (id) where c > 5 do nothing;
-- bind: ["1", "5"]
insert into t values ($1, 'q', 'q', 1) on conflict (id) where c > $2::int do update set c = 9 returning *;
insert into t values (3, 'a', 'z', 1) on conflict (a) where c > 0 do update set c = 7 returning *;
insert into t values (4, 'x', 'w', 2) on conflict (a) where c > 0 do update set c = 8 returning *;
insert into t values (5, 'a', 'v', 1) on conflict (a) do nothing;
insert into t values (6, 's', 'b', 4) on conflict (b) do update set a = 'met' returning *;
-- bind: ["0"]
insert into t values (7, 'a', 'u', 1) on conflict (a) where c > $1::int do nothing;
select * from t where id < 7 order by id;
