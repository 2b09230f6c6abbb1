/*
 * The reason of a failed connection. libpq gives one text for everything; in
 * its verbose form the server's own errors are recognised by the SQLSTATE:
 *
 *   connection to server at "db" (10.0.0.5), port 5432 failed: FATAL:  28P01:
 *   password authentication failed for user "app"
 *   DETAIL:  ...
 *   LOCATION:  auth_failed, auth.c:326
 *
 * The word before the code may be in any language. Passwords are in none of
 * these texts.
 */
#include "pool/postgres/conninfo.h"

#include <ctype.h>
#include <stdio.h>

static bool is_sqlstate(const char *text)
{
	for (int i = 0; i < 5; i++)
		if (!isdigit((unsigned char)text[i]) &&
		    !isupper((unsigned char)text[i]))
			return false;
	return text[5] == ':' && text[6] == ' ';
}

/* Where "28P01: ..." begins, behind "FATAL:  "; or NULL. */
static const char *find_sqlstate(const char *text)
{
	for (; (text = strstr(text, ":  ")); text += 3)
		if (is_sqlstate(text + 3))
			return text + 3;
	return NULL;
}

/* The rest of the line that begins with this label, or NULL. */
static const char *find_line(const char *text, const char *label)
{
	text = strstr(text, label);
	return text ? text + strlen(label) : NULL;
}

static int line_length(const char *text)
{
	return (int)strcspn(text, "\n");
}

static void take_server_error(const char *text, struct error *error)
{
	const char *detail = find_line(text, "\nDETAIL:  ");
	const char *hint = find_line(text, "\nHINT:  ");
	char sqlstate[6];

	snprintf(sqlstate, sizeof(sqlstate), "%s", text);
	text += 7;
	error_set(error, sqlstate, "%.*s", line_length(text), text);
	if (detail)
		error_detail(error, "%.*s", line_length(detail), detail);
	if (hint)
		error_hint(error, "%.*s", line_length(hint), hint);
}

void pg_connection_error(PGconn *conn, struct error *error)
{
	const char *text = PQerrorMessage(conn);
	const char *server = find_sqlstate(text);
	const char *second;

	if (server) {
		take_server_error(server, error);
		return;
	}
	if (!text[0])
		text = "the connection could not be made";
	error_set(error, SQLSTATE_CANNOT_CONNECT, "%.*s", line_length(text),
		  text);
	second = text + line_length(text);
	while (*second == '\n' || *second == '\t')
		second++;
	if (*second)
		error_detail(error, "%.*s", line_length(second), second);
}
