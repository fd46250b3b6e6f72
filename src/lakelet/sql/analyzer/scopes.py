"""What names mean at a place of a query: the fields around it, outer queries, lambdas, WITH."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from lakelet.sql import tree
from lakelet.types import Type


@dataclass(frozen=True, slots=True)
class Field:
    """A column that a name may mean.

    `label` is the name as it is shown (None: unnamed), `qualifier` the relation's name in parts,
    both compared without case; `value` is what the name stands for.
    """

    label: str | None
    type: Type
    value: tree.Expression
    qualifier: tuple[str, ...] = ()
    hidden: bool = False

    @property
    def name(self) -> str | None:
        return self.label.lower() if self.label is not None else None

    def qualified(self, parts: tuple[str, ...]) -> bool:
        """Whether `parts` are the last parts of the relation's name."""
        return not parts or self.qualifier[-len(parts) :] == parts


@dataclass(frozen=True, slots=True)
class NamedQuery:
    """A query of a WITH: the name it is written under and its outputs under Trino's names."""

    physical: str
    outputs: tuple[tree.Output, ...]


@dataclass(frozen=True, slots=True)
class Forbidden:
    """Stands for the value of a field that may not be referred to, and how that is refused."""

    name: str
    message: str


class AmbiguousName(Exception):  # noqa: N818 - a finding for the caller, who knows the place
    """More than one field has the name."""


class Scope:
    """Fields of a query level over those of the level around it."""

    __slots__ = ("_by_name", "fields", "lambdas", "parent", "with_queries")

    def __init__(
        self,
        fields: Sequence[Field] = (),
        parent: "Scope | None" = None,
        with_queries: Mapping[str, NamedQuery] | None = None,
        lambdas: Mapping[str, tree.LambdaReference] | None = None,
    ) -> None:
        self.fields = tuple(fields)
        self.parent = parent
        inherited = parent.with_queries if parent is not None else {}
        self.with_queries: Mapping[str, NamedQuery] = (
            inherited if with_queries is None else with_queries
        )
        self.lambdas = lambdas or {}
        self._by_name: dict[str, list[Field]] | None = None

    def matching(self, parts: tuple[str, ...]) -> list[Field]:
        """Fields of this level that a (qualified) name in lower case means."""
        if self._by_name is None:
            self._by_name = {}
            for each in self.fields:
                if each.label is not None:
                    self._by_name.setdefault(each.label.lower(), []).append(each)
        found = self._by_name.get(parts[-1], [])
        if len(parts) == 1:
            return found
        return [each for each in found if each.qualified(parts[:-1])]

    def resolve(self, parts: tuple[str, ...]) -> tree.Expression | None:
        """What a name means here or in a level around; None when nothing has it, or what it begins
        with is a column here already.

        Raises AmbiguousName.
        """
        scope: Scope | None = self
        while scope is not None:
            if len(parts) == 1 and parts[0] in scope.lambdas:
                return scope.lambdas[parts[0]]
            found = scope.matching(parts)
            if len(found) > 1:
                raise AmbiguousName
            if found:
                return found[0].value
            if parts[0] in scope.lambdas or scope.begins(parts):
                return None
            scope = scope.parent
        return None

    def begins(self, parts: tuple[str, ...]) -> bool:
        """Whether the first parts of a name are a column, of which the others are fields."""
        return any(self.matching(parts[:count]) for count in range(1, len(parts)))

    def relation(self, parts: tuple[str, ...]) -> list[Field] | None:
        """The visible fields of the relation of that name, here or in a level around."""
        scope: Scope | None = self
        while scope is not None:
            found = [f for f in scope.fields if f.qualifier and f.qualified(parts)]
            if found:
                return [each for each in found if not each.hidden]
            scope = scope.parent
        return None

    def within(self, lambdas: Mapping[str, tree.LambdaReference]) -> "Scope":
        """The scope of a lambda's body."""
        return Scope((), self, None, lambdas)


def renamed(fields: Sequence[Field], alias: str, columns: Sequence[str] | None) -> list[Field]:
    """Fields under a relation's alias, and its columns' aliases."""
    visible = [each for each in fields if columns is None or not each.hidden]
    labels = columns if columns is not None else [each.label for each in visible]
    return [
        replace(each, label=label, qualifier=(alias,))
        for each, label in zip(visible, labels, strict=True)
    ]
