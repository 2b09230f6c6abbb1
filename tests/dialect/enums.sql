-- Enums.

create type mood as enum ('sad', 'ok', 'happy');
create table em (id int primary key, m mood, h mood[] default '{}', d mood not null default 'ok');
insert into em (id, m, h) values (1, 'happy', '{sad,happy}'), (2, 'sad', null), (3, null, '{}'), (4, 'ok', array['ok'::mood, null]);
select id, m, h::text, d from em order by id;
select m from em order by m;
select m from em order by m desc nulls last;
select max(m), min(m), count(distinct m) from em;
select m < 'happy', m > 'sad', m = 'ok', m <> 'ok', m between 'sad' and 'ok' from em order by id;
select m, count(*) from em group by m order by m;
select m::text, m || '!', upper(m::text), length(m::text), 'sad'::mood::text from em order by id;
select m in ('sad', 'ok'), m = any ('{sad,happy}'), 'sad' = any (h), m = any (h) from em order by id;
select array_agg(m order by m)::text, string_agg(m::text, ',' order by m) from em;
select enum_range(null::mood), enum_first(null::mood), enum_last(null::mood), enum_range('ok'::mood, null);
select 'bad'::mood;
insert into em (id, m) values (9, 'bad');
insert into em (id, m) values (9, 'Happy');
select m = 1 from em;
select m = 'bad' from em;
select m + 1 from em;
update em set m = 'happy' where m = 'sad' returning id, m, d;
select coalesce(m, 'ok'), case when m = 'ok' then 'sad'::mood else m end, nullif(m, 'ok'), greatest(m, 'ok') from em order by id;
-- bind: ["ok"]
select id from em where m = $1 order by id;
-- bind: ["sad"]
insert into em (id, m) values (5, $1) returning m;
-- bind: ["{sad,ok}"]
select id from em where m = any ($1) order by id;
-- bind: ["nope"]
select id from em where m = $1;
select m, lag(m) over (order by m, id) from em order by m, id;
alter type mood add value 'ecstatic' after 'happy';
insert into em (id, m) values (6, 'ecstatic');
select m from em order by m desc nulls last limit 2;
alter type mood add value 'meh' before 'ok';
select 'meh'::mood < 'ok'::mood, 'meh'::mood > 'sad'::mood;
alter type mood rename value 'meh' to 'bored';
select enum_range(null::mood);
alter type mood add value 'ok';
alter type mood add value if not exists 'ok';
create type mood as enum ('x');
drop type mood;
select pg_typeof(m)::text, to_json(m), jsonb_build_object('m', m) from em where id = 1;
select distinct m from em order by m;
select m::text::mood = m from em where id = 1;
create index on em (m);
select id from em where m > 'sad' order by m, id;
