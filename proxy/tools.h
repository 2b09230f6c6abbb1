/*
 * What `weir` does besides serving: the small commands, the banner, and the
 * program that `weir run` starts.
 */
#ifndef WEIR_PROXY_TOOLS_H
#define WEIR_PROXY_TOOLS_H

#include <sys/types.h>

#include "proxy/config.h"
#include "proxy/listener.h"

/* Reads the command line; `serve` is called when it asks for serving, owns the
 * configuration from then on, and its answer is the exit code. `command` is
 * what `weir run -- ...` shall start, ended by NULL, or NULL. */
int tools_main(int argc, char **argv,
	       int (*serve)(int argc, char **argv, struct config *,
			    char **command));

/* weir adopt (tool_adopt.c); its exit code. */
int tool_adopt(int argc, char **argv);

/* weir explain-sql (tool_explain.c); its exit code. */
int tool_explain(int argc, char **argv);

/* weir audit keygen and verify (tool_audit_verify.c); their exit codes. */
int tool_audit_keygen(int argc, char **argv);
int tool_audit_verify(int argc, char **argv);

/* weir audit check and sql (tool_audit.c); its exit code. */
int tool_audit(int argc, char **argv);

/* The path of a SQLite file, given as one or as a backend's URL. */
const char *tool_sqlite_path(const char *file, struct arena *);

/* One log line "ready", and on a terminal the lines to paste. */
void tools_say_ready(const struct config *, const struct listeners *);

/* Starts the command with DATABASE_URL in its environment; its pid, or -1. */
pid_t tools_start(char **command, const struct config *,
		  const struct listeners *);

#endif
