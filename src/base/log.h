/*
 * log - what happened, for people and for machines, on stderr.
 *
 * Every line has a level, a stable message id (kebab case, documented) and a text: the object's name first, then
 * key=value. Never a token, a secret, a reply's body or a record. Formats: text, logfmt, json; under systemd
 * (JOURNAL_STREAM) text lines start with <N> instead of the time. Never blocks: a line that stderr
 * does not take at once is dropped and counted. Any thread may log. Control bytes are escaped.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };
enum log_format { LOG_TEXT, LOG_LOGFMT, LOG_JSON };

void	 log_open(enum log_level, enum log_format);
int	 log_wants(enum log_level);
unsigned long log_dropped(void);	/* lines that stderr did not take */
void	 log_error(const char *id, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void	 log_warn(const char *id, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void	 log_info(const char *id, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void	 log_debug(const char *id, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
