/* Who is served next, and how the roles of a database share its bound. */
#include "pool_fixture.h"

static void serves_users_in_turn(void **state)
{
	struct fixture *f = *state;

	f->bound.backends_max = 1;
	want(f, 0, 0);
	log_in(f, 0);
	for (int i = 1; i <= 4; i++) {
		f->clients[i].want.queue = &f->users[i == 4];
		want(f, i, (uint64_t)i);
	}
	release(f, 0, 5);
	assert_non_null(f->clients[1].backend);
	release(f, 1, 6);
	/* The only one of the other user passes two that came before. */
	assert_non_null(f->clients[4].backend);
	release(f, 4, 7);
	assert_non_null(f->clients[2].backend);
	release(f, 2, 8);
	assert_non_null(f->clients[3].backend);
}

static void one_who_leaves_the_queue_is_not_missed(void **state)
{
	struct fixture *f = *state;

	f->bound.backends_max = 1;
	want(f, 0, 0);
	log_in(f, 0);
	for (int i = 1; i <= 3; i++) {
		f->clients[i].want.queue = &f->users[i == 2];
		want(f, i, (uint64_t)i);
	}
	pool_unwant(&f->clients[1].want);
	pool_unwant(&f->clients[2].want);
	assert_int_equal(f->pool.waiting_count, 1);
	release(f, 0, 5);
	assert_non_null(f->clients[3].backend);
	assert_int_equal(f->pool.waiting_count, 0);
}

static void refuses_at_the_deadline_of_who_has_one(void **state)
{
	struct fixture *f = *state;

	f->bound.backends_max = 1;
	want(f, 0, 0);
	log_in(f, 0);
	want(f, 1, 10);
	assert_int_equal(f->world.wake_at_ms, 1010);
	f->clients[2].want.deadline_ms = 500;
	want(f, 2, 20);
	assert_int_equal(f->world.wake_at_ms, 500);
	pool_tick(&f->pool, 499);
	assert_string_equal(f->clients[2].refused.sqlstate, "");
	pool_tick(&f->pool, 500);
	assert_string_equal(f->clients[2].refused.sqlstate, "53300");
	assert_string_equal(f->clients[1].refused.sqlstate, "");
	assert_int_equal(f->world.wake_at_ms, 1010);
	pool_tick(&f->pool, 1010);
	assert_string_equal(f->clients[1].refused.sqlstate, "53300");
	assert_int_equal(f->pool.waiting_count, 0);
}

static void a_deadline_after_the_queue_timeout_changes_nothing(void **state)
{
	struct fixture *f = *state;

	f->bound.backends_max = 1;
	want(f, 0, 0);
	log_in(f, 0);
	f->clients[1].want.deadline_ms = 5000;
	want(f, 1, 0);
	pool_tick(&f->pool, 1000);
	assert_string_equal(f->clients[1].refused.sqlstate, "53300");
}

/* Its session goes on with what it has read meanwhile. */
static void client_wants_again(struct want *want, const struct error *error)
{
	struct client *client = want->holder;

	client->readies++;
	want->deadline_ms = 1;
	pool_want(client->pool, want, 1000, &client->backend);
}

static void who_wants_again_when_refused_waits_for_the_next_round(void **state)
{
	struct fixture *f = *state;

	f->bound.backends_max = 1;
	want(f, 0, 0);
	log_in(f, 0);
	f->clients[1].want.on_refused = client_wants_again;
	f->clients[1].pool = &f->pool;
	want(f, 1, 0);
	pool_tick(&f->pool, 1000);
	assert_int_equal(f->clients[1].readies, 1);
	/* At once, but not from inside. */
	assert_int_equal(f->world.wake_at_ms, 1);
	assert_int_equal(f->pool.waiting_count, 1);
	pool_tick(&f->pool, 1000);
	assert_int_equal(f->clients[1].readies, 2);
}

static void waits_for_ever_where_there_is_no_limit(void **state)
{
	struct fixture *f = *state;

	f->bound.backends_max = 1;
	f->pool.limits.queue_timeout_ms = 0;
	f->pool.limits.lifetime_ms = 0;
	want(f, 0, 0);
	log_in(f, 0);
	want(f, 1, 0);
	pool_tick(&f->pool, 1000000);
	assert_int_equal(f->pool.waiting_count, 1);
	release(f, 0, 1000001);
	assert_non_null(f->clients[1].backend);
}

static void says_how_many_are_pinned_when_it_refuses(void **state)
{
	struct fixture *f = *state;

	want(f, 0, 0);
	want(f, 1, 0);
	log_all_in(f);
	pool_pin(f->clients[1].backend);
	want(f, 2, 0);
	pool_tick(&f->pool, 1000);
	assert_non_null(strstr(f->clients[2].refused.hint, "1 of them"));
	pool_unpin(f->clients[1].backend);
	want(f, 3, 1000);
	pool_tick(&f->pool, 2000);
	assert_null(strstr(f->clients[3].refused.hint, "pinned"));
}

/* --- sharing ------------------------------------------------------------ */

static void evicts_an_idle_one_of_a_sibling(void **state)
{
	struct fixture *f = *state;

	want(f, 0, 0);
	want(f, 1, 0);
	log_all_in(f);
	release(f, 0, 1);
	release(f, 1, 1);
	want_of(f, &f->sibling, 2, 2);
	/* They may be between two transactions. */
	assert_int_equal(count_closed(f), 0);
	assert_int_equal(f->world.wake_at_ms, 21);
	pool_tick(&f->sibling, 21);
	/* One is enough. */
	assert_int_equal(count_closed(f), 1);
	assert_int_equal(f->world.last_reason, CLOSE_EVICTED);
	pool_tick(&f->sibling, 22);
	assert_int_equal(count_closed(f), 1);
	finish_closes(f);
	log_all_in(f);
	assert_non_null(f->clients[2].backend);
}

static void what_nobody_here_needs_goes_to_a_waiting_sibling(void **state)
{
	struct fixture *f = *state;

	want(f, 0, 0);
	want(f, 1, 0);
	log_all_in(f);
	want_of(f, &f->sibling, 2, 1);
	assert_int_equal(count_closed(f), 0);
	release(f, 0, 2);
	assert_int_equal(count_closed(f), 1);
	finish_closes(f);
	log_all_in(f);
	assert_non_null(f->clients[2].backend);
}

/* Clients 0-7 keep the pool busy, 8-11 come to the sibling. */
static void siblings_share_the_bound_and_settle(void **state)
{
	struct fixture *f = *state;

	f->bound.backends_max = 4;
	for (int i = 0; i < 8; i++)
		want(f, i, 0);
	log_all_in(f);
	for (int i = 8; i < 12; i++)
		want_of(f, &f->sibling, i, 1);
	for (int i = 0; i < 4; i++) {
		release(f, i, 2);
		finish_closes(f);
		log_all_in(f);
		want(f, i, 2);
	}
	assert_int_equal(pool_live(&f->pool), 2);
	assert_int_equal(pool_live(&f->sibling), 2);
	assert_int_equal(f->world.opened, 6);
	/* Whatever goes on now, nobody takes from the other again. */
	for (uint64_t now = 3; now < 900; now++)
		for (int i = 0; i < 12; i++)
			if (f->clients[i].backend) {
				release(f, i, now);
				finish_closes(f);
				want_of(f, i < 8 ? &f->pool : &f->sibling, i,
					now);
			}
	assert_int_equal(f->world.opened, 6);
}

static void a_lone_client_keeps_the_server_of_its_role(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 4; i++)
		want(f, i, 0);
	log_all_in(f);
	want_of(f, &f->sibling, 4, 1);
	release(f, 0, 2);
	finish_closes(f);
	log_all_in(f);
	/* One each. However often it gives its own back, nothing is opened. */
	for (uint64_t now = 3; now < 600; now += 3) {
		release(f, 4, now);
		pool_tick(&f->pool, now + 1);
		want_of(f, &f->sibling, 4, now + 2);
		assert_non_null(f->clients[4].backend);
	}
	assert_int_equal(f->world.opened, 3);
}

static void a_place_changes_hands_where_there_is_only_one(void **state)
{
	struct fixture *f = *state;

	f->bound.backends_max = 1;
	want(f, 0, 0);
	log_in(f, 0);
	want_of(f, &f->sibling, 2, 1);
	want(f, 1, 1);
	release(f, 0, 200);
	/* Not yet: it would be opened and closed for every transaction. */
	assert_non_null(f->clients[1].backend);
	want(f, 0, 201);
	pool_tick(&f->sibling, 260);
	release(f, 1, 260);
	assert_int_equal(f->world.last_reason, CLOSE_EVICTED);
	finish_closes(f);
	log_all_in(f);
	assert_non_null(f->clients[2].backend);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(serves_users_in_turn),
		TEST(one_who_leaves_the_queue_is_not_missed),
		TEST(refuses_at_the_deadline_of_who_has_one),
		TEST(a_deadline_after_the_queue_timeout_changes_nothing),
		TEST(who_wants_again_when_refused_waits_for_the_next_round),
		TEST(waits_for_ever_where_there_is_no_limit),
		TEST(says_how_many_are_pinned_when_it_refuses),
		TEST(evicts_an_idle_one_of_a_sibling),
		TEST(what_nobody_here_needs_goes_to_a_waiting_sibling),
		TEST(siblings_share_the_bound_and_settle),
		TEST(a_lone_client_keeps_the_server_of_its_role),
		TEST(a_place_changes_hands_where_there_is_only_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
