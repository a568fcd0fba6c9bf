"""What is only one choice of several, or only an extra, is not what a service needs or is."""

import json
from collections.abc import Mapping

import pytest
from pydantic import JsonValue

from analyzer import SourceTree, analyze
from analyzer.compiler import facts_of
from analyzer.facts import Fact

MAIN = "fn main() {\n    axum::serve(listener, app);\n}\n"
POM = "<project><artifactId>{name}</artifactId>{more}</project>"
JEDIS = "<dependencies><dependency><groupId>r</groupId><artifactId>jedis</artifactId></dependency>"


def value(files: Mapping[str, str], field: str, folder: str = "") -> JsonValue:
    said = analyze(SourceTree.of_files(files, folder), None, service="shop", commit="0" * 40)
    answer = said.answer(field)
    return answer.value if answer else None


def facts(files: Mapping[str, str]) -> list[Fact]:
    return list(facts_of(SourceTree.of_files(files), None))


def pom(name: str, more: str = "") -> str:
    return POM.format(name=name, more=more)


def main_class(name: str) -> str:
    plugin = f"<plugin><artifactId>maven-jar-plugin</artifactId><mainClass>{name}</mainClass>"
    return f"<build><plugins>{plugin}</plugin></plugins></build>"


DJANGO = {"requirements.txt": "Django==5.1\nredis\n", "manage.py": "", "shop/urls.py": ""}
GUARDED = "if REDIS_HOST:\n    CACHES['default'] = {'BACKEND': 'django_redis.cache.RedisCache'}\n"
NEEDED = "CACHES = {'default': {'BACKEND': 'django_redis.cache.RedisCache'}}\n"


@pytest.mark.parametrize(
    ("settings", "cache"), [(GUARDED, "none"), (NEEDED, "redis"), (NEEDED + GUARDED, "redis")]
)
def test_a_cache_behind_a_test_for_its_variable_is_not_needed(settings: str, cache: str) -> None:
    """Only where every cache that Django's settings name is guarded can it do without."""
    read = "REDIS_HOST = os.getenv('REDIS_HOST')\n"
    assert value({**DJANGO, "shop/settings.py": read + settings}, "cache") == cache


def test_a_cache_that_is_run_is_needed_though_code_can_do_without() -> None:
    """Also where a compose file runs stores alone; what a sample names is still a choice."""
    files = {**DJANGO, "shop/settings.py": f"REDIS_HOST = os.getenv('REDIS_HOST')\n{GUARDED}"}
    stores = "services:\n  cache:\n    image: redis:7\n"
    assert value({**files, "docker-compose.yml": stores}, "cache") == "redis"
    assert value({**files, ".env.example": "REDIS_HOST=cache\n"}, "cache") == "none"


def test_a_client_that_a_setting_chooses_is_not_needed() -> None:
    """A Redis that the code compares a setting with is one choice of several."""
    client = "class Bus {\n  JedisPool pool = new JedisPool(url);\n}\n"
    chooser = 'class Choice {\n  Bus bus() {\n    switch (kind) { case "redis" -> r; }\n  }\n}\n'
    project = pom("shop", main_class("org.shop.Main") + f"{JEDIS}</dependencies>")
    files = {"pom.xml": project, "src/main/java/Bus.java": client}
    assert value(files, "cache") == "redis"
    assert value({**files, "src/main/java/Choice.java": chooser}, "cache") == "none"


def composed(*services: str) -> str:
    return "services:\n" + "".join(f"  {service}\n" for service in services)


READS = {**DJANGO, "shop/settings.py": NEEDED}
APP, DATABASE = "app: {build: ., depends_on: [db]}", "db: {image: 'postgres:17'}"
CACHE = "cache: {image: 'redis:7'}"
EXTRA = CACHE[:-1] + ", profiles: [more]}"
ACME = ("acme: {image: acme/acme}", "files: {image: acme/files}")
ALONE = "app: {build: ., image: acme/shop}"


@pytest.mark.parametrize(
    ("files", "cache"),
    [
        ({"compose.yaml": composed(APP, DATABASE)}, "none"),
        ({"compose.yaml": composed(APP, DATABASE, CACHE)}, "redis"),
        ({"compose.yaml": composed(APP, DATABASE, EXTRA)}, "none"),
        ({"compose.dev.yaml": composed(APP, DATABASE)}, "redis"),
        ({"compose.yaml": composed(APP, DATABASE), "compose.prod.yaml": composed(CACHE)}, "redis"),
        ({"compose.yaml": composed(APP, DATABASE), "compose.test.yaml": composed(CACHE)}, "none"),
        ({"compose.yaml": composed(APP, DATABASE), "app.json": '{"addons": ["redis"]}'}, "redis"),
        ({"compose.yaml": composed(APP.replace("db", "db, cache"), DATABASE, EXTRA)}, "none"),
        ({"compose.yaml": composed(*ACME, DATABASE)}, "none"),
        ({"compose.yaml": composed(*ACME, DATABASE, CACHE)}, "redis"),
        ({"compose.yaml": composed(ALONE)}, "none"),
        ({"compose.yaml": composed("app: {build: .}")}, "redis"),
    ],
)
def test_a_cache_that_the_authors_run_without_is_not_needed(
    files: Mapping[str, str], cache: str
) -> None:
    """What sources can use counts for nothing beside a file that runs the rest; others may add."""
    assert value(READS, "cache") == "redis"
    assert value({**READS, **files}, "cache") == cache


@pytest.mark.parametrize(
    ("lock", "installed", "stores"),
    [
        ("Gemfile.lock", "    pg (1.6)\n    redis-client (0.26)\n", ["postgres", "redis"]),
        ("Gemfile.lock", "    pg (1.6)\n", ["postgres", "none"]),
        ("Gemfile.lock", "    opentelemetry-instrumentation-redis (0.28)\n", ["none", "none"]),
        ("Gemfile.lock", "    activerecord-jdbc-adapter (71)\n", ["postgres", "none"]),
        ("package-lock.json", "{}\n", ["postgres", "redis"]),
    ],
)
def test_a_store_that_no_package_knows_of_is_anothers(
    lock: str, installed: str, stores: list[str]
) -> None:
    """A file runs what other services need as well; without the language's lock it is believed."""
    linked = composed(APP.replace("db", "db, cache"), DATABASE, CACHE)
    rack = {"Gemfile": 'gem "sinatra"\n', "config.ru": "run App\n", "compose.yaml": linked}
    said = {**rack, lock: f"GEM\n  specs:\n{installed}"}
    assert [value(said, "database"), value(said, "cache")] == stores


def test_the_database_of_an_identity_server_is_not_the_services() -> None:
    """What runs beside a service is told by its image; it is none of the authors'."""
    hydra = "hydra: {image: 'oryd/hydra:v25', environment: {DSN: 'postgres://hydra@db/h'}}"
    node = {"package.json": '{"dependencies": {"express": "5", "mysql2": "3"}}'}
    files = {**node, "compose.yaml": composed(hydra, DATABASE, "own: {image: 'mariadb:11'}")}
    assert value(files, "database") == "mysql"


@pytest.mark.parametrize(("own", "database"), [("sqlite://shop.db", "sqlite"), ("", "postgres")])
def test_a_database_that_a_platform_sells_beside_one_inside_is_an_offer(
    own: str, database: str
) -> None:
    """Who presses the platform's button takes it; the authors run without."""
    reads = f'DATABASE_URL = os.getenv("DATABASE_URL", "{own}")\n'
    addons = '{"addons": ["heroku-postgresql"]}\n'
    files = {"requirements.txt": "flask\n", "config.py": reads, "app.json": addons}
    assert value(files, "database") == database


def test_a_cache_of_one_way_of_several_to_run_it_is_not_needed() -> None:
    """What most of the files do without is for those who want more."""
    plain, more = composed(APP, DATABASE), composed(APP, DATABASE, CACHE)
    linked = more.replace("[db]", "[db, cache]")
    for ways, cache in (((plain, plain, linked), "none"), ((plain, linked, linked), "redis")):
        files = {f"compose-{number}.yaml": way for number, way in enumerate(ways)}
        assert value({**READS, **files}, "cache") == cache


def test_a_cache_of_production_is_needed_though_developers_run_none() -> None:
    """The settings of production say what it is run with."""
    store = "Rails.application.configure do\n  config.cache_store = :redis_cache_store\nend\n"
    rails = {"Gemfile": "gem 'rails'\ngem 'redis'\n", "compose.yaml": composed(APP, DATABASE)}
    assert value(rails, "cache") == "none"
    assert value({**rails, "config/environments/production.rb": store}, "cache") == "redis"


@pytest.mark.parametrize(
    ("source", "cache"),
    [
        ("import Redis from 'ioredis'\nnew Redis(url)\n", "redis"),
        ("import { createClient } from 'redis'\nawait createClient({ url }).connect()\n", "redis"),
        ("// import Redis from 'ioredis'\napp.listen(3000)\n", "none"),
    ],
)
def test_a_driver_that_nothing_calls_is_not_needed(source: str, cache: str) -> None:
    """It is still installed, but the code that used it is gone."""
    package = json.dumps({"dependencies": {"express": "5", "ioredis": "5", "redis": "5"}})
    assert value({"package.json": package, "index.js": source}, "cache") == cache


def test_two_caches_in_one_module_leave_the_choice_to_its_users() -> None:
    """A gem alone, on the other hand, may have been left behind."""
    read = 'package cache\n\nimport (\n{}\t"github.com/redis/go-redis/v9"\n)\n'
    serves = 'package main\n\nimport "net/http"\n\nvar e = http.ListenAndServe(":80", nil)\n'
    files = {"go.mod": "module shop\n", "main.go": serves}
    both = read.format('\t"github.com/bradfitz/gomemcache/memcache"\n')
    assert value({**files, "cache/cache.go": read.format("")}, "cache") == "redis"
    assert value({**files, "cache/cache.go": both}, "cache") == "none"
    assert value({"Gemfile": 'gem "sinatra"\ngem "redis"\n'}, "cache") == "none"


def test_a_client_that_another_package_brings_is_called_all_the_same() -> None:
    """The list of packages need not name it."""
    package = json.dumps({"dependencies": {"express": "5", "@acme/sessions": "1"}})
    source = "import Redis from 'ioredis'\nnew Sessions(new Redis(url))\n"
    assert value({"package.json": package, "index.js": source}, "cache") == "redis"


def test_a_queue_in_memory_needs_no_redis() -> None:
    """Many a class is called so; one of Bull's lies in a file that names it."""
    package = json.dumps({"dependencies": {"express": "5", "bull": "4"}}, indent=1)
    made = "const mail = new Queue('mail')\n"
    files = {"package.json": package, "mail.js": made}
    rules = [one.rule for one in facts(files) if one.field == "cache"]
    assert rules == ["node/queue-package"]
    files["mail.js"] = f"const Queue = require('bull')\n{made}"
    assert "node/queue" in [one.rule for one in facts(files)]


def test_the_database_that_is_run_counts_for_more_than_those_that_can_be_used() -> None:
    """A service reads of another as well, and a sample names it."""
    reads = 'import pymongo\n\nmongo = pymongo.MongoClient("mongodb://other")\n'
    files = {"requirements.txt": "flask\npymongo\npsycopg2\n", "app.py": reads}
    assert value(files, "database") == "mongodb"
    composed_beside = {
        "compose.yaml": composed(APP, DATABASE),
        ".env.example": "MONGO_URI=mongodb://x",
    }
    assert value({**files, **composed_beside}, "database") == "postgres"


def test_a_table_that_is_run_beside_a_likely_database_is_kept_besides() -> None:
    """Alone it is the database."""
    run = (
        "services:\n  shop:\n    build: .\n    depends_on: [table]\n"
        "  table:\n    image: amazon/dynamodb-local\n"
    )
    files = {**DJANGO, "shop/settings.py": "DEBUG = False\n", "compose.yaml": run}
    assert value(files, "database") == "dynamodb"
    beside = {**files, "requirements.txt": "Django==5.1\npsycopg\n"}
    assert value(beside, "database") == "postgres"


def test_a_file_without_stores_says_nothing_of_a_service_that_needs_others() -> None:
    """Its database is somewhere else, and so may be its cache."""
    alone = {**READS, "compose.yaml": composed(ALONE)}
    assert value(alone, "cache") == "none"
    database = {"requirements.txt": DJANGO["requirements.txt"] + "psycopg\n"}
    assert value({**alone, **database}, "cache") == "redis"


def test_a_file_that_runs_all_of_a_monorepo_speaks_for_its_folders() -> None:
    """The image is that of the whole, which has no cache beside it."""
    folder = {f"apps/shop/{path}": text for path, text in READS.items()}
    whole = composed("acme: {image: 'acme/acme', depends_on: [db]}", DATABASE)
    for more, cache in (("", "none"), (f"  {CACHE}\n", "redis")):
        assert value({**folder, "compose.yaml": whole + more}, "cache", "apps/shop") == cache


def test_a_port_of_stores_is_not_the_services_where_it_has_another() -> None:
    """What is built beside it stands for a queue; a service with that port alone may be one."""
    stand_in = "queue: {build: ./queue, ports: ['4566:4566']}"
    files = {**DJANGO, "compose.yaml": composed(stand_in)}
    image = {"Dockerfile": "FROM python:3.12\nEXPOSE 8085\n"}
    assert value({**files, **image}, "port") == 8085
    assert value({"Dockerfile": "FROM python:3.12\nEXPOSE 5432\n", **DJANGO}, "port") == 8000
    assert value({"Dockerfile": "FROM scratch\nEXPOSE 5432\n"}, "port") == 5432


def test_a_compose_file_with_many_databases_needs_none_of_its_stores() -> None:
    """With three databases beside the service the file is there to try each of them out."""
    stores = ("mysql:8", "postgres:17", "mcr.microsoft.com/mssql/server:2022-latest", "redis:7")
    names = ("one", "two", "three", "four")
    images = "".join(f"  {n}:\n    image: {i}\n" for n, i in zip(names, stores, strict=True))
    links = "".join(f"      - {name}\n" for name in names)
    files = {
        "compose.yml": f"services:\n  web:\n    build: .\n    depends_on:\n{links}{images}",
        "composer.json": '{"require": {"php": "^8.3", "slim/slim": "^4"}}',
        "public/index.php": "<?php\n",
    }
    assert value(files, "cache") == "none"


@pytest.mark.parametrize(
    ("axum", "kind"),
    [('{ version = "0.8", optional = true }', "cli"), ('"0.8"', "web")],
)
def test_a_tool_that_can_be_built_without_its_server_is_a_tool(axum: str, kind: str) -> None:
    """An optional web framework in a program of commands serves whoever works on it."""
    cargo = f'[package]\nname = "book"\n[dependencies]\nclap = "4"\naxum = {axum}\n'
    assert value({"Cargo.toml": cargo, "src/main.rs": MAIN}, "kind") == kind


def test_a_program_without_a_server_is_what_its_name_says() -> None:
    """A program named after a worker waits for work, though it takes no arguments."""
    cargo = '[package]\nname = "order-worker"\n[dependencies]\nserde = "1"\n'
    files = {"Cargo.toml": cargo, "src/main.rs": "fn main() {\n    loop {}\n}\n"}
    assert (value(files, "kind"), value(files, "worker")) == ("worker", True)


def test_a_server_that_only_an_extra_brings_does_not_make_a_service() -> None:
    """A console tool whose extra is a small server stays a console tool."""
    project = (
        '[project]\nname = "paint"\nclassifiers = ["Environment :: Console"]\n'
        '[project.optional-dependencies]\nd = ["aiohttp>=3"]\n'
        '[project.scripts]\npaint = "paint:main"\n'
    )
    server = "from aiohttp import web\napp = web.Application()\nweb.run_app(app)\n"
    files = {"pyproject.toml": project, "src/paintd/__init__.py": server}
    assert value(files, "kind") == "cli"


def test_a_bot_that_has_a_client_for_http_is_a_bot() -> None:
    """A library that most use as a client says nothing of a server."""
    project = '[project]\nname = "bot"\ndependencies = ["disnake", "aiohttp"]\n'
    assert value({"pyproject.toml": project, "bot/__main__.py": ""}, "kind") == "worker"


@pytest.mark.parametrize(
    ("main", "kind"),
    [("org.shop.examples.Show", "library"), ("org.shop.Main", "cli")],
)
def test_a_sample_that_is_packed_with_a_library_leaves_it_one(main: str, kind: str) -> None:
    """A class of samples is no program of the project's own."""
    needs = f"{JEDIS.replace('jedis', 'guava')}</dependencies>"
    files = {
        "pom.xml": pom("shop", main_class(main) + needs),
        "src/main/java/App.java": "class App {}\n",
    }
    assert value(files, "kind") == kind


def test_a_module_for_trying_a_library_out_is_not_what_runs() -> None:
    """Of an aggregator's modules, those for tests come last."""
    modules = "<packaging>pom</packaging><modules><module>shop</module></modules>"
    needs = f"{JEDIS.replace('jedis', 'guava')}</dependencies>"
    files = {
        "pom.xml": pom("parent", modules),
        "shop/pom.xml": pom("shop"),
        "shop/src/main/java/Shop.java": "class Shop {}\n",
        "test-shrinker/pom.xml": pom("shrinker", main_class("org.shop.Main") + needs),
    }
    assert value(files, "kind") == "library"


def test_a_package_that_stands_for_the_one_below_is_followed() -> None:
    """A root that only links the program in a folder is that program."""
    inner = {"name": "pad", "dependencies": {"express": "^5"}, "scripts": {"prod": "node a.js"}}
    outer = {"name": "pads", "bin": {"check": "c"}, "dependencies": {"pad": "link:src"}}
    files = {"package.json": json.dumps(outer), "src/package.json": json.dumps(inner)}
    assert (value(files, "framework"), value(files, "kind")) == ("express", "web")


@pytest.mark.parametrize(
    ("files", "port"),
    [
        ({"requirements.txt": "flask\n", "shop/constants.py": "DEFAULT_PORT = 8083\n"}, 8083),
        ({"Program.cs": 'var a = new Url { Value = "http://*:5000" };\n'}, 5000),
        ({"server/config.js": "port: {\n  format: 'port',\n  default: 1443,\n}"}, 1443),
        ({"defaults/config.js": "module.exports = {\n  port: 9000,\n};\n"}, 9000),
        ({"index.js": "env.PORT || (process.env.NODE_ENV !== 'development' ? 80 : 3002)"}, 80),
    ],
)
def test_ports_are_read_where_settings_give_them(files: dict[str, str], port: int) -> None:
    """Constants, schemas and addresses of every host name the port that is listened on."""
    web = '<Project Sdk="Microsoft.NET.Sdk.Web"></Project>'
    projects = {"Program.cs": {"Shop.csproj": web}, "requirements.txt": {}}
    node = {"package.json": '{"name": "a", "dependencies": {"express": "4"}}'}
    assert value({**files, **projects.get(next(iter(files)), node)}, "port") == port


@pytest.mark.parametrize(
    ("routes", "path"),
    [
        ('r.Use(middleware.Heartbeat("/ping"))\n\tr.Get("/shop/health", h)', "/ping"),
        ('r.Get("/shop/health", h)\n\tr.Get("/ready", h)', "/ready"),
        ('routesMap["/health"] = "/health"', "/health"),
    ],
)
def test_the_route_of_the_whole_service_comes_before_that_of_a_part(routes: str, path: str) -> None:
    """A middleware for the load balancer and a plain path outweigh the check of one part."""
    source = (
        'package main\n\nimport (\n\t"net/http"\n)\n\nfunc main() {\n'
        f"\t{routes}\n\thttp.ListenAndServe(a, r)\n}}\n"
    )
    assert (
        value({"go.mod": "module a.org/shop\n\ngo 1.24\n", "main.go": source}, "health_path")
        == path
    )


def test_projects_that_the_build_refers_to_are_parts_of_the_program() -> None:
    """Where what is common to all projects adds references, the others are what it is made of."""
    store = "class Module { void A() { options.UseSqlServer(connection); } }\n"
    files = {
        "Api/Api.csproj": '<Project Sdk="Microsoft.NET.Sdk.Web"></Project>',
        "Data/Data.csproj": '<Project Sdk="Microsoft.NET.Sdk"></Project>',
        "Data/Module.cs": store,
    }
    targets = '<Project><ItemGroup><ProjectReference Include="x" /></ItemGroup></Project>'
    assert value(files, "database") == "none"
    assert value({**files, "Directory.Build.targets": targets}, "database") == "sqlserver"


def test_a_worker_that_developers_start_is_a_process_of_its_own() -> None:
    """Without a Procfile, the one for developers shows which processes there are."""
    files = {"Gemfile": "gem 'rails'\ngem 'puma'\n"}
    assert value(files, "worker") is False
    worker = "web: bin/rails s\nworker: bundle exec ruby script/worker.rb\n"
    assert value({**files, "Procfile.dev": worker}, "worker") is True


def test_a_bare_shell_is_no_start_command() -> None:
    """An image that ends in a shell is started by whoever runs it."""
    files = {"Dockerfile": 'FROM python:3.12\nCMD ["bash"]\n', "requirements.txt": "aiogram\n"}
    assert value(files, "start_command") is None


def test_the_applications_of_a_gems_tests_are_no_service() -> None:
    """A gem whose rackup file runs an application of its tests stays a library."""
    files = {
        "shop.gemspec": "Gem::Specification.new do |s|\n  s.name = 'shop'\nend\n",
        "Gemfile": "gemspec\n",
        "lib/shop.rb": "module Shop\nend\n",
        "config.ru": 'require ::File.expand_path("../spec/demo/environment", __FILE__)\nrun App\n',
    }
    assert value(files, "kind") == "library"


def test_a_tool_beside_a_package_leaves_a_module_a_library() -> None:
    """A program in a folder of its own is what comes with the package at the module's root."""
    tool = 'package main\n\nimport (\n\t"os"\n)\n\nfunc main() { os.Exit(0) }\n'
    files = {"go.mod": "module a.org/log\n\ngo 1.24\n", "cmd/pretty/main.go": tool}
    assert value(files, "kind") == "cli"
    assert value({**files, "log.go": "package log\n"}, "kind") == "library"


def test_an_image_that_could_not_run_the_program_does_not_count() -> None:
    """What a project of .NET is built for outweighs an older image."""
    project = '<Project Sdk="Microsoft.NET.Sdk.Web"><TargetFramework>net9.0</TargetFramework>'
    files = {
        "Shop.csproj": f"{project}</Project>",
        "Program.cs": "app.Run();\n",
        "Dockerfile": 'FROM mcr.microsoft.com/dotnet/aspnet:6.0\nENTRYPOINT ["dotnet"]\n',
    }
    assert value(files, "runtime_version") == "9.0"


def test_processes_without_a_web_process_may_be_servers() -> None:
    """Only a name that tells of work makes a worker of a process that stands alone."""
    files = {"requirements.txt": "flask\n", "app.py": "app = Flask(__name__)\n"}
    assert (
        value({**files, "Procfile": "a1: ./run --port 1\na2: ./run --port 2\n"}, "worker") is False
    )
    assert value({**files, "Procfile": "celery_worker: celery worker\n"}, "worker") is True


def test_workers_of_a_server_are_no_other_use_of_a_script() -> None:
    """A script that prepares and then serves is told with what it serves with."""
    script = "#!/bin/sh\npython plugin.py\numask 0 && exec gunicorn --workers 3 shop.wsgi\n"
    files = {
        "Dockerfile": 'FROM python:3.12\nENTRYPOINT ["/boot.sh"]\n',
        "boot.sh": script,
        "requirements.txt": "flask\n",
    }
    command = value(files, "start_command")
    assert isinstance(command, list)
    assert "gunicorn" in command


def test_a_client_for_http_is_a_library() -> None:
    """The environment of the web is named by libraries of clients, too."""
    project = (
        '[project]\nname = "ask"\ndescription = "The HTTP client."\n'
        'classifiers = ["Environment :: Web Environment", "Intended Audience :: Developers"]\n'
        '[project.scripts]\nask = "ask:main"\n[build-system]\n'
    )
    assert value({"pyproject.toml": project, "ask/__init__.py": ""}, "kind") == "library"


def test_a_maker_of_sites_that_serves_them_is_a_tool() -> None:
    """What builds a folder's files is a tool, though it brings a server along."""
    cargo = '[package]\nname = "site"\n[dependencies]\nclap = "4"\naxum = "0.8"\n'
    commands = "use clap::Parser;\nenum Command {\n    Init,\n    Build,\n    Serve,\n}\n"
    files = {"Cargo.toml": cargo, "src/main.rs": commands + MAIN}
    assert value(files, "kind") == "cli"


def test_what_watches_files_is_no_worker() -> None:
    """A process that developers keep beside the server works on no queue."""
    files = {"requirements.txt": "flask\n", "app.py": "app = Flask(__name__)\n"}
    processes = "web: gunicorn app:app\nscss: make watch-scss\n"
    assert value({**files, "Procfile": processes}, "worker") is False


@pytest.mark.parametrize(("read", "database"), [("PORT", "none"), ("DATABASE_URL", "postgres")])
def test_a_database_in_a_sample_that_nobody_reads_is_not_needed(read: str, database: str) -> None:
    """No dependency knows of it either; what reads the variable may bring its own driver."""
    files = {
        "go.mod": "module example.org/shop\n\ngo 1.24\n",
        "main.go": f'package main\n\nimport "os"\n\nfunc main() {{\n\tos.Getenv("{read}")\n}}\n',
        "Procfile": "web: shop\n",
        ".env": "DATABASE_URL=postgres://localhost/shop\n",
    }
    assert value(files, "database") == database


def test_a_module_that_can_run_itself_listens_as_the_image_starts_it() -> None:
    """How authors run it, and where they ask it then, does not count beside the image's command."""
    files = {
        "requirements.txt": "fastapi\nuvicorn\n",
        "main.py": "import uvicorn\nuvicorn.run('main:app', port=8000)\n",
        "README.md": "# Shop\n\nAsk http://localhost:8000/docs.\n",
    }
    image = 'FROM python:3.12\nCMD ["uvicorn", "main:app", "--port", "8080"]\n'
    assert value(files, "port") == 8000
    assert value({**files, "Dockerfile": image}, "port") == 8080


def test_the_front_page_is_asked_for_want_of_a_better_one() -> None:
    """A route that is made for it counts alone."""
    asked = 'test: ["CMD", "curl", "-f", "http://localhost:8080/"]'
    built = "services:\n  shop:\n    build: .\n    ports: ['8080:8080']\n"
    composed = f"{built}    healthcheck:\n      {asked}\n"
    files = {"compose.yaml": composed, "Dockerfile": "FROM golang\n", "go.mod": "module shop\n"}
    main = 'package main\n\nfunc main() {\n\thttp.HandleFunc("/health", ok)\n}\n'
    assert value(files, "health_path") == "/"
    assert value({**files, "main.go": main}, "health_path") == "/health"


@pytest.mark.parametrize(
    ("exposed", "port"), [("EXPOSE 9300\n", 9300), ("EXPOSE 5432\n", 9091), ("", 9091)]
)
def test_what_an_image_opens_alone_is_its_own_port(exposed: str, port: int) -> None:
    """Others may listen there, too: a search engine's nodes, for one."""
    files = {
        "package.json": '{"name": "shop", "dependencies": {"express": "5"}}',
        "README.md": "# Shop\n\nOpen http://localhost:9091 to see it.\n",
        "Dockerfile": f"FROM node:24\n{exposed}",
    }
    assert value(files, "port") == port


@pytest.mark.parametrize(
    ("image", "port"), [("nginxinc/nginx-unprivileged:stable", 8080), ("php:8.4-cli", 80)]
)
def test_an_image_says_where_its_web_server_listens(image: str, port: int) -> None:
    """Elsewhere the server in front of a framework listens where web servers do."""
    files = {
        "composer.json": '{"type": "project", "require": {"laravel/framework": "^12.0"}}',
        "public/index.php": "<?php\n",
        "Dockerfile": f"FROM {image}\n",
    }
    assert value(files, "port") == port
