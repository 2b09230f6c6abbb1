#include "proxy/guard_parts.h"

#include <stdlib.h>

#include <openssl/rand.h>

/* --- SipHash-2-4, 128 bits (Aumasson and Bernstein) ------------------------- */

struct siphash {
	uint64_t v0, v1, v2, v3;
};

static inline uint64_t turned(uint64_t value, int bits)
{
	return value << bits | value >> (64 - bits);
}

static inline void sip_round(struct siphash *s)
{
	s->v0 += s->v1;
	s->v1 = turned(s->v1, 13) ^ s->v0;
	s->v0 = turned(s->v0, 32);
	s->v2 += s->v3;
	s->v3 = turned(s->v3, 16) ^ s->v2;
	s->v0 += s->v3;
	s->v3 = turned(s->v3, 21) ^ s->v0;
	s->v2 += s->v1;
	s->v1 = turned(s->v1, 17) ^ s->v2;
	s->v2 = turned(s->v2, 32);
}

static inline void sip_word(struct siphash *s, uint64_t word)
{
	s->v3 ^= word;
	sip_round(s);
	sip_round(s);
	s->v0 ^= word;
}

static void sip_start(struct siphash *s, const uint64_t secret[2])
{
	s->v0 = secret[0] ^ 0x736f6d6570736575;
	s->v1 = secret[1] ^ 0x646f72616e646f6d ^ 0xee;
	s->v2 = secret[0] ^ 0x6c7967656e657261;
	s->v3 = secret[1] ^ 0x7465646279746573;
}

/* A piece and its length: pieces do not run into each other. */
static void sip_piece(struct siphash *s, const void *bytes, size_t length)
{
	const uint8_t *at = bytes;
	uint64_t word;
	size_t left = length;

	for (; left >= 8; at += 8, left -= 8) {
		memcpy(&word, at, 8);
		sip_word(s, word);
	}
	word = 0;
	if (left)
		memcpy(&word, at, left);
	sip_word(s, word);
	sip_word(s, length);
}

static uint64_t sip_half(struct siphash *s)
{
	for (int i = 0; i < 4; i++)
		sip_round(s);
	return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}

static struct verdict_key sip_end(struct siphash *s)
{
	struct verdict_key key;

	s->v2 ^= 0xee;
	key.halves[0] = sip_half(s);
	s->v1 ^= 0xdd;
	key.halves[1] = sip_half(s);
	return key;
}

/* --- the cache ---------------------------------------------------------------- */

void verdict_cache_init(struct verdict_cache *cache)
{
	if (RAND_bytes((unsigned char *)cache->secret,
		       sizeof(cache->secret)) != 1)
		abort();	/* a guessable key is no key */
	cache->sets = must_alloc(VERDICT_SETS * sizeof(*cache->sets));
}

void verdict_cache_fini(struct verdict_cache *cache)
{
	free(cache->sets);
	cache->sets = NULL;
}

struct verdict_key verdict_key(const struct verdict_cache *cache,
			       struct slice text,
			       const struct guard_state *state)
{
	struct siphash hash;
	struct reader types = declared_types(state);
	uint32_t oid;

	sip_start(&hash, cache->secret);
	sip_piece(&hash, text.at, text.length);
	if (state->catalog)
		sip_word(&hash, catalog_epoch(state->catalog));
	/* an unknown path is not an empty one */
	if (!state->search_path)
		sip_word(&hash, 1);
	for (const char *const *schema = state->search_path;
	     schema && *schema; schema++)
		sip_piece(&hash, *schema, strlen(*schema));
	while ((oid = next_declared(&types)))
		sip_word(&hash, oid);
	return sip_end(&hash);
}

static struct verdict_key *set_of(struct verdict_cache *cache,
				  struct verdict_key key)
{
	return cache->sets[key.halves[0] % VERDICT_SETS];
}

/* Puts a key in front of its set; what stood before `way` moves back. */
static void move_to_front(struct verdict_key *set, int way,
			  struct verdict_key key)
{
	memmove(set + 1, set, (size_t)way * sizeof(*set));
	set[0] = key;
}

/* Without the bit that is not the hash's. */
static bool same_key(struct verdict_key a, struct verdict_key b)
{
	return a.halves[0] == b.halves[0] && (a.halves[1] ^ b.halves[1]) <= 1;
}

bool verdict_cache_has(struct verdict_cache *cache, struct verdict_key key,
		       bool *ret_spares_session)
{
	struct verdict_key *set = set_of(cache, key);

	for (int way = 0; way < VERDICT_WAYS; way++) {
		struct verdict_key found = set[way];

		if (!same_key(found, key))
			continue;
		*ret_spares_session = found.halves[1] & 1;
		move_to_front(set, way, found);
		return true;
	}
	return false;
}

void verdict_cache_add(struct verdict_cache *cache, struct verdict_key key,
		       bool spares_session)
{
	key.halves[1] = (key.halves[1] & ~(uint64_t)1) | spares_session;
	move_to_front(set_of(cache, key), VERDICT_WAYS - 1, key);
}
