/* What a server tells of a statement, as it is read and compared. */
#include <stdlib.h>

#include "pool/parameter.h"
#include "pool/shape.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct shape *shape = shape_new(slice_make(bytes, size));
	struct shape *again = shape_new(slice_make(bytes, size));
	struct parameters *set = parameters_new(slice_make(bytes, size));
	struct parameters *before = parameters_ref(set);
	struct buffer changed = { 0 };

	if (!shape != !again)
		abort();
	if (shape && !shape_same_columns(shape, again))
		abort();
	parameters_put(&set, slice_text("a"), slice_make(bytes, size / 2));
	parameters_changed(before, set, &changed);
	buffer_fini(&changed);
	parameters_unref(&before);
	parameters_unref(&set);
	shape_unref(&shape);
	shape_unref(&again);
	return 0;
}
