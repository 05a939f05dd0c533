/*
 * crash_point - the places where the kill tests let the process die, by name; nothing in what is installed.
 *
 * One row each: where it stands is what was just done. A build with M365FWD_CRASH_POINTS (m365fwd-kill, see tests/kit/crash_points.c)
 * dies of SIGKILL there when M365FWD_CRASH_AT says "name" or "name:nth"; tests/kill.sh walks this list, and a place that no
 * run ever comes to fails it. Those of the last group stand in the test's own file, around system calls.
 */
#ifndef BASE_CRASH_POINT_H
#define BASE_CRASH_POINT_H

#define CRASH_POINTS(X) \
	/* opening and closing the store */ \
	X(OPEN_LOCKED,		"open-locked")		/* ours, its WAL recovered */ \
	X(SCHEMA_HALF,		"schema-half")		/* some tables of a new store are made */ \
	X(SCHEMA_MADE,		"schema-made")		/* all of them, not committed */ \
	X(OPEN_DONE,		"open-done") \
	X(CHECKPOINT_BEGUN,	"checkpoint-begun") \
	X(CHECKPOINT_DONE,	"checkpoint-done") \
	X(CLOSE_BEGUN,		"close-begun") \
	/* transactions; "uncommitted": all is written but the COMMIT; "committed": but nobody was answered */ \
	X(RECORDS_WRITTEN,	"records-written")	/* a batch, not yet its blob's ledger row */ \
	X(RECORDS_UNCOMMITTED,	"records-uncommitted") \
	X(RECORDS_COMMITTED,	"records-committed") \
	X(LEDGER_WRITTEN,	"ledger-written")	/* a page's rows, not yet its mark */ \
	X(WRITE_UNCOMMITTED,	"write-uncommitted")	/* ledger, marks, what is sent, gaps, drops, the reserve */ \
	X(WRITE_COMMITTED,	"write-committed") \
	X(DONE_UNCOMMITTED,	"done-uncommitted") \
	X(DONE_COMMITTED,	"done-committed") \
	X(RELEASE_WRITTEN,	"release-written")	/* nobody owes the batch any more */ \
	X(DEAD_WRITTEN,		"dead-written") \
	X(GAP_WRITTEN,		"gap-written") \
	X(DROP_WRITTEN,		"drop-written")		/* on_full: drop_oldest */ \
	X(RESERVE_GROWN,	"reserve-grown") \
	X(RESERVE_GIVEN,	"reserve-given")	/* its ballast has become free pages */ \
	X(MARKS_LAZY,		"marks-lazy")		/* of empty listings */ \
	/* delivery */ \
	X(SENT_HEARD,		"sent-heard")		/* marked as sent, and not sent yet */ \
	X(BULK_ANSWERED,	"bulk-answered")	/* what came of the records is known, and not queued */ \
	X(HEC_PARKED,		"hec-parked")		/* taken, not acknowledged */ \
	X(HEC_ACKED,		"hec-acked")		/* the indexer has it and forgets the number, and done is not queued */ \
	X(DONE_QUEUED,		"done-queued") \
	X(DONE_HEARD,		"done-heard") \
	/* files */ \
	X(SEGMENT_CUT,		"segment-cut")		/* to its recorded length, at start */ \
	X(SEGMENT_MADE,		"segment-made")		/* empty, its folder not synced */ \
	X(SEGMENT_BEGUN,	"segment-begun") \
	X(SEGMENT_WRITTEN,	"segment-written")	/* not synced */ \
	X(SEGMENT_SYNCED,	"segment-synced")	/* not recorded */ \
	X(SEGMENT_LANDED,	"segment-landed")	/* the loop knows, and the store does not */ \
	X(SEGMENT_SEALED,	"segment-sealed")	/* not recorded */ \
	/* the daemon */ \
	X(STARTED,		"started") \
	X(RELOAD_HALTED,	"reload-halted")	/* the store stands still, the old outputs are there */ \
	X(RELOAD_MADE,		"reload-made")		/* the new ones are made, the store stands */ \
	X(STOP_BEGUN,		"stop-begun") \
	X(STOP_DELIVERED,	"stop-delivered") \
	/* tests/kit/crash_points.c */ \
	X(CHECKPOINT_HALF,	"checkpoint-half")	/* half of a page is written */ \
	X(SEGMENT_HALF,		"segment-half") \
	X(SYS_WRITE,		"sys-write")		/* any pwrite */ \
	X(SYS_TORN,		"sys-torn")		/* half of any pwrite */ \
	X(SYS_SYNC,		"sys-sync")		/* before any fsync or fdatasync */

enum crash_point {
#define X(id, name) CRASH_##id,
	CRASH_POINTS(X)
#undef X
	CRASH_COUNT
};

#ifdef M365FWD_CRASH_POINTS
void	 crash_point(enum crash_point);
int	 crash_control(void);		/* the kill tests' negative control: lose what a kill meets */
#else
static inline void
crash_point(enum crash_point at)
{
	(void)at;
}
#endif

#endif
