/*
 * Postgres's casts (pg_cast), for the types the SQLite backend stores. What is
 * not here goes through text, as in Postgres: into text types as an
 * assignment, out of them only when written.
 */
#include "protocol/dialect/cast_table.h"

/* In order of source, then target. */
static const struct cast_row cast_rows[] = {
	{ OID_BOOL, OID_INT4, 'e', 'f' },
	{ OID_BOOL, OID_TEXT, 'a', 'f' },
	{ OID_BOOL, OID_BPCHAR, 'a', 'f' },
	{ OID_BOOL, OID_VARCHAR, 'a', 'f' },
	{ OID_CHAR, OID_INT4, 'e', 'f' },
	{ OID_CHAR, OID_TEXT, 'i', 'f' },
	{ OID_CHAR, OID_BPCHAR, 'a', 'f' },
	{ OID_CHAR, OID_VARCHAR, 'a', 'f' },
	{ OID_NAME, OID_TEXT, 'i', 'f' },
	{ OID_NAME, OID_BPCHAR, 'a', 'f' },
	{ OID_NAME, OID_VARCHAR, 'a', 'f' },
	{ OID_INT8, OID_INT2, 'a', 'f' },
	{ OID_INT8, OID_INT4, 'a', 'f' },
	{ OID_INT8, OID_REGPROC, 'i', 'f' },
	{ OID_INT8, OID_OID, 'i', 'f' },
	{ OID_INT8, OID_FLOAT4, 'i', 'f' },
	{ OID_INT8, OID_FLOAT8, 'i', 'f' },
	{ OID_INT8, OID_MONEY, 'a', 'f' },
	{ OID_INT8, OID_BIT, 'e', 'f' },
	{ OID_INT8, OID_NUMERIC, 'i', 'f' },
	{ OID_INT8, OID_REGPROCEDURE, 'i', 'f' },
	{ OID_INT8, OID_REGOPER, 'i', 'f' },
	{ OID_INT8, OID_REGCLASS, 'i', 'f' },
	{ OID_INT8, OID_REGTYPE, 'i', 'f' },
	{ OID_INT8, OID_REGCONFIG, 'i', 'f' },
	{ OID_INT8, 3769, 'i', 'f' },
	{ OID_INT8, OID_REGNAMESPACE, 'i', 'f' },
	{ OID_INT8, OID_REGROLE, 'i', 'f' },
	{ OID_INT2, OID_INT8, 'i', 'f' },
	{ OID_INT2, OID_INT4, 'i', 'f' },
	{ OID_INT2, OID_REGPROC, 'i', 'f' },
	{ OID_INT2, OID_OID, 'i', 'f' },
	{ OID_INT2, OID_FLOAT4, 'i', 'f' },
	{ OID_INT2, OID_FLOAT8, 'i', 'f' },
	{ OID_INT2, OID_NUMERIC, 'i', 'f' },
	{ OID_INT2, OID_REGPROCEDURE, 'i', 'f' },
	{ OID_INT2, OID_REGOPER, 'i', 'f' },
	{ OID_INT2, OID_REGCLASS, 'i', 'f' },
	{ OID_INT2, OID_REGTYPE, 'i', 'f' },
	{ OID_INT2, OID_REGCONFIG, 'i', 'f' },
	{ OID_INT2, 3769, 'i', 'f' },
	{ OID_INT2, OID_REGNAMESPACE, 'i', 'f' },
	{ OID_INT2, OID_REGROLE, 'i', 'f' },
	{ OID_INT4, OID_BOOL, 'e', 'f' },
	{ OID_INT4, OID_CHAR, 'e', 'f' },
	{ OID_INT4, OID_INT8, 'i', 'f' },
	{ OID_INT4, OID_INT2, 'a', 'f' },
	{ OID_INT4, OID_REGPROC, 'i', 'b' },
	{ OID_INT4, OID_OID, 'i', 'b' },
	{ OID_INT4, OID_FLOAT4, 'i', 'f' },
	{ OID_INT4, OID_FLOAT8, 'i', 'f' },
	{ OID_INT4, OID_MONEY, 'a', 'f' },
	{ OID_INT4, OID_BIT, 'e', 'f' },
	{ OID_INT4, OID_NUMERIC, 'i', 'f' },
	{ OID_INT4, OID_REGPROCEDURE, 'i', 'b' },
	{ OID_INT4, OID_REGOPER, 'i', 'b' },
	{ OID_INT4, OID_REGCLASS, 'i', 'b' },
	{ OID_INT4, OID_REGTYPE, 'i', 'b' },
	{ OID_INT4, OID_REGCONFIG, 'i', 'b' },
	{ OID_INT4, 3769, 'i', 'b' },
	{ OID_INT4, OID_REGNAMESPACE, 'i', 'b' },
	{ OID_INT4, OID_REGROLE, 'i', 'b' },
	{ OID_REGPROC, OID_INT8, 'a', 'f' },
	{ OID_REGPROC, OID_INT4, 'a', 'b' },
	{ OID_REGPROC, OID_OID, 'i', 'b' },
	{ OID_REGPROC, OID_REGPROCEDURE, 'i', 'b' },
	{ OID_TEXT, OID_CHAR, 'a', 'f' },
	{ OID_TEXT, OID_NAME, 'i', 'f' },
	{ OID_TEXT, OID_XML, 'e', 'f' },
	{ OID_TEXT, OID_BPCHAR, 'i', 'b' },
	{ OID_TEXT, OID_VARCHAR, 'i', 'b' },
	{ OID_TEXT, OID_REGCLASS, 'i', 'f' },
	{ OID_OID, OID_INT8, 'a', 'f' },
	{ OID_OID, OID_INT4, 'a', 'b' },
	{ OID_OID, OID_REGPROC, 'i', 'b' },
	{ OID_OID, OID_REGPROCEDURE, 'i', 'b' },
	{ OID_OID, OID_REGOPER, 'i', 'b' },
	{ OID_OID, OID_REGCLASS, 'i', 'b' },
	{ OID_OID, OID_REGTYPE, 'i', 'b' },
	{ OID_OID, OID_REGCONFIG, 'i', 'b' },
	{ OID_OID, 3769, 'i', 'b' },
	{ OID_OID, OID_REGNAMESPACE, 'i', 'b' },
	{ OID_OID, OID_REGROLE, 'i', 'b' },
	{ OID_JSON, OID_JSONB, 'a', 'i' },
	{ OID_XML, OID_TEXT, 'a', 'b' },
	{ OID_XML, OID_BPCHAR, 'a', 'b' },
	{ OID_XML, OID_VARCHAR, 'a', 'b' },
	{ OID_PG_NODE_TREE, OID_TEXT, 'i', 'b' },
	{ OID_CIDR, OID_TEXT, 'a', 'f' },
	{ OID_CIDR, OID_INET, 'i', 'b' },
	{ OID_CIDR, OID_BPCHAR, 'a', 'f' },
	{ OID_CIDR, OID_VARCHAR, 'a', 'f' },
	{ OID_FLOAT4, OID_INT8, 'a', 'f' },
	{ OID_FLOAT4, OID_INT2, 'a', 'f' },
	{ OID_FLOAT4, OID_INT4, 'a', 'f' },
	{ OID_FLOAT4, OID_FLOAT8, 'i', 'f' },
	{ OID_FLOAT4, OID_NUMERIC, 'a', 'f' },
	{ OID_FLOAT8, OID_INT8, 'a', 'f' },
	{ OID_FLOAT8, OID_INT2, 'a', 'f' },
	{ OID_FLOAT8, OID_INT4, 'a', 'f' },
	{ OID_FLOAT8, OID_FLOAT4, 'a', 'f' },
	{ OID_FLOAT8, OID_NUMERIC, 'a', 'f' },
	{ OID_MONEY, OID_NUMERIC, 'a', 'f' },
	{ OID_INET, OID_TEXT, 'a', 'f' },
	{ OID_INET, OID_CIDR, 'a', 'f' },
	{ OID_INET, OID_BPCHAR, 'a', 'f' },
	{ OID_INET, OID_VARCHAR, 'a', 'f' },
	{ OID_BPCHAR, OID_CHAR, 'a', 'f' },
	{ OID_BPCHAR, OID_NAME, 'i', 'f' },
	{ OID_BPCHAR, OID_TEXT, 'i', 'f' },
	{ OID_BPCHAR, OID_XML, 'e', 'f' },
	{ OID_BPCHAR, OID_BPCHAR, 'i', 'f' },
	{ OID_BPCHAR, OID_VARCHAR, 'i', 'f' },
	{ OID_VARCHAR, OID_CHAR, 'a', 'f' },
	{ OID_VARCHAR, OID_NAME, 'i', 'f' },
	{ OID_VARCHAR, OID_TEXT, 'i', 'b' },
	{ OID_VARCHAR, OID_XML, 'e', 'f' },
	{ OID_VARCHAR, OID_BPCHAR, 'i', 'b' },
	{ OID_VARCHAR, OID_VARCHAR, 'i', 'f' },
	{ OID_VARCHAR, OID_REGCLASS, 'i', 'f' },
	{ OID_DATE, OID_TIMESTAMP, 'i', 'f' },
	{ OID_DATE, OID_TIMESTAMPTZ, 'i', 'f' },
	{ OID_TIME, OID_TIME, 'i', 'f' },
	{ OID_TIME, OID_INTERVAL, 'i', 'f' },
	{ OID_TIME, OID_TIMETZ, 'i', 'f' },
	{ OID_TIMESTAMP, OID_DATE, 'a', 'f' },
	{ OID_TIMESTAMP, OID_TIME, 'a', 'f' },
	{ OID_TIMESTAMP, OID_TIMESTAMP, 'i', 'f' },
	{ OID_TIMESTAMP, OID_TIMESTAMPTZ, 'i', 'f' },
	{ OID_TIMESTAMPTZ, OID_DATE, 'a', 'f' },
	{ OID_TIMESTAMPTZ, OID_TIME, 'a', 'f' },
	{ OID_TIMESTAMPTZ, OID_TIMESTAMP, 'a', 'f' },
	{ OID_TIMESTAMPTZ, OID_TIMESTAMPTZ, 'i', 'f' },
	{ OID_TIMESTAMPTZ, OID_TIMETZ, 'a', 'f' },
	{ OID_INTERVAL, OID_TIME, 'a', 'f' },
	{ OID_INTERVAL, OID_INTERVAL, 'i', 'f' },
	{ OID_TIMETZ, OID_TIME, 'a', 'f' },
	{ OID_TIMETZ, OID_TIMETZ, 'i', 'f' },
	{ OID_BIT, OID_INT8, 'e', 'f' },
	{ OID_BIT, OID_INT4, 'e', 'f' },
	{ OID_BIT, OID_BIT, 'i', 'f' },
	{ OID_BIT, OID_VARBIT, 'i', 'b' },
	{ OID_VARBIT, OID_BIT, 'i', 'b' },
	{ OID_VARBIT, OID_VARBIT, 'i', 'f' },
	{ OID_NUMERIC, OID_INT8, 'a', 'f' },
	{ OID_NUMERIC, OID_INT2, 'a', 'f' },
	{ OID_NUMERIC, OID_INT4, 'a', 'f' },
	{ OID_NUMERIC, OID_FLOAT4, 'i', 'f' },
	{ OID_NUMERIC, OID_FLOAT8, 'i', 'f' },
	{ OID_NUMERIC, OID_MONEY, 'a', 'f' },
	{ OID_NUMERIC, OID_NUMERIC, 'i', 'f' },
	{ OID_REGPROCEDURE, OID_INT8, 'a', 'f' },
	{ OID_REGPROCEDURE, OID_INT4, 'a', 'b' },
	{ OID_REGPROCEDURE, OID_REGPROC, 'i', 'b' },
	{ OID_REGPROCEDURE, OID_OID, 'i', 'b' },
	{ OID_REGOPER, OID_INT8, 'a', 'f' },
	{ OID_REGOPER, OID_INT4, 'a', 'b' },
	{ OID_REGOPER, OID_OID, 'i', 'b' },
	{ OID_REGCLASS, OID_INT8, 'a', 'f' },
	{ OID_REGCLASS, OID_INT4, 'a', 'b' },
	{ OID_REGCLASS, OID_OID, 'i', 'b' },
	{ OID_REGTYPE, OID_INT8, 'a', 'f' },
	{ OID_REGTYPE, OID_INT4, 'a', 'b' },
	{ OID_REGTYPE, OID_OID, 'i', 'b' },
	{ OID_REGCONFIG, OID_INT8, 'a', 'f' },
	{ OID_REGCONFIG, OID_INT4, 'a', 'b' },
	{ OID_REGCONFIG, OID_OID, 'i', 'b' },
	{ 3769, OID_INT8, 'a', 'f' },
	{ 3769, OID_INT4, 'a', 'b' },
	{ 3769, OID_OID, 'i', 'b' },
	{ OID_JSONB, OID_BOOL, 'e', 'f' },
	{ OID_JSONB, OID_INT8, 'e', 'f' },
	{ OID_JSONB, OID_INT2, 'e', 'f' },
	{ OID_JSONB, OID_INT4, 'e', 'f' },
	{ OID_JSONB, OID_JSON, 'a', 'i' },
	{ OID_JSONB, OID_FLOAT4, 'e', 'f' },
	{ OID_JSONB, OID_FLOAT8, 'e', 'f' },
	{ OID_JSONB, OID_NUMERIC, 'e', 'f' },
	{ OID_REGNAMESPACE, OID_INT8, 'a', 'f' },
	{ OID_REGNAMESPACE, OID_INT4, 'a', 'b' },
	{ OID_REGNAMESPACE, OID_OID, 'i', 'b' },
	{ OID_REGROLE, OID_INT8, 'a', 'f' },
	{ OID_REGROLE, OID_INT4, 'a', 'b' },
	{ OID_REGROLE, OID_OID, 'i', 'b' },
};

#define CASTS (sizeof(cast_rows) / sizeof(cast_rows[0]))

static int compare(uint32_t source, uint32_t target, const struct cast_row *row)
{
	if (source != row->source)
		return source < row->source ? -1 : 1;
	if (target != row->target)
		return target < row->target ? -1 : 1;
	return 0;
}

const struct cast_row *cast_find(uint32_t source, uint32_t target)
{
	size_t low = 0;
	size_t high = CASTS;

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = compare(source, target, &cast_rows[middle]);

		if (order == 0)
			return &cast_rows[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

const struct cast_row *cast_at(size_t index)
{
	return index < CASTS ? &cast_rows[index] : NULL;
}
