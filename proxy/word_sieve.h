/*
 * Names, of which it can be told quickly that a word is none: what is not in
 * the sieve was not added, what is may have been. Whatever their case.
 */
#ifndef WEIR_PROXY_WORD_SIEVE_H
#define WEIR_PROXY_WORD_SIEVE_H

#include <stdbool.h>
#include <stdint.h>

#define WORD_SIEVE_BITS (1u << 16)

/* Zeroed is empty. */
struct word_sieve {
	uint64_t bits[WORD_SIEVE_BITS / 64];
};

/* Identifiers are cut to 63 bytes. */
static inline uint32_t word_sieve_place(const char *word)
{
	uint32_t hash = 2166136261u;

	for (int i = 0; word[i] && i < 63; i++) {
		uint8_t byte = (uint8_t)word[i];

		if (byte >= 'A' && byte <= 'Z')
			byte += 'a' - 'A';
		hash = (hash ^ byte) * 16777619u;
	}
	return (hash ^ hash >> 16) % WORD_SIEVE_BITS;
}

static inline void word_sieve_add(struct word_sieve *sieve, const char *word)
{
	uint32_t place = word_sieve_place(word);

	sieve->bits[place / 64] |= (uint64_t)1 << place % 64;
}

static inline bool word_sieve_may_have(const struct word_sieve *sieve,
				       const char *word)
{
	uint32_t place = word_sieve_place(word);

	return sieve->bits[place / 64] >> place % 64 & 1;
}

#endif
