#include "proxy/guard_overlay.h"

#include <string.h>

const struct overlay_item *overlay_find(const struct guard_overlay *overlay,
					const char *name)
{
	const struct overlay_item *found = NULL;

	for (unsigned i = 0; overlay && i < overlay->count; i++) {
		const struct overlay_item *item = &overlay->items[i];

		if (strcasecmp(item->name, name) == 0 &&
		    (!found || item->table))
			found = item;
	}
	return found;
}

static const char *copy(struct guard_overlay *overlay, const char *text)
{
	return text ? arena_text(&overlay->arena, text) : NULL;
}

bool overlay_add(struct guard_overlay *overlay, const struct overlay_item *item)
{
	const struct overlay_item *known = overlay_find(overlay, item->name);

	if (known && known->temporary == item->temporary &&
	    (known->table || !item->table))
		return true;
	if (overlay->count == OVERLAY_ITEMS_MAX)
		return false;
	overlay->items[overlay->count++] = (struct overlay_item){
		.name = copy(overlay, item->name),
		.table_schema = copy(overlay, item->table_schema),
		.table = copy(overlay, item->table),
		.temporary = item->temporary,
	};
	return true;
}

void overlay_end_transaction(struct guard_overlay *overlay)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < overlay->count; i++)
		if (overlay->items[i].temporary)
			overlay->items[kept++] = overlay->items[i];
	overlay->count = kept;
	if (!kept)
		arena_reset(&overlay->arena);
}

void overlay_fini(struct guard_overlay *overlay)
{
	arena_fini(&overlay->arena);
	overlay->count = 0;
}
