/*
 * ecs - the mapping engine: slots of the event that is being made, rows that fill them, one writer. Internal to norm/.
 *
 * A record is indexed, its top-level members are looked up once, rows fill slots (one per ECS field, in the order of the
 * field's path), and one pass writes the slots as nested objects; `o365.audit` between them takes every member that no row moved.
 */
#ifndef NORM_ECS_H
#define NORM_ECS_H

#include "norm/arena.h"
#include "norm/names.h"
#include "norm/norm.h"
#include "norm/places.h"

/* ---- fields of the event, sorted by path (the writer opens and closes objects as prefixes change) ------------------------- */

#define ECS_FIELDS(X) \
	/* id			path				flags */ \
	X(F_TIMESTAMP,		"@timestamp",			0) \
	X(F_APP_NAME,		"application.name",		0) \
	X(F_AL_CATEGORY,	"azure.auditlogs.category",	0) \
	X(F_AL_IDENTITY,	"azure.auditlogs.identity",	0) \
	X(F_AL_LEVEL,		"azure.auditlogs.level",	E_NUMBER) \
	X(F_AL_OPERATION,	"azure.auditlogs.operation_name", 0) \
	X(F_AL_OP_VERSION,	"azure.auditlogs.operation_version", 0) \
	X(F_AL_PROPERTIES,	"azure.auditlogs.properties",	E_REST) \
	X(F_AL_DESCRIPTION,	"azure.auditlogs.result_description", 0) \
	X(F_AL_SIGNATURE,	"azure.auditlogs.result_signature", 0) \
	X(F_CORRELATION,	"azure.correlation.id",		0) \
	X(F_CORRELATION_ID,	"azure.correlation_id",		0) \
	X(F_IP_CATEGORY,	"azure.identityprotection.category", 0) \
	X(F_IP_OPERATION,	"azure.identityprotection.operation_name", 0) \
	X(F_IP_OP_VERSION,	"azure.identityprotection.operation_version", 0) \
	X(F_IP_PROPERTIES,	"azure.identityprotection.properties", E_REST) \
	X(F_IP_SIGNATURE,	"azure.identityprotection.result_signature", 0) \
	X(F_PV_CATEGORY,	"azure.provisioning.category",	0) \
	X(F_PV_IDENTITY,	"azure.provisioning.identity",	0) \
	X(F_PV_LEVEL,		"azure.provisioning.level",	E_NUMBER) \
	X(F_PV_OPERATION,	"azure.provisioning.operation_name", 0) \
	X(F_PV_OP_VERSION,	"azure.provisioning.operation_version", 0) \
	X(F_PV_PROPERTIES,	"azure.provisioning.properties", E_REST) \
	X(F_PV_RESULT,		"azure.provisioning.result_type", 0) \
	X(F_RESOURCE_ID,	"azure.resource.id",		0) \
	X(F_RESOURCE_PROVIDER,	"azure.resource.provider",	0) \
	X(F_PROVIDER_NAMESPACE,	"azure.resource_provider.namespace", 0) \
	X(F_SI_CALLER,		"azure.signinlogs.caller_ip_address", 0) \
	X(F_SI_CATEGORY,	"azure.signinlogs.category",	0) \
	X(F_SI_IDENTITY,	"azure.signinlogs.identity",	0) \
	X(F_SI_OPERATION,	"azure.signinlogs.operation_name", 0) \
	X(F_SI_OP_VERSION,	"azure.signinlogs.operation_version", 0) \
	X(F_SI_PROPERTIES,	"azure.signinlogs.properties",	E_REST) \
	X(F_SI_DESCRIPTION,	"azure.signinlogs.result_description", 0) \
	X(F_SI_SIGNATURE,	"azure.signinlogs.result_signature", 0) \
	X(F_SI_RESULT,		"azure.signinlogs.result_type",	0) \
	X(F_TENANT,		"azure.tenant.id",		0) \
	X(F_TENANT_ID,		"azure.tenant_id",		0) \
	X(F_CLIENT_ADDRESS,	"client.address",		0) \
	X(F_CLIENT_DOMAIN,	"client.domain",		0) \
	X(F_CLIENT_IP,		"client.ip",			0) \
	X(F_CLIENT_PORT,	"client.port",			E_NUMBER) \
	X(F_CLOUD_ACCOUNT,	"cloud.account.id",		0) \
	X(F_CLOUD_INSTANCE,	"cloud.instance.id",		0) \
	X(F_CLOUD_INSTANCE_NAME, "cloud.instance.name",		0) \
	X(F_CLOUD_PROVIDER,	"cloud.provider",		0) \
	X(F_CLOUD_RESOURCE,	"cloud.resource_id",		0) \
	X(F_DS_DATASET,		"data_stream.dataset",		0) \
	X(F_DS_NAMESPACE,	"data_stream.namespace",	0) \
	X(F_DS_TYPE,		"data_stream.type",		0) \
	X(F_DESTINATION_IP,	"destination.ip",		0) \
	X(F_DEST_USER_DOMAIN,	"destination.user.domain",	0) \
	X(F_DEST_USER_EMAIL,	"destination.user.email",	0) \
	X(F_DEST_USER_ID,	"destination.user.id",		0) \
	X(F_DEST_USER_NAME,	"destination.user.name",	0) \
	X(F_DEVICE_ID,		"device.id",			0) \
	X(F_ECS_VERSION,	"ecs.version",			0) \
	X(F_MAIL_ATTACHMENTS,	"email.attachments",		E_LIST | E_JSON) \
	X(F_MAIL_DELIVERED,	"email.delivery_timestamp",	0) \
	X(F_MAIL_DIRECTION,	"email.direction",		0) \
	X(F_MAIL_FROM,		"email.from.address",		E_LIST) \
	X(F_MAIL_LOCAL_ID,	"email.local_id",		0) \
	X(F_MAIL_MESSAGE_ID,	"email.message_id",		0) \
	X(F_MAIL_SENDER,	"email.sender.address",		0) \
	X(F_MAIL_SUBJECT,	"email.subject",		0) \
	X(F_MAIL_TO,		"email.to.address",		E_LIST) \
	X(F_ERROR_MESSAGE,	"error.message",		0) \
	X(F_EVENT_ACTION,	"event.action",			0) \
	X(F_EVENT_CATEGORY,	"event.category",		E_LIST) \
	X(F_EVENT_CODE,		"event.code",			0) \
	X(F_EVENT_CREATED,	"event.created",		0) \
	X(F_EVENT_DATASET,	"event.dataset",		0) \
	X(F_EVENT_DURATION,	"event.duration",		E_NUMBER) \
	X(F_EVENT_END,		"event.end",			0) \
	X(F_EVENT_ID,		"event.id",			0) \
	X(F_EVENT_INGESTED,	"event.ingested",		0) \
	X(F_EVENT_KIND,		"event.kind",			0) \
	X(F_EVENT_MODULE,	"event.module",			0) \
	X(F_EVENT_ORIGINAL,	"event.original",		0) \
	X(F_EVENT_OUTCOME,	"event.outcome",		0) \
	X(F_EVENT_PROVIDER,	"event.provider",		0) \
	X(F_EVENT_REASON,	"event.reason",			0) \
	X(F_EVENT_SEVERITY,	"event.severity",		E_NUMBER) \
	X(F_EVENT_START,	"event.start",			0) \
	X(F_EVENT_TYPE,		"event.type",			E_LIST) \
	X(F_EVENT_URL,		"event.url",			0) \
	X(F_FILE_DIRECTORY,	"file.directory",		0) \
	X(F_FILE_EXTENSION,	"file.extension",		0) \
	X(F_FILE_SHA1,		"file.hash.sha1",		0) \
	X(F_FILE_SHA256,	"file.hash.sha256",		0) \
	X(F_FILE_INODE,		"file.inode",			0) \
	X(F_FILE_MTIME,		"file.mtime",			0) \
	X(F_FILE_NAME,		"file.name",			0) \
	X(F_FILE_OWNER,		"file.owner",			0) \
	X(F_FILE_PATH,		"file.path",			0) \
	X(F_FILE_SIZE,		"file.size",			E_NUMBER) \
	X(F_GEO_CITY,		"geo.city_name",		0) \
	X(F_GEO_COUNTRY,	"geo.country_iso_code",		0) \
	X(F_GEO_LOCATION,	"geo.location",			E_JSON) \
	X(F_GEO_REGION,		"geo.region_name",		0) \
	X(F_GROUP_ID,		"group.id",			0) \
	X(F_GROUP_NAME,		"group.name",			0) \
	X(F_HOST_HOSTNAME,	"host.hostname",		0) \
	X(F_HOST_ID,		"host.id",			0) \
	X(F_HOST_IP,		"host.ip",			0) \
	X(F_HOST_NAME,		"host.name",			0) \
	X(F_HOST_OS_NAME,	"host.os.name",			0) \
	X(F_HOST_OS_PLATFORM,	"host.os.platform",		0) \
	X(F_HOST_OS_TYPE,	"host.os.type",			0) \
	X(F_HOST_OS_VERSION,	"host.os.version",		0) \
	X(F_LOG_LEVEL,		"log.level",			0) \
	X(F_ALERT,		"m365_defender.alert",		E_REST) \
	X(F_INCIDENT,		"m365_defender.incident",	E_REST) \
	X(F_REVISION,		"m365fwd.revision",		E_NUMBER) \
	X(F_MESSAGE,		"message",			0) \
	X(F_NETWORK_TYPE,	"network.type",			0) \
	X(F_AUDIT,		"o365.audit",			E_REST) \
	X(F_ORG_ID,		"organization.id",		0) \
	X(F_ORG_NAME,		"organization.name",		0) \
	X(F_PROCESS_COMMAND,	"process.command_line",		0) \
	X(F_PROCESS_ENTITY,	"process.entity_id",		0) \
	X(F_PROCESS_EXECUTABLE,	"process.executable",		0) \
	X(F_PROCESS_SHA1,	"process.hash.sha1",		0) \
	X(F_PROCESS_SHA256,	"process.hash.sha256",		0) \
	X(F_PROCESS_NAME,	"process.name",			0) \
	X(F_PARENT_ENTITY,	"process.parent.entity_id",	0) \
	X(F_PARENT_EXECUTABLE,	"process.parent.executable",	0) \
	X(F_PARENT_SHA1,	"process.parent.hash.sha1",	0) \
	X(F_PARENT_SHA256,	"process.parent.hash.sha256",	0) \
	X(F_PARENT_NAME,	"process.parent.name",		0) \
	X(F_PARENT_PID,		"process.parent.pid",		E_NUMBER) \
	X(F_PARENT_START,	"process.parent.start",		0) \
	X(F_PROCESS_PID,	"process.pid",			E_NUMBER) \
	X(F_PROCESS_START,	"process.start",		0) \
	X(F_PROCESS_USER_ID,	"process.user.id",		0) \
	X(F_PROCESS_USER_NAME,	"process.user.name",		0) \
	X(F_REGISTRY_STRINGS,	"registry.data.strings",	0) \
	X(F_REGISTRY_TYPE,	"registry.data.type",		0) \
	X(F_REGISTRY_HIVE,	"registry.hive",		0) \
	X(F_REGISTRY_KEY,	"registry.key",			0) \
	X(F_REGISTRY_VALUE,	"registry.value",		0) \
	X(F_RELATED_ENTITY,	"related.entity",		E_LIST) \
	X(F_RELATED_HASH,	"related.hash",			E_LIST) \
	X(F_RELATED_HOSTS,	"related.hosts",		E_LIST) \
	X(F_RELATED_IP,		"related.ip",			E_LIST) \
	X(F_RELATED_USER,	"related.user",			E_LIST) \
	X(F_RULE_CATEGORY,	"rule.category",		0) \
	X(F_RULE_DESCRIPTION,	"rule.description",		0) \
	X(F_RULE_ID,		"rule.id",			0) \
	X(F_RULE_NAME,		"rule.name",			0) \
	X(F_RULE_REFERENCE,	"rule.reference",		0) \
	X(F_RULE_RULESET,	"rule.ruleset",			0) \
	X(F_SERVER_ADDRESS,	"server.address",		0) \
	X(F_SERVER_DOMAIN,	"server.domain",		0) \
	X(F_SERVER_IP,		"server.ip",			0) \
	X(F_SERVICE_NAME,	"service.name",			0) \
	X(F_SESSION_ID,		"session.id",			0) \
	X(F_SOURCE_ADDRESS,	"source.address",		0) \
	X(F_SOURCE_COUNTRY,	"source.geo.country_iso_code",	0) \
	X(F_SOURCE_IP,		"source.ip",			0) \
	X(F_SOURCE_PORT,	"source.port",			E_NUMBER) \
	X(F_SOURCE_USER_DOMAIN,	"source.user.domain",		0) \
	X(F_SOURCE_USER_EMAIL,	"source.user.email",		0) \
	X(F_SOURCE_USER_NAME,	"source.user.name",		0) \
	X(F_TAGS,		"tags",				E_LIST) \
	X(F_THREAT_GROUP,	"threat.group.name",		0) \
	X(F_THREAT_TACTIC,	"threat.tactic.name",		E_LIST) \
	X(F_THREAT_TECHNIQUE,	"threat.technique.id",		E_LIST) \
	X(F_THREAT_SUBTECHNIQUE, "threat.technique.subtechnique.id", E_LIST) \
	X(F_TOKEN_ID,		"token.id",			0) \
	X(F_URL_DOMAIN,		"url.domain",			0) \
	X(F_URL_ORIGINAL,	"url.original",			0) \
	X(F_USER_DOMAIN,	"user.domain",			0) \
	X(F_USER_EMAIL,		"user.email",			0) \
	X(F_USER_FULL_NAME,	"user.full_name",		0) \
	X(F_USER_ID,		"user.id",			0) \
	X(F_USER_NAME,		"user.name",			0) \
	X(F_TARGET_DOMAIN,	"user.target.domain",		0) \
	X(F_TARGET_EMAIL,	"user.target.email",		0) \
	X(F_TARGET_ID,		"user.target.id",		0) \
	X(F_TARGET_NAME,	"user.target.name",		0) \
	X(F_UA_ORIGINAL,	"user_agent.original",		0)

#define E_LIST		1	/* always an array; without it one value is a scalar and several are an array */
#define E_NUMBER	2	/* its text is a number */
#define E_JSON		4	/* its values are JSON text */
#define E_REST		8	/* what no row moved */

enum field {
#define X(id, path, flags) id,
	ECS_FIELDS(X)
#undef X
	F_COUNT,
	F_SCRATCH = F_COUNT	/* a slot that is never written */
};

struct value {
	const char	*p;		/* in the arena, or static */
	size_t		 len;
	struct value	*next;
	const void	*by;		/* the row that made it, of whatever table; NULL: a rule without a row */
};

struct slot {
	struct value	*first, *last;
	const char	*why, *from;	/* the rule that filled it, and the member it read; for --explain */
};

#define SLOT_WORDS ((F_COUNT + 1) / 64 + 1)

/* ---- families: records that are mapped alike, chosen by feed ------------------------------------------------------------------- */

struct norm;
struct row;
struct member;
struct shape;
struct row_list;

struct family {
	const char		*feeds;		/* "audit.": what the feeds' names begin with */
	const char		*dataset;
	const char		*module;
	const char		*time;		/* members that @timestamp is read from, by blanks; the first readable one */
	const struct row	*constants;	/* rows without a source */
	size_t			 n_constants;
	const struct member	*members;	/* top-level members that some row or rule knows; */
	size_t			 n_members;
	const struct shape	*shape;		/* or these are the rows of a shape (shape.h) */
	const struct row_list	*lists;		/* all rows that map runs, for those who list them */
	size_t			 n_lists;
	const struct table	*const *tables;	/* and rows of other kinds that fill fields; NULL ends them */
	enum field		 rest;		/* where the members go that no row moved */
	void			(*map)(struct norm *);	/* constants and @timestamp are set: fills the other slots */
	int			(*write)(struct norm *);	/* those members, without brackets; 0: nothing */
};

struct row_list {			/* rows that run together */
	const char		*what;		/* for whom, in words */
	const struct row	*rows;
	size_t			 n;
};

struct table {
	const char		*what;
	const void		*rows;
	size_t			 size, n;
};

#define TABLE(rows) { #rows, rows, sizeof((rows)[0]), sizeof(rows) / sizeof((rows)[0]) }

#define FAMILIES_MAX 8

/* Where a list's rows read: found once, not for every record. */
struct row_plan {
	const struct row	*rows;
	struct row_source {
		uint16_t	 id;		/* of the member; NAME_NONE: it has none, or the long way must be taken */
		uint16_t	 rest;		/* where the path below it begins in row.from; 0: it is the member itself */
		uint8_t		 long_way;
	}			*sources;
};

extern const struct family *const families[];	/* family.c; the first is audit */
extern const size_t n_families;

/* ---- members of the record that some row or rule knows ------------------------------------------------------------------------ */

struct member {			/* how a top-level member is passed on */
	const char	*name;
	uint8_t		 kind;		/* enum member_kind, and M_FLAT */
};

#define M_FLAT		0x80		/* a flattened field in the index (types.c): it takes no leaf of any length */

enum member_kind {		/* rest_members.c has a sentence for each */
	M_VALUE,		/* as it is, but an object goes to <name>_raw as text */
	M_AGGREGATED,		/* in record type 50 under another name */
	M_TEXT,			/* numbers become text (keyword in the index) */
	M_TIME,			/* ISO 8601, UTC */
	M_OBJECT,		/* always an object: anything else goes to <name>_raw as text */
	M_OBJECTS,		/* always a list of objects */
	M_NAMED,		/* a list of {Name, Value} becomes an object */
	M_CHANGES,		/* a list of {Name, OldValue, NewValue} becomes an object */
	M_JSON_OBJECT,		/* text that holds a JSON object is opened */
	M_JSON_OBJECTS,		/* a list; text that holds objects is opened */
	M_TYPED,		/* a list of objects whose Type is text */
	M_LINKS,		/* a list of {AlertLinkHref} becomes a list of text */
	M_SENDER, M_MESSAGE,	/* an object goes to another name */
	M_PLATFORM,
	M_LONG,			/* a whole number; its text becomes one */
	M_BOOLEAN,		/* true or false; "True" becomes one */
	M_SENT, M_RESCANNED,	/* an object with a time in it: Sent, Timestamp */
	M_EXCEPTION,		/* an object; a text of DLP becomes its Reason */
	M_DATA			/* JSON in a text: the known keys, and all of it flattened */
};

#define SKIP_MAX 16
#define NODES_MAX 200000	/* design.md section 7 */
#define MOVED_MAX 64
#define ADDED_MAX 4
#define DEPTH (JSON_DEPTH / 2 - 8)	/* how deep a record is looked into: an event is never too deep for our own reader */

struct norm {
	struct json		 json;
	struct json		 inner;		/* JSON in text */
	struct arena		 arena;
	struct buf		 text;		/* scratch */
	const struct family	*family;	/* of the record at hand */
	const struct names	*names;		/* its member names -> index into family->members */
	struct names		 names_of[FAMILIES_MAX];
	struct names		 kinds;		/* names whose kind is known (kinds.c) */
	uint32_t		*node;		/* per member of the family: its value, JSON_NONE */
	uint16_t		*ids;		/* of the record's members in their order: index into the family's, NAME_NONE */
	uint8_t			*moved;
	struct row_plan		*plans;		/* of all families' lists of rows */
	size_t			 n_plans;
	struct slot		 slots[F_COUNT + 1];
	uint64_t		 filled[SLOT_WORDS];	/* a bit for each of them that has a value */
	struct places		 places;	/* of the fields */
	struct { uint32_t node[MOVED_MAX]; size_t n; } gone;	/* shapes: values that rows moved */
	struct { const char *name, *text; size_t len; } added[ADDED_MAX];	/* shapes: members beside the record's own */
	size_t			 n_added;
	struct buf		 value;		/* scratch */
	const struct norm_source *source;
	struct buf		*out;
	const char		*why, *from;	/* of what is being filled */
	const void		*by;		/* the row at work */
	struct buf		*explain;	/* NULL: not asked for */
	struct buf		 unread;	/* the event that is explained */
	int			 scalars;	/* too large to be looked into: only top-level values */
	int			 type;		/* audit: RecordType */
	int			 aggregated;	/* record type 50: Messages and Folders go by other names */
	const char		*message_id;	/* of a command line: the record has no other NetworkMessageId */
	uint32_t		 skip[SKIP_MAX];	/* names, below the top, that a row moved */
	unsigned		 n_skip;
};

/* ---- rows -------------------------------------------------------------------------------------------------------------------------- */

struct row;
typedef void row_fn(struct norm *, const struct row *, uint32_t node);

struct row {
	enum field	 to;
	const char	*from;		/* "AppAccessContext.DeviceId", "targetResources[].id"; NULL: no source */
	row_fn		*how;
	const char	*hint;
	unsigned	 flags;
};

#define R_MOVE		1	/* the member leaves o365.audit */
#define R_IF_UNSET	2	/* only if the field has no value yet */
#define R_ADD		4	/* one more value, if it is new; else the value replaces what is there */
#define R_EMPTY		8	/* runs also when the member is there but empty */

row_fn	 copy_text, copy_lower, copy_fixed, copy_split, copy_number, copy_list, copy_outcome, copy_severity, copy_os_type,
	 copy_attachments, copy_each, copy_links, copy_time, copy_address, copy_ips, copy_server, copy_user, copy_person, copy_platform;

/* convert_graph.c */
row_fn	 copy_choice, copy_by_feed, copy_tenant, copy_id, copy_upn, copy_origin, copy_ip, copy_nanos, copy_plain_dash, copy_title;

struct pair { enum field to, from; };

void	 ecs_gather(struct norm *, const struct pair *, size_t count);	/* every value of `from` is one of `to` */
const char *member_words(uint8_t kind);			/* rest_members.c: what is done with a member of that kind */
void	 kinds_list(struct buf *);			/* kinds.c: for the field reference */
/* family.c */
size_t	 family_members(const struct family *);
const char *family_member(const struct family *, size_t);
size_t	 family_of(const char *feed);		/* index into families */
/* engine.c */
void	 ecs_plan(struct norm *);		/* once: fills n->plans */
void	 ecs_members(struct norm *);		/* looks the record's members up */
uint16_t ecs_known(struct norm *, uint32_t name);	/* which of members[] it is; NAME_NONE */
uint32_t ecs_find(struct norm *, const char *path);	/* "A.b"; also into lists of {Name, Value} */
int	 json_inside(struct norm *, uint32_t node, int lists);	/* JSON in text, into n->inner; 0: none that is opened */
void	 ecs_moved(struct norm *, const char *member);	/* it leaves o365.audit */
void	 ecs_gone(struct norm *, uint32_t node);	/* shapes: this value is not written again */
int	 ecs_is_gone(const struct norm *, uint32_t node);
void	 ecs_rows(struct norm *, const char *why, const struct row *rows, size_t count);	/* why: what --explain says */
void	 ecs_each(struct norm *, uint32_t object, const char *path, const struct row *);
void	 slot_set(struct norm *, enum field, const char *, size_t);	/* copies */
void	 slot_sets(struct norm *, enum field, const char *);
void	 slot_add(struct norm *, enum field, const char *, size_t);	/* unless it is there */
void	 slot_clear(struct norm *, enum field);
const struct value *slot_get(const struct norm *, enum field);		/* the first; NULL */
static inline void
slot_mark(struct norm *n, enum field f)
{
	n->filled[f / 64] |= UINT64_C(1) << f % 64;
}
/* The first one from f on that has a value; over F_COUNT: none. An event has a fifth of them. */
static inline size_t
slot_next(const struct norm *n, size_t f)
{
	size_t		 word = f / 64;
	uint64_t	 bits = n->filled[word] & ~UINT64_C(0) << f % 64;

	while (bits == 0 && ++word < SLOT_WORDS)
		bits = n->filled[word];
	return bits != 0 ? word * 64 + (size_t)__builtin_ctzll(bits) : F_COUNT + 1;
}

/* write.c */
const char *ecs_path(enum field);
void	 ecs_places(struct places *);		/* of all fields, by their number */
void	 ecs_write(struct norm *);

/* explain.c */
void	 explain_field(struct norm *, const char *path, const char *value, size_t len, const struct slot *);
void	 explain_member(struct norm *, const char *written, size_t len, uint32_t name, const char *how);
/* rest.c */
int	 rest_write(struct norm *);		/* the members of o365.audit, without brackets; 0: nothing */
/* tables.c */
extern const struct family audit_family;
/* record_types.c */
const char *record_type_name(int);
/* convert.c */
const char *row_text(struct norm *, uint32_t node);	/* the scalar in n->text; "" for objects, lists and null */
void	 row_put(struct norm *, const struct row *, const char *, size_t);	/* as the row's flags say */
int	 number_text(const char *, size_t, struct buf *);	/* exponent notation expanded exactly */
void	 text_trim(const char **, size_t *len);			/* blanks at both ends */
/* convert_address.c */
int	 ip_kind(const char *, size_t);			/* 4, 6, or 0 */
const char *platform_name(const char *, size_t);	/* the text itself unless it is one of AIP's digits */
int	 is_placeholder(const char *, size_t);
int	 is_zero_guid(const char *, size_t);
int	 ip_plain(const char **, size_t *);		/* an address and nothing else: narrowed to what an ip field takes */
/* when.c */
int	 when_parse(const char *, size_t, int64_t *ms);	/* -1: not a time */

#endif
