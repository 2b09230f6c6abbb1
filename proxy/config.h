/*
 * What this weir is to do: read from flags, environment and file into one
 * struct that nobody changes afterwards.
 *
 * A flag wins over a variable (WEIR_POOL_SIZE), a variable over the file, the
 * file over the default. The names come from the table in option.h. Flags and
 * variables without a database in their name speak of the *default database*:
 * the entry "*", or the only one the file has; without any, an entry "*" is
 * made, and its backend is the SQLite file weir.db in the current directory.
 *
 * Nothing here ends the process, writes to a descriptor or keeps state: files
 * are read, and what is to be said goes into a buffer.
 */
#ifndef WEIR_PROXY_CONFIG_H
#define WEIR_PROXY_CONFIG_H

#include "protocol/bytes.h"
#include "proxy/backend_url.h"
#include "proxy/log.h"
#include "proxy/option.h"

#define CONFIG_FILE_BYTES_MAX (1u << 20)
#define CONFIG_DATABASES_MAX 256

enum config_environment {
	ENVIRONMENT_DEV,
	ENVIRONMENT_TEST,
	ENVIRONMENT_PRODUCTION,
};

/* Towards clients, as PgBouncer's client_tls_sslmode. */
enum config_tls_mode {
	TLS_DISABLE,
	TLS_ALLOW,		/* for clients that ask */
	TLS_REQUIRE,
	TLS_VERIFY,		/* and the client shows a certificate */
};

enum config_tls_version { TLS_1_2, TLS_1_3 };

enum config_auth_method { CONFIG_AUTH_TRUST, CONFIG_AUTH_SCRAM };

/* When a session is pinned for what currval and lastval remember. */
enum config_sequence_state {
	SEQUENCE_STATE_LEARN,	/* once somebody was seen to ask for it */
	SEQUENCE_STATE_PIN,	/* always */
};

enum config_pool_mode {
	POOL_MODE_SESSION,
	POOL_MODE_TRANSACTION,
	POOL_MODE_STATEMENT,
};

/* Where a value came from; the graver wins. */
enum config_origin {
	ORIGIN_DEFAULT,
	ORIGIN_FILE,
	ORIGIN_ENVIRONMENT,
	ORIGIN_FLAG,
};

struct config_place {
	enum config_origin origin;
	unsigned line;		/* in the file; 0 elsewhere */
};

/* A duration of 0 is no limit, unless its option says otherwise. */
struct config_database {
	char *name;		/* what clients ask for; "*": anything */
	struct backend_url url;	/* `backend`, read */
	char *backend;		/* as written; may hold a password */
	char *backend_password;	/* already part of url.target */
	int pool_mode;		/* enum config_pool_mode */
	unsigned pool_size;
	unsigned min_pool_size;
	unsigned reserve_pool_size;
	uint64_t reserve_pool_timeout_ms;
	unsigned max_pinned_servers;	/* 0: pool_size */
	uint64_t queue_timeout_ms;
	uint64_t server_lifetime_ms;
	uint64_t server_idle_timeout_ms;
	uint64_t server_connect_timeout_ms;
	bool tcp_keepalive;	/* of servers; 0 below: as the system does */
	uint64_t tcp_keepidle_ms;
	uint64_t tcp_keepintvl_ms;
	unsigned tcp_keepcnt;
	uint64_t tcp_user_timeout_ms;
	uint64_t idle_transaction_timeout_ms;
	uint64_t transaction_timeout_ms;
	uint64_t client_idle_timeout_ms;
	uint64_t query_timeout_ms;
	unsigned max_db_client_connections;	/* 0: no limit */
	unsigned max_user_client_connections;	/* 0: no limit */
	unsigned max_prepared_statements;	/* of clients, remembered per
						   server; 0: none */
	struct option_list audit_tables;	/* insert-only */
	bool audit_require_database;	/* or do not start */
	struct option_list audit_digest;	/* "TABLE by COLUMN" each */
	char *audit_digest_file;	/* of checkpoints */
	char *audit_digest_key;	/* signs them: the private half, PEM */
	uint64_t audit_digest_interval_ms;	/* between two looks */
	uint64_t audit_digest_settle_ms;	/* from a key seen to its bucket
						   sealed */
	struct option_list audit_exempt_users;
	struct option_list audit_retain;	/* see retain_rule.h */
	bool allow_sqlite;	/* outside dev and test */
	bool strict_dev;
	int sequence_state;	/* enum config_sequence_state */
	unsigned sqlite_readers;	/* reader threads of a SQLite file */
	struct config_place places[OPTION_ROWS_MAX];
};

enum config_action {
	ACTION_SERVE,
	ACTION_CHECK,		/* the file was fine if you read this */
	ACTION_PRINT,		/* config_print() */
	ACTION_HELP,		/* config_help(); nothing else was read */
	ACTION_VERSION,		/* nothing else was read */
};

struct config {
	enum config_action action;
	char *file;		/* NULL: none was read */
	int environment;	/* enum config_environment */
	struct {
		struct option_list tcp;	/* HOST:PORT each */
		char *unix_dir;	/* NULL: no Unix socket */
		unsigned unix_mode;
		char *http;	/* HOST:PORT; NULL: none */
	} listen;
	struct {
		int mode;	/* enum config_tls_mode */
		char *cert;
		char *key;
		char *client_ca;
		int min_version;	/* enum config_tls_version */
	} tls;
	struct {
		int method;	/* enum config_auth_method */
		char *users_file;
	} auth;
	struct {
		int level;	/* enum log_level */
		int format;	/* enum log_format */
	} log;
	struct {
		uint64_t timeout_ms;
	} drain;
	uint64_t client_login_timeout_ms;
	unsigned max_client_conn;
	struct config_database *databases;
	unsigned database_count;	/* at least one */
	struct config_place places[OPTION_ROWS_MAX];
};

/* The value is the exit code of the process. */
enum config_result {
	CONFIG_OK = 0,
	CONFIG_USAGE = 64,	/* the command line is wrong */
	CONFIG_BAD = 78,	/* what is configured is wrong or refused */
};

/* Reads everything; `argv` up to, not including, a `--`. On success *ret is
 * the caller's, to be freed with config_free(). `messages` gets lines of
 * text, each ended: on failure all that is wrong and what to do about it,
 * on success perhaps warnings. Never a password. */
enum config_result config_load(int argc, char *const *argv, char *const *envp,
			       struct config **ret, struct buffer *messages);

/* Reads everything again. On success *ret is what holds from now on: new
 * values for options that reload, the running ones for those that do not;
 * `messages` names each change and whether it waits for a restart. On failure
 * the running configuration stays. */
enum config_result config_reload(const struct config *running, int argc,
				 char *const *argv, char *const *envp,
				 struct config **ret, struct buffer *messages);

void config_free(struct config **);

/* The entry that serves a database name, or NULL. */
const struct config_database *config_database(const struct config *,
					      const char *name);

/* --help; the effective values as a file, with where each came from. */
void config_help(struct buffer *out);
void config_print(const struct config *, struct buffer *out);

/* Visits every option in effect, for SHOW CONFIG: its path in the file, its
 * value (secrets as ***), its default ("" where there is none), and whether
 * a reload takes it. Texts are valid during the visit. */
void config_each(const struct config *, void (*visit)(void *context,
		 const char *path, const char *value, const char *initial,
		 bool reloads), void *context);

/* Splits HOST:PORT; `[::1]:6432`, `:6432` (every address) and a lone port
 * (loopback) are understood. The host is at most 255 bytes. */
bool config_address(const char *text, char ret_host[256], uint16_t *ret_port);

/* The host of an address is this machine only. */
bool config_is_loopback(const char *host);

#endif
