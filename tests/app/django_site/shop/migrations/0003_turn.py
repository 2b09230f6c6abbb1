"""Two rows exchange what is unique: the constraint waits for the end."""

from django.db import migrations


def turn(apps, schema_editor):
    first, second = apps.get_model("shop", "Passage").objects.order_by("renamed")[:2]
    first.renamed, second.renamed = second.renamed, first.renamed
    first.save(), second.save()


class Migration(migrations.Migration):
    dependencies = [("shop", "0002_changes")]
    operations = [migrations.RunPython(turn, migrations.RunPython.noop)]
