"""A schema with insert-only tables, and with all that leads to them: views,
keys that act, triggers, rules, domains, code."""

GUARDED = ["public.audit_log", 'public."AuditTrail"', "audit.events", "public.audit_keys", "public.audit_kept",
           "public.audit_part", "public.audit_leaf"]
IN_SQLITE = ["audit_log", "AuditTrail", "audit.events", "audit_keys", "audit_kept"]
RETAIN = "public.audit_kept.at 30d"
OLD = "at < now() - interval '30 days'"
OLD_SQLITE = "at < strftime('%Y-%m-%d %H:%M:%f', 'now', '-30 days')"

# What both backends can make, and behind it what only Postgres can. Objects of
# the second list that lead to a guarded table are its owner's.
TABLES = """
CREATE TABLE parent (id int PRIMARY KEY, who text, n int);
CREATE TABLE plain (id int PRIMARY KEY, who text, n int);
CREATE TABLE computed (id int PRIMARY KEY, who text, n int, k int GENERATED ALWAYS AS (n * 10) STORED UNIQUE);
CREATE SCHEMA other;
CREATE TABLE other.events (id int PRIMARY KEY, who text, n int);
CREATE TABLE other.audit_log (id int PRIMARY KEY, who text, n int);
INSERT INTO parent VALUES (1, 'p', 1), (2, 'q', 2), (3, 'r', 3);
INSERT INTO plain VALUES (1, 'p', 1), (2, 'q', 2), (3, 'r', 3);
INSERT INTO computed VALUES (1, 'p', 1), (2, 'q', 2), (3, 'r', 3);
INSERT INTO other.events VALUES (1, 'o', 1);
INSERT INTO other.audit_log VALUES (1, 'o', 1)
"""
TABLES_POSTGRES = """
CREATE TABLE moved (id int PRIMARY KEY, who text, n int, k int UNIQUE);
CREATE FUNCTION t_move() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.k := NEW.k + 100; RETURN NEW; END';
CREATE TRIGGER move BEFORE UPDATE ON moved FOR EACH ROW EXECUTE FUNCTION t_move();
CREATE TABLE stamped (id int PRIMARY KEY, who text, n int, k int UNIQUE);
CREATE FUNCTION t_stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.who := concat(OLD.who, NEW.k); RETURN NEW; END';
CREATE TRIGGER stamp BEFORE UPDATE ON stamped FOR EACH ROW EXECUTE FUNCTION t_stamp();
CREATE TABLE split (id int PRIMARY KEY, who text, n int) PARTITION BY RANGE (id);
CREATE TABLE split_1 PARTITION OF split FOR VALUES FROM (0) TO (100);
CREATE TABLE split_2 PARTITION OF split DEFAULT;
CREATE TABLE top (id int PRIMARY KEY, who text, n int);
CREATE TABLE mid (id int PRIMARY KEY REFERENCES top ON DELETE CASCADE ON UPDATE CASCADE, who text, n int);
CREATE TABLE kin (id int NOT NULL, who text, n int);
CREATE TABLE kid () INHERITS (kin);
INSERT INTO top VALUES (1, 'p', 1), (2, 'q', 2), (3, 'r', 3);
INSERT INTO mid VALUES (1, 'p', 1), (2, 'q', 2), (3, 'r', 3);
INSERT INTO moved VALUES (1, 'p', 1, 1), (2, 'q', 2, 2), (3, 'r', 3, 3);
INSERT INTO stamped VALUES (1, 'p', 1, 1), (2, 'q', 2, 2), (3, 'r', 3, 3);
INSERT INTO split VALUES (1, 'p', 1), (2, 'q', 2), (200, 'r', 3)
"""
AUDITED = """
CREATE TABLE audit_log (id int PRIMARY KEY, who text, n int, ref int REFERENCES parent ON DELETE SET NULL);
CREATE TABLE "AuditTrail" (id int PRIMARY KEY, who text, n int);
CREATE SCHEMA audit;
CREATE TABLE audit.events (id int PRIMARY KEY, who text, n int, ref int REFERENCES public.parent ON DELETE CASCADE);
CREATE TABLE audit_keys (id int PRIMARY KEY, who text, n int, k int REFERENCES computed (k) ON UPDATE CASCADE);
CREATE TABLE audit_kept (id int PRIMARY KEY, who text, n int, at timestamptz DEFAULT now());
INSERT INTO audit_log VALUES (1, 'a', 1, 1), (2, 'b', 2, 2), (3, 'c', 3, NULL);
INSERT INTO "AuditTrail" VALUES (1, 'a', 1), (2, 'b', 2);
INSERT INTO audit.events VALUES (1, 'a', 1, 1), (2, 'b', 2, NULL);
INSERT INTO audit_keys VALUES (1, 'a', 1, 10), (2, 'b', 2, NULL);
INSERT INTO audit_kept VALUES (1, 'a', 1, now()), (2, 'b', 2, now() - interval '20 days'), (3, 'c', 3, now() - interval '60 days'),
    (4, 'd', 4, now() - interval '90 days');
CREATE UNIQUE INDEX kept_who ON audit_kept (lower(who)) WHERE id < 100;
CREATE VIEW v_log AS SELECT id, who, n FROM audit_log;
CREATE VIEW v_two AS SELECT * FROM v_log WHERE n > 0;
CREATE VIEW v_plain AS SELECT * FROM plain
"""
AUDITED_POSTGRES = """
CREATE TYPE mood AS ENUM ('fair', 'foul');
CREATE TABLE audit_part (id int PRIMARY KEY, who text, n int, mood mood DEFAULT 'fair') PARTITION BY RANGE (id);
CREATE TABLE audit_part_1 PARTITION OF audit_part FOR VALUES FROM (0) TO (100);
CREATE TABLE audit_part_2 PARTITION OF audit_part DEFAULT;
CREATE TABLE log_child () INHERITS (audit_log);
CREATE TABLE audit_leaf (id int PRIMARY KEY, who text, n int, s int REFERENCES split_1 ON DELETE CASCADE,
    m int REFERENCES moved (k) ON UPDATE CASCADE, k int REFERENCES stamped (k) ON UPDATE CASCADE);
INSERT INTO audit_part VALUES (1, 'a', 1), (200, 'b', 2);
INSERT INTO log_child VALUES (50, 'k', 5, NULL);
INSERT INTO audit_leaf VALUES (1, 'a', 1, 1, 1, 1), (2, 'b', 2, NULL, 2, 2);
CREATE FUNCTION f_evil() RETURNS int LANGUAGE plpgsql AS 'BEGIN DELETE FROM audit_log; RETURN 1; END';
CREATE FUNCTION f_dynamic(t text) RETURNS int LANGUAGE plpgsql AS 'BEGIN EXECUTE t; RETURN 1; END';
CREATE FUNCTION f_read() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM public.audit_log';
CREATE FUNCTION f_plain() RETURNS int LANGUAGE plpgsql AS 'BEGIN UPDATE public.plain SET n = n + 1; RETURN 1; END';
CREATE FUNCTION f_path() RETURNS int LANGUAGE sql SET search_path = other AS 'DELETE FROM other.events; SELECT 1';
CREATE PROCEDURE p_evil() LANGUAGE plpgsql AS 'BEGIN DELETE FROM audit.events; END';
CREATE FUNCTION t_evil() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN DELETE FROM audit.events; RETURN NEW; END';
CREATE FUNCTION t_copy() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN INSERT INTO public."AuditTrail" SELECT max(id) + 1, NEW.who, NEW.n FROM public."AuditTrail"; RETURN NEW; END';
CREATE TABLE watched (id int PRIMARY KEY, who text, n int);
CREATE TRIGGER copy AFTER INSERT ON watched FOR EACH ROW EXECUTE FUNCTION t_copy();
CREATE TABLE trapped (id int PRIMARY KEY, who text, n int);
CREATE TRIGGER trap AFTER INSERT ON trapped FOR EACH ROW EXECUTE FUNCTION t_evil();
CREATE TABLE ruled (id int PRIMARY KEY, who text, n int);
CREATE RULE trap AS ON INSERT TO ruled DO ALSO DELETE FROM audit.events;
CREATE FUNCTION d_evil(text) RETURNS bool LANGUAGE plpgsql AS 'BEGIN DELETE FROM public.audit_log; RETURN true; END';
CREATE DOMAIN evil AS text CHECK (d_evil(VALUE));
CREATE DOMAIN evil_again AS evil NOT NULL;
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE TYPE evil_pair AS (a evil, b int);
CREATE VIEW v_over AS SELECT * FROM v_plain;
CREATE TABLE acted (id int PRIMARY KEY, who text, n int);
CREATE RULE act AS ON INSERT TO acted DO ALSO DELETE FROM v_over;
CREATE TABLE typed (id int PRIMARY KEY, who evil, n positive);
CREATE VIEW v_instead AS SELECT id, who, n FROM plain;
CREATE FUNCTION t_instead() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN UPDATE audit_log SET n = NEW.n; RETURN NEW; END';
CREATE TRIGGER instead INSTEAD OF UPDATE ON v_instead FOR EACH ROW EXECUTE FUNCTION t_instead()
"""
LENT = "GRANT ALL ON ALL TABLES IN SCHEMA public, other TO PUBLIC; GRANT USAGE ON SCHEMA other TO PUBLIC"
# What the other role of the twin may do.
LIMITED = """
GRANT USAGE ON SCHEMA audit TO app; GRANT ALL ON watched, trapped, ruled, typed, acted, v_plain, v_over, v_instead TO app;
GRANT SELECT, INSERT ON audit_log, "AuditTrail", audit.events, audit_keys, audit_kept, audit_leaf, audit_part, audit_part_1, audit_part_2,
    log_child, v_log, v_two TO app
"""
