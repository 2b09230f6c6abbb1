/*
 * ALTER TABLE while it is compiled: what its files share. The commands change
 * `next`, a copy of the table; `fill` says what becomes of the rows.
 *
 * A file that includes this includes protocol/sql_nodes.h first.
 */
#ifndef WEIR_PROTOCOL_DIALECT_DDL_ALTER_H
#define WEIR_PROTOCOL_DIALECT_DDL_ALTER_H

#include "protocol/dialect/ddl_state.h"
#include "protocol/dialect/ddl_text.h"

struct AlterTableCmd;

struct alter {
	struct ddl *ddl;
	const struct schema_table *old;
	struct schema_table *next;
	const char **fill;	/* by column of next */
	bool changed;
};

/* ddl_alter_column.c: 42703 where there is none. */
struct schema_column *alter_find_column(struct alter *, const char *name);
/* Whether a kept expression (NULL: no) names the column. */
bool alter_text_uses(const char *text, const char *name);

/* The commands that change a column. */
/* Rows that are there are asked for the column's domain, as others are. */
bool alter_fill_domain(struct alter *, const struct schema_column *);
bool alter_set_type(struct alter *, struct AlterTableCmd *);
bool alter_set_default(struct alter *, struct AlterTableCmd *);
bool alter_set_not_null(struct alter *, struct AlterTableCmd *, bool not_null);
bool alter_add_identity(struct alter *, struct AlterTableCmd *);
bool alter_drop_identity(struct alter *, struct AlterTableCmd *);
bool alter_set_identity(struct alter *, struct AlterTableCmd *);

#endif
