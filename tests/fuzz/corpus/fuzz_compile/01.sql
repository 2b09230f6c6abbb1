select sum(views)::int from posts;
select avg(score), stddev(age), variance(price) from users;
select date_trunc('month', created)::date as month, count(*) from users group by 1 order by 1;
select created::date, extract(year from created), date_part('dow', created) from users;
select now() - created from users;
select created + interval '1 day' * age from users;
select (now() at time zone 'utc')::date;
select * from users where created >= now() - interval '7 days';
select * from users where created between $1 and $2;
select * from users where born = '2020-01-01' and created > '2020-01-01T00:00:00Z';
select * from users where meta->>'key' = 'v' and meta->'a'->>'b' = $1;
select * from users where meta @> $1
