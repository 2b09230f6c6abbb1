/* What the files for INSERT, UPDATE, DELETE and COPY share. */
#ifndef WEIR_PROTOCOL_DIALECT_DML_H
#define WEIR_PROTOCOL_DIALECT_DML_H

#include "protocol/dialect/expr.h"

struct ResTarget;

const struct schema_column *target_column(struct compile_state *,
					  const struct schema_table *,
					  const struct ResTarget *);
bool has_default(const struct schema_column *);

/* "a" = ..., "b" = ... of UPDATE and ON CONFLICT DO UPDATE. */
const char *set_clause(struct compile_state *, struct scope *,
		       const struct schema_table *, struct List *targets);

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
