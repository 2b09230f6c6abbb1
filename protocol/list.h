/*
 * An intrusive, doubly linked list. The head is a link too: an empty list
 * points at itself. A link that is in no list points at itself as well, so
 * removing twice is harmless. No allocation, no thread safety.
 */
#ifndef WEIR_PROTOCOL_LIST_H
#define WEIR_PROTOCOL_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list {
	struct list *next;
	struct list *prev;
};

/* The struct of `type` whose `member` is at `link`. */
#define LIST_ENTRY(link, type, member) \
	((type *)(void *)((char *)(link) - offsetof(type, member)))

/* Walks a list; `it` must not be removed inside the body. */
#define LIST_EACH(it, head) \
	for (struct list *it = (head)->next; it != (head); it = it->next)

/* Walks a list; `it` may be removed inside the body. */
#define LIST_EACH_SAFE(it, head) \
	for (struct list *it = (head)->next, *it##_next = it->next; \
	     it != (head); it = it##_next, it##_next = it->next)

static inline void list_init(struct list *head)
{
	head->next = head->prev = head;
}

static inline bool list_empty(const struct list *head)
{
	return head->next == head;
}

/* Puts `link` at the end of the list. */
static inline void list_append(struct list *head, struct list *link)
{
	link->prev = head->prev;
	link->next = head;
	head->prev->next = link;
	head->prev = link;
}

/* Puts `link` at the front of the list. */
static inline void list_prepend(struct list *head, struct list *link)
{
	list_append(head->next, link);
}

static inline void list_remove(struct list *link)
{
	link->prev->next = link->next;
	link->next->prev = link->prev;
	list_init(link);
}

/* The first link, or NULL. It stays in the list. */
static inline struct list *list_first(const struct list *head)
{
	return list_empty(head) ? NULL : head->next;
}

#endif
