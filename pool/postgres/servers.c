#include "pool/postgres/servers.h"

#include <stdlib.h>
#include <strings.h>

/* A line for each. */
static void put_server(struct buffer *out, const struct pg_host *host)
{
	const char *name = host->address ? host->address : host->name;

	buffer_printf(out, "%s:%s\n",
		      pg_host_is_local(host) ? "localhost" : name,
		      host->port[0] ? host->port : "5432");
}

char *pg_servers_of(const struct pg_conninfo *info)
{
	const char *service = pg_conninfo_get(info, "service");
	struct buffer out = { 0 };
	char *servers;

	for (unsigned i = 0; i < info->host_count; i++)
		put_server(&out, &info->hosts[i]);
	if (info->has_service)
		buffer_printf(&out, "service %s\n", service ? service : "");
	servers = slice_dup(buffer_slice(&out));
	buffer_fini(&out);
	return servers;
}

static bool has_line(const char *servers, const char *line, size_t length)
{
	for (; *servers; servers += strcspn(servers, "\n") + 1)
		if (strcspn(servers, "\n") == length &&
		    strncasecmp(servers, line, length) == 0)
			return true;
	return false;
}

bool pg_servers_meet(const char *a, const char *b)
{
	for (; a && b && *a; a += strcspn(a, "\n") + 1)
		if (has_line(b, a, strcspn(a, "\n")))
			return true;
	return false;
}
