/* What the files for INSERT, UPDATE, DELETE and COPY share. */
#ifndef WEIR_PROTOCOL_DIALECT_DML_H
#define WEIR_PROTOCOL_DIALECT_DML_H

#include "protocol/dialect/expr.h"

struct ResTarget;

/* assign.c: one column that gets a value. */
struct assignment {
	const struct schema_column *column;
	bool partial;		/* only parts of it are assigned to */
	bool in_query;		/* "(a, b) = (SELECT ...)" has it */
	const char *part;	/* partial: the whole value with its parts, or
				   NULL as long as there is none */
	const char *value;	/* as it is stored, or NULL */
};

struct assignments {
	struct assignment *items;
	int count;
};

const struct schema_column *target_column(struct compile_state *,
					  const struct schema_table *,
					  const struct ResTarget *);
void assignments_init(struct compile_state *, struct assignments *,
		      int capacity);
/* The one of the column, made if there is none; NULL: there is one, and one
 * of the two is of the whole column. */
struct assignment *assignment_of(struct assignments *,
				 const struct schema_column *,
				 const struct ResTarget *);
/* `before` is the whole column's value where a part is assigned to. */
bool assign_target(struct compile_state *, struct scope *, struct assignment *,
		   const struct ResTarget *, const char *before,
		   struct expr *value, int location);
bool fail_part_default(struct compile_state *, int location);

/* subscript.c: the type that a part must have, and the whole column's value
 * `before` with that part changed; NULL, false: failed. */
bool part_type(struct compile_state *, const struct schema_column *,
	       const struct ResTarget *, uint32_t *ret_type);
struct expr *part_assign(struct compile_state *, struct scope *,
			 const struct schema_column *,
			 const struct ResTarget *, const char *before,
			 struct expr *value, int location);

bool has_default(const struct schema_column *);

/* "a" = ..., "b" = ... of UPDATE and ON CONFLICT DO UPDATE. */
const char *set_clause(struct compile_state *, struct scope *,
		       const struct schema_table *, struct List *targets);

/* The same one by one; NULL: failed. */
const struct assignments *set_values(struct compile_state *, struct scope *,
				     const struct schema_table *,
				     struct List *targets);

/* insert.c: what an arm of MERGE inserts, of rows of the source: the columns
 * and their values, so many. NULL: failed. */
struct MergeStmt;
struct MergeWhenClause;
const char *insert_merged(struct compile_state *, struct scope *source,
			  struct MergeStmt *, struct MergeWhenClause *,
			  const char **ret_names, int *ret_count);

/* Rows of the table are deleted (`targets` NIL), or set: notes whether the
 * order shows in which the foreign keys are followed. */
void note_key_order(struct compile_state *, const struct schema_table *,
		    struct List *targets);

/* dml_few.c: a statement that its form keeps to few rows. */
struct InsertStmt;
struct Node;
bool inserts_few(const struct InsertStmt *);
bool changes_few(const struct schema_table *, const struct Node *condition);

/* upsert.c: "" where there is none, NULL: failed. `several`: more than one
 * row may be inserted. */
const char *conflict_clause(struct compile_state *, struct scope *,
			    const struct schema_table *,
			    struct OnConflictClause *, bool several);

#endif
