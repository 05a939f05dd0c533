/*
 * fields - the field reference: what each table says, as text for people. doc/fields/ is made from it, make check compares.
 */
#include <string.h>

#include "norm/audit.h"
#include "norm/defender.h"
#include "norm/shape.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define DEEP 4

/* clang-format off */
static const struct { row_fn *how; const char *words; } converters[] = {
	{ copy_text, "as it is" }, { copy_lower, "in lower case" }, { copy_split, "the parts between semicolons" },
	{ copy_number, "digits only" }, { copy_list, "each value" }, { copy_outcome, "a word for failure is failure" },
	{ copy_severity, "informational 1, low 2, medium 3, high 4" }, { copy_os_type, "the system that the text names" },
	{ copy_attachments, "name, extension and size of each" }, { copy_each, "of each object" }, { copy_links, "the links" },
	{ copy_time, "ISO 8601, UTC" }, { copy_address, "address, port and domain told apart" }, { copy_ips, "addresses only" },
	{ copy_server, "domain and address told apart" }, { copy_user, "a placeholder is nobody's id: then UserKey, then Actor" },
	{ copy_person, "unless it is a placeholder" }, { copy_platform, "AIP's digits as words" }, { copy_choice, "by the word" },
	{ copy_by_feed, "by the feed" }, { copy_tenant, "with the tenant's GUID" }, { copy_id, "unless it is the zero GUID" },
	{ copy_upn, "and user.email when it looks like one" }, { copy_origin, "as it is" }, { copy_ip, "addresses only" },
	{ copy_nanos, "milliseconds in nanoseconds" }, { copy_plain_dash, "dashes as -, no blank behind" },
	{ copy_title, "with a capital" }, { copy_date, "ISO 8601, UTC" }, { copy_assigned, "name and address told apart" },
	{ copy_assigned_parts, "name and address told apart" }, { copy_technique, "techniques and their parts" },
	{ copy_host_ip, "addresses other than loopback" }, { copy_hash, "sha1 and sha256" },
};

static const char *const kind_words[] = {
	[K_WORD] = "text", [K_ANY] = "as it is", [K_LONG] = "whole number", [K_FLOAT] = "number", [K_BOOL] = "true or false",
	[K_DATE] = "time, UTC, milliseconds", [K_STAMP] = "time as received", [K_IP] = "address", [K_GUID] = "text, not the zero GUID",
	[K_TITLE] = "text with a capital", [K_LOWER] = "text in lower case", [K_CODE] = "the word's number", [K_OBJECT] = "objects",
	[K_PAIRS] = "pairs become an object", [K_NUMBERED] = "a list becomes an object", [K_AUDIENCES] = "objects",
	[K_JSON] = "JSON in a text is opened", [K_URL] = "the parts of a URL", [K_GONE] = "not written",
};

/* What is not made by a row of a table. */
struct told {
	enum field	 to;
	const char	*from, *how;
};

static const struct told every_told[] = {
	{ F_TIMESTAMP,		NULL,	"the record's own time; without a readable one when its content was made available, and error.message says so" },
	{ F_ECS_VERSION,	NULL,	"8.11.0" },
	{ F_DS_DATASET,		NULL,	"data_stream.type is logs, data_stream.namespace the output's" },
	{ F_EVENT_CREATED,	NULL,	"when the record was stored" },
	{ F_EVENT_INGESTED,	NULL,	"when the request was encoded" },
	{ F_EVENT_KIND,		NULL,	"event; pipeline_error if error.message is there" },
	{ F_REVISION,		NULL,	"of a record that changed: 2, 3, ..." },
};

static const struct told audit_told[] = {
	{ F_EVENT_CODE,		"RecordType", "its name, see below" },
	{ F_ORG_NAME,		NULL, "the tenant's organization, if the record is of that tenant" },
	{ F_EVENT_CATEGORY,	"Operation", "see below; web always stands first" },
	{ F_EVENT_OUTCOME,	"Operation, LogonError, ErrorNumber, LoginStatus", "how a sign-in ended, whatever ResultStatus says; not with compat: elastic" },
	{ F_EVENT_OUTCOME,	"PolicyDetails, ExceptionInfo", "record types 11 and 13: failure if an access stays blocked" },
	{ F_EVENT_SEVERITY,	"PolicyDetails[].Rules[].Severity", "record types 11 and 13: the highest" },
	{ F_RULE_ID,		"PolicyDetails[].Rules[].RuleId", "record types 11 and 13, if the rule has a name too" },
	{ F_RULE_NAME,		"PolicyDetails[].Rules[].RuleName", "record types 11 and 13" },
	{ F_MESSAGE,		"Operation, UserId, ExchangeMetaData.Subject", "record type 13: one sentence" },
	{ F_UA_ORIGINAL,	"ExtendedProperties.additionalDetails.User-Agent", "if no other is there" },
	{ F_DEVICE_ID,		"ExtendedProperties.additionalDetails.DeviceId", "if no other is there" },
	{ F_MAIL_LOCAL_ID,	"Parameters", "what a text has behind -Identity, if there is no NetworkMessageId" },
	{ F_CLIENT_ADDRESS,	"ClientIPAddress, else ClientIP, else ActorIpAddress", "address, port and domain told apart; client.ip, source.ip and network.type if it is an address" },
	{ F_USER_NAME,		NULL, "the part of user.id before its only @; user.domain the part behind, user.email all of it; so for user.target and destination.user" },
	{ F_MAIL_SENDER,	NULL, "also source.user.email" },
	{ F_MAIL_TO,		NULL, "also destination.user.email" },
	{ F_HOST_NAME,		NULL, "else organization.name, else user.domain" },
	{ F_RELATED_USER,	NULL, "user, user.target, file.owner; never a placeholder" },
	{ F_RELATED_HOSTS,	NULL, "host.name, user.domain, user.target.domain, url.domain, server.domain, client.domain" },
	{ F_RELATED_HASH,	NULL, "file.hash.*" },
	{ F_MAIL_MESSAGE_ID,	"Data", "imsgid, Entities[].InternetMessageId; so email.local_id, .sender, .from, .to, .subject, related.*, user.email" },
};
/* clang-format on */

static const char *
words_of(row_fn *how)
{
	for (size_t i = 0; i < COUNT(converters); i++)
		if (converters[i].how == how)
			return converters[i].words;
	return "by its rule";
}

static void
told(struct buf *b, const struct told *t, size_t n)
{
	for (; n > 0; t++, n--)
		buf_addf(b, "| %s | %s | %s |\n", ecs_path(t->to), t->from != NULL ? t->from : "", t->how);
}

static void
row(struct buf *b, const struct row *r)
{
	buf_addf(b, "| %s | %s | ", ecs_path(r->to), r->from != NULL ? r->from : "");
	if (r->how == copy_fixed)
		buf_addf(b, "always %s", r->hint);
	else
		buf_addf(b, "%s%s%s%s", words_of(r->how), r->hint != NULL ? " (" : "", r->hint != NULL ? r->hint : "",
		    r->hint != NULL ? ")" : "");
	buf_addf(b, "%s%s%s |\n", (r->flags & R_MOVE) != 0 ? "; moved" : "", (r->flags & R_IF_UNSET) != 0 ? "; if nothing is there" : "",
	    (r->flags & R_ADD) != 0 && r->how != copy_fixed ? "; one more value" : "");
}

static void
list_of(struct buf *b, const struct row_list *l, const char *before, const char *last)
{
	if (last == NULL || strcmp(last, l->what) != 0)
		buf_addf(b, "\n## Fields of %s%s\n\n| field | from | how |\n| --- | --- | --- |\n", before, l->what);
	for (size_t k = 0; k < l->n; k++)
		row(b, &l->rows[k]);
}

static void
rows_of(struct buf *b, const struct family *f)
{
	for (size_t i = 0; i < f->n_lists; i++)
		list_of(b, &f->lists[i], "", i > 0 ? f->lists[i - 1].what : NULL);
	if (f != &alerts_family && f != &incidents_family)
		return;
	for (size_t i = 0; i < n_evidence_lists; i++)
		list_of(b, &evidence_lists[i], *evidence_lists[i].what != '\0' ? "evidence: " : "all evidence", NULL);
}

static void
parts_of(struct buf *b, const struct shape *s, const char *before, unsigned deep)
{
	for (const struct part *p = s->parts; p < s->parts + s->n; p++) {
		struct buf	 path = { 0 };

		buf_addf(&path, "%s%s%s", before, *before != '\0' ? "." : "", p->from);
		buf_addf(b, "| %s | %s | %s%s%s%s |\n", buf_str(&path), p->to != NULL ? p->to : "", kind_words[p->kind], p->hint != NULL ? " (" : "",
		    p->hint != NULL ? p->hint : "", p->hint != NULL ? ")" : "");
		if (p->inside != NULL && deep > 1)
			parts_of(b, p->inside, buf_str(&path), deep - 1);
		buf_clear(&path);
	}
}

static void
members_of(struct buf *b, const struct family *f)
{
	buf_addf(b, "\n## Members below %s\n\nWhat no field takes stays here, names and values as Microsoft has them unless this says "
	    "otherwise; empty values are left out.\nAn object under the name of a value is `<name>_object`, a value under the name of "
	    "an object `<name>_raw`.\n\n", ecs_path(f->rest));
	if (f->shape != NULL) {
		buf_adds(b, "| member | as | kind |\n| --- | --- | --- |\n");
		parts_of(b, f->shape, "", DEEP);
		return;
	}
	buf_adds(b, "| member | how |\n| --- | --- |\n");
	for (size_t i = 0; i < f->n_members; i++)
		if (f->members[i].kind != M_VALUE)
			buf_addf(b, "| %s | %s |\n", f->members[i].name, member_words(f->members[i].kind));
	kinds_list(b);
}

static void
audit_of(struct buf *b)
{
	const char	*name;

	buf_adds(b, "\n## Operations\n\n| record type | Operation | becomes | event.category | event.type |\n| --- | --- | --- | --- | --- |\n");
	for (const struct audit_action *a = audit_actions; a < audit_actions + n_audit_actions; a++) {
		if (a->record_type != 0)
			buf_addf(b, "| %d", a->record_type);
		else
			buf_adds(b, "| any");
		buf_addf(b, " | %s | %s | %s | %s |\n", a->action, a->becomes != NULL ? a->becomes : "", a->category != NULL ? a->category : "",
		    a->types != NULL ? a->types : "");
	}
	buf_adds(b, "\n## event.code\n\nNumbers that are not here have no event.code; RecordType stays.\n\n| RecordType | event.code |\n| --- | --- |\n");
	for (int i = 0; i < 1000; i++)
		if ((name = record_type_name(i)) != NULL)
			buf_addf(b, "| %d | %s |\n", i, name);
}

void
norm_fields(const char *feed, struct buf *b)
{
	const struct family	*f = families[family_of(feed)];

	buf_addf(b, "# %s\n\nSchema ecs, feeds `%s%s`. Made by `m365fwd fields` from the tables of src/norm/; do not edit.\n\n", f->dataset, f->feeds,
	    f->feeds[strlen(f->feeds) - 1] == '.' ? "*" : "");
	buf_adds(b, "A member that is *moved* is not below the data set's own object any more; the others stay there too.\n\n"
	    "## Fields of every event\n\n| field | from | how |\n| --- | --- | --- |\n");
	told(b, every_told, COUNT(every_told));
	buf_addf(b, "| event.module | | %s |\n| event.dataset | | %s, data_stream.dataset too |\n", f->module, f->dataset);
	for (size_t i = 0; i < f->n_constants; i++)
		row(b, &f->constants[i]);
	if (f == &audit_family)
		told(b, audit_told, COUNT(audit_told));
	rows_of(b, f);
	members_of(b, f);
	if (f == &audit_family)
		audit_of(b);
}
