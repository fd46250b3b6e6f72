"""XML: elements under a row tag are records, their attributes and children are columns."""

from collections import Counter
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree

from lakelet.formats.recognition.classified import NONE, Classified
from lakelet.formats.recognition.kinds import Kind, merge_schemas, of_json, of_text
from lakelet.formats.recognition.samples import Sample

_MAX_DEPTH = 100


def recognise(sample: Sample) -> Classified | None:
    """The built-in classifier: the row tag is that of most of the root's children."""
    return by_row_tag(sample, None, "xml")


def by_row_tag(sample: Sample, tag: str | None, classification: str) -> Classified | None:
    """A custom classifier; XML that has no row of the tag is none of its files."""
    if not sample.text.lstrip().startswith("<"):
        return None
    rows = _rows(sample, tag)
    if not rows:
        return None
    schema: dict[str, Kind] = {}
    for row in rows:
        schema = merge_schemas(schema, dict(of_json(_value(row, 0), of_text).fields))
    if not schema:
        return None
    return Classified(
        classification,
        NONE,
        schema,
        sample.compression,
        *sample.measured(len(rows)),
        {},
        {"rowTag": tag or rows[0].tag},
    )


def _rows(sample: Sample, tag: str | None) -> list[ElementTree.Element]:
    """Whole elements of the sample; entities of the text's own are not expanded."""
    parser: Any = ElementTree.XMLPullParser(("start", "end"))
    ended: list[tuple[int, ElementTree.Element]] = []
    depth = 0
    try:
        parser.feed(sample.text)
        if sample.complete:
            parser.close()
    except ElementTree.ParseError:
        return []
    for event, element in parser.read_events():
        depth += 1 if event == "start" else -1
        if event == "end":
            ended.append((depth, element))
        if depth > _MAX_DEPTH:
            return []
    return _tagged(ended, tag)


def _tagged(
    ended: Sequence[tuple[int, ElementTree.Element]], tag: str | None
) -> list[ElementTree.Element]:
    if tag is None:
        children = Counter(each.tag for depth, each in ended if depth == 1)
        tag = children.most_common(1)[0][0] if children else None
    return [each for _, each in ended if each.tag == tag]


def _value(element: ElementTree.Element, depth: int) -> Any:
    """An object of attributes and children, a list where a tag comes again, else the text."""
    found: dict[str, Any] = {_plain(name): value for name, value in element.attrib.items()}
    for child in element:
        name, value = _plain(child.tag), _value(child, depth + 1)
        if name in found and isinstance(found[name], list):
            found[name].append(value)
        else:
            found[name] = [found[name], value] if name in found else value
    text = (element.text or "").strip()
    if not found and depth:
        return text or None
    if text:
        found[_plain(element.tag)] = text
    return found


def _plain(name: str) -> str:
    """A name without its namespace."""
    return name.rpartition("}")[2]
