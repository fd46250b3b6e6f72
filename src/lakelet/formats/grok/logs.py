"""The log formats that Glue knows, by grok patterns, in Glue's order."""

from collections.abc import Mapping
from functools import partial

from lakelet.formats.grok.recognising import by_pattern

_LEAST = 0.9
"""The share of lines that a log's pattern must match."""

PATTERNS: Mapping[str, str] = {
    "combined_apache": "%{COMBINEDAPACHELOG}",
    "apache": "%{COMMONAPACHELOG}",
    "linux_kernel": r"%{SYSLOGTIMESTAMP:timestamp} %{SYSLOGHOST:host} kernel:"
    r" \[\s*%{NUMBER:uptime}\] %{GREEDYDATA:message}",
    "microsoft_log": r"%{IP:clientip}, %{DATA:user}, %{DATE_US:date}, %{TIME:time},"
    r" %{NOTSPACE:service}, %{NOTSPACE:server}, %{IP:serverip}, %{INT:elapsed},"
    r" %{INT:bytesreceived}, %{INT:bytessent}, %{INT:status}, %{INT:windowsstatus},"
    r" %{WORD:operation}, %{DATA:target}, %{DATA:parameters},",
    "ruby_logger": r"[DFEWIA], \[%{TIMESTAMP_ISO8601:timestamp} #%{POSINT:pid}\] +"
    r"%{LOGLEVEL:loglevel} -- +%{DATA:progname}: %{GREEDYDATA:message}",
    "squid": r"%{NUMBER:timestamp} +%{INT:duration} %{IPORHOST:clientip}"
    r" %{WORD:cacheresult}/%{INT:status} %{INT:bytes} %{WORD:method} %{NOTSPACE:url}"
    r" %{NOTSPACE:user} %{WORD:hierarchy}/%{NOTSPACE:server} %{NOTSPACE:contenttype}",
    "redismonlog": r"%{NUMBER:timestamp} \[%{INT:database} %{IP:client}:%{POSINT:port}\]"
    r" \"%{WORD:command}\"%{GREEDYDATA:params}",
    "redislog": r"\[%{POSINT:pid}\] %{MONTHDAY:day} %{MONTH:month} %{TIME:time} [*#.-]"
    r" %{GREEDYDATA:message}",
}

RECOGNISERS = tuple(
    partial(by_pattern, classification=name, pattern=pattern, least=_LEAST)
    for name, pattern in PATTERNS.items()
)
