#include "pool/postgres/open_wait.h"

#include <netdb.h>
#include <poll.h>
#include <stdlib.h>

#include "pool/postgres/conninfo.h"

#define STEP_MS 200

/* --- resolving ---------------------------------------------------------- */

#define ADDRESSES_PER_NAME_MAX 16

/* How many addresses the name has; each is owned by the caller. */
static unsigned look_up(const char *name, char *ret[ADDRESSES_PER_NAME_MAX])
{
	struct addrinfo hints = { .ai_family = AF_UNSPEC,
				  .ai_socktype = SOCK_STREAM }, *list;
	char text[INET6_ADDRSTRLEN + 32];
	unsigned count = 0;

	if (getaddrinfo(name, NULL, &hints, &list) != 0)
		return 0;
	for (const struct addrinfo *each = list;
	     each && count < ADDRESSES_PER_NAME_MAX; each = each->ai_next)
		if (getnameinfo(each->ai_addr, each->ai_addrlen, text,
				sizeof(text), NULL, 0, NI_NUMERICHOST) == 0)
			ret[count++] = must_dup(text);
	freeaddrinfo(list);
	return count;
}

/* Addresses for names, so that it is seen whether they are this machine's. A
 * name without any stays, and libpq says what is wrong with it. */
static void resolve(struct pg_conninfo *info)
{
	for (unsigned i = info->host_count; i-- > 0;) {
		char *addresses[ADDRESSES_PER_NAME_MAX];
		unsigned count = 0;

		if (pg_host_needs_lookup(&info->hosts[i]))
			count = look_up(info->hosts[i].name, addresses);
		if (count)
			pg_conninfo_replace_host(info, i, addresses, count);
		while (count)
			free(addresses[--count]);
	}
}

/* --- connecting --------------------------------------------------------- */

static void ignore_notice(void *context, const PGresult *notice)
{
}

/* Drives libpq's state machine; false when time is up or nobody waits. */
static bool drive(PGconn *conn, uint64_t timeout_ms,
		  bool (*given_up)(void *context), void *context)
{
	PostgresPollingStatusType status = PGRES_POLLING_WRITING;
	uint64_t waited_ms = 0;

	while (status != PGRES_POLLING_OK && status != PGRES_POLLING_FAILED) {
		struct pollfd socket = { .fd = PQsocket(conn) };

		socket.events = status == PGRES_POLLING_READING ? POLLIN :
								  POLLOUT;
		if (poll(&socket, 1, STEP_MS) == 0)
			waited_ms += STEP_MS;
		else
			status = PQconnectPoll(conn);
		if (waited_ms > timeout_ms || given_up(context))
			return false;
	}
	return status == PGRES_POLLING_OK;
}

static PGconn *connect_to(const struct pg_conninfo *info,
			  bool (*given_up)(void *context), void *context,
			  struct error *error)
{
	PGconn *conn = pg_conninfo_start(info);

	if (!conn) {
		error_set(error, SQLSTATE_OUT_OF_MEMORY, "out of memory");
		return NULL;
	}
	PQsetErrorVerbosity(conn, PQERRORS_VERBOSE);
	PQsetNoticeReceiver(conn, ignore_notice, NULL);
	if (PQstatus(conn) != CONNECTION_BAD &&
	    drive(conn, info->connect_timeout_ms, given_up, context)) {
		PQsetErrorVerbosity(conn, PQERRORS_DEFAULT);
		return conn;
	}
	if (PQstatus(conn) == CONNECTION_BAD)
		pg_connection_error(conn, error);
	else
		error_set(error, SQLSTATE_CANNOT_CONNECT, "no answer from the "
			  "database server in time");
	PQfinish(conn);
	return NULL;
}

PGconn *pg_open_wait(const struct pg_target *target,
		     bool (*given_up)(void *context), void *context,
		     struct error *error)
{
	struct pg_conninfo *info = must_alloc(sizeof(*info));
	PGconn *conn = NULL;

	if (pg_conninfo_read(info, target, error)) {
		resolve(info);
		if (target->production && !info->has_sslmode &&
		    !pg_conninfo_is_local(info))
			pg_conninfo_set(info, "sslmode", "verify-full");
		conn = connect_to(info, given_up, context, error);
	}
	pg_conninfo_fini(info);
	free(info);
	return conn;
}
