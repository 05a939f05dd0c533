/*
 * sql - every statement of the store, one table; each is prepared once, when it is first needed.
 */
#ifndef STORE_SQL_H
#define STORE_SQL_H

#define STORE_SQL(X) \
	X(Q_BEGIN,		"BEGIN IMMEDIATE") \
	X(Q_COMMIT,		"COMMIT") \
	X(Q_ROLLBACK,		"ROLLBACK") \
	/* meta and numbers */ \
	X(Q_META_GET,		"SELECT v FROM meta WHERE k = ?1") \
	X(Q_FIRST_ALL,		"SELECT k FROM meta WHERE k > 'first|' AND k < 'first}'") \
	X(Q_FIRST_COUNT,	"SELECT count(*) FROM meta WHERE k > 'first|' AND k < 'first}'") \
	X(Q_FIRST_LAST,		"SELECT k, v FROM meta WHERE k > 'first|' AND k < 'first}' ORDER BY v DESC, k LIMIT 20") \
	X(Q_META_TAKE,		"DELETE FROM meta WHERE v = ?1 AND k <> ?2") \
	X(Q_META_SET,		"INSERT INTO meta(k, v) VALUES(?1, ?2) ON CONFLICT(k) DO UPDATE SET v = excluded.v") \
	X(Q_STATE_GET,		"SELECT next_batch, seen_n FROM state WHERE id = 1") \
	X(Q_STATE_SET,		"UPDATE state SET next_batch = ?1, seen_n = ?2 WHERE id = 1") \
	X(Q_FEED_GET,		"SELECT id FROM feed WHERE tenant = ?1 AND name = ?2") \
	X(Q_FEED_ADD,		"INSERT INTO feed(tenant, tenant_name, name) VALUES(?1, ?2, ?3)") \
	X(Q_FEED_NAME,		"UPDATE feed SET tenant_name = ?2 WHERE id = ?1") \
	X(Q_FEED_ALL,		"SELECT id, tenant, tenant_name, name FROM feed ORDER BY id") \
	X(Q_OUTPUT_ALL,		"SELECT id, name, gone_at, since FROM output ORDER BY id") \
	X(Q_OUTPUT_SINCE,	"UPDATE output SET since = ?1 WHERE since = 0") \
	X(Q_OUTPUT_ADD,		"INSERT INTO output(id, name, since) VALUES(?1, ?2, ?3)") \
	X(Q_OUTPUT_BACK,	"UPDATE output SET gone_at = NULL WHERE id = ?1") \
	X(Q_OUTPUT_GONE,	"UPDATE output SET gone_at = ?2 WHERE id = ?1 AND gone_at IS NULL") \
	X(Q_OUTPUT_DROP,	"DELETE FROM output WHERE id = ?1") \
	/* marks */ \
	X(Q_MARK_GET,		"SELECT value FROM mark WHERE feed = ?1 AND kind = ?2") \
	X(Q_MARK_SET,		"INSERT INTO mark(feed, kind, value, epoch, updated_at) VALUES(?1, ?2, ?3, 0, ?4) " \
				"ON CONFLICT(feed, kind) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at") \
	/* the ledger */ \
	X(Q_BLOB_ADD,		"INSERT INTO blob(feed, content_id, uri, created, expires, state, next_at) " \
				"VALUES(?1, ?2, ?3, ?4, ?5, ?6, 0) ON CONFLICT(feed, content_id) DO NOTHING") \
	X(Q_BLOB_RENEW,		"UPDATE blob SET uri = ?3, state = 1, next_at = 0 WHERE feed = ?1 AND content_id = ?2 AND state = 4") \
	X(Q_BLOB_STORED,	"UPDATE blob SET state = 2, uri = NULL, records = ?3, bytes = ?4 WHERE feed = ?1 AND content_id = ?2") \
	X(Q_BLOB_FAILED,	"UPDATE blob SET attempts = attempts + 1, broken = broken + ?3, next_at = ?4, state = ?5, " \
				"uri = CASE WHEN ?5 = 3 THEN NULL ELSE uri END " \
				"WHERE feed = ?1 AND content_id = ?2 AND state IN (1, 4)") \
	X(Q_BLOB_AGAIN,		"UPDATE blob SET state = 4, next_at = 0 WHERE feed = ?1 AND content_id = ?2 AND state = 2") \
	X(Q_BLOB_OLDEST,	"SELECT content_id, uri, created, expires, state, attempts, broken, next_at FROM blob " \
				"INDEXED BY blob_open WHERE feed = ?1 AND state IN (1, 4) AND state = 1 AND (next_at <= ?2 OR next_at > ?3) " \
				"ORDER BY expires LIMIT ?4") \
	X(Q_BLOB_NEWEST,	"SELECT content_id, uri, created, expires, state, attempts, broken, next_at FROM blob " \
				"INDEXED BY blob_fresh WHERE feed = ?1 AND state = 1 AND (next_at <= ?2 OR next_at > ?3) " \
				"ORDER BY created DESC LIMIT ?4") \
	X(Q_BLOB_EXPIRED,	"SELECT content_id, created, state, attempts FROM blob INDEXED BY blob_open WHERE feed = ?1 AND state IN (1, 4) " \
				"AND expires <= ?2 LIMIT 256") \
	X(Q_BLOB_REFUSED,	"SELECT MIN(created) FROM blob INDEXED BY blob_refused WHERE feed = ?1 AND state = 4") \
	X(Q_BLOB_LOST,		"UPDATE blob SET state = 3, uri = NULL WHERE feed = ?1 AND content_id = ?2") \
	X(Q_BLOB_FORGET,	"DELETE FROM blob WHERE feed = ?1 AND content_id IN (SELECT content_id FROM blob " \
				"WHERE feed = ?1 AND expires < ?2 AND state IN (2, 3) LIMIT 500)") \
	X(Q_BLOB_LEFT,		"SELECT state, COUNT(*) FROM blob INDEXED BY blob_open WHERE state IN (1, 4) GROUP BY state") \
	/* remembered ids */ \
	X(Q_SEEN_ADD,		"INSERT INTO seen(t, id, day, digest) VALUES(?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING") \
	X(Q_SEEN_GET,		"SELECT digest FROM seen WHERE t = ?1 AND id = ?2") \
	X(Q_SEEN_ROW,		"SELECT hash, revision FROM seen WHERE t = ?1 AND id = ?2") \
	X(Q_SEEN_ROW_ADD,	"INSERT INTO seen(t, id, day, digest, hash, revision) VALUES(?1, ?2, ?3, ?4, ?5, 1)") \
	X(Q_SEEN_ROW_SET,	"UPDATE seen SET day = ?3, digest = ?4, hash = ?5, revision = ?6 WHERE t = ?1 AND id = ?2") \
	X(Q_SEEN_DROP,		"DELETE FROM seen WHERE t = ?1 AND id = ?2") \
	X(Q_SEEN_SLICE,		"SELECT t, id FROM seen WHERE (t, id) > (?1, ?2) AND t < ?3 ORDER BY t, id LIMIT 1 OFFSET ?4") \
	X(Q_SEEN_FORGET,	"DELETE FROM seen WHERE (t, id) > (?1, ?2) AND (t, id) <= (?3, ?4) AND day < ?5") \
	X(Q_SEEN_EVICT,		"DELETE FROM seen WHERE (t, id) IN (SELECT t, id FROM seen ORDER BY t, id LIMIT ?1)") \
	/* batches */ \
	X(Q_BATCH_ADD,		"INSERT INTO batch(id, feed, content_id, created, stored, origin, n, min_t, max_t, mask, epoch, " \
				"crc, bytes, body) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 0, ?11, ?12, ?13)") \
	X(Q_BATCH_GET,		"SELECT feed, content_id, created, stored, n, crc, bytes, origin FROM batch WHERE id = ?1") \
	X(Q_BATCH_BODY,		"SELECT body FROM batch WHERE id = ?1") \
	X(Q_BATCH_DROP,		"DELETE FROM batch WHERE id = ?1") \
	X(Q_BATCH_TOTAL,	"SELECT COUNT(*), COALESCE(SUM(bytes), 0), COALESCE(SUM(n), 0), MIN(stored) FROM batch") \
	/* what outputs owe */ \
	X(Q_OWE_ADD,		"INSERT INTO delivery(output, feed, batch, sent) VALUES(?1, ?2, ?3, 0)") \
	X(Q_OWE_OLD,		"INSERT OR IGNORE INTO delivery(output, feed, batch, sent) SELECT ?1, feed, id, 0 FROM batch WHERE feed = ?2") \
	X(Q_OWE_NEXT,		"SELECT d.batch, d.sent, d.done, b.stored FROM delivery d JOIN batch b ON b.id = d.batch " \
				"WHERE d.output = ?1 AND d.feed = ?2 AND d.batch > ?3 AND d.batch < ?4 ORDER BY d.batch LIMIT 1") \
	X(Q_OWE_LAST,		"SELECT d.batch, d.sent, d.done, b.stored FROM delivery d JOIN batch b ON b.id = d.batch " \
				"WHERE d.output = ?1 AND d.feed = ?2 AND d.batch > ?3 AND d.batch < ?4 ORDER BY d.batch DESC LIMIT 1") \
	X(Q_OWE_GET,		"SELECT done FROM delivery WHERE output = ?1 AND feed = ?2 AND batch = ?3") \
	X(Q_OWE_SENT,		"UPDATE delivery SET sent = 1 WHERE output = ?1 AND feed = ?2 AND batch = ?3") \
	X(Q_OWE_PART,		"UPDATE delivery SET done = ?4 WHERE output = ?1 AND feed = ?2 AND batch = ?3") \
	X(Q_OWE_DROP,		"DELETE FROM delivery WHERE output = ?1 AND feed = ?2 AND batch = ?3") \
	X(Q_OWE_OF_OUTPUT,	"SELECT feed, batch FROM delivery WHERE output = ?1 LIMIT ?2") \
	X(Q_OWE_OLDEST,		"SELECT feed, batch FROM delivery WHERE output = ?1 AND batch > ?2 ORDER BY batch LIMIT ?3") \
	X(Q_OWE_COUNT,		"SELECT output, COUNT(*), SUM(b.n), MIN(b.stored) FROM delivery d JOIN batch b ON b.id = d.batch GROUP BY output") \
	X(Q_OWE_LEFT,		"SELECT COUNT(*) FROM delivery WHERE output IN (SELECT id FROM output WHERE gone_at IS NULL)") \
	/* dead letters, gaps, segments, tallies */ \
	X(Q_DEAD_ADD,		"INSERT INTO dead(batch, ordinal, feed, output, record_id, reason, reply, body, created, head, content_id, " \
				"blob_created, stored, origin) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)") \
	X(Q_DEAD_IDS,		"SELECT id, COALESCE(LENGTH(body), 0) FROM dead WHERE id > ?1 AND id <= ?2 AND (?3 IS NULL OR output = ?3) " \
				"ORDER BY id LIMIT ?4") \
	X(Q_DEAD_WHOLE,		"SELECT feed, output, head, body, content_id, blob_created, stored, origin, COALESCE(LENGTH(reply), 0), created " \
				"FROM dead WHERE id = ?1") \
	X(Q_DEAD_DROP,		"DELETE FROM dead WHERE id = ?1") \
	X(Q_DEAD_NEXT,		"SELECT d.id, f.tenant_name, f.name, d.output, d.record_id, d.reason, d.created, d.reply, d.body " \
				"FROM dead d JOIN feed f ON f.id = d.feed WHERE d.id > ?1 AND (?2 IS NULL OR d.output = ?2) ORDER BY d.id") \
	X(Q_DEAD_TOTAL,		"SELECT COUNT(*), COALESCE(SUM(COALESCE(LENGTH(body), 0) + COALESCE(LENGTH(reply), 0) + 200), 0) FROM dead") \
	X(Q_DEAD_ALL,		"SELECT d.id, f.tenant_name, f.name, d.output, d.record_id, d.reason, d.created FROM dead d " \
				"JOIN feed f ON f.id = d.feed WHERE d.id > ?1 AND (?2 IS NULL OR d.output = ?2) ORDER BY d.id") \
	X(Q_DEAD_LAST,		"SELECT COALESCE(MAX(id), 0) FROM dead") \
	X(Q_DEAD_ONE,		"SELECT d.id, f.tenant_name, f.name, d.output, d.record_id, d.reason, d.created, d.reply, d.body " \
				"FROM dead d JOIN feed f ON f.id = d.feed WHERE d.id = ?1") \
	X(Q_DEAD_COUNT,		"SELECT output, COUNT(*) FROM dead GROUP BY output") \
	X(Q_GAP_ADD,		"INSERT OR IGNORE INTO gap(feed, output, from_t, to_t, reason, detail, created) " \
				"VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)") \
	X(Q_GAP_ALL,		"SELECT f.tenant_name, f.name, g.output, g.from_t, g.to_t, g.reason, g.detail FROM gap g " \
				"JOIN feed f ON f.id = g.feed ORDER BY g.id") \
	X(Q_GAP_COUNT,		"SELECT COUNT(*) FROM gap") \
	X(Q_SEGMENT_SET,	"INSERT INTO segment(output, feed, day, seq, length, opened, sealed) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7) " \
				"ON CONFLICT(output, feed, day, seq) DO UPDATE SET length = excluded.length, sealed = excluded.sealed") \
	X(Q_SEGMENT_SEAL,	"UPDATE segment SET sealed = 1 WHERE output = ?1 AND feed = ?2 AND sealed = 0") \
	X(Q_SEGMENT_OPEN,	"SELECT feed, day, seq, length, opened FROM segment WHERE output = ?1 AND sealed = 0") \
	X(Q_SEGMENT_LAST,	"SELECT MAX(seq) FROM segment WHERE output = ?1 AND feed = ?2 AND day = ?3") \
	X(Q_TALLY_GET,		"SELECT n, x, s FROM tally WHERE feed = ?1 AND hour = ?2 AND who = ?3") \
	X(Q_TALLY_SET,		"INSERT INTO tally(feed, hour, who, n, x, s) VALUES(?1, ?2, ?3, ?4, ?5, ?6) " \
				"ON CONFLICT(feed, hour, who) DO UPDATE SET n = excluded.n, x = excluded.x, s = excluded.s") \
	X(Q_TALLY_ALL,		"SELECT f.tenant_name, f.name, t.hour, t.who, t.n, t.x, t.s FROM tally t JOIN feed f ON f.id = t.feed " \
				"ORDER BY t.feed, t.hour, t.who") \
	X(Q_TALLY_SUM,		"SELECT who, SUM(n) FROM tally GROUP BY who ORDER BY who") \
	X(Q_LEDGER_SUM,		"SELECT feed, state, COUNT(*), COALESCE(SUM(records), 0), COALESCE(SUM(bytes), 0), MIN(expires) " \
				"FROM blob GROUP BY feed, state") \
	X(Q_MARK_ALL,		"SELECT kind, value FROM mark WHERE feed = ?1 ORDER BY kind")

enum sql {
#define X(id, text) id,
	STORE_SQL(X)
#undef X
	Q_COUNT
};

#endif
