-- Keys of several columns, and what sequences say of themselves.

create table t (id int not null, cid int not null, primary key (id), unique (id, cid),
	constraint twice foreign key (cid, cid) references t (id, cid));
insert into t values (1, 1);
insert into t values (2, 1);
insert into t values (2, 2), (3, 3);
delete from t where id = 1;
select conname, conkey, confkey from pg_constraint where conrelid = 't'::regclass order by 1;
create table u (a int, foreign key (a, a) references t (id, id));
create table u (a int, primary key (a, a));
create table u (a int, unique (a, a));
create sequence s cache 7 increment 2;
create table i (id int generated always as identity (start 2 increment 3 minvalue -2 maxvalue 42 cycle cache 4));
select seqrelid::regclass::text, seqstart, seqincrement, seqmax, seqmin, seqcache, seqcycle from pg_sequence order by 1;
alter sequence s cache 9;
alter sequence s owned by i.id;
select cache_size from pg_sequences order by 1;
create sequence z cache 0;
-- refused: SQLite's names do not differ by case
create table "T" (x int);
-- refused: SQLite's names do not differ by case
create view "I" as select 1 as x;
create table if not exists t (x int);
