/* The table of settings, and what a text means as a value of one. */
#ifndef WEIR_POOL_SQLITE_SETTING_TABLE_H
#define WEIR_POOL_SQLITE_SETTING_TABLE_H

#include "pool/sqlite/setting.h"

#define LITE_SERVER_NUMBER "15.14"
#define LITE_SERVER_VERSION LITE_SERVER_NUMBER " (weir)"
#define LITE_SERVER_VERSION_NUM "150014"

/* The row's number, or -1. */
int lite_setting_find(const char *name);

/* The text as SHOW would print it, on the heap; NULL with the error filled
 * where it is no value of that setting. */
char *lite_setting_canonical(const struct lite_setting_row *, const char *text,
			     struct zone_source *, struct error *);

#endif
