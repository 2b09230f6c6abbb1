#include "pool/postgres/open_wait.h"

#include <poll.h>
#include <stdlib.h>

#include "pool/postgres/conninfo.h"

#define STEP_MS 200

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
		if (target->production && !info->has_sslmode &&
		    !pg_conninfo_is_local(info))
			pg_conninfo_set(info, "sslmode", "verify-full");
		conn = connect_to(info, given_up, context, error);
	}
	pg_conninfo_fini(info);
	free(info);
	return conn;
}
