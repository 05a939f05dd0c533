/*
 * fetch - one blob: sound, or wrong in one of many ways.
 *
 * Ordinary blobs are made whole and sent with their length; big ones are streamed, and nothing of them is made before
 * the client has read what went before.
 */
#include <stdlib.h>

#include "gz.h"
#include "sim.h"
#include "source.h"
#include "when.h"

#define JSON_TYPE "application/json; charset=utf-8"
#define WHOLE	  2000		/* records; more are streamed */

enum cut { NO_CUT, SHORT_LENGTH, CHUNK_ABORT, CLOSE_CUT, GZIP_CUT, GZIP_CRC, GZIP_TAIL, GZIP_EMPTY, RESET_CUT };

static enum cut
draw_cut(struct sim *s)
{
	static const struct { enum fault fault; enum cut cut; } table[] = {
		{ F_BLOB_RESET, RESET_CUT }, { F_BLOB_SHORT, SHORT_LENGTH }, { F_BLOB_CHUNK, CHUNK_ABORT },
		{ F_BLOB_CLOSE, CLOSE_CUT }, { F_BLOB_GZIP_CUT, GZIP_CUT }, { F_BLOB_GZIP_CRC, GZIP_CRC },
		{ F_BLOB_GZIP_TAIL, GZIP_TAIL }, { F_BLOB_GZIP_EMPTY, GZIP_EMPTY },
	};
	size_t	 i;

	if (fault_hit(&s->faults, F_BLOB_TRUNCATE))
		return (enum cut)(SHORT_LENGTH + rng_below(&s->rng, 6));
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (fault_hit(&s->faults, table[i].fault))
			return table[i].cut;
	return NO_CUT;
}

/* Without gzip its faults become a body that ends early and says it did not. */
static void
send_cut(struct request *r, struct text *body, int gzip, enum cut cut)
{
	struct text	 raw = { NULL, 0, 0 };
	size_t		 half = body->len / 2;

	if (cut == GZIP_EMPTY && !gzip)
		LIT(&r->extra, "Content-Encoding: gzip\r\n");
	answer_head(r, &raw, 200, JSON_TYPE);
	switch (cut) {
	case RESET_CUT:
	case SHORT_LENGTH:
		text_addf(&raw, "Content-Length: %zu\r\n\r\n", body->len);
		text_add(&raw, body->bytes, half);
		answer_raw(r, 200, raw.bytes, raw.len, cut == RESET_CUT ? RESET : CLOSE);
		break;
	case CHUNK_ABORT:
		text_addf(&raw, "Transfer-Encoding: chunked\r\n\r\n%zx\r\n", half);
		text_add(&raw, body->bytes, half);
		LIT(&raw, "\r\n");
		answer_raw(r, 200, raw.bytes, raw.len, CLOSE);
		break;
	case CLOSE_CUT:
		LIT(&raw, "\r\n");
		text_add(&raw, body->bytes, half);
		answer_raw(r, 200, raw.bytes, raw.len, CLOSE);
		break;
	case GZIP_CRC:
		if (gzip)
			body->bytes[body->len - 6] ^= 0x55;
		else
			body->len = half;
		answer(r, 200, JSON_TYPE, body->bytes, body->len);
		break;
	case GZIP_TAIL:
		if (gzip)
			LIT(body, "and garbage behind it");
		else
			LIT(body, "]");
		answer(r, 200, JSON_TYPE, body->bytes, body->len);
		break;
	case GZIP_EMPTY:
		answer(r, 200, JSON_TYPE, "", 0);
		break;
	default:
		answer(r, 200, JSON_TYPE, body->bytes, half);
		break;
	}
	text_clear(&raw);
}

static void
send_whole(struct sim *s, struct request *r, struct blob *b, int gzip, int broken, enum cut cut)
{
	struct text	 body = { NULL, 0, 0 }, packed = { NULL, 0, 0 };
	struct source	 src;
	struct gz	 g;

	source_open(&src, &s->blobs, b, broken);
	source_read(&src, &body, SIZE_MAX / 2);
	s->blob_bytes += body.len;
	if (gzip) {
		gz_open(&g, 1);
		gz_add(&g, body.bytes, body.len, 1, &packed);
		gz_close(&g);
		text_clear(&body);
		body = packed;
		LIT(&r->extra, "Content-Encoding: gzip\r\n");
	}
	if (cut != NO_CUT) {
		send_cut(r, &body, gzip, cut);
	} else {
		if (!broken) {
			b->served++;
			s->blobs_sound++;
		}
		answer(r, 200, JSON_TYPE, body.bytes, body.len);
	}
	text_clear(&body);
}

/* --- streaming --- */

struct flow {
	struct sim	*sim;
	struct blob	*blob;
	struct source	 src;
	struct gz	 gz;
	int		 gzip, broken;
	enum cut	 cut;
	uint64_t	 sent;
	struct text	 piece;
};

static int
flow_fill(void *arg, struct text *out)
{
	struct flow	*f = arg;
	int		 more = 1, rounds;

	if (f->cut != NO_CUT && f->sent > (1u << 20))
		return -1;
	for (rounds = 0; more && out->len < 65536 && rounds < 32; rounds++) {
		text_reset(&f->piece);
		more = source_read(&f->src, f->gzip ? &f->piece : out, 1 << 18);
		f->sim->blob_bytes += f->gzip ? f->piece.len : out->len;
		if (f->gzip)
			gz_add(&f->gz, f->piece.bytes, f->piece.len, !more, out);
	}
	f->sent += out->len;
	if (!more && f->cut != NO_CUT)
		return -1;
	if (!more && !f->broken) {
		f->blob->served++;
		f->sim->blobs_sound++;
	}
	return more;
}

static void
flow_free(void *arg)
{
	struct flow	*f = arg;

	if (f->gzip)
		gz_close(&f->gz);
	text_clear(&f->piece);
	free(f);
}

static void
send_stream(struct sim *s, struct request *r, struct blob *b, int gzip, int broken, enum cut cut)
{
	struct flow	*f = sim_alloc(1, sizeof(*f));
	struct stream	 stream = { flow_fill, flow_free, f };

	f->sim = s;
	f->blob = b;
	f->gzip = gzip;
	f->broken = broken;
	f->cut = cut;
	source_open(&f->src, &s->blobs, b, broken);
	if (gzip) {
		gz_open(&f->gz, 1);
		LIT(&r->extra, "Content-Encoding: gzip\r\n");
	}
	answer_stream(r, 200, JSON_TYPE, &stream);
}

/* 1: answered. */
static int
refused(struct sim *s, struct request *r, struct blob *b, const char *id)
{
	if (b->expires <= when_now() || fault_blob(&s->faults, F_BLOB_EXPIRED, b->number)) {
		b->told_lost = 1;
		api_error(r, 400, "AF20051", "Content requested with the key %s has already expired. Content older than 7 days "
		    "cannot be retrieved.", id);
	} else if (fault_blob(&s->faults, F_BLOB_MISSING, b->number)) {
		api_error(r, 404, "AF20050", "The specified content (%s) does not exist.", id);
	} else if (fault_blob(&s->faults, F_BLOB_500_FOREVER, b->number) || fault_hit(&s->faults, F_BLOB_500)) {
		api_error_odd(r, 500, "AF50000", "An internal error occurred. Retry the request.");
	} else if (fault_hit(&s->faults, F_BLOB_HTML_200)) {
		html_page(r, 200, "Sign in to the guest network");
	} else if (fault_hit(&s->faults, F_BLOB_NOT_ARRAY)) {
		answer_text(r, 200, JSON_TYPE, "{\"value\":[{\"Id\":\"5f1c0c1a-1111-4222-8333-08dd12345678\"}]}");
	} else if (fault_hit(&s->faults, F_BLOB_ERROR_200)) {
		api_error(r, 200, "AF50000", "An internal error occurred. Retry the request.");
	} else {
		return 0;
	}
	return 1;
}

void
fetch_serve(struct sim *s, struct request *r, const char *id)
{
	struct blob	*b = NULL;
	const char	*accept = header(r, "Accept-Encoding");
	int		 gzip, broken, rc = blob_find(&s->blobs, id, &b);
	enum cut	 cut;

	r->kind = "blob";
	s->blob_fetches++;
	if (strcmp(r->method, "GET") != 0) {
		answer_text(r, 405, NULL, "");
		return;
	}
	if (rc == -1) {
		api_error(r, 400, "AF20052", "The specified content ID (%s) is not valid.", id);
		return;
	}
	if (rc == -2) {
		api_error(r, 404, "AF20050", "The specified content (%s) does not exist.", id);
		return;
	}
	b->fetches++;
	if (refused(s, r, b, id))
		return;
	gzip = accept != NULL && strstr(accept, "gzip") != NULL && strcmp(s->opt.blob_gzip, "on") == 0;
	broken = fault_blob(&s->faults, F_BLOB_BROKEN, b->number);
	cut = draw_cut(s);
	if (b->records <= WHOLE && (b->kind == BLOB_SLOTS || b->kind == BLOB_ELEMENTS))
		send_whole(s, r, b, gzip, broken, cut);
	else
		send_stream(s, r, b, gzip, broken, cut);
}
