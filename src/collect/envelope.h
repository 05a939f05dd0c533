/*
 * envelope - a page of Microsoft Graph, as it comes: {"@odata.context": ..., "value": [ rows ], "@odata.nextLink": ...}.
 *
 * The array goes to the splitter byte by byte, in any pieces; everything around it is kept (at most ENVELOPE_MAX bytes, with
 * null where the array stood) and read as a small reply when the page is over. Members may come in any order. An object
 * without such an array is no page, but perhaps an error: envelope_rest() has it.
 */
#ifndef COLLECT_ENVELOPE_H
#define COLLECT_ENVELOPE_H

#include "base/buf.h"
#include "collect/split.h"

#define ENVELOPE_MAX ((size_t)64 * 1024)

struct envelope;

struct envelope *envelope_new(void);
void	 envelope_free(struct envelope *);
/* SPLIT_BROKEN: it cannot be a page, or its array cannot be split; envelope_trouble() says which. */
enum split_state envelope_feed(struct envelope *, struct split *, const char *, size_t);
enum split_state envelope_finish(struct envelope *);	/* SPLIT_END: whole, with an array */
const char *envelope_trouble(const struct envelope *);	/* static text */
const struct buf *envelope_rest(const struct envelope *);
int	 envelope_is_page(const struct envelope *);	/* it had an array of rows, whole or not */

#endif
