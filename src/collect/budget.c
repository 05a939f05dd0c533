/*
 * budget - a token bucket: burst + 60 s of flow is what one minute may hold.
 */
#include "collect/budget.h"

void
budget_init(struct budget *b, unsigned per_minute, int64_t now_ms)
{
	b->burst = per_minute / 20.0;
	if (b->burst < 1)
		b->burst = 1;
	b->per_ms = (per_minute - b->burst) / 60000.0;
	if (b->per_ms <= 0)
		b->per_ms = 1 / 60000.0;
	b->tokens = b->burst;
	b->then_ms = now_ms;
	b->gate_ms = 0;
}

int64_t
budget_take(struct budget *b, int64_t now_ms)
{
	if (now_ms < b->gate_ms)
		return b->gate_ms - now_ms;
	b->tokens += (double)(now_ms - b->then_ms) * b->per_ms;
	b->then_ms = now_ms;
	if (b->tokens > b->burst)
		b->tokens = b->burst;
	if (b->tokens >= 1) {
		b->tokens -= 1;
		return 0;
	}
	return (int64_t)((1 - b->tokens) / b->per_ms) + 1;
}

void
budget_gate(struct budget *b, int64_t until_ms)
{
	if (until_ms > b->gate_ms)
		b->gate_ms = until_ms;
}
