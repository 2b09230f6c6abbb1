"""The project's migrations up and down, what inspectdb makes of them, and the
ORM, in one process: each part of what is said begins with a mark."""

import os

import django
from django.core.management import call_command

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
django.setup()

STEPS = [("migrate",), ("inspectdb",), ("migrate", "shop", "0001"), ("migrate", "shop"), ("inspectdb", "--include-views")]

for step in STEPS:
    print("==", *step)
    call_command(*step, no_color=True)
print("== exercise")
import exercise  # noqa: E402,F401
