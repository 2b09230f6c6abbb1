/*
 * A snapshot of one SQLite file's schema, as Postgres would describe it.
 * Immutable once built; shared between threads by reference count. Built by
 * pool/sqlite/schema_load, read by the compiler and the catalogs.
 */
#ifndef WEIR_PROTOCOL_DIALECT_SCHEMA_H
#define WEIR_PROTOCOL_DIALECT_SCHEMA_H

#include <stdatomic.h>
#include <stdint.h>

#include "protocol/arena.h"
#include "protocol/foreign_value.h"

/* A column whose values are kept as another program writes them. */
struct foreign_column {
	struct foreign_form form;
	const char *table;	/* for complaints */
	const char *row;	/* what tells its rows apart, quoted, or NULL */
	bool may_be_null;	/* of a key: SQLite does not mind */
	bool plain_equal;	/* = on stored values finds the same rows */
};

struct schema_column {
	const char *name;
	uint32_t type;		/* OID */
	int32_t typmod;		/* Postgres's encoding, -1: none */
	uint32_t collation;	/* 0: its type's own */
	int16_t number;		/* its place, from 1 */
	int16_t attribute;	/* attnum: its place while columns that have
				   been dropped are counted too */
	bool not_null;
	uint32_t domain;	/* whose base type `type` is, or 0 */
	const char *domain_default;	/* the domain's own default */
	char identity;		/* 0, 'a' ALWAYS, 'd' BY DEFAULT */
	char generated;		/* 0, 's' STORED */
	const char *default_text;	/* a Postgres expression, or NULL */
	const char *sequence;	/* the sequence it owns (serial), or NULL */
	bool rowid;		/* it is SQLite's rowid: storing NULL would
				   invent a value there instead of failing
				   with 23502, so whoever stores must ask */
	bool lite_default;	/* SQLite fills it in where it is left out, by
				   a default of its own dialect */
	const struct foreign_column *foreign;	/* NULL: weir's own form */
	const char *comment;
};

enum constraint_kind {
	CONSTRAINT_PRIMARY = 'p',
	CONSTRAINT_UNIQUE_KEY = 'u',
	CONSTRAINT_FOREIGN = 'f',
	CONSTRAINT_CHECKED = 'c',
};

struct schema_constraint {
	uint32_t oid;
	const char *name;
	enum constraint_kind kind;
	int column_count;
	int16_t *columns;	/* numbers of columns */
	const char *check_text;	/* CHECK: the Postgres expression */
	const char *foreign_schema;	/* FOREIGN KEY */
	const char *foreign_table;
	const char *foreign_names;	/* its columns, "a","b" */
	int16_t *foreign_columns;	/* and their numbers */
	char on_update, on_delete;	/* a r c n d as in pg_constraint */
	bool deferrable, deferred;
	bool match_full;	/* FOREIGN KEY: all of its columns are NULL, or
				   none; weir looks, see late_key.h */
	bool not_valid;		/* rows of before may break it */
	const char *comment;
};

struct schema_index {
	uint32_t oid;
	const char *name;
	bool unique;
	bool primary;
	bool nulls_equal;	/* NULLS NOT DISTINCT */
	bool late;		/* its constraint is deferrable: weir looks at
				   it, see pool/sqlite/late_key.h */
	int column_count;	/* those of INCLUDE come last */
	int key_count;		/* without those of INCLUDE */
	int16_t *columns;	/* numbers, 0 for an expression */
	bool *descending;
	bool *nulls_first;
	const char **expressions;	/* Postgres text, NULL for columns */
	const char **operator_classes;	/* as written, NULL: the default */
	uint32_t *types;	/* of expressions; 0 for columns */
	const char *method;	/* "btree", "gin", ... */
	const char *predicate;	/* Postgres text, or NULL */
	const char *constraint;	/* the constraint it serves, or NULL */
	const char *options;	/* WITH: "fillfactor=70", joined; or NULL */
	const char *comment;
};

/* What a commit does to a temporary table. */
enum on_commit {
	ON_COMMIT_NOTHING,
	ON_COMMIT_DROP,
	ON_COMMIT_DELETE_ROWS,
};

struct schema_table {
	uint32_t oid;
	uint32_t type_oid;	/* of its row type */
	uint32_t array_oid;	/* of arrays of its row type */
	const char *schema;	/* "public" */
	const char *name;
	const char *lite_name;	/* its name inside SQLite, unquoted */
	const char *lite_database;	/* "main", "pg_catalog", "temp" */
	char kind;		/* relkind: r, v, m */
	bool unpopulated;	/* m: WITH NO DATA */
	bool catalog;		/* of pg_catalog or information_schema */
	bool adopted;		/* made by another program: what is known of
				   it is what SQLite tells */
	bool foreign;		/* its rows are as another program writes them,
				   whatever weir knows of it by now */
	int column_count;
	struct schema_column *columns;
	int16_t attribute_count;	/* relnatts: the highest attnum given */
	int constraint_count;
	struct schema_constraint *constraints;
	int index_count;
	struct schema_index *indexes;
	enum on_commit on_commit;	/* of a temporary table */
	const char *view_text;	/* a view's Postgres SELECT; v and m */
	const char *lite_sql;	/* its CREATE statement inside SQLite */
	const char *comment;
};

struct schema_enum {
	uint32_t oid;
	uint32_t array_oid;
	const char *schema;
	const char *name;
	int label_count;
	const char **labels;	/* in their order */
	const char *comment;
};

/* Its OID is made of the domain's. */
struct schema_domain_check {
	const char *name;
	const char *text;	/* a Postgres expression over `value` */
};

struct schema_domain {
	uint32_t oid;
	uint32_t array_oid;
	const char *schema;
	const char *name;
	uint32_t type;		/* the base */
	int32_t typmod;
	bool not_null;
	const char *default_text;
	int check_count;
	struct schema_domain_check *checks;
	const char *comment;
};

struct schema_sequence {
	uint32_t oid;
	const char *schema;
	const char *name;
	uint32_t type;
	int64_t start, increment, minimum, maximum;
	bool cycle;
	int64_t cache;		/* as it was said; nothing is kept back */
	const char *owner_table;	/* or NULL */
	const char *owner_column;
	bool identity;		/* owned by an identity column */
	bool temporary;
	const char *comment;
};

/* What of another program's table cannot be shown as Postgres would, in words
 * for the log. */
struct schema_note {
	const char *object;
	const char *what;
};

struct schema_namespace {
	uint32_t oid;
	const char *name;
	const char *comment;
};

struct schema_extension {
	uint32_t oid;
	const char *schema;
	const char *name;
	const char *version;
	const char *comment;
};

struct schema {
	atomic_int references;
	struct arena arena;
	uint64_t generation;	/* changes with every change of the schema */
	int file_version;	/* SQLite's schema_version when it was read */
	int table_count;
	struct schema_table *tables;	/* the catalogs among them */
	int enum_count;
	struct schema_enum *enums;
	int domain_count;
	struct schema_domain *domains;
	int sequence_count;
	struct schema_sequence *sequences;
	int namespace_count;
	struct schema_namespace *namespaces;
	int note_count;
	struct schema_note *notes;
	bool has_facts;		/* weir's own tables are in the file */
	bool has_declarations;	/* _weir_declared is there */
	int extension_count;
	struct schema_extension *extensions;
	uint32_t next_oid;	/* not yet given to anything */
	uint32_t *by_name;	/* schema_finish()'s hash of the tables */
	uint32_t by_name_mask;
};

/* The schema temporary tables are in. */
#define SCHEMA_TEMP "pg_temp_1"

struct schema *schema_new(void);	/* one reference, the caller's */
/* Call once the tables are in place: makes finding them by name quick. */
void schema_finish(struct schema *);
struct schema *schema_ref(struct schema *);
void schema_unref(struct schema **);

/* Names are exact (already folded by the parser). `schema` NULL: searched
 * along `path` (NULL-ended), temporary tables and pg_catalog first as in
 * Postgres. "pg_temp" finds temporary tables. NULL: none. */
const struct schema_table *schema_find_table(const struct schema *,
					     const char *const *path,
					     const char *schema,
					     const char *name);
const struct schema_table *schema_table_by_oid(const struct schema *,
					       uint32_t oid);
const struct schema_column *schema_find_column(const struct schema_table *,
					       const char *name);
/* By pg_attribute.attnum; NULL: none. */
const struct schema_column *schema_column_numbered(const struct schema_table *,
						   int16_t number);
/* The enum or the domain of that name, whichever the path (or `in`) finds
 * first; the other is NULL. False: neither. */
bool schema_find_type(const struct schema *, const char *const *path,
		      const char *in, const char *name,
		      const struct schema_enum **ret_enum,
		      const struct schema_domain **ret_domain);
const struct schema_enum *schema_enum_by_oid(const struct schema *,
					     uint32_t oid);
const struct schema_domain *schema_domain_by_oid(const struct schema *,
						 uint32_t oid);
#define DOMAIN_CHECKS_MAX 50
uint32_t schema_domain_check_oid(const struct schema_domain *, int check);
const struct schema_domain_check *
schema_domain_check_by_oid(const struct schema *, uint32_t oid);
const struct schema_sequence *schema_find_sequence(const struct schema *,
						   const char *schema,
						   const char *name);
const struct schema_sequence *schema_sequence_by_oid(const struct schema *,
						     uint32_t oid);
const struct schema_namespace *schema_find_namespace(const struct schema *,
						     const char *name);
const struct schema_extension *schema_find_extension(const struct schema *,
						     const char *name);
/* An index or a constraint and the table it belongs to. */
const struct schema_index *schema_find_index(const struct schema *,
					     const char *schema,
					     const char *name,
					     const struct schema_table **);
const struct schema_index *schema_index_by_oid(const struct schema *,
					       uint32_t oid,
					       const struct schema_table **);
const struct schema_constraint *
schema_constraint_by_oid(const struct schema *, uint32_t oid,
			 const struct schema_table **ret_table);
const struct schema_constraint *
schema_find_constraint(const struct schema_table *, const char *name);
/* What a foreign key's letter stands for behind ON DELETE and ON UPDATE. */
const char *schema_action_words(char letter);

#endif
