/*
 * m365fwd setup OUTPUT - installs in a cluster what makes our fields searchable: templates, lifecycle policy, pipeline.
 *
 * What somebody changed by hand is not replaced, nor what Elastic's own integration brought, unless --force says so.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/xalloc.h"
#include "cmd/cluster.h"
#include "cmd/cmd.h"
#include "norm/types.h"

struct setup {
	const struct cmd_args	*args;
	const struct conf_output *o;
	struct cluster		*c;
	enum index_flavor	 flavor;
	int			 lifecycle;	/* the policy is there */
	int			 rc;		/* the worst so far */
	unsigned		 put, kept;
};

static void
failed(struct setup *s, int rc, const char *path, const char *why)
{
	fprintf(stderr, "m365fwd: %s: %s: ", s->o->name, path);
	cmd_print_safe(stderr, why);		/* the cluster's own words, perhaps */
	fputc('\n', stderr);
	s->rc = s->rc != 0 && s->rc != ERR_PERMISSION ? s->rc : rc;
}

/* The HTTP status; -1: said why. */
static int
look(struct setup *s, const char *path, struct buf *reply)
{
	struct err	 e = { 0 };
	int		 status = cluster_ask(s->c, "GET", path, NULL, reply, &e);

	if (status == -1)
		failed(s, ERR_UNAVAILABLE, path, e.text);
	return status;
}

/* 0: it is there now (or would be); else the status that refused it, and why. */
static int
put(struct setup *s, const char *path, const struct buf *body, struct buf *why)
{
	struct buf	 reply = { 0 };
	struct err	 e = { 0 };
	int		 status;

	if (s->args->dry_run) {
		printf("PUT %s\n%s\n\n", path, buf_str(body));
		s->put++;
		return 0;
	}
	if ((status = cluster_ask(s->c, "PUT", path, body, &reply, &e)) == -1)
		buf_adds(why, e.text);
	else if (status / 100 != 2)
		cluster_reason(&reply, why);
	buf_clear(&reply);
	if (status / 100 == 2) {
		fprintf(stderr, "%s: installed %s\n", s->o->name, path + 1);
		s->put++;
		return 0;
	}
	return status;
}

static void
put_or_say(struct setup *s, const char *path, const struct buf *body)
{
	struct buf	 why = { 0 };
	char		 text[700];
	int		 status = put(s, path, body, &why);

	if (status != 0) {
		snprintf(text, sizeof(text), "HTTP %d: %s; the cluster refuses it%s", status, buf_str(&why),
		    status == 401 || status == 403 ? ", the credentials of this output lack manage_index_templates, manage_ilm and "
		    "manage_ingest_pipelines; install it with others, as --dry-run prints it" : "");
		failed(s, status == 401 || status == 403 ? ERR_PERMISSION : ERR_UNAVAILABLE, path, text);
	}
	buf_clear(&why);
}

/* ---- what is there already --------------------------------------------------------------------------------------------- */

enum there { NOT_THERE, OLDER, SAME, NEWER, CHANGED, UNKNOWN };

/* A component template of ours in the cluster's answer: its version, and whether its mappings are still those that were sent. */
static enum there
compare(const struct buf *reply)
{
	struct json	 j = { 0 };
	struct buf	 text = { 0 };
	uint32_t	 list, item, node;
	long		 version = 0;
	enum there	 there = UNKNOWN;

	if (json_index(&j, buf_str(reply), reply->len, 0, JSON_DEPTH) != JSON_OK || (list = json_get(&j, 0, "component_templates")) == JSON_NONE ||
	    (item = json_first(&j, list)) == JSON_NONE)
		goto out;
	if ((node = json_path(&j, item, "component_template.version")) != JSON_NONE) {
		json_text(&j, node, &text);
		version = strtol(buf_str(&text), NULL, 10);
	}
	there = version < TEMPLATE_VERSION ? OLDER : version > TEMPLATE_VERSION ? NEWER : SAME;
	buf_reset(&text);
	if ((node = json_path(&j, item, "component_template._meta.mappings_digest")) != JSON_NONE)
		json_text(&j, node, &text);
	if ((node = json_path(&j, item, "component_template.template.mappings")) == JSON_NONE ||
	    template_digest(j.bytes + j.nodes[node].start, j.nodes[node].end - j.nodes[node].start) != strtoul(buf_str(&text), NULL, 16))
		there = CHANGED;
out:
	json_clear(&j);
	buf_clear(&text);
	return there;
}

/* Fleet installs templates of these very names with the integration. */
static int
is_fleets(struct setup *s, const char *dataset)
{
	struct buf	 reply = { 0 };
	char		 path[300];
	int		 status, fleet;

	snprintf(path, sizeof(path), "/_index_template/logs-%s", dataset);
	status = look(s, path, &reply);
	fleet = status == 200 && (strstr(buf_str(&reply), "\"fleet\"") != NULL || strstr(buf_str(&reply), "\"package\"") != NULL);
	buf_clear(&reply);
	if (fleet && !s->args->force)
		failed(s, ERR_CONFIG, path, "Elastic's integration is installed for this data set, and its pipeline would map our "
		    "events a second time; use schema: ecs-raw, or remove the integration (--force installs ours over it)");
	return fleet && !s->args->force;
}

/* ---- the parts --------------------------------------------------------------------------------------------------------- */

static void
setup_lifecycle(struct setup *s)
{
	const char	*path = s->flavor == FLAVOR_ELASTIC ? "/_ilm/policy/m365fwd" : "/_plugins/_ism/policies/m365fwd";
	struct buf	 body = { 0 }, reply = { 0 };
	int		 status;

	if (cluster_is(s->c)->kind == ES_SERVERLESS)
		return;			/* it has its own */
	status = look(s, path, &reply);
	if (status == 200) {		/* how long to keep is the operator's: never replaced */
		s->lifecycle = 1;
		s->kept++;
	} else if (status == 404 && strstr(buf_str(&reply), "no handler") == NULL) {
		template_lifecycle(s->flavor, &body);
		put_or_say(s, path, &body);
		s->lifecycle = s->rc == 0;
	} else if (status != -1) {
		fprintf(stderr, "%s: no lifecycle policy: this cluster has no %s; indices grow until somebody rolls them over\n", s->o->name,
		    s->flavor == FLAVOR_ELASTIC ? "ILM" : "ISM plugin");
	}
	buf_clear(&body);
	buf_clear(&reply);
}

static void
setup_fields(struct setup *s, const char *component, const char *dataset, const char *index, const char *pattern, int stream)
{
	char		 path[400];
	struct buf	 body = { 0 }, reply = { 0 };
	enum there	 there = NOT_THERE;
	int		 status;

	snprintf(path, sizeof(path), "/_component_template/%s", component);
	status = look(s, path, &reply);
	if (status == -1)
		goto out;
	if (status == 200)
		there = compare(&reply);
	if (there == CHANGED && !s->args->force) {
		failed(s, ERR_CONFIG, path, "was changed by hand, and is left as it is; put what is yours into a component template of the "
		    "same name with @custom behind it, then --force replaces this one");
		goto out;
	}
	if (there == NEWER && !s->args->force) {
		failed(s, ERR_CONFIG, path, "is from a newer m365fwd, and is left as it is (--force replaces it)");
		goto out;
	}
	if (there == SAME) {
		s->kept++;
	} else {
		template_fields(s->flavor, dataset, &body);
		put_or_say(s, path, &body);
	}
	buf_reset(&body);
	snprintf(path, sizeof(path), "/_index_template/%s", index);
	template_index(s->flavor, component, pattern, stream, s->lifecycle, &body);
	put_or_say(s, path, &body);
out:
	buf_clear(&body);
	buf_clear(&reply);
}

/* Optional: outputs use it with pipeline: m365fwd-enrich. A cluster without a processor gets it without that one. */
static void
setup_pipeline(struct setup *s)
{
	static const char	*path = "/_ingest/pipeline/m365fwd-enrich";
	struct buf		 body = { 0 }, why = { 0 };
	int			 geo = 1, agent = 1, status = -1;

	for (int i = 0; i < 3; i++) {
		buf_reset(&body);
		buf_reset(&why);
		template_pipeline(s->flavor, geo, agent, &body);
		if ((status = put(s, path, &body, &why)) != 400)
			break;
		if (geo && strstr(buf_str(&why), "geoip") != NULL) {
			geo = 0;
			fprintf(stderr, "%s: this cluster has no geoip processor: source.geo and source.as stay empty\n", s->o->name);
		} else if (agent && strstr(buf_str(&why), "user_agent") != NULL) {
			agent = 0;
			fprintf(stderr, "%s: this cluster has no user_agent processor: user_agent.name stays empty\n", s->o->name);
		} else {
			break;
		}
	}
	if (status == 400 && strstr(buf_str(&why), "No processor type exists") != NULL) {
		fprintf(stderr, "%s: no pipeline, it is optional: ", s->o->name);
		cmd_print_safe(stderr, buf_str(&why));
		fputc('\n', stderr);
	} else if (status != 0)
		failed(s, status == 401 || status == 403 ? ERR_PERMISSION : ERR_UNAVAILABLE, path, buf_str(&why));
	else if (s->o->pipeline == NULL && (geo || agent))
		fprintf(stderr, "%s: with pipeline: m365fwd-enrich in its configuration source.geo, source.as and user_agent.* are filled, "
		    "which some rules ask for\n", s->o->name);
	buf_clear(&body);
	buf_clear(&why);
}

static void
setup_all(struct setup *s)
{
	char	 component[200], pattern[200];

	setup_lifecycle(s);
	if (s->o->index != NULL) {
		snprintf(component, sizeof(component), "m365fwd-all");
		setup_fields(s, component, NULL, "m365fwd-all", s->o->index, 0);
	}
	for (size_t i = 0; s->o->index == NULL && types_dataset(i) != NULL; i++) {
		if (is_fleets(s, types_dataset(i)))
			continue;
		snprintf(component, sizeof(component), "m365fwd-%s", types_dataset(i));
		snprintf(pattern, sizeof(pattern), "logs-%s-*", types_dataset(i));
		setup_fields(s, component, types_dataset(i), component, pattern, 1);
	}
	setup_pipeline(s);
}

/* ---- the command ------------------------------------------------------------------------------------------------------- */

static const struct conf_output *
find(const struct conf *c, const char *name, struct err *e)
{
	struct buf			 names = { 0 };
	const struct conf_output	*o = NULL;

	for (size_t i = 0; i < c->n_outputs; i++) {
		buf_addf(&names, "%s%s", i > 0 ? ", " : "", c->outputs[i].name);
		if (strcmp(c->outputs[i].name, name) == 0)
			o = &c->outputs[i];
	}
	if (o == NULL)
		err_set(e, ERR_USAGE, "there is no output %s; the configuration has %s", name, buf_str(&names));
	else if (o->type != CONF_BULK)
		err_set(e, ERR_USAGE, "output %s is no bulk output: there is nothing to set up", name);
	else if (o->schema != CONF_ECS)
		err_set(e, ERR_USAGE, "output %s has another schema than ecs: Elastic's integration brings the templates for ecs-raw", name);
	buf_clear(&names);
	return e->kind == ERR_NONE ? o : NULL;
}

int
cmd_setup(const struct cmd_args *args)
{
	struct buf	 errors = { 0 };
	struct err	 e = { 0 };
	struct conf	*c = conf_load(args->config, &errors, &e);
	struct setup	 s = { .args = args };

	fwrite(buf_str(&errors), 1, errors.len, stderr);
	buf_clear(&errors);
	if (c == NULL)
		return cmd_fail(&e);
	if ((s.o = find(c, args->output, &e)) == NULL || (s.c = cluster_open(s.o, &e)) == NULL) {
		conf_free(c);
		return cmd_fail(&e);
	}
	s.flavor = cluster_is(s.c)->kind == ES_OPENSEARCH ? FLAVOR_OPENSEARCH : FLAVOR_ELASTIC;
	fprintf(stderr, "%s: %s\n", s.o->name, cluster_is(s.c)->shown);
	setup_all(&s);
	if (s.rc == 0)
		fprintf(stderr, "%s: %s %u, %u %s there already; indices that exist take new fields at their next rollover\n", s.o->name,
		    args->dry_run ? "would install" : "installed", s.put, s.kept, s.kept == 1 ? "was" : "were");
	cluster_close(s.c);
	conf_free(c);
	return s.rc;
}

/* For the build: contrib/elastic and contrib/opensearch are made of this. "PUT PATH", the body on a line, an empty line. */
int
cmd_templates(const struct cmd_args *args)
{
	enum index_flavor	 flavor = strcmp(args->output, "opensearch") == 0 ? FLAVOR_OPENSEARCH : FLAVOR_ELASTIC;
	struct buf		 b = { 0 };
	char			 component[200], pattern[200];

	template_lifecycle(flavor, &b);
	printf("PUT %s\n%s\n\n", flavor == FLAVOR_ELASTIC ? "/_ilm/policy/m365fwd" : "/_plugins/_ism/policies/m365fwd", buf_str(&b));
	for (size_t i = 0; types_dataset(i) != NULL; i++) {
		snprintf(component, sizeof(component), "m365fwd-%s", types_dataset(i));
		snprintf(pattern, sizeof(pattern), "logs-%s-*", types_dataset(i));
		buf_reset(&b);
		template_fields(flavor, types_dataset(i), &b);
		printf("PUT /_component_template/%s\n%s\n\n", component, buf_str(&b));
		buf_reset(&b);
		template_index(flavor, component, pattern, 1, 1, &b);
		printf("PUT /_index_template/%s\n%s\n\n", component, buf_str(&b));
	}
	buf_reset(&b);
	template_pipeline(flavor, 1, 1, &b);
	printf("PUT /_ingest/pipeline/m365fwd-enrich\n%s\n\n", buf_str(&b));
	buf_clear(&b);
	return 0;
}
