/*
 * ecs_entra - changes in the directory, and logons at the security token service.
 */
#include "norm/convert.h"
#include "norm/ecs_audit.h"

/* What is done to an account: the action's new name, category, types. All other actions keep their text. */
static const struct norm_word account_actions[] = {
	{ "Add user.",			{ "added-user-account",		"iam",	"user|creation" } },
	{ "Update user.",		{ "modified-user-account",	"iam",	"user|change" } },
	{ "Delete user.",		{ "deleted-user-account",	"iam",	"user|deletion" } },
	{ NULL,				{ NULL } },
};

static const struct norm_row directory[] = {
	SET("user.target.id",		"ObjectId",			norm_identity),
	ADD("event.category",		"=event.action",		norm_word,
		.hint = "1", .words = account_actions),
	ADD("event.type",		"=event.action",		norm_word,
		.hint = "2", .words = account_actions),
	SET("event.action",		"=event.action",		norm_word,
		.hint = "0", .words = account_actions),
};
const struct norm_table ecs_entra_directory = NORM_TABLE("entra, directory", "RecordType=8", directory);

static const struct norm_row logon[] = {
	ADD("event.category",		NULL,				norm_fixed, .hint = "authentication"),
	ADD("event.type",		NULL,				norm_fixed,		.hint = "start"),
	ADD("event.type",		NULL,				norm_fixed,		.hint = "access"),
};
const struct norm_table ecs_entra_logon = NORM_TABLE("entra, logon", "RecordType=15", logon);

/* The documentation's name for what is ErrorNumber on the wire; other records mean other things by it. */
static const struct norm_row error_code[] = {
	SET("event.outcome",		"ErrorCode",			norm_unless_zero,	.hint = "failure"),
};
const struct norm_table ecs_entra_error_code = NORM_TABLE("entra, logon's error", "RecordType=9|15", error_code);
