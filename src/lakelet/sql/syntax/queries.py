"""The grammar of queries and relations."""

from dataclasses import replace
from typing import Final

from lakelet.sql.syntax import nodes
from lakelet.sql.syntax.expressions import ExpressionParser
from lakelet.sql.syntax.json_tables import json_table
from lakelet.sql.syntax.lexer import INTEGER
from lakelet.sql.syntax.nodes import Expression, Identifier
from lakelet.sql.syntax.ordering import sort_item, sort_items
from lakelet.sql.syntax.patterns import match_recognize
from lakelet.sql.syntax.types import type_text
from lakelet.sql.syntax.windows import window_specification

_SET_OPERATORS: Final[tuple[nodes.SetOperator, ...]] = ("UNION", "INTERSECT", "EXCEPT")
_KINDS: Final[tuple[nodes.JoinKind, ...]] = ("INNER", "LEFT", "RIGHT", "FULL")
_SAMPLE_METHODS: Final[tuple[nodes.SampleMethod, ...]] = ("BERNOULLI", "SYSTEM")
_TABLE_CLAUSES: Final = (("PARTITION", "BY"), ("PRUNE", "WHEN"), ("KEEP", "WHEN"))
_BEFORE_QUERIES: Final = frozenset(("FUNCTION", "SESSION"))
"""What Trino lets WITH give a whole statement: functions written in SQL, properties."""
_JOINS: Final = frozenset(("CROSS", "JOIN", "INNER", "LEFT", "RIGHT", "FULL", "NATURAL"))


class QueryParser(ExpressionParser):
    """Reads whole queries."""

    start = "trino"

    def statement(self) -> nodes.Query:
        """A query that is the whole text."""
        query = self.query()
        self.end()
        return query

    def query(self) -> nodes.Query:
        at = self.at
        recursive = False
        named: tuple[nodes.WithQuery, ...] = ()
        if self.take("WITH"):
            if self.key in _BEFORE_QUERIES and self.is_name(self.following):
                raise self.refusal(f"WITH {self.key} is not supported", self.at, "NOT_SUPPORTED")
            recursive = self.take("RECURSIVE")
            named = self.commas(self._with_query)
        return self._query_no_with(at, recursive, named)

    def _with_query(self) -> nodes.WithQuery:
        name = self.identifier()
        columns = self.names() if self.key == "(" else None
        self.expect("AS", "(")
        query = self.query()
        self.expect(")")
        return nodes.WithQuery(name.at, name, columns, query)

    def _query_no_with(
        self, at: int, recursive: bool = False, named: tuple[nodes.WithQuery, ...] = ()
    ) -> nodes.Query:
        body = self._query_term()
        order_by = sort_items(self)
        offset = limit = None
        ties, fetch_at = False, 0
        if self.take("OFFSET"):
            offset = self._row_count()
            self.take_any(("ROW", "ROWS"))
        if self.take("LIMIT"):
            if not self.take("ALL"):
                limit = self._row_count()
        elif self.key == "FETCH":
            fetch_at = self.at
            limit, ties = self._fetch()
        return nodes.Query(at, recursive, named, body, order_by, offset, limit, ties, fetch_at)

    def _fetch(self) -> tuple[Expression, bool]:
        at = self.advance().start
        self.expect_any(("FIRST", "NEXT"))
        count: Expression = nodes.Number(at, INTEGER, "1")
        if self.key not in ("ROW", "ROWS"):
            count = self._row_count()
        self.expect_any(("ROW", "ROWS"))
        if self.take("ONLY"):
            return count, False
        self.expect("WITH", "TIES")
        return count, True

    def _row_count(self) -> Expression:
        token = self.token
        if self.key == "?":
            return self._primary()
        if token.kind != INTEGER:
            raise self.mismatch()
        self.advance()
        return nodes.Number(token.start, INTEGER, token.value)

    # Bodies --------------------------------------------------------------------------------

    def _query_term(self) -> nodes.QueryBody:
        left = self._intersection()
        while self.key in ("UNION", "EXCEPT"):
            left = self._set_operation(left)
        return left

    def _intersection(self) -> nodes.QueryBody:
        left = self._query_primary()
        while self.key == "INTERSECT":
            left = self._set_operation(left)
        return left

    def _set_operation(self, left: nodes.QueryBody) -> nodes.QueryBody:
        at = self.at
        operator = self.take_any(_SET_OPERATORS)
        assert operator is not None
        distinct = self.take_any(("DISTINCT", "ALL")) != "ALL"
        corresponding = None
        if self.take("CORRESPONDING"):
            corresponding = self.names() if self.take("BY") else ()
        right = self._query_primary() if operator == "INTERSECT" else self._intersection()
        return nodes.SetOperation(at, operator, distinct, left, right, corresponding)

    def _query_primary(self) -> nodes.QueryBody:
        at = self.at
        if self.key == "SELECT":
            return self._select()
        if self.take("VALUES"):
            return nodes.Values(at, self.commas(self.expression))
        if self.take("TABLE"):
            name = self.qualified_name()
            return nodes.TableQuery(at, nodes.Table(at, name))
        if self.take("("):
            query = self._query_no_with(self.at)
            self.expect(")")
            return query
        raise self.mismatch()

    def _select(self) -> nodes.Select:
        at = self.advance().start
        distinct = False
        if self.key in ("DISTINCT", "ALL"):
            distinct = self.advance().key == "DISTINCT"
        items = self.commas(self._select_item)
        source = self._source() if self.take("FROM") else None
        where = self.expression() if self.take("WHERE") else None
        group_by = self._group_by() if self.key == "GROUP" else None
        having = self.expression() if self.take("HAVING") else None
        windows: tuple[tuple[Identifier, nodes.Window], ...] = ()
        if self.key == "WINDOW":
            self.advance()
            windows = self.commas(self._window_definition)
        return nodes.Select(at, distinct, items, source, where, group_by, having, windows)

    def _window_definition(self) -> tuple[Identifier, nodes.Window]:
        name = self.identifier()
        self.expect("AS", "(")
        window = window_specification(self)
        self.expect(")")
        return name, window

    def _select_item(self) -> nodes.SelectItem | nodes.Star:
        at = self.at
        if self.take("*"):
            return nodes.Star(at, None, ())
        expression = self.expression()
        if self.key == "." and self.key_after() == "*":
            self.index += 2
            aliases: tuple[Identifier, ...] = ()
            if self.key == "AS" and self.key_after() == "(":
                self.advance()
                aliases = self.names()
            return nodes.Star(at, expression, aliases)
        alias = None
        if self.take("AS") or (self.is_name(self.token) and not self._starts_clause()):
            alias = self.identifier()
        return nodes.SelectItem(at, expression, alias)

    def _starts_clause(self) -> bool:
        """Whether a word that could be an alias begins the next clause."""
        key, after = self.key, self.tokens[min(self.index + 1, len(self.tokens) - 1)]
        if key in ("LIMIT", "OFFSET"):
            return after.kind == INTEGER or after.key in ("ALL", "?")
        if key == "FETCH":
            return after.key in ("FIRST", "NEXT")
        if key == "WINDOW":
            return self.key_after(2) == "AS"
        if key == "TABLESAMPLE":
            return after.key in ("BERNOULLI", "SYSTEM")
        return key == "MATCH_RECOGNIZE" and after.key == "("

    def _group_by(self) -> nodes.GroupBy:
        at = self.at
        self.expect("GROUP", "BY")
        distinct = self.take_any(("DISTINCT", "ALL")) == "DISTINCT"
        return nodes.GroupBy(at, distinct, self.commas(self._grouping_element))

    def _grouping_element(self) -> nodes.GroupingElement:
        at = self.at
        kind = self.take_any(("ROLLUP", "CUBE"))
        if kind is not None:
            self.expect("(")
            if self.take(")"):
                return nodes.GroupingElement(at, kind, ())
            return nodes.GroupingElement(at, kind, self.commas(self._grouping_set, ")"))
        if self.key == "AUTO" and self.key_after() not in (".", "(", "["):
            self.advance()
            return nodes.GroupingElement(at, "AUTO", ())
        if self.take("GROUPING", "SETS"):
            self.expect("(")
            return nodes.GroupingElement(at, "SETS", self.commas(self._grouping_set, ")"))
        return nodes.GroupingElement(at, "SIMPLE", (self._grouping_set(),))

    def _grouping_set(self) -> tuple[Expression, ...]:
        if self.take("(", ")"):
            return ()
        if self.key == "(" and not self.opens_query(self.index):
            expression = self.expression()
            return expression.items if isinstance(expression, nodes.Row) else (expression,)
        return (self.expression(),)

    # Relations -----------------------------------------------------------------------------

    def _source(self) -> nodes.Relation:
        relation = self.relation()
        while self.key == ",":
            at = self.advance().start
            relation = nodes.Join(at, "CROSS", relation, self.relation())
        return relation

    def relation(self) -> nodes.Relation:
        left = self._sampled()
        while self.key in _JOINS and not self._is_join_less():
            left = self._join(left)
        return left

    def _is_join_less(self) -> bool:
        return self.key in ("LEFT", "RIGHT") and self.key_after() == "("

    def _join(self, left: nodes.Relation) -> nodes.Relation:
        at = left.at
        if self.take("CROSS"):
            self.expect("JOIN")
            return nodes.Join(at, "CROSS", left, self._sampled())
        natural = self.take("NATURAL")
        kind = self.take_any(_KINDS) or "INNER"
        if kind != "INNER":
            self.take("OUTER")
        self.expect("JOIN")
        if natural:
            return nodes.Join(at, kind, left, self._sampled(), natural=True)
        right = self._sampled()
        while self.key in _JOINS:
            right = self._join(right)
        if self.take("ON"):
            return nodes.Join(at, kind, left, right, on=self.expression())
        if self.take("USING"):
            return nodes.Join(at, kind, left, right, using=self.names())
        raise self.mismatch()

    def _sampled(self) -> nodes.Relation:
        relation = self._recognized()
        if not self.take("TABLESAMPLE"):
            return relation
        method = self.expect_any(_SAMPLE_METHODS)
        self.expect("(")
        percentage = self.expression()
        self.expect(")")
        return nodes.Sampled(relation.at, relation, method, percentage)

    def _recognized(self) -> nodes.Relation:
        relation = self._aliased(self._relation_primary())
        if self.key != "MATCH_RECOGNIZE" or self.key_after() != "(":
            return relation
        return self._aliased(match_recognize(self, relation))

    def _aliased(self, relation: nodes.Relation) -> nodes.Relation:
        if self.take("AS") or (self.is_name(self.token) and not self._starts_clause()):
            alias = self.identifier()
        else:
            return relation
        columns = self.names() if self.key == "(" else None
        return nodes.Aliased(relation.at, relation, alias, columns)

    def _relation_primary(self) -> nodes.Relation:
        at = self.at
        if self.key == "(":
            return self._parenthesized_relation()
        if self.take("UNNEST"):
            self.expect("(")
            arguments = self.commas(self.expression, ")")
            return nodes.Unnest(at, arguments, self.take("WITH", "ORDINALITY"))
        if self.key == "JSON_TABLE":
            return json_table(self)
        if self.key == "LATERAL" and self.key_after() == "(":
            self.advance()
            return nodes.TableSubquery(at, self.parenthesized_query(), lateral=True)
        if self.key == "TABLE" and self.key_after() == "(":
            return self._table_function()
        return self._table()

    def _table(self) -> nodes.Table:
        at = self.at
        if not self.is_name(self.token):
            raise self.mismatch()
        name = self.qualified_name()
        period_at = self.at
        if not self.take("FOR"):
            return nodes.Table(at, name)
        kind = self.expect_any(("TIMESTAMP", "VERSION"))
        self.expect("AS", "OF")
        return nodes.Table(at, name, (kind, self.value(), period_at))

    def _parenthesized_relation(self) -> nodes.Relation:
        at = self.at
        if self.opens_query(self.index):
            return nodes.TableSubquery(at, self.parenthesized_query())
        self.advance()
        relation = self.relation()
        self.expect(")")
        return relation

    def _table_function(self) -> nodes.Relation:
        at = self.at
        self.expect("TABLE", "(")
        name = self.qualified_name()
        self.expect("(")
        arguments: tuple[nodes.TableArgument, ...] = ()
        copartition: tuple[tuple[tuple[Identifier, ...], ...], ...] = ()
        if self.key != ")":
            arguments = self.commas(self._table_argument)
        if self.take("COPARTITION"):
            copartition = self.commas(self._copartitioned)
        self.expect(")", ")")
        return nodes.TableFunction(at, name, arguments, copartition)

    def _copartitioned(self) -> tuple[tuple[Identifier, ...], ...]:
        """(table, table, …)."""
        self.expect("(")
        first = self.qualified_name()
        self.expect(",")
        return (first, *self.commas(self.qualified_name, ")"))

    def _table_argument(self) -> nodes.TableArgument:
        at = self.at
        name = None
        if self.is_name(self.token) and self.key_after() == "=>":
            name = self.identifier()
            self.advance()
        if self.key == "TABLE" and self.key_after() == "(":
            return self._table_of_argument(at, name)
        if self._opens_descriptor():
            self.index += 2
            fields = self.commas(self._descriptor_field, ")")
            typed = any(has_type for _, has_type in fields)
            return nodes.TableArgument(at, name, tuple(each for each, _ in fields), (), typed)
        return nodes.TableArgument(at, name, self.expression())

    def _opens_descriptor(self) -> bool:
        """Whether DESCRIPTOR(…) has a name in it; else it is a call like others."""
        opens = (self.key, self.key_after()) == ("DESCRIPTOR", "(")
        return opens and self.is_name(self.tokens[self.index + 2])

    def _descriptor_field(self) -> tuple[Identifier, bool]:
        """A name, and whether a type stands behind it."""
        name = self.identifier()
        if self.key in (",", ")"):
            return name, False
        type_text(self)
        return name, True

    def _table_of_argument(self, at: int, name: Identifier | None) -> nodes.TableArgument:
        """TABLE(…) with its alias, and how its rows are parted and ordered."""
        start = self.at
        self.index += 2
        relation: nodes.Relation
        if self.opens_query(self.index - 1):
            relation = nodes.TableSubquery(at, self.query())
        else:
            relation = replace(self._table(), at=start)
        self.expect(")")
        if (self.key, self.key_after()) not in _TABLE_CLAUSES and self.key != "COPARTITION":
            relation = self._aliased(relation)
        clauses = []
        if self.take("PARTITION", "BY"):
            clauses.append(("PARTITION", at))
            if not self.take("(", ")"):
                self.expression()
        if self.key in ("PRUNE", "KEEP"):
            token = self.advance()
            clauses.append((token.key, token.start))
            self.expect("WHEN", "EMPTY")
        if self.key == "ORDER":
            clauses.append(("ORDER", at))
            self.expect("ORDER", "BY")
            if self.take("("):
                self.commas(lambda: sort_item(self), ")")
            else:
                sort_item(self)
        return nodes.TableArgument(at, name, relation, tuple(clauses))
