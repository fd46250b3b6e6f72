"""GrokSerDe and CloudTrail's files: what Athena's user guide says of them."""

import gzip
import json
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
import regex

import lakelet
from lakelet.errors import TrinoError
from lakelet.formats import grok
from tests.formats import lakes


@pytest.fixture(scope="module")
def lake() -> Iterator[lakelet.Lake]:
    with lakes.named("logs", "athena") as made:
        yield made


_answer = partial(lakes.rows, database="logs")


def _grok(lake: lakelet.Lake, name: str, columns: str, properties: str, data: str) -> list[Any]:
    lake.storage.write("logs", f"{name}/log", data.encode())
    _answer(
        lake,
        f"CREATE EXTERNAL TABLE {name} ({columns})"
        " ROW FORMAT SERDE 'com.amazonaws.glue.serde.GrokSerDe'"
        f" WITH SERDEPROPERTIES ({properties})"
        " STORED AS INPUTFORMAT 'org.apache.hadoop.mapred.TextInputFormat'"
        " OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'"
        f" LOCATION 's3://logs/{name}/'",
    )
    return _answer(lake, f"SELECT * FROM {name}")


def test_lines_beyond_ascii_stand_among_others(lake: lakelet.Lake) -> None:
    # A word of Java's is of ASCII letters: what stands between is told by Python's rule.
    found = _grok(
        lake,
        "mixed",
        "first string, second string, third string",
        "'input.format' = '%{WORD:first} %{DATA:second}-%{INT:third}'",
        "a b-1\nä b-2\nb ö-3\nno\nnö\nc -4\n",
    )
    assert found[0] == ("a", "b", "1")
    assert found[2:] == [("b", "ö", "3"), (None,) * 3, (None,) * 3, ("c", "", "4")]


def test_grok_with_a_pattern_of_one_s_own(lake: lakelet.Lake) -> None:
    found = _grok(
        lake,
        "mail",
        "syslogbase string, queue_id string, syslog_message string",
        "'input.grokCustomPatterns' = 'POSTFIX_QUEUEID [0-9A-F]{7,12}',"
        " 'input.format' = '%{SYSLOGBASE} %{POSTFIX_QUEUEID:queue_id}:"
        " %{GREEDYDATA:syslog_message}'",
        "Jan  1 06:25:43 mailserver14 postfix/cleanup[21403]: BEF25A72965: message-id=<2013@x>\n"
        "nothing of the kind\n",
    )
    assert found == [
        (
            "Jan  1 06:25:43 mailserver14 postfix/cleanup[21403]:",
            "BEF25A72965",
            "message-id=<2013@x>",
        ),
        (None, None, None),
    ]


def test_grok_reads_apache_logs(lake: lakelet.Lake) -> None:
    found = _grok(
        lake,
        "apache",
        "clientip string, verb string, response int, bytes bigint, agent string",
        "'input.format' = '%{COMBINEDAPACHELOG}'",
        '10.0.0.1 - bob [10/Oct/2000:13:55:36 -0700] "GET /a HTTP/1.0" 200 2326 "-" "curl/8"\n'
        '10.0.0.2 - - [10/Oct/2000:13:55:36 -0700] "HEAD / HTTP/1.1" 304 - "-" "x"\n',
    )
    assert found == [
        ("10.0.0.1", "GET", 200, 2326, "curl/8"),
        ("10.0.0.2", "HEAD", 304, None, "x"),
    ]


def test_names_of_columns_may_have_blanks_types_and_patterns(lake: lakelet.Lake) -> None:
    # "Query Apache logs", Athena user guide: `%{DATA: returned_obj_size}$`; the rest is what the
    # Grok library reads that Glue's SerDe is made of.
    found = _grok(
        lake,
        "blanks",
        "host string, code int, size int, rest string",
        "'input.format' = '^%{IPV4:host} %{INT:code;int} %{DATA: size} %{LAST:rest=[x-z]+}$'",
        "192.0.2.7 404 30 xyz\n192.0.2.8 200 - x\n192.0.2.8 200 5 abc\n",
    )
    assert found == [
        ("192.0.2.7", 404, 30, "xyz"),
        ("192.0.2.8", 200, None, "x"),
        (None, None, None, None),
    ]


def test_a_pattern_that_is_not_known_is_said(lake: lakelet.Lake) -> None:
    with pytest.raises(TrinoError, match="Pattern NO_SUCH is not defined"):
        _grok(lake, "unknown", "a string", "'input.format' = '%{NO_SUCH:a}'", "x\n")


def test_cloudtrail_s_records_are_rows(lake: lakelet.Lake) -> None:
    records = [
        {
            "eventVersion": "1.08",
            "userIdentity": {"type": "IAMUser", "accountId": "1"},
            "eventTime": "2024-01-02T03:04:05Z",
            "requestParameters": {"bucketName": "b", "n": 1},
            "responseElements": None,
            "resources": [{"ARN": "arn:x", "accountId": "1"}],
        },
        {"eventVersion": "1.09", "userIdentity": {"type": "Root"}},
    ]
    text = json.dumps({"Records": records}) + "\nno JSON\n{}\n"
    lake.storage.write("logs", "trail/a.json", text.encode())
    _answer(
        lake,
        "CREATE EXTERNAL TABLE trail (eventversion string,"
        " useridentity struct<type:string,accountid:string>, eventtime string,"
        " requestparameters string, responseelements string,"
        " resources array<struct<arn:string,accountid:string>>)"
        " ROW FORMAT SERDE 'org.apache.hive.hcatalog.data.JsonSerDe'"
        " STORED AS INPUTFORMAT 'com.amazon.emr.cloudtrail.CloudTrailInputFormat'"
        " OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'"
        " LOCATION 's3://logs/trail/'",
    )
    assert _answer(lake, "SELECT count(*) FROM trail") == [(2,)]
    first, second = _answer(lake, "SELECT * FROM trail ORDER BY eventversion")
    assert first == (
        "1.08",
        ("IAMUser", "1"),
        "2024-01-02T03:04:05Z",
        '{"bucketName":"b","n":1}',
        None,
        [("arn:x", "1")],
    )
    assert second == ("1.09", ("Root", None), None, None, None, None)


def test_cloudtrail_s_texts_hold_what_the_record_holds(lake: lakelet.Lake) -> None:
    numbers = (
        '{"big":123456789012345678901,"small":0.00001,"huge":1.5e300,"whole":9007199254740993}'
    )
    records = ",".join(
        f'{{"eventName":"{name}","userIdentity":{{"type":"Root"}},"requestParameters":{given}}}'
        for name, given in (("A", numbers), ("B", '{"key":"\\ud800é"}'), ("C", "null"))
    )
    lake.storage.write("logs", "texts/a.json", f'{{"Records":[{records}]}}\n'.encode())
    _answer(
        lake,
        "CREATE EXTERNAL TABLE texts (eventname string, useridentity_as_string string,"
        " requestparameters string) ROW FORMAT SERDE 'com.amazon.emr.hive.serde.CloudTrailSerde'"
        " STORED AS INPUTFORMAT 'com.amazon.emr.cloudtrail.CloudTrailInputFormat'"
        " OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'"
        " LOCATION 's3://logs/texts/'",
    )
    found = dict(_answer(lake, "SELECT eventname, requestparameters FROM texts"))
    assert json.loads(found["A"]) == json.loads(numbers)
    assert found["B"] == '{"key":"?é"}'
    assert found["C"] is None
    assert _answer(lake, "SELECT DISTINCT useridentity_as_string FROM texts") == [
        ('{"type":"Root"}',)
    ]


@pytest.mark.parametrize(
    ("pattern", "text", "matched"),
    [  # As the patterns of java-grok 0.1.9 match, which are Logstash's.
        ("NUMBER", ".-3", None),
        ("NUMBER", "x -3.5.1", "-3.5"),
        ("BASE16FLOAT", ".5", None),
        ("HOSTNAME", "1-", "1-"),
        ("HOSTNAME", "ff.", "ff."),
        ("IPV4", "021.2.3.4", "021.2.3.4"),
        ("IPV6", "12:34:56", None),
        ("IPV6", "::1:", "::1"),
        ("IPV6", "fe80::1.2.3.4%eth0 x", "fe80::1"),
        ("QS", '\\\\"a" "b"', '" "'),
        ("LOGLEVEL", "user@host", "er"),
        ("LOGLEVEL", "|nfo", "|nfo"),
        ("LOGLEVEL", "wARNING", None),
        ("TIME", "0223:59:60", "23:59:60"),
        ("UNIXPATH", "/a/b=c", "/a/b"),
        ("WINPATH", "FebC:\\x", "FebC:\\x"),
    ],
)
def test_a_pattern_matches_what_logstash_s_does(
    pattern: str, text: str, matched: str | None
) -> None:
    found = regex.search(grok.expanded(f"%{{{pattern}:x}}").regex, text)
    assert (found and found[0]) == matched


def test_balancers_logs_by_a_pattern_and_projected_days(lake: lakelet.Lake) -> None:
    # The forms of the guide's tables of load balancers' logs: quotes behind one and three
    # backslashes, empty choices, a rest that may be missing, days that make the path.
    line = (
        '{kind} 2024-05-06T07:08:09.123456Z app/x/1 192.0.2.7:2817 {target} 0.001 {code} "GET'
        ' http://x.example:80/a?b=c HTTP/1.1" "agent (x; y)" - TLSv1.3{rest}\n'
    )
    lines = (
        line.format(kind="h2", target="10.0.0.1:80", code=200, rest=" TID_1"),
        line.format(kind="ws", target="-", code="-", rest=""),
        "no line of a balancer\n",
    )
    lake.storage.write("logs", "lb/2024/05/06/a.log.gz", gzip.compress("".join(lines).encode()))
    _answer(
        lake,
        "CREATE EXTERNAL TABLE balancer (type string, time string, name string, ip string,"
        " port int, target string, target_port int, took double, code int, verb string,"
        " url string, agent string, cipher string, tls string, trace string)"
        " PARTITIONED BY (day string)"
        " ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.RegexSerDe'"
        " WITH SERDEPROPERTIES ('serialization.format' = '1', 'input.regex' ="
        r" '([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*):([0-9]*) ([^ ]*)[:-]([0-9]*) ([-.0-9]*) (|[-0-9]*)"
        r""" \"([^ ]*) (.*) [^ ]*\" \\\"([^\"]*)\\\" ([A-Z0-9-_]+) ([A-Za-z0-9.-]*) ?([^ ]*)?')"""
        " LOCATION 's3://logs/lb/' TBLPROPERTIES ('projection.enabled' = 'true',"
        " 'projection.day.type' = 'date', 'projection.day.range' = '2024/05/01,NOW',"
        " 'projection.day.format' = 'yyyy/MM/dd', 'projection.day.interval' = '1',"
        " 'projection.day.interval.unit' = 'DAYS',"
        " 'storage.location.template' = 's3://logs/lb/${day}')",
    )
    found = _answer(
        lake,
        "SELECT type, ip, port, target, target_port, took, code, url, agent, trace, day"
        " FROM balancer WHERE day >= '2024/05/02' ORDER BY type",
    )
    client, url, agent = ("192.0.2.7", 2817), "http://x.example:80/a?b=c", "agent (x; y)"
    assert found == [
        ("h2", *client, "10.0.0.1", 80, 0.001, 200, url, agent, "TID_1", "2024/05/06"),
        ("ws", *client, "", None, 0.001, None, url, agent, "", "2024/05/06"),
        (*(None,) * 10, "2024/05/06"),
    ]
    moment = "parse_datetime(time, 'yyyy-MM-dd''T''HH:mm:ss.SSSSSS''Z')"
    (counted,) = _answer(
        lake, f"SELECT count(*) FROM balancer WHERE {moment} < TIMESTAMP '2024-05-07 00:00:00 UTC'"
    )
    assert counted == (2,)
