-- Names of types, functions and operators, and the catalogs that list
-- Postgres's own: each as regtype, regproc, regoper read and print them.

select oid, typname from pg_type where oid < 16384 and typtype <> 'c' order by 1;
select 'pg_catalog.array_in'::regproc, 'array_in'::regproc::oid;
select amhandler, amname, p.prosrc from pg_am a join pg_proc p on p.oid = a.amhandler order by 2;
set search_path to '';
create type public.mood as enum ('a');
create table public.tt (a int);
select 'mood'::regtype;
-- simple
select 'public.mood'::regtype, 'public._mood'::regtype, 'public.mood[]'::regtype, 'public.tt'::regtype, 'public._tt'::regtype;
select 'tt'::regclass;
select count(*) from tt;
reset search_path;
-- simple
select 'mood'::regtype, '_mood'::regtype, 'mood[]'::regtype, 'tt'::regtype, '_tt'::regtype, 'public.tt[]'::regtype;
select 'pg_catalog.mood'::regtype;
select 'nowhere.mood'::regtype;
select 'abs'::regproc;
select 'nope'::regproc;
select 'nope.x'::regproc;
select 1397::regproc, 1397::regprocedure, 'pg_catalog.now'::regproc, 'now()'::regprocedure;
select '+'::regoper;
select 'abs(text)'::regprocedure;
select 'abs'::regprocedure;
select '*='::regoper;
select 551::regoper, 96::regoper;
select to_regproc('abs'), to_regproc('nope'), to_regprocedure('abs(int)');
select 'char'::regtype, '"char"'::regtype, 'bpchar'::regtype, 'character'::regtype, 'bit'::regtype, 'varbit'::regtype;
select format_type(1042, null), format_type(1042, -1), format_type(1014, null), format_type(1560, null), format_type(1560, -1);
select 'pg_class[]'::regtype, 'pg_class'::regtype, '_pg_class'::regtype, '_int4'::regtype, 'information_schema.yes_or_no'::regtype, 'information_schema.yes_or_no[]'::regtype;
select '1+'::regproc;
select 0::regproc, 999999::regproc, '-'::regproc;
select 'pg_catalog.foo'::regproc;
select 3::regprocedure, 2803::regprocedure;
select 'information_schema._pg_expandarray'::regproc;
select count(*), sum(oid::int8) from pg_proc;
select * from pg_proc where oid in (750, 1397, 2803, 31);
select proname, pronargs, proargtypes, prorettype::regtype from pg_proc where proname = 'abs' order by oid;
select oprname, oprleft::regtype, oprright::regtype, oprcode from pg_operator where oprname = '||' order by oid;
select p.proname from pg_operator o join pg_proc p on p.oid = o.oprcode where o.oid = 551;
select * from pg_range order by 1;
select oid, castsource::regtype, casttarget::regtype, castfunc::regproc, castcontext, castmethod from pg_cast order by 1;
select opfname, amopstrategy, amopopr::regoper from pg_amop a join pg_opfamily f on f.oid = amopfamily where opfname = 'integer_ops' and amopmethod = 403 order by a.oid;
select opcname, opcintype::regtype, opcdefault from pg_opclass where opcmethod = 403 order by oid;
select conname, pg_get_constraintdef(oid), pg_get_constraintdef(oid, true) from pg_constraint where contypid <> 0 order by 1;
select aggfnoid::oid, aggtransfn, aggkind from pg_aggregate where aggfnoid::oid in (2803, 2147, 2108) order by 1;
select cfgname, dictname from pg_ts_config c join pg_ts_config_map m on m.mapcfg = c.oid join pg_ts_dict d on d.oid = m.mapdict where cfgname = 'simple' order by maptokentype;
