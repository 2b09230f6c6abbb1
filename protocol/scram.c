/*
 * What must never be given away (RFC 5802, section 9, and the essay of
 * Postgres's auth-scram.c): whether a user exists, how far a proof was right,
 * and any key. So an unknown user walks every step, the decision falls in the
 * last one, keys are compared in constant time, and everything is wiped.
 */
#include "protocol/scram.h"

#include <stdlib.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#define BASE64_BYTES(length) (((length) + 2) / 3 * 4)

enum step { STEP_FIRST, STEP_FINAL, STEP_OVER };

/* --- primitives --------------------------------------------------------- */

static void put_base64(struct buffer *out, const uint8_t *bytes, size_t length)
{
	/* EVP_EncodeBlock() writes an end byte. */
	buffer_reserve(out, BASE64_BYTES(length) + 1);
	out->length += (size_t)EVP_EncodeBlock(out->bytes + out->length, bytes,
					       (int)length);
}

/* Decodes exactly, padding included; false if it is no base64 or too long. */
static bool read_base64(struct slice text, uint8_t *bytes, size_t size,
			size_t *ret_length)
{
	uint8_t decoded[SCRAM_MESSAGE_BYTES_MAX];
	size_t padding = 0;
	int length;

	if (!text.length || text.length % 4 ||
	    text.length / 4 * 3 > sizeof(decoded))
		return false;
	while (padding < 2 && text.at[text.length - 1 - padding] == '=')
		padding++;
	length = EVP_DecodeBlock(decoded, text.at, (int)text.length);
	if (length < 0 || (size_t)length < padding ||
	    (size_t)length - padding > size)
		return false;
	*ret_length = (size_t)length - padding;
	memcpy(bytes, decoded, *ret_length);
	OPENSSL_cleanse(decoded, sizeof(decoded));
	return true;
}

static void hmac(const uint8_t key[SCRAM_KEY_BYTES], struct slice message,
		 uint8_t out[SCRAM_KEY_BYTES])
{
	unsigned length = SCRAM_KEY_BYTES;

	HMAC(EVP_sha256(), key, SCRAM_KEY_BYTES, message.at, message.length,
	     out, &length);
}

/* --- verifiers ---------------------------------------------------------- */

/* Takes the part up to `end` off the front of the text. */
static bool next_part(struct slice *text, char end, struct slice *ret_part)
{
	const uint8_t *found = memchr(text->at, end, text->length);

	if (!found)
		return false;
	*ret_part = slice_make(text->at, (size_t)(found - text->at));
	text->length -= ret_part->length + 1;
	text->at = found + 1;
	return true;
}

static bool read_iterations(struct slice text, uint32_t *ret_iterations)
{
	uint32_t number = 0;

	for (size_t i = 0; i < text.length; i++) {
		if (text.at[i] < '0' || text.at[i] > '9' ||
		    number > SCRAM_ITERATIONS_MAX)
			return false;
		number = number * 10 + (uint32_t)(text.at[i] - '0');
	}
	*ret_iterations = number;
	return number > 0 && number <= SCRAM_ITERATIONS_MAX;
}

bool scram_verifier_parse(struct slice text, struct scram_verifier *verifier)
{
	struct slice scheme, iterations, salt, stored;
	size_t salt_length, length;

	if (!next_part(&text, '$', &scheme) ||
	    !slice_is(scheme, SCRAM_MECHANISM) ||
	    !next_part(&text, ':', &iterations) ||
	    !read_iterations(iterations, &verifier->iterations) ||
	    !next_part(&text, '$', &salt) ||
	    !read_base64(salt, verifier->salt, SCRAM_SALT_BYTES_MAX,
			 &salt_length) ||
	    !next_part(&text, ':', &stored) ||
	    !read_base64(stored, verifier->stored_key, SCRAM_KEY_BYTES,
			 &length) || length != SCRAM_KEY_BYTES ||
	    !read_base64(text, verifier->server_key, SCRAM_KEY_BYTES,
			 &length) || length != SCRAM_KEY_BYTES)
		return false;
	verifier->salt_length = (unsigned)salt_length;
	return true;
}

bool scram_verifier_derive(struct slice password, struct slice salt,
			   uint32_t iterations,
			   struct scram_verifier *verifier)
{
	uint8_t salted[SCRAM_KEY_BYTES], client_key[SCRAM_KEY_BYTES];

	if (salt.length > SCRAM_SALT_BYTES_MAX || !iterations ||
	    iterations > SCRAM_ITERATIONS_MAX ||
	    PKCS5_PBKDF2_HMAC((const char *)password.at,
			      (int)password.length, salt.at, (int)salt.length,
			      (int)iterations, EVP_sha256(), sizeof(salted),
			      salted) != 1)
		return false;
	verifier->iterations = iterations;
	verifier->salt_length = (unsigned)salt.length;
	memcpy(verifier->salt, salt.at, salt.length);
	hmac(salted, slice_text("Client Key"), client_key);
	SHA256(client_key, sizeof(client_key), verifier->stored_key);
	hmac(salted, slice_text("Server Key"), verifier->server_key);
	OPENSSL_cleanse(salted, sizeof(salted));
	OPENSSL_cleanse(client_key, sizeof(client_key));
	return true;
}

void scram_verifier_mock(struct slice secret, struct slice user,
			 uint32_t iterations, struct scram_verifier *verifier)
{
	uint8_t digest[SCRAM_KEY_BYTES];
	unsigned length = sizeof(digest);

	HMAC(EVP_sha256(), secret.at, (int)secret.length, user.at,
	     user.length, digest, &length);
	memset(verifier, 0, sizeof(*verifier));
	verifier->iterations = iterations;
	verifier->salt_length = SCRAM_SALT_BYTES;
	memcpy(verifier->salt, digest, SCRAM_SALT_BYTES);
}

void scram_verifier_write(const struct scram_verifier *verifier,
			  struct buffer *out)
{
	buffer_printf(out, "%s$%u:", SCRAM_MECHANISM, verifier->iterations);
	put_base64(out, verifier->salt, verifier->salt_length);
	buffer_put_u8(out, '$');
	put_base64(out, verifier->stored_key, SCRAM_KEY_BYTES);
	buffer_put_u8(out, ':');
	put_base64(out, verifier->server_key, SCRAM_KEY_BYTES);
}

/* --- the exchange ------------------------------------------------------- */

void scram_init(struct scram *scram, const struct scram_verifier *verifier,
		bool known, const uint8_t random[SCRAM_NONCE_BYTES],
		struct slice binding)
{
	*scram = (struct scram){
		.verifier = *verifier, .known = known, .binding = binding,
	};
	memcpy(scram->random, random, SCRAM_NONCE_BYTES);
}

void scram_fini(struct scram *scram)
{
	buffer_wipe(&scram->gs2_header);
	buffer_wipe(&scram->transcript);
	buffer_wipe(&scram->nonce);
	OPENSSL_cleanse(scram, sizeof(*scram));
}

static enum scram_step broken(struct error *error, const char *detail)
{
	error_set(error, SQLSTATE_PROTOCOL_VIOLATION,
		  "malformed SCRAM message");
	error_detail(error, "%s", detail);
	return SCRAM_BROKEN;
}

static enum scram_step unsupported(struct error *error, const char *message)
{
	error_set(error, SQLSTATE_FEATURE_NOT_SUPPORTED, "%s", message);
	return SCRAM_BROKEN;
}

/* The client can bind and believes that we cannot, although we offered it:
 * somebody in between took the offer out. */
static enum scram_step downgraded(struct error *error)
{
	error_set(error, SQLSTATE_INVALID_AUTHORIZATION,
		  "SCRAM channel binding negotiation error");
	error_detail(error, "The client supports SCRAM channel binding but "
		     "thinks the server does not.  However, this server does "
		     "support channel binding.");
	return SCRAM_BROKEN;
}

/* "x=value": takes an attribute up to the comma or the end. */
static bool next_attribute(struct slice *text, char name,
			   struct slice *ret_value)
{
	const uint8_t *comma;

	if (text->length < 2 || text->at[0] != (uint8_t)name ||
	    text->at[1] != '=')
		return false;
	text->at += 2;
	text->length -= 2;
	comma = memchr(text->at, ',', text->length);
	*ret_value = slice_make(text->at, comma ? (size_t)(comma - text->at) :
						  text->length);
	text->at += ret_value->length + (comma ? 1 : 0);
	text->length -= ret_value->length + (comma ? 1 : 0);
	return true;
}

/* The gs2 header says whether the channel is bound: n, y, p=name; then an
 * authorization identity, which nobody uses here. */
static enum scram_step read_gs2_header(struct scram *scram, bool plus,
				       struct slice *message,
				       struct error *error)
{
	const uint8_t *start = message->at;
	struct slice flag;

	if (!next_part(message, ',', &flag) || !flag.length)
		return broken(error, "The message has no GS2 header.");
	scram->gs2_flag = (char)flag.at[0];
	switch (scram->gs2_flag) {
	case 'n': case 'y':
		if (flag.length != 1 || plus)
			return broken(error, "The client selected "
				      "SCRAM-SHA-256-PLUS, but the SCRAM "
				      "message does not include channel "
				      "binding data.");
		if (scram->gs2_flag == 'y' && scram->binding.length)
			return downgraded(error);
		break;
	case 'p':
		if (!plus)
			return broken(error, "The client selected "
				      "SCRAM-SHA-256 without channel binding, "
				      "but the SCRAM message includes channel "
				      "binding data.");
		if (!slice_is(flag, "p=tls-server-end-point"))
			return unsupported(error, "unsupported SCRAM "
					   "channel-binding type");
		break;
	default:
		return broken(error, "Unexpected channel-binding flag.");
	}
	if (!message->length || message->at[0] != ',')
		return unsupported(error, "client uses authorization "
				   "identity, but it is not supported");
	message->at++;
	message->length--;
	buffer_put(&scram->gs2_header, start, (size_t)(message->at - start));
	return SCRAM_MORE;
}

static bool is_printable(struct slice text)
{
	for (size_t i = 0; i < text.length; i++)
		if (text.at[i] < 0x21 || text.at[i] > 0x7e)
			return false;
	return text.length > 0;
}

static void write_server_first(struct scram *scram, struct buffer *reply)
{
	size_t start = reply->length;

	buffer_put_text(reply, "r=");
	buffer_put_slice(reply, buffer_slice(&scram->nonce));
	buffer_put_text(reply, ",s=");
	put_base64(reply, scram->verifier.salt, scram->verifier.salt_length);
	buffer_printf(reply, ",i=%u", scram->verifier.iterations);
	buffer_put_u8(&scram->transcript, ',');
	buffer_put(&scram->transcript, reply->bytes + start,
		   reply->length - start);
}

enum scram_step scram_first(struct scram *scram, struct slice mechanism,
			    struct slice message, struct buffer *reply,
			    struct error *error)
{
	bool plus = slice_is(mechanism, SCRAM_MECHANISM_PLUS);
	struct slice name, nonce, bare;
	enum scram_step step;

	if (scram->step != STEP_FIRST)
		return broken(error, "A message out of turn.");
	if (!slice_is(mechanism, SCRAM_MECHANISM) &&
	    !(plus && scram->binding.length)) {
		error_set(error, SQLSTATE_PROTOCOL_VIOLATION,
			  "client selected an invalid SASL authentication "
			  "mechanism");
		return SCRAM_BROKEN;
	}
	if (!message.length || message.length > SCRAM_MESSAGE_BYTES_MAX)
		return broken(error, "The message is empty or too long.");
	step = read_gs2_header(scram, plus, &message, error);
	if (step != SCRAM_MORE)
		return step;
	bare = message;
	if (message.length && message.at[0] == 'm')
		return unsupported(error, "client requires an unsupported "
				   "SCRAM extension");
	if (!next_attribute(&message, 'n', &name) ||
	    !next_attribute(&message, 'r', &nonce) || !is_printable(nonce))
		return broken(error, "Name or nonce is missing.");
	buffer_put_slice(&scram->transcript, bare);
	buffer_put_slice(&scram->nonce, nonce);
	put_base64(&scram->nonce, scram->random, SCRAM_NONCE_BYTES);
	write_server_first(scram, reply);
	scram->step = STEP_FINAL;
	return SCRAM_MORE;
}

/* c= must repeat the header, and hold the channel's hash if it is bound. */
static bool binding_is_right(struct scram *scram, struct slice encoded)
{
	struct buffer bytes = { 0 }, expected = { 0 };
	bool right;

	buffer_put_slice(&bytes, buffer_slice(&scram->gs2_header));
	if (scram->gs2_flag == 'p')
		buffer_put_slice(&bytes, scram->binding);
	put_base64(&expected, bytes.bytes, bytes.length);
	right = slice_equal(buffer_slice(&expected), encoded);
	buffer_fini(&bytes);
	buffer_fini(&expected);
	return right;
}

/* Undoes the proof and compares what comes out with the stored key. */
static bool proof_is_right(const struct scram *scram,
			   const uint8_t proof[SCRAM_KEY_BYTES],
			   struct slice auth_message)
{
	uint8_t signature[SCRAM_KEY_BYTES], key[SCRAM_KEY_BYTES];
	uint8_t stored[SCRAM_KEY_BYTES];
	bool right;

	hmac(scram->verifier.stored_key, auth_message, signature);
	for (int i = 0; i < SCRAM_KEY_BYTES; i++)
		key[i] = proof[i] ^ signature[i];
	SHA256(key, sizeof(key), stored);
	right = CRYPTO_memcmp(stored, scram->verifier.stored_key,
			      SCRAM_KEY_BYTES) == 0;
	OPENSSL_cleanse(key, sizeof(key));
	OPENSSL_cleanse(stored, sizeof(stored));
	return right & scram->known;
}

enum scram_step scram_final(struct scram *scram, struct slice message,
			    struct buffer *reply, struct error *error)
{
	struct slice whole = message, binding, nonce, proof_text = { 0 };
	uint8_t proof[SCRAM_KEY_BYTES], signature[SCRAM_KEY_BYTES];
	size_t without_proof = 0, length = 0;
	bool right;

	if (scram->step != STEP_FINAL || !message.length ||
	    message.length > SCRAM_MESSAGE_BYTES_MAX)
		return broken(error, "A message out of turn, empty or too "
			      "long.");
	scram->step = STEP_OVER;
	if (!next_attribute(&message, 'c', &binding) ||
	    !next_attribute(&message, 'r', &nonce))
		return broken(error, "Channel binding or nonce is missing.");
	/* Extensions may stand between; the proof is always last. */
	while (message.length && message.at[0] != 'p') {
		struct slice ignored;

		if (!next_attribute(&message, (char)message.at[0], &ignored))
			return broken(error, "An extension cannot be read.");
	}
	if (message.length)
		without_proof = (size_t)(message.at - whole.at) - 1;
	if (!next_attribute(&message, 'p', &proof_text) || message.length ||
	    !read_base64(proof_text, proof, sizeof(proof), &length) ||
	    length != sizeof(proof))
		return broken(error, "The proof cannot be read.");
	if (!binding_is_right(scram, binding)) {
		error_set(error, SQLSTATE_INVALID_AUTHORIZATION,
			  "SCRAM channel binding check failed");
		return SCRAM_BROKEN;
	}
	if (!slice_equal(nonce, buffer_slice(&scram->nonce)))
		return broken(error, "Nonce does not match.");
	buffer_put_u8(&scram->transcript, ',');
	buffer_put(&scram->transcript, whole.at, without_proof);
	right = proof_is_right(scram, proof, buffer_slice(&scram->transcript));
	hmac(scram->verifier.server_key, buffer_slice(&scram->transcript),
	     signature);
	OPENSSL_cleanse(proof, sizeof(proof));
	if (!right)
		return SCRAM_WRONG;
	buffer_put_text(reply, "v=");
	put_base64(reply, signature, sizeof(signature));
	return SCRAM_DONE;
}
