"""JSON: an object a line, one object or an array over many, or what a custom JSON path names."""

import json
import re
from collections.abc import Iterator
from typing import Any

import orjson

from lakelet.formats.json import OPENX
from lakelet.formats.json.paths import Step, chosen
from lakelet.formats.recognition.classified import Classified
from lakelet.formats.recognition.kinds import Kind, merge_schemas, of_json
from lakelet.formats.recognition.samples import Sample
from lakelet.formats.stored_as import StoredAs

_STORED_AS = StoredAs.of(OPENX)
MAX_RECORDS = 1000
_BLANK = re.compile(r"\s*")


def recognise(sample: Sample) -> Classified | None:
    """The built-in classifier: records are lines, else the whole text is one value."""
    return _classified(sample, (), {})


def by_path(sample: Sample, steps: tuple[Step, ...], path: str) -> Classified | None:
    """A custom classifier: records are what a path names."""
    return _classified(sample, steps, {"jsonPath": path})


def _classified(
    sample: Sample, steps: tuple[Step, ...], parameters: dict[str, str]
) -> Classified | None:
    if not sample.text.lstrip().startswith(("{", "[")):
        return None
    try:
        found = list(_records(sample, steps))
        schema: dict[str, Kind] = {}
        for record in found:
            schema = merge_schemas(schema, dict(of_json(record).fields))
    except (json.JSONDecodeError, RecursionError):
        longer = sample.longer()
        return _classified(longer, steps, parameters) if longer else None
    if not schema:
        return None
    paths = ",".join(sorted({name for record in found for name in record}))
    return Classified(
        "json",
        _STORED_AS,
        schema,
        sample.compression,
        *sample.measured(len(found)),
        {"paths": paths},
        parameters,
    )


def _records(sample: Sample, steps: tuple[Step, ...]) -> Iterator[dict[str, Any]]:
    """The objects of a sample. Raises JSONDecodeError for a text that is not JSON."""
    for value in _values(sample):
        for record in chosen(value, steps):
            # What is no object at a custom path has no columns; an array's items are records.
            for each in record if isinstance(record, list) else [record]:
                if isinstance(each, dict):
                    yield each


def _values(sample: Sample) -> list[Any]:
    """The values of the lines, else those of the text, one after the other. Raises
    JSONDecodeError."""
    lines = [line for line in sample.lines[:MAX_RECORDS] if line.strip()]
    try:
        return [orjson.loads(line) for line in lines]
    except orjson.JSONDecodeError:
        found = list(_following(sample)) or [orjson.loads(sample.text)]
    if "\\u" in sample.text:
        _check_texts(found)
    return found


def _check_texts(values: list[Any]) -> None:
    """Raises JSONDecodeError for half a surrogate pair, which is no text."""
    try:
        json.dumps(values, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise json.JSONDecodeError(str(error), "", 0) from error


def _following(sample: Sample) -> Iterator[Any]:
    """Values with nothing or lines between them, as Firehose writes them; the last may be cut
    off where a file goes on. Raises JSONDecodeError."""
    text, decoder = sample.text, json.JSONDecoder()
    place = _start(text, 0)
    for number in range(MAX_RECORDS):
        if place == len(text):
            return
        try:
            value, end = decoder.raw_decode(text, place)
        except json.JSONDecodeError:
            if number and not sample.complete:
                return
            raise
        yield value
        place = _start(text, end)


def _start(text: str, place: int) -> int:
    """Where the next value begins."""
    match = _BLANK.match(text, place)
    return match.end() if match else place
