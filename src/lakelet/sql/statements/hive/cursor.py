"""A place among the tokens of a Hive statement, what may be read there, and how it fails."""

import re
from collections.abc import Callable
from typing import Final, NoReturn, TypeVar

from lakelet.model import Column
from lakelet.sql.statements.hive.lexer import Token, exception, tokens
from lakelet.sql.statements.model import PartitionSpec, TableName

Read = TypeVar("Read")

RESERVED: Final = frozenset(
    (
        *("ALL", "ALTER", "AND", "ARRAY", "AS", "AUTHORIZATION", "BETWEEN", "BIGINT", "BINARY"),
        *("BOOLEAN", "BOTH", "BY", "CASE", "CASHE", "CAST", "CHAR", "COLUMN", "COMMIT", "CONF"),
        *("CONSTRAINT", "CREATE", "CROSS", "CUBE", "CURRENT", "CURRENT_DATE", "CURRENT_TIMESTAMP"),
        *("CURSOR", "DATABASE", "DATE", "DAYOFWEEK", "DECIMAL", "DELETE", "DESCRIBE", "DISTINCT"),
        *("DIV", "DOUBLE", "DROP", "ELSE", "END", "EXCHANGE", "EXISTS", "EXTENDED", "EXTERNAL"),
        *("EXTRACT", "FALSE", "FETCH", "FLOAT", "FLOOR", "FOLLOWING", "FOR", "FOREIGN", "FROM"),
        *("FULL", "FUNCTION", "GRANT", "GROUP", "GROUPING", "HAVING", "IF", "IMPORT", "IN"),
        *("INNER", "INSERT", "INT", "INTEGER", "INTERSECT", "INTERVAL", "INTO", "IS", "JOIN"),
        *("LATERAL", "LEFT", "LESS", "LIKE", "LOCAL", "MACRO", "MAP", "MORE", "NONE", "NOT"),
        *("NULL", "NUMERIC", "OF", "ON", "ONLY", "OR", "ORDER", "OUT", "OUTER", "OVER"),
        *("PARTIALSCAN", "PARTITION", "PERCENT", "PRECEDING", "PRECISION", "PRESERVE", "PRIMARY"),
        *("PROCEDURE", "RANGE", "READS", "REDUCE", "REFERENCES", "REGEXP", "REVOKE", "RIGHT"),
        *("RLIKE", "ROLLBACK", "ROLLUP", "ROW", "ROWS", "SELECT", "SET", "SMALLINT", "START"),
        *("TABLE", "TABLESAMPLE", "THEN", "TIME", "TIMESTAMP", "TO", "TRANSFORM", "TRIGGER"),
        *("TRUE", "TRUNCATE", "UNBOUNDED", "UNION", "UNIQUEJOIN", "UPDATE", "USER", "USING"),
        *("UTC_TIMESTAMP", "VALUES", "VARCHAR", "VIEWS", "WHEN", "WHERE", "WINDOW", "WITH"),
    )
)
"""Words that name nothing without backticks (Athena's list of reserved words in DDL)."""
_NAMED: Final = {"end": "EOF", "string": "StringLiteral"}
"""Kinds of tokens as Hive's errors name them."""
_PLAIN: Final = re.compile(r"[a-z]\w*", re.ASCII)
_COMPOSED: Final = frozenset(("array", "map", "struct", "uniontype"))
_LONG: Final = frozenset(("varchar", "char"))
_PARAMETERS: Final = _LONG | {"decimal", "numeric"}
_TYPES: Final = (
    _COMPOSED
    | _PARAMETERS
    | {"tinyint", "smallint", "int", "integer", "bigint", "boolean", "float", "double", "string"}
    | {"date", "timestamp", "binary", "void"}
)
"""The words that Hive's grammar has for types."""
_LEVELS: Final = 100
"""Types inside types; deeper ones are refused rather than followed."""


class Unsupported(Exception):  # noqa: N818 - tells a reader to stop; nobody above sees it
    """A statement that Hive has and Athena has not."""


class Cursor:
    """Reads forward; `rule` is what Hive calls the part of the grammar that is being read.

    `quotes` says that names may stand in double quotes: in statements about views, which Athena's
    engine reads and not Hive.
    """

    def __init__(self, text: str) -> None:
        self.tokens = tokens(text)
        self.at = 0
        self.rule = ""
        self.quotes = False

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def key(self, ahead: int = 0) -> str:
        return self._ahead(ahead).key

    def take(self, *keys: str) -> bool:
        """Steps over words and signs if they are the next ones."""
        if any(self.key(i) != key for i, key in enumerate(keys)):
            return False
        self.at += len(keys)
        return True

    def need(self, *keys: str) -> None:
        for key in keys:
            if not self.take(key):
                self.mismatch(key)

    def end(self) -> None:
        """Raises Hive's error for what stands behind a whole statement."""
        if self.token.kind != "end":
            self._extraneous("EOF")
            near = self.tokens[self.at - 1].text
            raise exception(self.token, f"missing EOF at '{self.token.text}' near '{near}'")

    def fail(self, ahead: int = 0) -> NoReturn:
        """Nothing in the grammar begins like this, as is seen `ahead` tokens on."""
        near = " ".join(f"'{self._ahead(i).text}'" for i in range(3))
        raise exception(self._ahead(ahead), f"cannot recognize input near {near}{self._in()}")

    def mismatch(self, expected: str) -> NoReturn:
        """One certain word or sign should stand here."""
        self._extraneous(expected)
        near = f" near '{self.tokens[self.at - 1].text}'" if self.at else ""
        message = f"mismatched input '{self.token.text}' expecting {expected}{near}{self._in()}"
        raise exception(self.token, message)

    def _extraneous(self, expected: str) -> None:
        """Raises Hive's error for what stands before the very thing that is expected."""
        after = self._ahead(1)
        if expected in (after.key, _NAMED.get(after.kind)):
            message = f"extraneous input '{self.token.text}' expecting {expected} near '<EOF>'"
            raise exception(self.token, message)

    # Parts ----------------------------------------------------------------------------------

    def name(self, rule: str = "", *, underscore: bool = False) -> str:
        """An identifier in lower case: a word that is not reserved and begins with no underscore,
        unless it may, or anything in backticks."""
        token = self.token
        quoted = self.quotes and token.kind == "string" and token.text[0] == '"'
        begins = underscore or self.quotes or token.text[0] != "_"
        if token.kind == "name" or quoted or (token.kind == "word" and begins and _names(token)):
            self.at += 1
            return token.value.lower()
        self.rule = rule or self.rule
        self.fail()

    def string(self) -> str:
        if self.token.kind != "string":
            self.mismatch("StringLiteral")
        self.at += 1
        return self.tokens[self.at - 1].value

    def is_string(self) -> bool:
        return self.token.kind == "string"

    def number(self) -> int:
        token = self.token
        if token.kind != "word" or not token.text.isdigit():
            self.mismatch("Number")
        self.at += 1
        return int(token.text)

    def table(self) -> TableName:
        """A name of one to three parts."""
        first = self.token
        parts = [self.name("table name")]
        if first.kind == "name" and self.key() != "." and parts[0].count(".") == 1:
            parts = parts[0].split(".")  # as SHOW CREATE TABLE writes it
        while len(parts) < 3 and self.take("."):
            parts.append(self.name("table name"))
        return TableName(*reversed(parts))

    def listed(self, read: Callable[[], Read]) -> tuple[Read, ...]:
        """`( item, … )`"""
        self.need("(")
        found = [read()]
        while self.take(","):
            found.append(read())
        self.need(")")
        return tuple(found)

    def names(self) -> tuple[str, ...]:
        return self.listed(self.name)

    def columns(self) -> tuple[Column, ...]:
        return self.listed(self.column)

    def column(self) -> Column:
        name = self.name("column specification")
        self.take(":")
        of = self.type()
        return Column(name, of, self.string() if self.take("COMMENT") else None)

    def type(self, depth: int = 0) -> str:
        """A type's text without spaces, in lower case, as the catalogue keeps it."""
        word = self.token.text.lower()
        if word not in _TYPES or depth > _LEVELS:
            self.rule = "column type"
            self.fail()
        self.at += 1
        if word == "double" and self.take("PRECISION"):
            return word
        if word in _COMPOSED:
            return self._composed(word, depth)
        if word in _LONG and self.key() != "(":
            self.rule = "primitive type specification"
            self.mismatch("(")
        if word in _PARAMETERS and self.key() == "(":
            numbers = self.listed(self.number)
            return f"{word}({','.join(map(str, numbers))})"
        return word

    def _composed(self, word: str, depth: int) -> str:
        self.need("<")
        read = self._field if word == "struct" else self.type
        parts = [read(depth + 1)]
        while self.take(","):
            parts.append(read(depth + 1))
        self.need(">")
        return f"{word}<{','.join(parts)}>"

    def _field(self, depth: int) -> str:
        token = self.token
        # Hive would have it quoted, but does not quote it where it shows a type.
        name = self.name("column specification", underscore=True)
        self.need(":")
        of = self.type(depth)
        if self.take("COMMENT"):
            self.string()
        plain = name.replace("_", "a").isalnum()
        return f"{name}:{of}" if plain or token.kind != "name" else f"`{name}`:{of}"

    def spec(self) -> PartitionSpec:
        """`(key = value, …)`; a key's value is text."""
        return dict(self.listed(self._pair))

    def _pair(self) -> tuple[str, str]:
        name = self.name("partition specification")
        self._equals()
        return name, self._constant()

    def _constant(self) -> str:
        if self.is_string():
            return self.string()
        if self.key() in ("DATE", "TIMESTAMP") and self._ahead(1).kind == "string":
            self.at += 1
            return self.string()
        sign = "-" if self.take("-") else ""
        if self.token.kind != "word":
            self.rule = "constant"
            self.fail()
        self.at += 1
        return sign + self.tokens[self.at - 1].text

    def properties(self, *, databases: bool = False) -> dict[str, str]:
        """`('name' = 'value', …)`, of a table or of a database."""

        def pair() -> tuple[str, str]:
            if self.is_string() and not databases and self.key(1) not in ("=", "=="):
                self.rule = "table properties list"
                self.fail(1)
            name = self.string()
            self._equals()
            return name, self.string()

        return dict(self.listed(pair))

    def _equals(self) -> None:
        if not self.take("=="):
            self.need("=")

    def _ahead(self, count: int) -> Token:
        return self.tokens[min(self.at + count, len(self.tokens) - 1)]

    def _in(self) -> str:
        return f" in {self.rule}" if self.rule else ""


def _names(token: Token) -> bool:
    return token.key not in RESERVED and token.text.isascii() and "." not in token.text


def quoted(name: str) -> str:
    """A name as Hive's grammar reads it: in backticks where it would be no name without."""
    if _PLAIN.fullmatch(name) and name.upper() not in RESERVED:
        return name
    return "`" + name.replace("`", "``") + "`"
