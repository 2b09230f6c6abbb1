/*
 * One complaint, as a client will see it: the fields of an ErrorResponse
 * (Postgres manual, "Error and Notice Message Fields"). Whoever finds that a
 * client must be told something fills one and returns false.
 *
 * Texts longer than their field are cut; nothing here allocates.
 */
#ifndef WEIR_PROTOCOL_ERROR_H
#define WEIR_PROTOCOL_ERROR_H

#include <stdbool.h>

#include "protocol/bytes.h"

/* SQLSTATEs in use (Postgres manual, appendix A). */
#define SQLSTATE_SUCCESS "00000"
#define SQLSTATE_WARNING "01000"
#define SQLSTATE_PROTOCOL_VIOLATION "08P01"
#define SQLSTATE_CONNECTION_FAILURE "08006"
#define SQLSTATE_CANNOT_CONNECT "08001"
#define SQLSTATE_FEATURE_NOT_SUPPORTED "0A000"
#define SQLSTATE_INVALID_AUTHORIZATION "28000"
#define SQLSTATE_INVALID_PASSWORD "28P01"
#define SQLSTATE_CARDINALITY "21000"
#define SQLSTATE_STRING_TRUNCATION "22001"
#define SQLSTATE_NUMERIC_OUT_OF_RANGE "22003"
#define SQLSTATE_INVALID_DATETIME "22007"
#define SQLSTATE_DATETIME_OVERFLOW "22008"
#define SQLSTATE_DIVISION_BY_ZERO "22012"
#define SQLSTATE_INVALID_PARAMETER "22023"
#define SQLSTATE_INVALID_TEXT "22P02"
#define SQLSTATE_INVALID_BINARY "22P03"
#define SQLSTATE_UNTRANSLATABLE "22P05"
#define SQLSTATE_NOT_NULL "23502"
#define SQLSTATE_FOREIGN_KEY "23503"
#define SQLSTATE_UNIQUE "23505"
#define SQLSTATE_CHECK "23514"
#define SQLSTATE_INVALID_CURSOR "34000"
#define SQLSTATE_ACTIVE_TRANSACTION "25001"
#define SQLSTATE_READ_ONLY "25006"
#define SQLSTATE_NO_ACTIVE_TRANSACTION "25P01"
#define SQLSTATE_IN_FAILED_TRANSACTION "25P02"
#define SQLSTATE_IDLE_IN_TRANSACTION "25P03"
#define SQLSTATE_TRANSACTION_TIMEOUT "25P04"
#define SQLSTATE_INVALID_STATEMENT_NAME "26000"
#define SQLSTATE_INVALID_SAVEPOINT "3B001"
#define SQLSTATE_INVALID_DATABASE "3D000"
#define SQLSTATE_INVALID_SCHEMA "3F000"
#define SQLSTATE_SERIALIZATION "40001"
#define SQLSTATE_INSUFFICIENT_PRIVILEGE "42501"
#define SQLSTATE_SYNTAX "42601"
#define SQLSTATE_UNDEFINED_COLUMN "42703"
#define SQLSTATE_AMBIGUOUS_COLUMN "42702"
#define SQLSTATE_DUPLICATE_COLUMN "42701"
#define SQLSTATE_UNDEFINED_FUNCTION "42883"
#define SQLSTATE_UNDEFINED_TABLE "42P01"
#define SQLSTATE_UNDEFINED_PARAMETER "42P02"
#define SQLSTATE_UNDEFINED_OBJECT "42704"
#define SQLSTATE_DUPLICATE_SCHEMA "42P06"
#define SQLSTATE_DUPLICATE_TABLE "42P07"
#define SQLSTATE_DUPLICATE_OBJECT "42710"
#define SQLSTATE_DUPLICATE_STATEMENT "42P05"
#define SQLSTATE_DUPLICATE_CURSOR "42P03"
#define SQLSTATE_DATATYPE_MISMATCH "42804"
#define SQLSTATE_INDETERMINATE_TYPE "42P18"
#define SQLSTATE_GROUPING "42803"
#define SQLSTATE_CANNOT_COERCE "42846"
#define SQLSTATE_TOO_MANY_CONNECTIONS "53300"
#define SQLSTATE_DISK_FULL "53100"
#define SQLSTATE_OUT_OF_MEMORY "53200"
#define SQLSTATE_LIMIT_EXCEEDED "54000"
#define SQLSTATE_SNAPSHOT_TOO_OLD "72000"
#define SQLSTATE_TOO_COMPLEX "54001"
#define SQLSTATE_OBJECT_IN_USE "55006"
#define SQLSTATE_LOCK_NOT_AVAILABLE "55P03"
#define SQLSTATE_NOT_IN_PREREQUISITE_STATE "55000"
#define SQLSTATE_QUERY_CANCELED "57014"
#define SQLSTATE_ADMIN_SHUTDOWN "57P01"
#define SQLSTATE_CANNOT_CONNECT_NOW "57P03"
#define SQLSTATE_IDLE_SESSION_TIMEOUT "57P05"
#define SQLSTATE_IO_ERROR "58030"
#define SQLSTATE_INTERNAL "XX000"

struct error {
	char sqlstate[6];	/* "" while nothing is wrong */
	bool fatal;		/* the session ends: FATAL instead of ERROR */
	int position;		/* character in the text, from 1; 0: none */
	char message[512];
	char detail[512];	/* these are "" where there is nothing to say */
	char hint[512];
	char context[256];	/* what was being done: "COPY t, line 3" */
	char schema[64];
	char table[64];
	char column[64];
	char data_type[64];
	char constraint[64];
	char routine[64];
};

/* Fills state and message, clears the rest; returns false for the caller to
 * return. */
bool error_set(struct error *, const char *sqlstate, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* These add to an error that was set. */
void error_detail(struct error *, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void error_hint(struct error *, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void error_context(struct error *, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void error_table(struct error *, const char *schema, const char *table);
void error_domain(struct error *, const char *schema, const char *domain,
		  const char *constraint);

static inline bool error_is(const struct error *error, const char *sqlstate)
{
	return strcmp(error->sqlstate, sqlstate) == 0;
}

/* Appends the error as an ErrorResponse message ('E'). */
void error_write(const struct error *, struct buffer *out);

/* Appends a NoticeResponse ('N') of the given severity, such as "WARNING". */
void notice_write(const struct error *, const char *severity,
		  struct buffer *out);

#endif
