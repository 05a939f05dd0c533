/*
 * fuzz_listing - any bytes as a listing of the Management API: a page that is refused leaves nothing, every entry of one that is
 * taken becomes a blob or a gap, and a blob may only be fetched from our host, below our tenant's path.
 *
 * Input: the body. mgmt_gap is counted here in place of collect/activity's.
 */
#include <string.h>
#include <strings.h>

#include "base/counters.h"
#include "base/json.h"
#include "collect/mgmt.h"
#include "kit.h"

#define GUID	"11111111-2222-3333-4444-555555555555"

static char	 prefix_v1[] = "/api/v1.0/" GUID "/activity/feed/", prefix_old[] = "/api/v1/" GUID "/activity/feed/";
static size_t	 n_gaps;

void
mgmt_gap(struct feed *f, int64_t from_ms, int64_t to_ms, const char *reason, const char *detail)
{
	(void)f;
	(void)from_ms;
	(void)to_ms;
	MUST(reason != NULL && detail != NULL);
	n_gaps++;
}

static void
check_row(const struct blob_row *row)
{
	static const char	 host[] = "https://manage.example";
	const char		*at;

	MUST(row->content_id[0] != '\0' && strlen(row->content_id) <= 1024 && row->feed == 3);
	MUST(row->state == BLOB_LISTED || row->state == BLOB_REFUSED);
	if (row->state == BLOB_REFUSED) {
		MUST(row->uri[0] == '\0');
		return;
	}
	MUST(strncasecmp(row->uri, host, strlen(host)) == 0);
	at = row->uri + strlen(host);
	at += strncmp(at, ":443", 4) == 0 ? 4 : 0;
	MUST(strncasecmp(at, prefix_v1, strlen(prefix_v1)) == 0 || strncasecmp(at, prefix_old, strlen(prefix_old)) == 0);
	MUST(strlen(row->uri) < URL_MAX && !fuzz_has_controls(row->uri, strlen(row->uri)));
}

/* How many entries an array of JSON has, by the other reader; -1: it is none. */
static long
entries(const char *p, size_t len)
{
	struct json	 j = { 0 };
	long		 n = -1;

	if (json_index(&j, p, len, 0, 1) == JSON_OK && j.nodes[0].kind == JSON_ARRAY)
		n = (long)j.nodes[0].count;
	json_clear(&j);
	return n;
}

static void
check_af(const char *p, size_t len)
{
	static const int	 statuses[] = { 0, 200, 403, 500 };
	struct af		 af;

	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		af_judge(statuses[i], p, len, &af);
		MUST(af_class_name(af.class) != NULL && af.code[0] != '\0');
		MUST(!fuzz_has_controls(af.code, strlen(af.code)) && !fuzz_has_controls(af.message, strlen(af.message)));
		MUST(af.class != AF_FINE || statuses[i] == 200 || strcmp(af.code, "AF20024") == 0);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct mgmt	 m = { .tenant = "contoso", .guid = GUID, .prefix = { prefix_v1, prefix_old, NULL } };
	struct feed	 f = { .m = &m, .name = "audit.general", .label = "contoso/audit.general", .number = 3 };
	const char	*p = (const char *)data;
	struct err	 e = { 0 };
	char		 why[400] = "";
	long		 n;

	MUST(url_origin("https://manage.example", &m.origin, NULL, 0, &e) == 0);
	f.window.from_ms = (int64_t)1795420800 * 1000;
	f.window.to_ms = f.window.from_ms + 3600000;
	n_gaps = 0;
	if (page_read(&f, p, len, why, sizeof(why)) == -1) {
		MUST(f.rows == NULL && f.n_rows == 0 && n_gaps == 0 && why[0] != '\0');
	} else {
		for (size_t i = 0; i < f.n_rows; i++) {
			check_row(&f.rows[i]);
			blob_row_clear(&f.rows[i]);
		}
		if ((n = entries(p, len)) >= 0)
			MUST((size_t)n == f.n_rows + n_gaps);
	}
	free(f.rows);
	check_af(p, len);
	counters_clear();
	return 0;
}
