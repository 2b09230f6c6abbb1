#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include "protocol/scram.h"

#define SALT "0123456789abcdef"
#define CLIENT_FIRST "n,,n=,r=clientnonce"

/* The client's half, written from RFC 5802 alone. */
static void client_proof(const char *password, struct slice auth_message,
			 char proof[64])
{
	uint8_t salted[32], client_key[32], stored[32], signature[32];
	unsigned length = 32;

	PKCS5_PBKDF2_HMAC(password, -1, (const uint8_t *)SALT, 16, 4096,
			  EVP_sha256(), 32, salted);
	HMAC(EVP_sha256(), salted, 32, (const uint8_t *)"Client Key", 10,
	     client_key, &length);
	SHA256(client_key, 32, stored);
	HMAC(EVP_sha256(), stored, 32, auth_message.at, auth_message.length,
	     signature, &length);
	for (int i = 0; i < 32; i++)
		client_key[i] ^= signature[i];
	EVP_EncodeBlock((uint8_t *)proof, client_key, 32);
}

static void verifier_of(const char *password, struct scram_verifier *verifier)
{
	assert_true(scram_verifier_derive(slice_text(password),
					  slice_text(SALT), 4096, verifier));
}

/* A whole login; the client says `change` instead of its proof, if given. */
static enum scram_step log_in(const char *stored, const char *said, bool known,
			      const char *change)
{
	struct scram_verifier verifier;
	struct scram scram;
	struct buffer reply = { 0 }, transcript = { 0 }, final = { 0 };
	struct error error;
	uint8_t random[SCRAM_NONCE_BYTES] = { 1, 2, 3 };
	char proof[64];
	const char *nonce_end;
	enum scram_step step;

	verifier_of(stored, &verifier);
	scram_init(&scram, &verifier, known, random, slice_make("", 0));
	assert_int_equal(scram_first(&scram, slice_text(SCRAM_MECHANISM),
				     slice_text(CLIENT_FIRST), &reply, &error),
			 SCRAM_MORE);
	nonce_end = strchr(buffer_cstring(&reply), ',');
	buffer_printf(&final, "c=biws,%.*s",
		      (int)(nonce_end - buffer_cstring(&reply)),
		      buffer_cstring(&reply));
	buffer_printf(&transcript, "%s,%s,%s", &CLIENT_FIRST[3],
		      buffer_cstring(&reply), buffer_cstring(&final));
	client_proof(said, buffer_slice(&transcript), proof);
	buffer_printf(&final, ",p=%s", change ? change : proof);
	buffer_clear(&reply);
	step = scram_final(&scram, buffer_slice(&final), &reply, &error);
	scram_fini(&scram);
	buffer_fini(&reply);
	buffer_fini(&transcript);
	buffer_fini(&final);
	return step;
}

static void lets_the_right_password_in(void **state)
{
	assert_int_equal(log_in("pencil", "pencil", true, NULL), SCRAM_DONE);
}

static void keeps_a_wrong_password_out(void **state)
{
	assert_int_equal(log_in("pencil", "pencils", true, NULL),
			 SCRAM_WRONG);
}

static void keeps_a_stranger_out_at_the_same_step(void **state)
{
	assert_int_equal(log_in("pencil", "pencil", false, NULL),
			 SCRAM_WRONG);
}

static void refuses_a_proof_that_is_none(void **state)
{
	assert_int_equal(log_in("pencil", "pencil", true, "AAAA"),
			 SCRAM_BROKEN);
	assert_int_equal(log_in("pencil", "pencil", true, "!"), SCRAM_BROKEN);
	assert_int_equal(log_in("pencil", "pencil", true, ""), SCRAM_BROKEN);
}

static void reads_its_own_verifiers(void **state)
{
	struct scram_verifier verifier, again;
	struct buffer text = { 0 };

	memset(&again, 0, sizeof(again));
	verifier_of("pencil", &verifier);
	scram_verifier_write(&verifier, &text);
	assert_true(scram_verifier_parse(buffer_slice(&text), &again));
	assert_memory_equal(verifier.stored_key, again.stored_key, 32);
	assert_memory_equal(verifier.server_key, again.server_key, 32);
	/* No prefix of it is one. */
	for (size_t i = 0; i < text.length; i++)
		assert_false(scram_verifier_parse(slice_make(text.bytes, i),
						  &again));
	buffer_fini(&text);
}

static void gives_a_stranger_the_same_salt_every_time(void **state)
{
	struct scram_verifier one, two, other;

	scram_verifier_mock(slice_text("secret"), slice_text("eve"), 4096,
			    &one);
	scram_verifier_mock(slice_text("secret"), slice_text("eve"), 4096,
			    &two);
	scram_verifier_mock(slice_text("secret"), slice_text("eva"), 4096,
			    &other);
	assert_memory_equal(one.salt, two.salt, SCRAM_SALT_BYTES);
	assert_memory_not_equal(one.salt, other.salt, SCRAM_SALT_BYTES);
}

static void refuses_broken_first_messages(void **state)
{
	static const char *const messages[] = {
		"", "n", "n,", "n,,", "n,,n=", "n,,n=,", "n,,n=,r=",
		"n,,r=x", "x,,n=,r=x", "p=tls-unique,,n=,r=x",
		"n,a=me,n=,r=x", "n,,m=1,n=,r=x", "n,,n=,r=a b",
		"p=tls-server-end-point,,n=,r=x",
	};
	struct scram_verifier verifier;
	uint8_t random[SCRAM_NONCE_BYTES] = { 0 };

	verifier_of("x", &verifier);
	for (size_t i = 0; i < sizeof(messages) / sizeof(*messages); i++) {
		struct scram scram;
		struct buffer reply = { 0 };
		struct error error;

		scram_init(&scram, &verifier, true, random,
			   slice_make("", 0));
		assert_int_equal(scram_first(&scram,
					     slice_text(SCRAM_MECHANISM),
					     slice_text(messages[i]), &reply,
					     &error), SCRAM_BROKEN);
		assert_int_equal(reply.length, 0);
		scram_fini(&scram);
		buffer_fini(&reply);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lets_the_right_password_in),
		cmocka_unit_test(keeps_a_wrong_password_out),
		cmocka_unit_test(keeps_a_stranger_out_at_the_same_step),
		cmocka_unit_test(refuses_a_proof_that_is_none),
		cmocka_unit_test(reads_its_own_verifiers),
		cmocka_unit_test(gives_a_stranger_the_same_salt_every_time),
		cmocka_unit_test(refuses_broken_first_messages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
