-- Texts that must pass, one per line. The guarded tables are those of
-- refuse.sql; the search path is public.

-- what insert-only means
SELECT * FROM audit_log
INSERT INTO audit_log(actor) VALUES ('x') RETURNING id
INSERT INTO audit_log SELECT * FROM users ON CONFLICT (id) DO NOTHING
COPY audit_log FROM STDIN WITH (FORMAT csv)
COPY audit_log TO STDOUT
COPY (SELECT * FROM audit_log) TO STDOUT
MERGE INTO audit_log a USING users u ON a.id = u.id WHEN MATCHED THEN DO NOTHING WHEN NOT MATCHED THEN INSERT VALUES (1)
WITH a AS (INSERT INTO audit_log(actor) VALUES ('x') RETURNING id) UPDATE users SET last = (SELECT id FROM a)
EXPLAIN ANALYZE INSERT INTO audit_log VALUES (1)
LOCK TABLE audit_log IN ACCESS SHARE MODE
BEGIN; INSERT INTO audit_log VALUES (1); COMMIT

-- other tables, and names that only look alike
UPDATE users SET audit_log = 'x'
DELETE FROM audit_logs
DELETE FROM my_audit_log
DELETE FROM other.audit_log
UPDATE "Audit_Log" SET a = 1
UPDATE events SET a = 1
DROP SCHEMA other CASCADE
WITH audit_log AS (DELETE FROM orders RETURNING id) SELECT * FROM audit_log
PREPARE audit_log AS DELETE FROM orders
DECLARE audit_log CURSOR FOR SELECT * FROM orders FOR UPDATE
LISTEN audit_log
SELECT 'DELETE FROM audit_log' -- DELETE FROM audit_log
/* UPDATE audit_log SET x = 1; */ SELECT 1
UPDATE orders SET note = E'\'; DELETE FROM audit_log; --'
SELECT * FROM users u JOIN audit_log a ON true FOR UPDATE OF u
INSERT INTO users VALUES (1) ON CONFLICT (id) DO UPDATE SET id = 1
CREATE TABLE copy (LIKE audit_log INCLUDING ALL); DELETE FROM copy
CREATE TABLE snap AS SELECT * FROM audit_log; UPDATE snap SET a = 1
CREATE TABLE notes (a int REFERENCES audit_log(id) ON DELETE CASCADE)
TRUNCATE orders RESTART IDENTITY
CREATE VIEW v AS SELECT * FROM audit_log; SELECT * FROM v; INSERT INTO v VALUES (1); UPDATE users SET a = 1
CREATE VIEW v AS SELECT * FROM users; UPDATE v SET a = 1; DROP VIEW v

-- maintenance
CREATE TABLE audit_log (id serial)
CREATE INDEX CONCURRENTLY ix ON audit_log (actor)
CREATE INDEX ON audit_log (lower(actor), (body ->> 'k') text_pattern_ops, at DESC) WHERE ref IS NOT NULL AND actor <> 'x'
CREATE UNIQUE INDEX ON users (name)
GRANT USAGE ON SCHEMA public TO app; GRANT USAGE ON SEQUENCE audit_log_id_seq TO app
VACUUM (ANALYZE) audit_log
ANALYZE audit_log
REINDEX TABLE audit_log
COMMENT ON COLUMN audit_log.actor IS 'x'
GRANT SELECT, INSERT ON audit_log TO app
REVOKE UPDATE, DELETE ON audit_log FROM app
ALTER TABLE audit_log ALTER COLUMN actor SET STATISTICS 500
ALTER TABLE audit_log SET (autovacuum_vacuum_scale_factor = 0.01)
CREATE TABLE audit_log_2027 PARTITION OF audit_log FOR VALUES FROM (1) TO (2)
ALTER TABLE audit_log ATTACH PARTITION audit_log_2027 FOR VALUES FROM (1) TO (2)
CREATE STATISTICS s ON a, b FROM audit_log

-- ordinary life
SET search_path = public; SET client_encoding = 'UTF8'; SET NAMES 'latin1'; SET standard_conforming_strings = on
SET TIME ZONE 'UTC'; SET statement_timeout = 0; SET application_name = 'x'
RESET ALL; DISCARD ALL; UNLISTEN *; CLOSE ALL; RESET SESSION AUTHORIZATION; SET SESSION AUTHORIZATION DEFAULT
SELECT set_config('app.user', $1, true), set_config('search_path', '', false)
SELECT set_config(name, 'view, foreign-table', false) FROM pg_settings WHERE name = 'restrict_nonsystem_relation_kind'
SELECT nextval('audit_log_id_seq'), currval('audit_log_id_seq')
SELECT my_function(1), pg_advisory_lock(2)
CALL my_procedure()
ALTER ROLE app SET statement_timeout = '5s'
DROP TABLE users CASCADE; DROP TYPE mood; DROP FUNCTION f()
ALTER TABLE users RENAME TO people
CREATE EXTENSION IF NOT EXISTS "uuid-ossp"
CREATE TEMP TABLE scratch (a int PRIMARY KEY) ON COMMIT DROP
CREATE TRIGGER t AFTER UPDATE ON users FOR EACH ROW EXECUTE FUNCTION log_user()
CREATE FUNCTION log_user() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN IF TG_OP = 'UPDATE' OR TG_OP = 'DELETE' THEN INSERT INTO audit_log(actor, event) VALUES (NEW.name, TG_OP) ON CONFLICT DO NOTHING; END IF; RETURN NEW; END$$
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN NEW.updated_at := now(); RETURN NEW; END$$
CREATE FUNCTION do_both() RETURNS void LANGUAGE plpgsql AS $$BEGIN UPDATE users SET seen = now() WHERE id = 1; INSERT INTO audit_log(actor) VALUES ('x'); END$$
CREATE FUNCTION add(a int, b int) RETURNS int LANGUAGE sql IMMUTABLE SET search_path = public AS 'SELECT a + b'
CREATE FUNCTION add2(a int, b int) RETURNS int RETURN a + b
DO $$BEGIN IF NOT EXISTS (SELECT 1 FROM users) THEN RAISE NOTICE 'empty'; END IF; END$$
DO $$BEGIN UPDATE users SET role = 'a'; UPDATE users u SET schema = 'b'; UPDATE users SET work_mem = NULL; END$$
DO $$BEGIN CREATE TYPE mood AS ENUM ('good', 'so so; or so'); EXCEPTION WHEN duplicate_object THEN NULL; END$$
DO $$BEGIN IF NOT EXISTS (SELECT FROM pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = typnamespace WHERE typname = 'mood') THEN CREATE TYPE public.mood AS ENUM ('good'); END IF; END$$
DO $$BEGIN ALTER TYPE mood ADD VALUE IF NOT EXISTS 'bad'; END$$
DO $$ BEGIN ALTER TABLE "users" ADD CONSTRAINT "users_team" FOREIGN KEY ("team") REFERENCES "public"."teams"("id") ON DELETE cascade ON UPDATE no action; EXCEPTION WHEN duplicate_object THEN NULL; END $$
DO $$BEGIN /* comes; once only */ CREATE TABLE IF NOT EXISTS teams (id int PRIMARY KEY); CREATE INDEX i ON teams (id); END$$
CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$BEGIN CREATE TYPE mood AS ENUM ('good'); END$$
DO $$DECLARE copy text := 'x'; BEGIN /* copy it to users */ UPDATE users SET copy = substring(name FROM '^x'); END$$
DO $$BEGIN /* a copy of each goes from here to there*/ INSERT INTO users SELECT id FROM users; END$$
