/*
 * TLS towards clients: the certificate, the key, and the rules. At least TLS
 * 1.2, no compression, no renegotiation, no session tickets, and the protocol
 * name "postgresql" (ALPN) for clients that ask.
 *
 * A context is made whole or not at all: a reload makes a new one and changes
 * over only when that worked. Sessions keep the context they began with.
 */
#ifndef WEIR_POOL_TLS_H
#define WEIR_POOL_TLS_H

#include <openssl/ssl.h>

#include "protocol/bytes.h"
#include "protocol/error.h"

struct tls_files {
	const char *cert;	/* PEM: the certificate, then its chain */
	const char *key;	/* PEM */
	const char *client_ca;	/* PEM, or NULL: clients show no certificate */
	bool client_cert_required;
	bool only_1_3;		/* TLS 1.2 is refused too */
};

/* A new context; NULL with an error that names the file. Free it with
 * SSL_CTX_free(): OpenSSL keeps it while sessions use it. */
SSL_CTX *tls_open(const struct tls_files *, struct error *);

/* Opens again and replaces *context; on failure it stays as it was. */
bool tls_reload(SSL_CTX **context, const struct tls_files *, struct error *);

/* The hash of the certificate this server showed on `ssl`, for SCRAM's channel
 * binding (tls-server-end-point, RFC 5929). Returns its length; 0: none. */
size_t tls_server_end_point(SSL *, uint8_t hash[64]);

/* The client asked for the protocol "postgresql" (ALPN). A client that starts
 * TLS without an SSLRequest must have. */
bool tls_alpn_is_postgresql(const SSL *);

/* The common name of the client's verified certificate; false: there is
 * none, or it holds a zero byte. */
bool tls_client_name(const SSL *, struct buffer *ret_name);

#endif
