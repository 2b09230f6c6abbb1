-- FULL JOIN: Postgres must be able to put the rows of both sides side by side.

create table t (id int primary key, a int, b text);
insert into t values (1, 1, 'x'), (2, 2, 'y'), (3, null, 'x');
select * from t a full join t b on a.id < b.id;
select a.id, b.id from t a full join t b on true order by 1, 2;
select a.id, b.id from t a full join t b on false order by 1, 2;
select a.id, b.id from t a full join t b on null order by 1, 2;
select a.id, b.id from t a full join t b on a.id = 1 order by 1, 2;
select a.id, b.id from t a full join t b on a.id = 1 and b.id = 2 order by 1, 2;
select a.id, b.id from t a full join t b on a.id + b.id = 3 order by 1, 2;
select a.id, b.id from t a full join t b on a.b like b.b order by 1, 2;
select a.id, b.id from t a full join t b on a.id is not distinct from b.id order by 1, 2;
select a.id, b.id from t a full join t b on a.id <> b.id and a.a is null;
select a.id, b.id from t a full join t b on a.id = b.id and a.a < b.a order by 1, 2;
select a.id, b.id from t a full join t b on a.id + 1 = b.id * 1 and a.a < b.a order by 1, 2;
select a.id, b.id from t a full join t b on (a.id, a.a) = (b.id, b.a) order by 1, 2;
select a.id, b.id from t a full join t b on (a.id, b.a) = (b.id, a.a) order by 1, 2;
select a.id, b.id from t a full join t b using (a) order by 1, 2;
select a.id, b.id from t a full join t b on a.id < b.id where a.id is not null and b.id is not null order by 1, 2;
select a.id, b.id from t a full join t b on a.id < b.id where a.id = 1 order by 1, 2;
select count(*) from (select a.id from t a full join t b on a.id = b.id) q;
with q as (select a.id from t a full join t b using (id)) select count(*) from q;
