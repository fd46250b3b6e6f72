"""Rows like those of ClickBench's table `hits`: its 105 columns, with values made up.

As in a web analytics log few counters, users, pages and phrases have most of the rows, most rows
come from no search and from no phone, many columns are nearly always 0 or empty, and the rows lie
by counter and day. Constants that the queries look for are among the values.
"""

from dataclasses import replace
from typing import Final

from benchmarks import sizes
from benchmarks.data import Suite, made

ROWS: Final = 5_000_000

_RANDOM: Final = 12
"""Independent numbers from 0 to 1 a row, r0 …, made of the row's number i."""

_NUMBERS: Final = """
SELECT i, {random} FROM range({rows}) t(i)"""

_CHOICES: Final = """
SELECT *,
  CAST(6000 * power(r0, 4) AS INTEGER) AS counter,
  CAST({rows} / 5.5 * power(r1, 1.8) AS BIGINT) AS visitor,
  CAST({rows} / 4 * power(r2, 2.6) AS BIGINT) AS page,
  CAST({rows} / 6 * power(r3, 2.2) AS BIGINT) AS origin,
  CAST({rows} / 60 * power(r4, 2) AS BIGINT) AS phrase,
  CAST(29 * r5 AS BIGINT) AS day,
  r6 < 0.13 AS searched,
  r6 > 0.93 AS mobile
FROM ({numbers})"""

_TEXTS: Final = """
SELECT *,
  CASE WHEN page % 61 = 0 THEN 'http://www.google.ru/' WHEN page % 7 = 0 THEN 'https://' || {host}
       ELSE 'http://' || {host} END
    || 'catalog/' || page % 97 || '/item-' || page || '.html'
    || CASE WHEN page % 3 = 0 THEN '?from=' || {word} || '&page=' || page % 40 ELSE '' END AS url,
  CASE WHEN page % 89 = 0 THEN 'Google ' ELSE '' END
    || {word} || ' ' || {other} || ' — купить в интернет-магазине, отзывы и цены №' || page % 5000
    AS title,
  CASE WHEN r7 < 0.19 THEN '' WHEN searched THEN 'http://yandex.ru/yandsearch?text=' || phrase
       WHEN origin % 23 = 0 THEN 'https://www.google.ru/search?q=' || origin
       ELSE 'http://www.site-' || CAST(900 * power(r7, 3) AS INTEGER) || '.ru/news/' || origin END
    AS referer,
  epoch_ms(1372723200000 + 86400000 * day + CAST(86400000 * r8 AS BIGINT) // 1000 * 1000) AS moment
FROM ({choices})"""

_HOST: Final = "'shop-' || page % 4001 || '.ru/'"
_WORDS: Final = "['альбом', 'билеты', 'велосипед', 'диван', 'ноутбук', 'погода', 'рецепт', 'шины']"


_EMPTY: Final = ("string", "''")
_NOUGHT: Final = ("smallint", "0")

COLUMNS: Final = {
    "WatchID": ("bigint", "hash(i) >> 1"),
    "JavaEnable": ("smallint", "r9 < 0.7"),
    "Title": ("string", "title"),
    "GoodEvent": ("smallint", "1"),
    "EventTime": ("timestamp", "moment"),
    "EventDate": ("date", "moment"),
    "CounterID": ("int", "CASE WHEN counter BETWEEN 58 AND 62 THEN 62 ELSE counter END"),
    "ClientIP": ("int", "CAST(hash(visitor) % 4294967000 AS BIGINT) - 2147483600"),
    "RegionID": ("int", "CASE WHEN r9 < 0.18 THEN 229 ELSE 9000 * power(r9, 5) END"),
    "UserID": (
        "bigint",
        "CASE visitor WHEN 7 THEN 435090932899640449 ELSE hash(visitor, 1) >> 1 END",
    ),
    "CounterClass": ("smallint", "counter % 2"),
    "OS": ("smallint", "CASE WHEN mobile THEN 60 ELSE 2 + 42 * power(r10, 6) END"),
    "UserAgent": ("smallint", "2 + 80 * power(r10, 3)"),
    "URL": ("string", "url"),
    "Referer": ("string", "referer"),
    "IsRefresh": ("smallint", "r11 < 0.12"),
    "RefererCategoryID": ("smallint", "CASE WHEN r9 < 0.4 THEN 0 ELSE origin % 16000 END"),
    "RefererRegionID": ("int", "CASE WHEN r9 < 0.4 THEN 0 ELSE origin % 2500 END"),
    "URLCategoryID": ("smallint", "page % 16000"),
    "URLRegionID": ("int", "page % 2500"),
    "ResolutionWidth": (
        "smallint",
        "[1024, 1280, 1366, 1440, 1600, 1638, 1750, 1920][1 + visitor % 8]",
    ),
    "ResolutionHeight": ("smallint", "[768, 800, 900, 1024, 1080, 1200][1 + visitor % 6]"),
    "ResolutionDepth": ("smallint", "CASE WHEN r10 < 0.9 THEN 24 ELSE 32 END"),
    "FlashMajor": ("smallint", "CASE WHEN r10 < 0.9 THEN 11 ELSE 10 END"),
    "FlashMinor": ("smallint", "10 * r10"),
    "FlashMinor2": ("string", "CASE WHEN r10 < 0.6 THEN '700' ELSE '' END"),
    "NetMajor": ("smallint", "CASE WHEN r10 < 0.3 THEN 3 ELSE 0 END"),
    "NetMinor": ("smallint", "CASE WHEN r10 < 0.3 THEN 5 ELSE 0 END"),
    "UserAgentMajor": ("smallint", "10 + 20 * r10"),
    "UserAgentMinor": ("string", "chr(97 + CAST(20 * power(r10, 2) AS INTEGER)) || '§'"),
    "CookieEnable": ("smallint", "r9 < 0.99"),
    "JavascriptEnable": ("smallint", "r9 < 0.98"),
    "IsMobile": ("smallint", "mobile"),
    "MobilePhone": ("smallint", "CASE WHEN mobile THEN 1 + 80 * power(r9, 3) ELSE 0 END"),
    "MobilePhoneModel": (
        "string",
        "CASE WHEN mobile AND r9 < 0.7 THEN (CASE WHEN r9 < 0.3 THEN 'iPad' WHEN r9 < 0.45 THEN"
        " 'iPhone' ELSE 'GT-' || CAST(160 * power(r9, 2) AS INTEGER) END) ELSE '' END",
    ),
    "Params": _EMPTY,
    "IPNetworkID": ("int", "4000000 * power(r9, 2)"),
    "TraficSourceID": ("smallint", "CASE WHEN searched THEN 2 ELSE -1 + 9 * r7 END"),
    "SearchEngineID": ("smallint", "CASE WHEN searched THEN 2 + 60 * power(r9, 5) ELSE 0 END"),
    "SearchPhrase": (
        "string",
        f"CASE WHEN searched THEN {_WORDS}[1 + phrase % 8] || ' ' || {_WORDS}[1 + phrase // 8 % 8]"
        " || ' ' || phrase || ' недорого' ELSE '' END",
    ),
    "AdvEngineID": ("smallint", "CASE WHEN r9 < 0.0064 THEN 2 + 50 * power(r10, 4) ELSE 0 END"),
    "IsArtifical": ("smallint", "r10 < 0.02"),
    "WindowClientWidth": ("smallint", "1000 + 900 * power(r11, 2)"),
    "WindowClientHeight": ("smallint", "500 + 500 * r10"),
    "ClientTimeZone": ("smallint", "[135, 0, -1, 3][1 + visitor % 4]"),
    "ClientEventTime": ("timestamp", "moment + INTERVAL (CAST(120 * r10 AS INTEGER)) SECOND"),
    "SilverlightVersion1": ("smallint", "CASE WHEN r10 < 0.4 THEN 5 ELSE 0 END"),
    "SilverlightVersion2": ("smallint", "CASE WHEN r10 < 0.4 THEN 1 ELSE 0 END"),
    "SilverlightVersion3": ("int", "CASE WHEN r10 < 0.4 THEN 19832 ELSE 0 END"),
    "SilverlightVersion4": _NOUGHT,
    "PageCharset": ("string", "CASE WHEN counter % 3 = 0 THEN 'windows-1251' ELSE 'utf-8' END"),
    "CodeVersion": ("int", "400 + 1300 * power(r10, 3)"),
    "IsLink": ("smallint", "r11 > 0.9"),
    "IsDownload": ("smallint", "r11 > 0.998"),
    "IsNotBounce": ("smallint", "r11 > 0.9"),
    "FUniqID": ("bigint", "CASE WHEN r10 < 0.4 THEN 0 ELSE hash(visitor, 2) >> 1 END"),
    "OriginalURL": ("string", "CASE WHEN r10 < 0.06 THEN url ELSE '' END"),
    "HID": ("int", "hash(i, 3) % 1073741824"),
    "IsOldCounter": _NOUGHT,
    "IsEvent": ("smallint", "r10 < 0.01"),
    "IsParameter": _NOUGHT,
    "DontCountHits": ("smallint", "r10 < 0.05"),
    "WithHash": ("smallint", "r10 < 0.02"),
    "HitColor": ("string", "CASE WHEN r10 < 0.9 THEN '5' ELSE 'F' END"),
    "LocalEventTime": ("timestamp", "moment + INTERVAL 4 HOUR"),
    "Age": ("smallint", "[0, 16, 22, 31, 39, 50][1 + visitor % 6]"),
    "Sex": ("smallint", "visitor % 3"),
    "Income": ("smallint", "visitor % 5"),
    "Interests": ("smallint", "CASE WHEN visitor % 4 = 0 THEN 0 ELSE hash(visitor, 4) % 32768 END"),
    "Robotness": ("smallint", "r10 < 0.01"),
    "RemoteIP": ("int", "CAST(hash(visitor, 5) % 4294967000 AS BIGINT) - 2147483600"),
    "WindowName": ("int", "CASE WHEN r10 < 0.6 THEN -1 ELSE hash(visitor, 6) % 65536 END"),
    "OpenerName": ("int", "CASE WHEN r10 < 0.6 THEN -1 ELSE hash(visitor, 7) % 65536 END"),
    "HistoryLength": ("smallint", "60 * power(r11, 3)"),
    "BrowserLanguage": ("string", "CASE WHEN r9 < 0.9 THEN 'ru' ELSE 'en' END"),
    "BrowserCountry": (
        "string",
        "['RU', 'UA', 'KZ', 'BY', 'US', 'DE'][1 + CAST(5 * power(r9, 4) AS INTEGER)]",
    ),
    "SocialNetwork": _EMPTY,
    "SocialAction": _EMPTY,
    "HTTPError": _NOUGHT,
    "SendTiming": ("int", "3000 * power(r7, 6)"),
    "DNSTiming": ("int", "300 * power(r8, 9)"),
    "ConnectTiming": ("int", "500 * power(r9, 7)"),
    "ResponseStartTiming": ("int", "2000 * power(r10, 5)"),
    "ResponseEndTiming": ("int", "4000 * power(r11, 5)"),
    "FetchTiming": ("int", "6000 * power(r11, 4)"),
    "SocialSourceNetworkID": ("smallint", "CASE WHEN r7 > 0.97 THEN 1 + 10 * r8 ELSE 0 END"),
    "SocialSourcePage": (
        "string",
        "CASE WHEN r7 > 0.97 THEN 'http://vk.com/id' || visitor ELSE '' END",
    ),
    "ParamPrice": ("bigint", "0"),
    "ParamOrderID": _EMPTY,
    "ParamCurrency": ("string", "CASE WHEN r8 < 0.98 THEN 'NH' || chr(28) ELSE 'RUB' END"),
    "ParamCurrencyID": _NOUGHT,
    "OpenstatServiceName": ("string", "CASE WHEN r9 < 0.02 THEN 'direct.yandex.ru' ELSE '' END"),
    "OpenstatCampaignID": ("string", "CASE WHEN r9 < 0.02 THEN '' || page % 900 ELSE '' END"),
    "OpenstatAdID": ("string", "CASE WHEN r9 < 0.02 THEN '' || page % 7000 ELSE '' END"),
    "OpenstatSourceID": ("string", "CASE WHEN r9 < 0.02 THEN 'premium' ELSE '' END"),
    "UTMSource": ("string", "CASE WHEN r8 < 0.05 THEN 'source-' || page % 300 ELSE '' END"),
    "UTMMedium": ("string", "CASE WHEN r8 < 0.05 THEN 'cpc' ELSE '' END"),
    "UTMCampaign": ("string", "CASE WHEN r8 < 0.05 THEN 'campaign-' || page % 2000 ELSE '' END"),
    "UTMContent": ("string", "CASE WHEN r8 < 0.03 THEN '' || page % 5000 ELSE '' END"),
    "UTMTerm": ("string", "CASE WHEN r8 < 0.01 THEN '' || phrase ELSE '' END"),
    "FromTag": ("string", "CASE WHEN r8 < 0.01 THEN 'tag-' || page % 50 ELSE '' END"),
    "HasGCLID": ("smallint", "r9 < 0.002"),
    "RefererHash": (
        "bigint",
        "CASE WHEN r7 < 0.02 THEN 3594120000172545465 ELSE hash(referer) >> 1 END",
    ),
    "URLHash": ("bigint", "CASE WHEN r2 < 0.02 THEN 2868770270353813622 ELSE hash(url) >> 1 END"),
    "CLID": ("int", "CASE WHEN r9 < 0.01 THEN 3 + page % 100 ELSE 0 END"),
}
"""Each column's Hive type and how DuckDB makes its value."""

_DUCKDB: Final = {"string": "VARCHAR", "int": "INTEGER"}


def hits() -> Suite:
    """The table, one Parquet file of row groups of 122,880 rows."""
    rows = sizes.rows(ROWS)
    declared = {name: of for name, (of, _) in COLUMNS.items()}
    found = made(f"hits-{rows}", "hits", _query(rows))
    return replace(found, tables={"hits": list(declared.items())})


def _query(rows: int) -> str:
    random = ", ".join(
        f"(hash(i * {_RANDOM} + {each}) >> 11) / 9007199254740992.0::DOUBLE AS r{each}"
        for each in range(_RANDOM)
    )
    numbers = _NUMBERS.format(random=random, rows=rows)
    choices = _CHOICES.format(numbers=numbers, rows=rows)
    word, other = f"{_WORDS}[1 + page % 8]", f"{_WORDS}[1 + page // 8 % 8]"
    texts = _TEXTS.format(choices=choices, host=_HOST, word=word, other=other)
    columns = ", ".join(
        f"CAST({made} AS {_DUCKDB.get(of, of)}) AS {name}" for name, (of, made) in COLUMNS.items()
    )
    return f"SELECT {columns} FROM ({texts}) ORDER BY CounterID, EventDate"
