/*
 * The thing a database entry points at, as its owner wrote it: a Postgres
 * URL or a SQLite file. People paste what their settings already hold, so
 * SQLAlchemy's spellings are understood (`postgresql+asyncpg://`,
 * `sqlite+aiosqlite:///./app.db`) and the driver's name is dropped.
 */
#ifndef WEIR_PROXY_BACKEND_URL_H
#define WEIR_PROXY_BACKEND_URL_H

#include "protocol/bytes.h"

enum backend_url_kind { BACKEND_URL_POSTGRES, BACKEND_URL_SQLITE };

struct backend_url {
	enum backend_url_kind kind;
	char *target;		/* owned: a postgresql:// URL for libpq, which
				   may hold a password and is never logged; or
				   the path of the SQLite file, in which
				   `{database}` stands for the client's */
};

/* Reads what the owner wrote. On failure `why` says what would be right; it
 * never repeats the text, which may hold a password. */
bool backend_url_parse(const char *text, struct backend_url *ret,
		       struct buffer *why);

/* Adds a password that was kept elsewhere; Postgres only. */
void backend_url_add_password(struct backend_url *, const char *password);

/* As it may be shown to people: passwords as ***. Any text may be given, a
 * URL that backend_url_parse() would refuse too. */
void backend_url_show(const char *text, struct buffer *out);

void backend_url_fini(struct backend_url *);

#endif
