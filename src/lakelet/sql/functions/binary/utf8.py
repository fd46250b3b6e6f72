"""UTF-8 that may be broken, read as Trino reads it (airlift's SliceUtf8)."""


def decode(data: bytes, replacement: str) -> str:
    """The text of bytes; each sequence that is no character becomes the replacement.

    A sequence is as long as its first byte says, as far as the bytes after it continue it; so one
    that is cut, overlong, a surrogate or out of range gives one replacement.
    """
    found = []
    at = 0
    while at < len(data):
        end = at + 1
        wanted = at + _length(data[at])
        while end < min(wanted, len(data)) and data[end] & 0xC0 == 0x80:
            end += 1
        try:
            found.append(data[at:end].decode())
        except UnicodeDecodeError:
            found.append(replacement)
        at = end
    return "".join(found)


def _length(first: int) -> int:
    """Bytes of the sequence that a byte begins."""
    for length, mask, mark in ((2, 0xE0, 0xC0), (3, 0xF0, 0xE0), (4, 0xF8, 0xF0), (5, 0xFC, 0xF8)):
        if first & mask == mark:
            return length
    return 6 if first & 0xFE == 0xFC else 1
