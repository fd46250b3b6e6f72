"""Texts and names inside SQL, as Trino and DuckDB alike read them back."""


def quoted(text: str) -> str:
    """A text as a string constant."""
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """A name as a delimited identifier."""
    return '"' + name.replace('"', '""') + '"'
