/*
 * SCRAM-SHA-256, the server's side (RFC 5802, RFC 7677; Postgres manual,
 * "SASL Authentication"): how a client proves that it knows a password
 * without saying it, to a server that does not store it.
 *
 *     client-first   n,,n=,r=<client nonce>
 *     server-first   r=<client nonce><server nonce>,s=<salt>,i=<rounds>
 *     client-final   c=biws,r=<both nonces>,p=<proof>
 *     server-final   v=<signature>
 *
 * What is stored is a *verifier*, in Postgres's own text form:
 *
 *     SCRAM-SHA-256$<rounds>:<salt>$<StoredKey>:<ServerKey>     (base64)
 *
 * Names are not given away: a user that does not exist walks the same path
 * with a made-up verifier whose salt depends on the name and on a secret of
 * the server, so that asking twice gives the same salt, and fails at the same
 * step with the same words as a wrong password.
 *
 * Pure: the random bytes come in as an argument.
 */
#ifndef WEIR_PROTOCOL_SCRAM_H
#define WEIR_PROTOCOL_SCRAM_H

#include <stdint.h>

#include "protocol/bytes.h"
#include "protocol/error.h"

#define SCRAM_MECHANISM "SCRAM-SHA-256"
#define SCRAM_MECHANISM_PLUS "SCRAM-SHA-256-PLUS"
#define SCRAM_KEY_BYTES 32
#define SCRAM_SALT_BYTES 16		/* of salts made here */
#define SCRAM_SALT_BYTES_MAX 64
#define SCRAM_NONCE_BYTES 18		/* as Postgres: 24 characters */
#define SCRAM_ITERATIONS 4096		/* as Postgres */
#define SCRAM_ITERATIONS_MAX 1000000
#define SCRAM_MESSAGE_BYTES_MAX 2048	/* of one message of the client */

struct scram_verifier {
	uint32_t iterations;
	unsigned salt_length;
	uint8_t salt[SCRAM_SALT_BYTES_MAX];
	uint8_t stored_key[SCRAM_KEY_BYTES];
	uint8_t server_key[SCRAM_KEY_BYTES];
};

/* Reads Postgres's text form; false if it is none. */
bool scram_verifier_parse(struct slice text, struct scram_verifier *);
/* Derives one from a password; costs about a millisecond per 4096 rounds.
 * The password must be in its prepared form already (SASLprep), which for
 * ASCII is the password itself. */
bool scram_verifier_derive(struct slice password, struct slice salt,
			   uint32_t iterations, struct scram_verifier *);
/* For a user that does not exist. No password fits it. */
void scram_verifier_mock(struct slice secret, struct slice user,
			 uint32_t iterations, struct scram_verifier *);
void scram_verifier_write(const struct scram_verifier *, struct buffer *out);

enum scram_step {
	SCRAM_MORE,	/* send the reply and wait for the next message */
	SCRAM_DONE,	/* proved: send the reply as the final message */
	SCRAM_WRONG,	/* wrong password, or no such user */
	SCRAM_BROKEN,	/* the error says what the client did wrong */
};

struct scram {
	struct scram_verifier verifier;
	bool known;		/* false: the verifier is made up */
	unsigned step;
	char gs2_flag;		/* 'n', 'y' or 'p' */
	struct slice binding;	/* of the TLS channel; length 0: not offered */
	uint8_t random[SCRAM_NONCE_BYTES];
	struct buffer gs2_header;
	struct buffer transcript;	/* client-first-bare,server-first */
	struct buffer nonce;	/* both halves */
};

/* `random` must never be used twice. `binding` is the hash of this server's
 * certificate (tls-server-end-point) if the client is over TLS and PLUS is
 * offered to it, else empty; it must live as long as the struct. */
void scram_init(struct scram *, const struct scram_verifier *, bool known,
		const uint8_t random[SCRAM_NONCE_BYTES], struct slice binding);
/* The client's first message, for the mechanism it chose. */
enum scram_step scram_first(struct scram *, struct slice mechanism,
			    struct slice message, struct buffer *reply,
			    struct error *);
enum scram_step scram_final(struct scram *, struct slice message,
			    struct buffer *reply, struct error *);
/* Wipes everything. Safe on a zeroed struct. */
void scram_fini(struct scram *);

#endif
