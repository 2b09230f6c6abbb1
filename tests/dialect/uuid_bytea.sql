-- uuid and bytea.

create table ub (id uuid primary key default gen_random_uuid(), b bytea);
insert into ub values ('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '\xdeadbeef'), ('00000000-0000-0000-0000-000000000000', ''), ('{FFFFFFFF-ffff-ffff-ffff-ffffffffffff}', 'abc'), ('b0eebc999c0b4ef8bb6d6bb9bd380a11', null);
select * from ub order by id;
select b from ub order by b;
select id from ub where id = 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11';
select id::text, id > '00000000-0000-0000-0000-000000000000', id in ('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11') from ub order by id;
select 'xyz'::uuid;
select id = 'xyz' from ub;
insert into ub (b) values ('\x01') returning length(id::text), b;
select length(gen_random_uuid()::text), gen_random_uuid() = gen_random_uuid();
select length(b), octet_length(b), b || '\x00', substr(b, 2), substring(b from 1 for 2), position('\xbe' in b), get_byte(b, 0), encode(b, 'hex'), md5(b), trim('\x61' from b) from ub where b <> '' and b is not null order by b;
select get_byte('', 0);
select set_byte('\x0000', 1, 255), overlay('\x001122'::bytea placing '\xff' from 2), reverse('abc'), encode('\x00ff', 'base64'), encode('\x0041', 'escape'), decode('3q2+7w==', 'base64'), decode('deadbeef', 'hex'), decode('a\000b', 'escape');
select decode('xyz', 'hex');
select 'abc'::bytea, '\\x'::bytea, 'a\\b'::bytea, '\141'::bytea, ''::bytea;
select '\x1'::bytea;
select b = '\xdeadbeef', b < '\xff', b like '\xde%', b is null from ub order by id;
select convert_to('ü', 'UTF8'), convert_from('\xc3bc', 'UTF8'), 'ü'::bytea, sha256('abc'), sha512('') is not null;
select convert_from('\xff', 'UTF8');
select count(distinct b), max(length(b)), string_agg(b, '\x2c' order by b) from ub;
-- bind: ["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"]
select b from ub where id = $1;
-- bind: ["hex:a0eebc999c0b4ef8bb6d6bb9bd380a11"]
select b from ub where id = $1;
-- bind: ["hex:deadbeef"]
select id from ub where b = $1;
-- bind: ["\\xdeadbeef"]
select id from ub where b = $1;
-- bind: ["{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11,00000000-0000-0000-0000-000000000000}"]
select id from ub where id = any ($1) order by id;
update ub set b = b || '\x01' where b is not null returning b;
select id from ub order by id desc limit 1;
-- refused: bytes are shown in hexadecimal only
set bytea_output = 'escape';
set bytea_output = 'hex';
select '\x00ff41'::bytea;
select overlay('\x'::bytea, '\x00'::bytea, 2147483647);
select overlay('\x'::bytea placing '\x00'::bytea from 2147483646 for 1), overlay('a' placing '' from 2147483647);
select overlay('a' placing 'bc' from 1 for 2147483647);
