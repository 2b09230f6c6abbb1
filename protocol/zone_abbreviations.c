/*
 * The abbreviations of time zones that Postgres knows by default
 * (timezonesets/Default, as pg_timezone_abbrevs of Postgres 15 shows it).
 */
#include <stdlib.h>

#include "protocol/time_zone.h"

#define WORD_BYTES_MAX 10

/* In byte order. */
/* clang-format off */
static const struct abbreviation {
	char word[WORD_BYTES_MAX + 1];
	int32_t offset_s;
	bool daylight;
	const char *zone;	/* what it means changed over the years, as
				   this zone shows; NULL: never */
} abbreviations[] = {
	{ "acdt", 37800, true, NULL },
	{ "acsst", 37800, true, NULL },
	{ "acst", 34200, false, NULL },
	{ "act", -18000, false, NULL },
	{ "acwst", 31500, false, NULL },
	{ "adt", -10800, true, NULL },
	{ "aedt", 39600, true, NULL },
	{ "aesst", 39600, true, NULL },
	{ "aest", 36000, false, NULL },
	{ "aft", 16200, false, NULL },
	{ "akdt", -28800, true, NULL },
	{ "akst", -32400, false, NULL },
	{ "almst", 25200, true, NULL },
	{ "almt", 21600, false, NULL },
	{ "amst", 14400, false, "Asia/Yerevan" },
	{ "amt", -14400, false, NULL },
	{ "anast", 43200, false, "Asia/Anadyr" },
	{ "anat", 43200, false, "Asia/Anadyr" },
	{ "arst", -10800, false, "America/Argentina/Buenos_Aires" },
	{ "art", -10800, false, "America/Argentina/Buenos_Aires" },
	{ "ast", -14400, false, NULL },
	{ "awsst", 32400, true, NULL },
	{ "awst", 28800, false, NULL },
	{ "azost", 0, true, NULL },
	{ "azot", -3600, false, NULL },
	{ "azst", 14400, false, "Asia/Baku" },
	{ "azt", 14400, false, "Asia/Baku" },
	{ "bdst", 7200, true, NULL },
	{ "bdt", 21600, false, NULL },
	{ "bnt", 28800, false, NULL },
	{ "bort", 28800, false, NULL },
	{ "bot", -14400, false, NULL },
	{ "bra", -10800, false, NULL },
	{ "brst", -7200, true, NULL },
	{ "brt", -10800, false, NULL },
	{ "bst", 3600, true, NULL },
	{ "btt", 21600, false, NULL },
	{ "cadt", 37800, true, NULL },
	{ "cast", 34200, false, NULL },
	{ "cct", 28800, false, NULL },
	{ "cdt", -18000, true, NULL },
	{ "cest", 7200, true, NULL },
	{ "cet", 3600, false, NULL },
	{ "cetdst", 7200, true, NULL },
	{ "chadt", 49500, true, NULL },
	{ "chast", 45900, false, NULL },
	{ "chut", 36000, false, NULL },
	{ "ckt", -36000, false, "Pacific/Rarotonga" },
	{ "clst", -10800, true, NULL },
	{ "clt", -10800, true, "America/Santiago" },
	{ "cot", -18000, false, NULL },
	{ "cst", -21600, false, NULL },
	{ "cxt", 25200, false, NULL },
	{ "davt", 25200, false, "Antarctica/Davis" },
	{ "ddut", 36000, false, NULL },
	{ "easst", -18000, true, "Pacific/Easter" },
	{ "east", -18000, true, "Pacific/Easter" },
	{ "eat", 10800, false, NULL },
	{ "edt", -14400, true, NULL },
	{ "eest", 10800, true, NULL },
	{ "eet", 7200, false, NULL },
	{ "eetdst", 10800, true, NULL },
	{ "egst", 0, true, NULL },
	{ "egt", -3600, false, NULL },
	{ "est", -18000, false, NULL },
	{ "fet", 10800, false, NULL },
	{ "fjst", 46800, true, NULL },
	{ "fjt", 43200, false, NULL },
	{ "fkst", -10800, false, "Atlantic/Stanley" },
	{ "fkt", -10800, false, "Atlantic/Stanley" },
	{ "fnst", -3600, true, NULL },
	{ "fnt", -7200, false, NULL },
	{ "galt", -21600, false, NULL },
	{ "gamt", -32400, false, NULL },
	{ "gest", 14400, false, "Asia/Tbilisi" },
	{ "get", 14400, false, "Asia/Tbilisi" },
	{ "gft", -10800, false, NULL },
	{ "gilt", 43200, false, NULL },
	{ "gmt", 0, false, NULL },
	{ "gyt", -14400, false, "America/Guyana" },
	{ "hkt", 28800, false, NULL },
	{ "hst", -36000, false, NULL },
	{ "ict", 25200, false, NULL },
	{ "idt", 10800, true, NULL },
	{ "iot", 21600, false, "Indian/Chagos" },
	{ "irkst", 28800, false, "Asia/Irkutsk" },
	{ "irkt", 28800, false, "Asia/Irkutsk" },
	{ "irt", 12600, false, NULL },
	{ "ist", 7200, false, NULL },
	{ "jayt", 32400, false, NULL },
	{ "jst", 32400, false, NULL },
	{ "kdt", 36000, true, NULL },
	{ "kgst", 21600, true, NULL },
	{ "kgt", 21600, false, "Asia/Bishkek" },
	{ "kost", 39600, false, "Pacific/Kosrae" },
	{ "krast", 25200, false, "Asia/Krasnoyarsk" },
	{ "krat", 25200, false, "Asia/Krasnoyarsk" },
	{ "kst", 32400, false, NULL },
	{ "lhdt", 39600, true, "Australia/Lord_Howe" },
	{ "lhst", 37800, false, NULL },
	{ "ligt", 36000, false, NULL },
	{ "lint", 50400, false, "Pacific/Kiritimati" },
	{ "lkt", 19800, false, "Asia/Colombo" },
	{ "magst", 39600, false, "Asia/Magadan" },
	{ "magt", 39600, false, "Asia/Magadan" },
	{ "mart", -34200, false, NULL },
	{ "mawt", 18000, false, "Antarctica/Mawson" },
	{ "mdt", -21600, true, NULL },
	{ "mest", 7200, true, NULL },
	{ "mesz", 7200, true, NULL },
	{ "met", 3600, false, NULL },
	{ "metdst", 7200, true, NULL },
	{ "mez", 3600, false, NULL },
	{ "mht", 43200, false, NULL },
	{ "mmt", 23400, false, NULL },
	{ "mpt", 36000, false, NULL },
	{ "msd", 14400, true, NULL },
	{ "msk", 10800, false, "Europe/Moscow" },
	{ "mst", -25200, false, NULL },
	{ "must", 18000, true, NULL },
	{ "mut", 14400, false, NULL },
	{ "mvt", 18000, false, NULL },
	{ "myt", 28800, false, NULL },
	{ "ndt", -9000, true, NULL },
	{ "nft", -12600, false, NULL },
	{ "novst", 25200, false, "Asia/Novosibirsk" },
	{ "novt", 25200, false, "Asia/Novosibirsk" },
	{ "npt", 20700, false, NULL },
	{ "nst", -12600, false, NULL },
	{ "nut", -39600, false, "Pacific/Niue" },
	{ "nzdt", 46800, true, NULL },
	{ "nzst", 43200, false, NULL },
	{ "nzt", 43200, false, NULL },
	{ "omsst", 21600, false, "Asia/Omsk" },
	{ "omst", 21600, false, "Asia/Omsk" },
	{ "pdt", -25200, true, NULL },
	{ "pet", -18000, false, NULL },
	{ "petst", 43200, false, "Asia/Kamchatka" },
	{ "pett", 43200, false, "Asia/Kamchatka" },
	{ "pgt", 36000, false, NULL },
	{ "pht", 28800, false, NULL },
	{ "pkst", 21600, true, NULL },
	{ "pkt", 18000, false, NULL },
	{ "pmdt", -7200, true, NULL },
	{ "pmst", -10800, false, NULL },
	{ "pont", 39600, false, NULL },
	{ "pst", -28800, false, NULL },
	{ "pwt", 32400, false, NULL },
	{ "pyst", -10800, true, NULL },
	{ "pyt", -10800, false, "America/Asuncion" },
	{ "ret", 14400, false, NULL },
	{ "sadt", 37800, true, NULL },
	{ "sast", 7200, false, NULL },
	{ "sct", 14400, false, NULL },
	{ "sgt", 28800, false, "Asia/Singapore" },
	{ "taht", -36000, false, NULL },
	{ "tft", 18000, false, NULL },
	{ "tjt", 18000, false, NULL },
	{ "tkt", 46800, false, "Pacific/Fakaofo" },
	{ "tmt", 18000, false, "Asia/Ashgabat" },
	{ "tot", 46800, false, NULL },
	{ "trut", 36000, false, NULL },
	{ "tvt", 43200, false, NULL },
	{ "uct", 0, false, NULL },
	{ "ulast", 32400, true, NULL },
	{ "ulat", 28800, false, "Asia/Ulaanbaatar" },
	{ "ut", 0, false, NULL },
	{ "utc", 0, false, NULL },
	{ "uyst", -7200, true, NULL },
	{ "uyt", -10800, false, NULL },
	{ "uzst", 21600, true, NULL },
	{ "uzt", 18000, false, NULL },
	{ "vet", -14400, false, "America/Caracas" },
	{ "vlast", 36000, false, "Asia/Vladivostok" },
	{ "vlat", 36000, false, "Asia/Vladivostok" },
	{ "volt", 10800, false, "Europe/Volgograd" },
	{ "vut", 39600, false, NULL },
	{ "wadt", 28800, true, NULL },
	{ "wakt", 43200, false, NULL },
	{ "wast", 25200, false, NULL },
	{ "wat", 3600, false, NULL },
	{ "wdt", 32400, true, NULL },
	{ "wet", 0, false, NULL },
	{ "wetdst", 3600, true, NULL },
	{ "wft", 43200, false, NULL },
	{ "wgst", -7200, true, NULL },
	{ "wgt", -10800, false, NULL },
	{ "xjt", 21600, false, NULL },
	{ "yakst", 32400, false, "Asia/Yakutsk" },
	{ "yakt", 32400, false, "Asia/Yakutsk" },
	{ "yapt", 36000, false, NULL },
	{ "yekst", 21600, true, NULL },
	{ "yekt", 18000, false, "Asia/Yekaterinburg" },
	{ "z", 0, false, NULL },
	{ "zulu", 0, false, NULL },
};
/* clang-format on */

static int compare(const void *key, const void *row)
{
	return strcmp(key, ((const struct abbreviation *)row)->word);
}

static const struct abbreviation *look_up(struct slice word)
{
	char key[WORD_BYTES_MAX + 1] = "";

	if (word.length == 0 || word.length > WORD_BYTES_MAX)
		return NULL;
	for (size_t i = 0; i < word.length; i++)
		key[i] = (char)(word.at[i] >= 'A' && word.at[i] <= 'Z'
					? word.at[i] | 0x20
					: word.at[i]);
	return bsearch(key, abbreviations,
		       sizeof(abbreviations) / sizeof(abbreviations[0]),
		       sizeof(abbreviations[0]), compare);
}

bool time_zone_abbreviation(struct slice word, int32_t *ret_offset_s,
			    bool *ret_daylight)
{
	const struct abbreviation *found = look_up(word);

	if (!found)
		return false;
	*ret_offset_s = found->offset_s;
	*ret_daylight = found->daylight;
	return true;
}

const char *time_zone_of_abbreviation(struct slice word)
{
	const struct abbreviation *found = look_up(word);

	return found ? found->zone : NULL;
}
