-- a field that is read twice, and one that is zero
select to_date('10000000-01-01', 'YYYYYYYY-MM-DD');
select to_date('2023 2023-01', 'YYYY YYYY-MM'), to_date('2023-00-10', 'YYYY-MM-DD'), to_date('2023-05-00', 'YYYY-MM-DD');
select to_timestamp('05 06', 'HH24 HH12');
select to_timestamp('05 05 07', 'MI MI SS');
select to_date('01 02', 'MM MM');
select to_char(x, '99V9'), to_char(x, 'S999V99'), to_char(x::float8, '99V9'), to_char(x, '9V') from (values ('Infinity'::numeric), ('-Infinity'), ('NaN'), (1.25)) v(x);
