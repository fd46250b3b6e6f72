"""Amazon Ion, in text or in binary: a file is a stream of structs, and a struct a row.

Columns are fields by name, or what a path leads to (`ion.<column>.path_extractor`). A timestamp is
shifted to UTC; a string column takes any scalar in Ion's own text. A value that its column cannot
hold fails the query unless `fail_on_overflow` is false.

Sources: docs/type-mapping.md and docs/serde-properties.md of amazon-ion/ion-hive-serde, and
Athena's "Amazon Ion SerDe property reference" (read 2026-11). amazon.ion gives a value at a time.
"""

import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import orjson

from lakelet.errors import TrinoError
from lakelet.formats import writers
from lakelet.formats.json import canonical
from lakelet.formats.json.rows import BadValueError, Decode, cut, names
from lakelet.formats.scanning import PATH, Format, Relation, Request
from lakelet.formats.streams import stream
from lakelet.formats.text import java
from lakelet.formats.text.compression import CorruptError, chunks
from lakelet.formats.text.lines import unreadable
from lakelet.model import DataFile
from lakelet.types import Type
from lakelet.types.quoting import identifier, quoted

if TYPE_CHECKING:
    from pyarrow import RecordBatch

_ROWS: Final = 8192
_STRUCT: Final = "$struct"
_STEP: Final = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"|([^\s()]+)")
_BITS: Final = {"tinyint": 8, "smallint": 16, "integer": 32, "bigint": 64}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def _scan(request: Request) -> Relation:
    import pyarrow

    schema = pyarrow.schema([(_STRUCT, pyarrow.string()), (PATH, pyarrow.string())])
    read = _rows(request)

    def batches(asked: Sequence[str]) -> Iterator["RecordBatch"]:
        for file in request.files:
            given = read(file)
            while rows := list(islice(given, _ROWS)):
                made = {_STRUCT: rows, PATH: [file.url] * len(rows)}
                arrays = [pyarrow.array(made[name], pyarrow.string()) for name in asked]
                fields = pyarrow.schema([schema.field(name) for name in asked])
                yield pyarrow.record_batch(arrays, schema=fields)

    made = ""
    if request.wanted:
        shape = quoted(canonical.structure(request.wanted))
        made = f"json_transform({identifier(_STRUCT)}, {shape}) AS o, "
    values = "".join(
        f"{canonical.value(f'o.{identifier(name)}', of)} AS {identifier(name)}, "
        for name, of in request.wanted
    )
    inner = f"SELECT {made}{identifier(PATH)} FROM {request.name}"
    sql = f"SELECT {values}{identifier(PATH)} FROM ({inner})"
    return Relation(sql, {request.name: stream(schema, batches)})


def _rows(request: Request) -> Callable[[DataFile], Iterator[str]]:
    """A file → its rows as canonical JSON. Raises TrinoError HIVE_CURSOR_ERROR."""
    folds = request.property("ion.path_extractor.case_sensitive", "false").lower() != "true"
    columns = [
        (
            name,
            _path(request, name),
            partial(_get, folds=folds),
            _reader(of, _strict(request, name)),
        )
        for name, of in request.wanted
    ]
    ignores = request.property("ion.ignore_malformed", "false").lower() == "true"

    def rows(file: DataFile) -> Iterator[str]:
        from amazon.ion.exceptions import IonException

        try:
            for given in _values(request, file):
                yield orjson.dumps(_row(given, columns)).decode()
        except (BadValueError, CorruptError):
            raise unreadable(file.info.uri) from None
        except (IonException, ValueError, OverflowError, EOFError):
            if not ignores:
                raise unreadable(file.info.uri) from None

    return rows


def _values(request: Request, file: DataFile) -> Iterator[Any]:
    from amazon.ion import simpleion

    with request.open(file) as opened:
        yield from simpleion.load(
            io.BufferedReader(_Chunks(chunks(opened, file.info.key))),
            single_value=False,
            parse_eagerly=False,
        )


class _Chunks(io.RawIOBase):
    """A file of pieces of bytes."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        super().__init__()
        self._pieces = pieces
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._left:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._left = piece
        taken = self._left[: len(buffer)]
        self._left = self._left[len(taken) :]
        buffer[: len(taken)] = taken
        return len(taken)


# Paths ----------------------------------------------------------------------------------------

Column = tuple[str, Sequence[str], Callable[[Any, str], Any], Decode]


def _row(given: Any, columns: Sequence[Column]) -> Mapping[str, Any]:
    if not isinstance(given, Mapping):
        raise BadValueError
    row = {}
    for name, path, get, read in columns:
        found = given
        for step in path:
            found = get(found, step)
        if not _is_null(found):
            row[name] = read(found)
    return row


def _path(request: Request, column: str) -> Sequence[str]:
    """The steps of `(a 'b c' 0)`; a column's own name without one."""
    text = request.property(f"ion.{column}.path_extractor")
    if not text:
        return (column,)
    if not (text.startswith("(") and text.endswith(")")):
        message = f"Invalid path extractor for column {column}: {text}"
        raise TrinoError("HIVE_INVALID_METADATA", message)
    return ["".join(groups) for groups in _STEP.findall(text[1:-1])]


def _get(given: Any, step: str, *, folds: bool) -> Any:
    if isinstance(given, Mapping):
        if step in given or not folds:
            return given.get(step)
        wanted = step.lower()
        return next((value for key, value in given.items() if key.lower() == wanted), None)
    if isinstance(given, list) and step.isdigit():
        return given[int(step)] if int(step) < len(given) else None
    return None


def _is_null(given: Any) -> bool:
    return given is None or type(given).__name__ == "IonPyNull"


def _strict(request: Request, column: str) -> bool:
    whole = request.property("ion.fail_on_overflow", "true")
    return request.property(f"ion.{column}.fail_on_overflow", whole).lower() != "false"


# Values ---------------------------------------------------------------------------------------


def _reader(of: Type, strict: bool) -> Decode:
    match of.name:
        case "array":
            return _array(_reader(of.element, strict))
        case "map":
            return _map(_reader(of.key, strict), _reader(of.value, strict))
        case "row":
            return _struct({name: (ours, _reader(part, strict)) for name, ours, part in names(of)})
    if of.name in _BITS:
        return partial(_integer, bits=_BITS[of.name], strict=strict)
    if of.name in ("varchar", "char"):
        return partial(_string, of=of, strict=strict)
    if of.name == "decimal":
        return partial(_decimal, of=of)
    return _SCALARS[of.name]


def _array(read: Decode) -> Decode:
    def decode(given: Any) -> Any:
        if not isinstance(given, list):
            raise BadValueError
        return [None if _is_null(each) else read(each) for each in given]

    return decode


def _map(key: Decode, read: Decode) -> Decode:
    def decode(given: Any) -> Any:
        if not isinstance(given, Mapping):
            raise BadValueError
        pairs = (
            (key(name), None if _is_null(each) else read(each)) for name, each in given.items()
        )
        return [{"k": name, "v": each} for name, each in pairs]

    return decode


def _struct(readers: Mapping[str, tuple[str, Decode]]) -> Decode:
    def decode(given: Any) -> Any:
        if not isinstance(given, Mapping):
            raise BadValueError
        row = {}
        for name, each in given.items():
            found = readers.get(name.lower())
            if found is not None and not _is_null(each):
                row[found[0]] = found[1](each)
        return row

    return decode


def _boolean(given: Any) -> bool:
    if type(given).__name__ not in ("IonPyBool", "bool"):
        raise BadValueError
    return bool(given)


def _integer(given: Any, *, bits: int, strict: bool) -> int:
    if not isinstance(given, int) or type(given).__name__ == "IonPyBool":
        raise BadValueError
    half = 1 << (bits - 1)
    if strict and not -half <= given < half:
        raise BadValueError
    return (int(given) + half) % (2 * half) - half


def _floating(given: Any) -> str:
    """JSON is Ion too, whose numbers are integers and decimals."""
    if not isinstance(given, int | float | Decimal) or type(given).__name__ == "IonPyBool":
        raise BadValueError
    return repr(float(given)).replace("inf", "Infinity").replace("nan", "NaN")


def _decimal(given: Any, *, of: Type) -> str:
    if not isinstance(given, int | Decimal) or type(given).__name__ == "IonPyBool":
        raise BadValueError
    found = java.decimal(f"{Decimal(given):f}", of.precision, of.scale)
    if found is None:
        raise BadValueError
    return found


def _string(given: Any, *, of: Type, strict: bool) -> str:
    whole = _text(given)
    if strict and of.length is not None and len(whole) > of.length:
        raise BadValueError
    return cut(whole, of)


def _text(given: Any) -> str:
    if isinstance(given, str):
        return str(given)
    symbol = getattr(given, "text", None)
    if isinstance(symbol, str):
        return symbol
    from amazon.ion import simpleion

    shown = simpleion.dumps(given, binary=False, omit_version_marker=True)
    return str(shown)


def _bytes(given: Any) -> str:
    if not isinstance(given, bytes):
        raise BadValueError
    return given.hex()


def _utc(given: Any) -> datetime:
    if not isinstance(given, datetime):
        raise BadValueError
    return given.replace(tzinfo=UTC) if given.tzinfo is None else given.astimezone(UTC)


def _day(given: Any) -> int:
    return (_utc(given).date() - date(1970, 1, 1)).days


def _moment(given: Any) -> int:
    """Microseconds since 1970, whole milliseconds."""
    since = _utc(given) - _EPOCH
    milliseconds = (since.microseconds + 500) // 1000
    return (since.days * 86_400 + since.seconds) * 1_000_000 + milliseconds * 1000


_SCALARS: Final[Mapping[str, Decode]] = {
    "boolean": _boolean,
    "real": _floating,
    "double": _floating,
    "date": _day,
    "timestamp": _moment,
    "varbinary": _bytes,
}

FORMAT: Final = Format(
    name="ION",
    classification="ion",
    serdes=("com.amazon.ionhiveserde.IonHiveSerDe",),
    input_format="com.amazon.ionhiveserde.formats.IonInputFormat",
    output_format="com.amazon.ionhiveserde.formats.IonOutputFormat",
    scan=_scan,
    writing=writers.ion.writing,
    by_name=True,
)
