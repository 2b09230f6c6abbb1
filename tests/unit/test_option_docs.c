/* The table of options, the manual weir.yaml(5) and configs/ agree. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "proxy/config_read.h"

static const char *content(const char *path, struct buffer *out)
{
	if (config_read_file(path, 1 << 20, out))
		fail_msg("cannot read %s; run from the top", path);
	return buffer_cstring(out);
}

/* The manual's item of an option: from its .It to the next. */
static char *item_of(const struct option_row *row, const char *manual)
{
	struct buffer head = { 0 };
	const char *start, *end;

	buffer_printf(&head, "\n.It Ic %s : Ar ", row->path);
	start = strstr(manual, buffer_cstring(&head));
	if (!start)
		fail_msg("weir.yaml.5 has no item for %s", row->path);
	start += head.length;
	end = strstr(start, "\n.It ");
	if (!end || strstr(start, "\n.El") < end)
		end = strstr(start, "\n.El");
	buffer_fini(&head);
	return slice_dup(slice_make(start, (size_t)(end - start + 1)));
}

static void the_manual_has_every_option_and_its_default(void **state)
{
	struct buffer text = { 0 }, fact = { 0 };
	const char *manual = content("proxy/weir.yaml.5", &text);
	unsigned items = 0;

	for (unsigned i = 0; i < option_count; i++) {
		const struct option_row *row = &option_rows[i];
		char *item = item_of(row, manual);

		buffer_clear(&fact);
		buffer_printf(&fact, "\nDefault: %s.\n",
			      row->initial ? row->initial : "not set");
		if (!strstr(item, buffer_cstring(&fact)))
			fail_msg("weir.yaml.5: %s: no line%s", row->path,
				 buffer_cstring(&fact));
		if (!strstr(item, "\nTaken by a reload.\n") == row->reloads)
			fail_msg("weir.yaml.5: %s: reload", row->path);
		free(item);
	}
	for (const char *at = manual; (at = strstr(at, "\n.It Ic ")); at++)
		items++;
	assert_int_equal(items, option_count);
	buffer_fini(&text);
	buffer_fini(&fact);
}

/* "#key: value" becomes a setting, "# words" stays a comment. */
static void uncomment(char *text)
{
	for (char *at = text; *at; at++) {
		bool first = at == text || at[-1] == '\n' || at[-1] == ' ';

		if (*at == '#' && first && islower((unsigned char)at[1]))
			memmove(at, at + 1, strlen(at));
	}
}

static void expect_default(struct config *config, const struct option_row *row)
{
	struct config_database *database = config->databases;
	void *base = config_base(config, database, row);
	struct buffer why = { 0 };
	union {
		struct config config;
		struct config_database database;
	} fresh = { 0 };

	if (config_place(config, database, row)->origin != ORIGIN_FILE)
		fail_msg("configs/weir.yaml lacks %s", row->path);
	if (row->initial) {
		option_set(row, &fresh, slice_text(row->initial), &why);
		if (!option_equal(row, base, &fresh))
			fail_msg("configs/weir.yaml: %s is not %s", row->path,
				 row->initial);
		option_clear(row, &fresh);
	}
}

static void the_commented_file_shows_every_option_and_its_default(void **state)
{
	struct buffer text = { 0 }, messages = { 0 };
	struct config *config = must_alloc(sizeof(*config));
	struct reading reading = { config, &messages, 0 };

	content("configs/weir.yaml", &text);
	uncomment((char *)text.bytes);
	config_read_yaml(&reading, "configs/weir.yaml",
			 slice_text((char *)text.bytes));
	if (reading.complaints)
		fail_msg("%s", buffer_cstring(&messages));
	assert_int_equal(config->database_count, 1);
	for (unsigned i = 0; i < option_count; i++)
		expect_default(config, &option_rows[i]);
	config_free(&config);
	buffer_fini(&text);
}

static void check_file(const char *path)
{
	char *argv[] = { (char []){ "weir" }, (char []){ "-c" },
			 must_dup(path), NULL };
	struct buffer messages = { 0 };
	struct config *config = NULL;

	if (config_load(3, argv, NULL, &config, &messages) != CONFIG_OK)
		fail_msg("%s: %s", path, buffer_cstring(&messages));
	free(argv[2]);
	config_free(&config);
	buffer_fini(&messages);
}

static void every_example_passes_its_check(void **state)
{
	DIR *directory = opendir("configs");
	struct dirent *entry;
	char path[512];
	unsigned files = 0;

	assert_non_null(directory);
	while ((entry = readdir(directory))) {
		if (!strstr(entry->d_name, ".yaml"))
			continue;
		snprintf(path, sizeof(path), "configs/%.255s", entry->d_name);
		check_file(path);
		files++;
	}
	closedir(directory);
	assert_in_range(files, 4, 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_manual_has_every_option_and_its_default),
		cmocka_unit_test(
			the_commented_file_shows_every_option_and_its_default),
		cmocka_unit_test(every_example_passes_its_check),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
