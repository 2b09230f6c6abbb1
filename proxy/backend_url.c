#include "proxy/backend_url.h"

#include <stdlib.h>

static bool complain(struct buffer *why, const char *what)
{
	buffer_put_text(why, what);
	return false;
}

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* "scheme://" or "scheme:" of at least two letters (one may be a drive's);
 * its length, or 0. */
static size_t scheme_length(const char *text)
{
	size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyz"
				     "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "0123456789+-._");

	return length > 1 && text[length] == ':' ? length : 0;
}

/* The scheme without SQLAlchemy's "+driver" is this word. */
static bool scheme_is(struct slice scheme, const char *word)
{
	size_t length = strlen(word);

	return scheme.length >= length && memcmp(scheme.at, word, length) == 0 &&
	       (scheme.length == length || scheme.at[length] == '+');
}

/* asyncpg's URLs say ssl=require where libpq's say sslmode=require. */
static bool is_ssl_mode(struct slice parameter)
{
	static const char *const modes[] = {
		"ssl=disable", "ssl=allow", "ssl=prefer", "ssl=require",
		"ssl=verify-ca", "ssl=verify-full",
	};

	for (unsigned i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (slice_is(parameter, modes[i]))
			return true;
	return false;
}

static void put_parameters(const char *query, struct buffer *out)
{
	while (*query) {
		struct slice one = slice_make(query, strcspn(query, "&"));

		if (is_ssl_mode(one)) {
			buffer_put_text(out, "sslmode");
			one = slice_make(one.at + 3, one.length - 3);
		}
		buffer_put_slice(out, one);
		query += strcspn(query, "&");
		if (*query)
			buffer_put_u8(out, (uint8_t)*query++);
	}
}

static void read_postgres(const char *rest, struct backend_url *ret)
{
	struct buffer url = { 0 };
	const char *query = strchr(rest, '?');

	buffer_put_text(&url, "postgresql://");
	buffer_put(&url, rest, query ? (size_t)(query - rest) : strlen(rest));
	if (query) {
		buffer_put_u8(&url, '?');
		put_parameters(query + 1, &url);
	}
	ret->kind = BACKEND_URL_POSTGRES;
	ret->target = slice_dup(buffer_slice(&url));
	buffer_wipe(&url);
}

static bool read_file(struct slice path, struct backend_url *ret,
		      struct buffer *why)
{
	if (!path.length || slice_is(path, ":memory:"))
		return complain(why, "weir needs a SQLite file, not a database "
				     "in memory: write sqlite:PATH");
	ret->kind = BACKEND_URL_SQLITE;
	ret->target = slice_dup(path);
	return true;
}

/* SQLAlchemy's rule: sqlite:///relative.db, sqlite:////absolute.db. What
 * follows a question mark is meant for the driver. */
static bool read_sqlite(const char *rest, struct backend_url *ret,
			struct buffer *why)
{
	size_t length = strlen(rest);

	if (begins(rest, "//")) {
		if (rest[2] && rest[2] != '/')
			return complain(why, "a SQLite URL has three slashes "
					     "and a relative path, or four and "
					     "an absolute one: "
					     "sqlite:///./app.db");
		rest += rest[2] ? 3 : 2;
		length = strcspn(rest, "?");
	}
	return read_file(slice_make(rest, length), ret, why);
}

/* A scheme in front of "//" that is neither: somebody means another product. */
static bool is_foreign(const char *text, size_t scheme)
{
	return scheme && (begins(text + scheme, "://") ||
			  begins(text, "file:"));
}

bool backend_url_parse(const char *text, struct backend_url *ret,
		       struct buffer *why)
{
	size_t length = scheme_length(text);
	struct slice scheme = slice_make(text, length);

	if (begins(text + length, "://") &&
	    (scheme_is(scheme, "postgresql") ||
	     scheme_is(scheme, "postgres"))) {
		read_postgres(text + length + 3, ret);
		return true;
	}
	if (length && scheme_is(scheme, "sqlite"))
		return read_sqlite(text + length + 1, ret, why);
	if (is_foreign(text, length) || begins(text, "postgres:") ||
	    begins(text, "postgresql:"))
		return complain(why, "must be postgresql://USER@HOST/DATABASE, "
				     "sqlite:PATH or a path");
	if (begins(text, "host=") || begins(text, "dbname=") ||
	    begins(text, "service=") || begins(text, "hostaddr="))
		return complain(why, "write the connection as a URL: "
				     "postgresql://USER@HOST/DATABASE");
	return read_file(slice_text(text), ret, why);
}

void backend_url_add_password(struct backend_url *url, const char *password)
{
	struct buffer target = { 0 };

	buffer_put_text(&target, url->target);
	buffer_put_text(&target, strchr(url->target, '?') ? "&password=" :
							    "?password=");
	for (; *password; password++)
		buffer_printf(&target, "%%%02X", (unsigned char)*password);
	backend_url_fini(url);
	url->kind = BACKEND_URL_POSTGRES;
	url->target = slice_dup(buffer_slice(&target));
	buffer_wipe(&target);
}

/* What follows the user: the value of each parameter whose name ends in
 * "password" is hidden. */
static void show_rest(const char *rest, struct buffer *out)
{
	while (*rest) {
		size_t length = strcspn(rest, "?&");
		size_t name = strcspn(rest, "?&=");
		bool hide = name < length && name >= 8 &&
			    begins(rest + name - 8, "password");

		buffer_put(out, rest, hide ? name + 1 : length);
		buffer_put_text(out, hide ? "***" : "");
		rest += length;
		if (*rest)
			buffer_put_u8(out, (uint8_t)*rest++);
	}
}

/* People forget to encode an '@', '/' or '?' in a password, so all between
 * the first colon and the last '@' of the text is taken for one. */
void backend_url_show(const char *text, struct buffer *out)
{
	const char *start = strstr(text, "://");
	const char *at, *colon;

	if (!start) {
		buffer_put_text(out, strstr(text, "password") ? "***" : text);
		return;
	}
	start += 3;
	at = strrchr(start, '@');
	colon = at ? memchr(start, ':', (size_t)(at - start)) : NULL;
	if (colon) {
		buffer_put(out, text, (size_t)(colon + 1 - text));
		buffer_put_text(out, "***");
		show_rest(at, out);
	} else {
		buffer_put(out, text, (size_t)(start - text));
		show_rest(start, out);
	}
}

void backend_url_fini(struct backend_url *url)
{
	if (url->target)
		explicit_bzero(url->target, strlen(url->target));
	free(url->target);
	*url = (struct backend_url){ 0 };
}
