-- An enum is named in errors as one would write it.
create type "Mood Now" as enum ('ok');
create table t (m "Mood Now");
select 'bad'::"Mood Now";
insert into t values ('bad');
-- bind: ["bad"]
insert into t values ($1);
-- bind: ["bad"]
select $1::text::"Mood Now";
create schema other;
create type other.kind as enum ('a');
select 'b'::other.kind;
