/*
 * What a worker counts on its data path: plain numbers of its own, read by
 * the metrics. No locks: one thread writes.
 */
#ifndef WEIR_PROXY_COUNTERS_H
#define WEIR_PROXY_COUNTERS_H

#include <stdint.h>

struct counters {
	uint64_t sessions_opened, logins_failed, sessions_refused;
	uint64_t sessions_timed_out, queries_timed_out;
	uint64_t queries, transactions;
	uint64_t bytes_from_clients, bytes_to_clients;
	uint64_t cancels;
	uint64_t pins;
	uint64_t leases, lease_wait_ms, lease_wait_max_ms, queue_timeouts;
	uint64_t servers_opened, servers_failed, servers_closed;
};

#endif
