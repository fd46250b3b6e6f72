"""Which of a name's signatures a call means: Trino's overload resolution.

Exact matches come first (those without type variables before those with them), then what
coercion allows, of which the most specific wins. The order of the steps is that of Trino's
FunctionBinder and SignatureBinder.
"""

from lakelet.sql.analyzer.signatures.binding import Argument as Argument
from lakelet.sql.analyzer.signatures.binding import Binding as Binding
from lakelet.sql.analyzer.signatures.binding import LambdaArgument as LambdaArgument
from lakelet.sql.analyzer.signatures.resolution import bind_operator as bind_operator
from lakelet.sql.analyzer.signatures.resolution import resolve as resolve
from lakelet.sql.analyzer.signatures.texts import Pattern as Pattern
from lakelet.sql.analyzer.signatures.texts import Signature as Signature
from lakelet.sql.analyzer.signatures.texts import parse_signature as parse_signature
