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

struct schema_column {
	const char *name;
	uint32_t type;		/* OID */
	int32_t typmod;		/* Postgres's encoding, -1: none */
	int16_t number;		/* attnum, from 1 */
	bool not_null;
	char identity;		/* 0, 'a' ALWAYS, 'd' BY DEFAULT */
	char generated;		/* 0, 's' STORED */
	const char *default_text;	/* a Postgres expression, or NULL */
	const char *sequence;	/* the sequence it owns (serial), or NULL */
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
	int16_t *columns;	/* attnums */
	const char *check_text;	/* CHECK: the Postgres expression */
	const char *foreign_table;	/* FOREIGN KEY: same schema rules */
	int16_t *foreign_columns;
	char on_update, on_delete;	/* a r c n d as in pg_constraint */
	bool deferrable, deferred;
};

struct schema_index {
	uint32_t oid;
	const char *name;
	bool unique;
	bool primary;
	int column_count;
	int16_t *columns;	/* attnum, 0 for an expression */
	bool *descending;
	const char **expressions;	/* Postgres text, NULL for columns */
	const char *predicate;	/* Postgres text, or NULL */
	const char *constraint;	/* the constraint it serves, or NULL */
};

struct schema_table {
	uint32_t oid;
	uint32_t type_oid;	/* of its row type */
	const char *schema;	/* "public" */
	const char *name;
	const char *lite_name;	/* its name inside SQLite, unquoted */
	const char *lite_database;	/* "main", "pg_catalog", "temp" */
	char kind;		/* relkind: r, v */
	bool catalog;		/* of pg_catalog or information_schema */
	int column_count;
	struct schema_column *columns;
	int constraint_count;
	struct schema_constraint *constraints;
	int index_count;
	struct schema_index *indexes;
	const char *view_text;	/* a view's Postgres SELECT */
	const char *comment;
};

struct schema_enum {
	uint32_t oid;
	uint32_t array_oid;
	const char *schema;
	const char *name;
	int label_count;
	const char **labels;	/* in their order */
};

struct schema_sequence {
	uint32_t oid;
	const char *schema;
	const char *name;
	uint32_t type;
	int64_t start, increment, minimum, maximum;
	bool cycle;
	const char *owner_table;	/* or NULL */
	const char *owner_column;
};

struct schema {
	atomic_int references;
	struct arena arena;
	uint64_t generation;	/* changes with every change of the schema */
	int table_count;
	struct schema_table *tables;	/* the catalogs among them */
	int enum_count;
	struct schema_enum *enums;
	int sequence_count;
	struct schema_sequence *sequences;
	int namespace_count;
	const char **namespaces;
};

struct schema *schema_ref(struct schema *);
void schema_unref(struct schema **);

/* Names are exact (already folded by the parser). `schema` NULL: searched
 * along `path` (NULL-ended), pg_catalog first as in Postgres. NULL: none. */
const struct schema_table *schema_find_table(const struct schema *,
					     const char *const *path,
					     const char *schema,
					     const char *name);
const struct schema_table *schema_table_by_oid(const struct schema *,
					       uint32_t oid);
const struct schema_column *schema_find_column(const struct schema_table *,
					       const char *name);
const struct schema_enum *schema_find_enum(const struct schema *,
					   const char *name);
const struct schema_enum *schema_enum_by_oid(const struct schema *,
					     uint32_t oid);
const struct schema_sequence *schema_find_sequence(const struct schema *,
						   const char *schema,
						   const char *name);

#endif
