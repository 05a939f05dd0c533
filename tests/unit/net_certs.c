/*
 * net_certs - certificates made on the spot, for the tests that speak TLS.
 */
#include "net_certs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/xalloc.h"

static char *
bio_text(BIO *b)
{
	char	*p;
	long	 n = BIO_get_mem_data(b, &p);
	char	*text = xstrndup(p, (size_t)n);

	BIO_free(b);
	return text;
}

static void
add_extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX	 ctx;
	X509_EXTENSION	*x;

	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	assert_non_null(x = X509V3_EXT_conf_nid(NULL, &ctx, nid, value));
	X509_add_ext(cert, x, -1);
	X509_EXTENSION_free(x);
}

static void
write_pin(struct made *m)
{
	unsigned char	*der = NULL, hash[32];
	int		 n = i2d_PUBKEY(m->key, &der);

	EVP_Digest(der, (size_t)n, hash, NULL, EVP_sha256(), NULL);
	memcpy(m->pin, "sha256//", 8);
	EVP_EncodeBlock((unsigned char *)m->pin + 8, hash, sizeof(hash));
	OPENSSL_free(der);
}

static void
write_file(struct made *m)
{
	int	 fd;

	snprintf(m->file, sizeof(m->file), "/tmp/test_net_tls.XXXXXX");
	assert_int_not_equal(fd = mkstemp(m->file), -1);
	assert_int_equal(write(fd, m->cert_pem, strlen(m->cert_pem)), (ssize_t)strlen(m->cert_pem));
	close(fd);
}

/* critical: some boxes' CAs lack it; OpenSSL takes them all the same. */
void
make(struct made *m, const char *cn, const char *names, const struct made *by, const char *constraints, long from, long to)
{
	static long	 serial = 1000;
	X509		*issuer;
	BIO		*b;

	m->key = EVP_EC_gen("P-256");
	m->cert = X509_new();
	issuer = by != NULL ? by->cert : m->cert;
	X509_set_version(m->cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(m->cert), serial++);
	X509_gmtime_adj(X509_getm_notBefore(m->cert), from);
	X509_gmtime_adj(X509_getm_notAfter(m->cert), to);
	X509_set_pubkey(m->cert, m->key);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(m->cert), "CN", MBSTRING_UTF8, (const unsigned char *)cn, -1, -1, 0);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(m->cert), "O", MBSTRING_UTF8, (const unsigned char *)"Contoso", -1, -1, 0);
	X509_set_issuer_name(m->cert, X509_get_subject_name(issuer));
	add_extension(m->cert, issuer, NID_basic_constraints, constraints);
	if (names != NULL)
		add_extension(m->cert, issuer, NID_subject_alt_name, names);
	assert_true(X509_sign(m->cert, by != NULL ? by->key : m->key, EVP_sha256()) > 0);
	PEM_write_bio_X509(b = BIO_new(BIO_s_mem()), m->cert);
	m->cert_pem = bio_text(b);
	PEM_write_bio_PrivateKey(b = BIO_new(BIO_s_mem()), m->key, NULL, NULL, 0, NULL, NULL);
	m->key_pem = bio_text(b);
	write_pin(m);
	write_file(m);
}

void
unmake(struct made *m)
{
	unlink(m->file);
	EVP_PKEY_free(m->key);
	X509_free(m->cert);
	free(m->cert_pem);
	free(m->key_pem);
}
