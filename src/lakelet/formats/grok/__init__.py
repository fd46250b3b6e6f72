"""GrokSerDe: a pattern of named patterns that a part of the line must match.

`%{PATTERN:column}` captures, `%{PATTERN: column}`, `%{PATTERN:column;int}` and, with a pattern of
one's own, `%{PATTERN:column=regex}` too, and so does a plain `%{PATTERN}` of the format itself
under its own name; a column is the capture of its name, whatever its case, or the one at its place
where none has it ("Grok SerDe", Athena user guide). Quotes around a value are taken away. A line
without a match is a row of NULLs, and what is no value of its type is NULL.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from lakelet.errors import TrinoError
from lakelet.formats.regex import grouped
from lakelet.formats.scanning import TEXT_INPUT, TEXT_OUTPUT, Format, Relation, Request

_REFERENCE: Final = re.compile(r"%\{(\w+)(?::\s*([\w.\-\[\]]+)\s*)?(?:[:;](\w+))?(?:=([^{}]+))?\}")
_MAX_DEPTH: Final = 20

_OCTET: Final = "25[0-5]|2[0-4][0-9]|[01]?[0-9]{1,2}"
_LEVELS: Final = (
    *("alert", "trace", "debug", "notice", "info", "warn?(?:ing)?", "err?(?:or)?"),
    *("crit?(?:ical)?", "fatal", "severe", "emerg(?:ency)?"),
)


def _ipv6() -> Iterator[str]:
    """An address by how many of its eight groups stand before what is left out."""
    octet = r"25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d"
    group, dotted = "[0-9A-Fa-f]{1,4}", rf"(?:{octet})(?:\.(?:{octet})){{3}}"
    zone = "(?:%.+)?"
    yield f"(?:{group}:){{7}}(?:{group}|:){zone}"
    yield f"(?:{group}:){{6}}(?::{group}|{dotted}|:){zone}"
    for before in range(5, -1, -1):
        start = f"(?:{group}:){{{before}}}" if before else ":"
        behind = f"(?::{group}){{1,{7 - before}}}|(?::{group}){{0,{5 - before}}}:{dotted}|:"
        yield f"{start}(?:{behind}){zone}"


PATTERNS: Mapping[str, str] = {
    # Words and numbers
    "WORD": r"\b\w+\b",
    "NOTSPACE": r"\S+",
    "SPACE": r"\s*",
    "DATA": r".*?",
    "GREEDYDATA": r".*",
    "USERNAME": r"[A-Za-z0-9._-]+",
    "USER": r"%{USERNAME}",
    "INT": r"[+-]?[0-9]+",
    "POSINT": r"\b[1-9][0-9]*\b",
    "NONNEGINT": r"\b[0-9]+\b",
    "BASE10NUM": r"(?<![-+.0-9])(?>[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+))",
    "NUMBER": r"%{BASE10NUM}",
    "BASE16NUM": r"[+-]?(?:0x)?[0-9A-Fa-f]+",
    "BASE16FLOAT": r"\b(?<![.0-9A-Fa-f])[+-]?(?:0x)?"
    r"(?:[0-9A-Fa-f]+(?:\.[0-9A-Fa-f]*)?|\.[0-9A-Fa-f]+)\b",
    "BOOLEAN": r"(?i:true|false)",
    "QUOTEDSTRING": r"(?<!\\)(?:\"(?:\\.|[^\\\"])*\"|'(?:\\.|[^\\'])*'|`(?:\\.|[^\\`])*`)",
    "QS": r"%{QUOTEDSTRING}",
    "UUID": r"[A-Fa-f0-9]{8}-(?:[A-Fa-f0-9]{4}-){3}[A-Fa-f0-9]{12}",
    # Networks
    "MAC": r"%{CISCOMAC}|%{WINDOWSMAC}|%{COMMONMAC}",
    "CISCOMAC": r"(?:[A-Fa-f0-9]{4}\.){2}[A-Fa-f0-9]{4}",
    "WINDOWSMAC": r"(?:[A-Fa-f0-9]{2}-){5}[A-Fa-f0-9]{2}",
    "COMMONMAC": r"(?:[A-Fa-f0-9]{2}:){5}[A-Fa-f0-9]{2}",
    "IPV6": "|".join(_ipv6()),
    "IPV4": rf"(?<![0-9])(?:(?:{_OCTET})\.){{3}}(?:{_OCTET})(?![0-9])",
    "IP": r"%{IPV6:UNWANTED}|%{IPV4:UNWANTED}",
    "HOSTNAME": r"\b[0-9A-Za-z][0-9A-Za-z-]{0,62}(?:\.[0-9A-Za-z][0-9A-Za-z-]{0,62})*(?:\.?|\b)",
    "HOST": r"%{HOSTNAME:UNWANTED}",
    "IPORHOST": r"%{HOSTNAME:UNWANTED}|%{IP:UNWANTED}",
    "HOSTPORT": r"%{IPORHOST}:%{POSINT}",
    # Paths
    "PATH": r"%{UNIXPATH}|%{WINPATH}",
    "UNIXPATH": r"(?>/(?>[\w%!$@:.,~-]+|\\.)*)+",
    "TTY": r"/dev/(?:pts|tty[pq]?)(?:\w+)?/?[0-9]+",
    "WINPATH": r"(?>[A-Za-z]+:|\\)(?:\\[^\\?*]*)+",
    "URIPROTO": r"[A-Za-z]+(?:\+[A-Za-z+]+)?",
    "URIHOST": r"%{IPORHOST}(?::%{POSINT:port})?",
    "URIPATH": r"(?:/[A-Za-z0-9$.+!*'(){},~:;=@#%_\-]*)+",
    "URIPARAM": r"\?[A-Za-z0-9$.+!*'|(){},~@#%&/=:;_?\-\[\]]*",
    "URIPATHPARAM": r"%{URIPATH}(?:%{URIPARAM})?",
    "URI": r"%{URIPROTO}://(?:%{USER}(?::[^@]*)?@)?(?:%{URIHOST})?(?:%{URIPATHPARAM})?",
    # Dates and times
    "MONTH": r"\b(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|Jun(?:e)?|Jul(?:y)?"
    r"|Aug(?:ust)?|Sep(?:tember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b",
    "MONTHNUM": r"0?[1-9]|1[0-2]",
    "MONTHNUM2": r"0[1-9]|1[0-2]",
    "MONTHDAY": r"(?:0[1-9]|[12][0-9]|3[01]|[1-9])",
    "DAY": r"(?:Mon(?:day)?|Tue(?:sday)?|Wed(?:nesday)?|Thu(?:rsday)?|Fri(?:day)?|Sat(?:urday)?"
    r"|Sun(?:day)?)",
    "YEAR": r"(?:\d\d){1,2}",
    "HOUR": r"2[0-3]|[01]?[0-9]",
    "MINUTE": r"[0-5][0-9]",
    "SECOND": r"(?:[0-5]?[0-9]|60)(?:[:.,][0-9]+)?",
    "TIME": r"%{HOUR}:%{MINUTE}(?::%{SECOND})(?![0-9])",
    "DATE_US": r"%{MONTHNUM}[/-]%{MONTHDAY}[/-]%{YEAR}",
    "DATE_EU": r"%{MONTHDAY}[./-]%{MONTHNUM}[./-]%{YEAR}",
    "DATE": r"%{DATE_US}|%{DATE_EU}",
    "DATESTAMP": r"%{DATE}[- ]%{TIME}",
    "ISO8601_TIMEZONE": r"Z|[+-]%{HOUR}:?%{MINUTE}",
    "ISO8601_SECOND": r"%{SECOND}",
    "TIMESTAMP_ISO8601": r"%{YEAR}-%{MONTHNUM}-%{MONTHDAY}[T ]%{HOUR}:?%{MINUTE}"
    r"(?::?%{SECOND})?(?:%{ISO8601_TIMEZONE})?",
    "TZ": r"[PMCE][SD]T|UTC",
    "DATESTAMP_RFC822": r"%{DAY} %{MONTH} %{MONTHDAY} %{YEAR} %{TIME} %{TZ}",
    "DATESTAMP_RFC2822": r"%{DAY}, %{MONTHDAY} %{MONTH} %{YEAR} %{TIME} %{ISO8601_TIMEZONE}",
    "DATESTAMP_OTHER": r"%{DAY} %{MONTH} %{MONTHDAY} %{TIME} %{TZ} %{YEAR}",
    "DATESTAMP_EVENTLOG": r"%{YEAR}%{MONTHNUM2}%{MONTHDAY}%{HOUR}%{MINUTE}%{SECOND}",
    "SYSLOGTIMESTAMP": r"%{MONTH} +%{MONTHDAY} %{TIME}",
    "HTTPDATE": r"%{MONTHDAY}/%{MONTH}/%{YEAR}:%{TIME} %{INT}",
    # System logs
    "PROG": r"[\w._/%-]+",
    "SYSLOGPROG": r"%{PROG:program}(?:\[%{POSINT:pid}\])?",
    "SYSLOGHOST": r"%{IPORHOST}",
    "SYSLOGFACILITY": r"<%{NONNEGINT:facility}.%{NONNEGINT:priority}>",
    "SYSLOGBASE": r"%{SYSLOGTIMESTAMP:timestamp} (?:%{SYSLOGFACILITY} )?"
    r"%{SYSLOGHOST:logsource} %{SYSLOGPROG}:",
    "LOGLEVEL": "|".join(
        f"[{word[0].upper()}|{word[0]}]{word[1:]}|{word.upper()}" for word in _LEVELS
    ),
    "COMMONAPACHELOG": r"%{IPORHOST:clientip} %{USER:ident} %{USER:auth}"
    r" \[%{HTTPDATE:timestamp}\] \"(?:%{WORD:verb} %{NOTSPACE:request}"
    r"(?: HTTP/%{NUMBER:httpversion})?|%{DATA:rawrequest})\" %{NUMBER:response}"
    r" (?:%{NUMBER:bytes}|-)",
    "COMBINEDAPACHELOG": r"%{COMMONAPACHELOG} %{QS:referrer} %{QS:agent}",
}
"""What `%{NAME}` stands for: the names that Glue's guide lists, which match what they do in
Logstash 1.4.2, by which it goes."""


@dataclass(frozen=True, slots=True)
class Expanded:
    """A pattern as a regular expression of Java, and its columns with the types that it names."""

    regex: str
    columns: Mapping[str, str | None]


@dataclass(slots=True)
class _Writing:
    patterns: dict[str, str]
    unnamed: bool
    columns: dict[str, str | None] = field(default_factory=dict)

    def expand(self, text: str, depth: int) -> str:
        if depth > _MAX_DEPTH:
            raise ValueError("Deep recursion pattern compilation")
        return _REFERENCE.sub(lambda match: self._one(match, depth), text)

    def _one(self, match: re.Match[str], depth: int) -> str:
        pattern, name, of, defined = match.groups()
        if defined:
            self.patterns[pattern] = defined
        if pattern not in self.patterns:
            raise ValueError(f"Pattern {pattern} is not defined.")
        if name is None and self.unnamed and depth == 0:
            name = pattern
        column = re.sub(r"\W", "_", name.strip("[]")).lower() if name else ""
        captures = column not in ("", "unwanted") and column not in self.columns
        if captures:
            self.columns[column] = of
        inside = self.expand(self.patterns[pattern], depth + 1)
        return f"(?<{column}>{inside})" if captures else f"(?:{inside})"


@lru_cache(maxsize=256)
def expanded(pattern: str, custom: str = "", *, unnamed: bool = False) -> Expanded:
    """A pattern with patterns of one's own, `NAME regex` a line; raises ValueError.

    `unnamed`: a reference without a column's name captures too, outside other patterns.
    """
    own = dict(line.strip().split(None, 1) for line in custom.splitlines() if " " in line.strip())
    writing = _Writing({**PATTERNS, **own}, unnamed)
    return Expanded(writing.expand(pattern, 0), writing.columns)


def _scan(request: Request) -> Relation:
    pattern = request.property("input.format")
    if not pattern:
        raise TrinoError("HIVE_INVALID_METADATA", "GrokSerDe needs the SerDe property input.format")
    custom = request.property("input.grokCustomPatterns").replace("\\n", "\n")
    try:
        found = expanded(pattern, custom, unnamed=True)
    except ValueError as failure:
        raise TrinoError("HIVE_CURSOR_ERROR", f"Grok compilation failure: {failure}") from None
    captures = list(found.columns)
    places = {
        name: captures.index(name) if name in captures else place
        for place, (name, _) in enumerate(request.schema)
    }
    return grouped(request, found.regex, "fn", places, unquoted=True)


FORMAT: Final = Format(
    name="GROK",
    classification="grok",
    serdes=("com.amazonaws.glue.serde.GrokSerDe",),
    input_format=TEXT_INPUT,
    output_format=TEXT_OUTPUT,
    scan=_scan,
)
