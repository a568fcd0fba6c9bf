"""Which clients of stores stand in the code of a service that can do without them."""

import time

import pytest

from analyzer import SourceTree, analyze
from delightful.recommendation import Answer

PYTHON = {"requirements.txt": "flask\nredis\n"}
RUBY = {
    "config.ru": "run App\n",
    "Gemfile": 'gem "rails"\ngem "dalli"\n',
    "config/application.rb": "module Shop\nend\n",
}
DOTNET = {
    "Shop.csproj": '<Project Sdk="Microsoft.NET.Sdk.Web"><ItemGroup>'
    '<PackageReference Include="StackExchange.Redis" Version="2.8.0" />'
    "</ItemGroup></Project>\n",
}
HOST = "redis://localhost:6379"
CLIENT = "import redis\n\n\ndef sessions(settings):\n"


def answer_of(field: str, files: dict[str, str]) -> Answer:
    """Return the answer on a field for a tree of texts."""
    said = analyze(SourceTree.of_files(files), None, service="shop", commit="0" * 40)
    answer = said.answer(field)
    assert answer is not None
    return answer


def cache_of(files: dict[str, str]) -> Answer:
    """Return the answer on the cache for a tree of texts."""
    return answer_of("cache", files)


@pytest.mark.parametrize(
    "condition",
    [
        "if settings.REDIS_URL:",
        "if settings.redis_url is not None:",
        "if settings.sessions == 'redis':",
    ],
)
def test_no_cache_for_a_client_in_a_condition_on_its_settings(condition: str) -> None:
    """It is made only where somebody asks for it."""
    source = f"{CLIENT}    {condition}\n        return redis.Redis.from_url(settings.REDIS_URL)\n"
    said = cache_of({**PYTHON, "app.py": source})
    assert (said.value, said.rule, said.confidence) == ("none", "absent/optional-cache", "medium")
    assert said.evidence[0].line == 5
    assert said.evidence[0].quote.startswith("if settings.")


IOREDIS = {"package.json": '{"dependencies": {"express": "5", "ioredis": "5"}}'}
OPENS = "const bus = {}new Redis(process.env.REDIS_URL){};\n"


@pytest.mark.parametrize(
    ("source", "cache"),
    [
        (OPENS.format("", ""), "redis"),
        (OPENS.format("process.env.REDIS_URL ? ", " : null"), "none"),
        (OPENS.format("process.env.REDIS_URL\n  ? ", "\n  : null"), "none"),
        (OPENS.format("redisCluster ? new Cluster() : ", ""), "redis"),
        (OPENS.format("process.env.REDIS_SHOP ? ", " : new Redis()"), "redis"),
        (OPENS.format("process.env.REDIS_SHOP ? ", " : new MemoryStore()"), "none"),
        (f"if (process.env.REDIS_URL) {OPENS.format('', '')}", "none"),
        (f"if (!process.env.REDIS_URL) {{\n  return;\n}}\n{OPENS.format('', '')}", "none"),
        (f"if (!process.env.REDIS_URL) {{\n  throw 1;\n}}\n{OPENS.format('', '')}", "redis"),
        (
            f"if (process.env.REDIS_URL) {{\n  {OPENS.format('', '')}}} else {{\n  warn();\n}}\n",
            "none",
        ),
        (
            f"if (process.env.REDIS_URL) {{\n  {OPENS.format('', '')}}} else {{\n  throw 1;\n}}\n",
            "redis",
        ),
        (
            f"if (process.env.REDIS_URL) {{\n  {OPENS.format('', '')}}}\nelse {{\n  exit(1);\n}}\n",
            "redis",
        ),
        (f"if (!process.env.REDIS_URL) {{\n  warn();\n}}\n{OPENS.format('', '')}", "redis"),
    ],
)
def test_no_cache_for_a_client_that_is_not_come_to_without_its_setting(
    source: str, cache: str
) -> None:
    """Of two branches one has none, or what comes before leaves the function."""
    assert (
        cache_of({**IOREDIS, "index.js": f"import Redis from 'ioredis'\n{source}"}).value == cache
    )


@pytest.mark.parametrize(
    "condition",
    [
        "if (!string.IsNullOrWhiteSpace(redis))",
        "if (!redis.IsNullOrEmpty())",
        "if (redis != null)",
    ],
)
def test_what_denies_that_there_is_nothing_asks(condition: str) -> None:
    """Two denials in one condition are none."""
    adds = "services.AddStackExchangeRedisCache(o => o.Configuration = redis);\n"
    program = f"{condition}\n{{\n    {adds}}}\napp.Run();\n"
    assert cache_of({**DOTNET, "Program.cs": program}).value == "none"
    assert cache_of({**DOTNET, "Program.cs": f"{adds}app.Run();\n"}).value == "redis"


def test_no_cache_for_a_variable_that_is_only_asked_for() -> None:
    """A variable that is read where it is asked whether it is there is no need of it."""
    line = "store = ENV['REDIS_URL'].present? ? ENV['REDIS_URL'] : nil\n"
    asked = "if ENV['REDIS_URL'].present?\n  store = ENV['REDIS_URL']\nend\n"
    ruby = {**RUBY, "Gemfile": 'gem "rails"\ngem "redis"\n'}
    assert cache_of({**ruby, "config/initializers/a.rb": asked}).value == "none"
    assert cache_of({**ruby, "config/initializers/a.rb": "a = ENV['REDIS_URL']\n"}).value == "redis"
    assert cache_of({**ruby, "config/initializers/a.rb": f"{asked}{line}"}).value == "redis"


@pytest.mark.parametrize(
    "condition", ["if settings.redis is None:", "if not hasattr(settings, 'redis'):", "if True:"]
)
def test_cache_for_a_client_that_is_made_where_there_is_none_yet(condition: str) -> None:
    """What is made once is needed."""
    source = f"{CLIENT}    {condition}\n        settings.redis = redis.Redis.from_url('x')\n"
    assert cache_of({**PYTHON, "app.py": source}).value == "redis"


def test_cache_where_another_client_is_made_in_any_case() -> None:
    """One that stands in no condition decides."""
    source = f"{CLIENT}    if settings.REDIS_URL:\n        return redis.Redis.from_url('x')\n"
    other = "import redis\n\nqueue = redis.Redis.from_url('redis://queue')\n"
    assert cache_of({**PYTHON, "app.py": source, "queue.py": other}).value == "redis"


def test_no_cache_where_the_condition_stands_behind_or_on_a_brace() -> None:
    """Ruby asks at a line's end, C# puts the brace on a line of its own."""
    store = "config.cache_store = :mem_cache_store, servers if Settings.key?(:memcache_servers)\n"
    ruby = RUBY["config/application.rb"].replace("end\n", f"  {store}end\n")
    assert cache_of({**RUBY, "config/application.rb": ruby}).value == "none"
    keys = "services.AddDataProtection().Add(ConnectionMultiplexer.Connect(config.Url));"
    guarded = f"    if (config.KeysInRedis)\n    {{\n        {keys}\n    }}\n"
    program = f"var app = builder.Build();\nvoid Keys() {{\n{guarded}}}\n"
    assert cache_of({**DOTNET, "Program.cs": program}).value == "none"


def test_cache_where_a_package_does_not_run_without() -> None:
    """Jobs lie in Redis, whatever else may be kept there."""
    store = "  config.cache_store = :redis_cache_store if ENV['REDIS_URL']\n"
    settings = RUBY["config/application.rb"].replace("end\n", f"{store}end\n")
    gems = RUBY["Gemfile"] + 'gem "sidekiq"\n'
    files = {**RUBY, "Gemfile": gems, "config/application.rb": settings}
    assert cache_of(files).value == "redis"


def test_no_cache_for_one_of_several_modules_to_choose_from() -> None:
    """Modules that are called after stores, side by side, are choices."""
    names = ("redis", "postgres", "milvus", "pinecone")
    modules = {f"stores/{name}_store.py": "" for name in names}
    client = "import redis\n\n\ndef connect():\n    return redis.Redis(host='x')\n"
    chosen = {**PYTHON, **modules, "stores/redis_store.py": client}
    assert cache_of(chosen).value == "none"
    alone = {**PYTHON, "stores/redis_store.py": client, "stores/postgres_store.py": ""}
    assert cache_of(alone).value == "redis"
    clients = {f"lib/{name}.py": "" for name in ("postgres", "s3", "mongo", "elasticsearch")}
    assert cache_of({**PYTHON, **clients, "lib/redis.py": client}).value == "redis"


@pytest.mark.parametrize(
    ("switch", "cache"),
    [
        ('REDIS_ENABLED = env.bool("REDIS_ENABLED", False)', "none"),
        ('REDIS_ENABLED = env.bool("REDIS_ENABLED") == "true"', "none"),
        ("redis_url: str | None = None", "none"),
        ("def keep(key: str, *, redis: Redis | None = None) -> None: ...", "redis"),
        ('REDIS_ENABLED = env.bool("REDIS_ENABLED", True)', "redis"),
        ('REDIS_ENABLED = env.bool(\n    "REDIS_ENABLED",\n    True,\n)', "redis"),
        ('REDIS_URL = env("REDIS_URL")', "redis"),
    ],
)
def test_cache_behind_a_switch_is_needed_where_that_is_on_by_itself(
    switch: str, cache: str
) -> None:
    """Wherever the client is made, nothing of it runs before somebody switches it on."""
    made = "import redis\n\n\ndef connect(settings):\n    return redis.Redis(settings.URL)\n"
    files = {**PYTHON, "settings.py": f"{switch}\n", "store.py": made}
    assert cache_of(files).value == cache


def test_no_cache_for_a_bean_that_a_property_asks_for() -> None:
    """Spring makes it where the property is set."""
    build = "plugins { id 'org.springframework.boot' version '3.4.0' }\ndependencies {\n"
    build += "implementation 'org.springframework.boot:spring-boot-starter-web'\n"
    build += "implementation 'redis.clients:jedis:5.2.0'\n}\n"
    asked = '@ConditionalOnProperty(value = "shop.redis.enabled", havingValue = "true")\n'
    bean = "@Bean\nJedisPool pool() { return new JedisPool(host); }\n"
    source = "src/main/java/Shop.java"
    program = "class Shop { static void main() { SpringApplication.run(Shop.class); }\n"
    files = {"build.gradle": build, source: f"{program}{asked}{bean}}}\n"}
    assert cache_of(files).value == "none"
    assert cache_of({**files, source: f"{program}{bean}}}\n"}).value == "redis"
    missing = asked.replace('havingValue = "true"', "matchIfMissing = true")
    assert cache_of({**files, source: f"{program}{missing}{bean}}}\n"}).value == "redis"


@pytest.mark.parametrize(
    ("beside", "cache"), [("sessions/memory/store.go", "none"), ("sessions/token.go", "redis")]
)
def test_no_cache_for_a_store_beside_one_in_memory(beside: str, cache: str) -> None:
    """A folder that is called after it is a choice as a module is."""
    client = 'package redis\n\nimport "github.com/redis/go-redis/v9"\n\n'
    client += 'func Open() { redis.NewClient(&redis.Options{Addr: "redis:6379"}) }\n'
    files = {
        "go.mod": "module a\n\ngo 1.24\n\nrequire github.com/redis/go-redis/v9 v9.0.0\n",
        "main.go": 'package main\n\nimport "net/http"\n\n'
        'func main() { http.ListenAndServe(":8080", nil) }\n',
        "sessions/redis/store.go": client,
        beside: "package sessions\n",
    }
    assert cache_of(files).value == cache


def test_cache_that_is_opened_in_one_way_or_another() -> None:
    """The condition asks how, not whether."""
    either = "    if settings.redis_cluster:\n        return redis.RedisCluster.from_url('x')\n"
    other = "    return redis.Redis.from_url('x')\n"
    assert cache_of({**PYTHON, "app.py": f"{CLIENT}{either}{other}"}).value == "redis"
    alone = {**PYTHON, "app.py": f"{CLIENT}{either.replace('RedisCluster', 'Redis')}"}
    assert cache_of(alone).value == "redis"


def test_no_cache_that_only_a_comment_or_a_sample_offers() -> None:
    """Django's settings name it in a comment, the sample in a variable that no source reads."""
    settings = {"shop/settings.py": "# BACKEND: django_redis.cache.RedisCache\n"}
    django = {"requirements.txt": "django\ndjango-redis\n", "manage.py": "# DJANGO\n"}
    assert cache_of({**django, **settings}).value == "none"
    used = {"shop/settings.py": 'CACHE = {"BACKEND": "django_redis.cache.RedisCache"}\n'}
    assert cache_of({**django, **used}).value == "redis"
    node = {
        "package.json": '{"dependencies": {"express": "5"}}',
        ".env.example": f"REDIS_URL={HOST}\n",
    }
    assert cache_of({**node, "index.js": "app.listen(80)\n"}).value == "none"
    assert cache_of({**node, "index.js": "connect(process.env.REDIS_URL)\n"}).value == "redis"
    guarded = "if (process.env.REDIS_URL) {\n  new Redis(process.env.REDIS_URL)\n}\n"
    node["package.json"] = '{"dependencies": {"express": "5", "ioredis": "5"}}'
    assert cache_of({**node, "index.js": guarded}).value == "none"


EITHER = """import sqlalchemy

if settings.postgres.enabled:
    url = URL.create(drivername="postgresql", host=settings.postgres.host)
else:
    url = "sqlite:///data/shop.db"
"""
SQLALCHEMY = {"requirements.txt": "flask\nsqlalchemy\npsycopg2\n"}


def test_sqlite_where_a_server_is_opened_only_when_asked_for() -> None:
    """It needs nobody else; the driver is there for those who ask."""
    said = answer_of("database", {**SQLALCHEMY, "app.py": EITHER})
    assert said.value == "sqlite"
    assert ("app.py", 3) in {(evidence.file, evidence.line) for evidence in said.evidence}
    server = EITHER.replace("if settings.postgres.enabled:", "if settings.enabled:")
    assert answer_of("database", {**SQLALCHEMY, "app.py": server}).value == "postgres"
    alone = EITHER.replace("sqlite:///data/shop.db", "")
    assert answer_of("database", {**SQLALCHEMY, "app.py": alone}).value == "postgres"


@pytest.mark.parametrize(
    ("beside", "database"), [("db/sqlite.py", "sqlite"), ("db/errors.py", "postgres")]
)
def test_sqlite_where_a_module_for_it_lies_beside_the_servers(beside: str, database: str) -> None:
    """Of modules that only their stores' names tell, one needs no other store."""
    files = {
        "requirements.txt": "flask\nasyncpg\n",
        "app.py": "app.run()\n",
        "db/postgres.py": "import asyncpg\n\npool = asyncpg.create_pool(dsn)\n",
        beside: "",
    }
    assert answer_of("database", files).value == database


def test_a_line_of_many_clients_is_looked_at_for_a_bounded_time() -> None:
    """What nobody writes costs no more than what people write."""
    line = "connect(redis.Redis() if redis else 1) " * 8000
    begun = time.process_time()
    cache_of({**PYTHON, "app.py": f"import redis\n{line}\n"})
    cache_of({**RUBY, "app.rb": "Redis.new if redis " * 16_000})
    asks = "if postgres:\n    create_engine('postgresql://db')\n" * 5000
    answer_of("database", {**SQLALCHEMY, "app.py": f"url = 'sqlite:///db'\n{asks}"})
    sample = "".join(f"A{number}_URL=redis://cache\n" for number in range(8000))
    cache_of({"requirements.txt": "flask\n", "app.py": "app.run()\n", ".env.example": sample})
    assert time.process_time() - begun < 5


@pytest.mark.parametrize(
    ("opens", "cache"),
    [
        ("locks = redis.Redis.from_url(settings.REDIS_URL)\n", "redis"),
        ("def locks():\n    return redis.Redis.from_url(settings.REDIS_URL)\n", "none"),
    ],
)
def test_cache_that_is_opened_on_import_though_the_compose_file_has_none(
    opens: str, cache: str
) -> None:
    """No call is needed for it, and so no way of the service goes around it."""
    files = {
        **PYTHON,
        "compose.yml": "services:\n  shop:\n    build: .\n    depends_on: [db]\n"
        "    ports: ['80:80']\n  db:\n    image: postgres\n",
        "app.py": f"import redis\n\n{opens}",
    }
    assert cache_of(files).value == cache


@pytest.mark.parametrize("kind", ["outputs", "scalers"])
@pytest.mark.parametrize(("count", "database"), [(12, "none"), (3, "postgres")])
def test_no_store_for_one_of_many_outputs(kind: str, count: int, database: str) -> None:
    """Where much is sent somewhere, a database is one place of many."""
    files = {
        "go.mod": "module example.org/shop\n\ngo 1.24\n\nrequire github.com/lib/pq v1.10.9\n",
        "main.go": 'package main\n\nimport "net/http"\n\nfunc main() {\n'
        "\thttp.ListenAndServe(addr, nil)\n}\n",
        f"{kind}/pg.go": f"package {kind}\n\nimport (\n"
        '\t"database/sql"\n\t_ "github.com/lib/pq"\n)\n',
        **{f"{kind}/place{number}.go": f"package {kind}\n" for number in range(count)},
    }
    assert answer_of("database", files).value == database


def test_settings_choose_one_of_the_databases_that_a_program_can_use() -> None:
    """Each of them has a driver and a section of its own."""
    packages = "".join(
        f'<PackageReference Include="{name}" Version="1.0.0" />'
        for name in ("Npgsql", "MongoDB.Driver")
    )
    files = {
        "Shop.csproj": f'<Project Sdk="Microsoft.NET.Sdk.Web"><ItemGroup>{packages}</ItemGroup>'
        "</Project>\n",
        "appsettings.json": '{\n  "DbProvider": "Postgres",\n  "MongoDb": {"ConnectionString":'
        ' "mongodb://localhost"},\n  "Postgres": {"ConnectionString": "Host=localhost"}\n}\n',
        "Stores.cs": "var a = new MongoClient(url);\nbuilder.UseNpgsql(url);\n",
    }
    assert answer_of("database", files).value == "postgres"
