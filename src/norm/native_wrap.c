/*
 * native_wrap - rows of Graph in the envelope of the diagnostic stream, azure:monitor:aad in Splunk.
 *
 * Rules and data models for Entra stand on that form (spec/splunk-cim.md section 4). The envelope is a table; `properties` is the row with
 * as few edits as the add-on needs: what Graph says on success where the stream says nothing is left out (the add-on takes a
 * failureReason for a failure), nulls of objects are left out ("null" would be a user), the arrays of policies come last (Splunk
 * extracts the first 5,000 bytes). Arrays stay as they are, nulls too: rules read them by position.
 */
#include <stdio.h>
#include <string.h>

#include "base/rfc3339.h"
#include "norm/native.h"
#include "norm/shape.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum how {
	W_FIXED,		/* hint is JSON text */
	W_TENANT,		/* hint with the tenant's GUID for '%' */
	W_FEED,			/* hint by feed */
	W_TIME,			/* UTC, ending in Z, every digit of the fraction */
	W_TEXT,			/* the first of `from`, separated by blanks, that is not empty */
	W_ADDRESS,		/* the same, but no word that says "none" */
	W_IP,			/* the same, if it is an address */
	W_FAILED,		/* the same, if status.errorCode says failure */
	W_TITLE,		/* the same, with a capital */
	W_NUMBER		/* the same, digits only, else 0 */
};

struct line {
	const char	*key;
	enum how	 how;
	const char	*from;
	const char	*hint;
};

/* clang-format off */
static const struct line signin[] = {
	{ "time",		W_TIME,		"createdDateTime",	NULL },
	{ "resourceId",		W_TENANT,	NULL,			"/tenants/%/providers/Microsoft.aadiam" },
	{ "operationName",	W_FIXED,	NULL,			"\"Sign-in activity\"" },
	{ "operationVersion",	W_FIXED,	NULL,			"\"1.0\"" },
	{ "category",		W_FEED,		NULL,			"signin.interactive=SignInLogs "
	    "signin.noninteractive=NonInteractiveUserSignInLogs signin.serviceprincipal=ServicePrincipalSignInLogs "
	    "signin.managedidentity=ManagedIdentitySignInLogs" },
	{ "tenantId",		W_TENANT,	NULL,			"%" },
	{ "resultType",		W_TEXT,		"status.errorCode",	NULL },
	{ "resultSignature",	W_FIXED,	NULL,			"\"None\"" },
	{ "resultDescription",	W_FAILED,	"status.failureReason",	NULL },
	{ "durationMs",		W_FIXED,	NULL,			"0" },
	{ "callerIpAddress",	W_ADDRESS,	"ipAddress",		NULL },
	{ "correlationId",	W_TEXT,		"correlationId",	NULL },
	{ "identity",		W_TEXT,		"userDisplayName servicePrincipalName", NULL },
	{ "Level",		W_FIXED,	NULL,			"4" },
	{ "location",		W_TEXT,		"location.countryOrRegion", NULL },
};

static const struct line audit[] = {
	{ "time",		W_TIME,		"activityDateTime",	NULL },
	{ "resourceId",		W_TENANT,	NULL,			"/tenants/%/providers/Microsoft.aadiam" },
	{ "operationName",	W_TEXT,		"activityDisplayName",	NULL },
	{ "operationVersion",	W_FIXED,	NULL,			"\"1.0\"" },
	{ "category",		W_FIXED,	NULL,			"\"AuditLogs\"" },
	{ "tenantId",		W_TENANT,	NULL,			"%" },
	{ "resultSignature",	W_FIXED,	NULL,			"\"None\"" },
	{ "resultDescription",	W_TEXT,		"resultReason",		NULL },
	{ "durationMs",		W_FIXED,	NULL,			"0" },
	{ "callerIpAddress",	W_ADDRESS,	"initiatedBy.user.ipAddress", NULL },
	{ "correlationId",	W_TEXT,		"correlationId",	NULL },
	{ "identity",		W_TEXT,		"initiatedBy.app.displayName initiatedBy.user.displayName", NULL },
	{ "Level",		W_FIXED,	NULL,			"4" },
};

static const struct line provisioning[] = {
	{ "time",		W_TIME,		"activityDateTime",	NULL },
	{ "resourceId",		W_TENANT,	NULL,			"/tenants/%/providers/Microsoft.aadiam" },
	{ "operationName",	W_FIXED,	NULL,			"\"Provisioning activity\"" },
	{ "operationVersion",	W_FIXED,	NULL,			"\"1.0\"" },
	{ "category",		W_FIXED,	NULL,			"\"ProvisioningLogs\"" },
	{ "tenantId",		W_TENANT,	NULL,			"%" },
	{ "resultType",		W_TITLE,	"provisioningStatusInfo.status provisioningStatusInfo.Status", NULL },
	{ "durationMs",		W_NUMBER,	"durationInMilliseconds", NULL },
	{ "correlationId",	W_TEXT,		"changeId",		NULL },
	{ "identity",		W_TEXT,		"id",			NULL },
	{ "Level",		W_FIXED,	NULL,			"4" },
};

static const struct line risk[] = {
	{ "time",		W_TIME,		"lastUpdatedDateTime detectedDateTime", NULL },
	{ "resourceId",		W_TENANT,	NULL,			"/tenants/%/providers/microsoft.aadiam" },
	{ "operationName",	W_FIXED,	NULL,			"\"User Risk Detection\"" },
	{ "operationVersion",	W_FIXED,	NULL,			"\"1.0\"" },
	{ "category",		W_FIXED,	NULL,			"\"UserRiskEvents\"" },
	{ "tenantId",		W_TENANT,	NULL,			"%" },
	{ "resultSignature",	W_FIXED,	NULL,			"\"None\"" },
	{ "durationMs",		W_FIXED,	NULL,			"0" },
	{ "callerIpAddress",	W_IP,		"ipAddress",		NULL },
	{ "correlationId",	W_TEXT,		"id",			NULL },
	{ "identity",		W_TEXT,		"userDisplayName",	NULL },
	{ "Level",		W_FIXED,	NULL,			"4" },
	{ "location",		W_TEXT,		"location.countryOrRegion", NULL },
};

static const struct line service_principal_risk[] = {
	{ "time",		W_TIME,		"lastUpdatedDateTime detectedDateTime", NULL },
	{ "resourceId",		W_TENANT,	NULL,			"/tenants/%/providers/microsoft.aadiam" },
	{ "operationName",	W_FIXED,	NULL,			"\"Service Principal Risk Detection\"" },
	{ "operationVersion",	W_FIXED,	NULL,			"\"1.0\"" },
	{ "category",		W_FIXED,	NULL,			"\"ServicePrincipalRiskEvents\"" },
	{ "tenantId",		W_TENANT,	NULL,			"%" },
	{ "resultSignature",	W_FIXED,	NULL,			"\"None\"" },
	{ "durationMs",		W_FIXED,	NULL,			"0" },
	{ "callerIpAddress",	W_IP,		"ipAddress",		NULL },
	{ "correlationId",	W_TEXT,		"id",			NULL },
	{ "identity",		W_TEXT,		"servicePrincipalDisplayName", NULL },
	{ "Level",		W_FIXED,	NULL,			"4" },
	{ "location",		W_TEXT,		"location.countryOrRegion", NULL },
};
/* clang-format on */

struct wrap {
	struct norm			*n;
	const struct norm_source	*source;
	struct buf			*to;
	int				 failed;	/* status.errorCode is there and not 0 */
	int				 succeeded;	/* it is 0 */
	int				 nobody;	/* no user signs in here */
};

/* ---- what the envelope says ------------------------------------------------------------------------------------------------ */

/* The scalar at a path, decoded, in n->text; 0: none, or empty. Objects of a record with very many tokens have no nodes: n->inner. */
static int
text_at(struct norm *n, const char *path, size_t len)
{
	const struct json	*j = &n->json;
	char			 name[96];
	char			*dot;
	uint32_t		 node;

	snprintf(name, sizeof(name), "%.*s", (int)len, path);
	if ((dot = strchr(name, '.')) != NULL)
		*dot = '\0';
	node = json_get(j, 0, name);
	if (dot != NULL && node != JSON_NONE && j->nodes[node].kind == JSON_OBJECT) {
		if (json_first(j, node) == JSON_NONE && j->nodes[node].count > 0) {
			if (json_index(&n->inner, j->bytes + j->nodes[node].start, j->nodes[node].end - j->nodes[node].start,
			    NODES_MAX, DEPTH) != JSON_OK)
				return 0;
			j = &n->inner;
			node = 0;
		}
		node = json_path(j, node, dot + 1);
	} else if (dot != NULL) {
		return 0;
	}
	buf_reset(&n->text);
	if (node == JSON_NONE || j->nodes[node].kind <= JSON_ARRAY || j->nodes[node].kind == JSON_NULL)
		return 0;
	json_text(j, node, &n->text);
	return n->text.len > 0;
}

static int
first_text(struct norm *n, const char *paths)
{
	size_t	 len;

	for (const char *p = paths; *p != '\0'; p += len + (p[len] == ' ')) {
		len = strcspn(p, " ");
		if (text_at(n, p, len))
			return 1;
	}
	return 0;
}

static void
put_time(struct wrap *w)
{
	struct buf	*text = &w->n->text;
	char		 iso[RFC3339_SIZE];
	const char	*p = buf_str(text);
	size_t		 len = text->len;
	int64_t		 ms;
	int		 zone = 0;

	if (rfc3339_parse(p, len, &ms, &zone) == -1)
		ms = w->source->created_ms;
	else if (p[len - 1] == 'Z' || !zone || (len > 6 && strcmp(p + len - 6, "+00:00") == 0)) {
		if (zone)
			buf_cut(text, p[len - 1] == 'Z' ? len - 1 : len - 6);
		buf_addc(text, 'Z');
		json_escape(w->to, buf_str(text), text->len);
		return;
	}
	rfc3339_text(ms, 3, iso);
	json_escape(w->to, iso, strlen(iso));
}

static void
put_tenant(struct wrap *w, const char *hint)
{
	struct buf	*text = &w->n->text;
	size_t		 before = strcspn(hint, "%");

	buf_reset(text);
	buf_add(text, hint, before);
	buf_adds(text, w->source->tenant_guid);
	buf_adds(text, hint + before + (hint[before] == '%'));
	json_escape(w->to, buf_str(text), text->len);
}

static int
is_none(const char *p)
{
	return strcasecmp(p, "null") == 0 || strcasecmp(p, "<null>") == 0;
}

/* The value of a line; 0: there is none and the key is left out. */
static int
put_value(struct wrap *w, const struct line *l)
{
	struct buf	*text = &w->n->text;
	const char	*p, *found;
	size_t		 len;

	if (l->from != NULL && !first_text(w->n, l->from) && l->how != W_NUMBER && l->how != W_TIME)
		return 0;
	p = buf_str(text);
	len = text->len;
	switch (l->how) {
	case W_FIXED:
		buf_adds(w->to, l->hint);
		return 1;
	case W_TENANT:
		put_tenant(w, l->hint);
		return 1;
	case W_FEED:
		if ((found = hint_find(l->hint, w->source->feed, strlen(w->source->feed), &len)) == NULL)
			return 0;
		json_escape(w->to, found, len);
		return 1;
	case W_TIME:
		put_time(w);
		return 1;
	case W_NUMBER:
		if (len == 0 || len > 18 || strspn(p, "0123456789") != len)
			p = "0";
		while (*p == '0' && p[1] != '\0')
			p++;
		buf_adds(w->to, p);
		return 1;
	case W_FAILED:
		if (!w->failed)
			return 0;
		break;
	case W_ADDRESS:
		if (is_none(p))
			return 0;
		break;
	case W_IP:
		if (!ip_plain(&p, &len))
			return 0;
		break;
	case W_TITLE:
		if (*p >= 'a' && *p <= 'z')
			text->bytes[0] = (char)(*p - ('a' - 'A'));
		break;
	case W_TEXT:
		break;
	}
	json_escape(w->to, p, len);
	return 1;
}

static void
put_line(struct wrap *w, const struct line *l)
{
	size_t	 mark = w->to->len;

	buf_addf(w->to, "%s\"%s\": ", w->to->bytes[mark - 1] == '{' ? "" : ", ", l->key);
	if (!put_value(w, l))
		buf_cut(w->to, mark);
}

/* ---- properties --------------------------------------------------------------------------------------------------------------- */

static void	 put_object(struct wrap *, const struct json *, uint32_t node, int is_status);

static void
put_span(struct wrap *w, const struct json *j, uint32_t node)
{
	native_spaced(j->bytes + j->nodes[node].start, j->nodes[node].end - j->nodes[node].start, w->to);
}

static void
put_member(struct wrap *w, const struct json *j, uint32_t name)
{
	const struct json_node	*value = &j->nodes[name + 1];
	int			 is_status = j == &w->n->json && json_name_is(j, name, "status");

	buf_adds(w->to, w->to->bytes[w->to->len - 1] == '{' ? "" : ", ");
	put_span(w, j, name);
	buf_adds(w->to, ": ");
	if (value->kind != JSON_OBJECT || value->count == 0)
		put_span(w, j, name + 1);
	else if (json_first(j, name + 1) != JSON_NONE)
		put_object(w, j, name + 1, is_status);
	else if (j == &w->n->json && json_index(&w->n->inner, j->bytes + value->start, value->end - value->start, NODES_MAX,
	    JSON_DEPTH) == JSON_OK)
		put_object(w, &w->n->inner, 0, is_status);
	else
		put_span(w, j, name + 1);
}

static int
is_left_out(const struct wrap *w, const struct json *j, uint32_t name, int is_status)
{
	if (j->nodes[name + 1].kind == JSON_NULL)
		return 1;
	return is_status && w->succeeded && json_name_is(j, name, "failureReason");
}

static void
put_object(struct wrap *w, const struct json *j, uint32_t node, int is_status)
{
	buf_addc(w->to, '{');
	for (uint32_t k = json_first(j, node); k != JSON_NONE; k = json_next(j, node, k))
		if (!is_left_out(w, j, k, is_status))
			put_member(w, j, k);
	buf_addc(w->to, '}');
}

static int
is_policies(const struct json *j, uint32_t name)
{
	static const char	 tail[] = "Policies";
	const struct json_node	*t = &j->nodes[name];
	size_t			 len = sizeof(tail) - 1;

	return t->end - t->start > len + 2 && memcmp(j->bytes + t->end - 1 - len, tail, len) == 0 &&
	    j->nodes[name + 1].kind == JSON_ARRAY;
}

static int
is_nobody(const struct json *j, uint32_t name)
{
	const struct json_node	*value = &j->nodes[name + 1];

	return value->kind == JSON_STRING && value->end - value->start == 2 &&
	    (json_name_is(j, name, "userPrincipalName") || json_name_is(j, name, "userId"));
}

static void
put_properties(struct wrap *w)
{
	const struct json	*j = &w->n->json;

	buf_adds(w->to, ", \"properties\": {");
	for (int policies = 0; policies < 2; policies++)
		for (uint32_t k = json_first(j, 0); k != JSON_NONE; k = json_next(j, 0, k))
			if (is_policies(j, k) == policies && !is_left_out(w, j, k, 0) && !(w->nobody && is_nobody(j, k)))
				put_member(w, j, k);
	buf_addc(w->to, '}');
}

/* ---- feeds ---------------------------------------------------------------------------------------------------------------------- */

static const struct envelope { const char *feeds; const struct line *lines; size_t n; } envelopes[] = {
	{ "signin.",			signin,			COUNT(signin) },
	{ "directory.audit",		audit,			COUNT(audit) },
	{ "directory.provisioning",	provisioning,		COUNT(provisioning) },
	{ "risk.serviceprincipal",	service_principal_risk,	COUNT(service_principal_risk) },
	{ "risk.",			risk,			COUNT(risk) },
};

static const struct envelope *
envelope_of(const char *feed)
{
	for (size_t i = 0; i < COUNT(envelopes); i++)
		if (strncmp(feed, envelopes[i].feeds, strlen(envelopes[i].feeds)) == 0)
			return &envelopes[i];
	return NULL;
}

const char *const *
native_key(const char *feed, size_t i)
{
	const struct envelope	*e = envelope_of(feed);

	return e != NULL && i < e->n ? &e->lines[i].key : NULL;
}

void
native_wrap(struct norm *n, const struct norm_source *source, const struct record *r, struct buf *to)
{
	const struct envelope	*e = envelope_of(source->feed);
	struct wrap		 w = { .n = n, .source = source, .to = to };

	if (json_index(&n->json, r->bytes, r->len, NODES_MAX, JSON_DEPTH) == JSON_BAD || n->json.nodes[0].kind != JSON_OBJECT) {
		native_spaced(r->bytes, r->len, to);	/* the splitter lets none of these in */
		return;
	}
	w.nobody = strcmp(source->feed, "signin.serviceprincipal") == 0 || strcmp(source->feed, "signin.managedidentity") == 0;
	if (text_at(n, "status.errorCode", 16)) {
		w.succeeded = strspn(buf_str(&n->text), "0") == n->text.len;
		w.failed = !w.succeeded;
	}
	buf_addc(to, '{');
	for (size_t i = 0; i < e->n; i++)
		put_line(&w, &e->lines[i]);
	put_properties(&w);
	buf_addc(to, '}');
}

/* An incident without its alerts: they are events of their own. */
void
native_without_alerts(struct norm *n, const struct norm_source *source, const struct record *r, struct buf *to)
{
	const struct json	*j = &n->json;

	(void)source;
	if (json_index(&n->json, r->bytes, r->len, NODES_MAX, 1) == JSON_BAD || j->nodes[0].kind != JSON_OBJECT ||
	    json_get(j, 0, "alerts") == JSON_NONE) {
		native_spaced(r->bytes, r->len, to);
		return;
	}
	buf_addc(to, '{');
	for (uint32_t k = json_first(j, 0); k != JSON_NONE; k = json_next(j, 0, k)) {
		if (json_name_is(j, k, "alerts"))
			continue;
		buf_adds(to, to->bytes[to->len - 1] == '{' ? "" : ", ");
		native_spaced(j->bytes + j->nodes[k].start, j->nodes[k + 1].end - j->nodes[k].start, to);
	}
	buf_addc(to, '}');
}
