-- Texts that must be refused, one per line, with the reason behind it. The
-- guarded tables are public.audit_log, public."AuditTrail", audit.events and
-- public."odd name"; the search path is public.

-- changing rows
UPDATE audit_log SET actor = 'x' -- plainly
DELETE FROM ONLY (public.audit_log) -- schema and ONLY
delete from "audit_log" -- quoted
DELETE FROM public . "AuditTrail" -- quoted, mixed case
DELETE FROM "odd name" -- a name with a space
DELETE FROM U&"\0061udit_log" -- spelled in Unicode escapes
DELETE FROM U&"!0061udit_log" UESCAPE '!' -- with another escape character
DELETE FROM otherdb.public.audit_log -- with the database
UPDATE audit_log AS users SET actor = 'x' -- alias
UPDATE audit . events SET body = null -- other schema
TRUNCATE users, audit_log -- last of a list
TRUNCATE users CASCADE -- reaches what refers to it
INSERT INTO audit_log(id) VALUES (1) ON CONFLICT (id) DO UPDATE SET id = 2 -- upsert
MERGE INTO audit_log a USING users u ON a.id = u.id WHEN MATCHED THEN DELETE -- merge that deletes
MERGE INTO audit_log a USING users u ON a.id = u.id WHEN NOT MATCHED THEN DO NOTHING WHEN MATCHED THEN UPDATE SET id = 1 -- merge that updates
SELECT * FROM audit_log FOR UPDATE -- row locks need more than SELECT
SELECT * FROM users u JOIN audit_log a ON true FOR SHARE OF a -- by alias
SELECT * FROM (SELECT * FROM audit_log) x FOR UPDATE OF x -- in a subselect
LOCK TABLE audit_log IN EXCLUSIVE MODE -- keeps inserts out

-- hidden in other statements
WITH d AS (DELETE FROM audit_log RETURNING *) SELECT * FROM d -- CTE
WITH a AS (WITH b AS (SELECT 1) UPDATE audit_log SET id = 1 RETURNING id) SELECT 1 -- CTE in a CTE
INSERT INTO users WITH d AS (DELETE FROM audit_log RETURNING *) SELECT * FROM d -- CTE under INSERT
EXPLAIN DELETE FROM audit_log -- EXPLAIN asks for the same privilege
EXPLAIN (ANALYZE) UPDATE audit_log SET id = 1 -- and ANALYZE runs it
EXPLAIN ANALYZE CREATE TABLE x AS WITH d AS (DELETE FROM audit_log RETURNING *) SELECT * FROM d -- two deep
PREPARE p AS DELETE FROM audit_log -- PREPARE
COPY (DELETE FROM audit_log RETURNING id) TO STDOUT -- COPY
DECLARE c CURSOR FOR SELECT * FROM audit_log FOR UPDATE -- cursor
CREATE TABLE x AS WITH d AS (DELETE FROM audit_log RETURNING *) SELECT * FROM d -- CTAS
CREATE RULE r AS ON INSERT TO users DO ALSO DELETE FROM audit_log -- rule elsewhere
CREATE FUNCTION f() RETURNS void BEGIN ATOMIC DELETE FROM audit_log; END -- function with a parsed body
SELECT 1; SELECT ';--'; DELETE FROM audit_log; SELECT 2 -- among others
COMMIT; DELETE FROM audit_log -- after a commit
SELECT 1 /* /* */ ' */ ; DELETE FROM audit_log; -- '
SELECT E'a\'b', 'c'; DELETE FROM audit_log; SELECT 'd' -- escaped quote
SELECT $a$ $b$ $a$; DELETE FROM audit_log; SELECT $b$ $b$ -- dollar quotes
CREATE TEMP VIEW tv AS SELECT * FROM audit_log; DELETE FROM tv -- through a view that is not there yet
CREATE VIEW v AS TABLE audit_log; CREATE VIEW w AS SELECT * FROM V; SELECT 1; UPDATE public.w SET id = 1 -- through two
CREATE VIEW v AS SELECT 1 FROM events; INSERT INTO V VALUES (1) ON CONFLICT (id) DO UPDATE SET id = 2 -- whatever the path

-- changing the table
DROP TABLE users, audit_log CASCADE -- in a list
DROP VIEW audit_log -- whatever it is called
DROP SCHEMA other, public CASCADE -- with its schema
DROP OWNED BY CURRENT_USER -- with everything
REASSIGN OWNED BY a TO b -- to another owner
CREATE VIEW settings AS SELECT * FROM pg_settings -- an UPDATE of it sets
DROP DATABASE another -- nobody looks what tables are in it
DROP DATABASE IF EXISTS another WITH (FORCE) -- nor who uses it
ALTER TABLE audit_log DROP COLUMN detail -- shape
ALTER TABLE audit_log ADD COLUMN extra jsonb -- its shape is the owner's
ALTER TABLE audit_log ADD COLUMN x int NOT NULL -- inserts would fail
ALTER TABLE audit_log ADD COLUMN x int DEFAULT f() -- runs code
ALTER TABLE audit_log ALTER a SET STATISTICS 1, ALTER b TYPE int USING 0 -- harmless beside harmful
ALTER TABLE audit_log DISABLE TRIGGER ALL -- disarms
ALTER TABLE audit_log ENABLE ROW LEVEL SECURITY -- hides
ALTER TABLE audit_log SET UNLOGGED -- loses rows in a crash
ALTER TABLE audit_log OWNER TO x -- gives it away
ALTER TABLE audit_log INHERIT p -- a parent reaches its rows
ALTER TABLE p ATTACH PARTITION audit_log DEFAULT -- so does this one
ALTER TABLE audit_log RENAME TO x -- out of sight
ALTER INDEX audit_log RENAME TO x -- renames tables too
ALTER TABLE audit_log RENAME COLUMN a TO b -- columns
ALTER TABLE audit_log SET SCHEMA x -- moves
ALTER SCHEMA audit RENAME TO x -- with its schema
ALTER SCHEMA public OWNER TO x -- whose owner may drop what is in it
CREATE RULE r AS ON INSERT TO audit_log DO INSTEAD NOTHING -- swallows
CREATE TRIGGER t BEFORE INSERT ON audit_log FOR EACH ROW EXECUTE FUNCTION f() -- swallows
DROP TRIGGER t ON public.audit_log -- disarms
CREATE POLICY p ON audit_log FOR UPDATE USING (true) -- opens
ALTER POLICY p ON audit_log USING (true) -- opens
ALTER TRIGGER t ON audit_log RENAME TO x -- a trigger of it
GRANT UPDATE ON audit_log TO x -- opens
GRANT ALL ON ALL TABLES IN SCHEMA public TO x -- opens
REVOKE INSERT ON audit_log FROM x -- stops its intake
REVOKE USAGE ON SCHEMA public FROM x -- stops its intake
REVOKE USAGE ON SEQUENCE audit_log_id_seq FROM x -- stops its intake
REVOKE ALL ON ALL SEQUENCES IN SCHEMA audit FROM x -- stops its intake
CREATE UNIQUE INDEX u ON audit_log (actor) -- keeps rows out
CREATE INDEX i ON audit_log ((1 / (ref - 9))) -- keeps some rows out
CREATE INDEX i ON audit_log (boom(id)) -- runs code on every row
CREATE INDEX i ON audit_log (id) WHERE detail::int > 0 -- keeps some rows out
ALTER TABLE audit_log ADD COLUMN x my_domain -- may have conditions
ALTER DATABASE d SET default_transaction_read_only = on -- stops its intake
ALTER DATABASE d WITH ALLOW_CONNECTIONS false -- stops its intake
ALTER SEQUENCE audit_log_id_seq RESTART -- stops its intake
DROP SEQUENCE audit_log_id_seq CASCADE -- stops its intake
ALTER EXTENSION e ADD TABLE audit_log -- goes with the extension
DROP TYPE mood CASCADE -- a column may be of it

-- standing before it
CREATE TEMP TABLE audit_log (a int) -- temporary table
CREATE TABLE pg_temp.audit_log (a int) -- spelled otherwise
SELECT 1 AS a INTO TEMP audit_log -- and otherwise
CREATE TEMP VIEW audit_log AS SELECT 1 -- view
CREATE TEMP SEQUENCE audit_log -- sequence
CREATE TYPE pg_temp.audit_log AS (a int) -- type
CREATE TEMP TABLE x (a int CONSTRAINT audit_log UNIQUE) -- index of a constraint
CREATE INDEX audit_log ON x (a) -- index, perhaps of a temporary table
ALTER TABLE x RENAME TO audit_log -- perhaps a temporary table

-- round it
SET session_replication_role = replica -- triggers off
SET SESSION AUTHORIZATION 'x' -- another user
SET standard_conforming_strings = off -- another lexer
SET NAMES 'SJIS' -- another alphabet
SELECT set_config('Session_Replication_Role', 'replica', false) -- by function
SELECT set_config('standard_conforming_strings', 'off', false) -- by function
SELECT set_config(a, b, false) FROM t -- of whatever
SELECT set_config(name, 'replica', false) FROM pg_settings WHERE name ~ 'replication_r' -- whatever name that is
SELECT set_config(name, 'S,JIS', false) FROM pg_settings WHERE name = 'client_encoding' -- which is an encoding
UPDATE pg_settings SET setting = 'off' WHERE name = 'standard_conforming_strings' -- by view
DELETE FROM pg_catalog.pg_class -- the books themselves
UPDATE pg_trigger SET tgenabled = 'D' -- without the schema
ALTER ROLE x SET standard_conforming_strings = off -- next time
ALTER DATABASE d SET search_path = x -- next time
ALTER SYSTEM SET archive_command = 'x' -- the whole server
ALTER FUNCTION f() SET search_path = evil -- under its feet
COPY users FROM PROGRAM 'x' -- a program
COPY users TO '/x' -- a file
LOAD 'x' -- a library
CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION f() -- code
DO $$BEGIN DELETE FROM audit_log; END$$ -- code
DO $$BEGIN EXECUTE 'DEL' || 'ETE FROM aud' || 'it_log'; END$$ -- computed
DO $$BEGIN UPDATE /* a b c d e f g */ audit_log SET a = 1; END$$ -- words between
DO $$BEGIN UPDATE "a b c d e f"."odd name" SET a = 1; END$$ -- words between
DO $$BEGIN DELETE FROM U&"\0061udit_log"; END$$ -- escapes
DO $$BEGIN CREATE FUNCTION g() RETURNS int LANGUAGE sql AS E'DELETE FROM \x61udit_log'; END$$ -- code in code
DO $$BEGIN DO 'begin end'; END$$ -- code in code
DO $$BEGIN SET SCHEMA 'audit'; DELETE FROM events; END$$ -- path, and a name
DO $$BEGIN INSERT INTO audit_log VALUES (1) ON CONFLICT (id) DO UPDATE SET id = 2; END$$ -- upsert
DO 'BEGIN INSERT INTO audit_log VALUES (1) ON CONFLICT (id) WHERE a = $$b$$DO UPDATE SET id = 2; END' -- a keyword right behind a constant
DO $$BEGIN SET ROLE another; END$$ -- whose path is another
DO $$BEGIN SET LOCAL "role" = another; END$$ -- spelled as a setting
DO 'BEGIN IF $$a$$ = $$a$$THEN SET role = another; END IF; END' -- not an UPDATE
DO $$BEGIN /* name */ SET/* more */role = another; END$$ -- nor here
DO $$BEGIN RESET ALL; END$$ -- the path too
DO $$BEGIN CREATE VIEW v AS SELECT * FROM audit_log; DELETE FROM v; END$$ -- made there
DO $$BEGIN CREATE TABLE p PARTITION OF audit_log DEFAULT; END$$ -- leads there
DO $$BEGIN ALTER TABLE audit_log ADD a int; END$$ -- what it would be refused for by itself
DO $$BEGIN CREATE TRIGGER t BEFORE DELETE ON audit_log FOR EACH ROW EXECUTE FUNCTION f(); END$$ -- the same
DO $$BEGIN CREATE FUNCTION g() RETURNS int LANGUAGE sql AS 'DELETE FROM audit_log RETURNING 1'; END$$ -- the same
DO $$BEGIN PERFORM 'CREATE TABLE x (a text DEFAULT '; DELETE FROM audit_log; PERFORM ')'; END$$ -- begins in a string
DO $q$BEGIN PERFORM $x$CREATE TABLE x (a text DEFAULT $y$$x$; DELETE FROM audit_log; PERFORM $y$)$y$; END$q$ -- the same
DO $$BEGIN /* CREATE TABLE x (a text DEFAULT '*/ DELETE FROM audit_log; PERFORM '); '; END$$ -- begins in a comment
DO $$BEGIN PERFORM 1e'\'; CREATE TABLE t (a text DEFAULT '; DELETE FROM audit_log; PERFORM '); '; END$$ -- doubtful
CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$BEGIN CREATE TABLE t (id int); END$$ -- nobody sees when
DO $$BEGIN INSERT INTO pg_trigger SELECT * FROM pg_trigger; END$$ -- by what there is
DO $$BEGIN UPDATE pg_catalog.pg_class SET relname = 'x'; END$$ -- the same
DO $$BEGIN PERFORM pg_proc (1); END$$ -- perhaps a function
DO $$BEGIN COPY users TO '/tmp/x'; END$$ -- a file
DO $$BEGIN COPY users (id, name) FROM/* here */'/tmp/x' WITH (FORMAT csv); END$$ -- a file
DO 'BEGIN IF $$a$$ = $$a$$THEN COPY users TO $x$/tmp/x$x$; END IF; END' -- quoted otherwise
DO $$BEGIN COPY (SELECT ';' AS "to"/* ; */) TO e'/tmp/x'; END$$ -- what stands between
DO $$BEGIN PERFORM lo_export(1, '/tmp/x'); END$$ -- a file
DO $$BEGIN PERFORM pg_read_file('/tmp/x'); END$$ -- a file
CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $$COPY users TO '/tmp/x'$$ -- a file
CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $$COPY users FROM PROGRAM 'true'$$ -- a program
DO $$BEGIN RESET ROLE; END$$ -- the same
DO $$BEGIN PERFORM set_config('x', 'y', false); END$$ -- settings
DO $$BEGIN UPDATE pg_class SET relname = 'x'; END$$ -- the books
DO LANGUAGE plpython3u 'x' -- a language that cannot be read
CREATE FUNCTION f() RETURNS void LANGUAGE sql AS 'SELECT 1; DELETE FROM audit_log' -- SQL
CREATE FUNCTION f() RETURNS void LANGUAGE sql AS 'DELETE FROM events' -- for any path
CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $$SELECT set_config('search_path', 'x', false)$$ -- moves the path
CREATE FUNCTION f() RETURNS void LANGUAGE c AS 'x', 'y' -- C
CREATE FUNCTION f() RETURNS void LANGUAGE sql SET session_replication_role = replica AS 'SELECT 1' -- with a setting
CREATE PROCEDURE p() LANGUAGE plpgsql AS $$BEGIN TRUNCATE a, b, c, audit_log; END$$ -- procedure
CREATE EXTENSION dblink -- a way back in
SELECT dblink_exec('', 'DELETE FROM audit_log') -- through another connection
SELECT query_to_xml('SELECT purge()', true, false, '') -- any text
SELECT lo_export(1, '/x') -- a file
CREATE SERVER s FOREIGN DATA WRAPPER postgres_fdw -- a way back in
CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p -- rows from elsewhere
SELECT setval('audit_log_id_seq', 1) -- keys that are taken
-- newer than the parser
MERGE INTO audit_log a USING users u ON true WHEN NOT MATCHED BY SOURCE THEN DELETE -- Postgres 17
