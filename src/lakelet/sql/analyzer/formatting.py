"""A short form of an expression for messages, as Trino's ExpressionFormatter writes it."""

from lakelet.sql.syntax import nodes


def describe(node: nodes.Expression) -> str:
    """The text of an expression; deep parts are cut."""
    match node:
        case nodes.Identifier(value=value, quoted=quoted):
            return f'"{value}"' if quoted else value
        case nodes.Dereference(base=base, field=field):
            return f"{describe(base)}.{describe(field)}"
        case nodes.FunctionCall(name=name, arguments=arguments, star=star):
            inside = "*" if star else ", ".join(map(describe, arguments))
            return f"{'.'.join(part.value for part in name)}({inside})"
        case nodes.String(value=value):
            return "'" + value.replace("'", "''") + "'"
        case nodes.Number(text=text):
            return text
        case nodes.Null():
            return "null"
        case nodes.Boolean(value=truth):
            return str(truth).lower()
    return _composed(node)


def _composed(node: nodes.Expression) -> str:
    match node:
        case nodes.Arithmetic(operator=operator, left=left, right=right):
            return f"({describe(left)} {operator} {describe(right)})"
        case nodes.Comparison(operator=operator, left=left, right=right):
            return f"({describe(left)} {operator} {describe(right)})"
        case nodes.Unary(sign=sign, value=value):
            return f"{sign}{describe(value)}"
        case nodes.Cast(value=value, type=of, safe=safe):
            return f"{'TRY_CAST' if safe else 'CAST'}({describe(value)} AS {of})"
        case nodes.Subscript(base=base, index=index):
            return f"{describe(base)}[{describe(index)}]"
        case nodes.Grouping(arguments=arguments):
            return f"GROUPING ({', '.join(map(describe, arguments))})"
        case nodes.Row(items=items):
            return f"ROW ({', '.join(map(describe, items))})"
    return type(node).__name__
