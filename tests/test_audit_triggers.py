"""Triggers that change a row before an UPDATE, of tables whose key an insert-only table follows ON UPDATE CASCADE: what
surely leaves the key alone passes, and each way to move it is refused. Directly on the server all of those move it."""


import psycopg
import pytest

from support.guarded import direct, guarded_database

DATABASE = "triggers"

STAMP = "BEGIN NEW.at := now(); RETURN NEW; END"

# bodies, or calls of functions that are there
KEEPS = {
    "SQLAlchemy, Rails and many others": STAMP,
    "Django": 'BEGIN NEW."at" = CURRENT_TIMESTAMP; RETURN NEW; END;',
    "Hasura": '\nDECLARE\n  _new record;\nBEGIN\n  _new := NEW;\n  _new."at" = NOW();\n  RETURN _new;\nEND;\n',
    "only what changed": "BEGIN IF NEW.* IS DISTINCT FROM OLD.* THEN NEW.at = clock_timestamp(); RETURN NEW; END IF; RETURN OLD; END",
    "a version": "BEGIN IF NEW.id <> OLD.id THEN RAISE EXCEPTION 'id of % is for good', OLD.id; END IF; NEW.n := OLD.n + 1; RETURN NEW; END",
    "a history": "BEGIN INSERT INTO history SELECT OLD.id, row_to_json(NEW), OLD.n; NEW.at = now(); RETURN NEW; END",
    "for each event": "BEGIN IF TG_OP IN ('UPDATE', 'INSERT') THEN NEW.at := now(); END IF; RETURN COALESCE(NEW, OLD); END",
    "a slug": r"""BEGIN NEW.note := lower(regexp_replace(NEW.note, '\s+', '-', 'g')); -- RETURN NEW.id := 5
                  RETURN NEW; END""",
    "a look": "DECLARE x int; BEGIN SELECT count(*) INTO x FROM history WHERE id = NEW.id; NEW.n = x; RETURN NEW; END",
    "nothing": "BEGIN RETURN NULL; END",
    "another name in quotes": 'BEGIN NEW."Id" := 7; RETURN NEW; END',
    "moddatetime": "moddatetime(at)",
    "of Postgres's own": "suppress_redundant_updates_trigger()",
    "for full text": "tsvector_update_trigger(words, 'pg_catalog.english', note)",
}

MOVES = {
    "assigned": "BEGIN NEW.id := 5; RETURN NEW; END",
    "in capitals and comments": "BEGIN neW /* . */ . -- at\n ID/**/=/**/5; RETURN NEW; END",
    "in quotes": 'BEGIN NEW."id" = 5; RETURN NEW; END',
    "NEW in quotes": 'BEGIN "new".id = 5; RETURN NEW; END',
    "by a label": "<<l>> BEGIN f_{}.new.id := 5; RETURN NEW; END",
    "in Unicode": r'BEGIN NEW.U&"\0069d" := 5; RETURN NEW; END',
    "INTO": "BEGIN SELECT 5 INTO NEW.id; RETURN NEW; END",
    "INTO, as the second one": "BEGIN SELECT 6, 5 INTO STRICT NEW.n, NEW.id; RETURN NEW; END",
    "INTO, within parentheses": "DECLARE x int; BEGIN SELECT (6 INTO x, NEW.id), 5; RETURN NEW; END",
    "INTO what seems to be a column": "BEGIN SELECT o INTO NEW.from, n, at, note, 6, words, k FROM odd o; RETURN NEW; END",
    "INTO all": "BEGIN SELECT * INTO NEW FROM odd; RETURN NEW; END",
    "RETURNING": "BEGIN INSERT INTO history VALUES (5) RETURNING id INTO NEW.id; RETURN NEW; END",
    "EXECUTE": "BEGIN EXECUTE 'SELECT 5' INTO NEW.id; RETURN NEW; END",
    "FETCH": "DECLARE c CURSOR FOR SELECT 5; BEGIN OPEN c; FETCH c INTO NEW.id; RETURN NEW; END",
    "a loop": "BEGIN FOR NEW.id IN SELECT 5 LOOP END LOOP; RETURN NEW; END",
    "a loop over two": "BEGIN FOR NEW.n, NEW.id IN SELECT 6, 5 LOOP END LOOP; RETURN NEW; END",
    "FOREACH": "BEGIN FOREACH NEW.id IN ARRAY ARRAY[5] LOOP END LOOP; RETURN NEW; END",
    "GET DIAGNOSTICS": "DECLARE x bigint; BEGIN PERFORM generate_series(1, 5); GET DIAGNOSTICS x = ROW_COUNT, NEW.id = ROW_COUNT; RETURN NEW; END",
    "CALL": "BEGIN CALL five(NEW.id); RETURN NEW; END",
    "ALIAS": "DECLARE r ALIAS FOR NEW; BEGIN r.id := 5; RETURN NEW; END",
    "another NEW": "DECLARE new record; BEGIN SELECT * INTO new FROM t_{}; new.id := 5; RETURN new; END",
    "the row as a whole": "BEGIN NEW := (SELECT o FROM odd o); RETURN NEW; END",
    "JSON": "BEGIN NEW := jsonb_populate_record(NEW, '{{\"id\": 5}}'); RETURN NEW; END",
    "JSON that is returned": "BEGIN RETURN jsonb_populate_record(NEW, '{{\"id\": 5}}'); END",
    "another record": "DECLARE r record; BEGIN SELECT * INTO r FROM t_{}; r.id := 5; RETURN r; END",
    "a copy": "DECLARE r record; BEGIN r := NEW; r.id := 5; RETURN r; END",
    "a copy that is none": "DECLARE r t_{}; BEGIN r.id := 1; r.n := 5; RETURN r; END",
    "a branch": "BEGIN IF OLD.id > 0 THEN NEW.id = 5; ELSE NEW.id = 6; END IF; RETURN NEW; END",
    "OLD": "BEGIN OLD.id := 5; RETURN OLD; END",
    "behind what is no string": "BEGIN IF false THEN PERFORM $1$; END IF; NEW.id := 5; RETURN NEW; PERFORM $1$; END",
    "for full text": "tsvector_update_trigger(k, 'pg_catalog.english', note)",
    "its argument in quotes": "moddatetime(k)",
}

# of k, where that is the key
KEYS = {"for full text": "tsvector", "its argument in quotes": "timestamptz", "a copy that is none": "int"}
DEFAULTS = {"int": "5", "tsvector": "''", "timestamptz": "'-infinity'"}
ALL = [*(("keeps", *case) for case in KEEPS.items()), *(("moves", *case) for case in MOVES.items())]


def schema():
    yield "SET check_function_bodies = off"
    yield "CREATE TABLE history (id int, what json, n int)"
    yield 'CREATE TABLE odd ("from" int, n int, at timestamptz, note text, "Id" int, words tsvector, k int)'
    yield "INSERT INTO odd VALUES (5, 6)"
    yield "CREATE PROCEDURE five(INOUT x int) LANGUAGE plpgsql AS 'BEGIN x := 5; END'"
    columns = []
    for number, (kind, case, text) in enumerate(ALL):
        key = KEYS.get(case) if kind == "moves" else None
        type_of_k = key or "int"
        yield (f'CREATE TABLE t_{number} (id int PRIMARY KEY, n int, at timestamptz, note text, "Id" int, words tsvector, '
               f"k {type_of_k} UNIQUE DEFAULT {DEFAULTS[type_of_k]})")
        yield f"INSERT INTO t_{number} VALUES (1, 1)"
        own = f"{key} DEFAULT {DEFAULTS[key]} REFERENCES t_{number} (k)" if key else f"int DEFAULT 1 REFERENCES t_{number}"
        columns.append(f"r_{number} {own} ON UPDATE CASCADE")
        if not text.endswith(")"):
            body = text.format(number) if kind == "moves" else text
            yield f"CREATE FUNCTION f_{number}() RETURNS trigger LANGUAGE plpgsql AS $body${body}$body$"
            yield f"CREATE TRIGGER t BEFORE UPDATE ON t_{number} FOR EACH ROW EXECUTE FUNCTION f_{number}()"
    yield f"CREATE TABLE audit_log (what text, {', '.join(columns)})"
    yield "INSERT INTO audit_log DEFAULT VALUES"


def natives():
    yield "CREATE EXTENSION moddatetime"
    for number, (_, _, text) in enumerate(ALL):
        if text.endswith(")"):
            yield f"CREATE TRIGGER t BEFORE UPDATE ON t_{number} FOR EACH ROW EXECUTE FUNCTION {text}"


@pytest.fixture(scope="module")
def guarded(cluster):
    with guarded_database(cluster, DATABASE, ";\n".join(schema()), ";\n".join(natives())) as endpoint:
        yield endpoint


@pytest.fixture
def conn(guarded):
    with psycopg.connect(guarded.dsn(), autocommit=True, cursor_factory=psycopg.ClientCursor) as conn:
        yield conn


@pytest.fixture
def server(guarded, cluster):
    with direct(cluster, DATABASE) as conn:
        yield conn


def rows(conn):
    return conn.execute("SELECT a::text FROM audit_log a").fetchall()


def table_of(case):
    return f"t_{ALL.index(case)}"


def update(case):
    return f"UPDATE {table_of(case)} SET n = n + 1, note = 'Many words' WHERE id = 1"


@pytest.mark.parametrize("case", [each for each in ALL if each[0] == "keeps"], ids=KEEPS)
def test_a_trigger_that_leaves_the_key_alone_does_not_keep_its_table_from_being_changed(conn, server, case):
    before = rows(server)
    conn.execute(update(case))
    conn.execute(f"INSERT INTO {table_of(case)} VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET note = 'x'")
    assert rows(server) == before
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="audit_log"):
        conn.execute(f"UPDATE {table_of(case)} SET id = 5")


@pytest.mark.parametrize("case", [each for each in ALL if each[0] == "moves"], ids=MOVES)
def test_a_trigger_that_may_move_the_key_leads_to_the_table_whatever_is_assigned(conn, server, case):
    before = rows(server)
    with server.transaction(force_rollback=True):
        server.execute(update(case))
        assert rows(server) != before, "it moves the key"
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="audit_log"):
        conn.execute(update(case))


STAMPED, HASURA, LOOK = (f"{table_of(('keeps', case, KEEPS[case]))}" for case in ("Django", "Hasura", "a look"))
REPLACE = "CREATE OR REPLACE FUNCTION {}() RETURNS trigger LANGUAGE plpgsql AS $${}$$"
MOVING = "BEGIN NEW.id := 5; RETURN NEW; END"


def function_of(table):
    return table.replace("t_", "f_")


JUST_MADE = {
    "another body": [REPLACE.format(function_of(STAMPED), MOVING), f"UPDATE {STAMPED} SET n = 2"],
    "by another name": [f"ALTER FUNCTION {function_of(STAMPED)} RENAME TO g", REPLACE.format("g", MOVING), f"UPDATE {STAMPED} SET n = 2"],
    "in another schema": [f"CREATE SCHEMA s; ALTER FUNCTION {function_of(STAMPED)} SET SCHEMA s", REPLACE.format(f"s.{function_of(STAMPED)}", MOVING),
                          f"UPDATE {STAMPED} SET n = 2"],
    "columns that change their names": [f"ALTER TABLE {LOOK} RENAME id TO i", f"ALTER TABLE {LOOK} RENAME n TO id", f"ALTER TABLE {LOOK} RENAME i TO n",
                                        REPLACE.format(function_of(LOOK), "BEGIN NEW.n := 5; RETURN NEW; END"), f"UPDATE {LOOK} SET at = now()"],
    "another record": ["CREATE TEMP TABLE record (at int, id int, n timestamptz, a text, b int, c tsvector, d int)",
                       REPLACE.format(function_of(HASURA), "DECLARE r record; BEGIN r := NEW; r.at := 5; RETURN r; END"), f"UPDATE {HASURA} SET n = 2"],
    "a domain that is called so": [
        "CREATE TYPE pair AS (at int, id int, n timestamptz, a text, b int, c tsvector, d int)", "CREATE DOMAIN pg_temp.record AS pair",
        REPLACE.format(function_of(HASURA), "DECLARE r record; BEGIN r := NEW; r.at := 5; RETURN r; END"), f"UPDATE {HASURA} SET n = 2"],
}


@pytest.mark.parametrize("case", JUST_MADE)
def test_a_trigger_s_function_that_was_changed_just_now_may_move_the_key(conn, server, case):
    before = rows(server)
    with server.transaction(force_rollback=True):
        for sql in JUST_MADE[case]:
            server.execute(sql)
        assert rows(server) != before, "the statements change what was recorded"
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="audit_log|pg_temp"), conn.transaction():
        for sql in JUST_MADE[case]:
            conn.execute(sql)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        conn.execute("; ".join(JUST_MADE[case]))


def test_a_trigger_s_function_may_be_replaced_by_one_that_leaves_the_key_alone(conn):
    with conn.transaction(force_rollback=True):
        conn.execute(REPLACE.format(function_of(STAMPED), "BEGIN NEW.n := NEW.id; NEW.at := now(); RETURN NEW; END"))
        conn.execute(f"UPDATE {STAMPED} SET note = 'x'")
        conn.execute("CREATE TEMP TABLE record (id int, n int)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute(f"UPDATE {HASURA} SET note = 'x'")


@pytest.mark.parametrize("text", [REPLACE.format(function_of(STAMPED), MOVING), f"ALTER FUNCTION {function_of(STAMPED)} RENAME TO g"])
def test_a_trigger_s_function_gets_no_body_that_may_move_the_key(conn, guarded, text):
    """An UPDATE that is under way would meet it: functions are not locked."""
    with psycopg.connect(guarded.dsn(), autocommit=True) as other:
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="audit_log"):
            conn.execute(text)
        other.execute(f"UPDATE {STAMPED} SET n = n")
