"""Custom classifiers, made of what CreateClassifier was given."""

from collections.abc import Callable, Mapping
from functools import partial

from lakelet.formats import xml
from lakelet.formats.classifiers import Classifier
from lakelet.formats.delimited import recognising as csv
from lakelet.formats.grok import recognising as grok
from lakelet.formats.json import recognising as json
from lakelet.formats.json.paths import parsed
from lakelet.model import Document


def of(document: Document) -> Classifier:
    """A classifier of Glue's `Classifier`. Raises InvalidInput for one that can't work."""
    for member, make in _KINDS.items():
        if member in document:
            return make(document[member])
    raise AssertionError(f"no classifier in {list(document)}")


def _grok(given: Document) -> Classifier:
    custom = given.get("CustomPatterns") or ""
    grok.compiled(given["GrokPattern"], custom)
    return partial(
        grok.by_pattern,
        classification=given["Classification"],
        pattern=given["GrokPattern"],
        custom=custom,
    )


def _json(given: Document) -> Classifier:
    return partial(json.by_path, steps=parsed(given["JsonPath"]), path=given["JsonPath"])


def _xml(given: Document) -> Classifier:
    return partial(xml.by_row_tag, tag=given.get("RowTag"), classification=given["Classification"])


def _csv(given: Document) -> Classifier:
    custom_types = given.get("CustomDatatypes") if given.get("CustomDatatypeConfigured") else None
    dialect = csv.Dialect(
        delimiter=given.get("Delimiter"),
        quote=given.get("QuoteSymbol") or '"',
        header=given.get("ContainsHeader") or "UNKNOWN",
        names=tuple(name.strip().lower() for name in given.get("Header") or ()),
        trims=not given.get("DisableValueTrimming"),
        single=bool(given.get("AllowSingleColumn")),
        types=tuple(custom_types or ()),
        serde=given.get("Serde") or "None",
    )
    return partial(csv.recognise, dialect=dialect)


_KINDS: Mapping[str, Callable[[Document], Classifier]] = {
    "GrokClassifier": _grok,
    "XMLClassifier": _xml,
    "JsonClassifier": _json,
    "CsvClassifier": _csv,
}
