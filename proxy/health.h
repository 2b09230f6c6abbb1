/*
 * What the HTTP endpoint answers: whether this worker has started, whether it
 * may get traffic, and its numbers. From its own counters; no database is
 * touched and no login needed.
 */
#ifndef WEIR_PROXY_HEALTH_H
#define WEIR_PROXY_HEALTH_H

#include "proxy/http.h"
#include "proxy/worker.h"

/* For http_open(); the context is the worker. */
extern const struct http_answers health_answers;

#endif
