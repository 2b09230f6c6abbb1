-- generate_series and other functions in FROM and in the select list.

select * from generate_series(1, 5);
select * from generate_series(5, 1, -2) as x;
select * from generate_series(1, 0);
select * from generate_series(1, 3, 0);
select * from generate_series(1, null);
select x, x * x from generate_series(1, 4) as g(x);
select * from generate_series(1.1, 3.3, 1.1) as n;
select * from generate_series(9223372036854775806, 9223372036854775807);
select * from generate_series(2147483646, 2147483647);
select d::date from generate_series('2024-01-30'::date, '2024-02-02', '1 day') as d;
select * from generate_series(timestamp '2024-01-31', '2024-05-01', '1 month') as m;
select * from generate_series(timestamp '2024-01-02', '2024-01-01', '-6 hours') as h;
select generate_series(1, 3), 'x';
select generate_series(1, 2), generate_series(1, 3);
select generate_series(1, 3) + 10 as y;
select * from generate_series(1, 3) with ordinality;
select * from generate_series(1, 3) with ordinality as t(v, n) where n > 1;
select a, b from generate_series(1, 2) a, generate_series(1, 2) b order by a, b;
select a, b from generate_series(1, 3) a left join generate_series(2, 4) b on a = b order by a;
select sum(x), count(*), avg(x) from generate_series(1, 100) x;
select x % 3 as r, count(*) from generate_series(1, 10) x group by r order by r;
select x from generate_series(1, 10) x where x % 2 = 0 order by x desc limit 3;
select x, y from generate_series(1, 3) x, lateral generate_series(1, x) y order by x, y;
select x, (select count(*) from generate_series(1, x)) from generate_series(1, 3) x;
select exists (select from generate_series(1, 0)), array(select generate_series(1, 4));
create table gs as select x as id, 'n' || x as name, x::numeric / 3 as v from generate_series(1, 5) as x;
select * from gs order by id;
insert into gs select x, 'more' from generate_series(6, 7) x returning *;
select max(id) from gs;
select count(*) from generate_series(1, 10000);
select * from unnest(array[3, 1, 2]) as u order by u;
select * from regexp_split_to_table('a,b', ',') as r;
select * from string_to_table('a-b-', '-') as r;
select * from json_array_elements('[1, {"a": 2}]') as e;
select * from jsonb_each_text('{"b": 1, "a": null}') as e order by key;
select k, v from jsonb_each('{"x": [1]}') as e(k, v);
select * from now() as n where n is null;
select * from lower('ABC') as l;
select l.* from lower('ABC') l, upper('x') u;
select * from current_date as d where d = current_date - 1;
select g from generate_series(1, 2) g;
select g.g from generate_series(1, 2) g;
select generate_series from generate_series(1, 2);
select * from nosuch_function(1);
select generate_series(1, 3) from gs where id = 1 order by 1 desc;
select id, generate_series(1, id) from gs where id <= 2 order by 1, 2;
select distinct generate_series(1, 3) % 2 as m order by m;
-- bind: ["3"]
select * from generate_series(1, $1);
-- bind: ["2"]
select x from generate_series(1, 5) x limit $1;
-- bind: ["1", "3"]
select x from generate_series($1::int, $2::int) x order by x desc;
select case when x > 1 then generate_series(1, 2) end from (values (1), (2)) v(x);
