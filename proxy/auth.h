/*
 * Who may come in: the users file, the method, and the exchange of one login.
 *
 * The users file has a user per line, a name and a secret; the secret is a
 * SCRAM verifier or a password. Either may be in double quotes, where "" stands
 * for one quote (PgBouncer's userlist.txt is read as it is). '#' begins a
 * comment. A file that everybody may read is refused.
 *
 *     "app"  "SCRAM-SHA-256$4096:...$...:..."
 *     alice  secret
 *
 * A wrong password and an unknown user cannot be told apart: same steps, same
 * words, same work. Keys are derived from passwords once, when the file is
 * read, never at a login. Over TLS the login can be bound to the channel
 * (SCRAM-SHA-256-PLUS), so that nobody in between can pass it on.
 */
#ifndef WEIR_PROXY_AUTH_H
#define WEIR_PROXY_AUTH_H

#include <openssl/ssl.h>

#include "protocol/bytes.h"
#include "protocol/error.h"

#define AUTH_MESSAGE_BYTES_MAX 4096	/* of a client's message in a login */

enum auth_method {
	AUTH_TRUST,
	AUTH_SCRAM,	/* "scram-sha-256" */
};

struct auth_settings {
	enum auth_method method;
	const char *users_file;	/* NULL where the method needs none */
};

struct auth;
struct auth_exchange;

/* What is known of the connection. */
struct auth_peer {
	int fd;
	SSL *ssl;		/* NULL: not over TLS */
	bool local;		/* over loopback or a unix socket */
};

enum auth_step {
	AUTH_MORE,		/* send what is in `out`, wait for a message */
	AUTH_DONE,		/* they are who they say; the caller sends
				   AuthenticationOk with its welcome */
	AUTH_FAILED,		/* send the error and close */
};

/* Reads the users file; NULL with an error that names file and line. */
struct auth *auth_new(const struct auth_settings *, struct error *);
/* Reads it again into a new one that keeps the secret behind made-up salts,
 * and the keys of passwords that have not changed. On failure *auth stays as it is. Logins under way go on with what they
 * began with. */
bool auth_reload(struct auth **, const struct auth_settings *,
		 struct error *);
void auth_free(struct auth **);
unsigned auth_user_count(const struct auth *);

/* One step of a login. *exchange is NULL at first and lives until it is freed.
 * `message` is the body of the client's last 'p' message, at == NULL for the
 * first step. Appends what to send to `out`. */
enum auth_step auth_step(struct auth *, struct auth_exchange **exchange,
			 const char *user, const struct auth_peer *,
			 struct slice message, struct buffer *out,
			 struct error *);
void auth_exchange_free(struct auth_exchange **);

#endif
