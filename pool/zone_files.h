/*
 * The system's time zones, read from /usr/share/zoneinfo as they are asked
 * for and kept. Names come from clients: only names of files below that
 * directory are looked for, in any case, and a bounded number is kept.
 *
 * One per thread that reads and prints values; nothing is shared.
 */
#ifndef WEIR_POOL_ZONE_FILES_H
#define WEIR_POOL_ZONE_FILES_H

#include "protocol/time_zone.h"
#include "protocol/type.h"

struct zone_entry;

struct zone_files {
	struct zone_source source; /* give this to type_settings.zones */
	const char *directory;
	struct zone_entry *entries; /* newest first */
	size_t count;
};

/* `directory` NULL: the system's; otherwise it must outlive the struct. */
void zone_files_init(struct zone_files *, const char *directory);

/*
 * A zone by IANA name, else as a POSIX zone; "UTC" needs no file. NULL: there
 * is no such zone. The zone lives until zone_files_fini().
 */
const struct time_zone *zone_files_find(struct zone_files *, struct slice name);

/* What SET TIME ZONE takes: also a number of hours east ("5", "-3.5"). */
const struct time_zone *zone_files_setting(struct zone_files *,
					   struct slice value);

void zone_files_fini(struct zone_files *);

#endif
