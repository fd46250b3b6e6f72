"""Blocks of lines whose fields all stand in quotes, or none, told by where these characters are."""

from typing import Any


def are_even(block: bytes, width: int, separator: bytes, quote: bytes, escape: bytes) -> bool:
    """Whether each line has so many fields (two at least), all of the block's in quotes or none,
    with no other quote and no escape; a false answer says nothing."""
    import numpy

    if escape in block:
        return False
    data = numpy.frombuffer(block, numpy.uint8)
    quotes = numpy.flatnonzero(data == quote[0])
    if not len(quotes):
        marks = numpy.flatnonzero((data == separator[0]) | (data == ord("\n")))
        return _are_rows(data, data[marks], width, separator)
    opening, closing = quotes[::2], quotes[1::2]
    if len(opening) != len(closing) or opening[0] != 0 or closing[-1] != len(data) - 2:
        return False
    apart = (opening[1:] - closing[:-1] == 2).all()
    return bool(apart) and _are_rows(data, data[closing + 1], width, separator)


def _are_rows(data: Any, marks: Any, width: int, separator: bytes) -> bool:
    """Whether what stands behind the fields makes rows, with no other line end in the block."""
    import numpy

    if len(marks) % width:
        return False
    rows = marks.reshape(-1, width)
    ends = rows[:, -1] == ord("\n")
    parted = (rows[:, :-1] == separator[0]).all()
    return bool(parted and ends.all() and numpy.count_nonzero(data == ord("\n")) == len(rows))
