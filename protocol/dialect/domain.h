/* Domains in expressions: see domain.c. Include protocol/sql_nodes.h first. */
#ifndef WEIR_PROTOCOL_DIALECT_DOMAIN_H
#define WEIR_PROTOCOL_DIALECT_DOMAIN_H

#include "protocol/dialect/expr.h"

/* The domain that a type name means, or NULL. */
const struct schema_domain *domain_named(struct compile_state *,
					 const struct TypeName *);

/* A value of the base type becomes one of the domain: its conditions are
 * asked. No such domain: the value as it is. NULL: failed. */
struct expr *domain_coerce(struct compile_state *, struct expr *value,
			   uint32_t domain);

/* Whether a CHECK can be asked at all; fills the error. */
bool domain_check_node(struct compile_state *, const struct schema_domain *,
		       struct Node *);

#endif
