/*
 * fuzz_hec - any bytes as the answer of Splunk's HTTP Event Collector, to events and to a question for acknowledgements: what is
 * delivered is a beginning of the parcel, what is buried is one record that was named or alone, and nothing is forgotten.
 *
 * Input: "STATUS RECORDS BEFOREHAND-POISON RESUMES REFUSED STRANGE WORKED", a line break, and the body.
 */
#include <string.h>

#include "deliver/judge_hec.h"
#include "kit.h"

#define RECORDS_MAX	8

static struct parcel_item	 items[RECORDS_MAX];

static void
items_clear(void)
{
	for (size_t i = 0; i < RECORDS_MAX; i++) {
		free(items[i].reason);
		free(items[i].reply);
	}
	memset(items, 0, sizeof(items));
}

static void
check_poison(const struct judge_answer *a, const struct parcel_item *item)
{
	MUST(a->status < 200 || a->status > 299 || item->reason[0] == 'H');	/* a code of HEC's own, or a status */
	MUST(item->reason != NULL && item->reply != NULL && item->word != NULL);
	MUST(strlen(item->reply) <= JUDGE_REPLY_MAX && !fuzz_has_controls(item->reason, strlen(item->reason)));
}

static void
check_events(const struct judge_answer *a, size_t n, unsigned poisoned, const struct hec_past *past)
{
	struct parcel	 parcel = { .items = items, .n = n, .retry_after_ms = -1 };
	struct hec_said	 said;
	size_t		 sent = 0, delivered = 0, buried = 0, last_delivered = 0, others = 0;

	items_clear();
	for (size_t i = 0; i < n; i++)
		items[i].verdict = poisoned >> i & 1 ? V_POISON : V_NONE;
	judge_hec(a, "https://s.example/login?a=b", past, &parcel, &said);
	for (size_t i = 0; i < n; i++) {
		if (poisoned >> i & 1) {	/* not in the body: nothing is said of it */
			MUST(items[i].verdict == V_POISON && items[i].reason == NULL);
			continue;
		}
		sent++;
		MUST(items[i].verdict != V_NONE && items[i].verdict != V_DUPLICATE && items[i].verdict != V_DROPPED);
		if (items[i].verdict == V_DELIVERED) {
			delivered++;
			last_delivered = sent;
		} else if (items[i].verdict == V_POISON) {
			MUST(others == 0);	/* what is behind the one at fault was not read */
			buried++;
			check_poison(a, &items[i]);
		} else {
			others++;
			MUST(items[i].reason == NULL && items[i].reply == NULL);
			MUST(items[i].verdict != V_UNREAD || buried == 1);
		}
		MUST(!items[i].suspect || (items[i].verdict == V_AGAIN && sent == 1));
	}
	MUST(delivered == last_delivered && delivered == said.accepted && buried <= 1);
	MUST(delivered == 0 || said.is_hec);
	MUST(said.ack_id == -1 || (said.is_hec && delivered > 0));
	MUST(buried == 0 || past->refused < 10 || delivered > 0);
	MUST(sent < 2 || buried == 0 || said.is_hec);
	MUST(sent == 0 || parcel.why[0] != '\0');
	MUST(strlen(parcel.why) < sizeof(parcel.why) && !fuzz_has_controls(parcel.why, strlen(parcel.why)));
	MUST(a->status < 300 || a->status == 413 || delivered < sent || sent == 0);
}

/* Only a number that was asked for is acknowledged, and only by "true" under its name. */
static void
check_acks(const struct judge_answer *a)
{
	static const int64_t	 ids[] = { 0, 7, 12345678901234 };
	uint8_t			 done[3] = { 9, 9, 9 };
	char			 why[300] = "";
	enum hec_acks		 acks = judge_hec_acks(a, ids, 3, done, why);

	for (size_t i = 0; i < 3; i++) {
		MUST(done[i] <= 1);
		if (done[i])
			MUST(acks == HEC_ACKS_READ && memmem(a->body, a->len, "true", 4) != NULL);
	}
	MUST(acks != HEC_ACKS_READ || (a->status >= 200 && a->status <= 299));
	MUST(acks != HEC_ACKS_AGAIN || why[0] != '\0');
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct fuzz_in		 in = fuzz_in(p, len);
	char			 line[80], *at = fuzz_line(&in, line, sizeof(line));
	struct judge_answer	 a = { .retry_after_ms = -1 };
	struct hec_past		 past;
	unsigned		 poisoned;
	size_t			 n;

	a.status = (int)fuzz_number(&at, 999);
	n = 1 + fuzz_number(&at, UINT32_MAX) % RECORDS_MAX;
	poisoned = fuzz_number(&at, UINT32_MAX);
	past.resumes = fuzz_number(&at, 99);
	past.refused = fuzz_number(&at, 99);
	past.strange = fuzz_number(&at, 99);
	past.worked = (int)fuzz_number(&at, 1);
	a.body = in.p;
	a.len = (size_t)(in.end - in.p);
	check_events(&a, n, poisoned, &past);
	check_acks(&a);
	items_clear();
	return 0;
}
