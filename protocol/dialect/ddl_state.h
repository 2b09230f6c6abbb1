/*
 * DDL while it is compiled; what the ddl_*.c files share. A statement becomes
 * steps: SQLite's own DDL, and the rows of the _weir_ tables that say what
 * SQLite cannot (schema_facts.h). Whatever changes a table makes the table as
 * it shall be, a struct schema_table, and prints that.
 *
 * A file that includes this includes protocol/sql_nodes.h first.
 */
#ifndef WEIR_PROTOCOL_DIALECT_DDL_STATE_H
#define WEIR_PROTOCOL_DIALECT_DDL_STATE_H

#include "protocol/dialect/compile_state.h"
#include "protocol/dialect/schema_facts.h"
#include "protocol/dialect/schema_name.h"

#define DDL_COLUMNS_MAX 1600	/* Postgres's limit */

#ifndef RELPERSISTENCE_TEMP	/* catalog/pg_class.h */
#define RELPERSISTENCE_TEMP 't'
#endif

struct ddl {
	struct compile_state *state;
	const struct schema *schema;
	struct arena *arena;
	struct error *error;
	struct compiled *compiled;
	int step_capacity;
	struct compiled_notice *notices;
	int notice_count, notice_capacity;
	const char *cascaded;	/* what goes along, a line each; or NULL */
	int cascade_count;
	uint32_t *losers;	/* of compiled */
	uint32_t *reshaped;	/* of compiled */
	int reshaped_capacity;
	int loser_capacity;
	uint32_t next_oid;
	const char **taken;	/* names given by this statement already */
	int taken_count, taken_capacity;
	const char **freed;	/* and names that it gave up */
	int freed_count, freed_capacity;
	bool temp_ready;
};

/* ddl.c */
void ddl_step(struct ddl *, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* The statement does more to the table than to add to it: not while a key of
 * its waits. */
void ddl_reshapes(struct ddl *, const char *what, const struct schema_table *);
/* The statement fails with `error` (copied; NULL: SQLite's own) if the text
 * breaks a constraint, or finds a row: a text in its first column is then the
 * error's detail. */
void ddl_refuse_if(struct ddl *, const struct error *error,
		   const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void ddl_notice(struct ddl *, const char *sqlstate, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* What goes along, as "view v": told in one notice at the end. */
void ddl_cascade(struct ddl *, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Something of a table goes along that stays itself. */
void ddl_cascade_of(struct ddl *, const struct schema_table *,
		    const char *format, ...)
	__attribute__((format(printf, 3, 4)));
const char *ddl_object_words(int object_type);	/* "TABLE" */
bool ddl_unsupported(struct ddl *, const char *what);	/* 0A000; false */
uint32_t ddl_oid(struct ddl *);
const char *ddl_text_or_null(struct ddl *, const char *text);
/* The schema a new object goes to; fills 3F000 and the like. */
bool ddl_target_schema(struct ddl *, const struct RangeVar *,
		       const char **ret_schema);
/* Whether a relation of the name is there (or made by this statement). */
bool ddl_name_taken(struct ddl *, const char *schema, const char *name);
/* SQLite takes names for the same that differ in case only: 0A000. */
bool ddl_check_case(struct ddl *, const char *schema, const char *name);
/* Of the table's columns; `except`, which may be NULL, is not looked at. */
bool ddl_check_column_case(struct ddl *, const struct schema_table *,
			   const char *name,
			   const struct schema_column *except);
void ddl_take_name(struct ddl *, const char *name);
void ddl_free_name(struct ddl *, const char *name);
/* "t_a_key": Postgres's makeObjectName() and its counting up. */
const char *ddl_choose_name(struct ddl *, const char *schema,
			    const struct schema_table *, const char *first,
			    const char *second, const char *label);
/* The user's type of that name, one of the two. False: 42704, or 3F000. */
bool ddl_find_type(struct ddl *, struct List *names,
		   const struct schema_enum **ret_enum,
		   const struct schema_domain **ret_domain);
/* The texts that name the type name it so from now on. */
bool ddl_type_renamed(struct ddl *, const struct schema_enum *,
		      const char *schema, const char *name);
/* Whether a schema has the name for a type, a table's row type included. */
bool ddl_type_taken(struct ddl *, const char *schema, const char *name);
/* Temporary objects need the _weir_ tables in temp. */
void ddl_prepare_temp(struct ddl *);
const char *ddl_database(const char *schema);	/* "main" or "temp" */
/* "table", "view", "materialized view" */
const char *ddl_kind_word(const struct schema_table *);
/* The table a statement changes: 42P01, 42809 for views, 42501 for the
 * catalogs. With missing_ok: NULL and a notice. */
const struct schema_table *ddl_find_table(struct ddl *,
					  const struct RangeVar *,
					  const char *kind, bool missing_ok,
					  bool *ret_failed);
void *ddl_grow(struct ddl *, void *items, int count, int *capacity,
	       size_t size);

/* ddl_facts.c: rows of the _weir_ tables */
void facts_write_table(struct ddl *, const struct schema_table *);
void facts_write_columns(struct ddl *, const struct schema_table *);
void facts_write_constraints(struct ddl *, const struct schema_table *);
void facts_write_indexes(struct ddl *, const struct schema_table *);
void facts_write_object(struct ddl *, const char *schema, uint32_t oid,
			const char *kind, const char *name,
			uint32_t row_type, uint32_t array_type,
			const char *text, const char *comment);
void facts_write_sequence(struct ddl *, const struct schema_sequence *,
			  uint32_t owner_table);
void facts_remove_table(struct ddl *, const struct schema_table *);
/* What `weir adopt` has declared for a table: forgotten, or kept under the
 * new name of the table (column NULL) or of a column. */
void facts_forget_declared(struct ddl *, const struct schema_table *);
void facts_rename_declared(struct ddl *, const struct schema_table *,
			   const char *column, const char *name);
void facts_remove_sequence(struct ddl *, const struct schema_sequence *);

/* ddl_lite.c: the table inside SQLite */
/* CREATE TABLE's text; `keys_only`: without NOT NULL, CHECK and foreign
 * keys, to copy rows into before they are checked. `database` NULL: as
 * sqlite_schema holds it. NULL: failed. */
const char *lite_table_sql(struct ddl *, const struct schema_table *,
			   const char *database, const char *lite_name,
			   bool keys_only);
/* What the keys of a type are compared by, " COLLATE x" or "". */
const char *lite_key_collation(struct ddl *, uint32_t type);
/* A kept Postgres expression, compiled. NULL: failed. */
const char *lite_expression(struct ddl *, const char *text,
			    const struct schema_table *, uint32_t type,
			    int32_t typmod, const char *what);
/* What type it has. */
bool lite_expression_type(struct ddl *, const char *text,
			  const struct schema_table *, uint32_t *ret_type);
/* Puts a new text in place of the table's in sqlite_schema. */
bool lite_edit_table(struct ddl *, const struct schema_table *);

/* ddl_lite_index.c: what of an index SQLite has apart from the table, if
 * anything. */
/* The error of rows that do not keep a key. */
void lite_not_unique(const struct schema_table *, const char *name,
		     struct error *);
bool lite_make_index(struct ddl *, const struct schema_table *,
		     const struct schema_index *);
bool lite_make_indexes(struct ddl *, const struct schema_table *);
void lite_drop_index(struct ddl *, const struct schema_table *,
		     const struct schema_index *);

/* ddl_table.c: the parts of tables */
/* A copy that can be changed, with room for `more` of each kind. */
struct schema_table *table_copy(struct ddl *, const struct schema_table *,
				int more);
bool table_add_column(struct ddl *, struct schema_table *, struct ColumnDef *);
/* Constraints of a column definition, and of the table. Foreign keys and
 * checks need all columns: call in a second round. */
bool table_add_constraint(struct ddl *, struct schema_table *,
			  struct Constraint *, struct ColumnDef *column);
/* DEFERRABLE and its kin are nodes of their own behind their constraint. */
bool table_fold_attributes(struct ddl *, struct List *constraints);
void table_drop_constraint(struct schema_table *, int index);
void table_drop_index(struct schema_table *, int index);
struct schema_index *table_new_index(struct ddl *, struct schema_table *,
				     int columns);
bool table_set_default(struct ddl *, struct schema_table *,
		       struct schema_column *, struct Node *expression);
struct schema_table *table_new(struct ddl *, const char *schema,
			       const char *name, int room);
/* SQLite's table and all its facts. */
/* ddl_like.c: (LIKE other INCLUDING ...) */
bool ddl_copy_like(struct ddl *, struct schema_table *,
		   struct TableLikeClause *);
/* ON COMMIT of CREATE TABLE, an enum OnCommitAction. */
bool table_set_on_commit(struct ddl *, struct schema_table *, int action);
bool table_emit(struct ddl *, const struct schema_table *);
/* Whether the relation is there already; with IF NOT EXISTS a notice. */
bool ddl_check_exists(struct ddl *, const char *schema, const char *name,
		      bool if_not_exists, bool *ret_exists);
bool ddl_create_table(struct ddl *, struct CreateStmt *);

/* ddl_table_as.c: `text` is the statement's */
bool ddl_create_table_as(struct ddl *, struct CreateTableAsStmt *,
			 struct slice text);
bool ddl_select_into(struct ddl *, struct SelectStmt *);
bool ddl_refresh(struct ddl *, struct RefreshMatViewStmt *);

/* ddl_sequence.c */
/* Makes the sequence of a serial or identity column; *ret_name is its name. */
bool sequence_for_column(struct ddl *, struct schema_table *,
			 struct schema_column *, struct List *options,
			 bool identity);
/* Changes it by the options; NULL: it is not in the schema yet. */
bool sequence_alter(struct ddl *, const struct schema_sequence *,
		    struct List *options);
bool ddl_create_sequence(struct ddl *, struct CreateSeqStmt *);
bool ddl_alter_sequence(struct ddl *, struct AlterSeqStmt *);
/* The defaults that name the sequence name it so from now on; those of the
 * table that is being changed (or NULL) are its caller's to write. */
bool sequence_renamed(struct ddl *, const struct schema_sequence *,
		      const char *schema, const char *name,
		      struct schema_table *changing);
void sequence_drop_owned(struct ddl *, const struct schema_table *,
			 const char *column);

/* ddl_owner.c */
bool ddl_check_role(struct ddl *, const struct RoleSpec *);	/* 42704 */
bool ddl_alter_owner(struct ddl *, struct AlterOwnerStmt *);
/* ALTER TABLE and its kin of an index, a sequence or a view: owners, storage
 * parameters and the like. */
bool ddl_alter_other(struct ddl *, struct AlterTableStmt *);

bool ddl_set_schema(struct ddl *, struct AlterObjectSchemaStmt *);

/* the rest of the statements */
bool ddl_create_index(struct ddl *, struct IndexStmt *);
/* ddl_index_option.c: WITH (...), or SET and RESET on what is there */
bool ddl_index_options(struct ddl *, struct schema_index *, struct List *,
		       bool reset);
bool ddl_alter_index_options(struct ddl *, uint32_t oid,
			     const struct AlterTableCmd *);
bool ddl_alter_table(struct ddl *, struct AlterTableStmt *);
bool ddl_rename(struct ddl *, struct RenameStmt *);
bool ddl_drop(struct ddl *, struct DropStmt *);
bool ddl_reindex(struct ddl *, struct ReindexStmt *);
/* GRANT, REVOKE, ALTER DEFAULT PRIVILEGES */
bool ddl_grant(struct ddl *, struct Node *);
bool ddl_cluster(struct ddl *, struct ClusterStmt *);
bool ddl_create_domain(struct ddl *, struct CreateDomainStmt *);
bool ddl_drop_domain(struct ddl *, struct TypeName *, bool missing_ok,
		     bool cascade);
bool ddl_create_enum(struct ddl *, struct CreateEnumStmt *);
bool ddl_alter_enum(struct ddl *, struct AlterEnumStmt *);
bool ddl_create_view(struct ddl *, struct ViewStmt *, struct slice text);
/* Gives it the name and the schema of `next`. */
bool ddl_move_view(struct ddl *, const struct schema_table *,
		   const struct schema_table *next);
/* The query in the text of a CREATE VIEW statement, without blanks around. */
const char *ddl_view_text(struct ddl *, struct slice text);
const char *ddl_trimmed(struct ddl *, struct slice text);
/* The text as it shall be kept; NULL: failed. */
const char *ddl_settle_view(struct ddl *, const char *text);
bool ddl_compile_view(struct ddl *, const char *text,
		      struct compiled_query *ret_query);
bool ddl_comment(struct ddl *, struct CommentStmt *);
bool ddl_create_schema(struct ddl *, struct CreateSchemaStmt *);
bool ddl_create_extension(struct ddl *, struct CreateExtensionStmt *);
bool ddl_drop_extension(struct ddl *, const char *name, bool missing_ok);

/* ddl_rebuild.c: from a table as it is to a table as it shall be. `fill` has
 * for each new column the SQLite expression over the old table's columns
 * that gives its value (NULL: generated). */
bool ddl_change_table(struct ddl *, const struct schema_table *old,
		      const struct schema_table *next, const char **fill);
/* Whether the view may use the column of a table it selects from. */
bool ddl_view_says(const struct schema_table *view, const char *column);
/* Whether some view selects from the table, and may use the column (NULL: any):
 * its name, or NULL. */
const char *ddl_view_on(struct ddl *, const struct schema_table *,
			const char *column);
/* Or one whose NATURAL JOIN would take in a new column. */
const char *ddl_natural_view_on(struct ddl *, const struct schema_table *);
/* The same table with rows and columns as they are, but for what the caller
 * changes in the copy: fills for ddl_change_table(). */
const char **ddl_keep_all(struct ddl *, const struct schema_table *);
/* Whether a foreign key of a table, or a view (no key), counts. */
typedef bool ddl_counts(const struct schema_table *,
			const struct schema_constraint *key, void *context);
/* What depends on a relation, as Postgres tells it: "view v depends on table
 * t", a line each, "" if nothing does. */
const char *ddl_dependents(struct ddl *, const struct schema_table *,
			   const char *what, ddl_counts *, void *context);
/* 2BP01 with those lines; false. */
bool ddl_refuse_drop(struct ddl *, const char *what, const char *lines);
bool ddl_points_to(const struct schema_constraint *,
		   const struct schema_table *);
/* Tables whose foreign keys point to `table`, one by one from *at. */
const struct schema_table *
ddl_next_child(struct ddl *, const struct schema_table *table, int *at,
	       const struct schema_constraint **ret_key);

#endif
