"""Statements over a schema with insert-only tables: all the ways there are to
read, add to, change and take away, and then spelled and wrapped otherwise."""

import random
import re

GUARDED = ["public.audit_log", 'public."AuditTrail"', "audit.events", "public.audit_part"]

# What both backends can make, and behind it what only Postgres can. Objects of
# the second list that lead to a guarded table are its owner's.
TABLES = """
CREATE TABLE parent (id int PRIMARY KEY, who text, n int);
CREATE TABLE plain (id int PRIMARY KEY, who text, n int);
CREATE SCHEMA other;
CREATE TABLE other.events (id int PRIMARY KEY, who text, n int);
CREATE TABLE other.audit_log (id int PRIMARY KEY, who text, n int);
INSERT INTO parent VALUES (1, 'p', 1), (2, 'q', 2), (3, 'r', 3);
INSERT INTO plain VALUES (1, 'p', 1), (2, 'q', 2), (3, 'r', 3);
INSERT INTO other.events VALUES (1, 'o', 1);
INSERT INTO other.audit_log VALUES (1, 'o', 1)
"""
AUDITED = """
CREATE TABLE audit_log (id int PRIMARY KEY, who text, n int, ref int REFERENCES parent ON DELETE SET NULL);
CREATE TABLE "AuditTrail" (id int PRIMARY KEY, who text, n int);
CREATE SCHEMA audit;
CREATE TABLE audit.events (id int PRIMARY KEY, who text, n int, ref int REFERENCES public.parent ON DELETE CASCADE);
INSERT INTO audit_log VALUES (1, 'a', 1, 1), (2, 'b', 2, 2), (3, 'c', 3, NULL);
INSERT INTO "AuditTrail" VALUES (1, 'a', 1), (2, 'b', 2);
INSERT INTO audit.events VALUES (1, 'a', 1, 1), (2, 'b', 2, NULL);
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
INSERT INTO audit_part VALUES (1, 'a', 1), (200, 'b', 2);
INSERT INTO log_child VALUES (50, 'k', 5, NULL);
CREATE FUNCTION f_evil() RETURNS int LANGUAGE plpgsql AS 'BEGIN DELETE FROM audit_log; RETURN 1; END';
CREATE FUNCTION f_dynamic(t text) RETURNS int LANGUAGE plpgsql AS 'BEGIN EXECUTE t; RETURN 1; END';
CREATE FUNCTION f_read() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM public.audit_log';
CREATE FUNCTION f_plain() RETURNS int LANGUAGE plpgsql AS 'BEGIN UPDATE public.plain SET n = n + 1; RETURN 1; END';
CREATE PROCEDURE p_evil() LANGUAGE plpgsql AS 'BEGIN DELETE FROM audit.events; END';
CREATE FUNCTION t_evil() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN DELETE FROM audit.events; RETURN NEW; END';
CREATE FUNCTION t_copy() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN INSERT INTO public."AuditTrail" SELECT max(id) + 1, NEW.who, NEW.n FROM public."AuditTrail"; RETURN NEW; END';
CREATE TABLE watched (id int PRIMARY KEY, who text, n int);
CREATE TRIGGER copy AFTER INSERT ON watched FOR EACH ROW EXECUTE FUNCTION t_copy();
CREATE TABLE trapped (id int PRIMARY KEY, who text, n int);
CREATE TRIGGER trap AFTER INSERT ON trapped FOR EACH ROW EXECUTE FUNCTION t_evil();
CREATE TABLE ruled (id int PRIMARY KEY, who text, n int);
CREATE RULE trap AS ON INSERT TO ruled DO ALSO DELETE FROM audit.events
"""

RELATIONS = ["audit_log", "public.audit_log", '"AuditTrail"', "audit.events", "events", "audit_part", "audit_part_1",
             "log_child", "v_log", "v_two", "parent", "plain", "public.plain", "v_plain", "other.events",
             "other.audit_log", "watched", "trapped", "ruled", "made"]
PARTS = re.compile(r"(\$\$.*?\$\$|'(?:[^']|'')*'|U&\"[^\"]*\"|\"[^\"]*\")", re.S)
# of a message: what a twin that begins anew for each could not follow
STATE = re.compile(r"\b(begin|commit|rollback|savepoint|release|abort|end|start|prepare|execute|deallocate|set|reset|"
                   r"discard|fetch|declare|close|listen|unlisten)\b", re.I)
DEFINES = re.compile(r"\b(create|alter|drop|comment|grant|revoke|truncate|lock|do|call|into\s+\w+\s+from|rule|security|"
                     r"reassign|import|vacuum|analyze|cluster|reindex|refresh)\b", re.I)
# Whether these change a guarded row depends on rows, or on texts that they are
# given: refused by what they lead to, also where this time it is nothing.
LEADS = {"parent": re.compile("delete|merge|truncate", re.I), "trapped": re.compile("insert|merge", re.I),
         "ruled": re.compile("insert|merge", re.I)}
OPAQUE = re.compile("f_dynamic|f_evil|p_evil|query_to_xml|ts_stat", re.I)


class Grammar:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.next_key = 1000
        self.named = set()      # relations of the message made last

    def one(self, *choices):
        return self.random.choice(choices)

    def chance(self, share):
        return self.random.random() < share

    def key(self):
        return str(self.random.randint(1, 4))

    def new_key(self):
        self.next_key += 1
        return str(self.next_key)

    def leads_somewhere(self, text):
        """Whether what was made last is refused even where no row comes of it."""
        return OPAQUE.search(text) or any(name in LEADS and LEADS[name].search(text) for name in self.named)

    # --- names

    def spell(self, name):
        """The same name written otherwise."""
        return self.one(".", ".", ".", " . ").join(map(self.spell_part, name.split(".")))

    def spell_part(self, part):
        if part.startswith('"'):
            return self.one(part, part, f"U&{part}", f'U&"\\{ord(part[1]):04x}{part[2:]}')
        return self.one(part, part, part, part.upper(), f'"{part}"', f'U&"\\{ord(part[0]):04x}{part[1:]}"')

    def relation(self):
        name = self.random.choice(RELATIONS)
        self.named.add(name)
        return self.spell(name)

    # --- parts

    def expression(self):
        relation = self.relation()
        return self.one("id", "n", "n + 1", "length(who)", "coalesce(n, 0)", self.key(), "CASE WHEN n > 1 THEN n END",
                        f"(SELECT max(n) FROM {relation})", f"(SELECT count(*) FROM {relation})", "f_read()",
                        "abs(n)", "nullif(n, 1)", "who", "'delete from audit_log'", "CAST(n AS text)", "row_number() OVER ()")

    def condition(self):
        relation = self.relation()
        return self.one("", f" WHERE id = {self.key()}", f" WHERE n > {self.key()}", " WHERE true", " WHERE id IN (1, 2)",
                        f" WHERE who IN (SELECT who FROM {relation})", " WHERE NOT (n IS NULL)", " WHERE who LIKE 'a%'",
                        f" WHERE EXISTS (SELECT 1 FROM {relation} e WHERE e.id = {self.key()})")

    def row(self):
        return f"({self.new_key()}, 'it''s', {self.key()})"

    # --- statements

    def select(self):
        a, b, expression, condition = self.relation(), self.relation(), self.expression(), self.condition()
        return self.one(
            f"SELECT * FROM {a}{condition}", f"SELECT {expression} FROM {a}{condition}", f"TABLE {a}",
            f"SELECT a.id, b.who FROM {a} a JOIN {b} b ON a.id = b.id", f"SELECT a.* FROM {a} a, LATERAL (SELECT * FROM {b} b WHERE b.id = a.id) x",
            f"SELECT id FROM {a} UNION SELECT n FROM {b}", f"SELECT id FROM {a} EXCEPT ALL SELECT id FROM {b}{condition}",
            f"SELECT who, count(*) FROM {a} GROUP BY who HAVING count(*) > 0 ORDER BY 1 LIMIT 3", f"SELECT * FROM {a} FOR UPDATE",
            f"SELECT * FROM {a} x, {b} y FOR SHARE OF y", f"SELECT * FROM {a} ORDER BY id FETCH FIRST 2 ROWS ONLY",
            f"WITH w AS (SELECT * FROM {a}{condition}) SELECT * FROM w", f"WITH {a.rpartition('.')[2].strip()} AS (SELECT 1 AS id) SELECT * FROM {a}",
            f"SELECT DISTINCT ON (who) * FROM {a} ORDER BY who, id", f"COPY {a} TO STDOUT", f"COPY (SELECT * FROM {a}{condition}) TO STDOUT",
            f"EXPLAIN SELECT * FROM {a}{condition}", f"VALUES (1, 'delete from audit_log')")

    def insert(self):
        a, b = self.relation(), self.relation()
        columns = self.one("(id, who, n)", "(id, who, n)", " AS x (id, who, n)")
        return self.one(
            f"INSERT INTO {a} {columns} VALUES {self.row()}", f"INSERT INTO {a} {columns} VALUES {self.row()}, {self.row()} RETURNING *",
            f"INSERT INTO {a} (id, who) SELECT id + {self.new_key()}, who FROM {b} LIMIT 2",
            f"INSERT INTO {a} {columns} VALUES ({self.key()}, 'u', 1) ON CONFLICT DO NOTHING",
            f"INSERT INTO {a} {columns} VALUES ({self.key()}, 'u', 1) ON CONFLICT (id) DO NOTHING RETURNING id",
            f"INSERT INTO {a} {columns} VALUES ({self.key()}, 'u', 1) ON CONFLICT (id) DO UPDATE SET who = 'u'",
            f"INSERT INTO {a} AS x (id, who) VALUES ({self.key()}, 'u') ON CONFLICT (id) DO UPDATE SET n = excluded.n WHERE x.n > 0",
            f"WITH w AS (INSERT INTO {a} (id, who, n) VALUES {self.row()} RETURNING id) SELECT * FROM w")

    def change(self):
        a, b, condition = self.relation(), self.relation(), self.condition()
        return self.one(
            f"UPDATE {a} SET n = n + 1{condition}", f"UPDATE ONLY {a} AS x SET who = 'x'{condition}", f"UPDATE {a} * SET n = 1",
            f"UPDATE {a} SET (who, n) = ('y', 7){condition}", f"UPDATE {a} SET (who, n) = (SELECT 'z', 8){condition}",
            f"UPDATE {a} x SET n = y.n FROM {b} y WHERE x.id = y.id", f"UPDATE {a} SET id = id + 100{condition} RETURNING id",
            f"DELETE FROM {a}{condition}", f"DELETE FROM ONLY {a} x USING {b} y WHERE x.id = y.id", f"DELETE FROM {a} RETURNING *",
            f"MERGE INTO {a} x USING {b} y ON x.id = y.id WHEN MATCHED THEN UPDATE SET n = 0",
            f"MERGE INTO {a} x USING {b} y ON x.id = y.id WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN DO NOTHING",
            f"WITH w AS (DELETE FROM {a}{condition} RETURNING *) SELECT * FROM w", f"WITH w AS (UPDATE {a} SET n = 3 RETURNING id) INSERT INTO {b} (id) SELECT id + {self.new_key()} FROM w",
            f"EXPLAIN ANALYZE DELETE FROM {a}{condition}", f"EXPLAIN (ANALYZE, COSTS off) UPDATE {a} SET n = 4", f"TRUNCATE {a}",
            f"TRUNCATE TABLE ONLY {a}, {b} CASCADE", f"TRUNCATE {a} RESTART IDENTITY")

    def define(self):
        a, b = self.relation(), self.relation()
        return self.one(
            f"DROP TABLE {a}", f"DROP TABLE IF EXISTS {a}, {b} CASCADE", f"DROP VIEW {a}", f"DROP SCHEMA {self.one('audit', 'other')} CASCADE",
            f"ALTER TABLE {a} ADD COLUMN c{self.key()} int", f"ALTER TABLE {a} DROP COLUMN who", f"ALTER TABLE {a} RENAME TO made",
            f"ALTER TABLE {a} RENAME COLUMN who TO whom", f"ALTER TABLE {a} ALTER n TYPE text", f"ALTER TABLE {a} ALTER n SET DEFAULT 4",
            f"ALTER TABLE {a} SET SCHEMA other", f"ALTER TABLE {a} DISABLE TRIGGER ALL", f"ALTER TABLE {a} OWNER TO CURRENT_USER",
            f"ALTER TABLE {a} INHERIT {b}", f"ALTER TABLE audit_part DETACH PARTITION {a}", f"ALTER TABLE audit_part ATTACH PARTITION {a} DEFAULT",
            f"ALTER TABLE {a} ADD FOREIGN KEY (n) REFERENCES {b} ON DELETE CASCADE", f"ALTER TABLE {a} ENABLE ROW LEVEL SECURITY",
            f"CREATE VIEW made AS SELECT * FROM {a}", f"CREATE OR REPLACE VIEW v_plain AS SELECT id, who, n FROM {a}", f"CREATE TEMP VIEW made AS SELECT * FROM {a}",
            f"CREATE TABLE made AS SELECT * FROM {a}", f"CREATE TABLE made (LIKE {a} INCLUDING ALL)", f"CREATE TABLE made (id int PRIMARY KEY, who text, n int REFERENCES {a} ON DELETE CASCADE)",
            f"CREATE TABLE made () INHERITS ({a})", f"CREATE TEMP TABLE {self.one('audit_log', 'plain', 'events', 'made')} (id int, who text, n int)",
            f"CREATE INDEX ON {a} (n)", f"CREATE UNIQUE INDEX made_{self.key()} ON {a} (id, who)", f"COMMENT ON TABLE {a} IS 'x'", f"ALTER VIEW {a} RENAME TO made",
            f"CREATE RULE r{self.key()} AS ON {self.one('INSERT', 'UPDATE', 'DELETE')} TO {a} DO {self.one('ALSO', 'INSTEAD')} {self.one(f'DELETE FROM {b}', f'UPDATE {b} SET n = 1', 'NOTHING')}",
            f"CREATE TRIGGER t{self.key()} {self.one('BEFORE', 'AFTER')} {self.one('INSERT', 'UPDATE', 'DELETE')} ON {a} FOR EACH ROW EXECUTE FUNCTION {self.one('t_evil', 't_copy')}()",
            f"DROP TRIGGER {self.one('copy', 'trap')} ON {a}", f"DROP FUNCTION {self.one('f_evil()', 'f_read()', 't_copy() CASCADE')}", f"DROP TYPE {self.one('mood', 'mood CASCADE')}",
            f"ALTER TYPE mood RENAME VALUE 'fair' TO 'fine'", f"ALTER FUNCTION f_plain() RENAME TO f_read2", f"GRANT ALL ON {a} TO PUBLIC",
            f"CREATE FUNCTION g{self.key()}() RETURNS int LANGUAGE sql AS $$ {self.body()}; SELECT 1 $$", f"CREATE OR REPLACE FUNCTION f_plain() RETURNS int LANGUAGE plpgsql AS $$ BEGIN {self.body()}; RETURN 1; END $$",
            f"CREATE OPERATOR @@@{self.one('', '@')} (LEFTARG = int, RIGHTARG = int, FUNCTION = int4pl)", f"CREATE DOMAIN dom{self.key()} AS int CHECK (VALUE > 0)",
            f"LOCK TABLE {a}", f"LOCK {a} IN ACCESS SHARE MODE", f"REASSIGN OWNED BY CURRENT_USER TO CURRENT_USER", "DROP OWNED BY CURRENT_USER",
            f"SELECT * INTO made FROM {a}", f"SELECT * INTO TEMP made FROM {a}", f"REFRESH MATERIALIZED VIEW {a}", f"CREATE MATERIALIZED VIEW made AS SELECT * FROM {a}",
            f"SECURITY LABEL ON TABLE {a} IS 'x'", f"CLUSTER {a}", f"VACUUM FULL {a}", f"REINDEX TABLE {a}", f"ANALYZE {a}")

    def body(self):
        a = self.relation()
        return self.one(f"DELETE FROM {a}", f"UPDATE {a} SET n = 5", f"INSERT INTO {a} (id) VALUES ({self.new_key()})", f"SELECT count(*) FROM {a}")

    def code(self):
        text = self.body().replace("'", "''")
        return self.one(
            f"DO $$ BEGIN {self.one(self.body(), 'PERFORM f_read()', 'NULL')}; END $$", f"DO $$ BEGIN EXECUTE '{text}'; END $$", f"DO LANGUAGE plpgsql $$ BEGIN PERFORM f_evil(); END $$",
            "CALL p_evil()", "SELECT f_evil()", "SELECT f_read()", "SELECT f_plain()", f"SELECT f_dynamic('{text}')", "SELECT public.f_evil() FROM plain", "SELECT count(f_evil()) FROM plain",
            f"SELECT query_to_xml('{text}', true, true, '')", "SELECT * FROM plain WHERE f_evil() = 1", "SELECT max(n) FILTER (WHERE f_evil() > 0) FROM plain",
            f"SELECT database_to_xml(true, true, '')", "SELECT pg_sleep(0)", "SELECT current_setting('search_path')", "SELECT g1()", "SELECT 1 @@@ 2", "SELECT now(), current_user, version()",
            f"SELECT lo_create(0)", f"SELECT ts_stat('{text}')", f"SELECT set_config('search_path', '{self.one('audit', 'other', 'public')}', {self.one('true', 'false')})")

    def session(self):
        return self.one(
            f"SET search_path TO {self.one('audit, public', 'other, public', 'audit', 'pg_temp, public', 'public')}", f"SET LOCAL search_path TO {self.one('audit', 'other')}", "RESET search_path",
            f"SET SCHEMA 'audit'", "DISCARD ALL", "RESET ALL", f"SET ROLE {self.one('app', 'none', 'keeper', 'postgres')}", "SET SESSION AUTHORIZATION DEFAULT", "SET session_replication_role = replica",
            "SET standard_conforming_strings = off", f"SET client_encoding = '{self.one('UTF8', 'SJIS', 'LATIN1')}'", "SET row_security = off", "SET TIME ZONE 'UTC'", "SHOW search_path",
            "SET transaction_read_only = off", "LISTEN x", "NOTIFY x, 'y'", "UNLISTEN *", "SET escape_string_warning = off", "DISCARD TEMP")

    def transaction(self):
        return self.one("BEGIN", "BEGIN", "COMMIT", "COMMIT", "ROLLBACK", "SAVEPOINT s", "ROLLBACK TO s", "RELEASE s", "START TRANSACTION READ ONLY", "END", "COMMIT AND CHAIN", "PREPARE TRANSACTION 'x'")

    def data(self):
        return self.random.choices([self.select, self.insert, self.change], [4, 3, 5])[0]()

    def prepared(self):
        text, name = self.data(), self.one("p", "q")
        return self.one(f"PREPARE {name} AS {text}", f"PREPARE {name} AS {text}; EXECUTE {name}", f"EXECUTE {name}", f"DEALLOCATE {name}", f"EXPLAIN ANALYZE EXECUTE {name}",
                        f"DECLARE c CURSOR FOR SELECT * FROM {self.relation()} FOR UPDATE", "FETCH c", f"{self.one('DELETE FROM', 'UPDATE')} {self.relation()} {self.one('', 'SET n = 1 ')}WHERE CURRENT OF c", "CLOSE ALL",
                        f"DECLARE h CURSOR WITH HOLD FOR SELECT id FROM {self.relation()}")

    def statement(self):
        kinds = [self.select, self.insert, self.change, self.define, self.code, self.session, self.transaction, self.prepared]
        text = self.random.choices(kinds, [20, 20, 30, 12, 6, 4, 4, 6])[0]()
        return self.mutate(text) if self.chance(0.6) else text

    def message(self):
        self.named.clear()
        parts = [self.statement() for _ in range(self.one(1, 1, 1, 1, 1, 2, 3))]
        return self.one("; ", ";", " ;\n", ";;").join(parts) + self.one("", "", ";", " ;", "; -- end", "/**/")

    # --- the same otherwise

    def space(self):
        return self.one(" ", " ", "\n", "\t", " /* ; */ ", " -- '\n", "/**/", " /* /* nested */ ' */ ", "\r\n", "  ", "\f")

    def word(self, word):
        return self.one(word, word, word.lower(), word.upper(), word.swapcase(), word.title())

    def mutate(self, text):
        """Outside of quotes: letters in the other case, other spaces. Strings in other quotes."""
        parts = PARTS.split(text)
        share = self.one(0.1, 0.5, 1)
        for number, part in enumerate(parts):
            if number % 2 == 0:
                part = re.sub(r"[A-Za-z_]+", lambda found: self.word(found[0]) if self.chance(share) else found[0], part)
                parts[number] = re.sub(" ", lambda found: self.space() if self.chance(share) else " ", part)
            elif part.startswith("'") and self.chance(share):
                parts[number] = self.quote(part)
        return "".join(parts)

    def quote(self, literal):
        inner = literal[1:-1]
        plain = inner.replace("''", "'")
        return self.one(literal, f"E{literal}", f"U&{literal}", f"$q${plain}$q$", f"$${plain}$$", "E'" + "".join(f"\\x{ord(c):02x}" for c in plain) + "'")
