select host('10.0.0.1'::inet), host('10.0.0.1/8'::inet), host('::1/64'::inet), host('10.0.0.0/8'::cidr);
select family('10.0.0.1'::inet), family('::1'::inet), masklen('10.0.0.1'::inet), masklen('::1'::inet), masklen('10.1.2.3/16'::inet), masklen('10.0.0.0/8'::cidr);
select x from (values ('10.0.0.2'::inet), ('::1'), (null)) as t(x) where host(x) like '10.%';
