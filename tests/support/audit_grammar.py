"""Statements over a schema with insert-only tables (audit_schema.py): all the
ways there are to read, add to, change and take away, by one session or two,
and then spelled otherwise.

A production is a text in which {word} stands for one of that word's
productions. {a}, {b} and {c} are relations, the same wherever they stand in a
production, and also where one says {word*}, which shares them with the word's.
{'word'} is what {word} is, within a string."""

import collections
import random
import re

# drawn as often as they are here
RELATIONS = """
audit_log public.audit_log "AuditTrail" audit.events events audit_keys public.audit_keys audit_kept audit_part audit_part_1 audit_leaf
log_child v_log v_two parent plain public.plain v_plain other.events other.audit_log watched trapped ruled made computed moved stamped split
split_1 typed v_instead top mid kin kid v_over acted audit_log "AuditTrail" audit.events plain made
""".split()


def lines(text):
    return [line.strip() for line in text.strip().split("\n")]


PRODUCTIONS = {
    # --- parts

    "columns": ["(id, who, n)", "(id, who, n)", " AS x (id, who, n)", "(id, who, n) OVERRIDING USER VALUE"],
    "row": ["({new}, 'it''s', {key})"],
    "what": ["*", "{expression}", "id, {expression}", "a.ctid, a.tableoid::regclass, a.*", "DISTINCT {expression}"],
    "expression": lines("""
        id
        n + 1
        length(who)
        coalesce(n, {key})
        CASE WHEN n > 1 THEN n END
        (SELECT max(n) FROM {b})
        (SELECT count(*) FROM {b})
        ARRAY(SELECT id FROM {b} ORDER BY 1)
        f_read()
        abs(n)
        nullif(n, 1)
        who
        'delete from audit_log'
        U&'d\\0065lete' UESCAPE '!'
        $tag$ update "AuditTrail" set n = 1; $tag$
        CAST(n AS text)
        row_number() OVER ()
        sum(n) OVER (ORDER BY id ROWS 1 PRECEDING)
        {typed}
        """),
    "typed": lines("""
        'x'::{domain}
        CAST('x' AS {domain})
        {domain} 'x'
        ARRAY['x']::{domain}[]
        '{x}'::_{domain}
        (ROW('x', 1)::evil_pair).b
        '(x,1)'::evil_pair
        ROW(1, 'x', 1)::typed
        (NULL::typed).n
        jsonb_populate_record(NULL::typed, '{"id": 1, "who": "x"}')
        1::positive
        """),
    "domain": ["evil", "evil_again", "public.evil", '"evil"'],
    "condition": ["", " WHERE id = {key}", " WHERE n > {key}", " WHERE true", " WHERE id IN (1, 2)", " WHERE who IN (SELECT who FROM {b})",
                  " WHERE NOT (n IS NULL)", " WHERE who LIKE 'a%'", " WHERE EXISTS (SELECT 1 FROM {b} e WHERE e.id = {key})",
                  " WHERE (id, n) = ({key}, {key})", " WHERE id = ANY (ARRAY[1, 2])"],
    "locking": ["UPDATE", "SHARE", "NO KEY UPDATE", "KEY SHARE", "UPDATE NOWAIT", "SHARE SKIP LOCKED"],
    "arbiter": ["", " (id)", " ON CONSTRAINT audit_log_pkey", " (lower(who)) WHERE id < 100", ' ON CONSTRAINT "AuditTrail_pkey"',
                " (id) WHERE true", " (id, who)"],
    "cutoff": lines("""
        now() - interval '{days} days'
        now() - interval '{days} days'
        CURRENT_TIMESTAMP - make_interval(days => {days})
        '{date}'
        '{date}'::timestamptz
        timestamptz '{date}'
        CAST('{date}' AS timestamp)
        '{date}T00:00:00+00:00'
        CURRENT_DATE - {days}
        now() + interval '-{days} days'
        now() - {days} * interval '1 day'
        'now'
        'infinity'
        (SELECT max(at) FROM audit_kept)
        date_trunc('day', now() - interval '{days} days')
        now() - interval '{days} days' + interval '{days} days'
        now() AT TIME ZONE 'UTC' - interval '{days} days'
        """),
    "days": ["10", "29", "30", "31", "45", "3000", "-5"],
    "date": ["2020-01-01", "2999-12-31", "1999-01-01 00:00:00+14", "0044-03-15 BC"],
    "path": ["audit, public", "other, public", "audit", "pg_temp, public", "public", '"$user", public', "other, pg_catalog, public", "''", "nowhere"],

    # --- reading

    "select": lines("""
        SELECT * FROM {a}{condition*}
        SELECT {what*} FROM {a} a{condition*}
        SELECT {what*} FROM {a} a{condition*}
        TABLE {a}
        SELECT a.id, b.who FROM {a} a JOIN {b} b ON a.id = b.id
        SELECT a.* FROM {a} a, LATERAL (SELECT * FROM {b} b WHERE b.id = a.id) x
        SELECT id FROM {a} UNION SELECT n FROM {b}
        SELECT id FROM {a} EXCEPT ALL SELECT id FROM {b}{condition*}
        SELECT who, count(*) FROM {a} GROUP BY who HAVING count(*) > 0 ORDER BY 1 LIMIT 3
        SELECT n, who, count(*) FROM {a} GROUP BY GROUPING SETS ((n), (who), ())
        SELECT * FROM {a} FOR {locking}
        SELECT * FROM {a} x, {b} y FOR {locking} OF y
        SELECT * FROM {a} ORDER BY id FETCH FIRST 2 ROWS ONLY
        SELECT * FROM ONLY {a} TABLESAMPLE BERNOULLI (50)
        WITH w AS (SELECT * FROM {a}{condition*}) SELECT * FROM w
        WITH RECURSIVE w AS (SELECT id FROM {a} UNION SELECT w.id + 1 FROM w JOIN {b} b ON b.id = w.id) SELECT * FROM w
        WITH audit_log AS (SELECT 1 AS id) SELECT * FROM audit_log
        WITH made AS (SELECT * FROM {a}) TABLE made
        SELECT DISTINCT ON (who) * FROM {a} ORDER BY who, id
        EXPLAIN SELECT * FROM {a}{condition*}
        EXPLAIN (ANALYZE, COSTS off, TIMING off) SELECT * FROM {a}{condition*}
        VALUES (1, 'delete from audit_log'), (2, $x$drop table audit_log$x$)
        SELECT 1 AS "delete from audit_log", 2 AS U&"upd\\0061te"
        SELECT {typed}
        SELECT * FROM json_to_recordset('[{"a": 1}]') AS t (a int)
        SELECT pg_advisory_lock({key}), pg_advisory_unlock({key})
        SELECT pg_advisory_xact_lock({key}, {key})
        SELECT pg_try_advisory_lock({key})
        SELECT pg_advisory_unlock_all()
        """),
    "copy_out": lines("""
        COPY {a} TO STDOUT
        COPY {a} (id, who) TO STDOUT (FORMAT csv, HEADER)
        COPY {a} TO STDOUT WITH BINARY
        COPY (SELECT * FROM {a}{condition*}) TO STDOUT
        COPY (SELECT {what*} FROM {a} a) TO STDOUT CSV QUOTE '"' NULL 'x'
        COPY (VALUES (1, 'delete')) TO STDOUT (FORMAT binary)
        COPY (INSERT INTO {a} {columns} VALUES {row} RETURNING id) TO STDOUT
        COPY (DELETE FROM {a} RETURNING id) TO STDOUT
        COPY (UPDATE {a} SET n = 1 RETURNING *) TO STDOUT CSV
        COPY (WITH w AS (DELETE FROM {a} RETURNING id) SELECT * FROM w) TO STDOUT
        COPY {a} TO '/tmp/nothing'
        COPY {a} TO PROGRAM 'cat'
        """),

    # --- adding

    "insert": lines("""
        INSERT INTO {a} {columns} VALUES {row}
        INSERT INTO {a} {columns} VALUES {row}, {row} RETURNING *
        INSERT INTO {a} VALUES ({new}, 'x', {key})
        INSERT INTO {a} DEFAULT VALUES
        INSERT INTO {a} (id, who) SELECT id + {new}, who FROM {b} LIMIT 2
        INSERT INTO {a} (id, who, n) SELECT {new}, x.* FROM (VALUES ('a', 1)) x
        INSERT INTO {a} (id, who) VALUES ({new}, {typed})
        INSERT INTO {a} {columns} VALUES ({key}, 'u', 1) ON CONFLICT DO NOTHING
        INSERT INTO {a} {columns} VALUES ({key}, 'u', 1) ON CONFLICT{arbiter} DO NOTHING RETURNING id
        INSERT INTO {a} {columns} VALUES ({key}, 'u', 1) ON CONFLICT (id) DO UPDATE SET who = 'u'
        INSERT INTO {a} {columns} VALUES ({key}, 'a', 1) ON CONFLICT{arbiter} DO UPDATE SET (who, n) = (SELECT 'u', 2)
        INSERT INTO {a} AS x (id, who) VALUES ({key}, 'u') ON CONFLICT (id) DO UPDATE SET n = excluded.n WHERE x.n > 0
        WITH w AS (INSERT INTO {a} (id, who, n) VALUES {row} RETURNING id) SELECT * FROM w
        WITH w AS (SELECT 1 AS n) INSERT INTO {a} (id, n) SELECT {new}, n FROM w
        COPY {a} (id, who, n) FROM STDIN
        COPY {a} (id, who, n) FROM STDIN (FORMAT csv)
        COPY {a} (id, who, n) FROM STDIN WITH (FORMAT binary)
        COPY {a} (id, who, n) FROM STDIN CSV WHERE id > 0
        """),

    # --- changing

    "change": lines("""
        UPDATE {a} SET n = n + 1{condition*}
        UPDATE ONLY {a} AS x SET who = 'x'{condition*}
        UPDATE {a} * SET n = 1
        UPDATE {a} SET (who, n) = ('y', 7){condition*}
        UPDATE {a} SET (who, n) = (SELECT 'z', 8){condition*}
        UPDATE {a} SET n = DEFAULT, who = DEFAULT
        UPDATE {a} x SET n = y.n FROM {b} y WHERE x.id = y.id
        UPDATE {a} SET id = id + 100{condition*} RETURNING id
        UPDATE {a} SET k = k + 1
        DELETE FROM {a}{condition*}
        DELETE FROM ONLY {a} x USING {b} y WHERE x.id = y.id
        DELETE FROM {a} RETURNING *
        {merge*}
        {merge*}
        WITH w AS (DELETE FROM {a}{condition*} RETURNING *) SELECT * FROM w
        WITH w AS (UPDATE {a} SET n = 3 RETURNING id) INSERT INTO {b} (id) SELECT id + {new} FROM w
        WITH v AS (SELECT 1), w AS (DELETE FROM {a} RETURNING 1) TABLE v
        EXPLAIN ANALYZE DELETE FROM {a}{condition*}
        EXPLAIN (ANALYZE, COSTS off) UPDATE {a} SET n = 4
        TRUNCATE {a}
        TRUNCATE TABLE ONLY {a}, {b} CASCADE
        TRUNCATE {a} RESTART IDENTITY
        UPDATE computed SET n = n + {key}{condition*}
        UPDATE moved SET who = 'm'{condition*}
        UPDATE stamped SET n = n + {key}{condition*}
        INSERT INTO stamped {columns} VALUES ({key}, 's', 1) ON CONFLICT (id) DO UPDATE SET n = 5
        UPDATE split SET id = id + 300{condition*}
        DELETE FROM split_1{condition*}
        DELETE FROM parent{condition*}
        UPDATE v_instead SET n = 3
        DELETE FROM audit_kept WHERE at < {cutoff}
        DELETE FROM public.audit_kept WHERE {cutoff} > at AND id > 0
        DELETE FROM audit_kept k WHERE k.at <= {cutoff} AND EXISTS (SELECT 1 FROM {a} x WHERE x.id = k.id)
        DELETE FROM audit_kept WHERE at BETWEEN '-infinity' AND {cutoff}
        DELETE FROM audit_kept WHERE at < {cutoff} OR id = {key}
        """),
    "merge": lines("""
        MERGE INTO {a} x USING {b} y ON x.id = y.id WHEN MATCHED THEN UPDATE SET n = 0
        MERGE INTO {a} x USING {b} y ON x.id = y.id WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN DO NOTHING
        MERGE INTO {a} x USING {b} y ON x.id = y.id WHEN NOT MATCHED THEN INSERT (id, who) VALUES (y.id, 'm')
        MERGE INTO {a} x USING (SELECT {new} AS id) y ON false WHEN NOT MATCHED THEN INSERT VALUES (y.id, 'm', 1)
        MERGE INTO {a} x USING {b} y ON x.id = y.id WHEN MATCHED THEN DO NOTHING WHEN NOT MATCHED AND y.n > 1 THEN DO NOTHING
        WITH w AS (SELECT 1 AS id) MERGE INTO ONLY {a} x USING w ON x.id = w.id WHEN MATCHED AND x.n > 0 THEN DELETE
        """),

    # --- definitions

    "define": lines("""
        DROP TABLE {a}
        DROP TABLE IF EXISTS {a}, {b} CASCADE
        DROP VIEW {a}
        DROP SCHEMA {schema} CASCADE
        ALTER TABLE {a} ADD COLUMN c{key} int
        ALTER TABLE {a} ADD COLUMN c{key} {domain} DEFAULT 'x'
        ALTER TABLE {a} DROP COLUMN who
        ALTER TABLE {a} RENAME TO made
        ALTER TABLE {a} RENAME COLUMN who TO whom
        ALTER TABLE {a} ALTER n TYPE text
        ALTER TABLE {a} ALTER n SET DEFAULT 4
        ALTER TABLE {a} ALTER n SET DEFAULT f_plain()
        ALTER TABLE {a} SET SCHEMA other
        ALTER TABLE {a} {enabling} TRIGGER ALL
        ALTER TABLE {a} OWNER TO CURRENT_USER
        ALTER TABLE {a} INHERIT {b}
        ALTER TABLE {a} NO INHERIT {b}
        ALTER TABLE {a} ADD CHECK (f_read() > 0)
        ALTER TABLE {a} ADD UNIQUE (n)
        ALTER TABLE {a} CLUSTER ON audit_log_pkey
        ALTER TABLE audit_part DETACH PARTITION {a}
        ALTER TABLE audit_part ATTACH PARTITION {a} DEFAULT
        ALTER TABLE split ATTACH PARTITION {a} FOR VALUES FROM (1000) TO (2000)
        ALTER TABLE {a} ADD FOREIGN KEY (n) REFERENCES {b} {acting}
        ALTER TABLE {a} ENABLE ROW LEVEL SECURITY
        CREATE POLICY po{key} ON {a} USING (true)
        CREATE VIEW made AS SELECT * FROM {a}
        CREATE VIEW made AS SELECT id, who, n FROM {a} WHERE n > 0 WITH CHECK OPTION
        CREATE OR REPLACE VIEW v_plain AS SELECT id, who, n FROM {a}
        CREATE TEMP VIEW made AS SELECT * FROM {a}
        CREATE RECURSIVE VIEW made (id) AS SELECT id FROM {a}
        CREATE TABLE made AS SELECT * FROM {a}
        CREATE TABLE made (LIKE {a} INCLUDING ALL)
        CREATE TABLE made (id int PRIMARY KEY, who text, n int)
        CREATE TABLE made (id int PRIMARY KEY, who text, n int REFERENCES {a} {acting})
        CREATE TABLE made (id int PRIMARY KEY, who {domain}, n positive)
        CREATE TABLE made (id int PRIMARY KEY, who text, n int, k int GENERATED ALWAYS AS (n) STORED)
        CREATE TABLE made () INHERITS ({a})
        CREATE TABLE made PARTITION OF {a} FOR VALUES FROM (5000) TO (6000)
        CREATE TABLE made OF evil_pair
        CREATE TABLE IF NOT EXISTS {a} (id int)
        CREATE TEMP TABLE {shadow} (id int, who text, n int)
        CREATE INDEX ON {a} (n)
        CREATE INDEX ON {a} (abs(n)) WHERE n > 0
        CREATE UNIQUE INDEX made_{key} ON {a} (id, who)
        DROP INDEX made_{key}
        COMMENT ON TABLE {a} IS 'x'
        ALTER VIEW {a} RENAME TO made
        ALTER VIEW {a} ALTER n SET DEFAULT 3
        CREATE RULE r{key} AS ON {event} TO {a} DO {also} {action}
        CREATE RULE r{key} AS ON {event} TO {a} WHERE old.n > 0 DO {also} ({action}; NOTIFY x)
        CREATE TRIGGER t{key} {when} {event} ON {a} FOR EACH ROW EXECUTE FUNCTION {trigger}()
        CREATE OR REPLACE TRIGGER copy AFTER INSERT ON watched FOR EACH ROW EXECUTE FUNCTION {trigger}()
        CREATE CONSTRAINT TRIGGER t{key} AFTER {event} ON {a} DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {trigger}()
        CREATE TRIGGER t{key} AFTER UPDATE ON {a} FOR EACH ROW WHEN (new.n > 0) EXECUTE FUNCTION {trigger}()
        DROP TRIGGER {shadow_trigger} ON {a}
        DROP FUNCTION {function}
        DROP TYPE mood
        DROP TYPE mood CASCADE
        DROP DOMAIN {domain} CASCADE
        ALTER TYPE mood RENAME VALUE 'fair' TO 'fine'
        ALTER TYPE evil_pair ADD ATTRIBUTE c int
        ALTER DOMAIN evil RENAME TO evil_again
        ALTER DOMAIN positive ADD CHECK (f_read() >= 0)
        ALTER DOMAIN positive ADD CHECK (f_evil() >= 0) NOT VALID
        ALTER FUNCTION f_plain() RENAME TO f_read2
        ALTER FUNCTION {function} SET search_path = audit, public
        GRANT ALL ON {a} TO PUBLIC
        CREATE FUNCTION g{key}() RETURNS int LANGUAGE sql AS $$ {body*}; SELECT 1 $$
        CREATE FUNCTION g{key}() RETURNS int LANGUAGE sql SET search_path = {schema} AS $$ {body*}; SELECT 1 $$
        CREATE FUNCTION g{key}() RETURNS bigint LANGUAGE sql BEGIN ATOMIC {body*}; SELECT 1; END
        CREATE FUNCTION g{key}(x {domain}) RETURNS int LANGUAGE sql RETURN 1
        CREATE OR REPLACE FUNCTION f_plain() RETURNS int LANGUAGE plpgsql AS $$ BEGIN {body*}; RETURN 1; END $$
        CREATE OR REPLACE FUNCTION f_plain() RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path TO {schema} AS $$ DECLARE x {domain}; BEGIN {body*}; RETURN 1; END $$
        CREATE OR REPLACE FUNCTION t_copy() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body*}; RETURN NEW; END $$
        {stamp}
        ALTER FUNCTION t_stamp() RENAME TO t_stamped
        ALTER TABLE stamped RENAME {stamped_column} TO {stamped_column}
        CREATE TRIGGER t{key} BEFORE UPDATE ON {a} FOR EACH ROW EXECUTE FUNCTION t_stamp()
        CREATE OR REPLACE FUNCTION d_evil(text) RETURNS bool LANGUAGE plpgsql AS $$ BEGIN {body*}; RETURN true; END $$
        CREATE OR REPLACE PROCEDURE p_evil() LANGUAGE plpgsql AS $$ BEGIN {body*}; COMMIT; END $$
        CREATE OPERATOR @@@ (LEFTARG = int, RIGHTARG = int, FUNCTION = int4pl)
        CREATE DOMAIN dom{key} AS int CHECK (VALUE > 0)
        CREATE DOMAIN dom{key} AS evil
        CREATE DOMAIN dom{key} AS text CHECK (d_evil(VALUE))
        CREATE TYPE pair{key} AS (a dom{key}, b evil)
        CREATE TYPE mood{key} AS ENUM ('delete')
        CREATE CAST (int AS mood) WITH INOUT AS ASSIGNMENT
        CREATE AGGREGATE agg{key}(int) (SFUNC = int4pl, STYPE = int)
        CREATE SEQUENCE seq{key} OWNED BY NONE
        CREATE STATISTICS st{key} ON id, n FROM {a}
        CREATE SCHEMA sch{key} CREATE VIEW made AS SELECT * FROM {a}
        CREATE EXTENSION IF NOT EXISTS hstore
        LOCK TABLE {a}
        LOCK {a} IN ACCESS SHARE MODE
        REASSIGN OWNED BY CURRENT_USER TO CURRENT_USER
        DROP OWNED BY CURRENT_USER
        SELECT * INTO made FROM {a}
        SELECT * INTO TEMP made FROM {a}
        REFRESH MATERIALIZED VIEW {a}
        CREATE MATERIALIZED VIEW made AS SELECT * FROM {a}
        SECURITY LABEL ON TABLE {a} IS 'x'
        CLUSTER {a}
        VACUUM FULL {a}
        REINDEX TABLE {a}
        ANALYZE {a}
        ALTER ROLE CURRENT_USER SET search_path = {path}
        ALTER ROLE CURRENT_USER SET session_replication_role = replica
        ALTER ROLE app SET standard_conforming_strings = off
        ALTER DATABASE app SET search_path = audit
        CREATE RULE "_RETURN" AS ON SELECT TO made DO INSTEAD SELECT id, who, n FROM {a}
        ALTER SCHEMA sch{key} RENAME TO sch_made
        CREATE TEMP VIEW {shadow} AS SELECT id, who, n FROM {a}
        CREATE TEMP VIEW {further_shadow} AS SELECT id, who, n FROM {a}
        SET CONSTRAINTS ALL IMMEDIATE
        ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC
        """),
    "schema": ["audit", "other", "public"],
    "enabling": ["DISABLE", "ENABLE", "ENABLE ALWAYS", "ENABLE REPLICA"],
    "acting": ["ON DELETE CASCADE", "ON UPDATE CASCADE", "ON DELETE SET NULL ON UPDATE SET DEFAULT", ""],
    "shadow": ["audit_log", "plain", "events", "made", "audit_kept"],
    "further_shadow": ["top", "mid", "kin", "split_2", "watched"],
    "event": ["INSERT", "UPDATE", "DELETE"],
    "also": ["ALSO", "INSTEAD"],
    "action": ["DELETE FROM {b}", "UPDATE {b} SET n = 1", "NOTHING", "INSERT INTO {b} (id) VALUES ({new})", "SELECT 1"],
    "when": ["BEFORE", "AFTER", "INSTEAD OF"],
    "trigger": ["t_evil", "t_copy", "t_move", "t_stamp", "suppress_redundant_updates_trigger"],
    "shadow_trigger": ["copy", "trap", "move"],
    "function": ["f_evil()", "f_read()", "f_plain()", "t_copy() CASCADE", "d_evil(text) CASCADE"],

    # --- code

    "body": lines("""
        DELETE FROM {a}
        UPDATE {a} SET n = 5
        INSERT INTO {a} (id) VALUES ({new})
        SELECT count(*) FROM {a}
        MERGE INTO {a} x USING {b} y ON x.id = y.id WHEN MATCHED THEN DELETE
        INSERT INTO {a} (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET n = 9
        TRUNCATE {b}, {a}
        DELETE FROM other.events WHERE id IN (SELECT id FROM {a})
        DELETE/* */FROM {a}
        NULL
        """),
    # of a trigger that changes its row before it is written
    "stamp": ["CREATE OR REPLACE FUNCTION {stamper}() RETURNS trigger LANGUAGE plpgsql AS "
              "$$ <<l>> DECLARE x int; r {record}; BEGIN {row_part}; {row_part}; RETURN {row_returned}; END $$"] * 4 + [
        "CREATE OR REPLACE FUNCTION t_stamp() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE new {record}; BEGIN {row_part}; RETURN NEW; END $$",
        "CREATE TEMP TABLE record (n int, who text, k int, id int)"],
    "stamper": ["t_stamp", "t_stamp", "t_stamp", "public.t_stamp", "t_stamped"],
    "stamped_column": ["k", "n", "x"],
    "record": ["record", "record", "record", "stamped", "record := NEW", "stamped := OLD"],
    "row_part": lines(r"""
        NEW.n := OLD.n + 1
        NEW.n := OLD.n + 1
        NEW.who = concat(NEW.id, NEW.k, OLD.k)
        NEW.who = concat(NEW.id, NEW.k, OLD.k)
        {record_name}.{row_column} := {key}00 + OLD.id
        {record_name}.{row_column} = {key}00 + OLD.id
        {record_name} /* . */ . {row_column}/**/=/**/{key}00
        SELECT {key}00 INTO {record_name}.{row_column}
        SELECT {key}00, {key}01 INTO STRICT x, {record_name}.{row_column}
        SELECT ({key}00 INTO x, {record_name}.{row_column}), 7
        SELECT * INTO {record_name} FROM stamped WHERE id = 3
        FOR {record_name}.{row_column}, x IN SELECT {key}00, {key}01 LOOP NULL; END LOOP
        FOREACH {record_name}.{row_column} IN ARRAY ARRAY[{key}00] LOOP NULL; END LOOP
        PERFORM count(*) FROM plain WHERE id = NEW.k AND n IN (NEW.n, OLD.k)
        SELECT count(*) INTO x FROM plain p, plain q WHERE p.id = NEW.k
        x := CASE WHEN NEW.k > 1 THEN NEW.k ELSE OLD.k END
        IF NEW.k IS DISTINCT FROM OLD.k THEN RAISE NOTICE '% %', OLD.k, NEW.k; END IF
        IF NEW.n > 0 THEN {record_name}.{row_column} = {key}00; ELSE {record_name}.{row_column} := 8; END IF
        IF NEW.n > 0 THEN RETURN {row_returned}; END IF
        BEGIN NEW.n := 1 / 0; EXCEPTION WHEN OTHERS THEN {record_name}.{row_column} := {key}00; END
        {record_name} := {row_returned}
        r := NEW
        r := NEW
        r = OLD
        NEW := r
        GET DIAGNOSTICS x = ROW_COUNT, {record_name}.{row_column} = ROW_COUNT
        x := length('a'); {record_name}.{row_column} := 9; x := length(';')
        NULL
        """),
    "record_name": ["NEW", "NEW", "new", "OLD", "r", "r", "l.r", "t_stamp.new", '"new"', r'U&"\006eew"'],
    "row_column": ["k", "k", "K", '"k"', r'U&"\006b"', "n", "who", "from"],
    "row_returned": ["NEW", "NEW", "NEW", "NEW", "OLD", "NULL", "r", "r", "r", "COALESCE(NEW, OLD)", "COALESCE(r, NEW)",
                     """jsonb_populate_record(NEW, '{"k": {key}00}')""", "(SELECT s FROM stamped s WHERE id = 3)"],

    "code": lines("""
        DO $$ BEGIN {body}; END $$
        DO $$ BEGIN PERFORM f_read(); END $$
        DO $$ BEGIN EXECUTE {'body'}; END $$
        DO $x$ DECLARE r record; c CURSOR FOR SELECT * FROM {a} FOR UPDATE; BEGIN OPEN c; FETCH c INTO r; {body*} WHERE CURRENT OF c; END $x$
        DO $$ DECLARE x {domain}; BEGIN x := 'a'; END $$
        DO $$ DECLARE x typed.who%TYPE; BEGIN x := 'a'; END $$
        DO $$ DECLARE x typed%ROWTYPE; BEGIN x.who := 'a'; END $$
        DO $$ BEGIN FOR i IN 1..2 LOOP {body}; END LOOP; EXCEPTION WHEN OTHERS THEN NULL; END $$
        DO LANGUAGE plpgsql $$ BEGIN PERFORM f_evil(); END $$
        DO $$ BEGIN PERFORM set_config('search_path', 'audit', false); DELETE FROM events; END $$
        CALL p_evil()
        SELECT f_evil()
        SELECT f_read()
        SELECT f_plain()
        SELECT f_path()
        SELECT f_dynamic({'body'})
        SELECT public.f_evil() FROM plain
        SELECT count(f_evil()) FROM plain
        SELECT query_to_xml({'body'}, true, true, '')
        SELECT * FROM plain WHERE f_evil() = 1
        SELECT * FROM f_evil() WITH ORDINALITY
        SELECT max(n) FILTER (WHERE f_evil() > 0) FROM plain
        SELECT d_evil('x')
        SELECT database_to_xml(true, true, '')
        SELECT pg_sleep(0)
        SELECT current_setting('search_path')
        SELECT g1()
        SELECT g{key}('x')
        SELECT 1 @@@ 2
        SELECT {key}::dom{key}
        SELECT now(), current_user, version()
        SELECT lo_create(0)
        SELECT ts_stat({'body'})
        """),

    # --- sessions

    "session": lines("""
        SET search_path TO {path}
        SET SESSION search_path = {path}
        SET LOCAL search_path TO {path}
        RESET search_path
        SET search_path TO DEFAULT
        SET SCHEMA 'audit'
        SET "search_path" = audit, public
        SELECT set_config('search_path', 'audit, public', {bool})
        SELECT set_config('search_' || 'path', 'audit', {bool})
        SELECT set_config(name, 'audit', {bool}) FROM pg_settings WHERE name = 'search_path'
        UPDATE pg_settings SET setting = 'audit' WHERE name = 'search_path'
        SELECT set_config('work_mem', '1MB', {bool})
        DISCARD ALL
        DISCARD PLANS
        DISCARD TEMP
        RESET ALL
        SET ROLE {role}
        RESET ROLE
        SET SESSION AUTHORIZATION DEFAULT
        SET session_replication_role = replica
        SET standard_conforming_strings = {onoff}
        SET backslash_quote = {onoff}
        SET client_encoding = '{encoding}'
        SET NAMES '{encoding}'
        SET row_security = {onoff}
        SET TIME ZONE 'UTC'
        SET TIME ZONE 'Pacific/Kiritimati'
        SET DateStyle = 'German'
        SHOW search_path
        SET transaction_read_only = off
        LISTEN x
        NOTIFY x, 'y'
        SELECT pg_notify('x', 'delete')
        UNLISTEN *
        SET escape_string_warning = off
        SET plan_cache_mode = force_generic_plan
        """),
    "bool": ["true", "false"],
    "onoff": ["on", "off"],
    "role": ["app", "none", "keeper", "postgres"],
    "encoding": ["UTF8", "UTF8", "SJIS", "LATIN1", "EUC_JP", "SQL_ASCII"],
    "transaction": ["BEGIN", "BEGIN", "COMMIT", "COMMIT", "ROLLBACK", "SAVEPOINT s", "ROLLBACK TO s", "RELEASE s", "START TRANSACTION READ ONLY",
                    "BEGIN ISOLATION LEVEL SERIALIZABLE", "END", "ABORT", "COMMIT AND CHAIN", "ROLLBACK AND CHAIN", "PREPARE TRANSACTION 'gid_1'",
                    "COMMIT PREPARED 'gid_1'", "ROLLBACK PREPARED 'gid_1'", "SET TRANSACTION READ WRITE"],
    "data": ["{select*}", "{select*}", "{copy_out*}", "{insert*}", "{insert*}", "{insert*}", "{change*}", "{change*}", "{change*}", "{change*}"],
    "prepared": lines("""
        PREPARE {name} AS {data}
        PREPARE {name} AS {data}
        PREPARE {name} (int) AS INSERT INTO {a} (id, who) VALUES ($1, 'p')
        PREPARE {name} (int, text) AS DELETE FROM {a} WHERE id = $1 OR who = $2
        PREPARE {name} ({domain}) AS SELECT $1
        PREPARE {name} (timestamptz) AS DELETE FROM audit_kept WHERE at < $1
        EXECUTE {name}
        EXECUTE {name}
        EXECUTE {name} ({new})
        EXECUTE kept0
        DEALLOCATE kept1
        EXECUTE {name} ({key}, 'x')
        EXECUTE {name} (now() - interval '{days} days')
        EXECUTE {name} ('{date}')
        CREATE TEMP TABLE made AS EXECUTE {name}
        DEALLOCATE {name}
        EXPLAIN ANALYZE EXECUTE {name}
        DECLARE c {cursor} CURSOR FOR SELECT * FROM {a} FOR UPDATE
        DECLARE c {cursor} CURSOR FOR SELECT * FROM {a}
        DECLARE h CURSOR WITH HOLD FOR SELECT id FROM {a}
        {fetch} c
        FETCH FORWARD 2 FROM h
        DELETE FROM {a} WHERE CURRENT OF c
        UPDATE {a} SET n = 1 WHERE CURRENT OF c
        CLOSE ALL
        CLOSE c
        """),
    "name": ["p", "q"],
    "cursor": ["", "SCROLL", "BINARY", "INSENSITIVE", "NO SCROLL"],
    "fetch": ["FETCH", "FETCH NEXT FROM", "MOVE", "MOVE 1 IN", "FETCH ALL FROM", "FETCH ABSOLUTE 1", "MOVE BACKWARD 1 FROM"],

    "statement": ["{select}"] * 18 + ["{copy_out}"] * 3 + ["{insert}"] * 22 + ["{change}"] * 30 + ["{define}"] * 12 + ["{code}"] * 6 + [
        "{session}"] * 5 + ["{transaction}"] * 4 + ["{prepared}"] * 8,

    # --- sequences: N: what session N sends; & what is sent at the same time

    "sequence": lines("""
        1: {define*} & 2: {data*}
        1: {define*} & 2: {data*}
        1: {define*} / 2: {data*} / 1: {data*}
        1: {define*} / 1: {change*} / 2: {change*}
        1: {define*} / 1: {define*} / 2: {change*}
        1: CREATE VIEW made AS SELECT * FROM {a} & 2: UPDATE made SET n = 1
        1: CREATE OR REPLACE VIEW v_plain AS SELECT id, who, n FROM {a} / 2: {further}
        1: ALTER TABLE {a} ADD FOREIGN KEY (id) REFERENCES mid {acting} / 2: {further}
        1: ALTER TABLE {a} INHERIT kid & 2: {further}
        1: BEGIN / 1: CREATE VIEW made AS SELECT * FROM v_over / 1: {towards} / 1: DELETE FROM made / 1: {further} / 1: {end} / 2: {further}
        1: {towards} / 1: {further} / 2: {further}
        1: PREPARE p AS {further} / 2: {towards} & 1: EXECUTE p
        1: CREATE TABLE made (LIKE {a}) / 1: DROP TABLE made; ALTER TABLE {a} RENAME TO made & 2: DELETE FROM made
        1: PREPARE p AS {data*} / 2: {define*} / 1: EXECUTE p
        1: PREPARE p AS {data*} / 1: {session} / 1: EXECUTE p / 1: DEALLOCATE p
        1: PREPARE p AS UPDATE made SET n = n + 1 / 2: CREATE VIEW made AS SELECT * FROM {a} & 1: EXECUTE p
        1: BEGIN / 1: {define*} / 1: {data*} / 1: PREPARE TRANSACTION 'gid_2' / 2: COMMIT PREPARED 'gid_2' / 2: {data*}
        1: BEGIN / 1: {define*} / 1: PREPARE TRANSACTION 'gid_3' / 2: {data*} & 1: COMMIT PREPARED 'gid_3'
        1: BEGIN / 1: {insert*} / 1: PREPARE TRANSACTION 'gid_4' / 1: {data*} / 2: ROLLBACK PREPARED 'gid_4' / 2: {change*}
        1: BEGIN / 1: {session} / 1: {data*} / 1: COMMIT / 1: {data*}
        1: BEGIN / 1: SET LOCAL search_path TO {path} / 1: {data*} / 1: {end} / 1: {data*}
        1: BEGIN / 1: SAVEPOINT s / 1: SET search_path TO {path} / 1: ROLLBACK TO s / 1: {change*} / 1: COMMIT
        1: BEGIN / 1: DECLARE c {cursor} CURSOR FOR SELECT * FROM {a} FOR UPDATE / 1: {fetch} c / 1: UPDATE {a} SET n = 1 WHERE CURRENT OF c / 1: COMMIT
        1: BEGIN / 1: DECLARE c CURSOR FOR SELECT * FROM {a} / 1: FETCH c / 1: DELETE FROM {a} WHERE CURRENT OF c / 2: {data*} / 1: {end}
        1: BEGIN / 1: SAVEPOINT s / 1: {define*} / 1: ROLLBACK TO s / 1: {data*} / 1: {end} / 2: {data*}
        1: BEGIN / 1: {define*} / 2: {data*} & 1: COMMIT / 2: {data*}
        1: BEGIN / 1: {define*} / 1: {define*} / 1: {change*} / 1: {end} / 2: {change*}
        1: CREATE OR REPLACE FUNCTION t_copy() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body*}; RETURN NEW; END $$ / 2: INSERT INTO watched {columns} VALUES {row}
        1: CREATE OR REPLACE FUNCTION f_plain() RETURNS int LANGUAGE plpgsql AS $$ BEGIN {body*}; RETURN 1; END $$ & 2: SELECT f_plain()
        1: {stamp} / 1: {stamping} / 2: {stamping}
        1: {stamp} / 2: {stamping} & 1: {stamp} / 2: {stamping}
        1: BEGIN / 1: {stamp} / 1: {stamp} / 1: {stamping} / 1: {end} / 2: {stamping}
        1: BEGIN / 1: ALTER FUNCTION t_stamp() RENAME TO t_stamped / 1: {stamp} / 1: {stamping} / 1: {end} / 2: {stamping}
        1: ALTER TABLE stamped RENAME k TO x / 1: ALTER TABLE stamped RENAME n TO k / 1: {stamping} / 2: {stamp} / 2: UPDATE stamped SET id = id + 1
        1: CREATE TRIGGER t{key} {when} {event} ON {a} FOR EACH ROW EXECUTE FUNCTION {trigger}() & 2: {data*}
        1: CREATE TABLE made (id int PRIMARY KEY, who text, n int) / 1: CREATE RULE r AS ON {event} TO made DO {also} {action*} / 2: {change} / 2: INSERT INTO made {columns} VALUES {row}
        1: ALTER TABLE audit_part DETACH PARTITION audit_part_1 / 2: DELETE FROM audit_part_1
        1: CREATE TABLE made (id int PRIMARY KEY, who text, n int) / 1: ALTER TABLE audit_log ADD COLUMN m int REFERENCES made ON DELETE CASCADE / 2: INSERT INTO made VALUES (1); INSERT INTO audit_log (id, m) VALUES ({new}, 1) / 2: DELETE FROM made
        1: CREATE SCHEMA IF NOT EXISTS audit; CREATE TABLE IF NOT EXISTS other.audit_part (id int) / 1: SET search_path = other, public / 1: DELETE FROM audit_part
        1: {session} / 1: {data*} & 2: {data*}
        1: {session} / 1: {session} / 1: {change*}
        1: SET standard_conforming_strings = off / 1: SELECT '\\'' , 'x'; DELETE FROM audit_log; --'
        1: SET client_encoding = 'LATIN1' / 1: {data*}
        1: LISTEN x / 2: NOTIFY x, 'a' / 1: {data*}
        1: SELECT pg_advisory_lock(7) / 2: SELECT pg_try_advisory_lock(7) / 1: {data*} / 1: SELECT pg_advisory_unlock(7)
        1: CREATE TEMP TABLE audit_log (id int, who text, n int) / 1: DELETE FROM audit_log / 1: DROP TABLE pg_temp.audit_log / 1: DELETE FROM audit_log
        1: CREATE TABLE made (id int, who text, n int) / 1: DELETE FROM made / 1: UPDATE made SET n = 2 & 2: DROP TABLE made
        1: CREATE DOMAIN dom{key} AS int CHECK (f_plain() > 0) / 2: CREATE OR REPLACE FUNCTION f_plain() RETURNS int LANGUAGE plpgsql AS $$ BEGIN {body*}; RETURN 1; END $$ / 1: SELECT {key}::dom{key}
        """),
    "stamping": ["UPDATE stamped SET n = n + 1", "UPDATE stamped SET who = 'w' WHERE id < 3",
                 "MERGE INTO stamped USING plain p ON p.id = stamped.id WHEN MATCHED THEN UPDATE SET who = p.who"],
    "towards": ["CREATE OR REPLACE VIEW v_plain AS SELECT id, who, n FROM {a}", "ALTER TABLE {a} ADD FOREIGN KEY (id) REFERENCES mid {acting}",
                "ALTER TABLE {a} INHERIT kin", "ALTER TABLE {a} ADD FOREIGN KEY (n) REFERENCES {b} {acting}", "CREATE OR REPLACE VIEW v_over AS TABLE {a}"],
    "further": ["DELETE FROM v_over", "UPDATE v_over SET n = 9", "INSERT INTO acted {columns} VALUES {row}", "DELETE FROM top", "UPDATE top SET id = id + 50",
                "DELETE FROM kin", "UPDATE kin SET n = 9", "DELETE FROM mid", "DELETE FROM made", "TRUNCATE top CASCADE"],
    "end": ["COMMIT", "COMMIT", "ROLLBACK"],
}

QUOTED = re.compile(r"(?P<tag>\$\w*\$).*?(?P=tag)|(?:U&)?(?:'(?:[^']|'')*'|\"[^\"]*\")(?:\s+UESCAPE\s+'.')?", re.S)

# Of a message: what defines something, which the twin could not follow, for
# weir refuses what the twin lets its owner do, or the reverse.
DEFINES = re.compile(r"\b(create|alter|drop|comment|grant|revoke|truncate|lock table|lock \S+ in|do|call|into\s+\w+\s+from|into temp|rule|security|"
                     r"reassign|import|vacuum|analyze|cluster|reindex|refresh|constraints)\b", re.I)
# Whether these change a guarded row depends on rows, or on texts that they are
# given: refused by what they lead to, also where this time it is nothing.
CHANGES = "update|delete|merge"
LEADS = {name: re.compile(verbs, re.I) for name, verbs in {
    "parent": "delete|merge", "trapped": "insert|merge|copy", "ruled": "insert|merge|copy", "computed": CHANGES, "moved": CHANGES, "stamped": r"merge|\bk\b",
    "split": CHANGES, "split_1": CHANGES, "typed": "insert|copy|update|merge", "v_instead": "update|merge", "audit_kept": "delete",
    # names that a guarded table has, and another one in another schema
    "audit_log": CHANGES + "|share", "events": CHANGES + "|share"}.items()}
# What is refused to everybody, as the manual says; and what the twin refuses only
# when it runs.
OPAQUE = re.compile(r"f_dynamic|f_evil|d_evil|p_evil|query_to_xml|database_to_xml|ts_stat|evil|typed|update pg_settings|session_replication_role|from pg_settings|"
                    r"standard_conforming_strings = off|sjis|session authorization|to '|program|search_' \|\||prepare .*(update|share|delete|merge)", re.I)

# `leads`: whether it is refused even where no row comes of it
Message = collections.namedtuple("Message", "session parts text leads")


class Grammar:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.next_key = 1000
        self.spelled = {}       # relations of the sequence made last, by how they are spelled

    def one(self, *choices):
        return self.random.choice(choices)

    def chance(self, share):
        return self.random.random() < share

    # --- productions

    def expand(self, word, relations):
        return self.fill(self.random.choice(PRODUCTIONS[word]), relations)

    def fill(self, production, relations):
        return re.sub(r"\{('?)(\w+)(\*?)'?\}", lambda found: self.part(found, relations), production)

    def part(self, found, relations):
        quote, word, shared = found.groups()
        if word in ("a", "b", "c"):
            if word not in relations:
                relations[word] = self.relation()
            return relations[word]
        if word == "key":
            return str(self.random.randint(1, 4))
        if word == "new":
            self.next_key += 1
            return str(self.next_key)
        if word not in PRODUCTIONS:
            return found[0]
        text = self.expand(word, relations if shared else {})
        return "'" + text.replace("'", "''") + "'" if quote else text

    def relation(self):
        name = self.random.choice(RELATIONS)
        spelled = self.one(".", ".", ".", " . ").join(map(self.spell, name.split(".")))
        self.spelled[spelled] = name
        return spelled

    def spell(self, part):
        """The same name written otherwise."""
        plain = part.strip('"')
        escaped = f"{ord(plain[0]):04x}{plain[1:]}"
        usual = [part] * 3 if part.startswith('"') else [part, part, part, part.upper()]
        return self.one(*usual, f'"{plain}"', f'U&"{plain}"', f'U&"\\{escaped}"', f"U&\"!{escaped}\" UESCAPE '!'")

    # --- messages

    def message(self, session, parts):
        leads = OPAQUE.search(";".join(parts)) or self.leads_somewhere(parts)
        parts = [self.mutate(part) if self.chance(0.6) else part for part in parts]
        text = self.one("; ", ";", " ;\n", ";;").join(parts) + self.one("", "", ";", " ;", "; -- end", "/**/")
        return Message(session, parts, text, bool(leads))

    def leads_somewhere(self, parts):
        """By what a part does to a relation, however that is spelled."""
        names = [*self.spelled.items(), *((each, each) for each in LEADS)]
        return any(name in LEADS and spelled in part and LEADS[name].search(part) for part in parts for spelled, name in names)

    def sequence(self):
        """Steps, each of messages that are sent at the same time."""
        self.spelled.clear()
        if self.chance(0.85):
            parts = [self.expand("statement", {}) for _ in range(self.one(1, 1, 1, 1, 1, 2, 3))]
            return [[self.message(self.one(0, 0, 1), parts)]]
        text = self.expand("sequence", {})
        return [[self.message(int(each[0]) - 1, each[3:].split("; ") if "$$" not in each else [each[3:]]) for each in re.split(r" & (?=[12]: )", step)]
                for step in re.split(r" / (?=[12]: )", text)]

    # --- the same otherwise

    def space(self):
        return self.one(" ", " ", "\n", "\t", " /* ; */ ", " -- '\n", "/**/", " /* /* nested */ ' */ ", "\r\n", "  ", "\f", " /*/*/**/*/$$*/ ")

    def word(self, word):
        return self.one(word, word, word.lower(), word.upper(), word.swapcase(), word.title())

    def mutate(self, text):
        """Outside of quotes: letters in the other case, other spaces. Strings in other quotes."""
        share, parts, at = self.one(0.1, 0.5, 1), [], 0
        for found in QUOTED.finditer(text):
            parts += self.respell(text[at:found.start()], share), self.quote(found[0]) if self.chance(share) else found[0]
            at = found.end()
        return "".join([*parts, self.respell(text[at:], share)])

    def respell(self, text, share):
        text = re.sub(r"[A-Za-z_]+", lambda found: self.word(found[0]) if self.chance(share) else found[0], text)
        return re.sub(" ", lambda found: self.space() if self.chance(share) else " ", text)

    def quote(self, quoted):
        if not quoted.startswith("'") or "gid_" in quoted:
            return quoted
        plain = quoted[1:-1].replace("''", "'")
        return self.one(quoted, f"E{quoted}", f"U&{quoted}", f"$q${plain}$q$", f"$${plain}$$", f"U&{quoted} UESCAPE '!'",
                        "E'" + "".join(f"\\x{ord(c):02x}" for c in plain) + "'", "U&'" + "".join(f"\\{ord(c):04x}" for c in plain) + "'")
