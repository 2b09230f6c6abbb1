-- What `prisma db push` had made when the client came.
create type "Role" as enum ('A', 'B');
create table "User" (
	id serial not null,
	email text not null,
	name text,
	at timestamp(3) not null default current_timestamp,
	meta jsonb,
	bal decimal(10, 2) not null default 0,
	role "Role" not null default 'A',
	tags text[],
	constraint "User_pkey" primary key (id)
);
create table "Post" (id text not null, t text not null, uid integer not null, constraint "Post_pkey" primary key (id));
create unique index "User_email_key" on "User" (email);
alter table "Post" add constraint "Post_uid_fkey" foreign key (uid) references "User" (id) on delete restrict on update cascade;
