#include "pool/tls.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

static const unsigned char alpn_name[] = "\012postgresql";

/* Clients that name protocols must name this one, or be refused: otherwise a
 * browser could be talked into speaking to us (the ALPACA attack). */
static int choose_protocol(SSL *ssl, const unsigned char **ret_name,
			   unsigned char *ret_length,
			   const unsigned char *offered, unsigned length,
			   void *context)
{
	unsigned char *name;

	if (SSL_select_next_proto(&name, ret_length, alpn_name,
				  sizeof(alpn_name) - 1, offered, length) !=
	    OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*ret_name = name;
	return SSL_TLSEXT_ERR_OK;
}

static bool refuse(struct error *error, const char *what, const char *path)
{
	unsigned long code = ERR_peek_error();
	const char *reason = code ? ERR_reason_error_string(code) : NULL;

	error_set(error, "F0000", "%s \"%s\" cannot be used: %s", what, path,
		  reason ? reason : "unknown reason");
	ERR_clear_error();
	return false;
}

static bool check_file(const char *what, const char *path, struct error *error)
{
	if (access(path, R_OK) == 0)
		return true;
	return error_set(error, "F0000", "%s \"%s\" cannot be read: %s", what,
			 path, strerror(errno));
}

/* As Postgres: nobody but the owner may read the key, or root's group if it
 * belongs to root. Kubernetes mounts secrets that way too. */
static bool check_key_mode(const char *path, struct error *error)
{
	struct stat info;

	if (stat(path, &info) < 0)
		return true;	/* told by check_file() */
	if ((info.st_mode & (S_IWGRP | S_IXGRP | S_IRWXO)) == 0)
		return true;
	error_set(error, "F0000", "TLS key \"%s\" may be read or changed by "
		  "too many (mode %04o)", path, info.st_mode & 07777);
	error_hint(error, "chmod 0640 or stricter; in Kubernetes, "
		   "defaultMode: 0440 on the secret's volume.");
	return false;
}

static bool load_certificate(SSL_CTX *context, const struct tls_files *files,
			     struct error *error)
{
	if (!check_file("TLS certificate", files->cert, error) ||
	    !check_file("TLS key", files->key, error) ||
	    !check_key_mode(files->key, error))
		return false;
	if (SSL_CTX_use_certificate_chain_file(context, files->cert) != 1)
		return refuse(error, "TLS certificate", files->cert);
	if (SSL_CTX_use_PrivateKey_file(context, files->key,
					SSL_FILETYPE_PEM) != 1)
		return refuse(error, "TLS key", files->key);
	if (SSL_CTX_check_private_key(context) != 1)
		return error_set(error, "F0000", "TLS key \"%s\" does not "
				 "belong to certificate \"%s\"", files->key,
				 files->cert);
	return true;
}

static bool load_client_ca(SSL_CTX *context, const struct tls_files *files,
			   struct error *error)
{
	STACK_OF(X509_NAME) *names;

	if (!files->client_ca)
		return true;
	if (!check_file("client CA", files->client_ca, error))
		return false;
	names = SSL_load_client_CA_file(files->client_ca);
	if (!names)
		return refuse(error, "client CA", files->client_ca);
	SSL_CTX_set_client_CA_list(context, names);
	if (SSL_CTX_load_verify_file(context, files->client_ca) != 1)
		return refuse(error, "client CA", files->client_ca);
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER |
			   (files->client_cert_required ?
			    SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0), NULL);
	return true;
}

static void set_rules(SSL_CTX *context, bool only_1_3)
{
	SSL_CTX_set_min_proto_version(context, only_1_3 ? TLS1_3_VERSION :
							  TLS1_2_VERSION);
	SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION |
			    SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET |
			    SSL_OP_CIPHER_SERVER_PREFERENCE);
	/* Forward secrecy and an authenticated cipher, in TLS 1.2 too. */
	SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20");
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(context, 0);
	SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_alpn_select_cb(context, choose_protocol, NULL);
}

SSL_CTX *tls_open(const struct tls_files *files, struct error *error)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());

	ERR_clear_error();
	if (!context) {
		error_set(error, SQLSTATE_INTERNAL, "no TLS context");
		return NULL;
	}
	set_rules(context, files->only_1_3);
	if (load_certificate(context, files, error) &&
	    load_client_ca(context, files, error))
		return context;
	SSL_CTX_free(context);
	return NULL;
}

bool tls_reload(SSL_CTX **context, const struct tls_files *files,
		struct error *error)
{
	SSL_CTX *fresh = tls_open(files, error);

	if (!fresh)
		return false;
	SSL_CTX_free(*context);
	*context = fresh;
	return true;
}

size_t tls_server_end_point(SSL *ssl, uint8_t hash[64])
{
	X509 *certificate = SSL_get_certificate(ssl);
	const EVP_MD *method;
	unsigned length = 0;
	int digest;

	/* RFC 5929, 4.1: the hash of the certificate's own signature, but
	 * SHA-256 in place of MD5 and SHA-1. */
	if (!certificate ||
	    !OBJ_find_sigid_algs(X509_get_signature_nid(certificate), &digest,
				 NULL))
		return 0;
	if (digest == NID_md5 || digest == NID_sha1)
		digest = NID_sha256;
	method = EVP_get_digestbynid(digest);
	if (!method || EVP_MD_get_size(method) > 64 ||
	    X509_digest(certificate, method, hash, &length) != 1)
		return 0;
	return length;
}

bool tls_alpn_is_postgresql(const SSL *ssl)
{
	const unsigned char *name;
	unsigned length;

	SSL_get0_alpn_selected(ssl, &name, &length);
	return length == sizeof(alpn_name) - 2 &&
	       memcmp(name, alpn_name + 1, length) == 0;
}

bool tls_client_name(const SSL *ssl, struct buffer *ret_name)
{
	X509 *certificate = SSL_get0_peer_certificate(ssl);
	X509_NAME_ENTRY *entry;
	X509_NAME *subject;
	unsigned char *text;
	int at, length;

	if (!certificate || SSL_get_verify_result(ssl) != X509_V_OK)
		return false;
	subject = X509_get_subject_name(certificate);
	at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
	entry = at < 0 ? NULL : X509_NAME_get_entry(subject, at);
	if (!entry)
		return false;
	length = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(entry));
	if (length < 0)
		return false;
	if (memchr(text, 0, (size_t)length)) {
		OPENSSL_free(text);
		return false;
	}
	buffer_put(ret_name, text, (size_t)length);
	OPENSSL_free(text);
	return true;
}
