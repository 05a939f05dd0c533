/*
 * names - which of the known names is this?
 */
#include "norm/names.h"

#include <stdlib.h>

#include "base/xalloc.h"

#define FIRST_SIZE	16

static void
place(struct names *t, const struct name *name)
{
	uint32_t	 at = names_hash(name->text, name->len) & t->mask;

	while (t->slots[at].text != NULL)
		at = (at + 1) & t->mask;
	t->slots[at] = *name;
}

static void
grow(struct names *t)
{
	struct names	 old = *t;
	uint32_t	 size = old.slots == NULL ? FIRST_SIZE : (old.mask + 1) * 2;

	t->slots = xcalloc(size, sizeof(*t->slots));
	t->mask = size - 1;
	for (uint32_t i = 0; old.slots != NULL && i <= old.mask; i++)
		if (old.slots[i].text != NULL)
			place(t, &old.slots[i]);
	free(old.slots);
}

void
names_add(struct names *t, const char *text, uint16_t id)
{
	struct name	 name = { text, (uint16_t)strlen(text), id };

	if (names_find(t, text, name.len) != NAME_NONE)
		return;
	if (t->slots == NULL || (t->n + 1) * 4 > t->mask + 1)
		grow(t);
	place(t, &name);
	t->n++;
}

void
names_free(struct names *t)
{
	free(t->slots);
	memset(t, 0, sizeof(*t));
}
