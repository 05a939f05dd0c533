/*
 * envelope - finds the array of rows in a page of Microsoft Graph.
 *
 *	BEFORE '{' -> AROUND (names and values at any depth) <-> ROWS (the splitter has the bytes) -> AFTER '}'
 */
#include "collect/envelope.h"

#include <stdlib.h>
#include <string.h>

#include "base/bom.h"
#include "base/xalloc.h"

#define NAME_MAX_LEN 16		/* "value" is the only one that matters */

enum place { BEFORE, AROUND, ROWS, AFTER, BROKEN };

struct envelope {
	enum place	 at;
	const char	*trouble;
	struct buf	 rest;
	unsigned	 bom;
	size_t		 depth;
	int		 in_string, escaped;
	int		 in_name;		/* the string is a member's name at the top */
	int		 name_next;		/* at the top, and a name must come */
	char		 name[NAME_MAX_LEN + 1];
	size_t		 name_len;
	int		 at_value;		/* behind the colon of `name`, and nothing came yet */
	int		 found;
};

struct envelope *
envelope_new(void)
{
	struct envelope	*e = xcalloc(1, sizeof(*e));

	e->trouble = "the end is missing";
	buf_init(&e->rest, ENVELOPE_MAX);
	return e;
}

void
envelope_free(struct envelope *e)
{
	if (e == NULL)
		return;
	buf_clear(&e->rest);
	free(e);
}

static enum split_state
broken(struct envelope *e, const char *why)
{
	e->at = BROKEN;
	e->trouble = why;
	return SPLIT_BROKEN;
}

static void
in_string(struct envelope *e, char c)
{
	if (e->escaped) {
		e->escaped = 0;
	} else if (c == '\\') {
		e->escaped = 1;
	} else if (c == '"') {
		e->in_string = 0;
		e->in_name = 0;
		return;
	}
	if (e->in_name && e->name_len < NAME_MAX_LEN)
		e->name[e->name_len++] = c;
}

/* A byte of the object that is in no string. 1: here the rows begin. */
static int
around(struct envelope *e, char c)
{
	int	 value_begins = e->at_value && c != ' ' && c != '\t' && c != '\n' && c != '\r';

	if (value_begins)
		e->at_value = 0;
	switch (c) {
	case '"':
		e->in_string = 1;
		e->in_name = e->depth == 1 && e->name_next;
		if (e->in_name) {
			e->name_len = 0;
			e->name_next = 0;
		}
		break;
	case ':':
		e->name[e->name_len] = '\0';
		e->at_value = e->depth == 1;
		break;
	case ',':
		e->name_next = e->depth == 1;
		break;
	case '[':
		if (value_begins && strcmp(e->name, "value") == 0) {
			if (!e->found)
				return 1;
			broken(e, "the rows come twice");	/* which are all of them? */
		}
		e->depth++;
		break;
	case '{':
		e->depth++;
		break;
	case '}':
	case ']':
		e->depth--;
		if (e->depth == 0)
			e->at = AFTER;
		break;
	}
	return 0;
}

static int
is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* One byte outside the rows. */
static void
outside(struct envelope *e, char c)
{
	if (e->at == BEFORE) {
		if (is_space(c) || bom_goes_on(&e->bom, c))
			return;
		if (c != '{') {
			broken(e, "not a JSON object (is there a proxy in between?)");
			return;
		}
		e->at = AROUND;
		e->depth = 1;
		e->name_next = 1;
		buf_addc(&e->rest, c);
		return;
	}
	if (e->at == AFTER) {
		if (!is_space(c))
			broken(e, "bytes after the closing bracket");
		return;
	}
	if (e->in_string) {
		in_string(e, c);
	} else if (around(e, c)) {
		e->at = ROWS;
		e->found = 1;
		buf_adds(&e->rest, "null");
		return;
	}
	buf_addc(&e->rest, c);
	if (buf_failed(&e->rest))
		broken(e, "what stands around the rows is too large");
}

enum split_state
envelope_feed(struct envelope *e, struct split *split, const char *p, size_t len)
{
	const char		*end = p + len;
	enum split_state	 state;

	while (p < end && e->at != BROKEN) {
		if (e->at != ROWS) {
			outside(e, *p);
			if (e->at != ROWS)
				p++;
			continue;		/* the splitter wants the opening bracket too */
		}
		p += split_feed_array(split, p, (size_t)(end - p), &state);
		if (state == SPLIT_BROKEN)
			return broken(e, split_trouble(split));
		if (state == SPLIT_END)
			e->at = AROUND;
	}
	return e->at == BROKEN ? SPLIT_BROKEN : e->at == AFTER ? SPLIT_END : SPLIT_MORE;
}

enum split_state
envelope_finish(struct envelope *e)
{
	if (e->at == BROKEN)
		return SPLIT_BROKEN;
	if (e->at != AFTER)
		return broken(e, e->at == BEFORE ? "an empty body" : "the end is missing");
	return e->found ? SPLIT_END : broken(e, "there is no array of rows in it");
}

const char *
envelope_trouble(const struct envelope *e)
{
	return e->trouble;
}

const struct buf *
envelope_rest(const struct envelope *e)
{
	return &e->rest;
}

int
envelope_is_page(const struct envelope *e)
{
	return e->found;
}
