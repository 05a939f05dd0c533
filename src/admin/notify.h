/*
 * notify - tells the service manager how we are: systemd's datagram protocol (sd_notify(3)), without its library.
 *
 * Nothing happens unless NOTIFY_SOCKET is set; a manager that does not listen is no error. The variables are taken out of the
 * environment, so that no child inherits them.
 */
#ifndef ADMIN_NOTIFY_H
#define ADMIN_NOTIFY_H

#include <stdint.h>

void	 notify_open(void);			/* reads and removes the environment's variables */
void	 notify_close(void);
/* "READY=1", "STATUS=...", several with line breaks between them. */
void	 notify_send(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
int64_t	 notify_watchdog_ms(void);		/* how often WATCHDOG=1 is wanted at the latest; 0: not at all */

#endif
