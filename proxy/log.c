#include "proxy/log.h"

#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static _Atomic enum log_level current_level = LOG_LEVEL_INFO;
static _Atomic enum log_format current_format = LOG_FORMAT_LOGFMT;
static _Atomic uint64_t lines_lost;

static const char *const level_names[] = {
	[LOG_LEVEL_ERROR] = "error",
	[LOG_LEVEL_WARN] = "warn",
	[LOG_LEVEL_INFO] = "info",
	[LOG_LEVEL_DEBUG] = "debug",
};

/* A line being made; what does not fit is dropped. */
struct line {
	char *at;
	size_t length, limit;
	enum log_format format;
};

static void put(struct line *line, const char *bytes, size_t length)
{
	if (length > line->limit - line->length)
		return;
	memcpy(line->at + line->length, bytes, length);
	line->length += length;
}

static void put_text(struct line *line, const char *text)
{
	put(line, text, strlen(text));
}

__attribute__((format(printf, 2, 3)))
static void put_format(struct line *line, const char *format, ...)
{
	char text[32];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	put_text(line, text);
}

/* The length of the UTF-8 character at the start (RFC 3629, section 4), or 0
 * where there is none; `ret` is its code point. */
static unsigned utf8_character(const uint8_t *at, size_t length,
			       uint32_t *ret)
{
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned bytes = at[0] < 0x80 ? 1 : at[0] < 0xC0 ? 0 :
			 at[0] < 0xE0 ? 2 : at[0] < 0xF0 ? 3 :
			 at[0] < 0xF8 ? 4 : 0;
	uint32_t point;

	if (!bytes || bytes > length)
		return 0;
	point = bytes == 1 ? at[0] : at[0] & (0x7Fu >> bytes);
	for (unsigned i = 1; i < bytes; i++) {
		if ((at[i] & 0xC0) != 0x80)
			return 0;
		point = point << 6 | (at[i] & 0x3F);
	}
	if (point < smallest[bytes] || point > 0x10FFFF ||
	    (point >= 0xD800 && point <= 0xDFFF))
		return 0;
	*ret = point;
	return bytes;
}

/* Line ends, terminal controls, and characters that turn the direction of
 * text round: all that could make a line look like something else. */
static bool is_treacherous(uint32_t point)
{
	return point < 0x20 || (point >= 0x7F && point < 0xA0) ||
	       (point >= 0x200B && point <= 0x200F) ||
	       (point >= 0x2028 && point <= 0x202E) ||
	       (point >= 0x2066 && point <= 0x2069) || point == 0xFEFF;
}

static void put_escaped(struct line *line, struct slice text)
{
	size_t end = text.length < LOG_VALUE_BYTES ? text.length :
						     LOG_VALUE_BYTES;
	uint32_t point = 0;
	unsigned bytes;

	for (size_t at = 0; at < end; at += bytes ? bytes : 1) {
		bytes = utf8_character(text.at + at, text.length - at, &point);
		if (!bytes)
			/* JSON knows no \x: there it is a text */
			put_format(line, line->format == LOG_FORMAT_JSON ?
				   "\\\\x%02x" : "\\x%02x", text.at[at]);
		else if (point == '\n')
			put_text(line, "\\n");
		else if (point == '"' || point == '\\')
			put_format(line, "\\%c", (char)point);
		else if (is_treacherous(point))
			put_format(line, "\\u%04" PRIx32, point);
		else
			put(line, (const char *)text.at + at, bytes);
	}
	if (end < text.length)
		put_text(line, "...");
}

static bool is_bare(struct slice text)
{
	for (size_t i = 0; i < text.length; i++)
		if (text.at[i] <= ' ' || text.at[i] >= 0x7F ||
		    strchr("\"\\=", text.at[i]))
			return false;
	return text.length > 0 && text.length <= LOG_VALUE_BYTES;
}

static void put_string(struct line *line, struct slice text)
{
	if (line->format == LOG_FORMAT_LOGFMT && is_bare(text)) {
		put(line, (const char *)text.at, text.length);
		return;
	}
	put_text(line, "\"");
	put_escaped(line, text);
	put_text(line, "\"");
}

static void put_value(struct line *line, const struct log_value *value)
{
	switch (value->kind) {
	case LOG_NONE:
		break;
	case LOG_TEXT:
		put_string(line, value->text);
		break;
	case LOG_INT:
		put_format(line, "%" PRId64, value->number);
		break;
	case LOG_UINT:
		put_format(line, "%" PRIu64, value->count);
		break;
	case LOG_BOOL:
		put_text(line, value->truth ? "true" : "false");
		break;
	}
}

/* A whole pair or, where the line is full, nothing of it: half a pair would
 * be no JSON. */
static void put_field(struct line *line, const struct log_field *field)
{
	char pair[LOG_VALUE_BYTES * 6 + 128];
	struct line whole = { pair, 0, sizeof(pair), line->format };
	bool json = line->format == LOG_FORMAT_JSON;

	if (field->value.kind == LOG_NONE)
		return;
	if (json)
		put_text(&whole, line->length ? ",\"" : "{\"");
	else if (line->length)
		put_text(&whole, " ");
	put_text(&whole, field->name);
	put_text(&whole, json ? "\":" : "=");
	put_value(&whole, &field->value);
	put(line, pair, whole.length);
}

static void put_named(struct line *line, const char *name, const char *text)
{
	struct log_field field = { name, log_of_text(text) };

	put_field(line, &field);
}

/* RFC 3339, in UTC, to the millisecond. */
static void put_time(struct line *line, int64_t now_us)
{
	time_t seconds = (time_t)(now_us / 1000000);
	struct tm tm;
	char text[64];

	gmtime_r(&seconds, &tm);
	snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ",
		 tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
		 tm.tm_min, tm.tm_sec, (int)(now_us / 1000 % 1000));
	put_named(line, "ts", text);
}

size_t log_line(char text[LOG_LINE_BYTES], enum log_format format,
		int64_t now_us, enum log_level level, const char *message,
		const struct log_field *fields)
{
	struct line line = { text, 0, LOG_LINE_BYTES - 2, format };

	put_time(&line, now_us);
	put_named(&line, "level", level_names[level]);
	put_named(&line, "msg", message);
	for (; fields->name; fields++)
		put_field(&line, fields);
	line.limit = LOG_LINE_BYTES;	/* the end has its place kept */
	put_text(&line, format == LOG_FORMAT_JSON ? "}\n" : "\n");
	return line.length;
}

void log_set(enum log_level level, enum log_format format)
{
	current_level = level;
	current_format = format;
}

bool log_enabled(enum log_level level)
{
	return level <= current_level;
}

/* A pipe with room has room for PIPE_BUF bytes, which a line does not exceed
 * (pipe(7)). */
static bool has_room(void)
{
	struct pollfd out = { STDERR_FILENO, POLLOUT, 0 };

	return poll(&out, 1, 0) != 0;
}

static void write_now(enum log_level level, const char *message,
		      const struct log_field *fields)
{
	char line[LOG_LINE_BYTES];
	struct timespec now;
	size_t length;

	clock_gettime(CLOCK_REALTIME, &now);
	length = log_line(line, current_format,
			  (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000,
			  level, message, fields);
	/* There is nobody left to tell when this fails. */
	if (write(STDERR_FILENO, line, length) < 0)
		return;
}

void log_write(enum log_level level, const char *message,
	       const struct log_field *fields)
{
	static pthread_mutex_t writing = PTHREAD_MUTEX_INITIALIZER;
	static uint64_t untold;

	pthread_mutex_lock(&writing);
	if (untold && has_room()) {
		write_now(LOG_LEVEL_WARN, "nobody read the log, lines were lost",
			  (const struct log_field[]){
				  LOG_FIELD("lines", untold)
				  { NULL, { LOG_NONE, { .count = 0 } } } });
		untold = 0;
	}
	if (has_room()) {
		write_now(level, message, fields);
	} else {
		untold++;
		lines_lost++;
	}
	pthread_mutex_unlock(&writing);
}

uint64_t log_lines_lost(void)
{
	return lines_lost;
}
