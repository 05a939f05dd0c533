/*
 * gate - may an output send now?
 */
#include "deliver/gate.h"

#include <stdio.h>

#include "base/clock.h"

#define AGAIN_FIRST_MS	1000
#define AGAIN_MAX_MS	60000
#define HOLD_FIRST_MS	30000
#define HOLD_MAX_MS	300000

static int	close_as(struct gate *, enum gate_state, const void *, const char *);

void
gate_init(struct gate *g)
{
	*g = (struct gate){ .state = GATE_OPEN, .since_ms = clock_wall_ms() };
	backoff_init(&g->backoff, AGAIN_FIRST_MS, AGAIN_MAX_MS);
}

int
gate_may(const struct gate *g, const void *who)
{
	return g->state == GATE_OPEN || (g->owner == who && clock_mono_ms() >= g->until_ms);
}

int
gate_again(struct gate *g, const void *who, int64_t retry_after_ms, int some, const char *why)
{
	if (g->state != GATE_OPEN && g->owner != who)
		return 0;
	if (some)
		backoff_reset(&g->backoff);
	g->looks = 0;
	g->permission = 0;
	g->until_ms = clock_mono_ms() + backoff_next(&g->backoff, retry_after_ms);
	return close_as(g, GATE_BACKING_OFF, who, why);
}

int
gate_hold(struct gate *g, const void *who, int permission, const char *why)
{
	if (g->state == GATE_HELD && g->owner != who)
		return 0;
	g->permission = permission;
	g->until_ms = clock_mono_ms() + backoff_step(HOLD_FIRST_MS, HOLD_MAX_MS, g->looks++);
	return close_as(g, GATE_HELD, who, why);
}

int
gate_passed(struct gate *g, const void *who)
{
	if (g->state == GATE_OPEN || g->owner != who)
		return 0;
	gate_init(g);
	return 1;
}

void
gate_kick(struct gate *g)
{
	g->until_ms = 0;
	g->looks = 0;
	backoff_reset(&g->backoff);
}

int64_t
gate_pause_ms(const struct gate *g)
{
	int64_t	 left = g->until_ms - clock_mono_ms();

	return g->state == GATE_OPEN || left < 0 ? 0 : left;
}

static int
close_as(struct gate *g, enum gate_state state, const void *who, const char *why)
{
	int	 is_new = g->state != state;

	if (is_new)
		g->since_ms = clock_wall_ms();
	g->state = state;
	g->owner = who;
	snprintf(g->why, sizeof(g->why), "%s", why);
	return is_new;
}
