"""Random sequences of requests, made from a seed."""

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any
from urllib.parse import quote

from tests.services.s3.fuzz.sending import Ask, Pairs, checksum

KEYS = (
    "a", "b", "a/b", "a/b/c", "dir/", "A", "a b", " lead", "trail ", "x+y", "z%41", "z%2Fz", "z%",
    "q?x=1", "h#x", "am&p", "lt<gt>", 'quo"te', "apo's", "semi;colon", "com,ma", "eq=ual", "at@",
    "dol$ar", "til~de", "st*r", "par(en)", "ex!cl", "pi|pe", "car^et", "back`tick", "br{ac}e",
    "br[ac]ket", "co:lon", "tab\there", "line\nfeed", "cr\rhere", "ü", "u\u0308", "日本/語", "😀",
    "p=1/q=x y/f.parquet", ".hidden", "x.", "_x", "-", "%", "+", "é" * 100, "n/" + "y" * 200,
)  # fmt: skip
TEXTS = ("", "x", "hello world\n", "0123456789" * 3)
ALGORITHMS = ("crc32", "crc32c", "crc64nvme", "sha1", "sha256")
RANGES = (
    "bytes=0-0", "bytes=2-5", "bytes=5-", "bytes=-3", "bytes=-300", "bytes=8-100", "bytes=10-",
    "bytes=100-200", "bytes=-0", "bytes=0-1,3-4", "bytes=", "bytes=a-b", "items=0-1", "bytes=5-2",
    "bytes=0-", "bytes= 0-1", "bytes=0 - 1", "Bytes=0-1", "bytes=-", "bytes=99999999999999999999-",
    "bytes=0-99999999999999999999", "bytes=+1-2", "bytes=1", "", "bytes=0-0,", "bytes=--1",
)  # fmt: skip
MOMENTS = (
    "Sat, 01 Jan 2000 00:00:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT", "nonsense", "",
    "Saturday, 01-Jan-00 00:00:00 GMT", "Sat Jan  1 00:00:00 2000", "2000-01-01T00:00:00Z",
)  # fmt: skip
HEADERS = (
    ("content-type", ("text/csv", "application/json; charset=utf-8", "", "x", "TEXT/Html")),
    ("cache-control", ("no-cache", "max-age=10, private", "")),
    ("content-disposition", ("inline", 'attachment; filename="a b.csv"', "")),
    ("content-encoding", ("gzip", "gzip, br", "identity", "")),
    ("content-language", ("de", "en, fr", "")),
    ("expires", ("Fri, 01 Jan 2100 00:00:00 GMT", "0", "never", "")),
    ("x-amz-meta-who", ("me", " two  words ", "", "ünï", "a,b", "=?utf-8?B?w7w=?=")),
    ("x-amz-meta-Case", ("Kept",)),
    ("x-amz-meta-a_b.c", ("v",)),
    ("x-amz-meta-long", ("v" * 1900, "v" * 2100)),
    ("x-amz-tagging", ("a=1", "a=1&b=x%20y", "a", "a=1&a=2", "", "k=ü", "a=<>&b=!", "=v")),
    ("x-amz-storage-class", ("STANDARD", "REDUCED_REDUNDANCY", "WRONG")),
    ("x-amz-website-redirect-location", ("/other",)),
)
OVERRIDES = (
    ("response-content-type", ("text/x", "")),
    ("response-cache-control", ("none",)),
    ("response-content-disposition", ('attachment; filename="ü.txt"', "attachment")),
    ("response-content-encoding", ("identity",)),
    ("response-content-language", ("fr",)),
    ("response-expires", ("Fri, 01 Jan 2100 00:00:00 GMT", "Thu, 01 Dec 1994 16:00:00 GMT")),
)


class Making:
    """A sequence's choices: few keys, so that requests meet."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.keys = self.random.sample(KEYS, 6)
        self.uploads: list[tuple[str, str]] = []
        self.parts: dict[str, list[int]] = {}

    def sequence(self, length: int) -> Iterator[Ask]:
        """So many requests."""
        kinds = (
            (12, self.put), (9, self.get), (5, self.head), (3, self.delete), (2, self.delete_many),
            (5, self.copy), (8, self.list_2), (6, self.list_1), (3, self.create), (6, self.part),
            (2, self.part_copy), (3, self.complete), (2, self.abort), (2, self.list_parts),
            (1, self.list_uploads), (3, self.tagging), (2, self.walk), (2, self.attributes),
            (2, self.broken), (2, self.of_bucket),
        )  # fmt: skip
        weights, makers = zip(*kinds, strict=True)
        for maker in self.random.choices(makers, weights, k=length):
            yield self.signed(maker())

    def signed(self, ask: Ask) -> Ask:
        """Some requests are signed and addressed in other ways."""
        if ask.framing == "plain" and self.chance(0.15):
            plain = ask.method in ("GET", "HEAD", "DELETE") and not ask.headers
            ways = ["unsigned-payload", *(["presigned"] if plain and not ask.pages else [])]
            if ask.body and ask.method == "PUT" and not ask.query:
                ways += ["other-payload", "no-payload"]
            ask = replace(ask, signing=self.random.choice(ways))
        return replace(ask, virtual=True) if self.chance(0.1) else ask

    # Objects --------------------------------------------------------------------------------

    def put(self) -> Ask:
        body = self.body()
        ask = Ask("PUT", self.key(), headers=self.headers(), body=body)
        ask = self.digested(ask)
        return replace(ask, headers=ask.headers + self.conditions(0.15, write=True))

    def digested(self, ask: Ask) -> Ask:
        """With Content-MD5, a checksum as a header or behind the body, in chunks."""
        body = ask.body
        way = self.random.random()
        if way < 0.08:
            digest = base64.b64encode(hashlib.md5(body).digest()).decode()
            said = self.pick(digest, digest, "AAAAAAAAAAAAAAAAAAAAAA==", "short", "", digest + "A")
            return replace(ask, headers=(*ask.headers, ("content-md5", said)))
        if way < 0.3:
            algorithm = self.random.choice(ALGORITHMS)
            value = checksum(algorithm, body if self.chance(0.8) else body + b"!")
            name = f"x-amz-checksum-{algorithm}"
            if self.chance(0.1):
                value = self.pick("", "AAAA", "no base64!")
            if self.chance(0.5):
                framing = self.pick("unsigned-trailer", "signed-trailer")
                coding = (("content-encoding", "aws-chunked"),) if self.chance(0.7) else ()
                kept = tuple(pair for pair in ask.headers if pair[0] != "content-encoding")
                return replace(ask, headers=kept + coding, framing=framing, trailer=(name, value))
            return replace(ask, headers=(*ask.headers, (name, value)))
        if way < 0.36:
            return replace(ask, framing="signed")
        if way < 0.4:
            named = self.random.choice([*ALGORITHMS, "CRC32", "SHA256", "md5", "none"])
            return replace(ask, headers=(*ask.headers, ("x-amz-sdk-checksum-algorithm", named)))
        return ask

    def get(self, method: str = "GET") -> Ask:
        query: list[tuple[str, str]] = []
        headers: list[tuple[str, str]] = []
        if self.chance(0.3):
            headers.append(("range", self.pick(*RANGES)))
        if self.chance(0.15):
            query.append(("partNumber", self.pick("1", "2", "0", "-1", "10001", "x", "")))
        if self.chance(0.2):
            headers.append(("x-amz-checksum-mode", self.pick("ENABLED", "enabled", "x")))
        if self.chance(0.15):
            name, values = self.random.choice(OVERRIDES)
            query.append((name, self.pick(*values)))
        if self.chance(0.06):
            query.append(("versionId", self.pick("null", "", "abc")))
        headers += self.conditions(0.3)
        return Ask(method, self.key(), tuple(query), tuple(headers))

    def head(self) -> Ask:
        return self.get("HEAD")

    def attributes(self) -> Ask:
        wanted = self.pick(
            "ETag",
            "ObjectSize,ETag",
            "StorageClass",
            "Checksum",
            "x",
            "",
            "ETag,ObjectSize,StorageClass,Checksum,ObjectParts",
        )
        return Ask("GET", self.key(), (("attributes", ""),), (("x-amz-object-attributes", wanted),))

    def delete(self) -> Ask:
        query = (("versionId", self.pick("null", "")),) if self.chance(0.1) else ()
        return Ask("DELETE", self.key(), query)

    def delete_many(self) -> Ask:
        keys = [self.key() for _ in range(self.random.randint(0, 4))]
        items = "".join(f"<Object><Key>{_escaped(key)}</Key></Object>" for key in keys)
        quiet = self.pick("", "", "<Quiet>true</Quiet>", "<Quiet>false</Quiet>", "<Quiet>x</Quiet>")
        text = f'<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{quiet}{items}</Delete>'
        if self.chance(0.15):
            text = self.pick(
                text[:-3], "", "<x/>", "<Delete/>", f"<Delete>{items}<Object/></Delete>", "{}"
            )
        body = text.encode()
        digest = base64.b64encode(hashlib.md5(body).digest()).decode()
        if self.chance(0.1):
            digest = "AAAAAAAAAAAAAAAAAAAAAA=="
        return Ask("POST", None, (("delete", ""),), (("content-md5", digest),), body)

    def copy(self) -> Ask:
        source = self.source()
        headers = [("x-amz-copy-source", source)]
        if self.chance(0.5):
            directive = self.pick("COPY", "REPLACE", "REPLACE", "x", "replace")
            headers.append(("x-amz-metadata-directive", directive))
        if self.chance(0.2):
            headers.append(("x-amz-tagging-directive", self.pick("COPY", "REPLACE", "x")))
        if self.chance(0.15):
            headers.append(
                ("x-amz-checksum-algorithm", self.pick("CRC32", "SHA256", "CRC64NVME", "x"))
            )
        headers += self.headers()
        headers += self.conditions(0.2, prefix="x-amz-copy-source-")
        return Ask("PUT", self.key(), headers=tuple(headers))

    def source(self) -> str:
        key = quote(self.key(), safe=self.pick("", "/"))
        bucket = "‹bucket›" if self.chance(0.95) else "no-such-bucket"
        return self.pick(f"{bucket}/{key}", f"/{bucket}/{key}", f"{bucket}/{key}")

    def tagging(self) -> Ask:
        method = self.pick("GET", "PUT", "PUT", "DELETE")
        query = (("tagging", ""),)
        if method != "PUT":
            return Ask(method, self.key(), query)
        tag = "<Tag><Key>{}</Key><Value>{}</Value></Tag>"
        tags = "".join(
            tag.format(
                self.pick("a", "b", "ü", "k" * 128, "k" * 129, "", "a"),
                self.pick("", "x", "v" * 256, "v" * 257, " s "),
            )
            for _ in range(self.pick(0, 1, 1, 2, 11))
        )
        text = f"<Tagging><TagSet>{tags}</TagSet></Tagging>"
        if self.chance(0.1):
            text = self.pick(
                "<Tagging/>",
                "<Tagging><TagSet/></Tagging>",
                "x",
                "",
                "<Tagging><TagSet><Tag/></TagSet></Tagging>",
            )
        return Ask("PUT", self.key(), query, _md5(text.encode()), text.encode())

    # Lists ----------------------------------------------------------------------------------

    def list_2(self) -> Ask:
        query = [("list-type", "2"), *self.of_list(), *self.sized("max-keys")]
        if self.chance(0.3):
            query.append(("start-after", self.point()))
        if self.chance(0.1):
            query.append(("fetch-owner", self.pick("true", "false", "x", "")))
        if self.chance(0.05):
            query.append(("continuation-token", self.pick("", "x!", "bad token")))
        return Ask("GET", None, tuple(query))

    def list_1(self) -> Ask:
        query = [*self.of_list(), *self.sized("max-keys")]
        if self.chance(0.3):
            query.append(("marker", self.point()))
        return Ask("GET", None, tuple(query))

    def walk(self) -> Ask:
        query = [*self.of_list(), ("max-keys", self.pick("1", "2", "3"))]
        kind = self.pick("1", "2")
        if kind == "2":
            query.append(("list-type", "2"))
        return Ask("GET", None, tuple(query), pages=kind)

    def of_list(self) -> list[tuple[str, str]]:
        query = []
        if self.chance(0.5):
            query.append(("prefix", self.point()))
        if self.chance(0.5):
            query.append(("delimiter", self.pick("/", "/", "/", "b", "a/", "", " ", "%", "ü")))
        if self.chance(0.3):
            query.append(("encoding-type", self.pick("url", "url", "url", "URL", "x", "")))
        return query

    def sized(self, name: str) -> list[tuple[str, str]]:
        if self.chance(0.7):
            return []
        return [
            (
                name,
                self.pick(
                    "0", "1", "2", "5", "1000", "1001", "-1", "x", "", "99999999999", "1.5", "+1"
                ),
            )
        ]

    def point(self) -> str:
        """Somewhere in the order of keys."""
        key = self.key()
        cut = self.random.randint(0, len(key))
        return self.pick(key, key[:cut], key[:1], "", key + "/", "zzz")

    # Parts ----------------------------------------------------------------------------------

    def create(self) -> Ask:
        name, key = f"upload {len(self.uploads)}", self.key()
        self.uploads.append((name, key))
        headers = list(self.headers())
        if self.chance(0.3):
            algorithm = self.random.choice(ALGORITHMS).upper()
            headers.append(("x-amz-checksum-algorithm", algorithm))
            if self.chance(0.6):
                headers.append(("x-amz-checksum-type", self.pick("COMPOSITE", "FULL_OBJECT", "x")))
        return Ask("POST", key, (("uploads", ""),), tuple(headers), remember=name)

    def upload(self) -> tuple[str, str]:
        if self.uploads and self.chance(0.95):
            return self.random.choice(self.uploads)
        return "none", self.key()

    def part(self) -> Ask:
        name, key = self.upload()
        number = self.number()
        size = self.pick(0, 10, 10, 5 << 20)
        body = (f"{number}" * size)[:size].encode()
        query = (("partNumber", number), ("uploadId", f"‹{name}›"))
        self.parts.setdefault(name, []).append(int(number) if number.isdigit() else 1)
        ask = Ask("PUT", key, query, body=body, remember=f"part {name} {number}")
        return self.digested(ask) if size < 100 else ask

    def number(self) -> str:
        return self.pick(
            "1", "1", "2", "3", "10000", "1", "2", self.pick("0", "10001", "-1", "x", "")
        )

    def part_copy(self) -> Ask:
        name, key = self.upload()
        number = self.number()
        headers = [("x-amz-copy-source", self.source())]
        if self.chance(0.5):
            spans = (
                "bytes=0-0",
                "bytes=0-4",
                "bytes=1-",
                "bytes=0-999",
                "bytes=-1",
                "x",
                "bytes=4-1",
                "",
            )
            headers.append(("x-amz-copy-source-range", self.pick(*spans)))
        query = (("partNumber", number), ("uploadId", f"‹{name}›"))
        self.parts.setdefault(name, []).append(int(number) if number.isdigit() else 1)
        return Ask("PUT", key, query, tuple(headers), remember=f"part {name} {number}")

    def complete(self) -> Ask:
        name, key = self.upload()
        numbers = sorted(set(self.parts.get(name, [1])))
        if self.chance(0.2):
            self.random.shuffle(numbers)
        if self.chance(0.3):
            numbers = numbers[:1]
        parts = "".join(
            f"<Part><PartNumber>{number}</PartNumber><ETag>‹part {name} {number}›</ETag></Part>"
            for number in numbers
        )
        text = f"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>"
        if self.chance(0.1):
            text = self.pick(
                "",
                "x",
                "<CompleteMultipartUpload/>",
                text + text,
                "<CompleteMultipartUpload><Part/></CompleteMultipartUpload>",
            )
        headers = self.conditions(0.1, write=True)
        return Ask("POST", key, (("uploadId", f"‹{name}›"),), headers, text.encode("utf-8"))

    def abort(self) -> Ask:
        name, key = self.upload()
        return Ask("DELETE", key, (("uploadId", f"‹{name}›"),))

    def list_parts(self) -> Ask:
        name, key = self.upload()
        query = [("uploadId", f"‹{name}›"), *self.sized("max-parts")]
        if self.chance(0.2):
            query.append(("part-number-marker", self.pick("0", "1", "2", "x", "-1", "99999")))
        if self.chance(0.1):
            query.append(("encoding-type", "url"))
        return Ask("GET", key, tuple(query))

    def list_uploads(self) -> Ask:
        """MinIO lists uploads of one key only."""
        return Ask("GET", None, (("uploads", ""), ("prefix", self.upload()[1])))

    # What is wrong, and buckets -------------------------------------------------------------

    def broken(self) -> Ask:
        key = self.key()
        return self.pick(
            Ask("PUT", "x" * 1025, body=b"x"),
            Ask("GET", key, bucket="no-such-bucket"),
            Ask("PUT", key, body=b"x", bucket="no-such-bucket"),
            Ask("POST", key, (("select", ""), ("select-type", "3"))),
            Ask(
                "PUT",
                key,
                body=b"x",
                headers=(
                    (
                        "x-amz-copy-source",
                        self.pick(
                            "", "/", "x", "‹bucket›", "‹bucket›/", "‹bucket›/%zz", "/‹bucket›//x"
                        ),
                    ),
                ),
            ),
            Ask("DELETE", key, bucket="no-such-bucket"),
            Ask("HEAD", None, bucket="no-such-bucket"),
            Ask("GET", None, (("list-type", "2"),), bucket="no-such-bucket"),
            Ask("GET", None, (("list-type", self.pick("1", "3", "x", "")),)),
        )

    def of_bucket(self) -> Ask:
        kind = self.pick(
            "location",
            "versioning",
            "tagging",
            "policy",
            "lifecycle",
            "cors",
            "encryption",
            "acl",
            "object-lock",
            "replication",
            "notification",
            "requestPayment",
            "website",
            "logging",
            "accelerate",
            "publicAccessBlock",
        )
        return self.pick(
            Ask("GET", None, ((kind, ""),)),
            Ask("HEAD", None),
            Ask("GET", self.key(), (("acl", ""),)),
        )

    # Choices --------------------------------------------------------------------------------

    def conditions(self, often: float, *, write: bool = False, prefix: str = "") -> Pairs:
        if not self.chance(often):
            return ()
        tag = hashlib.md5(self.body()).hexdigest()
        names = ("if-match", "if-none-match")
        tags = ("*", f'"{tag}"', tag, '"x"', f'"x", "{tag}"', f'W/"{tag}"', "")
        if write:
            return ((self.pick(*names), self.pick("*", "*", *tags)),)
        chosen = []
        for name in names:
            if self.chance(0.5):
                chosen.append((prefix + name, self.pick(*tags)))
        for name in ("if-modified-since", "if-unmodified-since"):
            if self.chance(0.3):
                chosen.append((prefix + name, self.pick(*MOMENTS)))
        return tuple(chosen)

    def headers(self) -> Pairs:
        if self.chance(0.5):
            return ()
        chosen = self.random.sample(HEADERS, self.random.randint(1, 3))
        return tuple((name, self.pick(*values)) for name, values in chosen)

    def body(self) -> bytes:
        return self.pick(*TEXTS).encode()

    def key(self) -> str:
        return self.random.choice(self.keys)

    def chance(self, often: float) -> bool:
        return self.random.random() < often

    def pick(self, *choices: Any) -> Any:
        return self.random.choice(choices)


def _md5(body: bytes) -> Pairs:
    return (("content-md5", base64.b64encode(hashlib.md5(body).digest()).decode()),)


def _escaped(text: str) -> str:
    for char, name in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\r", "&#13;")):
        text = text.replace(char, name)
    return text
