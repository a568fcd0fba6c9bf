"""The Lambda's zip: the same bytes twice, complete, and quick to start."""

import hashlib
import json
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from analyzer import packaging
from analyzer.packaging import write_zip
from tests.analyzer.commenting.fake_github import FakeIssue
from tests.analyzer.model.messages_api import claims, serving
from tests.stand_ins.local_server import local_server

pytestmark = pytest.mark.sandbox

EXAMPLE = Path(__file__).parents[2] / "examples" / "hello-python"

ANSWER = """
import sys
sys.path.insert(0, sys.argv[1])
sys.modules["boto3"] = sys.modules["prefect"] = None  # importing them is an error
import json, pathlib
from analyzer import lambda_functions as entry
tree = entry.SourceTree.of_folder(pathlib.Path(sys.argv[2]))
subject = entry.AnalyzedCommit(service="hello-python", environment="x", commit="0" * 40)
said = entry.analyzed(tree, subject)
started = set(sys.modules)
import analyzer.commenting.recommendation_comment  # what the second entry point starts with
late = ("delightful.render.analysis", "http.client", "github")
heavy = [name for name in late if name in started]
homes = [getattr(module, "__file__", None) or "" for module in sys.modules.values()]
elsewhere = [home for home in homes if "site-packages" in home]
print(json.dumps({"said": said.model_dump(mode="json"), "elsewhere": elsewhere, "heavy": heavy}))
"""

ASK = """
import sys
sys.path.insert(0, sys.argv[1])
sys.modules["boto3"] = sys.modules["prefect"] = None
import json, os, pathlib
from analyzer import SourceTree, analyze
from analyzer.model.consulting import model_of
from analyzer.model.settings import read_settings
assert "anthropic" not in sys.modules
model = model_of(read_settings("key", {"ANTHROPIC_BASE_URL": sys.argv[3]}, None))
tree = SourceTree.of_folder(pathlib.Path(sys.argv[2]))
said = analyze(tree, None, service="hello-python", commit="0" * 40, model=model)
modules = [module for module in sys.modules.values() if getattr(module, "__file__", None)]
elsewhere = [module.__file__ for module in modules if "site-packages" in module.__file__]
ours = [module for module in modules if module.__file__.startswith(sys.argv[1])]
cached = [getattr(module, "__cached__", None) for module in ours if module.__file__[-3:] == ".py"]
uncompiled = [name for name in cached if not name or not os.path.exists(name)]
print(json.dumps([said.notes, elsewhere, uncompiled]))
"""

COMMENT = """
import sys
sys.path.insert(0, sys.argv[1])
sys.modules["boto3"] = sys.modules["prefect"] = None
import json, os
from analyzer.commenting.github_access import GitHubAccess
from analyzer.commenting.pull_request_comment import upsert_comment
assert "github" not in sys.modules
access = GitHubAccess("owner/name", "github-token-value", sys.argv[2])
url = upsert_comment(access, 7, "analysis", "text")
modules = [module for module in sys.modules.values() if getattr(module, "__file__", None)]
elsewhere = [module.__file__ for module in modules if "site-packages" in module.__file__]
ours = [module for module in modules if module.__file__.startswith(sys.argv[1])]
cached = [getattr(module, "__cached__", None) for module in ours if module.__file__[-3:] == ".py"]
uncompiled = [name for name in cached if not name or not os.path.exists(name)]
print(json.dumps([url, elsewhere, uncompiled]))
"""
# What the zip holds at its top: our packages, and those that they need.
PACKED = {
    "__pycache__",
    f"_cffi_backend{sysconfig.get_config_var('EXT_SUFFIX')}",
    "_yaml",
    "ahocorasick_rs",
    "analyzer",
    "annotated_types",
    "anthropic",
    "anyio",
    "certifi",
    "cffi",
    "charset_normalizer",
    "cryptography",
    "delightful",
    "docstring_parser",
    "github",
    "h11",
    "httpcore2",
    "httpx2",
    "idna",
    "jiter",
    "jwt",
    "nacl",
    "opentelemetry",
    "pydantic",
    "pydantic_core",
    "requests",
    "sniffio",
    "truststore",
    "typing_extensions.py",
    "typing_inspection",
    "urllib3",
    "yaml",
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the zip, built once."""
    target = tmp_path_factory.mktemp("zip") / "dist" / "analyzer.zip"
    write_zip(target)
    return target


def test_the_zip_is_the_same_twice(built: Path, tmp_path: Path) -> None:
    """Two builds of one state have one sha256, so an unchanged analyzer plans no change."""
    again = tmp_path / "again.zip"
    write_zip(again)
    digests = {hashlib.sha256(path.read_bytes()).hexdigest() for path in (built, again)}
    assert len(digests) == 1


def test_the_zip_holds_what_it_should(built: Path) -> None:
    """Names are sorted and unique, times and modes fixed, nothing but code of named packages."""
    with zipfile.ZipFile(built) as archive:
        entries = archive.infolist()
    names = [entry.filename for entry in entries]
    assert names == sorted(set(names))
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert {entry.external_attr >> 16 for entry in entries} == {0o100644, 0o100755}
    told = {name.split("/")[1] for name in names if ".dist-info/" in name}
    assert told == {"METADATA", "entry_points.txt"}
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == PACKED
    assert "analyzer/lambda_functions.py" in names


def test_the_zip_answers_alone(built: Path, tmp_path: Path) -> None:
    """With only the zip's files to import from, and no boto3, the example is analyzed."""
    with zipfile.ZipFile(built) as archive:
        archive.extractall(tmp_path)
    ended = subprocess.run(
        [sys.executable, "-S", "-I", "-c", ANSWER, str(tmp_path), str(EXAMPLE)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode == 0, ended.stderr
    answer = json.loads(ended.stdout)
    golden = json.loads((EXAMPLE / "recommendation.golden.json").read_text())
    assert answer == {"said": golden, "elsewhere": [], "heavy": []}


def test_the_model_is_asked_from_the_zip_alone(built: Path, tmp_path: Path) -> None:
    """The SDK and all it stands on are in the zip, compiled, and loaded only when a model is."""
    with zipfile.ZipFile(built) as archive:
        archive.extractall(tmp_path)
    with serving([claims()]) as api:
        ended = subprocess.run(
            [sys.executable, "-S", "-I", "-c", ASK, str(tmp_path), str(EXAMPLE), api.url],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
    assert ended.returncode == 0, ended.stderr
    notes, elsewhere, uncompiled = json.loads(ended.stdout)
    assert "was asked for" in notes[-1]
    assert (elsewhere, uncompiled) == ([], [])


def test_a_comment_is_kept_from_the_zip_alone(built: Path, tmp_path: Path) -> None:
    """PyGithub and all it stands on are in the zip, compiled, and loaded only when it is asked."""
    with zipfile.ZipFile(built) as archive:
        archive.extractall(tmp_path)
    issue = FakeIssue()
    with local_server(issue.answer) as server:
        ended = subprocess.run(
            [sys.executable, "-S", "-I", "-c", COMMENT, str(tmp_path), server.url],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert ended.returncode == 0, ended.stderr
    url = "https://github.example/owner/name/pull/7#issuecomment-1"
    assert json.loads(ended.stdout) == [url, [], []]
    assert list(issue.bodies) == [1]


def test_a_distribution_without_a_record_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A package that cannot be listed ends the build: a zip without it would not start."""

    class Unlisted:
        name = "pydantic"
        files = None

    monkeypatch.setattr(packaging, "distribution", lambda name: Unlisted())
    with pytest.raises(SystemExit, match="no RECORD"):
        write_zip(tmp_path / "analyzer.zip")
    assert not list(tmp_path.iterdir())
