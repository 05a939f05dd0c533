/*
 * odd - shapes that real records have and that break collectors; one table.
 */
#include "odd.h"
#include "when.h"

enum {
	NO_ID	= 1,	/* has no usable Id: carries a marker instead */
	ID	= 2,	/* writes the Id itself */
	TIME	= 4,	/* writes (or leaves out) CreationTime */
	TYPE	= 8,	/* writes Operation and RecordType */
};

struct shape {
	unsigned	 flags;
	const char	*first;			/* members at the start */
	const char	*last;			/* members at the end */
	void		(*more)(struct text *, const struct plan *);
};

static void
upper_id(struct text *t, const struct plan *p)
{
	char	 id[GUID_LEN + 1];
	int	 i;

	for (i = 0; i <= GUID_LEN; i++)
		id[i] = (char)(p->id[i] >= 'a' && p->id[i] <= 'f' ? p->id[i] - 0x20 : p->id[i]);
	put_text(t, "Id", id);
}

static void
two_ids(struct text *t, const struct plan *p)
{
	put_text(t, "Id", p->id);
}

static void
zone_and_fraction(struct text *t, const struct plan *p)
{
	LIT(t, "\"CreationTime\":\"");
	when_millis(t, p->time);
	LIT(t, "\",");
}

static void
nested(struct text *t, const struct plan *p)
{
	int	 i;

	(void)p;
	LIT(t, "\"SimNested\":");
	for (i = 0; i < 30; i++)
		text_adds(t, i % 2 ? "{\"in\":" : "[");
	LIT(t, "\"bottom\"");
	for (i = 29; i >= 0; i--)
		text_adds(t, i % 2 ? "}" : "]");
	LIT(t, ",");
}

static void
long_list(struct text *t, size_t bytes, uint64_t seed)
{
	struct rng	 r = { seed };
	size_t		 start = t->len;

	LIT(t, "\"SimItems\":[");
	while (t->len - start < bytes) {
		LIT(t, "{\"Id\":\"RgAAAA");
		put_opaque(t, &r, 60);
		LIT(t, "\",\"Subject\":\"Quartalszahlen f\xc3\xbcr ");
		text_addu(t, rng_below(&r, 1000000));
		LIT(t, "\",\"SizeInBytes\":");
		text_addu(t, rng_below(&r, 10000000));
		LIT(t, "},");
	}
	shut(t, "],");
}

static void
large(struct text *t, const struct plan *p)
{
	long_list(t, 60000 + p->seed % 200000, p->seed);
}

static void
megabyte(struct text *t, const struct plan *p)
{
	long_list(t, 1 << 20, p->seed);
}

static const struct shape shapes[] = {
	/* an Id that is none */
	{ NO_ID, NULL, NULL, NULL },
	{ NO_ID, "\"Id\":\"\",", NULL, NULL },
	{ NO_ID, "\"Id\":\"00000000-0000-0000-0000-000000000000\",", NULL, NULL },
	{ NO_ID, "\"Id\":null,", NULL, NULL },
	{ ID, NULL, NULL, upper_id },
	{ ID, "\"Id\":\"0dd0dd00-0000-4000-8000-0123456789ab\",", NULL, two_ids },	/* the last one counts */
	/* types and names nobody knows */
	{ TYPE, "\"Operation\":\"FluxCapacitorCharged\",\"RecordType\":99999,", "\"Flux\":{\"Level\":88,\"Unit\":\"mph\"},", NULL },
	{ TYPE, "\"Operation\":\"\",\"RecordType\":-1,", NULL, NULL },
	{ TYPE, "\"Operation\":\"SimNumberAsText\",\"RecordType\":\"6\",", NULL, NULL },
	{ 0, NULL, "\"EventName\":\"one\",\"eventName\":\"two\",\"EVENTNAME\":[\"three\"],", NULL },
	{ 0, NULL, "\"a.b\":1,\".lead\":2,\"trail.\":3,\"\":\"empty\",\" \":\"blank\",\"..\":{\"\":0},\"x..y\":[4],", NULL },
	{ 0, NULL, "\"Twice\":\"first\",\"Twice\":\"second\",\"Again\":{\"k\":1,\"k\":{\"k\":2}},\"Again\":3,", NULL },
	{ 0, NULL, "\"@timestamp\":\"1999-01-01T00:00:00Z\",\"event\":{\"kind\":\"no\"},\"user\":\"nobody\",\"_id\":\"x\",", NULL },
	/* numbers and text */
	{ 0, NULL, "\"Big\":9007199254740993,\"Bigger\":18446744073709551616,\"Huge\":123456789012345678901234567890,"
	    "\"Exact\":0.1000000000000000055511151231257827,\"Exp\":1E400,\"Minus\":-0,\"Tiny\":1e-7,", NULL },
	{ 0, NULL, "\"Unicode\":\"Gr\xc3\xbc\xc3\x9f""e \xe6\x9d\xb1\xe4\xba\xac \xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d \xf0\x9f\x94\x90 "
	    "\\u00e9\\ud83d\\ude80 \\u0000\\u001f\\u2028\\/\\b\\f\",\"\xc5\x9aluz\xc3\xa1\":\"w nazwie\",", NULL },
	{ 0, NULL, "\"Lone\":\"high \\ud83d low \\ude80 swapped \\ude80\\ud83d end\",\"\\ud800\":\"in a name\",", NULL },
	{ 0, NULL, "\"OriginatingServer\":\"XX0PR01MB0007 (15.20.8093.021)\\r\\n\",", NULL },
	/* kinds that change */
	{ 0, NULL, "\"Parameters\":\"-Identity \\\"44445555-6666-4777-8888-999900001111\\\" -Confirm:$false\",", NULL },
	{ 0, NULL, "\"ExternalAccess\":\"False\",\"SimWasList\":\"\",\"SimWasText\":{\"now\":\"object\"},", NULL },
	{ 0, NULL, "\"ExternalAccess\":true,\"SimWasList\":[],\"SimWasText\":\"text\",", NULL },
	{ 0, NULL, "\"AdditionalInfo\":\"{ not JSON\",\"Data\":\"{\\\"a\\\":[1,2]}\",\"Actions\":\"[\\\"x\\\"]\",", NULL },
	{ 0, NULL, "\"SimLists\":[[1,[2,[]]],[],[{}],[{\"a\":[{\"b\":[null]}]}]],", NULL },
	{ 0, NULL, NULL, nested },
	/* white space between tokens */
	{ 0, "\r\n  \"SimSpaced\" :\n\t[ 1 ,\r\n 2 ] ,\n", " \"SimEnd\" : \"a b\" \n,", NULL },
	/* times */
	{ TIME, NULL, NULL, zone_and_fraction },
	{ TIME, NULL, NULL, NULL },
	{ TIME, "\"CreationTime\":\"yesterday\",", NULL, NULL },
	{ TIME, "\"CreationTime\":\"0001-01-01T00:00:00\",", NULL, NULL },
	/* size; the last row is drawn once */
	{ 0, NULL, NULL, large },
	{ 0, NULL, NULL, megabyte },
};

#define NSHAPES ((int)(sizeof(shapes) / sizeof(shapes[0])))

static unsigned
flags(int odd)
{
	return odd >= 0 ? shapes[odd].flags : 0;
}

int
odd_count(void)
{
	return NSHAPES - 1;
}

int
odd_biggest(void)
{
	return NSHAPES - 1;
}

int
odd_has_no_id(int odd)
{
	return (flags(odd) & NO_ID) != 0;
}

int
odd_writes_id(int odd)
{
	return (flags(odd) & ID) != 0;
}

int
odd_writes_time(int odd)
{
	return (flags(odd) & TIME) != 0;
}

int
odd_writes_type(int odd)
{
	return (flags(odd) & TYPE) != 0;
}

void
odd_write_first(struct text *t, const struct plan *p)
{
	if (p->odd >= 0 && shapes[p->odd].first != NULL)
		text_adds(t, shapes[p->odd].first);
}

void
odd_write_last(struct text *t, const struct plan *p)
{
	if (p->odd < 0)
		return;
	if (shapes[p->odd].more != NULL)
		shapes[p->odd].more(t, p);
	if (shapes[p->odd].last != NULL)
		text_adds(t, shapes[p->odd].last);
}
