"""The seam of a format, and what a scan is told."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, BinaryIO, Final

from lakelet.formats.layout import Chunks, Field, Footer, FooterReader
from lakelet.model import DataFile, Domain, StorageDescriptor
from lakelet.types import Type
from lakelet.types.duckdb import row_fields
from lakelet.types.quoting import quoted

if TYPE_CHECKING:
    from pyarrow import Table
    from pyarrow.dataset import Dataset

    from lakelet.formats.writers.writing import WriteRequest, Writing

TEXT_INPUT = "org.apache.hadoop.mapred.TextInputFormat"
TEXT_OUTPUT = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"
"""Hadoop's classes of files of lines, whatever their SerDe."""

PATH = "$path"
"""The hidden column that every scan also gives: the file that a row is from."""

NUMBER = "$number"
"""The position of that file among the request's, as a BIGINT, of a relation that is `numbered`."""


Proof = Callable[[DataFile], Iterator[bool]]
"""Whether something is true of each part of a file, one after the other."""

Search = Callable[[Sequence[DataFile]], str | None]
"""The `url` of one of some files of which something is not true; None if it is true of all."""


def _all(footer: Footer, places: Mapping[str, int]) -> tuple[int, ...]:
    return tuple(range(len(footer.groups)))


@dataclass(frozen=True, slots=True)
class PathKey:
    """A name before `=` in the paths of all files, as it is spelled there; `type` where the value
    behind it is a partition key's that is asked for."""

    name: str
    spelled: str
    type: Type | None


@dataclass(frozen=True, slots=True)
class Request:
    """Files of one storage descriptor, and the columns asked for.

    `columns` are names of the catalogue, in its order, with their Trino types; all data columns
    of the descriptor are in `schema`, since text is read by position. `footers` are the files', for
    a format that has them. `filtered` are the columns that rows are filtered by, `domains` what
    is asked of some of them, `surviving` the groups of a file that may hold such rows, by the
    places of columns in it. `open` gives a seekable reader of a file's bytes wherever the lake
    keeps them, `object` the bytes of an `s3://` address, `query` what DuckDB answers. `fields` are
    the numbers of the fields that are asked for of a row of which no others are.

    `proven` tells of a file whether a proof holds, which is asked once for each version of it and
    key, `all_proven` of several files, each with the bytes that a search of it reads, None where
    it is yet to be searched; `known` whether something has been proven or noted of a version, and
    `note` does so. `keys` are what the files' paths say, for a format that gives them as columns.
    `name` is a word that no other scan of the query has; names of Arrow objects begin with it.
    Unless rows are to be `located`, nobody asks which file they are from: a scan need not tell.
    """

    files: tuple[DataFile, ...]
    storage: StorageDescriptor
    open: Callable[[DataFile], BinaryIO]
    name: str
    parameters: Mapping[str, str]
    schema: tuple[tuple[str, Type], ...]
    columns: tuple[str, ...]
    object: Callable[[str], bytes]
    query: "Callable[[str], Table]"
    footers: tuple[Footer, ...] = ()
    keys: tuple[PathKey, ...] = ()
    located: bool = True
    filtered: frozenset[str] = frozenset()
    domains: Mapping[str, Domain] = field(default_factory=dict)
    surviving: Callable[[Footer, Mapping[str, int]], tuple[int, ...]] = _all
    proven: Callable[[DataFile, str, Proof], bool] = lambda *_: False
    all_proven: Callable[[Sequence[tuple[DataFile, int]], str, Search], bool | None] = lambda *_: (
        False
    )
    known: Callable[[DataFile, str], bool] = lambda file, key: False
    note: Callable[[DataFile, str], None] = lambda file, key: None
    fields: Mapping[str, frozenset[int]] = field(default_factory=dict)

    @property
    def urls(self) -> tuple[str, ...]:
        """Where DuckDB reads the files: paths, or `s3://` addresses."""
        return tuple(each.url for each in self.files)

    def asked(self, name: str, of: Type, found: Field) -> Field:
        """A file's row without the fields that nobody asks for, which then cannot fail."""
        numbers = self.fields.get(name)
        if numbers is None or of.name != "row" or found.kind not in _STRUCTS:
            return found
        names = row_fields(of)
        kept = {names[number] for number in numbers}
        parts = tuple(part for part in found.parts if part.name.lower() in kept)
        return replace(found, parts=parts)

    @property
    def wanted(self) -> tuple[tuple[str, Type], ...]:
        return tuple(each for each in self.schema if each[0] in self.columns)

    @property
    def properties(self) -> Mapping[str, str]:
        """The table's and its SerDe's, which go before."""
        return {**self.parameters, **self.storage.serde_parameters}

    def property(self, name: str, otherwise: str = "") -> str:
        """A SerDe's property, or the table's of that name."""
        found = self.storage.serde_parameters.get(name) or self.parameters.get(name)
        return found or otherwise


_STRUCTS: Final = frozenset({"GROUP", "STRUCT"})
"""What Parquet and ORC call a row."""


@dataclass(frozen=True, slots=True)
class Relation:
    """A DuckDB query of the asked columns and `"$path"` (a file's `url`), and the Arrow datasets
    that it names (`streams.stream` makes one of batches). `chunks` are what is read of files that
    have footers; of others it is all. `magnitudes` are the largest absolute values of columns of
    which they are known. `whole` is a call of DuckDB's function over the files where it gives just
    the columns of the schema. A `numbered` relation has a column `NUMBER` too. A `provisional` one
    may be better when it is asked for again."""

    sql: str
    datasets: Mapping[str, "Dataset"] = field(default_factory=dict)
    chunks: tuple[Chunks, ...] = ()
    magnitudes: Mapping[str, float] = field(default_factory=dict)
    whole: str = ""
    numbered: bool = False
    keyed: bool = False
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class Format:
    """A file format under one of its SerDes, of which the first is that of tables that are made.

    `scan` says how DuckDB reads the asked columns, `writing` how rows become files (None for a
    format that is only read). A format with `footers` is billed by the chunks of the columns that a
    scan reads, any other by its files' sizes. `by_name`: a partition's columns are the table's of
    their names, else of their positions.
    """

    name: str
    classification: str
    serdes: tuple[str, ...]
    input_format: str
    output_format: str
    scan: Callable[[Request], Relation]
    writing: "Callable[[WriteRequest], Writing] | None" = None
    footers: FooterReader | None = None
    by_name: bool = False


def file_list(files: Sequence[str]) -> str:
    """SQL of a list of files, as DuckDB's readers take it."""
    return f"[{', '.join(map(quoted, files))}]"
