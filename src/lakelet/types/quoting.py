"""Texts and names inside SQL, as Trino and DuckDB alike read them back."""


def quoted(text: str) -> str:
    """A text as a string constant."""
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """A name as a delimited identifier."""
    return '"' + name.replace('"', '""') + '"'


def parameter(word: str, depth: int) -> str:
    """The name of a lambda's parameter as no column is named: else what is taken of the parameter
    (`word.key`) would be taken of the column."""
    return identifier(f"${word} {depth}")
