"""Classifiers: what a file is and what columns it has.

Each takes a sample and answers what it found, with its certainty, or None. Custom ones come
first, in the crawler's order, then Glue's built-in ones in Glue's order; the first that is
certain decides, else the one that is most certain ("Adding classifiers to a crawler", Glue
developer guide). Ion's and DynamoDB's are not among them.
"""

from collections.abc import Callable, Sequence

from lakelet.formats import bson, xml
from lakelet.formats.avro import recognising as avro
from lakelet.formats.delimited import recognising as csv
from lakelet.formats.grok import logs
from lakelet.formats.json import recognising as json
from lakelet.formats.orc import recognising as orc
from lakelet.formats.parquet import recognising as parquet
from lakelet.formats.recognition.classified import Classified
from lakelet.formats.recognition.samples import Sample

Classifier = Callable[[Sample], Classified | None]

BUILT_IN: tuple[Classifier, ...] = (
    avro.recognise,
    orc.recognise,
    parquet.recognise,
    json.recognise,
    bson.recognise,
    xml.recognise,
    *logs.RECOGNISERS,
    csv.recognise,
)

_MAX_NAME = 255
"""Characters of a column's name in Glue."""


def classify(sample: Sample, custom: Sequence[Classifier] = ()) -> Classified | None:
    """None for UNKNOWN. Raises LakeError for a file that can't be read."""
    best: Classified | None = None
    for classifier in (*custom, *BUILT_IN):
        found = classifier(sample)
        if found is None or any(len(name) > _MAX_NAME for name in found.schema):
            continue
        if found.certainty >= 1:
            return found
        if best is None or found.certainty > best.certainty:
            best = found
    return best
