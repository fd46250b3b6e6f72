"""A place among the tokens of a Hive statement, what may be read there, and how it fails."""

import re
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
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
_COLUMNS: Final = frozenset(("DATE", "START", "TIME", "TIMESTAMP", "USER"))
"""Reserved words that columns, fields and keys have for names all the same: in the guide's own
tables of load balancers' logs, CloudFront's, VPC flow logs and Network Firewall's, and where Hive
has `hive.support.sql11.reserved.keywords` off."""
_NAMED: Final = {"end": "EOF", "string": "StringLiteral"}
"""Kinds of tokens as Hive's errors name them."""
_PLAIN: Final = re.compile(r"[a-z]\w*", re.ASCII)
_COMPOSED: Final = {
    **{"array": "list type", "map": "map type", "struct": "struct type"},
    "uniontype": "uniontype type",
}
"""Types with types inside, and the parts of the grammar that read them."""
_LONG: Final = frozenset(("varchar", "char"))
_PARAMETERS: Final = _LONG | {"decimal", "numeric"}
_TYPES: Final = (
    _PARAMETERS
    | _COMPOSED.keys()
    | {"tinyint", "smallint", "int", "integer", "bigint", "boolean", "float", "double", "string"}
    | {"date", "timestamp", "binary", "void"}
)
"""The words that Hive's grammar has for types."""
_TYPE_WORDS: Final = frozenset(word.upper() for word in _TYPES)
NAME: Final = "Identifier"
STRING: Final = "StringLiteral"
"""A name and a text, in Hive's grammar and among what may follow."""
_SHOWN: Final = {"EXISTS": "KW_EXISTS", "DBPROPERTIES": "KW_DBPROPERTIES"}
"""Words that Hive's errors call by the names of its tokens."""
_LISTS: Final = {"dbproperties": "database properties"}
CLAUSES: Final = frozenset(
    ("COMMENT", "PARTITIONED", "CLUSTERED", "SORTED", "INTO", "ROW", "STORED", "LOCATION", "AS")
) | {"TBLPROPERTIES"}
"""Words that may follow a part of a statement that makes a table."""
_CHANGES: Final = frozenset(("RENAME", "ADD", "REPLACE", "CHANGE", "LOCATION", "PURGE"))
"""Words that may follow a partition of a table that is altered."""
_BEHIND_CONSTANTS: Final = frozenset(
    (
        *("AND", "AS", "BETWEEN", "CASHE", "CROSS", "DAYOFWEEK", "DIV", "ELSE", "END", "FROM"),
        *("FULL", "GROUP", "GROUPING", "HAVING", "IN", "INNER", "INSERT", "INTERSECT", "IS"),
        *("JOIN", "LATERAL", "LEFT", "LIKE", "MAP", "NOT", "OR", "ORDER", "PARTIALSCAN", "RANGE"),
        *("REDUCE", "REGEXP", "RIGHT", "RLIKE", "ROW", "ROWS", "SELECT", "THEN", "TO", "UNION"),
        *("USING", "UTC_TIMESTAMP", "VIEWS", "WHEN", "WHERE", "WINDOW", "WITH"),
    )
)
"""Reserved words that may stand behind a constant in some statement of Hive's."""
_BEHIND_TABLES: Final = frozenset(
    (
        *("AS", "CASHE", "CROSS", "DAYOFWEEK", "DROP", "EXCHANGE", "FOR", "FROM", "FULL", "GROUP"),
        *("HAVING", "IF", "IN", "INNER", "INSERT", "INTERSECT", "INTO", "JOIN", "LATERAL", "LEFT"),
        *("LIKE", "MAP", "NOT", "ON", "ORDER", "PARTIALSCAN", "PARTITION", "REDUCE", "RIGHT"),
        *("ROW", "SELECT", "SET", "TABLESAMPLE", "TO", "UNION", "UPDATE", "USING"),
        *("UTC_TIMESTAMP", "VALUES", "VIEWS", "WHERE", "WINDOW", "WITH"),
    )
)
"""Reserved words that may stand behind a table's name in some statement of Hive's."""
_LEVELS: Final = 100
"""Types inside types; deeper ones are refused rather than followed."""


class Unsupported(Exception):  # noqa: N818 - tells a reader to stop; nobody above sees it
    """A statement that Hive has and Athena has not."""


class Cursor:
    """Reads forward, and fails as the parser does that ANTLR made of Hive's grammar.

    One token too many before the one that is needed is passed over, and one that is missing before
    what may stand behind it is taken as read; either is told with what fails later, or at the end.
    `quotes` says that names may stand in double quotes: in statements about views, which Athena's
    engine reads and not Hive.
    """

    def __init__(self, text: str) -> None:
        self.tokens, self._strays = tokens(text)
        self.at = 0
        self.quotes = False
        self._rules: list[str] = []
        self._passed: list[tuple[Token, str]] = []
        self._resumed = -1
        self._unvalued: int | None = None
        self.iceberg = self._is_of_iceberg()
        self.required: list[str] = []

    def _is_of_iceberg(self) -> bool:
        """Whether a statement makes an Iceberg table, which has a grammar of its own."""
        pairs = zip(self.tokens, self.tokens[2:], strict=False)
        named = any(
            one.value.lower() == "table_type" and other.value.lower() == "iceberg"
            for one, other in pairs
            if one.kind == other.kind == "string"
        )
        return named and self.key() == "CREATE" and self.key(1) == "TABLE"

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def key(self, ahead: int = 0) -> str:
        return self._ahead(ahead).key

    @contextmanager
    def within(self, rule: str) -> Iterator[None]:
        """Reads a part of the grammar by the name that Hive's errors give it."""
        self._rules.append(rule)
        yield
        self._rules.pop()

    def take(self, *keys: str) -> bool:
        """Steps over words and signs if they are the next ones."""
        if any(self.key(i) != key for i, key in enumerate(keys)):
            return False
        self.at += len(keys)
        return True

    def need(self, *keys: str, then: Container[str] = ()) -> None:
        """Steps over words and signs; `then` are those that may stand behind the last of them,
        NAME among them if a name may."""
        for key, behind in zip(keys, (*keys[1:], None), strict=True):
            follow = then if behind is None else (behind,)
            self._match(key, _of_key(key), follow)

    def end(self) -> None:
        """Raises Hive's error for what stands behind a whole statement, and for what was passed;
        characters that begin no token are told before either."""
        last = self.tokens[-1]
        if self.token.kind != "end" and self._ahead(1).kind == "end":
            self._pass(f"extraneous input '{self.token.text}' expecting EOF")
        elif self.token.kind != "end":
            self._pass(f"missing EOF at '{self.token.text}'")
            last = self.tokens[self.at - 1]
        strays = [each.token for each in self._strays if each.before <= self.at + 1]
        if strays:
            raise exception([(e, f"character '{e.text}' not supported here") for e in strays])
        if self._passed:
            self._stop(last)
        if self._unvalued is not None:
            self.at = self._unvalued
            self.mismatch("=")

    def fail(self, ahead: int = 0) -> NoReturn:
        """Nothing in the grammar begins like this, as is seen `ahead` tokens on."""
        near = " ".join(f"'{self._ahead(i).text}'" for i in range(3))
        message = f"cannot recognize input near {near}{self._in()}"
        self._stop(self._last(), (self._ahead(ahead), message))

    def mismatch(self, expected: str) -> NoReturn:
        """One certain word or sign should stand here."""
        shown = _SHOWN.get(expected, expected)
        self._pass(f"mismatched input '{self.token.text}' expecting {shown}")
        self._stop(self._last())

    def miss_all(self) -> NoReturn:
        """There should be one or more of something here, and there is none."""
        message = f"required (...)+ loop did not match anything at input '{self.token.text}'"
        self._stop(self._last(), (self.token, message + self._in()))

    def _match(
        self, expected: str, fits: Callable[[Token], bool], follow: Container[str] = ()
    ) -> Token:
        """The token that is needed, or the one that stands for it."""
        text, shown = self.token.text, _SHOWN.get(expected, expected)
        if fits(self.token):
            self.at += 1
        elif fits(self._ahead(1)):
            self._pass(f"extraneous input '{text}' expecting {shown}")
            self.at += 2
            self._resumed = self.at
        elif self._may_follow(follow):
            self._pass(f"missing {shown} at '{text}'")
            self._resumed = self.at
            return self.token
        else:
            self.mismatch(expected)
        return self.tokens[self.at - 1]

    def _pass(self, message: str) -> None:
        """Notes what is wrong, unless it stands right behind what was passed over."""
        if self.at != self._resumed:
            self._passed.append((self.token, message))

    def _stop(self, last: Token | None, why: tuple[Token, str] | None = None) -> NoReturn:
        """Fails with all that was passed over, told with the place where it ends, and `why`."""
        near = f" near '{last.text}'" if last else ""
        rule = "" if last is self.tokens[-1] else self._in()
        told = [(token, f"{message}{near}{rule}") for token, message in self._passed]
        if why is not None and self.at != self._resumed:
            told.append(why)
        raise exception(told)

    def _may_follow(self, follow: Container[str]) -> bool:
        return (
            self.token.key in follow
            or (NAME in follow and self.is_name())
            or (STRING in follow and self.is_string())
        )

    def _last(self) -> Token | None:
        return self.tokens[self.at - 1] if self.at else None

    # Parts ----------------------------------------------------------------------------------

    def is_name(self, ahead: int = 0, *, underscore: bool = False) -> bool:
        """Whether a token is an identifier: a word that is not reserved and begins with no
        underscore, unless it may, or anything in backticks."""
        token = self._ahead(ahead)
        quoted = self.quotes and token.kind == "string" and token.text[0] == '"'
        begins = underscore or self.quotes or token.text[0] != "_"
        return token.kind == "name" or quoted or (token.kind == "word" and begins and _names(token))

    def name(self, *, underscore: bool = False) -> str:
        """An identifier in lower case."""
        if not self.is_name(underscore=underscore):
            self.fail()
        self.at += 1
        return self.tokens[self.at - 1].value.lower()

    def column_name(self, *, underscore: bool = False) -> str:
        """The identifier of a column, a field or a key of partitions in lower case."""
        if not self._is_column():
            return self.name(underscore=underscore)
        self.at += 1
        return self.tokens[self.at - 1].value.lower()

    def _is_column(self, ahead: int = 0) -> bool:
        token = self._ahead(ahead)
        return self.is_name(ahead) or (token.kind == "word" and token.key in _COLUMNS)

    def is_string(self) -> bool:
        return self.token.kind == "string"

    def string(self, then: Container[str] = (")", ",")) -> str:
        """A text; `then` is what may stand behind it."""
        return self._match(STRING, lambda token: token.kind == "string", then).value

    def number(self) -> int:
        found = self._match("Number", lambda token: token.text.isdigit(), (")",))
        return int(found.text) if found.text.isdigit() else 0

    def table(self, rule: str = "table name") -> TableName:
        """A name of one to three parts; Hive looks at what stands behind the first one, too."""
        with self.within(rule):
            first = self.token
            parts = [self.name()]
            if self.key() == "." and not self.is_name(1):
                self.at -= 1
                self.fail(2)
            if not _may_follow_a_table(self.token) and not self.quotes:
                self.at -= 1
                self.fail(1)
            if first.kind == "name" and self.key() != "." and parts[0].count(".") == 1:
                parts = parts[0].split(".")  # as SHOW CREATE TABLE writes it
            while len(parts) < 3 and self.take("."):
                parts.append(self.name())
        return TableName(*reversed(parts))

    def listed(
        self,
        read: Callable[[], Read],
        *,
        ahead: bool = False,
        then: Container[str] = CLAUSES,
    ) -> tuple[Read, ...]:
        """`( item, … )`, behind which stands one of `then`; with `ahead` a comma is one of the list
        only where a name is behind it."""
        self.need("(", then=(NAME,))
        found = [read()]
        while self.key() == "," and (not ahead or self._is_column(1)):
            self.at += 1
            found.append(read())
        self.need(")", then=then)
        return tuple(found)

    def names(self) -> tuple[str, ...]:
        with self.within("column name"):
            self.need("(", then=(NAME,))
            found = [self.column_name()]
            while self.take(","):
                found.append(self.column_name())
        self.need(")", then=CLAUSES)
        return tuple(found)

    def columns(self, *, ahead: bool = False) -> tuple[Column, ...]:
        return self.listed(self.column, ahead=ahead)

    def column(self) -> Column:
        with self.within("column specification"):
            name = self.column_name()
            self.take(":")
            of = self.type()
            if self.iceberg and self.take("NOT", "NULL"):
                self.required.append(name)
            return Column(name, of, self.string() if self.take("COMMENT") else None)

    def exists(self, *then: str) -> bool:
        """IF EXISTS, behind which stands one of `then`."""
        if not self.take("IF"):
            return False
        with self.within("if exists clause"):
            self.need("EXISTS", then=then)
        return True

    def not_exists(self) -> bool:
        """IF NOT EXISTS"""
        if not self.take("IF"):
            return False
        with self.within("if not exists clause"):
            self.need("NOT", "EXISTS", then=(NAME, "PARTITION"))
        return True

    def type(self, depth: int = 0) -> str:
        """A type's text without spaces, in lower case, as the catalogue keeps it."""
        with self.within("column type"):
            return self._type(depth)

    def _type(self, depth: int) -> str:
        word = self.token.text.lower()
        if word not in _TYPES or depth > _LEVELS:
            self.fail()
        self.at += 1
        if word == "double" and self.take("PRECISION"):
            return word
        if word in _COMPOSED:
            return self._composed(word, depth)
        with self.within("primitive type specification"):
            if word in _LONG and self.key() != "(":
                self.mismatch("(")
            if word in _PARAMETERS and self.key() == "(":
                numbers = self.listed(self.number)
                return f"{word}({','.join(map(str, numbers))})"
        return word

    def _composed(self, word: str, depth: int) -> str:
        with self.within(_COMPOSED[word]):
            self.need("<", then=_TYPE_WORDS)
            parts = [self._part(word, depth)]
            if word == "map":
                self.need(",", then=_TYPE_WORDS)
                parts.append(self._type(depth + 1))
            while word in ("struct", "uniontype") and self.take(","):
                parts.append(self._part(word, depth))
            self.need(">", then=(")", ">", ","))
        return f"{word}<{','.join(parts)}>"

    def _part(self, word: str, depth: int) -> str:
        if word == "struct":
            return self._field(depth + 1)
        if word == "map":
            with self.within("primitive type specification"):
                if self.token.text.lower() in _COMPOSED:
                    self.fail()
                return self._type(depth + 1)
        return self._type(depth + 1) if word == "array" else self.type(depth + 1)

    def _field(self, depth: int) -> str:
        with self.within("column specification"):
            token = self.token
            # Hive would have it quoted, but does not quote it where it shows a type.
            name = self.column_name(underscore=True)
            self.need(":", then=_TYPE_WORDS)
            of = self.type(depth)
            if self.take("COMMENT"):
                self.string()
        plain = name.replace("_", "a").isalnum()
        return f"{name}:{of}" if plain or token.kind != "name" else f"`{name}`:{of}"

    def spec(self, *, compared: bool = False, then: Container[str] = _CHANGES) -> PartitionSpec:
        """`PARTITION (key = value, …)`, behind which stands one of `then`; a key's value is text.
        Hive knows keys without a value, except where they are `compared`."""
        self.need("PARTITION", then=("(",))
        return dict(self.listed(self._compared if compared else self._pair, then=then))

    def _compared(self) -> tuple[str, str]:
        name = self.column_name()
        if self.key() not in ("=", "=="):
            message = f"mismatched input '{self.token.text}' expecting set null{self._in()}"
            self._stop(self._last(), (self.token, message))
        self.at += 1
        return name, self._constant()

    def _pair(self) -> tuple[str, str]:
        name = self.column_name()
        if not (self.take("=") or self.take("==")):
            self._unvalued = self.at
            return name, ""
        return name, self._constant()

    def _constant(self) -> str:
        with self.within("constant"):
            if self.key() in ("DATE", "TIMESTAMP"):
                self.at += 1
                return self.string()
            sign = "-" if self.take("-") else ""
            if not self.is_string() and not self.token.text[0].isdigit():
                self.fail()
            if not self._may_follow_a_constant():
                self.fail(1)
            self.at += 1
            return sign + self.tokens[self.at - 1].value

    def _may_follow_a_constant(self) -> bool:
        after = self._ahead(1)
        if after.kind == "string":
            return self.is_string()
        if after.kind == "word" and not after.text[0].isdigit():
            return after.key not in RESERVED or after.key in _BEHIND_CONSTANTS
        return after.kind in ("name", "end") or (after.kind == "sign" and after.key not in "(:;")

    def properties(self, rule: str = "table properties") -> dict[str, str]:
        """`('name' = 'value', …)`, of a table or of a database."""
        with self.within(rule):
            self.need("(", then=(STRING,))
            with self.within(f"{_LISTS.get(rule, rule)} list"):
                if rule not in _LISTS and not self.is_string():
                    self.fail()
                if rule not in _LISTS and self.key(1) not in ("=", "=="):
                    self.fail(1)
                found = [self._property()]
                while self.take(","):
                    found.append(self._property())
            self.need(")", then=CLAUSES)
        return dict(found)

    def property_names(self) -> tuple[str, ...]:
        """`('name', …)`"""
        with self.within("table properties"):
            self.need("(", then=(STRING,))
            with self.within("table properties list"):
                if not self.is_string():
                    self.fail()
                if self.key(1) not in (",", ")"):
                    self.fail(1)
                with self.within("specifying key property"):
                    found = [self.string()]
                    while self.take(","):
                        found.append(self.string())
            self.need(")")
        return tuple(found)

    def _property(self) -> tuple[str, str]:
        with self.within("specifying key/value property"):
            name = self.string(then=("=", "=="))
            if not self.take("=="):
                self.need("=", then=(STRING,))
            return name, self.string()

    def _ahead(self, count: int) -> Token:
        return self.tokens[min(self.at + count, len(self.tokens) - 1)]

    def _in(self) -> str:
        return f" in {self._rules[-1]}" if self._rules else ""


def _of_key(key: str) -> Callable[[Token], bool]:
    return lambda token: token.key == key


def _may_follow_a_table(token: Token) -> bool:
    """Whether some statement of Hive's goes on like this behind the name of a table."""
    if token.kind == "sign":
        return token.text in "().,"
    if token.kind == "word" and token.key in RESERVED:
        return token.key in _BEHIND_TABLES
    return token.kind != "word" or (
        _names(token) and not token.text[0].isdigit() and token.text[0] != "_"
    )


def _names(token: Token) -> bool:
    text = token.text
    return token.key not in RESERVED and not text.isdigit() and "." not in text


def quoted(name: str) -> str:
    """A name as Hive's grammar reads it: in backticks where it would be no name without."""
    if _PLAIN.fullmatch(name) and name.upper() not in RESERVED:
        return name
    return "`" + name.replace("`", "``") + "`"
