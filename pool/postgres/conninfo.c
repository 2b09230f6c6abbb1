#include "pool/postgres/conninfo.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include <openssl/crypto.h>

#include "pool/postgres/servers.h"

#define CONNECT_TIMEOUT_MS 10000

static void forget(char **text)
{
	if (*text)
		OPENSSL_cleanse(*text, strlen(*text));
	free(*text);
	*text = NULL;
}

/* --- options ------------------------------------------------------------ */

static int find_option(const struct pg_conninfo *info, const char *name)
{
	for (unsigned i = 0; i < info->option_count; i++)
		if (strcmp(info->names[i], name) == 0)
			return (int)i;
	return -1;
}

const char *pg_conninfo_get(const struct pg_conninfo *info, const char *name)
{
	int index = find_option(info, name);

	return index < 0 ? NULL : info->values[index];
}

void pg_conninfo_set(struct pg_conninfo *info, const char *name,
		     const char *value)
{
	int index = find_option(info, name);

	if (index >= 0) {
		forget(&info->values[index]);
		info->values[index] = must_dup(value);
	} else if (info->option_count < CONNINFO_OPTIONS_MAX) {
		info->names[info->option_count] = must_dup(name);
		info->values[info->option_count++] = must_dup(value);
	}
}

static void set_default(struct pg_conninfo *info, const char *name,
			const char *value)
{
	if (find_option(info, name) < 0)
		pg_conninfo_set(info, name, value);
}

/* --- hosts -------------------------------------------------------------- */

/* The entry of a list divided by commas; the last one for a list of one. */
static char *list_entry(const char *list, unsigned index)
{
	const char *end;

	if (!list)
		return must_dup("");
	while (index--) {
		end = strchr(list, ',');
		if (!end)
			return must_dup("");
		list = end + 1;
	}
	end = strchr(list, ',');
	return slice_dup(slice_make(list, end ? (size_t)(end - list) :
						strlen(list)));
}

static unsigned list_count(const char *list)
{
	unsigned count = 1;

	for (; *list; list++)
		count += *list == ',';
	return count;
}

static bool is_path(const char *name)
{
	return name[0] == '/' || name[0] == '@';
}

static bool is_numeric(const char *name)
{
	uint8_t address[16];

	return inet_pton(AF_INET, name, address) == 1 ||
	       inet_pton(AF_INET6, name, address) == 1;
}

static void add_host(struct pg_conninfo *info, const char *names,
		     const char *addresses, const char *ports, unsigned index)
{
	struct pg_host *host = &info->hosts[info->host_count++];
	bool one_port = ports && !strchr(ports, ',');

	host->name = list_entry(names, index);
	host->port = list_entry(ports, one_port ? 0 : index);
	host->address = list_entry(addresses, index);
	if (!host->address[0])
		forget(&host->address);
	if (!host->address && is_numeric(host->name))
		host->address = must_dup(host->name);
}

static bool read_hosts(struct pg_conninfo *info, const char *names,
		       const char *addresses, const char *ports,
		       struct error *error)
{
	unsigned count = addresses && addresses[0] ? list_count(addresses) :
			 names ? list_count(names) : 1;

	if (count > CONNINFO_HOSTS_MAX)
		return error_set(error, SQLSTATE_INVALID_PARAMETER,
				 "the connection string names %u hosts; at "
				 "most %d can be", count, CONNINFO_HOSTS_MAX);
	if (addresses && addresses[0] && names && names[0] &&
	    list_count(names) != count)
		return error_set(error, SQLSTATE_INVALID_PARAMETER,
				 "the connection string has %u host names for "
				 "%u hostaddr values", list_count(names),
				 count);
	if (ports && list_count(ports) > 1 && list_count(ports) != count)
		return error_set(error, SQLSTATE_INVALID_PARAMETER,
				 "the connection string has %u ports for %u "
				 "hosts", list_count(ports), count);
	for (unsigned i = 0; i < count; i++)
		add_host(info, names, addresses, ports, i);
	return true;
}

bool pg_host_needs_lookup(const struct pg_host *host)
{
	return !host->address && host->name[0] && !is_path(host->name);
}

static void host_fini(struct pg_host *host)
{
	forget(&host->name);
	forget(&host->address);
	forget(&host->port);
}

void pg_conninfo_replace_host(struct pg_conninfo *info, unsigned index,
			      char *const *addresses, unsigned count)
{
	struct pg_host old = info->hosts[index];
	unsigned behind = info->host_count - index - 1;
	unsigned room = CONNINFO_HOSTS_MAX - info->host_count + 1;

	if (count > room)
		count = room;
	memmove(&info->hosts[index + count], &info->hosts[index + 1],
		behind * sizeof(old));
	for (unsigned i = 0; i < count; i++)
		info->hosts[index + i] = (struct pg_host){
			.name = must_dup(old.name),
			.address = must_dup(addresses[i]),
			.port = must_dup(old.port),
		};
	info->host_count = info->host_count - 1 + count;
	host_fini(&old);
}

static bool is_loopback(const char *address)
{
	return strncmp(address, "127.", 4) == 0 ||
	       strcmp(address, "::1") == 0;
}

static bool may_leave(const struct pg_host *host)
{
	return host->address ? !is_loopback(host->address) :
			       host->name[0] && !is_path(host->name);
}

bool pg_host_is_local(const struct pg_host *host)
{
	return !may_leave(host) ||
	       (!host->address && strcasecmp(host->name, "localhost") == 0);
}

bool pg_conninfo_is_local(const struct pg_conninfo *info)
{
	if (info->has_service)
		return false;
	for (unsigned i = 0; i < info->host_count; i++)
		if (may_leave(&info->hosts[i]))
			return false;
	return true;
}

/* --- reading ------------------------------------------------------------ */

static const PQconninfoOption *find_in(const PQconninfoOption *options,
				       const char *name)
{
	for (; options && options->keyword; options++)
		if (strcmp(options->keyword, name) == 0)
			return options;
	return NULL;
}

/* From the string, or from libpq's environment variables. */
static const char *value_in(const PQconninfoOption *given,
			    const PQconninfoOption *defaults, const char *name)
{
	const PQconninfoOption *option = find_in(given, name);

	if (!option || !option->val)
		option = find_in(defaults, name);
	return option ? option->val : NULL;
}

static bool is_host_option(const char *name)
{
	return strcmp(name, "host") == 0 || strcmp(name, "hostaddr") == 0 ||
	       strcmp(name, "port") == 0;
}

static void read_timeout(struct pg_conninfo *info,
			 const struct pg_target *target)
{
	const char *text = pg_conninfo_get(info, "connect_timeout");
	long seconds = text ? strtol(text, NULL, 10) : 0;

	info->connect_timeout_ms = target->connect_timeout_ms ?
				   target->connect_timeout_ms :
				   CONNECT_TIMEOUT_MS;
	if (seconds > 0 && seconds < 86400)
		info->connect_timeout_ms = (uint64_t)seconds * 1000;
}

static void put_target_over(struct pg_conninfo *info,
			    const struct pg_target *target)
{
	const char *options = pg_conninfo_get(info, "options");
	struct buffer both = { 0 };

	if (target->user)
		pg_conninfo_set(info, "user", target->user);
	if (target->password)
		pg_conninfo_set(info, "password", target->password);
	if (target->database)
		pg_conninfo_set(info, "dbname", target->database);
	if (target->options) {
		buffer_printf(&both, "%s%s%s", options ? options : "",
			      options ? " " : "", target->options);
		pg_conninfo_set(info, "options", buffer_cstring(&both));
		buffer_fini(&both);
	}
}

static void put_number(struct pg_conninfo *info, const char *name,
		       unsigned value)
{
	char text[16];

	if (!value)
		return;
	snprintf(text, sizeof(text), "%u", value);
	set_default(info, name, text);
}

static void put_keepalive(struct pg_conninfo *info,
			  const struct pg_target *target)
{
	set_default(info, "keepalives", target->without_keepalive ? "0" : "1");
	put_number(info, "keepalives_idle", target->keepalive_idle_s);
	put_number(info, "keepalives_interval", target->keepalive_interval_s);
	put_number(info, "keepalives_count", target->keepalive_count);
	put_number(info, "tcp_user_timeout", target->user_timeout_ms);
}

static void put_own_defaults(struct pg_conninfo *info)
{
	/* GSSAPI encryption would put libpq between us and the bytes. */
	pg_conninfo_set(info, "gssencmode", "disable");
}

static bool read_options(struct pg_conninfo *info,
			 const PQconninfoOption *given,
			 const PQconninfoOption *defaults, struct error *error)
{
	for (const PQconninfoOption *each = given; each->keyword; each++)
		if (each->val && !is_host_option(each->keyword))
			pg_conninfo_set(info, each->keyword, each->val);
	info->has_sslmode = value_in(given, defaults, "sslmode") &&
			    (find_in(given, "sslmode")->val ||
			     getenv("PGSSLMODE"));
	info->has_service = pg_conninfo_get(info, "service") ||
			    getenv("PGSERVICE");
	if (info->has_service && !value_in(given, NULL, "host") &&
	    !value_in(given, NULL, "hostaddr"))
		return true;	/* the hosts are in the file */
	info->has_service = false;
	return read_hosts(info, value_in(given, defaults, "host"),
			  value_in(given, defaults, "hostaddr"),
			  value_in(given, defaults, "port"), error);
}

static PQconninfoOption *parse(const char *conninfo, struct error *error)
{
	char *message = NULL;
	PQconninfoOption *options = PQconninfoParse(conninfo, &message);

	if (!options) {
		size_t length = message ? strcspn(message, "\n") : 0;

		error_set(error, SQLSTATE_INVALID_PARAMETER,
			  "the connection string cannot be read: %.*s",
			  (int)length, message ? message : "");
	}
	PQfreemem(message);
	return options;
}

bool pg_conninfo_read(struct pg_conninfo *info,
		      const struct pg_target *target, struct error *error)
{
	PQconninfoOption *given = parse(target->conninfo, error), *defaults;
	bool done;

	*info = (struct pg_conninfo){ 0 };
	if (!given)
		return false;
	defaults = PQconndefaults();
	done = read_options(info, given, defaults, error);
	PQconninfoFree(given);
	PQconninfoFree(defaults);
	if (!done)
		return false;
	put_target_over(info, target);
	put_own_defaults(info);
	put_keepalive(info, target);
	read_timeout(info, target);
	return true;
}

void pg_conninfo_fini(struct pg_conninfo *info)
{
	for (unsigned i = 0; i < info->option_count; i++) {
		forget(&info->names[i]);
		forget(&info->values[i]);
	}
	for (unsigned i = 0; i < info->host_count; i++)
		host_fini(&info->hosts[i]);
	*info = (struct pg_conninfo){ 0 };
}

/* --- what it names ------------------------------------------------------ */

static char *copy_of(const char *text)
{
	return text ? must_dup(text) : NULL;
}

static bool is_one_of(const char *word, const char *a, const char *b)
{
	return word && (strcmp(word, a) == 0 || strcmp(word, b) == 0);
}

static char *servers_of(const char *conninfo)
{
	const struct pg_target target = { .conninfo = conninfo };
	struct pg_conninfo info;
	struct error error;
	char *servers = pg_conninfo_read(&info, &target, &error) ?
				pg_servers_of(&info) : NULL;

	pg_conninfo_fini(&info);
	return servers;
}

bool pg_named_read(const char *conninfo, struct pg_named *named,
		   struct error *error)
{
	PQconninfoOption *given = parse(conninfo, error), *defaults;
	const char *balance;

	*named = (struct pg_named){ 0 };
	if (!given)
		return false;
	defaults = PQconndefaults();
	named->user = copy_of(value_in(given, NULL, "user"));
	named->database = copy_of(value_in(given, NULL, "dbname"));
	named->servers = servers_of(conninfo);
	/* Balanced between hosts, the next one is not the new one. */
	balance = value_in(given, defaults, "load_balance_hosts");
	named->primary = is_one_of(value_in(given, defaults,
					    "target_session_attrs"),
				   "read-write", "primary") &&
			 (!balance || strcmp(balance, "random") != 0);
	PQconninfoFree(given);
	PQconninfoFree(defaults);
	return true;
}

void pg_named_fini(struct pg_named *named)
{
	forget(&named->user);
	forget(&named->database);
	forget(&named->servers);
}

/* --- starting ----------------------------------------------------------- */

static void join_hosts(const struct pg_conninfo *info, struct buffer *names,
		       struct buffer *addresses, struct buffer *ports)
{
	for (unsigned i = 0; i < info->host_count; i++) {
		const struct pg_host *host = &info->hosts[i];
		const char *comma = i ? "," : "";

		buffer_printf(names, "%s%s", comma, host->name);
		buffer_printf(addresses, "%s%s", comma,
			      host->address ? host->address : "");
		buffer_printf(ports, "%s%s", comma, host->port);
	}
}

PGconn *pg_conninfo_start(const struct pg_conninfo *info)
{
	const char *names[CONNINFO_OPTIONS_MAX + 4];
	const char *values[CONNINFO_OPTIONS_MAX + 4];
	struct buffer hosts = { 0 }, addresses = { 0 }, ports = { 0 };
	unsigned count = 0;
	PGconn *conn;

	for (; count < info->option_count; count++) {
		names[count] = info->names[count];
		values[count] = info->values[count];
	}
	if (info->host_count) {
		join_hosts(info, &hosts, &addresses, &ports);
		names[count] = "host";
		values[count++] = buffer_cstring(&hosts);
		names[count] = "hostaddr";
		values[count++] = buffer_cstring(&addresses);
		names[count] = "port";
		values[count++] = buffer_cstring(&ports);
	}
	names[count] = values[count] = NULL;
	conn = PQconnectStartParams(names, values, 0);
	buffer_fini(&hosts);
	buffer_fini(&addresses);
	buffer_fini(&ports);
	return conn;
}

/* --- passwords ---------------------------------------------------------- */

bool pg_hash_password(const char *user, const char *password,
		      struct buffer *ret_verifier, struct error *error)
{
	static const char *const names[] = { "host", NULL };
	static const char *const values[] = { "/nonexistent", NULL };
	/* It need not be connected, but it must exist. */
	PGconn *conn = PQconnectStartParams(names, values, 0);
	char *text = conn ? PQencryptPasswordConn(conn, password, user,
						  "scram-sha-256") : NULL;

	if (text)
		buffer_put_text(ret_verifier, text);
	else
		error_set(error, SQLSTATE_INTERNAL,
			  "the password cannot be hashed: %s",
			  conn ? PQerrorMessage(conn) : "out of memory");
	PQfreemem(text);
	PQfinish(conn);
	return text != NULL;
}
