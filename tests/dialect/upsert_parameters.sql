-- A parameter in the condition of a target stands for the partial index's constant.
create table job (id int primary key, queue text, state text, priority int, payload text);
create unique index job_open on job (queue) where state = 'open';
create unique index job_first on job (state) where priority > 5;
create unique index job_lower on job (lower(queue)) where state = 'it''s ?1' and priority = 3;
-- bind: ["1", "mail", "open", "1", "a", "open"]
insert into job values ($1::int, $2, $3, $4::int, $5) on conflict (queue) where state = $6 do update set payload = excluded.payload returning *;
-- bind: ["2", "mail", "open", "1", "b", "open"]
insert into job values ($1::int, $2, $3, $4::int, $5) on conflict (queue) where state = $6 do update set payload = excluded.payload returning *;
-- bind: ["3", "mail", "open", "1", "c", "open"]
insert into job values ($1::int, $2, $3, $4::int, $5) on conflict (queue) where state = $6 do nothing returning *;
-- bind: ["4", "post", "open", "1", "d", "done"]
insert into job values ($1::int, $2, $3, $4::int, $5) on conflict (queue) where state = $6 do nothing returning *;
-- bind: ["5", "mail", "open", "1", "e", null]
insert into job values ($1::int, $2, $3, $4::int, $5) on conflict (queue) where state = $6 do nothing returning *;
-- bind: ["6", "fax", "done", "7", "f", "5"]
insert into job values ($1::int, $2, $3, $4::int, $5) on conflict (state) where priority > $6 do update set payload = job.payload || excluded.payload returning *;
-- bind: ["7", "fax", "done", "8", "g", "5"]
insert into job values ($1::int, $2, $3, $4::int, $5) on conflict (state) where priority > $6 do update set payload = job.payload || excluded.payload returning *;
-- bind: ["8", "X", "it's ?1", "3", "h", "it's ?1", "3"]
insert into job values ($1::int, $2, $3, $4::int, $5) on conflict (lower(queue)) where state = $6 and priority = $7 do update set payload = excluded.payload returning *;
-- bind: ["9", "x", "it's ?1", "3", "i", "it's ?1", "3"]
insert into job values ($1::int, $2, $3, $4::int, $5) on conflict (lower(queue)) where state = $6 and priority = $7 do update set payload = excluded.payload returning *;
-- bind: ["open"]
insert into job (id, queue, state) select 10, 'mail', 'open' where false on conflict (queue) where state = $1 do nothing;
-- bind: ["shut"]
insert into job (id, queue, state) select 10, 'mail', 'open' where false on conflict (queue) where state = $1 do nothing;
-- bind: ["open"]
with made as (insert into job (id, queue, state) values (11, 'mail', 'open'), (12, 'pigeon', 'open') on conflict (queue) where state = $1 do nothing returning id) select * from made;
select * from job order by id;
