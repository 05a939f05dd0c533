/*
 * ecs_audit - the tables of ECS for the Management API's records, one file per family of records.
 */
#ifndef NORM_ECS_AUDIT_H
#define NORM_ECS_AUDIT_H

#include "norm/table.h"

/* ecs_audit_common.c: what every record gets, before and after its family. */
extern const struct norm_table ecs_audit_first, ecs_audit_client, ecs_audit_people, ecs_audit_late, ecs_audit_related;
/* ecs_audit_members.c: how members are passed on. */
extern const struct norm_member ecs_audit_members[];
extern const size_t ecs_audit_n_members;
/* Families. */
extern const struct norm_table ecs_exchange_admin, ecs_exchange_item, ecs_exchange_aggregated;
extern const struct norm_table ecs_entra_directory, ecs_entra_logon, ecs_entra_error_code;
extern const struct norm_table ecs_sharepoint_file;
/* ecs_audit_actions.c: any record, by what was done. */
extern const struct norm_table ecs_audit_actions;

#endif
