"""Relations of the typed tree as what stands in FROM."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from lakelet.sql import tree
from lakelet.sql.emitter.expressions import ExpressionEmitter
from lakelet.sql.emitter.names import identifier
from lakelet.sql.emitter.row_patterns import RowPatternEmitter
from lakelet.types.duckdb import row_fields


class RelationEmitter:
    """Writes relations; `scans` are the texts that tables are read by, `named` the names under
    which named queries are written at present."""

    def __init__(
        self,
        expressions: ExpressionEmitter,
        query: Callable[[tree.Query], str],
        scans: Mapping[int, str],
        named: Mapping[str, str],
    ) -> None:
        self.expressions = expressions
        self.query = query
        self.scans = scans
        self.named = named

    def emit(self, node: tree.Relation) -> str:
        """The text of a relation."""
        return _EMITTERS[type(node)](self, node)

    def _scan(self, node: tree.TableScan) -> str:
        return f"{self.scans[node.id]} AS {identifier(node.alias)}"

    def _derived(self, node: tree.Derived) -> str:
        lateral = "LATERAL " if node.lateral else ""
        return f"{lateral}({self.query(node.query)}) AS {identifier(node.alias)}"

    def _with_query(self, node: tree.CteReference) -> str:
        name = identifier(self.named.get(node.name, node.name))
        alias = identifier(node.alias)
        return name if name == alias else f"{name} AS {alias}"

    def _sequence(self, node: tree.Sequence) -> str:
        emit = self.expressions.emit
        start, stop, step = emit(node.start), emit(node.stop), emit(node.step)
        return (
            f"(SELECT unnest(generate_series({start}, {stop}, {step})) AS sequential_number)"
            f" AS {identifier(node.alias)}"
        )

    def _sample(self, node: tree.Sample) -> str:
        text = self.emit(node.relation)
        percentage = self.expressions.emit(node.percentage)
        constant = isinstance(node.percentage, tree.Constant)
        if isinstance(node.relation, tree.Unnest) or not (
            constant or isinstance(node.relation, tree.Sample | tree.Join)
        ):
            # DuckDB samples tables and queries only, and by numbers only.
            alias = identifier(node.relation.alias)
            return f"(FROM {text} WHERE random() * 100 < {percentage}) AS {alias}"
        return f"{text} TABLESAMPLE {node.method.lower()}({percentage} PERCENT)"

    def _join(self, node: tree.Join) -> str:
        left, right = self.emit(node.left), self.emit(node.right)
        if isinstance(node.right, tree.Join):
            right = f"({right})"
        if node.kind == "CROSS":
            return f"{left} CROSS JOIN {right}"
        word = "JOIN" if node.kind == "INNER" else f"{node.kind} JOIN"
        condition = self.expressions.conjuncts(node.condition) if node.condition else "true"
        return f"{left} {word} {right} ON {condition}"

    def _match_recognize(self, node: tree.MatchRecognize) -> str:
        return RowPatternEmitter(node, self.expressions, self.query).emit()

    # UNNEST --------------------------------------------------------------------------------

    def _unnest(self, node: tree.Unnest) -> str:
        """Unnested side by side in one SELECT, DuckDB fills the shorter ones with NULLs."""
        if node.alone and len(node.columns) == 1 and not node.ordinality:
            # Beside a list that a SELECT unnests DuckDB loses the columns of the outer query.
            (column,), (argument,) = node.columns, node.arguments
            named = f"{identifier(node.alias)}({column})"
            if argument.type.name == "array" and not _taken_apart(node, argument):
                return f"unnest({self.expressions.emit(argument)}) AS {named}"
        columns = iter(node.columns)
        inner: list[str] = []
        outer: list[str] = []
        lengths: list[str] = []
        for i, argument in enumerate(node.arguments):
            text = self.expressions.emit(argument)
            lengths.append(f"coalesce(len({text}), 0)")
            if argument.type.name == "map":
                for part in ("map_keys", "map_values"):
                    column = next(columns)
                    inner.append(f"unnest({part}({text})) AS {column}")
                    outer.append(column)
                lengths[-1] = f"coalesce(len(map_keys({text})), 0)"
            elif _taken_apart(node, argument):
                inner.append(f"unnest({text}) AS r{i}")
                names = row_fields(argument.type.element)
                outer += [f"r{i}.{identifier(name)} AS {next(columns)}" for name in names]
            else:
                column = next(columns)
                inner.append(f"unnest({text}) AS {column}")
                outer.append(column)
        if node.ordinality:
            longest = lengths[0] if len(lengths) == 1 else f"greatest({', '.join(lengths)})"
            column = next(columns)
            inner.append(f"unnest(range(1, {longest} + 1)) AS {column}")
            outer.append(column)
        text = f"SELECT {', '.join(inner)}"
        if any(" AS " in each for each in outer):
            text = f"SELECT {', '.join(outer)} FROM ({text})"
        return f"LATERAL ({text}) AS {identifier(node.alias)}"


def _taken_apart(node: tree.Unnest, array: tree.Expression) -> bool:
    """Whether the rows of an array become a column for each field."""
    return array.type.element.name == "row" and not node.whole


_Emit = Callable[[RelationEmitter, Any], str]
_EMITTERS: Final[dict[type, _Emit]] = {
    tree.TableScan: RelationEmitter._scan,
    tree.Derived: RelationEmitter._derived,
    tree.CteReference: RelationEmitter._with_query,
    tree.Sequence: RelationEmitter._sequence,
    tree.Sample: RelationEmitter._sample,
    tree.Join: RelationEmitter._join,
    tree.Unnest: RelationEmitter._unnest,
    tree.MatchRecognize: RelationEmitter._match_recognize,
}
