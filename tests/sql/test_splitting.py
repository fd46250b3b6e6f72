"""Texts of several statements, of both grammars, are parted where each of them ends."""

from lakelet.sql.statements.splitting import split


def test_statements_end_at_semicolons_outside_of_quotes_and_comments() -> None:
    text = "a ';' -- b;\n; \"x;\" `;` /* ; */ c;;\n"
    assert list(split(text)) == ["a ';' -- b;", '"x;" `;` /* ; */ c']


def test_a_backslash_hides_a_quote_in_hives_texts_and_not_in_trinos() -> None:
    statements = [
        r"CREATE OR REPLACE VIEW v AS SELECT split(a, '\') AS x FROM t",
        r"CREATE TABLE c AS SELECT '\' AS x",
        r"ALTER TABLE t SET TBLPROPERTIES ('a' = '\';')",
        "CREATE VIEW w AS SELECT ';' AS y",
    ]
    assert list(split(";\n\n".join(statements))) == statements


def test_comments_alone_are_no_statement() -> None:
    assert list(split("-- a\n; /* b */ ;; SELECT 1 -- c\n;\n-- d")) == ["SELECT 1 -- c"]
