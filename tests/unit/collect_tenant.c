/*
 * collect_tenant - the small tenant that answers the tests of collect/.
 */
#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rfc3339.h"
#include "base/xalloc.h"
#include "collect_world.h"

#define BLOBS	64

struct blob {
	int64_t		 created_ms, expires_ms;
	const char	*body, *uri;
	size_t		 len;
};

size_t		 tenant_page;
const char	*tenant_next_form, *tenant_subs;
int64_t		 tenant_token_s;
int64_t		 tenant_lead_ms;
int		 tenant_silent;

static struct blob		 blobs[BLOBS];
static unsigned			 n_blobs, n_records, n_tokens;
static struct tenant_answer	 said[KINDS];
static char			**kept;
static size_t			 n_kept;

static const struct {
	enum kind	 kind;
	const char	*part;		/* of the URL */
} kinds[] = {
	{ TOKEN, "/oauth2/v2.0/token" }, { SUBS, "/subscriptions/list" }, { START, "/subscriptions/start" },
	{ LIST, "/subscriptions/content" }, { BLOB, "/activity/feed/audit/" },
};

void
tenant_begin(void)
{
	tenant_page = 0;
	tenant_next_form = "https://manage.example/api/v1/" WORLD_GUID "/activity/feed/subscriptions/content?%s&nextPage=%u";
	tenant_subs = "[{\"contentType\":\"Audit.Exchange\",\"status\":\"enabled\",\"webhook\":null},"
	    "{\"contentType\":\"Audit.General\",\"status\":\"enabled\",\"webhook\":null}]";
	tenant_token_s = 3600;
	tenant_silent = 0;
	tenant_lead_ms = 0;
	n_blobs = n_records = n_tokens = 0;
	memset(said, 0, sizeof(said));
}

void
tenant_end(void)
{
	while (n_kept > 0)
		free(kept[--n_kept]);
	free(kept);
	kept = NULL;
}

const char *
tenant_keeps(char *s)
{
	kept = xreallocarray(kept, n_kept + 1, sizeof(*kept));
	return kept[n_kept++] = s;
}

unsigned
tenant_blob(int64_t created_ms, const char *body, size_t len)
{
	assert(n_blobs < BLOBS);
	blobs[n_blobs] = (struct blob){ created_ms, created_ms + 7 * WINDOW_DAY, body, NULL, len != 0 ? len : strlen(body) };
	return n_blobs++;
}

void
tenant_blob_uri(unsigned blob, const char *uri)
{
	blobs[blob].uri = uri;
}

void
tenant_blob_expires(unsigned blob, int64_t ms)
{
	blobs[blob].expires_ms = ms;
}

const char *
tenant_records(unsigned n)
{
	struct buf	 b = { 0 };

	buf_addc(&b, '[');
	for (unsigned i = 0; i < n; i++, n_records++)
		buf_addf(&b, "%s{\"Id\":\"aaaaaaaa-0000-0000-0000-%012u\",\"CreationTime\":\"2026-11-23T20:00:00\",\"n\":%u}",
		    i > 0 ? "," : "", n_records, n_records);
	buf_addc(&b, ']');
	return tenant_keeps(b.bytes);
}

void
tenant_replies(enum kind kind, unsigned times, struct fake_reply reply)
{
	if (reply.retry_after_ms == 0)
		reply.retry_after_ms = -1;
	if (reply.date_ms == 0)
		reply.date_ms = -1;
	said[kind] = (struct tenant_answer){ times, reply };
}

void
tenant_says(enum kind kind, unsigned times, int status, const char *body)
{
	tenant_replies(kind, times, (struct fake_reply){ .status = status, .body = body });
}

void
tenant_says_no_more(enum kind kind)
{
	said[kind].times = 0;
}

static enum kind
kind_of(const struct fake_ask *a)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strstr(a->url, kinds[i].part) != NULL)
			return kinds[i].kind;
	fprintf(stderr, "who is this? %s\n", a->url);
	abort();
}

unsigned
asked(enum kind kind)
{
	unsigned	 n = 0;

	for (size_t i = 0; i < fake_n_asks; i++)
		n += kind_of(&fake_asks[i]) == kind;
	return n;
}

const struct fake_ask *
last_ask(enum kind kind)
{
	for (size_t i = fake_n_asks; i-- > 0;)
		if (kind_of(&fake_asks[i]) == kind)
			return &fake_asks[i];
	return NULL;
}

static int64_t
time_in(const struct fake_ask *a, const char *name)
{
	const char	*at = strstr(a->url, name);
	char		 text[32];
	int64_t		 ms;

	assert(at != NULL);
	snprintf(text, sizeof(text), "%.19sZ", at + strlen(name));
	assert(rfc3339_parse(text, strlen(text), &ms, NULL) == 0);
	return ms;
}

int64_t
window_from(const struct fake_ask *a)
{
	return time_in(a, "startTime=");
}

int64_t
window_to(const struct fake_ask *a)
{
	return time_in(a, "endTime=");
}

static void
list_blob(struct buf *b, unsigned i)
{
	char	 created[RFC3339_SIZE], expires[RFC3339_SIZE];
	char	*sound = xasprintf(WORLD_API "audit/blob$%u", i);

	buf_addf(b, "%s{\"contentType\":\"Audit.Exchange\",\"contentId\":\"blob$%u\",\"contentUri\":\"%s\","
	    "\"contentCreated\":\"%s\",\"contentExpiration\":\"%s\"}", b->len > 1 ? "," : "", i,
	    blobs[i].uri != NULL ? blobs[i].uri : sound, rfc3339_text(blobs[i].created_ms, 3, created),
	    rfc3339_text(blobs[i].expires_ms, 3, expires));
	free(sound);
}

/* Audit.Exchange alone has content. */
static void
list(const struct fake_ask *a, struct fake_reply *r)
{
	const char	*page = strstr(a->url, "nextPage="), *query = strchr(a->url, '?') + 1;
	unsigned	 first = page != NULL ? (unsigned)strtoul(page + 9, NULL, 10) : 0, n = 0, i;
	struct buf	 b = { 0 };
	char		 plain[512];

	buf_addc(&b, '[');
	for (i = first; i < n_blobs && strstr(a->url, "contentType=Audit.Exchange") != NULL; i++) {
		if (blobs[i].created_ms < window_from(a) || blobs[i].created_ms >= window_to(a))
			continue;
		if (tenant_page != 0 && n == tenant_page)
			break;
		list_blob(&b, i);
		n++;
	}
	buf_addc(&b, ']');
	r->status = 200;
	r->body = tenant_keeps(b.bytes);
	if (i == n_blobs || strstr(a->url, "contentType=Audit.Exchange") == NULL)
		return;
	snprintf(plain, sizeof(plain), "%.*s", (int)(strstr(query, "&PublisherIdentifier") - query), query);
	if ((page = strstr(plain, "&nextPage=")) != NULL)
		plain[page - plain] = '\0';
	/* Whoever sets the form says where the query and the number go. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	r->next_page = tenant_keeps(xasprintf(tenant_next_form, plain, i));
#pragma GCC diagnostic pop
}

static void
give_blob(const struct fake_ask *a, struct fake_reply *r)
{
	unsigned	 i = (unsigned)strtoul(strstr(a->url, "audit/blob$") + 11, NULL, 10);

	assert(i < n_blobs);
	r->status = 200;
	r->body = blobs[i].body;
	r->len = blobs[i].len;
}

int
tenant(const struct fake_ask *a, struct fake_reply *r)
{
	enum kind	 k = kind_of(a);

	if (tenant_silent >> k & 1)
		return 0;
	r->date_ms = fake_wall_ms + tenant_lead_ms;
	if (said[k].times > 0) {
		said[k].times -= said[k].times != UINT_MAX;
		*r = said[k].reply;
		if (r->date_ms == -1)
			r->date_ms = fake_wall_ms + tenant_lead_ms;
		return 1;
	}
	switch (k) {
	case TOKEN:
		r->status = 200;
		r->body = tenant_keeps(xasprintf("{\"token_type\":\"Bearer\",\"expires_in\":%lld,\"access_token\":\"token-%u\"}",
		    (long long)tenant_token_s, ++n_tokens));
		break;
	case SUBS:
		r->status = 200;
		r->body = tenant_subs;
		break;
	case START:
		r->status = 200;
		r->body = "{\"contentType\":\"Audit.Exchange\",\"status\":\"enabled\",\"webhook\":null}";
		break;
	case LIST:
		list(a, r);
		break;
	default:
		give_blob(a, r);
		break;
	}
	return 1;
}
