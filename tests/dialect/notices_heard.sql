-- Who hears what: client_min_messages.

drop table if exists nope;
drop type if exists public.ke, ke2;
set client_min_messages to warning;
drop table if exists nope;
-- simple
do $$ begin raise notice 'a'; raise warning 'b'; raise info 'c'; end $$;
commit;
set client_min_messages to error;
commit;
reset client_min_messages;
-- simple
do $$ begin raise notice 'a'; raise debug 'd'; end $$;
