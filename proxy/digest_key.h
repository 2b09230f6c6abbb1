/*
 * The Ed25519 key that signs checkpoints: made by `weir audit keygen`, the
 * private half read by weir from a file that only its owner can read, the
 * public half by whoever verifies. Both are PEM, as OpenSSL writes them.
 */
#ifndef WEIR_PROXY_DIGEST_KEY_H
#define WEIR_PROXY_DIGEST_KEY_H

#include "protocol/bytes.h"
#include "protocol/error.h"

#define DIGEST_KEY_BYTES 32		/* of the public half, raw */
#define DIGEST_SIGNATURE_BYTES 64

struct digest_key;

/* A new pair: `path` gets the private half with mode 0600, `path`.pub the
 * public one. Neither file may exist. */
bool digest_key_generate(const char *path, struct error *);

/* The private half; refused when others than its owner may read the file. */
struct digest_key *digest_key_private(const char *path, struct error *);
/* The public half, from its own file or from the private one. */
struct digest_key *digest_key_public(const char *path, struct error *);
void digest_key_free(struct digest_key **);

void digest_key_raw(const struct digest_key *,
		    uint8_t ret[DIGEST_KEY_BYTES]);
/* Needs the private half. */
void digest_key_sign(const struct digest_key *, struct slice text,
		     uint8_t ret[DIGEST_SIGNATURE_BYTES]);
bool digest_key_verify(const struct digest_key *, struct slice text,
		       const uint8_t signature[DIGEST_SIGNATURE_BYTES]);

#endif
