"""Several statements in one text, with semicolons between them."""

from collections.abc import Iterator

from lakelet.sql.syntax.lexer import Text, tokenize


def split(text: str) -> Iterator[str]:
    """The statements of a text, with the comments before each and without semicolons.

    A semicolon in a literal, a quoted name or a comment parts nothing. Raises TrinoError
    SYNTAX_ERROR for a text that has no tokens.
    """
    start, empty = 0, True
    for token in tokenize(Text(text)):
        if token.kind == "end" or token.key == ";":
            if not empty:
                yield text[start : token.start].strip()
            start, empty = token.end, True
        else:
            empty = False
