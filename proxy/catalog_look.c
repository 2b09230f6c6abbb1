#include "proxy/catalog_look.h"

#include "protocol/frame.h"
#include "protocol/message_read.h"
#include "proxy/catalog_sql.h"

/* Two servers were not started in the same microsecond. Everybody may ask for
 * that, unlike for the number that initdb gave. */
static const char home[] =
	"SELECT d.oid::text || ' ' ||"
	" extract(epoch FROM pg_postmaster_start_time())::text"
	" FROM pg_database d WHERE d.datname = current_database()";

void catalog_look_sql(const struct guard *guard, struct buffer *out)
{
	catalog_sql_number(guard, out);
	buffer_put_text(out, home);
}

static char *next_value(struct slice *messages)
{
	struct row_message row;
	struct slice value = { NULL, 0 };
	struct frame frame;

	while (!value.at &&
	       frame_read(*messages, BUFFER_BYTES_MAX, &frame) == FRAME_WHOLE) {
		if (frame.type == 'D' && read_row(frame.body, &row))
			row_next(&row, &value);
		messages->at += frame.length;
		messages->length -= frame.length;
	}
	return value.at ? slice_dup(value) : NULL;
}

void catalog_look_read(struct slice messages, struct catalog_look *look)
{
	look->number = next_value(&messages);
	look->home = next_value(&messages);
}
