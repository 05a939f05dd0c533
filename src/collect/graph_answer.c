/*
 * graph_answer - two tables: statuses, and the codes that say more than their status.
 */
#include "collect/graph_answer.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/control.h"
#include "base/json.h"

#define BODY_MAX	((size_t)64 * 1024)

static const struct {
	int		 status;
	enum graph_class class;
} statuses[] = {
	{ 200, GRAPH_FINE },
	{ 400, GRAPH_BAD_REQUEST },
	{ 401, GRAPH_TOKEN },
	{ 403, GRAPH_FORBIDDEN },
	{ 404, GRAPH_ABSENT },
	{ 408, GRAPH_AGAIN },
	{ 410, GRAPH_BAD_LINK },
	{ 429, GRAPH_THROTTLED },
	{ 504, GRAPH_TOO_MUCH },
	{ 509, GRAPH_THROTTLED },
};

/* Codes are compared without regard to case: both spellings of some are documented. status 0: any. */
static const struct {
	int		 status;
	const char	*code;
	enum graph_class class;
} codes[] = {
	{ 403, "Authentication_RequestFromNonPremiumTenantOrB2CTenant",	GRAPH_LICENCE },
	{ 403, "Authentication_RequestFromUnsupportedTenant",		GRAPH_LICENCE },
	{ 403, "Authentication_MSGraphPermissionMissing",		GRAPH_PERMISSION },
	{ 403, "Authorization_RequestDenied",				GRAPH_PERMISSION },
	{ 403, "AccessDenied",						GRAPH_PERMISSION },
	{ 403, "Forbidden",						GRAPH_FORBIDDEN },
	{ 400, "InvalidSkipToken",					GRAPH_BAD_LINK },
	{ 400, "Directory_ExpiredPageToken",				GRAPH_BAD_LINK },
	{ 0,   "TooManyRequests",					GRAPH_THROTTLED },
	{ 0,   "activityLimitReached",					GRAPH_THROTTLED },
};

static enum graph_class
by_status(int status)
{
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		if (statuses[i].status == status)
			return statuses[i].class;
	return status >= 500 ? GRAPH_AGAIN : GRAPH_STRANGE;
}

static void
copy(char *to, size_t size, const char *text)
{
	snprintf(to, size, "%s", text != NULL ? text : "");
	control_blank(to, ' ');
}

static const char *
request_id(const cJSON *error)
{
	const cJSON	*inner = cJSON_GetObjectItemCaseSensitive(error, "innerError");

	if (inner == NULL)
		inner = cJSON_GetObjectItemCaseSensitive(error, "innererror");
	return json_tree_str(inner, "request-id");
}

void
graph_judge(int status, const char *body, size_t len, struct graph_answer *a)
{
	cJSON		*tree = json_tree(body, len, BODY_MAX);
	const cJSON	*error = cJSON_GetObjectItemCaseSensitive(tree, "error");
	const char	*code = json_tree_str(error, "code");

	memset(a, 0, sizeof(*a));
	a->class = by_status(status);
	snprintf(a->code, sizeof(a->code), "%d", status);
	if (a->class == GRAPH_FORBIDDEN && code == NULL)
		a->class = GRAPH_AGAIN;
	for (size_t i = 0; code != NULL && i < sizeof(codes) / sizeof(codes[0]); i++)
		if ((codes[i].status == 0 || codes[i].status == status) && strcasecmp(codes[i].code, code) == 0)
			a->class = codes[i].class;
	if (code != NULL && *code != '\0')
		copy(a->code, sizeof(a->code), code);
	copy(a->message, sizeof(a->message), json_tree_str(error, "message"));
	copy(a->request_id, sizeof(a->request_id), request_id(error));
	cJSON_Delete(tree);
}
