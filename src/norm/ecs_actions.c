/*
 * ecs_actions - category and type of any record, by what was done.
 */
#include "norm/convert.h"
#include "norm/ecs_audit.h"

static const struct norm_word actions[] = {
	/* action			category		type */
	{ "FileAccessed",		{ "file",		"access" } },
	{ "FileDownloaded",		{ "file",		"access" } },
	{ "FileModified",		{ "file",		"change" } },
	{ "FileMoved",			{ "file",		"change" } },
	{ "FileRenamed",		{ "file",		"change" } },
	{ "FileRestored",		{ "file",		"change" } },
	{ "FolderModified",		{ "file",		"change" } },
	{ "FolderMoved",		{ "file",		"change" } },
	{ "FolderRenamed",		{ "file",		"change" } },
	{ "FolderRestored",		{ "file",		"change" } },
	{ "FileDeleted",		{ "file",		"deletion" } },
	{ "FolderDeleted",		{ "file",		"deletion" } },
	{ "FileUploaded",		{ "file",		"creation" } },
	{ "FolderCopied",		{ "file",		"creation" } },
	{ "FolderCreated",		{ "file",		"creation" } },
	{ "ComplianceSettingChanged",	{ "configuration",	"change" } },
	{ NULL,				{ NULL } },
};

static const struct norm_row rows[] = {
	ADD("event.category",		"=event.action",		norm_word, .hint = "0", .words = actions),
	ADD("event.type",		"=event.action",		norm_word, .hint = "1", .words = actions),
};
const struct norm_table ecs_audit_actions = NORM_TABLE("audit, by action", NULL, rows);
