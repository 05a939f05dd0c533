/*
 * record - how a batch holds records: a fixed header, then the bytes.
 */
#include "base/record.h"

#include <assert.h>
#include <string.h>

static void
put32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

static uint32_t
get32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

void
record_head(const struct record *r, uint8_t head[RECORD_HEAD])
{
	uint64_t	 second = (uint64_t)r->second;

	assert(r->len <= UINT32_MAX - RECORD_HEAD);
	put32(head, (uint32_t)r->len);
	put32(head + 4, r->ordinal);
	put32(head + 8, r->revision);
	put32(head + 12, r->digest);
	put32(head + 16, (uint32_t)second);
	put32(head + 20, (uint32_t)(second >> 32));
	memcpy(head + 24, r->id, sizeof(r->id));
}

void
record_add(struct buf *b, const struct record *r)
{
	uint8_t		 head[RECORD_HEAD];

	record_head(r, head);
	buf_need(b, sizeof(head) + r->len);	/* all of it or nothing */
	buf_add(b, head, sizeof(head));
	buf_add(b, r->bytes, r->len);
}

void
record_set_revision(char *head, uint32_t revision)
{
	put32((uint8_t *)head + 8, revision);
}

int
record_next(const char *body, size_t len, size_t *at, struct record *r)
{
	const uint8_t	*p;
	uint64_t	 second;

	if (*at == len)
		return 0;
	if (*at > len || len - *at < RECORD_HEAD)
		return -1;
	p = (const uint8_t *)body + *at;
	r->len = get32(p);
	if (r->len > len - *at - RECORD_HEAD)
		return -1;
	r->ordinal = get32(p + 4);
	r->revision = get32(p + 8);
	r->digest = get32(p + 12);
	second = (uint64_t)get32(p + 20) << 32 | get32(p + 16);
	memcpy(&r->second, &second, sizeof(second));
	memcpy(r->id, p + 24, sizeof(r->id));
	r->bytes = body + *at + RECORD_HEAD;
	*at += RECORD_HEAD + r->len;
	return 1;
}
