/*
 * af - what an answer of the Management API means: one table of codes, one of statuses.
 */
#include "collect/af.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bom.h"
#include "base/control.h"
#include "base/json.h"

#define BODY_MAX (64 * 1024)

static const struct {
	const char	*code;
	enum af_class	 class;
} codes[] = {
	{ "AF10001",	AF_PERMISSION },
	{ "AF20001",	AF_OURS },
	{ "AF20002",	AF_OURS },
	{ "AF20003",	AF_OURS },
	{ "AF20010",	AF_CONFIG },
	{ "AF20011",	AF_CONFIG },
	{ "AF20012",	AF_CONFIG },
	{ "AF20013",	AF_CONFIG },
	{ "AF20020",	AF_CONFIG },
	{ "AF20021",	AF_CONFIG },
	{ "AF20022",	AF_NOT_SUBSCRIBED },
	{ "AF20023",	AF_DISABLED },
	{ "AF20024",	AF_FINE },		/* not in Microsoft's table: the subscription is enabled already */
	{ "AF20030",	AF_TOO_OLD },
	{ "AF20031",	AF_BAD_PAGE },
	{ "AF20050",	AF_NO_CONTENT },
	{ "AF20051",	AF_EXPIRED },
	{ "AF20052",	AF_OURS },
	{ "AF20053",	AF_OURS },
	{ "AF20054",	AF_OURS },
	{ "AF20055",	AF_TOO_OLD },
	{ "AF429",	AF_THROTTLED },
	{ "AF50000",	AF_AGAIN },
	{ "AF50005",	AF_AGAIN },
	{ "AF50006",	AF_AGAIN },
};

static const char *const names[] = {
	[AF_FINE] = "fine", [AF_TOKEN] = "token", [AF_PERMISSION] = "permission", [AF_CONFIG] = "configuration",
	[AF_OURS] = "our-request", [AF_NOT_SUBSCRIBED] = "not-subscribed", [AF_DISABLED] = "disabled",
	[AF_TOO_OLD] = "too-old", [AF_BAD_PAGE] = "bad-page", [AF_NO_CONTENT] = "no-content", [AF_EXPIRED] = "expired",
	[AF_THROTTLED] = "throttled", [AF_AGAIN] = "again", [AF_UNHEARD] = "unheard", [AF_STRANGE] = "strange",
};

const char *
af_class_name(enum af_class class)
{
	return names[class];
}

static void
one_line(char *to, size_t size, const char *from, size_t len)
{
	snprintf(to, size, "%.*s", (int)len, from);
	control_blank(to, ' ');
}

/* "AF" and three to six digits with nothing alphanumeric around them. */
static const char *
find_code(const char *p, const char *end, char code[16])
{
	for (const char *start = p; p + 5 <= end; p++) {
		size_t	 n = 0;

		if (p[0] != 'A' || p[1] != 'F' || (p > start && isalnum((unsigned char)p[-1])))
			continue;
		while (p + 2 + n < end && isdigit((unsigned char)p[2 + n]))
			n++;
		if (n < 3 || n > 6 || (p + 2 + n < end && isalnum((unsigned char)p[2 + n])))
			continue;
		memcpy(code, p, n + 2);
		code[n + 2] = '\0';
		return p + 2 + n;
	}
	return NULL;
}

/* {"error":{"code":"AF20022","message":"..."}} as documented. */
static int
from_json(const char *body, size_t len, struct af *af)
{
	const cJSON	*error;
	const char	*code, *message;
	cJSON		*tree = json_tree(body, len, BODY_MAX);
	int		 found = 0;

	if (tree == NULL)
		return 0;
	error = cJSON_GetObjectItemCaseSensitive(tree, "error");
	code = json_tree_str(error, "code");
	message = json_tree_str(error, "message");
	if (code != NULL && find_code(code, code + strlen(code), af->code) != NULL)
		found = 1;
	if (message != NULL)
		one_line(af->message, sizeof(af->message), message, strlen(message));
	cJSON_Delete(tree);
	return found;
}

/* {'error':{'code':'AF429','message':'Too many ...'}}, HTML, or text: whatever holds a code. */
static int
from_text(const char *body, size_t len, struct af *af)
{
	const char	*end = body + len, *rest = find_code(body, end, af->code), *message;

	if (rest == NULL)
		return 0;
	if ((message = memmem(rest, (size_t)(end - rest), "'message':'", 11)) != NULL) {
		rest = message + 11;
		if ((message = memmem(rest, (size_t)(end - rest), "'}", 2)) != NULL)
			end = message;
	}
	one_line(af->message, sizeof(af->message), rest, (size_t)(end - rest));
	return 1;
}

static enum af_class
by_status(int status)
{
	if (status >= 200 && status < 300)
		return AF_FINE;
	if (status == 401)
		return AF_TOKEN;
	if (status == 429)
		return AF_THROTTLED;
	if (status == 408 || status >= 500 || status == 0)
		return AF_AGAIN;
	return AF_STRANGE;
}

static enum af_class
by_code(const char *code, int status)
{
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (strcmp(codes[i].code, code) == 0)
			return codes[i].class;
	if (strncmp(code, "AF5", 3) == 0 || status >= 500)
		return AF_AGAIN;
	return status == 401 ? AF_TOKEN : AF_STRANGE;
}

/*
 * A success with a list, or one that could not be unpacked, is what was asked for. Its ids and addresses may well read like a code: a
 * GUID in capitals that begins with AF123456 does.
 */
static int
is_content(int status, const char *body, size_t len)
{
	size_t	 at = bom_len(body, len);

	if (status < 200 || status >= 300)
		return 0;
	while (at < len && strchr(" \t\r\n", body[at]) != NULL && body[at] != '\0')
		at++;
	return at < len && (body[at] == '[' || body[at] == '\x1f');
}

void
af_judge(int status, const char *body, size_t len, struct af *af)
{
	memset(af, 0, sizeof(*af));
	if (len > BODY_MAX)
		len = BODY_MAX;
	if (len > 0 && !is_content(status, body, len) && (from_json(body, len, af) || from_text(body, len, af))) {
		af->class = by_code(af->code, status);
		return;
	}
	snprintf(af->code, sizeof(af->code), "%d", status);
	af->class = by_status(status);
}
