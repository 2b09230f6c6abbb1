/*
 * Cuts the body of a function as Postgres does, as far as it matters where its
 * strings, names in quotes and comments end: a string with backslashes is one
 * that says so (E), since standard_conforming_strings is on. Bodies are ended
 * by a zero byte. Pure.
 */
#ifndef WEIR_PROXY_CODE_SCAN_H
#define WEIR_PROXY_CODE_SCAN_H

#include <stdbool.h>

bool code_is_word_byte(char);
bool code_is_space(char);
/* Whether a comment begins between the two. */
bool code_has_comment(const char *start, const char *end);
/* Whether a string begins here, or behind spaces and comments. */
bool code_begins_string(const char *at);

/* Behind spaces and comments. */
const char *code_skip_space(const char *at);
/* Behind the string, name or comment that begins here, the word, or the byte.
 */
const char *code_skip_token(const char *at);
/* The semicolon at the end of the statement, or the body's end. */
const char *code_skip_statement(const char *at);
/* Whether a token surely begins there, read from where one does, which moves
 * on. */
bool code_has_token(const char **from, const char *at);

#endif
