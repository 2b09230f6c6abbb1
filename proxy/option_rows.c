/*
 * The table itself. A new option is a member in config.h and a row here; the
 * manual weir.yaml(5) and configs/weir.yaml get a paragraph, which a test
 * compares with this table. No option may be called port, service_host or
 * service_port: Kubernetes sets WEIR_PORT and its kin for a Service `weir`.
 */
#include "proxy/config.h"

static const char *const environments[] = { "dev", "test", "production",
					    NULL };
static const char *const tls_modes[] = { "disable", "allow", "require",
					 "verify", NULL };
static const char *const tls_versions[] = { "1.2", "1.3", NULL };
static const char *const auth_methods[] = { "trust", "scram-sha-256", NULL };
static const char *const log_levels[] = { "error", "warn", "info", "debug",
					  NULL };
static const char *const log_formats[] = { "logfmt", "json", NULL };
static const char *const pool_modes[] = { "session", "transaction",
					  "statement", NULL };

static const char *const sequence_states[] = { "learn", "pin", NULL };

#define YEAR_MS (UINT64_C(366) * 24 * 60 * 60 * 1000)

#define GLOBAL(member) \
	.scope = OPTION_GLOBAL, .offset = offsetof(struct config, member)
#define DATABASE(member) \
	.scope = OPTION_DATABASE, \
	.offset = offsetof(struct config_database, member)
#define DURATION .type = OPTION_DURATION, .max = YEAR_MS, .unit = "s", \
	.argument = "TIME"
#define RELOADS .reloads = true
#define DETAIL .detail = true

const struct option_row option_rows[] = {
	{ "environment", GLOBAL(environment), .type = OPTION_CHOICE,
	  .choices = environments, .initial = "dev", .argument = "WORD",
	  .about = "dev, test, production" },
	{ "listen.tcp", GLOBAL(listen.tcp), .type = OPTION_LIST,
	  .initial = "127.0.0.1:6432", .argument = "HOST:PORT",
	  .elsewhere = "listen_addr", .about = "addresses for clients (-l)" },
	{ "listen.unix", GLOBAL(listen.unix_dir), .type = OPTION_TEXT,
	  .argument = "DIR", .elsewhere = "unix_socket_dir",
	  .about = "directory of the Unix socket" },
	{ "listen.unix_mode", GLOBAL(listen.unix_mode), .type = OPTION_MODE,
	  .initial = "0660", .max = 0777, .argument = "MODE",
	  .elsewhere = "unix_socket_mode",
	  .about = "permissions of the Unix socket" },
	{ "listen.http", GLOBAL(listen.http), .type = OPTION_TEXT,
	  .argument = "HOST:PORT", .about = "probes and /metrics" },
	{ "tls.mode", GLOBAL(tls.mode), .type = OPTION_CHOICE,
	  .choices = tls_modes, .initial = "disable", .argument = "WORD",
	  .elsewhere = "client_tls_sslmode",
	  .about = "disable, allow, require, verify" },
	{ "tls.cert", GLOBAL(tls.cert), .type = OPTION_TEXT,
	  .argument = "FILE", .elsewhere = "client_tls_cert_file",
	  .about = "certificate chain, PEM" },
	{ "tls.key", GLOBAL(tls.key), .type = OPTION_TEXT,
	  .argument = "FILE", .elsewhere = "client_tls_key_file",
	  .about = "private key, PEM" },
	{ "tls.client_ca", GLOBAL(tls.client_ca), .type = OPTION_TEXT,
	  .argument = "FILE", .elsewhere = "client_tls_ca_file",
	  .about = "who may sign client certificates" },
	{ "tls.min_version", GLOBAL(tls.min_version), .type = OPTION_CHOICE,
	  .choices = tls_versions, .initial = "1.2", .argument = "VERSION",
	  .elsewhere = "client_tls_protocols", .about = "1.2 or 1.3" },
	{ "auth.method", GLOBAL(auth.method), .type = OPTION_CHOICE,
	  .choices = auth_methods, .initial = "trust", .argument = "WORD",
	  .elsewhere = "auth_type", .about = "trust, scram-sha-256" },
	{ "auth.users_file", GLOBAL(auth.users_file), .type = OPTION_TEXT,
	  .argument = "FILE", .elsewhere = "auth_file",
	  .about = "names and SCRAM verifiers" },
	{ "log.level", GLOBAL(log.level), .type = OPTION_CHOICE, RELOADS,
	  .choices = log_levels, .initial = "info", .argument = "WORD",
	  .about = "error, warn, info, debug" },
	{ "log.format", GLOBAL(log.format), .type = OPTION_CHOICE, RELOADS,
	  .choices = log_formats, .initial = "logfmt", .argument = "WORD",
	  .about = "logfmt, json" },
	{ "drain.timeout", GLOBAL(drain.timeout_ms), DURATION, RELOADS,
	  .initial = "25s", .about = "after SIGTERM, then clients are cut" },
	{ "client_login_timeout", GLOBAL(client_login_timeout_ms), DURATION,
	  RELOADS, .initial = "60s", .min = 1000,
	  .about = "from connecting to logged in" },
	{ "max_client_conn", GLOBAL(max_client_conn), .type = OPTION_COUNT,
	  RELOADS, .initial = "1000", .min = 1, .max = 1000000,
	  .argument = "N", .about = "clients at a time" },

	{ "backend", DATABASE(backend), .type = OPTION_TEXT, .secret = true,
	  .argument = "URL", .about = "as BACKEND" },
	{ "backend_password", DATABASE(backend_password),
	  .type = OPTION_TEXT, .secret = true, .argument = "TEXT",
	  .about = "when the URL has none" },
	{ "pool_mode", DATABASE(pool_mode), .type = OPTION_CHOICE,
	  .choices = pool_modes, .initial = "transaction",
	  .argument = "WORD", .about = "session, transaction, statement" },
	{ "pool_size", DATABASE(pool_size), .type = OPTION_COUNT,
	  .initial = "20", .min = 1, .max = 10000, .argument = "N",
	  .elsewhere = "default_pool_size",
	  .about = "servers at a time: the bound" },
	{ "min_pool_size", DATABASE(min_pool_size), .type = OPTION_COUNT,
	  .initial = "0", .max = 10000, .argument = "N",
	  .about = "servers kept open" },
	{ "reserve_pool_size", DATABASE(reserve_pool_size),
	  .type = OPTION_COUNT, RELOADS, .initial = "0", .max = 10000,
	  .argument = "N", .about = "more, for who waits too long" },
	{ "reserve_pool_timeout", DATABASE(reserve_pool_timeout_ms), DURATION,
	  RELOADS, .initial = "5s", .about = "wait, then use the reserve" },
	{ "max_pinned_servers", DATABASE(max_pinned_servers),
	  .type = OPTION_COUNT, RELOADS, .initial = "0", .max = 10000,
	  .argument = "N", .about = "kept by one client; 0: pool_size" },
	{ "queue_timeout", DATABASE(queue_timeout_ms), DURATION,
	  .initial = "120s", .elsewhere = "query_wait_timeout",
	  .about = "wait for a server" },
	{ "server_lifetime", DATABASE(server_lifetime_ms), DURATION,
	  .initial = "3600s", .about = "age at which a server is replaced" },
	{ "server_idle_timeout", DATABASE(server_idle_timeout_ms), DURATION,
	  .initial = "600s", .about = "close a server unused so long" },
	{ "server_connect_timeout", DATABASE(server_connect_timeout_ms),
	  DURATION, .initial = "15s", .min = 100,
	  .about = "to connect and log in" },
	{ "tcp_keepalive", DATABASE(tcp_keepalive), .type = OPTION_BOOL,
	  RELOADS, .initial = "true", .argument = "BOOL",
	  .about = "probe servers that are silent" },
	{ "tcp_keepidle", DATABASE(tcp_keepidle_ms), DURATION, RELOADS,
	  .initial = "30s", DETAIL, .about = "silence before the first probe" },
	{ "tcp_keepintvl", DATABASE(tcp_keepintvl_ms), DURATION, RELOADS,
	  .initial = "10s", DETAIL, .about = "between two probes" },
	{ "tcp_keepcnt", DATABASE(tcp_keepcnt), .type = OPTION_COUNT,
	  RELOADS, .initial = "3", .max = 127, .argument = "N",
	  DETAIL, .about = "probes without answer" },
	{ "tcp_user_timeout", DATABASE(tcp_user_timeout_ms),
	  .type = OPTION_DURATION, .max = YEAR_MS / 100, .unit = "ms",
	  .argument = "TIME", RELOADS, .initial = "30s",
	  .about = "data without acknowledgement" },
	{ "max_db_client_connections", DATABASE(max_db_client_connections),
	  .type = OPTION_COUNT, RELOADS, .initial = "0", .max = 1000000,
	  .argument = "N", .about = "clients of the database" },
	{ "max_user_client_connections", DATABASE(max_user_client_connections),
	  .type = OPTION_COUNT, RELOADS, .initial = "0", .max = 1000000,
	  .argument = "N", .about = "clients of one user of it" },
	{ "idle_transaction_timeout", DATABASE(idle_transaction_timeout_ms),
	  DURATION, RELOADS, .initial = "0",
	  .about = "idle in a transaction" },
	{ "transaction_timeout", DATABASE(transaction_timeout_ms), DURATION,
	  RELOADS, .initial = "0", .about = "one transaction" },
	{ "client_idle_timeout", DATABASE(client_idle_timeout_ms), DURATION,
	  RELOADS, .initial = "0", .about = "idle outside transactions" },
	{ "query_timeout", DATABASE(query_timeout_ms), DURATION,
	  RELOADS, .initial = "0", .about = "one query" },
	{ "max_prepared_statements", DATABASE(max_prepared_statements),
	  .type = OPTION_COUNT, .initial = "200", .max = 100000,
	  .argument = "N", .about = "kept prepared per server" },
	{ "audit_tables", DATABASE(audit_tables), .type = OPTION_LIST,
	  .argument = "NAMES", .about = "insert-only tables, comma between" },
	{ "audit_require_database", DATABASE(audit_require_database),
	  .type = OPTION_BOOL, .initial = "false", .argument = "BOOL",
	  .about = "start only if it guards them too" },
	{ "audit_digest", DATABASE(audit_digest), .type = OPTION_LIST,
	  .argument = "TABLE by COLUMN",
	  .about = "tables with signed digests" },
	{ "audit_digest_file", DATABASE(audit_digest_file),
	  .type = OPTION_TEXT, .argument = "FILE",
	  DETAIL, .about = "where their checkpoints go" },
	{ "audit_digest_key", DATABASE(audit_digest_key),
	  .type = OPTION_TEXT, .argument = "FILE",
	  DETAIL, .about = "private key that signs them, PEM" },
	{ "audit_digest_interval", DATABASE(audit_digest_interval_ms),
	  DURATION, .initial = "60s", .min = 100,
	  DETAIL, .about = "between two looks for new rows" },
	{ "audit_digest_settle", DATABASE(audit_digest_settle_ms), DURATION,
	  .initial = "30s", DETAIL, .about = "how late a row may come" },
	{ "audit_exempt_users", DATABASE(audit_exempt_users),
	  .type = OPTION_LIST, .argument = "NAMES",
	  .about = "who may do DDL on them" },
	{ "audit_retain", DATABASE(audit_retain), .type = OPTION_LIST,
	  .argument = "LIST", .about = "TABLE.COLUMN AGE: older rows may go" },
	{ "allow_sqlite", DATABASE(allow_sqlite), .type = OPTION_BOOL,
	  .initial = "false", .argument = "BOOL",
	  .about = "even outside dev and test" },
	{ "strict_dev", DATABASE(strict_dev), .type = OPTION_BOOL,
	  .initial = "false", .argument = "BOOL",
	  .about = "rotate servers to expose leaks" },
	{ "sequence_state", DATABASE(sequence_state), .type = OPTION_CHOICE,
	  .choices = sequence_states, .initial = "learn", .argument = "WORD",
	  .about = "learn, pin: for currval and lastval" },
	{ "sqlite_readers", DATABASE(sqlite_readers), .type = OPTION_COUNT,
	  .initial = "4", .min = 1, .max = 64, .argument = "N",
	  .about = "reader threads per file" },
};

const unsigned option_count = sizeof(option_rows) / sizeof(option_rows[0]);

_Static_assert(sizeof(option_rows) / sizeof(option_rows[0]) <=
	       OPTION_ROWS_MAX, "places[] is too small");
