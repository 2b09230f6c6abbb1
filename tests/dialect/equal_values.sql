-- Values that are equal and look different: which of them min() and max() give.
select min(x), max(x) from (values ('0'::float8), ('-0')) v(x);
select min(x), max(x) from (values ('-0'::float8), ('0')) v(x);
select min(x), max(x) from (values ('-0'::float4), ('0')) v(x);
select min(x), max(x) from (values ('a '::char(3)), ('a')) v(x);
select min(x), max(x) from (values ('a'::bpchar), ('a '), ('a  ')) v(x);
select min(x), max(x) from (values ('a  '::bpchar), ('b '), ('a'), ('b')) v(x);
select min(x), max(x) from (values (1.0), (1.00), (1)) v(x);
select min(x), max(x) from (values (interval '24:00'), ('1 day')) v(x);
select min(array[x]), max(array[x]) from (values ('0'::float8), ('-0')) v(x);
select max(x order by n), max(x order by n desc), max(y order by n), max(y order by n desc) from (values (1, 1.0, 'a'::bpchar), (2, 1, 'a ')) v(n, x, y);
-- Over frames that move, too.
create table same (id int primary key, f float8, r float4, c char(3), b bpchar, n numeric, i interval);
insert into same values (1, 0, 0, 'a', 'a', 1.0, '1 day'), (2, 'NaN', 'NaN', 'a', 'a  ', 1, '24:00'), (3, '-Infinity', '-Infinity', 'b', 'b', 'NaN', '1 mon'), (4, -1, 1e30, 'b', 'b ', 5, '30 days'), (5, null, null, null, null, null, null);
select min(f), max(f), min(r), max(r), min(c), max(c), min(b), max(b), min(n), max(n), min(i), max(i) from same;
select c, min(f), max(f), max(b), min(n) from same group by c order by c;
select id, min(f * 1) over w, max(f + 0) over w, min(c) over w, max(b || '') over w, min(b) over w, max(b) over w, max(n) over w, min(n) over w, max(i) over w, min(i) over w from same window w as (order by id rows between 1 preceding and 1 following);
select id, max(array[n, id]) over w, min(array[id]) over w, max(n) filter (where id > 1) over w from same window w as (order by id rows between 1 preceding and current row);
select id, max(n) over (order by id), min(i) over (order by id desc), max(n) over (order by id rows between 2 following and 3 following) from same order by id;
-- A sum of nothing but -0 is -0, an average is not.
select sum(x), avg(x) from (values ('-0'::float8), ('-0')) v(x);
select sum(x), avg(x) from (values ('-0'::float4)) v(x);
select sum(x) from (values ('-0'::float8), ('0')) v(x);
select n, sum(x) over w, avg(x) over w from (values ('-0'::float8, 1), ('-0', 2), ('0', 3), ('-0', 4), ('-0', 5)) v(x, n) window w as (order by n rows 1 preceding);
-- The sign of a NaN is nobody's business.
select array['NaN'::float8, '-NaN', null], array[-'NaN'::float4], -'NaN'::float8;
-- The first of those that are equal is what they are called by.
select mode() within group (order by x), mode() within group (order by x desc) from (values (1.0), (1.00), (2), (1), (2.0), (2.00)) v(x);
select x, count(*) from (values (1.0), (1.00), (2), (1)) v(x) group by x order by x;
select distinct x from (values ('a '::bpchar), ('a'), ('b')) v(x) order by x;
select n from (values (1.0), (1.00), (1.000)) v(n) except all select 1.00;
select n, m from (values (1.0, 'a'), (1.00, 'b'), (2.50, 'c'), (1.000, 'a'), (2.5, 'c')) v(n, m) except all select 1.00, 'b';
select n, m from (values (1.0, 'a'), (1.00, 'a'), (2.5, 'c')) v(n, m) intersect all (values (1.00, 'a'), (1.000, 'a'), (1, 'a'), (2, 'c')) order by 1;
select i from (values (interval '1 day'), (interval '24 hours')) v(i) except all select interval '24 hours';
select n, k from (values (1, 2), (1, 2), (1, 2), (null, 2), (null, 2)) v(n, k) except all (values (1, 2), (null, 2)) order by 1;
