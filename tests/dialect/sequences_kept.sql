-- A sequence that a default counts with stays, or takes the default along.
create sequence counter;
create table counted (id serial primary key, a bigint default nextval('counter'), b text default 'n' || nextval('counter'));
drop sequence counter;
drop sequence counted_id_seq;
drop sequence counter cascade;
insert into counted default values returning *;
drop sequence counted_id_seq cascade;
insert into counted (a) values (1);
select column_name, column_default from information_schema.columns where table_name = 'counted' order by ordinal_position;
