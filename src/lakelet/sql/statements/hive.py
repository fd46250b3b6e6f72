"""DDL and utility statements in Hive's grammar, over sqlglot's tokens of it.

sqlglot is imported when the first such statement is read.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, ClassVar, NoReturn

from lakelet.errors import TrinoError
from lakelet.model import Column
from lakelet.sql.statements.model import (
    AddColumns,
    AddPartitions,
    CreateDatabase,
    CreateTable,
    Describe,
    DropDatabase,
    DropPartitions,
    DropTable,
    DropView,
    PartitionSpec,
    RepairTable,
    SetLocation,
    SetProperties,
    ShowColumns,
    ShowCreate,
    ShowDatabases,
    ShowPartitions,
    ShowProperties,
    ShowTables,
    Statement,
    TableName,
)


def read(text: str) -> Statement:
    """A statement of Hive's grammar.

    Raises TrinoError with Hive's ParseException, and NOT_SUPPORTED for what Athena has not.
    """
    return _Parser(text).statement()


class _Token:
    """A word in upper case, a sign, a quoted name or a string, and where it stands."""

    __slots__ = ("key", "kind", "line", "place", "text")

    def __init__(self, kind: str, text: str, line: int, place: int) -> None:
        self.kind = kind
        self.text = text
        self.key = text.upper() if kind == "word" else ""
        self.line = line
        self.place = place


@lru_cache
def _tokenizer() -> Any:
    from sqlglot.dialects.hive import Hive

    class Words(Hive.Tokenizer):
        """Without the commands, whose text sqlglot keeps in one piece."""

        COMMANDS: ClassVar[set[Any]] = set()

    return Words(dialect=Hive())


def _tokens(text: str) -> list[_Token]:
    from sqlglot.errors import TokenError

    try:
        found = _tokenizer().tokenize(text)
    except TokenError as error:
        raise _parse_exception(1, 0, "cannot recognize input") from error
    tokens = []
    for token in found:
        kind = {"IDENTIFIER": "name", "STRING": "string"}.get(token.token_type.name, "word")
        place = token.col - len(token.text)
        if kind == "word":  # one token may be two words (`PARTITIONED BY`)
            tokens += [_Token(kind, part, token.line, place) for part in token.text.split()]
        else:
            tokens.append(_Token(kind, token.text, token.line, place))
    tokens.append(_Token("end", "<EOF>", tokens[-1].line if tokens else 1, len(text)))
    return tokens


def _parse_exception(line: int, place: int, message: str) -> TrinoError:
    return TrinoError("PARSE_EXCEPTION", f"FAILED: ParseException line {line}:{place} {message}")


class _Parser:
    """One pass over the tokens."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = _tokens(text)
        self._at = 0

    def statement(self) -> Statement:
        first, second = self._key(0), self._key(1)
        reader = _READERS.get((first, second)) or _READERS.get((first, ""))
        if reader is None:
            self._fail()
        found = reader(self)
        if self._tokens[self._at].kind != "end":
            self._fail()
        return found

    # Databases ------------------------------------------------------------------------------

    def create_database(self) -> CreateDatabase:
        self._skip(2)
        if_not_exists = self._take("IF", "NOT", "EXISTS")
        name = self._name()
        comment = self._string() if self._take("COMMENT") else None
        location = self._string() if self._take("LOCATION") else None
        properties = self._properties() if self._take("WITH", "DBPROPERTIES") else {}
        return CreateDatabase(name, if_not_exists, comment, location, properties)

    def drop_database(self) -> DropDatabase:
        self._skip(2)
        if_exists = self._take("IF", "EXISTS")
        name = self._name()
        cascade = self._take("CASCADE")
        if not cascade:
            self._take("RESTRICT")
        return DropDatabase(name, if_exists, cascade)

    # Tables ---------------------------------------------------------------------------------

    def create_table(self) -> CreateTable:
        self._skip(1)
        external = self._take("EXTERNAL")
        self._need("TABLE")
        if_not_exists = self._take("IF", "NOT", "EXISTS")
        name = self._table()
        columns = self._columns() if self._is("(") else ()
        clauses: dict[str, Any] = {}
        while self._tokens[self._at].kind != "end":
            clauses.update(self._clause())
        return CreateTable(name, columns, if_not_exists=if_not_exists, external=external, **clauses)

    def _clause(self) -> Mapping[str, Any]:
        for words, read_clause in _CLAUSES:
            if self._take(*words):
                return read_clause(self)
        self._fail()

    def partitioned_by(self) -> Mapping[str, Any]:
        return {"partition_keys": self._columns()}

    def clustered_by(self) -> Mapping[str, Any]:
        names = self._names()
        if self._take("SORTED", "BY"):
            self._names()
        self._need("INTO")
        count = int(self._word())
        self._need("BUCKETS")
        return {"bucket_columns": names, "buckets": count}

    def row_format_serde(self) -> Mapping[str, Any]:
        serde = self._string()
        properties = self._properties() if self._take("WITH", "SERDEPROPERTIES") else {}
        return {"serde": serde, "serde_properties": properties}

    def row_format_delimited(self) -> Mapping[str, Any]:
        found: dict[str, str] = {}
        while True:
            for words, name in _DELIMITED:
                if self._take(*words):
                    found[name] = self._string()
                    break
            else:
                return {"serde_properties": found}

    def stored_as(self) -> Mapping[str, Any]:
        if self._take("INPUTFORMAT"):
            given = self._string()
            self._need("OUTPUTFORMAT")
            return {"input_format": given, "output_format": self._string()}
        return {"stored_as": self._word().upper()}

    def drop_table(self) -> DropTable:
        self._skip(2)
        if_exists = self._take("IF", "EXISTS")
        name = self._table()
        self._take("PURGE")
        return DropTable(name, if_exists)

    def drop_view(self) -> DropView:
        self._skip(2)
        if_exists = self._take("IF", "EXISTS")
        return DropView(self._table(), if_exists)

    def repair(self) -> RepairTable:
        self._skip(1)
        self._need("REPAIR")
        self._need("TABLE")
        return RepairTable(self._table())

    def alter_table(self) -> Statement:
        self._skip(2)
        name = self._table()
        for words, read_change in _CHANGES:
            if self._take(*words):
                return read_change(self, name)
        self._fail()

    def add_partitions(self, name: TableName) -> AddPartitions:
        if_not_exists = self._take("IF", "NOT", "EXISTS")
        found = []
        while self._take("PARTITION"):
            spec = self._spec()
            found.append((spec, self._string() if self._take("LOCATION") else None))
        if not found:
            self._fail()
        return AddPartitions(name, tuple(found), if_not_exists)

    def drop_partitions(self, name: TableName) -> DropPartitions:
        if_exists = self._take("IF", "EXISTS")
        self._need("PARTITION")
        found = [self._spec()]
        while self._take(","):
            self._need("PARTITION")
            found.append(self._spec())
        return DropPartitions(name, tuple(found), if_exists)

    def add_columns(self, name: TableName) -> AddColumns:
        return AddColumns(name, self._columns())

    def replace_columns(self, name: TableName) -> AddColumns:
        return AddColumns(name, self._columns(), replace=True)

    def set_location(self, name: TableName) -> SetLocation:
        return SetLocation(name, self._string())

    def set_properties(self, name: TableName) -> SetProperties:
        return SetProperties(name, self._properties())

    # SHOW and DESCRIBE ----------------------------------------------------------------------

    def show_databases(self) -> ShowDatabases:
        self._skip(2)
        self._take("LIKE")
        return ShowDatabases(self._string() if self._kind("string") else None)

    def show_tables(self) -> ShowTables:
        views = self._key(1) == "VIEWS"
        self._skip(2)
        database = self._name() if self._take("IN") or self._take("FROM") else None
        self._take("LIKE")
        pattern = self._string() if self._kind("string") else None
        return ShowTables(database, pattern, views)

    def show_columns(self) -> ShowColumns:
        self._skip(2)
        self._in()
        name = self._table()
        if name.database is None and (self._take("IN") or self._take("FROM")):
            name = TableName(name.table, self._name())
        return ShowColumns(name)

    def _in(self) -> None:
        if not (self._take("FROM") or self._take("IN")):
            self._fail()

    def show_partitions(self) -> ShowPartitions:
        self._skip(2)
        return ShowPartitions(self._table())

    def show_properties(self) -> ShowProperties:
        self._skip(2)
        name = self._table()
        if not self._take("("):
            return ShowProperties(name)
        asked = self._string()
        self._need(")")
        return ShowProperties(name, asked)

    def show_create(self) -> ShowCreate:
        self._skip(2)
        view = self._take("VIEW")
        if not view:
            self._need("TABLE")
        return ShowCreate(self._table(), view)

    def describe(self) -> Describe:
        self._skip(1)
        if not self._take("EXTENDED"):
            self._take("FORMATTED")
        return Describe(self._table())

    # Parts ----------------------------------------------------------------------------------

    def _columns(self) -> tuple[Column, ...]:
        self._need("(")
        found = [self._column()]
        while self._take(","):
            found.append(self._column())
        self._need(")")
        return tuple(found)

    def _column(self) -> Column:
        name = self._name()
        self._take(":")
        of = self._type()
        return Column(name, of, self._string() if self._take("COMMENT") else None)

    def _type(self) -> str:
        """A type's text without spaces, in lower case."""
        text = self._word().lower()
        if self._take("<"):
            inside = [self._field() if text == "struct" else self._type()]
            while self._take(","):
                inside.append(self._field() if text == "struct" else self._type())
            self._need(">")
            return f"{text}<{','.join(inside)}>"
        if self._take("("):
            numbers = [self._word()]
            while self._take(","):
                numbers.append(self._word())
            self._need(")")
            return f"{text}({','.join(numbers)})"
        return text

    def _field(self) -> str:
        name = self._name()
        self._need(":")
        found = f"{name}:{self._type()}"
        if self._take("COMMENT"):
            self._string()
        return found

    def _spec(self) -> PartitionSpec:
        self._need("(")
        found = dict([self._pair()])
        while self._take(","):
            found.update([self._pair()])
        self._need(")")
        return found

    def _pair(self) -> tuple[str, str]:
        name = self._name()
        self._need("=")
        if self._kind("string"):
            return name, self._string()
        text = self._word()
        if text == "-":
            text += self._word()
        return name, self._string() if text.upper() == "DATE" else text

    def _properties(self) -> dict[str, str]:
        self._need("(")
        found: dict[str, str] = {}
        while not self._take(")"):
            name = self._string()
            self._need("=")
            found[name] = self._string()
            self._take(",")
        return found

    def _names(self) -> tuple[str, ...]:
        self._need("(")
        found = [self._name()]
        while self._take(","):
            found.append(self._name())
        self._need(")")
        return tuple(found)

    def _table(self) -> TableName:
        parts = [self._name()]
        while self._take("."):
            parts.append(self._name())
        if len(parts) > 3:
            self._fail()
        return TableName(*reversed(parts))

    def _name(self) -> str:
        token = self._tokens[self._at]
        if token.kind == "name" or (token.kind == "word" and _is_name(token.text)):
            self._at += 1
            return token.text.lower()
        self._fail()

    def _string(self) -> str:
        if not self._kind("string"):
            self._fail()
        text = ""
        while self._kind("string"):  # neighbours are one text
            text += self._tokens[self._at].text
            self._at += 1
        return text

    def _word(self) -> str:
        token = self._tokens[self._at]
        if token.kind != "word":
            self._fail()
        self._at += 1
        return token.text

    def _kind(self, kind: str) -> bool:
        return self._tokens[self._at].kind == kind

    def _key(self, ahead: int) -> str:
        index = min(self._at + ahead, len(self._tokens) - 1)
        return self._tokens[index].key

    def _is(self, key: str) -> bool:
        return self._key(0) == key

    def _skip(self, count: int) -> None:
        self._at += count

    def _take(self, *keys: str) -> bool:
        if any(self._key(ahead) != key for ahead, key in enumerate(keys)):
            return False
        self._at += len(keys)
        return True

    def _need(self, key: str) -> None:
        if not self._take(key):
            self._fail()

    def _fail(self) -> NoReturn:
        near = [f"'{token.text}'" for token in self._tokens[self._at : self._at + 3]]
        token = self._tokens[self._at]
        message = f"cannot recognize input near {' '.join(near)}"
        raise _parse_exception(token.line, token.place, message)


def _is_name(text: str) -> bool:
    return text.replace("_", "a").replace("$", "a").isalnum()


Reader = Callable[[_Parser], Statement]

_READERS: Mapping[tuple[str, str], Reader] = {
    ("CREATE", "DATABASE"): _Parser.create_database,
    ("CREATE", "SCHEMA"): _Parser.create_database,
    ("CREATE", "EXTERNAL"): _Parser.create_table,
    ("CREATE", "TABLE"): _Parser.create_table,
    ("DROP", "DATABASE"): _Parser.drop_database,
    ("DROP", "SCHEMA"): _Parser.drop_database,
    ("DROP", "TABLE"): _Parser.drop_table,
    ("DROP", "VIEW"): _Parser.drop_view,
    ("MSCK", ""): _Parser.repair,
    ("ALTER", "TABLE"): _Parser.alter_table,
    ("SHOW", "DATABASES"): _Parser.show_databases,
    ("SHOW", "SCHEMAS"): _Parser.show_databases,
    ("SHOW", "TABLES"): _Parser.show_tables,
    ("SHOW", "VIEWS"): _Parser.show_tables,
    ("SHOW", "COLUMNS"): _Parser.show_columns,
    ("SHOW", "PARTITIONS"): _Parser.show_partitions,
    ("SHOW", "TBLPROPERTIES"): _Parser.show_properties,
    ("SHOW", "CREATE"): _Parser.show_create,
    ("DESCRIBE", ""): _Parser.describe,
    ("DESC", ""): _Parser.describe,
}
_CLAUSES: tuple[tuple[tuple[str, ...], Callable[[_Parser], Mapping[str, Any]]], ...] = (
    (("COMMENT",), lambda parser: {"comment": parser._string()}),
    (("PARTITIONED", "BY"), _Parser.partitioned_by),
    (("CLUSTERED", "BY"), _Parser.clustered_by),
    (("ROW", "FORMAT", "SERDE"), _Parser.row_format_serde),
    (("ROW", "FORMAT", "DELIMITED"), _Parser.row_format_delimited),
    (("STORED", "AS"), _Parser.stored_as),
    (("LOCATION",), lambda parser: {"location": parser._string()}),
    (("TBLPROPERTIES",), lambda parser: {"properties": parser._properties()}),
)
_DELIMITED: tuple[tuple[tuple[str, ...], str], ...] = (
    (("FIELDS", "TERMINATED", "BY"), "field.delim"),
    (("ESCAPED", "BY"), "escape.delim"),
    (("COLLECTION", "ITEMS", "TERMINATED", "BY"), "colelction.delim"),
    (("MAP", "KEYS", "TERMINATED", "BY"), "mapkey.delim"),
    (("LINES", "TERMINATED", "BY"), "line.delim"),
    (("NULL", "DEFINED", "AS"), "serialization.null.format"),
)
_CHANGES: tuple[tuple[tuple[str, ...], Callable[[_Parser, TableName], Statement]], ...] = (
    (("ADD", "COLUMNS"), _Parser.add_columns),
    (("REPLACE", "COLUMNS"), _Parser.replace_columns),
    (("ADD",), _Parser.add_partitions),
    (("DROP",), _Parser.drop_partitions),
    (("SET", "LOCATION"), _Parser.set_location),
    (("SET", "TBLPROPERTIES"), _Parser.set_properties),
)
