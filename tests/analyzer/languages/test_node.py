"""What is read from Node, JavaScript and TypeScript services, one rule at a time."""

import json
from collections.abc import Mapping

import pytest
from pydantic import JsonValue

from analyzer import SourceTree, analyze
from delightful.recommendation import Answer

COMMIT = "0" * 40


def package(**content: JsonValue) -> str:
    return json.dumps({"name": "app", "private": True, **content}, indent=2)


def needing(*names: str, **content: JsonValue) -> str:
    return package(dependencies=dict.fromkeys(names, "^1.0.0"), **content)


def answered(files: Mapping[str, str], field: str, folder: str = "") -> Answer:
    tree = SourceTree.of_files(files, folder)
    answer = analyze(tree, None, service="app", commit=COMMIT).answer(field)
    assert answer is not None
    return answer


def value(files: Mapping[str, str], field: str, folder: str = "") -> JsonValue:
    return answered(files, field, folder).value


@pytest.mark.parametrize(
    ("line", "port"),
    [
        ("app.listen(process.env.PORT || 4100)", 4100),
        ("const port = parseInt(process.env.PORT || '4100', 10)", 4100),
        ("const port = parseInt(process.env.PORT, 10) || 4100", 4100),
        ("const port = process.env.PORT ? Number(process.env.PORT) : 4100", 4100),
        ("const port = process.env.PORT ?? process.env.APP_PORT ?? 4100", 4100),
        ("const [port] = [process.env.MY_APP_PORT, process.env.PORT, 4100]", 4100),
        ("await app.listen(config.get('PORT') || 4100)", 4100),
        ("const env = { PORT: z.coerce.number().default(4100), DB_PORT: z.string() }", 4100),
        ("const env = { PORT: port({ default: 4100 }), DB_PORT: port({ default: 5432 }) }", 4100),
        ("app.listen({ port: 4100 })", 4100),
        ("const port = parseInt(conf.PORT, 10) || (developmentMode ? 9000 : 4100)", 4100),
        ("this.port = argv.port || this.settings.port || 4100", 4100),
        ("exports.port = 4100;", 4100),
        ('export async function startServer(port = "4100", isTest = false) {', 4100),
        ("const PORT = 4100", 4100),
        ("const REDIS_PORT = 6379", None),
        ("const database = { port: process.env.POSTGRES_PORT || 5432 }", None),
        ("const varnish = { port: process.env.SHOP_VARNISH_PORT || 6082 }", None),
        ("const server = { port: process.env.SHOP_PORT || 4100 }", 4100),
        ("const defaults = { APP_PORT: 4100, DB_PORT: 4200 }", 4100),
        ("const url = `http://${process.env.API_HOST}:${process.env.API_PORT || 5988}/`", None),
        ("const port = parseInt(process.env.PORT, 10)", None),
    ],
)
def test_the_port_is_read_as_people_write_it(line: str, port: int | None) -> None:
    """The default of the variable or the number that is listened on is the port."""
    files = {"package.json": package(), "src/main.ts": f"{line}\n"}
    assert value(files, "port") == port


def test_a_port_in_an_entry_is_surer_than_one_elsewhere() -> None:
    """A file named like an entry speaks for the service; any other may speak for a part of it."""
    line = "app.listen(process.env.PORT || 4100)\n"
    assert answered({"package.json": package(), "server.js": line}, "port").confidence == "high"
    assert answered({"package.json": package(), "lib.js": line}, "port").confidence == "medium"


def test_what_runs_in_browsers_does_not_name_the_port() -> None:
    """A client's sources and a bundler's settings say nothing of where the server listens."""
    files = {
        "package.json": package(),
        "client/main.js": "const port = process.env.PORT || 3100\n",
        "vite.config.js": "const port = process.env.PORT || 3200\n",
    }
    assert value(files, "port") is None


@pytest.mark.parametrize(
    ("scripts", "command"),
    [
        ({"start": "node server.js"}, ["node", "server.js"]),
        ({"start": "npm run serve:it", "serve:it": "node a.js"}, ["node", "a.js"]),
        ({"start": "npm run build && node dist/a.js"}, ["node", "dist/a.js"]),
        ({"start": "cross-env NODE_ENV=production node a.js"}, ["node", "a.js"]),
        ({"start": "pm2 start ./src/a.js"}, ["node", "./src/a.js"]),
        ({"start": "nest start", "start:prod": "node dist/main"}, ["node", "dist/main"]),
        ({"start": "next start"}, ["npx", "next", "start"]),
        ({"start": "PORT=5 node a.js"}, ["/bin/sh", "-c", "PORT=5 node a.js"]),
        ({"start": "npm run start"}, ["npm", "start"]),
    ],
)
def test_the_start_script_is_followed_to_what_serves(
    scripts: Mapping[str, str], command: list[str]
) -> None:
    """The start command is the last process of the script for the real thing."""
    assert value({"package.json": package(scripts=dict(scripts))}, "start_command") == command


def test_a_package_manager_runs_its_own_commands() -> None:
    """A command of a package is run by the manager whose lock file lies nearest."""
    files = {
        "pnpm-lock.yaml": "lockfileVersion: 9\n",
        "apps/web/package.json": needing("next", scripts={"start": "next start"}),
    }
    said = value(files, "start_command", "apps/web")
    assert said == ["pnpm", "exec", "next", "start"]


@pytest.mark.parametrize(
    ("files", "path"),
    [
        ({"src/app.js": "app.get('/healthz', answer)\n"}, "/healthz"),
        (
            {
                "src/app.js": "app.use('/api', routes)\n",
                "src/routes.js": "router.get('/health', answer)\n",
            },
            "/api/health",
        ),
        (
            {
                "src/index.ts": "server.use('/api/v1', routes);\n",
                "src/routes.ts": "router.get<unknown, Told>('/status', tell);\n",
            },
            "/api/v1/status",
        ),
        (
            {
                "src/index.ts": "app.use(mount('/oidc', oidc));\napp.use(mount('/api', all()));\n",
                "src/routes.ts": "router.get('/status', tell);\n",
            },
            "/api/status",
        ),
        (
            {
                "proxy.ts": (
                    "if (request.nextUrl.pathname.startsWith('/ping')) {\n"
                    "  return new Response('pong');\n}\n"
                )
            },
            "/ping",
        ),
        ({"src/log.ts": "if (pathname === '/ping') {\n  return next();\n}\n"}, None),
        (
            {
                "src/app.ts": (
                    "const unlogged = ['/health', '/healthz', '/metrics'];\n"
                    "app.get('/status', tell);\n"
                )
            },
            "/status",
        ),
        ({"src/app.ts": "router.get('/api/status', async (ctx) => {})\n"}, "/api/status"),
        ({"src/app/api/health/route.ts": "export const GET = 1\n"}, "/api/health"),
        ({"pages/api/healthz.ts": "export default 1\n"}, "/api/healthz"),
        ({"server/api/health.get.ts": "export default 1\n"}, "/api/health"),
        (
            {
                "pages/api/internal/isalive.ts": "export default 1\n",
                "pages/api/internal/isready.ts": "export default 1\n",
            },
            "/api/internal/isready",
        ),
        ({"src/routes/(ops)/health/+server.ts": "export const GET = 1\n"}, "/health"),
        ({"app/routes/api+/health.ts": "export const loader = 1\n"}, "/api/health"),
        (
            {"app/routes/ops.healthcheck.tsx": "export const x = 1\n"},
            "/ops/healthcheck",
        ),
        ({"src/a.js": "app.register(pressure, { exposeStatusRoute: true })\n"}, "/status"),
        ({"src/a.js": "server.route({ method: 'GET', path: '/ready' })\n"}, "/ready"),
        ({"src/ping.controller.ts": "  @get('/ping', {\n    responses: {},\n  })\n"}, "/ping"),
    ],
)
def test_the_health_path_is_put_together_as_the_framework_does(
    files: Mapping[str, str], path: str
) -> None:
    """A route in code or a file that is a route gives the whole path of the health check."""
    assert value({"package.json": needing("express"), **files}, "health_path") == path


@pytest.mark.parametrize(
    ("main", "path"),
    [
        ("app.setGlobalPrefix('api')\n", "/api/health/live"),
        (
            "app.enableVersioning({\n  type: URI,\n  defaultVersion: '1'\n})\n"
            "app.setGlobalPrefix('api')\n",
            "/api/v1/health/live",
        ),
        ("app.setGlobalPrefix('api', { exclude: ['health'] })\n", "/health/live"),
    ],
)
def test_a_nest_controller_lies_under_prefix_and_version(main: str, path: str) -> None:
    """A Nest health path has the global prefix and version before it, unless it is left out."""
    files = {
        "package.json": needing("@nestjs/core"),
        "src/main.ts": main,
        "src/health.controller.ts": (
            "@Controller('health')\nexport class Health {\n  @Get('live')\n  live() {}\n}\n"
        ),
    }
    assert value(files, "health_path") == path


@pytest.mark.parametrize(
    ("packages", "files", "database"),
    [
        (("pg",), {}, "postgres"),
        (("pg", "sqlite3"), {}, "sqlite"),
        (("pg", "mysql2", "mongodb", "mssql"), {}, "none"),
        (("typeorm", "mysql2", "pg"), {"src/a.ts": "const s = { type: 'mysql' }\n"}, "mysql"),
        (("knex", "pg"), {"a.js": "const c = env('DATABASE_CLIENT', 'sqlite')\n"}, "sqlite"),
        (("drizzle-orm",), {"a.ts": "import { x } from 'drizzle-orm/pg-core'\n"}, "postgres"),
        (("mongoose",), {"a.js": "mongoose.connect(url)\n"}, "mongodb"),
        (("elysia",), {"a.ts": "import { Database } from 'bun:sqlite'\n"}, "sqlite"),
        (("@loopback/core", "loopback-connector-mysql"), {}, "mysql"),
        (("config", "pg", "mysql"), {"config/default.yml": "db:\n  client: pg\n"}, "postgres"),
        (
            ("@prisma/client",),
            {"prisma/schema.prisma": 'datasource db {\n  provider = "mysql"\n}\n'},
            "mysql",
        ),
        (("express",), {}, "none"),
    ],
)
def test_the_database_is_what_the_service_talks_to(
    packages: tuple[str, ...], files: Mapping[str, str], database: str
) -> None:
    """Settings outweigh drivers, and drivers of many databases mean a tool that owns none."""
    assert value({"package.json": needing(*packages), **files}, "database") == database


def test_a_workspace_schema_counts_for_the_service_that_names_its_package() -> None:
    """A service's database may be said in the workspace package that it takes its client from."""
    files = {
        "package.json": package(),
        "packages/db/prisma/schema.prisma": 'datasource db {\n  provider = "postgresql"\n}\n',
        "apps/web/package.json": needing("next", "@shop/db"),
        "apps/docs/package.json": needing("next"),
    }
    said = answered(files, "database", "apps/web")
    assert (said.value, said.evidence[0].file) == (
        "postgres",
        "../../packages/db/prisma/schema.prisma",
    )
    assert value(files, "database", "apps/docs") == "none"


def test_the_only_schema_of_a_workspace_is_what_its_client_is_made_from() -> None:
    """Aliases of TypeScript name no package: the client and the only schema tell the same."""
    files = {
        "package.json": needing("@prisma/client", "express"),
        "libs/back/src/prisma/schema.prisma": 'datasource db {\n  provider = "postgresql"\n}\n',
        "apps/web/package.json": package(),
        "apps/docs/package.json": needing("next"),
    }
    assert value(files, "database", "apps/web") == "postgres"
    assert value(files, "database", "apps/docs") == "none"
    other = {"libs/mail/prisma/schema.prisma": 'datasource db {\n  provider = "mysql"\n}\n'}
    assert value(files | other, "database", "apps/web") == "none"


def test_a_schema_beside_belongs_to_a_package_that_the_service_names() -> None:
    """Not to whatever lies in a folder called as Prisma's own packages, nor to samples."""
    schema = 'datasource db {{\n  provider = "{}"\n}}\n'.format
    files = {
        "package.json": package(workspaces=["*/*"]),
        "apps/web/package.json": needing("@prisma/client", "prisma", "@shop/db"),
        "packages/db/prisma/schema.prisma": schema("postgresql"),
        "packages/legacy/prisma/schema.prisma": schema("mysql"),
        "packages/old/client/schema.prisma": schema("mysql"),
        "packages/db/tests/schema.prisma": schema("sqlite"),
    }
    assert value(files, "database", "apps/web") == "postgres"
    root = {
        "package.json": package(),
        "apps/web/package.json": needing("@prisma/client"),
        "prisma/schema.prisma": schema("postgresql"),
        "packages/new/template/prisma/schema.prisma": schema("sqlite"),
    }
    assert value(root, "database", "apps/web") == "postgres"


def test_a_driver_of_its_own_comes_before_those_of_packages_beside() -> None:
    """However many databases they know."""
    files = {
        "package.json": package(workspaces=["*/*"]),
        "packages/core/package.json": needing("mysql2", "mssql").replace('"app"', '"@shop/core"'),
        "apps/api/package.json": needing("express", "pg", "@shop/core"),
    }
    assert value(files, "database", "apps/api") == "postgres"


def test_pages_that_are_only_built_have_nothing_of_the_root() -> None:
    """They keep all their packages among those for development."""
    files = {
        "package.json": needing("mongoose", "express"),
        "client/package.json": package(devDependencies={"vite": "5"}),
        "server/package.json": package(),
    }
    assert value(files, "database", "client") == "none"
    assert value(files, "database", "server") == "mongodb"


def test_packages_that_are_not_named_say_nothing_of_a_source() -> None:
    """What a word means depends on the packages of the service and of those above it."""
    files = {
        "package.json": package(),
        "apps/web/package.json": needing("express"),
        "apps/web/app.js": "const options = { client: 'mysql' }\n",
        "apps/jobs/package.json": needing("knex", "ioredis"),
    }
    assert value(files, "database", "apps/web") == "none"


def test_what_deno_is_told_comes_before_the_packages_above() -> None:
    """A folder with a file of Deno's has its packages there."""
    files = {
        "package.json": needing("express", "pg"),
        "apps/api/deno.json": '{"imports": {"hono": "npm:hono@^4"}}\n',
        "apps/api/main.ts": 'import { Hono } from "hono"\n',
    }
    assert value(files, "framework", "apps/api") == "hono"
    assert value(files, "database", "apps/api") != "postgres"


@pytest.mark.parametrize(
    ("name", "brings", "field", "wanted"),
    [
        ("store", needing("pg"), "database", "postgres"),
        ("dto", needing("bullmq"), "cache", "none"),
        ("dto", needing("pg"), "database", "none"),
        ("jobs", needing("bullmq"), "cache", "redis"),
        ("store", needing("pg", scripts={"start": "node index.js"}), "database", "none"),
        ("store", needing("@shop/models"), "database", "mongodb"),
    ],
)
def test_packages_of_the_repository_bring_what_they_run_with(
    name: str, brings: str, field: str, wanted: str
) -> None:
    """What a service takes from a package beside it runs with that package's driver or queue.

    Not so what is started by itself, nor a driver of what is called after nothing that keeps.
    """
    named = brings.replace('"app"', f'"@shop/{name}"')
    files = {
        "package.json": package(workspaces=["*/*"]),
        f"packages/{name}/package.json": named,
        "packages/models/package.json": needing("mongoose").replace('"app"', '"@shop/models"'),
        "apps/api/package.json": needing("express", f"@shop/{name}"),
        "apps/docs/package.json": needing("express"),
    }
    said = answered(files, field, "apps/api")
    assert said.value == wanted
    assert wanted == "none" or said.evidence[0].file.startswith("../../packages/")
    assert value(files, field, "apps/docs") == "none"


@pytest.mark.parametrize(
    ("name", "framework", "port"), [("egg", "egg", 7001), ("koa", "koa", 3000)]
)
def test_a_framework_listens_where_it_does(name: str, framework: str, port: int) -> None:
    """Egg sits on Koa, and has a port of its own."""
    files = {"package.json": needing(name)}
    assert (value(files, "framework"), value(files, "port")) == (framework, port)


def test_a_client_of_redis_may_come_by_itself() -> None:
    """The client that `redis` brings has a name of its own at npm."""
    client = "import { createClient } from '@redis/client'\nthis.client = createClient(options)\n"
    files = {"package.json": needing("express", "@redis/client"), "src/cache.ts": client}
    assert value(files, "cache") == "redis"


def test_a_service_without_packages_runs_with_those_of_the_root() -> None:
    """Workspaces with one list of packages keep it in the root."""
    files = {
        "package.json": needing("pg", "express"),
        "apps/api/package.json": package(),
        "apps/docs/package.json": needing("express"),
    }
    assert value(files, "database", "apps/api") == "postgres"
    assert value(files, "database", "apps/docs") == "none"


@pytest.mark.parametrize(
    ("packages", "line", "cache"),
    [
        (("bullmq",), "new Queue('mail')", "redis"),
        (("ioredis",), "new Redis(process.env.REDIS_URL)", "redis"),
        (("redis",), "if (process.env.REDIS_URL) { use(it) }", "none"),
        (("ioredis",), "new Redis({ port: env.REDIS_PORT ? Number(env.REDIS_PORT) : 1 })", "redis"),
        (
            ("redis",),
            "switch (store) {\n  case 'redis': {\n    redis.createClient()\n  }\n}",
            "none",
        ),
        (("express",), "", "none"),
    ],
)
def test_a_redis_that_the_code_asks_for_is_not_needed(
    packages: tuple[str, ...], line: str, cache: str
) -> None:
    """A queue needs its Redis; code that looks whether there is one can do without."""
    files = {"package.json": needing(*packages), "src/a.ts": f"{line}\n"}
    assert value(files, "cache") == cache


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (package(dependencies={"express": "4"}), "web"),
        (json.dumps({"name": "cli", "bin": {"cli": "a.js"}}), "cli"),
        (json.dumps({"name": "shapes", "main": "index.js", "files": ["lib"]}), "library"),
        (needing("discord.js", scripts={"start": "node a.js"}), "worker"),
        (package(name="@shop/worker", scripts={"start": "node a.js"}), "worker"),
        (package(name="@shop/receiver", scripts={"start": "node a.js"}), "worker"),
        (json.dumps({"name": "shop", "main": "lib", "scripts": {"start": "node a.js"}}), "web"),
        (needing("probot", scripts={"start": "probot run ./a.js"}), "web"),
        (needing("matrix-appservice-bridge"), "web"),
        (package(optionalDependencies={"fastify": "5"}), None),
    ],
)
def test_the_kind_follows_from_the_package(content: str, kind: str | None) -> None:
    """A framework serves, a published package is a library or a command, a bot is a worker."""
    assert value({"package.json": content}, "kind") == kind


def test_a_main_file_alone_makes_no_library_of_a_server() -> None:
    """`npm init` writes one; what else a published package has speaks for more."""
    content = {"name": "shop", "main": "server.js", "dependencies": {"express": "4"}}
    listens = {"server.js": "const port = process.env.PORT || 8080\napp.listen(port)\n"}
    assert value({"package.json": json.dumps(content), **listens}, "kind") == "web"
    named = json.dumps({**content, "keywords": ["shop"]})
    assert value({"package.json": named, **listens}, "kind") == "web"
    readme = {"README.md": "# Shop\n\nShop is a library for shops.\n"}
    for more, kind in (({}, "web"), ({"files": ["lib"]}, "library")):
        published = {"package.json": json.dumps({**content, **more}), **readme}
        assert value({**published, **listens}, "kind") == kind


def test_a_server_that_is_started_may_bring_a_command() -> None:
    """Its start script says what it is, whatever its README says of installing it."""
    content = {"name": "shop", "bin": "a.js", "dependencies": {"koa": "3"}}
    files = {"README.md": "Install it with `npm install -g shop`.\n"}
    for scripts, kind in (({}, "cli"), ({"start": "node a.js"}, "web")):
        files["package.json"] = json.dumps({**content, "scripts": scripts})
        assert value(files, "kind") == kind


def test_a_command_that_is_started_and_listens_is_a_server() -> None:
    """Without a framework too."""
    content = {"name": "shop", "bin": "a.js", "scripts": {"start": "node a.js"}}
    listens = {"a.js": "http.createServer(answer).listen(8080)\n"}
    readme = {"README.md": "Install it with `npm install -g shop`.\n"}
    files = {"package.json": json.dumps(content), **listens, **readme}
    assert value(files, "kind") == "web"
    del content["scripts"]
    assert value({**files, "package.json": json.dumps(content)}, "kind") == "cli"


def test_a_program_without_a_package_has_what_lies_above() -> None:
    """Its folder has the entry, the root the list of packages and scripts for something else."""
    files = {
        "package.json": needing("express", scripts={"start": "node pages.js"}),
        "src/apps/orders/server.ts": "app.listen(process.env.PORT || 5001)\n",
        "src/apps/pages/style.ts": "export {}\n",
    }
    assert value(files, "framework", "src/apps/orders") == "express"
    assert value(files, "start_command", "src/apps/orders") is None
    assert value(files, "framework", "src/apps/pages") is None


def test_functions_of_vercel_are_served() -> None:
    """Each file below `api` answers a path of its own."""
    files = {"package.json": json.dumps({"name": "cards", "main": "src/index.js"})}
    files |= {"vercel.json": '{"functions": {}}\n', "api/index.js": "export default x\n"}
    assert value(files, "kind") == "web"
    del files["vercel.json"]
    assert value(files, "kind") == "library"


def test_functions_of_netlify_are_served() -> None:
    """Each file of the folder that its own file names."""
    files = {"package.json": json.dumps({"name": "cards", "main": "src/index.js"})}
    files |= {"netlify.toml": '[build]\n  functions = "./ask/"\n', "ask/card.mjs": "export {}\n"}
    assert value(files, "kind") == "web"
    assert value({**files, "netlify.toml": '[build]\n  publish = "out"\n'}, "kind") == "library"


def test_what_deno_is_told_may_have_comments() -> None:
    """And packages of npm names of the house's own."""
    told = '{\n  // what is asked\n  "imports": {\n    "dep:express": "npm:express@^4",\n  },\n}\n'
    files = {"deno.jsonc": told, "src/main.ts": 'import express from "dep:express";\n'}
    assert value(files, "language") == "node"
    assert value(files, "framework") == "express"


def test_a_start_script_makes_no_server_of_what_is_published() -> None:
    """It shows the package to those who work on it."""
    started = {"name": "shop", "main": "lib", "scripts": {"start": "node demo"}}
    assert value({"package.json": json.dumps(started)}, "kind") == "web"
    assert value({"package.json": json.dumps({**started, "files": ["lib"]})}, "kind") is None


def test_a_grpc_server_is_served() -> None:
    """A package without a framework serves where it binds a gRPC server."""
    files = {"package.json": needing(main="a.js"), "a.js": "server.bindAsync(a, b)\n"}
    assert value(files, "kind") == "web"


@pytest.mark.parametrize(
    ("files", "version"),
    [
        ({".nvmrc": "lts/jod\n"}, "22"),
        ({".nvmrc": "lts/*\n"}, None),
        ({".tool-versions": "ruby 3.3\nnodejs 20.11.0\n"}, "20.11.0"),
        ({"package.json": package(engines={"node": ">=18"})}, "18"),
        ({"package.json": package(engines={"node": "^18 || ^20 || >=22"})}, "22"),
        ({"package.json": package(volta={"node": "20.9.0"})}, "20.9.0"),
    ],
)
def test_the_version_is_what_the_repository_pins(
    files: Mapping[str, str], version: str | None
) -> None:
    """A version file, Volta or the engines give the version; a moving name gives none."""
    assert value({"package.json": package(), **files}, "runtime_version") == version


@pytest.mark.parametrize(
    "line",
    [
        "process.env.JWT_SECRET",
        "process.env['JWT_SECRET']",
        "const { PORT, JWT_SECRET } = process.env",
        "configService.getOrThrow<string>('JWT_SECRET')",
        "env('JWT_SECRET')",
        "const env = {\n  JWT_SECRET: z.string(),\n}",
    ],
)
def test_variables_are_read_as_people_write_them(line: str) -> None:
    """A variable counts wherever code reads it or a schema lists it."""
    files = {"package.json": needing("@nestjs/config", "zod"), "src/a.ts": f"{line}\n"}
    said = value(files, "environment_variables")
    assert isinstance(said, list)
    assert "JWT_SECRET" in said


def test_a_meteor_app_is_known_by_its_release() -> None:
    """A Meteor app runs on Node and MongoDB and needs the variables of its bundle."""
    files = {
        ".meteor/release": "METEOR@3.0\n",
        ".meteor/packages": "# packages\nmongo@2.0.0\nblaze\n",
        "package.json": package(dependencies={}),
    }
    assert value(files, "framework") == "meteor"
    assert value(files, "database") == "mongodb"
    assert value(files, "environment_variables") == ["MONGO_URL", "PORT", "ROOT_URL"]


def test_a_worker_is_a_process_of_its_own() -> None:
    """A script that starts a worker for real means that there is one; a queue alone does not."""
    assert value({"package.json": needing("express", "bullmq")}, "worker") is False
    scripts: dict[str, JsonValue] = {"start": "node a.js", "worker:start": "node worker.js"}
    assert value({"package.json": needing("express", "bullmq", scripts=scripts)}, "worker") is True
    files = {"package.json": needing("express", "bullmq"), "src/run/worker.ts": "work()\n"}
    assert value(files, "worker") is False
    assert value({**files, "src/run/server.ts": "serve()\n"}, "worker") is True


@pytest.mark.parametrize("entry", [{"main": "dist/index.js"}, {"bin": {"tool": "dist/tool.js"}}])
def test_a_published_package_among_other_projects_is_what_most_is_written_in(
    entry: dict[str, JsonValue],
) -> None:
    """Clients in other languages, and tools for the documents, do not make it one of theirs."""
    files = {
        "package.json": json.dumps({"name": "queue", **entry}),
        "composer.json": json.dumps(
            {"name": "q/queue", "type": "library", "require": {"php": "8"}}
        ),
        "pyproject.toml": '[project]\nname = "docs"\n',
        "php/src/Queue.php": "<?php\n",
        "src/queue.ts": "export class Queue {}\n",
        "src/worker.ts": "export class Worker {}\n",
    }
    assert value(files, "language") == "node"
    more = {f"php/src/{name}.php": "<?php\n" for name in "ABC"}
    assert value(files | more, "language") == "php"


def test_a_server_of_a_demo_is_not_the_packages() -> None:
    """It shows the package to those who look at it."""
    files = {"package.json": json.dumps({"name": "shapes", "main": "lib"})}
    serves = "import http from 'http'\nhttp.createServer(show).listen(3000)\n"
    assert value({**files, "demo/server.js": serves}, "kind") == "library"
    assert value({**files, "server.js": serves}, "kind") == "web"


def test_what_lies_among_fixtures_is_no_project_of_the_service() -> None:
    """A project file that a test reads says nothing of what it is tested with."""
    files = {
        "package.json": json.dumps({"name": "tool", "bin": "dist/tool.js"}),
        "lib/nuget/__fixtures__/sample.csproj": '<Project Sdk="Microsoft.NET.Sdk.Web" />\n',
    }
    assert value(files, "language") == "node"


@pytest.mark.parametrize(
    ("server", "framework"), [("express", "express"), ("next", "nextjs"), ("pino", "payload")]
)
def test_what_sits_in_a_server_is_not_the_server(server: str, framework: str) -> None:
    """Payload is mounted on Express or lies in a Next project."""
    assert value({"package.json": needing("payload", server)}, "framework") == framework


def test_a_tool_has_no_store_of_its_own() -> None:
    """What a command opens is whoever's it was called for; nothing is provisioned for it."""
    files = {
        "package.json": json.dumps({"name": "tool", "bin": "t.js", "dependencies": {"pg": "8"}}),
        "t.js": "new Pool()\n",
    }
    assert (value(files, "kind"), value(files, "database")) == ("cli", "none")


def test_a_script_for_each_system_is_followed_to_the_one_of_a_container() -> None:
    """`run-script-os` calls another script by the system that it runs on."""
    scripts: JsonValue = {
        "start": "run-script-os",
        "start:windows": "run.cmd",
        "start:default": "./bin/run start",
        "start-worker:default": "./bin/run worker",
    }
    files = {"package.json": package(scripts=scripts)}
    assert value(files, "start_command") == ["./bin/run", "start"]
    assert value(files, "worker") is True


def test_a_server_that_the_workspace_installs_is_known_by_the_entry() -> None:
    """A package of a monorepo may name no dependency of its own."""
    files = {"package.json": package(), "server.js": "const express = require('express');\n"}
    assert (value(files, "framework"), value(files, "kind")) == ("express", "web")


def test_the_server_is_found_beside_its_front_end() -> None:
    """Of several packages a folder below the one in a server's folder is the service."""
    files = {
        "api/package.json": needing("express"),
        "ui/package.json": needing("react"),
        "scripts/package.json": package(),
    }
    assert (value(files, "language"), value(files, "framework")) == ("node", "express")
    both = {**files, "backend/package.json": needing("koa")}
    assert value(both, "framework") is None


@pytest.mark.parametrize(
    ("text", "port"),
    [
        ('{\n  "db": {\n    "port": "4200"\n  },\n  "port": "4100"\n}\n', 4100),
        ('{\n  "server": {\n    "a": {\n      "b": 1\n    },\n    "port": 4100\n  }\n}\n', 4100),
        ('{\n  "smtp": {\n    "port": 4200\n  }\n}\n', None),
        ('{\n  "port": 4100,\n' + '  "a": 1,\n' * 8_000 + "}\n", None),
    ],
)
def test_the_port_of_the_server_is_told_from_those_of_others(text: str, port: int | None) -> None:
    """Settings nest: outermost or in the server's own section stands the service's port."""
    assert value({"package.json": package(), "config/default.json": text}, "port") == port


def test_a_package_may_answer_by_itself() -> None:
    """Where a package serves the health path, no line of the service's own does."""
    assert (
        value({"package.json": needing("express", "express-actuator")}, "health_path") == "/health"
    )
    parse = {"package.json": needing("express", "parse-server")}
    assert value(parse, "health_path") == "/parse/health"


@pytest.mark.parametrize(
    ("name", "cache"), [("SHOP_REDIS_HOST", "redis"), ("REDIS_URL", "redis"), ("REDIS_DB", "none")]
)
def test_a_variable_that_says_where_redis_is_tells_of_one(name: str, cache: str) -> None:
    """A package of the house's may open it."""
    files = {
        "package.json": '{"name": "shop", "dependencies": {"express": "5", "@shop/db": "1"}}',
        "index.js": f"const express = require('express');\nopen(process.env.{name});\n",
    }
    assert value(files, "cache") == cache


@pytest.mark.parametrize(
    ("root", "folder"),
    [
        ({"scripts": {"start": "npm run -w backend start"}}, "packages/backend"),
        ({"scripts": {"start": "pnpm --filter carts start"}}, "apps/carts"),
        ({"name": "shop-monorepo"}, "packages/shop"),
        ({}, "server"),
    ],
)
def test_the_root_of_a_workspace_stands_for_the_member_that_it_runs(
    root: dict[str, JsonValue], folder: str
) -> None:
    """One that it starts, or that is called as it is or after what is served."""
    name = folder.rpartition("/")[2]
    files = {
        "package.json": package(workspaces=["packages/*", "apps/*", "server"], **root),
        f"{folder}/package.json": needing("fastify", name=name),
        "packages/pages/package.json": needing("react", name="pages"),
    }
    assert value(files, "framework") == "fastify"
    own = package(**root, workspaces=["*"], dependencies={"koa": "^3"})
    assert value({**files, "package.json": own}, "framework") == "koa"


def test_a_server_may_lie_in_a_folder_with_a_prefix() -> None:
    """`cd td.server` in the script that starts it tells which."""
    files = {
        "package.json": package(scripts={"start:server": "cd td.server && npm run serve"}),
        "td.server/package.json": needing("express"),
        "td.vue/package.json": needing("vue"),
    }
    assert value(files, "framework") == "express"


def test_a_main_file_that_a_shell_can_start_is_a_command() -> None:
    """`npm init` gives every package a main file; this one is called."""
    files = {
        "package.json": needing("yargs", private=False, main="./index.js"),
        "index.js": "#!/usr/bin/env node\nrequire('yargs');\n",
    }
    said = answered(files, "kind")
    assert (said.value, said.evidence[0].file) == ("cli", "index.js")
    assert value({**files, "index.js": "module.exports = {};\n"}, "kind") == "library"


def test_a_workspace_of_lernas_is_there_for_its_server() -> None:
    """Whatever command its root has."""
    files = {
        "package.json": package(private=False, bin="index.ts"),
        "lerna.json": '{"packages": ["packages/*"]}',
        "packages/server/package.json": needing("koa", name="@shop/server"),
        "packages/web/package.json": package(name="@shop/web"),
    }
    assert value(files, "kind") == "web"
    assert value(files, "framework") == "koa"
    alone = {path: text for path, text in files.items() if path != "lerna.json"}
    assert value(alone, "framework") is None


def test_a_file_below_that_the_root_starts_has_its_packages_beside_it() -> None:
    """The root has none of its own."""
    files = {
        "package.json": package(scripts={"start": "node ./backend/server.js"}),
        "backend/package.json": needing("express", "mongoose"),
        "backend/server.js": "require('mongoose').connect(process.env.MONGODB_URI);\n",
        "frontend/package.json": needing("react"),
        "jobs/package.json": needing("redis"),
    }
    assert value(files, "framework") == "express"
    assert value(files, "database") == "mongodb"
    own = {**files, "package.json": needing("koa", scripts={"start": "node ./backend/server.js"})}
    assert value(own, "framework") == "koa"
