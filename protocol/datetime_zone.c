/*
 * AT TIME ZONE, and the names it takes.
 */
#include "protocol/datetime.h"

struct named_zone {
	const struct time_zone *zone; /* NULL: the offset always holds */
	int32_t offset_s; /* without a zone */
	struct slice abbreviation; /* in the zone; empty: none */
};

static bool find_zone(struct slice name, const struct type_settings *settings,
		      struct named_zone *ret, struct error *error)
{
	struct zone_source *zones = settings->zones;
	const char *of_abbreviation = time_zone_of_abbreviation(name);
	bool daylight;

	*ret = (struct named_zone){ 0 };
	if (time_zone_abbreviation(name, &ret->offset_s, &daylight)) {
		if (!zones || !of_abbreviation)
			return true;
		ret->zone = zones->find(zones, slice_text(of_abbreviation));
		ret->abbreviation = name;
		return true;
	}
	ret->zone = zones ? zones->find(zones, name) : NULL;
	if (ret->zone)
		return true;
	return error_set(error, SQLSTATE_INVALID_PARAMETER,
			 "time zone \"%.*s\" not recognized",
			 name.length > 200 ? 200 : (int)name.length,
			 (const char *)name.at);
}

bool datetime_find_zone(struct slice name, const struct type_settings *settings,
			const struct time_zone **ret_zone,
			int32_t *ret_offset_s, bool *ret_is_offset,
			struct error *error)
{
	struct named_zone named;

	if (!find_zone(name, settings, &named, error))
		return false;
	*ret_zone = named.zone;
	*ret_offset_s = named.offset_s;
	*ret_is_offset = !named.zone;
	return true;
}

static bool shift(int64_t ts, int64_t us, int64_t *ret, struct error *error)
{
	if (__builtin_add_overflow(ts, us, &ts) || ts < TIMESTAMP_FIRST ||
	    ts >= TIMESTAMP_END)
		return error_set(error, SQLSTATE_DATETIME_OVERFLOW,
				 "timestamp out of range");
	*ret = ts;
	return true;
}

static int64_t unix_seconds(int64_t ts)
{
	return ts / SECOND_US - (ts % SECOND_US < 0) + UNIX_EPOCH_S;
}

/* The offset at a moment. */
static int32_t offset_at(const struct named_zone *named, int64_t utc_s)
{
	int32_t offset_s;

	if (!named->zone)
		return named->offset_s;
	offset_s = time_zone_at(named->zone, utc_s).offset_s;
	if (named->abbreviation.length)
		time_zone_meant(named->zone, named->abbreviation, utc_s,
				&offset_s);
	return offset_s;
}

static int32_t offset_of_local(const struct named_zone *named, int64_t local)
{
	int64_t local_s = unix_seconds(local);
	int32_t offset_s;

	if (!named->zone)
		return named->offset_s;
	offset_s = time_zone_of_local(named->zone, local_s);
	if (named->abbreviation.length)
		time_zone_meant(named->zone, named->abbreviation,
				local_s - offset_s, &offset_s);
	return offset_s;
}

bool timestamp_at_zone(int64_t local, struct slice name,
		       const struct type_settings *settings, int64_t *ret,
		       struct error *error)
{
	struct named_zone named;

	if (!timestamp_is_finite(local)) {
		*ret = local;
		return true;
	}
	return find_zone(name, settings, &named, error) &&
	       shift(local, -offset_of_local(&named, local) * SECOND_US, ret,
		     error);
}

bool timestamptz_at_zone(int64_t ts, struct slice name,
			 const struct type_settings *settings, int64_t *ret,
			 struct error *error)
{
	struct named_zone named;

	if (!timestamp_is_finite(ts)) {
		*ret = ts;
		return true;
	}
	return find_zone(name, settings, &named, error) &&
	       shift(ts, offset_at(&named, unix_seconds(ts)) * SECOND_US, ret,
		     error);
}
