-- CREATE RECURSIVE VIEW.

create table tree (id int primary key, boss int, name text);
insert into tree values (1, null, 'a'), (2, 1, 'b'), (3, 2, 'c');
create recursive view nums (n) as values (1) union all select n + 1 from nums where n < 5;
select * from nums order by n;
create recursive view "Deep" (id, "Depth", path) as select id, 1, name from tree where boss is null union all select t.id, d."Depth" + 1, d.path || '/' || t.name from tree t join "Deep" d on d.id = t.boss;
select * from "Deep" order by 1;
select t.name, d."Depth" from tree t left join "Deep" d using (id) where d."Depth" > 1 order by 1;
select column_name, data_type from information_schema.columns where table_name = 'Deep' order by ordinal_position;
create or replace recursive view nums (n) as values (1) union all select n + 1 from nums where n < 3;
select sum(n) from nums;
create or replace recursive view nums (m) as values (1) union all select m + 1 from nums where m < 3;
create recursive view nums (n) as select 1;
create recursive view plain (n) as select 1;
select * from plain;
create recursive view few (a, b) as select 1;
create recursive view bad (n) as select 1 union all select n from bad left join tree on true where n < $1;
create recursive view bad (n) as select 1 union all select tree.id from tree left join bad on true;
create view over_nums as select n * 2 as d from nums;
select * from over_nums order by 1;
drop view nums;
drop view nums cascade;
drop view "Deep";
create recursive view tmpv (n) as values (1) union all select n + 1 from public.tmpv;
