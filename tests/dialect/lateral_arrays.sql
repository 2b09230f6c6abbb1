-- unnest() of several arrays of another table's row, as Django asks for keys.
select t.id, u.a, u.b, u.n from (values (1, array[1, 2], array['x']), (2, array[]::int[], array['y', 'z'])) as t(id, p, q), unnest(p, q) with ordinality as u(a, b, n) order by 1, 4;
select u.a, u.b from unnest(array[1, 2], array['x']) as u(a, b) order by 1;
select s.x, u.a from (values (1), (3)) as s(x) right join unnest(array[1, 2], array['x', 'y']) as u(a, b) on u.a = s.x order by 2;
-- Floats of all kinds, and bytes.
create table kinds (id int primary key, f float8, r float4, y bytea);
insert into kinds values (1, 'NaN', 'NaN', '\x00ff'), (2, 'Infinity', '-Infinity', '\x'), (3, 1.1, 1.1, null), (4, null, null, 'abc'), (5, 1e300, 3.4e38, '\xde'), (6, 5e-324, 1e-45, '\x61');
select k.id, q.* from kinds k, lateral (select x.id as other, k.f, k.r, k.y, x.f - 1, -k.f, '-0'::float8, k.y || x.y from kinds x where x.id = k.id) q order by k.id;
select k.id, q.* from kinds k left join lateral (select k.f as a, k.r as b where k.id > 1) q on q.a = k.f order by 1;
select k.id, q.* from kinds k join lateral (select k.f as a, x.y as b from kinds x) q on q.a = k.f order by 1, 3;
