/*
 * httpc_tls - who issued the certificate that was not trusted.
 *
 * "Unable to get local issuer" helps nobody; "issued by CN=Contoso Inspection CA" tells an operator which box on the way
 * opens the connection (cases O02). libcurl does not tell, so OpenSSL's verify callback looks; it decides nothing.
 *
 * An SSL_CTX outlives the request it was made for, so it holds the client and the request's serial, not a pointer.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "base/xalloc.h"
#include "net/httpc_in.h"

struct note {
	struct httpc	*c;
	uint64_t	 serial;
};

static int	 note_index = -1;

static void
free_note(void *parent, void *note, CRYPTO_EX_DATA *data, int index, long argl, void *argp)
{
	(void)parent;
	(void)data;
	(void)index;
	(void)argl;
	(void)argp;
	free(note);
}

static struct http *
find(const struct note *note)
{
	struct http	*h;

	TAILQ_FOREACH(h, &note->c->list, link)
		if (h->serial == note->serial)
			return h;
	return NULL;
}

/* RFC 2253 with control bytes and everything outside ASCII escaped; the end is cut when it is long. */
static void
write_issuer(struct http *h, X509 *cert)
{
	BIO	*bio = BIO_new(BIO_s_mem());
	int	 n = 0;

	if (bio != NULL && X509_NAME_print_ex(bio, X509_get_issuer_name(cert), 0, XN_FLAG_RFC2253) >= 0)
		n = BIO_read(bio, h->issuer, (int)sizeof(h->issuer) - 1);
	h->issuer[n > 0 ? n : 0] = '\0';
	BIO_free(bio);
}

static int
verify(int ok, X509_STORE_CTX *store)
{
	SSL		*ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct note	*note = SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), note_index);
	X509		*cert = X509_STORE_CTX_get_current_cert(store);
	struct http	*h;

	if (note == NULL || cert == NULL || (h = find(note)) == NULL || h->verify_error != 0)
		return ok;
	if (!ok)
		h->verify_error = X509_STORE_CTX_get_error(store);
	if (!ok || X509_STORE_CTX_get_error_depth(store) == 0)
		write_issuer(h, cert);	/* the server's own too: its name may be refused later */
	return ok;
}

CURLcode
http_watch_verify(CURL *easy, void *ssl_ctx, void *arg)
{
	struct http	*h = arg;
	struct note	*note;

	(void)easy;
	if (note_index == -1 && (note_index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, free_note)) == -1)
		return CURLE_OUT_OF_MEMORY;
	note = xmalloc(sizeof(*note));
	note->c = h->c;
	note->serial = h->serial;
	SSL_CTX_set_ex_data(ssl_ctx, note_index, note);
	SSL_CTX_set_verify(ssl_ctx, SSL_CTX_get_verify_mode(ssl_ctx), verify);
	return CURLE_OK;
}
