#include "proxy/digest_key.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/pem.h>

struct digest_key {
	EVP_PKEY *pair;		/* perhaps its public half only */
};

static struct digest_key *wrap(EVP_PKEY *pair)
{
	struct digest_key *key = must_alloc(sizeof(*key));

	key->pair = pair;
	return key;
}

void digest_key_free(struct digest_key **key)
{
	if (!*key)
		return;
	EVP_PKEY_free((*key)->pair);
	free(*key);
	*key = NULL;
}

/* --- making one --------------------------------------------------------- */

static FILE *create(const char *path, mode_t mode, struct error *error)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");

	if (!file)
		error_set(error, SQLSTATE_IO_ERROR, "cannot create %s: %s",
			  path, strerror(errno));
	return file;
}

static bool finish(FILE *file, bool written, const char *path,
		   struct error *error)
{
	written = written && fflush(file) == 0 && fsync(fileno(file)) == 0;
	if (!written)
		error_set(error, SQLSTATE_IO_ERROR, "cannot write %s: %s",
			  path, strerror(errno));
	fclose(file);
	return written;
}

static bool write_pair(EVP_PKEY *pair, const char *path, const char *public,
		       struct error *error)
{
	FILE *file = create(path, 0600, error);

	if (!file)
		return false;
	if (!finish(file, PEM_write_PrivateKey(file, pair, NULL, NULL, 0,
					       NULL, NULL), path, error))
		return false;
	file = create(public, 0644, error);
	return file && finish(file, PEM_write_PUBKEY(file, pair), public,
			      error);
}

bool digest_key_generate(const char *path, struct error *error)
{
	EVP_PKEY *pair = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	struct buffer public = { 0 };
	bool done;

	if (!pair)
		return error_set(error, SQLSTATE_INTERNAL,
				 "OpenSSL makes no Ed25519 key");
	buffer_printf(&public, "%s.pub", path);
	done = write_pair(pair, path, buffer_cstring(&public), error);
	buffer_fini(&public);
	EVP_PKEY_free(pair);
	return done;
}

/* --- reading one -------------------------------------------------------- */

/* An encrypted key would have OpenSSL ask on the terminal. */
static int no_password(char *buffer, int size, int writing, void *context)
{
	return -1;
}

static EVP_PKEY *check_kind(EVP_PKEY *pair, const char *path,
			    struct error *error)
{
	if (pair && EVP_PKEY_is_a(pair, "ED25519"))
		return pair;
	error_set(error, SQLSTATE_INVALID_PARAMETER, "%s holds no Ed25519 key",
		  path);
	error_hint(error, "`weir audit keygen FILE` makes one.");
	EVP_PKEY_free(pair);
	return NULL;
}

static FILE *open_key(const char *path, struct error *error)
{
	FILE *file = fopen(path, "re");

	if (!file)
		error_set(error, SQLSTATE_IO_ERROR, "cannot read %s: %s", path,
			  strerror(errno));
	return file;
}

static bool is_private(FILE *file, const char *path, struct error *error)
{
	struct stat state;

	if (fstat(fileno(file), &state) == 0 && !(state.st_mode & 077))
		return true;
	error_set(error, SQLSTATE_INSUFFICIENT_PRIVILEGE,
		  "%s can be read by others than its owner", path);
	error_hint(error, "chmod 600 it; if others may have read it, make a "
		   "new key.");
	return false;
}

struct digest_key *digest_key_private(const char *path, struct error *error)
{
	FILE *file = open_key(path, error);
	EVP_PKEY *pair = NULL;

	if (!file)
		return NULL;
	if (is_private(file, path, error)) {
		pair = PEM_read_PrivateKey(file, NULL, no_password, NULL);
		pair = check_kind(pair, path, error);
	}
	fclose(file);
	return pair ? wrap(pair) : NULL;
}

struct digest_key *digest_key_public(const char *path, struct error *error)
{
	FILE *file = open_key(path, error);
	EVP_PKEY *pair;

	if (!file)
		return NULL;
	pair = PEM_read_PUBKEY(file, NULL, no_password, NULL);
	if (!pair) {
		rewind(file);
		pair = PEM_read_PrivateKey(file, NULL, no_password, NULL);
	}
	fclose(file);
	pair = check_kind(pair, path, error);
	return pair ? wrap(pair) : NULL;
}

/* --- using it ----------------------------------------------------------- */

void digest_key_raw(const struct digest_key *key,
		    uint8_t ret[DIGEST_KEY_BYTES])
{
	size_t length = DIGEST_KEY_BYTES;
	int done = EVP_PKEY_get_raw_public_key(key->pair, ret, &length);

	assert(done == 1 && length == DIGEST_KEY_BYTES);
}

void digest_key_sign(const struct digest_key *key, struct slice text,
		     uint8_t ret[DIGEST_SIGNATURE_BYTES])
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	size_t length = DIGEST_SIGNATURE_BYTES;
	bool done = context &&
		EVP_DigestSignInit(context, NULL, NULL, NULL, key->pair) == 1 &&
		EVP_DigestSign(context, ret, &length, text.at,
			       text.length) == 1;

	assert(done && length == DIGEST_SIGNATURE_BYTES);
	EVP_MD_CTX_free(context);
}

bool digest_key_verify(const struct digest_key *key, struct slice text,
		       const uint8_t signature[DIGEST_SIGNATURE_BYTES])
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool good = context &&
		EVP_DigestVerifyInit(context, NULL, NULL, NULL,
				     key->pair) == 1 &&
		EVP_DigestVerify(context, signature, DIGEST_SIGNATURE_BYTES,
				 text.at, text.length) == 1;

	EVP_MD_CTX_free(context);
	return good;
}
