/*
 * What the extensions pgcrypto and uuid-ossp bring: digests by name, keyed
 * digests, random bytes, UUIDs made of a name. Messages and codes are theirs.
 */
#include "pool/sqlite/function.h"

#include <ctype.h>
#include <stdio.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#define DIGEST_NAME_MAX 63	/* where Postgres cuts a name */

/* NULL, with the error filled, when there is no such digest. */
static const EVP_MD *find_digest(struct call *call, int argument)
{
	struct slice text = call_text(call, argument);
	char name[DIGEST_NAME_MAX + 1];
	size_t length = text.length < DIGEST_NAME_MAX ? text.length :
			DIGEST_NAME_MAX;
	const EVP_MD *found;

	while (length > 0 && length < text.length &&
	       (text.at[length] & 0xC0) == 0x80)
		length--;	/* no letter is cut */
	for (size_t i = 0; i < length; i++)
		name[i] = (char)tolower(text.at[i]);
	name[length] = '\0';
	found = EVP_get_digestbyname(name);
	if (!found)
		error_set(call->error, SQLSTATE_INVALID_PARAMETER,
			  "Cannot use \"%s\": No such hash algorithm", name);
	return found;
}

static bool digest(struct call *call)
{
	const EVP_MD *kind = find_digest(call, 1);
	struct slice bytes = call_text(call, 0);
	uint8_t sum[EVP_MAX_MD_SIZE];
	unsigned length = 0;

	if (!kind)
		return false;
	if (!EVP_Digest(bytes.at, bytes.length, sum, &length, kind, NULL))
		return error_set(call->error, SQLSTATE_INTERNAL, "%s",
				 "could not compute the digest");
	return give_blob(call, slice_make(sum, length));
}

static bool hmac(struct call *call)
{
	const EVP_MD *kind = find_digest(call, 2);
	struct slice bytes = call_text(call, 0), key = call_text(call, 1);
	uint8_t sum[EVP_MAX_MD_SIZE];
	unsigned length = 0;

	if (!kind)
		return false;
	if (key.length > INT_MAX || !HMAC(kind, key.at, (int)key.length,
					  bytes.at, bytes.length, sum, &length))
		return error_set(call->error, SQLSTATE_INTERNAL, "%s",
				 "could not compute the digest");
	return give_blob(call, slice_make(sum, length));
}

static bool random_bytes(struct call *call)
{
	int64_t count = call_integer(call, 0);
	uint8_t bytes[1024];

	if (count < 1 || count > (int64_t)sizeof(bytes))
		return error_set(call->error, "39000", "%s",
				 "Length not in range");
	if (RAND_bytes(bytes, (int)count) != 1)
		return error_set(call->error, SQLSTATE_INTERNAL, "%s",
				 "could not generate random bytes");
	return give_blob(call, slice_make(bytes, (size_t)count));
}

/* --- UUIDs of a name (RFC 4122, section 4.3) ------------------------------ */

#define UUID_BYTES 16

static void read_uuid(struct slice text, uint8_t ret_bytes[UUID_BYTES])
{
	size_t digits = 0;

	memset(ret_bytes, 0, UUID_BYTES);
	for (size_t i = 0; i < text.length && digits < 2 * UUID_BYTES; i++) {
		int c = text.at[i];

		if (!isxdigit(c))
			continue;
		ret_bytes[digits / 2] = (uint8_t)(ret_bytes[digits / 2] << 4 |
			(isdigit(c) ? c - '0' : tolower(c) - 'a' + 10));
		digits++;
	}
}

static bool give_uuid(struct call *call, const uint8_t *bytes)
{
	struct buffer out = { 0 };

	for (size_t i = 0; i < UUID_BYTES; i++)
		buffer_printf(&out, "%s%02x", i == 4 || i == 6 || i == 8 ||
			      i == 10 ? "-" : "", bytes[i]);
	return give_buffer(call, &out);
}

/* The variant is the version: 3 with MD5, 5 with SHA-1. */
static bool uuid_of_name(struct call *call)
{
	struct slice name = call_text(call, 1);
	uint8_t sum[EVP_MAX_MD_SIZE];
	struct buffer bytes = { 0 };
	bool good;

	read_uuid(call_text(call, 0), sum);
	buffer_put(&bytes, sum, UUID_BYTES);
	buffer_put_slice(&bytes, name);
	good = EVP_Digest(buffer_slice(&bytes).at, bytes.length, sum, NULL,
			  call->variant == 3 ? EVP_md5() : EVP_sha1(), NULL);
	buffer_fini(&bytes);
	if (!good)
		return error_set(call->error, SQLSTATE_INTERNAL, "%s",
				 "could not compute the digest");
	sum[6] = (uint8_t)((sum[6] & 0x0F) | call->variant << 4);
	sum[8] = (sum[8] & 0x3F) | 0x80;
	return give_uuid(call, sum);
}

static const struct function_row rows[] = {
	{ "pg_digest", 2, 0, digest, 0 },
	{ "pg_hmac", 3, 0, hmac, 0 },
	{ "pg_gen_random_bytes", 1, FUNCTION_VOLATILE, random_bytes, 0 },
	{ "pg_uuid_generate_v3", 2, 0, uuid_of_name, 3 },
	{ "pg_uuid_generate_v5", 2, 0, uuid_of_name, 5 },
	{ 0 },
};

int functions_crypto(sqlite3 *db, struct functions *functions)
{
	return functions_add(db, functions, rows);
}
