/* A login in which the client says anything: it never gets in, it never
 * crashes, and what it is told does not depend on whether the user exists.
 * The input is three texts divided by zero bytes: mechanism, first message,
 * final message; in the final one '@' stands for the server's nonce. The
 * first byte says whether channel binding is offered. */
#include <stdint.h>
#include <stdlib.h>

#include "protocol/scram.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t random_bytes[SCRAM_NONCE_BYTES] = "not very random";

struct heard {
	enum scram_step step;
	struct buffer text;
};

static struct slice next_text(struct slice *input)
{
	const uint8_t *end = memchr(input->at, 0, input->length);
	struct slice text = slice_make(input->at,
		end ? (size_t)(end - input->at) : input->length);

	input->at += text.length + (end ? 1 : 0);
	input->length -= text.length + (end ? 1 : 0);
	return text;
}

/* Puts the nonce in, so that the fuzzer gets beyond its check. */
static void fill_in(struct slice final, const struct scram *scram,
		    struct buffer *out)
{
	for (size_t i = 0; i < final.length; i++) {
		if (final.at[i] == '@')
			buffer_put_slice(out, buffer_slice(&scram->nonce));
		else
			buffer_put_u8(out, final.at[i]);
	}
}

static struct heard talk(bool known, struct slice input)
{
	struct scram_verifier verifier = { .iterations = 4096,
					   .salt_length = 16 };
	struct heard heard = { 0 };
	struct buffer final = { 0 };
	struct error error = { 0 };
	struct scram scram;
	bool bound = input.at[0] & 1;
	struct slice mechanism, first;

	input.at++;
	input.length--;
	mechanism = next_text(&input);
	first = next_text(&input);
	scram_init(&scram, &verifier, known, random_bytes,
		   slice_make("0123456789abcdef0123456789abcdef",
			      bound ? 32 : 0));
	heard.step = scram_first(&scram, mechanism, first, &heard.text,
				 &error);
	if (heard.step == SCRAM_MORE) {
		fill_in(input, &scram, &final);
		heard.step = scram_final(&scram, buffer_slice(&final),
					 &heard.text, &error);
	}
	if (heard.step == SCRAM_BROKEN && !error.sqlstate[0])
		abort();
	scram_fini(&scram);
	buffer_fini(&final);
	return heard;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scram_verifier verifier;
	struct heard user, stranger;

	if (!size)
		return 0;
	scram_verifier_parse(slice_make(data, size), &verifier);
	user = talk(true, slice_make(data, size));
	stranger = talk(false, slice_make(data, size));
	if (user.step == SCRAM_DONE || user.step != stranger.step ||
	    !slice_equal(buffer_slice(&user.text),
			 buffer_slice(&stranger.text)))
		abort();
	buffer_fini(&user.text);
	buffer_fini(&stranger.text);
	return 0;
}
