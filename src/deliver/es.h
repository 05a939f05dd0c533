/*
 * es - the two questions that are asked of a cluster beside Bulk: what is it, and which of these _ids does it have?
 *
 * Pure: makes URLs and bodies, reads answers. What a cluster says of itself is a hint for which parameters it knows, never
 * a reason to refuse it: OpenSearch and older versions answer 400 to the whole request for a parameter they do not know.
 */
#ifndef DELIVER_ES_H
#define DELIVER_ES_H

#include <stddef.h>

#include "base/buf.h"
#include "deliver/judge.h"
#include "deliver/sink.h"

enum es_kind { ES_UNKNOWN, ES_ELASTICSEARCH, ES_SERVERLESS, ES_OPENSEARCH };

struct es {
	enum es_kind	 kind;
	unsigned	 major, minor;
	char		 shown[64];		/* "Elasticsearch 8.19.2", for the log */
	int		 hides_source;		/* knows include_source_on_error */
	int		 has_streams_only;	/* knows require_data_stream */
};

/* The answer to GET /. Anything that is not understood is ES_UNKNOWN. */
void	 es_read(const struct judge_answer *, struct es *);

/* The answer to GET ES_TEMPLATES_PATH: are the templates there that m365fwd setup installs, and of this version or a newer one? */
#define ES_TEMPLATES_PATH "/_component_template/m365fwd-*?filter_path=component_templates.component_template.version"
enum es_templates { TEMPLATES_UNKNOWN, TEMPLATES_SOUND, TEMPLATES_OLD, TEMPLATES_MISSING };
enum es_templates es_read_templates(const struct judge_answer *);

/* The body of a _search for the _ids of those items that are unsure. */
void	 es_ask_ids(const struct parcel *, struct buf *to);
enum es_known {
	ES_KNOWN,		/* *found of them are there: V_DUPLICATE. The others are not: they are not unsure any more */
	ES_SILENT,		/* it does not tell us (a right is missing, no such call) */
	ES_TROUBLE		/* it could not say, ask again */
};
enum es_known es_read_ids(const struct judge_answer *, struct parcel *, size_t *found);
/* Part of a URL's path or query: everything that is not plainly harmless is escaped. */
void	 es_escape(struct buf *to, const char *);

#endif
