#include "proxy/catalog_rows.h"

#include <stdlib.h>

#include "protocol/frame.h"
#include "protocol/message_read.h"

#define COLUMNS_MAX 12


static uint32_t oid_of(struct slice value)
{
	uint64_t oid = 0;

	for (size_t i = 0; i < value.length; i++) {
		if (value.at[i] < '0' || value.at[i] > '9')
			return 0;
		oid = oid * 10 + (uint64_t)(value.at[i] - '0');
		if (oid > UINT32_MAX)
			return 0;
	}
	return (uint32_t)oid;
}

static char letter_of(struct slice value)
{
	return value.length ? (char)value.at[0] : 0;
}

static bool is_true(struct slice value)
{
	return slice_is(value, "t");
}

static const char *text_of(struct catalog_rows *rows, struct slice value)
{
	return value.at ? arena_dup(&rows->arena, value) : NULL;
}

/* Names, one a line: catalog_sql.c gives none where one has a line end. */
static struct name *names_of(struct catalog_rows *rows, struct slice value)
{
	struct name *first = NULL;

	while (value.length) {
		const uint8_t *end = memchr(value.at, '\n', value.length);
		size_t length = end ? (size_t)(end - value.at) : value.length;
		struct name *name = arena_alloc(&rows->arena, sizeof(*name));

		name->text = arena_dup(&rows->arena,
				       slice_make(value.at, length));
		name->next = first;
		first = name;
		value.at += length + (end != NULL);
		value.length -= length + (end != NULL);
	}
	return first;
}

/* --- things ------------------------------------------------------------------ */

struct thing *catalog_rows_find(const struct catalog_rows *rows,
				enum thing_kind kind, uint32_t oid)
{
	struct thing *thing;

	HASH_FIND(hh, rows->things[kind], &oid, sizeof(oid), thing);
	return thing;
}

static struct thing *find(const struct catalog_rows *rows,
			  enum thing_kind kind, struct slice oid)
{
	return catalog_rows_find(rows, kind, oid_of(oid));
}

/* One that is there twice (in two extensions, say) counts once. */
static struct thing *add_thing(struct catalog_rows *rows, enum thing_kind kind,
			       struct slice oid, struct slice schema,
			       struct slice name)
{
	struct thing *thing = find(rows, kind, oid);

	if (thing)
		return thing;
	thing = arena_alloc(&rows->arena, sizeof(*thing));
	thing->kind = kind;
	thing->oid = oid_of(oid);
	thing->schema = text_of(rows, schema);
	thing->name = arena_dup(&rows->arena, name);
	HASH_ADD(hh, rows->things[kind], oid, sizeof(thing->oid), thing);
	return thing;
}

static void read_relation(struct catalog_rows *rows, const struct slice *v)
{
	struct thing *thing = add_thing(rows, THING_RELATION, v[1], v[2],
					v[3]);

	thing->letter = letter_of(v[4]);
	thing->guarded = v[5].at;
	thing->updatable = !slice_is(v[6], "0");
}

static void read_function(struct catalog_rows *rows, const struct slice *v)
{
	struct thing *thing = add_thing(rows, THING_FUNCTION, v[1], v[2],
					v[3]);

	thing->language = text_of(rows, v[4]);
	thing->body = text_of(rows, v[5]);
	thing->letter = letter_of(v[6]);
	thing->plain_settings = is_true(v[7]);
	thing->trusted |= is_true(v[8]);
	thing->refused |= (is_true(v[9]) ? CATALOG_ADAPT : 0) |
			  (is_true(v[10]) ? CATALOG_SINGLE : 0) |
			  (is_true(v[11]) ? CATALOG_ATTRIBUTE : 0);
}

static void read_type(struct catalog_rows *rows, const struct slice *v)
{
	add_thing(rows, THING_TYPE, v[1], v[2], v[3])->letter =
		letter_of(v[4]);
}

static void read_schema(struct catalog_rows *rows, const struct slice *v)
{
	add_thing(rows, THING_SCHEMA, v[1], slice_make(NULL, 0), v[2]);
}

static void read_extension(struct catalog_rows *rows, const struct slice *v)
{
	add_thing(rows, THING_EXTENSION, v[1], slice_make(NULL, 0), v[2]);
}

/* --- edges ------------------------------------------------------------------- */

static struct edge *add_edge(struct catalog_rows *rows, enum edge_kind kind,
			     struct thing *from, struct thing *to)
{
	struct edge *edge = arena_alloc(&rows->arena, sizeof(*edge));

	edge->from = from;
	edge->to = to;
	edge->next = rows->edges[kind];
	rows->edges[kind] = edge;
	return edge;
}

/* Where both ends are, and of which kinds. */
static struct edge *join(struct catalog_rows *rows, enum edge_kind edge,
			 enum thing_kind from, enum thing_kind to,
			 const struct slice *v)
{
	struct thing *left = find(rows, from, v[1]);
	struct thing *right = find(rows, to, v[2]);

	return left && right ? add_edge(rows, edge, left, right) : NULL;
}

static void read_operator(struct catalog_rows *rows, const struct slice *v)
{
	struct thing *operator = add_thing(rows, THING_OPERATOR, v[1], v[2],
					   v[3]);
	struct thing *function = find(rows, THING_FUNCTION, v[4]);

	operator->letter = letter_of(v[5]);
	if (function)
		add_edge(rows, EDGE_OPERATOR, operator, function);
}

static void read_inherits(struct catalog_rows *rows, const struct slice *v)
{
	struct edge *edge = join(rows, EDGE_INHERITS, THING_RELATION,
				 THING_RELATION, v);

	if (edge)
		edge->letters[0] = letter_of(v[3]);
}

static void read_view(struct catalog_rows *rows, const struct slice *v)
{
	join(rows, EDGE_VIEW, THING_RELATION, THING_RELATION, v);
}

static void read_catalog_view(struct catalog_rows *rows, const struct slice *v)
{
	struct thing *view = find(rows, THING_RELATION, v[1]);

	if (view)
		view->of_catalog = true;
}

static void read_key(struct catalog_rows *rows, const struct slice *v)
{
	struct edge *edge = join(rows, EDGE_KEY, THING_RELATION,
				 THING_RELATION, v);

	if (!edge)
		return;
	edge->name = text_of(rows, v[3]);
	edge->letters[0] = letter_of(v[4]);
	edge->letters[1] = letter_of(v[5]);
	edge->from_columns = names_of(rows, v[6]);
	edge->to_columns = names_of(rows, v[7]);
}

static void read_call(struct catalog_rows *rows, const struct slice *v)
{
	join(rows, EDGE_CALL, THING_FUNCTION, THING_FUNCTION, v);
}

static void add_use(struct catalog_rows *rows, enum thing_kind used,
		    const struct slice *v)
{
	struct edge *edge = join(rows, EDGE_USE, THING_RELATION, used, v);

	if (edge)
		edge->letters[0] = letter_of(v[3]);
}

static void read_use(struct catalog_rows *rows, const struct slice *v)
{
	add_use(rows, THING_FUNCTION, v);
}

static void read_type_use(struct catalog_rows *rows, const struct slice *v)
{
	add_use(rows, THING_TYPE, v);
}

static void add_trigger(struct catalog_rows *rows, enum thing_kind run,
			const struct slice *v)
{
	struct edge *edge = join(rows, EDGE_TRIGGER, THING_RELATION, run, v);

	if (!edge)
		return;
	edge->name = text_of(rows, v[3]);
	edge->number = oid_of(v[4]);
	edge->from_columns = names_of(rows, v[5]);
	edge->letters[1] = letter_of(v[6]);
}

static void read_trigger(struct catalog_rows *rows, const struct slice *v)
{
	add_trigger(rows, THING_FUNCTION, v);
}

/* Of Postgres's own functions there are no rows. */
static void read_mover(struct catalog_rows *rows, const struct slice *v)
{
	struct thing *relation = find(rows, THING_RELATION, v[1]);
	struct edge *edge;

	if (!relation)
		return;
	edge = add_edge(rows, EDGE_MOVE, relation,
			find(rows, THING_FUNCTION, v[2]));
	edge->name = arena_dup(&rows->arena, v[3]);
	edge->text = text_of(rows, v[4]);
	edge->from_columns = names_of(rows, v[5]);
	edge->to_columns = names_of(rows, v[6]);
}

static void read_type_trigger(struct catalog_rows *rows, const struct slice *v)
{
	add_trigger(rows, THING_TYPE, v);
}

static void read_rule(struct catalog_rows *rows, const struct slice *v)
{
	struct thing *relation = find(rows, THING_RELATION, v[1]);
	struct edge *edge;

	if (!relation)
		return;
	edge = add_edge(rows, EDGE_RULE, relation, NULL);
	edge->name = text_of(rows, v[2]);
	edge->letters[0] = letter_of(v[3]);
	edge->text = text_of(rows, v[4]);
	edge->letters[1] = letter_of(v[5]);
}

static void read_type_call(struct catalog_rows *rows, const struct slice *v)
{
	join(rows, EDGE_TYPE_CALL, THING_TYPE, THING_FUNCTION, v);
}

static void read_column(struct catalog_rows *rows, const struct slice *v)
{
	join(rows, EDGE_COLUMN, THING_RELATION, THING_TYPE, v);
}

static void read_sort(struct catalog_rows *rows, const struct slice *v)
{
	join(rows, EDGE_SORT, THING_TYPE, THING_FUNCTION, v);
}

static void read_operand(struct catalog_rows *rows, const struct slice *v)
{
	join(rows, EDGE_OPERAND, THING_TYPE, THING_OPERATOR, v);
}

static void read_value(struct catalog_rows *rows, const struct slice *v)
{
	join(rows, EDGE_VALUE, THING_FUNCTION, THING_TYPE, v);
}

static void read_content(struct catalog_rows *rows, const struct slice *v)
{
	join(rows, EDGE_CONTENT, THING_TYPE, THING_TYPE, v);
}

static struct thing *find_in_class(const struct catalog_rows *rows,
				   struct slice class, struct slice oid)
{
	static const char *const classes[THING_KINDS] = {
		[THING_RELATION] = "pg_class", [THING_FUNCTION] = "pg_proc",
		[THING_TYPE] = "pg_type", [THING_OPERATOR] = "pg_operator",
		[THING_SCHEMA] = "pg_namespace",
		[THING_EXTENSION] = "pg_extension",
	};

	for (unsigned kind = 0; kind < THING_KINDS; kind++)
		if (slice_is(class, classes[kind]))
			return find(rows, kind, oid);
	return NULL;
}

static void add_need(struct catalog_rows *rows, enum edge_kind kind,
		     const struct slice *v)
{
	struct thing *thing = find_in_class(rows, v[1], v[2]);
	struct thing *table = find(rows, THING_RELATION, v[3]);
	struct edge *edge;

	if (!thing || !table)
		return;
	edge = add_edge(rows, kind, thing, table);
	edge->text = text_of(rows, v[4]);
	edge->letters[0] = letter_of(v[5]);
}

static void read_need(struct catalog_rows *rows, const struct slice *v)
{
	add_need(rows, EDGE_NEED, v);
}

static void read_part(struct catalog_rows *rows, const struct slice *v)
{
	add_need(rows, EDGE_PART, v);
}

/* --- findings ----------------------------------------------------------------- */

/* Gravest first; those that the log would name are kept. */
static void keep_finding(struct audit_report *report, enum severity severity,
			 const struct slice *v)
{
	struct arena *arena = &report->arena;

	if (severity > SEVERITY_HIGH || report->count == AUDIT_LINES_MAX)
		return;
	if (!report->findings)
		report->findings = arena_alloc(arena, AUDIT_LINES_MAX *
					       sizeof(*report->findings));
	report->findings[report->count++] = (struct audit_finding){
		.severity = severity,
		.finding = arena_dup(arena, v[1]),
		.object = arena_dup(arena, v[2]),
		.table = arena_dup(arena, v[3]),
		.remedy = "",
	};
}

static bool read_finding(struct catalog_rows *rows, const struct slice *v,
			 unsigned count)
{
	struct audit_report *report = &rows->load->report;

	for (unsigned i = 0; i < SEVERITIES; i++) {
		if (!slice_is(v[0], severity_words[i]) || count < 4)
			continue;
		report->counts[i]++;
		keep_finding(report, i, v);
		return true;
	}
	return false;
}

/* Findings follow, be there any or none. */
static void read_findings(struct catalog_rows *rows, const struct slice *v)
{
	rows->load->findings_known = true;
}

/* --- rows --------------------------------------------------------------------- */

/* By the first column; of a finding it is the severity. */
static const struct {
	const char *tag;
	unsigned columns;
	void (*read)(struct catalog_rows *, const struct slice *values);
} kinds[] = {
	{ "relation", 7, read_relation },
	{ "inherits", 4, read_inherits },
	{ "view", 3, read_view },
	{ "catalog view", 2, read_catalog_view },
	{ "key", 8, read_key },
	{ "function", 12, read_function },
	{ "call", 3, read_call },
	{ "use", 4, read_use },
	{ "usetype", 4, read_type_use },
	{ "trigger", 7, read_trigger },
	{ "triggertype", 7, read_type_trigger },
	{ "mover", 7, read_mover },
	{ "rule", 6, read_rule },
	{ "type", 5, read_type },
	{ "typecall", 3, read_type_call },
	{ "operator", 6, read_operator },
	{ "sort", 3, read_sort },
	{ "operand", 3, read_operand },
	{ "column", 3, read_column },
	{ "value", 3, read_value },
	{ "content", 3, read_content },
	{ "schema", 3, read_schema },
	{ "extension", 3, read_extension },
	{ "need", 6, read_need },
	{ "part", 6, read_part },
	{ "findings", 1, read_findings },
};

static bool read_values(struct catalog_rows *rows, const struct slice *values,
			unsigned count)
{
	for (unsigned i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (!slice_is(values[0], kinds[i].tag))
			continue;
		if (kinds[i].columns != count)
			return false;
		kinds[i].read(rows, values);
		return true;
	}
	return read_finding(rows, values, count);
}

static bool read_one(struct catalog_rows *rows, struct slice body)
{
	struct slice values[COLUMNS_MAX];
	struct row_message row;
	unsigned count = 0;

	if (!read_row(body, &row) || row.column_count > COLUMNS_MAX ||
	    !row.column_count)
		return false;
	while (count < row.column_count && row_next(&row, &values[count]))
		count++;
	return count == row.column_count && values[0].at &&
	       read_values(rows, values, count);
}

bool catalog_rows_read(struct catalog_rows *rows, struct slice messages)
{
	struct frame frame;

	while (messages.length) {
		if (frame_read(messages, BUFFER_BYTES_MAX, &frame) !=
		    FRAME_WHOLE)
			return false;
		if (frame.type == 'D' && !read_one(rows, frame.body))
			return false;
		messages.at += frame.length;
		messages.length -= frame.length;
	}
	return rows->things[THING_SCHEMA];
}

void catalog_rows_fini(struct catalog_rows *rows)
{
	for (unsigned kind = 0; kind < THING_KINDS; kind++)
		HASH_CLEAR(hh, rows->things[kind]);
	arena_fini(&rows->arena);
}
