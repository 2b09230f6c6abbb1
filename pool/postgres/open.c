/*
 * libpq may change its socket inside of any PQconnectPoll(): the next address,
 * or the same one again without TLS. So the poll handle is stopped before each
 * call, and made anew for each socket. An opening is freed when the last of
 * its handles and lookups has called back, in let_go().
 */
#include "pool/postgres/open.h"

#include <assert.h>
#include <netdb.h>
#include <stdlib.h>

#include "pool/postgres/conninfo.h"
#include "pool/postgres/login_trace.h"

#define ADDRESSES_PER_NAME_MAX 16

/* What Postgres reports, in the order it does; others are found by the
 * trace. */
static const char *const reported[] = {
	"application_name", "client_encoding", "DateStyle",
	"default_transaction_read_only", "in_hot_standby",
	"integer_datetimes", "IntervalStyle", "is_superuser",
	"server_encoding", "server_version", "session_authorization",
	"standard_conforming_strings", "TimeZone", NULL
};

struct lookup {
	uv_getaddrinfo_t request;
	struct pg_opening *opening;
	char *name;		/* the host's; NULL: free to use */
	bool done;
	unsigned count;
	char *addresses[ADDRESSES_PER_NAME_MAX];
};

struct pg_opening {
	uv_loop_t *loop;
	pg_on_open on_open;
	void *context;
	struct pg_conninfo info;
	bool production;
	bool verifying;		/* verify-full was our wish */

	unsigned pending;	/* calls that the loop still owes us */
	unsigned lookups_left;
	unsigned lookup_count;
	struct lookup lookups[CONNINFO_HOSTS_MAX];
	struct error lookup_error;

	uv_timer_t timer;
	uv_poll_t *poll;	/* on its own, outlives this */
	int fd;
	PGconn *conn;
	struct login_trace trace;
	bool over;
};

static void connect_now(struct pg_opening *opening);

/* --- the end ------------------------------------------------------------ */

static void let_go(struct pg_opening *opening)
{
	if (--opening->pending)
		return;
	assert(opening->over);
	for (unsigned i = 0; i < opening->lookup_count; i++) {
		struct lookup *lookup = &opening->lookups[i];

		for (unsigned k = 0; k < lookup->count; k++)
			free(lookup->addresses[k]);
		free(lookup->name);
	}
	pg_conninfo_fini(&opening->info);
	login_trace_fini(&opening->trace);
	free(opening);
}

static void on_timer_closed(uv_handle_t *handle)
{
	let_go(handle->data);
}

static void on_poll_closed(uv_handle_t *handle)
{
	free(handle);
}

static void drop_poll(struct pg_opening *opening)
{
	if (!opening->poll)
		return;
	uv_close((uv_handle_t *)opening->poll, on_poll_closed);
	opening->poll = NULL;
	opening->fd = -1;
}

static void drop_connection(struct pg_opening *opening)
{
	drop_poll(opening);
	if (!opening->conn)
		return;
	login_trace_stop(&opening->trace, opening->conn);
	PQfinish(opening->conn);
	opening->conn = NULL;
}

static void end(struct pg_opening *opening)
{
	opening->over = true;
	drop_connection(opening);
	for (unsigned i = 0; i < opening->lookup_count; i++)
		if (!opening->lookups[i].done)
			uv_cancel((uv_req_t *)&opening->lookups[i].request);
	uv_close((uv_handle_t *)&opening->timer, on_timer_closed);
}

static void fail(struct pg_opening *opening, struct error *error)
{
	pg_on_open on_open = opening->on_open;
	void *context = opening->context;

	if (opening->verifying && error_is(error, SQLSTATE_CANNOT_CONNECT) &&
	    !error->hint[0])
		error_hint(error, "Where the URL has no sslmode, weir asks "
			   "for sslmode=verify-full in production. Name the "
			   "server's CA with sslrootcert=PATH in the URL, or "
			   "write the sslmode you want, such as "
			   "sslmode=require.");
	error->fatal = true;
	end(opening);
	on_open(context, NULL, error);
}

void pg_open_cancel(struct pg_opening **opening)
{
	if (*opening)
		end(*opening);
	*opening = NULL;
}

void pg_opened_fini(struct pg_opened *opened)
{
	if (opened->conn)
		PQfinish(opened->conn);
	buffer_fini(&opened->parameters);
	buffer_wipe(&opened->cancel_key);
	*opened = (struct pg_opened){ 0 };
}

/* --- logged in ---------------------------------------------------------- */

static void put_parameter(struct pg_opened *opened, const char *name)
{
	const char *value = PQparameterStatus(opened->conn, name);

	if (!value)
		return;
	buffer_put_cstring(&opened->parameters, name);
	buffer_put_cstring(&opened->parameters, value);
}

static bool is_known_name(const char *name)
{
	for (const char *const *each = reported; *each; each++)
		if (strcmp(*each, name) == 0)
			return true;
	return false;
}

static void put_parameters(struct pg_opened *opened,
			   const struct buffer *heard)
{
	struct reader reader = reader_make(buffer_slice(heard));

	for (const char *const *name = reported; *name; name++)
		put_parameter(opened, *name);
	while (reader_left(&reader)) {
		const char *name = (const char *)read_cstring(&reader).at;

		if (!reader.failed && !is_known_name(name))
			put_parameter(opened, name);
	}
}

static void succeed(struct pg_opening *opening)
{
	struct pg_opened opened = { .conn = opening->conn };
	pg_on_open on_open = opening->on_open;
	void *context = opening->context;

	drop_poll(opening);
	login_trace_stop(&opening->trace, opening->conn);
	opening->conn = NULL;
	PQsetnonblocking(opened.conn, 1);
	put_parameters(&opened, &opening->trace.names);
	opened.pid = (uint32_t)PQbackendPID(opened.conn);
	opened.cancel_key = opening->trace.cancel_key;
	opening->trace.cancel_key = (struct buffer){ 0 };
	end(opening);
	on_open(context, &opened, NULL);
	pg_opened_fini(&opened);
}

/* --- connecting --------------------------------------------------------- */

static void step(struct pg_opening *opening);

static void on_poll(uv_poll_t *poll, int status, int events)
{
	/* Whatever has happened, libpq finds out. */
	uv_poll_stop(poll);
	step(poll->data);
}

static void connection_failed(struct pg_opening *opening)
{
	struct error error;

	pg_connection_error(opening->conn, &error);
	fail(opening, &error);
}

static void wait_for(struct pg_opening *opening, int events)
{
	int fd = PQsocket(opening->conn);

	if (fd != opening->fd || !opening->poll) {
		drop_poll(opening);
		opening->poll = must_alloc(sizeof(*opening->poll));
		if (fd < 0 || uv_poll_init(opening->loop, opening->poll, fd)) {
			free(opening->poll);
			opening->poll = NULL;
			connection_failed(opening);
			return;
		}
		opening->poll->data = opening;
		opening->fd = fd;
	}
	uv_poll_start(opening->poll, events, on_poll);
}

static void step(struct pg_opening *opening)
{
	switch (PQconnectPoll(opening->conn)) {
	case PGRES_POLLING_READING:
		wait_for(opening, UV_READABLE);
		break;
	case PGRES_POLLING_WRITING:
		wait_for(opening, UV_WRITABLE);
		break;
	case PGRES_POLLING_OK:
		succeed(opening);
		break;
	default:
		connection_failed(opening);
		break;
	}
}

static bool same(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "") == 0;
}

/* The host that libpq is at now. */
static unsigned current_host(const struct pg_opening *opening)
{
	const struct pg_conninfo *info = &opening->info;
	const char *address = PQhostaddr(opening->conn);
	const char *name = PQhost(opening->conn);

	for (unsigned i = 0; i < info->host_count; i++) {
		const struct pg_host *host = &info->hosts[i];

		if (host->port[0] && !same(host->port, PQport(opening->conn)))
			continue;
		if (host->address ? same(host->address, address) :
				    same(host->name, name))
			return i;
	}
	return 0;
}

/* This address is silent: on with the others, or that was it. */
static void on_timeout(uv_timer_t *timer)
{
	struct pg_opening *opening = timer->data;
	struct error error;
	unsigned at;

	if (!opening->conn) {
		error_set(&error, SQLSTATE_CANNOT_CONNECT, "the name of the "
			  "database server could not be looked up in time");
		fail(opening, &error);
		return;
	}
	at = opening->info.host_count ? current_host(opening) : 0;
	if (opening->info.host_count > 1) {
		drop_connection(opening);
		pg_conninfo_replace_host(&opening->info, at, NULL, 0);
		connect_now(opening);
		return;
	}
	error_set(&error, SQLSTATE_CANNOT_CONNECT, "connection to server at "
		  "\"%s\", port %s failed: timeout expired",
		  PQhost(opening->conn), PQport(opening->conn));
	fail(opening, &error);
}

static void set_timer(struct pg_opening *opening)
{
	/* The loop's time may be old by what was done in this turn. */
	uv_update_time(opening->loop);
	uv_timer_start(&opening->timer, on_timeout,
		       opening->info.connect_timeout_ms, 0);
}

/* libpq would print a server's warnings at login on our stderr. */
static void ignore_notice(void *context, const PGresult *notice)
{
}

static void connect_now(struct pg_opening *opening)
{
	struct error error;

	if (opening->production && !opening->info.has_sslmode &&
	    !pg_conninfo_is_local(&opening->info)) {
		pg_conninfo_set(&opening->info, "sslmode", "verify-full");
		opening->verifying = true;
	}
	set_timer(opening);
	opening->conn = pg_conninfo_start(&opening->info);
	if (!opening->conn) {
		error_set(&error, SQLSTATE_OUT_OF_MEMORY, "out of memory");
		fail(opening, &error);
		return;
	}
	if (PQstatus(opening->conn) == CONNECTION_BAD) {
		connection_failed(opening);
		return;
	}
	PQsetErrorVerbosity(opening->conn, PQERRORS_VERBOSE);
	PQsetNoticeReceiver(opening->conn, ignore_notice, NULL);
	login_trace_start(&opening->trace, opening->conn);
	wait_for(opening, UV_WRITABLE);
}

/* --- resolving ---------------------------------------------------------- */

static void take_addresses(struct lookup *lookup, struct addrinfo *list)
{
	char text[INET6_ADDRSTRLEN + 32];

	for (; list && lookup->count < ADDRESSES_PER_NAME_MAX;
	     list = list->ai_next) {
		if (getnameinfo(list->ai_addr, list->ai_addrlen, text,
				sizeof(text), NULL, 0, NI_NUMERICHOST))
			continue;
		lookup->addresses[lookup->count++] = must_dup(text);
	}
}

/* All lookups are done: their addresses take the place of the names. */
static void use_lookups(struct pg_opening *opening)
{
	struct pg_conninfo *info = &opening->info;

	for (unsigned i = opening->lookup_count; i-- > 0;) {
		struct lookup *lookup = &opening->lookups[i];

		for (unsigned k = info->host_count; k-- > 0;)
			if (pg_host_needs_lookup(&info->hosts[k]) &&
			    same(info->hosts[k].name, lookup->name))
				pg_conninfo_replace_host(info, k,
							 lookup->addresses,
							 lookup->count);
	}
	if (info->host_count)
		connect_now(opening);
	else
		fail(opening, &opening->lookup_error);
}

static void on_looked_up(uv_getaddrinfo_t *request, int status,
			 struct addrinfo *list)
{
	struct lookup *lookup = request->data;
	struct pg_opening *opening = lookup->opening;

	lookup->done = true;
	if (!opening->over) {
		if (status < 0)
			error_set(&opening->lookup_error,
				  SQLSTATE_CANNOT_CONNECT, "could not "
				  "translate host name \"%.200s\" to address: "
				  "%s", lookup->name, uv_strerror(status));
		else
			take_addresses(lookup, list);
		if (--opening->lookups_left == 0)
			use_lookups(opening);
	}
	uv_freeaddrinfo(list);
	let_go(opening);
}

static bool is_looked_up(const struct pg_opening *opening, const char *name)
{
	for (unsigned i = 0; i < opening->lookup_count; i++)
		if (same(opening->lookups[i].name, name))
			return true;
	return false;
}

static void look_up(struct pg_opening *opening, const char *name)
{
	struct lookup *lookup = &opening->lookups[opening->lookup_count++];
	struct addrinfo hints = { .ai_family = AF_UNSPEC,
				  .ai_socktype = SOCK_STREAM };
	int result;

	lookup->opening = opening;
	lookup->name = must_dup(name);
	lookup->request.data = lookup;
	result = uv_getaddrinfo(opening->loop, &lookup->request, on_looked_up,
				name, NULL, &hints);
	if (result < 0) {
		lookup->done = true;
		error_set(&opening->lookup_error, SQLSTATE_CANNOT_CONNECT,
			  "could not translate host name \"%.200s\" to "
			  "address: %s", name, uv_strerror(result));
		return;
	}
	opening->pending++;
	opening->lookups_left++;
}

static void on_start(uv_timer_t *timer)
{
	struct pg_opening *opening = timer->data;
	struct pg_conninfo *info = &opening->info;

	set_timer(opening);
	for (unsigned i = 0; i < info->host_count; i++)
		if (pg_host_needs_lookup(&info->hosts[i]) &&
		    !is_looked_up(opening, info->hosts[i].name))
			look_up(opening, info->hosts[i].name);
	if (opening->lookups_left)
		return;
	if (opening->lookup_count)
		use_lookups(opening);
	else
		connect_now(opening);
}

struct pg_opening *pg_open(uv_loop_t *loop, const struct pg_target *target,
			   pg_on_open on_open, void *context,
			   struct error *error)
{
	struct pg_opening *opening = must_alloc(sizeof(*opening));

	opening->loop = loop;
	opening->on_open = on_open;
	opening->context = context;
	opening->production = target->production;
	opening->fd = -1;
	if (!pg_conninfo_read(&opening->info, target, error)) {
		pg_conninfo_fini(&opening->info);
		free(opening);
		return NULL;
	}
	uv_timer_init(loop, &opening->timer);
	opening->timer.data = opening;
	opening->pending = 1;	/* the timer */
	/* Nothing is called back from inside this call. */
	uv_timer_start(&opening->timer, on_start, 0, 0);
	return opening;
}
