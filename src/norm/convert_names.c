/*
 * convert_names - the converters' names, for `map --explain` and the field reference.
 */
#include "norm/convert.h"

static const struct {
	NORM_HOW(	(*how));
	const char	*name;
} hows[] = {
#define HOW(name) { norm_##name, #name }
	HOW(fixed), HOW(text), HOW(lower), HOW(identity), HOW(number), HOW(object), HOW(word), HOW(word_any_case),
	HOW(word_within), HOW(if_text), HOW(unless_zero), HOW(module), HOW(dataset_name), HOW(namespace), HOW(stored), HOW(now),
	HOW(revision), HOW(organization), HOW(trouble), HOW(original), HOW(timestamp), HOW(client), HOW(server), HOW(ips),
	HOW(ip_version), HOW(email_parts), HOW(actor), HOW(split), HOW(attachments), HOW(identity_parameter), HOW(record_type),
};

const char *
norm_how_name(NORM_HOW((*how)))
{
	for (size_t i = 0; i < NORM_COUNT(hows); i++)
		if (hows[i].how == how)
			return hows[i].name;
	return NULL;
}
