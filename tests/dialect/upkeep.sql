-- What keeps tables in order, and rows that cannot be locked.

create table t (id int primary key, v text);
create index t_v on t (v);
reindex table t;
reindex index t_v;
reindex index nosuch;
reindex table nosuch;
cluster t using t_pkey;
cluster t using nosuch;
cluster;
select count(*) from t for update;
select v, count(*) from t group by v for share;
select distinct v from t for no key update;
select id, row_number() over () from t for update;
select id from t order by id for update;
select id, v from t where id = 1 for key share;
