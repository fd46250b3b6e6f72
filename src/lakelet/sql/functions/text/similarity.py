"""How alike strings are or sound, check digits and stems."""

from functools import partial
from typing import Any, Final

from lakelet.errors import TrinoError
from lakelet.sql.functions.binding import row_by_row
from lakelet.sql.functions.registry import macro, scalar, udf
from lakelet.sql.functions.vectorised import invalid, once, refused, rowwise


def _load_levenshtein() -> Any:
    from rapidfuzz.distance import Levenshtein

    return rowwise(Levenshtein.distance, "int64")


def _load_hamming() -> Any:
    from rapidfuzz.distance import Hamming

    return rowwise(Hamming.distance, "int64")


udf("trino_levenshtein", _load_levenshtein, ("VARCHAR", "VARCHAR"), "BIGINT")
udf("trino_hamming", _load_hamming, ("VARCHAR", "VARCHAR"), "BIGINT")
_TOO_LARGE: Final = refused("The combined inputs for Levenshtein distance are too large", "BIGINT")
_UNEQUAL: Final = refused(
    "The input strings to hamming_distance function must have the same length", "BIGINT"
)
# DuckDB's own functions count bytes, which are characters in ASCII.
macro(
    "trino_levenshtein_distance",
    f"(a, b) AS CASE WHEN length(a) * (length(b) - 1) > 1000000 THEN {_TOO_LARGE}"
    " WHEN strlen(a) = length(a) AND strlen(b) = length(b) THEN levenshtein(a, b)"
    " WHEN a IS NOT NULL AND b IS NOT NULL THEN trino_levenshtein(a, b) END",
)
macro(
    "trino_hamming_distance",
    f"(a, b) AS CASE WHEN length(a) <> length(b) THEN {_UNEQUAL} WHEN a = b THEN 0"
    " WHEN strlen(a) = length(a) AND strlen(b) = length(b) "
    f" THEN hamming({row_by_row('a')}[1], b)"
    " WHEN a IS NOT NULL AND b IS NOT NULL THEN trino_hamming(a, b) END",
)
scalar(
    "levenshtein_distance",
    "(varchar(x), varchar(y)) -> bigint",
    sql=once("trino_levenshtein_distance"),
    doc="How many characters must be put in, taken out or changed to make one string the other.",
)
scalar(
    "hamming_distance",
    "(varchar(x), varchar(y)) -> bigint",
    sql=once("trino_hamming_distance"),
    doc="At how many places two strings of the same length differ.",
)

_SOUNDS: Final = dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "01230120022455012623010202", strict=True))
"""The digit of each letter, as in commons-codec's Soundex."""


def _soundex(text: str) -> str:
    letters = [each for each in text.upper() if each.isalpha()]
    if not letters:
        return ""
    digits = [_sound(each) for each in letters]
    found, last = letters[0], digits[0]
    for letter, digit in zip(letters[1:], digits[1:], strict=True):
        # H and W do not part two letters of one sound.
        if letter in "HW":
            continue
        if digit not in ("0", last):
            found += digit
        last = digit
    return f"{found}000"[:4]


def _sound(letter: str) -> str:
    if letter not in _SOUNDS:
        raise invalid(f"The character is not mapped: {letter} (index={ord(letter) - ord('A')})")
    return _SOUNDS[letter]


def _luhn(text: str) -> bool:
    if not all("0" <= each <= "9" for each in text):
        raise invalid("Input contains non-digit character")
    digits = [int(each) for each in reversed(text)]
    total = sum(digits[::2]) + sum(sum(divmod(2 * each, 10)) for each in digits[1::2])
    return bool(text) and total % 10 == 0


_LANGUAGES: Final = {
    "ca": "catalan",
    "da": "danish",
    "de": "german",
    "en": "english",
    "es": "spanish",
    "eu": "basque",
    "fi": "finnish",
    "fr": "french",
    "hu": "hungarian",
    "hy": "armenian",
    "ir": "irish",
    "it": "italian",
    "lt": "lithuanian",
    "nl": "dutch",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sv": "swedish",
    "tr": "turkish",
}


_ENGLISH: Final = "'en'"


def _load_stem() -> Any:
    from functools import cache

    try:
        from Stemmer import Stemmer
    except ImportError:
        raise TrinoError(
            "NOT_SUPPORTED", "word_stem needs an extra: pip install 'lakelet[stemming]'"
        ) from None
    stemmer = cache(lambda language: Stemmer(_LANGUAGES[language]))

    def stem(word: str, language: str) -> str:
        if language not in _LANGUAGES:
            raise invalid(f"Unknown stemmer language: {language}")
        return str(stemmer(language).stemWord(word))

    return rowwise(stem, "string")


udf("trino_soundex", partial(rowwise, _soundex, "string"), ("VARCHAR",), "VARCHAR")
udf("trino_luhn_check", partial(rowwise, _luhn, "bool"), ("VARCHAR",), "BOOLEAN")
udf("trino_word_stem", _load_stem, ("VARCHAR", "VARCHAR"), "VARCHAR")
scalar(
    "soundex",
    "(varchar) -> varchar(4)",
    sql="trino_soundex({0})",
    doc="The first letter and three digits for how the rest of a word sounds.",
)
scalar(
    "luhn_check",
    "(varchar) -> boolean",
    sql="trino_luhn_check({0})",
    doc="Whether the last digit is the check digit of those before, by the Luhn algorithm.",
)
scalar(
    "word_stem",
    "(varchar(x)) -> varchar(x)",
    "(varchar(x), varchar(2)) -> varchar(x)",
    sql=lambda call: f"trino_word_stem({call.arguments[0]}, {[*call.arguments, _ENGLISH][1]})",
    doc="The stem of a word of a language (English unless another is given).",
)
