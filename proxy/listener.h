/*
 * The addresses weir listens on: TCP and unix sockets. Accepts connections
 * and hands them to sessions. When the process runs out of descriptors it
 * stops accepting for a moment instead of spinning.
 */
#ifndef WEIR_PROXY_LISTENER_H
#define WEIR_PROXY_LISTENER_H

#include "protocol/error.h"
#include "proxy/worker.h"

struct listeners;

/* Opens every configured address; on failure none stays open and the error
 * says which address and what to do (exit code 69). */
bool listeners_open(struct worker *, struct listeners **ret_listeners,
		    struct error *);

/* Stops accepting; on_closed may be NULL. Removes the unix sockets. */
void listeners_close(struct listeners *);
/* After the loop has run empty. */
void listeners_free(struct listeners **);

/* "127.0.0.1:6432, /run/weir/.s.PGSQL.6432", for the log. */
const char *listeners_describe(const struct listeners *);
/* The port of the first TCP address (it may have been 0), or 0. */
int listeners_port(const struct listeners *);

#endif
