/*
 * Lines for operators: one event, one line, to standard error.
 *
 *     log_warn("cannot open a server", "database", name, "retry_ms", delay);
 *
 *     ts=2026-11-21T10:28:00.123Z level=warn msg="cannot open a server" database=app retry_ms=500
 *
 * After the message come pairs of a name and a value; a value may be a text
 * (NULL leaves the pair out), a slice, a truth or any integer. Whatever a
 * stranger may have put into a value is made harmless: control bytes and
 * invalid UTF-8 are escaped, long values are cut. SQL and secrets are never
 * given to a log function at all.
 *
 * A line is made on the stack and leaves in one write, so that lines of
 * several threads do not mix. Where standard error is a pipe that nobody
 * reads, lines are lost and counted: no client waits for a log. Level and format are the one state that belongs
 * to the process instead of a worker, because standard error does too.
 */
#ifndef WEIR_PROXY_LOG_H
#define WEIR_PROXY_LOG_H

#include "protocol/bytes.h"

#define LOG_LINE_BYTES 4096	/* longer lines are cut */
#define LOG_VALUE_BYTES 512	/* longer values are cut */

enum log_level {
	LOG_LEVEL_ERROR,	/* somebody must act */
	LOG_LEVEL_WARN,		/* somebody should look */
	LOG_LEVEL_INFO,		/* what happened, a few lines per session */
	LOG_LEVEL_DEBUG,
};

enum log_format { LOG_FORMAT_LOGFMT, LOG_FORMAT_JSON };

/* From now on, only lines of this level and the graver ones. */
void log_set(enum log_level, enum log_format);
bool log_enabled(enum log_level);

/* The four ways to log: a message, then up to ten names with values. */
#define log_error(...) LOG_AT(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warn(...) LOG_AT(LOG_LEVEL_WARN, __VA_ARGS__)
#define log_info(...) LOG_AT(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) LOG_AT(LOG_LEVEL_DEBUG, __VA_ARGS__)

/* --- below here is how that works --------------------------------------- */

struct log_value {
	enum { LOG_NONE, LOG_TEXT, LOG_INT, LOG_UINT, LOG_BOOL } kind;
	union {
		struct slice text;
		int64_t number;
		uint64_t count;
		bool truth;
	};
};

struct log_field {
	const char *name;	/* NULL ends the list */
	struct log_value value;
};

/* Writes one line; callers use the macros above. */
void log_write(enum log_level, const char *message,
	       const struct log_field *fields);

/* How many could not be written since the start. */
uint64_t log_lines_lost(void);

/* The line that log_write() would write at this time (microseconds since
 * 1970); returns its length, the newline included. */
size_t log_line(char line[LOG_LINE_BYTES], enum log_format, int64_t now_us,
		enum log_level, const char *message,
		const struct log_field *fields);

static inline struct log_value log_of_slice(struct slice text)
{
	return (struct log_value){ LOG_TEXT, { .text = text } };
}

static inline struct log_value log_of_text(const char *text)
{
	if (!text)
		return (struct log_value){ LOG_NONE, { .count = 0 } };
	return log_of_slice(slice_text(text));
}

static inline struct log_value log_of_int(int64_t number)
{
	return (struct log_value){ LOG_INT, { .number = number } };
}

static inline struct log_value log_of_uint(uint64_t count)
{
	return (struct log_value){ LOG_UINT, { .count = count } };
}

static inline struct log_value log_of_bool(bool truth)
{
	return (struct log_value){ LOG_BOOL, { .truth = truth } };
}

#define LOG_FIELD(name, value) \
	{ name, _Generic((value), \
		char *: log_of_text, const char *: log_of_text, \
		struct slice: log_of_slice, bool: log_of_bool, \
		char: log_of_int, signed char: log_of_int, \
		short: log_of_int, int: log_of_int, long: log_of_int, \
		long long: log_of_int, default: log_of_uint)(value) },

#define LOG_PAIRS_0(...)
#define LOG_PAIRS_1(name, value, ...) LOG_FIELD(name, value)
#define LOG_PAIRS_2(name, value, ...) \
	LOG_FIELD(name, value) LOG_PAIRS_1(__VA_ARGS__, 0)
#define LOG_PAIRS_3(name, value, ...) \
	LOG_FIELD(name, value) LOG_PAIRS_2(__VA_ARGS__)
#define LOG_PAIRS_4(name, value, ...) \
	LOG_FIELD(name, value) LOG_PAIRS_3(__VA_ARGS__)
#define LOG_PAIRS_5(name, value, ...) \
	LOG_FIELD(name, value) LOG_PAIRS_4(__VA_ARGS__)
#define LOG_PAIRS_6(name, value, ...) \
	LOG_FIELD(name, value) LOG_PAIRS_5(__VA_ARGS__)
#define LOG_PAIRS_7(name, value, ...) \
	LOG_FIELD(name, value) LOG_PAIRS_6(__VA_ARGS__)
#define LOG_PAIRS_8(name, value, ...) \
	LOG_FIELD(name, value) LOG_PAIRS_7(__VA_ARGS__)
#define LOG_PAIRS_9(name, value, ...) \
	LOG_FIELD(name, value) LOG_PAIRS_8(__VA_ARGS__)
#define LOG_PAIRS_10(name, value, ...) \
	LOG_FIELD(name, value) LOG_PAIRS_9(__VA_ARGS__)

/* Picks the macro for as many arguments as there are; a name without a value
 * does not compile. */
#define LOG_PICK(message, k1, v1, k2, v2, k3, v3, k4, v4, k5, v5, k6, v6, \
		 k7, v7, k8, v8, k9, v9, k10, v10, pairs, ...) pairs
#define LOG_PAIRS(...) \
	LOG_PICK(__VA_ARGS__, LOG_PAIRS_10, LOG_NAME_WITHOUT_VALUE, \
		 LOG_PAIRS_9, LOG_NAME_WITHOUT_VALUE, \
		 LOG_PAIRS_8, LOG_NAME_WITHOUT_VALUE, \
		 LOG_PAIRS_7, LOG_NAME_WITHOUT_VALUE, \
		 LOG_PAIRS_6, LOG_NAME_WITHOUT_VALUE, \
		 LOG_PAIRS_5, LOG_NAME_WITHOUT_VALUE, \
		 LOG_PAIRS_4, LOG_NAME_WITHOUT_VALUE, \
		 LOG_PAIRS_3, LOG_NAME_WITHOUT_VALUE, \
		 LOG_PAIRS_2, LOG_NAME_WITHOUT_VALUE, \
		 LOG_PAIRS_1, LOG_NAME_WITHOUT_VALUE, LOG_PAIRS_0, 0)
#define LOG_MESSAGE(message, ...) message
#define LOG_REST(pairs, message, ...) pairs(__VA_ARGS__)
#define LOG_AT(level, ...) \
	do { \
		if (log_enabled(level)) \
			log_write(level, LOG_MESSAGE(__VA_ARGS__, 0), \
				  (const struct log_field[]){ \
				  LOG_REST(LOG_PAIRS(__VA_ARGS__), \
					   __VA_ARGS__, 0) \
				  { NULL, { LOG_NONE, { .count = 0 } } } }); \
	} while (0)

#endif
