/*
 * members - the names of members that Microsoft's records are known to have, in any feed and at any depth. Nothing is refused
 * for not being here; it tells a slip of the pen in a configuration from a name.
 */
#ifndef BASE_MEMBERS_H
#define BASE_MEMBERS_H

#include <stddef.h>

const char *const *members_known(size_t *n);
int	 member_is_known(const char *name, size_t len);		/* case counts */

#endif
