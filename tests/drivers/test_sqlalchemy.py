"""SQLAlchemy 2 with psycopg and asyncpg: schema, ORM, reflection, Alembic."""

import asyncio
import datetime
import decimal
import ssl
import uuid

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class Author(Base):
    __tablename__ = "author"
    id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(50), unique=True)
    born: Mapped[datetime.date | None]
    books: Mapped[list["Book"]] = relationship(back_populates="author", cascade="all, delete-orphan")


class Book(Base):
    __tablename__ = "book"
    __table_args__ = (sa.Index("ix_book_title", "title"), sa.CheckConstraint("price >= 0", name="price_positive"))
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    title: Mapped[str] = mapped_column(sa.Text)
    price: Mapped[decimal.Decimal] = mapped_column(sa.Numeric(8, 2))
    in_print: Mapped[bool] = mapped_column(default=True)
    extra: Mapped[dict] = mapped_column(JSONB, default=dict)
    tags: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), default=list)
    added: Mapped[datetime.datetime] = mapped_column(sa.DateTime(timezone=True), server_default=sa.func.now())
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("author.id", ondelete="CASCADE"))
    author: Mapped[Author] = relationship(back_populates="books")


def engine_for(endpoint):
    arguments = {"sslmode": "verify-full", "sslrootcert": str(endpoint.ca)} if endpoint.ca else {"sslmode": "disable"}
    return sa.create_engine(endpoint.url("postgresql+psycopg"), connect_args=arguments)


def async_engine_for(endpoint):
    context = ssl.create_default_context(cafile=endpoint.ca) if endpoint.ca else False
    return create_async_engine(endpoint.url("postgresql+asyncpg"), connect_args={"ssl": context})


@pytest.fixture
def engine(endpoint):
    engine = engine_for(endpoint)
    Base.metadata.drop_all(engine)
    Base.metadata.create_all(engine)
    yield engine
    Base.metadata.drop_all(engine)
    engine.dispose()


def fill(session):
    ann, bob = Author(name="Ann", born=datetime.date(1970, 5, 1)), Author(name="Bob")
    ann.books = [Book(title="Rivers", price=decimal.Decimal("12.50"), extra={"pages": 300}, tags=["water", "a,b"]),
                 Book(title="Weirs", price=decimal.Decimal("20.00"), in_print=False)]
    bob.books = [Book(title="Dams", price=decimal.Decimal("7.25"), extra={"pages": 90})]
    session.add_all([ann, bob])
    session.commit()


def test_stores_and_loads_objects(engine):
    with Session(engine) as session:
        fill(session)
    with Session(engine) as session:
        ann = session.scalars(sa.select(Author).where(Author.name == "Ann")).one()
        assert [book.title for book in sorted(ann.books, key=lambda b: b.title)] == ["Rivers", "Weirs"]
        rivers = next(book for book in ann.books if book.title == "Rivers")
        assert (rivers.price, rivers.extra, rivers.tags, rivers.in_print) == (
            decimal.Decimal("12.50"), {"pages": 300}, ["water", "a,b"], True)
        assert rivers.added.tzinfo is not None


def test_queries_with_joins_and_groups(engine):
    with Session(engine) as session:
        fill(session)
        rows = session.execute(
            sa.select(Author.name, sa.func.count(Book.id), sa.func.sum(Book.price), sa.func.avg(Book.price))
            .join(Book).group_by(Author.name).having(sa.func.count(Book.id) > 0).order_by(Author.name)).all()
        assert [tuple(row)[:3] for row in rows] == [("Ann", 2, decimal.Decimal("32.50")),
                                                    ("Bob", 1, decimal.Decimal("7.25"))]
        pages = session.scalars(sa.select(Book.title).where(Book.extra["pages"].as_integer() > 100)).all()
        assert pages == ["Rivers"]
        tagged = session.scalars(sa.select(Book.title).where(Book.tags.contains(["water"]))).all()
        assert tagged == ["Rivers"]


def test_updates_and_deletes_in_cascade(engine):
    with Session(engine) as session:
        fill(session)
        session.execute(sa.update(Book).where(Book.title == "Dams").values(price=Book.price * 2))
        session.commit()
        assert session.scalar(sa.select(Book.price).where(Book.title == "Dams")) == decimal.Decimal("14.50")
        session.execute(sa.delete(Author).where(Author.name == "Ann"))
        session.commit()
        assert session.scalar(sa.select(sa.func.count()).select_from(Book)) == 1


def test_inserts_many_rows_and_returns_their_keys(engine):
    with Session(engine) as session:
        authors = [Author(name=f"n{i}") for i in range(120)]
        session.add_all(authors)
        session.commit()
        assert len({author.id for author in authors}) == 120
        assert [a.name for a in session.scalars(sa.select(Author).order_by(Author.id))] == [f"n{i}" for i in range(120)]


def test_translates_violations(engine):
    with Session(engine) as session:
        fill(session)
        session.add(Author(name="Ann"))
        with pytest.raises(sa.exc.IntegrityError) as error:
            session.commit()
        assert error.value.orig.sqlstate == "23505"
        session.rollback()
        session.add(Book(title="x", price=decimal.Decimal("-1"), author_id=1))
        with pytest.raises(sa.exc.IntegrityError) as error:
            session.commit()
        assert error.value.orig.sqlstate == "23514"
        session.rollback()
        session.add(Book(title="x", price=decimal.Decimal("1"), author_id=999))
        with pytest.raises(sa.exc.IntegrityError) as error:
            session.commit()
        assert error.value.orig.sqlstate == "23503"


def test_reflects_the_schema(engine):
    inspector = sa.inspect(engine)
    assert {"author", "book"} <= set(inspector.get_table_names())
    columns = {column["name"]: column for column in inspector.get_columns("book")}
    assert isinstance(columns["id"]["type"], sa.Uuid) or str(columns["id"]["type"]) == "UUID"
    assert str(columns["price"]["type"]) == "NUMERIC(8, 2)"
    assert str(columns["extra"]["type"]) == "JSONB"
    assert columns["title"]["nullable"] is False
    assert inspector.get_pk_constraint("book")["constrained_columns"] == ["id"]
    keys = inspector.get_foreign_keys("book")
    assert [(key["constrained_columns"], key["referred_table"], key["options"]) for key in keys] == [
        (["author_id"], "author", {"ondelete": "CASCADE"})]
    assert [index["name"] for index in inspector.get_indexes("book")] == ["ix_book_title"]
    assert [unique["column_names"] for unique in inspector.get_unique_constraints("author")] == [["name"]]
    assert [check["name"] for check in inspector.get_check_constraints("book")] == ["price_positive"]


def test_runs_under_asyncio(endpoint, engine):
    async def main():
        async_engine = async_engine_for(endpoint)
        async with AsyncSession(async_engine, expire_on_commit=False) as session:
            ann = Author(name="Async")
            ann.books = [Book(title=f"b{i}", price=decimal.Decimal(i), extra={"i": i}) for i in range(25)]
            session.add(ann)
            await session.commit()
        async with AsyncSession(async_engine) as session:
            total = await session.scalar(sa.select(sa.func.sum(Book.price)))
            found = await session.scalar(sa.select(Book).where(Book.title == "b7"))
            result = (total, found.extra, found.in_print)
        await async_engine.dispose()
        return result
    assert asyncio.run(main()) == (decimal.Decimal("300.00"), {"i": 7}, True)


def test_migrates_with_alembic(endpoint, engine):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from alembic.operations import Operations

    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        differences = compare_metadata(context, Base.metadata)
        ours = [d for d in differences if "author" in str(d) or "book" in str(d)]
        assert ours == []
        operations = Operations(context)
        operations.add_column("author", sa.Column("nickname", sa.String(20)))
        operations.create_index("ix_author_nickname", "author", ["nickname"])
        connection.execute(sa.text("INSERT INTO author (name, nickname) VALUES ('Zoe', 'zz')"))
        connection.commit()
        names = {column["name"] for column in sa.inspect(connection).get_columns("author")}
        assert "nickname" in names
        operations.drop_index("ix_author_nickname", "author")
        operations.drop_column("author", "nickname")
        connection.commit()
