/*
 * The table of types, and their codecs between three forms:
 *
 *   text wire form   what psql shows (Postgres manual, chapter 8)
 *   binary wire form what asyncpg sends (each type's send/recv function)
 *   struct value     how weir's SQLite backend stores it: one of SQLite's
 *                    five storage classes
 *
 * How each type is stored (the file stays readable by the sqlite3 shell, and
 * SQLite's own comparison sorts and groups it as Postgres would, save where a
 * collation is named):
 *
 *   bool                     INTEGER 0/1
 *   int2 int4 int8 oid       INTEGER
 *   float4 float8            REAL (NaN cannot be stored in SQLite: TEXT 'NaN')
 *   numeric                  TEXT as Postgres prints it, scale kept: '1.50';
 *                            collation pg_numeric
 *   text varchar name "char" xml TEXT
 *   bpchar                   TEXT blank-padded to its length
 *   bytea                    BLOB
 *   uuid                     TEXT, lower case, with dashes
 *   date                     TEXT '2024-02-29'
 *   time                     TEXT '13:00:00.000000'   always six digits
 *   timetz                   TEXT '13:00:00.000000+02'
 *   timestamp                TEXT '2024-02-29 13:00:00.000000'
 *   timestamptz              TEXT the same, in UTC, no offset
 *   date/timestamp infinity  TEXT 'infinity', '-infinity'; a year past 9999
 *                            is 'Y' and seven digits, a year BC '/' and its
 *                            distance from 4714 BC: all of them sort right
 *   interval                 TEXT 'M:D:U' months, days, microseconds as
 *                            decimal numbers; collation pg_interval
 *   json                     TEXT verbatim
 *   jsonb                    TEXT as Postgres prints jsonb (keys sorted by
 *                            length then bytes, no duplicates, ", " and ": ")
 *   arrays                   TEXT as Postgres prints them: '{1,NULL,"a b"}'
 *   regclass regtype ...     INTEGER (the OID)
 *   enum                     TEXT, the label
 *
 * Pure: no clock, no file; the session's settings come as an argument.
 */
#ifndef WEIR_PROTOCOL_TYPE_H
#define WEIR_PROTOCOL_TYPE_H

#include <stdint.h>

#include "protocol/arena.h"
#include "protocol/bytes.h"
#include "protocol/error.h"

/* OIDs as in Postgres's pg_type.dat; compiled into every driver. */
enum type_oid {
	OID_BOOL = 16, OID_BYTEA = 17, OID_CHAR = 18, OID_NAME = 19,
	OID_INT8 = 20, OID_INT2 = 21, OID_INT2VECTOR = 22, OID_INT4 = 23,
	OID_REGPROC = 24, OID_TEXT = 25, OID_OID = 26, OID_TID = 27,
	OID_XID = 28, OID_CID = 29, OID_OIDVECTOR = 30, OID_JSON = 114,
	OID_XML = 142, OID_PG_NODE_TREE = 194, OID_FLOAT4 = 700,
	OID_FLOAT8 = 701, OID_UNKNOWN = 705, OID_MONEY = 790,
	OID_MACADDR = 829, OID_INET = 869, OID_CIDR = 650,
	OID_BPCHAR = 1042, OID_VARCHAR = 1043, OID_DATE = 1082,
	OID_TIME = 1083, OID_TIMESTAMP = 1114, OID_TIMESTAMPTZ = 1184,
	OID_INTERVAL = 1186, OID_TIMETZ = 1266, OID_BIT = 1560,
	OID_VARBIT = 1562, OID_NUMERIC = 1700, OID_REFCURSOR = 1790,
	OID_REGPROCEDURE = 2202, OID_REGOPER = 2203, OID_REGCLASS = 2205,
	OID_REGTYPE = 2206, OID_RECORD = 2249, OID_CSTRING = 2275,
	OID_VOID = 2278, OID_UUID = 2950, OID_JSONB = 3802,
	OID_REGNAMESPACE = 4089, OID_REGROLE = 4096, OID_REGCONFIG = 3734,
	OID_ANY = 2276, OID_ANYARRAY = 2277, OID_ANYELEMENT = 2283,
	OID_USER_FIRST = 16384,	/* enums, tables and the rest of the user's */
	/* array types */
	OID_BOOL_ARRAY = 1000, OID_BYTEA_ARRAY = 1001, OID_CHAR_ARRAY = 1002,
	OID_NAME_ARRAY = 1003, OID_INT2_ARRAY = 1005, OID_INT4_ARRAY = 1007,
	OID_TEXT_ARRAY = 1009, OID_BPCHAR_ARRAY = 1014,
	OID_VARCHAR_ARRAY = 1015, OID_INT8_ARRAY = 1016,
	OID_FLOAT4_ARRAY = 1021, OID_FLOAT8_ARRAY = 1022,
	OID_OID_ARRAY = 1028, OID_TIMESTAMP_ARRAY = 1115,
	OID_DATE_ARRAY = 1182, OID_TIME_ARRAY = 1183,
	OID_TIMESTAMPTZ_ARRAY = 1185, OID_INTERVAL_ARRAY = 1187,
	OID_NUMERIC_ARRAY = 1231, OID_CSTRING_ARRAY = 1263,
	OID_UUID_ARRAY = 2951, OID_JSON_ARRAY = 199, OID_JSONB_ARRAY = 3807,
	OID_REGCLASS_ARRAY = 2210, OID_REGTYPE_ARRAY = 2211,
	OID_REGDICTIONARY = 3769, OID_REGCOLLATION = 4191,
	OID_ACLITEM = 1033, OID_ACLITEM_ARRAY = 1034,
};

struct type {
	uint32_t oid;
	const char *name;	/* pg_type.typname: "int4", "_int4" */
	const char *sql_name;	/* format_type(): "integer", "integer[]" */
	int16_t length;		/* typlen: -1 varlena, -2 cstring */
	char kind;		/* typtype: b base, p pseudo, e enum, c, d, r */
	char category;		/* typcategory: N S B D T V A ... */
	bool preferred;		/* typispreferred */
	uint32_t element;	/* of an array type, else 0 */
	uint32_t array;		/* its array type, or 0 */
};

/* Built-in types only; NULL for the user's own. Names are pg_type names and
 * SQL spellings alike ("int", "integer", "int4", "character varying"). As in
 * a parsed statement, char without more is the one-byte type "char"; SQL's
 * CHAR is "character" or "bpchar". */
const struct type *type_by_oid(uint32_t oid);
const struct type *type_by_name(struct slice name);
size_t type_count(void);
const struct type *type_at(size_t index);	/* in OID order */

/* The element type of an array type, the user's included (`settings` may be
 * NULL); 0: not an array. */
struct type_settings;
uint32_t type_element_of(uint32_t oid, const struct type_settings *);

/* What format_type() prints: "character varying(20)", "numeric(10,2)",
 * "timestamp(3) with time zone", "integer[]". NULL for unknown OIDs. */
const char *type_format(struct arena *, uint32_t oid, int32_t typmod);

/* What regtype prints and messages say: "character", "bit". NULL likewise. */
const char *type_text_plain(uint32_t oid);

enum value_kind {
	VALUE_NULL,
	VALUE_INTEGER,
	VALUE_REAL,
	VALUE_TEXT,
	VALUE_BLOB,
};

struct value {
	enum value_kind kind;
	int64_t integer;
	double real;
	struct slice bytes;	/* text and blob; borrowed */
};

/* Where other time zones come from: values may name one. */
struct zone_source {
	/* NULL: there is no such zone. The zone lives as long as the source;
	 * `name` is not trusted. */
	const struct time_zone *(*find)(struct zone_source *,
					struct slice name);
};

/* What the types cannot know of the schema. Any member may be NULL. */
struct type_names {
	/* The name that regclass, regtype and their kin print for an OID;
	 * false: none is known, the number is printed. */
	bool (*print)(const struct type_names *, uint32_t type, uint32_t oid,
		      struct buffer *out);
	/* The reverse; fills the error as Postgres would. */
	bool (*find)(const struct type_names *, uint32_t type,
		     struct slice name, uint32_t *ret_oid, struct error *);
	/* The element type of a user's array type (of an enum), else 0. */
	uint32_t (*element)(const struct type_names *, uint32_t oid);
	/* Refuses (22P02) what is not a label of a user's enum. */
	bool (*check_label)(const struct type_names *, uint32_t oid,
			    struct slice label, struct error *);
};

/* What of a session decides how values are read and printed. */
struct type_settings {
	const char *time_zone;		/* IANA name, POSIX zone or offset */
	const struct time_zone *zone;	/* the same, loaded; NULL: UTC */
	struct zone_source *zones;	/* NULL: only UTC, offsets and POSIX */
	const struct type_names *names;	/* NULL: nothing is known */
	char date_order;		/* DateStyle: 'M' MDY, 'D' DMY, 'Y' YMD */
	int64_t now_us;			/* for 'now', 'today': transaction
					   start, microseconds since
					   2000-01-01 UTC */
};

enum wire_format { WIRE_TEXT = 0, WIRE_BINARY = 1 };

/*
 * From the wire to storage: what Postgres's input (or receive) function
 * accepts, refused as it refuses (22P02, 22003, 22007, 22008, 22P03, 22001).
 * `typmod` is Postgres's encoding (-1: none): it limits as an assignment
 * cast would (varchar(n) too long: 22001; numeric rounds, 22003).
 * Unknown OIDs from OID_USER_FIRST on (enums) are taken as text.
 * ret_value may borrow from `bytes` or the arena.
 */
bool type_read(uint32_t oid, int32_t typmod, enum wire_format,
	       struct slice bytes, const struct type_settings *,
	       struct arena *, struct value *ret_value, struct error *);

/*
 * From storage to the wire, without the length word; appends to `out`.
 * A stored value that is not of the type's form (a file written by another
 * program) fails with XX000 naming value and type. NULL must not be given.
 */
bool type_write(uint32_t oid, int32_t typmod, enum wire_format,
		const struct value *, const struct type_settings *,
		struct buffer *out, struct error *);

/* A float8 (or, if `single`, float4) as Postgres prints it. */
void type_put_float(struct buffer *out, double value, bool single);

/* An address as the network it is in. */
bool type_inet_to_cidr(struct value *, struct arena *, struct error *);

/* Applies a typmod as an assignment cast (or, if `explicit_cast`, an explicit
 * one, which cuts text) would. */
bool type_coerce_length(uint32_t oid, int32_t typmod, bool explicit_cast,
			struct value *, struct arena *, struct error *);

/* Arrays, flat ones: splits the stored text form into elements in storage
 * form, and builds it. */
bool array_split(uint32_t element_oid, struct slice text, struct arena *,
		 struct value **ret_items, size_t *ret_count, struct error *);
bool array_join(uint32_t element_oid, const struct value *items, size_t count,
		struct arena *, struct slice *ret_text, struct error *);

/* The OID of the collation a type's values have by themselves; 0: none. */
uint32_t type_collation(uint32_t type);

#endif
