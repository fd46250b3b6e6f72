"""Binaries: hashes, and their forms as text and as numbers."""

import re
from collections.abc import Callable
from typing import Any, Final

from lakelet.errors import TrinoError
from lakelet.sql.functions.registry import Call, Emit, macro, scalar, udf
from lakelet.sql.functions.vectorised import by_kind, once, padded, refused, refused_by, rowwise

# Hashes -------------------------------------------------------------------------------------

for _name in ("md5", "sha1", "sha256"):
    scalar(
        _name,
        "(varbinary) -> varbinary",
        sql=f"unhex({_name}({{0}}))",
        doc=f"The {_name.upper()} hash of a binary.",
    )


def _hash(name: str) -> Callable[[], Any]:
    """A hash of Python's own or of a library, by row."""

    def load() -> Any:
        import hashlib
        import zlib

        import mmh3
        import xxhash

        from lakelet.sql.functions.binary.spooky import spooky_hash

        functions: dict[str, tuple[Callable[[bytes], Any], str]] = {
            "sha512": (lambda data: hashlib.sha512(data).digest(), "binary"),
            "crc32": (zlib.crc32, "int64"),
            "xxhash64": (xxhash.xxh64_digest, "binary"),
            "murmur3": (mmh3.mmh3_x64_128_digest, "binary"),
            "spooky_hash_v2_32": (lambda data: spooky_hash(data).to_bytes(8, "big")[4:], "binary"),
            "spooky_hash_v2_64": (lambda data: spooky_hash(data).to_bytes(8, "big"), "binary"),
        }
        return rowwise(*functions[name])

    return load


for _name, _doc in {
    "sha512": "The SHA-512 hash of a binary.",
    "crc32": "The CRC-32 checksum of a binary.",
    "xxhash64": "The 64-bit xxHash of a binary.",
    "murmur3": "The 128-bit MurmurHash3 of a binary.",
    "spooky_hash_v2_32": "The 32-bit SpookyHash V2 of a binary.",
    "spooky_hash_v2_64": "The 64-bit SpookyHash V2 of a binary.",
}.items():
    _answer = "bigint" if _name == "crc32" else "varbinary"
    udf(
        f"trino_{_name}",
        _hash(_name),
        ("BLOB",),
        "BIGINT" if _name == "crc32" else "BLOB",
        total=True,
    )
    scalar(_name, f"(varbinary) -> {_answer}", sql=f"trino_{_name}({{0}})", doc=_doc)


def _hmac(algorithm: str) -> Callable[[], Any]:
    def load() -> Any:
        import hmac

        def digest(data: bytes, key: bytes) -> bytes:
            return hmac.digest(key, data, algorithm)

        return rowwise(digest, "binary")

    return load


_BLOCKS: Final = {"md5": 64, "sha1": 64, "sha256": 64}
"""The hashes that DuckDB knows, and the bytes of their blocks (RFC 2104)."""
_BYTES: Final = re.compile(r"from_hex\('([0-9a-fA-F]*)'\)|encode\('([^']*)'\)")


def _keyed(name: str) -> Emit:
    """By DuckDB's own hash where the key is a constant."""

    def emit(call: Call) -> str:
        data, key = call.arguments
        known = _BYTES.fullmatch(key)
        if known is None or name not in _BLOCKS or not (known[1] or known[2]):
            return once(f"trino_keyed_{name}")(call)
        inner, outer = _pads(name, bytes.fromhex(known[1]) if known[1] else known[2].encode())
        inside = f"unhex({name}(from_hex('{inner.hex()}') || {data}))"
        return f"unhex({name}(from_hex('{outer.hex()}') || {inside}))"

    return emit


def _pads(name: str, key: bytes) -> tuple[bytes, bytes]:
    """What stands before the data, and before the hash of that."""
    from hashlib import new

    size = _BLOCKS[name]
    whole = (new(name, key).digest() if len(key) > size else key).ljust(size, b"\0")
    return bytes(each ^ 0x36 for each in whole), bytes(each ^ 0x5C for each in whole)


_NO_KEY: Final = refused_by("'Empty key'", "BLOB", "GENERIC_INTERNAL_ERROR")
for _name in ("md5", "sha1", "sha256", "sha512"):
    udf(f"trino_hmac_{_name}", _hmac(_name), ("BLOB", "BLOB"), "BLOB")
    macro(
        f"trino_keyed_{_name}",
        "(data, key) AS CASE WHEN octet_length(key) = 0 AND data IS NOT NULL"
        f" THEN {_NO_KEY} ELSE trino_hmac_{_name}(data, key) END",
    )
    scalar(
        f"hmac_{_name}",
        "(varbinary, varbinary) -> varbinary",
        sql=_keyed(_name),
        doc=f"The keyed {_name.upper()} hash (HMAC) of a binary with a key.",
    )

# Hexadecimal, base 64 and base 32 -----------------------------------------------------------

macro(
    "trino_from_hex",
    "(s) AS CASE WHEN regexp_full_match(s, '([0-9a-fA-F]{2})*') THEN unhex(s)"
    " WHEN length(s) % 2 = 1 THEN "
    + refused_by("'invalid input length ' || length(s)", "BLOB")
    + " WHEN s IS NOT NULL THEN "
    + refused_by(
        "'not a hexadecimal digit: \"' || regexp_extract(s, '[^0-9a-fA-F]') || '\" = '"
        " || unicode(regexp_extract(s, '[^0-9a-fA-F]'))",
        "BLOB",
    )
    + " END",
)
# Base 64 whose last digits have no more bits than their bytes: DuckDB reads it, Python all other.
for _name, _digit in {"base64": "[A-Za-z0-9+/]", "base64url": "[A-Za-z0-9_-]"}.items():
    _whole = f"(?:{_digit}{{4}})*(?:{_digit}[AQgw](?:==)?|{_digit}{{2}}[AEIMQUYcgkosw048]=?)?"
    _standard = "s" if _name == "base64" else "translate(s, '-_', '+/')"
    macro(
        f"trino_{_name}_text",
        f"(s) AS CASE WHEN regexp_full_match(s, '{_whole}') THEN from_base64({_standard}"
        " || CASE strlen(s) % 4 WHEN 2 THEN '==' WHEN 3 THEN '=' ELSE '' END)"
        f" WHEN s IS NOT NULL THEN trino_from_{_name}(encode(s)) END",
    )
macro("trino_base32_text", "(s) AS trino_from_base32(encode(s))")
macro("trino_url_alphabet", "(s) AS translate(s, '+/', '-_')")


def _base64(url: bool) -> Callable[[], Any]:
    """Java's Base64.Decoder: padding may be left out, nothing else."""

    def load() -> Any:
        import base64
        import re

        alphabet = rb"[A-Za-z0-9_-]*" if url else rb"[A-Za-z0-9+/]*"
        digits = re.compile(alphabet)
        altchars = b"-_" if url else None

        def decode(text: bytes) -> bytes:
            matched = digits.match(text)
            end = matched.end() if matched else 0
            _check_base64(text, end)
            return base64.b64decode(text[:end] + b"=" * (-end % 4), altchars)

        return rowwise(decode, "binary")

    return load


def _check_base64(text: bytes, end: int) -> None:
    padding = text[end:]
    if len(text) == 1:
        message = "Input byte[] should at least have 2 bytes for base64 bytes"
    elif padding and not padding.startswith(b"="):
        message = f"Illegal base64 character {padding[0]:x}"
    elif padding and (end % 4 in (0, 1) or (end % 4 == 2 and not padding.startswith(b"=="))):
        message = "Input byte array has wrong 4-byte ending unit"
    elif len(padding) > (-end % 4):
        message = f"Input byte array has incorrect ending byte at {end + (-end % 4)}"
    elif end % 4 == 1:
        message = "Last unit does not have enough valid bits"
    else:
        return
    raise TrinoError("INVALID_FUNCTION_ARGUMENT", message)


_BASE32: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def _load_from_base32() -> Any:
    import base64

    def decode(text: bytes) -> bytes:
        digits = text.rstrip(b"=")
        if len(digits) % 8 in (1, 3, 6):
            raise TrinoError("INVALID_FUNCTION_ARGUMENT", f"Invalid input length {len(digits)}")
        strange = digits.translate(None, _BASE32)
        if strange:
            raise TrinoError(
                "INVALID_FUNCTION_ARGUMENT", f"Unrecognized character: {chr(strange[0])}"
            )
        return base64.b32decode(digits + b"=" * (-len(digits) % 8))

    return rowwise(decode, "binary")


def _load_to_base32() -> Any:
    import base64

    return rowwise(lambda data: base64.b32encode(data).decode(), "string")


udf("trino_from_base64", _base64(url=False), ("BLOB",), "BLOB")
udf("trino_from_base64url", _base64(url=True), ("BLOB",), "BLOB")
udf("trino_from_base32", _load_from_base32, ("BLOB",), "BLOB")
udf("trino_to_base32", _load_to_base32, ("BLOB",), "VARCHAR", total=True)

scalar("to_hex", "(varbinary) -> varchar", sql="hex({0})", doc="The bytes in hexadecimal.")
scalar(
    "from_hex",
    "(varbinary) -> varbinary",
    "(varchar(x)) -> varbinary",
    sql=by_kind(
        varchar=once("trino_from_hex"),
        varbinary="trino_from_hex(trino_utf8({0}))",
    ),
    doc="The bytes that hexadecimal digits write.",
)
scalar("to_base64", "(varbinary) -> varchar", sql="base64({0})", doc="The bytes in base 64.")
scalar(
    "to_base64url",
    "(varbinary) -> varchar",
    sql="trino_url_alphabet(base64({0}))",
    doc="The bytes in base 64 with the alphabet for URLs.",
)
scalar(
    "to_base32", "(varbinary) -> varchar", sql="trino_to_base32({0})", doc="The bytes in base 32."
)
for _name, _doc in {
    "from_base64": "The bytes that a text in base 64 writes.",
    "from_base64url": "The bytes that a text in base 64 with the alphabet for URLs writes.",
    "from_base32": "The bytes that a text in base 32 writes.",
}.items():
    scalar(
        _name,
        "(varbinary) -> varbinary",
        "(varchar(x)) -> varbinary",
        sql=by_kind(
            varchar=once(f"trino_{_name.removeprefix('from_')}_text"),
            varbinary=f"trino_{_name}({{0}})",
        ),
        doc=_doc,
    )

# UTF-8 --------------------------------------------------------------------------------------


def _load_utf8() -> Any:
    from lakelet.sql.functions.binary.utf8 import decode

    return rowwise(decode, "string")


udf("trino_utf8_replacing", _load_utf8, ("BLOB", "VARCHAR"), "VARCHAR")
# Python is not asked for NULLs.
macro(
    "trino_utf8",
    "(b) AS CASE WHEN b IS NOT NULL"
    " THEN coalesce(TRY(decode(b)), trino_utf8_replacing(b, '\ufffd')) END",
)
macro(
    "trino_utf8_or",
    "(b, r) AS CASE WHEN length(r) > 1 THEN "
    + refused("Replacement character string must empty or a single character", "VARCHAR")
    + " WHEN r IS NOT NULL AND b IS NOT NULL"
    " THEN coalesce(TRY(decode(b)), trino_utf8_replacing(b, r)) END",
)


_NO_REPLACEMENT: Final = refused("Invalid replacement character", "VARCHAR")
# Trino looks at a negative one only when a byte is to be replaced; here it is refused then too.
macro(
    "trino_utf8_or_code_point",
    "(b, n) AS CASE WHEN b IS NULL OR n IS NULL THEN NULL"
    f" WHEN n > 1114111 OR n BETWEEN 55296 AND 57343 THEN {_NO_REPLACEMENT}"
    " WHEN n < 0 THEN coalesce(TRY(decode(b)), CAST(trino_fail('GENERIC_INTERNAL_ERROR',"
    " printf('Invalid code point 0x%08X', n & 4294967295)) AS VARCHAR))"
    " ELSE trino_utf8_or(b, chr(CAST(n AS INTEGER))) END",
)


def _from_utf8(call: Call) -> str:
    if len(call.arguments) == 1:
        return f"trino_utf8({call.arguments[0]})"
    replacement = call.arguments[1]
    if call.types[1].name == "bigint":
        return once("trino_utf8_or_code_point")(call)
    return f"trino_utf8_or({call.arguments[0]}, {replacement})"


scalar(
    "to_utf8",
    "(char(x)) -> varbinary",
    "(varchar(x)) -> varbinary",
    sql=lambda call: f"encode({padded(call)})",
    doc="The bytes of a string in UTF-8.",
)
scalar(
    "from_utf8",
    "(varbinary) -> varchar",
    "(varbinary, bigint) -> varchar",
    "(varbinary, varchar(x)) -> varchar",
    sql=_from_utf8,
    doc="The string that bytes in UTF-8 write; what is none becomes U+FFFD or the one given.",
)


def _load_char2hexint() -> Any:
    return rowwise(lambda text: text.encode("utf-16-be").hex().upper(), "string")


udf("trino_char2hexint", _load_char2hexint, ("VARCHAR",), "VARCHAR", total=True)
scalar(
    "char2hexint",
    "(varchar) -> varchar",
    sql="trino_char2hexint({0})",
    doc="The string's UTF-16 units in hexadecimal.",
)

# Numbers ------------------------------------------------------------------------------------


def _numbers(code: str, kind: str) -> Callable[[], Any]:
    """Big-endian bytes to a number and back, by Python's struct."""

    def load() -> Any:
        import struct

        packer = struct.Struct(f">{code}")
        if kind == "binary":
            return rowwise(packer.pack, kind)
        return rowwise(lambda data: packer.unpack(data)[0], kind)

    return load


def _sized(name: str, bytes_: int, message: str, kind: str) -> Emit:
    """A call of a Python function whose argument must have so many bytes."""
    macro(
        f"trino_{name}",
        f"(b) AS CASE WHEN octet_length(b) <> {bytes_} THEN {refused_by(message, kind)}"
        f" ELSE trino_{name}_unchecked(b) END",
    )
    return once(f"trino_{name}")


for _name, _code, _kind, _arrow, _type, _bytes in (
    ("big_endian_32", "i", "INTEGER", "int32", "integer", 4),
    ("big_endian_64", "q", "BIGINT", "int64", "bigint", 8),
    ("ieee754_32", "f", "FLOAT", "float32", "real", 4),
    ("ieee754_64", "d", "DOUBLE", "float64", "double", 8),
):
    _wrong = (
        f"'expected {_bytes}-byte input, but got instead: ' || octet_length(b)"
        if _name.startswith("big")
        else f"'Input floating-point value must be exactly {_bytes} bytes long'"
    )
    _words = "two's complement" if _name.startswith("big") else "IEEE 754"
    udf(f"trino_from_{_name}_unchecked", _numbers(_code, _arrow), ("BLOB",), _kind)
    udf(f"trino_to_{_name}", _numbers(_code, "binary"), (_kind,), "BLOB", total=True)
    scalar(
        f"to_{_name}",
        f"({_type}) -> varbinary",
        sql=f"trino_to_{_name}({{0}})",
        doc=f"The {_type}'s {_bytes} bytes in big-endian {_words}.",
    )
    scalar(
        f"from_{_name}",
        f"(varbinary) -> {_type}",
        sql=_sized(f"from_{_name}", _bytes, _wrong, _kind),
        doc=f"The {_type} that {_bytes} bytes in big-endian {_words} write.",
    )
