-- Angles in degrees, sums of regressions, bits of bytes.
create table t (id int, f float8, g float8);
insert into t values (1, 1, 2.5), (2, 2, 4), (3, 3.5, 1), (4, null, null);
select sind(x), cosd(x), tand(x), cotd(x) from (values (0::float8), (30), (45), (60), (90), (120), (135), (150), (180), (210), (270), (300), (330), (360), (-30), (-45), (-90), (720.5), (1e5), (-12.3), (33.3), ('NaN')) v(x);
select sind('Infinity');
select cosd('-Infinity');
select asind(x), acosd(x), atand(x) from (values (0::float8), (0.5), (1), (-1), (-0.5), (0.3), (0.77), (-0.77), ('NaN')) v(x);
select asind(1.5);
select acosd(-1.01);
select atand('Infinity'), atand('-Infinity'), atand(1e300);
select atan2d(x, y) from (values (1::float8, 2::float8), (0, -1), (-1, 0), (0, 0), (-3, -4), ('NaN', 1), ('Infinity', 'Infinity')) v(x, y);
select regr_avgx(f, g), regr_avgy(f, g), regr_sxx(f, g), regr_sxy(f, g), regr_syy(f, g) from t;
select regr_avgx(f, g), regr_avgy(f, g), regr_sxx(f, g), regr_sxy(f, g), regr_syy(f, g) from t where false;
select regr_sxx(f order by id), regr_sxx(1, 2) from t;
select bit_count('\xff01'::bytea), bit_count(''::bytea), bit_count(null::bytea);
select bit_count('x');
select sind('-0'), sind(-360), sind('-0')::text, cosd('-0'), tand('-0'), cotd('-90'), sind(ceil('-0.75'::float8));
