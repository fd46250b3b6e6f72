"""Unions, which pyarrow gives as arrays of their own, as Trino's rows: a tag that tells the type of
a value, and a field for each type.

pyarrow does not tell a union that is NULL from one whose value is: either is a row that is NULL.
Trino 476 reads no value of a union, and fails where one is NULL.
"""

from collections.abc import Sequence
from functools import reduce
from typing import Any


def struct(parts: Sequence[Any]) -> Any:
    """The Arrow type of such rows."""
    import pyarrow

    fields = [(f"field{number}", of) for number, of in enumerate(parts)]
    return pyarrow.struct([("tag", pyarrow.int8()), *fields])


def united(array: Any) -> Any:
    """An Arrow array with rows in place of unions, wherever they are in it."""
    import pyarrow
    from pyarrow import compute

    of = array.type
    if not _has_union(of):
        return array
    if pyarrow.types.is_union(of):
        return _rows(array)
    missing = array.is_null() if array.null_count else None
    if pyarrow.types.is_struct(of):
        parts = [united(part) for part in array.flatten()]
        return pyarrow.StructArray.from_arrays(parts, of.names, mask=missing)
    # The values between the first offset and the last, which a slice does not begin with.
    offsets = array.offsets
    start = offsets[0].as_py()
    moved = compute.subtract(offsets, start)
    length = offsets[-1].as_py() - start
    if pyarrow.types.is_map(of):
        keys, items = (each.slice(start, length) for each in (array.keys, array.items))
        return pyarrow.MapArray.from_arrays(moved, united(keys), united(items), mask=missing)
    values = united(array.values.slice(start, length))
    return pyarrow.ListArray.from_arrays(moved, values, mask=missing)


def _rows(array: Any) -> Any:
    import pyarrow
    from pyarrow import compute

    tags = array.type_codes
    parts = [united(array.field(number)) for number in range(array.type.num_fields)]
    chosen = [compute.equal(tags, number) for number in range(len(parts))]
    fields = [
        compute.if_else(mine, part, pyarrow.scalar(None, part.type))
        for mine, part in zip(chosen, parts, strict=True)
    ]
    missing = compute.invert(_any([compute.is_valid(field) for field in fields]))
    names = ["tag", *(f"field{number}" for number in range(len(parts)))]
    return pyarrow.StructArray.from_arrays([tags, *fields], names, mask=missing)


def _any(conditions: Sequence[Any]) -> Any:
    from pyarrow import compute

    return reduce(compute.or_, conditions)


def _has_union(of: Any) -> bool:
    import pyarrow

    inner = [of.field(number).type for number in range(of.num_fields)]
    return bool(pyarrow.types.is_union(of) or any(map(_has_union, inner)))
