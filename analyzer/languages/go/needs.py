"""Go: what its module file and its source say."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Final

from analyzer.facts import Fact
from analyzer.languages.cache_switches import SWITCHES
from analyzer.languages.go.builds import built_name
from analyzer.languages.go.kinds import kind_facts
from analyzer.languages.go.mounts import mounted_routes
from analyzer.languages.go.packages import packages_above, packages_of
from analyzer.languages.go.programs import Programs, beside_a_tool, program_facts, programs_of
from analyzer.languages.go.project import (
    GoModule,
    flavours_of,
    go_versions,
    own_sources,
    read_module,
)
from analyzer.languages.go.rules import RULES
from analyzer.languages.go.stores import BROUGHT, MADE, store_facts, without_choices
from analyzer.languages.go.variables import variable_facts
from analyzer.languages.health_routes import ranked
from analyzer.languages.settings_files import setting_facts, settings
from analyzer.patterns import Pattern
from analyzer.source_rules import scanned
from analyzer.tree import SourceTree
from delightful.recommendation import Confidence, Evidence

# What sits on top comes first: a service with Gin may also bring chi for a proxy.
_FRAMEWORKS: Final = (
    ("github.com/gin-gonic/gin", "gin"),
    ("github.com/labstack/echo", "echo"),
    ("github.com/gofiber/fiber", "fiber"),
    ("github.com/beego/beego", "beego"),
    ("github.com/astaxie/beego", "beego"),
    ("github.com/kataras/iris", "iris"),
    ("github.com/revel/revel", "revel"),
    ("github.com/gobuffalo/buffalo", "buffalo"),
    ("github.com/zeromicro/go-zero", "go-zero"),
    ("github.com/pocketbase/pocketbase", "pocketbase"),
    ("github.com/go-kratos/kratos", "kratos"),
    ("github.com/cloudwego/hertz", "hertz"),
    ("github.com/gogf/gf", "goframe"),
    ("goa.design/goa", "goa"),
    ("github.com/go-chi/chi", "chi"),
    ("github.com/emicklei/go-restful", "go-restful"),
    ("github.com/gorilla/mux", "gorilla"),
    ("github.com/julienschmidt/httprouter", "httprouter"),
    ("github.com/danielgtaylor/huma", "huma"),
    ("github.com/go-macaron/macaron", "macaron"),
    ("gopkg.in/macaron.v1", "macaron"),
    ("github.com/go-martini/martini", "martini"),
    ("goji.io", "goji"),
    ("github.com/zenazn/goji", "goji"),
    ("github.com/valyala/fasthttp", "fasthttp"),
)
_FRAMEWORK_PORTS: Final = {
    "beego": 8080,
    "buffalo": 3000,
    "iris": 8080,
    "martini": 3000,
    "pocketbase": 8090,
    "revel": 9000,
}
# https://pocketbase.io/docs/api-health/
_FRAMEWORK_HEALTH: Final = {"pocketbase": "/api/health"}
_MIGRATIONS: Final = {
    "github.com/golang-migrate/migrate": "golang-migrate",
    "github.com/pressly/goose": "goose",
    "github.com/rubenv/sql-migrate": "sql-migrate",
    "github.com/go-gormigrate/gormigrate": "gormigrate",
    "github.com/amacneil/dbmate": "dbmate",
    "ariga.io/atlas": "atlas",
}
# What a file imports that reads settings, listens, routes or opens a store.
_OF_INTEREST: Final = Pattern(
    rb"\"(?:os|flag|net|net/http|database/sql)\"|cobra|cli|flag|viper|conf|env|http|grpc|sql|db|orm|pgx|/pq"
    rb"|gin|echo|fiber|chi|mux|route|rest|api|web|serv|redis|cache|mongo|driver|store|queue|asynq"
    rb"|migrat|goose|atlas|kafka|sarama|amqp|nats|temporal|bubbletea|gocui|tview|tcell|discord|telegram"
    rb"|telebot|telego|gotd|mautrix|cron"
)
# A file's first words may ask for a tag; those that Go itself sets are of a platform.
_BUILD_TAG: Final = Pattern(rb"^//go:build ([a-z]\w*(?: \|\| [a-z]\w*)*)[ \t\r]*$", re.M)
_PLATFORM_TAG: Final = Pattern(
    rb"aix|android|darwin|dragonfly|freebsd|illumos|ios|js|linux|netbsd|openbsd|plan9|solaris"
    rb"|wasip1|windows|unix|386|amd64|arm|arm64|loong64|mips\w*|ppc64\w*|riscv64|s390x|wasm"
    rb"|cgo|gc|gccgo|go1"
)
_HIGHEST_TAG: Final = 3000
_BESIDE_SERVER: Final = ("cli/", "client/", "agent/", "internal/cli/", "pkg/cli/", "dev/")
_OTHER_SERVERS: Final = ("grpc", "metric", "pprof", "debug", "client")
# What the rules gather for this detector; the rest are answers.
_GATHERED: Final = frozenset(
    {
        "imports",
        "programs",
        "routes",
        "serves",
        "commands",
        "health_path",
        "health-middleware",
        "health-handlers",
        "mounts",
        "path-names",
        "database",
        "optional-cache",
        "cache-address",
        BROUGHT,
        MADE,
        "environment_variables",
        "prefixed-variables",
        "prefixing",
        "port",
    }
)

# What tells of each program of a module.
_OF_ALL_PROGRAMS: Final = frozenset({"programs", "commands"})


def facts(tree: SourceTree) -> Iterator[Fact]:
    """Yield what a Go service needs."""
    module = read_module(tree)
    own = own_sources(tree)
    sources = (*own, *packages_above(tree, module, own))
    told, found = _scanned(tree, sources)
    name = _name(tree, module)
    found = _without(found, beside_a_tool(found, name))
    serving = _folders_of(found.get("serves", ()))
    programs = programs_of(found.get("programs", []), serving, name)
    parts = _parts(tree, module, programs, sources) if programs else None
    if parts is not None:
        told, found = _inside(told, parts), _found_inside(found, parts)
    imports = _imported(found.get("imports", ()))
    stored = without_choices(found, sources)
    serves = found.get("serves", [])
    frameworks = list(_frameworks(imports, module, serves))
    configured = list(
        setting_facts(settings(tree), "go/settings-port", "go/settings-store", "go/settings-cache")
    )
    yield from chain(
        told,
        _dependencies(module),
        go_versions(tree, module),
        kind_facts(
            found,
            imports,
            module,
            frameworks,
            name=name,
            has_root_package=_has_root_package(tree, sources, found),
        ),
        variable_facts(tree, found),
        _routes(found),
        store_facts(_imported(stored.get("imports", ())), module, stored, configured),
        _migrations(imports),
    )
    if serves or frameworks:
        yield from frameworks
        yield from _ports(found.get("port", ()), programs.others if programs else ())
        yield from (fact for fact in configured if fact.field == "port")
        yield from _of_the_framework(frameworks)
    if programs:
        built = built_name(tree, module, programs.service)
        yield from program_facts(programs, found.get("commands", []), built)


def _name(tree: SourceTree, module: GoModule | None) -> str:
    """Return what a program is called: as its folder, and in the module's own as the module."""
    is_own = module and not module.path.startswith("../")
    return module.program if module and is_own else tree.folder.rpartition("/")[2]


def _folders_of(facts: Iterable[Fact]) -> set[str]:
    return {fact.evidence.file.rpartition("/")[0] for fact in facts if fact.evidence}


def _scanned(tree: SourceTree, sources: Sequence[str]) -> tuple[list[Fact], dict[str, list[Fact]]]:
    """Read the sources: facts that stand as they are, and by field what others are made of."""
    told: list[Fact] = []
    found: dict[str, list[Fact]] = {}
    for fact in scanned(tree, sources, (*RULES, *SWITCHES), _may_matter):
        kept = found.setdefault(fact.field, []) if fact.field in _GATHERED else told
        kept.append(fact)
    return told, found


def _without(found: dict[str, list[Fact]], folders: tuple[str, ...]) -> dict[str, list[Fact]]:
    """Leave out what is said in some folders."""
    if not folders:
        return found
    return {
        field: [
            fact
            for fact in facts
            if not fact.evidence or not fact.evidence.file.startswith(folders)
        ]
        for field, facts in found.items()
    }


def _parts(
    tree: SourceTree, module: GoModule | None, programs: Programs, sources: Sequence[str]
) -> frozenset[str] | None:
    """Return what the only program is made of, or the one that is called as the module.

    Packages that it leads to nowhere were left behind, or are for other programs. None where
    another program is the service, or nothing is known of what it is made of.
    """
    folder, is_only = programs.service, len(programs.folders) == 1
    if not is_only and folder.rpartition("/")[2] != programs.name:
        return None
    own = [path for path in sources if path.rpartition("/")[0] == folder]
    parts = packages_of(tree, module, own, sources)
    return None if is_only and parts <= set(own) else parts


def _inside(facts: Iterable[Fact], parts: frozenset[str]) -> list[Fact]:
    return [fact for fact in facts if fact.evidence is None or fact.evidence.file in parts]


def _found_inside(found: dict[str, list[Fact]], parts: frozenset[str]) -> dict[str, list[Fact]]:
    """Leave out what is said outside the parts of a program, but of which programs there are."""
    return {
        field: facts if field in _OF_ALL_PROGRAMS else _inside(facts, parts)
        for field, facts in found.items()
    }


def _has_root_package(
    tree: SourceTree, sources: Sequence[str], found: Mapping[str, list[Fact]]
) -> bool:
    """Say whether the module's own folder holds a package that others import and no program.

    A package that is nothing but its description holds nothing to import.
    """
    files = {fact.evidence.file for fact in found.get("programs", ()) if fact.evidence}
    outermost = {
        path
        for path in sources
        if "/" not in path and path != "doc.go" and _is_built(tree.data(path) or b"")
    }
    return bool(outermost) and outermost.isdisjoint(files)


def _routes(found: dict[str, list[Fact]]) -> Iterator[Fact]:
    """Yield the routes for the load balancer; a middleware for it is sure whatever its path."""
    for fact in found.get("health-middleware", ()):
        yield replace(fact, field="health_path")
    mounted = mounted_routes(
        found.get("health_path", ()), found.get("mounts", ()), found.get("path-names", ())
    )
    routes = list(ranked(mounted))
    yield from routes
    for fact in found.get("health-handlers", ()) if not routes else ():
        yield replace(fact, field="health_path")


def _of_the_framework(frameworks: Sequence[Fact]) -> Iterator[Fact]:
    """Yield where a framework listens, and is asked whether all is well, unless told otherwise."""
    for fact in frameworks[:1]:
        port = _FRAMEWORK_PORTS.get(str(fact.value))
        if port:
            yield replace(
                fact, field="port", value=port, rule="go/framework-port", confidence="low"
            )
        path = _FRAMEWORK_HEALTH.get(str(fact.value))
        if path:
            told = replace(fact, field="health_path", value=path, rule="go/framework-health")
            yield replace(told, confidence="medium")


def _may_matter(data: bytes) -> bool:
    """Say whether a file may hold what a rule reads: a program, imports, tags with defaults.

    One that is only built where a tag is asked for is no part of the program.
    """
    if not _is_built(data):
        return False
    begin = data.find(b"\nimport (")
    end = data.find(b"\n)", begin) if begin >= 0 else -1
    is_read = end < 0 or _OF_INTEREST.search(data, begin, end) is not None
    return is_read or b':"' in data or b"package main" in data


def _is_built(data: bytes) -> bool:
    """Say whether a file is built by itself, on some platform, and not where a tag asks for it."""
    tag = _BUILD_TAG.search(data, 0, _HIGHEST_TAG) if b"//go:build " in data else None
    return tag is None or any(_PLATFORM_TAG.fullmatch(word) for word in tag[1].split(b" || "))


def _ports(found: Iterable[Fact], others: tuple[str, ...]) -> Iterator[Fact]:
    for fact in found:
        path = fact.evidence.file.lower() if fact.evidence else ""
        if others and path.startswith(others):
            continue
        if fact.value == 80 and fact.rule in ("go/port-listen", "go/port-named"):
            # Often only there to send people on to HTTPS.
            yield replace(fact, confidence="low")
        elif not any(word in path for word in _OTHER_SERVERS):
            is_beside = path.startswith(_BESIDE_SERVER)
            yield replace(fact, confidence="low") if is_beside else fact


def _imported(blocks: Iterable[Fact]) -> dict[str, Evidence]:
    """Return each imported path that is not the standard library's, with its last line."""
    places: dict[str, tuple[str, int]] = {}
    for block in blocks:
        for number, line in enumerate(str(block.value).split("\n")):
            start, end = line.find('"'), line.rfind('"')
            path = line[start + 1 : end]
            if block.evidence and "." in path.partition("/")[0]:
                places[path] = (block.evidence.file, block.evidence.line + number)
    return {
        path: Evidence(file=file, line=line, quote=path) for path, (file, line) in places.items()
    }


def _dependencies(module: GoModule | None) -> Iterator[Fact]:
    if module and module.evidence:
        yield Fact("dependencies", True, "go/dependencies", "high", module.evidence)


def _frameworks(
    imports: dict[str, Evidence], module: GoModule | None, serves: Sequence[Fact]
) -> Iterator[Fact]:
    # Middleware of one framework is often used with another.
    whole = {path: line for path, line in imports.items() if not path.endswith("/middleware")}
    imported = list(flavours_of(whole, dict(_FRAMEWORKS)))
    required = list(flavours_of(module.requirements, dict(_FRAMEWORKS))) if module else []
    for rule, named in (("go/framework-import", imported), ("go/framework", required)):
        order = [framework for _, framework in _FRAMEWORKS]
        best = min(named, key=lambda one: order.index(one[0]), default=None)
        if best and (imported or serves):
            yield Fact("framework", best[0], rule, "medium", best[1])
    if imported or required:
        return
    for kind, framework, rule in (
        ("http", "net/http", "go/net-http"),
        ("grpc", "grpc", "go/grpc-server"),
    ):
        shown = next((fact for fact in serves if fact.value == kind), None)
        if shown:
            is_grpc_only = kind == "http" and any(fact.value == "grpc" for fact in serves)
            confidence: Confidence = "low" if is_grpc_only else "medium"
            yield replace(
                shown, field="framework", value=framework, rule=rule, confidence=confidence
            )


def _migrations(imports: dict[str, Evidence]) -> Iterator[Fact]:
    for tool, evidence in flavours_of(imports, _MIGRATIONS):
        yield Fact("migration_tool", tool, "go/migrations", "high", evidence)
