"""The packages as they are meant to stand: imports point one way, and some are made nowhere."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]

BELOW: dict[str, set[str]] = {
    "delightful": set(),
    "analyzer": {"delightful"},
    "sandbox": {"delightful"},
    "blocks": {"delightful", "analyzer"},
    "flows": {"delightful", "analyzer", "blocks"},
    "rehearsal": {"delightful", "analyzer", "blocks", "flows", "sandbox"},
    "cli": {"delightful", "analyzer", "blocks", "flows", "sandbox", "rehearsal"},
}
PREFECT = {"prefect", "prefect_aws"}
THIRD_PARTIES_OF_THE_KERNEL = {"pydantic", "pydantic_core", "yaml"}
OUTSIDE_WORLD = {
    "asyncio",
    "getpass",
    "http",
    "logging",
    "os",
    "pathlib",
    "platform",
    "random",
    "secrets",
    "shutil",
    "signal",
    "socket",
    "ssl",
    "subprocess",
    "sys",
    "tempfile",
    "threading",
    "time",
    "urllib.request",
    "uuid",
}
CLOCK = {"now", "utcnow", "today"}
FILES = {"open", "print", "input"}
NO_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}


def files(package: str) -> list[Path]:
    """Return a package's modules; there is at least one."""
    found = sorted((ROOT / package).rglob("*.py"))
    assert found, f"no module in {package}"
    return found


@cache
def tree(path: Path) -> ast.Module:
    """Return a module's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def module_name(path: Path) -> str:
    """Return the dotted name of a module's file."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def imported(path: Path, *, when_loaded: bool = False) -> tuple[str, ...]:
    """Return what a module imports: anywhere in it, or only while it is loaded.

    For `from a import b` both `a` and `a.b` are given, since `b` may be a module.
    """
    return tuple(_imported(path, when_loaded))


def _imported(path: Path, when_loaded: bool) -> Iterator[str]:
    for node in _loaded(tree(path)) if when_loaded else ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _loaded(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        is_function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        if is_function or _is_type_checking(child):
            continue
        yield child
        yield from _loaded(child)


def _is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


def top(name: str) -> str:
    """Return the package of a dotted name."""
    return name.partition(".")[0]


@pytest.mark.parametrize("package", sorted(BELOW))
def test_imports_point_one_way(package: str) -> None:
    """A package imports itself and those below it, never one beside or above."""
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in files(package)
        for name in imported(path)
        if top(name) in BELOW.keys() - BELOW[package] - {package}
    ]
    assert not wrong, wrong


def test_nobody_imports_the_tests() -> None:
    """Nothing that is installed stands on what is not."""
    wrong = [
        str(path)
        for package in BELOW
        for path in files(package)
        if {"tests", "benchmarks", "examples"} & {top(name) for name in imported(path)}
    ]
    assert not wrong, wrong


def test_the_kernel_knows_no_outside_world() -> None:
    """`delightful` decides and renders: no cloud, no Prefect, no clock, no files, no network."""
    third_parties = {
        top(name)
        for path in files("delightful")
        for name in imported(path)
        if not _is_standard(top(name)) and top(name) != "delightful"
    }
    assert third_parties <= THIRD_PARTIES_OF_THE_KERNEL
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in files("delightful")
        for name in imported(path)
        if name in OUTSIDE_WORLD or top(name) in OUTSIDE_WORLD
    ]
    assert not wrong, wrong


def _is_standard(name: str) -> bool:
    import sys

    return name in sys.stdlib_module_names


def test_the_kernel_calls_no_clock_and_opens_no_file() -> None:
    """Time and bytes are handed in, so that every decision can be asked again."""
    wrong = [
        f"{path.relative_to(ROOT)}:{node.lineno} calls {ast.unparse(node.func)}"
        for path in files("delightful")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and _reaches_out(node.func)
    ]
    assert not wrong, wrong


def _reaches_out(function: ast.expr) -> bool:
    if isinstance(function, ast.Attribute):
        return function.attr in CLOCK
    return isinstance(function, ast.Name) and function.id in FILES


def test_prefect_is_loaded_by_blocks_and_flows_only() -> None:
    """Elsewhere Prefect may be imported inside a function, where its two seconds are wanted."""
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for package in BELOW.keys() - {"blocks", "flows"}
        for path in files(package)
        for name in imported(path, when_loaded=True)
        if top(name) == "prefect"
    ]
    assert not wrong, wrong


@pytest.mark.parametrize("start", ["cli.main", "analyzer", "sandbox", "delightful"])
def test_loading_never_reaches_prefect(start: str) -> None:
    """From the command's entry, the analyzer and the sandbox no chain of imports leads to it."""
    modules = {module_name(path): path for package in BELOW for path in files(package)}
    pending = [name for name in modules if name == start or name.startswith(f"{start}.")]
    seen = set(pending)
    assert seen
    while pending:
        for name in imported(modules[pending.pop()], when_loaded=True):
            assert top(name) not in PREFECT, f"{start} reaches {name}"
            pending += [name] if name in modules and name not in seen else []
            seen.add(name)


@pytest.mark.parametrize("package", [*sorted(BELOW), "tests"])
def test_names_say_what_a_module_holds(package: str) -> None:
    """No module is called after nothing."""
    wrong = [
        path.relative_to(ROOT)
        for path in files(package)
        if NO_NAMES & set(path.stem.split("_")) or NO_NAMES & set(path.relative_to(ROOT).parts)
    ]
    assert not wrong, wrong


def test_every_package_is_one_of_these() -> None:
    """A new package at the top is a decision, and this file is where it is noticed."""
    present = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert present <= set(BELOW)
