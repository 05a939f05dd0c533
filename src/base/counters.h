/*
 * counters - named numbers: every loss, skip, duplicate, dead letter and refusal has one (promise I7).
 *
 * One table (counters.c) gives name, help and label names; metrics, status and the manual read the same rows.
 * Owned by the loop thread. Labels are copied; NULL is "".
 */
#ifndef BASE_COUNTERS_H
#define BASE_COUNTERS_H

#include <stdint.h>

#define COUNTERS(X) \
	/* enum			name				labels			help */ \
	X(C_REQUESTS,		"source_requests_total",	"tenant,kind,code",	"Requests to Microsoft by outcome") \
	X(C_BLOBS_LISTED,	"source_blobs_listed_total",	"tenant,feed",		"Content blobs entered in the ledger") \
	X(C_BLOBS_STORED,	"source_blobs_stored_total",	"tenant,feed",		"Content blobs whose records are all durable") \
	X(C_BLOBS_FAILED,	"source_blobs_failed_total",	"tenant,feed,reason",	"Content blobs that could not be read, per attempt") \
	X(C_BLOBS_LOST,		"source_blobs_lost_total",	"tenant,feed",		"Content blobs that expired unread (each has a gap record)") \
	X(C_RECORDS,		"source_events_total",		"tenant,feed",		"Records read from Microsoft") \
	X(C_BYTES,		"source_bytes_total",		"tenant,feed",		"Bytes of records read from Microsoft") \
	X(C_STORED,		"spool_stored_total",		"tenant,feed",		"Records made durable") \
	X(C_DUPLICATES,		"source_duplicates_total",	"tenant,feed",		"Records seen before, with the same content") \
	X(C_CHANGED,		"source_changed_repeats_total",	"tenant,feed",		"Records seen before, with other content (the first one was kept)") \
	X(C_REVISIONS,		"source_revisions_total",	"tenant,feed",		"Rows that changed and were stored again as a revision") \
	X(C_REVISIONS_OVER,	"source_revisions_over_total",	"tenant,feed",		"Changes of rows that had changed too often: not stored") \
	X(C_BARE,		"source_without_policies_total", "tenant,feed",		"Sign-ins without appliedConditionalAccessPolicies: shown to applications that have Policy.Read.All") \
	X(C_PAGES_BROKEN,	"source_pages_broken_total",	"tenant,feed",		"Pages that came whole and could not be read, per attempt") \
	X(C_REREADS_SLIPPED,	"source_rereads_slipped_total",	"tenant,feed",		"Times that the re-reading of rows did not keep up") \
	X(C_BAD_ELEMENTS,	"source_bad_elements_total",	"tenant,feed",		"Blob elements that are no JSON object (dead letters)") \
	X(C_OVERSIZE,		"source_oversize_total",	"tenant,feed",		"Records over limits.record (dead letters)") \
	X(C_THROTTLED,		"source_throttled_total",	"tenant",		"Throttle answers of Microsoft") \
	X(C_FIRSTS,		"source_first_seen_total",	"type",			"Record types and operations seen for the first time; type: known or unknown to this version") \
	X(C_REFUSED_URL,	"security_rejections_total",	"kind",			"URLs and answers refused for safety") \
	X(C_GAPS,		"gaps_total",			"tenant,feed,reason",	"Gap records written") \
	X(C_DELIVERED,		"dest_events_total",		"output,result",	"Records by verdict; unsure: sent again, though perhaps taken") \
	X(C_SIFTED,		"dest_dropped_total",		"output,by",		"Records that the output's drop or keep leaves out") \
	X(C_REDACTED,		"dest_redacted_total",		"output",		"Members taken out of delivered records (redact)") \
	X(C_DEST_REQUESTS,	"dest_requests_total",		"output,code",		"Requests to destinations by outcome") \
	X(C_DEST_BYTES,		"dest_bytes_total",		"output",		"Bytes sent to destinations, compressed") \
	X(C_DEAD,		"dead_letters_total",		"output,reason",	"Dead letters written") \
	X(C_SPOOL_FULL,		"spool_full_total",		"",			"Times the spool reached its cap") \
	X(C_SEEN_EVICTED,	"dedup_evicted_total",		"",			"Remembered ids forgotten early (dedup.max)") \
	X(C_RELOADS,		"config_reloads_total",		"result",		"SIGHUP: done, or refused and the running configuration stayed")

enum counter {
#define X(id, name, labels, help) id,
	COUNTERS(X)
#undef X
	C_COUNT
};

struct counter_info {
	const char	*name;		/* without the m365fwd_ prefix */
	const char	*labels;	/* comma-separated label names */
	const char	*help;
};

void	 count(enum counter, uint64_t n, const char *l1, const char *l2, const char *l3);
uint64_t counter_get(enum counter, const char *l1, const char *l2, const char *l3);
uint64_t counter_sum(enum counter);
const struct counter_info *counter_info(enum counter);
/* Every value ever counted, in table order; labels never NULL. */
void	 counters_each(void (*)(void *arg, enum counter, const char *l1, const char *l2, const char *l3, uint64_t), void *arg);
void	 counters_clear(void);		/* for tests */

#endif
