/*
 * json_tree - a small reply as a cJSON tree, for what is read once and thrown away: tokens, envelopes, errors.
 */
#include <string.h>

#include "base/json.h"
#include "base/json_scan.h"

#define TREE_DEPTH	64

/* A NUL in a string, which would end it early for whoever reads the tree. */
static int
has_nul(const struct json *j)
{
	static const char	 nul[] = "\\u0000";

	for (uint32_t k = 0; k < j->n; k++) {
		const char	*p = j->bytes + j->nodes[k].start, *end = j->bytes + j->nodes[k].end;

		if (j->nodes[k].kind != JSON_STRING || (j->nodes[k].flags & JSON_ESCAPED) == 0)
			continue;
		while ((p = memchr(p, '\\', (size_t)(end - p))) != NULL) {
			if ((size_t)(end - p) >= sizeof(nul) - 1 && memcmp(p, nul, sizeof(nul) - 1) == 0)
				return 1;
			p += 2;		/* an escaped backslash begins no escape */
		}
	}
	return 0;
}

cJSON *
json_tree(const char *text, size_t len, size_t max)
{
	struct json	 j = { 0 };
	cJSON		*tree = NULL;

	if (len <= max && scan_index(&j, text, len, 0, JSON_DEPTH, TREE_DEPTH) == JSON_OK && !has_nul(&j))
		tree = cJSON_ParseWithLength(text, len);
	json_clear(&j);
	return tree;
}

const char *
json_tree_str(const cJSON *tree, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(tree, name));
}
