-- What is locked and granted must be there; what rows know of transactions is not.

create table t (id int primary key, v int);
create table u (id int primary key, t_id int, n numeric(6,-2), x numeric(3,5));
insert into t values (1,1),(2,2);
insert into u values (1,1,12345.678,0.00123),(2,9,-50,null),(3,null,49.99,0.001234);
insert into u (id, n) values (9, 99999999);
insert into u (id, n) values (9, 99999950);
-- refused: as by Postgres, rows that may not be there
select t.id from t left join u on u.t_id = t.id for update;
select t.id from t left join u on u.t_id = t.id for update of t;
-- refused: as by Postgres, rows that may not be there
select t.id from t left join u on u.t_id = t.id for update of u;
select t.id from t left join u on u.t_id = t.id where u.id = 1 for update;
select t.id from t left join u on u.t_id = t.id where t.id = 1 for share;
-- refused: as by Postgres, rows that may not be there
select t.id from t right join u on u.t_id = t.id for update of t;
select t.id from t right join u on u.t_id = t.id order by u.id for update of u;
-- refused: as by Postgres, rows that may not be there
select t.id from t full join u on u.t_id = t.id for no key update;
select t.id from t join u on u.t_id = t.id for update;
select a.id from t a left join u b on b.t_id = a.id join t c on c.id = b.id for update;
-- refused: as by Postgres, rows that may not be there
select * from (select t.id from t left join u on u.t_id = t.id for update) q;
begin;
lock table nosuch;
rollback;
begin;
lock table t, x in share mode;
rollback;
begin;
lock table t, u in exclusive mode;
commit;
grant select on t to nosuchrole;
grant select on nosuch to public;
grant select, insert on t, u to public;
revoke all on t from nosuchrole;
grant usage on schema public to app;
grant usage on schema nosuch to app;
grant all on all tables in schema nosuch to app;
grant select on all tables in schema public to app with grant option;
alter default privileges in schema public grant select on tables to nosuchrole;
alter default privileges grant select on tables to app;
grant nosuchrole to app;
grant pg_read_all_data to nosuchrole;
revoke all privileges on all sequences in schema public from public;
grant select (id) on t to public;
-- refused: what rows know of transactions
select xmin from t where false;
-- refused: what rows know of transactions
select t.xmax from t where false;
select q.xmin from (select 1) q;
select xmin from (select 1) q;
select pg_database_size(current_database()) > 0;
