"""What a session remembers of sequences."""

from support.differential import bind, each, execute, parse, sync, weir

_PIN = weir("--sequence-state", "pin")


@_PIN
def currval_is_of_ones_own_nextval(world):
    world.sql("create sequence s start 10; create sequence other; grant all on s, other to public")
    alice, bob, carol = world.clients("alice", "bob", "carol")
    alice.query("select nextval('s')")
    bob.query("select nextval('s')")
    for _ in world.everywhere():
        alice.query("select currval('s'), lastval()", "select currval('other')")
        bob.query("select currval('s'), lastval()")
        carol.query("select currval('s')", "select lastval()")


@_PIN
def lastval_is_of_ones_own_insert(world):
    world.sql("""create table t (id serial, who text); create table i (id int generated always as identity, n int);
                 grant all on t, i, t_id_seq, i_id_seq to public""")
    alice, bob = world.clients("alice", "bob")
    alice.query("insert into t (who) values ('alice') returning id")
    bob.query("insert into t (who) values ('bob')")
    for _ in world.everywhere():
        alice.query("select lastval()", "select currval('t_id_seq')",
                    "select currval(pg_get_serial_sequence('t', 'id'))")
        bob.extended("select lastval()")
    alice.query("insert into i (n) values (1)")
    for _ in world.everywhere():
        alice.query("select lastval(), currval('i_id_seq'), currval('t_id_seq')")


@_PIN
@each("select nextval('s')", "insert into t (n) values (1)", "insert into t (n) select n from source",
      "select next()", "do $$ begin perform nextval('s'); end $$", "begin; select nextval('s'); rollback",
      "select setval('s', 50)", "select setval('s', 60, false)", "insert into source values (3)",
      "select nextval('s'), 1/0", "select nextval('s'); select 1/0", "update source set n = nextval('s')",
      "create table made as select nextval('s')", "discard sequences", "select nextval('s'); discard all")
def sequence_is_moved_in_every_way(world, text):
    world.sql("""create sequence s; create table t (id int default nextval('s'), n int);
                 create table source (n int); insert into source values (1), (2);
                 create function next() returns bigint language sql as $$select nextval('s')$$;
                 create function on_source() returns trigger language plpgsql
                     as $$begin perform nextval('s'); return new; end$$;
                 create trigger moves after insert on source for each row execute function on_source();
                 grant all on s, t, source to public""")
    alice, bob = world.clients("alice", "bob")
    alice.query(text)
    for _ in world.everywhere():
        alice.query("select currval('s')", "select lastval()")
        bob.query("select currval('s')")


@_PIN
def copy_moves_a_sequence(world):
    world.sql("create table t (id serial, n int); grant all on t, t_id_seq to public")
    alice = world.client("alice")
    alice.send(parse("", "copy t (n) from stdin") + bind() + execute())
    alice.send(b"d\0\0\0\0061\nc\0\0\0\4" + sync())
    alice.until("Z")
    for _ in world.everywhere():
        alice.query("select currval('t_id_seq'), lastval()")


@_PIN
def sequence_that_is_dropped(world):
    alice, bob = world.clients("alice", "bob")
    alice.query("create sequence s", "grant all on sequence s to public", "select nextval('s')")
    bob.query("select currval('s')", "select nextval('s')")
    alice.query("drop sequence s")
    for _ in world.everywhere():
        alice.query("select lastval()")
        bob.query("select lastval()")


@_PIN
def cached_numbers_are_used_up(world):
    world.sql("create sequence s cache 10; grant all on s to public")
    alice, bob = world.clients("alice", "bob")
    for _ in world.everywhere():
        alice.query("select nextval('s')")
        bob.query("select nextval('s')")
        alice.query("select currval('s')")


@_PIN
def asked_in_the_same_transaction(world):
    world.sql("create table t (id serial, n int); grant all on t, t_id_seq to public")
    alice, bob = world.clients("alice", "bob")
    for _ in world.everywhere():
        for client in (alice, bob):
            client.query("begin", "insert into t (n) values (1)", "select lastval(), currval('t_id_seq')", "commit")
            client.query("insert into t (n) values (1); select lastval()")
            client.ask(parse("", "insert into t (n) values ($1)"), bind("", "", "5"), execute(),
                       parse("", "select currval('t_id_seq')"), bind(), execute(), sync())


def nothing_is_remembered_where_nothing_was_moved(world):
    world.sql("create sequence s; grant all on s to public")
    alice, bob = world.clients("alice", "bob")
    for _ in world.everywhere():
        alice.query("select nextval('s')")
        bob.query("select currval('s')", "select lastval()")
