/*
 * ecs_audit - ECS for the Management API's records (o365.audit): which tables, in which order.
 */
#include "norm/ecs_audit.h"

static const struct norm_table *const tables[] = {
	&ecs_audit_first,
	&ecs_exchange_admin,
	&ecs_exchange_item,
	&ecs_exchange_aggregated,
	&ecs_entra_directory,
	&ecs_entra_logon,
	&ecs_entra_error_code,
	&ecs_sharepoint_file,
	&ecs_audit_actions,
	&ecs_audit_client,
	&ecs_audit_people,
	&ecs_audit_late,
	&ecs_audit_related,
};

const struct norm_schema ecs_audit = {
	.schema = SCHEMA_ECS,
	.feeds = "audit.",
	.module = "o365",
	.dataset = "o365.audit",
	.rest = "o365.audit",
	.members = ecs_audit_members,
	.n_members = &ecs_audit_n_members,
	.tables = tables,
	.n_tables = NORM_COUNT(tables),
};
