"""Metric math: the arithmetic, FILL, IF and the reductions that alarms and dashboards use.

Values are lists with one entry a period, None where there is no data. An operation without data,
and a division by zero, has no data.
"""

import ast
import operator
from collections.abc import Callable, Mapping, Sequence

Series = list[float | None]
_OPERATORS: dict[type[ast.AST], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.BitXor: operator.pow,
    ast.Gt: lambda a, b: float(a > b),
    ast.GtE: lambda a, b: float(a >= b),
    ast.Lt: lambda a, b: float(a < b),
    ast.LtE: lambda a, b: float(a <= b),
    ast.Eq: lambda a, b: float(a == b),
    ast.NotEq: lambda a, b: float(a != b),
}
_REDUCTIONS: dict[str, Callable[[Sequence[float]], float]] = {
    "SUM": sum,
    "MIN": min,
    "MAX": max,
    "AVG": lambda values: sum(values) / len(values),
}


class UnknownExpression(ValueError):
    """The expression uses something that is not understood here."""


def evaluate(expression: str, known: Mapping[str, Series], length: int) -> Series:
    """Return the expression's value for each period; `known` are the other queries, by id.

    Raises:
        UnknownExpression: it does not parse, or uses a name or function that is not there.
    """
    try:
        tree = ast.parse(expression.strip(), mode="eval")
    except SyntaxError as error:
        raise UnknownExpression(f"cannot read {expression!r}") from error
    return _Evaluation(known, length).value(tree.body)


class _Evaluation:
    def __init__(self, known: Mapping[str, Series], length: int) -> None:
        self._known = known
        self._length = length

    def value(self, node: ast.expr) -> Series:
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
            return [float(node.value)] * self._length
        if isinstance(node, ast.Name) and node.id in self._known:
            return list(self._known[node.id])
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return [None if one is None else -one for one in self.value(node.operand)]
        if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
            return _combined(_OPERATORS[type(node.op)], *map(self.value, (node.left, node.right)))
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            compare = _OPERATORS.get(type(node.ops[0]))
            if compare:
                return _combined(compare, self.value(node.left), self.value(node.comparators[0]))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            return self._called(node.func.id.upper(), node.args)
        raise UnknownExpression(f"cannot evaluate {ast.unparse(node)!r}")

    def _called(self, name: str, arguments: Sequence[ast.expr]) -> Series:
        if name == "FILL" and len(arguments) == 2:
            return self._filled(self.value(arguments[0]), arguments[1])
        if name == "IF" and len(arguments) in {2, 3}:
            return self._chosen([self.value(argument) for argument in arguments])
        if name == "ABS" and len(arguments) == 1:
            return [None if one is None else abs(one) for one in self.value(arguments[0])]
        if name in _REDUCTIONS and len(arguments) == 1:
            return self._reduced(_REDUCTIONS[name], arguments[0])
        raise UnknownExpression(f"no function {name} with {len(arguments)} arguments")

    def _filled(self, series: Series, filling: ast.expr) -> Series:
        if isinstance(filling, ast.Name) and filling.id.upper() == "REPEAT":
            return _repeated(series)
        return [
            other if one is None else one
            for one, other in zip(series, self.value(filling), strict=True)
        ]

    @staticmethod
    def _chosen(arguments: list[Series]) -> Series:
        condition, then, *rest = arguments
        otherwise = rest[0] if rest else [None] * len(condition)
        return [
            None if asked is None else (yes if asked else no)
            for asked, yes, no in zip(condition, then, otherwise, strict=True)
        ]

    def _reduced(self, reduce: Callable[[Sequence[float]], float], argument: ast.expr) -> Series:
        if isinstance(argument, ast.List):
            columns = zip(*(self.value(item) for item in argument.elts), strict=True)
            present = ([one for one in column if one is not None] for column in columns)
            return [reduce(values) if values else None for values in present]
        values = [one for one in self.value(argument) if one is not None]
        return [reduce(values) if values else None] * self._length


def _combined(operation: Callable[[float, float], float], left: Series, right: Series) -> Series:
    return [_safely(operation, a, b) for a, b in zip(left, right, strict=True)]


def _safely(
    operation: Callable[[float, float], float], left: float | None, right: float | None
) -> float | None:
    if left is None or right is None:
        return None
    try:
        return operation(left, right)
    except (ZeroDivisionError, OverflowError):
        return None


def _repeated(series: Series) -> Series:
    filled: Series = []
    for one in series:
        filled.append(one if one is not None or not filled else filled[-1])
    return filled
