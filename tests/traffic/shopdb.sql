-- What was in the database when clients came that found one: made again from
-- what they were told of it.
create type mood as enum ('sad', 'ok', 'happy');
create table author (
	id serial primary key,
	name varchar(80) not null unique,
	born date,
	rating numeric(3, 1) default 0 check (rating >= 0),
	m mood default 'ok',
	tags text[],
	meta jsonb default '{}',
	created_at timestamptz not null default now(),
	active boolean not null default true
);
create table book (
	id bigserial primary key,
	author_id integer not null references author (id) on delete cascade,
	title varchar(200) not null,
	isbn char(13) unique,
	price numeric(10, 2),
	u uuid,
	blob bytea,
	pub timestamp,
	dur interval,
	t time,
	ip inet
);
create index book_title_idx on book (lower(title), author_id desc);
create index book_cheap_idx on book (price) where price < 10;
create view v_book as select b.id, b.title, a.name as author from book b join author a on a.id = b.author_id;
create sequence s1 start 5 increment 2;
comment on table author is 'who writes';
comment on column author.born is 'may be unknown';
insert into author (name, born, rating, m, tags, meta, created_at) values
	('Ada', '1815-12-10', 9.5, 'happy', '{a,b}', '{"k": [1, 2]}', '2024-01-02 03:04:05.678+00'),
	('Bob', null, 0, 'sad', null, null, '2024-02-03 04:05:06+00');
insert into book (author_id, title, isbn, price, u, blob, pub, dur, t, ip) values
	(1, 'Notes', '9780000000001', 12.50, '00000000-0000-0000-0000-000000000005', '\x00ff',
	 '2024-03-04 05:06:07', '1 day 02:03:04', '05:06:07', '10.0.0.1');
create table pgbench_branches (bid int not null primary key, bbalance int, filler char(88));
create table pgbench_tellers (tid int not null primary key, bid int, tbalance int, filler char(84));
create table pgbench_accounts (aid int not null primary key, bid int, abalance int, filler char(84));
create table pgbench_history (tid int, bid int, aid int, delta int, mtime timestamp, filler char(22));
insert into pgbench_branches values (1, 0);
insert into pgbench_tellers values (1, 1, 0), (2, 1, 0), (10, 1, 0);
insert into pgbench_accounts values (17185, 1, 0), (88287, 1, 0);
