"""A schema with one of nearly everything that SQLAlchemy can say of Postgres
tables, in two schemas: `metadata`, and `changed()`, what a later release of
the application makes of it."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

metadata = sa.MetaData()
mood = pg.ENUM("sad", "ok", "very happy", name="mood")
state = pg.ENUM("new", "paid", name="state", schema="shop")
tickets = sa.Sequence("ticket_numbers", start=100, increment=5, metadata=metadata)

person = sa.Table(
    "person", metadata,
    sa.Column("id", sa.BigInteger, primary_key=True),
    sa.Column("name", sa.String(30), nullable=False),
    sa.Column("nick", sa.Text, comment="what friend's say"),
    sa.Column("feels", mood, server_default="ok", nullable=False),
    sa.Column("felt", pg.ARRAY(mood)),
    sa.Column("born", sa.Date),
    sa.Column("code", sa.CHAR(3), server_default="abc"),
    sa.Column("ticket", sa.BigInteger, tickets, server_default=tickets.next_value()),
    sa.Column("made", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
    sa.Column("friend_id", sa.BigInteger, sa.ForeignKey("person.id", name="person_friend", ondelete="SET NULL")),
    sa.UniqueConstraint("nick", name="person_nick"),
    sa.UniqueConstraint("ticket", name="person_ticket_later", deferrable=True, initially="IMMEDIATE"),
    sa.CheckConstraint("length(name) > 0", name="person_name_not_empty"),
    sa.Index("person_by_name", "name"),
    sa.Index("person_by_lower_name", sa.text("lower(name)"), sa.text("born DESC")),
    sa.Index("person_born_once", "born", "code", unique=True, postgresql_where=sa.text("born IS NOT NULL")),
    sa.Index("person_by_birth", sa.text("born DESC NULLS LAST")),
    sa.Index("person_covering", "made", postgresql_include=["nick"]),
    comment="who it's about",
)

everything = sa.Table(
    "everything", metadata,
    sa.Column("id", sa.Integer, sa.Identity(always=True, start=10, increment=2), primary_key=True),
    sa.Column("other", sa.Integer, sa.Identity(), nullable=False),
    sa.Column("a_bool", sa.Boolean, server_default=sa.true()),
    sa.Column("a_smallint", sa.SmallInteger, server_default="7"),
    sa.Column("a_bigint", sa.BigInteger, server_default=sa.text("'-5'")),
    sa.Column("a_real", sa.REAL),
    sa.Column("a_double", sa.Double, server_default=sa.text("1.5")),
    sa.Column("a_numeric", sa.Numeric),
    sa.Column("a_price", sa.Numeric(10, 2), server_default="0.00"),
    sa.Column("a_bytea", sa.LargeBinary, server_default=sa.text(r"'\x00ff'::bytea")),
    sa.Column("a_uuid", sa.Uuid, server_default=sa.func.gen_random_uuid()),
    sa.Column("a_time", sa.Time),
    sa.Column("a_time_zoned", pg.TIME(timezone=True, precision=3)),
    sa.Column("a_timestamp", sa.DateTime, server_default=sa.text("CURRENT_TIMESTAMP")),
    sa.Column("a_timestamp0", pg.TIMESTAMP(precision=0)),
    sa.Column("an_interval", sa.Interval, server_default=sa.text("'1 day'")),
    sa.Column("a_json", sa.JSON),
    sa.Column("a_jsonb", pg.JSONB, server_default=sa.text("'{}'::jsonb"), nullable=False),
    sa.Column("an_inet", pg.INET), sa.Column("a_cidr", pg.CIDR), sa.Column("a_macaddr", pg.MACADDR),
    sa.Column("ints", pg.ARRAY(sa.Integer), server_default="{}"),
    sa.Column("texts", pg.ARRAY(sa.Text), server_default=sa.text("ARRAY['a', 'b']"), nullable=False),
    sa.Column("names", pg.ARRAY(sa.String(10))),
    sa.Column("prices", pg.ARRAY(sa.Numeric(8, 2))),
    sa.Column("an_oid", pg.OID),
    sa.Column("today", sa.Date, server_default=sa.func.current_date()),
    sa.Column("doubled", sa.Integer, sa.Computed("a_smallint * 2", persisted=True)),
    sa.Column("Odd Name", sa.String, server_default=sa.text("upper('x')")),
)

item = sa.Table(
    "item", metadata,
    sa.Column("maker", sa.BigInteger, sa.ForeignKey("person.id", ondelete="CASCADE", onupdate="RESTRICT")),
    sa.Column("number", sa.Integer, autoincrement=False),
    sa.Column("state", state, server_default="new"),
    sa.Column("price", sa.Numeric(10, 2)),
    sa.Column("replaced_by_maker", sa.BigInteger), sa.Column("replaced_by_number", sa.Integer),
    sa.Column("extra", pg.JSONB),
    sa.PrimaryKeyConstraint("maker", "number"),
    sa.UniqueConstraint("number", "price", name="item_once"),
    sa.UniqueConstraint("extra"),
    sa.UniqueConstraint("maker", "number", "state", name="item_later", deferrable=True, initially="DEFERRED"),
    sa.UniqueConstraint("maker", "number", "price", name="item_nulls", postgresql_nulls_not_distinct=True),
    sa.Index("item_nulls_once", "number", "maker", unique=True, postgresql_nulls_not_distinct=True),
    sa.CheckConstraint("price >= 0"),
    sa.ForeignKeyConstraint(["replaced_by_maker", "replaced_by_number"], ["shop.item.maker", "shop.item.number"],
                            name="item_replaced", ondelete="SET NULL", deferrable=True, initially="DEFERRED"),
    sa.Index("item_extra", "extra", postgresql_using="gin"),
    sa.Index("item_paid", "price", postgresql_where=sa.text("state = 'paid' AND price > 10")),
    schema="shop",
)

line = sa.Table(
    "Order Line", metadata,
    sa.Column("Id", sa.Integer, primary_key=True),
    sa.Column("maker", sa.BigInteger), sa.Column("number", sa.Integer),
    sa.Column("amount", sa.Integer, server_default=sa.text("1 + 1")),
    sa.ForeignKeyConstraint(["maker", "number"], ["shop.item.maker", "shop.item.number"], ondelete="CASCADE"),
    schema="shop", comment="what was bought",
)


def changed():
    """Columns come, go and change their types; constraints and indexes too."""
    later = sa.MetaData()
    for table in (everything, line, item):
        table.to_metadata(later)
    feels = pg.ENUM("sad", "ok", "very happy", name="mood")
    sa.Sequence("ticket_numbers", start=100, increment=5, metadata=later)
    sa.Table(
        "person", later,
        sa.Column("id", sa.BigInteger, primary_key=True),
        sa.Column("name", sa.Text, nullable=False, server_default="nobody"),
        sa.Column("nick", sa.String(40), nullable=False, server_default=sa.text("'none'"), comment="short"),
        sa.Column("feels", feels, nullable=True),
        sa.Column("felt", pg.ARRAY(feels)),
        sa.Column("born", sa.DateTime(timezone=True)),
        sa.Column("made", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("friend_id", sa.BigInteger, sa.ForeignKey("person.id", name="person_friend", ondelete="CASCADE")),
        sa.Column("score", sa.Numeric(6, 2), server_default="0.00", nullable=False),
        sa.Column("tags", pg.ARRAY(sa.Text), server_default="{}", nullable=False),
        sa.Column("key", sa.Uuid, server_default=sa.func.gen_random_uuid(), nullable=False),
        sa.CheckConstraint("score >= 0", name="person_score"),
        sa.UniqueConstraint("name", "nick", name="person_called_once"),
        sa.UniqueConstraint("key", "name", name="person_key_later", deferrable=True, initially="DEFERRED"),
        sa.UniqueConstraint("born", "name", name="person_nulls", postgresql_nulls_not_distinct=True),
        sa.Index("person_by_name", "name", unique=False, postgresql_where=sa.text("score > 0")),
        sa.Index("person_by_tags", "tags", postgresql_using="gin"),
        sa.Index("person_by_birth", sa.text("born DESC NULLS LAST")),
        comment="who it is",
    )
    sa.Table("audit", later, sa.Column("id", sa.Integer, sa.Identity(), primary_key=True),
             sa.Column("person_id", sa.ForeignKey("person.id", ondelete="SET NULL", name="audit_person")),
             sa.Column("said", pg.JSONB, server_default=sa.text("'[]'::jsonb"), nullable=False), schema="shop")
    extra = later.tables["shop.item"]
    extra.append_column(sa.Column("added", sa.Boolean, server_default=sa.false(), nullable=False))
    extra.c.price.type = sa.Numeric(12, 3)
    held = later.tables["everything"]
    held.c.a_smallint.nullable = False
    held.c.a_bool.server_default = sa.DefaultClause(sa.false())
    return later
