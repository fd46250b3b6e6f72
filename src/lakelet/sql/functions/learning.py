"""What machine learning starts with: features of a row."""

from typing import Final

from lakelet.sql.functions.registry import Call, scalar

_MOST: Final = 10


def _features(call: Call) -> str:
    keys = ", ".join(f"CAST({i} AS BIGINT)" for i in range(len(call.arguments)))
    known = " AND ".join(f"{each} IS NOT NULL" for each in call.arguments)
    made = f"map([{keys}], [{', '.join(call.arguments)}])"
    return f"CASE WHEN {known} THEN {made} END"


scalar(
    "features",
    *(f"({', '.join(['double'] * count)}) -> map(bigint,double)" for count in range(1, _MOST + 1)),
    sql=_features,
    doc="Numbers as a map from their positions, as learning functions take them.",
)
