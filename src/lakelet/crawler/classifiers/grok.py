"""Grok: named patterns over lines, and the ones that Glue has built in.

`%{PATTERN:column:type}` captures, `%{PATTERN}` only matches ("Writing grok custom classifiers",
Glue developer guide).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from lakelet.crawler import classified
from lakelet.crawler.classified import Classified
from lakelet.crawler.samples import Sample
from lakelet.crawler.schemas import Kind
from lakelet.errors import InvalidInput

MAX_LINES = 1000
_LONGEST = 4096
"""Characters of a line that are matched."""

_REFERENCE = re.compile(r"%\{(\w+)(?::([\w.\-\[\]]+))?(?::(\w+))?\}")
_ONIGURUMA = re.compile(r"\(\?<(?![=!])")
_MAX_DEPTH = 20
_TYPES = {
    "byte": "tinyint",
    "boolean": "boolean",
    "double": "double",
    "short": "smallint",
    "int": "int",
    "long": "bigint",
    "float": "float",
    "string": "string",
}

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
    "BASE10NUM": r"[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)",
    "NUMBER": r"%{BASE10NUM}",
    "BASE16NUM": r"[+-]?(?:0x)?[0-9A-Fa-f]+",
    "BASE16FLOAT": r"\b[+-]?(?:0x)?(?:[0-9A-Fa-f]+(?:\.[0-9A-Fa-f]*)?|\.[0-9A-Fa-f]+)\b",
    "BOOLEAN": r"(?i:true|false)",
    "QUOTEDSTRING": r"\"(?:\\.|[^\\\"])*\"|'(?:\\.|[^\\'])*'|`(?:\\.|[^\\`])*`",
    "QS": r"%{QUOTEDSTRING}",
    "UUID": r"[A-Fa-f0-9]{8}-(?:[A-Fa-f0-9]{4}-){3}[A-Fa-f0-9]{12}",
    # Networks
    "MAC": r"%{CISCOMAC}|%{WINDOWSMAC}|%{COMMONMAC}",
    "CISCOMAC": r"(?:[A-Fa-f0-9]{4}\.){2}[A-Fa-f0-9]{4}",
    "WINDOWSMAC": r"(?:[A-Fa-f0-9]{2}-){5}[A-Fa-f0-9]{2}",
    "COMMONMAC": r"(?:[A-Fa-f0-9]{2}:){5}[A-Fa-f0-9]{2}",
    "IPV6": r"(?:[0-9A-Fa-f]{0,4}:){2,7}(?:%{IPV4}|[0-9A-Fa-f]{0,4})(?:%\w+)?",
    "IPV4": r"(?<![0-9.])(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\.){3}"
    r"(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(?![0-9.])",
    "IP": r"%{IPV6:UNWANTED}|%{IPV4:UNWANTED}",
    "HOSTNAME": r"\b[0-9A-Za-z][0-9A-Za-z-]{0,62}(?:\.[0-9A-Za-z][0-9A-Za-z-]{0,62})*\.?\b",
    "HOST": r"%{HOSTNAME:UNWANTED}",
    "IPORHOST": r"%{HOSTNAME:UNWANTED}|%{IP:UNWANTED}",
    "HOSTPORT": r"%{IPORHOST}:%{POSINT}",
    # Paths
    "PATH": r"%{UNIXPATH}|%{WINPATH}",
    "UNIXPATH": r"(?:/[\w%!$@:.,~+=-]*)+",
    "TTY": r"/dev/(?:pts|tty[pq]?)(?:\w+)?/?[0-9]+",
    "WINPATH": r"(?:[A-Za-z]:|\\)(?:\\[^\\?*]*)+",
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
    "TIME": r"(?<![0-9])%{HOUR}:%{MINUTE}(?::%{SECOND})(?![0-9])",
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
    "LOGLEVEL": r"(?i:alert|trace|debug|notice|info|warn(?:ing)?|err(?:or)?|crit(?:ical)?|fatal"
    r"|severe|emerg(?:ency)?)",
    "COMMONAPACHELOG": r"%{IPORHOST:clientip} %{USER:ident} %{USER:auth}"
    r" \[%{HTTPDATE:timestamp}\] \"(?:%{WORD:verb} %{NOTSPACE:request}"
    r"(?: HTTP/%{NUMBER:httpversion})?|%{DATA:rawrequest})\" %{NUMBER:response}"
    r" (?:%{NUMBER:bytes}|-)",
    "COMBINEDAPACHELOG": r"%{COMMONAPACHELOG} %{QS:referrer} %{QS:agent}",
}
"""What `%{NAME}` stands for; names and meanings are those that Glue's guide lists."""


@dataclass(frozen=True, slots=True)
class Grok:
    """A compiled pattern: the regular expression and its columns in their order."""

    regex: re.Pattern[str]
    columns: tuple[tuple[str, Kind], ...]


@dataclass(slots=True)
class _Writing:
    patterns: Mapping[str, str]
    columns: dict[str, Kind] = field(default_factory=dict)

    def expand(self, text: str, depth: int) -> str:
        if depth > _MAX_DEPTH:
            raise InvalidInput("Grok patterns refer to each other without end")
        return _REFERENCE.sub(lambda match: self._one(match, depth), _ONIGURUMA.sub("(?P<", text))

    def _one(self, match: re.Match[str], depth: int) -> str:
        pattern, name, of = match.groups()
        if pattern not in self.patterns:
            raise InvalidInput(f"Grok pattern {pattern} is not known")
        column = re.sub(r"\W", "_", name.strip("[]")).lower() if name else ""
        captures = column not in ("", "unwanted") and column not in self.columns
        if captures:
            self.columns[column] = Kind(_type(of))
        inside = self.expand(self.patterns[pattern], depth + 1)
        return f"(?P<{column}>{inside})" if captures else f"(?:{inside})"


@lru_cache(maxsize=256)
def compiled(pattern: str, custom: str = "") -> Grok:
    """A pattern with a classifier's own ones, `NAME regex` a line. Raises InvalidInput."""
    own = dict(line.strip().split(None, 1) for line in custom.splitlines() if " " in line.strip())
    writing = _Writing({**PATTERNS, **own})
    expanded = writing.expand(pattern, 0)
    try:
        regex = re.compile(expanded)
    except re.error as error:
        raise InvalidInput(f"The grok pattern {pattern!r} is not valid: {error}") from error
    names = {name: writing.columns.get(name, Kind("string")) for name in regex.groupindex}
    if not names:
        raise InvalidInput(f"The grok pattern {pattern!r} names no column")
    return Grok(regex, tuple(names.items()))


def by_pattern(
    sample: Sample, classification: str, pattern: str, custom: str = "", least: float = 0.0
) -> Classified | None:
    """The lines that a pattern matches are the certainty; `least` is the share they must have."""
    lines = [line[:_LONGEST] for line in sample.lines[:MAX_LINES] if line.strip()]
    grok = compiled(pattern, custom)
    if not lines or (least > 0 and not grok.regex.match(lines[0])):
        return None
    matched = sum(1 for line in lines if grok.regex.match(line))
    if not matched or matched / len(lines) < least:
        return None
    serde = {"input.format": pattern}
    if custom:
        serde["input.grokCustomPatterns"] = custom
    parameters = {"grokPattern": pattern, **({"grokCustomPatterns": custom} if custom else {})}
    return Classified(
        classification,
        classified.GROK,
        dict(grok.columns),
        sample.compression,
        *sample.measured(len(lines)),
        serde,
        parameters,
        certainty=matched / len(lines),
    )


def _type(word: str | None) -> str:
    if word is None:
        return "string"
    if word.lower() not in _TYPES:
        raise InvalidInput(f"Grok has no type {word}")
    return _TYPES[word.lower()]
