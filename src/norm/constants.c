/*
 * constants - fields that the operator adds to every event, written once.
 */
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "norm/norm.h"
#include "norm/places.h"

struct constant { const char *path, *value; };

static int
by_path(const void *a, const void *b)
{
	return strcmp(((const struct constant *)a)->path, ((const struct constant *)b)->path);
}

char *
norm_constants_flat(const char *const *pairs, size_t n)
{
	struct buf	 b = { 0 };

	for (size_t i = 0; i + 1 < n; i += 2) {
		if (i > 0)
			buf_addc(&b, ',');
		json_escape(&b, pairs[i], strlen(pairs[i]));
		buf_addc(&b, ':');
		json_escape(&b, pairs[i + 1], strlen(pairs[i + 1]));
	}
	return b.len > 0 ? buf_take(&b, NULL) : NULL;
}

char *
norm_constants(const char *const *pairs, size_t n)
{
	size_t		 count = n / 2, before = PLACE_NONE;
	struct constant	*c = xcalloc(count + 1, sizeof(*c));
	const char	**paths = xcalloc(count + 1, sizeof(*paths));
	struct places	 places;
	struct buf	 b = { 0 };

	for (size_t i = 0; i < count; i++)
		c[i] = (struct constant){ pairs[2 * i], pairs[2 * i + 1] };
	qsort(c, count, sizeof(*c), by_path);
	for (size_t i = 0; i < count; i++)
		paths[i] = c[i].path;
	places_init(&places, paths, count);
	for (size_t i = 0; i < count; before = i++) {
		places_walk(&places, before, i, &b);
		json_escape(&b, c[i].value, strlen(c[i].value));
	}
	places_end(&places, before, &b);
	places_clear(&places);
	free(paths);
	free(c);
	return b.len > 0 ? buf_take(&b, NULL) : NULL;
}
