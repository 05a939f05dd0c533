/*
 * net_certs - certificates made on the spot, for the tests that speak TLS.
 */
#ifndef NET_CERTS_H
#define NET_CERTS_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#define DAY 86400L

struct made {
	EVP_PKEY	*key;
	X509		*cert;
	char		*cert_pem, *key_pem;
	char		 pin[64];		/* sha256//... */
	char		 file[64];		/* the certificate, as ca_file */
};

/* Issued by `by` (NULL: self-signed), for these names ("DNS:a,IP:127.0.0.1", NULL: none), good from and to seconds from now. */
void	 make(struct made *, const char *cn, const char *names, const struct made *by, const char *constraints, long from, long to);
void	 unmake(struct made *);

#endif
