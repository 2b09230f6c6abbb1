#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "protocol/frame.h"
#include "protocol/scram.h"
#include "proxy/auth.h"
#include "tests/unit/scram_client.h"
#include "tests/unit/tls_pair.h"

static char path[] = "/tmp/weir-users-XXXXXX";

static int make_path(void **state)
{
	int fd = mkstemp(path);

	close(fd);
	return fd < 0;
}

static int remove_path(void **state)
{
	return unlink(path);
}

static void write_users(const char *text)
{
	FILE *file = fopen(path, "w");

	fputs(text, file);
	fclose(file);
	chmod(path, 0600);
}

static const struct auth_settings settings = {
	.method = AUTH_SCRAM, .users_file = path,
};

static struct auth *open_users(const char *text)
{
	struct error error;
	struct auth *auth;

	write_users(text);
	auth = auth_new(&settings, &error);
	if (!auth)
		fail_msg("%s", error.message);
	return auth;
}

static void refuses(const char *text, const char *reason)
{
	struct error error;

	write_users(text);
	assert_null(auth_new(&settings, &error));
	if (!strstr(error.message, reason))
		fail_msg("\"%s\" does not say \"%s\"", error.message, reason);
	assert_null(strstr(error.message, "hunter2"));
}

/* The text inside of the Authentication message in `out`. */
static struct slice said(const struct buffer *out, uint32_t code)
{
	struct frame frame;

	assert_int_equal(frame_read(buffer_slice(out), FRAME_BYTES_MAX,
				    &frame), FRAME_WHOLE);
	assert_int_equal(frame.type, 'R');
	assert_int_equal(load_u32(frame.body.at), code);
	return slice_make(frame.body.at + 4, frame.body.length - 4);
}

struct login {
	const char *user, *password;
	SSL *ssl;
	const char *mechanism, *gs2;
	struct slice binding;

	char server_first[512];
	struct error error;
};

static enum auth_step log_in(struct auth *auth, struct login *login)
{
	struct auth_peer peer = { .fd = -1, .ssl = login->ssl };
	struct auth_exchange *exchange = NULL;
	struct buffer out = { 0 }, message = { 0 }, final = { 0 };
	char first[256];
	enum auth_step step;

	memset(&login->error, 0, sizeof(login->error));
	step = auth_step(auth, &exchange, login->user, &peer,
			 slice_make(NULL, 0), &out, &login->error);
	assert_int_equal(step, AUTH_MORE);
	assert_true(said(&out, 10).length > 0);
	buffer_clear(&out);

	snprintf(first, sizeof(first), "%sn=,r=clientnonce", login->gs2);
	buffer_put_cstring(&message, login->mechanism);
	buffer_put_u32(&message, (uint32_t)strlen(first));
	buffer_put_text(&message, first);
	step = auth_step(auth, &exchange, login->user, &peer,
			 buffer_slice(&message), &out, &login->error);
	if (step == AUTH_MORE) {
		struct slice answer = said(&out, 11);

		snprintf(login->server_first, sizeof(login->server_first),
			 "%.*s", (int)answer.length, answer.at);
		scram_client_final(login->password, login->gs2,
				   first + strlen(login->gs2), login->binding,
				   login->server_first, &final);
		buffer_clear(&out);
		step = auth_step(auth, &exchange, login->user, &peer,
				 buffer_slice(&final), &out, &login->error);
		if (step == AUTH_DONE)
			assert_memory_equal(said(&out, 12).at, "v=", 2);
		else
			assert_int_equal(out.length, 0);
	}
	buffer_fini(&out);
	buffer_fini(&message);
	buffer_fini(&final);
	auth_exchange_free(&exchange);
	return step;
}

static struct login login_of(const char *user, const char *password)
{
	return (struct login){ .user = user, .password = password,
			       .mechanism = SCRAM_MECHANISM, .gs2 = "n,,",
			       .binding = slice_make("", 0) };
}

static enum auth_step try(struct auth *auth, const char *user,
			  const char *password)
{
	struct login login = login_of(user, password);

	return log_in(auth, &login);
}

/* --- the file ----------------------------------------------------------- */

static void reads_names_and_secrets_in_every_spelling(void **state)
{
	struct auth *auth = open_users(
		"# users\n"
		"\n"
		"  alice hunter2  # the first\r\n"
		"\"bob \"\"the\"\" builder\" \"a \"\"b\"\" #c\"\n"
		"\"carol\"\t\"SCRAM-SHA-256$4096:"
		"MDEyMzQ1Njc4OWFiY2RlZg==$"
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:"
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"\n"
		"dave \xc3\xa4pfel");

	assert_int_equal(auth_user_count(auth), 4);
	assert_int_equal(try(auth, "alice", "hunter2"), AUTH_DONE);
	assert_int_equal(try(auth, "bob \"the\" builder", "a \"b\" #c"),
			 AUTH_DONE);
	assert_int_equal(try(auth, "carol", "x"), AUTH_FAILED);
	assert_int_equal(try(auth, "dave", "\xc3\xa4pfel"), AUTH_DONE);
	auth_free(&auth);
	assert_null(auth);
}

static void names_the_line_that_is_wrong(void **state)
{
	char wanted[64];

	snprintf(wanted, sizeof(wanted), "%s:2", path);
	refuses("a b\nalice\n", wanted);
	refuses("a b\n\"alice hunter2\n", wanted);
	refuses("a b\nalice \"hunter2\n", wanted);
	refuses("a b\nalice hunter2 more\n", wanted);
	refuses("a b\nalice \"\"\n", wanted);
	refuses("a b\n\"\" hunter2\n", wanted);
}

static void refuses_a_file_that_everybody_may_read(void **state)
{
	struct error error;

	write_users("alice hunter2\n");
	chmod(path, 0644);
	assert_null(auth_new(&settings, &error));
	assert_non_null(strstr(error.message, "everybody may read it"));
}

static void refuses_what_is_no_file(void **state)
{
	struct auth_settings nowhere = { AUTH_SCRAM, "/nowhere/users" };
	struct auth_settings directory = { AUTH_SCRAM, "/tmp" };
	struct error error;

	assert_null(auth_new(&nowhere, &error));
	assert_non_null(strstr(error.message, "/nowhere/users"));
	assert_null(auth_new(&directory, &error));
}

/* --- logins ------------------------------------------------------------- */

static void keeps_strangers_and_wrong_passwords_out_alike(void **state)
{
	struct auth *auth = open_users("alice hunter2\n");
	struct login wrong = login_of("alice", "x");
	struct login stranger = login_of("alicf", "x");

	assert_int_equal(log_in(auth, &wrong), AUTH_FAILED);
	assert_int_equal(log_in(auth, &stranger), AUTH_FAILED);
	assert_string_equal(wrong.error.sqlstate, "28P01");
	assert_string_equal(stranger.error.sqlstate, "28P01");
	assert_string_equal(wrong.error.message, "password authentication "
			    "failed for user \"alice\"");
	assert_int_equal(strlen(wrong.server_first),
			 strlen(stranger.server_first));
	assert_string_equal(strstr(wrong.server_first, ",i="),
			    strstr(stranger.server_first, ",i="));
	auth_free(&auth);
}

static const char *salt_of(struct login *login)
{
	return strstr(login->server_first, ",s=");
}

static void keeps_every_salt_over_a_reload(void **state)
{
	struct auth *auth = open_users("alice hunter2\nbob \xc3\xa4\n");
	const char *const names[] = { "alice", "bob", "stranger" };
	struct error error;

	for (int i = 0; i < 3; i++) {
		struct login before = login_of(names[i], "x");
		struct login after = before;

		log_in(auth, &before);
		assert_true(auth_reload(&auth, &settings, &error));
		log_in(auth, &after);
		assert_string_equal(salt_of(&before), salt_of(&after));
	}
	auth_free(&auth);
}

static void keeps_the_old_users_when_a_reload_fails(void **state)
{
	struct auth *auth = open_users("alice hunter2\n"), *before = auth;
	struct error error;

	write_users("broken\n");
	assert_false(auth_reload(&auth, &settings, &error));
	assert_ptr_equal(auth, before);
	assert_int_equal(try(auth, "alice", "hunter2"), AUTH_DONE);
	write_users("alice other\n");
	assert_true(auth_reload(&auth, &settings, &error));
	assert_int_equal(try(auth, "alice", "hunter2"), AUTH_FAILED);
	assert_int_equal(try(auth, "alice", "other"), AUTH_DONE);
	auth_free(&auth);
}

/* Strangers are asked for as many rounds as users are. */
static void asks_strangers_for_the_same_rounds(void **state)
{
	struct auth *auth = open_users("carol SCRAM-SHA-256$9999:"
		"MDEyMzQ1Njc4OWFiY2RlZg==$"
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:"
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n");
	struct login stranger = login_of("stranger", "x");

	log_in(auth, &stranger);
	assert_non_null(strstr(stranger.server_first, ",i=9999"));
	auth_free(&auth);
}

static void refuses_garbage_at_every_step(void **state)
{
	struct auth *auth = open_users("alice hunter2\n");
	const struct slice garbage[] = {
		slice_make("", 0), slice_text("SCRAM-SHA-256"),
		slice_make("SCRAM-SHA-256\0\xff\xff\xff\xff", 18),
		slice_make("SCRAM-SHA-1\0\0\0\0\x08n,,n=,r=", 24),
		slice_make("SCRAM-SHA-256-PLUS\0\0\0\0\x09n,,n=,r=x", 32),
	};

	for (size_t i = 0; i < sizeof(garbage) / sizeof(*garbage); i++) {
		struct auth_exchange *exchange = NULL;
		struct auth_peer peer = { .fd = -1 };
		struct buffer out = { 0 };
		struct error error = { 0 };

		auth_step(auth, &exchange, "alice", &peer,
			  slice_make(NULL, 0), &out, &error);
		buffer_clear(&out);
		assert_int_equal(auth_step(auth, &exchange, "alice", &peer,
					   garbage[i], &out, &error),
				 AUTH_FAILED);
		assert_string_equal(error.sqlstate, "08P01");
		assert_int_equal(out.length, 0);
		buffer_fini(&out);
		auth_exchange_free(&exchange);
	}
	auth_free(&auth);
}

static void trusts_this_machine_only(void **state)
{
	struct auth_settings trust = { .method = AUTH_TRUST };
	struct error error;
	struct auth *auth = auth_new(&trust, &error);
	struct auth_exchange *exchange = NULL;
	struct auth_peer here = { .local = true }, there = { 0 };
	struct buffer out = { 0 };

	assert_int_equal(auth_step(auth, &exchange, "x", &here,
				   slice_make(NULL, 0), &out, &error),
			 AUTH_DONE);
	assert_int_equal(auth_step(auth, &exchange, "x", &there,
				   slice_make(NULL, 0), &out, &error),
			 AUTH_FAILED);
	assert_string_equal(error.sqlstate, "28000");
	auth_free(&auth);
}

/* --- bound to the channel ----------------------------------------------- */

static void binds_a_login_to_its_channel(void **state)
{
	struct auth *auth = open_users("alice hunter2\n");
	SSL_CTX *context = pair_server_context();
	SSL *ssl = SSL_new(context);
	struct login login = login_of("alice", "hunter2");
	uint8_t hash[64], other[32] = { 1 };
	unsigned length;

	X509_digest(SSL_get_certificate(ssl), EVP_sha256(), hash, &length);
	login.ssl = ssl;
	login.mechanism = SCRAM_MECHANISM_PLUS;
	login.gs2 = "p=tls-server-end-point,,";
	login.binding = slice_make(hash, length);
	assert_int_equal(log_in(auth, &login), AUTH_DONE);
	/* passed on by somebody who showed another certificate */
	login.binding = slice_make(other, 32);
	assert_int_equal(log_in(auth, &login), AUTH_FAILED);
	assert_string_equal(login.error.sqlstate, "28000");
	/* the offer was taken out on the way */
	login.mechanism = SCRAM_MECHANISM;
	login.binding = slice_make("", 0);
	login.gs2 = "y,,";
	assert_int_equal(log_in(auth, &login), AUTH_FAILED);
	assert_string_equal(login.error.sqlstate, "28000");
	/* a client that cannot bind */
	login.gs2 = "n,,";
	assert_int_equal(log_in(auth, &login), AUTH_DONE);
	SSL_free(ssl);
	SSL_CTX_free(context);
	auth_free(&auth);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_names_and_secrets_in_every_spelling),
		cmocka_unit_test(names_the_line_that_is_wrong),
		cmocka_unit_test(refuses_a_file_that_everybody_may_read),
		cmocka_unit_test(refuses_what_is_no_file),
		cmocka_unit_test(keeps_strangers_and_wrong_passwords_out_alike),
		cmocka_unit_test(keeps_every_salt_over_a_reload),
		cmocka_unit_test(keeps_the_old_users_when_a_reload_fails),
		cmocka_unit_test(asks_strangers_for_the_same_rounds),
		cmocka_unit_test(refuses_garbage_at_every_step),
		cmocka_unit_test(trusts_this_machine_only),
		cmocka_unit_test(binds_a_login_to_its_channel),
	};

	return cmocka_run_group_tests(tests, make_path, remove_path);
}
