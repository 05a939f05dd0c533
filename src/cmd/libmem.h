/*
 * libmem - the libraries' memory: where they get none, the process stops as it does for its own.
 */
#ifndef CMD_LIBMEM_H
#define CMD_LIBMEM_H

/* Before anything else is called of libcrypto or SQLite; once. Without memory they end the process with exit 75 from here on. */
void	 libmem_init(void);

#endif
