/*
 * Messages read: what the bodies of frames mean. A frame is cut first
 * (frame.h); these look at its body, without the letter and the length.
 *
 * Every reader answers true only if all fields were there and nothing was
 * left over. Slices in what they fill in borrow from the body. Nothing is
 * allocated and no count is trusted: each is checked against the bytes that
 * are there.
 *
 *     startup    code32 | name\0 value\0 ... \0      (code: version 3.x)
 *     cancel     code32 | pid32 | key...
 *     Parse      name\0 | text\0 | count16 | type32...
 *     Bind       portal\0 | statement\0 | count16 | format16...
 *                | count16 | (length32 | bytes)... | count16 | format16...
 *     Describe   kind8 | name\0                      (Close likewise)
 *     Execute    portal\0 | rows32
 */
#ifndef WEIR_PROTOCOL_MESSAGE_READ_H
#define WEIR_PROTOCOL_MESSAGE_READ_H

#include <stdint.h>

#include "protocol/bytes.h"
#include "protocol/error.h"

#define PROTOCOL_3_0 0x00030000u
#define PROTOCOL_3_2 0x00030002u

/* The codes that a startup frame may carry in place of a version. */
enum startup_code {
	STARTUP_CANCEL = 80877102,
	STARTUP_TLS_REQUEST = 80877103,
	STARTUP_GSS_REQUEST = 80877104,
};

/* The first byte of a TLS record: a client that starts without asking. */
#define TLS_FIRST_BYTE 0x16

#define CANCEL_KEY_BYTES_MAX 256	/* as protocol 3.2 allows */

/* --- from clients ------------------------------------------------------- */

struct startup_message {
	uint16_t major, minor;
	struct slice user, database;	/* at == NULL: not given */
	struct slice options, replication, application_name;
	unsigned extension_count;	/* parameters named _pq_.something */
	struct reader parameters;	/* all pairs, for startup_next() */
};
bool read_startup(struct slice body, struct startup_message *);
/* The next pair; false when there is none left. */
bool startup_next(struct startup_message *, struct slice *ret_name,
		  struct slice *ret_value);
bool is_extension_name(struct slice name);

struct cancel_message {
	uint32_t pid;
	struct slice key;	/* 4 bytes, or up to 256 from 3.2 on */
};
bool read_cancel(struct slice body, struct cancel_message *);

struct parse_message {
	struct slice name, text;
	unsigned type_count;
	struct slice types;	/* four bytes each */
};
bool read_parse(struct slice body, struct parse_message *);
static inline uint32_t parse_type(const struct parse_message *message,
				  unsigned index)
{
	return load_u32(message->types.at + (size_t)index * 4);
}

struct bind_message {
	struct slice portal, statement;
	unsigned format_count, value_count, result_format_count;
	struct slice formats, result_formats;	/* two bytes each */
	struct reader values;	/* for bind_next(); checked already */
};
bool read_bind(struct slice body, struct bind_message *);
/* The next parameter; false when there is none left. NULL has no bytes:
 * ret_value->at == NULL. */
bool bind_next(struct bind_message *, struct slice *ret_value);
/* The format of parameter or result column `index`: none given means text,
 * one given holds for all. 0 text, 1 binary, others are the client's error. */
uint16_t format_at(struct slice formats, unsigned count, unsigned index);

/* Describe and Close. */
struct name_message {
	char kind;		/* 'S' a statement, 'P' a portal */
	struct slice name;
};
bool read_name(struct slice body, struct name_message *);

struct execute_message {
	struct slice portal;
	uint32_t rows_max;	/* 0: all */
};
bool read_execute(struct slice body, struct execute_message *);

/* Query, PasswordMessage, CopyFail: one text. */
bool read_text(struct slice body, struct slice *ret_text);

struct sasl_message {
	struct slice mechanism;
	struct slice data;	/* at == NULL: no initial response */
};
bool read_sasl_initial(struct slice body, struct sasl_message *);

/* --- from servers ------------------------------------------------------- */

/* ErrorResponse and NoticeResponse. Every field may be missing; what is too
 * long is cut. `ret_severity` (may be NULL) borrows the untranslated word. */
bool read_error(struct slice body, struct error *, struct slice *ret_severity);

bool read_parameter_status(struct slice body, struct slice *ret_name,
			   struct slice *ret_value);
bool read_ready(struct slice body, char *ret_status);

struct notification_message {
	uint32_t pid;
	struct slice channel, payload;
};
bool read_notification(struct slice body, struct notification_message *);

/* DataRow: the columns one by one, as with bind_next(). */
struct row_message {
	unsigned column_count;
	struct reader columns;
};
bool read_row(struct slice body, struct row_message *);
bool row_next(struct row_message *, struct slice *ret_value);

#endif
