/*
 * record - generated audit records: what a record is, and its bytes.
 *
 * The common members come first, in Microsoft's usual order; then the family's own; then what an odd shape adds.
 */
#include <stdio.h>

#include "odd.h"
#include "record.h"
#include "when.h"

const char *const content_name[NCONTENT] = {
	"Audit.Exchange", "Audit.SharePoint", "Audit.AzureActiveDirectory", "Audit.General", "DLP.All",
};

const char *const content_blob[NCONTENT] = {
	"audit_exchange$Audit_Exchange", "audit_sharepoint$Audit_SharePoint",
	"audit_azureactivedirectory$Audit_AzureActiveDirectory", "audit_general$Audit_General", "dlp_all$DLP_All",
};

int
content_find(const char *name)
{
	int	 i;

	for (i = 0; i < NCONTENT; i++)
		if (strcmp(content_name[i], name) == 0)
			return i;
	return -1;
}

static enum family
draw_family(enum content c, struct rng *r)
{
	uint32_t	 n = rng_below(r, 100);

	switch (c) {
	case EXCHANGE:	return n < 50 ? MAILACCESS : n < 80 ? EXITEM : EXADMIN;
	case SHAREPOINT: return n < 82 ? SPFILE : SPSHARE;
	case ENTRA:	return n < 65 ? STSLOGON : ENTRADIR;
	case DLP:	return DLPMAIL;
	default:	return TEAMS;
	}
}

/* Most events are minutes old when their blob appears, some hours, a few days. */
static int64_t
draw_age(struct rng *r)
{
	uint32_t	 n = rng_below(r, 100);

	if (n < 85)
		return 2 * MINUTE_MS + (int64_t)rng_below(r, 88 * 60) * SECOND_MS;
	if (n < 95)
		return (int64_t)rng_below(r, 24 * 3600) * SECOND_MS;
	return (int64_t)rng_below(r, 5 * 24 * 3600) * SECOND_MS;
}

void
plan_new(struct plan *p, uint64_t seed, enum content content, uint64_t slot, int64_t created, double odd)
{
	struct rng	 r;

	memset(p, 0, sizeof(*p));
	p->seed = rng_mix(rng_mix(seed, (uint64_t)content + 11), slot);
	r.state = p->seed;
	p->content = content;
	p->family = draw_family(content, &r);
	p->time = created - draw_age(&r);
	p->odd = rng_percent(&r, odd) ? (int)rng_below(&r, (uint32_t)odd_count()) : -1;
	if (odd > 0 && content == EXCHANGE && slot == 5)
		p->odd = odd_biggest();
	p->has_id = p->odd == -1 || !odd_has_no_id(p->odd);
	guid_write(p->id, rng_next(&r), rng_next(&r));
	guid_write(p->marker, rng_next(&r), rng_next(&r));
	memcpy(p->marker, MARKER, sizeof(MARKER) - 1);
}

void
plan_giant(struct plan *p, size_t filler, int id_last)
{
	p->filler = filler;
	p->id_last = id_last;
	p->odd = -1;
	p->has_id = 1;
}

struct key
plan_key(const struct plan *p)
{
	if (p->has_id)
		return key_folded('i', p->id, GUID_LEN);
	return key_bytes('m', p->marker, GUID_LEN);
}

/* --- the writing of members --- */

static void
put_name(struct text *t, const char *name)
{
	size_t	 len = strlen(name);
	char	*to = text_need(t, len + 3);

	to[0] = '"';
	memcpy(to + 1, name, len);
	to[len + 1] = '"';
	to[len + 2] = ':';
	t->len += len + 3;
}

void
put_text(struct text *t, const char *name, const char *value)
{
	size_t	 len = strlen(value);
	char	*to;

	put_name(t, name);
	to = text_need(t, len + 3);
	to[0] = '"';
	memcpy(to + 1, value, len);
	to[len + 1] = '"';
	to[len + 2] = ',';
	t->len += len + 3;
}

void
put_int(struct text *t, const char *name, int64_t value)
{
	put_name(t, name);
	text_addi(t, value);
	text_addc(t, ',');
}

void
put_raw(struct text *t, const char *name, const char *json)
{
	put_name(t, name);
	text_adds(t, json);
	text_addc(t, ',');
}

void
put_pair(struct text *t, const char *name, const char *value)
{
	text_addc(t, '{');
	put_text(t, "Name", name);
	put_text(t, "Value", value);
	shut(t, "},");
}

void
put_opaque(struct text *t, struct rng *r, size_t len)
{
	static const char	 abc[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	char			*to = text_need(t, len);
	uint64_t		 bits = 0;
	size_t			 i;

	for (i = 0; i < len; i++) {
		if (i % 10 == 0)
			bits = rng_next(r);
		to[i] = abc[bits & 63];
		bits >>= 6;
	}
	t->len += len;
}

void
shut(struct text *t, const char *with)
{
	if (t->len > 0 && t->bytes[t->len - 1] == ',')
		t->len--;
	text_adds(t, with);
}

/* --- who it is about --- */

static const char *const people[] = {
	"alice", "bruno", "chiara", "dmitri", "elena", "farid", "greta", "hiro", "ines", "jonas", "katja", "liam",
	"mara", "nadia", "oskar", "petra", "quentin", "rosa", "sven", "tamara", "ugo", "vera", "wim", "xenia", "yusuf",
	"zoe",
};

static const char *const apps[] = {
	"27922004-5251-4030-b22d-91ecd9a37ea4", "5e3ce6c0-2b1f-4285-8d4b-75ee78787346",
	"1fec8e78-bce4-4aaf-ab1b-5451cc387264", "d3590ed6-52b3-4102-aeff-aad2292ab01c",
	"aaaaaaaa-0000-4000-8000-00000000c0de",
};

static const char *const agents[] = {
	"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36",
	"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15",
	"Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
	"Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17928; Pro)",
	"python-requests/2.31.0",
};

#define PICK(r, table) (table)[rng_below((r), sizeof(table) / sizeof((table)[0]))]

static void
draw_ip(char out[64], struct rng *r)
{
	static const char *const	 nets[] = { "192.0.2.", "198.51.100.", "203.0.113." };
	const char			*net = PICK(r, nets);
	uint32_t			 host = 1 + rng_below(r, 250), how = rng_below(r, 20);

	if (how == 0)
		snprintf(out, 64, "[2001:db8:%x::%x]:%u", rng_below(r, 0xffff), host, 1024 + rng_below(r, 60000));
	else if (how == 1)
		snprintf(out, 64, "2001:db8:%x::%x", rng_below(r, 0xffff), host);
	else if (how == 2)
		snprintf(out, 64, "::ffff:%s%u", net, host);
	else if (how < 6)
		snprintf(out, 64, "%s%u:%u", net, host, 1024 + rng_below(r, 60000));
	else
		snprintf(out, 64, "%s%u", net, host);
}

void
cast_draw(struct cast *c, const struct tenant *tenant, struct rng *r, char *upn, size_t size)
{
	size_t	 i;

	c->tenant = tenant;
	c->user = PICK(r, people);
	snprintf(upn, size, "%s@%s", c->user, tenant->domain);
	c->upn = upn;
	guid_write(c->user_guid, hash64(c->user, strlen(c->user), 1), hash64(c->user, strlen(c->user), 2));
	snprintf(c->puid, sizeof(c->puid), "10032000%08X", (unsigned)hash64(c->user, strlen(c->user), 3));
	draw_ip(c->ip, r);
	for (i = 0; i < sizeof(c->guid) / sizeof(c->guid[0]); i++)
		guid_write(c->guid[i], rng_next(r), rng_next(r));
	c->agent = PICK(r, agents);
	c->app = PICK(r, apps);
}

/* --- the record --- */

static const struct {
	int		 type;
	const char	*workload;
} kinds[NFAMILIES] = {
	[EXADMIN] = { 1, "Exchange" }, [EXITEM] = { 2, "Exchange" }, [MAILACCESS] = { 50, "Exchange" },
	[ENTRADIR] = { 8, "AzureActiveDirectory" }, [STSLOGON] = { 15, "AzureActiveDirectory" },
	[SPFILE] = { 6, "SharePoint" }, [SPSHARE] = { 14, "SharePoint" }, [TEAMS] = { 25, "MicrosoftTeams" },
	[DLPMAIL] = { 13, "Exchange" },
};

static const char *
draw_operation(enum family f, struct rng *r)
{
	static const char *const	 ops[NFAMILIES][8] = {
		[EXADMIN] = { "New-InboxRule", "Set-Mailbox", "Add-MailboxPermission", "Set-AdminAuditLogConfig",
		    "New-TransportRule", "Set-OrganizationConfig", "Set-InboxRule", "New-ManagementRoleAssignment" },
		[EXITEM] = { "Send", "Create", "Update", "SendAs", "SendOnBehalf", "Send", "Create", "Send" },
		[MAILACCESS] = { "MailItemsAccessed", "MailItemsAccessed", "MailItemsAccessed", "MailItemsAccessed",
		    "MailItemsAccessed", "MailItemsAccessed", "MailItemsAccessed", "MailItemsAccessed" },
		[ENTRADIR] = { "Add user.", "Update user.", "Add member to role.", "Consent to application.",
		    "Add service principal.", "Update application.", "Add owner to application.", "Reset user password." },
		[STSLOGON] = { "UserLoggedIn", "UserLoggedIn", "UserLoggedIn", "UserLoginFailed", "UserLoggedIn",
		    "UserLoggedIn", "UserLoginFailed", "UserLoggedIn" },
		[SPFILE] = { "FileAccessed", "FileDownloaded", "FileModified", "FileUploaded", "FileDeleted",
		    "FileCopied", "FileAccessed", "FileSyncDownloadedFull" },
		[SPSHARE] = { "SharingSet", "AnonymousLinkCreated", "AnonymousLinkUsed", "SharingInvitationCreated",
		    "CompanyLinkCreated", "SecureLinkCreated", "AddedToSecureLink", "SharingRevoked" },
		[TEAMS] = { "MessageSent", "MemberAdded", "TeamCreated", "TeamsSessionStarted", "ChannelAdded",
		    "BotAddedToTeam", "ChatCreated", "MessageEditedHasLink" },
		[DLPMAIL] = { "DlpRuleMatch", "DlpRuleMatch", "DlpRuleMatch", "DlpRuleUndo", "DlpInfo", "DlpRuleMatch",
		    "DlpRuleMatch", "DlpRuleMatch" },
	};

	return ops[f][rng_below(r, 8)];
}

static void
put_id(struct text *t, const struct plan *p)
{
	if (p->has_id && !odd_writes_id(p->odd))
		put_text(t, "Id", p->id);
}

static void
put_common(struct text *t, const struct plan *p, const struct cast *c, struct rng *r)
{
	const char	*op = draw_operation(p->family, r);
	int		 dlp = p->family == DLPMAIL;

	if (!odd_writes_time(p->odd)) {
		LIT(t, "\"CreationTime\":\"");
		when_zoneless(t, p->time);
		LIT(t, "\",");
	}
	if (!p->id_last)
		put_id(t, p);
	if (!odd_writes_type(p->odd)) {
		put_text(t, "Operation", op);
		put_int(t, "RecordType", kinds[p->family].type);
	}
	put_text(t, "OrganizationId", c->tenant->id);
	if (p->family != DLPMAIL && p->family != TEAMS && p->family != SPFILE)
		put_text(t, "ResultStatus", strcmp(op, "UserLoginFailed") == 0 ? "Failed" :
		    p->family == EXADMIN ? "True" : p->family == ENTRADIR ? "Success" : "Succeeded");
	put_text(t, "UserKey", dlp ? "DlpAgent" : c->puid);
	put_int(t, "UserType", dlp ? 4 : p->family == EXADMIN ? 2 : 0);
	put_int(t, "Version", 1);
	put_text(t, "Workload", p->family == SPFILE && rng_below(r, 3) == 0 ? "OneDrive" : kinds[p->family].workload);
	put_text(t, "UserId", dlp ? "DlpAgent" : c->upn);
}

void
record_head(struct text *t, const struct plan *p, const struct tenant *tenant)
{
	struct rng	 r = { rng_mix(p->seed, 77) };
	struct cast	 c;
	char		 upn[128];

	cast_draw(&c, tenant, &r, upn, sizeof(upn));
	LIT(t, "{");
	odd_write_first(t, p);
	put_common(t, p, &c, &r);
	family_write(t, p, &c, &r);
	if (p->filler > 0)
		LIT(t, "\"SimFiller\":\"");
}

void
record_tail(struct text *t, const struct plan *p)
{
	if (p->filler > 0)
		LIT(t, "\",");
	odd_write_last(t, p);
	if (!p->has_id)
		put_text(t, "SimMarker", p->marker);
	if (p->change > 0)
		put_int(t, "SimChange", p->change);
	if (p->id_last)
		put_id(t, p);
	shut(t, "}");
}

void
record_write(struct text *t, const struct plan *p, const struct tenant *tenant)
{
	record_head(t, p, tenant);
	record_tail(t, p);
}
