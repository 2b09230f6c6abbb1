/* The settings that a session knows, with Postgres 15's defaults. Sorted by
 * name as strcasecmp() sorts, because they are found by bisection. */
#include "pool/sqlite/setting_table.h"

#include <limits.h>
#include <strings.h>

#define REPORT SETTING_REPORT
#define FIXED SETTING_FIXED
#define RESTART SETTING_RESTART
#define LIST SETTING_LIST
#define TRANSACTION SETTING_TRANSACTION

#define BOOL(name, value, flags, text) { name, value, 'b', flags, "", 0, 0, text }
#define INTEGER(name, value, flags, unit, least, most, text) \
	{ name, value, 'i', flags, unit, least, most, text }
#define REAL(name, value, flags, text) { name, value, 'r', flags, "", 0, 0, text }
#define TEXT(name, value, flags, text) { name, value, 's', flags, "", 0, 0, text }
#define ENUM(name, value, flags, choices, text) \
	{ name, value, 'e', flags, choices, 0, 0, text }

#define LEVELS "debug5|debug4|debug3|debug2|debug1|debug|log|notice|" \
	       "warning|error|fatal|panic|info"
#define ISOLATION "serializable|repeatable read|read committed|" \
		  "read uncommitted"

static const struct lite_setting_row rows[] = {
	TEXT("application_name", "", REPORT, "Name of the application."),
	BOOL("array_nulls", "on", 0, "NULL elements in arrays."),
	INTEGER("authentication_timeout", "1min", RESTART, "ms", 1000, 600000,
		"Time to log in."),
	BOOL("autovacuum", "on", RESTART, "Cleaning in the background."),
	ENUM("backslash_quote", "safe_encoding", 0, "safe_encoding|on|off",
	     "Whether \\' is allowed."),
	INTEGER("block_size", "8192", FIXED, "", 0, INT_MAX,
		"Size of a disk block."),
	ENUM("bytea_output", "hex", 0, "hex", "Output format of bytea."),
	BOOL("check_function_bodies", "on", 0, "Check CREATE FUNCTION."),
	TEXT("client_encoding", "UTF8", REPORT, "The client's encoding."),
	ENUM("client_min_messages", "notice", 0, LEVELS,
	     "Least severe message sent to the client."),
	TEXT("cluster_name", "", RESTART, "Name of the cluster."),
	INTEGER("commit_delay", "0", 0, "", 0, 100000, "Delay of commits."),
	ENUM("constraint_exclusion", "partition", 0, "partition|on|off",
	     "Use of constraints by the planner."),
	REAL("cpu_index_tuple_cost", "0.005", 0, "Planner's cost."),
	REAL("cpu_operator_cost", "0.0025", 0, "Planner's cost."),
	REAL("cpu_tuple_cost", "0.01", 0, "Planner's cost."),
	TEXT("data_directory", "", RESTART, "Where the data is."),
	TEXT("DateStyle", "ISO, MDY", REPORT | LIST,
	     "Format of dates and how they are read."),
	INTEGER("deadlock_timeout", "1s", 0, "ms", 1, INT_MAX,
		"Time until a deadlock is looked for."),
	BOOL("debug_print_plan", "off", 0, "Log plans."),
	INTEGER("default_statistics_target", "100", 0, "", 1, 10000,
		"Detail of statistics."),
	TEXT("default_table_access_method", "heap", 0, "Of new tables."),
	TEXT("default_tablespace", "", 0, "Of new tables."),
	TEXT("default_text_search_config", "pg_catalog.english", 0,
	     "Of text search."),
	ENUM("default_toast_compression", "pglz", 0, "pglz|lz4",
	     "Of large values."),
	BOOL("default_transaction_deferrable", "off", 0,
	     "Of new transactions."),
	ENUM("default_transaction_isolation", "read committed", 0, ISOLATION,
	     "Isolation of new transactions."),
	BOOL("default_transaction_read_only", "off", REPORT,
	     "Whether new transactions only read."),
	BOOL("default_with_oids", "off", 0, "No effect."),
	INTEGER("effective_cache_size", "4GB", 0, "kB", 1, INT_MAX,
		"Planner's guess of the cache."),
	BOOL("enable_bitmapscan", "on", 0, "Planner's choice."),
	BOOL("enable_hashagg", "on", 0, "Planner's choice."),
	BOOL("enable_hashjoin", "on", 0, "Planner's choice."),
	BOOL("enable_indexonlyscan", "on", 0, "Planner's choice."),
	BOOL("enable_indexscan", "on", 0, "Planner's choice."),
	BOOL("enable_material", "on", 0, "Planner's choice."),
	BOOL("enable_mergejoin", "on", 0, "Planner's choice."),
	BOOL("enable_nestloop", "on", 0, "Planner's choice."),
	BOOL("enable_partitionwise_join", "off", 0, "Planner's choice."),
	BOOL("enable_seqscan", "on", 0, "Planner's choice."),
	BOOL("enable_sort", "on", 0, "Planner's choice."),
	BOOL("escape_string_warning", "on", 0, "Warn about \\ in strings."),
	INTEGER("extra_float_digits", "1", 0, "", -15, 3,
		"Digits of floating-point numbers."),
	INTEGER("from_collapse_limit", "8", 0, "", 1, INT_MAX, "Planner's."),
	BOOL("fsync", "on", RESTART, "Force updates to disk."),
	BOOL("geqo", "on", 0, "Planner's choice."),
	INTEGER("gin_fuzzy_search_limit", "0", 0, "", 0, INT_MAX, "Of GIN."),
	BOOL("hot_standby", "on", RESTART, "Of replicas."),
	INTEGER("idle_in_transaction_session_timeout", "0", 0, "ms", 0,
		INT_MAX, "Time an open transaction may idle."),
	INTEGER("idle_session_timeout", "0", 0, "ms", 0, INT_MAX,
		"Time a session may idle."),
	BOOL("in_hot_standby", "off", REPORT | FIXED, "Of replicas."),
	BOOL("integer_datetimes", "on", REPORT | FIXED,
	     "Dates are whole numbers."),
	ENUM("IntervalStyle", "postgres", REPORT, "postgres",
	     "Format of intervals."),
	BOOL("is_superuser", "on", REPORT | FIXED, "Whether the user is."),
	BOOL("jit", "off", 0, "Just-in-time compilation."),
	INTEGER("join_collapse_limit", "8", 0, "", 1, INT_MAX, "Planner's."),
	TEXT("lc_collate", "C", FIXED, "Order of text."),
	TEXT("lc_ctype", "C.UTF-8", FIXED, "Kinds of characters."),
	TEXT("lc_messages", "C", 0, "Language of messages."),
	TEXT("lc_monetary", "C", 0, "Format of money."),
	TEXT("lc_numeric", "C", 0, "Format of numbers."),
	TEXT("lc_time", "C", 0, "Format of dates."),
	TEXT("listen_addresses", "localhost", RESTART, "Addresses."),
	BOOL("lo_compat_privileges", "off", 0, "Of large objects."),
	INTEGER("lock_timeout", "0", 0, "ms", 0, INT_MAX,
		"Time a lock may be waited for."),
	INTEGER("log_min_duration_statement", "-1", 0, "ms", -1, INT_MAX,
		"Log slow statements."),
	ENUM("log_min_messages", "warning", 0, LEVELS, "What is logged."),
	ENUM("log_statement", "none", 0, "none|ddl|mod|all",
	     "What is logged."),
	INTEGER("maintenance_work_mem", "64MB", 0, "kB", 1024, INT_MAX,
		"Memory of maintenance."),
	INTEGER("max_connections", "100", RESTART, "", 1, 262143,
		"Most connections."),
	INTEGER("max_identifier_length", "63", FIXED, "", 0, INT_MAX,
		"Longest name."),
	INTEGER("max_index_keys", "32", FIXED, "", 0, INT_MAX,
		"Most columns of an index."),
	INTEGER("max_parallel_workers_per_gather", "2", 0, "", 0, 1024,
		"Of parallel plans."),
	INTEGER("max_prepared_transactions", "0", RESTART, "", 0, 262143,
		"Of two-phase commit."),
	ENUM("password_encryption", "scram-sha-256", 0, "scram-sha-256|md5",
	     "How passwords are kept."),
	ENUM("plan_cache_mode", "auto", 0,
	     "auto|force_generic_plan|force_custom_plan", "Planner's."),
	INTEGER("port", "5432", RESTART, "", 1, 65535, "The port."),
	BOOL("quote_all_identifiers", "off", 0, "Quote every name."),
	REAL("random_page_cost", "4", 0, "Planner's cost."),
	TEXT("restrict_nonsystem_relation_kind", "", LIST,
	     "Kinds of relations that are not read."),
	TEXT("role", "none", 0, "The current role."),
	BOOL("row_security", "on", 0, "Row security."),
	TEXT("search_path", "\"$user\", public", LIST,
	     "Where names without a schema are looked for."),
	INTEGER("segment_size", "1GB", FIXED, "kB", 0, INT_MAX,
		"Size of a file."),
	REAL("seq_page_cost", "1", 0, "Planner's cost."),
	TEXT("server_encoding", "UTF8", REPORT | FIXED,
	     "The database's encoding."),
	TEXT("server_version", LITE_SERVER_VERSION, REPORT | FIXED,
	     "Which Postgres is mimicked."),
	INTEGER("server_version_num", LITE_SERVER_VERSION_NUM, FIXED, "", 0,
		INT_MAX, "The same as a number."),
	TEXT("session_authorization", "", REPORT, "The login role."),
	TEXT("session_preload_libraries", "", FIXED | LIST, "Libraries."),
	ENUM("session_replication_role", "origin", 0, "origin|replica|local",
	     "Of triggers."),
	INTEGER("shared_buffers", "128MB", RESTART, "kB", 128, INT_MAX,
		"Size of the cache."),
	TEXT("shared_preload_libraries", "", RESTART | LIST, "Libraries."),
	BOOL("ssl", "off", RESTART, "TLS."),
	BOOL("standard_conforming_strings", "on", REPORT,
	     "Backslashes are ordinary characters."),
	INTEGER("statement_timeout", "0", 0, "ms", 0, INT_MAX,
		"Time a statement may take."),
	BOOL("synchronize_seqscans", "on", 0, "Of scans."),
	ENUM("synchronous_commit", "on", 0,
	     "local|remote_write|remote_apply|on|off",
	     "Commits are always durable."),
	INTEGER("tcp_keepalives_count", "0", 0, "", 0, INT_MAX, "Of TCP."),
	INTEGER("tcp_keepalives_idle", "0", 0, "", 0, INT_MAX, "Of TCP."),
	INTEGER("tcp_keepalives_interval", "0", 0, "", 0, INT_MAX, "Of TCP."),
	INTEGER("temp_buffers", "8MB", 0, "kB", 800, INT_MAX,
		"Of temporary tables."),
	TEXT("temp_tablespaces", "", LIST, "Of temporary tables."),
	TEXT("TimeZone", "UTC", REPORT, "The session's time zone."),
	TEXT("timezone_abbreviations", "Default", 0, "Of time zones."),
	BOOL("track_activities", "on", 0, "Statistics."),
	BOOL("transaction_deferrable", "off", TRANSACTION,
	     "Of this transaction."),
	ENUM("transaction_isolation", "read committed", TRANSACTION,
	     ISOLATION, "Isolation of this transaction."),
	BOOL("transaction_read_only", "off", TRANSACTION,
	     "Whether this transaction only reads."),
	BOOL("transform_null_equals", "off", 0, "x = NULL as IS NULL."),
	INTEGER("vacuum_cost_delay", "0", 0, "ms", 0, 100, "Of VACUUM."),
	INTEGER("wal_block_size", "8192", FIXED, "", 0, INT_MAX,
		"Size of a log block."),
	ENUM("wal_level", "replica", RESTART, "minimal|replica|logical",
	     "What is logged."),
	INTEGER("work_mem", "4MB", 0, "kB", 64, INT_MAX,
		"Memory of sorts and hashes."),
	ENUM("xmlbinary", "base64", 0, "base64|hex", "Of XML."),
	ENUM("xmloption", "content", 0, "content|document", "Of XML."),
	BOOL("zero_damaged_pages", "off", 0, "Of broken pages."),
};

size_t lite_setting_count(void)
{
	return sizeof(rows) / sizeof(rows[0]);
}

const struct lite_setting_row *lite_setting_at(size_t index)
{
	return &rows[index];
}

int lite_setting_find(const char *name)
{
	int low = 0, high = (int)lite_setting_count() - 1;

	while (low <= high) {
		int middle = (low + high) / 2;
		int order = strcasecmp(name, rows[middle].name);

		if (order == 0)
			return middle;
		if (order < 0)
			high = middle - 1;
		else
			low = middle + 1;
	}
	return -1;
}
