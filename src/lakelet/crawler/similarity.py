"""Whether schemas may be one table's."""

from lakelet.formats.recognition.kinds import WIDTH, Kind, Schema

SIMILARITY = 0.7
"""How much of two schemas must agree for one table (Glue's threshold)."""


def similar(a: Schema, b: Schema) -> bool:
    """Whether two schemas may be one table's: most columns have the same name and a kind alike."""
    if not a or not b:
        return a == b
    alike = sum(1 for name in a if name in b and _alike(a[name], b[name]))
    return alike / max(len(a), len(b)) > SIMILARITY or alike == min(len(a), len(b))


def compatible(a: Schema, b: Schema) -> bool:
    """Whether no column that both have is of two kinds."""
    return all(_alike(a[name], b[name]) for name in a if name in b)


def _alike(a: Kind, b: Kind) -> bool:
    return a.name in ("null", b.name) or b.name == "null" or {a.name, b.name} <= set(WIDTH)
