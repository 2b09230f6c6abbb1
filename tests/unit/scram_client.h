/*
 * The client's half of SCRAM-SHA-256, for tests, written from RFC 5802 alone.
 */
#ifndef WEIR_TESTS_SCRAM_CLIENT_H
#define WEIR_TESTS_SCRAM_CLIENT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include "protocol/bytes.h"

/* The answer to `server_first`, proof included; `gs2` is the header ("n,,"),
 * `bare` the rest of the first message, `binding` the channel's hash or
 * empty. */
static inline void scram_client_final(const char *password, const char *gs2,
				      const char *bare, struct slice binding,
				      const char *server_first,
				      struct buffer *final)
{
	uint8_t salt[64], salted[32], client_key[32], stored[32], signed_[32];
	const char *at = strstr(server_first, ",s=") + 3;
	const char *end = strstr(at, ",i=");
	size_t encoded = (size_t)(end - at);
	int salt_length = EVP_DecodeBlock(salt, (const uint8_t *)at,
					  (int)encoded);
	struct buffer channel = { 0 }, message = { 0 };
	char text[256];
	unsigned length = 32;

	while (encoded && at[encoded - 1] == '=') {
		encoded--;
		salt_length--;
	}
	buffer_put_text(&channel, gs2);
	buffer_put_slice(&channel, binding);
	EVP_EncodeBlock((uint8_t *)text, channel.bytes, (int)channel.length);
	buffer_printf(final, "c=%s,%.*s", text,
		      (int)(strstr(server_first, ",s=") - server_first),
		      server_first);
	buffer_printf(&message, "%s,%s,%s", bare, server_first,
		      buffer_cstring(final));
	PKCS5_PBKDF2_HMAC(password, -1, salt, salt_length, atoi(end + 3),
			  EVP_sha256(), 32, salted);
	HMAC(EVP_sha256(), salted, 32, (const uint8_t *)"Client Key", 10,
	     client_key, &length);
	SHA256(client_key, 32, stored);
	HMAC(EVP_sha256(), stored, 32, message.bytes, message.length, signed_,
	     &length);
	for (int i = 0; i < 32; i++)
		client_key[i] ^= signed_[i];
	EVP_EncodeBlock((uint8_t *)text, client_key, 32);
	buffer_printf(final, ",p=%s", text);
	buffer_fini(&channel);
	buffer_fini(&message);
}

#endif
