/*
 * The orders of types whose stored text sorts otherwise: jsonb, times with a
 * zone, network addresses, arrays. Their collations are called pg_order_ and
 * the type's OID; SQLite asks for one when a statement first names it.
 */
#include "pool/sqlite/function_array.h"

#include <stdlib.h>

#include "pool/sqlite/json.h"
#include "protocol/datetime.h"
#include "protocol/numeric.h"

#define PREFIX "pg_order_"

/* --- comparing -------------------------------------------------------------- */

int compare_bytes(struct slice a, struct slice b)
{
	size_t common = a.length < b.length ? a.length : b.length;
	int order = common ? memcmp(a.at, b.at, common) : 0;

	if (order)
		return order < 0 ? -1 : 1;
	return (a.length > b.length) - (a.length < b.length);
}

static int compare_labels(const struct schema_enum *labels, struct slice a,
			  struct slice b)
{
	int left = 0, right = 0;

	for (int i = 0; i < labels->label_count; i++) {
		if (slice_is(a, labels->labels[i]))
			left = i;
		if (slice_is(b, labels->labels[i]))
			right = i;
	}
	return (left > right) - (left < right);
}

static struct slice without_blanks(struct slice text)
{
	while (text.length && text.at[text.length - 1] == ' ')
		text.length--;
	return text;
}

static int compare_jsonb(struct call *call, struct slice a, struct slice b)
{
	struct json *left = json_parse(a, call->scratch, call->error);
	struct json *right = json_parse(b, call->scratch, call->error);

	return left && right ? json_compare(left, right, call->scratch)
			     : compare_bytes(a, b);
}

/* By moment, then by zone. */
static int compare_timetz(struct slice a, struct slice b)
{
	struct timetz x, y;

	if (!timetz_from_storage(a, &x) || !timetz_from_storage(b, &y))
		return compare_bytes(a, b);
	return timetz_compare(x, y);
}

/* Of the first `bits` bits. */
static int compare_bits(const uint8_t *a, const uint8_t *b, int bits)
{
	int order = memcmp(a, b, (size_t)bits / 8);
	int rest = bits % 8, mask = 0xff << (8 - rest);

	if (order || !rest)
		return order;
	return (a[bits / 8] & mask) - (b[bits / 8] & mask);
}

/* Addresses as on the wire: family, bits, whether cidr, bytes, the address.
 * First the networks' common bits, then their masks, then the hosts. */
static int compare_addresses(const uint8_t *a, const uint8_t *b)
{
	int order;

	if (a[0] != b[0])
		return a[0] - b[0];
	order = compare_bits(a + 4, b + 4, a[1] < b[1] ? a[1] : b[1]);
	if (order)
		return order;
	return a[1] != b[1] ? a[1] - b[1] : memcmp(a + 4, b + 4, a[3]);
}

static int compare_networks(struct call *call, struct slice a, struct slice b)
{
	struct value left = { .kind = VALUE_TEXT, .bytes = a };
	struct value right = { .kind = VALUE_TEXT, .bytes = b };
	struct buffer x = { 0 }, y = { 0 };
	int order;

	if (type_write(OID_INET, -1, WIRE_BINARY, &left, &stored_settings, &x,
		       call->error) &&
	    type_write(OID_INET, -1, WIRE_BINARY, &right, &stored_settings, &y,
		       call->error))
		order = compare_addresses(x.bytes, y.bytes);
	else
		order = compare_bytes(a, b);
	buffer_fini(&x);
	buffer_fini(&y);
	return (order > 0) - (order < 0);
}

int compare_texts(struct call *call, uint32_t type, struct slice a,
			 struct slice b)
{
	const struct schema_enum *labels = NULL;
	uint32_t element;

	switch (type) {
	case OID_NUMERIC:
		return numeric_text_compare(a, b);
	case OID_INTERVAL:
		return compare_intervals(a, b);
	case OID_JSONB:
		return compare_jsonb(call, a, b);
	case OID_TIMETZ:
		return compare_timetz(a, b);
	case OID_INET:
	case OID_CIDR:
		return compare_networks(call, a, b);
	case OID_BPCHAR:
		return compare_bytes(without_blanks(a), without_blanks(b));
	}
	element = array_element_type(call, type);
	if (element)
		return compare_arrays(call, element, a, b);
	if (type >= OID_USER_FIRST && call->context->schema)
		labels = schema_enum_by_oid(call->context->schema, type);
	return labels ? compare_labels(labels, a, b) : compare_bytes(a, b);
}

static double real_of(const struct value *value)
{
	return value->kind == VALUE_REAL      ? value->real
	       : value->kind == VALUE_INTEGER ? (double)value->integer
					      : NAN;
}

int compare_values(struct call *call, uint32_t type, const struct value *a,
		   const struct value *b)
{
	double x, y;

	if (a->kind == VALUE_NULL || b->kind == VALUE_NULL)
		return (a->kind == VALUE_NULL) - (b->kind == VALUE_NULL);
	if (a->kind == VALUE_INTEGER && b->kind == VALUE_INTEGER)
		return (a->integer > b->integer) - (a->integer < b->integer);
	if (type != OID_FLOAT4 && type != OID_FLOAT8)
		return compare_texts(call, type, a->bytes, b->bytes);
	x = real_of(a);
	y = real_of(b);
	if (isnan(x) || isnan(y))
		return isnan(x) - isnan(y);
	return (x > y) - (x < y);
}

/* pg_timetz_cmp(a, b) */
static bool compare_times(struct call *call)
{
	return give_integer(call, compare_timetz(call_text(call, 0),
						 call_text(call, 1)));
}

/* --- the collations ----------------------------------------------------------- */

struct order {
	struct functions *functions;
	struct arena scratch;	/* of one comparison */
	uint32_t type;
};

static void order_free(void *context)
{
	struct order *order = context;

	functions_unref(order->functions);
	arena_fini(&order->scratch);
	free(order);
}

static int collate(void *context, int length_a, const void *a, int length_b,
		   const void *b)
{
	struct order *order = context;
	struct error error = { 0 };
	struct call call = {
		.context = order->functions->context,
		.functions = order->functions,
		.scratch = &order->scratch,
		.error = &error,
	};
	int result;

	/* Sorts meet the same again and again, and reading costs. */
	if (length_a == length_b && memcmp(a, b, (size_t)length_a) == 0)
		return 0;
	result = compare_texts(&call, order->type,
			       slice_make(a, (size_t)length_a),
			       slice_make(b, (size_t)length_b));
	arena_reset(&order->scratch);
	return result;
}

static void make_collation(void *context, sqlite3 *db, int encoding,
			   const char *name)
{
	struct order *order;

	if (strncmp(name, PREFIX, strlen(PREFIX)) != 0)
		return;
	order = must_alloc(sizeof(*order));
	order->functions = functions_ref(context);
	order->type = (uint32_t)strtoul(name + strlen(PREFIX), NULL, 10);
	if (sqlite3_create_collation_v2(db, name, SQLITE_UTF8, order, collate,
					order_free) != SQLITE_OK)
		order_free(order);
}

static const struct function_row rows[] = {
	{ "pg_timetz_cmp", 2, 0, compare_times, 0 },
	{ 0 },
};

/* SQLite keeps no reference: the functions live as long as the connection,
 * for it knows each of them. */
int functions_order(sqlite3 *db, struct functions *functions)
{
	int rc = functions_add(db, functions, rows);

	return rc == SQLITE_OK
		       ? sqlite3_collation_needed(db, functions, make_collation)
		       : rc;
}
