/*
 * A Postgres cluster of a test's own, in a temporary directory, on a free
 * loopback port, with TLS and a role "app" (password "secret"). Tests that
 * need one are skipped where Postgres is not installed.
 */
#ifndef WEIR_TESTS_CLUSTER_H
#define WEIR_TESTS_CLUSTER_H

#include <glob.h>
#include <netinet/in.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <libpq-fe.h>

#include "tests/unit/tls_pair.h"

struct cluster {
	char bin[128];
	char directory[64];
	int port;
	bool running;
};

static int cluster_free_port(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t length = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	bind(fd, (struct sockaddr *)&address, sizeof(address));
	getsockname(fd, (struct sockaddr *)&address, &length);
	close(fd);
	return ntohs(address.sin_port);
}

/* Postgres will not run as root: then its own user is taken. */
static int cluster_shell(const struct cluster *cluster, const char *script)
{
	struct passwd *user = geteuid() ? NULL : getpwnam("postgres");
	pid_t child = fork();
	char port[16];
	int status = -1;

	if (child == 0) {
		if (user && (setgid(user->pw_gid) || setuid(user->pw_uid)))
			_exit(1);
		snprintf(port, sizeof(port), "%d", cluster->port);
		setenv("B", cluster->bin, 1);
		setenv("D", cluster->directory, 1);
		setenv("P", port, 1);
		if (chdir("/"))
			_exit(1);
		execl("/bin/sh", "sh", "-ec", script, (char *)NULL);
		_exit(1);
	}
	if (child > 0)
		waitpid(child, &status, 0);
	return status;
}

/* Runs SQL as the superuser, waiting for it. */
static inline void cluster_sql(const struct cluster *cluster, const char *sql)
{
	char conninfo[256];
	PGconn *conn;
	PGresult *result;

	snprintf(conninfo, sizeof(conninfo),
		 "host=%s port=%d user=weir dbname=postgres",
		 cluster->directory, cluster->port);
	conn = PQconnectdb(conninfo);
	result = PQexec(conn, sql);
	if (PQresultStatus(result) != PGRES_COMMAND_OK &&
	    PQresultStatus(result) != PGRES_TUPLES_OK)
		fprintf(stderr, "%s: %s", sql, PQerrorMessage(conn));
	PQclear(result);
	PQfinish(conn);
}

static bool cluster_find(struct cluster *cluster)
{
	glob_t found;
	bool any = glob("/usr/lib/postgresql/*/bin", 0, NULL, &found) == 0;

	if (any)
		snprintf(cluster->bin, sizeof(cluster->bin), "%s",
			 found.gl_pathv[found.gl_pathc - 1]);
	globfree(&found);
	return any;
}

static inline bool cluster_start(struct cluster *cluster)
{
	struct passwd *user = geteuid() ? NULL : getpwnam("postgres");
	char cert[96], key[96];

	*cluster = (struct cluster){ .directory = "/tmp/weir-pg-XXXXXX" };
	if (!cluster_find(cluster) || !mkdtemp(cluster->directory))
		return false;
	cluster->port = cluster_free_port();
	snprintf(cert, sizeof(cert), "%s/server.crt", cluster->directory);
	snprintf(key, sizeof(key), "%s/server.key", cluster->directory);
	pair_write(cert, key);
	chmod(key, 0600);
	chmod(cert, 0644);
	chmod(cluster->directory, 0755);
	if (user && (chown(cluster->directory, user->pw_uid, user->pw_gid) ||
		     chown(key, user->pw_uid, user->pw_gid)))
		return false;
	if (cluster_shell(cluster,
		"$B/initdb -D $D/data -A trust -U weir --no-sync -E UTF8 "
		"--locale=C >$D/initdb.log 2>&1\n"
		"cat >>$D/data/postgresql.conf <<END\n"
		"port = $P\n"
		"listen_addresses = '127.0.0.1'\n"
		"unix_socket_directories = '$D'\n"
		"fsync = off\n"
		"ssl = on\n"
		"ssl_cert_file = '$D/server.crt'\n"
		"ssl_key_file = '$D/server.key'\n"
		"END\n"
		"cat >$D/data/pg_hba.conf <<END\n"
		"local all all trust\n"
		"host all app 127.0.0.1/32 scram-sha-256\n"
		"host all all 127.0.0.1/32 trust\n"
		"END\n"
		"$B/pg_ctl -D $D/data -w -l $D/log start >/dev/null\n"))
		return false;
	cluster->running = true;
	cluster_sql(cluster, "create role app login password 'secret'");
	return true;
}

static inline void cluster_stop(struct cluster *cluster)
{
	if (cluster->running)
		cluster_shell(cluster, "$B/pg_ctl -D $D/data -w -m immediate "
			      "stop >/dev/null");
	cluster->running = false;
	cluster_shell(cluster, "rm -rf $D");
	rmdir(cluster->directory);
}

#endif
