#include "proxy/auth.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <uthash.h>

#include "pool/postgres/open.h"
#include "pool/tls.h"
#include "protocol/message_read.h"
#include "protocol/message_write.h"
#include "protocol/scram.h"

#define USERS_FILE_BYTES_MAX ((size_t)16 << 20)
#define SECRET_BYTES 32

struct user {
	char *name;
	struct scram_verifier verifier;
	uint8_t fingerprint[SECRET_BYTES];	/* of what the file says */
	UT_hash_handle hh;
};

struct auth {
	enum auth_method method;
	struct user *users;
	uint8_t secret[SECRET_BYTES];	/* behind the salts of strangers */
	uint32_t iterations;	/* of strangers: as the first real user's */
};

struct auth_exchange {
	struct scram scram;
	bool started;
	uint8_t binding[64];	/* the hash of our certificate, over TLS */
};

/* --- the users file ----------------------------------------------------- */

static bool cannot_read(struct error *error, const char *path,
			const char *reason)
{
	error_set(error, SQLSTATE_INVALID_AUTHORIZATION,
		  "cannot read the users file %s: %s", path, reason);
	error_hint(error, "auth.users_file must name a file with one name "
		   "and secret per line, readable by weir alone (chmod 600). "
		   "'weir hash-password USER' writes such a line.");
	return false;
}

static bool read_file(const char *path, struct buffer *text,
		      struct error *error)
{
	struct stat status;
	ssize_t count = 1;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool good = true;

	if (fd < 0)
		return cannot_read(error, path, strerror(errno));
	if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode))
		good = cannot_read(error, path, "it is not a file");
	else if (status.st_mode & S_IROTH)
		good = cannot_read(error, path, "everybody may read it");
	while (good && count > 0) {
		buffer_reserve(text, 4096);
		count = read(fd, text->bytes + text->length, 4096);
		if (count < 0)
			good = cannot_read(error, path, strerror(errno));
		else
			text->length += (size_t)count;
		if (text->length > USERS_FILE_BYTES_MAX)
			good = cannot_read(error, path, "it is too large");
	}
	close(fd);
	return good;
}

static bool is_blank(uint8_t byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r';
}

/* The next word of a line, in quotes or bare; false if there is none, or its
 * quote is not closed. */
static bool next_word(struct slice *line, struct buffer *word)
{
	bool quoted;

	while (line->length && is_blank(line->at[0])) {
		line->at++;
		line->length--;
	}
	buffer_clear(word);
	if (!line->length || line->at[0] == '#')
		return false;
	quoted = line->at[0] == '"';
	if (quoted) {
		line->at++;
		line->length--;
	}
	for (; line->length; line->at++, line->length--) {
		uint8_t byte = line->at[0];

		if (quoted && byte == '"') {
			if (line->length < 2 || line->at[1] != '"') {
				line->at++;
				line->length--;
				return true;
			}
			line->at++;
			line->length--;
		} else if (!quoted && is_blank(byte)) {
			return true;
		}
		buffer_put_u8(word, byte);
	}
	return !quoted;
}

static bool is_ascii(struct slice text)
{
	for (size_t i = 0; i < text.length; i++)
		if (text.at[i] & 0x80)
			return false;
	return true;
}

/* Clients prepare a password (SASLprep) before they use it. For ASCII that
 * changes nothing; for the rest libpq knows how. */
static bool derive_verifier(const char *name, struct buffer *password,
			    struct scram_verifier *verifier)
{
	uint8_t salt[SCRAM_SALT_BYTES];
	struct buffer text = { 0 };
	struct error error;
	bool good;

	if (is_ascii(buffer_slice(password)))
		return RAND_bytes(salt, sizeof(salt)) == 1 &&
		       scram_verifier_derive(buffer_slice(password),
					     slice_make(salt, sizeof(salt)),
					     SCRAM_ITERATIONS, verifier);
	good = pg_hash_password(name, buffer_cstring(password), &text,
				&error) &&
	       scram_verifier_parse(buffer_slice(&text), verifier);
	buffer_wipe(&text);
	return good;
}

static struct user *find_user(const struct auth *auth, struct slice name)
{
	struct user *user = NULL;

	if (auth)
		HASH_FIND(hh, auth->users, name.at, name.length, user);
	return user;
}

/* A password that has not changed keeps its salt, as a made-up one does:
 * otherwise a reload would show who exists. */
static bool set_secret(const struct auth *auth, const struct auth *old,
		       struct user *user, struct buffer *secret)
{
	const struct user *before = find_user(old, slice_text(user->name));
	unsigned length = SECRET_BYTES;

	if (scram_verifier_parse(buffer_slice(secret), &user->verifier))
		return true;
	HMAC(EVP_sha256(), auth->secret, SECRET_BYTES, secret->bytes,
	     secret->length, user->fingerprint, &length);
	if (before && CRYPTO_memcmp(before->fingerprint, user->fingerprint,
				    SECRET_BYTES) == 0) {
		user->verifier = before->verifier;
		return true;
	}
	return derive_verifier(user->name, secret, &user->verifier);
}

static bool add_user(struct auth *auth, const struct auth *old,
		     struct buffer *name, struct buffer *secret)
{
	struct user *user = find_user(auth, buffer_slice(name));

	if (!user) {
		user = must_alloc(sizeof(*user));
		user->name = slice_dup(buffer_slice(name));
		HASH_ADD_KEYPTR(hh, auth->users, user->name, name->length,
				user);
	}
	if (!set_secret(auth, old, user, secret))
		return false;
	if (HASH_COUNT(auth->users) == 1)
		auth->iterations = user->verifier.iterations;
	return true;
}

static bool read_line(struct auth *auth, const struct auth *old,
		      struct slice line, const char *path, unsigned number,
		      struct error *error)
{
	struct buffer name = { 0 }, secret = { 0 }, rest = { 0 };
	bool blank = !next_word(&line, &name) && !name.length;
	bool good = blank;

	if (!blank && name.length && next_word(&line, &secret) &&
	    secret.length && !next_word(&line, &rest) && !rest.length)
		good = add_user(auth, old, &name, &secret);
	if (!good) {
		error_set(error, SQLSTATE_INVALID_AUTHORIZATION,
			  "%s:%u: expected a name and a secret", path, number);
		error_hint(error, "Write: \"name\" \"password or SCRAM "
			   "verifier\"; 'weir hash-password name' prints such "
			   "a line.");
	}
	buffer_fini(&name);
	buffer_wipe(&secret);
	buffer_wipe(&rest);
	return good;
}

static bool read_users(struct auth *auth, const struct auth *old,
		       const char *path, struct error *error)
{
	struct buffer text = { 0 };
	struct slice rest;
	unsigned number = 0;
	bool good = read_file(path, &text, error);

	rest = buffer_slice(&text);
	while (good && rest.length) {
		const uint8_t *end = memchr(rest.at, '\n', rest.length);
		size_t length = end ? (size_t)(end - rest.at) : rest.length;

		good = read_line(auth, old, slice_make(rest.at, length), path,
				 ++number, error);
		length += end ? 1 : 0;
		rest.at += length;
		rest.length -= length;
	}
	buffer_wipe(&text);
	return good;
}

/* --- life --------------------------------------------------------------- */

static struct auth *load(const struct auth_settings *settings,
			 const struct auth *old, struct error *error)
{
	struct auth *auth = must_alloc(sizeof(*auth));

	auth->method = settings->method;
	auth->iterations = SCRAM_ITERATIONS;
	if (old) {
		memcpy(auth->secret, old->secret, sizeof(auth->secret));
	} else if (RAND_bytes(auth->secret, sizeof(auth->secret)) != 1) {
		error_set(error, SQLSTATE_INTERNAL, "no random bytes");
		auth_free(&auth);
		return NULL;
	}
	if (settings->users_file &&
	    !read_users(auth, old, settings->users_file, error))
		auth_free(&auth);
	return auth;
}

struct auth *auth_new(const struct auth_settings *settings,
		      struct error *error)
{
	return load(settings, NULL, error);
}

bool auth_reload(struct auth **auth, const struct auth_settings *settings,
		 struct error *error)
{
	struct auth *fresh = load(settings, *auth, error);

	if (!fresh)
		return false;
	auth_free(auth);
	*auth = fresh;
	return true;
}

void auth_free(struct auth **pointer)
{
	struct auth *auth = *pointer;
	struct user *user, *next;

	*pointer = NULL;
	if (!auth)
		return;
	HASH_ITER(hh, auth->users, user, next) {
		HASH_DELETE(hh, auth->users, user);
		free(user->name);
		OPENSSL_cleanse(user, sizeof(*user));
		free(user);
	}
	OPENSSL_cleanse(auth, sizeof(*auth));
	free(auth);
}

unsigned auth_user_count(const struct auth *auth)
{
	return HASH_COUNT(auth->users);
}

/* --- a login ------------------------------------------------------------ */

static void choose_verifier(const struct auth *auth, const struct user *user,
			    const char *name, struct scram_verifier *verifier)
{
	if (user)
		*verifier = user->verifier;
	else
		scram_verifier_mock(slice_make(auth->secret, SECRET_BYTES),
				    slice_text(name), auth->iterations,
				    verifier);
}

static enum auth_step start_scram(struct auth *auth,
				  struct auth_exchange **exchange,
				  const char *name,
				  const struct auth_peer *peer,
				  struct buffer *out, struct error *error)
{
	static const char *const mechanisms[] = { SCRAM_MECHANISM_PLUS,
						  SCRAM_MECHANISM, NULL };
	const struct user *user = find_user(auth, slice_text(name));
	struct scram_verifier verifier;
	uint8_t random[SCRAM_NONCE_BYTES];
	size_t bound;

	if (RAND_bytes(random, sizeof(random)) != 1) {
		error_set(error, SQLSTATE_INTERNAL, "no random bytes");
		return AUTH_FAILED;
	}
	*exchange = must_alloc(sizeof(**exchange));
	bound = peer->ssl ? tls_server_end_point(peer->ssl,
						 (*exchange)->binding) : 0;
	choose_verifier(auth, user, name, &verifier);
	scram_init(&(*exchange)->scram, &verifier, user != NULL, random,
		   slice_make((*exchange)->binding, bound));
	OPENSSL_cleanse(&verifier, sizeof(verifier));
	write_authentication_sasl(out, bound ? mechanisms : mechanisms + 1);
	return AUTH_MORE;
}

static enum scram_step go_on(struct auth_exchange *exchange,
			     struct slice message, struct buffer *reply,
			     struct error *error)
{
	struct sasl_message first;

	if (exchange->started)
		return scram_final(&exchange->scram, message, reply, error);
	exchange->started = true;
	if (!read_sasl_initial(message, &first) || !first.data.at) {
		error_set(error, SQLSTATE_PROTOCOL_VIOLATION,
			  "malformed SASL message");
		return SCRAM_BROKEN;
	}
	return scram_first(&exchange->scram, first.mechanism, first.data,
			   reply, error);
}

static enum auth_step continue_scram(struct auth_exchange *exchange,
				     const char *user, struct slice message,
				     struct buffer *out, struct error *error)
{
	struct buffer reply = { 0 };
	enum auth_step step = AUTH_FAILED;

	switch (go_on(exchange, message, &reply, error)) {
	case SCRAM_MORE:
		write_authentication_sasl_continue(out, buffer_slice(&reply));
		step = AUTH_MORE;
		break;
	case SCRAM_DONE:
		write_authentication_sasl_final(out, buffer_slice(&reply));
		step = AUTH_DONE;
		break;
	case SCRAM_WRONG:
		error_set(error, SQLSTATE_INVALID_PASSWORD,
			  "password authentication failed for user \"%.63s\"",
			  user);
		break;
	case SCRAM_BROKEN:
		break;
	}
	buffer_wipe(&reply);
	return step;
}

enum auth_step auth_step(struct auth *auth, struct auth_exchange **exchange,
			 const char *user, const struct auth_peer *peer,
			 struct slice message, struct buffer *out,
			 struct error *error)
{
	if (*exchange)
		return continue_scram(*exchange, user, message, out, error);
	if (auth->method == AUTH_SCRAM)
		return start_scram(auth, exchange, user, peer, out, error);
	/* The configuration does not let weir listen further than this
	 * without passwords; a second look costs nothing. */
	if (peer->local)
		return AUTH_DONE;
	error_set(error, SQLSTATE_INVALID_AUTHORIZATION,
		  "only clients on this machine may come in without a "
		  "password");
	return AUTH_FAILED;
}

void auth_exchange_free(struct auth_exchange **exchange)
{
	if (*exchange)
		scram_fini(&(*exchange)->scram);
	free(*exchange);
	*exchange = NULL;
}
