/*
 * Types that only stand in signatures (Postgres manual, "Pseudo-Types"), and
 * a few more that the tables name.
 */
#ifndef WEIR_PROTOCOL_DIALECT_PSEUDO_TYPE_H
#define WEIR_PROTOCOL_DIALECT_PSEUDO_TYPE_H

#include "protocol/type.h"

enum pseudo_type_oid {
	OID_ANYNONARRAY = 2776,
	OID_ANYENUM = 3500,
	OID_ANYCOMPATIBLE = 5077,
	OID_ANYCOMPATIBLEARRAY = 5078,
	OID_ANYCOMPATIBLENONARRAY = 5079,
};

#endif
