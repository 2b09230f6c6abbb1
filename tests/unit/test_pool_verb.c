/* What the operator asks for: strict_dev, the verbs, the primary only. */
#include "pool_fixture.h"

/* --- strict_dev --------------------------------------------------------- */

/* `i` gets a lease, opening what is begun for it, and gives it back. */
static uint64_t take_turn(struct fixture *f, int i, uint64_t now)
{
	uint64_t id;

	want(f, i, now);
	log_all_in(f);
	id = f->clients[i].backend->id;
	release(f, i, now);
	return id;
}

static void strict_dev_gives_a_different_one_each_time(void **state)
{
	struct fixture *f = *state;
	uint64_t last, next;

	f->bound.backends_max = 3;
	f->pool.limits.rotate = true;
	last = take_turn(f, 0, 0);
	for (uint64_t now = 1; now < 20; now++) {
		next = take_turn(f, 0, now);
		assert_int_not_equal(last, next);
		last = next;
	}
	assert_int_equal(f->world.opened, 2);
}

static void strict_dev_takes_the_one_unused_for_longest(void **state)
{
	struct fixture *f = *state;
	uint64_t ids[3];

	f->bound.backends_max = 3;
	f->pool.limits.rotate = true;
	for (int i = 0; i < 3; i++)
		want(f, i, 0);
	log_all_in(f);
	for (int i = 0; i < 3; i++) {
		ids[i] = f->clients[i].backend->id;
		release(f, i, 1);
	}
	assert_int_equal(take_turn(f, 1, 2), ids[0]);
	assert_int_equal(take_turn(f, 1, 3), ids[1]);
	assert_int_equal(take_turn(f, 1, 4), ids[2]);
}

static void strict_dev_gives_the_same_one_rather_than_wait(void **state)
{
	struct fixture *f = *state;
	uint64_t id;

	f->pool.limits.rotate = true;
	/* No other can be opened. */
	f->bound.backends_max = 1;
	id = take_turn(f, 0, 0);
	assert_int_equal(take_turn(f, 0, 1), id);
	/* The other one is in use, perhaps for long. */
	f->bound.backends_max = 2;
	want(f, 1, 2);
	assert_non_null(f->clients[1].backend);
	assert_int_not_equal(take_turn(f, 0, 3), id);
	id = take_turn(f, 0, 4);
	assert_int_equal(take_turn(f, 0, 5), id);
}

static void strict_dev_does_not_wait_for_what_fails_to_open(void **state)
{
	struct fixture *f = *state;
	uint64_t id;

	f->pool.limits.rotate = true;
	id = take_turn(f, 0, 0);
	want(f, 0, 1);
	assert_null(f->clients[0].backend);
	fail_all(f, "08001");
	assert_int_equal(f->clients[0].backend->id, id);
	release(f, 0, 2);
	/* And not again while it backs off, nor when it fails at once. */
	assert_int_equal(take_turn(f, 0, 3), id);
	f->pool.backoff_ms = f->pool.retry_at_ms = 0;
	f->world.refuse = true;
	assert_int_equal(take_turn(f, 0, 4), id);
}

/* --- the operator ------------------------------------------------------- */

static void a_pause_lets_what_is_leased_end(void **state)
{
	struct fixture *f = *state;

	want(f, 0, 0);
	want(f, 1, 0);
	log_all_in(f);
	release(f, 1, 1);
	/* In the middle of a pipeline. */
	backend_expect(f->clients[0].backend, 'P', EXPECT_FORWARD, 0, NULL);
	pool_pause(&f->pool, 2);
	assert_true(f->world.fakes[1]->closed);
	assert_false(f->world.fakes[0]->closed);
	finish_closes(f);
	HEAR(f->clients[0].backend, parsed);
	backend_expect(f->clients[0].backend, 'S', EXPECT_FORWARD, 0, NULL);
	HEAR(f->clients[0].backend, ready_idle);
	assert_int_equal(f->clients[0].readies, 1);
	assert_int_equal(f->world.paused, 0);
	release(f, 0, 3);
	finish_closes(f);
	assert_int_equal(f->world.paused, 1);
	pool_tick(&f->pool, 4);
	assert_int_equal(f->world.paused, 1);
}

static void nobody_is_served_during_a_pause_but_all_are_after_it(void **state)
{
	struct fixture *f = *state;

	pool_pause(&f->pool, 0);
	assert_int_equal(f->world.paused, 1);
	want(f, 0, 1);
	want(f, 1, 900);
	pool_tick(&f->pool, 950);
	assert_int_equal(f->world.opened, 0);
	/* Their time runs. */
	pool_tick(&f->pool, 1001);
	assert_string_equal(f->clients[0].refused.sqlstate, "57P03");
	pool_resume(&f->pool, 1002);
	log_all_in(f);
	assert_non_null(f->clients[1].backend);
}

static void a_pause_does_not_touch_siblings(void **state)
{
	struct fixture *f = *state;

	pool_pause(&f->pool, 0);
	want_of(f, &f->sibling, 0, 1);
	log_all_in(f);
	assert_non_null(f->clients[0].backend);
}

static void a_reconnect_replaces_each_one_when_it_is_free(void **state)
{
	struct fixture *f = *state;

	f->bound.backends_max = 3;
	for (int i = 0; i < 3; i++)
		want(f, i, 0);
	log_in(f, 0);
	log_in(f, 1);
	release(f, 1, 1);
	/* One leased, one idle, one being opened. */
	pool_reconnect(&f->pool, 2);
	assert_false(f->world.fakes[0]->closed);
	assert_true(f->world.fakes[2]->closed);
	finish_closes(f);
	release(f, 0, 3);
	assert_true(f->world.fakes[0]->closed);
	assert_int_equal(f->world.last_reason, CLOSE_OUTDATED);
	finish_closes(f);
	/* What is opened from then on stays. */
	want(f, 3, 4);
	log_all_in(f);
	release(f, 3, 5);
	assert_false(f->world.fakes[f->world.opened - 1]->closed);
}

static void a_kill_tells_the_holders_and_pauses(void **state)
{
	struct fixture *f = *state;

	want(f, 0, 0);
	want(f, 1, 0);
	log_in(f, 0);
	pool_kill_all(&f->pool, 1);
	assert_true(f->clients[0].lost);
	assert_int_equal(count_closed(f), 2);
	finish_closes(f);
	assert_int_equal(f->world.paused, 1);
	want(f, 2, 2);
	pool_tick(&f->pool, 3);
	assert_int_equal(f->pool.backend_count, 0);
	pool_resume(&f->pool, 4);
	log_all_in(f);
	assert_non_null(f->clients[2].backend);
}

/* --- the primary -------------------------------------------------------- */

static void log_in_at(struct fixture *f, unsigned index, const char *place)
{
	strcpy(f->world.fakes[index]->backend.place, place);
	log_in(f, index);
}

static void older_ones_go_when_the_primary_has_moved(void **state)
{
	struct fixture *f = *state;

	f->bound.backends_max = 4;
	f->pool.limits.follow_primary = true;
	want(f, 0, 0);
	want(f, 1, 0);
	log_in_at(f, 0, "10.0.0.1:5432");
	log_in_at(f, 1, "10.0.0.1:5432");
	release(f, 1, 1);
	assert_int_equal(count_closed(f), 0);
	f->pool.limits.backends_min = 3;
	pool_tick(&f->pool, 1);
	log_in_at(f, 2, "10.0.0.2:5432");
	assert_true(f->world.fakes[1]->closed);
	assert_false(f->world.fakes[0]->closed);
	release(f, 0, 2);
	assert_true(f->world.fakes[0]->closed);
	assert_false(f->world.fakes[2]->closed);
}

static void places_do_not_matter_where_any_server_will_do(void **state)
{
	struct fixture *f = *state;

	want(f, 0, 0);
	want(f, 1, 0);
	log_in_at(f, 0, "10.0.0.1:5432");
	log_in_at(f, 1, "10.0.0.2:5432");
	release(f, 0, 1);
	release(f, 1, 1);
	assert_int_equal(count_closed(f), 0);
}

static void report(struct fixture *f, int i, const char *name)
{
	backend_set_parameter(f->clients[i].backend, slice_text(name),
			      slice_text("on"));
}

static void a_server_that_became_read_only_is_closed_when_free(void **state)
{
	struct fixture *f = *state;

	f->bound.backends_max = 4;
	f->pool.limits.follow_primary = true;
	for (int i = 0; i < 4; i++)
		want(f, i, 0);
	log_all_in(f);
	/* One may be its client's doing: only that one goes. */
	report(f, 0, "default_transaction_read_only");
	release(f, 0, 1);
	assert_true(f->world.fakes[0]->closed);
	release(f, 1, 1);
	assert_int_equal(count_closed(f), 1);
	/* A standby: all are there. */
	report(f, 2, "in_hot_standby");
	release(f, 2, 2);
	assert_int_equal(count_closed(f), 3);
	release(f, 3, 3);
	assert_int_equal(count_closed(f), 4);
}

static void a_client_may_set_itself_read_only(void **state)
{
	static const char sql[] = "SET default_transaction_read_only = on";
	struct fixture *f = *state;

	f->pool.limits.follow_primary = true;
	want(f, 0, 0);
	log_in(f, 0);
	report(f, 0, "default_transaction_read_only");
	settings_put(&f->clients[0].backend->settings,
		     "default_transaction_read_only", slice_text(sql));
	release(f, 0, 1);
	assert_int_equal(count_closed(f), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(strict_dev_gives_a_different_one_each_time),
		TEST(strict_dev_takes_the_one_unused_for_longest),
		TEST(strict_dev_gives_the_same_one_rather_than_wait),
		TEST(strict_dev_does_not_wait_for_what_fails_to_open),
		TEST(a_pause_lets_what_is_leased_end),
		TEST(nobody_is_served_during_a_pause_but_all_are_after_it),
		TEST(a_pause_does_not_touch_siblings),
		TEST(a_reconnect_replaces_each_one_when_it_is_free),
		TEST(a_kill_tells_the_holders_and_pauses),
		TEST(older_ones_go_when_the_primary_has_moved),
		TEST(places_do_not_matter_where_any_server_will_do),
		TEST(a_server_that_became_read_only_is_closed_when_free),
		TEST(a_client_may_set_itself_read_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
