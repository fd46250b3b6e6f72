"""Asks the parser of Hive 3.1.3, whose jars Maven fetches, by a Java.

python -m tests.ddl.parsing                          records what it says of the kept statements
python -m tests.ddl.parsing --examples N [--seed S]  changes them at random, prints what differs
"""

import random
import re
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Final

import click

from tests.ddl.parsing import errors

_JARS: Final = (
    "org.apache.hive:hive-exec:3.1.3:jar:core",
    "org.apache.hive:hive-common:3.1.3",
    "org.apache.hadoop:hadoop-common:3.1.0",
    "org.antlr:antlr-runtime:3.5.2",
    "org.slf4j:slf4j-api:1.7.36",
    "commons-logging:commons-logging:1.2",
)
_PIECE: Final = re.compile(r"'[^']*'|`[^`]*`|\w+|\s+|.", re.S)
_PUT_IN: Final = (
    *("x", "1", "1.5", "'s'", "`q`", '"d"', "(", ")", ",", ".", "=", "<", ">", ":", "-", "*", ";"),
    *("SELECT", "TABLE", "COLUMN", "user", "date", "int", "LIKE", "IN", "_u", "@", "LOCATION"),
    *("COMMENT", "AS", "PARTITION", "IF", "SET", "WITH", "NULL"),
)


def messages(statements: list[str]) -> list[str]:
    """What Hive's parser says of statements; '' of those that it reads."""
    with tempfile.TemporaryDirectory() as folder:
        for jar in _JARS:
            goal = ["dependency:copy", f"-Dartifact={jar}", f"-DoutputDirectory={folder}"]
            subprocess.run(["mvn", "-q", "-B", *goal], check=True, capture_output=True)
        source = Path(__file__).with_name("ParseErrors.java")
        done = subprocess.run(
            ["java", "-cp", f"{folder}/*", str(source)],
            input="\0".join(statements).encode(),
            capture_output=True,
            check=True,
        )
    return done.stdout.decode().split("\0")[: len(statements)]


def changed(given: random.Random, statement: str) -> str:
    """A statement with one or two pieces left out, put in or in other places, or cut off."""
    pieces = _PIECE.findall(statement)
    places = [place for place, piece in enumerate(pieces) if piece.strip()]
    for _ in range(given.choice((1, 1, 1, 2))):
        at, other = given.choice(places), given.choice(places)
        way = given.randrange(5)
        if way == 0:
            pieces[at] = ""
        elif way == 1:
            pieces[at] = given.choice(_PUT_IN)
        elif way == 2:
            pieces[at] += f" {given.choice(_PUT_IN)}"
        elif way == 3:
            pieces[at], pieces[other] = pieces[other], pieces[at]
        else:
            return "".join(pieces[:at]).strip() or statement
    return "".join(pieces).strip() or statement


@click.command()
@click.option("--examples", default=0, help="statements to make at random")
@click.option("--seed", default=1)
def main(examples: int, seed: int) -> None:
    """Records what Hive's parser says, or compares it at random."""
    kept = errors.read()
    if not examples:
        said = messages([each.statement for each in kept])
        made = [replace(each, message=new) for each, new in zip(kept, said, strict=True)]
        errors.write(made)
        wrong = [
            each
            for each in made
            if (errors.ours(each.statement) == each.message) == bool(each.differs)
        ]
        click.echo("".join(f"{each}\n    {errors.ours(each.statement)}\n" for each in wrong))
        return
    given = random.Random(seed)
    statements = [changed(given, given.choice(kept).statement) for _ in range(examples)]
    differing = 0
    for statement, message in zip(statements, messages(statements), strict=True):
        if errors.ours(statement) != message:
            differing += 1
            click.echo(f"{statement!r}\n    {message!r}\n    {errors.ours(statement)!r}")
    click.echo(f"{differing} of {examples} differ")


if __name__ == "__main__":
    main()
