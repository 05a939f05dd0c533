/*
 * idscan - looks for a string member at the top level of an object, byte by byte.
 */
#include "collect/idscan.h"

#include <string.h>

void
idscan_init(struct idscan *s, const char *name)
{
	memset(s, 0, sizeof(*s));
	s->name = name;
	s->name_len = strlen(name);
}

static void
string_begins(struct idscan *s)
{
	s->in_string = 1;
	s->escaped = 0;
	s->name_at = 0;
	s->name_fits = 1;
	s->value_len = 0;
}

static void
string_byte(struct idscan *s, char c)
{
	if (s->depth != 1)
		return;
	if (s->at_value) {
		if (s->wanted && s->value_len < IDSCAN_MAX)
			s->value[s->value_len++] = c;
		return;
	}
	if (s->name_at >= s->name_len || s->name[s->name_at] != c)
		s->name_fits = 0;
	s->name_at++;
}

static void
string_ends(struct idscan *s)
{
	s->in_string = 0;
	if (s->depth != 1)
		return;
	if (!s->at_value) {
		s->wanted = s->name_fits && s->name_at == s->name_len;
	} else if (s->wanted) {
		s->value[s->value_len] = '\0';
		memcpy(s->found, s->value, s->value_len + 1);
	}
}

void
idscan_feed(struct idscan *s, const char *p, size_t len)
{
	for (const char *end = p + len; p < end; p++) {
		if (s->in_string) {
			if (s->escaped) {
				s->escaped = 0;
				string_byte(s, *p);
			} else if (*p == '"') {
				string_ends(s);
			} else {
				s->escaped = *p == '\\';
				string_byte(s, *p);
			}
			continue;
		}
		switch (*p) {
		case '"':
			string_begins(s);
			break;
		case '{':
		case '[':
			s->depth++;
			break;
		case '}':
		case ']':
			if (s->depth > 0)
				s->depth--;
			break;
		case ':':
			if (s->depth == 1)
				s->at_value = 1;
			break;
		case ',':
			if (s->depth == 1)
				s->at_value = 0;
			break;
		}
	}
}
