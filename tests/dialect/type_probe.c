/*
 * Weir's side of types_diff.py: reads "OID TYPMOD FORMAT HEX" lines (FORMAT t
 * or b), answers "ok TEXT BINARY STORED" or "error STATE MESSAGE DETAIL", all in
 * hexadecimal, a line each. A line "zone NAME" sets the session's time zone.
 */
#include <stdio.h>
#include <stdlib.h>

#include "pool/zone_files.h"

static void put_hex(struct slice bytes)
{
	putchar('x');
	for (size_t i = 0; i < bytes.length; i++)
		printf("%02x", bytes.at[i]);
}

static size_t from_hex(char *text)
{
	size_t length = 0;
	unsigned byte;

	for (char *at = text; sscanf(at, "%2x", &byte) == 1; at += 2)
		text[length++] = (char)byte;
	return length;
}

static void answer(uint32_t oid, int32_t typmod, char format,
		   struct slice bytes, const struct type_settings *settings)
{
	struct arena arena = { 0 };
	struct buffer text = { 0 };
	struct buffer binary = { 0 };
	struct value value;
	struct error error = { 0 };

	if (!type_read(oid, typmod, format == 'b' ? WIRE_BINARY : WIRE_TEXT,
		       bytes, settings, &arena, &value, &error) ||
	    !type_write(oid, typmod, WIRE_TEXT, &value, settings, &text,
			&error) ||
	    !type_write(oid, typmod, WIRE_BINARY, &value, settings, &binary,
			&error)) {
		/* The texts may hold line ends. */
		printf("error %s ", error.sqlstate);
		put_hex(slice_text(error.message));
		putchar(' ');
		put_hex(slice_text(error.detail));
		putchar('\n');
	} else {
		printf("ok ");
		put_hex(buffer_slice(&text));
		putchar(' ');
		put_hex(buffer_slice(&binary));
		putchar(' ');
		if (value.kind == VALUE_TEXT || value.kind == VALUE_BLOB)
			put_hex(value.bytes);
		else
			putchar('x');
		putchar('\n');
	}
	arena_fini(&arena);
	buffer_fini(&text);
	buffer_fini(&binary);
}

int main(void)
{
	static char line[1 << 20];
	static char hex[1 << 20];
	struct type_settings settings = { .time_zone = "UTC",
					  .date_order = 'M' };
	struct zone_files zones;
	long long now;

	zone_files_init(&zones, NULL);
	settings.zones = &zones.source;

	while (fgets(line, sizeof(line), stdin)) {
		unsigned oid;
		int typmod;
		char format;

		if (sscanf(line, "zone %1000s", hex) == 1) {
			settings.zone =
				zone_files_setting(&zones, slice_text(hex));
			continue;
		}
		if (sscanf(line, "now %lld", &now) == 1) {
			settings.now_us = now;
			continue;
		}
		if (sscanf(line, "order %c", &settings.date_order) == 1)
			continue;
		hex[0] = 0;
		if (sscanf(line, "%u %d %c x%1048575s", &oid, &typmod, &format,
			   hex) < 3)
			continue;
		answer(oid, typmod, format, slice_make(hex, from_hex(hex)),
		       &settings);
	}
	zone_files_fini(&zones);
	return 0;
}
