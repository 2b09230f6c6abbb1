-- Digests, keyed digests and random bytes of pgcrypto; UUIDs made of a name.
select digest('a', 'sha256');
create extension pgcrypto;
select digest('a', 'md5'), digest('a', 'sha1'), digest('a', 'SHA224'), digest('a', 'sha256'), digest('a', 'sha384'), digest('a', 'sha512');
select digest('\x6100ff'::bytea, 'sha1'), digest(''::text, 'sha1'), digest('ä', 'sha3-256'), digest(null::text, 'sha1'), digest('a'::text, null);
select pg_typeof(digest('a', 'md5')), encode(digest('pass' || 'word', 'sha1'), 'hex'), length(digest('a', 'sha384'));
select digest('a', 'nothing');
select digest('a', 'NoThing');
select digest('a', '');
select digest('a', repeat('ä', 40)), 1;
-- bind: ["text", "sha256"]
select digest($1::text, $2);
create table notes (id int, body varchar(20), raw bytea);
insert into notes values (1, 'one', '\x01'), (2, 'two', '\x00'), (3, null, null);
select id, encode(digest(body, 'sha1'), 'hex') as hash, digest(raw, 'md5') from notes order by id;
select id from notes where encode(digest(body, 'md5'), 'hex') = md5('two');
create index notes_by_hash on notes (digest(body, 'sha1'));
select id from notes order by digest(body, 'sha1'), id;
select hmac('text', 'key', 'sha256'), hmac('\x74'::bytea, '\x6b'::bytea, 'md5'), hmac('', '', 'sha1');
select hmac('text', repeat('key', 100), 'sha512');
select hmac('text', 'key', 'nothing');
select hmac('text', null, 'md5');
select length(gen_random_bytes(1)), length(gen_random_bytes(1024)), gen_random_bytes(16) = gen_random_bytes(16);
select count(distinct gen_random_bytes(8)) from generate_series(1, 20);
select gen_random_bytes(0);
select gen_random_bytes(1025);
select gen_random_bytes(null);
create table tokens (id int, token text default encode(gen_random_bytes(6), 'hex'));
insert into tokens (id) values (1), (2);
select count(distinct token), min(length(token)) from tokens;
-- refused: passwords are not stretched
select crypt('a', 'b');
create extension "uuid-ossp";
select uuid_ns_dns(), uuid_ns_url(), uuid_ns_oid(), uuid_ns_x500();
select uuid_generate_v3(uuid_ns_dns(), 'www.example.com'), uuid_generate_v5(uuid_ns_dns(), 'www.example.com');
select uuid_generate_v5('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', ''), uuid_generate_v5(uuid_ns_url(), 'ä'), uuid_generate_v3(uuid_nil(), null);
