-- DO as migrations write it: guards around DDL, and little more.

do 'begin create type mood as enum (''sad'', ''ok''); exception when duplicate_object then null; end';
do 'begin create type mood as enum (''sad'', ''ok''); exception when duplicate_object then null; end';
select enumlabel from pg_enum order by enumsortorder;
create table t (id int primary key, m mood, n int check (n > 0));
do $$ begin
 create table t (x int);
exception
 when duplicate_table or undefined_table then raise notice 'there: %', (select count(*) from t);
end $$;
do $$
begin
	if not exists (select 1 from pg_type where typname = 'colour') then
		create type colour as enum ('red', 'green');
	end if;
	if not exists (select 1 from pg_type where typname = 'colour') then
		create type colour as enum ('red', 'green');
	else
		insert into t values (1, 'ok', 1);
	end if;
end
$$;
select * from t;
do $body$ begin
 insert into t values (2, 'ok', 2);
 begin
  insert into t values (3, 'ok', 3);
  insert into t values (2, 'sad', 4); -- a comment; with a semicolon
 exception when unique_violation then
  insert into t values (4, 'sad', 5);
 end;
 /* and /* nested */ ; */
 update t set n = n + 10 where id = 2;
end; $body$ language plpgsql;
select * from t order by id;

-- what is not caught undoes all of it
do $$ begin insert into t values (9, 'ok', 9); insert into t values (10, 'ok', -1); exception when unique_violation then null; end $$;
select count(*) from t;
do $$ begin insert into t values (9, 'ok', 9); insert into t values (10, 'ok', -1); exception when integrity_constraint_violation then insert into t values (11, 'ok', 11); end $$;
select id from t order by id;
do $$ begin perform 1/0; exception when others then raise warning 'caught'; end $$;
do $$ begin perform 1/0; exception when sqlstate '22012' then null; end $$;
do $$ begin perform 1/0; end $$;
do $$ begin raise exception 'no: % of %%', 7; end $$;
do $$ begin raise exception 'never'; exception when raise_exception then null; end $$;
do $$ begin raise notice 'null is % and % is %', null, 'x', 1.50; end $$;
do $$ begin execute 'create table made (a int)'; execute format('insert into %I values (%s)', 'made', 4); end $$;
select * from made;
do $$ begin if false then perform 1/0; elsif (select count(*) from made) = 1 then update made set a = 5; else perform 1/0; end if; end $$;
select * from made;
do $$ begin if null then perform 1/0; end if; end $$;

-- in a transaction, and behind a failure in one
begin;
do $$ begin insert into made values (6); begin insert into nowhere values (1); exception when undefined_table then insert into made values (7); end; end $$;
select * from made order by a;
savepoint s;
do $$ begin insert into made values (8); perform 1/0; end $$;
rollback to s;
select * from made order by a;
do $$ begin alter table made add column b text default 'b'; begin alter table made add column b text; exception when duplicate_column then null; end; insert into made values (9, 'c'); end $$;
commit;
select * from made order by a;
do $$ begin set local work_mem = '1MB'; perform set_config('application_name', 'inside', false); end $$;
show application_name;
do $$ begin begin set application_name = 'undone'; perform 1/0; exception when division_by_zero then null; end; end $$;
show application_name;

-- mistakes
do $$ begin select 1; end $$;
do $$ begin insert into made values (1) returning a; end $$;
do $$ begin selec 1; end $$;
do $$ begin null; $$;
do $$ begin null end $$;
do $$ null; $$;
do $$ begin perform 1/0; exception when no_such_condition then null; end $$;
do $$ begin raise notice 'one % only', 1, 2; end $$;
do $$ begin raise notice 'two % %', 1; end $$;
do $$ begin execute null; end $$;
do $$ begin execute 'selec'; end $$;
do $$ begin end $$;
do 'begin null; end' language plpgsql;

-- refused: variables
do $$ declare x int; begin null; end $$;
-- refused: loops
do $$ begin for i in 1..3 loop insert into made values (i); end loop; end $$;
-- refused: loops
do $$ begin loop exit; end loop; end $$;
-- refused: one inside the other
do $$ begin execute 'do ''begin null; end'''; end $$;
-- refused: transactions of its own
do $$ begin commit; end $$;
