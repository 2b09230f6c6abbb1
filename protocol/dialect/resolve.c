/*
 * Overloads: which of several operators or functions of one name Postgres
 * would take for these arguments (manual, "Type Conversion"; the rules and
 * their order are func_select_candidate()'s).
 */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/expr.h"

#define ARGUMENTS_MAX 100

static bool find_elements(struct compile_state *, struct expr **arguments,
			  int count, const uint32_t *types,
			  uint32_t *ret_same, uint32_t *ret_common);

static uint32_t wanted(const struct candidate *candidate, int argument)
{
	if (argument >= candidate->count)
		argument = candidate->count - 1;
	return candidate->types[argument];
}

static bool is_preferred(uint32_t oid)
{
	const struct type *type = type_by_oid(oid);

	return type != NULL && type->preferred;
}

/* Polymorphic types must agree among themselves: text[] || text[] is not an
 * array and an element. */
static bool is_consistent(struct compile_state *state,
			  struct expr **arguments, int count,
			  const struct candidate *candidate)
{
	struct error before = *state->error;
	uint32_t types[ARGUMENTS_MAX];
	uint32_t same, common;
	bool consistent;

	for (int i = 0; i < count; i++)
		types[i] = wanted(candidate, i);
	consistent = find_elements(state, arguments, count, types, &same,
				   &common);
	*state->error = before;
	return consistent;
}

/* Unknown literals alone do not say which enum is meant. */
static bool knows_enum(struct expr **arguments, int count,
		       const struct candidate *candidate)
{
	bool wants = false;

	for (int i = 0; i < count; i++) {
		if (wanted(candidate, i) != OID_ANYENUM)
			continue;
		if (arguments[i]->type != OID_UNKNOWN)
			return true;
		wants = true;
	}
	return !wants;
}

static bool accepts(struct compile_state *state, struct expr **arguments,
		    int count, const struct candidate *candidate)
{
	bool polymorphic = false;

	if (!knows_enum(arguments, count, candidate))
		return false;
	for (int i = 0; i < count; i++) {
		if (!can_coerce(state, arguments[i]->type,
				wanted(candidate, i), 'i'))
			return false;
		polymorphic |= is_polymorphic(wanted(candidate, i));
	}
	return !polymorphic ||
	       is_consistent(state, arguments, count, candidate);
}

/* Keeps the candidates with the highest score. */
static int keep_best(struct candidate *candidates, int *indexes, int count,
		     int (*score)(struct compile_state *, struct expr **, int,
				  const struct candidate *),
		     struct compile_state *state, struct expr **arguments,
		     int argument_count)
{
	int best = -1;
	int kept = 0;

	for (int i = 0; i < count; i++) {
		int points = score(state, arguments, argument_count,
				   &candidates[indexes[i]]);

		if (points > best) {
			best = points;
			kept = 0;
		}
		if (points == best)
			indexes[kept++] = indexes[i];
	}
	return kept;
}

static int exact_matches(struct compile_state *state, struct expr **arguments,
			 int count, const struct candidate *candidate)
{
	int points = 0;

	for (int i = 0; i < count; i++)
		points += arguments[i]->type != OID_UNKNOWN &&
			  arguments[i]->type == wanted(candidate, i);
	return points;
}

static int preferred_matches(struct compile_state *state,
			     struct expr **arguments, int count,
			     const struct candidate *candidate)
{
	int points = 0;

	for (int i = 0; i < count; i++) {
		uint32_t type = wanted(candidate, i);

		if (arguments[i]->type == OID_UNKNOWN)
			continue;
		points += type == arguments[i]->type ||
			  (is_preferred(type) &&
			   type_category(state->schema, type) ==
			   type_category(state->schema, arguments[i]->type));
	}
	return points;
}

struct slot {
	char category;
	bool preferred;
};

/* The category an unknown argument would have; false: they disagree. */
static bool find_slot(struct compile_state *state,
		      struct candidate *candidates, const int *indexes,
		      int count, int argument, struct slot *slot)
{
	bool conflict = false;

	*slot = (struct slot){ 0, false };
	for (int i = 0; i < count; i++) {
		uint32_t type = wanted(&candidates[indexes[i]], argument);
		char category = type_category(state->schema, type);

		if (slot->category == 0) {
			slot->category = category;
			slot->preferred = is_preferred(type);
		} else if (slot->category == category) {
			slot->preferred |= is_preferred(type);
		} else if (category == 'S') {
			slot->category = 'S';
			slot->preferred = is_preferred(type);
		} else {
			conflict = true;
		}
	}
	return !conflict || slot->category == 'S';
}

static bool fits_slots(struct compile_state *state, struct expr **arguments,
		       int count, const struct slot *slots,
		       const struct candidate *candidate)
{
	for (int i = 0; i < count; i++) {
		uint32_t type = wanted(candidate, i);

		if (arguments[i]->type != OID_UNKNOWN)
			continue;
		if (type_category(state->schema, type) != slots[i].category ||
		    (slots[i].preferred && !is_preferred(type)))
			return false;
	}
	return true;
}

static int keep_by_category(struct compile_state *state,
			    struct expr **arguments, int argument_count,
			    struct candidate *candidates, int *indexes,
			    int count)
{
	struct slot slots[ARGUMENTS_MAX];
	int fitting[256];
	int kept = 0;

	for (int i = 0; i < argument_count; i++) {
		if (arguments[i]->type == OID_UNKNOWN &&
		    !find_slot(state, candidates, indexes, count, i, &slots[i]))
			return count;
	}
	for (int i = 0; i < count; i++) {
		if (fits_slots(state, arguments, argument_count, slots,
			       &candidates[indexes[i]]))
			fitting[kept++] = indexes[i];
	}
	if (kept == 0)
		return count;
	memcpy(indexes, fitting, sizeof(int) * (size_t)kept);
	return kept;
}

/* If all known arguments have one type, the unknown ones may as well. */
static int by_known_type(struct compile_state *state, struct expr **arguments,
			 int argument_count, struct candidate *candidates,
			 const int *indexes, int count)
{
	struct expr *same[ARGUMENTS_MAX];
	uint32_t known = OID_UNKNOWN;
	int found = -1;

	for (int i = 0; i < argument_count; i++) {
		uint32_t type = arguments[i]->type;

		if (type == OID_UNKNOWN)
			continue;
		if (known != OID_UNKNOWN && known != type)
			return -1;
		known = type;
	}
	if (known == OID_UNKNOWN)
		return -1;
	for (int i = 0; i < argument_count; i++)
		same[i] = expr_new(state, known, "");
	for (int i = 0; i < count; i++) {
		if (!accepts(state, same, argument_count,
			     &candidates[indexes[i]]))
			continue;
		if (found != -1)
			return -1;
		found = indexes[i];
	}
	return found;
}

/* The index of the one, -1: none accepts them, -2: cannot choose. */
int choose_candidate(struct compile_state *state, struct expr **arguments,
		     int argument_count, struct candidate *candidates,
		     int candidate_count)
{
	int indexes[256];
	int count = 0;
	int unknowns = 0;
	int found;

	if (argument_count > ARGUMENTS_MAX)
		argument_count = ARGUMENTS_MAX;
	for (int i = 0; i < argument_count; i++)
		unknowns += arguments[i]->type == OID_UNKNOWN;
	for (int i = 0; i < candidate_count && count < 256; i++) {
		if (accepts(state, arguments, argument_count, &candidates[i]))
			indexes[count++] = i;
	}
	if (count <= 1)
		return count == 1 ? indexes[0] : -1;
	count = keep_best(candidates, indexes, count, exact_matches, state,
			  arguments, argument_count);
	if (count == 1)
		return indexes[0];
	count = keep_best(candidates, indexes, count, preferred_matches, state,
			  arguments, argument_count);
	if (count == 1)
		return indexes[0];
	if (unknowns == 0)
		return -2;
	count = keep_by_category(state, arguments, argument_count, candidates,
				 indexes, count);
	if (count == 1)
		return indexes[0];
	found = by_known_type(state, arguments, argument_count, candidates,
			      indexes, count);
	return found >= 0 ? found : -2;
}

bool is_polymorphic(uint32_t type)
{
	switch (type) {
	case OID_ANYELEMENT: case OID_ANYARRAY: case OID_ANYNONARRAY:
	case OID_ANYENUM: case OID_ANYCOMPATIBLE: case OID_ANYCOMPATIBLEARRAY:
	case OID_ANYCOMPATIBLENONARRAY:
		return true;
	default:
		return false;
	}
}

static bool is_compatible_kind(uint32_t type)
{
	return type == OID_ANYCOMPATIBLE || type == OID_ANYCOMPATIBLEARRAY ||
	       type == OID_ANYCOMPATIBLENONARRAY;
}

static bool is_array_kind(uint32_t type)
{
	return type == OID_ANYARRAY || type == OID_ANYCOMPATIBLEARRAY;
}

/* What one argument says about the element type; 0: nothing. */
static uint32_t element_of(struct compile_state *state, uint32_t declared,
			   uint32_t actual)
{
	if (actual == OID_UNKNOWN)
		return 0;
	return is_array_kind(declared) ? type_element(state->schema, actual) :
	       actual;
}

static bool mismatch(struct compile_state *state, struct expr *argument,
		     uint32_t a, uint32_t b)
{
	compile_fail(state, argument->location, SQLSTATE_DATATYPE_MISMATCH,
		     "arguments declared \"anyelement\" are not all alike");
	error_detail(state->error, "%s versus %s", type_text(state, a, -1),
		     type_text(state, b, -1));
	return false;
}

/* The element types of the two families, from the known arguments. */
static bool find_elements(struct compile_state *state,
			  struct expr **arguments, int count,
			  const uint32_t *types, uint32_t *ret_same,
			  uint32_t *ret_common)
{
	struct expr *known[ARGUMENTS_MAX];
	int known_count = 0;
	uint32_t same = 0;

	for (int i = 0; i < count && i < ARGUMENTS_MAX; i++) {
		uint32_t element;

		if (!is_polymorphic(types[i]))
			continue;
		element = element_of(state, types[i], arguments[i]->type);
		if (element == 0)
			continue;
		if (is_compatible_kind(types[i])) {
			known[known_count] = expr_new(state, element, "");
			known[known_count++]->location =
				arguments[i]->location;
		} else if (same != 0 && same != element) {
			return mismatch(state, arguments[i], same, element);
		} else {
			same = element;
		}
	}
	*ret_same = same;
	*ret_common = 0;
	if (known_count > 0) {
		*ret_common = common_type(state, known, known_count, NULL);
		if (*ret_common == 0)
			return mismatch(state, arguments[0], known[0]->type,
					known[known_count - 1]->type);
	}
	return true;
}

static bool actual_type(struct compile_state *state, uint32_t declared,
			uint32_t same, uint32_t common, uint32_t *ret_type)
{
	uint32_t element = is_compatible_kind(declared) ? common : same;

	if (!is_polymorphic(declared)) {
		*ret_type = declared;
		return true;
	}
	if (element == 0 && is_compatible_kind(declared))
		element = OID_TEXT;
	if (element == 0)
		return compile_fail(state, -1, SQLSTATE_DATATYPE_MISMATCH,
				    "could not determine polymorphic type because input has type unknown");
	*ret_type = is_array_kind(declared) ?
		    type_array(state->schema, element) : element;
	if (*ret_type == 0)
		return compile_fail(state, -1, SQLSTATE_UNDEFINED_OBJECT,
				    "could not find array type for data type %s",
				    type_text(state, element, -1));
	return true;
}

bool resolve_polymorphic(struct compile_state *state, struct expr **arguments,
			 int count, const uint32_t *types, uint32_t result,
			 uint32_t *ret_types, uint32_t *ret_result)
{
	uint32_t same, common;

	if (!find_elements(state, arguments, count, types, &same, &common))
		return false;
	for (int i = 0; i < count; i++) {
		if (!actual_type(state, types[i], same, common, &ret_types[i]))
			return false;
	}
	return actual_type(state, result, same, common, ret_result);
}
