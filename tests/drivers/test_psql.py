"""psql, as an operator types it."""

import os
import pathlib
import shutil
import subprocess

import pytest

from support.weir import serve

pytestmark = pytest.mark.skipif(not shutil.which("psql"), reason="psql is not installed")


def psql(endpoint, *commands):
    environment = {**os.environ, "PSQLRC": "/dev/null", "PAGER": "cat"}
    arguments = [item for command in commands for item in ("-c", command)]
    done = subprocess.run(["psql", "-X", "-v", "ON_ERROR_STOP=1", "-d", endpoint.dsn(), *arguments],
                          capture_output=True, text=True, env=environment, timeout=240)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def schema(endpoint):
    psql(endpoint, "DROP TABLE IF EXISTS line, invoice",
         "CREATE TABLE invoice (id bigserial PRIMARY KEY, customer varchar(30) NOT NULL, paid boolean DEFAULT false, "
         "total numeric(10,2) CHECK (total >= 0), made timestamptz DEFAULT now())",
         "CREATE TABLE line (id serial PRIMARY KEY, invoice_id bigint REFERENCES invoice ON DELETE CASCADE, text text)",
         "CREATE INDEX line_by_invoice ON line (invoice_id)")
    yield
    psql(endpoint, "DROP TABLE line, invoice")


def test_fills_and_queries(endpoint, schema):
    out = psql(endpoint, "INSERT INTO invoice (customer, total) VALUES ('ann', 10.5), ('bob', 20)",
               "SELECT customer, total, paid FROM invoice ORDER BY total DESC")
    assert "INSERT 0 2" in out
    assert " bob      | 20.00 | f" in out
    assert "(2 rows)" in out


def test_lists_tables(endpoint, schema):
    out = psql(endpoint, r"\dt")
    assert "invoice" in out and "line" in out and "table" in out


def test_describes_a_table(endpoint, schema):
    out = psql(endpoint, r"\d invoice", r"\d line")
    assert "nextval('invoice_id_seq'::regclass)" in out
    assert "character varying(30)" in out
    assert "timestamp with time zone" in out
    assert '"invoice_pkey" PRIMARY KEY, btree (id)' in out
    assert '"invoice_total_check" CHECK (total >=' in out
    assert '"line_by_invoice" btree (invoice_id)' in out
    assert "FOREIGN KEY (invoice_id) REFERENCES invoice(id) ON DELETE CASCADE" in out
    assert "Referenced by" in out


def test_lists_other_things(endpoint, schema):
    for command in (r"\d", r"\di", r"\ds", r"\dn", r"\du", r"\l", r"\df nothing", r"\d+ invoice", r"\dv", r"\dT"):
        psql(endpoint, command)


def test_copies_from_a_file(endpoint, schema, tmp_path):
    data = tmp_path / "data.csv"
    data.write_text("customer,total\ncarl,1.5\n\"d,ora\",2\n")
    out = psql(endpoint, rf"\copy invoice (customer, total) FROM '{data}' WITH (FORMAT csv, HEADER)",
               "SELECT count(*), sum(total) FROM invoice",
               r"\copy (SELECT customer FROM invoice ORDER BY 1) TO STDOUT WITH (FORMAT csv)")
    assert "COPY 2" in out and "3.50" in out and '"d,ora"' in out


# What is not here says sizes, roles or databases, or lists Postgres's own objects.
SAID_ALIKE = r"""
\d; \dt; \di; \ds; \dv; \dv+; \dm; \dE; \dn; \dn+; \df; \df+; \da; \dT; \dT+; \dx; \dp; \z; \dD; \dC; \dd;
\do; \dc; \dO; \dRp; \dRs; \des; \det; \dew; \deu; \ddp; \dy; \dX; \dP; \drds; \dconfig work_mem; \dA;
\dAc btree int4; \dAp btree int4_ops; \dl; \d person; \d+ person; \d all_types; \d+ all_types; \d shop.item;
\d+ shop.item; \d shop."Order Line"; \d+ shop."Order Line"; \d happy; \d+ happy; \d+ shop.sold; \d empty_one;
\d ticket; \d+ ticket; \d shop.small; \d person_id_seq; \d person_lower; \d+ person_born; \d person_nulls;
\d shop.item_hash; \dt shop.*; \di shop.*; \ds shop.*; \dv shop.*; \dT shop.*; \dp shop.*; \d nothing;
\d pg_tables; \df upper; \df now; \df lo*; \sv happy; \sf upper; \dn public; \dCS; \d shop.*
""".strip().replace("\n", " ").split("; ")


def test_backslash_commands_say_the_same_of_a_rich_schema(cluster):
    cluster.create_database("psql")
    script = (pathlib.Path(__file__).parent / "rich_schema.sql").read_text()
    commands = "".join(f"\\echo >> {number}\n{command}\n" for number, command in enumerate(SAID_ALIKE))
    said = []
    for road, database in (("direct", "psql"), ("sqlite", "app")):
        with serve(road, cluster) as endpoint:
            done = subprocess.run(["psql", "-X", "-d", endpoint.dsn(dbname=database)], input=script + commands, text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=240,
                                  env={**os.environ, "PSQLRC": "/dev/null", "PAGER": "cat"})
            said.append(done.stdout.split(">> "))
    truth, ours = said
    assert len(truth) == len(ours) == len(SAID_ALIKE) + 1
    for expected, answer in zip(truth, ours):
        assert answer == expected
