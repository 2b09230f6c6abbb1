-- unnest() of several arrays of another table's row, as Django asks for keys.
select t.id, u.a, u.b, u.n from (values (1, array[1, 2], array['x']), (2, array[]::int[], array['y', 'z'])) as t(id, p, q), unnest(p, q) with ordinality as u(a, b, n) order by 1, 4;
select u.a, u.b from unnest(array[1, 2], array['x']) as u(a, b) order by 1;
select s.x, u.a from (values (1), (3)) as s(x) right join unnest(array[1, 2], array['x', 'y']) as u(a, b) on u.a = s.x order by 2;
