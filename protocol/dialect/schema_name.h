/*
 * Names of objects and their OIDs, both ways: what regclass, regtype,
 * regnamespace and regrole read and print, and identifiers quoted as Postgres
 * quotes them. Used by casts, by the catalog functions and by whoever puts a
 * reg* value on the wire in text form.
 */
#ifndef WEIR_PROTOCOL_DIALECT_SCHEMA_NAME_H
#define WEIR_PROTOCOL_DIALECT_SCHEMA_NAME_H

#include "protocol/dialect/compile.h"
#include "protocol/dialect/schema.h"

#define DATABASE_OID 5	/* the one database */
#define TABLESPACE_DEFAULT 1663
#define TABLESPACE_GLOBAL 1664
#define ROLE_OID 10	/* whoever is logged in: there is no other user */
#define ROLE_DATABASE_OWNER 6171u	/* pg_database_owner */

/* quote_ident(): quoted only where it must be. */
const char *name_quoted(struct arena *, const char *name);
/* A name after another's schema, where the search path does not find it. */
const char *name_qualified(struct arena *, const struct schema *,
			   const char *const *path, const char *schema,
			   const char *name);

/* Whether unqualified use finds it: on the path and not shadowed. */
bool name_is_visible(const struct schema *, const char *const *path,
		     const char *schema, const char *name);

/* Splits "a", a.b or "A"."b" into schema (NULL) and name, folded. */
bool name_parse(struct arena *, struct slice text, const char **ret_schema,
		const char **ret_name);

/* The OID of a relation of any kind: table, view, index, sequence. 0: none. */
uint32_t relation_oid(const struct schema *, const char *const *path,
		      const char *schema, const char *name);
/* Its schema and name; false: none. */
bool relation_name(const struct schema *, uint32_t oid,
		   const char **ret_schema, const char **ret_name);

/* The OID of a type by its SQL spelling, built in or the user's, arrays
 * too: "character varying(20)", "int4[]", "public.mood". 0: none. */
uint32_t type_name_oid(const struct schema *, const char *const *path,
		       struct slice text);
/* format_type() for every type there is; "???" for none. A typmod of -1 makes
 * a type that has always one be called by the name that has none: "bpchar",
 * which is "character" where nothing is said about typmods. */
#define TYPMOD_NONE INT32_MIN
const char *type_name_text(struct arena *, const struct schema *,
			   const char *const *path, uint32_t oid,
			   int32_t typmod);

/* Of a function or an operator: regproc, regprocedure, regoper. NULL: there
 * is none with this OID. */
bool function_name_read(const struct schema *, const struct compile_session *,
			uint32_t reg_type, struct slice text, struct arena *,
			uint32_t *ret_oid, struct error *);
const char *function_name_text(const struct schema *,
			       const struct compile_session *,
			       uint32_t reg_type, uint32_t oid, struct arena *);

/* The schema and the typname of any type; false: there is none. */
bool type_name_parts(struct arena *, const struct schema *, uint32_t oid,
		     const char **ret_schema, const char **ret_name);
/* By its typname: in a schema, or along the path where that is NULL. */
uint32_t type_name_find(const struct schema *, const char *const *path,
			const char *in, const char *name);

/* Of the one who is logged in, or of those that Postgres itself has. */
const char *role_name(struct arena *, const struct compile_session *,
		      uint32_t oid);
uint32_t role_oid(const struct compile_session *, const char *name);

uint32_t namespace_oid(const struct schema *, const char *name);
const char *namespace_name(const struct schema *, uint32_t oid);

/*
 * The input function of a reg* type: a name or a number. Fails as Postgres
 * does: 42P01 relation, 42704 type or role, 3F000 schema, 42883 function.
 */
bool reg_read(const struct schema *, const struct compile_session *,
	      uint32_t reg_type, struct slice text, struct arena *,
	      uint32_t *ret_oid, struct error *);
/* The output function: the name, "-" for 0, the number where there is none. */
const char *reg_text(const struct schema *, const struct compile_session *,
		     uint32_t reg_type, uint32_t oid, struct arena *);
/* Whether a type is one of those. */
bool reg_is(uint32_t type);

#endif
