#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "pool/pool.h"
#include "pool/postgres/conninfo.h"
#include "pool/postgres/server.h"
#include "pool/stream.h"
#include "protocol/message_read.h"
#include "protocol/message_write.h"
#include "tests/unit/cluster.h"

static struct cluster cluster;

/* A pool with one holder. */
struct world {
	uv_loop_t loop;
	struct buffer shared;
	struct pool pool;
	struct pool_bound bound;
	struct pg_target target;
	char conninfo[512];

	struct backend *backend;
	struct buffer heard;
	unsigned ready, lost, opened, failed, closed, drained;
	bool emptied;
	char status;
	struct error error;
	struct want want;
};

static void on_reply(void *holder, const struct slice *pieces, unsigned count)
{
	struct world *world = holder;

	for (unsigned i = 0; i < count; i++)
		buffer_put_slice(&world->heard, pieces[i]);
}

static void on_ready(void *holder, char status, bool idle)
{
	struct world *world = holder;

	world->ready++;
	world->status = status;
}

static void on_watched(void *holder, char message, uint32_t token,
		       bool succeeded, struct slice body)
{
}

static void on_drained(void *holder)
{
	((struct world *)holder)->drained++;
}

static void on_lost(void *holder, const struct error *error)
{
	struct world *world = holder;

	world->lost++;
	world->error = *error;
	world->backend = NULL;
}

static const struct lease_handlers lease_handlers = {
	.on_reply = on_reply,
	.on_ready = on_ready,
	.on_watched = on_watched,
	.on_drained = on_drained,
	.on_lost = on_lost,
};

static void on_opened(void *context, struct pool *pool,
		      struct backend *backend)
{
	((struct world *)context)->opened++;
}

static void on_open_failed(void *context, struct pool *pool,
			   const struct error *error, uint64_t retry_ms)
{
	struct world *world = context;

	world->failed++;
	world->error = *error;
}

static void on_closed(void *context, struct pool *pool,
		      struct backend *backend, enum close_reason reason)
{
	((struct world *)context)->closed++;
}

static void on_lease_report(void *context, struct pool *pool, uint64_t waited)
{
}

static void on_emptied(void *context, struct pool *pool)
{
	((struct world *)context)->emptied = true;
}

static const struct pool_report report = {
	.opened = on_opened,
	.open_failed = on_open_failed,
	.closed = on_closed,
	.leased = on_lease_report,
	.queue_timeout = on_lease_report,
	.emptied = on_emptied,
};

static struct backend *open_backend(void *opener, struct pool *pool,
				    struct error *error)
{
	struct world *world = opener;

	return pg_server_open(&world->loop, pool, &world->target,
			      &world->shared, error);
}

static void on_leased(struct want *want, struct backend *backend)
{
	((struct world *)want->holder)->backend = backend;
}

static void on_refused(struct want *want, const struct error *error)
{
	struct world *world = want->holder;

	world->error = *error;
}

static int set_up(void **state)
{
	struct world *world;
	struct pool_limits limits = { .queue_timeout_ms = 60000,
				      .clean_timeout_ms = 5000 };

	if (!cluster.running) {
		*state = NULL;
		return 0;
	}
	world = must_alloc(sizeof(*world));
	uv_loop_init(&world->loop);
	world->bound.backends_max = 3;
	list_init(&world->bound.pools);
	pool_init(&world->pool, "test", &limits, &world->bound, &report,
		  world);
	world->pool.open = open_backend;
	world->pool.opener = world;
	world->want = (struct want){ .on_leased = on_leased,
				     .on_refused = on_refused,
				     .handlers = &lease_handlers,
				     .holder = world };
	world->target = (struct pg_target){ .conninfo = world->conninfo,
					    .connect_timeout_ms = 5000 };
	snprintf(world->conninfo, sizeof(world->conninfo),
		 "postgresql://app:secret@127.0.0.1:%d/postgres"
		 "?sslmode=disable", cluster.port);
	*state = world;
	return 0;
}

static uint64_t now(struct world *world)
{
	return uv_now(&world->loop);
}

static int tear_down(void **state)
{
	struct world *world = *state;

	if (!world)
		return 0;
	pool_unwant(&world->want);
	pool_kill(&world->pool);
	pool_stop(&world->pool);
	uv_run(&world->loop, UV_RUN_DEFAULT);
	assert_int_equal(world->pool.backend_count, 0);
	pool_fini(&world->pool);
	assert_int_equal(uv_loop_close(&world->loop), 0);
	buffer_fini(&world->shared);
	buffer_fini(&world->heard);
	free(world);
	return 0;
}

/* Turns the loop until the condition holds; fails after a minute. */
#define UNTIL(world, condition)                                         \
	do {                                                            \
		uint64_t end_ = uv_hrtime() + 60000000000u;             \
		while (!(condition)) {                                  \
			uv_run(&(world)->loop, UV_RUN_NOWAIT);          \
			usleep(500);                                    \
			if (uv_hrtime() > end_)                         \
				fail_msg("in vain: " #condition " (%s)", \
					 (world)->error.message);       \
		}                                                       \
	} while (0)

static void lease(struct world *world)
{
	if (!pool_want(&world->pool, &world->want, now(world),
		       &world->backend))
		UNTIL(world, world->backend);
}

static void ask(struct world *world, const char *sql)
{
	struct buffer message = { 0 };
	struct slice piece;

	write_query(&message, sql);
	backend_expect(world->backend, 'Q', EXPECT_FORWARD, 0, NULL);
	piece = buffer_slice(&message);
	backend_send(world->backend, &piece, 1);
	buffer_fini(&message);
}

/* The first message of this kind in what was heard. */
static struct slice heard(struct world *world, char type)
{
	struct slice all = buffer_slice(&world->heard);
	struct frame frame;

	while (frame_read(all, FRAME_BYTES_MAX, &frame) == FRAME_WHOLE) {
		if (frame.type == type)
			return frame.body;
		all.at += frame.length;
		all.length -= frame.length;
	}
	return slice_make(NULL, 0);
}

static void assert_value(struct world *world, const char *text)
{
	struct row_message row;
	struct slice value;

	assert_true(read_row(heard(world, 'D'), &row));
	assert_true(row_next(&row, &value));
	if (!slice_is(value, text))
		fail_msg("%.*s is not %s", (int)value.length, value.at, text);
}

static void answers(struct world *world, const char *sql, const char *text)
{
	unsigned before = world->ready;

	buffer_clear(&world->heard);
	ask(world, sql);
	UNTIL(world, world->ready > before);
	assert_value(world, text);
}

#define NEEDS_POSTGRES(state) \
	do {                  \
		if (!*(state)) \
			skip(); \
	} while (0)

static void must_fail(struct world *world, const char *sqlstate,
		      const char *text)
{
	pool_want(&world->pool, &world->want, now(world), &world->backend);
	UNTIL(world, world->failed);
	assert_string_equal(world->error.sqlstate, sqlstate);
	if (!strstr(world->error.message, text))
		fail_msg("\"%s\" does not say \"%s\"", world->error.message,
			 text);
	assert_null(strstr(world->error.message, "secret"));
}

/* --- opening ------------------------------------------------------------ */

static void relays_a_query(void **state)
{
	struct world *world = *state;

	NEEDS_POSTGRES(state);
	lease(world);
	answers(world, "select 6*7", "42");
	assert_int_equal(world->status, 'I');
	answers(world, "show application_name", "");
	pool_release(world->backend, now(world));
}

static void knows_what_the_server_reported(void **state)
{
	struct world *world = *state;
	struct slice value;

	NEEDS_POSTGRES(state);
	lease(world);
	value = backend_parameter(world->backend, "server_version");
	assert_non_null(value.at);
	assert_true(slice_is(backend_parameter(world->backend,
					       "integer_datetimes"), "on"));
	assert_true(slice_is(backend_parameter(world->backend,
					       "session_authorization"),
			     "app"));
	assert_non_null(backend_parameter(world->backend, "TimeZone").at);
	assert_non_null(backend_parameter(world->backend,
					  "in_hot_standby").at);
	pool_release(world->backend, now(world));
}

static void connects_over_a_unix_socket(void **state)
{
	struct world *world = *state;

	NEEDS_POSTGRES(state);
	snprintf(world->conninfo, sizeof(world->conninfo),
		 "host=%s port=%d dbname=postgres", cluster.directory,
		 cluster.port);
	world->target.user = "weir";
	world->target.options = "-c work_mem=7MB";
	lease(world);
	answers(world, "select current_user", "weir");
	answers(world, "show work_mem", "7MB");
	pool_release(world->backend, now(world));
}

static void looks_up_names_and_passes_dead_hosts_over(void **state)
{
	struct world *world = *state;

	NEEDS_POSTGRES(state);
	snprintf(world->conninfo, sizeof(world->conninfo),
		 "host=127.0.0.1,localhost,no-such-host.invalid port=1,%d,%d "
		 "user=app password=secret dbname=postgres sslmode=disable",
		 cluster.port, cluster.port);
	lease(world);
	answers(world, "select 1", "1");
	pool_release(world->backend, now(world));
}

static void relays_over_tls(void **state)
{
	struct world *world = *state;
	struct buffer sql = { 0 };

	NEEDS_POSTGRES(state);
	snprintf(world->conninfo, sizeof(world->conninfo),
		 "postgresql://app:secret@localhost:%d/postgres"
		 "?sslmode=verify-full&sslrootcert=%s/server.crt",
		 cluster.port, cluster.directory);
	lease(world);
	answers(world, "select ssl::text from pg_stat_ssl "
		"where pid = pg_backend_pid()", "true");
	answers(world, "select length(repeat('x', 3000000))", "3000000");
	buffer_clear(&world->heard);
	ask(world, "select repeat('x', 3000000)");
	UNTIL(world, world->ready == 3);
	assert_true(world->heard.length > 3000000);
	buffer_printf(&sql, "select length('");
	for (int i = 0; i < 100000; i++)
		buffer_put_text(&sql, "0123456789");
	buffer_put_text(&sql, "')");
	answers(world, buffer_cstring(&sql), "1000000");
	buffer_fini(&sql);
	pool_release(world->backend, now(world));
}

static void gives_the_servers_own_reason(void **state)
{
	struct world *world = *state;

	NEEDS_POSTGRES(state);
	world->target.password = "wrong";
	must_fail(world, "28P01",
		  "password authentication failed for user \"app\"");
	assert_true(world->error.fatal);
}

static void gives_the_reason_of_a_missing_database(void **state)
{
	struct world *world = *state;

	NEEDS_POSTGRES(state);
	world->target.database = "nowhere";
	must_fail(world, "3D000", "database \"nowhere\" does not exist");
}

static void tells_that_nobody_listens(void **state)
{
	struct world *world = *state;

	NEEDS_POSTGRES(state);
	snprintf(world->conninfo, sizeof(world->conninfo),
		 "postgresql://app:secret@127.0.0.1:%d/x",
		 cluster_free_port());
	must_fail(world, "08001", "Connection refused");
}

static void tells_of_a_name_that_does_not_exist(void **state)
{
	struct world *world = *state;

	NEEDS_POSTGRES(state);
	snprintf(world->conninfo, sizeof(world->conninfo),
		 "postgresql://app:secret@no-such-host.invalid/x");
	must_fail(world, "08001", "could not translate host name "
		  "\"no-such-host.invalid\"");
}

static void refuses_what_is_no_connection_string(void **state)
{
	struct world *world = *state;
	struct error error;

	NEEDS_POSTGRES(state);
	snprintf(world->conninfo, sizeof(world->conninfo),
		 "postgresql://app:secret@host:port:1/x?nonsense=1");
	assert_null(pg_server_open(&world->loop, &world->pool, &world->target,
				   &world->shared, &error));
	assert_string_equal(error.sqlstate, "22023");
}

/* A listener that never answers; behind it, in the list, the real one. */
static void passes_a_silent_host_over_in_time(void **state)
{
	struct world *world = *state;
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t length = sizeof(address);
	int fd;

	NEEDS_POSTGRES(state);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	bind(fd, (struct sockaddr *)&address, sizeof(address));
	listen(fd, 5);
	getsockname(fd, (struct sockaddr *)&address, &length);
	world->target.connect_timeout_ms = 300;
	snprintf(world->conninfo, sizeof(world->conninfo),
		 "host=127.0.0.1,127.0.0.1 port=%d,%d user=app "
		 "password=secret dbname=postgres sslmode=disable",
		 ntohs(address.sin_port), cluster.port);
	lease(world);
	answers(world, "select 1", "1");
	pool_release(world->backend, now(world));
	close(fd);
}

static void gives_up_on_a_silent_host(void **state)
{
	struct world *world = *state;
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t length = sizeof(address);
	int fd;

	NEEDS_POSTGRES(state);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	bind(fd, (struct sockaddr *)&address, sizeof(address));
	listen(fd, 5);
	getsockname(fd, (struct sockaddr *)&address, &length);
	world->target.connect_timeout_ms = 200;
	snprintf(world->conninfo, sizeof(world->conninfo),
		 "host=127.0.0.1 port=%d user=app sslmode=disable",
		 ntohs(address.sin_port));
	must_fail(world, "08001", "timeout expired");
	close(fd);
}

static void may_be_closed_while_it_opens(void **state)
{
	struct world *world = *state;

	NEEDS_POSTGRES(state);
	pool_want(&world->pool, &world->want, now(world), &world->backend);
	for (int i = 0; i < 3; i++)
		uv_run(&world->loop, UV_RUN_NOWAIT);
	pool_unwant(&world->want);
	pool_stop(&world->pool);
	UNTIL(world, world->emptied);
	assert_int_equal(world->opened, 0);
}

static void asks_for_verification_in_production(void **state)
{
	struct pg_target target = {
		.conninfo = "postgresql://app@192.0.2.1/x",
		.connect_timeout_ms = 100,
		.production = true,
	};
	struct world *world = *state;

	NEEDS_POSTGRES(state);
	/* Without a root certificate libpq refuses before it connects. */
	setenv("PGSSLROOTCERT", "/nonexistent/root.crt", 1);
	world->target = target;
	must_fail(world, "08001", "");
	assert_non_null(strstr(world->error.hint, "verify-full"));
	unsetenv("PGSSLROOTCERT");
}

/* --- cancel, loss, close ------------------------------------------------ */

static void cancel_is_heard(struct world *world)
{
	struct error error;

	ask(world, "select pg_sleep(120)");
	/* one that comes before the query is lost */
	while (!world->ready) {
		for (int i = 0; i < 100 && !world->ready; i++) {
			uv_run(&world->loop, UV_RUN_NOWAIT);
			usleep(1000);
		}
		if (!world->ready)
			world->backend->ops->cancel(world->backend);
	}
	assert_true(read_error(heard(world, 'E'), &error, NULL));
	assert_string_equal(error.sqlstate, "57014");
}

static void cancels_a_query(void **state)
{
	struct world *world = *state;

	NEEDS_POSTGRES(state);
	lease(world);
	cancel_is_heard(world);
	answers(world, "select 1", "1");
	pool_release(world->backend, now(world));
}

static void cancels_over_tls(void **state)
{
	struct world *world = *state;

	NEEDS_POSTGRES(state);
	snprintf(world->conninfo, sizeof(world->conninfo),
		 "postgresql://app:secret@localhost:%d/postgres"
		 "?sslmode=verify-full&sslrootcert=%s/server.crt",
		 cluster.port, cluster.directory);
	lease(world);
	cancel_is_heard(world);
	pool_release(world->backend, now(world));
}

static void never_cancels_the_next_query(void **state)
{
	struct world *world = *state;

	NEEDS_POSTGRES(state);
	lease(world);
	for (int i = 0; i < 20; i++) {
		unsigned before = world->ready;

		ask(world, "select 1");
		world->backend->ops->cancel(world->backend);
		UNTIL(world, world->ready > before);
		buffer_clear(&world->heard);
		ask(world, "select 2");
		UNTIL(world, world->ready > before + 1);
		assert_value(world, "2");
		assert_null(heard(world, 'E').at);
	}
	pool_release(world->backend, now(world));
}

static void passes_on_what_a_dying_server_says(void **state)
{
	struct world *world = *state;
	struct error error;
	char sql[96];

	NEEDS_POSTGRES(state);
	lease(world);
	ask(world, "select pg_sleep(30)");
	for (int i = 0; i < 100; i++) {
		uv_run(&world->loop, UV_RUN_NOWAIT);
		usleep(1000);
	}
	snprintf(sql, sizeof(sql), "select pg_terminate_backend(%u)",
		 pg_server_pid(world->backend));
	cluster_sql(&cluster, sql);
	UNTIL(world, world->lost);
	assert_string_equal(world->error.sqlstate, "08006");
	assert_true(read_error(heard(world, 'E'), &error, NULL));
	assert_string_equal(error.sqlstate, "57P01");
	assert_true(error.fatal);
}

static void notices_a_server_that_dies_while_idle(void **state)
{
	struct world *world = *state;
	char sql[96];

	NEEDS_POSTGRES(state);
	lease(world);
	snprintf(sql, sizeof(sql), "select pg_terminate_backend(%u)",
		 pg_server_pid(world->backend));
	pool_release(world->backend, now(world));
	cluster_sql(&cluster, sql);
	UNTIL(world, world->pool.backend_count == 0);
}

static void holds_replies_back_while_paused(void **state)
{
	struct world *world = *state;
	size_t before;

	NEEDS_POSTGRES(state);
	lease(world);
	world->backend->ops->pause(world->backend, true);
	ask(world, "select repeat('x', 2000000)");
	for (int i = 0; i < 100; i++) {
		uv_run(&world->loop, UV_RUN_NOWAIT);
		usleep(1000);
	}
	before = world->heard.length;
	assert_int_equal(before, 0);
	world->backend->ops->pause(world->backend, false);
	UNTIL(world, world->ready);
	assert_true(world->heard.length > 2000000);
	pool_release(world->backend, now(world));
}

static void rolls_back_what_a_lost_client_left(void **state)
{
	struct world *world = *state;
	struct backend *backend;

	NEEDS_POSTGRES(state);
	lease(world);
	ask(world, "begin; select pg_sleep(30)");
	for (int i = 0; i < 50; i++) {
		uv_run(&world->loop, UV_RUN_NOWAIT);
		usleep(1000);
	}
	backend = world->backend;
	pool_abandon(backend, PARTING_GONE, now(world));
	world->backend = NULL;
	UNTIL(world, !list_empty(&world->pool.idle));
	lease(world);
	assert_ptr_equal(world->backend, backend);
	assert_int_equal(world->backend->status, 'I');
	answers(world, "select 1", "1");
	pool_release(world->backend, now(world));
}

static void hashes_passwords_as_postgres_does(void **state)
{
	struct buffer verifier = { 0 };
	struct error error;

	assert_true(pg_hash_password("app", "\xc3\xa4pfel", &verifier,
				     &error));
	assert_memory_equal(verifier.bytes, "SCRAM-SHA-256$4096:", 19);
	buffer_fini(&verifier);
}

static void expect_option(const struct pg_target *target, const char *name,
			  const char *value)
{
	struct pg_conninfo info;
	struct error error;

	assert_true(pg_conninfo_read(&info, target, &error));
	if (value)
		assert_string_equal(pg_conninfo_get(&info, name), value);
	else
		assert_null(pg_conninfo_get(&info, name));
	pg_conninfo_fini(&info);
}

static void the_urls_own_keepalive_wins(void **state)
{
	struct pg_target target = {
		.conninfo = "postgresql://h/db?keepalives_idle=7",
		.keepalive_idle_s = 30, .keepalive_count = 3,
		.user_timeout_ms = 30000,
	};

	expect_option(&target, "keepalives", "1");
	expect_option(&target, "keepalives_idle", "7");
	expect_option(&target, "keepalives_count", "3");
	expect_option(&target, "tcp_user_timeout", "30000");
	/* 0: nothing is asked of the system. */
	expect_option(&target, "keepalives_interval", NULL);
	target.without_keepalive = true;
	expect_option(&target, "keepalives", "0");
}

static void says_what_a_connection_string_names(void **state)
{
	struct pg_named named;
	struct error error;

	assert_true(pg_named_read("postgresql://h/db", &named, &error));
	assert_null(named.user);
	assert_string_equal(named.database, "db");
	assert_false(named.primary);
	pg_named_fini(&named);
	assert_true(pg_named_read("user=x", &named, &error));
	assert_string_equal(named.user, "x");
	assert_null(named.database);
	pg_named_fini(&named);
	assert_true(pg_named_read("postgresql://a,b/db?target_session_attrs="
				  "read-write", &named, &error));
	assert_true(named.primary);
	pg_named_fini(&named);
	assert_true(pg_named_read("postgresql://a,b/db?target_session_attrs="
				  "prefer-standby", &named, &error));
	assert_false(named.primary);
	pg_named_fini(&named);
	assert_false(pg_named_read("postgresql://[", &named, &error));
	pg_named_fini(&named);
}

static int start_cluster(void **state)
{
	/* libpq's environment would speak for the test. */
	unsetenv("PGHOST");
	unsetenv("PGPORT");
	unsetenv("PGSSLMODE");
	unsetenv("PGUSER");
	cluster_start(&cluster);
	return 0;
}

static int stop_cluster(void **state)
{
	if (cluster.bin[0])
		cluster_stop(&cluster);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(relays_a_query),
		TEST(knows_what_the_server_reported),
		TEST(connects_over_a_unix_socket),
		TEST(looks_up_names_and_passes_dead_hosts_over),
		TEST(relays_over_tls),
		TEST(gives_the_servers_own_reason),
		TEST(gives_the_reason_of_a_missing_database),
		TEST(tells_that_nobody_listens),
		TEST(tells_of_a_name_that_does_not_exist),
		TEST(refuses_what_is_no_connection_string),
		TEST(passes_a_silent_host_over_in_time),
		TEST(gives_up_on_a_silent_host),
		TEST(may_be_closed_while_it_opens),
		TEST(asks_for_verification_in_production),
		TEST(cancels_a_query),
		TEST(cancels_over_tls),
		TEST(never_cancels_the_next_query),
		TEST(passes_on_what_a_dying_server_says),
		TEST(notices_a_server_that_dies_while_idle),
		TEST(holds_replies_back_while_paused),
		TEST(rolls_back_what_a_lost_client_left),
		cmocka_unit_test(hashes_passwords_as_postgres_does),
		cmocka_unit_test(says_what_a_connection_string_names),
		cmocka_unit_test(the_urls_own_keepalive_wins),
	};

	return cmocka_run_group_tests(tests, start_cluster, stop_cluster);
}
