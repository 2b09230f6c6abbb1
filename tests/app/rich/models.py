"""A schema with one of nearly everything that SQLAlchemy can say of Postgres
tables, in two schemas."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

metadata = sa.MetaData()
mood = pg.ENUM("sad", "ok", "very happy", name="mood", metadata=metadata)
state = pg.ENUM("new", "paid", name="state", schema="shop", metadata=metadata)
tickets = sa.Sequence("ticket_numbers", start=100, increment=5, metadata=metadata)

person = sa.Table(
    "person", metadata,
    sa.Column("id", sa.BigInteger, primary_key=True),
    sa.Column("name", sa.String(30), nullable=False),
    sa.Column("nick", sa.Text, unique=True, comment="what friend's say"),
    sa.Column("feels", mood, server_default="ok", nullable=False),
    sa.Column("felt", pg.ARRAY(mood)),
    sa.Column("born", sa.Date),
    sa.Column("code", sa.CHAR(3), server_default="abc"),
    sa.Column("ticket", sa.BigInteger, tickets, server_default=tickets.next_value()),
    sa.Column("made", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
    sa.Column("friend_id", sa.BigInteger, sa.ForeignKey("person.id", ondelete="SET NULL")),
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
