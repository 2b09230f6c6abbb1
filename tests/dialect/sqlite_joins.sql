-- Joins that SQLite 3.40 itself gets wrong.

create table joined (id int primary key);
create table padded (id char(5) primary key, n numeric, i interval);
insert into joined values (1), (2), (7);
insert into padded values ('k224', 1.00, '24:00:00'), ('a', 2.5, '1 mon');
-- a filter by length: equal texts of different lengths
select * from padded as b, joined where b.id = 'k224' order by 4;
select * from padded as b, joined where b.n = 1.0 order by 4;
select * from padded as b, joined where b.i = '1 day' order by 4;
select * from padded as b join joined on b.n = joined.id * 1.0 order by 4;
delete from padded using joined as other where padded.id = 'k224' and other.id is not null and padded.id is not null;
select count(*) from padded;
-- a condition without columns: forgotten rows
select joined.id from generate_series(1, 2) as s(x) join joined a on null::bool full join joined on s.x = joined.id order by 1;
select b.id from joined a join joined c on false full join joined b on a.id = b.id order by 1;
select b.id from joined a join joined c on a.id = c.id and false right join joined b on a.id = b.id order by 1;
select b.id, c.id from joined a join joined c on true right join joined b on a.id = b.id order by 1, 2;
select b.id, (select count(*) from joined x join joined y on b.id = 1 right join joined z on z.id = x.id) from joined b order by 1;
select b.id from joined a right join joined b on false order by 1;
select a.id, b.id from joined a full join joined b on false order by 1, 2;
select a.id, b.id from joined a full join joined b on true order by 1, 2;
select a.id, b.id from joined a left join joined b on false order by 1, 2;
select b.id from joined b full join (joined a join joined c on false) on a.id = b.id order by 1;
-- an arm with a FULL JOIN in a nested UNION ALL
select null::int as c1 from joined u where u.id < null::int union all (select null from (values (1)) as v(x) full join (values (2)) as w(x) on v.x = w.x) union all select null;
select * from (select 5 as x from joined where id > 6 union all select 7 from joined a right join joined b on a.id = b.id) as u order by 1;
-- the arms of an OR over a function
select * from generate_series(-2, -3, 1) as s(x) where null::int4 between symmetric s.x and s.x;
select * from generate_series(-2, 3, 1) as s(x) where s.x = 1 or s.x = 2 or (s.x > 2 and s.x < 10) order by 1;
select s.x from unnest(null::date[]) as s(x) where (s.x, '1 day'::interval) >= (s.x, null::interval);
select b.id from joined a join joined c on (1, a.id) = (null::int, c.id) right join joined b on a.id = b.id order by 1;
