"""What lock files list: whole and exact, or with the reason why not."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delightful.composition.lock_files import LockFile, is_lock_file, read_lock
from delightful.composition.model import Component
from delightful.composition.survey import (
    coverage_report,
    installed_report,
    is_dependency_file,
    survey_of,
)

SHA = "0" * 64
HASH = f"--hash=sha256:{SHA}"


def lock(path: str, text: str) -> LockFile:
    """Read a lock file."""
    return read_lock(path, text.encode(), SHA)


def pins(read: LockFile) -> list[str]:
    """Return what was listed as name and version."""
    return [f"{one.name} {one.version}" for one in read.components]


def test_reads_requirements_with_hashes() -> None:
    """Names are normalised; extras, markers, comments and indexes are no matter."""
    text = (
        "# made by hand\n--index-url https://example.com/simple\n"
        f"Flask_Cors[x]==1.0 ; python_version < '4' \\\n    {HASH} \\\n    {HASH}\n"
        f"zope.interface===2 {HASH}  # why\n"
    )
    read = lock("requirements.txt", text)
    assert (read.fault, pins(read)) == (None, ["flask-cors 1.0", "zope-interface 2"])


def test_takes_pins_without_hashes_from_a_compiler_only() -> None:
    """A list by hand may leave out what its packages need; a compiler's says who wanted each."""
    by_hand = lock("requirements.txt", "flask==3.0\n")
    assert "1 of 1 have no hash" in str(by_hand.fault)
    assert pins(by_hand) == ["flask 3.0"]
    assert lock("requirements.txt", "flask==3.0\n    # via -r requirements.in\n").fault is None


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("flask", "flask has no exact version"),
        ("flask>=3", "no exact version"),
        ("flask==3.*", "no exact version"),
        ("-r base.txt", "names another file"),
        ("-c limits.txt", "names another file"),
        ("-e .", "comes from no index"),
        ("git+https://example.com/x", "comes from no index"),
        ("x @ https://example.com/x.whl", "comes from no index"),
        ("--unknown", "no exact version"),
    ],
)
def test_names_the_line_that_pins_nothing(line: str, reason: str) -> None:
    """Whatever cannot be looked up by name and version keeps the list from being whole."""
    assert reason in str(lock("requirements.txt", f"jinja2==3.1 {HASH}\n{line}\n").fault)


def test_reads_the_locks_of_uv_poetry_pipenv_and_pep_751() -> None:
    """Each lists its packages; the project itself is left out."""
    uv = (
        '[[package]]\nname = "me"\nversion = "1"\nsource = { editable = "." }\n'
        '[[package]]\nname = "Jinja2"\nversion = "3.1"\nsource = { registry = "https://x" }\n'
    )
    poetry = '[[package]]\nname = "jinja2"\nversion = "3.1"\n'
    pipenv = json.dumps({"default": {"jinja2": {"version": "==3.1"}}, "develop": {}})
    pep = '[[packages]]\nname = "jinja2"\nversion = "3.1"\n'
    files = {"uv.lock": uv, "poetry.lock": poetry, "Pipfile.lock": pipenv, "pylock.toml": pep}
    for name, text in files.items():
        read = lock(name, text)
        assert (name, read.fault, pins(read)) == (name, None, ["jinja2 3.1"])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("uv.lock", '[[package]]\nname = "x"\nversion = "1"\nsource = { git = "https://x" }\n'),
        ("uv.lock", '[[package]]\nname = "x"\nversion = "1"\n'),
        ("poetry.lock", '[[package]]\nname = "x"\nversion = "1"\nsource = { type = "git" }\n'),
        ("poetry.lock", "not toml"),
        ("pylock.toml", '[[packages]]\nname = "x"\nversion = "1"\nvcs = { url = "x" }\n'),
        ("pylock.toml", '[[packages]]\nname = "x"\n'),
        ("Pipfile.lock", '{"default": {"x": {"git": "https://x"}}, "develop": {}}'),
        ("Pipfile.lock", "[]"),
        ("package-lock.json", '{"lockfileVersion": 1, "dependencies": {}}'),
        ("package-lock.json", '{"packages": {"node_modules/x": {"version": "../x"}}}'),
        (
            "package-lock.json",
            '{"packages": {"node_modules/x": {"version": "1.0.0", "resolved": "git+ssh://x"}}}',
        ),
    ],
)
def test_says_why_a_lock_does_not_count_as_whole(name: str, text: str) -> None:
    """What comes from elsewhere, has no version or cannot be read is a fault, with its reason."""
    assert lock(name, text).fault


def test_reads_what_npm_locked() -> None:
    """Nested and scoped packages are listed, links and projects are not."""
    packages = {
        "": {"name": "me"},
        "packages/a": {"name": "a"},
        "node_modules/a": {"resolved": "packages/a", "link": True},
        "node_modules/@x/y": {"version": "1.0.0"},
        "node_modules/@x/y/node_modules/z": {"version": "2.0.0"},
    }
    read = lock("package-lock.json", json.dumps({"packages": packages}))
    assert (read.fault, pins(read)) == (None, ["@x/y 1.0.0", "z 2.0.0"])
    assert [one.purl for one in read.components] == ["pkg:npm/%40x/y@1.0.0", "pkg:npm/z@2.0.0"]


@given(
    st.sampled_from(["requirements.txt", "uv.lock", "poetry.lock", "Pipfile.lock", "pylock.toml"])
    | st.just("package-lock.json"),
    st.binary(max_size=300)
    | st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace")),
)
def test_answers_any_bytes(name: str, data: bytes) -> None:
    """Whatever lies under the name of a lock file is read or has a fault; nothing is raised."""
    read = read_lock(name, data, SHA)
    assert read.fault is None or read.fault.strip()


@pytest.mark.parametrize(
    ("declaration", "text", "reason"),
    [
        ("package.json", '{"dependencies": {"x": "1"}}', "no package-lock.json lists them"),
        ("package.json", '{"devDependencies": {"x": "1"}}', "no package-lock.json lists them"),
        ("package.json", "[", "cannot be read"),
        ("pyproject.toml", '[project]\ndependencies = ["flask"]\n', "no lock file lists them"),
        ("pyproject.toml", '[project]\ndynamic = ["dependencies"]\n', "no lock file lists them"),
        ("pyproject.toml", '[tool.poetry.dependencies]\npython = "3"\nx = "1"\n', "no lock file"),
        ("setup.py", "", "no lock file"),
        ("Pipfile", "", "no lock file"),
        ("go.mod", "module x", "no scanner here reads"),
        ("src/api.csproj", "<x/>", "no scanner here reads"),
    ],
)
def test_what_no_lock_file_lists_is_not_scanned(declaration: str, text: str, reason: str) -> None:
    """A declaration of dependencies without a list that can be read is named."""
    assert is_dependency_file(declaration)
    report = coverage_report(survey_of({declaration: text.encode()}, ()))
    assert reason in str(report.unseen)


@pytest.mark.parametrize(
    ("declaration", "text"),
    [
        ("package.json", '{"name": "x", "scripts": {"start": "node x"}}'),
        ("pyproject.toml", "[tool.ruff]\nline-length = 100\n"),
        ("pyproject.toml", '[tool.poetry.dependencies]\npython = "3"\n'),
    ],
)
def test_a_declaration_of_nothing_needs_no_list(declaration: str, text: str) -> None:
    """Who provably needs nothing is a pass without a scanner."""
    assert coverage_report(survey_of({declaration: text.encode()}, ())).unseen is None


def test_a_list_covers_what_lies_beside_and_below_it() -> None:
    """A workspace's list at its root covers its members, not a neighbour of another folder."""
    listed = lock("web/package-lock.json", '{"packages": {}}')
    needing = b'{"dependencies": {"x": "1"}}'
    inside = survey_of({"web/a/package.json": needing}, (listed,))
    outside = survey_of({"website/package.json": needing}, (listed,))
    assert (inside.uncovered == (), len(outside.uncovered)) == (True, 1)


def test_what_is_installed_and_in_no_list_is_named() -> None:
    """A package that the image holds and no lock file lists was looked at by nobody."""
    survey = survey_of(
        {"pyproject.toml": b'[project]\nname = "My_App"\n'},
        (lock("requirements.txt", f"jinja2==3.1 {HASH}\n"),),
    )
    known = [("jinja2", "3.1"), ("pip", "24"), ("my-app", "1")]
    installed = tuple(
        Component(ecosystem="pypi", name=name, version=version) for name, version in known
    )
    assert installed_report(survey, installed).unseen is None
    stranger = Component(ecosystem="npm", name="left-pad", version="1.0.0")
    assert "left-pad 1.0.0" in str(installed_report(survey, (*installed, stranger)).unseen)
    system = Component(ecosystem="deb", name="bash", version="5")
    assert installed_report(survey, (system,)).unseen is None


def test_other_files_are_no_lock_files() -> None:
    """Only names that can be read count; yarn's and pnpm's lists do not."""
    assert not is_lock_file("yarn.lock")
    assert is_lock_file("deep/requirements-prod.txt")
