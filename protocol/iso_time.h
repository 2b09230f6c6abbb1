/*
 * ISO 8601 as both databases and programs write it, and nothing else, so that
 * every reader takes the same moment from it whatever its settings are:
 *
 *   2024-02-29
 *   2024-02-29T12:34  2024-02-29 12:34:56.789  2024-02-29T12:34:56Z  ...+01:00
 */
#ifndef WEIR_PROTOCOL_ISO_TIME_H
#define WEIR_PROTOCOL_ISO_TIME_H

#include "protocol/bytes.h"

struct iso_time {
	int64_t us;		/* since 1970, of the clock that it shows; a
				   fraction beyond is rounded up */
	bool has_time;
	bool has_offset;
	int32_t east_s;		/* that clock is so much before UTC */
};

bool iso_time_read(struct slice, struct iso_time *ret);

#endif
