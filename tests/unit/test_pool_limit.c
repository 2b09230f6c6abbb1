/* How many there may be, and what an outage does to the opening of them. */
#include "pool_fixture.h"

/* --- limits ------------------------------------------------------------- */

static void the_reserve_is_for_who_waited_too_long(void **state)
{
	struct fixture *f = *state;

	f->bound.backends_max = 1;
	f->bound.reserve_max = 1;
	f->pool.limits.reserve_timeout_ms = 500;
	want(f, 0, 0);
	log_in(f, 0);
	want(f, 1, 10);
	want(f, 2, 10);
	pool_tick(&f->pool, 509);
	assert_int_equal(f->world.opened, 1);
	pool_tick(&f->pool, 510);
	assert_int_equal(f->world.opened, 2);
	log_all_in(f);
	assert_non_null(f->clients[1].backend);
	/* Never more than both together. */
	pool_tick(&f->pool, 800);
	assert_int_equal(f->world.opened, 2);
	/* While somebody waits it is used on. */
	release(f, 1, 801);
	assert_non_null(f->clients[2].backend);
	assert_int_equal(count_closed(f), 0);
	release(f, 2, 802);
	assert_int_equal(f->world.last_reason, CLOSE_SURPLUS);
	assert_int_equal(count_closed(f), 1);
	finish_closes(f);
	release(f, 0, 803);
	assert_int_equal(count_closed(f), 1);
}

static void there_is_no_reserve_unless_asked_for(void **state)
{
	struct fixture *f = *state;

	f->bound.backends_max = 1;
	want(f, 0, 0);
	log_in(f, 0);
	want(f, 1, 0);
	pool_tick(&f->pool, 999);
	assert_int_equal(f->world.opened, 1);
}

static void keeps_some_open_before_anybody_came(void **state)
{
	struct fixture *f = *state;

	f->bound.backends_max = 5;
	f->pool.limits.backends_min = 3;
	pool_tick(&f->pool, 1);
	assert_int_equal(f->world.opened, 0);
	pool_warm(&f->pool);
	pool_tick(&f->pool, 2);
	assert_int_equal(f->world.opened, 3);
	log_all_in(f);
	/* They are not closed for being idle, and the bound is the bound. */
	pool_tick(&f->pool, 20000);
	assert_int_equal(count_closed(f), 0);
	f->pool.limits.backends_min = 50;
	pool_tick(&f->pool, 20001);
	assert_int_equal(f->world.opened, 5);
}

static void does_not_evict_to_keep_some_open(void **state)
{
	struct fixture *f = *state;

	want(f, 0, 0);
	want(f, 1, 0);
	log_all_in(f);
	release(f, 0, 1);
	f->sibling.limits.backends_min = 1;
	pool_warm(&f->sibling);
	pool_tick(&f->sibling, 2);
	assert_int_equal(count_closed(f), 0);
	assert_int_equal(f->world.opened, 2);
}

static void counts_a_pinned_backend_once(void **state)
{
	struct fixture *f = *state;

	f->bound.pinned_max = 1;
	want(f, 0, 0);
	log_in(f, 0);
	assert_true(pool_may_pin(&f->pool));
	pool_pin(f->clients[0].backend);
	pool_pin(f->clients[0].backend);
	assert_int_equal(f->pool.pinned_count, 1);
	assert_false(pool_may_pin(&f->pool));
	assert_false(pool_may_pin(&f->sibling));
	pool_unpin(f->clients[0].backend);
	pool_unpin(f->clients[0].backend);
	assert_int_equal(f->pool.pinned_count, 0);
	pool_pin(f->clients[0].backend);
	release(f, 0, 1);
	assert_int_equal(f->pool.pinned_count, 0);
	assert_true(pool_may_pin(&f->pool));
}

static void a_lost_backend_is_not_pinned(void **state)
{
	struct fixture *f = *state;
	struct error error;

	want(f, 0, 0);
	log_in(f, 0);
	pool_pin(f->clients[0].backend);
	error_set(&error, SQLSTATE_CONNECTION_FAILURE, "gone");
	backend_lost(f->clients[0].backend, &error);
	assert_int_equal(f->pool.pinned_count, 0);
	assert_int_equal(f->bound.pinned, 0);
}

/* --- outages ------------------------------------------------------------ */

static void backs_off_longer_each_time_and_by_chance(void **state)
{
	struct fixture *f = *state;
	uint64_t first = 0, expected = 100;
	bool differs = false;

	f->world.refuse = true;
	f->pool.limits.queue_timeout_ms = 0;
	f->pool.chance = 7;
	want(f, 0, 0);
	first = f->world.retry_ms;
	for (int i = 0; i < 8; i++) {
		assert_in_range(f->world.retry_ms, expected,
				expected + expected / 4);
		differs |= f->world.retry_ms != expected;
		expected = expected * 2 > 4000 ? 4000 : expected * 2;
		pool_tick(&f->pool, f->pool.retry_at_ms - 1);
		assert_int_equal(f->world.reports_failed, i + 1);
		pool_tick(&f->pool, f->pool.retry_at_ms);
		assert_int_equal(f->world.reports_failed, i + 2);
	}
	assert_true(differs);
	/* The same dice, the same wait; others, another one. */
	f->sibling.chance = 7;
	want_of(f, &f->sibling, 1, 0);
	assert_int_equal(f->world.retry_ms, first);
}

static void openings_that_fail_together_count_once(void **state)
{
	struct fixture *f = *state;

	f->bound.backends_max = 20;
	for (int i = 0; i < 20; i++)
		want(f, i, 0);
	assert_int_equal(f->world.opened, 20);
	fail_all(f, "08001");
	assert_int_equal(f->pool.backoff_ms, 100);
	/* One at a time from now on. */
	pool_tick(&f->pool, 130);
	assert_int_equal(f->world.opened, 21);
	pool_tick(&f->pool, 140);
	assert_int_equal(f->world.opened, 21);
}

static void an_outage_of_a_minute_is_no_storm(void **state)
{
	struct fixture *f = *state;

	f->bound.backends_max = 20;
	f->pool.limits.queue_timeout_ms = 0;
	for (int i = 0; i < 20; i++)
		want(f, i, 0);
	for (uint64_t now = 0; now < 60000; now += 100) {
		pool_tick(&f->pool, now);
		fail_all(f, "57P03");
	}
	/* All at first, then about every four seconds; nobody is refused. */
	assert_in_range(f->world.opened, 30, 42);
	assert_int_equal(f->pool.waiting_count, 20);
	/* It is back: one, and then all the others at once. */
	pool_tick(&f->pool, 70000);
	log_in(f, f->world.opened - 1);
	assert_int_equal(f->pool.opening_count, 19);
	log_all_in(f);
	for (int i = 0; i < 20; i++)
		assert_non_null(f->clients[i].backend);
}

static void after_many_were_lost_it_tries_one_first(void **state)
{
	struct fixture *f = *state;
	struct error error;
	unsigned before;

	f->bound.backends_max = 20;
	for (int i = 0; i < 20; i++)
		want(f, i, 0);
	log_all_in(f);
	error_set(&error, SQLSTATE_CONNECTION_FAILURE, "gone");
	for (int i = 0; i < 20; i++)
		backend_lost(f->clients[i].backend, &error);
	finish_closes(f);
	before = f->world.opened;
	for (int i = 0; i < 20; i++)
		want(f, i, 1);
	pool_tick(&f->pool, 2);
	assert_int_equal(f->world.opened, before + 1);
	log_all_in(f);
	assert_int_equal(f->world.opened, before + 20);
}

static void a_wrong_password_refuses_unless_somebody_is_served(void **state)
{
	struct fixture *f = *state;

	want(f, 0, 0);
	log_in(f, 0);
	want(f, 1, 1);
	fail_all(f, "28P01");
	pool_tick(&f->pool, 2);
	assert_string_equal(f->clients[1].refused.sqlstate, "");
	release(f, 0, 3);
	assert_non_null(f->clients[1].backend);
	pool_abandon(f->clients[1].backend, PARTING_BROKEN, 4);
	finish_closes(f);
	want(f, 2, 5);
	pool_tick(&f->pool, 6);
	assert_string_equal(f->clients[2].refused.sqlstate, "28P01");
}

static void tops_up_in_parallel_after_an_outage(void **state)
{
	struct fixture *f = *state;

	f->bound.backends_max = 5;
	f->pool.limits.backends_min = 4;
	pool_warm(&f->pool);
	pool_tick(&f->pool, 0);
	assert_int_equal(f->world.opened, 4);
	fail_all(f, "08001");
	pool_tick(&f->pool, 130);
	assert_int_equal(f->world.opened, 5);
	log_in(f, 4);
	assert_int_equal(f->world.opened, 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_reserve_is_for_who_waited_too_long),
		TEST(there_is_no_reserve_unless_asked_for),
		TEST(keeps_some_open_before_anybody_came),
		TEST(does_not_evict_to_keep_some_open),
		TEST(counts_a_pinned_backend_once),
		TEST(a_lost_backend_is_not_pinned),
		TEST(backs_off_longer_each_time_and_by_chance),
		TEST(openings_that_fail_together_count_once),
		TEST(an_outage_of_a_minute_is_no_storm),
		TEST(after_many_were_lost_it_tries_one_first),
		TEST(a_wrong_password_refuses_unless_somebody_is_served),
		TEST(tops_up_in_parallel_after_an_outage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
