/*
 * ecs_sharepoint - what is done to files, and sharing.
 */
#include "norm/convert.h"
#include "norm/ecs_audit.h"

static const struct norm_row file[] = {
	MOVE("url.original",		"ObjectId",			norm_text),
	MOVE("file.directory",		"SourceRelativeUrl",		norm_text),
	MOVE("file.name",		"SourceFileName",		norm_text),
	MOVE("file.extension",		"SourceFileExtension",		norm_text),
};
const struct norm_table ecs_sharepoint_file = NORM_TABLE("sharepoint, file or sharing", "RecordType=6|14", file);
