"""What is read from PHP services, one rule at a time."""

import json
from collections.abc import Mapping

import pytest
from pydantic import JsonValue

from analyzer import SourceTree, analyze
from delightful.recommendation import Answer

COMMIT = "0" * 40
ENTRY = {"public/index.php": "<?php\nrequire 'x.php';\n"}
LARAVEL = "laravel/framework"
SYMFONY = "symfony/framework-bundle"


def composer(*packages: str, **content: JsonValue) -> dict[str, str]:
    require = dict.fromkeys(packages, "^1.0") | {"php": "^8.2"}
    return {"composer.json": json.dumps({"name": "a/b", "require": require, **content}, indent=2)}


def answered(files: Mapping[str, str], field: str) -> Answer:
    tree = SourceTree.of_files(files)
    answer = analyze(tree, None, service="app", commit=COMMIT).answer(field)
    assert answer is not None
    return answer


def value(files: Mapping[str, str], field: str) -> JsonValue:
    return answered(files, field).value


@pytest.mark.parametrize(
    ("package", "framework", "port"),
    [
        (LARAVEL, "laravel", 80),
        (SYMFONY, "symfony", 80),
        ("slim/slim", "slim", 80),
        ("ext-phalcon", "phalcon", 80),
        ("cakephp/cakephp", "cakephp", 80),
        ("codeigniter4/framework", "codeigniter", 80),
        ("yiisoft/yii2", "yii", 80),
    ],
)
def test_a_framework_brings_its_port(package: str, framework: str, port: int) -> None:
    """Composer names the framework, and its own server's port is the answer without a better."""
    files = composer(package) | ENTRY
    assert value(files, "framework") == framework
    assert (value(files, "port"), answered(files, "port").confidence) == (port, "low")


def test_plain_php_is_known_by_what_a_web_server_is_pointed_at() -> None:
    """Without Composer an entry script makes it PHP, served on port 80."""
    files = {"index.php": "<?php\necho 1;\n", "lib/db.php": "<?php\n$db = new mysqli($h);\n"}
    said = [value(files, field) for field in ("language", "kind", "port", "database")]
    assert said == ["php", "web", 80, "mysql"]


NGINX = "server {\n  listen 443 ssl;\n  listen 8081;\n  location ~ .php$ { fastcgi_pass x; }\n}\n"


@pytest.mark.parametrize(
    ("path", "text", "port"),
    [
        (".rr.yaml", "rpc:\n  listen: x\nhttp:\n  address: '0.0.0.0:${PORT:-8081}'\n", 8081),
        (".rr.yaml", "rpc:\n  address: 0.0.0.0:8081\n", 80),
        ("docker/nginx/default.conf", NGINX, 8081),
        (".devcontainer/nginx.conf", NGINX, 80),
        ("docker/nginx.conf", "server {\n  listen 8081;\n  proxy_pass x;\n}\n", 80),
        ("Caddyfile", ":8081 {\n  root public/\n  php_server\n}\n", 8081),
        ("frankenphp/Caddyfile", "{$SERVER_NAME:http://:8081} {\n  php_server\n}\n", 8081),
        ("Caddyfile", ":8081 {\n  reverse_proxy app:9000\n}\n", 80),
        ("docker/vhost.conf", "<VirtualHost *:8081>\n  DocumentRoot /x\n", 8081),
        ("docker/vhost.conf", "<VirtualHost *:443>\n  DocumentRoot /x\n", 80),
    ],
)
def test_settings_of_the_server_in_front_tell_the_port(path: str, text: str, port: int) -> None:
    """What serves PHP itself listens for it; a proxy before others and encryption do not count."""
    assert value(composer(LARAVEL) | ENTRY | {path: text}, "port") == port


GUESTBOOK = {
    "index.html": "<html></html>\n",
    "app.js": "fetch('guestbook.php')\n",
    "guestbook.php": "<?php\n$c = new Predis\\Client(['host' => getenv('CACHE_HOST')]);\n"
    "$c->set($_GET['key'], 1);\n",
}


def test_a_script_that_a_page_calls_is_served_as_php() -> None:
    """Beside a page of HTML what reads a request is what a web server is pointed at."""
    said = [value(GUESTBOOK, field) for field in ("language", "kind", "port", "cache")]
    assert said == ["php", "web", 80, "redis"]
    assert value(GUESTBOOK, "environment_variables") == ["CACHE_HOST"]


@pytest.mark.parametrize(
    "script",
    ["<?php\necho $argv[1];\n", "<?php\n/*\n * Plugin Name: Shop\n */\necho $_GET['x'];\n"],
)
def test_a_script_that_nobody_asks_is_no_service(script: str) -> None:
    """What reads no request is for the command line; a plugin is WordPress's to call."""
    assert value({"tool.php": script}, "kind") != "web"


@pytest.mark.parametrize(
    ("path", "code", "cache"),
    [
        ("index.php", "$r = new Redis();", "redis"),
        ("lib/queue.php", "$r = new \\Redis();", "redis"),
        ("index.php", "$m = new Memcached();", "memcached"),
        ("lib/caches/RedisCache.php", "$r = new Redis();", "none"),
        ("lib/store.php", "$s = $r ? new Redis() : new Memcached();", "none"),
    ],
)
def test_a_client_in_plain_php_needs_its_server(path: str, code: str, cache: str) -> None:
    """Without Composer the source names the client; a class for caches is one choice of several."""
    files = composer() | {"index.php": "<?php\n"} | {path: f"<?php\n{code}\n"}
    assert value(files, "cache") == cache


def test_the_repositorys_own_packages_bring_what_they_require() -> None:
    """Composer takes a package from a folder: the framework and its settings stand there."""
    own = {"name": "acme/core", "require": {SYMFONY: "^7.0", "predis/predis": "^2.0"}}
    files = composer("acme/core", repositories=[{"type": "path", "url": "packages/*"}]) | ENTRY
    files |= {"packages/core/composer.json": json.dumps(own, indent=2)}
    said = answered(files, "framework")
    assert (said.value, said.evidence[0].file) == ("symfony", "packages/core/composer.json")
    other = files | {"packages/core/composer.json": json.dumps({**own, "name": "acme/else"})}
    assert value(other, "framework") is None


def test_symfony_keeps_its_cache_in_files_unless_its_settings_say_otherwise() -> None:
    """So does plain PHP until its source opens one; Horizon runs on nothing else."""
    for framework in ((SYMFONY,), ()):
        assert value(composer(*framework, "predis/predis") | ENTRY, "cache") == "none"
    opens = {"src/store.php": "<?php\n$store = new Redis();\n"}
    assert value(composer("ext-redis") | ENTRY | opens, "cache") == "redis"
    assert value(composer("laravel/framework", "laravel/horizon") | ENTRY, "cache") == "redis"


@pytest.mark.parametrize(
    ("path", "framework"),
    [("config/bundles.php", "symfony"), ("app/AppKernel.php", "symfony"), ("artisan", "laravel")],
)
def test_a_skeletons_file_names_the_framework(path: str, framework: str) -> None:
    """Where Composer does not name it, a file that only one framework has does."""
    assert value(composer() | ENTRY | {path: "<?php\n"}, "framework") == framework


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ({"type": "library"}, "library"),
        ({}, "library"),
        ({"bin": ["bin/tool"]}, "cli"),
        ({"type": "library", "bin": ["bin/tool"]}, "cli"),
        ({"type": "project"}, "web"),
    ],
)
def test_a_package_without_an_entry_is_what_its_type_says(
    content: dict[str, JsonValue], kind: str
) -> None:
    """A library or a command is nothing that a web server is pointed at; a project is."""
    files = composer(**content) | {"src/A.php": "<?php\n"}
    assert value(files, "kind") == kind


@pytest.mark.parametrize(
    ("constraint", "version"),
    [("^8.2", "8.2"), (">=8.1", "8.1"), ("8.5.*", "8.5"), ("^7.4 || ^8.0", "8.0")],
)
def test_the_version_is_the_oldest_of_the_newest_major(constraint: str, version: str) -> None:
    """What `require.php` allows gives the version that the service was written for."""
    files = {"composer.json": json.dumps({"require": {"php": constraint}})} | ENTRY
    assert value(files, "runtime_version") == version


def test_what_has_no_upper_end_is_weaker_than_the_image() -> None:
    """The oldest version that is allowed, stated twice, is not that of the image."""
    content = {"require": {"php": ">=8.1"}, "config": {"platform": {"php": "8.1"}}}
    images = "FROM php:8.3-fpm\n"
    workflow = "steps:\n  - uses: shivammathur/setup-php@v2\n    with:\n      php-version: '8.1'\n"
    files = {
        "composer.json": json.dumps(content),
        "Dockerfile": images,
        ".github/workflows/a.yml": f"jobs:\n  a:\n    {workflow}",
    }
    assert value(files | ENTRY, "runtime_version") == "8.3"


SAIL = (
    "services:\n  laravel.test:\n    build:\n      context: ./vendor/laravel/sail/runtimes/8.4\n"
    "    image: sail-8.4/app\n    ports:\n      - '${APP_PORT:-80}:80'\n"
)


def test_sail_listens_on_its_own_port_wherever_it_is_published() -> None:
    """A README's address is the published one; an image of the service's own comes first."""
    files = (
        composer(LARAVEL) | ENTRY | {"docker-compose.yml": SAIL, ".env.example": "APP_PORT=3000\n"}
    )
    files["README.md"] = "Open http://localhost:3000/api\n"
    assert value(files, "port") == 80
    assert value(files | {"Dockerfile": "FROM php:8.4-cli\nEXPOSE 8081\n"}, "port") == 8081


def test_a_version_file_outweighs_what_composer_allows() -> None:
    """A pinned version is the answer, with the line that pins it."""
    files = composer(LARAVEL) | ENTRY | {".tool-versions": "nodejs 22.1.0\nphp 8.3.16\n"}
    said = answered(files, "runtime_version")
    assert (said.value, said.evidence[0].file) == ("8.3", ".tool-versions")


@pytest.mark.parametrize(
    ("path", "text", "health"),
    [
        ("bootstrap/app.php", "->withRouting(\n  health: '/up',\n)", "/up"),
        ("routes/web.php", "Route::get('/health', Check::class);", "/health"),
        ("routes/web.php", "Route::get('health', Check::class);", "/health"),
        ("routes/api.php", "Route::get('health-check', Check::class);", "/api/health-check"),
        ("routes/web.php", "Route::withoutMiddleware(['web'])->get(\n  '/health', X);", "/health"),
        (
            "routes/api.php",
            "Route::group(['prefix' => 'v1', 'as' => 'v1.'], function () {\n"
            "    Route::get('health', X::class);\n});",
            "/api/v1/health",
        ),
        (
            "routes/web.php",
            "Route::prefix('own')->group(fn () => [\n    Route::get('/health', X::class),\n]);",
            "/own/health",
        ),
        (
            "routes/web.php",
            "Route::prefix('{shop}')->group(fn () => [\n    Route::get('/health', X::class),\n]);",
            None,
        ),
        (
            "app/routes.php",
            "$app->group('/api', function ($group) {\n    $group->get('/health', X::class);\n});",
            "/api/health",
        ),
        ("src/C.php", "#[Route('/api')]\nfinal class C {\n  #[Route('/ping')]\n}", "/api/ping"),
        ("src/C.php", "class C {\n  #[Route('/healthz', name: 'h')]\n}", "/healthz"),
        ("src/C.php", "#[Route(path: '/healthz')]\nclass C {\n  #[Route('')]\n}", "/healthz"),
        ("app/routes.php", "$app->get('/health', fn () => 1);", "/health"),
        ("app/routes.php", "App::get('/v1/health')\n  ->desc('x');", "/v1/health"),
        ("src/Get.php", "$this\n  ->setHttpPath('/v1/health')\n", "/v1/health"),
        ("src/routes.php", "$r->addRoute('GET', '/healthz', 'check');", "/healthz"),
        ("src/routes.php", "Router::addRoute(['GET'], '/healthz', 'check');", "/healthz"),
        ("src/C.php", "class C {\n  #[GetMapping(path: 'health')]\n}", "/health"),
    ],
)
def test_the_health_path_is_put_together_as_the_framework_does(
    path: str, text: str, health: str | None
) -> None:
    """A route under a usual name gives the path, with what its file or class puts before it."""
    files = composer(LARAVEL) | ENTRY | {path: f"<?php\n{text}\n"}
    assert value(files, "health_path") == health


@pytest.mark.parametrize(
    ("packages", "files", "database"),
    [
        (
            (LARAVEL,),
            {
                "config/database.php": "<?php\n'default' => env('DB_CONNECTION', 'pgsql'),\n",
                "database/migrations/2026_create_shops.php": "<?php\n",
            },
            "postgres",
        ),
        (
            (LARAVEL,),
            {"config/database.php": "<?php\n'default' => env('DB_CONNECTION', 'pgsql'),\n"},
            "none",
        ),
        (
            (LARAVEL,),
            {
                "config/database.php": "<?php\n'default' => env('DB_CONNECTION', 'sqlite'),\n",
                ".env.example": "DB_CONNECTION=mysql\n",
            },
            "mysql",
        ),
        (
            (LARAVEL,),
            {".env": "DB_CONNECTION=sqlite\n", ".env.example": "DB_CONNECTION=mysql\n"},
            "sqlite",
        ),
        ((SYMFONY,), {".env": '# DATABASE_URL="mysql://"\nDATABASE_URL="sqlite:///x"\n'}, "sqlite"),
        (
            (SYMFONY,),
            {"config/packages/doctrine.yaml": "doctrine:\n  dbal:\n    driver: 'pdo_mysql'\n"},
            "mysql",
        ),
        (
            ("cakephp/cakephp",),
            {"config/app.php": "<?php return [\n'driver' => Postgres::class,\n];"},
            "postgres",
        ),
        (
            ("codeigniter4/framework",),
            {"app/Config/DB.php": "<?php\n'DBDriver' => 'MySQLi',\n//'DBDriver' => 'SQLite3'\n"},
            "mysql",
        ),
        (("yiisoft/yii2",), {"config/db.php": "<?php\n'dsn' => 'mysql:host=localhost'\n"}, "mysql"),
        (("slim/slim",), {"cfg.php": '<?php\n;dsn = "mysql:host=localhost"\n'}, "none"),
        (("slim/slim",), {"config.php": "<?php\n'type' => 'sqlite',\n"}, "sqlite"),
        (("slim/slim",), {"config.php": "<?php\ndefine('DB_DRIVER', 'sqlite');\n"}, "sqlite"),
        (
            (SYMFONY,),
            {"app/bundles/Core/Config/config.php": "<?php\n  'db_driver' => 'pdo_mysql',\n"},
            "mysql",
        ),
        (("slim/slim",), {"config.sample.php": "<?php\n'dbtype' => 'sqlite3',\n"}, "sqlite"),
        (("slim/slim",), {"config-sample.php": "<?php\n$cfg['db_type'] = 'pgsql';\n"}, "postgres"),
        (
            ("slim/slim",),
            {"src/Configuration.php": "<?php\nclass C {\n  public string $dbType = 'sqlite';\n}\n"},
            "sqlite",
        ),
        (
            ("slim/slim",),
            {"config/global.ini.php": "[database]\nhost =\nadapter = PDO\\MYSQL\n"},
            "mysql",
        ),
        (("slim/slim",), {"config.ini": "[cache]\ntype = sqlite\n[database]\nhost=x\n"}, "none"),
        (("slim/slim",), {"install/db.sql": "CREATE TABLE a (b int) ENGINE=InnoDB;\n"}, "mysql"),
        (
            ("slim/slim",),
            {"sql/mysql.sql": "CREATE TABLE a () ENGINE=InnoDB;\n", "sql/sqlite.sql": "-- a\n"},
            "none",
        ),
        (
            ("slim/slim",),
            {
                "lib/Driver/A.php": "<?php\nnew PDO('mysql:host=x');\n",
                "lib/Driver/B.php": "<?php\nnew PDO('sqlite:/x');\n",
                "config.default.php": "<?php\ndefine('DB_DRIVER', 'sqlite');\n",
                "tests/config.mysql.php": "<?php\ndefine('DB_DRIVER', 'mysql');\n",
            },
            "sqlite",
        ),
        (
            ("slim/slim",),
            {
                "lib/A.php": "<?php\nnew PDO('mysql:host=x');\nnew PDO('pgsql:host=x');\n",
                "config/defaults.inc.php": "<?php\n$config['dsn'] = 'mysql://u@h/db';\n",
            },
            "mysql",
        ),
        (("slim/slim",), {".ci/config.php": "<?php\nnew PDO('mysql:host=x');\n"}, "none"),
        (("slim/slim",), {"lib/db.php": "<?php\n$db = mysqli_init();\n"}, "mysql"),
        (("slim/slim",), {"lib/db.php": "<?php\n$db = new \\SQLite3('a');\n"}, "sqlite"),
        (("slim/slim",), {"caches/SQLiteCache.php": "<?php\n$db = new \\SQLite3('a');\n"}, "none"),
        (("slim/slim",), {"Cache/File/Lite.php": "<?php\nnew PDO('sqlite:/x');\n"}, "none"),
        (("roots/wordpress",), {}, "mysql"),
        (("laravel/lumen-framework",), {"database/migrations/a.php": "<?php\n"}, "mysql"),
        (("laravel/lumen-framework",), {}, "none"),
        (("slim/slim",), {}, "none"),
    ],
)
def test_the_database_is_what_the_settings_name(
    packages: tuple[str, ...], files: dict[str, str], database: str
) -> None:
    """A framework's settings, its environment file or an address in use name the database."""
    assert value(composer(*packages) | ENTRY | files, "database") == database


@pytest.mark.parametrize(
    ("packages", "files", "cache"),
    [
        ((LARAVEL, "predis/predis"), {"config/cache.php": "'file'"}, "none"),
        ((LARAVEL, "predis/predis"), {"config/cache.php": "'redis'"}, "redis"),
        ((LARAVEL, "laravel/horizon"), {"config/cache.php": "'file'"}, "redis"),
        ((LARAVEL,), {".env.example": "CACHE_STORE=redis\n"}, "redis"),
        (
            (SYMFONY,),
            {"config/packages/cache.yaml": "framework:\n  cache:\n    app: cache.adapter.redis\n"},
            "redis",
        ),
        (
            (SYMFONY,),
            {"config/packages/cache.yaml": "framework:\n  cache:\n    #app: cache.adapter.redis\n"},
            "none",
        ),
        (
            (SYMFONY, "predis/predis"),
            {"config/services.yaml": "services:\n  predis:\n    class: Predis\\Client\n"},
            "redis",
        ),
        (
            (SYMFONY, "predis/predis"),
            {"config/services.yaml": "services:\n  a:\n    class: App\\Predis\\Client\n"},
            "none",
        ),
    ],
)
def test_a_redis_client_alone_asks_for_no_redis(
    packages: tuple[str, ...], files: dict[str, str], cache: str
) -> None:
    """What caches and queues are kept in by default says whether a Redis is needed."""
    store = files.get("config/cache.php")
    if store:
        line = f"<?php return [\n'default' => env('CACHE_STORE', {store}),\n];\n"
        files = files | {"config/cache.php": line}
    assert value(composer(*packages) | ENTRY | files, "cache") == cache


@pytest.mark.parametrize(
    ("packages", "files", "worker"),
    [
        ((LARAVEL,), {}, False),
        ((LARAVEL, "laravel/horizon"), {}, True),
        ((LARAVEL,), {".env.example": "QUEUE_CONNECTION=redis\n"}, True),
        ((LARAVEL,), {".env.example": "QUEUE_CONNECTION=sync\n"}, False),
        (
            (SYMFONY,),
            {"config/packages/messenger.yaml": "routing:\n  'App\\Message\\Import': async\n"},
            True,
        ),
        ((SYMFONY,), {"etc/supervisor.conf": "command=bin/console messenger:consume a\n"}, True),
        ((LARAVEL,), {"scripts/entrypoint.sh": "exec php artisan queue:work --tries=3\n"}, True),
        ((LARAVEL,), {"scripts/release.sh": "php artisan queue:restart\n"}, False),
        (("slim/slim",), {"bin/worker-mails": "#!/bin/sh\nexec php app/worker.php mails\n"}, True),
        (("slim/slim",), {"bin/workers-of-others": ""}, False),
        (
            ("slim/slim",),
            {"bin/worker.php": "<?php\n", ".rr.yaml": "server:\n  command: php bin/worker.php\n"},
            False,
        ),
    ],
)
def test_a_worker_is_a_queue_that_is_handled_later(
    packages: tuple[str, ...], files: dict[str, str], worker: bool
) -> None:
    """A queue that needs a process of its own means a worker; one that is handled at once none."""
    assert value(composer(*packages) | ENTRY | files, "worker") is worker


@pytest.mark.parametrize(
    ("text", "port"),
    [
        ('$server = new Swoole\\Http\\Server("0.0.0.0", 9501);', 9501),
        ("new Server(\n  host: '0.0.0.0',\n  port: System::getEnv('PORT', 8090),\n);", 8090),
        ("new Server('0.0.0.0', (int) (getenv('PORT') ?: 8090));", 8090),
        ("new Server('0.0.0.0', getenv('PORT') ?: 8090);", 8090),
        ("$socket = new React\\Socket\\SocketServer('0.0.0.0:8090');", 8090),
        ("$worker = new Worker('http://0.0.0.0:2345');", 2345),
        ("'host' => '0.0.0.0',\n'port' => 9503,", 9503),
        ("// new Server('0.0.0.0', 9501);", 80),
    ],
)
def test_a_server_of_its_own_listens_where_the_program_says(text: str, port: int) -> None:
    """An address of every host in the code is that of the server which the program brings."""
    files = {"index.php": "<?php\n", "app/http.php": f"<?php\n{text}\n"}
    assert value(files, "port") == port


def test_symfony_names_routes_in_its_settings() -> None:
    """A route may stand in YAML; elsewhere in the settings a path is something else."""
    health = "health:\n  path: /api/health\n  controller: App\\Health\n"
    files = composer(SYMFONY) | ENTRY
    assert value(files | {"config/routes.yaml": health}, "health_path") == "/api/health"
    assert value(files | {"config/packages/api.yaml": health}, "health_path") is None


def test_a_route_by_the_frameworks_own_name_is_more_than_a_hint() -> None:
    """`/up` outside of `bootstrap/app.php` is believed beside another sign of life."""
    routes = "<?php\nRoute::get('/status', X::class);\nRoute::get('/up', Y::class);\n"
    files = composer(LARAVEL) | ENTRY | {"routes/web.php": routes}
    assert value(files, "health_path") == "/up"


def test_the_start_script_listens_to_the_outside() -> None:
    """PHP's built-in server is told to serve more than the loopback interface."""
    files = composer("slim/slim", scripts={"start": "php -S localhost:9000 -t public"}) | ENTRY
    said = value(files, "start_command")
    assert said == ["php", "-S", "0.0.0.0:9000", "-t", "public"]
    assert value(files, "port") == 9000


def test_variables_of_settings_and_code_are_listed() -> None:
    """Symfony's settings and environment file and the code name the variables."""
    files = composer(SYMFONY) | {
        **ENTRY,
        ".env": "APP_SECRET=\n",
        "config/services.yaml": "parameters:\n  x: '%env(resolve:MAIL_FROM)%'\n",
        "src/A.php": "<?php\n$a = $_ENV['TRUSTED'];\n$b = getenv('DATA_PATH');\n",
        "src/B.php": "<?php\n$a = System::getEnv('_APP_DOMAIN', 'x');\n$b = requireEnv('KEY');\n",
        "src/D.php": "<?php\n$a = getenv('HTTP_USER_AGENT') . getenv('REMOTE_ADDR');\n",
        "templates/b.php": "<?php\ngetenv('NOT_CODE');\n",
    }
    said = value(files, "environment_variables")
    assert said == ["APP_SECRET", "DATA_PATH", "KEY", "MAIL_FROM", "TRUSTED", "_APP_DOMAIN"]


def test_lumen_reads_variables_that_no_line_of_the_programs_names() -> None:
    """Its own settings hold where the program has none and keeps tables."""
    files = composer("laravel/lumen-framework") | ENTRY | {"database/migrations/a.php": "<?php\n"}
    assert {"APP_KEY", "DB_HOST"} <= set(answered(files, "environment_variables").value)
    own = {"config/database.php": "<?php return [];\n"}
    assert value(files | own, "environment_variables") is None


def test_an_extension_that_is_required_is_what_the_program_cannot_do_without() -> None:
    """One that is only suggested may be left out."""
    assert value(composer("slim/slim", "ext-redis") | ENTRY, "cache") == "redis"
    suggested = composer("slim/slim", suggest={"ext-redis": "To keep sessions in."})
    assert value(suggested | ENTRY, "cache") == "none"


def test_what_laravel_finds_in_its_packages_is_a_package() -> None:
    """Its providers are loaded by the application that requires it."""
    found: JsonValue = {"laravel": {"providers": ["Shop\\Provider"]}}
    files = composer(LARAVEL, type="library") | {"src/Provider.php": "<?php\n"}
    package = composer(LARAVEL, type="library", extra=found) | {"src/Provider.php": "<?php\n"}
    assert (value(files, "kind"), value(package, "kind")) == ("web", "library")


def test_what_calls_itself_a_library_may_bring_a_command() -> None:
    """Its README then tells whether it is added to a program or called."""
    files = composer(type="library", bin=["bin/shop"]) | {"src/A.php": "<?php\n"}
    readme = "Shop is a library.\n\n```\nuse Shop\\Cart;\n\n$cart = Shop::make();\n```\n"
    told = files | {"README.md": f"{readme}\ncomposer require a/shop\n"}
    assert (value(files, "kind"), value(told, "kind")) == ("cli", "library")


def test_variables_may_be_loaded_from_a_file_of_another_name() -> None:
    """The file that the program names lists what it is told; others do not."""
    files = composer(SYMFONY) | {
        **ENTRY,
        "shop.env": "# KEY=\nSHOP_DSN=canary-9\n",
        "other.env": "OTHER=1\n",
        "config/bootstrap.php": "<?php\n(new Dotenv())->loadEnv(dirname(__DIR__) . '/shop.env');\n",
    }
    assert value(files, "environment_variables") == ["SHOP_DSN"]


def test_migrations_run_without_questions() -> None:
    """The migration command of the framework runs where nobody can answer."""
    files = composer(LARAVEL) | {**ENTRY, "database/migrations/1.php": "<?php\n"}
    assert value(files, "migration_tool") == "laravel"
    assert value(files, "migration_command") == ["php", "artisan", "migrate", "--force"]


def test_assets_beside_composer_do_not_make_it_node() -> None:
    """A `package.json` without a start script beside `composer.json` is there for its assets."""
    scripts = {"scripts": {"build": "vite build"}, "dependencies": {"jquery": "3"}}
    files = composer(LARAVEL) | ENTRY | {"package.json": json.dumps(scripts)}
    said = answered(files, "language")
    assert (said.value, said.confidence) == ("php", "high")


def test_a_project_in_a_folder_that_is_served_is_more_than_a_hint() -> None:
    """Beside the assets of `web/` the sources of `app/` say what the service is written in."""
    files = {
        **{f"app/{path}": text for path, text in composer("mezzio/mezzio").items()},
        "app/src/Handler.php": "<?php\n",
        "web/package.json": json.dumps({"name": "web", "scripts": {"build": "webpack"}}),
    }
    assert value(files, "language") == "php"


def test_a_ping_among_the_routes_in_yaml_is_a_hint() -> None:
    """A route that is called after health is better."""
    files = {**composer(SYMFONY), **ENTRY, "app/config/routing.yml": "ping:\n    path: /ping\n"}
    assert value(files, "health_path") == "/ping"
    better = files["app/config/routing.yml"] + "health:\n    path: /health\n"
    assert value({**files, "app/config/routing.yml": better}, "health_path") == "/health"


def test_what_a_list_of_changes_names_is_no_code() -> None:
    """It may be a page of its own."""
    files = {**ENTRY, "public/ChangeLog-8.php": "<li>Fixed pg_connect($where)</li>\n"}
    assert value(files, "database") != "postgres"
    called = {**ENTRY, "public/db.php": "<?php\n$db = pg_connect($where);\n"}
    assert value(called, "database") == "postgres"
