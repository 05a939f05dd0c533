/*
 * scan - one pass over a JSON text: is it RFC 8259 in valid UTF-8, and what is its id?
 *
 *	value -> { name : value , ... }    objects and lists are frames on a fixed stack, so that depth costs nothing
 *
 * Repeated names: every name goes into one scratch table as (serial number of its object, digest of the name).
 */
#include <stdlib.h>

#include "scan.h"

#define DEEPEST 1000

enum role { PLAIN, TOP, EVENT, O365AUDIT, METADATA };

struct frame {
	uint64_t	 path;
	uint32_t	 serial;
	uint8_t		 object;
	uint8_t		 role;
	struct piece	 name;		/* under which it stands in its parent */
};

struct run {
	const char	*p, *end;
	struct scan	*s;
	struct frame	 stack[DEEPEST + 1];
	int		 depth;
	uint32_t	 serials;
	uint64_t	 path;		/* of the value to come */
	struct piece	 name;
	uint8_t		 role;		/* of that value, if it is an object */
	struct piece	*wanted;	/* filled if that value is a string */
	int		 is_time;
};

/* The scratch table: cells of an older stamp are free. */
static struct { uint64_t name; uint64_t stamp; } *cells;
static size_t	 cells_mask, cells_used;
static uint64_t	 stamp;

static const uint8_t plain[256] = {		/* bytes that need no look inside a string */
	[0x20] = 1, [0x21] = 1, [0x23 ... 0x5b] = 1, [0x5d ... 0x7f] = 1,
};

static void
cells_widen(void)
{
	size_t	 i, was = cells == NULL ? 0 : cells_mask + 1, size = was ? was * 2 : 4096;
	void	*old = cells;
	struct { uint64_t name; uint64_t stamp; } *from = old;

	cells = sim_alloc(size, sizeof(*cells));
	cells_mask = size - 1;
	for (i = 0; i < was; i++) {
		size_t	 at = (size_t)from[i].name & cells_mask;

		if (from[i].stamp != stamp)
			continue;
		while (cells[at].stamp == stamp)
			at = (at + 1) & cells_mask;
		cells[at].name = from[i].name;
		cells[at].stamp = stamp;
	}
	free(old);
}

static int
name_is_new(uint32_t serial, uint64_t name)
{
	size_t	 at;

	if (cells == NULL || cells_used * 2 > cells_mask)
		cells_widen();
	name = rng_mix(name, serial);
	for (at = (size_t)name & cells_mask; cells[at].stamp == stamp; at = (at + 1) & cells_mask)
		if (cells[at].name == name)
			return 0;
	cells[at].name = name;
	cells[at].stamp = stamp;
	cells_used++;
	return 1;
}

static int
fail(struct run *r, const char *why)
{
	r->s->why = why;
	return -1;
}

static void
space(struct run *r)
{
	while (r->p < r->end && (*r->p == ' ' || *r->p == '\t' || *r->p == '\n' || *r->p == '\r'))
		r->p++;
}

static int
continuation(const unsigned char *u, size_t left, size_t n)
{
	size_t	 i;

	if (left <= n)
		return 0;
	for (i = 1; i <= n; i++)
		if ((u[i] & 0xc0) != 0x80)
			return 0;
	return 1;
}

static size_t
utf8_len(const unsigned char *u, size_t left)
{
	if (u[0] >= 0xc2 && u[0] <= 0xdf && continuation(u, left, 1))
		return 2;
	if (u[0] >= 0xe0 && u[0] <= 0xef && continuation(u, left, 2)) {
		if ((u[0] == 0xe0 && u[1] < 0xa0) || (u[0] == 0xed && u[1] > 0x9f))
			return 0;
		return 3;
	}
	if (u[0] >= 0xf0 && u[0] <= 0xf4 && continuation(u, left, 3)) {
		if ((u[0] == 0xf0 && u[1] < 0x90) || (u[0] == 0xf4 && u[1] > 0x8f))
			return 0;
		return 4;
	}
	return 0;
}

static int
hex_value(const char *p, unsigned *v)
{
	int	 i;

	*v = 0;
	for (i = 0; i < 4; i++) {
		unsigned char	 c = (unsigned char)p[i];

		*v <<= 4;
		if (c >= '0' && c <= '9')
			*v |= (unsigned)(c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			*v |= (unsigned)((c | 0x20) - 'a' + 10);
		else
			return -1;
	}
	return 0;
}

/* At the opening quote; the piece is what stands between the quotes, escapes and all. */
static int
string(struct run *r, struct piece *out, int *escaped)
{
	const unsigned char	*u = (const unsigned char *)r->p + 1, *end = (const unsigned char *)r->end;
	unsigned		 v;
	size_t			 n;

	*escaped = 0;
	out->at = (const char *)u;
	for (;;) {
		while (u < end && plain[*u])
			u++;
		if (u == end)
			return fail(r, "string without end");
		if (*u == '"')
			break;
		if (*u < 0x20)
			return fail(r, "control character in a string");
		if (*u == '\\') {
			*escaped = 1;
			if (end - u < 2)
				return fail(r, "string without end");
			if (u[1] == 'u') {
				if (end - u < 6 || hex_value((const char *)u + 2, &v) == -1)
					return fail(r, "bad \\u escape");
				u += 6;
			} else if (u[1] != '\0' && strchr("\"\\/bfnrt", u[1]) != NULL) {
				u += 2;
			} else {
				return fail(r, "bad escape");
			}
			continue;
		}
		if ((n = utf8_len(u, (size_t)(end - u))) == 0)
			return fail(r, "invalid UTF-8");
		u += n;
	}
	out->len = (size_t)((const char *)u - out->at);
	r->p = (const char *)u + 1;
	return 0;
}

static int
digits(struct run *r)
{
	const char	*from = r->p;

	while (r->p < r->end && *r->p >= '0' && *r->p <= '9')
		r->p++;
	return r->p > from ? 0 : fail(r, "bad number");
}

static int
number(struct run *r)
{
	if (*r->p == '-')
		r->p++;
	if (r->p < r->end && *r->p == '0')
		r->p++;
	else if (digits(r) == -1)
		return -1;
	if (r->p < r->end && *r->p == '.') {
		r->p++;
		if (digits(r) == -1)
			return -1;
	}
	if (r->p < r->end && (*r->p | 0x20) == 'e') {
		r->p++;
		if (r->p < r->end && (*r->p == '+' || *r->p == '-'))
			r->p++;
		if (digits(r) == -1)
			return -1;
	}
	return 0;
}

static int
word(struct run *r, const char *w, size_t len)
{
	if ((size_t)(r->end - r->p) < len || memcmp(r->p, w, len) != 0)
		return fail(r, "unknown word");
	r->p += len;
	return 0;
}

static void
path_names(struct run *r, struct text *t)
{
	int	 i;

	if (t->len > 0)
		text_addc(t, ',');
	text_addc(t, '"');
	for (i = 1; i <= r->depth; i++) {
		if (r->stack[i].name.len == 0 || !r->stack[i].object)
			continue;
		text_add(t, r->stack[i].name.at, r->stack[i].name.len);
		text_addc(t, '.');
	}
	text_add(t, r->name.at, r->name.len);
	text_addc(t, '"');
}

static void
note_kind(struct run *r, uint8_t kind)
{
	struct kinds	*k = r->s->kinds;
	struct key	 key = { r->path, r->path };
	uint32_t	 at;

	if (k == NULL || r->depth == 0 || r->path == 0)
		return;
	at = keytab_add(&k->paths, key, NULL);
	if (at >= k->room) {
		size_t	 room = k->room ? k->room * 2 : 1024;

		k->seen = sim_grow(k->seen, room, 1);
		memset(k->seen + k->room, 0, room - k->room);
		k->room = room;
	}
	if (k->seen[at] != 0 && k->seen[at] != 3 && k->seen[at] != kind && k->conflicts++ < 50)
		path_names(r, &k->both);
	k->seen[at] |= kind;
}

static size_t
unescape(const struct piece *in, char *out, size_t size)
{
	size_t		 i = 0, n = 0;
	unsigned	 v;

	while (i < in->len && n + 4 < size) {
		if (in->at[i] != '\\') {
			out[n++] = in->at[i++];
			continue;
		}
		if (in->at[i + 1] != 'u') {
			const char	*from = "bfnrt", *to = "\b\f\n\r\t", *hit = strchr(from, in->at[i + 1]);

			out[n++] = hit != NULL ? to[hit - from] : in->at[i + 1];
			i += 2;
			continue;
		}
		hex_value(in->at + i + 2, &v);		/* half a pair stays half a pair: names only meet themselves */
		if (v < 0x80) {
			out[n++] = (char)v;
		} else {
			if (v >= 0x800) {
				out[n++] = (char)(0xe0 | v >> 12);
				out[n++] = (char)(0x80 | (v >> 6 & 63));
			} else {
				out[n++] = (char)(0xc0 | v >> 6);
			}
			out[n++] = (char)(0x80 | (v & 63));
		}
		i += 6;
	}
	return n;
}

static int
unusable(const char *name, size_t len)
{
	size_t	 i;

	for (i = 0; i < len && (name[i] == ' ' || name[i] == '\t'); i++)
		continue;
	if (i == len || name[0] == '.' || name[len - 1] == '.')
		return 1;
	for (i = 0; i + 1 < len; i++)
		if (name[i] == '.' && name[i + 1] == '.')
			return 1;
	return 0;
}

static int
is(const struct piece *p, const char *name)
{
	return p->len == strlen(name) && memcmp(p->at, name, p->len) == 0;
}

/* What the value under this name is to us. */
static void
meet(struct run *r, const struct frame *f, const struct piece *name)
{
	r->wanted = NULL;
	r->role = PLAIN;
	r->is_time = 0;
	switch ((enum role)f->role) {
	case TOP:
		if (is(name, "Id")) {
			r->wanted = &r->s->id;
			r->s->id.at = NULL;	/* the last one counts, whatever it is */
		} else if (is(name, "event.id")) {
			r->wanted = &r->s->event_id;
		} else if (is(name, "event")) {
			r->role = EVENT;
		} else if (is(name, "o365audit")) {
			r->role = O365AUDIT;
		} else if (is(name, "metadata")) {
			r->role = METADATA;
		} else if (is(name, "@timestamp")) {
			r->is_time = 1;
		}
		break;
	case EVENT:
		if (is(name, "id"))
			r->wanted = &r->s->event_id;
		break;
	case O365AUDIT:
		if (is(name, "Id"))
			r->wanted = &r->s->inner_id;
		break;
	case METADATA:
		if (is(name, "uid"))
			r->wanted = &r->s->inner_id;
		break;
	case PLAIN:
		break;
	}
}

static int
name(struct run *r)
{
	struct frame	*f = &r->stack[r->depth];
	struct piece	 n, shown;
	char		 plainname[1024];
	uint64_t	 digest;
	int		 escaped;

	if (r->p == r->end || *r->p != '"')
		return fail(r, "name expected");
	if (string(r, &n, &escaped) == -1)
		return -1;
	shown = n;
	if (escaped) {
		n.len = unescape(&n, plainname, sizeof(plainname));
		n.at = plainname;
	}
	if (r->s->names || r->s->kinds != NULL) {
		digest = hash64(n.at, n.len, 7);
		r->path = rng_mix(f->path, digest) | 1;
		if (r->s->names && unusable(n.at, n.len))
			return fail(r, "field name cannot be empty, blank or begin or end with a dot");
		if (r->s->names && !name_is_new(f->serial, digest))
			return fail(r, "Duplicate field");
	}
	meet(r, f, &n);
	r->name = shown;
	space(r);
	if (r->p == r->end || *r->p != ':')
		return fail(r, "colon expected");
	r->p++;
	space(r);
	return 0;
}

static int
push(struct run *r, int object)
{
	struct frame	*f;

	if (r->depth >= (r->s->max_depth > 0 && r->s->max_depth < DEEPEST ? r->s->max_depth : DEEPEST))
		return fail(r, "nested too deep");
	if (object)
		note_kind(r, 2);
	f = &r->stack[++r->depth];
	*f = (struct frame){ r->path, ++r->serials, (uint8_t)object, object ? r->role : (uint8_t)PLAIN, r->name };
	r->p++;
	space(r);
	return 0;
}

/* A value begins here: 1 = a container was opened and is not empty, 0 = the value is over. */
static int
value(struct run *r)
{
	struct piece	 s;
	int		 escaped, object;

	if (r->p == r->end)
		return fail(r, "value expected");
	switch (*r->p) {
	case '{':
	case '[':
		object = *r->p == '{';
		if (push(r, object) == -1)
			return -1;
		if (r->p < r->end && *r->p == (object ? '}' : ']')) {
			r->p++;
			r->depth--;
			return 0;
		}
		return 1;
	case '"':
		if (string(r, &s, &escaped) == -1)
			return -1;
		if (r->wanted != NULL)
			*r->wanted = s;
		if (r->is_time)
			r->s->has_timestamp = 1;
		break;
	case 't':
		if (word(r, "true", 4) == -1)
			return -1;
		break;
	case 'f':
		if (word(r, "false", 5) == -1)
			return -1;
		break;
	case 'n':
		return word(r, "null", 4);
	default:
		if (*r->p != '-' && (*r->p < '0' || *r->p > '9'))
			return fail(r, "unexpected character");
		if (number(r) == -1)
			return -1;
		if (r->is_time)
			r->s->has_timestamp = 1;
		break;
	}
	note_kind(r, 1);
	return 0;
}

/* After a value: closes what ends here; 1 = another member or element follows, 0 = the text's value is over. */
static int
after(struct run *r)
{
	for (;;) {
		struct frame	*f = &r->stack[r->depth];

		if (r->depth == 0)
			return 0;
		space(r);
		if (r->p == r->end)
			return fail(r, "end within an object or list");
		if (*r->p == ',') {
			r->p++;
			space(r);
			return 1;
		}
		if (*r->p != (f->object ? '}' : ']'))
			return fail(r, "comma or closing bracket expected");
		r->p++;
		r->depth--;
	}
}

static int
walk(struct run *r)
{
	int	 more;

	for (;;) {
		if (r->depth > 0 && r->stack[r->depth].object) {
			if (name(r) == -1)
				return -1;
		} else if (r->depth > 0) {
			r->path = r->stack[r->depth].path;
			r->wanted = NULL;
			r->is_time = 0;
			r->role = PLAIN;
			r->name = r->stack[r->depth].name;
		}
		if ((more = value(r)) == -1)
			return -1;
		if (more == 1)
			continue;
		if ((more = after(r)) <= 0)
			return more;
	}
}

int
scan_json(const char *text, size_t len, struct scan *s)
{
	static struct run	 r;
	int			 rc;

	s->why = NULL;
	s->top = '\0';
	s->id = s->event_id = s->inner_id = (struct piece){ NULL, 0 };
	s->has_timestamp = 0;
	r.p = text;
	r.end = text + len;
	r.s = s;
	r.depth = 0;
	r.serials = 0;
	r.path = 0;
	r.name = (struct piece){ NULL, 0 };
	r.role = TOP;
	r.wanted = NULL;
	r.is_time = 0;
	stamp++;
	cells_used = 0;
	space(&r);
	if (r.p < r.end)
		s->top = *r.p;
	rc = walk(&r);
	if (rc == 0) {
		space(&r);
		if (r.p < r.end)
			rc = fail(&r, "bytes after the end");
	}
	return rc == 0;
}

int
scan_balanced(const char *s, size_t len)
{
	char	 open[DEEPEST * 20];
	size_t	 i, depth = 0;
	int	 quoted = 0;

	for (i = 0; i < len; i++) {
		if (quoted) {
			if (s[i] == '\\')
				i++;
			else if (s[i] == '"')
				quoted = 0;
		} else if (s[i] == '"') {
			quoted = 1;
		} else if (s[i] == '{' || s[i] == '[') {
			if (depth == sizeof(open))
				return 0;
			open[depth++] = s[i];
		} else if (s[i] == '}' || s[i] == ']') {
			if (depth == 0 || open[--depth] != (s[i] == '}' ? '{' : '['))
				return 0;
		}
	}
	return depth == 0 && !quoted;
}

struct piece
scan_best_id(const struct scan *s)
{
	if (s->event_id.at != NULL)
		return s->event_id;
	if (s->inner_id.at != NULL)
		return s->inner_id;
	return s->id;
}
