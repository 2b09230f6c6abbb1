/* Any bytes: what is found lies within them, and more bytes never turn a
 * whole or broken request into something else. */
#include <stdint.h>
#include <stdlib.h>

#include "proxy/http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum http_parse before = HTTP_MORE;

	if (size > 512)
		return 0;
	for (size_t length = 0; length <= size; length++) {
		struct http_request request;
		enum http_parse now = http_parse(slice_make(data, length),
						 &request);

		if (before != HTTP_MORE && now != before)
			abort();
		if (now == HTTP_WHOLE &&
		    (request.path.at < data ||
		     request.path.at + request.path.length > data + length))
			abort();
		before = now;
	}
	return 0;
}
