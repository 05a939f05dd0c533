/*
 * convert_about - converters for what is the same for all records of a batch, and for what is wrong with a whole record.
 */
#include <string.h>

#include "norm/convert.h"
#include "norm/norm_in.h"

static int
put_str(struct norm *n, const struct step *s, const char *text, int plain)
{
	return text != NULL && norm_put_text(n, s, s->to, text, strlen(text), plain);
}

int
norm_module(struct norm *n, const struct step *s, const struct val *v)
{
	(void)v;
	return put_str(n, s, n->plan->schema->module, 1);
}

int
norm_dataset_name(struct norm *n, const struct step *s, const struct val *v)
{
	(void)v;
	return put_str(n, s, n->plan->schema->dataset, 1);
}

int
norm_namespace(struct norm *n, const struct step *s, const struct val *v)
{
	const char	*namespace = n->source->namespace;

	(void)v;
	return put_str(n, s, namespace != NULL && *namespace != '\0' ? namespace : "default", 0);
}

int
norm_revision(struct norm *n, const struct step *s, const struct val *v)
{
	struct buf	*b = &n->scratch;
	struct val	 number;

	(void)v;
	if (n->record->revision < 2)
		return 0;
	buf_reset(b);
	buf_addi(b, n->record->revision);
	number = (struct val){ .kind = VAL_JSON, .len = (uint32_t)b->len, .p = arena_copy(&n->arena, buf_str(b), b->len) };
	return norm_put(n, s, s->to, &number);
}

int
norm_organization(struct norm *n, const struct step *s, const struct val *v)
{
	const char	*guid = n->source->tenant_guid;
	struct text	 t;

	if (guid == NULL || !norm_text_of(n, v, &t) || t.len != strlen(guid) || strncasecmp(t.p, guid, t.len) != 0)
		return 0;
	return put_str(n, s, n->source->organization_name, 0);
}

int
norm_trouble(struct norm *n, const struct step *s, const struct val *v)
{
	(void)v;
	return put_str(n, s, n->trouble, 1);
}

int
norm_original(struct norm *n, const struct step *s, const struct val *v)
{
	(void)v;
	if (n->trouble == NULL || n->many || n->record->len > UINT32_MAX)
		return 0;
	return norm_put_text(n, s, s->to, n->record->bytes, n->record->len, 0);
}
