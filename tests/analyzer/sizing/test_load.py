"""What is read of processes, threads, heap and queues, and what is not mistaken for it."""

import pytest

from analyzer import SourceTree
from analyzer.sizing.load import Load, load_of
from delightful.manifest import Manifest, Traffic

JSON_COMMAND = (
    'FROM python:3.12\nRUN pip install uvicorn\nCMD ["gunicorn", \\\n  "-w", "6", "a:b"]\n'
)


def read(path: str, text: str) -> Load:
    """Read a tree of one file."""
    return load_of(SourceTree.of_files({path: text}), None)


@pytest.mark.parametrize(
    ("path", "text", "field", "value", "line"),
    [
        ("Procfile", "web: gunicorn a:b -w 4\n", "processes", 4, 1),
        ("Procfile", "web: gunicorn a:b --workers=3 --threads 8\n", "threads", 8, 1),
        ("Dockerfile", JSON_COMMAND, "processes", 6, 4),
        ("Dockerfile", "FROM python\nENV WEB_CONCURRENCY=5\n", "processes", 5, 2),
        ("Dockerfile", "FROM python\nENV WEB_CONCURRENCY 5\n", "processes", 5, 2),
        ("docker-entrypoint.sh", "exec uvicorn a:b --workers 2\n", "processes", 2, 1),
        (
            "compose.yaml",
            "services:\n  a:\n    environment:\n      WEB_CONCURRENCY: '7'\n",
            "processes",
            7,
            4,
        ),
        ("app.json", '{"env": {"WEB_CONCURRENCY": {\n  "value": "2"}}}', "processes", 2, 2),
        ("render.yaml", "envVars:\n  - key: WEB_CONCURRENCY\n    value: 3\n", "processes", 3, 3),
        (
            ".delightful.yaml",
            "service: a\nenvironment: {WEB_CONCURRENCY: '9'}\n",
            "processes",
            9,
            2,
        ),
        ("gunicorn.conf.py", "bind = ':80'\nworkers = 3\n", "processes", 3, 2),
        ("config/puma.rb", 'workers ENV.fetch("WEB_CONCURRENCY") { 2 }\n', "processes", 2, 1),
        ("config/puma.rb", "threads 1, 6\n", "threads", 6, 1),
        ("config/puma.rb", 'threads_count = ENV.fetch("RAILS_MAX_THREADS", 3)\n', "threads", 3, 1),
        ("Procfile", "web: bundle exec puma -w 2 -t 5:16\n", "threads", 16, 1),
        ("config/unicorn.rb", "worker_processes 4\n", "processes", 4, 1),
        (
            "ecosystem.config.js",
            "module.exports = {apps: [{\n  instances: 4,\n}]}\n",
            "processes",
            4,
            2,
        ),
        ("package.json", '{"scripts": {"start": "pm2-runtime app.js -i 3"}}', "processes", 3, 1),
        ("docker/www.conf", "[www]\npm.max_children = 20\n", "processes", 20, 2),
        ("uwsgi.ini", "[uwsgi]\nprocesses = 8\n", "processes", 8, 2),
        ("Dockerfile", "FROM temurin\nENV JAVA_OPTS='-Xmx2g'\n", "heap_mib", 2048, 2),
        ("Procfile", "worker: celery -A a worker --concurrency=8\n", "consumers", 8, 1),
        ("requirements.txt", "flask\ncelery==5.4\n", "queue", "redis", 2),
        (
            "pyproject.toml",
            '[project]\ndependencies = ["procrastinate>=2"]\n',
            "queue",
            "database",
            2,
        ),
        ("package.json", '{"dependencies": {\n  "bullmq": "^5"}}', "queue", "redis", 2),
        ("Gemfile", 'gem "rails"\ngem "sidekiq"\n', "queue", "redis", 2),
        ("requirements/default.txt", "celery==5.4\n", "queue", "redis", 1),
        ("requirements-web.txt", "rq\n", "queue", "redis", 1),
        ("Gemfile", 'gem "good_job"\n', "queue", "database", 1),
        ("go.mod", "require (\n\tgithub.com/rabbitmq/amqp091-go v1.9.0\n)\n", "queue", "broker", 2),
        ("pom.xml", "<artifactId>spring-kafka</artifactId>\n", "queue", "broker", 1),
        ("composer.json", '{"require": {"laravel/horizon": "^5"}}', "queue", "redis", 1),
        ("mix.exs", '{:oban, "~> 2.17"}\n', "queue", "database", 1),
        ("Shop/Shop.csproj", '<PackageReference Include="Hangfire" />\n', "queue", "database", 1),
        ("Dockerfile", "FROM node AS build\nRUN x\nFROM nginx:1.27\n", "static", True, 3),
    ],
)
def test_what_files_say_of_the_load_is_read(
    path: str, text: str, field: str, value: object, line: int
) -> None:
    """Each form that people write is read, with the line that says so."""
    fact = getattr(read(path, text), field)
    assert (fact.value, fact.evidence.file, fact.evidence.line) == (value, path, line)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("config/puma.rb", "# workers 4\n"),
        ("Dockerfile", "FROM python\n# CMD gunicorn -w 4 a:b\n"),
        ("Procfile", "web: curl -w 5 x\n"),
        ("Procfile", "web: gunicorn a:b\nworker: celery worker --concurrency 4\n"),
        ("Dockerfile", "FROM python\nENV WEB_CONCURRENCY=0\n"),
        ("tests/gunicorn.conf.py", "workers = 3\n"),
        ("docs/Procfile", "web: gunicorn -w 9\n"),
        ("a/b/c/d/Procfile", "web: gunicorn -w 9\n"),
        ("requirements.txt", "# celery\ncelery-types\n"),
        ("package.json", '{"name": "bull"}'),
        ("Dockerfile", "FROM nginx AS assets\nFROM python:3.12\n"),
    ],
)
def test_what_only_looks_like_it_is_not_read(path: str, text: str) -> None:
    """Comments, other programs' flags, samples and names alike say nothing."""
    load = read(path, text)
    assert (load.processes, load.queue, load.static) == (None, None, None)


def test_a_flag_outweighs_the_variable_and_the_variable_a_default() -> None:
    """As the servers have it: the flag, then the environment, then what a file falls back to."""
    default = {"gunicorn.conf.py": 'workers = int(os.environ.get("WEB_CONCURRENCY", 2))\n'}
    variable = {"Dockerfile": "FROM python\nENV WEB_CONCURRENCY=3\n"}
    flag = {"Procfile": "web: gunicorn a:b -w 4\n"}
    for files, processes in ((default, 2), ({**default, **variable}, 3), ({**variable, **flag}, 4)):
        fact = load_of(SourceTree.of_files(files), None).processes
        assert fact is not None
        assert fact.value == processes


def test_the_declared_traffic_quotes_its_line() -> None:
    """The rate of the manifest is read where it stands; beside the files it quotes nothing."""
    manifest = Manifest(service="shop", traffic=Traffic(requests_per_second=50))
    text = "service: shop\ntraffic:\n  requests_per_second: 50\n"
    inside = load_of(SourceTree.of_files({".delightful.yaml": text}), manifest).requests_per_second
    beside = load_of(SourceTree.of_files({}), manifest).requests_per_second
    assert inside is not None
    assert beside is not None
    assert inside.evidence is not None
    assert (inside.value, inside.evidence.line) == (50, 3)
    assert (beside.value, beside.evidence) == (50, None)
