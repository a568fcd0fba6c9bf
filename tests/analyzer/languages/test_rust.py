"""What is read from Rust services, one rule at a time."""

from collections.abc import Mapping

import pytest
from pydantic import JsonValue

from analyzer import SourceTree, analyze

COMMIT = "0" * 40
MAIN = "fn main() {\n    axum::serve(listener, app);\n}\n"


def cargo(*dependencies: str, name: str = "shop", more: str = "") -> str:
    lines = "\n".join(dependencies)
    return f'[package]\nname = "{name}"\nedition = "2021"\n{more}\n[dependencies]\n{lines}\n'


AXUM = 'axum = "0.8"'


def answers(files: Mapping[str, str], folder: str = "") -> dict[str, JsonValue]:
    tree = SourceTree.of_files({"Cargo.toml": cargo(AXUM), "src/main.rs": MAIN, **files}, folder)
    said = analyze(tree, None, service="shop", commit=COMMIT)
    return {answer.field: answer.value for answer in said.answers}


@pytest.mark.parametrize(
    ("text", "port"),
    [
        ('let a = TcpListener::bind("0.0.0.0:3001").await;', 3001),
        ("let a = SocketAddr::from(([0, 0, 0, 0], 3001));", 3001),
        ('.bind(("127.0.0.1", 3001))', 3001),
        ('let p = env::var("PORT").unwrap_or_else(|_| "3001".to_string());', 3001),
        ('use app_env::var_parsed;\nlet p = var_parsed("PORT")?.unwrap_or(3001);', 3001),
        ('#[arg(long, env = "PORT", default_value_t = 3001)]\n    port: u16,', 3001),
        ("#[default(3001)]\n    pub port: u16,", 3001),
        (
            'let a = env::var("ADDRESS").unwrap_or_else(|_| "127.0.0.1:3001".into());',
            3001,
        ),
        ('fn default_addr() -> String {\n    "127.0.0.1:3001".into()\n}', 3001),
        ('let p = option_env!("PORT").unwrap_or("3001");', 3001),
        ('let p = env::var("PORT").map_or(3001, |p| p.parse().unwrap());', 3001),
        (
            'let p = match env::var("PORT") {\n    Ok(p) => p,\n    Err(_) => "3001".into(),\n};',
            3001,
        ),
        ('let p = if let Ok(p) = env::var("PORT") { p } else { "3001".into() };', 3001),
        ('let a = format!("0.0.0.0:{}", 3001);', 3001),
        ('let p = parsed_env::<u16>("PORT").unwrap_or(3001);', 3001),
        ('let p = settings::get_or("PORT", "3001");', 3001),
        ('let p = settings::get_or("DB_PORT", "3001");', None),
        ('let p = matches.value_of("port").unwrap_or("3001");', 3001),
        ('Arg::with_name("port").default_value("127.0.0.1:3001")', 3001),
        ('#[argh(option, default = "3001")]\n    port: u16,', 3001),
        ("#[default = 3001]\n    port: u16,", 3001),
        ("#[educe(Default = 3001)]\n    port: u16,", 3001),
        ('#[derivative(Default(value = "3001"))]\n    port: u16,', 3001),
        ('#[builder(default = "3001")]\n    pub http_port: u16,', 3001),
        ('#[serde(default = "default_port")]\nfn default_port() -> u16 {\n    3001\n}', 3001),
        ('const DEFAULT_HTTP_ADDR: &str = "localhost:3001";', 3001),
        ('builder.set_default("server.port", 3001)?', 3001),
        ('Figment::from(Serialized::default("port", 3001))', 3001),
        ('rocket::Config::figment().merge(("port", 3001))', 3001),
        ('figment.merge(("database.port", 3001))', None),
        ("struct LdapsOptions {\n    #[default(3001)]\n    pub port: u16,\n}", None),
        ('let p = env::var("DB_PORT").unwrap_or("3001".into());', None),
        ('#[cfg(test)]\nmod tests {\n    fn a() { bind("0.0.0.0:3001") }\n}', None),
        ('// bind("0.0.0.0:3001")', None),
    ],
)
def test_reads_the_port_that_the_source_listens_on(text: str, port: int | None) -> None:
    """A default of the service's own port or address is the port; tests and others' are not."""
    assert answers({"src/config.rs": text})["port"] == port


def test_the_service_crates_port_outweighs_its_neighbours() -> None:
    """Where the crate that serves says its port, another crate's of the workspace is a hint."""
    listens = 'let p = env::var("PORT").unwrap_or("{}".into());'
    files = {"Cargo.toml": cargo(AXUM, more='[workspace]\nmembers = ["beside"]')}
    files |= {"beside/Cargo.toml": cargo(AXUM, name="beside")}
    files |= {"beside/src/config.rs": listens.format(3002)}
    assert answers(files)["port"] == 3002
    assert answers({**files, "src/config.rs": listens.format(3001)})["port"] == 3001


@pytest.mark.parametrize(
    ("dependency", "database"),
    [
        ('store = { path = "../store" }', "postgres"),
        ("store.workspace = true", "postgres"),
        ('store = { path = "../store", optional = true }', "none"),
        ('[dev-dependencies]\nstore = { path = "../store" }', "none"),
        ('store = "1"', "none"),
    ],
)
def test_follows_what_the_service_is_made_with(dependency: str, database: str) -> None:
    """A driver of a crate beside the service's is the service's, unless it may be left out."""
    files = {
        "Cargo.toml": '[workspace]\nmembers = ["crates/*"]\n\n[workspace.dependencies]\n'
        'store = { path = "crates/store" }\nsqlx = "0.8"\n',
        "crates/server/Cargo.toml": cargo(AXUM, dependency),
        "crates/server/src/main.rs": MAIN,
        "crates/store/Cargo.toml": cargo('pool = { path = "../pool" }', name="store"),
        "crates/pool/Cargo.toml": cargo(
            'sqlx = { workspace = true, features = ["postgres"] }', name="pool"
        ),
        "crates/other/Cargo.toml": cargo('mongodb = "3"', name="other"),
    }
    assert answers(files, "crates/server")["database"] == database


def test_reads_settings_files_beside_the_code() -> None:
    """The port stands in a settings file's section of the server's, not in the database's."""
    settings = "application:\n  port: 8000\ndatabase:\n  port: 5439\n"
    assert answers({"configuration/base.yaml": settings})["port"] == 8000


def test_a_setting_that_is_commented_out_is_a_hint() -> None:
    """What a sample shows behind a comment sign is the default that the program has."""
    assert answers({"config.example.toml": "#http_port = 17170\n"})["port"] == 17170


def test_a_frameworks_default_port_is_the_last_resort() -> None:
    """Rocket listens on 8000 where nothing else is said."""
    files = {"Cargo.toml": cargo('rocket = "0.5"'), "src/main.rs": "fn main() {}\n"}
    assert answers(files)["port"] == 8000


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('.route("/healthz", get(ok))', "/healthz"),
        ('.route(\n    "/health",\n    get(ok),\n)', "/health"),
        ('web::resource("/__heartbeat__").route(web::get().to(ok))', "/__heartbeat__"),
        (
            'web::scope("/api")\n    .service(web::scope("/healthcheck").route("", ok))',
            "/api/healthcheck",
        ),
        ('warp::path!("health").map(ok)', "/health"),
        ('.route("/hc", get(ok))', "/hc"),
        ('routes([("GET", "/api/v1/ready", get(ready))])', "/api/v1/ready"),
        ('warp::path!("api" / "v1" / "health").map(ok)', "/api/v1/health"),
        ('#[oai(path = "/health", method = "get")]\nasync fn index(&self) {}', "/health"),
        ('const PATH: &\'static str = "/health";', "/health"),
        ('client.get("/health").send()', None),
        ('let a = "/health";', None),
    ],
)
def test_reads_health_routes_with_their_scopes(text: str, path: str | None) -> None:
    """A route for the load balancer, under the scopes around it, is the health path."""
    assert answers({"src/routes.rs": text})["health_path"] == path


def test_a_rocket_handler_has_the_path_it_is_mounted_at() -> None:
    """Rocket joins a handler's route to where it is mounted, in whichever file that is."""
    files = {
        "Cargo.toml": cargo('rocket = "0.5"'),
        "src/main.rs": 'fn main() { rocket::build().mount("/api", routes![v1::health]) }\n',
        "src/v1.rs": '#[get("/health")]\npub async fn health() {}\n',
    }
    assert answers(files)["health_path"] == "/api/health"


@pytest.mark.parametrize(
    ("dependencies", "source", "database"),
    [
        (['sqlx = { version = "0.8", features = ["postgres"] }'], "", "postgres"),
        (['diesel = { version = "2", features = [\n  "mysql",\n] }'], "", "mysql"),
        (['sqlx = { version = "0.8", features = ["postgres", "sqlite"] }'], "PgPool", "postgres"),
        (
            ['sqlx = { version = "0.8", features = ["postgres", "sqlite"] }'],
            "PgPool SqlitePool",
            "sqlite",
        ),
        (['sea-orm = { version = "1", features = ["sqlx-all"] }'], "", "sqlite"),
        (['rusqlite = "0.38"'], "", "sqlite"),
        (['mongodb = "3"'], "", "mongodb"),
        ([], "", "none"),
    ],
)
def test_reads_the_database_from_crates_and_features(
    dependencies: list[str], source: str, database: str
) -> None:
    """A crate for one database is likely; of several the pool that is opened decides."""
    files = {"Cargo.toml": cargo(AXUM, *dependencies), "src/db.rs": f"use {source};\n"}
    assert answers(files)["database"] == database


@pytest.mark.parametrize(("default", "sure"), [("false", "medium"), ("true", "low")])
def test_a_server_that_is_off_by_default_leaves_sqlite(default: str, sure: str) -> None:
    """Of a service that runs with either, SQLite is what it starts with; else it may be."""
    drivers = 'sqlx = { version = "0.8", features = ["postgres", "sqlite"] }'
    off = (
        "impl Default for Postgresql {\n    fn default() -> Self {\n        Self {\n"
        f'            db: "shop".into(),\n            enabled: {default},\n        }}\n    }}\n}}\n'
    )
    files = {"Cargo.toml": cargo(AXUM, drivers), "src/main.rs": MAIN, "src/db.rs": off}
    tree = SourceTree.of_files(files)
    said = analyze(tree, None, service="shop", commit=COMMIT).answer("database")
    assert said is not None
    assert (said.value, said.confidence) == ("sqlite", sure)


def test_what_a_target_needs_is_needed() -> None:
    """Its section has a name in quotes, and a list may have lines that look like sections."""
    listed = '[package.metadata]\nnames = [\n  ["a", "b"],\n]\n'
    target = f'{listed}[target."cfg(unix)".dependencies]\npostgres = "0.19"\n'
    assert answers({"Cargo.toml": cargo(AXUM) + target})["database"] == "postgres"


def test_a_databases_feature_that_is_on_by_default_is_the_database() -> None:
    """Of the databases that a crate can be built for, the default feature's is the answer."""
    files = {
        "Cargo.toml": cargo(AXUM, 'sqlx = "0.8"')
        + '[features]\ndefault = ["mysql"]\nmysql = ["sqlx/mysql"]\npostgres = ["sqlx/postgres"]\n'
    }
    assert answers(files)["database"] == "mysql"


def test_a_member_has_only_what_it_names_of_the_workspaces_list() -> None:
    """What a workspace lists for others is no dependency; what a member names has its features."""
    files = {
        "Cargo.toml": '[workspace]\n[workspace.dependencies]\nredis = "1"\n'
        'sqlx = { version = "0.8", features = ["mysql"] }\n',
        "api/Cargo.toml": cargo(AXUM, "sqlx.workspace = true"),
        "api/src/main.rs": MAIN,
    }
    said = answers(files, "api")
    assert [said["database"], said["cache"]] == ["mysql", "none"]


@pytest.mark.parametrize(
    ("dependency", "source", "cache"),
    [
        ('redis = "0.27"', "redis::Client::open(url)", "redis"),
        ('deadpool-redis = "0.20"', "use deadpool_redis::Config;", "redis"),
        ('redis = "0.27"', "", "none"),
        ('actix-session = { version = "0.10", features = ["redis-session"] }', "", "redis"),
        ('memcache = "0.17"', "memcache::connect(url)", "memcached"),
    ],
)
def test_reads_the_cache_from_crates_that_are_called(
    dependency: str, source: str, cache: str
) -> None:
    """A client of Redis or Memcached is the cache, where the code calls it."""
    files = {"Cargo.toml": cargo(AXUM, dependency), "src/cache.rs": f"{source}\n"}
    assert answers(files)["cache"] == cache


def test_packages_for_tests_and_builds_do_not_count() -> None:
    """What only tests need is no part of the service."""
    more = '[dev-dependencies]\nredis = "0.27"\n[build-dependencies]\nrusqlite = "0.38"\n'
    said = answers({"Cargo.toml": cargo(AXUM) + more})
    assert [said["cache"], said["database"]] == ["none", "none"]


def test_starts_the_program_of_the_crate_that_serves() -> None:
    """In a workspace the service is the crate with the framework; a worker beside it is told."""
    files = {
        "Cargo.toml": '[workspace]\nmembers = ["crates/*"]\n',
        "src/main.rs": "",
        "crates/api/Cargo.toml": cargo(AXUM, name="shop-api"),
        "crates/api/src/main.rs": MAIN,
        "crates/jobs/Cargo.toml": cargo('lapin = "2"', name="shop-worker"),
        "crates/jobs/src/main.rs": "fn main() {}\n",
    }
    said = answers(files)
    wanted = [["./shop-api"], True, "axum"]
    assert [said["start_command"], said["worker"], said["framework"]] == wanted


def test_starts_the_program_that_is_made_with_the_server() -> None:
    """A crate that serves may be started by another's program; what tries it is no service."""
    tester = 'fn main() {\n    axum::serve(listener, app);\n    route("/_status", get(ok));\n}\n'
    files = {
        "Cargo.toml": '[workspace]\nmembers = ["server/*", "tools/*"]\n\n[workspace.dependencies]\n'
        'core = { path = "server/core" }\n',
        "server/core/Cargo.toml": cargo(AXUM, name="core"),
        "server/core/src/lib.rs": 'fn app() {\n    router.route("/status", get(ok))\n}\n',
        "server/daemon/Cargo.toml": cargo("core.workspace = true", name="shopd"),
        "server/daemon/src/main.rs": "#[derive(Debug, Subcommand)]\nenum Shopd {\n"
        "    Server,\n    RefreshReplicationConsumer,\n}\n",
        "tools/tester/Cargo.toml": cargo(AXUM, name="shop_tester"),
        "tools/tester/src/main.rs": tester,
        "src/main.rs": "",
    }
    said = answers(files)
    assert said["start_command"] == ["./shopd", "server"]
    assert said["health_path"] == "/status"
    assert said["worker"] is False


def test_adds_the_subcommand_that_serves() -> None:
    """A clap enumeration names the subcommand that serves, and a worker's."""
    cli = "use clap::Parser;\nenum Command {\n    Migrate,\n    Serve,\n    BackgroundWorker,\n}\n"
    said = answers({"src/cli.rs": cli})
    assert [said["start_command"], said["worker"]] == [["./shop", "serve"], True]


@pytest.mark.parametrize(
    ("files", "kind"),
    [
        ({}, "web"),
        ({"Cargo.toml": cargo('clap = "4"'), "src/main.rs": "fn main() {}\n"}, "cli"),
        ({"Cargo.toml": cargo('lapin = "2"'), "src/main.rs": "fn main() {}\n"}, "worker"),
    ],
)
def test_tells_servers_from_workers_and_tools(files: dict[str, str], kind: str) -> None:
    """The kind follows from programs, frameworks and queues."""
    assert answers(files)["kind"] == kind


@pytest.mark.parametrize("text", ["\n", "[dependencies]\n", "[workspace]\n[features]\n[[bin]]\n"])
def test_a_file_that_lists_nothing_is_read_too(text: str) -> None:
    """Sections without an entry, and a file without a section, break nothing."""
    assert answers({"Cargo.toml": text})["framework"] is None


def test_a_crate_without_a_program_is_a_library() -> None:
    """Where there is no program there is nothing to run."""
    tree = SourceTree.of_files({"Cargo.toml": cargo(AXUM), "src/lib.rs": "pub fn a() {}\n"})
    answer = analyze(tree, None, service="shop", commit=COMMIT).answer("kind")
    assert answer is not None
    assert answer.value == "library"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('env::var("A_KEY"); dotenvy::var("B_KEY")', ["A_KEY", "B_KEY"]),
        ('#[arg(long, env = "A_TOKEN")]\n    token: String,', ["A_TOKEN"]),
        ("#[arg(long, env)]\n    database_url: String,", ["DATABASE_URL"]),
        ('const A_URL: &str = "A_URL";', ["A_URL"]),
        ('const REDACTED: &str = "REDACTED";', None),
        ('Self::parse_env_var(env, "PGSSLKEY", "a key")', ["PGSSLKEY"]),
        ('replace_var(name, "PGSSLKEY")', None),
        (
            'struct Config {\n    pub listen: String,\n}\nlet a = Env::prefixed("SHOP_");',
            ["SHOP_LISTEN"],
        ),
        ('env::var("CARGO_MANIFEST_DIR")', None),
        ('#[envconfig(from = "A_HOST", default = "a")]\n    host: String,', ["A_HOST"]),
        ("struct Config {\n    url: String,\n}\nenvy::from_env::<Config>()", ["URL"]),
        ("struct Rows {\n    url: String,\n}\nenvy::from_env()", None),
    ],
)
def test_reads_the_variables_that_are_read(text: str, names: list[str] | None) -> None:
    """Variables count whichever way the source asks for them; Cargo's own do not."""
    assert answers({"src/config.rs": text})["environment_variables"] == names


NESTED = """
#[derive(Deserialize)]
pub struct Database {
    pub url: String,
}

#[derive(Deserialize)]
pub struct Settings {
    /// Where it listens.
    pub host: String,
    pub database: Database,
    #[serde(flatten)]
    pub limits: Limits,
    #[serde(rename = "level")]
    pub log_level: Option<String>,
    pub mail: MailSettings,
    #[serde(skip)]
    pub started: Instant,
}

#[derive(Deserialize)]
pub struct Limits {
    pub most: usize,
}
"""


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        (
            'Environment::with_prefix("shop").prefix_separator("_").separator("__")',
            ["SHOP_DATABASE__URL", "SHOP_HOST", "SHOP_LEVEL", "SHOP_MOST"],
        ),
        ('Environment::with_prefix("SHOP")', ["SHOP_HOST", "SHOP_LEVEL", "SHOP_MOST"]),
        (
            'Env::prefixed("SHOP_").split("__")',
            ["SHOP_DATABASE__URL", "SHOP_HOST", "SHOP_LEVEL", "SHOP_MOST"],
        ),
        (
            'Environment::with_prefix("SHOP").separator("__")',
            ["SHOP__DATABASE__URL", "SHOP__HOST", "SHOP__LEVEL", "SHOP__MOST"],
        ),
        ("builder.add_source(Environment::default())", ["HOST", "LEVEL", "MOST"]),
        ("minijinja::Environment::default()", None),
    ],
)
def test_reads_the_variables_that_fill_the_settings(asked: str, names: list[str] | None) -> None:
    """A field within a field can be set only where it is said how the two names are joined."""
    said = answers({"src/settings.rs": f"{NESTED}\nlet source = {asked};\n"})
    assert said["environment_variables"] == names


def test_keys_of_a_settings_file_are_variables_behind_the_prefix() -> None:
    """What stands in the service's settings file, commented out or not, can be set as well."""
    files = {
        "src/settings.rs": 'let a = Environment::with_prefix("shop").separator("__");',
        "server.toml": '# db_uri = "postgres://a"\nhost = "a"\n# [metrics]\n# enable = false\n',
    }
    wanted = ["SHOP__DB_URI", "SHOP__HOST", "SHOP__METRICS__ENABLE"]
    assert answers(files)["environment_variables"] == wanted


@pytest.mark.parametrize(
    ("files", "version"),
    [
        ({"rust-toolchain.toml": '[toolchain]\nchannel = "1.88.0"\n'}, "1.88.0"),
        ({"rust-toolchain.toml": '[toolchain]\nchannel = "stable"\n'}, None),
        ({"Cargo.toml": cargo(AXUM, more='rust-version = "1.85"')}, "1.85"),
    ],
)
def test_reads_the_version_that_is_pinned(files: dict[str, str], version: str | None) -> None:
    """A numbered toolchain is the version; the edition is none."""
    assert answers(files)["runtime_version"] == version


@pytest.mark.parametrize(
    ("text", "tool"), [("sqlx::migrate!()", "sqlx"), ("embed_migrations!()", "diesel")]
)
def test_names_the_migration_tool(text: str, tool: str) -> None:
    """Migrations that are built in tell their tool."""
    assert answers({"src/db.rs": text})["migration_tool"] == tool


ROUTER = 'pub fn router() -> Router {\n    Router::new().route("/health", get(ok))\n}\n'
CONFIG = (
    "pub fn config(cfg: &mut web::ServiceConfig) {\n"
    '    cfg.service(web::scope("/v1").route("/health", web::get().to(ok)));\n}\n'
)
HANDLER = '#[get("/health")]\npub async fn health_check() -> impl Responder {\n}\n'


@pytest.mark.parametrize(
    ("text", "routes", "path"),
    [
        ('Router::new().nest("/api", health::router())', ROUTER, "/api/health"),
        ('Router::new().merge(health::router()).nest("/api", orders::router())', ROUTER, "/health"),
        ('let api = health::router();\nlet app = a.nest("/api", api);', ROUTER, "/api/health"),
        ('a.nest("/a", health::router()).nest("/b", health::router())', ROUTER, "/health"),
        ('a.nest("/api", router())', ROUTER, "/health"),
        (
            'App::new().service(web::scope("/api").configure(health::config))',
            CONFIG,
            "/api/v1/health",
        ),
        ("App::new().configure(health::config)", CONFIG, "/v1/health"),
        (
            'App::new().service(\n    web::scope("/api")\n        .service(health_check)\n)',
            HANDLER,
            "/api/health",
        ),
        ("App::new().service(health_check)", HANDLER, "/health"),
        ('// a.nest("/api", health::router())', ROUTER, "/health"),
    ],
)
def test_a_route_stands_under_the_scope_that_its_function_is_put_in(
    text: str, routes: str, path: str
) -> None:
    """What another file's function makes has the path that it is nested at."""
    files = {"src/app.rs": f"fn app() -> Router {{\n{text}\n}}\n", "src/routes/health.rs": routes}
    assert answers(files)["health_path"] == path


def test_scopes_are_followed_through_several_functions() -> None:
    """What is merged into a router that is nested stands below it, as does a named router."""
    app = 'fn app() {\n    Router::new().nest("/api", api_v1())\n}\n'
    api = "pub fn api_v1() -> Router {\n    Router::new().merge(super::health::router())\n}\n"
    files = {"src/app.rs": app, "src/api.rs": api, "src/health.rs": ROUTER}
    assert answers(files)["health_path"] == "/api/health"
    named = (
        'fn app() {\n    let api = Router::new()\n        .route("/health", get(ok));\n'
        '    Router::new().nest("/api", api)\n}\n'
    )
    assert answers({"src/app.rs": named})["health_path"] == "/api/health"


@pytest.mark.parametrize(
    ("dependency", "source"),
    [
        ('hyper = "0.14"', "use hyper::Server;\nServer::bind(&address).serve(service);\n"),
        ('routerify = "2"\nhyper = "0.14"', "Router::builder().build();\n"),
    ],
)
def test_a_server_of_hyper_is_one_whichever_way_it_is_made(dependency: str, source: str) -> None:
    """One that is imported by itself, or a router that stands on it."""
    assert answers({"Cargo.toml": cargo(dependency), "src/main.rs": source})["kind"] == "web"


def test_what_goes_beside_a_framework_tells_of_a_server() -> None:
    """The framework itself may come from a crate of the house."""
    main = {"src/main.rs": "fn main() {\n    house::run();\n}\n"}
    listed = ('actix-cors = "0.7"', 'prometheus = "0.13"', 'rdkafka = "0.36"')
    assert answers({**main, "Cargo.toml": cargo(*listed)})["kind"] == "web"
    assert answers({**main, "Cargo.toml": cargo(*listed[1:])})["kind"] == "worker"


def test_a_controller_beside_makes_no_worker_of_the_service() -> None:
    """It is a program of its own, in a crate of its own."""
    operator = {
        "infra/operator/Cargo.toml": cargo('kube = "0.95"', name="operator"),
        "infra/operator/src/main.rs": (
            "use kube::runtime::Controller;\n\n"
            "fn main() {\n    Controller::new(carts, Config::default());\n}\n"
        ),
    }
    assert answers(operator)["kind"] == "web"
    inside = {"src/operator.rs": "use kube::runtime::Controller; Controller::new(carts, c);\n"}
    own = {**inside, "Cargo.toml": cargo(AXUM, 'kube = "0.95"')}
    assert answers(own)["kind"] == "worker"


def test_calls_of_grpc_are_answered_beside_routes_for_watchers() -> None:
    """Its services have no routes."""
    routed = '    Router::new().route("/healthz", get(ok));\n    axum::serve(l, app);\n'
    watched = f"fn health() {{\n{routed}}}\n"
    files = {"Cargo.toml": cargo(AXUM, 'rdkafka = "1"', 'tonic = "0.12"'), "src/health.rs": watched}
    files["src/main.rs"] = "fn main() {\n    health();\n}\n"
    assert answers(files)["kind"] == "worker"
    served = "fn serve() {\n    Server::builder().add_service(prices);\n}\n"
    assert answers({**files, "src/prices.rs": served})["kind"] == "web"
