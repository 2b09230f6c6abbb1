/*
 * What weir refuses to do, however clearly it was asked: the mistakes that
 * end in a stranger reading a database, or in production on a laptop's file.
 * Each refusal says what to do instead.
 */
#include "proxy/config_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/un.h>

#include "proxy/config_twin.h"
#include "proxy/digest_name.h"
#include "proxy/guard.h"
#include "proxy/retain_rule.h"

/* --- addresses ---------------------------------------------------------- */

static bool read_port(const char *text, uint16_t *ret)
{
	unsigned long port = 0;

	if (!*text || strspn(text, "0123456789") != strlen(text) ||
	    strlen(text) > 5)
		return false;
	port = strtoul(text, NULL, 10);
	if (port > 65535)
		return false;
	*ret = (uint16_t)port;
	return true;
}

static bool copy_host(const char *from, size_t length, char ret[256])
{
	if (length > 255)
		return false;
	memcpy(ret, from, length);
	ret[length] = 0;
	return true;
}

bool config_address(const char *text, char ret_host[256], uint16_t *ret_port)
{
	const char *colon = strrchr(text, ':');
	const char *bracket = strchr(text, ']');

	if (!colon)
		return read_port(text, ret_port) &&
		       copy_host("127.0.0.1", 9, ret_host);
	if (!read_port(colon + 1, ret_port))
		return false;
	if (text[0] == '[')
		return bracket && bracket + 1 == colon &&
		       copy_host(text + 1, (size_t)(bracket - text - 1),
				 ret_host);
	if (strchr(text, ':') != colon)
		return false;	/* IPv6 without brackets: which colon? */
	if (colon == text || (colon == text + 1 && text[0] == '*'))
		return copy_host("::", 2, ret_host);
	return copy_host(text, (size_t)(colon - text), ret_host);
}

bool config_is_loopback(const char *host)
{
	unsigned a, b, c, d;
	char end;

	/* only the dotted form: a name such as 127.evil.example is not one */
	return strcmp(host, "localhost") == 0 || strcmp(host, "::1") == 0 ||
	       (sscanf(host, "%u.%u.%u.%u%c", &a, &b, &c, &d, &end) == 4 &&
		a == 127);
}

static bool check_address(struct reading *reading, const char *what,
			  const char *text, char host[256])
{
	uint16_t port;

	if (config_address(text, host, &port))
		return true;
	config_complain(reading, "%s: %s is no HOST:PORT, such as "
			"127.0.0.1:6432 or [::1]:6432", what, text);
	return false;
}

/* --- the process -------------------------------------------------------- */

/* Whether everybody who may connect has been asked who they are. */
static bool is_authenticated(const struct config *config)
{
	return config->auth.method != CONFIG_AUTH_TRUST;
}

static void check_listen(struct reading *reading)
{
	const struct config *config = reading->config;
	const struct option_list *tcp = &config->listen.tcp;
	char host[256];

	for (unsigned i = 0; i < tcp->count; i++)
		if (check_address(reading, "listen.tcp", tcp->items[i],
				  host) &&
		    !config_is_loopback(host) && !is_authenticated(config))
			config_complain(reading, "listen.tcp: %s can be "
					"reached from other machines, and "
					"auth.method is trust: set auth.method "
					"to scram-sha-256 (with "
					"auth.users_file), or listen on "
					"127.0.0.1", tcp->items[i]);
	if (!tcp->count && !config->listen.unix_dir)
		config_complain(reading, "listen: no address and no Unix "
				"socket; set listen.tcp or listen.unix");
	if (config->listen.unix_dir &&
	    strlen(config->listen.unix_dir) + sizeof("/.s.PGSQL.65535") >
	    sizeof(((struct sockaddr_un *)0)->sun_path))
		config_complain(reading, "listen.unix: the path is too long "
				"for a Unix socket");
	if (config->listen.http)
		check_address(reading, "listen.http", config->listen.http,
			      host);
}

static void check_tls(struct reading *reading)
{
	const struct config *config = reading->config;

	if (config->tls.mode == TLS_DISABLE)
		return;
	if (!config->tls.cert || !config->tls.key)
		config_complain(reading, "tls.mode: needs tls.cert and "
				"tls.key, or write tls.mode: disable");
	if (config->tls.mode == TLS_VERIFY && !config->tls.client_ca)
		config_complain(reading, "tls.mode: verify needs "
				"tls.client_ca, the authority that signs the "
				"clients' certificates");
}

static void check_auth(struct reading *reading)
{
	const struct config *config = reading->config;

	if (config->auth.method == CONFIG_AUTH_SCRAM &&
	    !config->auth.users_file)
		config_complain(reading, "auth.method: scram-sha-256 needs "
				"auth.users_file; `weir hash-password` makes "
				"its lines");
}

/* --- databases ---------------------------------------------------------- */

static void check_sqlite(struct reading *reading,
			 const struct config_database *entry,
			 bool in_kubernetes)
{
	if (entry->url.kind != BACKEND_URL_SQLITE || entry->allow_sqlite ||
	    reading->config->environment != ENVIRONMENT_PRODUCTION)
		return;
	config_complain(reading, "databases.%s: a SQLite backend serves one "
			"node, and environment is production%s: point backend "
			"at Postgres, or write allow_sqlite: true to do it "
			"all the same, or environment: dev where this is a "
			"developer's machine", entry->name, in_kubernetes ?
			" (as KUBERNETES_SERVICE_HOST is set)" : "");
}

/* One part of a name: a word, or anything between double quotes (doubled
 * ones stand for one). NULL where there is none. */
static const char *name_part(const char *at)
{
	const char *start = at;

	if (*at != '"') {
		while (*at == '_' || (unsigned char)*at >= 0x80 ||
		       (*at >= 'a' && *at <= 'z') ||
		       (*at >= 'A' && *at <= 'Z') ||
		       (at > start && ((*at >= '0' && *at <= '9') ||
				       *at == '$')))
			at++;
		return at > start ? at : NULL;
	}
	for (at++; *at; at++) {
		if (*at != '"')
			continue;
		if (at[1] != '"')
			return at > start + 1 ? at + 1 : NULL;
		at++;
	}
	return NULL;
}

/* TABLE or SCHEMA.TABLE, written as in SQL: the guard knows which words SQL
 * keeps for itself. */
static bool is_table_name(const char *text)
{
	const char *end = name_part(text);
	struct guard *guard;
	struct error error;
	bool good;

	if (end && *end == '.')
		end = name_part(end + 1);
	if (!end || *end)
		return false;
	guard = guard_new(&text, 1, false, &error);
	good = guard;
	guard_free(&guard);
	return good;
}

static bool is_digested_before(const struct option_list *names, unsigned end,
			       const struct digest_name *name)
{
	struct arena arena = { 0 };
	bool found = false;

	for (unsigned i = 0; i < end && !found; i++) {
		struct digest_name other;

		found = digest_name_read(names->items[i], &arena, &other) &&
			strcmp(other.schema, name->schema) == 0 &&
			strcmp(other.table, name->table) == 0;
	}
	arena_fini(&arena);
	return found;
}

static void check_digest_names(struct reading *reading,
			       const struct config_database *entry)
{
	const struct option_list *names = &entry->audit_digest;
	struct arena arena = { 0 };

	for (unsigned i = 0; i < names->count; i++) {
		struct digest_name name;

		if (!digest_name_read(names->items[i], &arena, &name) ||
		    !name.column)
			config_complain(reading, "databases.%s: audit_digest: "
					"%s is not understood; write `table "
					"by column`, with names as in SQL",
					entry->name, names->items[i]);
		else if (is_digested_before(names, i, &name))
			config_complain(reading, "databases.%s: audit_digest: "
					"%s names a table a second time",
					entry->name, names->items[i]);
	}
	arena_fini(&arena);
}

static void check_retain(struct reading *reading,
			 const struct config_database *entry)
{
	const struct option_list *list = &entry->audit_retain;
	struct arena arena = { 0 };

	for (unsigned i = 0; i < list->count; i++) {
		struct retain_rule rule;
		const char *wrong = retain_rule_read(list->items[i], &arena,
						     &rule);

		/* its rows may go anyhow: somebody has misspelt it */
		if (!wrong && !config_audits(entry, &rule))
			wrong = "must name a table as audit_tables does, with "
				"its schema where that has one";
		if (wrong)
			config_complain(reading, "databases.%s: audit_retain: "
					"\"%s\" %s", entry->name,
					list->items[i], wrong);
	}
	arena_fini(&arena);
}

static void check_digest(struct reading *reading,
			 const struct config_database *entry)
{
	const struct config *config = reading->config;

	if (!entry->audit_digest.count)
		return;
	check_digest_names(reading, entry);
	if (!entry->audit_digest_file || !entry->audit_digest_key) {
		config_complain(reading, "databases.%s: audit_digest needs "
				"audit_digest_file and audit_digest_key; `weir "
				"audit keygen FILE` makes a key", entry->name);
		return;
	}
	if (entry->url.kind == BACKEND_URL_SQLITE &&
	    strchr(entry->url.target, '{'))
		config_complain(reading, "databases.%s: audit_digest needs a "
				"backend that is one file", entry->name);
	for (const struct config_database *other = config->databases;
	     other < entry; other++)
		if (other->audit_digest_file &&
		    strcmp(other->audit_digest_file,
			   entry->audit_digest_file) == 0)
			config_complain(reading, "databases.%s: "
					"audit_digest_file is that of %s; each "
					"has its own", entry->name,
					other->name);
}

static void check_database(struct reading *reading,
			   const struct config_database *entry)
{
	const struct option_list *tables = &entry->audit_tables;

	if (entry->min_pool_size > entry->pool_size)
		config_complain(reading, "databases.%s: min_pool_size is %u, "
				"more than pool_size, %u", entry->name,
				entry->min_pool_size, entry->pool_size);
	for (unsigned i = 0; i < tables->count; i++)
		if (!is_table_name(tables->items[i]))
			config_complain(reading, "databases.%s: audit_tables: "
					"%s is no table name; write table or "
					"schema.table as in SQL, with double "
					"quotes where SQL needs them",
					entry->name, tables->items[i]);
	check_retain(reading, entry);
}

/* For whom a rule is made must not be what anybody may call himself. */
static void warn_of_trust(struct reading *reading,
			  const struct config_database *entry)
{
	if (!entry->audit_exempt_users.count || !entry->audit_tables.count ||
	    is_authenticated(reading->config))
		return;
	config_warn(reading, "databases.%s: audit_exempt_users: any client on "
		    "this machine may call itself %s, since auth.method is "
		    "trust: set auth.method to scram-sha-256 (with "
		    "auth.users_file)", entry->name,
		    entry->audit_exempt_users.items[0]);
}

static bool has_bare_capital(const char *name)
{
	bool quoted = false;

	for (; *name; name++) {
		if (*name == '"')
			quoted = !quoted;
		else if (!quoted && *name >= 'A' && *name <= 'Z')
			return true;
	}
	return false;
}

/* YAML takes quotes away that were meant for SQL. */
static void warn_of_capitals(struct reading *reading,
			     const struct config_database *entry)
{
	const struct option_list *tables = &entry->audit_tables;

	if (entry->url.kind == BACKEND_URL_SQLITE)
		return;	/* there all names have no case */
	for (unsigned i = 0; i < tables->count; i++)
		if (has_bare_capital(tables->items[i]))
			config_warn(reading, "databases.%s: audit_tables: %s is "
				    "in small letters to SQL: if it is called "
				    "so, write it in double quotes, and these "
				    "in single ones for YAML: '\"Name\"'",
				    entry->name, tables->items[i]);
}

/* What one of them refuses passes by way of the other. */
static void warn_of_twins(struct reading *reading,
			  const struct config_database *entry)
{
	const struct config *config = reading->config;

	for (unsigned i = 0; i < config->database_count; i++) {
		const struct config_database *other = &config->databases[i];
		const char *lacking = config_lacks(entry, other);

		if (!lacking || !config_are_twins(config, entry, other))
			continue;
		config_warn(reading, "databases.%s: audit_tables: %s is not "
			    "guarded here, but in databases.%s, which leads to "
			    "the same database: clients of databases.%s can "
			    "change it, unless this is named here too",
			    entry->name, lacking, other->name, entry->name);
	}
}

static void warn(struct reading *reading)
{
	const struct config *config = reading->config;

	for (unsigned i = 0; i < config->database_count; i++) {
		warn_of_trust(reading, &config->databases[i]);
		warn_of_capitals(reading, &config->databases[i]);
		warn_of_twins(reading, &config->databases[i]);
	}
}

void config_check(struct reading *reading, bool in_kubernetes)
{
	const struct config *config = reading->config;

	check_listen(reading);
	check_tls(reading);
	check_auth(reading);
	for (unsigned i = 0; i < config->database_count; i++) {
		check_sqlite(reading, &config->databases[i], in_kubernetes);
		check_database(reading, &config->databases[i]);
		check_digest(reading, &config->databases[i]);
	}
	if (!reading->complaints)
		warn(reading);
}
