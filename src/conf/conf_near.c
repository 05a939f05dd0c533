/*
 * conf_near - the name that was meant: the nearest by letters left out, added, changed or swapped.
 */
#include <ctype.h>
#include <string.h>

#include "conf/conf_in.h"

#define WORD_MAX 48

static unsigned
least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Letters count without their case; over WORD_MAX nothing is near. */
static unsigned
distance(const char *a, const char *b)
{
	size_t		 n = strlen(a), m = strlen(b);
	unsigned	 row[3][WORD_MAX + 1];	/* of i - 2, i - 1 and i, in turn */

	if (n > WORD_MAX || m > WORD_MAX)
		return WORD_MAX;
	for (size_t j = 0; j <= m; j++)
		row[0][j] = (unsigned)j;
	for (size_t i = 1; i <= n; i++) {
		unsigned	*now = row[i % 3];
		const unsigned	*before = row[(i + 2) % 3], *earlier = row[(i + 1) % 3];

		now[0] = (unsigned)i;
		for (size_t j = 1; j <= m; j++) {
			int	 x = tolower((unsigned char)a[i - 1]), y = tolower((unsigned char)b[j - 1]);

			now[j] = least(least(before[j], now[j - 1]) + 1, before[j - 1] + (x != y));
			if (i > 1 && j > 1 && x == tolower((unsigned char)b[j - 2]) &&
			    y == tolower((unsigned char)a[i - 2]))
				now[j] = least(now[j], earlier[j - 2] + 1);
		}
	}
	return row[n % 3][m];
}

static int
is_plural_or_dashed(const char *a, const char *b)
{
	for (; *a != '\0' && *b != '\0'; a++, b++)
		if (*a != *b && !(strchr("-_", *a) != NULL && strchr("-_", *b) != NULL))
			return 0;
	return (*a == '\0' || strcmp(a, "s") == 0) && (*b == '\0' || strcmp(b, "s") == 0);
}

const char *
near(const char *word, const char *const *names, size_t n)
{
	const char	*best = NULL;
	size_t		 len = strlen(word);
	unsigned	 best_distance = len < 5 ? 1 : ((unsigned)len + 2) / 3;	/* one wrong letter in three is a guess */

	for (size_t i = 0; i < n; i++) {
		unsigned	 d = is_plural_or_dashed(word, names[i]) ? 0 : distance(word, names[i]);

		if (d <= best_distance && d < strlen(names[i]) && (best == NULL || d < best_distance)) {
			best = names[i];
			best_distance = d;
		}
	}
	return best;
}
