#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "proxy/backend_url.h"

struct reads {
	const char *text;
	enum backend_url_kind kind;
	const char *target;
};

static const struct reads good[] = {
	{ "postgresql://app@db/app", BACKEND_URL_POSTGRES,
	  "postgresql://app@db/app" },
	{ "postgres://db", BACKEND_URL_POSTGRES, "postgresql://db" },
	{ "postgresql+asyncpg://a:b@h/d?ssl=require&application_name=x",
	  BACKEND_URL_POSTGRES,
	  "postgresql://a:b@h/d?sslmode=require&application_name=x" },
	{ "postgresql://h/d?ssl=true", BACKEND_URL_POSTGRES,
	  "postgresql://h/d?ssl=true" },
	{ "postgresql:///app?host=/run/postgresql", BACKEND_URL_POSTGRES,
	  "postgresql:///app?host=/run/postgresql" },
	{ "sqlite:app.db", BACKEND_URL_SQLITE, "app.db" },
	{ "sqlite:/var/lib/app.db", BACKEND_URL_SQLITE, "/var/lib/app.db" },
	{ "sqlite:///./app.db", BACKEND_URL_SQLITE, "./app.db" },
	{ "sqlite:////var/lib/app.db", BACKEND_URL_SQLITE,
	  "/var/lib/app.db" },
	{ "sqlite+aiosqlite:///app.db?timeout=30", BACKEND_URL_SQLITE,
	  "app.db" },
	{ "sqlite:{database}.db", BACKEND_URL_SQLITE, "{database}.db" },
	{ "./a+b.db", BACKEND_URL_SQLITE, "./a+b.db" },
	{ "app.db", BACKEND_URL_SQLITE, "app.db" },
};

static const char *const bad[] = {
	"", "sqlite:", "sqlite://", "sqlite:///", "sqlite://host/app.db",
	":memory:", "sqlite::memory:", "sqlite:///:memory:",
	"mysql://root:secret@h/d", "http://h", "file:app.db",
	"postgresql:app", "host=db password=secret", "dbname=app",
};

static void urls_are_read_as_sqlalchemy_and_libpq_mean_them(void **state)
{
	for (unsigned i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct backend_url url = { 0 };
		struct buffer why = { 0 };

		assert_true(backend_url_parse(good[i].text, &url, &why));
		assert_int_equal(url.kind, good[i].kind);
		assert_string_equal(url.target, good[i].target);
		backend_url_fini(&url);
		buffer_fini(&why);
	}
}

static void other_things_are_refused_without_repeating_them(void **state)
{
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct backend_url url = { 0 };
		struct buffer why = { 0 };

		assert_false(backend_url_parse(bad[i], &url, &why));
		assert_true(why.length > 0);
		assert_null(strstr(buffer_cstring(&why), "secret"));
		assert_null(url.target);
		buffer_fini(&why);
	}
}

static void a_separate_password_is_added_encoded(void **state)
{
	struct backend_url url = { 0 };
	struct buffer why = { 0 };

	assert_true(backend_url_parse("postgresql://a@h/d", &url, &why));
	backend_url_add_password(&url, "p&=%");
	assert_string_equal(url.target,
			    "postgresql://a@h/d?password=%70%26%3D%25");
	backend_url_add_password(&url, "x");
	assert_non_null(strstr(url.target, "&password=%78"));
	backend_url_fini(&url);
}

static void a_password_is_never_shown(void **state)
{
	static const char *const hidden[][2] = {
		{ "postgresql://a:secret@h/d", "postgresql://a:***@h/d" },
		{ "postgresql://a:sec@re/t?secret@h/d",
		  "postgresql://a:***@h/d" },
		{ "postgresql://h/d?password=secret&x=1",
		  "postgresql://h/d?password=***&x=1" },
		{ "postgresql://h/d?sslpassword=secret",
		  "postgresql://h/d?sslpassword=***" },
		{ "postgresql://h:1/d?user=a@b&password=secret",
		  "postgresql://h:***@b&password=***" },
		{ "postgresql://h/d?password=secret@x",
		  "postgresql://h/d?password=***" },
		{ "mysql://root:secret@h", "mysql://root:***@h" },
		{ "host=h password=secret", "***" },
		{ "postgresql://a@h:5432/d", "postgresql://a@h:5432/d" },
		{ "app.db", "app.db" },
	};

	for (unsigned i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++) {
		struct buffer out = { 0 };

		backend_url_show(hidden[i][0], &out);
		assert_string_equal(buffer_cstring(&out), hidden[i][1]);
		buffer_fini(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			urls_are_read_as_sqlalchemy_and_libpq_mean_them),
		cmocka_unit_test(
			other_things_are_refused_without_repeating_them),
		cmocka_unit_test(a_separate_password_is_added_encoded),
		cmocka_unit_test(a_password_is_never_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
