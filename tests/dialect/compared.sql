-- What has no order or equality says so; HAVING, LIMIT and DISTINCT on their edges.

create table compared (id int primary key, a int, c text unique, j json);
insert into compared values (1, 1, 'a', '1'), (2, 2, 'b', '2'), (3, 2, 'c', null);
select count(distinct id), sum(distinct a), avg(distinct a), variance(distinct a), bit_or(distinct id) from compared;
select stddev_pop(distinct a), stddev(distinct id), max(distinct c), sum(distinct a::numeric), var_samp(distinct a::float8) from compared;
select 1 from compared having count(*) > 0;
select 1 from compared having count(*) > 5;
select 1, count(*) from compared where false having true;
select 'x' as y from compared where false having true;
select (select 'in' from compared where id = o.id having count(*) = 1) from compared o order by id;
select 1 from compared having a > 1;
select 1 order by json '1';
select json '1' union select json '2';
select json '1' union all select json '2' order by 1;
select json '1' except all select json '2';
select distinct json '1';
select distinct j, id from compared;
select count(*) from compared group by j;
select array_agg(distinct json '1');
select json_agg(json '1' order by json '1');
select json '1' union all select json '2';
select a from compared limit a;
select a from compared limit (select count(*) from compared) - 1;
select a from compared limit (select compared.a);
select a from compared order by a, id limit 1 + 1 offset 1;
select 1 limit 'x';
select 1 limit true;
select coalesce(a), greatest(c), coalesce(1), least('x') from compared order by 1;
select coalesce(c) from compared group by c order by coalesce(c);
select date '10000-01-01';
select timestamp '0044-03-15 01:02:03 BC';
select count(*) from compared group by (id = 1 and false);
select id from compared order by (id = 1 and false), 2 - 3, id;
select id from compared order by -1;
select id from compared order by 0;
select count(*) from compared group by 0;
select count(*), 2 + 3 from compared group by 2 + 3;
select id % 2, count(*) from compared group by id % 2 order by id % 2, (count(*) > 1 or true);
-- bind: ["a"]
select count(*) from compared where c::varchar is distinct from $1;
-- bind: ["2"]
select count(*) from compared where a is not distinct from $1;
