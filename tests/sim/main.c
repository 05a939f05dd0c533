/*
 * m365sim - a simulated Microsoft 365 tenant, a simulated Elasticsearch and the oracle that compares them.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "live.h"
#include "selftest.h"
#include "sim.h"
#include "when.h"

static int
ends_with(const char *s, const char *tail)
{
	size_t	 n = strlen(s), m = strlen(tail);

	return n >= m && strcmp(s + n - m, tail) == 0;
}

static void
serve(struct request *r, void *arg)
{
	struct sim	*s = arg;

	if (strncmp(r->path, "/sim/", 5) == 0)
		control_serve(s, r);
	else if (script_answers(s, r))
		return;
	else if (strncmp(r->path, "/api/", 5) == 0)
		api_serve(s, r);
	else if (strncmp(r->path, "/v1.0/", 6) == 0)
		graph_serve(s, r, r->path + 6, 0);
	else if (strncmp(r->path, "/beta/", 6) == 0)
		graph_serve(s, r, r->path + 6, 1);
	else if (r->path[0] == '/' && r->path[1] != '\0' && ends_with(r->path + 1, "/oauth2/v2.0/token"))
		token_serve(s, r);
	else if (strncmp(r->path, "/services/", 10) == 0)
		hec_serve(s, r);
	else if (r->path[0] == '/')
		bulk_serve(s, r);
	else
		answer_text(r, 400, "text/plain", "");
}

/* A foreign host: nothing here is ours, and no token should come. */
static void
serve_trap(struct request *r, void *arg)
{
	struct sim	*s = arg;

	s->trap_requests++;
	if (header(r, "Authorization") != NULL)
		s->token_leaks++;
	r->kind = "trap";
	answer_text(r, 200, "application/json", "[]");
}

static void
count(struct request *r, int status, void *arg)
{
	struct sim	*s = arg;
	struct count	*c = NULL;
	struct line	*l;
	struct text	 t = { NULL, 0, 0 };
	size_t		 i;

	if (strcmp(r->kind, "sim") == 0)
		return;
	for (i = 0; i < s->ncounts && c == NULL; i++)
		if (strcmp(s->counts[i].kind, r->kind) == 0)
			c = &s->counts[i];
	if (c == NULL && s->ncounts < NKINDS) {
		c = &s->counts[s->ncounts++];
		c->kind = r->kind;
	}
	if (c != NULL) {
		c->requests++;
		c->ok += status >= 200 && status < 400;
		c->client_errors += status >= 400 && status < 500;
		c->server_errors += status >= 500;
	}
	s->script.hostile += strstr(r->target, "hostile") != NULL;
	l = &s->log[s->nlog++ % NLOG];
	free(l->what);
	text_addf(&t, "%s %.300s", r->method, r->target);
	*l = (struct line){ when_now(), status, r->kind, t.bytes };
}

/* Faults that happen at the moment they are set. */
static int
began(void *arg, enum fault which, double value)
{
	struct sim	*s = arg;
	int64_t		 created = s->port > 0 ? when_now() : when_now() - 4 * MINUTE_MS;
	int		 i;

	switch (which) {
	case F_EXPIRE_TOKENS:
		token_drop_all(&s->tokens);
		return 1;
	case F_BLOB_BOMB:
		blobs_bomb(&s->blobs, value, created);
		return 1;
	case F_BLOB_BAD_ELEMENT:
		blobs_bad_elements(&s->blobs, (int)value, created);
		return 1;
	case F_SUB_DISABLED:
		for (i = 0; i < NCONTENT; i++) {
			s->subs[i].was_disabled = 1;
			s->subs[i].stopped = when_now();
		}
		return 1;
	case F_BULK_ROLLOVER:
		s->sink.generation++;
		return 1;
	case F_HEC_ACK_FORGET:
	case F_HEC_ACK_RESTART:
		hec_forget_ids(s, which == F_HEC_ACK_RESTART);
		return 1;
	case F_HEC_NEW_COOKIES:
		hec_forget_ids(s, 0);
		s->sink_hec.cookie_epoch++;
		return 1;
	default:
		return 0;
	}
}

static int
set_faults(struct sim *s)
{
	struct text	 why = { NULL, 0, 0 };
	size_t		 i;

	s->faults.seed = (uint64_t)s->opt.seed;
	s->faults.began = began;
	s->faults.began_arg = s;
	for (i = 0; i < s->opt.fault.n; i++) {
		if (fault_set(&s->faults, s->opt.fault.items[i], &why) == -1) {
			fprintf(stderr, "m365sim: --fault: %s\n", why.bytes);
			text_clear(&why);
			return -1;
		}
	}
	return 0;
}

static int
listen_everywhere(struct sim *s)
{
	void	*tls;
	FILE	*f;

	s->server = (struct server){ .base = s->base, .serve = serve, .done = count, .arg = s, .max_body = 512u << 20 };
	s->trap = (struct server){ .base = s->base, .serve = serve_trap, .done = count, .arg = s, .max_body = 16u << 20 };
	if ((s->port = http_listen(&s->server, (int)s->opt.port, NULL)) == -1) {
		perror("m365sim: --port");
		return -1;
	}
	if (s->opt.tls_port >= 0) {
		if ((tls = tls_context(s->opt.tls_cert, s->opt.tls_key)) == NULL)
			return -1;
		if ((s->tls_port = http_listen(&s->server, (int)s->opt.tls_port, tls)) == -1) {
			perror("m365sim: --tls-port");
			return -1;
		}
	}
	if (s->opt.trap_port >= 0 && (s->trap_port = http_listen(&s->trap, (int)s->opt.trap_port, NULL)) == -1) {
		perror("m365sim: --trap-port");
		return -1;
	}
	if (s->opt.port_file != NULL) {
		if ((f = fopen(s->opt.port_file, "w")) == NULL || fprintf(f, "%d\n", s->port) < 0 || fclose(f) != 0) {
			perror(s->opt.port_file);
			return -1;
		}
	}
	printf("m365sim: listening on http://127.0.0.1:%d\n", s->port);
	if (s->tls_port > 0)
		printf("m365sim: listening on https://127.0.0.1:%d\n", s->tls_port);
	if (s->trap_port > 0)
		printf("m365sim: trap on http://127.0.0.1:%d\n", s->trap_port);
	fflush(stdout);
	return 0;
}

static void
leave(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	event_base_loopbreak(arg);
}

static int
run(struct sim *s)
{
	int	 i;

	for (i = 0; i < NCONTENT; i++)
		s->subs[i].enabled = s->opt.subscribed;
	s->oracle.graph = &s->graph;
	if (blobs_init(&s->blobs, &s->opt) == -1 || graph_init(&s->graph, &s->opt) == -1 || set_faults(s) == -1)
		return 1;
	if (s->opt.bulk_dump != NULL && (s->sink.dump = fopen(s->opt.bulk_dump, "a")) == NULL) {
		perror(s->opt.bulk_dump);
		return 1;
	}
	if (hec_init(s) == -1)
		return 1;
	s->rng.state = rng_mix((uint64_t)s->opt.seed, 99);
	s->base = event_base_new();
	event_add(evsignal_new(s->base, SIGTERM, leave, s->base), NULL);
	event_add(evsignal_new(s->base, SIGINT, leave, s->base), NULL);
	if (listen_everywhere(s) == -1)
		return 1;
	live_start(s);
	event_base_dispatch(s->base);
	if (s->sink.dump != NULL)
		fclose(s->sink.dump);
	if (s->sink_hec.dump != NULL)
		fclose(s->sink_hec.dump);
	if (s->sink_hec.trace != NULL)
		fclose(s->sink_hec.trace);
	return 0;
}

int
main(int argc, char **argv)
{
	static struct sim	 s;
	struct text		 t = { NULL, 0, 0 };
	int64_t			 now = 0;

	opt_defaults(&s.opt);
	if (opt_read(&s.opt, argc, argv) == -1)
		return 64;
	if (s.opt.help) {
		opt_help(stdout);
		return 0;
	}
	if (s.opt.help_faults) {
		fault_help(&t);
		fputs(t.bytes, stdout);
		text_clear(&t);
		return 0;
	}
	if (s.opt.now != NULL && when_parse(s.opt.now, &now) == -1) {
		fprintf(stderr, "m365sim: --now: not YYYY-MM-DDTHH:MM:SS\n");
		return 64;
	}
	signal(SIGPIPE, SIG_IGN);
	when_start(now, s.opt.clock_rate);
	return s.opt.selftest ? selftest(&s.opt) : run(&s);
}
