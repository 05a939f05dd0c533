/*
 * m365fwd check - is the configuration sound? Everything that is wrong, in one run.
 */
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "conf/conf.h"

/*
 * Root may read everything; whether the daemon may is what is asked. So root checks as the one who owns the state directory,
 * with the groups that a service manager would give. Without one yet, or when it is root's, root stays what it is.
 */
static void
become_owner(const char *config)
{
	struct err	 e = { 0 };
	struct conf	*c = geteuid() == 0 ? conf_glance(config, &e) : NULL;
	struct stat	 st;
	struct passwd	*owner;

	if (c == NULL)
		return;
	if (stat(c->state_dir, &st) == 0 && st.st_uid != 0 && (owner = getpwuid(st.st_uid)) != NULL &&
	    initgroups(owner->pw_name, owner->pw_gid) == 0 && setgid(owner->pw_gid) == 0 && setuid(owner->pw_uid) == 0)
		fprintf(stderr, "m365fwd: checking as user %s, who owns %s\n", owner->pw_name, c->state_dir);
	conf_free(c);
}

int
cmd_check(const struct cmd_args *args)
{
	struct buf	 errors = { 0 };
	struct err	 e = { 0 };
	struct conf	*c;
	int		 rc = 0;

	become_owner(args->config);
	c = conf_load(args->config, &errors, &e);

	fwrite(buf_str(&errors), 1, errors.len, stderr);
	if (c == NULL)
		rc = cmd_fail(&e);
	else
		printf("%s: sound: %zu tenant%s, %zu output%s\n", args->config, c->n_tenants, c->n_tenants == 1 ? "" : "s",
		    c->n_outputs, c->n_outputs == 1 ? "" : "s");
	conf_free(c);
	buf_clear(&errors);
	return rc;
}

/* For the build: conf/m365fwd.schema.json is this. */
int
cmd_schema(const struct cmd_args *args)
{
	struct buf	 b = { 0 };

	(void)args;
	conf_schema(&b);
	fwrite(buf_str(&b), 1, b.len, stdout);
	buf_clear(&b);
	return 0;
}
