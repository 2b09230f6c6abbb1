/*
 * What is kept of open transactions, for all guards of one database: several
 * entries of the configuration may lead there.
 */
#include <stdlib.h>

#include "proxy/guard_parts.h"

void guard_enter(struct guard *guard)
{
	struct kept_overlays *overlays = must_alloc(sizeof(*overlays));

	list_init(&overlays->kept);
	list_init(&overlays->guards);
	list_append(&overlays->guards, &guard->link);
	guard->overlays = overlays;
}

void guard_leave(struct guard *guard)
{
	list_remove(&guard->link);
	if (list_empty(&guard->overlays->guards))
		free(guard->overlays);
	guard->overlays = NULL;
}

static void move_all(struct list *to, struct list *from)
{
	LIST_EACH_SAFE(link, from) {
		list_remove(link);
		list_append(to, link);
	}
}

bool guard_is_joined(const struct guard *guard, const struct guard *other)
{
	return guard->overlays == other->overlays;
}

void guard_join(struct guard *guard, struct guard *other)
{
	struct kept_overlays *left = other->overlays;

	if (guard_is_joined(guard, other))
		return;
	move_all(&guard->overlays->kept, &left->kept);
	LIST_EACH(link, &left->guards)
		LIST_ENTRY(link, struct guard, link)->overlays =
			guard->overlays;
	move_all(&guard->overlays->guards, &left->guards);
	free(left);
}

void guard_give_made(struct guard *guard, struct kept_overlay *kept)
{
	kept->overlay = guard->made;
	guard->made = (struct guard_overlay){ .by_name = NULL };
	list_append(&guard->overlays->kept, &kept->link);
}

void guard_each_kept(struct guard *guard,
		     void (*tell)(struct kept_overlay *))
{
	LIST_EACH_SAFE(link, &guard->overlays->kept)
		tell(LIST_ENTRY(link, struct kept_overlay, link));
}

bool guard_keeps_made(const struct guard *guard)
{
	return !list_empty(&guard->overlays->kept);
}

bool guard_is_settled(const struct guard *guard)
{
	LIST_EACH(link, &guard->overlays->kept)
		if (overlay_is_loud(&LIST_ENTRY(link, struct kept_overlay,
						link)->overlay))
			return false;
	return true;
}
