/* Any bytes as a TZif file and as a POSIX zone: every moment has an offset
 * within bounds, and a local time that exists comes back as itself. */
#include <stdint.h>
#include <stdlib.h>

#include "protocol/time_zone.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(struct time_zone *zone)
{
	static const int64_t moments[] = {
		-210866803200, -5000000000, -1,		  0, 1, 951782400,
		1700000000,    4102444800,  9224318016000
	};

	if (!zone)
		return;
	for (size_t i = 0; i < sizeof(moments) / sizeof(moments[0]); i++) {
		struct zone_moment moment = time_zone_at(zone, moments[i]);

		if (abs(moment.offset_s) > 7 * 26 * 3600)
			abort();
		time_zone_of_local(zone, moments[i]);
	}
	time_zone_free(&zone);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice bytes = slice_make(data, size);

	check(time_zone_from_file("zone", bytes));
	check(time_zone_from_posix(bytes));
	return 0;
}
