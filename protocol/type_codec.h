/*
 * Inside the room of types: one codec per type, and what a codec is handed.
 * Only the type_*.c files include this.
 *
 * A codec's functions get a job rather than eight arguments. Readers fill
 * job->value from job->bytes; writers append to job->out from job->value.
 * All return false with job->error filled, as Postgres would.
 */
#ifndef WEIR_PROTOCOL_TYPE_CODEC_H
#define WEIR_PROTOCOL_TYPE_CODEC_H

#include "protocol/type.h"

struct type_read_job {
	uint32_t oid;
	int32_t typmod;
	struct slice bytes;
	const struct type_settings *settings; /* never NULL */
	struct arena *arena;
	struct value *value; /* kind VALUE_NULL until filled */
	struct error *error;
};

struct type_write_job {
	uint32_t oid;
	int32_t typmod;
	const struct value *value;
	const struct type_settings *settings; /* never NULL */
	struct buffer *out;
	struct error *error;
};

struct type_codec {
	bool (*read_text)(struct type_read_job *);
	bool (*read_binary)(struct type_read_job *);
	bool (*write_text)(struct type_write_job *);
	bool (*write_binary)(struct type_write_job *);
	/* type_coerce_length() for a typmod that is not -1; NULL: the type
	 * takes no modifier. */
	bool (*coerce)(uint32_t oid, int32_t typmod, bool explicit_cast,
		       struct value *, struct arena *, struct error *);
};

/* The codec of a type; the one of text for the user's own types. */
const struct type_codec *type_codec_of(uint32_t oid,
				       const struct type_settings *);

extern const struct type_codec codec_bool, codec_int2, codec_int4, codec_int8,
	codec_oid, codec_float4, codec_float8; /* _number.c */
extern const struct type_codec codec_numeric; /* _numeric.c */
extern const struct type_codec codec_text, codec_varchar, codec_bpchar,
	codec_name, codec_char, codec_bytea, codec_uuid, codec_void,
	codec_reg; /* _text.c */
extern const struct type_codec codec_json, codec_jsonb; /* _json.c */
extern const struct type_codec codec_array, codec_vector; /* _array.c */
extern const struct type_codec codec_date, codec_time, codec_timetz,
	codec_timestamp, codec_timestamptz, codec_interval; /* _time.c */
extern const struct type_codec codec_network, codec_macaddr; /* _network.c */
extern const struct type_codec codec_bit, codec_varbit, codec_tid; /* _bits.c */

/* Results of a reader. They return true. */
bool put_integer(struct type_read_job *, int64_t);
bool put_real(struct type_read_job *, double);
bool put_text(struct type_read_job *, struct slice);
bool put_blob(struct type_read_job *, struct slice);

/* The format_type() name, for messages. */
const char *type_words(uint32_t oid);

/* "invalid input syntax for type integer: "x"" */
bool refuse_syntax(struct type_read_job *, uint32_t oid);

/* A binary value too short, too long or otherwise impossible. */
bool refuse_binary(struct type_read_job *);

/* A stored value that is not of the type's form. */
bool refuse_stored(struct type_write_job *);

/* The stored value is TEXT (or, BLOB); else refuse_stored(). */
bool stored_text(struct type_write_job *, struct slice *ret_text);

/* UTF-8 without a zero byte, as every text of Postgres is; else 22021. */
bool text_check(struct slice text, struct error *);

/* Characters, not bytes, of valid UTF-8. */
size_t text_characters(struct slice text);

/* The first `count` characters. */
struct slice text_head(struct slice text, size_t count);

static inline bool is_space(uint8_t byte)
{
	return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

/* Without white space at both ends. */
struct slice text_trim(struct slice text);

/* Appends 0, 1, 2 ... as the fewest digits; a sign if negative. */
void put_decimal(struct buffer *out, int64_t value);

#endif
