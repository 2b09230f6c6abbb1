/*
 * Options of TCP sockets. A peer whose host has vanished, or that a firewall
 * has forgotten, sends nothing to say so: the kernel must ask.
 */
#ifndef WEIR_POOL_SOCKET_H
#define WEIR_POOL_SOCKET_H

/* 0 leaves a value as the system has it (tcp(7)). */
struct socket_keep_alive {
	int idle_s;		/* silence until the first probe */
	int interval_s;		/* between probes */
	int probes;		/* unanswered, then the connection is lost */
	int unanswered_ms;	/* sent data not acknowledged for so long, and
				   it is lost too (TCP_USER_TIMEOUT) */
};

/* What the system does not know is left out; that is no error. */
void socket_keep_alive(int fd, const struct socket_keep_alive *);

#endif
