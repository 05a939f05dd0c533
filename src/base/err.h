/*
 * err - a failure on its way to whoever handles it.
 *
 * A function that fails returns -1 (or NULL) and fills the caller's struct err; whoever handles it logs it, once.
 * The kind is also the exit code, after sysexits.h (design.md section 10).
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

enum err_kind {
	ERR_NONE	= 0,
	ERR_USAGE	= 64,	/* the command line */
	ERR_UNAVAILABLE	= 69,	/* an endpoint cannot be reached */
	ERR_IO		= 74,	/* disk full, I/O error, corruption */
	ERR_AGAIN	= 75,	/* try again later; a second instance too */
	ERR_PERMISSION	= 77,	/* only permission is missing */
	ERR_CONFIG	= 78	/* the configuration, a secret file, a state directory */
};

struct err {
	enum err_kind	 kind;
	char		 text[1000];	/* one line, no secret, says where and what to do */
};

#define ERR_REASON 160

/*
 * err_set and err_errno overwrite; err_errno appends ": " and err_reason of errno. Memory or
 * descriptors that are short pass: err_errno makes ERR_AGAIN of any kind then. err_wrap puts a prefix before what is there.
 */
void	 err_set(struct err *, enum err_kind, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void	 err_errno(struct err *, enum err_kind, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void	 err_wrap(struct err *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
const char *err_advice(int number);	/* what to do about an errno that means a limit or a full disk; NULL for others */
const char *err_reason(int number, char to[ERR_REASON]);	/* the text of an errno, and err_advice behind it */
int	 err_exit(const struct err *);	/* the exit code: kind, or 70 if no kind was set */

#endif
