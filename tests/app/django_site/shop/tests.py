"""What `manage.py test` runs, in a database that it makes and drops."""

from django.test import TestCase

from shop.models import Author, Tag


class Isolated(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.before = Author.objects.count()
        cls.author = Author.objects.create(name="of all tests")

    def test_sees_what_the_class_made(self):
        self.assertEqual(Author.objects.count(), self.before + 1)
        Tag.objects.create(slug="of one test")

    def test_sees_nothing_of_another(self):
        self.assertEqual(Tag.objects.count(), 0)
