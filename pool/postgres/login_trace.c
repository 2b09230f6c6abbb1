#include "pool/postgres/login_trace.h"

#include <ctype.h>
#include <stdlib.h>

#include <openssl/crypto.h>

#define NAMES_BYTES_MAX 4096

/* From libpq 18 on keys may be longer; they are printed as text in quotes,
 * with \xNN for what is not printable. */
static void read_quoted_key(const char *at, struct buffer *key)
{
	for (at++; *at && *at != '\''; at++) {
		char digits[3] = "";

		if (at[0] == '\\' && at[1] == 'x' &&
		    isxdigit((unsigned char)at[2]) &&
		    isxdigit((unsigned char)at[3])) {
			memcpy(digits, at + 2, 2);
			buffer_put_u8(key, (uint8_t)strtoul(digits, NULL, 16));
			at += 3;
		} else {
			buffer_put_u8(key, (uint8_t)*at);
		}
	}
}

/* "B\t12\tBackendKeyData\t 4242 -1234567", the numbers signed. */
static void hear_key(struct login_trace *trace, const char *at)
{
	char *end;
	long number = strtol(at, &end, 10);

	if (end == at)
		return;
	trace->pid = (uint32_t)number;
	buffer_clear(&trace->cancel_key);
	at = end + strspn(end, " ");
	if (*at == '\'') {
		read_quoted_key(at, &trace->cancel_key);
		return;
	}
	number = strtol(at, &end, 10);
	if (end != at)
		buffer_put_u32(&trace->cancel_key, (uint32_t)number);
}

/* "B\t..\tParameterStatus\t \"TimeZone\" \"UTC\"" */
static void hear_parameter(struct login_trace *trace, const char *at)
{
	const char *end;

	at += strspn(at, " ");
	if (*at++ != '"' || !(end = strchr(at, '"')) ||
	    trace->names.length + (size_t)(end - at) > NAMES_BYTES_MAX)
		return;
	buffer_put(&trace->names, at, (size_t)(end - at));
	buffer_put_u8(&trace->names, 0);
}

static void hear_line(struct login_trace *trace)
{
	static const char key[] = "BackendKeyData\t";
	static const char parameter[] = "ParameterStatus\t";
	const char *at = strchr(trace->line, '\t');

	at = at && trace->line[0] == 'B' ? strchr(at + 1, '\t') : NULL;
	if (!at)
		return;
	at++;
	if (strncmp(at, key, sizeof(key) - 1) == 0)
		hear_key(trace, at + sizeof(key) - 1);
	else if (strncmp(at, parameter, sizeof(parameter) - 1) == 0)
		hear_parameter(trace, at + sizeof(parameter) - 1);
}

static ssize_t on_trace(void *cookie, const char *bytes, size_t length)
{
	struct login_trace *trace = cookie;

	for (size_t i = 0; i < length; i++) {
		if (bytes[i] != '\n') {
			/* of a longer line the end is not needed */
			if (trace->length + 1 < TRACE_LINE_BYTES_MAX)
				trace->line[trace->length++] = bytes[i];
			continue;
		}
		trace->line[trace->length] = 0;
		hear_line(trace);
		trace->length = 0;
	}
	return (ssize_t)length;
}

void login_trace_start(struct login_trace *trace, PGconn *conn)
{
	cookie_io_functions_t functions = { .write = on_trace };

	trace->length = 0;
	buffer_clear(&trace->cancel_key);
	buffer_clear(&trace->names);
	trace->file = fopencookie(trace, "w", functions);
	if (!trace->file)
		return;
	PQtrace(conn, trace->file);
	PQsetTraceFlags(conn, PQTRACE_SUPPRESS_TIMESTAMPS);
}

void login_trace_stop(struct login_trace *trace, PGconn *conn)
{
	if (!trace->file)
		return;
	PQuntrace(conn);
	fclose(trace->file);
	trace->file = NULL;
	OPENSSL_cleanse(trace->line, sizeof(trace->line));
}

void login_trace_fini(struct login_trace *trace)
{
	buffer_wipe(&trace->cancel_key);
	buffer_fini(&trace->names);
}
