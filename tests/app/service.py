"""An order service as people write them: SQLAlchemy 2, one URL, no dialect
branches. Run as several processes at once against one database.

    service.py URL WORKER WORKERS ORDERS AUDITS     (URL: postgresql://…)

Even workers use psycopg, odd ones asyncpg. Each prints one JSON line.
"""

import asyncio
import datetime
import decimal
import json
import sys
import uuid

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

MIGRATION_LOCK = 4711


class Base(DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customer"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    name: Mapped[str] = mapped_column(sa.String(80), unique=True)
    active: Mapped[bool] = mapped_column(default=True)


class Order(Base):
    __tablename__ = "orders"
    __table_args__ = (sa.CheckConstraint("state IN ('new', 'paid', 'sent')", name="order_state"),)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    customer_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("customer.id"))
    worker: Mapped[int]
    number: Mapped[int]
    state: Mapped[str] = mapped_column(sa.Text, default="new")
    total: Mapped[decimal.Decimal] = mapped_column(sa.Numeric(10, 2))
    details: Mapped[dict] = mapped_column(JSONB)
    placed: Mapped[datetime.datetime] = mapped_column(sa.DateTime(timezone=True), server_default=sa.func.now())


class AuditEvent(Base):
    __tablename__ = "audit_event"
    id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True)
    at: Mapped[datetime.datetime] = mapped_column(sa.DateTime(timezone=True), server_default=sa.func.now())
    actor: Mapped[str] = mapped_column(sa.String(40))
    what: Mapped[str] = mapped_column(sa.Text)
    data: Mapped[dict] = mapped_column(JSONB)
    ok: Mapped[bool] = mapped_column(default=True)


def migrate(connection):
    """One process creates the schema; the others wait for it."""
    connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
    if not sa.inspect(connection).has_table("audit_event"):
        Base.metadata.create_all(connection)
        return True
    return False


def objects_of(worker, number, orders, audits):
    """One order with its customer, and this order's share of audit rows."""
    customer = Customer(name=f"customer {worker}-{number}")
    customer.id = uuid.uuid5(uuid.NAMESPACE_OID, customer.name)
    order = Order(id=uuid.uuid5(uuid.NAMESPACE_URL, customer.name), customer_id=customer.id, worker=worker,
                  number=number, total=decimal.Decimal(number * 7 + worker) / 4,
                  details={"lines": [{"sku": f"s{number}", "n": number % 5}], "note": "ö'\"\\"})
    first, last = number * audits // orders, (number + 1) * audits // orders
    events = [AuditEvent(actor=f"worker {worker}", what="placed" if n == first else "checked",
                         data={"order": str(order.id), "n": n}, ok=n % 3 > 0) for n in range(first, last)]
    return customer, order, events


ATTACKS = [
    sa.update(AuditEvent).values(what="changed"),
    sa.delete(AuditEvent).where(AuditEvent.id == 1),
    sa.text("TRUNCATE audit_event"),
    sa.text("DROP TABLE audit_event"),
    sa.text("WITH gone AS (DELETE FROM audit_event RETURNING id) SELECT count(*) FROM gone"),
    sa.text("ALTER TABLE audit_event ADD COLUMN extra text"),
    sa.text("ALTER TABLE audit_event DROP COLUMN data"),
]


def sync_worker(url, worker, orders, audits):
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        migrated = migrate(connection)
    refused = 0
    for number in range(orders):
        with Session(engine) as session:
            customer, order, events = objects_of(worker, number, orders, audits)
            session.add(customer)
            session.flush()
            session.add(order)
            session.add_all(events)
            session.commit()
            order.state = "paid"
            session.commit()
    for attack in ATTACKS:
        try:
            with Session(engine) as session:
                session.execute(attack)
                session.commit()
        except sa.exc.DBAPIError as error:
            refused += error.orig.sqlstate == "42501"
    engine.dispose()
    return migrated, refused


async def async_worker(url, worker, orders, audits):
    engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://"))
    async with engine.begin() as connection:
        migrated = await connection.run_sync(migrate)
    refused = 0
    for number in range(orders):
        async with AsyncSession(engine, expire_on_commit=False) as session:
            customer, order, events = objects_of(worker, number, orders, audits)
            session.add(customer)
            await session.flush()
            session.add(order)
            session.add_all(events)
            await session.commit()
            order.state = "paid"
            await session.commit()
    for attack in ATTACKS:
        try:
            async with AsyncSession(engine) as session:
                await session.execute(attack)
                await session.commit()
        except sa.exc.DBAPIError as error:
            refused += error.orig.sqlstate == "42501"
    await engine.dispose()
    return migrated, refused


def main():
    url, worker, _, orders, audits = sys.argv[1], *map(int, sys.argv[2:])
    if worker % 2:
        migrated, refused = asyncio.run(async_worker(url, worker, orders, audits))
    else:
        migrated, refused = sync_worker(url, worker, orders, audits)
    print(json.dumps({"worker": worker, "migrated": migrated, "refused": refused, "attacks": len(ATTACKS)}))


if __name__ == "__main__":
    main()
