/* Digests of buckets, the lines that are made of them, and their chain. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proxy/checkpoint.h"
#include "proxy/digest_name.h"
#include "tests/unit/guard_page.h"

static const uint8_t nothing[DIGEST_BYTES];

static struct digest_key *make_key(void)
{
	char directory[] = "/tmp/test_checkpoint_XXXXXX", path[64], public[72];
	struct digest_key *key;
	struct error error;

	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/key", directory);
	snprintf(public, sizeof(public), "%s.pub", path);
	assert_true(digest_key_generate(path, &error));
	assert_false(digest_key_generate(path, &error));
	key = digest_key_private(path, &error);
	assert_non_null(key);
	assert_int_equal(chmod(path, 0640), 0);
	assert_null(digest_key_private(path, &error));
	unlink(path);
	unlink(public);
	rmdir(directory);
	return key;
}

/* --- buckets ------------------------------------------------------------ */

struct row {
	const char *key, *text;
};

static uint64_t digest_rows(const struct row *rows, size_t count,
			    uint8_t ret[DIGEST_BYTES])
{
	struct digest_bucket *bucket = digest_bucket_new();
	uint64_t counted;

	for (size_t i = 0; i < count; i++)
		digest_bucket_add(bucket, slice_text(rows[i].key),
				  slice_text(rows[i].text));
	counted = digest_bucket_end(bucket, ret);
	digest_bucket_free(&bucket);
	return counted;
}

static void a_digest_depends_on_every_row_and_their_order(void **state)
{
	static const struct row first[] = { { "1", "a" }, { "2", "b" } };
	static const struct row other[] = { { "1", "b" }, { "2", "a" } };
	static const struct row joined[] = { { "1", "ab" } };
	uint8_t a[DIGEST_BYTES], b[DIGEST_BYTES];

	assert_int_equal(digest_rows(first, 2, a), 2);
	digest_rows(other, 2, b);
	assert_memory_not_equal(a, b, DIGEST_BYTES);
	digest_rows(joined, 1, b);
	assert_memory_not_equal(a, b, DIGEST_BYTES);
	digest_rows(first, 1, b);
	assert_memory_not_equal(a, b, DIGEST_BYTES);
	digest_rows(first, 2, b);
	assert_memory_equal(a, b, DIGEST_BYTES);
}

static void rows_of_one_key_may_come_in_any_order(void **state)
{
	static const struct row one[] = {
		{ "1", "a" }, { "2", "x" }, { "2", "y" }, { "2", "x" },
		{ "3", "c" },
	};
	static const struct row other[] = {
		{ "1", "a" }, { "2", "x" }, { "2", "x" }, { "2", "y" },
		{ "3", "c" },
	};
	uint8_t a[DIGEST_BYTES], b[DIGEST_BYTES];

	digest_rows(one, 5, a);
	digest_rows(other, 5, b);
	assert_memory_equal(a, b, DIGEST_BYTES);
	digest_rows(other, 4, b);
	assert_memory_not_equal(a, b, DIGEST_BYTES);
}

static void a_bucket_is_empty_again_after_its_end(void **state)
{
	struct digest_bucket *bucket = digest_bucket_new();
	uint8_t a[DIGEST_BYTES], b[DIGEST_BYTES];

	digest_bucket_add(bucket, slice_text("1"), slice_text("a"));
	assert_int_equal(digest_bucket_end(bucket, a), 1);
	digest_bucket_add(bucket, slice_text("1"), slice_text("a"));
	assert_int_equal(digest_bucket_end(bucket, b), 1);
	assert_memory_equal(a, b, DIGEST_BYTES);
	assert_int_equal(digest_bucket_end(bucket, b), 0);
	digest_bucket_free(&bucket);
}

/* --- lines -------------------------------------------------------------- */

static const char *names[] = { "id", "odd \"name\"\n" };
static const char *types[] = { "bigint", "numeric(10,2)" };

static struct checkpoint sample(void)
{
	return (struct checkpoint){
		.n = 7, .kind = CHECKPOINT_BUCKET,
		.time = "2026-11-28T03:00:00.000Z",
		.table = "public.\"Audit\\Trail\"", .by = "id", .bucket = 3,
		.after = "100", .upto = "200", .rows = 99,
		.columns = { 2, names, types },
		.digest = { 1, 2, 3 },
	};
}

static struct slice written(struct checkpoint *checkpoint,
			    const struct digest_key *key, struct buffer *out)
{
	buffer_clear(out);
	checkpoint_write(checkpoint, nothing, key, out);
	assert_int_equal(out->bytes[out->length - 1], '\n');
	return slice_make(out->bytes, out->length - 1);
}

static void a_line_is_read_as_it_was_written(void **state)
{
	struct checkpoint checkpoint = sample(), read;
	struct digest_key *key = make_key();
	struct buffer out = { 0 };
	struct arena arena = { 0 };
	struct slice line = written(&checkpoint, key, &out);

	assert_true(checkpoint_read(line, &arena, &read));
	assert_int_equal(read.n, 7);
	assert_int_equal(read.kind, CHECKPOINT_BUCKET);
	assert_string_equal(read.table, checkpoint.table);
	assert_string_equal(read.after, "100");
	assert_null(read.cutoff);
	assert_int_equal(read.rows, 99);
	assert_true(digest_columns_equal(&read.columns, &checkpoint.columns));
	assert_memory_equal(read.digest, checkpoint.digest, DIGEST_BYTES);
	assert_true(checkpoint_follows(&read, line, nothing));
	assert_true(checkpoint_is_signed(&read, key));
	buffer_fini(&out);
	arena_fini(&arena);
	digest_key_free(&key);
}

static void no_byte_of_a_line_can_be_changed(void **state)
{
	struct checkpoint checkpoint = sample(), read;
	struct digest_key *key = make_key();
	struct buffer out = { 0 };
	struct arena arena = { 0 };
	struct slice line = written(&checkpoint, key, &out);

	for (size_t i = 0; i < line.length; i++) {
		uint8_t was = out.bytes[i];

		out.bytes[i] = was == '1' ? '2' : '1';
		assert_false(checkpoint_read(line, &arena, &read) &&
			     checkpoint_follows(&read, line, nothing) &&
			     checkpoint_is_signed(&read, key));
		out.bytes[i] = was;
		arena_reset(&arena);
	}
	buffer_fini(&out);
	arena_fini(&arena);
	digest_key_free(&key);
}

static void no_part_of_a_line_is_one(void **state)
{
	struct guard_page guard = guard_page_make(8192);
	struct checkpoint checkpoint = sample(), read;
	struct digest_key *key = make_key();
	struct buffer out = { 0 };
	struct arena arena = { 0 };
	struct slice line = written(&checkpoint, key, &out);

	for (size_t length = 0; length < line.length; length++)
		assert_false(checkpoint_read(
			guard_page_put(&guard, slice_make(line.at, length)),
			&arena, &read));
	assert_true(checkpoint_read(guard_page_put(&guard, line), &arena,
				    &read));
	assert_false(checkpoint_read(buffer_slice(&out), &arena, &read));
	buffer_fini(&out);
	arena_fini(&arena);
	digest_key_free(&key);
}

static void a_line_follows_one_line_only(void **state)
{
	struct checkpoint first = sample(), second = sample(), read;
	struct digest_key *key = make_key(), *other = make_key();
	struct buffer out = { 0 };
	struct arena arena = { 0 };
	struct slice line;

	written(&first, key, &out);
	buffer_clear(&out);
	second.n = 8;
	checkpoint_write(&second, first.chain, key, &out);
	line = slice_make(out.bytes, out.length - 1);
	assert_true(checkpoint_read(line, &arena, &read));
	assert_true(checkpoint_follows(&read, line, first.chain));
	assert_false(checkpoint_follows(&read, line, nothing));
	assert_false(checkpoint_follows(&read, line, second.chain));
	assert_false(checkpoint_is_signed(&read, other));
	buffer_fini(&out);
	arena_fini(&arena);
	digest_key_free(&key);
	digest_key_free(&other);
}

/* Who has the file could make one of its lines the head otherwise. */
static void the_signature_of_a_line_is_not_that_of_a_head(void **state)
{
	struct checkpoint checkpoint = sample();
	struct digest_key *key = make_key();
	struct checkpoint_head head;
	struct buffer out = { 0 };

	written(&checkpoint, key, &out);
	buffer_clear(&out);
	checkpoint_head_write(&checkpoint, key, &out);
	assert_true(checkpoint_head_read(
		slice_make(out.bytes, out.length - 1), &head));
	assert_true(checkpoint_head_is_signed(&head, key));
	assert_int_equal(head.n, 7);
	memcpy(head.signature, checkpoint.signature, DIGEST_SIGNATURE_BYTES);
	assert_false(checkpoint_head_is_signed(&head, key));
	buffer_fini(&out);
	digest_key_free(&key);
}

/* --- names -------------------------------------------------------------- */

static void names_are_read_as_in_sql(void **state)
{
	static const struct {
		const char *text, *table, *column;
	} cases[] = {
		{ "audit_event by id", "public.audit_event", "id" },
		{ "  Audit_Event   BY  At ", "public.audit_event", "at" },
		{ "a.b by \"By\"", "a.b", "By" },
		{ "\"A\".\"b \"\"c\" by id", "\"A\".\"b \"\"c\"", "id" },
		{ "by by by", "public.by", "by" },
		{ "public.a", "public.a", NULL },
		{ "a by", NULL, NULL },
		{ "a byid", NULL, NULL },
		{ "a by id desc", NULL, NULL },
		{ "a.b.c by id", NULL, NULL },
		{ "a. by id", NULL, NULL },
		{ "\"\" by id", NULL, NULL },
		{ "\"a by id", NULL, NULL },
		{ "1a by id", NULL, NULL },
		{ "", NULL, NULL },
	};
	struct arena arena = { 0 };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct digest_name name;
		bool good = digest_name_read(cases[i].text, &arena, &name);

		assert_int_equal(good, cases[i].table != NULL);
		if (!good)
			continue;
		assert_string_equal(digest_name_table(&name, &arena),
				    cases[i].table);
		if (cases[i].column)
			assert_string_equal(name.column, cases[i].column);
		else
			assert_null(name.column);
	}
	arena_fini(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_digest_depends_on_every_row_and_their_order),
		cmocka_unit_test(rows_of_one_key_may_come_in_any_order),
		cmocka_unit_test(a_bucket_is_empty_again_after_its_end),
		cmocka_unit_test(a_line_is_read_as_it_was_written),
		cmocka_unit_test(no_byte_of_a_line_can_be_changed),
		cmocka_unit_test(no_part_of_a_line_is_one),
		cmocka_unit_test(a_line_follows_one_line_only),
		cmocka_unit_test(the_signature_of_a_line_is_not_that_of_a_head),
		cmocka_unit_test(names_are_read_as_in_sql),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
