"""Django's ORM put through its paces; what is printed must not depend on the
database. Run by tests/drivers/test_django.py with the project's settings."""

# ruff: noqa

import datetime
import decimal
import os
import uuid
from zoneinfo import ZoneInfo

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")

import django

django.setup()

from django.contrib.auth.models import Group, Permission, User
from django.contrib.postgres.aggregates import *
from django.contrib.postgres.expressions import ArraySubquery
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import *
from django.db.models.fields.json import KT
from django.db.models.functions import *

from shop.models import Author, Book, BookTag, Profile, Tag

A, B, L, UTC = Author.objects, Book.objects, list, datetime.timezone.utc


def U(n):
    return uuid.UUID(int=n)


def setup():
    a = [
        Author(id=i, name=n, email=e, born=b, rating=r)
        for i, n, e, b, r in [
            (1, "Ann", "ann@x.org", datetime.date(1970, 5, 1), 4.5),
            (2, "bob", None, datetime.date(1980, 12, 31), 2.25),
            (3, "Çelik", None, None, 0),
            (4, "dora%_x", "D@X.org", datetime.date(2000, 2, 29), 1),
        ]
    ]
    A.bulk_create(a)
    t = [Tag(id=i, slug=s) for i, s in enumerate(["water", "fire", "air"], 1)]
    Tag.objects.bulk_create(t)
    books = [
        Book(
            id=U(i),
            title=f"Title {i}",
            price=decimal.Decimal(i) * decimal.Decimal("7.35"),
            author=a[i % 4],
            editor=a[(i + 1) % 4] if i % 3 else None,
            data={
                "pages": i * 10,
                "tags": ["a", "b"][: i % 3],
                "nested": {"x": {"y": i}},
                "s": f"s{i}",
                "n": None,
                "f": i / 4,
                "b": i % 2 == 0,
            },
            words=["w%d" % i, "common"] + (["odd"] if i % 2 else []),
            grid=[i, i + 1, i * i] if i % 4 else None,
            published=datetime.datetime(2024, 1 + i % 12, 1 + i, 23, 30, tzinfo=UTC)
            + datetime.timedelta(microseconds=i),
            in_print=i % 2 == 0,
            small=i,
            big=i * 10**12 if i % 5 else None,
            length=datetime.timedelta(days=i, seconds=i * 7) if i % 3 else None,
            at=datetime.time(i, 30, 15) if i % 4 else None,
            blob=bytes([i, 0, 255]),
            ip=f"10.0.0.{i}" if i % 2 else "::1",
        )
        for i in range(1, 13)
    ]
    B.bulk_create(books)
    BookTag.objects.bulk_create(
        [BookTag(book=b, tag=t[j], order=j) for i, b in enumerate(books) for j in range(i % 4) if j < 3]
    )
    a[0].friends.add(a[1], a[2])
    a[1].friends.set([a[0], a[3]])


QUERIES = r"""
L(B.order_by('title').values_list('title','price','author__name','editor__name'))
L(B.filter(price__gt=20,author__name__startswith='A').values_list('small',flat=True).order_by('small'))
L(B.filter(title__iexact='TITLE 3').values_list('small'))
L(B.filter(title__icontains='TLE 1').order_by('small').values_list('small'))
L(A.filter(name__contains='%_').values_list('id'))
L(A.filter(name__icontains='ç').values_list('id'))
L(A.filter(name__istartswith='Çe').values_list('id'))
L(A.filter(name__endswith='_x').values_list('id'))
L(A.filter(name__iendswith='_X').values_list('id'))
L(A.filter(name__regex='^[A-Z]').values_list('id').order_by('id'))
L(A.filter(name__iregex='^(ANN|BOB)$').values_list('id').order_by('id'))
L(A.filter(email__isnull=True).values_list('id').order_by('id'))
L(A.filter(email=None).exclude(name__in=['bob']).values_list('id').order_by('id'))
L(A.exclude(email__contains='x').values_list('id').order_by('id'))
L(B.filter(small__range=(3,6)).values_list('small').order_by('small'))
L(B.filter(pk__in=[U(1),U(5)]).values_list('small').order_by('small'))
L(B.filter(Q(small=1)|Q(small=5)&~Q(in_print=True)).values_list('small').order_by('small'))
L(B.filter(Q(small=1)^Q(in_print=False)).values_list('small').order_by('small'))
L(B.annotate(x=F('price')*2+1).values_list('x').order_by('small'))
L(B.annotate(x=F('small')/5,y=F('small')%5,z=F('small')**2,w=F('small').bitand(3),v=F('small').bitleftshift(2)).values_list('x','y','z','w','v').order_by('small'))
L(B.annotate(x=F('price')/F('small')).values_list('x').order_by('small'))
L(B.filter(big__gt=F('small')*10).values_list('big').order_by('big'))
B.aggregate(Sum('price'),Avg('price'),Max('price'),Min('price'),Count('id'),n=Count('editor',distinct=True))
B.aggregate(Avg('small'),StdDev('small'),Variance('small'),StdDev('small',sample=True),Variance('small',sample=True))
B.aggregate(Sum('small'),Sum('big'),Avg('length'),Sum('length'),Max('at'),Min('published'))
B.aggregate(x=Sum('small',filter=Q(in_print=True)),y=Count('id',filter=Q(small__gt=5)))
B.aggregate(x=Sum(F('price')*F('small'),output_field=DecimalField()))
B.filter(small=100).aggregate(x=Sum('small',default=0),y=Avg('price',default=decimal.Decimal('1.50')))
L(A.annotate(n=Count('books'),s=Sum('books__price')).values_list('name','n','s').order_by('name'))
L(A.annotate(n=Count('books')).filter(n__gt=2).values_list('name','n').order_by('name'))
L(A.annotate(n=Count('books__tags',distinct=True),m=Max('books__published')).values_list('name','n','m').order_by('name'))
L(B.values('in_print').annotate(c=Count('id'),p=Avg('price')).order_by('in_print'))
L(B.values('author__name').annotate(c=Count('id')).order_by('-c','author__name'))
L(B.values_list(TruncMonth('published')).annotate(n=Count('id')).order_by('n').values_list('n'))
L(B.annotate(m=TruncMonth('published',tzinfo=ZoneInfo('Asia/Tokyo'))).values_list('m').order_by('small'))
L(B.annotate(m=TruncDay('published',tzinfo=ZoneInfo('America/New_York')),w=TruncWeek('published'),q=TruncQuarter('published'),y=TruncYear('published'),h=TruncHour('published'),mi=TruncMinute('published'),s=TruncSecond('published')).values_list('m','w','q','y','h','mi','s').order_by('small')[:3])
L(B.annotate(d=TruncDate('published'),t=TruncTime('published')).values_list('d','t').order_by('small'))
L(B.annotate(d=TruncDate('published',tzinfo=ZoneInfo('Asia/Kathmandu')),t=TruncTime('published',tzinfo=ZoneInfo('Asia/Kathmandu'))).values_list('d','t').order_by('small')[:4])
L(B.annotate(y=ExtractYear('published'),m=ExtractMonth('published'),d=ExtractDay('published'),w=ExtractWeek('published'),wd=ExtractWeekDay('published'),iw=ExtractIsoWeekDay('published'),iy=ExtractIsoYear('published'),q=ExtractQuarter('published'),h=ExtractHour('published'),mi=ExtractMinute('published'),s=ExtractSecond('published')).values_list('y','m','d','w','wd','iw','iy','q','h','mi','s').order_by('small'))
L(B.annotate(h=ExtractHour('published',tzinfo=ZoneInfo('Europe/Berlin')),d=ExtractDay('published',tzinfo=ZoneInfo('Europe/Berlin'))).values_list('h','d').order_by('small'))
L(A.annotate(y=ExtractYear('born'),d=ExtractDay('born'),m=TruncMonth('born'),w=ExtractWeek('born')).values_list('y','d','m','w').order_by('id'))
L(B.annotate(h=ExtractHour('at'),m=ExtractMinute('at'),t=TruncHour('at')).values_list('h','m','t').order_by('small'))
L(B.annotate(d=ExtractDay('length'),s=ExtractSecond('length')).values_list('d','s').order_by('small'))
L(B.filter(published__date=datetime.date(2024,3,3)).values_list('small'))
L(B.filter(published__year=2024,published__month__gte=6).values_list('small').order_by('small'))
L(B.filter(published__hour=23,published__minute=30,published__week_day=2).values_list('small').order_by('small'))
L(B.filter(published__time__gt=datetime.time(12)).values_list('small').order_by('small')[:2])
L(B.filter(at__hour__gte=5).values_list('small').order_by('small'))
L(A.filter(born__year__lt=1990).values_list('id').order_by('id'))
L(A.filter(born__gte='1975-01-01').values_list('id').order_by('id'))
L(B.dates('published','month')), L(B.datetimes('published','day',tzinfo=ZoneInfo('Asia/Tokyo')))[:3]
L(B.annotate(x=F('published')+datetime.timedelta(days=1,hours=2)).values_list('x').order_by('small')[:2])
L(B.annotate(x=F('published')-F('length')).values_list('x').order_by('small'))
L(B.annotate(x=ExpressionWrapper(F('published')-datetime.datetime(2024,1,1,tzinfo=UTC),output_field=DurationField())).values_list('x').order_by('small')[:3])
L(B.annotate(x=ExpressionWrapper(F('length')*2,DurationField()),y=ExpressionWrapper(F('length')/2,DurationField())).values_list('x','y').order_by('small')[:3])
L(B.filter(length__gt=datetime.timedelta(days=5)).values_list('small','length').order_by('small'))
L(A.annotate(x=ExpressionWrapper(F('born')+datetime.timedelta(days=3),output_field=DateTimeField())).values_list('x').order_by('id'))
L(A.annotate(x=Value(datetime.date(2020,1,1))-F('born')).values_list('x').order_by('id'))
L(B.filter(data__pages=30).values_list('small'))
L(B.filter(data__pages__gt=50).values_list('small').order_by('small'))
L(B.filter(data__nested__x__y__lte=3).values_list('small').order_by('small'))
L(B.filter(data__tags__0='a').values_list('small').order_by('small'))
L(B.filter(data__contains={'pages':40}).values_list('small'))
L(B.filter(data__contained_by={'pages':40}).values_list('small'))
L(B.filter(data__has_key='pages').count().__repr__())
L(B.filter(data__has_keys=['pages','s']).values_list('small').order_by('small')[:2])
L(B.filter(data__has_any_keys=['zzz','s']).values_list('small').order_by('small')[:2])
L(B.filter(data__nested__has_key='x').values_list('small').order_by('small')[:2])
L(B.filter(data__s='s4').values_list('small'))
L(B.filter(data__s__icontains='S1').values_list('small').order_by('small'))
L(B.filter(data__s__startswith='s1').values_list('small').order_by('small'))
L(B.filter(data__s__regex='^s[12]$').values_list('small').order_by('small'))
L(B.filter(data__s__iexact='S2').values_list('small').order_by('small'))
L(B.filter(data__n=None).values_list('small').order_by('small')[:2])
L(B.filter(data__n__isnull=False).values_list('small').order_by('small')[:2])
L(B.filter(data__missing__isnull=True).values_list('small').order_by('small')[:2])
L(B.filter(data__pages__in=[10,20]).values_list('small').order_by('small'))
L(B.filter(data__b=True).values_list('small').order_by('small'))
L(B.filter(data__f__gte=2.5).values_list('small').order_by('small'))
L(B.values_list('data__pages','data__nested__x','data__tags').order_by('small')[:3])
L(B.annotate(k=F('data__s')).values_list('k').order_by('-data__pages')[:3])
L(B.annotate(k=Cast(KT('data__pages'),IntegerField())).values_list('k').order_by('-k')[:3])
L(B.annotate(j=JSONObject(a='small',b=F('title'),c=Value('x'))).values_list('j').order_by('small')[:2])
L(B.filter(data=Value({'a':1},JSONField())).values_list('small'))
L(B.values_list('data').order_by('small')[:2])
L(B.filter(words__contains=['odd']).values_list('small').order_by('small'))
L(B.filter(words__contained_by=['w2','common','x']).values_list('small').order_by('small'))
L(B.filter(words__overlap=['w3','w4']).values_list('small').order_by('small'))
L(B.filter(words__len=3).values_list('small').order_by('small'))
L(B.filter(words__0='w5').values_list('small').order_by('small'))
L(B.filter(words__1__iexact='COMMON').values_list('small').order_by('small')[:2])
L(B.filter(words__0_1=['w7']).values_list('small').order_by('small'))
L(B.filter(grid=[1,2,1]).values_list('small').order_by('small'))
L(B.filter(grid__contains=[9]).values_list('small','grid').order_by('small'))
L(B.filter(grid__isnull=True).values_list('small').order_by('small'))
L(B.values_list('grid__0','words__1').order_by('small')[:3])
L(B.order_by('grid','small').values_list('small'))
L(B.filter(words__contains=F('words')).values_list('small').order_by('small')[:2])
L(A.annotate(x=ArrayAgg('books__small',ordering='-books__small')).values_list('x').order_by('id'))
L(A.annotate(x=ArrayAgg('books__small',distinct=True,filter=Q(books__small__gt=3),default=Value([]))).values_list('x').order_by('id'))
L(A.annotate(x=StringAgg('books__title',delimiter='; ',ordering='books__small')).values_list('x').order_by('id'))
L(A.annotate(x=JSONBAgg('books__small',ordering='books__small')).values_list('x').order_by('id'))
B.aggregate(a=BoolAnd('in_print'),b=BoolOr('in_print'),c=BitAnd('small'),d=BitOr('small'),e=BitXor('small'))
B.aggregate(a=Corr('small','price'),b=CovarPop('small','price'),c=RegrAvgX('small','price'),d=RegrSlope('small','price'),e=RegrR2('small','price'),f=RegrCount('small','price'),g=RegrIntercept('small','price'))
L(A.annotate(x=ArraySubquery(B.filter(author=OuterRef('pk')).order_by('small').values('small'))).values_list('x').order_by('id'))
L(A.annotate(x=ArraySubquery(B.filter(author=OuterRef('pk')).order_by('small').values(json=JSONObject(t='title')))).values_list('x').order_by('id'))
L(A.annotate(x=Subquery(B.filter(author=OuterRef('pk')).order_by('-price').values('title')[:1])).values_list('x').order_by('id'))
L(A.filter(Exists(B.filter(author=OuterRef('pk'),small__gt=10))).values_list('id').order_by('id'))
L(A.filter(~Exists(B.filter(author=OuterRef('pk'),small__gt=10))).values_list('id').order_by('id'))
L(A.filter(id__in=B.filter(small__gt=10).values('author')).values_list('id').order_by('id'))
L(A.annotate(x=Exists(B.filter(editor=OuterRef('pk')))).values_list('x').order_by('id'))
L(B.order_by('author','-price').distinct('author').values_list('author','small'))
L(B.values_list('author').distinct().order_by('author'))
L(B.annotate(r=Window(RowNumber(),partition_by='author',order_by='-price')).values_list('small','r').order_by('small'))
L(B.annotate(r=Window(Rank(),order_by='in_print'),d=Window(DenseRank(),order_by='in_print'),p=Window(PercentRank(),order_by='small'),c=Window(CumeDist(),order_by='small'),n=Window(Ntile(5),order_by='small')).values_list('small','r','d','p','c','n').order_by('small'))
L(B.annotate(a=Window(Lag('small',2,0),order_by='small'),b=Window(Lead('title'),order_by='small'),f=Window(FirstValue('small'),partition_by='author',order_by='small'),l=Window(LastValue('small'),partition_by='author',order_by='small',frame=RowRange()),n=Window(NthValue('small',2),order_by='small')).values_list('a','b','f','l','n').order_by('small'))
L(B.annotate(s=Window(Sum('price'),order_by='small',frame=RowRange(-1,1)),a=Window(Avg('price'),partition_by='author')).values_list('s','a').order_by('small'))
L(B.annotate(r=Window(RowNumber(),partition_by='author',order_by='-price')).filter(r=1).values_list('small').order_by('small'))
L(B.annotate(c=Case(When(small__lt=4,then=Value('low')),When(small__lt=8,then=Value('mid')),default=Value('high'))).values_list('c').order_by('small'))
L(B.annotate(c=Coalesce('big','small',Value(0),output_field=BigIntegerField()),g=Greatest('small',F('big'),output_field=BigIntegerField()),l=Least('small','big',output_field=BigIntegerField()),n=NullIf('small',Value(3))).values_list('c','g','l','n').order_by('small'))
L(A.annotate(a=Lower('name'),b=Upper('name'),c=Length('name'),d=Concat('name',Value('-'),'email',output_field=TextField()),e=Substr('name',2,2),f=Left('name',2),g=Right('name',2),h=Reverse('name'),i=Repeat('name',2),j=Replace('name',Value('n'),Value('N')),k=StrIndex('name',Value('n')),l=LPad('name',6,Value('*')),m=RPad('name',6,Value('*')),n=Trim(Value('  x ')),o=LTrim(Value('  x ')),p=RTrim(Value(' x ')),q=Ord('name'),r=Chr(Value(231))).values_list('a','b','c','d','e','f','g','h','i','j','k','l','m','n','o','p','q','r').order_by('id'))
L(A.annotate(a=MD5('name')).values_list('a').order_by('id'))
L(B.annotate(a=Abs(-F('small')),b=Ceil('price'),c=Floor('price'),d=Round('price'),e=Round('price',1),f=Sqrt('small'),g=Power('small',2),h=Mod('small',5),i=Sign(F('small')-3),j=Exp(Value(1.0)),k=Ln('small'),l=Log(2,'small'),m=Pi(),n=Degrees(Value(1.0)),o=Radians('small')).values_list('a','b','c','d','e','f','g','h','i','j','k','l','m','n','o').order_by('small')[:4])
L(B.annotate(a=Sin('small'),b=Cos('small'),c=Tan('small'),d=ATan('small'),e=ATan2('small',Value(2)),f=Cot('small'),g=ACos(Value(0.5)),h=ASin(Value(0.5))).values_list('a','b','c','d','e','f','g','h').order_by('small')[:2])
L(B.annotate(a=Cast('small',CharField()),b=Cast('price',IntegerField()),c=Cast('title',CharField(max_length=3)),d=Cast('small',FloatField()),e=Cast('published',DateField()),f=Cast('small',DecimalField(max_digits=5,decimal_places=2)),g=Cast('in_print',IntegerField()),h=Cast('data',TextField()),i=Cast('id',TextField())).values_list('a','b','c','d','e','f','g','h','i').order_by('small')[:3])
L(B.annotate(c=Collate('title','C')).order_by('c').values_list('c')[:3])
L(B.order_by(F('big').asc(nulls_first=True),'small').values_list('small')), L(B.order_by(F('big').desc(nulls_last=True),'small').values_list('small'))
L(B.order_by(Lower('title').desc()).values_list('small')[:4])
L(B.filter(small__gt=9).values_list('small').union(B.filter(small__lt=3).values_list('small')).order_by('small'))
L(B.filter(small__gt=3).values_list('small').intersection(B.filter(small__lt=6).values_list('small')).order_by('small'))
L(B.filter(small__gt=3).values_list('small').difference(B.filter(small__gt=6).values_list('small')).order_by('small'))
L(B.values_list('small','title').union(Tag.objects.values_list('id','slug'),all=True).order_by('-small')[:3])
L(B.filter(tags__slug='fire').values_list('small').order_by('small'))
L(B.exclude(tags__slug='fire').values_list('small').order_by('small'))
L(B.filter(tags__slug='fire').filter(tags__slug='air').values_list('small').order_by('small'))
[ (a.id,[b.small for b in a.books.all().order_by('small')]) for a in A.prefetch_related('books').order_by('id')]
[ (b.small,[x.slug for x in b.tags.order_by('id')],b.author.name,b.editor and b.editor.name) for b in B.select_related('author','editor').prefetch_related('tags').order_by('small')]
L(A.filter(friends__name='Ann').values_list('id').order_by('id'))
B.filter(small=1).exists(), B.filter(small=99).exists(), B.count(), B.filter(small__gt=3)[2:5].count(), len(B.order_by('small')[3:7])
B.filter(ip='10.0.0.1').count(), B.filter(ip__startswith='10.').count(), L(B.values_list('ip').order_by('ip'))
L(B.filter(blob=b'\\x01\\x00\\xff').values_list('small')), [bytes(x[0]) for x in B.values_list('blob').order_by('small')[:2]]
B.order_by('small').first().title, B.earliest('published').small, B.latest('published').small, B.in_bulk([U(1),U(2)]).__len__()
L(B.filter(editor__isnull=True).values_list('small').order_by('small')), L(B.filter(author__books__small=3).values_list('small').order_by('small'))
L(B.raw('select * from shop_book where small < %s order by small',[3]))[1].title
L(B.extra(select={'z':'small+1'},where=['small < %s'],params=[3]).values_list('z').order_by('small'))
L(B.filter(title__in=[]).values_list('small')), L(B.none())
L(B.alias(q=F('small')*2).filter(q__gt=20).values_list('small').order_by('small'))
L(A.annotate(fb=FilteredRelation('books',condition=Q(books__small__gt=8))).values_list('id','fb__small').order_by('id','fb__small'))
L(B.annotate(n=Now()).values_list('small').filter(published__lt=Now()).order_by('small')[:2])
L(B.iterator(chunk_size=5)).__len__()
L(B.annotate(u=Func(F('words'),function='unnest')).values_list('small','u').order_by('small','u')[:4])
L(B.annotate(u=Func(F('words'),function='cardinality',output_field=IntegerField())).values_list('u').order_by('small')[:4])
L(B.filter(small__gt=Subquery(B.values('author').filter(author=OuterRef('author')).annotate(a=Avg('small')).values('a'))).values_list('small').order_by('small'))
L(B.annotate(total=Sum('tags__id')).values_list('small','total').order_by('small'))
L(A.annotate(t=Count('books',filter=Q(books__in_print=True)),p=Avg('books__price')).order_by('-t','id').values_list('id','t','p'))
A.annotate(n=Count('books')).aggregate(Avg('n'),Max('n'))
L(B.values('author_id').annotate(n=Count('*')).values_list('n','author_id').order_by('author_id'))
L(B.values_list('length','at','published','ip','in_print','price','grid').order_by('small'))
""".strip().split("\n")


def show(text, result):
    try:
        print(">>", text, "\n  ", repr(result()))
    except Exception as error:
        print(">>", text, "\n   EXC", type(error).__name__, str(error).split("\n")[0][:200])


with connection.cursor() as cursor:
    cursor.execute('DELETE FROM "a passage"')
for model in (BookTag, Book, Tag, Profile, Author):
    model.objects.all().delete()
setup()
with connection.cursor() as cursor:
    cursor.execute("SELECT setval('shop_tag_id_seq', 100)")
for query in QUERIES:
    show(query, lambda: eval(query))


def run(name, action):
    show(name, action)


def sp():
    with transaction.atomic():
        Tag.objects.create(id=10, slug="ten")
        try:
            with transaction.atomic():
                Tag.objects.create(id=11, slug="ten")
        except IntegrityError as e:
            r = str(e).split("\n")[0]
        Tag.objects.create(id=12, slug="twelve")
    return r, L(Tag.objects.order_by("id").values_list("id"))


run("savepoint", sp)


def lock():
    with transaction.atomic():
        return (
            [
                b.small
                for b in B.select_for_update(skip_locked=True, of=("self",))
                .select_related("author")
                .order_by("small")[:3]
            ],
            [b.small for b in B.select_for_update(nowait=True).filter(small__lt=3).order_by("small")],
            [b.small for b in B.select_for_update(no_key=True).filter(small__lt=3).order_by("small")],
        )


run("lock", lock)
run("lock outside", lambda: L(B.select_for_update()))
run(
    "upsert",
    lambda: (
        Tag.objects.bulk_create(
            [Tag(id=1, slug="changed"), Tag(id=50, slug="fifty")],
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=["slug"],
        )
        and None,
        L(Tag.objects.order_by("id").values_list("id", "slug")),
    ),
)
run(
    "ignore",
    lambda: (
        Tag.objects.bulk_create([Tag(slug="changed"), Tag(slug="sixty")], ignore_conflicts=True) and None,
        Tag.objects.count(),
    ),
)
run("ids", lambda: [x.id is not None for x in Tag.objects.bulk_create([Tag(slug=f"b{i}") for i in range(5)])])
run(
    "bulk_update",
    lambda: (
        B.bulk_update(
            [
                Book(
                    id=U(i),
                    price=decimal.Decimal(i),
                    data={"k": i},
                    grid=[i],
                    published=datetime.datetime(2020, 1, i, tzinfo=UTC),
                    length=None,
                )
                for i in (1, 2)
            ],
            ["price", "data", "grid", "published", "length"],
        ),
        L(B.filter(small__lt=3).order_by("small").values_list("price", "data", "grid", "published", "length")),
    ),
)
run(
    "update F",
    lambda: (
        B.filter(small__lt=4).update(
            price=F("price") + 1, title=Concat(F("title"), Value("!")), editor=None, data=Value({"z": [1]}, JSONField())
        ),
        L(B.filter(small__lt=4).order_by("small").values_list("price", "title", "data")),
    ),
)
run(
    "update sub",
    lambda: (
        B.update(big=Subquery(B.filter(pk=OuterRef("pk")).values("small")[:1])),
        L(B.values_list("big").order_by("small")),
    ),
)
run("update join", lambda: (B.filter(author__name="Ann").update(in_print=False),))
run(
    "update case",
    lambda: (
        B.update(small=Case(When(small=1, then=Value(101)), default=F("small"), output_field=SmallIntegerField())),
    ),
)
run(
    "get_or_create",
    lambda: (Tag.objects.get_or_create(slug="changed")[1], Tag.objects.get_or_create(slug="brandnew")[1]),
)
run("update_or_create", lambda: Tag.objects.update_or_create(slug="changed", defaults={"slug": "changed2"})[1])
run("unique", lambda: Tag.objects.create(id=900, slug="changed2"))
run("check", lambda: Book.objects.create(title="n", price=-1, author_id=1, small=77))
run("fk", lambda: Book.objects.create(title="n", price=1, author_id=1000, small=77))
run("notnull", lambda: Book.objects.create(title=None, price=1, author_id=1, small=78))
run("long", lambda: Tag.objects.create(slug="x" * 60))
run("overflow", lambda: Book.objects.create(title="n", price=decimal.Decimal("1234567890.12"), author_id=1, small=79))
run("smallint", lambda: Book.objects.create(title="n2", price=1, author_id=1, small=70000))
run("protect", lambda: Tag.objects.get(id=2).delete())
run("delete", lambda: A.get(id=1).delete())
run("delete q", lambda: B.filter(small__gt=10).delete())
run("counts", lambda: [m.objects.count() for m in (Author, Book, BookTag, Tag)])
run("full", lambda: [c for c in Book(title="t", price=1, author_id=2, small=200).full_clean() or []])


def cons():
    b = Book(title="Title 5", price=1, author_id=2, small=200, in_print=False)
    b.validate_constraints()
    return "ok"


run("validate", cons)


def srv():
    out = []
    for i, b in enumerate(B.order_by("small").iterator(chunk_size=2)):
        out.append(b.small)
    return out


run("iter", srv)


def cur():
    with connection.cursor() as c:
        c.execute("select %s::int, %s, %s::jsonb", [1, "x", "{}"])
        a = c.fetchall()
        c.execute("select count(*) from django_migrations")
        c.executemany("insert into shop_tag(slug) values(%s)", [("em1",), ("em2",)])
        return a, c.rowcount, [x.name for x in connection.introspection.get_table_list(c)][:0]


run("cursor", cur)


def hooks():
    out = []
    with transaction.atomic():
        transaction.on_commit(lambda: out.append(1))
    return out


run("hooks", hooks)


def user():
    u = User.objects.create_user("joe", "j@x.org", "pw")
    u.groups.add(Group.objects.create(name="g"))
    u.user_permissions.add(Permission.objects.order_by("id").first())
    return (
        u.check_password("pw"),
        u.get_all_permissions(),
        User.objects.with_perm("admin.add_logentry", backend="django.contrib.auth.backends.ModelBackend").count(),
    )


run("user", user)
run("user del", lambda: (User.objects.all().delete(), Group.objects.all().delete()))


def introspect():
    with connection.cursor() as c:
        i = connection.introspection
        return (
            [(t.name, t.type, getattr(t, "comment", None)) for t in i.get_table_list(c)],
            i.get_table_description(c, "shop_book"),
            i.get_constraints(c, "shop_book"),
            i.get_sequences(c, "shop_author"),
            i.get_relations(c, "shop_book"),
            i.get_primary_key_column(c, "shop_book"),
        )


def cons2():
    for x in introspect():
        if isinstance(x, list):
            x = sorted(map(str, x))
        if isinstance(x, dict):
            for k in sorted(x, key=str):
                print("    ", k, x[k])
        else:
            print("    ", x)


run("introspect", cons2)

call_command("flush", interactive=False, verbosity=0, allow_cascade=True)
run("flushed", lambda: [model.objects.count() for model in (Author, Book, BookTag, Tag, User)])
run("ids after a flush", lambda: Author.objects.create(name="first").pk)
