import uuid
from django.db import models
from django.db.models import Q, F
from django.db.models.functions import Lower, Upper
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, BrinIndex, HashIndex, BTreeIndex
from django.utils import timezone


class Author(models.Model):
    name = models.CharField(max_length=50, unique=True)
    email = models.EmailField(null=True, blank=True, db_index=True)
    born = models.DateField(null=True)
    bio = models.TextField(default="", blank=True)
    rating = models.FloatField(default=1.5)
    friends = models.ManyToManyField("self", symmetrical=True)

    class Meta:
        ordering = ["name"]
        indexes = [
            models.Index(fields=["-born", "name"], name="author_born_idx"),
            models.Index(Lower("name").desc(), name="author_lower"),
        ]


class Tag(models.Model):
    slug = models.SlugField(unique=True)


class Book(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    title = models.CharField(max_length=200, db_comment="what is printed")
    price = models.DecimalField(max_digits=10, decimal_places=2)
    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="books")
    editor = models.ForeignKey(Author, on_delete=models.SET_NULL, null=True, related_name="edited", db_constraint=True)
    tags = models.ManyToManyField(Tag, through="BookTag")
    data = models.JSONField(default=dict)
    words = ArrayField(models.CharField(max_length=20), default=list)
    grid = ArrayField(models.IntegerField(), null=True)
    published = models.DateTimeField(default=timezone.now)
    in_print = models.BooleanField(default=True)
    small = models.PositiveSmallIntegerField(default=3)
    big = models.BigIntegerField(null=True)
    length = models.DurationField(null=True)
    at = models.TimeField(null=True)
    blob = models.BinaryField(null=True)
    ip = models.GenericIPAddressField(null=True)
    file = models.FileField(null=True)

    class Meta:
        db_table_comment = "all that is written"
        constraints = [
            models.CheckConstraint(
                **{"condition" if __import__("django").VERSION >= (5, 1) else "check": Q(price__gte=0)},
                name="price_positive"
            ),
            models.UniqueConstraint(fields=["title", "author"], name="title_once"),
            models.UniqueConstraint(fields=["title"], condition=Q(in_print=True), name="title_in_print"),
            models.UniqueConstraint(Lower("title"), "price", name="title_lower"),
            models.UniqueConstraint(fields=["big"], include=["small"], name="big_incl"),
        ]
        indexes = [
            GinIndex(fields=["data"], name="book_data_gin"),
            GinIndex(fields=["words"], name="book_words_gin"),
            BrinIndex(fields=["published"], name="book_pub_brin"),
            HashIndex(fields=["title"], name="book_hash"),
            BTreeIndex(fields=["price"], name="book_price", condition=Q(price__gt=10)),
        ]


class BookTag(models.Model):
    book = models.ForeignKey(Book, on_delete=models.CASCADE)
    tag = models.ForeignKey(Tag, on_delete=models.PROTECT)
    order = models.IntegerField(default=0)

    class Meta:
        unique_together = [("book", "tag")]


class Profile(models.Model):
    author = models.OneToOneField(Author, on_delete=models.CASCADE, primary_key=True)
    nick = models.CharField(max_length=20, default="")

    class Meta:
        db_table = "Odd Table's"
