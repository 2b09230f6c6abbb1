select extract(month from created) m, sum(price) from users group by m;
select age from users group by age, name order by name;
select id from users order by name nulls first, age desc nulls last, lower(email);
select id from users order by 1 limit $1 offset $2;
select id from users limit all;
select * from users where age is distinct from $1 and email is not distinct from null;
select nullif(name, ''), coalesce($1, name, 'x') from users;
select $1::int + $2, $3::text || $4, $5::jsonb;
select $1 = 1, 'a' || $2, $3 > now(), lower($4), abs($5::int);
select id from users where name = $1 and ($2::text is null or email = $2);
select id from users where $1 = any(tags) and age = $2 and price > $3 and created > $4 and feeling = $5 and meta = $6 and data = $7 and span > $8;
select to_char(price, '999.99'), to_char(created, 'YYYY-MM-DD'), to_date('2020','YYYY'), to_timestamp(0), to_number('12','99')
