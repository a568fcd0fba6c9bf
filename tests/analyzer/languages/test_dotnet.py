"""What the analyzer says of .NET services from their projects, settings and sources alone."""

from collections.abc import Mapping

import pytest

from analyzer import SourceTree, analyze
from analyzer.languages.json_text import read_entries
from delightful.recommendation import Answer


def project(
    *packages: str, sdk: str = "Microsoft.NET.Sdk.Web", more: str = "", target: str = "net10.0"
) -> str:
    """Return a project file that runs with these packages."""
    lines = "".join(f'    <PackageReference Include="{name}" Version="1" />\n' for name in packages)
    return (
        f'<Project Sdk="{sdk}">\n  <PropertyGroup>\n'
        f"    <TargetFramework>{target}</TargetFramework>{more}\n  </PropertyGroup>\n"
        f"  <ItemGroup>\n{lines}  </ItemGroup>\n</Project>\n"
    )


def answers(files: Mapping[str, str], folder: str = "") -> dict[str, Answer]:
    """Return what is said of a service, by field."""
    tree = SourceTree.of_files(files, folder)
    found = analyze(tree, None, service="shop", commit="0" * 40)
    return {answer.field: answer for answer in found.answers}


def web(
    source: str, *packages: str, settings: str = "{}", target: str = "net10.0"
) -> dict[str, Answer]:
    """Return what is said of a web project with this source and these settings."""
    return answers(
        {
            "Shop.csproj": project(*packages, target=target),
            "Program.cs": source,
            "appsettings.json": settings,
        }
    )


def test_a_web_project_is_understood_without_a_container() -> None:
    """The project file gives language, version, framework, kind, port and start."""
    said = web('app.MapHealthChecks("/healthz");\n')
    assert said["kind"].value == "web"
    assert said["language"].value == "dotnet"
    assert said["runtime_version"].value == "10.0"
    assert said["framework"].value == "aspnetcore"
    assert said["port"].value == 8080
    assert said["health_path"].value == "/healthz"
    assert said["start_command"].value == ["dotnet", "Shop.dll"]
    assert (said["database"].value, said["cache"].value) == ("none", "none")


@pytest.mark.parametrize(
    ("reference", "kind"), [("Shop.Modules.Orders", "web"), ("Shop.Common", "worker")]
)
def test_what_others_call_may_lie_in_a_project_elsewhere(reference: str, kind: str) -> None:
    """What works by itself makes no worker where modules or controllers were not read."""
    path = rf"..\..\{reference}\{reference}.csproj"
    refers = f'<ItemGroup><ProjectReference Include="{path}" /></ItemGroup></Project>'
    files = {
        "hosts/api/Shop.csproj": project().replace("</Project>", refers),
        "hosts/api/Cleanup.cs": "class Cleanup : BackgroundService {}\n",
        "hosts/api/Program.cs": 'app.MapHealthChecks("/");\n',
    }
    assert answers(files, "hosts/api")["kind"].value == kind


@pytest.mark.parametrize("name", ["Sample", "Examples"])
def test_a_sample_alone_is_what_there_is(name: str) -> None:
    """Beside others it shows what they do; a repository of samples is made of nothing else."""
    sample = {f"{name}.Api/{name}.Api.csproj": project()}
    assert answers(sample)["start_command"].value == ["dotnet", f"{name}.Api.dll"]
    both = {**sample, "Shop/Shop.csproj": project()}
    assert answers(both)["start_command"].value == ["dotnet", "Shop.dll"]


@pytest.mark.parametrize(("source", "port"), [("", 8080), ("options.ListenAnyIP(5000);\n", 5000)])
def test_where_developers_ask_is_not_where_the_image_listens(source: str, port: int) -> None:
    """Addresses of README and requests count where the program itself has a port of its own."""
    address = "Open http://localhost:5000/api\n"
    files = {"Shop.csproj": project(), "Program.cs": source, "README.md": address}
    said = answers(files | {"Shop.http": "GET http://localhost:5000/api\n"})
    assert said["port"].value == port


def test_a_constant_may_hold_the_path_of_the_checks() -> None:
    """The constant that checks are mapped at is the path, the one for a sign of life is not."""
    constants = 'const string Live = "/alive";\nconst string Well = "/health";\n'
    mapped = "app.MapHealthChecks(Live, options);\napp.MapHealthChecks(Well);\n"
    assert web(constants + mapped)["health_path"].value == "/health"
    assert web(constants + "app.MapHealthChecks(Other);")["health_path"].value is None


def test_a_health_check_may_be_set_and_has_a_path_without() -> None:
    """What stands behind `??` holds where nobody says otherwise."""
    said = web('app.MapHealthChecks(configuration["App:Health"] ?? "/healthz");\n')
    assert said["health_path"].value == "/healthz"


@pytest.mark.parametrize(
    ("constant", "port"),
    [
        ("public const int DEFAULT_OPTION_PORT = 8200;", 8200),
        ("const int DefaultWebPort = 8200;", 8200),
        ("const ushort HttpPort = 8200;", 8200),
        ("const int DEFAULT_REDIS_PORT = 8200;", 8080),
        ("const int DefaultSmtpPort = 8200;", 8080),
        ("const int DefaultPort = 5432;", 8080),
    ],
)
def test_a_constant_for_its_own_port(constant: str, port: int) -> None:
    """A default port is the service's own unless its name or number is another's."""
    assert web(f"class Options {{\n  {constant}\n}}\n")["port"].value == port


def test_variables_are_read_by_functions_called_after_the_environment() -> None:
    """DotNetEnv and functions of the program's own read the environment as well."""
    source = 'var a = Env.GetString("DB_HOST");\nvar b = RequireEnv("DB_NAME");\nEnv.Load("X_Y");\n'
    assert web(source)["environment_variables"].value == ["DB_HOST", "DB_NAME"]


def test_a_program_serves_by_the_library_that_it_starts() -> None:
    """A library of the web's SDK runs in a plain program, which is what is started."""
    output = "\n    <OutputType>{}</OutputType>"
    reference = (
        '<ItemGroup><ProjectReference Include="..\\Core\\Core.csproj" /></ItemGroup></Project>'
    )
    plain = project(sdk="Microsoft.NET.Sdk", more=output.format("Exe"))
    files = {
        "Core/Core.csproj": project(more=output.format("Library")),
        "Start/Start.csproj": plain.replace("</Project>", reference),
        "Build/Build.csproj": plain,
    }
    said = answers(files)
    assert (said["kind"].value, said["framework"].value, said["port"].value) == (
        "web",
        "aspnetcore",
        8080,
    )
    assert said["start_command"].value == ["dotnet", "Start.dll"]
    tool = {
        **files,
        "Start/Start.csproj": files["Start/Start.csproj"].replace(
            "<ItemGroup>", '<ItemGroup><PackageReference Include="System.CommandLine" />', 1
        ),
    }
    assert answers(tool)["kind"].value == "cli"


def test_a_hosts_own_settings_have_its_address() -> None:
    """What `hosting.json` gives the host is where it listens."""
    files = {"Shop.csproj": project(), "hosting.json": '{\n  "server.urls": "http://*:5050"\n}\n'}
    assert answers(files)["port"].value == 5050


def test_images_before_eight_listen_on_80() -> None:
    """The port that images listen on by themselves changed with .NET 8."""
    assert web("", target="net7.0")["port"].value == 80


@pytest.mark.parametrize(
    ("source", "settings"),
    [
        ('builder.WebHost.UseUrls("http://*:5050");', "{}"),
        ('var port = Environment.GetEnvironmentVariable("PORT") ?? "5050";', "{}"),
        ("", '{"Kestrel": {"Endpoints": {"Http": {"Url": "http://0.0.0.0:5050"}}}}'),
        ('int Port => GetValueInt("Port", 5050);', "{}"),
        ("class ServerConfig {\n  ServerConfig() { Port = 5050; }\n}", "{}"),
        ("options.ListenAnyIP(port);", '{\n  "Port": 5050\n}'),
        ("options.Listen(IPAddress.IPv6Any, 5050);", "{}"),
        ('var a = "http://*:5050;https://*:5051";', "{}"),
        ('var port = configuration["APP_PORT"] ?? "5050";', "{}"),
        ('var port = "5050";', "{}"),
        ('options.Listen(IPAddress.Parse("0.0.0.0"), 5050);', "{}"),
        ('var a = config["Port"] ?? "5050";', "{}"),
        ('int.TryParse(Get("PORT"), out var a) ? a : 5050;', "{}"),
        ('var a = configuration.GetValue("PORT", 5050);', "{}"),
        ("class ApiConfig {\n  int Port { get; set; } = 5050;\n}", "{}"),
        ("new WebserverLite(new WebserverSettings(host, 5050), Route);", "{}"),
        ("class ServerOptions {\n  int Port { get; set; } = 5050;\n}", "{}"),
    ],
)
def test_ports_that_are_given(source: str, settings: str) -> None:
    """Code and settings say where it listens; the default then counts less."""
    assert web(source, settings=settings)["port"].value == 5050


@pytest.mark.parametrize(
    ("source", "package", "expected"),
    [
        ("options.UseNpgsql(c);", "Npgsql.EntityFrameworkCore.PostgreSQL", "postgres"),
        ("options.UseSqlServer(c);", "Microsoft.EntityFrameworkCore.SqlServer", "sqlserver"),
        ("options.UseSqlite(c);", "Microsoft.EntityFrameworkCore.Sqlite", "sqlite"),
        ("options.UseMySql(c, v);", "Pomelo.EntityFrameworkCore.MySql", "mysql"),
        ('builder.AddNpgsqlDbContext<C>("shop");', "Aspire.Npgsql.EntityFrameworkCore", "postgres"),
        ("", "MongoDB.Driver", "mongodb"),
        ("", "Serilog", "none"),
    ],
)
def test_databases(source: str, package: str, expected: str) -> None:
    """The provider that the code chooses is the database."""
    assert web(source, package)["database"].value == expected


def test_of_several_providers_settings_choose() -> None:
    """A product for several databases says in its settings which one it takes by itself."""
    source = "options.UseSqlite(c); options.UseNpgsql(c); options.UseSqlServer(c);"
    settings = '{\n  // by default\n  "Database": {\n    "Type": "Sqlite"\n  }\n}'
    database = web(source, settings=settings)["database"]
    assert (database.value, database.evidence[0].line) == ("sqlite", 4)


def test_of_several_providers_code_has_a_default() -> None:
    """The value that is taken where nothing is set is the default."""
    source = 'options.UseSqlite(c); options.UseMySql(c);\nvar provider = x ?? "sqlite";\n'
    assert web(source)["database"].value == "sqlite"


def test_connection_strings_are_told_by_name_only() -> None:
    """Form tells the flavour, the name becomes a variable, the value stays where it is."""
    settings = '{"ConnectionStrings": {"Main": "Host=db;Password=canary-7"}}'
    said = web('c.GetConnectionString("Main");', "Npgsql", settings=settings)
    assert said["database"].value == "postgres"
    assert said["environment_variables"].value == ["ConnectionStrings__Main"]
    assert "canary" not in "".join(str(answer) for answer in said.values())


@pytest.mark.parametrize(
    ("value", "package", "database"),
    [
        ("mongodb://db/shop", "MongoDB.Driver", "mongodb"),
        ("mongodb://db/shop", "Serilog", "none"),
        ("Data Source=shop.db", "Serilog", "none"),
        ("Server=db;Initial Catalog=shop", "Serilog", "sqlserver"),
        ("Server=db;Initial Catalog=shop", "Microsoft.EntityFrameworkCore.InMemory", "none"),
    ],
)
def test_a_connection_string_counts_where_a_package_opens_it(
    value: str, package: str, database: str
) -> None:
    """Settings keep what a template brought; the client of SQL Server came with the framework."""
    settings = f'{{"ConnectionStrings": {{"Main": "{value}"}}}}'
    assert web("", package, settings=settings)["database"].value == database


def test_modules_of_abp_bring_stores() -> None:
    """They are called after what they bring."""
    said = web("", "Volo.Abp.MongoDB", "Volo.Abp.Caching.StackExchangeRedis")
    assert (said["database"].value, said["cache"].value) == ("mongodb", "redis")


@pytest.mark.parametrize(
    ("settings", "cache"),
    [
        ('{"ConnectionStrings": {"RedisCache": ""}}', "redis"),
        ('{"ConnectionStrings": {"RedisCatalog": ""}}', "redis"),
        ('{"ConnectionStrings": {"RedisLogging": ""}}', "none"),
        ('{"Settings": {"CacheType": "Redis"}}', "redis"),
        ('{"Settings": {"CacheType": "Memory"}}', "none"),
    ],
)
def test_settings_tell_the_cache(settings: str, cache: str) -> None:
    """Its connection or its kind does, where something is logged does not."""
    assert web("", settings=settings)["cache"].value == cache


@pytest.mark.parametrize(
    ("adds", "cache"),
    [
        ("AddStackExchangeRedisCache(o => {});", "redis"),
        ("AddStreaming().AddRedis(configuration);", "redis"),
        ("AddSingleton(new CSRedisClient(address));", "redis"),
        ("AddRedisInstrumentation();", "none"),
    ],
)
def test_redis_counts_where_it_is_connected(adds: str, cache: str) -> None:
    """A cache, a backplane or a connection of one's own needs Redis; to watch one is no need."""
    assert web(f"services.{adds}")["cache"].value == cache


def test_variables_of_configuration() -> None:
    """Keys become variables with two underscores for each colon."""
    source = 'var a = Configuration["Jwt:Key"];\nEnvironment.GetEnvironmentVariable("HOST_NAME");\n'
    assert web(source)["environment_variables"].value == ["HOST_NAME", "Jwt__Key"]


def test_a_controller_for_health_may_take_its_route_from_its_base() -> None:
    """`[controller]` in the base class's route is the name of the derived one."""
    files = {
        "Shop.csproj": project(),
        "Controllers/BaseApiController.cs": (
            '[Route("api/[controller]")]\npublic class BaseApiController : ControllerBase {}\n'
        ),
        "Controllers/HealthController.cs": (
            "public class HealthController : BaseApiController {\n  [HttpGet]\n}\n"
        ),
    }
    assert answers(files)["health_path"].value == "/api/health"


@pytest.mark.parametrize(
    ("source", "path"),
    [
        ('app.UseHealthChecks(new PathString("/health"));', "/health"),
        ('app.Map("/health", a);', "/health"),
        ('class A : Endpoint {\n  void Configure() {\n    Get("/health");\n  }\n}', "/health"),
        ('route "/health" >=> text "ok"', "/health"),
        ('if (context.Request.Path.StartsWithSegments("/health")) {}', "/health"),
        ('[HttpGet, Route("/health")]', "/health"),
        ('app.MapGroup("/api").MapGet("/health", a);', "/api/health"),
        ('app.MapGet("/ping", a);', "/ping"),
        ('[Route("/ping")]\npublic ObjectResult Ping() {}', "/ping"),
        (
            '[Route("/api/auth")]\nclass Auth : ControllerBase {\n[HttpGet("ping")]\n}',
            "/api/auth/ping",
        ),
        ('shop.WithHttpHealthCheck("/alive");', "/alive"),
        ('client.Get("/health");', None),
    ],
)
def test_health_is_mapped_in_many_ways(source: str, path: str | None) -> None:
    """Middleware, endpoints and routers of F# say the path as well."""
    assert web(source)["health_path"].value == path


def test_a_controller_with_a_route_of_another_attribute_is_not_guessed() -> None:
    """Where an attribute of its own gives the route, what answers `ping` is what is known."""
    attributed = "[V3ApiController]\npublic class HealthController : RestController<Health> {}\n"
    source = '[AllowAnonymous]\n[HttpGet("/{}")]\npublic string Get() => null;\n'
    files = {"Shop.csproj": project(), "Api/HealthController.cs": attributed}
    assert answers(files)["health_path"].value is None
    files["Api/PingController.cs"] = source.format("ping")
    assert answers(files)["health_path"].value == "/ping"
    plain = attributed.replace("V3ApiController", "ApiController")
    assert answers({**files, "Api/HealthController.cs": plain})["health_path"].value == "/health"
    files["Api/PingController.cs"] = source.format("status")
    assert answers(files)["health_path"].value == "/status"
    files["Api/PingController.cs"] = source.format("status").replace("[AllowAnonymous]", "")
    assert answers(files)["health_path"].value is None


@pytest.mark.parametrize(
    "item",
    [
        '<ContainerPort Include="8200" Type="tcp" />',
        '<ContainerEnvironmentVariable Include="ASPNETCORE_URLS" Value="http://+:8200" />',
        '<ContainerEnvironmentVariable Include="ASPNETCORE_HTTP_PORTS" Value="8200" />',
    ],
)
def test_the_sdk_makes_an_image_with_a_port(item: str) -> None:
    """What the project says of the image that is made of it is the container's port."""
    text = project().replace("<ItemGroup>\n", f"<ItemGroup>\n    {item}\n")
    assert answers({"Shop.csproj": text})["port"].value == 8200


def test_secrets_that_only_developers_set_are_to_be_given() -> None:
    """What the service's own settings have a value for needs none, nor what is no secret."""
    developers = (
        '{"ConnectionStrings": {\n"Main": "Host=localhost;"},\n"Jwt": {\n"SigningKey": "canary-5",'
        '\n"Issuer": "me"},\n"Mail": {\n"Token": "canary-6"},\n"Proxy": {"Path": "/x"}}'
    )
    files = {"Shop.csproj": project(), "appsettings.Development.json": developers}
    files["appsettings.json"] = '{"Mail": {\n"Token": "none"}}'
    said = answers(files)
    assert said["environment_variables"].value == [
        "ConnectionStrings__Main",
        "Jwt__SigningKey",
        "Mail__Token",
    ]
    assert said["database"].value == "none"
    assert "canary" not in str(said)


@pytest.mark.parametrize("call", ['Require(config, "{}")', 'config.GetRequiredValue<string>("{}")'])
def test_what_is_required_has_to_be_given(call: str) -> None:
    """A key that the program does not start without is a variable; Redis' means its server."""
    said = web(call.format("Jwt:SigningKey") + ";\n")
    assert said["environment_variables"].value == ["Jwt__SigningKey"]
    assert said["cache"].value == "none"
    assert web(call.format("Caching:Redis") + ";\n")["cache"].value == "redis"


def test_variables_of_a_developers_start() -> None:
    """Launch settings name variables; their ports are of the developer's machine."""
    launch = (
        '{"profiles": {"Shop": {"applicationUrl": "http://localhost:5123",'
        ' "environmentVariables": {\n"ASPNETCORE_ENVIRONMENT": "Development"\n}}}}'
    )
    files = {"Shop.csproj": project(), "Properties/launchSettings.json": launch}
    said = answers(files)
    assert said["environment_variables"].value == ["ASPNETCORE_ENVIRONMENT"]
    assert said["port"].value == 8080


def test_an_action_with_a_whole_route() -> None:
    """A route that begins with a tilde does not lie under its class's."""
    source = '[Route("info")]\nclass InfoController {\n  [HttpGet("~/alive")]\n}\n'
    assert web(source)["health_path"].value == "/alive"


def test_of_a_solution_the_serving_project_is_read() -> None:
    """Tests, hosts for development and libraries are left out; what it refers to is read."""
    files = {
        "Shop.sln": "Microsoft Visual Studio Solution File\n",
        "Directory.Build.props": "<Project><PropertyGroup>"
        "<TargetFramework>net9.0</TargetFramework></PropertyGroup></Project>",
        "src/Shop.AppHost/Shop.AppHost.csproj": project(sdk="Aspire.AppHost.Sdk/13.0"),
        "src/Shop.Api/Shop.Api.csproj": (
            '<Project Sdk="Microsoft.NET.Sdk.Web"><ItemGroup>'
            '<ProjectReference Include="..\\Shop.Data\\Shop.Data.csproj" />'
            "</ItemGroup></Project>"
        ),
        "src/Shop.Data/Shop.Data.csproj": project(sdk="Microsoft.NET.Sdk"),
        "src/Shop.Data/Db.cs": "options.UseNpgsql(c);",
        "src/Shop.Old/Shop.Old.csproj": project(sdk="Microsoft.NET.Sdk"),
        "src/Shop.Old/Db.cs": "options.UseSqlServer(c);",
        "tests/Shop.Tests/Shop.Tests.csproj": project("xunit"),
    }
    said = answers(files)
    assert said["start_command"].value == ["dotnet", "Shop.Api.dll"]
    assert said["runtime_version"].value == "9.0"
    assert said["database"].value == "postgres"


def test_a_port_of_something_else_is_not_its_own() -> None:
    """Settings of a client name the port of what it speaks to."""
    assert web("class PlexServerSettings {\n  int Port = 32400;\n}\n")["port"].value == 8080


def test_pages_do_not_outweigh_the_service() -> None:
    """A `package.json` for the pages beside a solution does not make it a Node service."""
    files = {
        "package.json": '{"scripts": {"start": "webpack --watch"}, "dependencies": {"react": "1"}}',
        "src/Shop.Api/Shop.Api.csproj": project(),
        "src/Shop.Api/Program.cs": "app.Run();\n",
    }
    assert answers(files)["language"].value == "dotnet"


def test_kinds() -> None:
    """The SDK, a tool's mark and what a program works with tell the kinds apart."""
    exe = "<OutputType>Exe</OutputType>"
    tool = f"{exe}<PackAsTool>true</PackAsTool>"
    plain = "Microsoft.NET.Sdk"
    expected = {
        "worker": project(sdk="Microsoft.NET.Sdk.Worker"),
        "cli": project(sdk=plain, more=tool),
        "library": project(sdk=plain),
        "web": project(more="<PackAsTool>true</PackAsTool>"),
    }
    for kind, text in expected.items():
        assert answers({"A.csproj": text, "A.cs": ""})["kind"].value == kind
    waiting = project("StackExchange.Redis", "Npgsql", sdk=plain, more=exe)
    said = answers({"Worker.csproj": waiting, "Program.cs": ""})
    assert (said["kind"].value, said["worker"].value) == ("worker", True)
    parsing = project("System.CommandLine", "Npgsql", sdk=plain, more=exe)
    assert answers({"A.csproj": parsing, "A.cs": ""})["kind"].value == "cli"


def test_settings_with_comments_keep_their_lines() -> None:
    """Comments and addresses with slashes in them do not confuse the reader."""
    text = '{\n  // "A": 1\n  "B": "http://x",\n  "C": {\n    "D": true\n  }\n}\n'
    found = [(entry.key, entry.value, entry.line) for entry in read_entries("a.json", text)]
    assert found == [("b", "http://x", 3), ("c.d", "true", 5)]


def test_projects_beside_the_services_folder_belong_to_it() -> None:
    """What maps objects to a database comes before a client of another; a watcher is no driver."""
    refers = '<ItemGroup><ProjectReference Include="..\\{0}\\{0}.csproj" /></ItemGroup>'
    library = "Microsoft.NET.Sdk"
    mapper = ("Microsoft.Data.SqlClient", "Npgsql.EntityFrameworkCore.PostgreSQL")
    files = {
        "src/Shop.Api/Shop.Api.csproj": project(more=refers.format("Shop.Core")),
        "src/Shop.Api/Program.cs": "app.Run();\n",
        "src/Shop.Core/Shop.Core.csproj": project(sdk=library, more=refers.format("Shop.Data")),
        "src/Shop.Data/Shop.Data.csproj": project(*mapper, sdk=library),
    }
    assert answers(files, "src/Shop.Api")["database"].value == "postgres"
    assert web("app.Run();\n", "Npgsql.OpenTelemetry")["database"].value == "none"


@pytest.mark.parametrize(("place", "cache"), [("Shop.Core", "redis"), ("Shop.Other", "none")])
def test_a_client_that_a_project_beside_brings_is_put_to_use_there(place: str, cache: str) -> None:
    """Its sources are not the service's, so nothing shows how."""
    refers = '<ItemGroup><ProjectReference Include="..\\Shop.Core\\Shop.Core.csproj" /></ItemGroup>'
    files = {
        "Shop.Api/Shop.Api.csproj": f'<Project Sdk="Microsoft.NET.Sdk.Web">{refers}</Project>',
        "Shop.Core/Shop.Core.csproj": project(sdk="Microsoft.NET.Sdk"),
        f"{place}/{place}.csproj": project("StackExchange.Redis", sdk="Microsoft.NET.Sdk"),
    }
    tree = SourceTree.of_files(files, "Shop.Api")
    said = analyze(tree, None, service="shop", commit="0" * 40)
    assert said.answer("cache").value == cache


WEB = '<Project Sdk="Microsoft.NET.Sdk.Web"></Project>'


def test_the_program_that_an_image_publishes_is_the_service() -> None:
    """Another may be called as a solution is."""
    files = {
        "shop.sln": "",
        "closed.sln": "",
        "closed/closed.csproj": WEB,
        "shop-service/shop-service.csproj": WEB,
        "shop-service/Program.cs": "app.Run();\n",
        "Dockerfile": "FROM mcr.microsoft.com/dotnet/sdk:8.0\n"
        "RUN dotnet publish shop-service/*.csproj -c Release\n",
    }
    tree = SourceTree.of_files(files)
    answer = analyze(tree, None, service="shop", commit="0" * 40).answer("start_command")
    assert answer is not None
    assert answer.value == ["dotnet", "shop-service.dll"]


@pytest.mark.parametrize(("dockerfile", "kind"), [(None, "library"), ("FROM scratch\n", "web")])
def test_a_package_after_which_the_solution_is_called_is_a_library(
    dockerfile: str | None, kind: str
) -> None:
    """Servers beside it show how it is used, unless somebody builds an image."""
    packed = "<PropertyGroup><PackageId>Shop</PackageId></PropertyGroup>"
    files = {
        "src/Shop.slnx": "",
        "src/Shop/Shop.csproj": f'<Project Sdk="Microsoft.NET.Sdk">{packed}</Project>',
        "src/Shop/Shop.cs": "class Shop {}\n",
        "src/IssueService/IssueService.csproj": WEB,
        "src/IssueService/Program.cs": "app.Run();\n",
    }
    told = {"Dockerfile": dockerfile} if dockerfile else {}
    answer = analyze(SourceTree.of_files({**files, **told}), None, service="shop", commit="0" * 40)
    assert [one.value for one in answer.answers if one.field == "kind"] == [kind]


def test_a_server_of_another_house_serves() -> None:
    """Whatever stores it speaks to besides."""
    packages = '<PackageReference Include="MySql.Data" Version="9"/>'
    served = f'{packages}<PackageReference Include="Watson" Version="7.1.0"/>'
    start = '<Project Sdk="Microsoft.NET.Sdk"><OutputType>Exe</OutputType>'
    found = []
    for listed in (packages, served):
        files = {
            "Shop.csproj": f"{start}<ItemGroup>{listed}</ItemGroup></Project>",
            "A.cs": "a();\n",
        }
        said = analyze(SourceTree.of_files(files), None, service="shop", commit="0" * 40)
        found += [one.value for one in said.answers if one.field == "kind"]
    assert found == ["worker", "web"]


def test_a_controllers_name_and_its_only_actions_route_make_the_path() -> None:
    """`[controller]` stands for the class's name, and a route of an action goes on."""
    probes = (
        '[Route("[controller]")]\npublic class ProbesController : ControllerBase\n{\n'
        '    [HttpGet("ready")]\n    public IActionResult IsReady() => Ok();\n}\n'
    )
    assert web(probes)["health_path"].value == "/probes/ready"
    nested = (
        '[Route("api/v1/healthcheck")]\npublic class HealthCheckController : ControllerBase\n{\n'
        '    [HttpGet]\n    [Route("ping")]\n    public IActionResult Ping() => Ok();\n}\n'
    )
    assert web(nested)["health_path"].value == "/api/v1/healthcheck/ping"
    plain = nested.replace('    [Route("ping")]\n', "")
    assert web(plain)["health_path"].value == "/api/v1/healthcheck"


def test_projects_of_test_assets_are_no_services() -> None:
    """They serve what is tested."""
    files = {
        "src/Shop/Shop.csproj": project(sdk="Microsoft.NET.Sdk"),
        "src/Shop/Shop.cs": "public class Shop {}\n",
        "testassets/Server/Server.csproj": project(),
        "testassets/Server/Program.cs": "app.Run();\n",
    }
    assert answers(files)["kind"].value != "web"
