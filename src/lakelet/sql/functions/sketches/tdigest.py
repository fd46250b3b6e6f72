"""TDigest: a distribution as weighted means, fine at its ends, in airlift's form."""

import itertools
import math
import struct
from dataclasses import dataclass, field
from typing import Final

from lakelet.sql.functions.sketches.lists import internal

COMPRESSION: Final = 100.0
_FORMAT: Final = 0
_ROOM: Final = 10


@dataclass(slots=True)
class TDigest:
    """Centroids in the order of their means once `merge` has run."""

    compression: float = COMPRESSION
    minimum: float = math.inf
    maximum: float = -math.inf
    total: float = 0.0
    means: list[float] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)
    unmerged: bool = False
    backwards: bool = False

    def extend(self, values: list[float], weights: list[float]) -> None:
        """Takes values into account. GENERIC_INTERNAL_ERROR unless all are finite."""
        wrong = next(itertools.filterfalse(math.isfinite, values), None)
        if wrong is not None:
            raise internal("value is NaN" if math.isnan(wrong) else "value must be finite")
        limit = int(6 * (2 * self.compression + _ROOM))
        start = 0
        while start < len(values):
            if len(self.means) >= limit:
                self.merge(2 * self.compression)
            end = start + limit - len(self.means)
            self._append(values[start:end], weights[start:end])
            start = end

    def _append(self, values: list[float], weights: list[float]) -> None:
        self.means += values
        self.weights += weights
        self.total += sum(weights)
        self.minimum = min(self.minimum, *values)
        self.maximum = max(self.maximum, *values)
        self.unmerged = True

    def join(self, other: "TDigest") -> None:
        """Takes into account what another digest has seen."""
        self.means += other.means
        self.weights += other.weights
        self.total += other.total
        self.minimum = min(self.minimum, other.minimum)
        self.maximum = max(self.maximum, other.maximum)
        self.unmerged = True

    def merge(self, compression: float) -> None:
        """Joins neighbours as far as the ends stay fine, from one end, next time from the other."""
        if not self.means:
            return
        pairs = sorted(zip(self.means, self.weights, strict=True), key=lambda each: each[0])
        if self.backwards:
            pairs.reverse()
        joined = self._joined(pairs, compression / (4 * math.log(self.total / compression) + 24))
        if self.backwards:
            joined.reverse()
        self.backwards = not self.backwards
        self.means = [mean for mean, _ in joined]
        self.weights = [weight for _, weight in joined]

    def _joined(
        self, pairs: list[tuple[float, float]], normalizer: float
    ) -> list[tuple[float, float]]:
        total = self.total
        mean, weight = pairs[0]
        before, largest = 0.0, 0.0
        found = []
        for next_mean, next_weight in pairs[1:]:
            tried = weight + next_weight
            quantile = min((before + tried) / total, 1.0)
            here = quantile * (1 - quantile) / normalizer
            if tried <= total * min(largest, here):
                mean += (next_mean - mean) * next_weight / tried
                weight = tried
                continue
            found.append((mean, weight))
            before += weight
            quantile = before / total
            largest = quantile * (1 - quantile) / normalizer
            mean, weight = next_mean, next_weight
        return [*found, (mean, weight)]

    def values_at(self, quantiles: list[float]) -> list[float]:
        """The values at quantiles from 0 to 1; NaN of an empty digest."""
        if any(not 0 <= each <= 1 for each in quantiles):
            raise internal("quantiles should be in [0, 1] range")
        if not self.means:
            return [math.nan] * len(quantiles)
        if self.unmerged:
            self.merge(2 * self.compression)
            self.unmerged = False
        if len(self.means) == 1:
            return self.means * len(quantiles)
        return [self._value(each * self.total) for each in quantiles]

    def _value(self, offset: float) -> float:
        first, last = self.weights[0] / 2, self.weights[-1] / 2
        if offset < 1:
            return self.minimum
        if offset < first:
            return self.minimum + _part(offset, 1, first) * (self.means[0] - self.minimum)
        above = self.total - offset
        if above >= 1 and above <= last and last > 1:
            return self.maximum + _part(above, 1, last) * (self.means[-1] - self.maximum)
        if above <= 1:
            return self.maximum
        return self._between(offset)

    def _between(self, offset: float) -> float:
        """The value where an offset lies between two centroids."""
        weights = self.weights
        at, before = 0, weights[0] / 2
        while at < len(weights) - 1 and before + (weights[at] + weights[at + 1]) / 2 <= offset:
            before += (weights[at] + weights[at + 1]) / 2
            at += 1
        if at == len(weights) - 1:
            if weights[-1] / 2 > 1:
                share = _part(self.total - offset, 1, weights[-1] / 2)
                return self.maximum + share * (self.means[-1] - self.maximum)
            return self.maximum
        left, right = weights[at], weights[at + 1]
        inside, length = offset - before, (left + right) / 2
        if left == 1 and inside < left / 2:
            return self.means[at]
        if right == 1 and inside >= left / 2:
            return self.means[at + 1]
        if left == 1:
            inside, length = inside - left / 2, right / 2
        elif right == 1:
            length = left / 2
        return self.means[at] + inside / length * (self.means[at + 1] - self.means[at])

    def write(self) -> bytes:
        """The digest in airlift's form."""
        self.merge(self.compression)
        count = len(self.means)
        head = struct.pack(
            "<b4di",
            _FORMAT,
            self.minimum,
            self.maximum,
            self.compression,
            self.total,
            count,
        )
        return head + struct.pack(f"<{2 * count}d", *self.means, *self.weights)


def _part(x: float, low: float, high: float) -> float:
    return (x - low) / (high - low)


def read(data: bytes) -> TDigest:
    """The digest of a binary; GENERIC_INTERNAL_ERROR for one that is none."""
    try:
        form, low, high, compression, total, count = struct.unpack_from("<b4di", data)
        numbers = struct.unpack_from(f"<{2 * count}d", data, 37)
    except struct.error:
        raise internal("Cannot deserialize TDigest") from None
    if form != _FORMAT:
        raise internal("Invalid format")
    means, weights = list(numbers[:count]), list(numbers[count:])
    return TDigest(compression, low, high, total, means, weights)
