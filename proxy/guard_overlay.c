#include "proxy/guard_overlay.h"

#include <string.h>

#include "proxy/guard_catalog.h"

#define NAME_BYTES_MAX 64	/* identifiers are cut to 63 bytes */

struct folded {
	char text[NAME_BYTES_MAX];
	size_t length;
};

static struct folded fold(const char *name)
{
	struct folded folded = { .length = 0 };

	while (*name && folded.length < NAME_BYTES_MAX - 1) {
		char byte = *name++;

		if (byte >= 'A' && byte <= 'Z')
			byte += 'a' - 'A';
		folded.text[folded.length++] = byte;
	}
	return folded;
}

static struct overlay_item *find(const struct guard_overlay *overlay,
				 const struct folded *name)
{
	struct overlay_item *item;

	HASH_FIND(hh, overlay->by_name, name->text, name->length, item);
	return item;
}

const struct overlay_item *overlay_find(const struct guard_overlay *overlay,
					const char *name)
{
	struct folded folded;

	if (!overlay || !overlay->by_name)
		return NULL;
	folded = fold(name);
	return find(overlay, &folded);
}

static const char *copy(struct guard_overlay *overlay, const char *text)
{
	return text ? arena_text(&overlay->arena, text) : NULL;
}

static struct overlay_item *append(struct guard_overlay *overlay,
				   const struct folded *name)
{
	struct overlay_item *item;

	if (overlay->count == OVERLAY_ITEMS_MAX)
		return NULL;
	overlay->count++;
	item = arena_alloc(&overlay->arena, sizeof(*item));
	item->name = arena_dup(&overlay->arena,
			       slice_make(name->text, name->length));
	HASH_ADD_KEYPTR(hh, overlay->by_name, item->name, name->length, item);
	return item;
}

static bool is_telling(const struct overlay_item *item)
{
	return item->refused || item->gone;
}

static bool is_loud(const struct overlay_item *item)
{
	return item->shared && is_telling(item);
}

static bool is_calling(const struct overlay_item *item)
{
	return item->refused & CATALOG_CALL;
}

bool overlay_add(struct guard_overlay *overlay, const struct overlay_item *item)
{
	struct folded name = fold(item->name);
	struct overlay_item *to = find(overlay, &name);

	if (!to)
		to = append(overlay, &name);
	if (!to)
		return false;
	overlay->telling -= is_telling(to);
	overlay->loud -= is_loud(to);
	overlay->calling -= is_calling(to);
	to->refused |= item->refused;
	to->fresh |= item->fresh;
	to->temporary |= item->temporary;
	to->shared |= !item->temporary;
	to->made |= item->made;
	to->gone |= item->gone;
	to->targeted |= item->targeted;
	overlay->telling += is_telling(to);
	overlay->loud += is_loud(to);
	overlay->calling += is_calling(to);
	if (!to->table && item->table) {
		to->table_schema = copy(overlay, item->table_schema);
		to->table = copy(overlay, item->table);
	}
	return true;
}

bool overlay_calls(const struct guard_overlay *overlay, const char *name)
{
	const struct overlay_item *item;

	if (!overlay || !overlay->calling)
		return false;
	item = overlay_find(overlay, name);
	return name[0] == '_' || (item && is_calling(item));
}

void overlay_add_onward(struct guard_overlay *overlay, const char *name,
			enum onward_kind kind, const char *to)
{
	struct folded folded = fold(name);
	struct overlay_item *from = find(overlay, &folded);
	struct onward *onward;

	if (!from)
		from = append(overlay, &folded);
	if (!from || overlay->onward_count == OVERLAY_ONWARD_MAX) {
		overlay->all_onward = true;
		return;
	}
	overlay->onward_count++;
	onward = arena_alloc(&overlay->arena, sizeof(*onward));
	onward->name = copy(overlay, to);
	onward->kind = kind;
	onward->next = from->onward;
	from->onward = onward;
}

static void add_ways(struct guard_overlay *overlay,
		     const struct overlay_item *of)
{
	for (const struct onward *each = of->onward; each; each = each->next)
		overlay_add_onward(overlay, of->name, each->kind, each->name);
}

void overlay_add_all(struct guard_overlay *overlay,
		     const struct guard_overlay *from)
{
	const struct overlay_item *item;

	for (item = from->by_name; item; item = item->hh.next) {
		overlay_add(overlay, item);
		add_ways(overlay, item);
	}
	overlay->all_onward |= from->all_onward;
}

bool overlay_is_telling(const struct guard_overlay *overlay)
{
	return overlay && (overlay->telling || overlay->schemas_gone);
}

bool overlay_is_loud(const struct guard_overlay *overlay)
{
	return overlay->loud || overlay->schemas_gone;
}

/* What is gone the snapshot shows by then. */
void overlay_end_transaction(struct guard_overlay *overlay)
{
	struct guard_overlay kept = { .by_name = NULL };
	struct overlay_item *item, *next;

	HASH_ITER(hh, overlay->by_name, item, next) {
		struct overlay_item stays = *item;

		stays.gone = stays.targeted = false;
		if (!item->temporary)
			continue;
		overlay_add(&kept, &stays);
		add_ways(&kept, item);
	}
	overlay_fini(overlay);
	*overlay = kept;
}

void overlay_fini(struct guard_overlay *overlay)
{
	HASH_CLEAR(hh, overlay->by_name);
	arena_fini(&overlay->arena);
	*overlay = (struct guard_overlay){ .by_name = NULL };
}
