/*
 * family - which records are mapped alike: by feed. One line a family.
 */
#include <string.h>

#include "norm/shape.h"

const struct family *const families[] = {
	&audit_family, &signin_family, &directory_family, &provisioning_family, &risk_family,
	&alerts_family, &incidents_family,
};
const size_t n_families = sizeof(families) / sizeof(families[0]);

/* What is new and has no family yet is mapped as audit is: everything finds a place there. */
size_t
family_of(const char *feed)
{
	for (size_t i = 0; i < n_families; i++)
		if (strncmp(feed, families[i]->feeds, strlen(families[i]->feeds)) == 0)
			return i;
	return 0;
}

size_t
family_members(const struct family *f)
{
	return f->shape != NULL ? f->shape->n : f->n_members;
}

const char *
family_member(const struct family *f, size_t i)
{
	return f->shape != NULL ? f->shape->parts[i].from : f->members[i].name;
}

const char *
norm_dataset(const char *feed)
{
	size_t	 family = family_of(feed);

	if (strncmp(feed, families[family]->feeds, strlen(families[family]->feeds)) == 0)
		return families[family]->dataset;
	return "generic";
}
