/*
 * Messages written: whole messages, with letter and length, appended to a
 * buffer. Texts must not hold a zero byte (they come from C strings or from
 * readers, which end at one).
 */
#ifndef WEIR_PROTOCOL_MESSAGE_WRITE_H
#define WEIR_PROTOCOL_MESSAGE_WRITE_H

#include <stdint.h>

#include "protocol/bytes.h"
#include "protocol/frame.h"

/* --- to clients: login -------------------------------------------------- */

void write_authentication_ok(struct buffer *);
void write_authentication_cleartext(struct buffer *);
void write_authentication_md5(struct buffer *, const uint8_t salt[4]);
/* Offers mechanisms, best first; `names` ends with NULL. */
void write_authentication_sasl(struct buffer *, const char *const *names);
void write_authentication_sasl_continue(struct buffer *, struct slice data);
void write_authentication_sasl_final(struct buffer *, struct slice data);
/* Which minor version is spoken, and which _pq_. parameters of the startup
 * packet are not known here (their names, each with a zero byte). */
void write_negotiate_version(struct buffer *, uint32_t version,
			     struct slice unknown_names,
			     uint32_t unknown_count);
void write_parameter_status(struct buffer *, struct slice name,
			    struct slice value);
/* The same for each pair of name\0value\0 texts. */
void write_parameter_statuses(struct buffer *, struct slice pairs);
void write_backend_key(struct buffer *, uint32_t pid, struct slice key);
void write_ready(struct buffer *, char status);

/* --- to clients: answers ------------------------------------------------ */

void write_parse_complete(struct buffer *);
void write_bind_complete(struct buffer *);
void write_close_complete(struct buffer *);
void write_no_data(struct buffer *);
void write_portal_suspended(struct buffer *);
void write_empty_query(struct buffer *);
void write_command_complete(struct buffer *, const char *tag);
void write_parameter_description(struct buffer *, const uint32_t *types,
				 unsigned count);

struct column {
	const char *name;
	uint32_t table_oid;	/* 0: not a table's column */
	int16_t table_column;
	uint32_t type_oid;
	int16_t type_length;	/* -1: variable */
	int32_t type_modifier;	/* -1: none */
	uint16_t format;	/* 0 text, 1 binary */
};
void write_row_description(struct buffer *, const struct column *,
			   unsigned count);

/* A row: begin, each value (or NULL), end. */
size_t begin_row(struct buffer *, unsigned column_count);
void put_value(struct buffer *, struct slice value);	/* at == NULL: NULL */
void end_row(struct buffer *, size_t mark);

/* `type` is 'G' (in) or 'H' (out); all columns have one format. */
void write_copy_response(struct buffer *, char type, uint8_t format,
			 unsigned column_count);
void write_copy_data(struct buffer *, struct slice data);
void write_copy_done(struct buffer *);
void write_notification(struct buffer *, uint32_t pid, struct slice channel,
			struct slice payload);

/* --- to servers --------------------------------------------------------- */

void write_query(struct buffer *, const char *text);
void write_parse(struct buffer *, const char *name, struct slice text,
		 const uint32_t *types, unsigned type_count);
/* `kind`: 'S' a statement, 'P' a portal. */
void write_describe(struct buffer *, char kind, const char *name);
void write_close(struct buffer *, char kind, const char *name);
/* Without parameters, results as text. */
void write_bind_plain(struct buffer *, const char *portal, const char *name);
void write_execute(struct buffer *, const char *portal, uint32_t rows_max);
void write_sync(struct buffer *);
void write_terminate(struct buffer *);
/* These two are startup frames: no letter. */
void write_tls_request(struct buffer *);
void write_cancel(struct buffer *, uint32_t pid, struct slice key);

#endif
