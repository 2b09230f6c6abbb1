"""Fields and constraints come, go, change and get other names, with rows there."""

import django
from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models
import django.db.models.deletion


def fill(apps, schema_editor):
    Author = apps.get_model("shop", "Author")
    Book = apps.get_model("shop", "Book")
    for i in range(1, 4):
        author = Author.objects.create(name=f"old {i}", email=f"{i}@x.org", rating=i)
        Book.objects.create(title=f"old {i}", price=i, author=author, small=500 + i, big=i, words=["a", str(i)])


def drain(apps, schema_editor):
    for name in ("Book", "Author"):
        apps.get_model("shop", name).objects.filter(pk__isnull=False).delete()


class Migration(migrations.Migration):
    dependencies = [("shop", "0001_initial")]
    operations = [
        migrations.CreateModel("Passing", [("id", models.AutoField(primary_key=True)),
                                           ("old", models.CharField(max_length=10, null=True)),
                                           ("gone", models.IntegerField(db_index=True, default=3)),
                                           ("unique", models.IntegerField(unique=True, null=True)),
                                           ("book", models.ForeignKey("shop.Book", django.db.models.deletion.CASCADE)),
                                           ("at", models.DateField(null=True)),
                                           ("flag", models.BooleanField(default=False))]),
        migrations.RunPython(fill, drain),
        migrations.RunSQL("INSERT INTO shop_passing (old, gone, book_id, flag) SELECT title, small, id, in_print "
                          "FROM shop_book", "DELETE FROM shop_passing"),
        migrations.AddField("passing", "added", models.TextField(default="x")),
        migrations.AddField("passing", "when", models.DateTimeField(auto_now_add=True, null=True)),
        migrations.AddField("passing", "tags", ArrayField(models.TextField(), default=list)),
        migrations.AddField("passing", "author", models.ForeignKey("shop.Author", django.db.models.deletion.SET_NULL,
                                                                   null=True)),
        migrations.AddField("passing", "once", models.OneToOneField("shop.Tag", django.db.models.deletion.CASCADE,
                                                                    null=True)),
        migrations.RenameField("passing", "old", "renamed"),
        migrations.AlterField("passing", "renamed", models.TextField(default="none")),
        migrations.AlterField("passing", "gone", models.BigIntegerField(null=True)),
        migrations.AlterField("passing", "gone", models.DecimalField(max_digits=8, decimal_places=2, default=1)),
        migrations.AlterField("passing", "gone", models.CharField(max_length=20, db_index=True, null=True)),
        migrations.AlterField("passing", "unique", models.IntegerField(null=True)),
        migrations.AlterField("passing", "unique", models.PositiveIntegerField(null=True, unique=True)),
        migrations.AlterField("passing", "at", models.DateTimeField(null=True)),
        migrations.AlterField("passing", "id", models.BigAutoField(primary_key=True)),
        migrations.AlterField("passing", "book", models.ForeignKey("shop.Book", django.db.models.deletion.PROTECT,
                                                                   null=True, related_name="+")),
        migrations.AddConstraint("passing", models.UniqueConstraint(fields=["renamed", "gone"], name="passing_once")),
        migrations.AddIndex("passing", models.Index(fields=["-added", "renamed"], name="passing_index")),
        migrations.RenameIndex("passing", new_name="passing_index2", old_name="passing_index"),
        migrations.AlterUniqueTogether("passing", {("renamed", "flag")}),
        migrations.AlterModelTable("passing", "passage"),
        migrations.AlterModelTableComment("passing", "what passes"),
        migrations.RenameModel("Passing", "Passage"),
        migrations.AlterModelTable("passage", "a passage"),
        migrations.RemoveConstraint("passage", "passing_once"),
        migrations.RemoveIndex("passage", "passing_index2"),
        migrations.RemoveField("passage", "gone"),
        migrations.RemoveField("passage", "author"),
        migrations.AlterUniqueTogether("passage", set()),
        migrations.AddConstraint("passage", models.UniqueConstraint(fields=["renamed"], name="passage_later",
                                                                    deferrable=models.Deferrable.DEFERRED)),
        migrations.AddConstraint("passage", models.UniqueConstraint(fields=["id", "renamed"], name="passage_now",
                                                                    deferrable=models.Deferrable.IMMEDIATE)),
    ] + ([
        migrations.AddConstraint("passage", models.UniqueConstraint(fields=["unique", "book"], name="passage_nulls",
                                                                    nulls_distinct=False)),
    ] if django.VERSION >= (5, 0) else [])

