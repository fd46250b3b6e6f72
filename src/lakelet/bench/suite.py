"""What to run: a suite of queries, read from a folder, a TOML or YAML file, or a file of SQL.

A folder holds one query a `.sql` file and the rest in `suite.toml`; a `.sql` file holds queries
with semicolons between them, each named by a comment before it: `-- name: busiest days`.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from lakelet.bench import files
from lakelet.bench.layouts import AXES, Layout, matrix
from lakelet.errors import LakeletError
from lakelet.sql.statements.splitting import split

_NAME: Final = re.compile(r"^[^\S\n]*--\s*name:[^\S\n]*(\S.*)", re.I | re.M)
_KEYS: Final = ("database", "tables", "layouts", "queries", "warmup", "repeat")
_FILES: Final = ("suite.toml", "suite.yaml", "suite.yml")

EXAMPLES: Final[Mapping[str, str]] = {
    name: (Path(__file__).parent / "examples" / f"{name}.toml").read_text("utf-8")
    for name in ("sales", "flights")
}
"""Suites to begin with: of a table of one's own, and of the lake that `lakelet demo` makes."""


@dataclass(frozen=True, slots=True)
class Query:
    """One query of a suite; `database` None is the suite's."""

    name: str
    text: str
    database: str | None = None


@dataclass(frozen=True, slots=True)
class Suite:
    """Queries, and the layouts of `tables` (name → where its rows come from) they run on.

    A query knows such a table by its name in `database`; other tables stay as they are. Without
    tables the queries run on the lake's tables as they are. `warmup` and `repeat` count
    the runs of each query that are passed over and that are measured.
    """

    name: str
    queries: tuple[Query, ...]
    database: str = "default"
    tables: Mapping[str, str] = field(default_factory=dict)
    layouts: tuple[Layout, ...] = ()
    warmup: int = 1
    repeat: int = 5


def read(path: Path) -> Suite:
    """The suite in a file or folder; raises LakeletError with what is wrong, and where."""
    if path.is_dir():
        return _folder(path)
    if not path.exists():
        raise LakeletError(f"there is no suite {path}; write one with: lakelet bench --example")
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        known = ", ".join(_READERS)
        raise LakeletError(f"{path} is no suite; a suite is a folder or a file in {known}")
    return reader(path)


def repeated(suite: Suite, count: int | None) -> Suite:
    """The suite with another number of runs that count; None leaves its own."""
    return suite if count is None else replace(suite, repeat=count)


def _folder(path: Path) -> Suite:
    written = sorted(file for file in path.iterdir() if file.suffix.lower() == ".sql")
    settings = next((path / name for name in _FILES if (path / name).exists()), None)
    queries = tuple(query for file in written for query in _queries(file))
    document = _document(settings) if settings else {}
    return _suite(path.resolve().name, document, queries, settings or path)


def _sql(path: Path) -> Suite:
    return _suite(path.stem, {}, _queries(path), path)


def _settings(path: Path) -> Suite:
    return _suite(path.stem, _document(path), (), path)


_READERS: Final[Mapping[str, Callable[[Path], Suite]]] = {
    ".toml": _settings,
    ".yaml": _settings,
    ".yml": _settings,
    ".sql": _sql,
}


def _document(path: Path) -> dict[str, Any]:
    text = files.text(path)
    try:
        found = tomllib.loads(text) if path.suffix.lower() == ".toml" else _yaml(text)
    except ValueError as error:
        raise LakeletError(f"{path} can't be read: {error}") from error
    if not isinstance(found, dict):
        raise LakeletError(f"{path} holds no settings of a suite")
    _known(found, _KEYS, path, "a suite has")
    return found


def _known(found: Iterable[str], known: Sequence[str], path: Path, whose: str) -> None:
    """Raises LakeletError for keys that are not known, with the names that are near."""
    unknown = [str(each) for each in found if each not in known]
    if not unknown:
        return
    near = [name for each in unknown for name in get_close_matches(each, known, n=1)]
    hint = f"did you mean {' and '.join(near)}?" if near else f"{whose} {', '.join(known)}"
    raise LakeletError(f"{path}: unknown {' and '.join(unknown)}; {hint}")


def _yaml(text: str) -> Any:
    try:
        import yaml
    except ModuleNotFoundError as error:
        raise LakeletError("a suite in YAML needs: pip install 'lakelet[yaml]'") from error
    try:
        loader = yaml.SafeLoader(text)
        root = loader.get_single_node()
        _once(root, yaml.MappingNode)
        return {} if root is None else loader.construct_document(root)
    except yaml.MarkedYAMLError as error:
        raise ValueError(_marked(error)) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError(" ".join(str(error).split())) from error


def _marked(error: Any) -> str:
    """What PyYAML tells in many lines, in one, as tomllib tells it."""
    said = ", ".join(part for part in (error.context, error.problem) if part)
    mark = error.problem_mark or error.context_mark
    return f"{said} (at line {mark.line + 1}, column {mark.column + 1})" if mark else said


def _once(node: Any, mapping: type) -> None:
    """Raises ValueError for a key that a mapping has twice: PyYAML lets the last one win."""
    if isinstance(node, mapping):
        pairs: Any = node
        seen: set[str] = set()
        for key, value in pairs.value:
            if key.value in seen:
                raise ValueError(f"{key.value} is there twice (at line {key.start_mark.line + 1})")
            seen.add(str(key.value))
            _once(value, mapping)


def _queries(path: Path) -> tuple[Query, ...]:
    texts = list(split(files.text(path)))
    if not texts:
        raise LakeletError(f"{path} holds no query")
    names = [path.stem] if len(texts) == 1 else [f"{path.stem} {i + 1}" for i in range(len(texts))]
    found = (_NAME.search(text) for text in texts)
    return tuple(
        Query(named[1].strip() if named else name, text)
        for named, name, text in zip(found, names, texts, strict=True)
    )


def _suite(name: str, document: dict[str, Any], queries: tuple[Query, ...], path: Path) -> Suite:
    queries += _given(document.get("queries", {}), path)
    if not queries:
        raise LakeletError(f"{path} holds no query")
    times = Counter(query.name for query in queries)
    twice = sorted(each for each, count in times.items() if count > 1)
    if twice:
        raise LakeletError(f"{path}: two queries are named {', '.join(twice)}")
    database = document.get("database", "default")
    if not isinstance(database, str) or not database:
        raise LakeletError(f"{path}: database is a name, not {database!r}")
    tables = _tables(document.get("tables", {}), database, path)
    axes = document.get("layouts", {})
    if axes and not tables:
        raise LakeletError(f"{path} has layouts, but no tables to lay out; add [tables]")
    return Suite(
        name,
        queries,
        database.lower(),
        tables,
        _layouts(axes, path) if tables else (),
        _count(document, "warmup", 0, 1, path),
        _count(document, "repeat", 1, 5, path),
    )


def _given(queries: Any, path: Path) -> tuple[Query, ...]:
    """The queries of a document, each by its name in one line."""
    if not isinstance(queries, dict):
        raise LakeletError(f"{path}: queries are names with their SQL")
    found = []
    for given, text in queries.items():
        name = " ".join(str(given).split())
        if not name:
            raise LakeletError(f"{path}: a query has no name")
        if not isinstance(text, str):
            raise LakeletError(f"{path}: the query {name} is a text of SQL, not {text!r}")
        if not (written := text.strip().rstrip("; \n\t")):
            raise LakeletError(f"{path}: the query {name} has no text")
        found.append(Query(name, written))
    return tuple(found)


def _tables(given: Any, database: str, path: Path) -> dict[str, str]:
    """Names with their sources; a name alone is the table of that name."""
    if isinstance(given, list):
        given = {str(name).rpartition(".")[2]: str(name) for name in given}
    if not isinstance(given, dict) or not all(isinstance(each, str) for each in given.values()):
        raise LakeletError(f"{path}: tables are names with where their rows come from")
    folder = (path.parent if path.is_file() else path).absolute()
    found = {}
    for name, source in given.items():
        written = source
        local = "/" in written or (folder / written).exists()
        if local and "://" not in written:
            written = str(folder / written)
        elif not local and "." not in written:
            written = f"{database}.{written}"
        found[str(name).lower()] = written
    return found


def _layouts(axes: Any, path: Path) -> tuple[Layout, ...]:
    if not isinstance(axes, dict):
        raise LakeletError(f"{path}: layouts are axes, each with its values")
    _known(axes, tuple(AXES), path, "layouts have")
    try:
        return matrix(axes)
    except ValueError as error:
        raise LakeletError(f"{path}: {error}") from error


def _count(document: dict[str, Any], name: str, least: int, default: int, path: Path) -> int:
    found = document.get(name, default)
    if not isinstance(found, int) or isinstance(found, bool) or found < least:
        raise LakeletError(f"{path}: {name} is a number from {least} on, not {found}")
    return found
