#include "proxy/digest_bucket.h"

#include <assert.h>
#include <stdlib.h>

#include <openssl/evp.h>

struct digest_bucket {
	EVP_MD_CTX *whole, *row;
	struct buffer key;	/* of the rows in `ties` */
	struct buffer ties;	/* their digests */
	uint64_t rows;
};

static void begin(EVP_MD_CTX *context)
{
	/* With the type left out, what the context has is used again. */
	int done = EVP_DigestInit_ex(context, EVP_MD_CTX_get0_md(context) ?
				     NULL : EVP_sha256(), NULL);

	assert(done == 1);
}

static void put(EVP_MD_CTX *context, struct slice text)
{
	int done = EVP_DigestUpdate(context, text.at, text.length);

	assert(done == 1);
}

static void end(EVP_MD_CTX *context, uint8_t ret[DIGEST_BYTES])
{
	int done = EVP_DigestFinal_ex(context, ret, NULL);

	assert(done == 1);
}

struct digest_bucket *digest_bucket_new(void)
{
	struct digest_bucket *bucket = must_alloc(sizeof(*bucket));

	bucket->whole = EVP_MD_CTX_new();
	bucket->row = EVP_MD_CTX_new();
	assert(bucket->whole && bucket->row);
	begin(bucket->whole);
	return bucket;
}

void digest_bucket_free(struct digest_bucket **bucket)
{
	if (!*bucket)
		return;
	EVP_MD_CTX_free((*bucket)->whole);
	EVP_MD_CTX_free((*bucket)->row);
	buffer_fini(&(*bucket)->key);
	buffer_fini(&(*bucket)->ties);
	free(*bucket);
	*bucket = NULL;
}

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, DIGEST_BYTES);
}

static void flush(struct digest_bucket *bucket)
{
	size_t count = bucket->ties.length / DIGEST_BYTES;

	if (count > 1)
		qsort(bucket->ties.bytes, count, DIGEST_BYTES, compare);
	put(bucket->whole, buffer_slice(&bucket->ties));
	buffer_clear(&bucket->ties);
}

void digest_bucket_add(struct digest_bucket *bucket, struct slice key,
		       struct slice row)
{
	uint8_t digest[DIGEST_BYTES];

	if (!slice_equal(key, buffer_slice(&bucket->key))) {
		flush(bucket);
		buffer_clear(&bucket->key);
		buffer_put_slice(&bucket->key, key);
	}
	begin(bucket->row);
	put(bucket->row, row);
	end(bucket->row, digest);
	buffer_put(&bucket->ties, digest, sizeof(digest));
	bucket->rows++;
}

uint64_t digest_bucket_end(struct digest_bucket *bucket,
			   uint8_t ret[DIGEST_BYTES])
{
	uint64_t rows = bucket->rows;

	flush(bucket);
	end(bucket->whole, ret);
	begin(bucket->whole);
	buffer_clear(&bucket->key);
	bucket->rows = 0;
	return rows;
}

void digest_of(struct slice first, struct slice second,
	       uint8_t ret[DIGEST_BYTES])
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();

	assert(context);
	begin(context);
	put(context, first);
	put(context, second);
	end(context, ret);
	EVP_MD_CTX_free(context);
}
