/*
 * A throw-away certificate for tests of TLS: P-256, valid for "localhost",
 * signed by itself. Included by one test file each.
 */
#ifndef WEIR_TESTS_TLS_PAIR_H
#define WEIR_TESTS_TLS_PAIR_H

#include <stdio.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

static void pair_make(EVP_PKEY **ret_key, X509 **ret_cert)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert = X509_new();
	X509_NAME *name = X509_get_subject_name(cert);
	X509_EXTENSION *extension;

	X509_set_version(cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
	X509_gmtime_adj(X509_getm_notBefore(cert), -3600);
	X509_gmtime_adj(X509_getm_notAfter(cert), 3600 * 24);
	X509_set_pubkey(cert, key);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
				   (const unsigned char *)"localhost", -1, -1,
				   0);
	X509_set_issuer_name(cert, name);
	extension = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name,
					"DNS:localhost,IP:127.0.0.1");
	X509_add_ext(cert, extension, -1);
	X509_EXTENSION_free(extension);
	X509_sign(cert, key, EVP_sha256());
	*ret_key = key;
	*ret_cert = cert;
}

static inline void pair_write(const char *cert_path, const char *key_path)
{
	EVP_PKEY *key;
	X509 *cert;
	FILE *file;

	pair_make(&key, &cert);
	file = fopen(cert_path, "w");
	PEM_write_X509(file, cert);
	fclose(file);
	file = fopen(key_path, "w");
	PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL);
	fclose(file);
	X509_free(cert);
	EVP_PKEY_free(key);
}

static inline SSL_CTX *pair_server_context(void)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());
	EVP_PKEY *key;
	X509 *cert;

	pair_make(&key, &cert);
	SSL_CTX_use_certificate(context, cert);
	SSL_CTX_use_PrivateKey(context, key);
	X509_free(cert);
	EVP_PKEY_free(key);
	return context;
}

#endif
