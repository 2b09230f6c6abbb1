/*
 * Inside sql_facts: what the table of statements and the table of functions
 * tell the builder. For files that include sql_nodes.h.
 */
#ifndef WEIR_PROTOCOL_SQL_FACTS_BUILD_H
#define WEIR_PROTOCOL_SQL_FACTS_BUILD_H

#include "protocol/sql_facts.h"

#define TARGETS_MAX 4

struct facts_builder {
	struct arena *arena;
	struct sql_facts *facts;
	struct error *error;	/* filled where they are too many */
	int deeds_max, session_deeds_max, codes_max, calls_max, operators_max,
		objects_max, withs_max;
	int statement;		/* the index being built */
	struct slice text;	/* of that statement */
	const char *command;	/* of the node being looked at, in words */
	bool nested;		/* the node is inside another statement */
	bool deferred;		/* inside PREPARE or a function */
	bool viewing;		/* a view is made of what is read */
	const List *called;	/* of a SELECT of nothing but set_config() */
	/* relations that were recorded as targets just now, so that they are
	 * not recorded as read when the walk comes by them */
	const RangeVar *targets[TARGETS_MAX];
	int target_count;
};

/* --- recording ----------------------------------------------------------- */

void add_deed(struct facts_builder *, enum deed, const char *schema,
	      const char *relation);
void add_target(struct facts_builder *, enum deed, const RangeVar *);
/* The deed that was added last is one with CASCADE, or assigns these. */
void note_cascade(struct facts_builder *, bool cascade);
void note_columns(struct facts_builder *, const char *const *columns);
void note_also(struct facts_builder *, uint32_t deeds);
void note_rebuilt(struct facts_builder *);
void note_moving(struct facts_builder *, bool moving);
/* A dotted name as a List of String: a function's; or a type's, of which most
 * are Postgres's own. */
void add_called(struct facts_builder *, const List *name);
void add_used(struct facts_builder *, const List *name);
/* One that may be a column's. */
void add_attribute(struct facts_builder *, const List *name);
void add_object(struct facts_builder *, enum object_kind, enum deed,
		const List *name, bool cascade);
/* A dotted name as a List of String: [catalog.][schema.]relation. */
void add_named(struct facts_builder *, enum deed, const List *name);
struct session_deed *add_session_deed(struct facts_builder *,
				      enum session_deed_kind,
				      const char *name);
/* A relation that is made: and whether it is a temporary one. */
void add_created(struct facts_builder *, const RangeVar *);
bool is_temporary(const RangeVar *);
void add_code(struct facts_builder *, const char *language, const char *body);
void add_forbidden(struct facts_builder *, const char *words);
struct statement_facts *current_statement(struct facts_builder *);

static inline const char *string_of(const Node *node)
{
	return node && IsA(node, String) ? ((const String *)node)->sval : NULL;
}

/* The text of a constant, or NULL if the node is none. */
const char *constant_text(const Node *);

char *lower_text(struct arena *, const char *);

/* --- the table of statements (sql_facts_table.c) -------------------------- */

enum statement_flags {
	IS_READING = 1,		/* reads only, unless something below writes */
	IS_DDL = 2,
	IS_OPAQUE = 4,
	IS_DEFERRED = 8,	/* what is inside runs later */
};

struct statement_row {
	const char *command;	/* "ALTER TABLE" */
	int flags;
	void (*record)(struct facts_builder *, Node *);	/* may be NULL */
};

/* NULL for what is no statement, or none that is listed. */
const struct statement_row *statement_row(int tag);

/* The handlers, by subject. */
void record_insert(struct facts_builder *, Node *);	/* ..._query.c */
void record_update(struct facts_builder *, Node *);
void record_delete(struct facts_builder *, Node *);
void record_merge(struct facts_builder *, Node *);
void record_select(struct facts_builder *, Node *);
void record_copy(struct facts_builder *, Node *);
void record_truncate(struct facts_builder *, Node *);
void record_lock(struct facts_builder *, Node *);
void record_create_as(struct facts_builder *, Node *);
void record_refresh(struct facts_builder *, Node *);

void record_index(struct facts_builder *, Node *);	/* ..._index.c */

void record_create(struct facts_builder *, Node *);	/* ..._ddl.c */
void record_view(struct facts_builder *, Node *);
void record_sequence(struct facts_builder *, Node *);
void record_alter_sequence(struct facts_builder *, Node *);
void record_composite(struct facts_builder *, Node *);
void record_drop(struct facts_builder *, Node *);
void record_domain(struct facts_builder *, Node *);
void record_alter_enum(struct facts_builder *, Node *);
void record_alter_domain(struct facts_builder *, Node *);
void record_alter_type(struct facts_builder *, Node *);
void record_define(struct facts_builder *, Node *);	/* ..._code.c */
void record_cast(struct facts_builder *, Node *);
void record_operator_class(struct facts_builder *, Node *);
void record_conversion(struct facts_builder *, Node *);
void record_transform(struct facts_builder *, Node *);
void record_range(struct facts_builder *, Node *);
void record_alter_table(struct facts_builder *, Node *);
void record_rename(struct facts_builder *, Node *);
void record_set_schema(struct facts_builder *, Node *);
void record_owner(struct facts_builder *, Node *);
void record_depends(struct facts_builder *, Node *);
void record_rule(struct facts_builder *, Node *);
void record_trigger(struct facts_builder *, Node *);
void record_create_policy(struct facts_builder *, Node *);
void record_alter_policy(struct facts_builder *, Node *);
void record_comment(struct facts_builder *, Node *);
void record_label(struct facts_builder *, Node *);
void record_grant(struct facts_builder *, Node *);
void record_extension_contents(struct facts_builder *, Node *);
void record_statistics(struct facts_builder *, Node *);
void record_vacuum(struct facts_builder *, Node *);
void record_cluster(struct facts_builder *, Node *);
void record_reindex(struct facts_builder *, Node *);

void record_transaction(struct facts_builder *, Node *);	/* ..._session.c */
void record_set(struct facts_builder *, Node *);
void record_prepare(struct facts_builder *, Node *);
void record_execute(struct facts_builder *, Node *);
void record_deallocate(struct facts_builder *, Node *);
void record_discard(struct facts_builder *, Node *);
void record_listen(struct facts_builder *, Node *);
void record_unlisten(struct facts_builder *, Node *);
void record_cursor(struct facts_builder *, Node *);
void record_load(struct facts_builder *, Node *);
void record_alter_role_set(struct facts_builder *, Node *);
void record_alter_database_set(struct facts_builder *, Node *);
void record_function(struct facts_builder *, Node *);
void record_alter_function(struct facts_builder *, Node *);
void record_do(struct facts_builder *, Node *);
void record_extension(struct facts_builder *, Node *);
void record_forbidden(struct facts_builder *, Node *);

/* No setting that is refused takes this value. */
bool setting_is_harmless(const char *value);
/* Whether a setting may be given this value (NULL: not a constant, or reset)
 * where tables are guarded; add_forbidden() if not. `later`: it is set for
 * sessions or functions to come. */
void check_setting(struct facts_builder *, const char *name,
		   const char *value, bool later);

/* --- the table of functions (sql_facts_function.c) ------------------------ */

enum function_kind {
	FUNCTION_UNKNOWN,
	FUNCTION_PURE,		/* leaves nothing behind */
	FUNCTION_WRITES,	/* in the transaction only: nextval */
	FUNCTION_LOCK,		/* SESSION_LOCK_CALL */
	FUNCTION_SEQUENCE,	/* SESSION_SEQUENCE_CALL */
	FUNCTION_SET_CONFIG,
	FUNCTION_SETVAL,
	FUNCTION_SEED,		/* SESSION_SEED_CALL */
	FUNCTION_TYPED,		/* makes a value of a type it is given */
	FUNCTION_DANGEROUS,	/* runs any text, reads or writes files */
};

enum function_kind function_kind(const char *schema, const char *name);
/* Whether what a call of it does is told from its arguments, or is never
 * harmless. */
bool function_is_judged_by_call(const char *schema, const char *name);
void record_call(struct facts_builder *, const FuncCall *);
/* (x).f calls f(x), where x has no column of that name; also of Postgres's
 * own functions, or makes x a value of the type f. */
void record_attributes(struct facts_builder *, const A_Indirection *);

#endif
