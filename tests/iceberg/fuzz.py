"""Compares statements over made Iceberg tables with a live Trino, and lets each read the other's.

python -m tests.iceberg.fuzz [--examples 20] [--seed 1] [--keep]
    makes scripts, asks Trino and lakelet and prints what differs; with --keep it becomes a
    recorded case, with Trino's answers.
"""

import random
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import click

from lakelet.types.python import rows as python_rows
from tests.iceberg import running
from tests.iceberg.answers import DATABASE, Recorder, recorder
from tests.sql.comparing import canonical, rows_differ

Values = tuple[str, ...]
TYPES: Final[Mapping[str, tuple[str, Values]]] = {
    "int": ("integer", ("0", "-1", "7", "2147483647", "-2147483648", "100")),
    "bigint": ("bigint", ("BIGINT '0'", "BIGINT '-9223372036854775808'", "BIGINT '34'", "12")),
    "double": ("double", ("1E0", "-2.5E0", "nan()", "infinity()", "-0E0", "1E-7")),
    "float": ("real", ("REAL '0.1'", "CAST(nan() AS real)", "REAL '-3'")),
    "boolean": ("boolean", ("true", "false")),
    "string": ("varchar", ("'a'", "''", "'Zürich'", "'a b/c=d%'", "'0123456789abcdefgh'", "'😀x'")),
    "binary": ("varbinary", ("X''", "X'00ff'", "X'0102030405060708090a0b0c0d0e0f1011'")),
    "date": ("date", ("DATE '2020-02-29'", "DATE '1969-12-31'", "DATE '0001-01-01'")),
    "timestamp": (
        "timestamp(6)",
        (
            "TIMESTAMP '2020-01-02 03:04:05.678901'",
            "TIMESTAMP '1969-12-31 23:59:59.999999'",
            "TIMESTAMP '1970-01-01 00:00:00'",
        ),
    ),
    "decimal(10,2)": ("decimal(10,2)", ("DECIMAL '1.50'", "DECIMAL '-12.05'", "DECIMAL '0.00'")),
    "decimal(30,3)": ("decimal(30,3)", ("DECIMAL '123456789012345678901234567.891'", "1.5")),
    "array<int>": ("array(integer)", ("ARRAY[1, NULL]", "ARRAY[]", "ARRAY[3]")),
    "map<string,int>": ("map(varchar, integer)", ("MAP(ARRAY['k'], ARRAY[1])", "MAP()")),
    "struct<x:int,y:string>": (
        "row(x integer, y varchar)",
        ("ROW(1, 'q')", "ROW(NULL, NULL)", "ROW(-4, '')"),
    ),
}
"""Hive's types, Trino's, and values of them."""
_BUCKETED: Final = ("int", "bigint", "string", "binary", "date", "timestamp")
_TRANSFORMS: Final[Mapping[str, Callable[[str], bool]]] = {
    "identity": lambda of: "<" not in of and of not in ("double", "float", "binary"),
    "bucket": lambda of: of in _BUCKETED or of.startswith("decimal"),
    "truncate": lambda of: of in ("int", "bigint", "string") or of.startswith("decimal"),
    "year": lambda of: of in ("date", "timestamp"),
    "month": lambda of: of in ("date", "timestamp"),
    "day": lambda of: of in ("date", "timestamp"),
    "hour": lambda of: of == "timestamp",
}
SNAPSHOTS: Final = (
    "SELECT operation, element_at(summary, 'added-records') AS added,"
    " element_at(summary, 'deleted-records') AS deleted,"
    " element_at(summary, 'total-records') AS total,"
    " element_at(summary, 'total-position-deletes') AS positions"
    " FROM ${TABLE$snapshots} ORDER BY committed_at"
)
MEASURES: Final = (
    "SELECT content, file_format, record_count, value_counts, null_value_counts,"
    " lower_bounds, upper_bounds FROM ${TABLE$files} WHERE content = 0"
)


class Made:
    """One script while it is made."""

    def __init__(self, random: random.Random) -> None:
        self._random = random
        self.steps: list[dict[str, Any]] = []
        kinds = random.sample(list(TYPES), random.randint(1, 5))
        self.columns: list[tuple[str, str]] = [("id", "int")]
        self.columns += [(f"c{i}", of) for i, of in enumerate(kinds)]
        self._added = 0

    def document(self) -> dict[str, Any]:
        self._create()
        for _ in range(self._random.randint(2, 6)):
            change = self._random.choice(
                (self._insert, self._insert, self._delete, self._update, self._merge, self._alter)
            )
            change()
            self._look()
        self._say(SNAPSHOTS)
        return {"about": "made from parts", "steps": self.steps}

    def _say(self, sql: str, trino: str | None = None) -> None:
        self.steps.append({"sql": sql, **({"trino": trino} if trino else {})})

    def _create(self) -> None:
        form = self._random.choice(("parquet", "parquet", "orc", "avro"))
        hive = ", ".join(f"{name} {of}" for name, of in self.columns)
        own = ", ".join(f"{name} {TYPES[of][0]}" for name, of in self.columns)
        given = self._partitioning()
        clause = f" PARTITIONED BY ({', '.join(a for a, _ in given)})" if given else ""
        parts = ", ".join(f"'{b}'" for _, b in given)
        self._say(
            f"CREATE TABLE ${{TABLE}} ({hive}){clause} LOCATION '${{LOCATION}}/'"
            f" TBLPROPERTIES ('table_type' = 'ICEBERG', 'format' = '{form}')",
            f"CREATE TABLE ${{TABLE}} ({own}) WITH (location = '${{LOCATION}}',"
            f" format = '{form.upper()}', partitioning = ARRAY[{parts}])",
        )
        self.form = form
        self._insert()
        if form == "parquet":
            self._say(MEASURES)

    def _partitioning(self) -> list[tuple[str, str]]:
        found = []
        for name, of in self._random.sample(self.columns, min(2, len(self.columns))):
            fitting = [t for t, takes in _TRANSFORMS.items() if takes(of)]
            if not fitting or self._random.random() < 0.4:
                continue
            transform = self._random.choice(fitting)
            width = self._random.choice((1, 3, 16))
            if transform == "identity":
                found.append((name, name))
            elif transform in ("bucket", "truncate"):
                found.append((f"{transform}({width}, {name})", f"{transform}({name}, {width})"))
            else:
                found.append((f"{transform}({name})", f"{transform}({name})"))
        return found

    def _value(self, of: str) -> str:
        if self._random.random() < 0.15:
            return "NULL"
        return self._random.choice(TYPES[of][1])

    def _row(self) -> str:
        self._added += 1
        rest = [self._value(of) for _, of in self.columns[1:]]
        return f"({', '.join([str(self._added), *rest])})"

    def _insert(self) -> None:
        rows = ", ".join(self._row() for _ in range(self._random.randint(1, 6)))
        self._say(f"INSERT INTO ${{TABLE}} VALUES {rows}")

    def _condition(self) -> str:
        name, of = self._random.choice(self.columns)
        if "<" in of or self._random.random() < 0.2:
            return f"{name} IS {self._random.choice(('', 'NOT '))}NULL"
        if name == "id":
            return f"id {self._random.choice('<>=')} {self._random.randint(0, self._added + 1)}"
        value = self._random.choice(TYPES[of][1])
        return f"{name} {self._random.choice(('=', '<', '>=', '<>'))} {value}"

    def _where(self) -> str:
        return "" if self._random.random() < 0.1 else f" WHERE {self._condition()}"

    def _delete(self) -> None:
        self._say(f"DELETE FROM ${{TABLE}}{self._where()}")

    def _update(self) -> None:
        name, of = self._random.choice(self.columns[1:] or self.columns)
        value = self._value(of) if name != "id" else "id + 1000"
        self._say(f"UPDATE ${{TABLE}} SET {name} = {value}{self._where()}")

    def _merge(self) -> None:
        name, of = self._random.choice(self.columns[1:] or self.columns)
        keys = ", ".join(f"({self._random.randint(0, self._added + 3)})" for _ in range(2))
        value = self._value(of) if name != "id" else "t.id"
        cases = self._random.sample(
            (
                f"WHEN MATCHED AND {self._random.choice(('t.id > 2', 't.id IS NULL'))} THEN DELETE",
                f"WHEN MATCHED THEN UPDATE SET {name} = {value}",
                "WHEN NOT MATCHED THEN INSERT (id) VALUES (u.k + 500)",
            ),
            self._random.randint(1, 3),
        )
        self._say(
            f"MERGE INTO ${{TABLE}} t USING (SELECT DISTINCT k FROM (VALUES {keys}) AS v(k)) AS u"
            f" ON t.id = u.k {' '.join(cases)}"
        )

    def _alter(self) -> None:
        if self._random.random() < 0.5:
            name, of = f"n{len(self.columns)}", self._random.choice(list(TYPES))
            self._say(
                f"ALTER TABLE ${{TABLE}} ADD COLUMNS ({name} {of})",
                f"ALTER TABLE ${{TABLE}} ADD COLUMN {name} {TYPES[of][0]}",
            )
            self.columns.append((name, of))
            return
        at = self._random.randrange(1, len(self.columns)) if len(self.columns) > 1 else 0
        name, of = self.columns[at]
        new = f"r{len(self.steps)}"
        self._say(
            f"ALTER TABLE ${{TABLE}} CHANGE COLUMN {name} {new} {of}",
            f"ALTER TABLE ${{TABLE}} RENAME COLUMN {name} TO {new}",
        )
        self.columns[at] = (new, of)
        if at == 0:
            self._say(
                f"ALTER TABLE ${{TABLE}} CHANGE COLUMN {new} {name} {of}",
                f"ALTER TABLE ${{TABLE}} RENAME COLUMN {new} TO {name}",
            )
            self.columns[at] = (name, of)

    def _look(self) -> None:
        self._say("SELECT * FROM ${TABLE}")
        self._say(f"SELECT id FROM ${{TABLE}} WHERE {self._condition()}")
        self._say('SELECT id, "$partition" AS p FROM ${TABLE}')
        self._say("SELECT content, sum(record_count) AS n FROM ${TABLE$files} GROUP BY 1")


def _crossed(asked: Recorder, case: running.Case) -> str | None:
    """What differs where each engine reads the other's table."""
    table = running.Script(case).table
    for database in (DATABASE, running.DATABASE):
        theirs = asked.ask(f"SELECT * FROM {table}", database)
        if theirs.error is not None:
            if "does not exist" in (theirs.message or ""):
                return None
            return f"Trino cannot read {database}: {theirs.error} {theirs.message}"
        run = asked.lake.engine.prepare(f"SELECT * FROM {table}", asked.lake.session(database))
        answer: Any = run.execute()
        types = [column.type for column in answer.columns]
        given = list(python_rows(answer.batches(), types))
        run.close()
        wanted, got = (
            [[canonical(value, of) for value, of in zip(row, types, strict=True)] for row in each]
            for each in (theirs.rows, given)
        )
        if rows_differ(wanted, got, in_order=False):
            return f"{database}: Trino reads {wanted}, lakelet {got}"
    return None


@click.command()
@click.option("--examples", default=20, help="scripts")
@click.option("--seed", default=1, help="the first script's number")
@click.option("--keep", is_flag=True, help="keep what differs as recorded cases")
def main(examples: int, seed: int, keep: bool) -> None:
    """Compares made scripts with a live Trino's answers."""
    found = 0
    with recorder() as asked, tempfile.TemporaryDirectory() as folder:
        for number in range(seed, seed + examples):
            path = Path(folder) / f"fuzz_{number}.json"
            case = running.Case(path, Made(random.Random(number)).document())
            case = running.Case(path, asked.answered(case))
            difference = running.difference(case, asked.lake) or _crossed(asked, case)
            if difference is None:
                continue
            found += 1
            click.echo(f"{case.id}: {difference}")
            if keep:
                kept = running.Case(running.CASES / path.name, case.document)
                running.write(kept, {**case.document, "differs": f"notyet: {difference}"[:200]})
    click.echo(f"{found} differ")


if __name__ == "__main__":
    main()
