/*
 * conf_same - what differs between two configurations, by the table of options: for a reload.
 *
 * Secrets are references here: a new secret in the same file is no difference (whoever uses it reads it again).
 */
#include <string.h>

#include "conf/conf_in.h"

/* Rows below prefix; what is in a list of groups belongs to another struct. */
static int
same_fields(const char *prefix, const void *a, const void *b)
{
	size_t				 n;
	const struct conf_option	*rows = conf_options(&n);

	for (size_t i = 0; i < n; i++) {
		const struct conf_option	*o = &rows[i];
		const struct kind		*k = kind_find(o->type);

		if (strncmp(o->path, prefix, strlen(prefix)) != 0 || strchr(o->path + strlen(prefix), '[') != NULL)
			continue;
		if (k == NULL || (o->flags & CONF_LATER) != 0)
			continue;
		if (!k->same((const char *)a + o->offset, (const char *)b + o->offset))
			return 0;
	}
	return 1;
}

int
conf_same_tenant(const struct conf_tenant *a, const struct conf_tenant *b)
{
	return same_fields("tenants[].", a, b);
}

int
conf_same_output(const struct conf_output *a, const struct conf_output *b)
{
	return same_fields("outputs[].", a, b);
}

int
conf_same(const struct conf *a, const struct conf *b, const char *prefix)
{
	return same_fields(prefix, a, b);
}
