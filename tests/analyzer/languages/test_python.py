"""What the analyzer reads from a Python service's own files, with nothing else beside them."""

import pytest

from analyzer import SourceTree, analyze
from delightful.recommendation import Recommendation

FLASK = {"requirements.txt": "flask==3.0\n"}
DJANGO = {
    "requirements.txt": "Django==5.1\ngunicorn\n",
    "manage.py": "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n",
    "shop/wsgi.py": "application = get_wsgi_application()\n",
}
POSTGRES = {**DJANGO, "requirements.txt": "Django==5.1\ngunicorn\npsycopg[binary]\n"}


def recommended(files: dict[str, str], folder: str = "") -> Recommendation:
    """Analyze a tree of texts."""
    tree = SourceTree.of_files(files, folder)
    return analyze(tree, None, service="shop", commit="0" * 40)


def value(files: dict[str, str], field: str) -> object:
    """Return one answer."""
    answer = recommended(files).answer(field)
    assert answer is not None
    return answer.value


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("requirements.txt", "Flask==3.0.1\n"),
        ("requirements.in", "flask\n"),
        ("requirements/base.txt", "flask>=3\n"),
        ("pyproject.toml", '[project]\ndependencies = [\n  "flask[async]>=3",\n]\n'),
        ("pyproject.toml", '[tool.poetry.dependencies]\npython = "^3.12"\nFlask = "^3.0"\n'),
        ("Pipfile", '[packages]\nflask = "*"\n'),
        ("setup.cfg", "[options]\ninstall_requires =\n    flask>=3\n"),
        ("setup.py", "setup(install_requires=['flask>=3'])\n"),
        ("environment.yml", "dependencies:\n  - python=3.11\n  - flask=3.0\n"),
    ],
)
def test_the_framework_is_found_wherever_packages_are_named(path: str, text: str) -> None:
    """Every file in which Python projects name their packages is read."""
    assert value({path: text, "shop.py": "import flask\n"}, "framework") == "flask"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("requirements-dev.txt", "flask\n"),
        ("pyproject.toml", '[project]\nname = "a"\n[dependency-groups]\ndev = ["flask"]\n'),
        ("Pipfile", '[packages]\n\n[dev-packages]\nflask = "*"\n'),
    ],
)
def test_what_developers_install_is_not_the_framework(path: str, text: str) -> None:
    """Packages of development and test groups say nothing of the service."""
    assert value({path: text, "shop.py": "x = 1\n"}, "framework") is None


@pytest.mark.parametrize(
    ("extra", "framework"),
    [
        ("requirements-pages.txt", None),
        ("pages-requirements.txt", None),
        ("requirements-web.txt", "flask"),
        ("requirements-prod.txt", "flask"),
    ],
)
def test_what_is_installed_on_request_is_not_the_framework(
    extra: str, framework: str | None
) -> None:
    """Beside the plain list of packages, another is for those who want more."""
    files = {extra: "flask\n", "shop.py": "x = 1\n"}
    assert value(files, "framework") == "flask"
    assert value({**files, "requirements.txt": "attrs\n"}, "framework") == framework


@pytest.mark.parametrize(
    ("chosen", "cache"), [("acme-tools\n", "none"), ("acme-tools\nflask-redis\n", "redis")]
)
def test_what_another_package_brings_needs_no_cache(chosen: str, cache: str) -> None:
    """The list that was made of a shorter one has it, the code may never call it."""
    made = "acme-tools==1\nflask-redis==0.4.0\n    # via acme-tools\nredis==5\n"
    files = {"requirements.in": chosen, "requirements.txt": made, "shop.py": "x = 1\n"}
    assert value(files, "cache") == cache


@pytest.mark.parametrize(
    ("path", "text", "version"),
    [
        (".python-version", "3.12.4\n", "3.12.4"),
        ("runtime.txt", "python-3.11.5\n", "3.11.5"),
        (".tool-versions", "nodejs 20\npython 3.13.1\n", "3.13.1"),
        ("mise.toml", '[tools]\npython = "3.12"\n', "3.12"),
        ("pyproject.toml", '[project]\nrequires-python = ">=3.11,<3.12"\n', "3.11"),
        ("pyproject.toml", '[tool.poetry.dependencies]\npython = "^3.10"\n', "3.10"),
        ("setup.py", "setup(python_requires='>=3.9')\n", "3.9"),
        ("pyproject.toml", '[tool.ruff]\ntarget-version = "py312"\n', "3.12"),
    ],
)
def test_the_version_is_read_from_what_pins_it(path: str, text: str, version: str) -> None:
    """Each file that pins Python is believed; tools' targets only where nothing else is said."""
    assert value({**FLASK, "shop.py": "x = 1\n", path: text}, "runtime_version") == version


def test_a_version_above_the_service_counts() -> None:
    """A service of a monorepo is run by the Python that the repository's root pins."""
    files = {".python-version": "3.13\n", "api/requirements.txt": "flask\n", "api/a.py": "x = 1\n"}
    answer = recommended(files, "api").answer("runtime_version")
    assert answer is not None
    assert (answer.value, answer.evidence[0].file) == ("3.13", "../.python-version")


@pytest.mark.parametrize(
    ("text", "port"),
    [
        ("port = int(os.environ.get('PORT', 5001))\n", 5001),
        ("port = int(os.getenv('PORT') or 5002)\n", 5002),
        ("port = os.getenv('SHOP_SERVER_PORT', '5003')\n", 5003),
        ("app.run(host=os.getenv('HOST', '0'), port=5004)\n", 5004),
        ("class Settings(BaseSettings):\n    port: int = 5005\n", 5005),
        ("smtp = os.getenv('SMTP_PORT', '5006')\n", 5000),
        ("client = connect('db', port=5432)\n", 5000),
        ("{'PORT': os.environ.get('SQL_PORT', '5432')}\n", 5000),
    ],
)
def test_the_port_is_the_services_own(text: str, port: int) -> None:
    """Ports that a service listens on are read, ports that it connects to are not."""
    assert value({**FLASK, "main.py": text}, "port") == port


def test_what_is_served_may_hold_its_application() -> None:
    """An optional package that the outermost file makes a server with is its framework."""
    served = (
        "from flask import Flask\n\n\nclass Server:\n    def __init__(self):\n"
        "        self.app = Flask(__name__)\n\n\n"
    )
    files = {
        "pyproject.toml": '[project]\nname = "a"\noptional-dependencies.server = ["flask"]\n',
        "app.py": f"{served}def create_app():\n    return Server().app\n",
        "compose.yml": "services:\n  a:\n    build: .\n    ports: ['80:5001']\n",
    }
    assert value(files, "framework") == "flask"


@pytest.mark.parametrize(
    ("path", "text", "port"),
    [
        ("gunicorn.conf.py", 'bind = "0.0.0.0:8001"\n', 8001),
        ("config/gunicorn.conf", "bind = ['0.0.0.0:8009']\n", 8009),
        ("uwsgi.ini", "[uwsgi]\nhttp = :8002\n", 8002),
        ("entrypoint.sh", "exec gunicorn -b :8003 main:app\n", 8003),
        ("config/config.yml", "redis:\n  port: 6379\nhost: 127.0.0.1\nport: 8004\n", 8004),
        (
            "entrypoint.sh",
            "exec gunicorn 'shop:app' \\\n    --bind '0.0.0.0:8008' \\\n    -w 2\n",
            8008,
        ),
        ("Makefile", "run:\n\tpoetry run flask run -p 6011 --host=0.0.0.0\n", 6011),
        ("web/Makefile", "run:\n\tflask run -p 6011\n", 5000),
        (".flaskenv", "FLASK_RUN_PORT=8005\n", 8005),
        ("docker/files/usr/local/etc/gunicorn/shop.py", 'bind = "0.0.0.0:8012"\n', 8012),
        (".s2i/bin/run", 'exec gunicorn "$APP" --bind=0.0.0.0:8006 --access-logfile=-\n', 8006),
        ("run.py", 'import gunicorn\nself.cfg.set("bind", "0.0.0.0:8007")\n', 8007),
    ],
)
def test_files_beside_the_source_tell_the_port(path: str, text: str, port: int) -> None:
    """What configures or launches the server says where it listens."""
    assert value({**FLASK, "main.py": "app = Flask(__name__)\n", path: text}, "port") == port


@pytest.mark.parametrize(
    ("files", "database"),
    [
        ({"shop/settings.py": "{'ENGINE': 'django.db.backends.mysql'}\n"}, "mysql"),
        ({"shop/settings/db.py": "PG_ENGINE = 'django.db.backends.postgresql'\n"}, "postgres"),
        ({"shop/settings.py": "{'ENGINE': 'django.db.backends.sqlite3'}\n"}, "sqlite"),
        ({"shop/settings.py": "dj_database_url.config(default='postgres://a/b')\n"}, "postgres"),
    ],
)
def test_djangos_settings_tell_the_database(files: dict[str, str], database: str) -> None:
    """The engine that the settings name is the database, the file as well as a server."""
    assert value({**DJANGO, **files}, "database") == database


def test_the_file_is_no_database_beside_a_servers_driver() -> None:
    """Settings that fall back to a file while a driver is installed run on the driver's server."""
    settings = {"shop/settings.py": "{'ENGINE': 'django.db.backends.sqlite3'}\n"}
    assert value({**POSTGRES, **settings}, "database") == "postgres"


@pytest.mark.parametrize(
    ("text", "database"),
    [
        ("DATABASE_URL = os.getenv('DB', 'postgresql+asyncpg://localhost/shop')\n", "postgres"),
        ("engine = create_engine('sqlite:///shop.db')\n", "sqlite"),
        ("from pydantic import PostgresDsn\nurl: PostgresDsn\n", "postgres"),
        ("from pymongo import MongoClient\nclient = MongoClient()\n", "mongodb"),
        ("import boto3\ntable = boto3.resource('dynamodb')\n", "dynamodb"),
        ("from peewee import MySQLDatabase\ndb = MySQLDatabase('a')\n", "mysql"),
        ("docs = 'https://postgres://example'\n", "none"),
        ("# DATABASE_URL = 'postgresql://user@host/shop'\n", "none"),
    ],
)
def test_source_tells_the_database(text: str, database: str) -> None:
    """Connection URLs, their types and clients are read where packages say nothing."""
    assert value({**FLASK, "main.py": text}, "database") == database


@pytest.mark.parametrize(
    ("test", "database"),
    [("os.getenv('DB_HOST')", "sqlite"), ("os.getenv('FAST')", "postgres")],
)
def test_a_file_is_the_database_where_no_variable_names_a_server(test: str, database: str) -> None:
    """What runs out of the box is the answer; a driver beside it is for those who set more."""
    text = (
        f"if {test}:\n    D = {{'ENGINE': 'django.db.backends.postgresql'}}\n"
        "else:\n    D = {'ENGINE': 'django.db.backends.sqlite3'}\n"
    )
    assert value({**POSTGRES, "shop/settings.py": text}, "database") == database


def test_a_list_without_end_is_read_to_a_bound() -> None:
    """Each name costs the lines before it, so what nobody writes by hand is not read to its end."""
    names = "".join(f"package{number}\n" for number in range(3_000))
    files = {"main.py": "x = 1\n"}
    assert value({**files, "requirements.txt": f"rq\n{names}"}, "cache") == "redis"
    assert value({**files, "requirements.txt": f"{names}rq\n"}, "cache") == "none"


def test_a_queue_on_another_broker_needs_no_redis() -> None:
    """What client of Redis is required besides is not the queue's."""
    files = {"requirements.txt": "django\ncelery\nredis\n", "manage.py": "import django\n"}
    assert value(files, "cache") == "redis"
    broker = "CELERY_BROKER_URL = 'amqp://guest:guest@localhost:5672//'\n"
    assert value({**files, "shop/settings.py": broker}, "cache") == "none"


def test_a_tool_for_many_databases_owns_none_of_them() -> None:
    """Connections to three flavours and more say nothing of the service's own store."""
    text = "".join(
        f"import {name}\n{name}.connect()\n" for name in ("psycopg2", "pymysql", "sqlite3")
    )
    assert value({**FLASK, "main.py": text}, "database") == "none"


@pytest.mark.parametrize(
    ("requirements", "text", "cache"),
    [
        ("flask\nrq\n", "x = 1\n", "redis"),
        ("celery[redis]\n", "x = 1\n", "redis"),
        ("flask\n", "url = 'redis://localhost'\n", "redis"),
        ("flask\n", "url = os.environ['SHOP_REDIS_URL']\n", "redis"),
        ("flask\npymemcache\n", "import pymemcache\npymemcache.Client(1)\n", "memcached"),
        ("flask\n", "if url.startswith('redis://'):\n    pass\n", "none"),
        ("flask\n", "x = 1\n", "none"),
        ("celery\nredis\n", "x = 1\n", "redis"),
    ],
)
def test_the_cache_is_what_the_service_cannot_run_without(
    requirements: str, text: str, cache: str
) -> None:
    """Queues on Redis, URLs, variables and clients speak for a cache; else there is none."""
    assert value({"requirements.txt": requirements, "main.py": text}, "cache") == cache


@pytest.mark.parametrize(
    ("files", "worker"),
    [
        ({"requirements.txt": "flask\ncelery\n"}, True),
        ({"requirements.txt": "django\nhuey\n"}, True),
        ({"start-worker.sh": "exec celery -A shop worker\n"}, True),
        ({"supervisord.conf": "command=python manage.py rqworker\n"}, True),
        ({"etc/supervisor/jobs.conf": "[program:a]\ncommand=python a.py run-workers\n"}, True),
        ({"cli.py": "import click\n@shop.group('scheduler')\ndef run():\n    x = 1\n"}, True),
        ({"cli.py": "import click\n@shop.group('orders')\nx = 'worker'\n"}, False),
        ({}, False),
    ],
)
def test_queues_are_workers(files: dict[str, str], worker: bool) -> None:
    """A task queue among the packages, or a script that starts one, is a process of its own."""
    assert value({**FLASK, "main.py": "x = 1\n", **files}, "worker") is worker


@pytest.mark.parametrize(
    ("files", "path"),
    [
        ({"main.py": "import flask\n@app.route('/healthz', methods=['GET'])\n"}, "/healthz"),
        ({"shop/urls.py": "path('check/', HealthCheckView.as_view())\n"}, "/check/"),
        (
            {"shop/urls.py": "re_path(r'^health.json$', views.HealthView.as_view())\n"},
            "/health.json",
        ),
        ({"shop/urls.py": "path('check/', CartView.as_view())\n"}, None),
        (
            {
                "main.py": "import flask\nfrom flask_healthz import healthz\n"
                "app.register_blueprint(healthz, url_prefix='/healthz')\n"
            },
            "/healthz/ready",
        ),
        (
            {
                "main.py": (
                    "from fastapi import FastAPI\napp.include_router(api, prefix=settings.API)\n"
                ),
                "config.py": "API: str = '/api/v1'\n",
                "health.py": (
                    "from fastapi import APIRouter\nrouter = APIRouter(prefix='/utils')\n"
                    "@router.get('/health-check/')\n"
                ),
            },
            "/api/v1/utils/health-check/",
        ),
        (
            {"main.py": "from fastapi import x\napp.include_router(h.router, prefix='/health')\n"},
            "/health",
        ),
        (
            {
                "shop/urls.py": "path('api/', include('stock.urls'))\n",
                "stock/urls.py": "urlpatterns = [\n  path('readyz', ready),\n]\n",
            },
            "/api/readyz",
        ),
        (
            {
                "shop/urls.py": (
                    "routes = [\n  path('status/', s),\n]\n"
                    "urlpatterns = [path('api/v3/', include(routes))]\n"
                )
            },
            "/api/v3/status/",
        ),
        ({"main.py": "from aiohttp import web\nr = [web.get('/health', ok)]\n"}, "/health"),
        ({"main.py": "from litestar import get\n@get('/health')\n"}, "/health"),
        ({"main.py": "from fastapi import x\n@app.get('/probe')\n"}, "/probe"),
        ({"main.py": "import requests\nrequests.get('/health')\n"}, None),
        (
            {"shop/urls.py": "u = [path('watchman/', include('watchman.urls'))]\n"},
            "/watchman/",
        ),
        ({"shop/urls.py": "u = [url(r'^-/', include('django_alive.urls'))]\n"}, "/-/health/"),
        (
            {"shop/urls.py": "u = [path('checks/', include('health_check.urls'))]\n"},
            "/checks/",
        ),
        ({"shop/urls.py": "u = [path('shop/', include('shop.urls'))]\n"}, None),
        (
            {"shop/settings.py": "M = ['dockerflow.django.middleware.DockerflowMiddleware']\n"},
            "/__heartbeat__",
        ),
        (
            {"main.py": "from dockerflow.flask import Dockerflow\nd = Dockerflow(app)\n"},
            "/__heartbeat__",
        ),
        ({"shop/urls.py": "path('orders/queue/status/', s)\n"}, None),
        ({"shop/urls.py": "path('pingdom/ping.xml', ping)\n"}, "/pingdom/ping.xml"),
        (
            {"main.py": "import falcon\napp.add_route('beat', '/__heartbeat__', Beat())\n"},
            "/__heartbeat__",
        ),
        (
            {
                "shop/asgi.py": (
                    "app = get_asgi_application()\napp = health_check(app, '/healthz/')\n"
                )
            },
            "/healthz/",
        ),
        (
            {
                "main.py": (
                    "from fastapi import FastAPI\nfrom shop import orders, ping\n"
                    "app.include_router(ping.router)\n"
                    "app.include_router(orders.router, prefix='/orders')\n"
                ),
                "ping.py": "from fastapi import APIRouter\n@router.get('/ping')\n",
            },
            "/ping",
        ),
        (
            {
                "main.py": (
                    "from fastapi import FastAPI\ninner.include_router(routes)\n"
                    "app.mount('/api/v2', app=inner)\n"
                ),
                "routes.py": "from fastapi import APIRouter\n@routes.get('/healthcheck')\n",
            },
            "/api/v2/healthcheck",
        ),
    ],
)
def test_the_health_path_is_whole(files: dict[str, str], path: str | None) -> None:
    """Routes are told with every prefix that lies before them; what is asked of others is not."""
    assert value({**FLASK, **files}, "health_path") == path


@pytest.mark.parametrize(
    ("files", "words"),
    [
        (DJANGO, ["gunicorn", "shop.wsgi:application"]),
        (
            {
                "requirements.txt": "flask\ngunicorn\n",
                "web.py": "def create_app():\n  a = Flask(1)\n",
            },
            ["gunicorn", "web:create_app()"],
        ),
        (
            {
                "requirements.txt": "starlette\nuvicorn\ngunicorn\n",
                "asgi.py": "app = Starlette()\n",
            },
            ["gunicorn", "-k", "uvicorn.workers.UvicornWorker", "asgi:app"],
        ),
        (
            {
                "requirements.txt": "flask\ngunicorn\n",
                "back/shop/__init__.py": "x = 1\n",
                "back/shop/app.py": "app = Flask(__name__)\n",
            },
            ["gunicorn", "--chdir", "back", "shop.app:app"],
        ),
        (
            {"requirements.txt": "fastapi[standard]\n", "app/main.py": "app = FastAPI()\n"},
            ["fastapi", "run", "app/main.py"],
        ),
        (
            {"requirements.txt": "streamlit\n", "app.py": "import streamlit as st\n"},
            ["streamlit", "run", "app.py", "--server.address", "0.0.0.0"],  # noqa: S104
        ),
        (
            {
                "requirements.txt": "aiohttp\n",
                "shop/main.py": (
                    "from aiohttp import web\napp = web.Application()\n"
                    "if __name__ == '__main__':\n    web.run_app(app)\n"
                ),
            },
            ["python3", "-m", "shop.main"],
        ),
    ],
)
def test_the_server_is_started_as_its_framework_wants(
    files: dict[str, str], words: list[str]
) -> None:
    """Application objects, factories and main modules become commands of the installed server."""
    assert value(files, "start_command") == words


def test_a_settings_class_is_read_as_variables() -> None:
    """Fields of pydantic's settings are variables, with their prefix or their own name."""
    text = (
        "class Base(BaseSettings):\n"
        "    model_config = SettingsConfigDict(env_prefix='shop_')\n"
        "    secret_key: SecretStr\n"
        "    debug: bool = Field(False, alias='DEBUG_ALL')\n\n"
        "    def name(self) -> str:\n"
        "        local: str = 'x'\n"
    )
    assert value({**FLASK, "main.py": text}, "environment_variables") == [
        "DEBUG_ALL",
        "SHOP_SECRET_KEY",
    ]


def test_a_settings_class_may_be_made_from_one_of_the_module() -> None:
    """What derives from a class that derives from settings is filled as well, with its prefix."""
    text = (
        "class Env(\n    BaseSettings,\n    env_file='.env',\n):\n    'Read from a file.'\n\n\n"
        "class _Bot(Env, env_prefix='bot_'):\n    token: SecretStr\n\n\n"
        "class Other(Base):\n    name: str\n"
    )
    assert value({**FLASK, "main.py": text}, "environment_variables") == ["BOT_TOKEN"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("import dj_database_url\nd = dj_database_url.config(conn_max_age=6)\n", ["DATABASE_URL"]),
        ("import dj_database_url\nd = dj_database_url.config(\n  env='SHOP_DB')\n", ["SHOP_DB"]),
        ("import dj_database_url\nd = dj_database_url.config('SHOP_DB')\n", ["SHOP_DB"]),
        ("import environ\nd = env.db(default='sqlite:///x')\n", ["DATABASE_URL"]),
        ("import environ\nd = env.db_url('SHOP_DB')\n", ["SHOP_DB"]),
        ("import environ\nd = env.cache()\n", ["CACHE_URL"]),
        ("d = env.db()\n", None),
    ],
)
def test_a_library_reads_its_own_variable_where_none_is_named(
    text: str, names: list[str] | None
) -> None:
    """Django's settings read one variable by convention; a name that is given takes its place."""
    assert value({**FLASK, "shop/settings.py": text}, "environment_variables") == names


@pytest.mark.parametrize(
    ("line", "port"),
    [
        ('p.add_argument("--bind", default="127.0.0.1:8101")', 8101),
        ('@click.option("--bind", "-b", default="127.0.0.1:8101")', 8101),
        ('S = {"listen": {"help": None,\n  "default": "localhost:8101"}}', 8101),
        ('S = [("hosts", {\n  "value": "localhost:8101",\n})]', 8101),
        ('S = [("hosts", {\n  "value": "localhost:9200",\n})]', 5000),
        ('S = {"hosts": "localhost:8101"}', 5000),
        ('S = [("hosts", {\n  "value": "elsewhere:8101",\n})]', 5000),
    ],
)
def test_the_default_of_where_to_listen_is_the_port(line: str, port: int) -> None:
    """An option for addresses tells the port by its default; what is called elsewhere does not."""
    assert value({**FLASK, "shop/settings.py": f"{line}\n"}, "port") == port


@pytest.mark.parametrize(
    ("folder", "others", "required", "cache"),
    [
        ("shop/engines", 20, "flask\n", "none"),
        ("shop/engines", 2, "flask\n", "redis"),
        ("shop/engines", 20, "flask\nredis\n", "redis"),
        ("shop", 20, "flask\n", "redis"),
    ],
)
def test_one_of_many_modules_needs_no_redis_that_nothing_requires(
    folder: str, others: int, required: str, cache: str
) -> None:
    """A module to choose from is no dependency; with few beside it, it is the service's own."""
    client = "import redis\nclient = redis.Redis()\n"
    beside = {f"{folder}/engine{number}.py": "x = 1\n" for number in range(others)}
    files = {"requirements.txt": required, f"{folder}/store.py": client, **beside}
    assert value(files, "cache") == cache


def test_a_server_for_developing_gives_way_to_the_one_that_serves() -> None:
    """Flask's own settings say little beside gunicorn's script."""
    files = {"requirements.txt": "flask\ngunicorn\n", "main.py": "app = Flask(__name__)\n"}
    files |= {".flaskenv": "FLASK_RUN_PORT=4000\n"}
    files |= {"entrypoint.sh": "exec gunicorn \\\n  --bind 0.0.0.0:8010 \\\n  main:app\n"}
    files |= {"serve.py": "parser.add_argument('--port', default=4000)\n"}
    assert value(files, "port") == 8010
    command = ["gunicorn", "--bind", "0.0.0.0:8010", "main:app"]
    assert value(files, "start_command") == command


@pytest.mark.parametrize(
    ("files", "tool", "command"),
    [
        (DJANGO, "django", ["python3", "manage.py", "migrate", "--noinput"]),
        (
            {"requirements.txt": "flask\nFlask-Migrate\n", "a.py": "x = 1\n"},
            "alembic",
            ["flask", "db", "upgrade"],
        ),
        ({**FLASK, "alembic.ini": "[alembic]\n"}, "alembic", ["alembic", "upgrade", "head"]),
    ],
)
def test_migrations_are_told(files: dict[str, str], tool: str, command: list[str]) -> None:
    """The tool that migrates the schema, and the command that runs it before traffic."""
    files = {**files, "main.py": "x = 1\n"}
    assert (value(files, "migration_tool"), value(files, "migration_command")) == (tool, command)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('[build-system]\n[project]\nname = "shapes"\n', "library"),
        ('[project]\nname = "tool"\n[project.scripts]\ntool = "tool:main"\n', "cli"),
        ('[project]\nname = "Starlette"\n[project.scripts]\ns = "s:s"\n', "library"),
        ('[project]\nname = "a"\ndescription = "A command line tool"\n', "cli"),
        ('[project]\nname = "bot"\ndependencies = ["discord.py"]\n', "worker"),
        ('[project]\nname = "jobs"\ndependencies = ["celery"]\n', "worker"),
        ('[project]\nname = "web"\ndependencies = ["sanic"]\n', "web"),
    ],
)
def test_the_kind_is_told_by_what_a_project_is_for(text: str, kind: str) -> None:
    """Packages, tools, bots, queues and servers are told apart."""
    assert value({"pyproject.toml": text, "shop/a.py": "x = 1\n"}, "kind") == kind


def test_a_project_file_for_tools_alone_is_no_python_service() -> None:
    """A formatter's settings beside a hundred sources of another language decide nothing."""
    files = {f"src/{number}.go": "package main\n" for number in range(30)}
    files |= {"pyproject.toml": "[tool.ruff]\n", "tool.py": "x = 1\n", "go.mod": "module a\n"}
    assert value(files, "language") == "go"


def test_packages_that_a_repository_carries_are_not_its_own() -> None:
    """A folder with copies of well-known packages is not read as the service's source."""
    files = {
        "lib/six.py": "x = 1\n",
        "lib/scheduler/store.py": "from pymongo import MongoClient\nMongoClient()\n",
    }
    assert value({**FLASK, "main.py": "x = 1\n", **files}, "database") == "none"


def test_a_front_end_beside_the_service_is_not_its_language() -> None:
    """A project in the root outweighs a package of another language in a folder below."""
    files = {
        "pyproject.toml": '[project]\nname = "a"\ndependencies = ["fastapi"]\n',
        "a/main.py": "x = 1\n",
        "frontend/package.json": '{"scripts": {"start": "x"}, "dependencies": {"nuxt": "3"}}\n',
        "frontend/a.js": "1\n",
    }
    assert value(files, "language") == "python"


@pytest.mark.parametrize(
    ("files", "language"),
    [
        ({"server/main.rs": "", "server/app.rs": "", "server/http.rs": ""}, "rust"),
        ({"server/main.rs": ""}, "python"),
    ],
)
def test_a_client_below_a_workspace_is_not_the_service(
    files: dict[str, str], language: str
) -> None:
    """A project in a folder below is the service where most sources are Python, else Cargo's."""
    below = {
        "Cargo.toml": '[workspace]\nmembers = ["server"]\n',
        "client/pyproject.toml": '[project]\nname = "shop"\ndependencies = ["flask"]\n',
        "client/shop.py": "x = 1\n",
        "client/more.py": "x = 1\n",
    }
    assert value({**below, **files}, "language") == language


def test_what_is_there_to_answer_with_doubts_a_worker() -> None:
    """A client of a queue makes none where a server is listed, or one of eventlet's is started."""
    client = {"requirements.txt": "kombu\n", "shop/takes.py": "import kombu\n"}
    assert value(client, "kind") == "worker"
    started = {**client, "shop/api.py": "from eventlet import wsgi\n\nwsgi.server(sock, app)\n"}
    started["requirements.txt"] += "gunicorn\neventlet\n"
    assert value(started, "kind") == "web"


def test_what_charms_bring_along_is_not_the_services() -> None:
    """Libraries of charms are copied in whole."""
    brought = 'url = "redis://cache"\nimport redis\nredis.Redis(host="cache")\n'
    files = {**FLASK, "app.py": "from flask import Flask\napp = Flask(__name__)\n"}
    charm = {"charm/lib/charms/redis_k8s/v0/redis.py": brought}
    assert value({**files, **charm}, "cache") == "none"
    assert value({**files, "shop/cache.py": brought}, "cache") == "redis"


def test_what_people_run_by_hand_may_fill_another_store() -> None:
    """Where there is more than scripts."""
    fills = "from pymongo import MongoClient\n\nMongoClient(where)\n"
    files = {**FLASK, "scripts/fill.py": fills, "app.py": "import flask\n"}
    assert value(files, "database") == "none"
    assert value({**FLASK, "shop/fill.py": fills, "app.py": "import flask\n"}, "database") == (
        "mongodb"
    )
