"""What is read from Go services, one rule at a time."""

from collections.abc import Mapping

import pytest
from pydantic import JsonValue

from analyzer import SourceTree, analyze

COMMIT = "0" * 40


def module(*required: str, version: str = "go 1.24") -> str:
    lines = "".join(f"\t{name} v1.2.3\n" for name in required)
    return f"module example.org/team/shop/v2\n\n{version}\n\nrequire (\n{lines})\n"


def program(*lines: str, imports: tuple[str, ...] = ("net/http",)) -> str:
    block = "".join(f'\t"{path}"\n' for path in imports)
    return f"package main\n\nimport (\n{block})\n\nfunc main() {{\n" + "\n".join(lines) + "\n}\n"


SERVES = "\thttp.ListenAndServe(addr, nil)"


def answers(files: Mapping[str, str], folder: str = "") -> dict[str, JsonValue]:
    tree = SourceTree.of_files({"go.mod": module(), **files}, folder)
    said = analyze(tree, None, service="shop", commit=COMMIT)
    return {answer.field: answer.value for answer in said.answers}


@pytest.mark.parametrize(
    ("line", "port"),
    [
        ('\taddr := getEnv("PORT", "8081")', 8081),
        ('\ta := os.Getenv("LISTEN_ADDR")\n\tif a == "" {\n\t\ta = ":8081"\n\t}', 8081),
        ('\tport := cmp.Or(os.Getenv("PORT"), "8081")', 8081),
        ('\tport := flag.Int("port", 8081, "port")', 8081),
        ('\tfs.StringVarP(&addr, "listen-addr", "l", ":8081", "where")', 8081),
        ('\tviper.SetDefault("server.port", 8081)', 8081),
        ('\te.Start(":8081")', 8081),
        ("\tconst defaultPort = 8081", 8081),
        ('\t&cli.StringFlag{\n\t\tName:  "addr",\n\t\tValue: ":8081",\n\t}', 8081),
        (
            '\t&cli.StringFlag{\n\t\tName:  "addr",\n\t\tValue: "127.0.0.1:8081",\n\t}',
            8081,
        ),
        ("\tr := gin.Default()\n\tr.Run()", 8080),
        ('\tapp.Listen("localhost:8081")', 8081),
        ('\thttp.ListenAndServe("127.0.0.1:8081", nil)', 8081),
        ('\tnet.Listen("tcp", "localhost:8081")', 8081),
        ('\taddress := fmt.Sprintf(":%d", 8081)', 8081),
        ('\taddress := net.JoinHostPort("0.0.0.0", "8081")', 8081),
        ('\tp := os.Getenv("PORT")\n\tif p != "" {\n\t\treturn p\n\t}\n\treturn "8081"', 8081),
        ('\tc := Config{Number: env.Int("HTTP_PORT", 8081)}', 8081),
        ("\tc := Config{Port: 8081}", 8081),
        ('\tp := kingpin.Flag("port", "where").Short(\'p\').Default("8081").Int()', 8081),
        ('\tk.Load(confmap.Provider(map[string]any{"server.port": 8081}, "."), nil)', 8081),
        ('\tk.Load(confmap.Provider(map[string]any{"redis.port": 8081}, "."), nil)', None),
        ('\tp := kingpin.Flag("redis-port", "where").Default("8081").Int()', None),
        ('\tc := Config{Number: env.Int("REDIS_PORT", 8081)}', None),
        ('\tclient.Get("localhost:8081")', None),
        ('\tcmd := exec.Command("a")\n\tcmd.Run()', None),
        ('\taddress := "elsewhere:8081"', None),
        ('\tport := getEnv("DB_PORT", "8081")', None),
        ('\tgo http.ListenAndServe(":8081", promhttp.Handler())', None),
        ('\tconst redisPort = "8081"', None),
        ('\tvar HTTPListen = "[::]:8025"', 8025),
        ('\tvar Listen = "[::]:8025"', None),
        ('\tvar SMTPListen = "[::]:8026"', None),
    ],
)
def test_reads_the_port_that_the_source_listens_on(line: str, port: int | None) -> None:
    """A default of the service's own port or address is the port; another service's is not."""
    assert answers({"main.go": program(line, SERVES)})["port"] == port


@pytest.mark.parametrize(
    ("field", "port"),
    [
        ('Port int `env:"PORT" envDefault:"8082"`', 8082),
        ('Addr string `envconfig:"HTTP_ADDR" default:":8082"`', 8082),
        ('Port int `env:"PORT,default=8082"`', 8082),
        ('Port int `env:"SMTP_PORT,default=8082"`', None),
        ('APIHost string `conf:"default:0.0.0.0:8082"`', 8082),
        ('DebugHost string `conf:"default:0.0.0.0:8082"`', None),
        ('Addr string `env:"SHOP_ADDR" envDefault:""`', None),
        ('Port int `env:"SMTP_PORT" envDefault:"8082"`', None),
        ('Addr string `arg:"--addr,env:SHOP_ADDR" default:":8082"`', 8082),
        ('Addr string `arg:"--grpc-addr,env:SHOP_GRPC_ADDR" default:":8082"`', None),
    ],
)
def test_reads_the_port_from_a_fields_tags(field: str, port: int | None) -> None:
    """The default in a structure's tags counts where its variable is the service's own port."""
    settings = f"package config\n\ntype Config struct {{\n\t{field}\n}}\n"
    files = {"main.go": program(SERVES), "config/config.go": settings}
    assert answers(files)["port"] == port


def test_a_subcommands_port_yields_to_the_servers() -> None:
    """What another subcommand than the serving one listens on is a hint and no more."""
    agent = 'package cli\n\ntype AgentCmd struct {\n\tAddr string `default:":7007"`\n}\n'
    server = 'package cli\n\ntype Args struct {\n\tAddr string `default:":8082"`\n}\n'
    files = {"main.go": program(SERVES), "internal/options/agent.go": agent}
    assert answers(files)["port"] == 7007
    assert answers({**files, "internal/options/args.go": server})["port"] == 8082


def test_a_field_of_another_servers_values_is_not_the_services_port() -> None:
    """A port in a value that is called after another protocol is that protocol's."""
    values = "var (\n\t{}Binding = Binding{{\n\t\tPort: 2022,\n\t}}\n)\n"
    files = {"main.go": program(SERVES)}
    said = answers({**files, "config/a.go": f"package config\n\n{values.format('SFTPD')}"})
    assert said["port"] is None
    said = answers({**files, "config/a.go": f"package config\n\n{values.format('web')}"})
    assert said["port"] == 2022


def test_a_frameworks_default_port_is_the_last_resort() -> None:
    """Beego listens on 8080 where nothing else is said."""
    files = {"main.go": program(imports=("github.com/beego/beego/v2/server/web",))}
    assert answers(files)["port"] == 8080


def test_reads_whatever_stands_in_a_folder_of_settings() -> None:
    """A file in `etc/` is a settings file by its place; one of another program is not."""
    files = {
        "main.go": program(SERVES),
        "etc/shop-api.yaml": "Name: shop\nPort: 8888\n",
        "etc/nginx.yaml": "port: 9999\n",
    }
    assert answers(files)["port"] == 8888
    files["etc/shop-api.yaml"] = "Name: shop.rpc\nListenOn: 0.0.0.0:9002\n"
    assert answers(files)["port"] == 9002


def test_a_port_among_another_services_settings_is_not_the_services() -> None:
    """A field called port in the settings for mail says nothing of the service."""
    settings = 'package config\n\ntype SMTPConfig struct {\n\tPort int `default:"8082"`\n}\n'
    assert answers({"main.go": program(SERVES), "config/c.go": settings})["port"] is None


def test_reads_settings_files_beside_the_code() -> None:
    """Port, database and cache of a settings file count, each with a driver where it needs one."""
    files = {
        "main.go": program(
            SERVES,
            imports=("github.com/go-sql-driver/mysql", "github.com/gomodule/redigo/redis"),
        ),
        "conf/app.ini": "[server]\nHttpPort = 8000\n[db]\nType = mysql\n[redis]\nHost = a:1\n",
    }
    said = answers(files)
    assert [said["port"], said["database"], said["cache"]] == [8000, "mysql", "redis"]


@pytest.mark.parametrize(
    ("lines", "path"),
    [
        ('\tr.GET("/healthz", ok)', "/healthz"),
        ('\tv1 := r.Group("/api/v1")\n\tv1.GET("/health", ok)', "/api/v1/health"),
        ('\tr.Route("/api", func(r chi.Router) {\n\t\tr.Get("/ready", ok)\n\t})', "/api/ready"),
        ('\tmux.HandleFunc("GET /livez", ok)\n\tmux.HandleFunc("GET /readyz", ok)', "/readyz"),
        ('\tping := r.Group("/ping")\n\tping.GET("/", ok)', "/ping"),
        ('\tr.Mount("/api", a)\n\ta.Get("/health", ok)', "/api/health"),
        ('\thealthPath = "/v1/health"', "/v1/health"),
        ('\tr.HandleFunc("/status", show)', "/status"),
        ('\tRoute{\n\t\t"GET",\n\t\t"/__heartbeat__",\n\t\tok,\n\t}', "/__heartbeat__"),
        ('\troute(\n\t\t"/healthz",\n\t\tok(),\n\t)', "/healthz"),
        ('\tprint(\n\t\t"/healthz",\n\t)', None),
        ('\tif r.URL.Path == "/healthz" {', "/healthz"),
        ('\tswitch r.URL.Path {\n\tcase "/healthz":\n\t}', "/healthz"),
        ('\troutes := []Route{\n\t\t{"well", "GET", "/healthz", ok},\n\t}', "/healthz"),
        ("\tapp.Use(healthcheck.New()) // github.com/gofiber/fiber", "/readyz"),
        ("\tapp.Use(healthcheck.New())", None),
        ('\tr.HandleFunc("GET "+config.Root+"readyz", ok)', "/readyz"),
        ('\tr.HandleFunc("GET "+pages.Prefix+"readyz", ok)', "/api/readyz"),
        ('\tr.GET(pages.Prefix+"/health", ok)', "/api/health"),
        ('\tv4 := r.Group(pages.Prefix)\n\tv4.GET("healthz", ok)', "/api/healthz"),
        ('\tv4 := r.Group(pages.Prefix + "/v4")\n\tv4.GET("healthz", ok)', "/api/v4/healthz"),
        (
            '\tv4 := r.Group("v4")\n\tsite := v4.Group("site")\n\tsite.GET("ping", ok)',
            "/v4/site/ping",
        ),
        ('\tv4 := r.Group(pages.SeveralPath)\n\tv4.GET("healthz", ok)', "/healthz"),
        ('\tv4 := r.Group(ownPath)\n\tv4.GET("healthz", ok)', "/healthz"),
        ('\troutes := []Route{\n\t\t{http.MethodGet, "/health", ok},\n\t}', "/health"),
        ('\tr.GET("/healthz.json", ok)', "/healthz.json"),
        ('\tcache.Get("health")', None),
        ('\thttp.Get(base + "/healthz")', None),
        ('\tfmt.Println("/healthz")', None),
    ],
)
def test_reads_health_routes_with_their_prefixes(lines: str, path: str | None) -> None:
    """The readiness route, under its groups' prefixes, is the health path; a client's is none."""
    named = (
        'package pages\n\nconst (\n\tPrefix = "/api"\n\tSeveralPath = "/x"\n\townPath = "/y"\n)\n'
    )
    others = 'package others\n\nvar SeveralPath = "/z"\n'
    files = {"main.go": program(lines, SERVES), "pages/p.go": named, "others/o.go": others}
    assert answers(files)["health_path"] == path


@pytest.mark.parametrize(
    ("imports", "line", "database"),
    [
        (("github.com/jackc/pgx/v5/pgxpool",), "", "postgres"),
        (("gorm.io/driver/mysql", "gorm.io/driver/sqlite"), "", "sqlite"),
        (
            ("github.com/lib/pq", "github.com/go-sql-driver/mysql", "modernc.org/sqlite"),
            '\tviper.SetDefault("driver", "sqlite")',
            "sqlite",
        ),
        (("github.com/lib/pq", "github.com/go-sql-driver/mysql"), "", None),
        (
            ("github.com/lib/pq", "modernc.org/sqlite"),
            '\tc := Config{\n\t\tDbProvider: "sqlite",\n\t}',
            "sqlite",
        ),
        (
            ("github.com/lib/pq", "modernc.org/sqlite"),
            '\tconst (\n\t\tDbProviderSqlite DbProvider = "sqlite"\n\t)',
            "sqlite",
        ),
        (("go.mongodb.org/mongo-driver/mongo",), "", "mongodb"),
        (
            ("github.com/zeromicro/go-zero/core/stores/sqlx",),
            "\tconn := sqlx.NewMysql(c.Mysql.DataSource)",
            "mysql",
        ),
        ((), "", "none"),
    ],
)
def test_reads_the_database_from_drivers_and_defaults(
    imports: tuple[str, ...], line: str, database: str | None
) -> None:
    """A default decides between drivers; one driver alone is likely, of several none is."""
    files = {"main.go": program(line, SERVES, imports=("net/http", *imports))}
    assert answers(files)["database"] == database


def test_a_driver_that_only_tests_import_is_no_database() -> None:
    """`go.mod` names what tests need too, so imports of the service's own source count."""
    files = {
        "go.mod": module("github.com/lib/pq"),
        "main.go": program(SERVES),
        "store_test.go": 'package main\n\nimport (\n\t_ "github.com/lib/pq"\n)\n',
    }
    assert answers(files)["database"] == "none"


def test_redis_is_needed_where_a_part_of_the_module_above_makes_it() -> None:
    """The program's own folder imports no client."""
    files = {
        "go.mod": "module example.org/shop\n\ngo 1.24\n\nrequire (\n"
        "\tgithub.com/redis/go-redis/v9 v9.7.0\n)\n",
        "cmd/carts/main.go": 'package main\n\nimport (\n\t"net/http"\n'
        '\t"example.org/shop/pkg/cache"\n)\n\nfunc main() {\n'
        "\tstore := cache.NewRedisStore(options)\n\thttp.ListenAndServe(addr, of(store))\n}\n",
    }
    tree = SourceTree.of_files(files, "cmd/carts")
    said = analyze(tree, None, service="shop", commit="0" * 40)
    assert next(one.value for one in said.answers if one.field == "cache") == "redis"


@pytest.mark.parametrize(
    ("line", "cache"),
    [
        ("\tclient := redis.NewClient(options)", "redis"),
        ('\tif cfg.RedisURL != "" {\n\t}', "none"),
        ('\tif cfg.RedisURL != "" {\n\t\tdial()\n\t} else {\n\t\treturn err\n\t}', "redis"),
        ("\tredis, err = cache.NewRedis(o)\n\tif redis != nil {\n\t\tdefer off()\n\t}", "redis"),
        ('\tif cfg.RedisURL == "" {\n\t\tlog.Fatal("no Redis")\n\t}', "redis"),
        ('\tif a.RedisURL == "" {\n\t\ta.RedisURL = "localhost:6379"\n\t}', "redis"),
        ('\tviper.SetDefault("redis.enabled", false)', "none"),
        ('\tconst redisAddressDefault = ""', "none"),
        ('\tconst redisAddressDefault = "localhost:6379"', "redis"),
    ],
)
def test_a_redis_that_may_be_left_out_is_no_cache(line: str, cache: str) -> None:
    """A client of Redis is a cache unless the source asks whether there is one at all."""
    files = {"main.go": program(line, SERVES, imports=("github.com/redis/go-redis/v9",))}
    assert answers(files)["cache"] == cache


def test_a_redis_beside_a_store_in_memory_is_a_choice() -> None:
    """A file that imports both leaves it to its settings."""
    client, memory = "github.com/redis/go-redis/v9", "github.com/sethvargo/go-limiter/memorystore"
    assert answers({"main.go": program(SERVES, imports=(client,))})["cache"] == "redis"
    assert answers({"main.go": program(SERVES, imports=(client, memory))})["cache"] == "none"


def test_who_opens_sqlite_as_well_starts_with_it() -> None:
    """A server is for those who name one."""
    opens = '\tsql.Open("pgx", address)\n\tsql.Open("sqlite", path)'
    drivers = ("database/sql", "github.com/jackc/pgx/v5/stdlib", "modernc.org/sqlite")
    said = answers({"main.go": program(opens, SERVES, imports=drivers)})
    assert said["database"] == "sqlite"


def test_settings_pick_one_of_several_databases_that_can_be_opened() -> None:
    """The file that the service is started with says which."""
    opens = '\tsql.Open("postgres", address)\n\tsql.Open("mysql", address)'
    drivers = ("database/sql", "github.com/go-sql-driver/mysql", "github.com/lib/pq")
    files = {"main.go": program(opens, SERVES, imports=drivers)}
    assert answers(files)["database"] == "postgres"
    files["config/config.toml"] = '[database]\ntype = "mysql"\n'
    assert answers(files)["database"] == "mysql"


def test_starts_the_program_that_serves() -> None:
    """Of several programs the server is the service; a worker beside it is told."""
    files = {
        "cmd/migrate/main.go": program(),
        "cmd/shop-server/main.go": program(SERVES),
        "cmd/worker/main.go": program(),
    }
    said = answers(files)
    assert [said["start_command"], said["worker"]] == [["./shop-server"], True]


def test_ports_of_other_programs_are_left_out() -> None:
    """What another program of the module listens on is not the service's port."""
    files = {
        "cmd/shopd/main.go": program('\tserve(":8080")', SERVES),
        "cmd/demo/main.go": program('\thttp.ListenAndServe(":3001", nil)'),
    }
    assert answers(files)["port"] == 8080


@pytest.mark.parametrize(
    ("commands", "aside", "kind"),
    [
        ("github.com/spf13/cobra", "badges", "cli"),
        ("github.com/spf13/cobra", "shop-server", "web"),
        ("example.org/else", "badges", "web"),
    ],
)
def test_what_serves_beside_a_tool_of_commands_leaves_it_a_tool(
    commands: str, aside: str, kind: str
) -> None:
    """A page that is made with the tool is not what the module is for, unless it is the server."""
    files = {
        "main.go": program("\trun()", imports=(commands,)),
        f"cmd/{aside}/main.go": program('\thttp.ListenAndServe(":8080", nil)'),
    }
    said = answers(files)
    assert [said["kind"], said["port"]] == [kind, None if kind == "cli" else 8080]


def test_adds_the_subcommand_that_serves() -> None:
    """A program at the root is called as its module, with the subcommand that serves."""
    files = {"main.go": program(SERVES), "cmd/serve.go": 'package cmd\n\nvar a = C{Use: "serve"}\n'}
    assert answers(files)["start_command"] == ["./shop", "serve"]


@pytest.mark.parametrize(
    ("files", "kind"),
    [
        ({"shapes.go": "package shapes\n"}, "library"),
        ({"main.go": program("\tprintln(1)")}, "cli"),
        ({"main.go": program(imports=("github.com/rivo/tview", "net/http"))}, "cli"),
        ({"main.go": program(imports=("github.com/hibiken/asynq",))}, "worker"),
        ({"main.go": program(imports=("github.com/bwmarrin/discordgo",))}, "worker"),
        ({"main.go": program(imports=("github.com/gin-gonic/gin",))}, "web"),
        ({"a.go": "package a\n", "_examples/x/main.go": program(SERVES)}, "library"),
        ({"a.go": "package a\n", "gen.go": "//go:build ignore\n\n" + program()}, "library"),
        (
            {"doc.go": "package a\n", "cmd/a/main.go": program("\tprintln(1)", imports=("os",))},
            "cli",
        ),
        (
            {
                "cmd/a/main.go": program("\tprintln(1)", imports=("os",)),
                "cmd/a/debug.go": "//go:build debug || profile\n\n" + program(SERVES),
            },
            "cli",
        ),
    ],
)
def test_tells_servers_from_workers_tools_and_libraries(files: dict[str, str], kind: str) -> None:
    """The kind follows from programs, from what listens and from what is imported."""
    assert answers(files)["kind"] == kind


@pytest.mark.parametrize(
    ("lines", "names"),
    [
        ('\tos.Getenv("A_KEY")\n\tmustMapEnv(&x, "B_ADDR")', ["A_KEY", "B_ADDR"]),
        ('\tconst name = "A_KEY"\n\tos.Getenv(name)', ["A_KEY"]),
        ('\tconst name = "A_KEY"\n\tos.Getenv(other)', None),
        ('\tEnvVars: []string{"A_TOKEN"},', ["A_TOKEN"]),
        ('\tviper.BindEnv("database.url", "A_URL")', ["A_URL"]),
        ('\tviper.GetString("A_URL")\n\tviper.GetString("database.url")', ["A_URL"]),
        ('\tviper.SetDefault("log.level", 1)\n\tviper.AutomaticEnv()', ["LOG_LEVEL"]),
        ('\tviper.SetDefault("log.level", 1)', None),
        (
            '\tviper.SetEnvPrefix("shop")\n\tviper.AutomaticEnv()\n'
            '\tviper.SetDefault("log-level", 1)',
            ["SHOP_LOG_LEVEL"],
        ),
    ],
)
def test_reads_the_variables_that_are_read(lines: str, names: list[str] | None) -> None:
    """Variables count whichever way the source asks for them."""
    assert answers({"main.go": program(lines, SERVES)})["environment_variables"] == names


@pytest.mark.parametrize(
    ("asked", "prefix"),
    [
        ('envconfig.Process("shop", &c)', "SHOP_"),
        ('envconfig.MustProcess("", &c)', ""),
        ('const name = "shop"\n\tenvconfig.Process(name, &c)', "SHOP_"),
    ],
)
def test_reads_the_variables_of_nested_structures(asked: str, prefix: str) -> None:
    """A structure within another puts its field's name before its own fields' names."""
    settings = (
        'package config\n\ntype Config struct {\n\tLogLevel string `split_words:"true"`\n'
        "\tStorage Storage\n\tLimits\n\tWeb struct {\n\t\tBase string\n\t}\n"
        '\tDebug bool `ignored:"true"`\n\tMail mail.Config\n\tKinds []Kind\n}\n\n'
        "type Storage struct {\n\tType string\n}\n\ntype Limits struct {\n\tMost int\n}\n\n"
        f"func read() {{\n\t{asked}\n}}\n"
    )
    names = ["KINDS", "LOG_LEVEL", "MOST", "STORAGE_TYPE", "WEB_BASE"]
    files = {"main.go": program(SERVES), "config/config.go": settings}
    assert answers(files)["environment_variables"] == [f"{prefix}{name}" for name in names]


@pytest.mark.parametrize(
    ("field", "names"),
    [
        ('URL string `env:"A_URL,required"`', ["A_URL"]),
        ('URL string `mapstructure:"A_URL"`', ["A_URL"]),
        ('URL string `arg:"--url,env:A_URL"`', ["A_URL"]),
        (
            'Store Store `envPrefix:"DB_"`\n}\n\ntype Store struct {\n\tURL string `env:"URL"`',
            ["DB_URL"],
        ),
        (
            'URL string `env:"URL"`\n}\n\nfunc read() {\n'
            '\tenv.ParseWithOptions(&c, env.Options{Prefix: "SHOP_"})',
            ["SHOP_URL"],
        ),
        ('URL string `mapstructure:"url"`', None),
    ],
)
def test_reads_variables_from_fields_tags(field: str, names: list[str] | None) -> None:
    """A tag names the variable, behind the prefix that its structure is read with."""
    settings = f"package config\n\ntype Config struct {{\n\t{field}\n}}\n"
    files = {"main.go": program(SERVES), "config/config.go": settings}
    assert answers(files)["environment_variables"] == names


@pytest.mark.parametrize(
    ("files", "version"),
    [
        ({"go.mod": module(version="go 1.23")}, "1.23"),
        ({"go.mod": module(version="go 1.23.0\n\ntoolchain go1.24.3")}, "1.24.3"),
    ],
)
def test_the_toolchain_outweighs_the_least_version(files: dict[str, str], version: str) -> None:
    """What the module is built with is the version; `go` alone is what it needs."""
    assert answers({"main.go": program(SERVES), **files})["runtime_version"] == version


@pytest.mark.parametrize(("least", "version"), [("1.13", "1.15"), ("1.21", "1.21")])
def test_an_image_tells_the_version_where_the_module_names_the_languages(
    least: str, version: str
) -> None:
    """Until Go 1.21 `go.mod` said which language a module is written in, not what builds it."""
    files = {
        "go.mod": module(version=f"go {least}"),
        "main.go": program(SERVES),
        "Dockerfile": (
            "FROM golang:1.15 AS b\nRUN go build -o /a\nFROM scratch\nCOPY --from=b /a /a\n"
        ),
    }
    assert answers(files)["runtime_version"] == version


def test_reads_the_module_above_a_service() -> None:
    """A service in a folder has the module's version, and its drivers where it opens one."""
    files = {
        "go.mod": module("github.com/lib/pq", "github.com/labstack/echo/v4"),
        "services/orders/main.go": program(SERVES),
        "services/billing/main.go": program(SERVES),
    }
    fields = ("language", "runtime_version", "framework", "database")
    said = answers(files, "services/orders")
    assert [said[field] for field in fields] == ["go", "1.24", "echo", "none"]
    files["services/orders/main.go"] = program('\tdb := sql.Open("postgres", dsn)', SERVES)
    assert answers(files, "services/orders")["database"] == "postgres"


def test_reads_the_packages_of_the_module_above_that_a_service_imports() -> None:
    """What they import in turn as well; nothing of other services and of tests."""
    inside = "example.org/team/shop/v2"
    files = {
        "go.mod": module("github.com/lib/pq", "github.com/go-sql-driver/mysql"),
        "apps/orders/main.go": program("\trest.Run()", imports=(f"{inside}/internal/rest",)),
        "apps/billing/main.go": program("\tmysql.Open()", imports=("github.com/x/billing",)),
        "internal/rest/rest.go": (
            "package rest\n\nimport (\n"
            f'\t"net/http"\n\n\t"{inside}/internal/store"\n\t"github.com/go-chi/chi/v5"\n)\n\n'
            'func Run() {\n\tr := chi.NewRouter()\n\tr.Get("/orders", orders)\n'
            '\tr.Get("/readyz", ready)\n'
            '\thttp.ListenAndServe(":8081", r)\n}\n'
        ),
        "internal/rest/rest_test.go": 'package rest\n\nvar port = ":9999"\n',
        "internal/store/store.go": (
            'package store\n\nimport (\n\t"database/sql"\n\n\t_ "github.com/lib/pq"\n)\n\n'
            'var db, _ = sql.Open("postgres", os.Getenv("ORDERS_DSN"))\n'
        ),
        "internal/other/other.go": (
            'package other\n\nimport (\n\t"database/sql"\n\n'
            '\t_ "github.com/go-sql-driver/mysql"\n)\n\nvar db, _ = sql.Open("mysql", dsn)\n'
        ),
    }
    fields = ("kind", "framework", "port", "health_path", "database")
    said = answers(files, "apps/orders")
    assert [said[field] for field in fields] == ["web", "chi", 8081, "/readyz", "postgres"]
    assert said["environment_variables"] == ["ORDERS_DSN"]
    alone = answers({**files, "apps/orders/go.mod": module()}, "apps/orders")
    assert [alone[field] for field in fields] == ["cli", None, None, None, "none"]


@pytest.mark.parametrize("main", ["billing/main.go", "billing/cmd/billing/main.go"])
def test_what_another_program_offers_to_import_is_how_to_ask_it(main: str) -> None:
    """Its store and its server are its own, though they lie in the package of its client."""
    inside = "example.org/team/shop/v2"
    served = (
        'package billing\n\nimport (\n\t"google.golang.org/grpc"\n\t_ "github.com/lib/pq"\n)\n\n'
        "func Serve() {\n\ts := grpc.NewServer()\n}\n"
    )
    files = {
        "go.mod": module("github.com/lib/pq", "google.golang.org/grpc"),
        "orders/main.go": program(SERVES, imports=("net/http", f"{inside}/billing")),
        "billing/billing.go": served,
    }
    fields = ("kind", "framework", "database")
    said = answers({**files, main: program("\tbilling.Serve()")}, "orders")
    assert [said[field] for field in fields] == ["web", "net/http", "none"]
    assert answers(files, "orders")["database"] == "postgres"
    for text in ("package billing\n", "//go:build ignore\n\npackage main\n"):
        assert answers({**files, main: text}, "orders")["database"] == "postgres"


@pytest.mark.parametrize("main", ["pkg/cmd/tool/main.go", "pkg/main.go"])
def test_packages_that_all_programs_share_are_no_programs(main: str) -> None:
    """Nor is what lies beside a program in their folder."""
    inside = "example.org/team/shop/v2"
    files = {
        "go.mod": module("github.com/lib/pq"),
        "orders/main.go": program(SERVES, imports=("net/http", f"{inside}/pkg/users")),
        "pkg/users/users.go": 'package users\n\nimport (\n\t_ "github.com/lib/pq"\n)\n',
        main: program("\trun()"),
    }
    assert answers(files, "orders")["database"] == "postgres"


@pytest.mark.parametrize(
    ("folder", "content", "language"),
    [
        ("backend", '{"private": true, "workspaces": ["frontend"]}', "go"),
        ("backend", '{"private": true, "scripts": {"start": "node a.js"}}', "node"),
        ("backend", '{"private": true, "main": "a.js"}', "node"),
        ("bench", '{"private": true, "workspaces": ["frontend"]}', "node"),
    ],
)
def test_a_package_that_starts_nothing_leaves_a_module_below_to_be_the_service(
    folder: str, content: str, language: str
) -> None:
    """What only holds folders together is not what is served from one that is called so."""
    tree = SourceTree.of_files(
        {
            "package.json": content,
            f"{folder}/go.mod": module(),
            f"{folder}/main.go": program(SERVES),
            "frontend/package.json": '{"name": "pages"}',
        }
    )
    answer = analyze(tree, None, service="shop", commit=COMMIT).answer("language")
    assert answer is not None
    assert answer.value == language


@pytest.mark.parametrize(
    ("function", "names"),
    [
        ('func EnvVar(flag string) string {\n\treturn "SHOP_" + up(flag)\n}', ["SHOP_SITE_URL"]),
        (
            'const prefix = "SHOP_"\n\nfunc EnvVar(key, other string) string {\n'
            "\treturn os.Getenv(prefix+key)\n}",
            ["SHOP_SITE_URL"],
        ),
        ('func EnvVar(flag string) string {\n\treturn "SHOP_" + other\n}', ["SITE_URL"]),
        ('func name(flag string) string {\n\treturn "SHOP_" + flag\n}', ["SITE_URL"]),
    ],
)
def test_a_function_puts_a_prefix_before_a_variables_name(function: str, names: list[str]) -> None:
    """A name that is given to a function of the service's is told as that function asks for it."""
    files = {
        "main.go": program('\tfor _, f := range EnvVar("SITE_URL") {}', SERVES),
        "config/env.go": f'package config\n\nimport (\n\t"os"\n)\n\n{function}\n',
    }
    assert answers(files)["environment_variables"] == names


def test_what_the_system_is_asked_for_has_no_prefix() -> None:
    """A function called as the standard library's does not change what that one asks for."""
    own = (
        'package config\n\nfunc Getenv(key string) string {\n\treturn os.Getenv("SHOP_" + key)\n}\n'
    )
    lines = ('\tos.Getenv("HTTP_PROXY")', '\tconfig.Getenv("SITE_URL")', SERVES)
    said = answers({"main.go": program(*lines), "config/env.go": own})
    assert said["environment_variables"] == ["HTTP_PROXY", "SHOP_SITE_URL"]


GROUPED = 'package health\n\nfunc Register(g *gin.RouterGroup) {\n\tg.GET("/health", ok)\n}\n'
METHOD = (
    "package handlers\n\nfunc (h *HealthHandler) Register(db *sql.DB, e *echo.Group) {\n"
    '\tv1 := e.Group("/v1")\n\tv1.GET("/health", h.ok)\n}\n'
)
RETURNED = (
    "package health\n\nfunc Routes() chi.Router {\n\tr := chi.NewRouter()\n"
    '\tr.Get("/ready", ok)\n\treturn r\n}\n'
)


@pytest.mark.parametrize(
    ("lines", "text", "path"),
    [
        ('\tapi := r.Group("/api")\n\thealth.Register(api)', GROUPED, "/api/health"),
        ('\thealth.Register(r.Group("/api"))', GROUPED, "/api/health"),
        (
            '\tr.Route("/api", func(r chi.Router) {\n\t\thealth.Register(r)\n\t})',
            GROUPED,
            "/api/health",
        ),
        (
            '\tapi := r.PathPrefix("/api").Subrouter()\n\thealth.Register(api)',
            GROUPED,
            "/api/health",
        ),
        ('\tapi := r.Group("/api")\n\thealthHandler.Register(db, api)', METHOD, "/api/v1/health"),
        ('\tr.Mount("/api", health.Routes())', RETURNED, "/api/ready"),
        ('\tr.Mount("/api", a)\n\thealthHandler.Register(db, a)', METHOD, "/api/v1/health"),
        ("\thealth.Register(r)", GROUPED, "/health"),
        ('\tapi := r.Group("/api")\n\torders.Register(api)', GROUPED, "/health"),
        ('\ta := r.Group("/a")\n\tb := r.Group("/b")\n\thealth.Register(a)', GROUPED, "/a/health"),
        (
            '\thealth.Register(r.Group("/a"))\n\thealth.Register(r.Group("/b"))',
            GROUPED,
            "/health",
        ),
    ],
)
def test_a_route_stands_under_the_group_that_its_function_is_given(
    lines: str, text: str, path: str
) -> None:
    """What another file's function registers has the prefix of the group that it is called with."""
    files = {"main.go": program(lines, SERVES), "internal/health/routes.go": text}
    assert answers(files)["health_path"] == path


def test_groups_are_followed_through_several_functions() -> None:
    """A group that is given on is a prefix before the next one's."""
    files = {
        "main.go": program('\tapi.Setup(r.Group("/api"))', SERVES),
        "api/setup.go": "package api\n\nfunc Setup(g *gin.RouterGroup) {\n"
        '\tv1 := g.Group("/v1")\n\thealth.Register(v1)\n}\n',
        "health/routes.go": GROUPED,
    }
    assert answers(files)["health_path"] == "/api/v1/health"


@pytest.mark.parametrize(
    ("makefile", "binary"),
    [
        ("build:\n\tgo build -o bin/shopd ./cmd/server\n", "./shopd"),
        ("NAME := shopd\n\nbuild:\n\tgo build -v -o bin/$(NAME) ./cmd/server/main.go\n", "./shopd"),
        ("bin/shopd: go.mod\n\tgo build -o $@ example.org/team/shop/v2/cmd/server\n", "./shopd"),
        ('a:\n\tgo build -ldflags "-s -w" \\\n\t  -o=shopd.exe ./cmd/server\n', "./shopd"),
        ("build:\n\tcd cmd/server && go build -o ../../shopd\n", "./shopd"),
        ("build:\n\tgo build -o bin/shopd ./cmd/other\n", "./server"),
        ("build:\n\tgo build -o bin/$(NAME) ./cmd/server\n", "./server"),
    ],
)
def test_a_program_is_called_as_it_is_built(makefile: str, binary: str) -> None:
    """What a Makefile names the program's file outweighs the folder that it is built of."""
    files = {"cmd/server/main.go": program(SERVES), "Makefile": makefile}
    assert answers(files)["start_command"] == [binary]


def test_a_makefile_above_builds_the_service() -> None:
    """The folder that is gone to tells which service's program is built."""
    makefile = "a:\n\tcd {}; env GOOS=linux go build -tags '$(T)' -o ../bin/shopd ./main\n"
    files = {"server/go.mod": module(), "server/main/main.go": program(SERVES)}
    said = answers({**files, "Makefile": makefile.format("server")}, "server")
    assert said["start_command"] == ["./shopd"]
    said = answers({**files, "Makefile": makefile.format("other")}, "server")
    assert said["start_command"] == ["./main"]


def test_modules_within_a_module_are_not_read() -> None:
    """A folder with a `go.mod` of its own is another program."""
    files = {
        "main.go": program(SERVES),
        "tooling/go.mod": "module example.org/tooling\n",
        "tooling/main.go": program('\tos.Getenv("ONLY_THERE")'),
    }
    assert answers(files)["environment_variables"] is None


def test_names_the_migration_tool() -> None:
    """An imported migration tool is told."""
    files = {"main.go": program(SERVES, imports=("github.com/pressly/goose/v3",))}
    assert answers(files)["migration_tool"] == "goose"


def test_a_login_that_waits_for_a_browser_and_a_sent_file_are_no_servers() -> None:
    """A tool listens on the loopback for one answer; what sends a file need not listen."""
    login = program('l, _ := net.Listen("tcp", "localhost:0")', "http.Serve(l, nil)")
    assert answers({"go.mod": module(), "main.go": login})["kind"] == "cli"
    sending = program("http.ServeFile(response, request, path)")
    assert answers({"go.mod": module(), "main.go": sending})["kind"] == "cli"


def test_the_module_in_a_server_folder_is_the_service() -> None:
    """Modules of tests and of what people see lie beside it in a root that only holds folders."""
    files = {
        "backend/go.mod": module(),
        "backend/main.go": program(SERVES),
        "e2e/go.mod": module(),
        "tools/go.mod": module(),
        "frontend/apps/shop/package.json": "{}",
    }
    tree = SourceTree.of_files(files, "")
    said = analyze(tree, None, service="shop", commit=COMMIT)
    found = {answer.field: answer.value for answer in said.answers}
    assert (found["language"], found["kind"]) == ("go", "web")


def test_a_file_for_a_tag_is_no_part_of_the_program() -> None:
    """Only those of a platform are built without being asked for."""
    source = program(imports=("modernc.org/sqlite",)).replace("main", "store")
    for tag, database in (("multi", "none"), ("linux", "sqlite"), ("!multi", "sqlite")):
        files = {"main.go": program(SERVES), "store/store.go": f"//go:build {tag}\n\n{source}"}
        assert answers(files)["database"] == database, tag


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ('\te.GET("/", healthCheck)', "/"),
        ('\te.GET("/", controllers.HealthHandler)', "/"),
        ('\te.GET("/", index)', None),
        ('\te.GET("/", healthCheck)\n\te.GET("/ready", ready)', "/ready"),
    ],
)
def test_a_handler_tells_what_is_asked_at_the_root(line: str, path: str | None) -> None:
    """A path of its own for the check comes before."""
    assert answers({"main.go": program(line, SERVES)})["health_path"] == path


def test_a_lone_program_right_in_cmd_is_called_after_the_service() -> None:
    """So is one of a module that lies above."""
    files = {"shop-web/cmd/server.go": program(SERVES), "go.mod": module()}
    assert answers(files, "shop-web")["start_command"] == ["./shop-web"]


def test_an_address_for_the_public_is_the_services_own() -> None:
    """That of an interface beside it comes later."""
    lines = ('\ta := getenv("PUBADDR", ":8080")', '\tb := getenv("APIADDR", ":8081")')
    assert answers({"main.go": program(*lines, SERVES)})["port"] == 8080


def test_a_framework_may_answer_for_health_by_itself() -> None:
    """PocketBase does."""
    main = program("\tapp.Start()", imports=("github.com/pocketbase/pocketbase",))
    assert answers({"main.go": main})["health_path"] == "/api/health"


@pytest.mark.parametrize(
    ("line", "database"),
    [
        ('\tURL string `default:"postgres://127.0.0.1/shop"`', "postgres"),
        ('\tflag.String("db", "postgres://127.0.0.1/shop", "where")', "postgres"),
        ('\t// by default "postgres://127.0.0.1/shop"', "sqlite"),
        ('\tapi.Greet("postgres://127.0.0.1/shop")', "sqlite"),
        ('\tflag.String("from", "", `default: --from="postgres://127.0.0.1/shop"`)', "sqlite"),
    ],
)
def test_a_default_address_tells_the_database(line: str, database: str) -> None:
    """Of a flag or a field, where a driver is at hand that alone would be a hint."""
    files = {
        "go.mod": module("github.com/jackc/pgx/v5", "modernc.org/sqlite"),
        "main.go": program(SERVES, line, imports=("net/http", "github.com/jackc/pgx/v5")),
        "local.go": 'package main\n\nimport (\n\t_ "modernc.org/sqlite"\n)\n',
    }
    assert answers(files)["database"] == database


def test_what_is_opened_without_an_address_is_the_database() -> None:
    """A driver for SQLite may have any owner; a template of settings chooses nothing."""
    opened = (
        '\tif os.Getenv("SQL_DSN") != "" {\n\t\tdb, err = gorm.Open(mysql.Open(dsn))\n'
        "\t} else {\n\t\tdb, err = gorm.Open(sqlite.Open(path))\n\t}"
    )
    both = ("net/http", "gorm.io/driver/mysql", "github.com/other/sqlite")
    files = {"main.go": program(SERVES, opened, imports=both)}
    assert answers(files)["database"] == "sqlite"
    turned = opened.replace("mysql", "other").replace("sqlite", "mysql").replace("other", "sqlite")
    tree = SourceTree.of_files(
        {"go.mod": module(), "main.go": program(SERVES, turned, imports=both)}
    )
    said = analyze(tree, None, service="shop", commit=COMMIT).answer("database")
    assert said is not None
    assert said.rule == "go/driver"
    chosen = '\tviper.SetDefault("databaseEngine", "sqlite")\n'
    template = 'const t = `\n# Options: "sqlite" (default)\n#databaseEngine = "postgres"\n`\n'
    either = ("net/http", "github.com/lib/pq", "modernc.org/sqlite")
    files = {"main.go": program(SERVES, chosen, imports=either) + template}
    assert answers(files)["database"] == "sqlite"


def test_a_cache_that_is_asked_for_by_a_variable_may_be_left_out() -> None:
    """Where nothing is done without it."""
    asked = '\tif os.Getenv("REDIS_CONN_STRING") == "" {\n\t\treturn\n\t}'
    imports = ("net/http", "github.com/go-redis/redis/v8")
    assert answers({"main.go": program(SERVES, asked, imports=imports)})["cache"] == "none"
    fails = asked.replace("return", 'log.Fatal("no address")')
    assert answers({"main.go": program(SERVES, fails, imports=imports)})["cache"] == "redis"


def test_a_program_called_as_its_module_is_what_the_module_is_for() -> None:
    """What only the others are made of is not the service's; where none is called so, all is."""
    inside = "example.org/team/shop/v2"
    pages = (
        'package pages\n\nimport (\n\t"net/http"\n\n\t_ "github.com/lib/pq"\n)\n\n'
        'func Serve() {\n\tdb.AutoMigrate(&Page{})\n\thttp.ListenAndServe(":8081", nil)\n}\n'
    )
    files = {
        "go.mod": module("github.com/lib/pq"),
        "cmd/shop/main.go": program("\tcounting.Run()", imports=(f"{inside}/counting",)),
        "cmd/shop-pages/main.go": program("\tpages.Serve()", imports=(f"{inside}/pages",)),
        "counting/counting.go": (
            'package counting\n\nimport (\n\t"os"\n)\n\n'
            'func Run() {\n\tos.Getenv("SHOP_COUNTS")\n}\n'
        ),
        "pages/pages.go": pages,
    }
    said = answers(files)
    assert [said[field] for field in ("kind", "database", "port")] == ["cli", "none", None]
    assert said["environment_variables"] == ["SHOP_COUNTS"]
    assert said["migration_tool"] is None
    renamed = {path.replace("cmd/shop/", "cmd/count/"): text for path, text in files.items()}
    said = answers(renamed)
    assert [said[field] for field in ("kind", "database", "port")] == ["web", "postgres", 8081]


def test_a_method_of_its_own_that_is_called_so_serves_nothing() -> None:
    """It may listen to a queue."""
    kafka = "github.com/segmentio/kafka-go"
    own = "\n\nfunc (s *Server) ListenAndServe() error {\n\treturn s.consume()\n}\n"
    files = {"main.go": program("\tserver.ListenAndServe()", imports=(kafka,)) + own}
    assert answers(files)["kind"] == "worker"
    served = {"main.go": program("\tserver.ListenAndServe()", imports=(kafka, "net/http")) + own}
    assert answers(served)["kind"] == "web"


def test_packages_that_the_only_program_does_not_import_were_left_behind() -> None:
    """A generator writes more than is used."""
    dal = 'package dal\n\nimport (\n\t"database/sql"\n\n\t_ "github.com/lib/pq"\n)\n'
    inside = "example.org/team/shop/v2"
    files = {
        "go.mod": module("github.com/lib/pq"),
        "dal/dal.go": dal,
        "pages/pages.go": "package pages\n",
    }
    pages = ("net/http", f"{inside}/pages")
    unused = {**files, "main.go": program(SERVES, imports=pages)}
    used = {**files, "main.go": program(SERVES, imports=(*pages, f"{inside}/dal"))}
    assert answers(unused)["database"] == "none"
    assert answers(used)["database"] == "postgres"
