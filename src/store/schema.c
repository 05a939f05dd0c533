/*
 * schema - the tables. What is in them, and why they are keyed as they are, is design.md section 6.
 */
#include <stdio.h>

#include "base/crash_point.h"
#include "store/store_in.h"

static const char *const tables[] = {
	"CREATE TABLE meta(k TEXT PRIMARY KEY, v TEXT) WITHOUT ROWID",
	/* One row, so that a put touches one page for both numbers. */
	"CREATE TABLE state(id INTEGER PRIMARY KEY, next_batch INTEGER NOT NULL, seen_n INTEGER NOT NULL)",
	"INSERT INTO state(id, next_batch, seen_n) VALUES(1, 1, 0)",
	"CREATE TABLE feed(id INTEGER PRIMARY KEY, tenant TEXT NOT NULL, tenant_name TEXT NOT NULL, name TEXT NOT NULL, "
	    "UNIQUE(tenant, name))",
	"CREATE TABLE output(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, since INTEGER NOT NULL, gone_at INTEGER)",
	/* A mark is text of the source's own; epoch is 0 on one node. */
	"CREATE TABLE mark(feed INTEGER, kind TEXT, value TEXT NOT NULL, epoch INTEGER NOT NULL, updated_at INTEGER, "
	    "PRIMARY KEY(feed, kind)) WITHOUT ROWID",
	/* The ledger: one row a blob. state: 1 listed, 2 stored, 3 lost, 4 refused. */
	"CREATE TABLE blob(feed INTEGER, content_id TEXT, uri TEXT, created INTEGER NOT NULL, expires INTEGER NOT NULL, "
	    "state INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, broken INTEGER NOT NULL DEFAULT 0, "
	    "next_at INTEGER NOT NULL DEFAULT 0, records INTEGER, bytes INTEGER, PRIMARY KEY(feed, content_id)) WITHOUT ROWID",
	/* What is not settled: expiry and run --once ask for it all the time, and the settled are a thousand times as many. */
	"CREATE INDEX blob_open ON blob(feed, expires, state) WHERE state IN (1, 4)",
	"CREATE INDEX blob_refused ON blob(feed, created) WHERE state = 4",
	"CREATE INDEX blob_fresh ON blob(feed, created) WHERE state = 1",
	"CREATE INDEX blob_old ON blob(feed, expires)",
	/* Remembered ids: keyed by event second first, since a record that comes twice has the same one, and so that inserts go
	 * to the same few pages. digest tells a repeat from a change; hash and revision are for rows that change. */
	"CREATE TABLE seen(t INTEGER, id BLOB, day INTEGER NOT NULL, digest INTEGER, hash BLOB, revision INTEGER, "
	    "PRIMARY KEY(t, id)) WITHOUT ROWID",
	"CREATE TABLE batch(id INTEGER PRIMARY KEY, feed INTEGER NOT NULL, content_id TEXT NOT NULL, created INTEGER NOT NULL, "
	    "stored INTEGER NOT NULL, origin TEXT NOT NULL, n INTEGER NOT NULL, min_t INTEGER, max_t INTEGER, mask INTEGER NOT NULL, "
	    "epoch INTEGER NOT NULL, crc INTEGER NOT NULL, bytes INTEGER NOT NULL, body BLOB NOT NULL)",
	/* One row per output that wants the batch, from put on. done: NULL, then a bitmap; the row goes when all is done. */
	"CREATE TABLE delivery(output INTEGER, feed INTEGER, batch INTEGER, sent INTEGER NOT NULL, done BLOB, "
	    "PRIMARY KEY(output, feed, batch)) WITHOUT ROWID",
	"CREATE TABLE segment(output INTEGER, feed INTEGER, day TEXT, seq INTEGER, length INTEGER NOT NULL, opened INTEGER NOT NULL, "
	    "sealed INTEGER NOT NULL, PRIMARY KEY(output, feed, day, seq)) WITHOUT ROWID",
	"CREATE INDEX segment_open ON segment(output) WHERE sealed = 0",
	/* Count, XOR and sum mod 2^128 of ids. */
	"CREATE TABLE tally(feed INTEGER, hour INTEGER, who TEXT, n INTEGER NOT NULL, x BLOB NOT NULL, s BLOB NOT NULL, "
	    "PRIMARY KEY(feed, hour, who)) WITHOUT ROWID",
	"CREATE TABLE dead(id INTEGER PRIMARY KEY AUTOINCREMENT, batch INTEGER, ordinal INTEGER, feed INTEGER NOT NULL, "
	    "output TEXT NOT NULL, record_id TEXT, reason TEXT NOT NULL, reply TEXT, body BLOB, created INTEGER NOT NULL, "
	    /* what a batch of its own needs, when it is tried again; head: base/record.h, NULL: it never was a record */
	    "head BLOB, content_id TEXT, blob_created INTEGER, stored INTEGER, origin TEXT)",
	"CREATE TABLE gap(id INTEGER PRIMARY KEY AUTOINCREMENT, feed INTEGER NOT NULL, output TEXT NOT NULL, from_t INTEGER NOT NULL, "
	    "to_t INTEGER NOT NULL, reason TEXT NOT NULL, detail TEXT NOT NULL, created INTEGER NOT NULL, reported INTEGER, "
	    "UNIQUE(feed, output, from_t, to_t, reason, detail))",
};

/* From the version before to this one. */
static const struct {
	int		 to;
	const char	*sql;
} upgrades[] = {
	{ 2, "ALTER TABLE dead ADD COLUMN head BLOB" },
	{ 2, "ALTER TABLE dead ADD COLUMN content_id TEXT" },
	{ 2, "ALTER TABLE dead ADD COLUMN blob_created INTEGER" },
	{ 2, "ALTER TABLE dead ADD COLUMN stored INTEGER" },
	{ 2, "ALTER TABLE dead ADD COLUMN origin TEXT" },
};

static int
pragma(struct store *s, const char *name, int value, struct err *e)
{
	char	 sql[80];

	snprintf(sql, sizeof(sql), "PRAGMA %s=%d", name, value);
	if (sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK)
		return 0;
	err_set(e, ERR_IO, "%s: %s", s->path, sqlite3_errmsg(s->db));
	return -1;
}

/* In a transaction of the caller's: all of it or nothing. */
int
schema_make(struct store *s, struct err *e)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		if (sqlite3_exec(s->db, tables[i], NULL, NULL, NULL) != SQLITE_OK) {
			err_set(e, ERR_IO, "%s: %s", s->path, sqlite3_errmsg(s->db));
			return -1;
		}
		if (i == sizeof(tables) / sizeof(tables[0]) / 2)
			crash_point(CRASH_SCHEMA_HALF);
	}
	crash_point(CRASH_SCHEMA_MADE);
	return pragma(s, "application_id", STORE_APPLICATION, e) == 0 && pragma(s, "user_version", STORE_SCHEMA, e) == 0 ? 0 : -1;
}

/* As schema_make. */
int
schema_upgrade(struct store *s, int from, struct err *e)
{
	for (size_t i = 0; i < sizeof(upgrades) / sizeof(upgrades[0]); i++) {
		if (upgrades[i].to <= from || sqlite3_exec(s->db, upgrades[i].sql, NULL, NULL, NULL) == SQLITE_OK)
			continue;
		err_set(e, ERR_IO, "%s: cannot be brought to schema %d: %s", s->path, upgrades[i].to, sqlite3_errmsg(s->db));
		return -1;
	}
	return pragma(s, "user_version", STORE_SCHEMA, e);
}
