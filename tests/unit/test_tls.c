#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pool/tls.h"
#include "tests/unit/tls_pair.h"

struct files {
	char directory[32];
	char cert[64], key[64], other_key[64], junk[64];
};

static int set_up(void **state)
{
	struct files *files = must_alloc(sizeof(*files));
	char other_cert[64];
	FILE *junk;

	strcpy(files->directory, "/tmp/weir-tls-XXXXXX");
	assert_non_null(mkdtemp(files->directory));
	snprintf(files->cert, 64, "%s/tls.crt", files->directory);
	snprintf(files->key, 64, "%s/tls.key", files->directory);
	snprintf(files->other_key, 64, "%s/other.key", files->directory);
	snprintf(files->junk, 64, "%s/junk", files->directory);
	snprintf(other_cert, 64, "%s/other.crt", files->directory);
	umask(077);
	pair_write(other_cert, files->other_key);
	unlink(other_cert);
	pair_write(files->cert, files->key);
	junk = fopen(files->junk, "w");
	fputs("no certificate\n", junk);
	fclose(junk);
	*state = files;
	return 0;
}

static int tear_down(void **state)
{
	struct files *files = *state;

	unlink(files->cert);
	unlink(files->key);
	unlink(files->other_key);
	unlink(files->junk);
	rmdir(files->directory);
	free(files);
	return 0;
}

static void refuses_with(const struct tls_files *files, const char *text)
{
	struct error error;

	assert_null(tls_open(files, &error));
	if (!strstr(error.message, text))
		fail_msg("\"%s\" does not say \"%s\"", error.message, text);
}

static void names_the_file_that_is_wrong(void **state)
{
	struct files *files = *state;

	refuses_with(&(struct tls_files){ .cert = "/nowhere/tls.crt",
					  .key = files->key },
		     "\"/nowhere/tls.crt\" cannot be read: No such file");
	refuses_with(&(struct tls_files){ .cert = files->junk,
					  .key = files->key }, files->junk);
	refuses_with(&(struct tls_files){ .cert = files->cert,
					  .key = files->junk }, files->junk);
	refuses_with(&(struct tls_files){ .cert = files->cert,
					  .key = files->key,
					  .client_ca = files->junk },
		     files->junk);
	refuses_with(&(struct tls_files){ .cert = files->cert,
					  .key = files->other_key },
		     files->other_key);
}

static void refuses_a_key_that_everybody_may_read(void **state)
{
	struct files *files = *state;

	chmod(files->key, 0644);
	refuses_with(&(struct tls_files){ .cert = files->cert,
					  .key = files->key }, "0644");
	chmod(files->key, 0640);
}

static void keeps_the_old_context_when_a_reload_fails(void **state)
{
	struct files *names = *state;
	struct tls_files files = { .cert = names->cert, .key = names->key };
	struct error error;
	SSL_CTX *context = tls_open(&files, &error), *before = context;

	assert_non_null(context);
	files.key = names->junk;
	assert_false(tls_reload(&context, &files, &error));
	assert_ptr_equal(context, before);
	files.key = names->key;
	assert_true(tls_reload(&context, &files, &error));
	SSL_CTX_free(context);
}

struct pair {
	SSL *server, *client;
	int fds[2];
};

static bool shake(struct pair *pair)
{
	for (int i = 0; i < 10; i++) {
		int a = SSL_do_handshake(pair->client);
		int b = SSL_do_handshake(pair->server);

		if (a == 1 && b == 1)
			return true;
	}
	return false;
}

static void pair_open(struct pair *pair, SSL_CTX *server, SSL_CTX *client)
{
	socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair->fds);
	pair->server = SSL_new(server);
	pair->client = SSL_new(client);
	SSL_set_fd(pair->server, pair->fds[0]);
	SSL_set_fd(pair->client, pair->fds[1]);
	SSL_set_accept_state(pair->server);
	SSL_set_connect_state(pair->client);
}

static void pair_close(struct pair *pair)
{
	SSL_free(pair->server);
	SSL_free(pair->client);
	close(pair->fds[0]);
	close(pair->fds[1]);
}

static SSL_CTX *open_context(struct files *names)
{
	struct tls_files files = { .cert = names->cert, .key = names->key };
	struct error error;
	SSL_CTX *context = tls_open(&files, &error);

	assert_non_null(context);
	return context;
}

static void speaks_nothing_below_tls_1_2(void **state)
{
	SSL_CTX *server = open_context(*state);
	SSL_CTX *client = SSL_CTX_new(TLS_client_method());
	struct pair pair;

	SSL_CTX_set_security_level(client, 0);
	SSL_CTX_set_min_proto_version(client, TLS1_VERSION);
	SSL_CTX_set_max_proto_version(client, TLS1_1_VERSION);
	pair_open(&pair, server, client);
	assert_false(shake(&pair));
	pair_close(&pair);
	SSL_CTX_set_max_proto_version(client, TLS1_2_VERSION);
	pair_open(&pair, server, client);
	assert_true(shake(&pair));
	assert_int_equal(SSL_session_reused(pair.client), 0);
	pair_close(&pair);
	SSL_CTX_free(server);
	SSL_CTX_free(client);
}

static void speaks_only_tls_1_3_where_that_is_wanted(void **state)
{
	struct files *names = *state;
	struct tls_files files = { .cert = names->cert, .key = names->key,
				   .only_1_3 = true };
	struct error error;
	SSL_CTX *server = tls_open(&files, &error);
	SSL_CTX *client = SSL_CTX_new(TLS_client_method());
	struct pair pair;

	assert_non_null(server);
	pair_open(&pair, server, client);
	assert_true(shake(&pair));
	pair_close(&pair);
	SSL_CTX_set_max_proto_version(client, TLS1_2_VERSION);
	pair_open(&pair, server, client);
	assert_false(shake(&pair));
	pair_close(&pair);
	SSL_CTX_free(server);
	SSL_CTX_free(client);
}

static void answers_the_protocol_name_postgresql_only(void **state)
{
	SSL_CTX *server = open_context(*state);
	SSL_CTX *client = SSL_CTX_new(TLS_client_method());
	struct pair pair;

	pair_open(&pair, server, client);
	assert_true(shake(&pair));
	assert_false(tls_alpn_is_postgresql(pair.server));
	pair_close(&pair);
	pair_open(&pair, server, client);
	SSL_set_alpn_protos(pair.client,
			    (const unsigned char *)"\012postgresql", 11);
	assert_true(shake(&pair));
	assert_true(tls_alpn_is_postgresql(pair.server));
	pair_close(&pair);
	pair_open(&pair, server, client);
	SSL_set_alpn_protos(pair.client,
			    (const unsigned char *)"\010http/1.1", 9);
	assert_false(shake(&pair));
	pair_close(&pair);
	SSL_CTX_free(server);
	SSL_CTX_free(client);
}

static void hashes_the_certificate_it_shows(void **state)
{
	SSL_CTX *server = open_context(*state);
	SSL_CTX *client = SSL_CTX_new(TLS_client_method());
	uint8_t ours[64], theirs[EVP_MAX_MD_SIZE];
	unsigned length;
	struct pair pair;

	pair_open(&pair, server, client);
	assert_true(shake(&pair));
	assert_int_equal(tls_server_end_point(pair.server, ours), 32);
	X509_digest(SSL_get0_peer_certificate(pair.client), EVP_sha256(),
		    theirs, &length);
	assert_memory_equal(ours, theirs, 32);
	pair_close(&pair);
	SSL_CTX_free(server);
	SSL_CTX_free(client);
}

static void reads_the_name_of_a_verified_client(void **state)
{
	struct files *names = *state;
	struct tls_files files = { .cert = names->cert, .key = names->key,
				   .client_ca = names->cert };
	struct error error;
	SSL_CTX *server = tls_open(&files, &error);
	SSL_CTX *client = SSL_CTX_new(TLS_client_method());
	struct buffer name = { 0 };
	struct pair pair;

	assert_non_null(server);
	pair_open(&pair, server, client);
	assert_true(shake(&pair));
	assert_false(tls_client_name(pair.server, &name));
	pair_close(&pair);
	SSL_CTX_use_certificate_file(client, names->cert, SSL_FILETYPE_PEM);
	SSL_CTX_use_PrivateKey_file(client, names->key, SSL_FILETYPE_PEM);
	pair_open(&pair, server, client);
	assert_true(shake(&pair));
	assert_true(tls_client_name(pair.server, &name));
	assert_string_equal(buffer_cstring(&name), "localhost");
	pair_close(&pair);
	buffer_fini(&name);
	SSL_CTX_free(server);
	SSL_CTX_free(client);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_the_file_that_is_wrong),
		cmocka_unit_test(refuses_a_key_that_everybody_may_read),
		cmocka_unit_test(keeps_the_old_context_when_a_reload_fails),
		cmocka_unit_test(speaks_nothing_below_tls_1_2),
		cmocka_unit_test(speaks_only_tls_1_3_where_that_is_wanted),
		cmocka_unit_test(answers_the_protocol_name_postgresql_only),
		cmocka_unit_test(hashes_the_certificate_it_shows),
		cmocka_unit_test(reads_the_name_of_a_verified_client),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
