/*
 * Time zones: rules that say how far local time is from UTC. Read from the
 * bytes of a tzdata file (RFC 9636, TZif) that somebody else fetched, from a
 * POSIX zone ("EST5EDT,M3.2.0,M11.1.0", "<+03>-3"), or made for one offset.
 *
 * Immutable once made; may be shared between threads. Times are seconds since
 * 1970-01-01, offsets are seconds east of Greenwich.
 */
#ifndef WEIR_PROTOCOL_TIME_ZONE_H
#define WEIR_PROTOCOL_TIME_ZONE_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/bytes.h"

#define TIME_ZONE_FILE_BYTES_MAX (1 << 18)

struct time_zone;

/* NULL: the bytes or the text are not of that form. The caller frees. */
struct time_zone *time_zone_from_file(const char *name, struct slice bytes);
struct time_zone *time_zone_from_posix(struct slice text);
struct time_zone *time_zone_fixed(int32_t offset_s);
void time_zone_free(struct time_zone **);

/* As SHOW timezone prints it: the name given, "<+03>-03" for an offset. */
const char *time_zone_name(const struct time_zone *);

struct zone_moment {
	int32_t offset_s;
	bool daylight;
	const char *abbreviation; /* lives as long as the zone */
};

/* NULL is UTC here and below. */
struct zone_moment time_zone_at(const struct time_zone *, int64_t utc_s);

/*
 * The offset that a local time stands for. Where clocks are put forward and
 * the time never was, the offset before; where they are put back and it was
 * twice, the offset after, as Postgres decides.
 */
int32_t time_zone_of_local(const struct time_zone *, int64_t local_s);

/* The zone never changes its offset: *ret_offset_s is it. */
bool time_zone_is_fixed(const struct time_zone *, int32_t *ret_offset_s);

/* Abbreviations that need no zone ("EST", "CET", "Z"), in any case; those
 * Postgres knows by default. */
bool time_zone_abbreviation(struct slice word, int32_t *ret_offset_s,
			    bool *ret_daylight);

/* Some of them meant different offsets over the years ("MSK"): the name of
 * the zone that knows. NULL: the offset above always holds. */
const char *time_zone_of_abbreviation(struct slice word);

/* What an abbreviation meant in a zone when it was last used before a moment
 * (or first after it). False: it never was, ask the zone alone. */
bool time_zone_meant(const struct time_zone *, struct slice abbreviation,
		     int64_t utc_s, int32_t *ret_offset_s);

#endif
