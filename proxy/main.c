/*
 * weir: arguments, signals, the order of birth and of death.
 *
 * Birth: configuration, what the databases guard themselves, users, TLS,
 * databases, listeners, "ready".
 * Death (SIGTERM, SIGINT): listeners close, sessions leave at the end of
 * their transaction, pools and engines close, the loop runs empty, exit 0.
 * A second signal does not wait.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sysexits.h>
#include <uv.h>

#include "pool/tls.h"
#include "proxy/audit_start.h"
#include "proxy/auth.h"
#include "proxy/config.h"
#include "proxy/digest.h"
#include "proxy/health.h"
#include "proxy/listener.h"
#include "proxy/log.h"
#include "proxy/refusals.h"
#include "proxy/route.h"
#include "proxy/session.h"
#include "proxy/session_state.h"
#include "proxy/tools.h"

extern char **environ;

#define TICK_MS 50
#define TICKS_PER_ROUTES_TICK 2

struct process {
	struct worker worker;
	uv_loop_t loop;
	uv_timer_t tick;
	uv_signal_t terminate, interrupt, hangup, quit, child;
	struct listeners *listeners;
	struct http *http;
	uint64_t deadline_ms;	/* of the draining; 0: not draining */
	unsigned ticks;
	int argc;		/* as read at the start, for reloads */
	char **argv;
	int exit_code;
	pid_t command;		/* weir run: the program served */
	bool closing;		/* pools and engines are being closed */
};

static struct process *process_of(struct worker *worker)
{
	return LIST_ENTRY(worker, struct process, worker);
}

/* --- death -------------------------------------------------------------- */

static void close_handle(uv_handle_t *handle)
{
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

/* Everything is closed but the process's own handles. */
static void on_routes_closed(struct worker *worker)
{
	struct process *process = process_of(worker);

	close_handle((uv_handle_t *)&process->tick);
	close_handle((uv_handle_t *)&process->terminate);
	close_handle((uv_handle_t *)&process->interrupt);
	close_handle((uv_handle_t *)&process->hangup);
	close_handle((uv_handle_t *)&process->quit);
	close_handle((uv_handle_t *)&process->child);
}

static void check_gone(struct worker *worker)
{
	struct process *process = process_of(worker);

	if (!worker->draining || worker->session_count || process->closing)
		return;
	process->closing = true;
	http_close(&process->http);
	digests_stop(&worker->digests);
	routes_close(worker, on_routes_closed);
}

static void cut_sessions(struct process *process)
{
	struct error error;
	uint64_t cut = 0;

	error_set(&error, SQLSTATE_ADMIN_SHUTDOWN,
		  "terminating connection: weir is shutting down");
	error.fatal = true;
	LIST_EACH_SAFE(link, &process->worker.sessions) {
		session_close(LIST_ENTRY(link, struct session, link), &error);
		cut++;
	}
	if (cut)
		log_warn("the drain deadline cut sessions", "sessions", cut);
}

static void drain(struct process *process)
{
	struct worker *worker = &process->worker;

	if (process->deadline_ms) {
		cut_sessions(process);
		return;
	}
	log_info("stopping", "sessions", (uint64_t)worker->session_count);
	process->deadline_ms = worker_now(worker) +
			       worker->config->drain.timeout_ms;
	worker->draining = true;
	if (process->listeners)
		listeners_close(process->listeners);
	LIST_EACH_SAFE(link, &worker->sessions)
		session_drain(LIST_ENTRY(link, struct session, link));
	check_gone(worker);
}

/* --- signals ------------------------------------------------------------ */

/* weir run: the served program ends first, and we with it; what the terminal
 * sends goes to both anyway. */
static bool pass_on(struct process *process, int number)
{
	if (!process->command)
		return false;
	if (number != SIGINT || !isatty(STDIN_FILENO))
		kill(process->command, number);
	return true;
}

static void on_terminate(uv_signal_t *signal, int number)
{
	if (!pass_on(signal->data, number))
		drain(signal->data);
}

static void on_quit(uv_signal_t *signal, int number)
{
	struct process *process = signal->data;

	drain(process);
	cut_sessions(process);
}

static struct auth_settings auth_settings_of(const struct config *config)
{
	return (struct auth_settings){
		.method = config->auth.method == CONFIG_AUTH_TRUST ?
			  AUTH_TRUST : AUTH_SCRAM,
		.users_file = config->auth.users_file,
	};
}

static struct tls_files tls_files_of(const struct config *config)
{
	return (struct tls_files){
		.cert = config->tls.cert,
		.key = config->tls.key,
		.client_ca = config->tls.client_ca,
		.client_cert_required = config->tls.mode == TLS_VERIFY,
		.only_1_3 = config->tls.min_version == TLS_1_3,
	};
}

/* Reads configuration, users and certificate again. What cannot be read
 * leaves the old in force. */
static void reload(struct process *process)
{
	struct worker *worker = &process->worker;
	struct config *config = NULL;
	struct buffer messages = { 0 };
	struct auth_settings settings;
	struct tls_files files;
	struct error error;

	if (config_reload(worker->config, process->argc, process->argv,
			  environ, &config, &messages) != CONFIG_OK) {
		log_error("reload failed; the old configuration stays",
			  "reason", buffer_cstring(&messages));
		buffer_fini(&messages);
		return;
	}
	log_info("reloaded", "changes", buffer_cstring(&messages));
	buffer_fini(&messages);
	routes_reload(worker, config);
	config_free(&worker->config);
	worker->config = config;
	worker->look_at_ms = 0;
	log_set((enum log_level)config->log.level,
		(enum log_format)config->log.format);
	settings = auth_settings_of(config);
	if (!auth_reload(&worker->auth, &settings, &error))
		log_error("the old users stay", "error", error.message);
	files = tls_files_of(config);
	if (worker->tls && !tls_reload(&worker->tls, &files, &error))
		log_error("the old certificate stays", "error",
			  error.message);
}

static void on_hangup(uv_signal_t *signal, int number)
{
	reload(signal->data);
}

/* weir run: the served program has ended; so do we, with its exit code. */
static void on_child(uv_signal_t *signal, int number)
{
	struct process *process = signal->data;
	int status;

	if (!process->command ||
	    waitpid(process->command, &status, WNOHANG) != process->command)
		return;
	process->command = 0;
	process->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) :
						 128 + WTERMSIG(status);
	drain(process);
}

static void on_tick(uv_timer_t *timer)
{
	struct process *process = timer->data;
	struct worker *worker = &process->worker;
	uint64_t now = worker_now(worker);

	sessions_tick(worker, now);
	if (process->deadline_ms && now >= process->deadline_ms)
		cut_sessions(process);
	if (++process->ticks % TICKS_PER_ROUTES_TICK == 0)
		routes_tick(worker, now);
}

static void watch_signal(struct process *process, uv_signal_t *signal,
			 uv_signal_cb callback, int number)
{
	uv_signal_init(&process->loop, signal);
	signal->data = process;
	uv_signal_start(signal, callback, number);
}

/* --- birth -------------------------------------------------------------- */

static int refuse_to_start(const struct error *error, int exit_code)
{
	log_error(error->message, "hint", error->hint);
	return exit_code;
}

static void raise_limits(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	/* A core file would hold secrets. */
	files = (struct rlimit){ 0, 0 };
	setrlimit(RLIMIT_CORE, &files);
}

static int open_http(struct process *process, const char *address)
{
	struct error error;
	int status = http_open(&process->loop, address, &health_answers,
			       &process->worker, &process->http);

	if (status == 0)
		return 0;
	error_set(&error, SQLSTATE_CANNOT_CONNECT, "cannot listen on %s: %s",
		  address, uv_strerror(status));
	error_hint(&error, "Choose another address with --listen-http.");
	return refuse_to_start(&error, EX_UNAVAILABLE);
}

static int open_worker(struct process *process, struct config *config)
{
	struct worker *worker = &process->worker;
	struct auth_settings settings = auth_settings_of(config);
	struct tls_files files = tls_files_of(config);
	struct error error;

	worker->loop = &process->loop;
	worker->config = config;
	worker->on_session_gone = check_gone;
	list_init(&worker->sessions);
	list_init(&worker->spare_watches);
	list_init(&worker->long_texts);
	buffer_reserve(&worker->shared, STREAM_READ_BYTES);
	worker->statements = statements_new();
	worker->refusals = refusals_new();
	worker->sanctions = refusals_new_of_sanctions();
	worker->auth = auth_new(&settings, &error);
	if (!worker->auth)
		return refuse_to_start(&error, EX_CONFIG);
	if (config->tls.mode != TLS_DISABLE) {
		worker->tls = tls_open(&files, &error);
		if (!worker->tls)
			return refuse_to_start(&error, EX_CONFIG);
	}
	if (!routes_open(worker, &worker->routes, &error))
		return refuse_to_start(&error, EX_CONFIG);
	if (!digests_start(config, &worker->digests, &error))
		return refuse_to_start(&error, EX_CONFIG);
	if (!listeners_open(worker, &process->listeners, &error))
		return refuse_to_start(&error, EX_UNAVAILABLE);
	if (config->listen.http && config->listen.http[0])
		return open_http(process, config->listen.http);
	return 0;
}

/* After the loop has run empty. */
static void close_worker(struct process *process)
{
	struct worker *worker = &process->worker;

	listeners_free(&process->listeners);
	routes_free(&worker->routes);
	state_free_spare(worker);
	statements_free(&worker->statements);
	refusals_free(&worker->refusals);
	refusals_free(&worker->sanctions);
	auth_free(&worker->auth);
	SSL_CTX_free(worker->tls);
	buffer_wipe(&worker->shared);
	config_free(&worker->config);
}

static void open_signals(struct process *process)
{
	signal(SIGPIPE, SIG_IGN);
	watch_signal(process, &process->terminate, on_terminate, SIGTERM);
	watch_signal(process, &process->interrupt, on_terminate, SIGINT);
	watch_signal(process, &process->hangup, on_hangup, SIGHUP);
	watch_signal(process, &process->quit, on_quit, SIGQUIT);
	watch_signal(process, &process->child, on_child, SIGCHLD);
	uv_timer_init(&process->loop, &process->tick);
	process->tick.data = process;
	uv_timer_start(&process->tick, on_tick, TICK_MS, TICK_MS);
}

static int serve(int argc, char **argv, struct config *config, char **command)
{
	struct process *process;
	int exit_code = audit_start_require(config);

	if (exit_code) {
		config_free(&config);
		return exit_code;
	}
	process = must_alloc(sizeof(*process));
	process->argc = argc;
	process->argv = argv;
	raise_limits();
	uv_loop_init(&process->loop);
	open_signals(process);
	exit_code = open_worker(process, config);
	if (exit_code)
		return exit_code;
	tools_say_ready(config, process->listeners);
	if (command)
		process->command = tools_start(command, config,
					       process->listeners);
	if (process->command < 0) {
		process->command = 0;
		process->exit_code = EX_OSERR;
		drain(process);
	}
	uv_run(&process->loop, UV_RUN_DEFAULT);
	uv_loop_close(&process->loop);
	exit_code = process->exit_code;
	close_worker(process);
	free(process);
	log_info("stopped");
	return exit_code;
}

int main(int argc, char **argv)
{
	return tools_main(argc, argv, serve);
}
