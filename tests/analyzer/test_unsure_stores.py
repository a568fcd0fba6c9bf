"""Stores that are only hinted at, left behind, or another choice of what is built."""

import json
from collections.abc import Mapping

import pytest
from pydantic import JsonValue

from analyzer import SourceTree, analyze
from delightful.recommendation import Answer

MIX = (
    "defmodule Shop.MixProject do\n  def project do\n    [app: :shop, deps: deps()]\n  end\n"
    '  defp deps do\n    [{:phoenix, "~> 1.7"}, {:postgrex, "~> 0.2"}]\n  end\nend\n'
)
CSPROJ = (
    '<Project Sdk="Microsoft.NET.Sdk.Web"><ItemGroup>'
    '<PackageReference Include="Microsoft.EntityFrameworkCore.SqlServer" Version="9" />'
    '<PackageReference Include="Microsoft.EntityFrameworkCore.InMemory" Version="9" />'
    "</ItemGroup></Project>\n"
)
CARGO = (
    '[package]\nname = "shop"\n\n[dependencies]\naxum = "0.8"\n'
    'redis = {{ version = "0.27", optional = true }}\n\n[features]\n{}'
)
SPRING = (
    "<project><artifactId>shop</artifactId><build><plugins><plugin>"
    "<artifactId>spring-boot-maven-plugin</artifactId></plugin></plugins></build>"
    "<dependencies><dependency><groupId>org.springframework.boot</groupId>"
    "<artifactId>spring-boot-starter-web</artifactId></dependency></dependencies></project>\n"
)
MONGO = "services:\n  db:\n    image: mongo:7\n"


def answer(files: Mapping[str, str], field: str, folder: str = "") -> Answer:
    said = analyze(SourceTree.of_files(files, folder), None, service="shop", commit="0" * 40)
    found = said.answer(field)
    assert found is not None
    return found


def go(*imports: str) -> dict[str, str]:
    listed = "\n".join(f'\t"{one}"' for one in ("net/http", *imports))
    main = f'package main\n\nimport (\n{listed}\n)\n\nvar e = http.ListenAndServe(":80", nil)\n'
    return {"go.mod": "module shop\n\ngo 1.24\n", "main.go": main}


def node(source: str, *packages: str) -> dict[str, str]:
    named = dict.fromkeys(("express", *packages), "1")
    content = {"name": "shop", "scripts": {"start": "node index.js"}, "dependencies": named}
    return {
        "package.json": json.dumps(content, indent=1),
        "index.js": f"require('express')();\n{source}",
    }


def test_a_server_that_hints_alone_speak_for_is_left_open() -> None:
    """The lines that hint at it stay; whoever runs the service with it does more than hint."""
    crate = '[package]\nname = "shop"\n\n[dependencies]\naxum = "0.8"\n'
    optional = f'{crate}tokio-postgres = {{ version = "0.7", optional = true }}\n'
    main = "fn main() {\n    axum::serve(listener, app);\n}\n"
    said = answer({"Cargo.toml": optional, "src/main.rs": main}, "database")
    assert (said.value, said.confidence) == (None, "low")
    assert [one.quote for one in said.evidence] == ["tokio-postgres ="]
    either = go("github.com/lib/pq", "modernc.org/sqlite")
    inside = answer(either, "database")
    assert (inside.value, inside.confidence) == ("sqlite", "low")
    assert [one.quote for one in inside.evidence] == ["modernc.org/sqlite"]
    run = "services:\n  shop:\n    build: .\n    depends_on: [db]\n  db:\n    image: postgres:17\n"
    assert answer({**either, "compose.yaml": run}, "database").value == "postgres"
    assert answer(go("modernc.org/sqlite"), "database").value == "sqlite"


@pytest.mark.parametrize(
    ("source", "packages", "database"),
    [
        ("", ("mongodb",), "none"),
        ("const {MongoClient} = require('mongodb');\n", ("mongodb",), "mongodb"),
        ("", ("mongodb", "connect-mongo"), "mongodb"),
        ("", ("dynamoose",), "none"),
        ("", ("pg",), "postgres"),
    ],
)
def test_a_driver_that_no_source_of_node_imports_was_left_behind(
    source: str, packages: tuple[str, ...], database: str
) -> None:
    """Other packages load theirs by name; a mapper takes any of SQL's."""
    assert answer(node(source, *packages), "database").value == database


def test_what_runs_stores_alone_runs_nothing_for_a_driver_that_was_left_behind() -> None:
    """Beside a driver that is called it does."""
    called = "const {MongoClient} = require('mongodb');\n"
    for source, database in (("", "none"), (called, "mongodb")):
        files = {**node(source, "mongodb"), "compose.yaml": MONGO}
        assert answer(files, "database").value == database


@pytest.mark.parametrize(
    ("source", "database"),
    [
        ("defmodule Shop.Repo do\n  use Ecto.Repo, otp_app: :shop\nend\n", "postgres"),
        ("{:ok, db} = Postgrex.start_link(hostname: host)\n", "postgres"),
        ("defmodule Shop do\nend\n", "none"),
    ],
)
def test_a_driver_of_elixir_without_a_repository_was_left_behind(
    source: str, database: str
) -> None:
    """A new project has a driver, and keeps it when its repository is taken out."""
    assert answer({"mix.exs": MIX, "lib/shop.ex": source}, "database").value == database


@pytest.mark.parametrize(
    ("source", "database"),
    [
        ('o.UseInMemoryDatabase("shop");', "none"),
        ('o.UseInMemoryDatabase("shop"); p.UseSqlServer(address);', "sqlserver"),
        ("o.UseSqlServer(address);", "sqlserver"),
    ],
)
def test_tables_in_memory_are_for_developers_beside_a_database(source: str, database: str) -> None:
    """Alone they are what the service runs with, whatever its settings name."""
    settings = '{"ConnectionStrings": {"Shop": "Server=(localdb);Initial Catalog=shop"}}'
    files = {"Shop.csproj": CSPROJ, "Startup.cs": source, "appsettings.json": settings}
    assert answer(files, "database").value == database


def test_tables_in_memory_say_nothing_where_a_project_beside_has_a_driver() -> None:
    """Its sources, which open the database, are not the service's."""
    reference = '<ItemGroup><ProjectReference Include="..\\Data\\Data.csproj" /></ItemGroup>'
    files = {
        "Api/Shop.csproj": f'<Project Sdk="Microsoft.NET.Sdk.Web">{reference}</Project>\n',
        "Api/Startup.cs": 'if (isLocal) o.UseInMemoryDatabase("shop");\n',
        "Data/Data.csproj": CSPROJ.replace(".Web", ""),
    }
    assert answer(files, "database", "Api").value == "sqlserver"


@pytest.mark.parametrize(
    ("features", "beside", "cache"),
    [
        ('db = ["redis"]\n', "", "none"),
        ('default = ["db"]\ndb = ["dep:redis"]\n', "", "redis"),
        ('db = ["redis"]\n', 'shop = { path = "..", features = ["db"] }\n', "redis"),
        ('default = ["redis?/tls"]\n', "", "none"),
    ],
)
def test_a_crate_that_no_feature_asks_for_is_not_built(
    features: str, beside: str, cache: str
) -> None:
    """Its calls stand in the source all the same."""
    files = {
        "Cargo.toml": CARGO.format(features),
        "src/main.rs": 'use redis::Client;\nfn main() { Client::open("x"); axum::serve(a, b); }\n',
    }
    if beside:
        files["bin/Cargo.toml"] = f'[package]\nname = "bin"\n\n[dependencies]\n{beside}'
    assert answer(files, "cache").value == cache


def test_memcached_is_another_choice_beside_redis() -> None:
    """Its package is called after memory, and keeps nothing in it."""
    redis, memcached = "github.com/redis/go-redis/v9", "github.com/bradfitz/gomemcache/memcache"
    beside = f'package main\n\nimport "{memcached}"\n'
    assert answer({**go(redis), "other.go": beside}, "cache").value == "redis"
    assert answer(go(memcached), "cache").value == "memcached"


@pytest.mark.parametrize(
    ("requirements", "source", "database"),
    [
        ("asyncpg\naiosqlite\n", 'DATABASE_URL = "sqlite+aiosqlite:///a.db"\n', "sqlite"),
        ("asyncpg\n", 'DATABASE_URL = "sqlite+aiosqlite:///a.db"\n', "postgres"),
        ("asyncpg\naiosqlite\n", 'DATABASE_URL = "postgresql+asyncpg://db/a"\n', "postgres"),
        ("", "DATABASE = re.compile(r'mysql://(.+)')\n", "none"),
        ("", "import pymysql\nimport psycopg2\npymysql.connect()\npsycopg2.connect()\n", None),
    ],
)
def test_python_may_run_on_a_file_that_it_requires_a_driver_for(
    requirements: str, source: str, database: JsonValue
) -> None:
    """The standard library's is for developers; of two servers that are opened neither is sure."""
    files = {"requirements.txt": f"fastapi\n{requirements}", "shop/settings.py": source}
    assert answer(files, "database").value == database


def test_a_framework_that_comes_as_a_copy_may_use_more_than_the_service() -> None:
    """CodeIgniter's own folder has a driver for each store."""
    session = "<?php\n$this->_redis = new Redis();\n"
    files = {
        "index.php": "<?php\necho 1;\n",
        "web/system/core/CodeIgniter.php": "<?php\n",
        "web/system/Session/redis.php": session,
    }
    assert answer(files, "cache").value == "none"
    assert answer({**files, "web/application/redis.php": session}, "cache").value == "redis"


@pytest.mark.parametrize(("guard", "cache"), [("if (redis != null)", "none"), ("", "redis")])
def test_an_extension_of_the_projects_own_opens_what_its_body_opens(guard: str, cache: str) -> None:
    """It may be called like one that a package brings."""
    body = f"  {guard} {{\n    ConnectionMultiplexer.Connect(redis);\n  }}\n"
    files = {
        "Shop.csproj": '<Project Sdk="Microsoft.NET.Sdk.Web"></Project>\n',
        "Startup.cs": "services.AddRedis(settings);\n",
        "Redis.cs": f"public static IServices AddRedis(this IServices all)\n{{\n{body}}}\n",
    }
    assert answer(files, "cache").value == cache


@pytest.mark.parametrize(("kept", "cache"), [("CAFFEINE", "none"), ("redis", "redis")])
def test_spring_that_keeps_its_caches_itself_needs_no_redis(kept: str, cache: str) -> None:
    """Where Redis would be is told all the same."""
    files = {
        "pom.xml": SPRING,
        "src/main/java/Shop.java": "@SpringBootApplication\nclass Shop {}\n",
        "src/main/resources/application.yml": f"spring:\n  cache:\n    type: {kept}\n"
        "  data:\n    redis:\n      host: localhost\n",
    }
    assert answer(files, "cache").value == cache


def test_what_is_commented_out_chooses_no_database() -> None:
    """Behind slashes or in a block."""
    left = "/* new Sequelize('a', {\n  dialect: 'mysql',\n}); */\n//  dialect: 'mysql',\n"
    source = f"import x from 'src/**/*.js';\n{left}new Sequelize('a', {{ dialect: 'postgres' }});\n"
    assert answer(node(source, "sequelize", "pg", "mysql2"), "database").value == "postgres"


def test_both_schemes_of_redis_are_no_choice() -> None:
    """An address of Redis begins with either."""
    main = go("github.com/redis/go-redis/v9")["main.go"]
    scheme = '\nfunc pool() {\n\tswitch url.Scheme {\n\tcase "redis", "rediss":\n\t}\n}\n'
    files = {"go.mod": "module shop\n\ngo 1.24\n", "main.go": main + scheme}
    assert answer(files, "cache").value == "redis"


def test_gradle_may_give_group_and_name_apart() -> None:
    """As two arguments of a call."""
    build = (
        'plugins {\n  id("org.springframework.boot") version "3.5.0"\n}\ndependencies {\n'
        '  implementation("org.springframework.boot", "spring-boot-starter-data-mongodb")\n}\n'
    )
    files = {"build.gradle.kts": build, "src/main/java/Shop.java": "class Shop {}\n"}
    assert answer(files, "database").value == "mongodb"


@pytest.mark.parametrize(("name", "database"), [("-postgres", "sqlite"), ("", "postgres")])
def test_a_compose_file_called_after_its_database_is_one_way_of_several(
    name: str, database: str
) -> None:
    """The service is made to start without it."""
    files = {
        "requirements.txt": "fastapi\n",
        "shop/settings.py": 'DATABASE_URL = "sqlite:///shop.db"\n',
        f"docker-compose{name}.yml": "services:\n  db:\n    image: postgres:17\n",
    }
    assert answer(files, "database").value == database


@pytest.mark.parametrize(
    ("source", "cache"),
    [
        ("services.AddStackExchangeRedisCache(address);\n", "redis"),
        ("  /*var host = settings;\n  services.AddStackExchangeRedisCache(host);*/\n", "none"),
        ("  // services.AddStackExchangeRedisCache(address);\n", "none"),
    ],
)
def test_a_cache_of_dotnet_is_one_that_a_source_puts_to_use(source: str, cache: str) -> None:
    """Its package alone, and what is commented out, are none."""
    package = '<PackageReference Include="Microsoft.Extensions.Caching.StackExchangeRedis" />'
    files = {
        "Shop.csproj": f'<Project Sdk="Microsoft.NET.Sdk.Web"><ItemGroup>{package}</ItemGroup>'
        "</Project>\n",
        "Startup.cs": source,
    }
    assert answer(files, "cache").value == cache


def test_what_only_a_kit_for_tests_opens_is_no_database() -> None:
    """Whoever implements a specification tries it with it."""
    source = "class Db {\n  MongoClient client = MongoClients.create(uri);\n}\n"
    for folder, database in (("tck/", "none"), ("", "mongodb")):
        build = "<project><artifactId>shop</artifactId>{}</project>\n"
        driver = (
            "<dependencies><dependency><groupId>org.mongodb</groupId>"
            "<artifactId>mongodb-driver-sync</artifactId></dependency></dependencies>"
        )
        files = {
            "pom.xml": SPRING if folder else SPRING.replace("<dependencies>", driver[:-15], 1),
            f"{folder}src/main/java/Db.java": source,
            "src/main/java/Shop.java": "@SpringBootApplication\nclass Shop {}\n",
        }
        if folder:
            files[f"{folder}pom.xml"] = build.format(driver)
        assert answer(files, "database").value == database


def test_what_developers_of_a_container_set_is_not_what_is_run() -> None:
    """Their own environment lies beside their container."""
    main = go("github.com/lib/pq", "modernc.org/sqlite")
    said = answer({**main, ".devcontainer/.env": "DATABASE_URL=postgres://db/shop\n"}, "database")
    assert said.value == "sqlite"


def test_a_list_of_gradle_may_have_comments_in_it() -> None:
    """A call may have one coordinate a line."""
    build = (
        'plugins {\n  id "org.springframework.boot" version "3.5.0"\n}\ndependencies {\n'
        "  implementation ('org.springframework.boot:spring-boot-starter-web',\n"
        "    // 'com.h2database:h2:2.2',\n\n    'org.postgresql:postgresql:42.7')\n}\n"
    )
    files = {"build.gradle": build, "src/main/java/Shop.java": "class Shop {}\n"}
    assert answer(files, "database").value == "postgres"


def test_a_table_of_a_workspace_may_take_several_lines() -> None:
    """What stands deeper in it is no crate."""
    workspace = (
        '[workspace]\nmembers = ["shop"]\n\n[workspace.dependencies]\nsqlx = {\n'
        '  version = "0.8",\n  features = ["postgres"]\n}\naxum = "0.8"\n'
    )
    files = {
        "Cargo.toml": workspace,
        "shop/Cargo.toml": '[package]\nname = "shop"\n\n[dependencies]\n'
        "sqlx.workspace = true\naxum.workspace = true\n",
        "shop/src/main.rs": "fn main() { axum::serve(a, b); }\n",
    }
    assert answer(files, "database", "shop").value == "postgres"


@pytest.mark.parametrize(
    ("beside", "database"), [("boltdb", "none"), ("sqlite", "sqlite"), ("carts", "mysql")]
)
def test_a_server_beside_a_file_that_the_program_keeps_is_a_choice(
    beside: str, database: str
) -> None:
    """Each has a folder of its own."""
    opens = (
        'package mysql\n\nimport (\n\t"database/sql"\n\t_ "github.com/go-sql-driver/mysql"\n)\n\n'
        'var db, _ = sql.Open("mysql", dsn)\n'
    )
    files = {
        **go(),
        "storage/mysql/mysql.go": opens,
        f"storage/{beside}/{beside}.go": f"package {beside}\n",
    }
    assert answer(files, "database").value == database


@pytest.mark.parametrize(
    ("path", "database"),
    [("example.org/shop/database", "postgres"), ("example.org/shop/carts", "none")],
)
def test_a_program_reaches_the_database_through_its_module(path: str, database: str) -> None:
    """What keeps things lies outside of the program's folder."""
    main = f'package main\n\nimport (\n\t"net/http"\n\t"{path}"\n)\n'
    files = {
        "go.mod": "module example.org/shop\n\ngo 1.24\n\nrequire github.com/lib/pq v1.10.9\n",
        "api/main.go": f"{main}\nfunc main() {{ http.ListenAndServe(addr, nil) }}\n",
    }
    assert answer(files, "database", "api").value == database


def test_a_client_of_the_house_is_called_after_redis() -> None:
    """Its own package of that name may be anything."""
    assert answer(go("github.com/acme/dp-redis/v2"), "cache").value == "redis"
    assert answer(go("github.com/acme/shop/pkg/redis"), "cache").value == "none"


def test_symfony_may_take_its_driver_from_a_file_of_parameters() -> None:
    """What it is made from is kept with the source."""
    content = {"type": "project", "require": {"symfony/framework-bundle": "^7"}}
    files = {
        "composer.json": json.dumps(content),
        "public/index.php": "<?php\n",
        "config/shop/parameters.yaml.dist": "parameters:\n    database_driver: pdo_mysql\n",
    }
    assert answer(files, "database").value == "mysql"


def test_a_schema_at_the_root_is_the_one_of_all_packages() -> None:
    """Who has its client takes the schema from there."""
    schema = 'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n'
    for client, database in (("@prisma/client", "postgres"), ("zod", "none")):
        inner = {f"packages/api/{path}": text for path, text in node("", client).items()}
        files = {"prisma/schema.prisma": schema, "package.json": "{}", **inner}
        assert answer(files, "database", "packages/api").value == database


@pytest.mark.parametrize(
    ("gems", "database"),
    [("pg aws-sdk-dynamodb", "postgres"), ("aws-sdk-dynamodb", "dynamodb"), ("pg mysql2", None)],
)
def test_a_table_of_amazons_is_for_a_part_beside_a_server(gems: str, database: JsonValue) -> None:
    """Alone it is the database."""
    listed = "".join(f'gem "{gem}"\n' for gem in ("sinatra", *gems.split()))
    files = {"Gemfile": listed, "config.ru": "run App\n", "app.rb": "class App\nend\n"}
    assert answer(files, "database").value == database


@pytest.mark.parametrize(
    ("files", "database"),
    [
        (node("", "@fastify/mongodb"), "mongodb"),
        (node("", "sails-mysql"), "mysql"),
        (node("", "pg-boss"), "postgres"),
        (
            {
                "composer.json": '{"type": "project", "require": {"yiisoft/db-pgsql": "^1.0"}}\n',
                "public/index.php": "<?php\n",
            },
            "postgres",
        ),
        (
            {
                "Shop.csproj": '<Project Sdk="Microsoft.NET.Sdk.Web"><ItemGroup>'
                '<PackageReference Include="MongoDB.Entities" /></ItemGroup></Project>\n',
                "Shop.cs": "class Shop {}\n",
            },
            "mongodb",
        ),
        (
            {
                "pom.xml": SPRING.replace("spring-boot-starter-web", "domain-models-runtime"),
                "src/main/java/Shop.java": "class Shop {}\n",
            },
            "postgres",
        ),
    ],
)
def test_what_brings_a_driver_along_tells_the_database(
    files: dict[str, str], database: str
) -> None:
    """Plugins, mappers and bases of others' modules."""
    assert answer(files, "database").value == database


def test_a_cache_beside_three_databases_is_a_choice_as_well() -> None:
    """Whoever installs the service chooses."""
    drivers = "Npgsql", "MySqlConnector", "Microsoft.Data.SqlClient"
    for used, cache in ((drivers, "none"), (drivers[:1], "redis")):
        packages = "".join(f'<PackageReference Include="{name}" />' for name in used)
        files = {
            "Shop.csproj": f'<Project Sdk="Microsoft.NET.Sdk.Web"><ItemGroup>{packages}</ItemGroup>'
            "</Project>\n",
            "Startup.cs": "services.AddStackExchangeRedisCache(address);\n",
        }
        assert answer(files, "cache").value == cache


@pytest.mark.parametrize(
    ("queue", "opens", "cache"),
    [
        ("sidekiq", "Redis.new\n", "redis"),
        ("sidekiq", "run\n", "none"),
        ("pg", "Redis.new\n", "none"),
    ],
)
def test_a_queue_on_redis_that_sources_open_needs_it_whatever_compose_runs(
    queue: str, opens: str, cache: str
) -> None:
    """Who develops it may have one already."""
    files = {
        "Gemfile": f'gem "rails"\ngem "redis"\ngem "{queue}"\n',
        "config/application.rb": "class App\nend\n",
        "config/initializers/redis.rb": opens,
        "compose.yaml": "services:\n  app:\n    build: .\n    depends_on: [db]\n"
        "  db:\n    image: postgres:17\n",
    }
    assert answer(files, "cache").value == cache


def test_redis_by_an_extra_is_for_who_asks_for_it() -> None:
    """The package starts without."""
    project = (
        '[project]\nname = "shop"\ndependencies = ["fastapi"{}]\n'
        '[project.optional-dependencies]\nall = ["redis"]\n'
    )
    source = "from redis import Redis\nclient = Redis()\n"
    for more, cache in (("", "none"), (', "redis"', "redis")):
        files = {"pyproject.toml": project.format(more), "shop/queues.py": source}
        assert answer(files, "cache").value == cache


def test_settings_of_spring_leave_out_the_database_of_its_driver() -> None:
    """What others of the house bring along is not connected to."""
    starter = "spring-boot-starter-data-mongodb"
    files = {
        "pom.xml": SPRING.replace("spring-boot-starter-web", starter),
        "src/main/java/Shop.java": "@SpringBootApplication\nclass Shop {}\n",
    }
    assert answer(files, "database").value == "mongodb"
    left = "spring.autoconfigure.exclude=org.springframework.MongoAutoConfiguration\n"
    files["src/main/resources/application.properties"] = left
    assert answer(files, "database").value == "none"


def test_a_script_that_nothing_can_import_opens_no_database_of_the_service() -> None:
    """It has a hyphen in its name."""
    files = {
        "requirements.txt": "fastapi\nasyncpg\n",
        "make-types.py": 'URL = "sqlite:///types.db"\n',
        "shop/settings.py": 'DATABASE_URL = "postgresql://db/shop"\n',
    }
    assert answer(files, "database").value == "postgres"


def test_a_project_of_dotnet_in_src_refers_to_those_of_other_services() -> None:
    """Its own lies one folder deeper than the service's."""
    reference = '<ProjectReference Include="..\\..\\Common\\src\\Common.csproj" />'
    package = '<PackageReference Include="Npgsql" Version="9" />'
    project = '<Project Sdk="Microsoft.NET.Sdk{}"><ItemGroup>{}</ItemGroup></Project>\n'
    files = {
        "Api/src/Api.csproj": project.format(".Web", reference),
        "Common/src/Common.csproj": project.format("", package),
    }
    assert answer(files, "database", "Api").value == "postgres"


def test_redis_is_reached_through_the_part_of_the_module_that_keeps_things() -> None:
    """What keeps things lies outside of the program's folder."""
    main = 'package main\n\nimport (\n\t"example.org/shop/database/redis"\n)\n\nfunc main() {}\n'
    required = "require github.com/redis/go-redis/v9 v9.7.0\n"
    for need, cache in ((required, "redis"), ("", "none")):
        files = {
            "go.mod": f"module example.org/shop\n\ngo 1.24\n\n{need}",
            "cmd/notifier/main.go": main,
        }
        assert answer(files, "cache", "cmd/notifier").value == cache


@pytest.mark.parametrize(("environment", "database"), [("development", "none"), ("base", "sqlite")])
def test_a_database_of_developers_is_not_what_is_run(environment: str, database: str) -> None:
    """Settings of an environment stand under its name."""
    source = f"module.exports = {{\n  {environment}: {{\n    client: 'sqlite3',\n  }},\n}};\n"
    assert answer(node(source, "knex"), "database").value == database


def test_a_provider_of_redis_is_none_that_is_used() -> None:
    """Symfony names one, whatever its caches are kept in."""
    content = {"type": "project", "require": {"symfony/framework-bundle": "^7"}}
    for line, cache in (
        ("default_redis_provider: '%env(REDIS_DSN)%'", "none"),
        ("app: cache.adapter.redis", "redis"),
    ):
        files = {
            "composer.json": json.dumps(content),
            "public/index.php": "<?php\n",
            "config/packages/cache.yaml": f"framework:\n    cache:\n        {line}\n",
        }
        assert answer(files, "cache").value == cache


def test_what_changes_the_tables_of_a_database_is_its_driver() -> None:
    """It may be the only one that is imported."""
    assert (
        answer(go("github.com/golang-migrate/migrate/v4/database/mysql"), "database").value
        == "mysql"
    )


def test_an_address_of_redis_that_may_be_left_out_is_a_choice() -> None:
    """Wherever `Optional` is taken from."""
    files = {
        "requirements.txt": "fastapi\nredis\n",
        "shop/bus.py": "import typing as t\nfrom redis import asyncio as aioredis\n"
        "class Bus:\n    redis_uri: t.Optional[str]\n    def open(self):\n"
        "        return aioredis.from_url(self.redis_uri)\n",
    }
    assert answer(files, "cache").value == "none"
