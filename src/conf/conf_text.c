/*
 * conf_text - is one string what it has to be? Names, GUIDs, paths, header lines; and ${VAR} before that.
 *
 * No complaint repeats the string: whoever calls decides whether it may be shown.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "conf/conf_in.h"

#define EXPANDED_MAX	(64u << 10)
#define VARIABLE_MAX	128
#define NAME_LEN_MAX	63
#define WORD_LEN_MAX	256
#define INDEX_LEN_MAX	255
#define NAMESPACE_LEN_MAX 100
#define NO_VARIABLE	"${...} holds no variable's name; write ${NAME}, or $${ for the characters themselves"
#define NO_DOMAIN	"is not a domain such as contoso.example; write the tenant's domain"
#define PIN_PREFIX	"sha256//"
#define PIN_LEN		44		/* 32 bytes in base64 */

static int
no(char why[CONF_WHY], const char *what)
{
	snprintf(why, CONF_WHY, "%s", what);
	return -1;
}

/* ---- ${VAR} ---------------------------------------------------------------------------------------------------------- */

static int
add_variable(const char *name, size_t len, struct buf *to, char why[CONF_WHY])
{
	char		 variable[VARIABLE_MAX];
	const char	*value;

	if (len == 0 || len >= sizeof(variable) || isdigit((unsigned char)name[0]))
		return no(why, NO_VARIABLE);
	memcpy(variable, name, len);
	variable[len] = '\0';
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)name[i]) && name[i] != '_')
			return no(why, NO_VARIABLE);
	if ((value = getenv(variable)) == NULL) {
		snprintf(why, CONF_WHY, "${%s} is not set in the environment; set it for m365fwd, or write the value "
		    "here", variable);
		return -1;
	}
	buf_adds(to, value);
	return 0;
}

int
text_expand(const char *s, struct buf *to, char why[CONF_WHY])
{
	const char	*end;

	buf_init(to, EXPANDED_MAX);
	while (*s != '\0') {
		if (strncmp(s, "$${", 3) == 0) {
			buf_adds(to, "${");
			s += 3;
		} else if (strncmp(s, "${", 2) == 0) {
			if ((end = strchr(s, '}')) == NULL)
				return no(why, "${ has no } after it; write ${NAME}, or $${ for the characters themselves");
			if (add_variable(s + 2, (size_t)(end - s) - 2, to, why) == -1)
				return -1;
			s = end + 1;
		} else
			buf_addc(to, *s++);
	}
	return buf_failed(to) ? no(why, "is too long with its ${...} filled in; shorten it") : 0;
}

/* ---- words ----------------------------------------------------------------------------------------------------------- */

static int
is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f;
}

int
text_plain(char *s, char why[CONF_WHY])
{
	for (const char *p = s; *p != '\0'; p++)
		if (is_control(*p))
			return no(why, "holds a control byte or a line break; take it out");
	return 0;
}

int
text_word(char *s, char why[CONF_WHY])
{
	if (strlen(s) > WORD_LEN_MAX)
		return no(why, "is too long; at most 256 bytes");
	for (const char *p = s; *p != '\0'; p++)
		if (*p <= ' ' || *p > '~')
			return no(why, "holds a blank or a byte outside ASCII; take it out");
	return 0;
}

/* Names become paths, labels and columns. */
int
text_name(char *s, char why[CONF_WHY])
{
	size_t	 n = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789._-");

	if (s[n] != '\0')
		return no(why, isupper((unsigned char)s[n]) ? "has a capital letter; names are lower case letters, "
		    "digits, . _ and -" :
		    "has a character that names do not have; they are lower case letters, digits, . _ and -");
	if (strchr("._-", s[0]) != NULL)
		return no(why, "must begin with a lower case letter or a digit");
	if (n > NAME_LEN_MAX)
		return no(why, "is too long for a name; at most 63 characters");
	return 0;
}

int
text_guid(char *s, char why[CONF_WHY])
{
	size_t	 len = strlen(s);

	for (size_t i = 0; i <= len; i++) {
		int	 dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (i == 36 && i == len)
			return 0;
		if (dash ? s[i] != '-' : !isxdigit((unsigned char)s[i]))
			break;
		s[i] = (char)tolower((unsigned char)s[i]);
	}
	return no(why, strchr(s, '.') != NULL ? "is a domain, not a GUID; take the \"Directory (tenant) ID\" of the "
	    "Entra admin center" :
	    "is not a GUID such as 11111111-2222-3333-4444-555555555555; take it from the Entra admin center");
}

static int
is_label(const char *s, size_t len)
{
	if (len == 0 || len > 63 || s[0] == '-' || s[len - 1] == '-')
		return 0;
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)s[i]) && s[i] != '-' && (unsigned char)s[i] < 0x80)
			return 0;
	return 1;
}

int
text_domain(char *s, char why[CONF_WHY])
{
	const char	*p = s;
	size_t		 n, labels = 0;

	do {
		n = strcspn(p, ".");
		if (!is_label(p, n))
			return no(why, NO_DOMAIN);
		p += n;
		labels++;
	} while (*p++ == '.');
	return labels > 1 && strlen(s) <= 253 ? 0 : no(why, NO_DOMAIN);
}

/* Basic authentication ends the name at the first colon. */
int
text_user(char *s, char why[CONF_WHY])
{
	if (strchr(s, ':') != NULL)
		return no(why, "has a colon, which user names cannot have; the name stands here as it is, only the "
		    "password is a reference");
	return text_plain(s, why);
}

/* ---- paths ----------------------------------------------------------------------------------------------------------- */

int
text_path(char *s, char why[CONF_WHY])
{
	char	*to = s;
	size_t	 n;

	if (text_plain(s, why) == -1)
		return -1;
	if (strncmp(s, "file:", 5) == 0)
		return no(why, "is a reference; this is a path, so take out the file:");
	if (s[0] != '/')
		return no(why, "is not an absolute path; begin it with /");
	if (strlen(s) >= 3000)
		return no(why, "is too long for a path; shorten it");
	for (const char *p = s; *p != '\0'; p += n) {
		p += strspn(p, "/");
		n = strcspn(p, "/");
		if ((n == 1 && p[0] == '.') || (n == 2 && p[0] == '.' && p[1] == '.'))
			return no(why, "holds . or .. as a part; write the path out");
		if (n == 0)
			break;
		*to++ = '/';
		memmove(to, p, n);
		to += n;
	}
	if (to == s)
		return no(why, "is the root directory; name a directory of its own");
	*to = '\0';
	return 0;
}

/* ---- Elasticsearch --------------------------------------------------------------------------------------------------- */

static int
check_es_letters(const char *s, size_t max, char why[CONF_WHY])
{
	if (strlen(s) > max)
		return no(why, "is too long; shorten it");
	for (; *s != '\0'; s++) {
		if (isupper((unsigned char)*s))
			return no(why, "has a capital letter, which Elasticsearch refuses; write it in lower case");
		if (*s <= ' ' || *s == 0x7f || strchr("\\/*?\"<>|,#:", *s) != NULL)
			return no(why, "has a character that Elasticsearch refuses; take lower case letters, digits, "
			    ". _ and -");
	}
	return 0;
}

int
text_index(char *s, char why[CONF_WHY])
{
	if (strchr("-_+", s[0]) != NULL || strcmp(s, ".") == 0 || strcmp(s, "..") == 0)
		return no(why, "begins with a character that Elasticsearch refuses there; begin with a letter or a digit");
	return check_es_letters(s, INDEX_LEN_MAX, why);
}

int
text_namespace(char *s, char why[CONF_WHY])
{
	if (strchr(s, '-') != NULL)
		return no(why, "has a -, which separates the parts of a data stream's name; take _ instead");
	return check_es_letters(s, NAMESPACE_LEN_MAX, why);
}

/* ---- TLS and headers ------------------------------------------------------------------------------------------------- */

static int
is_pin(const char *s, size_t len)
{
	size_t	 digits = len >= strlen(PIN_PREFIX) ? len - strlen(PIN_PREFIX) : 0;

	if (digits != PIN_LEN || strncmp(s, PIN_PREFIX, strlen(PIN_PREFIX)) != 0 || s[len - 1] != '=')
		return 0;
	for (size_t i = strlen(PIN_PREFIX); i < len - 1; i++)
		if (!isalnum((unsigned char)s[i]) && s[i] != '+' && s[i] != '/')
			return 0;
	return 1;
}

int
text_pins(char *s, char why[CONF_WHY])
{
	for (const char *p = s;; p++) {
		size_t	 n = strcspn(p, ";");

		if (!is_pin(p, n))
			return no(why, "is not sha256// and the base64 of a public key's SHA-256 (several are "
			    "separated by ;); openssl makes it: x509 -pubkey, pkey -pubin -outform der, "
			    "dgst -sha256 -binary, enc -base64");
		p += n;
		if (*p == '\0')
			return 0;
	}
}

/* Ours to write: who asks whom, with what right, for how many bytes. */
static int
is_our_header(const char *name)
{
	static const char *const	 ours[] = { "Authorization", "Host", "Connection", "Transfer-Encoding",
	    "Expect", "Upgrade", "TE", "Trailer", "Accept-Encoding", "Cookie" };

	if (strncasecmp(name, "Content-", 8) == 0 || strncasecmp(name, "Proxy-", 6) == 0)
		return 1;
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (strcasecmp(name, ours[i]) == 0)
			return 1;
	return 0;
}

int
text_header(const char *name, const char *value, char why[CONF_WHY])
{
	for (const char *p = name; *p != '\0'; p++)
		if (!isalnum((unsigned char)*p) && strchr("!#$%&'*+-.^_`|~", *p) == NULL)
			return no(why, "is no header's name; take letters, digits and -");
	if (strcasecmp(name, "Authorization") == 0)
		return no(why, "is not taken as a header; use api_key, username and password, or bearer, which are "
		    "kept secret");
	if (is_our_header(name))
		return no(why, "is written by m365fwd itself; leave it out");
	if (value[strspn(value, " \t")] == '\0')
		return no(why, "has no value; write one, or leave the header out");
	if (strlen(value) > 4096)
		return no(why, "is too long for a header; at most 4096 bytes");
	for (const char *p = value; *p != '\0'; p++)
		if (is_control(*p))
			return no(why, "holds a control byte or a line break; take it out");
	return 0;
}
