/* A configuration file of any bytes ends in complaints or a configuration. */
#include <stdint.h>
#include <stdlib.h>

#include "proxy/config_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buffer messages = { 0 };
	struct config *config = must_alloc(sizeof(*config));
	struct reading reading = { config, &messages, 0 };

	/* a secret may name a file; none that the fuzzer could wait for */
	if (memmem(data, size, "_file", 5) || size > 4096) {
		free(config);
		return 0;
	}
	config_read_yaml(&reading, "weir.yaml", slice_make(data, size));
	if ((reading.complaints > 0) != (messages.length > 0))
		abort();
	buffer_fini(&messages);
	config_free(&config);
	return 0;
}
