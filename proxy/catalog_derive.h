/*
 * From the rows of a catalog to what the guard has to know: what each object
 * of the database leads to. Pure.
 */
#ifndef WEIR_PROXY_CATALOG_DERIVE_H
#define WEIR_PROXY_CATALOG_DERIVE_H

#include "protocol/bytes.h"
#include "proxy/audit_report.h"
#include "proxy/guard_catalog.h"

struct guard;

struct catalog_load {
	struct guard_catalog *catalog;	/* the caller's from then on */
	bool findings_known;
	/* Of the findings themselves the grave ones; they count all. To be
	 * freed with audit_report_fini(). */
	struct audit_report report;
};

/* The answer to catalog_sql_load(). False: it is none. */
bool catalog_derive(struct guard *, struct slice messages,
		    struct catalog_load *ret_load);

#endif
