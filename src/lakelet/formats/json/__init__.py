"""JSON, one object a line, under Hive's own SerDe and OpenX's.

Both read keys whatever their case; for all else see `hive` and `openx`. A line is read
only if a column of it is: counting rows counts lines, whatever they hold. Lines that are clean
(`clean`) are read by DuckDB, others by Python.
"""

import codecs
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Final

import orjson

from lakelet.errors import TrinoError
from lakelet.formats import writers
from lakelet.formats.json import canonical, clean, cloudtrail, shape, strict
from lakelet.formats.json.clean import Part, Sample, Style, UncleanError
from lakelet.formats.json.rows import Spec
from lakelet.formats.scanning import (
    PATH,
    TEXT_INPUT,
    TEXT_OUTPUT,
    Format,
    Proof,
    Relation,
    Request,
    file_list,
)
from lakelet.formats.streams import ahead
from lakelet.formats.text import lines, proving
from lakelet.model import DataFile
from lakelet.types import Type
from lakelet.types.quoting import identifier, quoted

if TYPE_CHECKING:
    from pyarrow import Array
    from pyarrow.dataset import Dataset

Parts = Mapping[str, Part]
_CLEAN: Final = "$clean"
_SAMPLED: Final = 50
"""Lines of the first file whose keys are looked at."""


@dataclass(frozen=True, slots=True)
class _SerDe:
    """The Python function for lines that are not clean, and what is a property of the SerDe."""

    function: str
    openx: bool


@dataclass(frozen=True, slots=True)
class _Plan:
    """How the lines of a request's files are read; `alike`: the first lines have the same keys in
    the same order.
    """

    serde: _SerDe
    sample: Sample
    style: Style
    keys: Mapping[str, str]
    folds: bool
    alike: bool
    first: Sequence[str]

    def strict(self, request: Request) -> strict.Columns | None:
        """None where Arrow has no values of some type."""
        wanted = [(name, self.keys[name], of) for name, of in request.wanted]
        openx = self.serde.openx
        try:
            return strict.columns(
                wanted, self.sample, openx=openx, folds=self.folds, are_alike=self.alike
            )
        except UncleanError:
            return None

    def parts(self, request: Request, at: Callable[[str], str], *, typed: bool) -> Parts | None:
        """By key; None when Python has to read every line."""
        wanted = {self.keys[name]: of for name, of in request.wanted}
        if len(wanted) < len(request.wanted):
            return None
        style = replace(self.style, typed=typed)
        try:
            return clean.members(at, wanted, self.sample, style)
        except UncleanError:
            return None


def _has_field(of: Type, names: Collection[str]) -> bool:
    """Whether a type has a field, at any depth, of one of the names."""
    own = of.name == "row" and any(field in names for field in of.fields)
    return own or any(_has_field(each, names) for each in of.arguments)


def _scan(serde: _SerDe) -> Callable[[Request], Relation]:
    def scan(request: Request) -> Relation:
        if not request.wanted:
            data = _lines(request, folds=True)
            sql = f"SELECT {identifier(PATH)} FROM {request.name}"
            return Relation(sql, {request.name: data})
        plan = _planned(serde, request)
        if plan is None:
            return _by_python(serde, request)
        whole = plan.strict(request)
        if lines.Trimming.of(request.parameters).header:
            return _exact(request, plan, whole)
        in_blocks = whole is not None and whole.are_expected
        proofs = {} if in_blocks else _proofs(request, plan)
        return proving.either(
            request,
            proofs,
            () if whole is None else (_key(serde, whole),),
            exact=lambda asked: _exact(asked, plan, whole),
            plain=lambda asked: _plain(asked, plan),
        )

    return scan


def _lines(request: Request, check: lines.Check = iter, *, folds: bool = False) -> "Dataset":
    """`folds`: columns are found by the keys that are their names, whatever the case."""
    if request.storage.input_format == cloudtrail.INPUT_FORMAT:
        wanted = {name.lower() for name, _ in request.wanted} if folds else None
        return lines.dataset(
            request,
            [clean.LINE],
            lambda block, names: {clean.LINE: cloudtrail.records(block, wanted)},
            apart=True,
        )
    return lines.dataset(
        request,
        [clean.LINE],
        lambda block, names: {clean.LINE: lines.split(block)} if names else {},
        check,
    )


def _check(serde: _SerDe) -> lines.Check:
    return iter if serde.openx else _utf8


def _utf8(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Jackson, which reads for Hive's SerDe, refuses bytes that are no UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    for piece in pieces:
        try:
            if not piece.isascii() or decoder.getstate()[0]:
                decoder.decode(piece)
        except UnicodeDecodeError:
            raise lines.UnreadableError from None
        yield piece


def _planned(serde: _SerDe, request: Request) -> _Plan | None:
    """None when lines of these properties are never clean."""
    properties = request.properties
    folds = not serde.openx or properties.get("case.insensitive", "true").lower() == "true"
    dots = serde.openx and properties.get("dots.in.keys", "").lower() == "true"
    nested = request.storage.input_format == cloudtrail.INPUT_FORMAT
    mapped = {it.removeprefix("mapping.") for it in properties if it.startswith("mapping.")}
    renamed = serde.openx and any(_has_field(of, mapped) for _, of in request.wanted)
    if dots or nested or renamed or properties.get("timestamp.formats"):
        return None
    first = _head(request)
    found = clean.sample(first)
    if any(key.lower().startswith("_col") for key in found.keys) and not serde.openx:
        return None
    names = {
        name: properties.get(f"mapping.{name}", name) if serde.openx else name
        for name, _ in request.schema
    }
    keys = {name: found.found(key, folds=folds) for name, key in names.items()}
    spaces = 2 if found.spaced and not found.long else 1
    style = Style(
        spaces, spaces, explicit=found.nulls, anew=found.long, base64=serde.openx, folds=serde.openx
    )
    alike = clean.are_alike(first)
    return _Plan(serde, found, style, keys, folds, alike, first)


def _head(request: Request) -> Sequence[str]:
    """The first lines of the first file; none if it can't be read."""
    try:
        begun = islice(lines.head(request, request.files[0]), 1) if request.files else ()
        return [line for block in begun for line in block.decode().split("\n")[:_SAMPLED]]
    except TrinoError:
        return []


def _exact(request: Request, plan: _Plan, whole: strict.Columns | None) -> Relation:
    """Whole blocks by Arrow; clean lines by DuckDB, others by Python, told apart line by line."""
    parts = plan.parts(request, lambda key: f"s.{identifier(key)}", typed=False)
    if parts is None:
        return _by_python(plan.serde, request)
    line, tidy = identifier(clean.LINE), identifier(_CLEAN)
    structure = {key: each.structure for key, each in parts.items()}
    taken = f"TRY(json_transform({line}, {quoted(orjson.dumps(structure).decode())}))"
    columns = [(name, plan.keys[name], of) for name, of in request.wanted]
    values = ", ".join(
        f"{_given(line, parts[key].value)} AS {identifier(name)}" for name, key, _ in columns
    )
    odd = _made(plan.serde, request)
    given = {each.name: each.value for each in whole.columns} if whole else {}
    chosen = "".join(
        f"CASE {f'WHEN {line} IS NULL THEN {given[name]} ' if whole else ''}WHEN {tidy} THEN"
        f" {identifier(name)} ELSE {canonical.value(f'o.{identifier(name)}', of)} END"
        f" AS {identifier(name)}, "
        for name, _, of in columns
    )
    inner = f"SELECT *, {_given(line, taken)} AS s FROM {request.name}"
    is_clean = f"coalesce({_is_clean(parts, plan, request)}, FALSE)"
    judged = f"SELECT *, {_given(line, is_clean)} AS {tidy} FROM ({inner})"
    kept = "".join(f"{identifier(each)}, " for each in (whole.schema if whole else ()))
    read = (
        f"SELECT {values}, {kept}{line}, {tidy}, {identifier(PATH)},"
        f" CASE WHEN {line} IS NOT NULL AND NOT {tidy} THEN {odd} END AS o FROM ({judged})"
    )
    sql = f"SELECT {chosen}{identifier(PATH)} FROM ({read})"
    data = (
        _lines(request, _check(plan.serde))
        if whole is None
        else _strict_lines(request, plan.serde, whole)
    )
    return Relation(sql, {request.name: data})


def _given(line: str, sql: str) -> str:
    """Nothing is computed for blocks without lines."""
    return f"CASE WHEN {line} IS NOT NULL THEN {sql} END"


def _strict_lines(request: Request, serde: _SerDe, whole: strict.Columns) -> "Dataset":
    """Lines that are NULL in the blocks whose values are given."""
    import pyarrow

    watch = proving.Watch(request, _key(serde, whole))
    every = {clean.LINE, *whole.schema}

    def decode(block: bytes, names: Sequence[str]) -> Mapping[str, "Array"]:
        if not names:
            watch.odd = True
            return {}
        read = whole.read(block)
        is_plain = read is not None and read.plain and every.issubset(names)
        if not is_plain or len(block) > proving.MAX_LINE:
            watch.odd = True
        if read is not None:
            rows = len(next(iter(read.columns.values())))
            return {clean.LINE: pyarrow.nulls(rows, pyarrow.string()), **read.columns}
        split = lines.split(block)
        nulls = {name: pyarrow.nulls(len(split), of) for name, of in whole.schema.items()}
        return {clean.LINE: split, **nulls}

    schema = {clean.LINE: pyarrow.string(), **whole.schema}
    check = _check(serde)
    return lines.dataset(
        request, schema, decode, lambda pieces: watch.pieces(iter(check(pieces))), end=watch.end
    )


def _key(serde: _SerDe, whole: strict.Columns) -> str:
    """Under which files are noted."""
    return f"{serde.function} {whole}"


def _is_clean(parts: Parts, plan: _Plan, request: Request) -> str:
    """The line is as long as its parts, with its NULLs left out or all written."""
    line, style = identifier(clean.LINE), plan.style
    at = "s.{}".format
    wanted = {plan.keys[name]: of for name, of in request.wanted}
    fine = [
        *clean.fine_parts(lambda key: at(identifier(key)), parts),
        *clean.nulls(lambda key: at(identifier(key)), wanted),
    ]
    whole = 2 - style.member
    absent = " + ".join(
        f"coalesce({clean.overhead(key, style)} + {each.length}, 0)" for key, each in parts.items()
    )
    written = " + ".join(
        f"{clean.overhead(key, style)} + coalesce({each.length}, 4)" for key, each in parts.items()
    )
    given_length = f"TRY(strlen(json({line})))" if style.anew else f"strlen({line})"
    lengths = f"{given_length} IN ({whole} + {absent}, {whole} + {written})"
    given = " OR ".join(f"{at(identifier(key))} IS NOT NULL" for key in parts)
    conditions = [f"NOT contains({line}, '\\')", lengths, f"({given})", *fine]
    if style.anew:  # DuckDB writes `[1]` for `[1,]`
        conditions.append(f"NOT regexp_matches({line}, ',\\s*[]}}]')")
    return " AND ".join(conditions)


def _proofs(request: Request, plan: _Plan) -> Mapping[str, Proof]:
    """That the lines of a file have the shape that the first ones let expect: as to all columns of
    the table, which serves other queries too, or those that are wanted."""
    found: dict[str, Proof] = {}
    for columns in (tuple(name for name, _ in request.schema), request.columns):
        asked = replace(request, columns=columns)
        parts = plan.parts(asked, identifier, typed=True)
        if parts is not None and plan.folds:
            told = clean.type_text({key: each.structure for key, each in parts.items()})
            key = f"{plan.serde.function} {asked.wanted} {told}"
            found[key] = partial(_has_shape, asked, plan)
    return found


def _has_shape(request: Request, plan: _Plan, file: DataFile) -> Iterator[bool]:
    """The blocks of a file, looked at side by side."""
    wanted = {plan.keys[name]: of for name, of in request.wanted}
    try:
        told = shape.Shape(wanted, plan.sample, plan.first, openx=plan.serde.openx)
    except UncleanError:
        return iter([False])
    check = _check(plan.serde)
    blocks = lines.blocks(
        request,
        file,
        lines.Trimming.of(request.parameters),
        lambda pieces: proving.checked(check(pieces)),
    )
    return ahead(told.holds, shape.together(blocks), lambda _: True)


def _plain(request: Request, plan: _Plan) -> Relation:
    parts = plan.parts(request, identifier, typed=True)
    assert parts is not None
    columns = ", ".join(
        f"{quoted(key)}: {quoted(clean.type_text(each.structure))}" for key, each in parts.items()
    )
    values = "".join(
        f"{parts[plan.keys[name]].value} AS {identifier(name)}, " for name, _ in request.wanted
    )
    return Relation(
        f"SELECT {values}{identifier(PATH)} FROM read_json({file_list(request.urls)},"
        f" columns = {{{columns}}}, format = 'newline_delimited', filename = {quoted(PATH)},"
        f" maximum_object_size = {proving.MAX_LINE})"
    )


def _by_python(serde: _SerDe, request: Request) -> Relation:
    values = "".join(
        f"{canonical.value(f'o.{identifier(name)}', of)} AS {identifier(name)}, "
        for name, of in request.wanted
    )
    inner = f"SELECT {_made(serde, request)} AS o, {identifier(PATH)} FROM {request.name}"
    sql = f"SELECT {values}{identifier(PATH)} FROM ({inner})"
    data = _lines(request, _check(serde), folds=not serde.openx)
    return Relation(sql, {request.name: data})


def _made(serde: _SerDe, request: Request) -> str:
    """A line as the struct that Python makes of it."""
    line, uri = identifier(clean.LINE), identifier(lines.URI)
    spec = quoted(_spec(request).text())
    parsed = f"{serde.function}({line}, CAST({uri} AS VARCHAR), {spec})"
    return f"json_transform({parsed}, {quoted(canonical.structure(request.wanted))})"


def _spec(request: Request) -> Spec:
    positions = {name: i for i, (name, _) in enumerate(request.schema)}
    columns = tuple((name, str(of), positions[name]) for name, of in request.wanted)
    return Spec(columns, request.properties)


HIVE: Final = Format(
    name="JSON",
    classification="json",
    serdes=(
        "org.apache.hive.hcatalog.data.JsonSerDe",
        "org.apache.hadoop.hive.serde2.JsonSerDe",
    ),
    input_format=TEXT_INPUT,
    output_format=TEXT_OUTPUT,
    scan=_scan(_SerDe("trino_hive_json", openx=False)),
    by_name=True,
    writing=writers.json.hive,
)
OPENX: Final = Format(
    name="OPENX_JSON",
    classification="json",
    serdes=("org.openx.data.jsonserde.JsonSerDe",),
    input_format=TEXT_INPUT,
    output_format=TEXT_OUTPUT,
    scan=_scan(_SerDe("trino_openx_json", openx=True)),
    by_name=True,
    writing=writers.json.openx,
)
CLOUDTRAIL: Final = Format(
    name="CLOUDTRAIL",
    classification="cloudtrail",
    serdes=(cloudtrail.SERDE,),
    input_format=cloudtrail.INPUT_FORMAT,
    output_format=TEXT_OUTPUT,
    scan=_scan(_SerDe("trino_hive_json", openx=False)),
    by_name=True,
)
