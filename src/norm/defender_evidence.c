/*
 * defender_evidence - fields of ECS from the evidence of alerts: a row says which types of evidence have what.
 *
 * Source of every row: spec/ecs-risk-alerts.md sections 5.1 and 5.3, with our repairs of Elastic's faults. All targets take every value
 * once, in the order of appearance.
 */
#include <string.h>

#include "base/rfc3339.h"
#include "norm/defender.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* clang-format off */
static const struct row any_evidence[] = {
	{ F_EVENT_ACTION,	"detectionStatus",		copy_text,	NULL,	R_ADD },
	{ F_RELATED_IP,		"senderIp",			copy_ip,	NULL,	R_ADD },
	{ F_MAIL_FROM,		"p1Sender.emailAddress",	copy_text,	NULL,	R_ADD },
	{ F_MAIL_FROM,		"p2Sender.emailAddress",	copy_text,	NULL,	R_ADD },
	{ F_MAIL_SENDER,	"p1Sender.emailAddress",	copy_text,	NULL,	R_ADD },
	{ F_MAIL_TO,		"recipientEmailAddress",	copy_text,	NULL,	R_ADD },
	{ F_MAIL_SUBJECT,	"subject",			copy_text,	NULL,	R_ADD },
	{ F_MAIL_DELIVERED,	"receivedDateTime",		copy_date,	NULL,	R_ADD },
	{ F_MAIL_DIRECTION,	"antiSpamDirection",		copy_text,	NULL,	R_ADD },
	{ F_MAIL_MESSAGE_ID,	"internetMessageId",		copy_text,	NULL,	R_ADD },
	{ F_MAIL_LOCAL_ID,	"networkMessageId",		copy_text,	NULL,	R_ADD },
	{ F_CLOUD_PROVIDER,	"vmMetadata.cloudProvider",	copy_choice,	"azure=azure", R_ADD },
	{ F_RELATED_HASH,	"fileDetails",			copy_hash,	NULL,	R_ADD },
	{ F_RELATED_HASH,	"imageFile",			copy_hash,	NULL,	R_ADD },
	{ F_RELATED_HASH,	"parentProcessImageFile",	copy_hash,	NULL,	R_ADD },
	{ F_RELATED_USER,	"userAccount.accountName",	copy_person,	NULL,	R_ADD },
	{ F_RELATED_USER,	"userAccount.userPrincipalName", copy_person,	NULL,	R_ADD },
	{ F_RELATED_USER,	"userAccount.azureAdUserId",	copy_id,	NULL,	R_ADD },
	{ F_RELATED_USER,	"userAccount.userSid",		copy_person,	NULL,	R_ADD },
	{ F_RELATED_USER,	"loggedOnUsers[].accountName",	copy_person,	NULL,	R_ADD },
	{ F_RELATED_USER,	"recipientEmailAddress",	copy_person,	NULL,	R_ADD },
	{ F_RELATED_USER,	"p1Sender.emailAddress",	copy_person,	NULL,	R_ADD },
	{ F_RELATED_USER,	"p1Sender.displayName",		copy_person,	NULL,	R_ADD },
	{ F_RELATED_USER,	"p2Sender.emailAddress",	copy_person,	NULL,	R_ADD },
	{ F_RELATED_USER,	"p2Sender.displayName",		copy_person,	NULL,	R_ADD },
	{ F_RELATED_USER,	"primaryAddress",		copy_person,	NULL,	R_ADD },
	{ F_RELATED_HOSTS,	"p1Sender.domainName",		copy_text,	NULL,	R_ADD },
	{ F_RELATED_HOSTS,	"p2Sender.domainName",		copy_text,	NULL,	R_ADD },
};

static const struct row device_rows[] = {
	{ F_HOST_ID,		"mdeDeviceId",			copy_text,	NULL,	R_ADD },
	{ F_HOST_HOSTNAME,	"deviceDnsName",		copy_text,	NULL,	R_ADD },
	{ F_HOST_NAME,		"deviceDnsName",		copy_lower,	NULL,	R_ADD },
	{ F_HOST_OS_NAME,	"osPlatform",			copy_text,	NULL,	R_ADD },
	{ F_HOST_OS_VERSION,	"version",			copy_text,	NULL,	R_ADD },
	{ F_HOST_IP,		"ipInterfaces[]",		copy_host_ip,	NULL,	R_ADD },
	{ F_RELATED_IP,		"ipInterfaces[]",		copy_host_ip,	NULL,	R_ADD },
	{ F_DEVICE_ID,		"azureAdDeviceId",		copy_text,	NULL,	R_ADD },
	{ F_RELATED_HOSTS,	"deviceDnsName",		copy_text,	NULL,	R_ADD },
	{ F_RELATED_HOSTS,	"mdeDeviceId",			copy_text,	NULL,	R_ADD },
};

static const struct row analyzed_message[] = {
	{ F_SOURCE_IP,		"senderIp",			copy_ip,	NULL,	R_ADD },
	{ F_URL_ORIGINAL,	"urls[]",			copy_text,	NULL,	R_ADD },
};

static const struct row ip[] = {
	{ F_RELATED_IP,		"ipAddress",			copy_ip,	NULL,	R_ADD },
	{ F_SOURCE_COUNTRY,	"countryLetterCode",		copy_text,	NULL,	R_ADD },
};

static const struct row user_or_mailbox[] = {
	{ F_USER_ID,		"userAccount.azureAdUserId",	copy_id,	NULL,	R_ADD },
	{ F_USER_NAME,		"userAccount.accountName",	copy_text,	NULL,	R_ADD },
	{ F_USER_EMAIL,		"userAccount.userPrincipalName", copy_text,	NULL,	R_ADD },
	{ F_USER_DOMAIN,	"userAccount.domainName",	copy_text,	NULL,	R_ADD },
};

static const struct row mailbox[] = {
	{ F_USER_EMAIL,		"primaryAddress",		copy_text,	NULL,	R_ADD },
};

static const struct row process_rows[] = {
	{ F_PROCESS_PID,	"processId",			copy_number,	NULL,	R_ADD },
	{ F_PROCESS_COMMAND,	"processCommandLine",		copy_text,	NULL,	R_ADD },
	{ F_PROCESS_START,	"processCreationDateTime",	copy_date,	NULL,	R_ADD },
	{ F_PARENT_PID,		"parentProcessId",		copy_number,	NULL,	R_ADD },
	{ F_PARENT_START,	"parentProcessCreationDateTime", copy_date,	NULL,	R_ADD },
	{ F_PROCESS_SHA1,	"imageFile.sha1",		copy_text,	NULL,	R_ADD },
	{ F_PROCESS_SHA256,	"imageFile.sha256",		copy_text,	NULL,	R_ADD },
	{ F_PARENT_SHA1,	"parentProcessImageFile.sha1",	copy_text,	NULL,	R_ADD },
	{ F_PARENT_SHA256,	"parentProcessImageFile.sha256", copy_text,	NULL,	R_ADD },
	{ F_PROCESS_USER_ID,	"userAccount.azureAdUserId",	copy_id,	NULL,	R_ADD },
	{ F_PROCESS_USER_NAME,	"userAccount.accountName",	copy_text,	NULL,	R_ADD },
};

static const struct row file_rows[] = {
	{ F_FILE_NAME,		"fileDetails.fileName",		copy_text,	NULL,	R_ADD },
	{ F_FILE_SIZE,		"fileDetails.fileSize",		copy_number,	NULL,	R_ADD },
	{ F_FILE_SHA1,		"fileDetails.sha1",		copy_text,	NULL,	R_ADD },
	{ F_FILE_SHA256,	"fileDetails.sha256",		copy_text,	NULL,	R_ADD },
};

static const struct row registry[] = {
	{ F_REGISTRY_HIVE,	"registryHive",			copy_text,	NULL,	R_ADD },
	{ F_REGISTRY_KEY,	"registryKey",			copy_text,	NULL,	R_ADD },
	{ F_REGISTRY_TYPE,	"registryValueType",		copy_text,	NULL,	R_ADD },
	{ F_REGISTRY_VALUE,	"registryValueName",		copy_text,	NULL,	R_ADD },
	{ F_REGISTRY_STRINGS,	"registryValue",		copy_text,	NULL,	R_ADD },
};

static const struct row url[] = {
	{ F_URL_ORIGINAL,	"url",				copy_text,	NULL,	R_ADD },
};

static const struct row security_group[] = {
	{ F_GROUP_ID,		"securityGroupId",		copy_text,	NULL,	R_ADD },
	{ F_GROUP_NAME,		"displayName",			copy_text,	NULL,	R_ADD },
};

static const struct row cloud_application[] = {
	{ F_CLOUD_INSTANCE,	"instanceId",			copy_text,	NULL,	R_ADD },
	{ F_CLOUD_INSTANCE_NAME, "instanceName",			copy_text,	NULL,	R_ADD },
};

/* Evidence of these types has these rows; "": of any type. */
const struct row_list evidence_lists[] = {
	{ "", any_evidence, COUNT(any_evidence) },
	{ "device", device_rows, COUNT(device_rows) },
	{ "analyzedMessage", analyzed_message, COUNT(analyzed_message) },
	{ "ip", ip, COUNT(ip) },
	{ "user mailbox", user_or_mailbox, COUNT(user_or_mailbox) },
	{ "mailbox", mailbox, COUNT(mailbox) },
	{ "process", process_rows, COUNT(process_rows) },
	{ "file", file_rows, COUNT(file_rows) },
	{ "registryKey registryValue", registry, COUNT(registry) },
	{ "url", url, COUNT(url) },
	{ "securityGroup", security_group, COUNT(security_group) },
	{ "cloudApplication", cloud_application, COUNT(cloud_application) },
};
const size_t n_evidence_lists = COUNT(evidence_lists);

/* What an alert is about: by its types of evidence, and by its determination. */
static const struct { const char *type, *determination, *category, *types; } abouts[] = {
	{ "analyzedMessage",	NULL,	"email",	"info" },
	{ "mailbox",		NULL,	"email",	"info" },
	{ "mailCluster",	NULL,	"email",	"info" },
	{ "device",		NULL,	"host",		"info" },
	{ "file",		NULL,	"file",		"info" },
	{ "ip",			NULL,	"network",	"info" },
	{ "process",		NULL,	"process",	"info" },
	{ "registryKey",	NULL,	"registry",	"access" },
	{ "registryValue",	NULL,	"registry",	"access" },
	{ "user",		NULL,	"iam",		"info" },
	{ "securityGroup",	NULL,	"iam",		"info" },
	{ NULL,	"malware",		"malware",	"info" },
	{ NULL,	"maliciousUserActivity", "malware",	"info" },
	{ NULL,	"phishing",		"email",	"info" },
	{ NULL,	"apt",			"threat",	"indicator" },
};
/* clang-format on */

const struct table evidence_abouts_table = TABLE(abouts);

/* ---- texts of an evidence ---------------------------------------------------------------------------------------------------- */

/* The scalar at a path, in the arena; NULL: none, or empty. */
static const char *
text_at(struct norm *n, uint32_t object, const char *path)
{
	const struct json	*j = &n->json;
	uint32_t		 node = json_path(j, object, path);

	if (node == JSON_NONE || j->nodes[node].kind < JSON_STRING || json_is_empty(j, node))
		return NULL;
	buf_reset(&n->text);
	json_text(j, node, &n->text);
	return arena_copy(&n->arena, buf_str(&n->text), n->text.len);
}

/* "#microsoft.graph.security.deviceEvidence" -> "device" */
static const char *
type_of(struct norm *n, uint32_t evidence)
{
	const char	*p, *dot;
	uint32_t	 node = json_get(&n->json, evidence, "@odata.type");
	char		*word;
	size_t		 len;

	if (node == JSON_NONE || n->json.nodes[node].kind != JSON_STRING)
		return "";
	buf_reset(&n->text);
	json_text(&n->json, node, &n->text);
	p = buf_str(&n->text);
	if ((dot = strrchr(p, '.')) != NULL)
		p = dot + 1;
	len = strlen(p);
	word = arena_copy(&n->arena, p, len);
	if (len > 8 && strcmp(word + len - 8, "Evidence") == 0)
		word[len - 8] = '\0';
	return word;
}

static int
is_one_of(const char *word, const char *words)
{
	size_t	 len = strlen(word), n;

	for (; *words != '\0'; words += n + (words[n] == ' ')) {
		n = strcspn(words, " ");
		if (n == len && strncmp(words, word, n) == 0)
			return 1;
	}
	return 0;
}

static void
add(struct norm *n, enum field f, const char *text)
{
	slot_add(n, f, text, strlen(text));
}

/* The machine's own addresses; loopback is every machine's. */
void
copy_host_ip(struct norm *n, const struct row *r, uint32_t node)
{
	const char	*p = row_text(n, node);
	size_t		 len = n->text.len;

	if (ip_plain(&p, &len) && strncmp(p, "127.", 4) != 0 && !(len == 3 && strncmp(p, "::1", 3) == 0))
		slot_add(n, r->to, p, len);
}

void
copy_hash(struct norm *n, const struct row *r, uint32_t node)
{
	static const char *const names[] = { "sha1", "sha256" };
	const char		*hash;

	for (size_t i = 0; i < COUNT(names); i++)
		if (n->json.nodes[node].kind == JSON_OBJECT && (hash = text_at(n, node, names[i])) != NULL)
			add(n, r->to, hash);
}

/* ---- what several members of an evidence make --------------------------------------------------------------------------------- */

static int
has_separator(const char *path)
{
	return strchr(path, '\\') != NULL || (path[0] != '\0' && path[1] == ':');
}

/* The folder and the name: "\\" where the path holds one or begins with a drive, else "/"; a path that ends in the name is whole. */
static void
add_path(struct norm *n, enum field f, const char *path, const char *name)
{
	char		 separator;
	size_t		 len, name_len;
	struct buf	 whole = { 0 };

	if (path == NULL || name == NULL) {
		if (path != NULL || name != NULL)
			add(n, f, path != NULL ? path : name);
		return;
	}
	separator = has_separator(path) ? '\\' : '/';
	len = strlen(path);
	name_len = strlen(name);
	buf_add(&whole, path, len);
	if (len < name_len || strcasecmp(path + len - name_len, name) != 0 ||
	    (len > name_len && path[len - name_len - 1] != '\\' && path[len - name_len - 1] != '/')) {
		if (path[len - 1] != '\\' && path[len - 1] != '/')
			buf_addc(&whole, separator);
		buf_add(&whole, name, name_len);
	}
	slot_add(n, f, buf_str(&whole), whole.len);
	buf_clear(&whole);
}

/* The program's name in a command line: its first word, quotes honoured, without its folder. */
static void
add_command_name(struct norm *n, enum field f, const char *line)
{
	const char	*end, *p;

	while (*line == ' ')
		line++;
	end = *line == '"' ? strchr(line + 1, '"') : strchr(line, ' ');
	line += *line == '"';
	if (end == NULL)
		end = line + strlen(line);
	for (p = end; p > line && p[-1] != '\\' && p[-1] != '/'; p--)
		continue;
	slot_add(n, f, p, (size_t)(end - p));
}

/* pid, time of creation and device name a process for good, where all three are known. */
static void
add_entity(struct norm *n, enum field f, const char *pid, const char *created, const char *device)
{
	struct buf	 id = { 0 };
	char		 time[RFC3339_SIZE];
	int64_t		 ms;

	if (pid == NULL || created == NULL || device == NULL || when_parse(created, strlen(created), &ms) == -1)
		return;
	buf_addf(&id, "%s|%s|%s", pid, rfc3339_text(ms, 3, time), device);
	slot_add(n, f, buf_str(&id), id.len);
	buf_clear(&id);
}

static void
process(struct norm *n, uint32_t e)
{
	const char	*name = text_at(n, e, "imageFile.fileName"), *parent = text_at(n, e, "parentProcessImageFile.fileName");
	const char	*line = text_at(n, e, "processCommandLine"), *device = text_at(n, e, "mdeDeviceId");

	add_path(n, F_PROCESS_EXECUTABLE, text_at(n, e, "imageFile.filePath"), name);
	add_path(n, F_PARENT_EXECUTABLE, text_at(n, e, "parentProcessImageFile.filePath"), parent);
	if (name != NULL)
		add(n, F_PROCESS_NAME, name);
	else if (line != NULL)
		add_command_name(n, F_PROCESS_NAME, line);
	if (parent != NULL)
		add(n, F_PARENT_NAME, parent);
	add_entity(n, F_PROCESS_ENTITY, text_at(n, e, "processId"), text_at(n, e, "processCreationDateTime"), device);
	add_entity(n, F_PARENT_ENTITY, text_at(n, e, "parentProcessId"), text_at(n, e, "parentProcessCreationDateTime"), device);
}

/* An address is where it came from, unless its roles say that it went there. */
static void
address(struct norm *n, uint32_t e)
{
	struct row	 r = { F_SOURCE_IP, "ipAddress", copy_ip, NULL, R_ADD };
	uint32_t	 roles = json_get(&n->json, e, "roles");

	if (roles != JSON_NONE && n->json.nodes[roles].kind == JSON_ARRAY)
		for (uint32_t k = json_first(&n->json, roles); k != JSON_NONE; k = json_next(&n->json, roles, k))
			if (n->json.nodes[k].kind == JSON_STRING && (json_name_is(&n->json, k, "destination") ||
			    json_name_is(&n->json, k, "commandAndControl")))
				r.to = F_DESTINATION_IP;
	ecs_each(n, e, r.from, &r);
}

static void
run(struct norm *n, uint32_t e, const struct row_list *l)
{
	for (const struct row *r = l->rows; r < l->rows + l->n; r++) {
		n->from = r->from;
		n->by = r;
		ecs_each(n, e, r->from, r);
	}
}

static void
one_evidence(struct norm *n, uint32_t e)
{
	const char	*type = type_of(n, e);

	for (const struct row_list *l = evidence_lists; l < evidence_lists + COUNT(evidence_lists); l++)
		if (*l->what == '\0' || is_one_of(type, l->what))
			run(n, e, l);
	n->from = "evidence";
	n->by = NULL;
	if (strcmp(type, "process") == 0)
		process(n, e);
	else if (strcmp(type, "file") == 0)
		add_path(n, F_FILE_PATH, text_at(n, e, "fileDetails.filePath"), text_at(n, e, "fileDetails.fileName"));
	else if (strcmp(type, "ip") == 0)
		address(n, e);
	n->from = NULL;
}

void
evidence_rows(struct norm *n, uint32_t alert)
{
	const struct json	*j = &n->json;
	uint32_t		 list = json_get(j, alert, "evidence");

	if (list == JSON_NONE || j->nodes[list].kind != JSON_ARRAY)
		return;
	n->why = "every evidence of its type";
	for (uint32_t e = json_first(j, list); e != JSON_NONE; e = json_next(j, list, e))
		if (j->nodes[e].kind == JSON_OBJECT)
			one_evidence(n, e);
}

/* ---- categories ------------------------------------------------------------------------------------------------------------------- */

void
categories_of(struct norm *n, uint32_t alert, struct categories *c)
{
	const struct json	*j = &n->json;
	uint32_t		 list = json_get(j, alert, "evidence");
	const char		*word = text_at(n, alert, "determination");

	for (size_t i = 0; word != NULL && i < COUNT(abouts); i++)
		if (abouts[i].determination != NULL && strcasecmp(abouts[i].determination, word) == 0)
			c->met |= UINT32_C(1) << i;
	if (list == JSON_NONE || j->nodes[list].kind != JSON_ARRAY)
		return;
	for (uint32_t e = json_first(j, list); e != JSON_NONE; e = json_next(j, list, e)) {
		if (j->nodes[e].kind != JSON_OBJECT)
			continue;
		word = type_of(n, e);
		for (size_t i = 0; i < COUNT(abouts); i++)
			if (abouts[i].type != NULL && strcmp(abouts[i].type, word) == 0)
				c->met |= UINT32_C(1) << i;
	}
}

static void
put_sorted(struct norm *n, enum field f, const char *const *words, size_t count, const struct categories *c)
{
	for (size_t w = 0; w < count; w++)
		for (size_t i = 0; i < COUNT(abouts); i++)
			if ((c->met >> i & 1) && strcmp(f == F_EVENT_TYPE ? abouts[i].types : abouts[i].category, words[w]) == 0) {
				n->by = &abouts[i];
				add(n, f, words[w]);
			}
	n->by = NULL;
}

void
categories_put(struct norm *n, const struct categories *c)
{
	static const char *const categories[] = { "email", "file", "host", "iam", "malware", "network", "process", "registry",
	    "threat" };
	static const char *const types[] = { "access", "indicator", "info" };

	put_sorted(n, F_EVENT_CATEGORY, categories, COUNT(categories), c);
	put_sorted(n, F_EVENT_TYPE, types, COUNT(types), c);
}
