#include "protocol/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define BLOCK_BYTES 4096
#define ALIGNMENT 16

struct arena_block {
	struct arena_block *older;
	size_t used;
	size_t capacity;
	_Alignas(ALIGNMENT) uint8_t bytes[];
};

static struct arena_block *add_block(struct arena *arena, size_t bytes)
{
	size_t capacity = bytes > BLOCK_BYTES ? bytes : BLOCK_BYTES;
	struct arena_block *block = must_realloc(NULL,
						  sizeof(*block) + capacity);

	block->used = 0;
	block->capacity = capacity;
	block->older = arena->blocks;
	arena->blocks = block;
	return block;
}

void *arena_alloc(struct arena *arena, size_t bytes)
{
	struct arena_block *block = arena->blocks;
	void *piece;

	bytes = (bytes + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
	if (!block || bytes > block->capacity - block->used)
		block = add_block(arena, bytes);
	piece = block->bytes + block->used;
	block->used += bytes;
	arena->bytes += bytes;
	memset(piece, 0, bytes);
	return piece;
}

char *arena_dup(struct arena *arena, struct slice bytes)
{
	char *copy = arena_alloc(arena, bytes.length + 1);

	if (bytes.length)
		memcpy(copy, bytes.at, bytes.length);
	return copy;
}

char *arena_text(struct arena *arena, const char *text)
{
	return arena_dup(arena, slice_text(text));
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args, again;
	int length;
	char *text;

	va_start(args, format);
	va_copy(again, args);
	length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	text = arena_alloc(arena, (size_t)(length > 0 ? length : 0) + 1);
	if (length > 0)
		vsnprintf(text, (size_t)length + 1, format, again);
	va_end(again);
	return text;
}

static void free_blocks(struct arena_block *block)
{
	while (block) {
		struct arena_block *older = block->older;

		free(block);
		block = older;
	}
}

void arena_reset(struct arena *arena)
{
	arena->bytes = 0;
	if (!arena->blocks)
		return;
	free_blocks(arena->blocks->older);
	arena->blocks->older = NULL;
	arena->blocks->used = 0;
}

void arena_fini(struct arena *arena)
{
	free_blocks(arena->blocks);
	*arena = (struct arena){ 0 };
}
