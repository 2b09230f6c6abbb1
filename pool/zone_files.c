#include "pool/zone_files.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#define SYSTEM_DIRECTORY "/usr/share/zoneinfo"
#define NAME_BYTES_MAX 63
#define ZONES_MAX 2048

struct zone_entry {
	struct zone_entry *older;
	struct time_zone *zone;
	char name[NAME_BYTES_MAX + 1]; /* as asked for */
};

static const struct time_zone *find(struct zone_source *source,
				    struct slice name)
{
	return zone_files_find((struct zone_files *)(void *)source, name);
}

void zone_files_init(struct zone_files *files, const char *directory)
{
	*files = (struct zone_files){
		.source = { find },
		.directory = directory ? directory : SYSTEM_DIRECTORY,
	};
}

void zone_files_fini(struct zone_files *files)
{
	struct zone_entry *entry = files->entries;

	while (entry) {
		struct zone_entry *older = entry->older;

		time_zone_free(&entry->zone);
		free(entry);
		entry = older;
	}
	files->entries = NULL;
	files->count = 0;
}

/* Letters, digits, - _ + and /, no part that begins with a dot. */
static bool is_file_name(const char *name)
{
	if (name[0] == '/' || strlen(name) < 2)
		return false;
	for (const char *at = name; *at; at++) {
		bool letter = (*at >= 'a' && *at <= 'z') ||
			      (*at >= 'A' && *at <= 'Z');

		if (!letter && !(*at >= '0' && *at <= '9') &&
		    !strchr("-_+/", *at))
			return false;
		if (at[0] == '/' && (at[1] == '/' || at[1] == 0))
			return false;
	}
	return true;
}

/* The entry of a directory that a name means when case is ignored. */
static bool match_part(const char *directory, const char *part, size_t length,
		       char *ret_name)
{
	DIR *listing = opendir(directory);
	struct dirent *entry;
	bool found = false;

	while (listing && !found && (entry = readdir(listing))) {
		found = strlen(entry->d_name) == length &&
			strncasecmp(entry->d_name, part, length) == 0;
		if (found)
			memcpy(ret_name, entry->d_name, length + 1);
	}
	if (listing)
		closedir(listing);
	return found;
}

/* Walks down `name` part by part; the path and the true name come back. */
static bool find_path(const char *directory, const char *name, char *path,
		      size_t path_bytes)
{
	char part_name[NAME_BYTES_MAX + 1];

	snprintf(path, path_bytes, "%s", directory);
	while (*name) {
		size_t length = strcspn(name, "/");
		size_t used = strlen(path);

		if (!match_part(path, name, length, part_name) ||
		    used + length + 2 > path_bytes)
			return false;
		snprintf(path + used, path_bytes - used, "/%s", part_name);
		name += length + (name[length] == '/');
	}
	return true;
}

static struct time_zone *load(const char *directory, const char *name)
{
	char path[512];
	uint8_t *bytes;
	size_t length;
	struct time_zone *zone;
	FILE *file;

	if (!is_file_name(name) ||
	    !find_path(directory, name, path, sizeof(path)))
		return NULL;
	file = fopen(path, "rbe");
	if (!file)
		return NULL;
	bytes = must_alloc(TIME_ZONE_FILE_BYTES_MAX);
	length = fread(bytes, 1, TIME_ZONE_FILE_BYTES_MAX, file);
	zone = time_zone_from_file(path + strlen(directory) + 1,
				   slice_make(bytes, length));
	free(bytes);
	fclose(file);
	return zone;
}

static const struct time_zone *keep(struct zone_files *files, const char *name,
				    struct time_zone *zone)
{
	struct zone_entry *entry;

	if (!zone)
		return NULL;
	/* A client that invents POSIX zones must not fill the memory. */
	if (files->count >= ZONES_MAX) {
		time_zone_free(&zone);
		return NULL;
	}
	entry = must_alloc(sizeof(*entry));
	snprintf(entry->name, sizeof(entry->name), "%s", name);
	entry->zone = zone;
	entry->older = files->entries;
	files->entries = entry;
	files->count++;
	return zone;
}

const struct time_zone *zone_files_find(struct zone_files *files,
					struct slice text)
{
	char name[NAME_BYTES_MAX + 1] = "";
	struct time_zone *zone;

	if (text.length == 0 || text.length > NAME_BYTES_MAX ||
	    memchr(text.at, 0, text.length))
		return NULL;
	memcpy(name, text.at, text.length);
	for (struct zone_entry *it = files->entries; it; it = it->older)
		if (strcasecmp(it->name, name) == 0)
			return it->zone;
	zone = load(files->directory, name);
	if (!zone)
		zone = time_zone_from_posix(text);
	if (!zone &&
	    (strcasecmp(name, "UTC") == 0 || strcasecmp(name, "GMT") == 0))
		zone = time_zone_from_posix(slice_text("UTC0"));
	return keep(files, name, zone);
}

const struct time_zone *zone_files_setting(struct zone_files *files,
					   struct slice value)
{
	char text[NAME_BYTES_MAX + 1] = "";
	struct time_zone *zone;
	char *end;
	double hours;

	if (value.length == 0 || value.length > NAME_BYTES_MAX)
		return NULL;
	memcpy(text, value.at, value.length);
	hours = strtod(text, &end);
	if (end == text || *end)
		return zone_files_find(files, value);
	if (!(hours >= -167 && hours <= 167))
		return NULL;
	for (struct zone_entry *it = files->entries; it; it = it->older)
		if (strcmp(it->name, text) == 0 &&
		    time_zone_name(it->zone)[0] == '<')
			return it->zone;
	zone = time_zone_fixed((int32_t)(hours * 3600));
	return keep(files, text, zone);
}
