/*
 * The head of a request (RFC 9112, sections 2 to 5), as strict as its
 * grammar: what is not certainly a request is broken.
 *
 *     GET /metrics?x=1 HTTP/1.1\r\n
 *     Host: 127.0.0.1:9127\r\n
 *     \r\n
 */
#include "proxy/http.h"

#include <ctype.h>

#define METHOD_BYTES_MAX 16

/* A line without its end, taken off the front; false: it is not whole. */
static bool cut_line(struct slice *bytes, struct slice *ret)
{
	const uint8_t *end;
	size_t length;

	if (!bytes->length || !(end = memchr(bytes->at, '\n', bytes->length)))
		return false;
	length = (size_t)(end - bytes->at);
	*ret = slice_make(bytes->at, length);
	*bytes = slice_make(end + 1, bytes->length - length - 1);
	if (length && ret->at[length - 1] == '\r')
		ret->length--;
	return true;
}

/* A word up to a space, taken off the front; length 0: there is none. */
static struct slice cut_word(struct slice *line)
{
	const uint8_t *end = line->length ?
			     memchr(line->at, ' ', line->length) : NULL;
	struct slice word;

	if (!end)
		return slice_make("", 0);
	word = slice_make(line->at, (size_t)(end - line->at));
	*line = slice_make(end + 1, line->length - word.length - 1);
	return word;
}

static bool is_method(struct slice word)
{
	for (size_t i = 0; i < word.length; i++)
		if (word.at[i] < 'A' || word.at[i] > 'Z')
			return false;
	return word.length > 0 && word.length <= METHOD_BYTES_MAX;
}

static bool is_path(struct slice word)
{
	for (size_t i = 0; i < word.length; i++)
		if (word.at[i] <= ' ' || word.at[i] >= 0x7F)
			return false;
	return word.length > 0 && word.at[0] == '/';
}

static bool read_request_line(struct slice line, struct http_request *ret)
{
	const uint8_t *query;

	ret->method = cut_word(&line);
	ret->path = cut_word(&line);
	if (!is_method(ret->method) || !is_path(ret->path))
		return false;
	query = memchr(ret->path.at, '?', ret->path.length);
	if (query)
		ret->path.length = (size_t)(query - ret->path.at);
	return slice_is(line, "HTTP/1.1") || slice_is(line, "HTTP/1.0");
}

/* name: value; the name is a token and the value has no control bytes. */
static bool is_field(struct slice line)
{
	size_t name = 0;

	while (name < line.length && (isalnum(line.at[name]) ||
	       (line.at[name] && strchr("!#$%&'*+-.^_`|~", line.at[name]))))
		name++;
	if (!name || name == line.length || line.at[name] != ':')
		return false;
	for (size_t i = name; i < line.length; i++)
		if ((line.at[i] < ' ' && line.at[i] != '\t') ||
		    line.at[i] == 0x7F)
			return false;
	return true;
}

enum http_parse http_parse(struct slice bytes, struct http_request *ret)
{
	struct http_request request;
	struct slice line;

	if (!cut_line(&bytes, &line))
		return HTTP_MORE;
	if (!read_request_line(line, &request))
		return HTTP_BROKEN;
	while (cut_line(&bytes, &line)) {
		if (!line.length) {
			*ret = request;
			return HTTP_WHOLE;
		}
		if (!is_field(line))
			return HTTP_BROKEN;
	}
	return HTTP_MORE;
}
