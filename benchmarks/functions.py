"""How many rows a second each function that Python computes takes, beside DuckDB's `length` over
the same rows. `docs/functions.md` shows what was kept."""

from time import process_time
from typing import Final

from benchmarks import sizes
from benchmarks.report import Measurement
from lakelet.engines.duckdb import DuckDb
from lakelet.sql import functions as functions
from lakelet.sql.functions.registry import UDFS, Udf

ROWS: Final = sizes.rows(30_000)
SLOW_ROWS: Final = 500
"""Rows for what takes long for each."""
MILLION: Final = 1_000_000

_POINT: Final = "trino_st_point(CAST(i % 180 AS DOUBLE), CAST(i % 80 AS DOUBLE))"
_LINE: Final = (
    "trino_st_geometryfromtext('LINESTRING (0 0, ' || i % 90 || ' 4, 6 ' || i % 80 || ')')"
)
_AREA: Final = "trino_st_geometryfromtext('POLYGON ((0 0, 0 ' || 1 + i % 9 || ', 4 4, 4 0, 0 0))')"
_WORD: Final = "'word ' || i"
_GEOJSON: Final = """'{"type":"Point","coordinates":[1,2]}'"""
_JSON: Final = """'{"a":' || i || ',"b":[1,"x",null]}'"""
_OPTIONS: Final = (
    """'{"passing":[],"on_empty":"NULL","on_error":"NULL","wrapper":"WITHOUT","""
    """"quotes":"KEEP","returning":"varchar","formats":[]}'"""
)
ELSEWHERE: Final = ("trino_match_rows", "trino_json_table")
"""What is measured with the queries."""
_TYPES: Final = {
    "VARCHAR": _WORD,
    "BLOB": f"encode({_WORD})",
    "BIGINT": "CAST(i AS BIGINT)",
    "INTEGER": "CAST(i % 1000 AS INTEGER)",
    "DOUBLE": "CAST(i AS DOUBLE)",
    "FLOAT": "CAST(i AS FLOAT)",
    "BOOLEAN": "i % 2 = 0",
    "TIMESTAMP": "make_timestamp(i * 1000000)",
    "VARCHAR[]": f"[{_WORD}, 'b']",
    "BIGINT[]": "[i, i + 1]",
    "UBIGINT[]": "[CAST(i AS UBIGINT)]",
    "DOUBLE[]": "[0.25, 0.5]",
    "DECIMAL(38,0)": "CAST(i + 1 AS DECIMAL(38,0))",
}
_LISTED: Final = "[{{'v': CAST(i AS {0}), 'w': 1.0}}, {{'v': CAST(i + 1 AS {0}), 'w': 2.0}}]"
_TYPES_OF_PAIRS: Final = {
    f"STRUCT(v {of}, w DOUBLE)[]": _LISTED.format(of) for of in ("DOUBLE", "BIGINT", "FLOAT")
}

# What a function needs beside values of its types, by the beginning of its name.
_ARGUMENTS: Final[dict[str, tuple[str, ...]]] = {
    "trino_json_array": ("'[1,' || i || ',\"x\"]'",),
    "trino_json_extract": (_JSON, "'$.b[1]'"),
    "trino_json_size": (_JSON, "'$.b'"),
    "trino_json_exists": (_JSON, "'lax $.b[*]'", _OPTIONS, "'[]'"),
    "trino_json_query": (_JSON, "'lax $.b'", _OPTIONS, "'[]'"),
    "trino_json_value": (_JSON, "'lax $.a'", _OPTIONS, "'[]'"),
    "trino_json_parse": (_JSON,),
    "trino_json_encoded": (_JSON, "'UTF16'"),
    "trino_json_decoded": (f"encode({_JSON})", "'UTF8'"),
    "trino_json_checked": (_JSON,),
    "trino_is_json_scalar": (_JSON,),
    "trino_hexadecimal_double": ("'0x1.8p' || i % 100",),
    "trino_write_moment": (
        *("'joda'", "CAST(i * 1000000 AS BIGINT)", "CAST(0 AS BIGINT)", "'UTC'"),
        "'yyyy-MM-dd HH:mm:ss'",
    ),
    "trino_read_": ("'mysql'", "'2024-02-29 ' || i % 24", "'%Y-%m-%d %k'"),
    "trino_try_read_": ("'mysql'", "'2024-02-29 ' || i % 24", "'%Y-%m-%d %k'"),
    "trino_from_base32": ("encode('ME======')",),
    "trino_from_base64": ("encode('QUJD')",),
    "trino_from_big_endian_32": ("'\\x00\\x00\\x00\\x01'::BLOB",),
    "trino_from_ieee754_32": ("'\\x00\\x00\\x00\\x01'::BLOB",),
    "trino_from_big_endian_64": ("'\\x00\\x00\\x00\\x01\\x00\\x00\\x00\\x01'::BLOB",),
    "trino_from_ieee754_64": ("'\\x00\\x00\\x00\\x01\\x00\\x00\\x00\\x01'::BLOB",),
    "trino_utf8_replacing": (f"encode({_WORD})", "'?'"),
    "trino_zone": ("'Europe/Berlin'",),
    "trino_valid_zone": ("'Europe/Berlin'",),
    "trino_supported_zone": ("'Europe/Berlin'",),
    "trino_zone_name": ("'Europe/Berlin'", "make_timestamp(i * 1000000)", "false"),
    "trino_varchar_to_ipaddress": ("'10.0.0.' || i % 256",),
    "trino_ipaddress_to_varchar": ("from_hex('00000000000000000000FFFF0A000001')",),
    "trino_parse_data_size": ("i || 'kB'",),
    "trino_inverse_normal_cdf": ("0.0", "1.0", "(i % 98 + 1) / 100"),
    "trino_inverse_beta_cdf": ("2.0", "3.0", "(i % 98 + 1) / 100"),
    "trino_beta_cdf": ("2.0", "3.0", "(i % 98 + 1) / 100"),
    "trino_normal_cdf": ("0.0", "1.0", "(i % 100) / 10"),
    "trino_t_": ("(i % 100) / 10", "5.0"),
    "trino_format_number": ("CAST(i AS BIGINT)",),
    "trino_format": ("'%s-%s'", "'VARCHAR,VARCHAR'", f"[{_WORD}, 'b']"),
    "trino_divide_big": ("CAST(i AS DECIMAL(38,0))", "CAST(7 AS DECIMAL(38,0))", "2"),
    "trino_remainder_big": ("CAST(i AS DECIMAL(38,0))", "CAST(7 AS DECIMAL(38,0))", "0", "0"),
    "trino_regexp": (_WORD, "'(?<=w)o(r)d'", "'x'"),
    "trino_regex_groups": (_WORD, "'(?<=w)o(r)d'", "'x'"),
    "trino_regexp_extract": (_WORD, "'(?<=w)o(r)d'", "1"),
    "trino_regexp_position": (_WORD, "'(?<=w)o(r)d'", "1", "1"),
    "trino_levenshtein": ("'wörd ' || i", "'würd ' || i"),
    "trino_hamming": ("'wörd ' || i", "'würd ' || i"),
    "trino_luhn_check": ("CAST(i AS VARCHAR)",),
    "trino_soundex": ("'word'",),
    "trino_word_stem": ("'running' || i % 1000", "'en'"),
    "trino_normalize": ("'e\u0301' || i", "'NFC'"),
    "trino_percent_decode": ("'a%20b' || i",),
    "trino_form": ("'a%20b ' || i",),
    "trino_url_parameter": ("'k=' || i || '&a=b'", "'k'"),
    "trino_color_between": ("(i % 100) / 100", "255", "65280"),
    "trino_bar": ("(i % 100) / 100", "10", "16711680", "65280"),
    "trino_st_point": ("CAST(i % 180 AS DOUBLE)", "CAST(i % 90 AS DOUBLE)"),
    "trino_st_pointn": (_LINE, "2"),
    "trino_st_startpoint": (_LINE,),
    "trino_st_endpoint": (_LINE,),
    "trino_st_is": (_LINE,),
    "trino_st_length": (_LINE,),
    "trino_st_area": (_AREA,),
    "trino_st_exteriorring": (_AREA,),
    "trino_st_interiorring": (_AREA, "1"),
    "trino_st_numinteriorring": (_AREA,),
    "trino_st_geometryn": (_POINT, "1"),
    "trino_st_buffer": (_POINT, "1.0"),
    "trino_st_geometryfromtext": ("'POINT (1 ' || i || ')'",),
    "trino_st_linefromtext": ("'LINESTRING (1 1, 2 ' || i || ')'",),
    "trino_st_polygon": ("'POLYGON ((0 0, 0 4, 4 4, 4 0, 0 0))'",),
    "trino_st_geomfromkml": ("'<Point><coordinates>-2,2</coordinates></Point>'",),
    "trino_st_linestring": (f"[{_POINT}, trino_st_point(-1.0, -1.0)]",),
    "trino_st_multipoint": (f"[{_POINT}, {_POINT}]",),
    "trino_st_points": (_LINE,),
    "trino_st_distance_spherical": (_POINT, _POINT),
    "trino_most_frequent_bigint": ("[i, i, i + 1]", "2", "10"),
    "trino_most_frequent_varchar": (f"[{_WORD}, 'b']", "2", "10"),
    "trino_st_relate": (_POINT, _AREA, "'T*F**F***'"),
    "trino_st_": (_POINT, _AREA),
    "trino_geometry_from_hadoop_shape": (
        "from_hex('000000000101000000000000000000F03F0000000000000040')",
    ),
    "trino_geometry_union": (f"[{_POINT}, {_POINT}]",),
    "trino_geometry_to_bing_tiles": (_POINT, "10"),
    "trino_geometry_": (_POINT, _AREA),
    "trino_convex_hull_agg": (f"[{_POINT}, {_POINT}]",),
    "trino_simplify_geometry": (_LINE, "1.0"),
    "trino_to_spherical_geography": (_POINT,),
    "trino_to_geojson_geometry": (_POINT,),
    "trino_from_geojson_geometry": (_GEOJSON,),
    "trino_to_encoded_polyline": (_LINE,),
    "trino_from_encoded_polyline": ("'_p~iF~ps|U_ulLnnqC'",),
    "trino_line_locate_point": (_LINE, _POINT),
    "trino_line_": (_LINE, "0.5"),
    "trino_bing_tile_polygon": ("CAST(3 AS BIGINT) << 32 | CAST(3 AS BIGINT) << 27 | 5",),
    "trino_bing_tiles": ("30.0", "60.0", "10", "5.0"),
    "trino_hll_merge": ("[trino_approx_set_bigint([i]), trino_approx_set_bigint([i + 1])]",),
    "trino_hll": ("trino_approx_set_bigint([i])",),
    "trino_approx_set_double": ("[CAST(i AS DOUBLE)]",),
    "trino_tdigest_agg": (_LISTED.format("DOUBLE"),),
    "trino_tdigest_merge": (f"[trino_tdigest_agg({_LISTED.format('DOUBLE')})]",),
    "trino_tdigest_values": (f"trino_tdigest_agg({_LISTED.format('DOUBLE')})", "[0.5]"),
    "trino_tdigest_value": (f"trino_tdigest_agg({_LISTED.format('DOUBLE')})", "0.5"),
    "trino_set_digest_merge": ("[trino_make_set_digest_bigint([i])]",),
    "trino_set_digest": ("trino_make_set_digest_bigint([i])",),
    "trino_jaccard_index": ("trino_make_set_digest_bigint([i])",) * 2,
    "trino_intersection_cardinality": ("trino_make_set_digest_bigint([i])",) * 2,
    "trino_distinct_hashes": ("[CAST(i AS UBIGINT)]", "0.023"),
    "trino_network_contains": ("'10.0.0.0/8'", "from_hex('00000000000000000000FFFF0A000001')"),
    "trino_weighed_percentiles": (_LISTED.format("DOUBLE"), "[0.5]"),
    "trino_numeric_histogram": (_LISTED.format("DOUBLE"), "5"),
}
for _kind, _of in {"bigint": "BIGINT", "double": "DOUBLE", "real": "FLOAT"}.items():
    _digest = f"trino_qdigest_agg_{_kind}({_LISTED.format(_of)}, 0.01)"
    _ARGUMENTS[f"trino_qdigest_agg_{_kind}"] = (_LISTED.format(_of), "0.01")
    _ARGUMENTS[f"trino_qdigest_value_{_kind}"] = (_digest, "0.5")
    _ARGUMENTS[f"trino_qdigest_values_{_kind}"] = (_digest, "[0.5]")
    _ARGUMENTS[f"trino_qdigest_quantile_{_kind}"] = (_digest, f"CAST(i AS {_of})")
_ARGUMENTS["trino_qdigest_merge"] = (f"[{_ARGUMENTS['trino_qdigest_value_bigint'][0]}]",)


def _sample(entry: Udf) -> tuple[str, ...]:
    """SQL of the arguments, over a column i."""
    best = max((each for each in _ARGUMENTS if entry.name.startswith(each)), key=len, default=None)
    given = _ARGUMENTS[best] if best else ()
    kinds = _TYPES | _TYPES_OF_PAIRS
    return tuple(
        f"CAST({given[i]} AS {of})" if i < len(given) else kinds[of]
        for i, of in enumerate(entry.arguments)
    )


def measure() -> list[Measurement]:
    """One number for each function, in rows a second; its arguments are made beforehand."""
    engine = DuckDb(threads=1)
    floor = _rate(engine, "length(a0)", (_WORD,), ROWS)
    found = []
    for entry in sorted(UDFS.values(), key=lambda each: each.name):
        if entry.name in ELSEWHERE:
            continue
        rate = rate_of(engine, entry, SLOW_ROWS)
        if rate * 0.5 > SLOW_ROWS:
            rate = rate_of(engine, entry, ROWS)
        found.append(
            Measurement(
                entry.name.removeprefix("trino_"),
                rate / MILLION,
                "million rows/s",
                floor / MILLION,
                "length of a text",
                "≥ 1",
                rate >= MILLION,
            )
        )
    engine.close()
    return found


def rate_of(engine: DuckDb, entry: Udf, rows: int) -> float:
    """Rows a second of a function, over that many samples of its arguments."""
    names = ", ".join(f"a{i}" for i in range(len(entry.arguments)))
    return _rate(engine, f"{entry.name}({names})", _sample(entry), rows)


def _rate(engine: DuckDb, call: str, arguments: tuple[str, ...], rows: int) -> float:
    """Rows a second of the processor's time, of a call over a table of its arguments."""
    columns = ", ".join(f"{text} AS a{i}" for i, text in enumerate(arguments))
    table = engine.execute(f"SELECT {columns} FROM range({rows}) t(i)").read_all()

    query = f"SELECT count({call}) FROM rows"
    engine.execute(query, {"rows": table.slice(0, 10)}).read_all()
    # The processor's time: what else runs on the machine does not count.
    started = process_time()
    engine.execute(query, {"rows": table}).read_all()
    return rows / max(process_time() - started, 1e-6)
