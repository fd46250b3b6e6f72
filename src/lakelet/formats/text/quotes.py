"""Blocks of lines whose quotes stand around whole fields, told by where these characters are."""

from typing import Final

from lakelet.formats.text import marks

_CACHED: Final = 512 << 10
"""Bytes that are looked at at a time, so that they are still near."""


def are_all_quoted(block: bytes, width: int, separator: bytes, quote: bytes, escape: bytes) -> bool:
    """Whether all fields of a block's lines stand in quotes, with no other quote, separator or
    escape in it, and are as many as the lines have in all; a false answer says nothing.

    With as many quotes behind a separator or a line's end as there are fields, as many before one,
    and twice as many in all, of which none is both, one stands at either end of each field.
    """
    import numpy

    if escape in block or not block.startswith(quote):
        return False
    data = numpy.frombuffer(block, numpy.uint8)
    counted = numpy.zeros(5, numpy.int64)
    for start in range(0, len(data), _CACHED):
        part = data[start : start + _CACHED + 1]  # one more, to see the next byte
        lines = part == ord("\n")
        ends = (part == separator[0]) | lines
        marks = part == quote[0]
        opens, closes = marks[1:] & ends[:-1], marks[:-1] & ends[1:]
        each = (lines[:_CACHED], ends[:_CACHED], marks[:_CACHED], opens, closes)
        counted += [numpy.count_nonzero(one) for one in each]
        begins = start == 0 or data[start - 1] in (separator[0], ord("\n"))
        if (opens[:-1] & closes[1:]).any() or (begins and closes[:1].any()):
            return False
    rows, fields, quotes, opening, closing = counted.tolist()
    in_all = fields == rows * width == opening + 1 == closing  # nothing is before the first quote
    return bool(in_all and quotes == 2 * fields)


def are_around(block: bytes, separator: bytes, quote: bytes) -> bool:
    """Whether quotes stand around whole fields or nowhere, and within them are doubled; a line's
    end may stand in quotes.

    Every other quote opens a field, the next one closes it: a doubled one closes and opens again.
    """
    import numpy

    data = numpy.frombuffer(block, numpy.uint8)
    quotes = numpy.flatnonzero(data == quote[0])
    opening, closing = quotes[::2], quotes[1::2]
    if len(opening) != len(closing):
        return False
    before, after = data[opening - 1], data[closing + 1]  # a line's end is before the first line
    begins = (before == separator[0]) | (before == ord("\n"))
    ends = (after == separator[0]) | (after == ord("\n"))
    doubled = opening[1:] == closing[:-1] + 1
    begins[1:] |= doubled
    ends[:-1] |= doubled
    return bool(begins.all() and ends.all())


def without_escapes(
    block: bytes, separator: bytes, quote: bytes, escape: bytes, bare: bytes
) -> bytes | None:
    """A block that says the same without escapes, if quotes stand around whole fields or nowhere
    (`are_around`); None where an escape stands before a field outside quotes, or behind one.

    Before a quote an escape becomes another quote, any other is left out: what it stands before
    means itself. Outside quotes `bare`, which is not in the block, stands for a quote.
    """
    import numpy

    data = numpy.frombuffer(block, numpy.uint8)
    escapes = marks.escapes(block, escape[0])
    if escapes[-1:] == len(data) - 1:
        return None
    of_quotes = data[escapes + 1] == quote[0]
    quotes = numpy.setdiff1d(
        numpy.flatnonzero(data == quote[0]), escapes[of_quotes] + 1, assume_unique=True
    )
    outside = numpy.searchsorted(quotes, escapes) % 2 == 0
    before = data[escapes[outside] - 1]  # a line's end is before the first line
    special = (before == separator[0]) | (before == ord("\n")) | (before == quote[0])
    if special.any():
        return None
    doubled = of_quotes & ~outside
    made = data.copy()
    made[escapes[doubled]] = quote[0]
    made[escapes[of_quotes & outside] + 1] = bare[0]
    kept = numpy.ones(len(data), bool)
    kept[escapes[~doubled]] = False
    return made[kept].tobytes()
