/*
 * ecs_exchange - ExchangeAdmin, ExchangeItem, ExchangeItemAggregated.
 */
#include "norm/convert.h"
#include "norm/ecs_audit.h"

static const struct norm_row admin[] = {
	MOVE("organization.name",	"OrganizationName",		norm_text),
	MOVE("server.address",		"OriginatingServer",		norm_server, .also = "server.domain"),
};
const struct norm_table ecs_exchange_admin = NORM_TABLE("exchange, administration", "RecordType=1", admin);

static const struct norm_row item[] = {
	ADD("event.category",		NULL,				norm_fixed,		.hint = "email"),
	MOVE("user.email",		"MailboxOwnerUPN",		norm_text),
	ELSE("user.id",			"LogonUserSid",			norm_identity),
	MOVE("user.full_name",		"LogonUserDisplayName",		norm_text),
	MOVE("organization.name",	"OrganizationName",		norm_text),
	MOVE("server.address",		"OriginatingServer",		norm_server, .also = "server.domain"),
	MOVE("process.name",		"ClientProcessName",		norm_text),
};
const struct norm_table ecs_exchange_item = NORM_TABLE("exchange, one item", "RecordType=2", item);

static const struct norm_row aggregated[] = {
	ADD("event.category",		NULL,				norm_fixed,		.hint = "email"),
	ADD("event.type",		NULL,				norm_fixed,		.hint = "access"),
	MOVE("o365.audit.ExchangeAggregatedMessages", "Messages",	norm_object),
	MOVE("o365.audit.ExchangeAggregatedFolders", "Folders",		norm_object),
};
const struct norm_table ecs_exchange_aggregated = NORM_TABLE("exchange, many items", "RecordType=50", aggregated);
