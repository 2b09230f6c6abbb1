"""SQLite files as other programs make them, read and write them. Run as a
program with an action and a file; each action prints one line of JSON, so that
a test can ask SQLAlchemy and Django in processes of their own."""

import datetime
import decimal
import json
import sqlite3
import sys
import uuid

UTC = datetime.timezone.utc
MOMENT = datetime.datetime(2024, 2, 29, 13, 0, 0, tzinfo=UTC)
FRACTION = datetime.datetime(2024, 7, 1, 8, 30, 15, 123456, tzinfo=UTC)
FIRST = uuid.UUID("6f2c1a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b")
SECOND = uuid.UUID("0123aabb-ccdd-4eef-9011-223344556677")


# --- SQLAlchemy ----------------------------------------------------------------

def sqlalchemy_tables(path):
    import sqlalchemy as sa

    metadata = sa.MetaData()
    users = sa.Table(
        "users", metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(50), nullable=False, unique=True),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("token", sa.Uuid, index=True),
        sa.Column("born", sa.Date),
        sa.Column("wakes", sa.Time),
        sa.Column("created", sa.DateTime(timezone=True)),
        sa.Column("balance", sa.Numeric(10, 2)),
        sa.Column("score", sa.Float),
        sa.Column("visits", sa.BigInteger),
        sa.Column("data", sa.JSON),
        sa.Column("picture", sa.LargeBinary))
    orders = sa.Table(
        "orders", metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("user_id", sa.ForeignKey("users.id", ondelete="CASCADE"), index=True),
        sa.Column("note", sa.Text))
    return sa.create_engine(f"sqlite:///{path}"), metadata, users, orders


def sqlalchemy_rows():
    return [
        dict(name="ann", active=True, token=FIRST, born=datetime.date(1990, 1, 2),
             wakes=datetime.time(6, 30), created=MOMENT, balance=decimal.Decimal("12.50"),
             score=1.5, visits=2 ** 40, data={"b": [1, 2], "a": None}, picture=b"\x00\xff"),
        dict(name="bob", active=False, token=SECOND, born=None, wakes=datetime.time(7, 0, 1, 5),
             created=FRACTION, balance=decimal.Decimal("-3"), score=None, visits=None,
             data=[True, "x"], picture=None),
    ]


def sqlalchemy_make(path):
    engine, metadata, users, orders = sqlalchemy_tables(path)
    metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(users.insert(), sqlalchemy_rows())
        connection.execute(orders.insert(), [{"user_id": 1, "note": "first"}])
    engine.dispose()
    return {}


def sqlalchemy_read(path):
    engine, _, users, _ = sqlalchemy_tables(path)
    with engine.connect() as connection:
        rows = connection.execute(users.select().order_by(users.c.id)).mappings().all()
        found = connection.execute(users.select().where(users.c.token == FIRST)).all()
        at = connection.execute(users.select().where(users.c.created == MOMENT)).all()
    engine.dispose()
    return {"rows": [dict(row) for row in rows], "by_token": len(found), "by_time": len(at)}


def sqlalchemy_write(path):
    engine, _, users, _ = sqlalchemy_tables(path)
    with engine.begin() as connection:
        connection.execute(users.insert(), [dict(
            name="zoe", active=True, token=uuid.UUID(int=FIRST.int ^ 1), born=datetime.date(2000, 2, 29),
            wakes=datetime.time(23, 59, 59), created=MOMENT, balance=decimal.Decimal("0.01"),
            score=-0.5, visits=7, data=None, picture=b"")])
        connection.execute(users.update().where(users.c.name == "ann").values(active=False))
    engine.dispose()
    return {}


# --- Django --------------------------------------------------------------------

def django_models(path, port=None):
    import django
    from django.conf import settings

    database = {"ENGINE": "django.db.backends.sqlite3", "NAME": path}
    if port:
        database = {"ENGINE": "django.db.backends.postgresql", "HOST": "127.0.0.1", "PORT": port,
                    "NAME": "app", "USER": "app"}
    settings.configure(
        DATABASES={"default": database},
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions"],
        USE_TZ=True, TIME_ZONE="UTC", DEFAULT_AUTO_FIELD="django.db.models.BigAutoField")
    django.setup()
    from django.db import models

    class Post(models.Model):
        title = models.CharField(max_length=40)
        slug = models.UUIDField(unique=True)
        published = models.BooleanField(default=False)
        at = models.DateTimeField()
        day = models.DateField(null=True)
        price = models.DecimalField(max_digits=12, decimal_places=3)
        meta = models.JSONField(default=dict)
        took = models.DurationField(null=True)
        size = models.PositiveIntegerField(default=0)

        class Meta:
            app_label = "blog"
            db_table = "blog_post"

    return Post


def django_make(path):
    post = django_models(path)
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    with connection.schema_editor() as editor:
        editor.create_model(post)
    User.objects.create_user("ada", "ada@example.org", "secret", last_login=MOMENT)
    post.objects.create(title="one", slug=FIRST, published=True, at=MOMENT, day=datetime.date(2024, 2, 29),
                        price=decimal.Decimal("1.250"), meta={"tags": ["a", "b"]},
                        took=datetime.timedelta(hours=1))
    post.objects.create(title="two", slug=SECOND, at=FRACTION, price=decimal.Decimal("1000"), meta=[])
    connection.close()
    return {}


def django_read(path):
    post = django_models(path)
    rows = list(post.objects.order_by("id").values())
    return {"rows": rows, "by_slug": post.objects.filter(slug=FIRST).count(),
            "by_time": post.objects.filter(at=MOMENT).count(),
            "published": post.objects.filter(published=True).count(),
            "by_meta": post.objects.filter(meta__tags__0="a").count()}


def django_on_postgres(port):
    """The same application on Postgres's dialect."""
    post = django_models(None, port)
    import io

    from django.contrib.auth.models import User
    from django.core.management import call_command

    said = io.StringIO()
    call_command("inspectdb", "blog_post", stdout=said)
    call_command("migrate", verbosity=0)
    ada = User.objects.get(username="ada")
    ada.last_login = FRACTION
    ada.save()
    created = post.objects.create(title="pg", slug=uuid.UUID(int=SECOND.int ^ 1), at=MOMENT, took=datetime.timedelta(1),
                                  price=decimal.Decimal("2.5"), meta={"q": [1]})
    first = post.objects.get(slug=FIRST)
    return {"fields": said.getvalue(), "password": ada.check_password("secret"), "id": created.pk,
            "first": [first.title, first.took, first.price, first.meta],
            "by_meta": post.objects.filter(meta__q__0=1).count(),
            "by_year": post.objects.filter(at__year=2024, published=True).count()}


def django_write(path):
    post = django_models(path)
    post.objects.create(title="nine", slug=uuid.UUID(int=FIRST.int ^ 1), published=True, at=MOMENT,
                        price=decimal.Decimal("0.125"), meta={"k": 1.5})
    post.objects.filter(title="two").update(published=True)
    return {}


# --- the sqlite3 shell's kind ------------------------------------------------------

PLAIN = """
CREATE TABLE "order items"(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  "what it is" TEXT NOT NULL,
  done INTEGER NOT NULL DEFAULT 0 CHECK (done IN (0, 1)),
  created TEXT NOT NULL DEFAULT (datetime('now')),
  details TEXT,
  price DECIMAL(8,2),
  anything,
  odd FOO(7),
  twice INTEGER GENERATED ALWAYS AS (id * 2) VIRTUAL);
CREATE TABLE pairs(a TEXT, b INT, v REAL, PRIMARY KEY(a, b)) WITHOUT ROWID;
CREATE TABLE exact(id INTEGER PRIMARY KEY, n INT NOT NULL, t TEXT, r REAL, z BLOB) STRICT;
CREATE TABLE events(id INTEGER PRIMARY KEY, at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, ok BOOLEAN DEFAULT 1);
CREATE TABLE log(item INTEGER, what TEXT);
CREATE TRIGGER remember AFTER INSERT ON "order items"
  BEGIN INSERT INTO log VALUES (NEW.id, 'new ' || NEW."what it is"); END;
CREATE VIEW open_items AS SELECT id, "what it is", created FROM "order items" WHERE done = 0;
CREATE INDEX items_lower ON "order items"(lower("what it is"));
CREATE UNIQUE INDEX items_open ON "order items"("what it is") WHERE done = 0;
INSERT INTO "order items"("what it is", done, created, details, price, anything, odd) VALUES
  ('a pen', 0, '2024-02-29 13:00:00', '{"colour": "red"}', 1.5, 5, 'x'),
  ('ink', 1, '2024-07-01 08:30:15', '[1]', 20, 'five', NULL);
INSERT INTO pairs VALUES ('x', 1, 0.5), ('y', 2, NULL);
INSERT INTO exact VALUES (1, 5, 't', 1.5, x'00ff');
INSERT INTO events(at, ok) VALUES ('2024-02-29 13:00:00', 0);
"""


def plain_make(path):
    connection = sqlite3.connect(path)
    connection.executescript(PLAIN)
    connection.close()
    return {}


def shown(value):
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, (decimal.Decimal, uuid.UUID, bytes, datetime.timedelta)):
        return str(value)
    raise TypeError(type(value))


if __name__ == "__main__":
    print(json.dumps(globals()[sys.argv[1]](sys.argv[2]), default=shown))
