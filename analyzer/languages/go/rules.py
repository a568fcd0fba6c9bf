"""What Go source says: the patterns, each with what reads its match."""

import re
from typing import Final

from analyzer.languages.go import readings, routing
from analyzer.languages.go.port_rules import PORT_RULES
from analyzer.languages.go.spellings import by_case
from analyzer.languages.go.stores import BROUGHT, MADE
from analyzer.patterns import Pattern
from analyzer.source_rules import SourceRule, constant, text_of


def _serves(word: str) -> SourceRule:
    # What sends a file is called by a server, and says nothing of one that listens.
    # A lone context is how one waits for what a database tells.
    pattern = Pattern(rf"{re.escape(word)}(?!File|Content|\w*ctx\b(?!,))\w*")
    return SourceRule("go/serves", "serves", word, pattern, "medium", readings.http)


def _stores(word: str, names: str) -> tuple[SourceRule, SourceRule]:
    literal = Pattern(rf"[\"`]({names})[\"`]")
    return (
        SourceRule("go/sql-open", "database", word, literal, "medium", readings.opened),
        SourceRule("go/database-default", "database", word, literal, "medium", readings.chosen),
    )


# A path whose last part may be a name for the load balancer's question.
_PATH: Final = (
    r"(/(?:[\w.~-]{1,30}/){0,4}[\w-]{0,12}?"
    r"(?:health|ready|readiness|live|heartbeat|ping)[\w-]{0,12}(?:\.json|/)?)\""
)


def _routes(word: str) -> SourceRule:
    pattern = Pattern(re.escape(word.removesuffix("/")) + _PATH)
    return SourceRule("go/health-route", "health_path", word, pattern, "medium", routing.route)


def _generated(word: str) -> SourceRule:
    # What is generated from an API's description is not read, only put to use.
    return SourceRule(
        "go/route", "routes", word, Pattern(rf"\b{word}\w*\("), "medium", constant("handlers")
    )


def _registers(word: str, names: str) -> SourceRule:
    pattern = Pattern(
        names + r"\s{0,40}(?:http\.Method\w+,[ \t]*|\"[A-Z]+\",[ \t]*)?"
        r"(?:\"(?:[A-Z]+ )?([^\"\s]{0,80})\"|([\w.*&\[\]()]{1,80}))"
    )
    return SourceRule("go/route", "routes", word, pattern, "medium", readings.registered)


RULES: Final = (
    SourceRule(
        "go/import",
        "imports",
        "import",
        # A block is the last import: taking the rest with it ends the search there.
        Pattern(r"\nimport (?:\(([^)(]{0,8000})\)(?s:.*)|(?:[\w.]+ )?(\"[^\"\n]+\"))"),
        "medium",
        readings.imports,
    ),
    SourceRule(
        "go/program",
        "programs",
        "package main",
        Pattern(r"package main\b"),
        "medium",
        readings.program,
    ),
    _serves("ListenAndServe"),
    _serves(".Listen("),
    _serves("http.Serve"),
    _serves("http.NewServeMux("),
    SourceRule(
        "go/grpc-server",
        "serves",
        "grpc.NewServer(",
        Pattern(r"grpc\.NewServer\("),
        "medium",
        constant("grpc"),
    ),
    *(
        _registers(word, names)
        for word, names in (
            # gorilla/mux gives a route its handler after its path.
            (".Handle", r"\.Handle(?:(?:Func)?\(|r(?:Func)?\((?=\s{0,40}(?:http\.Method|\")))"),
            (".Path(", r"\.Path\("),
            ("GET(", r"\.GET\("),
            ("POST(", r"\.POST\("),
            (".Get(", r"\.Get\((?=\"/)"),
            (".Post(", r"\.Post\((?=\"/)"),
            (".PathPrefix(", r"\.PathPrefix\("),
            (".Group(", r"\.Group\((?=\"/)"),
            (".Route(", r"\.Route\((?=\"/)"),
            (".Mount(", r"\.Mount\((?=\"/)"),
        )
    ),
    *map(_generated, ("RegisterHandlers", "HandlerFromMux")),
    *(_routes(word) for word in ('"/', '"GET /', '"HEAD /')),
    SourceRule(
        "go/health-route",
        "health_path",
        '/status"',
        Pattern(r"\"((?:/api(?:/v\d+)?)?/status)\""),
        "medium",
        routing.route,
    ),
    *(
        SourceRule(
            "go/health-route",
            "health_path",
            word,
            Pattern(re.escape(word[0]) + rf"({word[1:]}[\w-]{{0,12}}/?)\""),
            "medium",
            routing.bare_route,
        )
        for word in ('"health', '"ready', '"live', '"ping')
    ),
    SourceRule(
        "go/health-handler",
        "health-handlers",
        '("/", ',
        # Named for what it answers, a handler tells what is asked at the root.
        Pattern(
            r"\.(?:GET|Get|HandleFunc|Any)\(\"/\", (?:\w+\.){0,3}"
            r"(?i:handle)?(?i:health|readiness)\w*[,()]"
        ),
        "medium",
        constant("/"),
        100,
    ),
    SourceRule(
        "go/path-name",
        "path-names",
        '= "/',
        Pattern(r"= \"(/[\w./-]*)\""),
        "medium",
        routing.path_name,
    ),
    SourceRule(
        "go/health-route",
        "health_path",
        ".Group(",
        Pattern(r"\.Group\(\"(/[\w./-]*(?:health|ping|ready)[\w-]*)\""),
        "medium",
        routing.group_route,
    ),
    *(
        SourceRule(
            "go/mount",
            "mounts",
            word,
            Pattern(re.escape(word) + r"\"(/[^\"\n]*)\""),
            "medium",
            routing.mounted if word == ".Mount(" else routing.given,
        )
        for word in (".Group(", ".Route(", ".PathPrefix(", ".Mount(")
    ),
    *PORT_RULES,
    *_stores("postgres", "postgres(?:ql)?"),
    *_stores("mysql", "mysql|mariadb"),
    *_stores("sqlite", "sqlite3?"),
    *_stores('"pgx"', "pgx"),
    *_stores("mongo", "mongo(?:db)?"),
    *_stores("sqlserver", "sqlserver"),
    *(
        SourceRule(
            "go/database-address",
            "database",
            f'"{scheme}://',
            # Within a text it is an example.
            Pattern(rf"(?<=[ (\t:])\"({scheme})://"),
            "medium",
            readings.default_address,
        )
        for scheme in ("postgres", "postgresql", "mysql", "mongodb")
    ),
    SourceRule(
        "go/driver",
        BROUGHT,
        "sqlx.NewMysql(",
        Pattern(r"\bsqlx\.NewMysql\("),
        "medium",
        constant("mysql"),
    ),
    SourceRule(
        "go/database-default",
        "database",
        "(sqlite.Open(",
        Pattern(r"\((sqlite)\.Open\("),
        "medium",
        readings.fallen_back_on,
    ),
    SourceRule(
        "go/optional-cache",
        "optional-cache",
        "REDIS_",
        Pattern(r"Getenv\(\"REDIS_\w+\"\) ?[!=]= ?\"\""),
        "medium",
        readings.optional,
    ),
    SourceRule(
        "go/optional-cache",
        "optional-cache",
        "edis",
        Pattern(
            r"edis(?!s\")\w*(?:\"[ \t]*:|\.\w*nabled|Default[ \t]*=[ \t]*\"\""
            r"|[\w.()\"]{0,30} ?[!=]= ?(?:\"\"|nil))"
        ),
        "medium",
        readings.optional,
    ),
    *by_case(
        "go/environment",
        "environment_variables",
        ("Env", "env"),
        r"\w*\([ \t]*(?:(?:&?[\w.]+|\"[a-z][\w.-]*\"),[ \t]*)?\"([A-Z][A-Z0-9_]{2,})\"",
        "high",
        readings.variable,
    ),
    SourceRule(
        "go/cache-driver",
        MADE,
        "Redis",
        Pattern(r"\b\w+\.(?:Connect|Create|Init|New|Open)\w{0,20}Redis\w{0,30}\("),
        "medium",
        constant("redis"),
        60,
    ),
    SourceRule(
        "go/cache-address",
        "cache-address",
        ":6379",
        Pattern(r":6379\b"),
        "medium",
        constant("redis"),
    ),
    SourceRule(
        "go/health-middleware",
        "health-middleware",
        ".Heartbeat(",
        Pattern(r"\bmiddleware\.Heartbeat\(\"(/[\w/-]{1,40})\"\)"),
        "medium",
        text_of,
    ),
    SourceRule(
        "go/health-route",
        "health_path",
        "rest.Ping",
        # The middleware of go-pkgz/rest answers there.
        Pattern(r"\brest\.Ping\b"),
        "medium",
        constant("/ping"),
    ),
    *(
        # Where Fiber's own answer unless they are told another path.
        SourceRule(
            "go/health-middleware",
            "health-middleware",
            word,
            Pattern(pattern),
            "medium",
            constant(path),
            200,
            ("gofiber/",),
        )
        for word, pattern, path in (
            ("healthcheck.New(", r"\bhealthcheck\.New\(\)", "/readyz"),
            ("healthcheck.Default", r"\bhealthcheck\.DefaultReadinessEndpoint\b", "/readyz"),
        )
    ),
    SourceRule(
        "go/environment-prefix",
        "prefixed-variables",
        "envconfig.",
        Pattern(r"envconfig\.(?:Must)?Process\((?:\"(\w*)\"|(\w+),)"),
        "medium",
        readings.fields,
    ),
    SourceRule(
        "go/environment-tag",
        "environment_variables",
        "env",
        Pattern(r"env(?:config)?:\"(?:[a-z]+=)?([A-Z][A-Z0-9_]{2,})\b"),
        "high",
        readings.tagged_variable,
    ),
    SourceRule(
        "go/environment-tag",
        "environment_variables",
        'mapstructure:"',
        Pattern(r"mapstructure:\"([A-Z][A-Z0-9_]{2,})\b"),
        "medium",
        readings.variable,
    ),
    *(
        SourceRule(
            "go/environment",
            "environment_variables",
            word,
            Pattern(re.escape(word) + r"([A-Za-z]\w*)\)"),
            "high",
            readings.named_variable,
        )
        for word in ("os.Getenv(", "os.LookupEnv(")
    ),
    SourceRule(
        "go/environment",
        "environment_variables",
        "viper.Get",
        Pattern(r"viper\.Get\w*\(\"([A-Z][A-Z0-9_]{2,})\"\)"),
        "high",
        readings.variable,
    ),
    SourceRule(
        "go/environment-tag",
        "environment_variables",
        "env:",
        Pattern(r"arg:\"(?:[^\"\n]{0,80},)?env:([A-Z][A-Z0-9_]{2,})\b"),
        "high",
        readings.variable,
    ),
    SourceRule(
        "go/environment-flag",
        "environment_variables",
        "Env",
        Pattern(r"Env(?:Vars?|ar)\b[^\"\n]{0,20}\"([A-Z][A-Z0-9_]{2,})\""),
        "high",
        readings.variable,
    ),
    *(
        SourceRule(
            "go/environment-prefix",
            "prefixing",
            word,
            # It begins in the middle of a text or a name, where a search is fast.
            Pattern(re.escape(word) + r" ?([^\n]{1,80})"),
            "medium",
            readings.prefixing,
        )
        for word in ('_" +', '_"+', "refix +", "refix+")
    ),
    SourceRule(
        "go/environment-prefix",
        "prefixed-variables",
        "SetEnvPrefix(",
        Pattern(r"SetEnvPrefix\(\"([\w-]+)\"\)"),
        "medium",
        readings.prefixed,
    ),
    SourceRule(
        "go/environment-prefix",
        "prefixed-variables",
        "AutomaticEnv(",
        Pattern(r"\.AutomaticEnv\(\)"),
        "medium",
        readings.unprefixed,
    ),
    SourceRule(
        "go/command",
        "commands",
        "Use:",
        Pattern(r"Use:[ \t]*\"([\w-]+)"),
        "medium",
        readings.command,
    ),
    SourceRule(
        "go/command",
        "commands",
        "cli.Command{",
        Pattern(r"cli\.Command\{\s*Name:[ \t]*\"([\w-]+)\""),
        "medium",
        readings.command,
    ),
    SourceRule(
        "go/command",
        "commands",
        'command:"',
        Pattern(r"command:\"([\w-]+)\""),
        "medium",
        readings.command,
    ),
    SourceRule(
        "go/auto-migrate",
        "migration_tool",
        ".AutoMigrate(",
        Pattern(r"\.AutoMigrate\("),
        "medium",
        constant("gorm"),
    ),
)
