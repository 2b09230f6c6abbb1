/*
 * SQLite's memory, counted by thread: what a statement has taken is what its
 * thread holds more than when it began. SQLite's own count is one for the
 * process, behind a lock, and is off.
 */
#ifndef WEIR_POOL_SQLITE_MEMORY_H
#define WEIR_POOL_SQLITE_MEMORY_H

#include <stdint.h>

/* Before SQLite is used; later calls do nothing. */
void lite_memory_init(void);
/* Bytes that this thread has allocated and not freed; less than zero where it
 * frees what others allocated. */
int64_t lite_memory_held(void);

#endif
