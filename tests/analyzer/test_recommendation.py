"""What the analyzer says of small services, and that every word of it can be looked up."""

import json
from pathlib import Path

import pytest

from analyzer import SourceTree, analyze, read_manifest_of
from analyzer.resolution import FIELDS
from analyzer.variables import RECOMMENDED_VARIABLES, variables_document
from delightful.manifest import Database, HealthCheck, Manifest
from delightful.recommendation import Recommendation
from delightful.variables import RECOMMENDABLE

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
COMMIT = "0" * 40

DJANGO = {
    "requirements.txt": "Django==5.1\ngunicorn\npsycopg2-binary\nredis\n",
    ".python-version": "3.12.4\n",
    "manage.py": "import os\n\nos.environ.setdefault('DJANGO_SETTINGS', 'x')\n",
    "shop/wsgi.py": (
        "from django.core.wsgi import get_wsgi_application\n\n"
        "application = get_wsgi_application()\n"
    ),
    "shop/settings.py": (
        "KEY = os.environ['SECRET_KEY']\nURL = os.getenv('DATABASE_URL')\n"
        "CACHES = {'default': {'BACKEND': 'django.core.cache.backends.redis.RedisCache'}}\n"
    ),
    "tests/test_a.py": "import os\nos.environ['ONLY_IN_TESTS']\n",
    "package.json": '{"devDependencies": {"vite": "5"}}\n',
}
FASTAPI = {
    "pyproject.toml": (
        '[project]\nname = "api"\nrequires-python = ">=3.11"\n'
        'dependencies = [\n  "fastapi>=0.110",\n  "uvicorn[standard]",\n'
        '  "asyncpg", "aiomysql",\n]\n'
    ),
    "api/main.py": (
        "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n"
        '@app.get("/healthz")\ndef health():\n    return {}\n'
    ),
}
EXPRESS = {
    "package.json": json.dumps(
        {
            "name": "web",
            "private": True,
            "scripts": {"start": "node src/index.js", "test": "jest"},
            "dependencies": {"express": "^4", "pg": "^8", "ioredis": "^5"},
            "engines": {"node": ">=18.0.0"},
        },
        indent=2,
    ),
    ".nvmrc": "v20.11\n",
    "src/index.js": (
        "const Redis = require('ioredis')\n"
        "const seen = new Redis()\n"
        "const app = require('express')()\n"
        "app.get('/health', (q, r) => r.end())\n"
        "app.listen(process.env.PORT || 4100, process.env['BIND'])\n"
    ),
    "src/index.test.js": "process.env.ONLY_IN_TESTS\n",
}
CONTAINER = {
    "Dockerfile": (
        "ARG VERSION=20.9\n"
        "FROM node:${VERSION}-alpine AS base\n"
        "ENV NODE_ENV=production \\\n"
        "    PORT=5000\n"
        "FROM base AS build\n"
        "RUN npm ci && npm run build\n"
        "CMD npm run dev\n"
        "FROM base\n"
        "COPY --from=build /app /app\n"
        "EXPOSE 9229\n"
        "# a comment\n"
        "HEALTHCHECK --interval=5s \\\n"
        "  CMD wget -qO- http://localhost:5000/live/ready || exit 1\n"
        'ENTRYPOINT ["tini", "--"]\n'
        'CMD ["node", "dist/main.js"]\n'
    ),
    "compose.yaml": (
        "services:\n"
        "  web:\n"
        "    build: .\n"
        "    ports:\n"
        '      - "80:5000"\n'
        "    environment:\n"
        "      SECRET_KEY: not-to-be-shown\n"
        "      MODE: web\n"
        "  store:\n"
        "    image: docker.io/library/postgres:16-alpine\n"
        "  queue: &queue\n"
        "    image: valkey/valkey\n"
    ),
}
HEROKU = {
    "Procfile": "release: python manage.py migrate\nweb: gunicorn shop.wsgi --log-file -\n"
    "worker: celery -A shop worker\n",
    "requirements.txt": "flask\n",
    "shop.py": "pass\n",
}
LIBRARY = {
    "pyproject.toml": '[build-system]\nrequires = ["hatchling"]\n[project]\nname = "shapes"\n',
    "shapes/__init__.py": "def area(): ...\n",
}
ODD = {
    "Dockerfile": "FROM\nCMD [not json\nEXPOSE\nENV\n",
    "compose.yaml": "services: [1, {a: *nothing}\n",
    "package.json": '{"scripts": [], "dependencies": 7, "bin": {}}',
    "pyproject.toml": "[project\n",
    "Procfile": "web:\n:\n\n",
    "app.py": "\n\n\n",
    "latin.py": "x = 1",
}
TREES = {
    "django": DJANGO,
    "fastapi": FASTAPI,
    "express": EXPRESS,
    "container": CONTAINER,
    "heroku": HEROKU,
    "library": LIBRARY,
    "odd": ODD,
    "empty": {},
}


def recommended(files: dict[str, str], manifest: Manifest | None = None) -> Recommendation:
    """Analyze a tree of texts."""
    return analyze(SourceTree.of_files(files), manifest, service="shop", commit=COMMIT)


def values(files: dict[str, str], *fields: str) -> list[object]:
    """Return the values of some answers."""
    answers = {answer.field: answer.value for answer in recommended(files).answers}
    return [answers[field] for field in fields]


def tree_named(name: str) -> SourceTree:
    """Return one of the trees above, or an example's."""
    if name in TREES:
        return SourceTree.of_files(TREES[name])
    return SourceTree.of_folder(EXAMPLES / name)


@pytest.mark.parametrize("name", [*TREES, "hello-python", "hello-node"])
def test_every_answer_can_be_looked_up(name: str) -> None:
    """Each answer but "unknown" quotes lines that exist and say so; each field is answered once."""
    tree = tree_named(name)
    said = analyze(tree, read_manifest_of(tree), service="shop", commit=COMMIT)
    assert tuple(answer.field for answer in said.answers) == FIELDS
    for answer in said.answers:
        assert (answer.value is None) == (not answer.evidence), answer
        for evidence in answer.evidence:
            lines = (tree.text(evidence.file) or "").split("\n")
            assert evidence.quote, answer
            assert evidence.quote in lines[evidence.line - 1], answer


@pytest.mark.parametrize("name", ["hello-python", "hello-node"])
def test_the_examples_are_read_as_their_golden_files_say(name: str) -> None:
    """An example's recommendation is its `recommendation.golden.json`, byte for byte."""
    tree = SourceTree.of_folder(EXAMPLES / name)
    said = analyze(tree, read_manifest_of(tree), service=name, commit=COMMIT)
    golden = EXAMPLES / name / "recommendation.golden.json"
    hint = "if every change is meant: python tests/analyzer/write_golden.py"
    assert golden.read_text() == f"{said.model_dump_json(indent=2)}\n", hint


@pytest.mark.parametrize("name", ["hello-python", "hello-node"])
def test_the_examples_are_understood_without_manifest_and_dockerfile(name: str) -> None:
    """Source alone tells kind, language, port and health path of the examples."""
    suffix = {"hello-python": "server.py", "hello-node": "server.js"}[name]
    said = dict.fromkeys([suffix], (EXAMPLES / name / suffix).read_text())
    language = name.removeprefix("hello-")
    answers = values(said, "kind", "language", "port", "health_path")
    assert answers == ["web", language, 8080, "/healthz"]


def test_django_is_understood_from_its_source() -> None:
    """Framework, version, server and variables of a Django service; its tests do not count."""
    assert values(
        DJANGO, "kind", "language", "runtime_version", "framework", "port", "start_command"
    ) == ["web", "python", "3.12.4", "django", 8000, ["gunicorn", "shop.wsgi:application"]]
    assert values(DJANGO, "database", "cache", "environment_variables") == [
        "postgres",
        "redis",
        ["DATABASE_URL", "DJANGO_SETTINGS", "SECRET_KEY"],
    ]


def test_fastapi_is_understood_from_its_source() -> None:
    """The application's own route is its health path; drivers of two databases are no database."""
    assert values(FASTAPI, "framework", "runtime_version", "health_path", "database") == [
        "fastapi",
        "3.11",
        "/healthz",
        None,
    ]
    (command,) = values(FASTAPI, "start_command")
    assert "uvicorn api.main:app --host 0.0.0.0" in str(command)


def test_express_is_understood_from_its_source() -> None:
    """Node's script, port, version file and routes are read; `engines` is only a range."""
    assert values(EXPRESS, "kind", "language", "runtime_version", "framework", "port") == [
        "web",
        "node",
        "20.11",
        "express",
        4100,
    ]
    assert values(EXPRESS, "start_command", "health_path", "database", "cache") == [
        ["node", "src/index.js"],
        "/health",
        "postgres",
        "redis",
    ]
    assert values(EXPRESS, "environment_variables") == [["BIND", "PORT"]]


def test_dockerfile_and_compose_are_understood_by_stage() -> None:
    """The last stage and what it is built on count; ENTRYPOINT and CMD are one command."""
    assert values(CONTAINER, "language", "runtime_version", "port", "health_path") == [
        "node",
        "20.9",
        5000,
        "/live/ready",
    ]
    assert values(CONTAINER, "start_command", "database", "cache", "environment_variables") == [
        ["tini", "--", "node", "dist/main.js"],
        "postgres",
        "redis",
        ["MODE", "SECRET_KEY"],
    ]
    assert "not-to-be-shown" not in recommended(CONTAINER).model_dump_json()


def test_the_images_own_command_is_not_given_again() -> None:
    """A command that the image has already would come on top of its ENTRYPOINT."""
    assert "start_command" not in recommended(CONTAINER).variables
    assert recommended(EXPRESS).variables["start_command"] == ["node", "src/index.js"]


def test_a_procfile_tells_web_and_worker() -> None:
    """The web process is the command; another type is a worker; release is neither."""
    assert values(HEROKU, "kind", "start_command", "worker") == [
        "web",
        ["gunicorn", "shop.wsgi", "--log-file", "-"],
        True,
    ]


def test_a_library_is_told_that_there_is_nothing_to_deploy() -> None:
    """A library gets no variables and a note that says why."""
    said = recommended(LIBRARY)
    assert said.variables == {}
    assert "this is a library: there is nothing to deploy" in said.notes


def test_the_manifest_always_wins() -> None:
    """What the manifest says stands, however sure the files are of something else."""
    manifest = Manifest(
        service="shop",
        port=9999,
        start_command=("./run",),
        health_check=HealthCheck(path="/mine"),
        cpu_units=1024,
        memory_mib=2048,
    )
    assert recommended(CONTAINER, manifest).variables == {
        "container_port": 9999,
        "start_command": ["./run"],
        "health_check": {"path": "/mine"},
        "cpu_units": 1024,
        "memory_mib": 2048,
    }


def test_the_manifest_says_which_stores_the_service_has() -> None:
    """What a service asks for is its database, whatever its compose file tries things with."""
    manifest = Manifest(service="shop", database=Database(engine="mysql"))
    said = recommended(CONTAINER, manifest)
    database, cache = said.answer("database"), said.answer("cache")
    assert database is not None
    assert cache is not None
    assert (database.value, database.confidence, cache.value) == ("mysql", "high", "redis")
    assert "database" not in said.variables


def test_unsure_answers_set_no_variable() -> None:
    """A port that only a framework's habit speaks for is told, and left to the environment."""
    said = recommended({"requirements.txt": "flask\n", "a.py": "pass\n"})
    port = said.answer("port")
    assert port is not None
    assert (port.value, port.confidence) == (5000, "low")
    assert "container_port" not in said.variables


@pytest.mark.parametrize("name", TREES)
def test_only_declared_variables_are_set(name: str) -> None:
    """The analyzer sets names of its closed list, all of them declared by Terraform."""
    declared = (ROOT / "infrastructure/service/variables.tf").read_text()
    assert recommended(TREES[name]).variables.keys() <= RECOMMENDED_VARIABLES
    assert RECOMMENDED_VARIABLES <= RECOMMENDABLE
    assert all(f'variable "{variable}" {{' in declared for variable in RECOMMENDED_VARIABLES)


def test_the_same_tree_gives_the_same_bytes() -> None:
    """The order in which files are met changes nothing."""
    for files in TREES.values():
        turned = dict(reversed(files.items()))
        assert variables_document(recommended(files)) == variables_document(recommended(turned))
        assert recommended(files).model_dump_json() == recommended(turned).model_dump_json()


def test_a_hostile_line_costs_no_time() -> None:
    """Megabytes in one line, or of almost-matches, are passed over."""
    files = {
        "requirements.txt": "flask\n",
        "minified.py": 'os.environ.get("A' * 60_000,
        "almost.py": ("environ.get( " * 100 + "\n") * 700,
        "deep.json": "[" * 100_000,
        "compose.yaml": "a: " + "[" * 5000,
        "package.json": "[" * 100_000,
    }
    assert values(files, "framework", "environment_variables") == ["flask", None]
