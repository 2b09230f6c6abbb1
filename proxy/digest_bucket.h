/*
 * The digest of a bucket: SHA-256 over the SHA-256 of each of its rows, in
 * the order of the column the table is read by. Rows of one and the same key
 * stand in the order of their digests, so that no collation and no second
 * column has a say in it.
 *
 * A row is what its reader makes of it: any bytes from which all its values
 * could be read back. Pure.
 */
#ifndef WEIR_PROXY_DIGEST_BUCKET_H
#define WEIR_PROXY_DIGEST_BUCKET_H

#include "protocol/bytes.h"

#define DIGEST_BYTES 32		/* SHA-256 */

struct digest_bucket;

struct digest_bucket *digest_bucket_new(void);
void digest_bucket_free(struct digest_bucket **);

/* Rows come in the order of their keys. */
void digest_bucket_add(struct digest_bucket *, struct slice key,
		       struct slice row);
/* How many rows there were and their digest; the bucket is empty again. */
uint64_t digest_bucket_end(struct digest_bucket *, uint8_t ret[DIGEST_BYTES]);

/* SHA-256 of two texts, one behind the other. */
void digest_of(struct slice first, struct slice second,
	       uint8_t ret[DIGEST_BYTES]);

#endif
