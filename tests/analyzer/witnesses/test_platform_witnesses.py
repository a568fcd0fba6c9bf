"""What the files of platforms, charts, manifests, samples and workflows say of a service."""

import json

import pytest
from pydantic import JsonValue

from analyzer.documents import read_documents, read_nodes
from analyzer.witnesses.clusters.helm import helm_facts
from analyzer.witnesses.clusters.kubernetes import kubernetes_facts
from analyzer.witnesses.containers.process_files import process_file_facts
from analyzer.witnesses.env_file import env_file_facts
from analyzer.witnesses.env_text import filled
from analyzer.witnesses.env_text import values_of as assignments
from analyzer.witnesses.platforms.app_engine import app_engine_facts
from analyzer.witnesses.platforms.ecs import ecs_facts
from analyzer.witnesses.platforms.fly import fly_facts
from analyzer.witnesses.platforms.github_actions import github_actions_facts
from analyzer.witnesses.platforms.heroku import heroku_facts
from analyzer.witnesses.platforms.nais import nais_facts
from analyzer.witnesses.platforms.procfile import procfile_facts
from analyzer.witnesses.platforms.railway import railway_facts
from analyzer.witnesses.platforms.render import render_facts
from analyzer.witnesses.platforms.terraform import terraform_facts
from tests.analyzer.witnessed import facts_of, sure_of, values_of


def test_what_a_procfile_serves_may_be_called_api() -> None:
    """Where no process is called web, and what stands beside it works."""
    facts = facts_of(procfile_facts, {"Procfile": "api: ruby api.rb\nreaper: ruby reaper.rb\n"})
    assert values_of(facts, "kind") == ["web"]
    assert sure_of(facts, "worker") == [(True, "high")]
    assert facts_of(procfile_facts, {"Procfile": "reaper: ruby reaper.rb\n"}) == []


def test_a_procfile_tells_release_port_and_worker() -> None:
    """The release process may migrate; what builds pages while one develops is no worker."""
    text = (
        "release: bin/rails db:migrate\nweb: gunicorn -b :8000 shop.wsgi\n"
        "sidekiq: bundle exec sidekiq\nassets: npm run watch\n"
    )
    facts = facts_of(procfile_facts, {"Procfile": text})
    assert sure_of(facts, "migration_command") == [(["bin/rails", "db:migrate"], "high")]
    assert sure_of(facts, "port") == [(8000, "medium")]
    assert sure_of(facts, "worker") == [(True, "high")]


def test_what_only_says_something_is_no_process() -> None:
    """It keeps the place of what another file sets."""
    text = 'web: echo "set in the manifest"\n'
    assert facts_of(procfile_facts, {"Procfile": text}) == []


def test_fly_tells_port_check_processes_and_release() -> None:
    """Sections tell the port inside, the path that is checked, and processes beside the serving."""
    text = (
        'app = "x"\n[env]\n  MODE = "prod" # a note\n[deploy]\n  release_command = "bin/migrate"\n'
        '[processes]\n  app = "bin/server"\n  jobs = "bin/jobs"\n'
        "[http_service]\n  internal_port = 4000\n"
        '  [[http_service.checks]]\n    path = "/up"\n'
    )
    facts = facts_of(fly_facts, {"fly.toml": text})
    assert sure_of(facts, "port") == [(4000, "high")]
    assert sure_of(facts, "health_path") == [("/up", "high")]
    assert sure_of(facts, "start_command") == [(["bin/server"], "high")]
    assert sure_of(facts, "worker") == [(True, "high")]
    assert sure_of(facts, "migration_command") == [(["bin/migrate"], "high")]
    assert values_of(facts, "environment_variables") == ["MODE"]


def test_heroku_tells_addons_variables_and_processes() -> None:
    """Add-ons are stores; an application of Expo has an `app.json` of another sort."""
    app = {
        "addons": ["heroku-postgresql:mini", {"plan": "heroku-redis"}],
        "env": {"SECRET_KEY": {"generator": "secret"}},
        "formation": {"web": {}, "worker": {}},
    }
    facts = facts_of(heroku_facts, {"app.json": json.dumps(app, indent=1)})
    assert sure_of(facts, "database") == [("postgres", "high")]
    assert sure_of(facts, "cache") == [("redis", "high")]
    assert sure_of(facts, "worker") == [(True, "high")]
    assert values_of(facts, "environment_variables") == ["SECRET_KEY"]
    assert facts_of(heroku_facts, {"app.json": '{"expo": {"addons": ["redis"]}}'}) == []


def test_heroku_build_file_tells_commands() -> None:
    """`heroku.yml` runs the web process, workers and the release."""
    text = (
        "run:\n  web: uvicorn app:app --port 9000\n  jobs:\n    command: [celery -A app]\n"
        "setup:\n  addons:\n    - plan: cleardb\nrelease:\n  command:\n    - alembic upgrade head\n"
    )
    facts = facts_of(heroku_facts, {"heroku.yml": text})
    assert values_of(facts, "port") == ["9000"]
    assert values_of(facts, "worker") == ["True"]
    assert values_of(facts, "database") == ["mysql"]
    assert sure_of(facts, "migration_command") == [(["alembic", "upgrade", "head"], "high")]


BLUEPRINT = (
    "services:\n"
    "  - type: web\n    name: api\n    rootDir: api\n    runtime: python\n"
    "    startCommand: gunicorn -b 0.0.0.0:9000 app\n    healthCheckPath: /healthz\n"
    "    envVars:\n      - key: DATABASE_URL\n        fromDatabase:\n          name: main\n"
    "  - type: web\n    name: site\n    rootDir: site\n    runtime: node\n"
    "  - type: keyvalue\n    name: cache\n"
    "databases:\n  - name: main\n    postgresMajorVersion: '16'\n"
)


def test_a_blueprint_tells_of_each_folders_service() -> None:
    """A store is that of the service whose variables take it."""
    files = {"render.yaml": BLUEPRINT, "api/a.py": "", "site/a.js": ""}
    api = facts_of(render_facts, files, "api")
    site = facts_of(render_facts, files, "site")
    assert sure_of(api, "health_path") == [("/healthz", "high")]
    assert (values_of(api, "port"), values_of(api, "database")) == (["9000"], ["postgres"])
    assert values_of(api, "database_version") == ["16"]
    assert values_of(site, "database") == values_of(site, "cache") == values_of(api, "cache") == []
    assert values_of(site, "language") == ["node"]


def test_railway_tells_start_check_and_versions() -> None:
    """Both of Railway's forms and Nixpacks' own file are read."""
    deploy = {"deploy": {"startCommand": "node x.js", "healthcheckPath": "/health"}}
    files = {
        "railway.json": json.dumps(deploy, indent=2),
        "nixpacks.toml": '[variables]\nNIXPACKS_NODE_VERSION = "20"\nPORT = "4100"\nA = "b"\n',
    }
    facts = facts_of(railway_facts, files)
    assert sure_of(facts, "start_command") == [(["node", "x.js"], "high")]
    assert values_of(facts, "health_path") == ["/health"]
    assert (values_of(facts, "runtime_version"), values_of(facts, "port")) == (["20"], ["4100"])


MANIFESTS = (
    "# All of them.\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: cart\nspec:\n"
    "  template:\n    spec:\n      containers:\n      - name: server\n        image: me/cart:1\n"
    "        ports:\n        - containerPort: 7070\n"
    "        env:\n        - name: REDIS_ADDR\n          value: cart-redis:6379\n"
    "        readinessProbe:\n          httpGet: {path: /ready, port: 7070}\n"
    "        livenessProbe:\n          httpGet: {path: /live, port: 7070}\n"
    "---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: orders-db\nspec:\n"
    "  template:\n    spec:\n      containers:\n      - name: db\n        image: postgres:16\n"
    "---\napiVersion: apps/v1\nkind: StatefulSet\nmetadata:\n  name: cart-redis\nspec:\n"
    "  template:\n    spec:\n      containers:\n      - name: redis\n        image: redis:alpine\n"
)


def test_manifests_tell_of_the_container_that_bears_the_folders_name() -> None:
    """Readiness outweighs liveness; only the store whose host is named is the service's."""
    files = {"kubernetes-manifests/all.yaml": MANIFESTS, "src/cart/src/Cart.cs": ""}
    for folder in ("src/cart", "src/cart/src"):
        facts = facts_of(kubernetes_facts, files, folder)
        assert sure_of(facts, "port") == [(7070, "high")]
        assert sure_of(facts, "health_path") == [("/ready", "high"), ("/live", "medium")]
        assert sure_of(facts, "cache") == [("redis", "high")]
        assert values_of(facts, "database") == []
        assert values_of(facts, "environment_variables") == ["REDIS_ADDR"]


CLOWDER = """apiVersion: v1
kind: Template
objects:
- kind: ClowdApp
  metadata:
    name: shop
  spec:
    deployments:
    - name: carts-worker
      podSpec:
        image: ${IMAGE}:${TAG}
        args: [work]
    - name: service
      webServices:
        public: {enabled: true}
      podSpec:
        image: ${IMAGE}:${TAG}
        readinessProbe:
          httpGet: {path: /ready, port: 8000}
"""


def test_a_template_of_openshift_lists_the_parts_of_an_application() -> None:
    """The part that is served is the service, and the other one works for it."""
    facts = facts_of(kubernetes_facts, {"deploy/clowdapp.yaml": CLOWDER})
    assert sure_of(facts, "health_path") == [("/ready", "high")]
    assert sure_of(facts, "worker") == [(True, "high")]
    assert sure_of(facts, "kind") == []


@pytest.mark.parametrize(("kind", "worker"), [("Deployment", [(True, "high")]), ("DaemonSet", [])])
def test_manifests_that_are_filled_in_tell_what_stands_in_them(
    kind: str, worker: list[tuple[bool, str]]
) -> None:
    """What Jinja puts in is some word; an agent on each machine is no worker."""
    part = (
        "{extra}kind: {kind}\nmetadata: {{name: {name}}}\nspec:\n  template:\n    spec:\n"
        "      containers:\n      - image: shop:{{{{ tag }}}}\n        name: a\n{more}"
    )
    served = (
        "        ports:\n        - {name: remoting, containerPort: 2551}\n"
        "        - {name: http, containerPort: 5000}\n"
        "        readinessProbe: {httpGet: {path: /up, port: 5000}}\n"
    )
    web = part.format(extra="", kind="Deployment", name="shop", more=served)
    other = part.format(
        extra="{% if a %}\n", kind=kind, name="shop-other", more="        args: [a]\n"
    )
    text = f"{web}---\n{other}{{% endif %}}\n"
    facts = facts_of(kubernetes_facts, {"k8s/all.yaml": text})
    assert all(fact.evidence and fact.evidence.quote in text for fact in facts)
    assert sure_of(facts, "port") == [(5000, "high")]
    assert sure_of(facts, "health_path") == [("/up", "high")]
    assert sure_of(facts, "worker") == worker


def test_manifests_of_many_do_not_speak_for_the_root() -> None:
    """Where several images of the authors run, the repository's root is none of them."""
    two = MANIFESTS.replace("postgres:16", "me/orders")
    assert facts_of(kubernetes_facts, {"k8s/all.yaml": two}) == []


CHART = {
    "charts/shop/Chart.yaml": (
        "name: shop\ndependencies:\n  - name: postgresql\n    condition: postgresql.enabled\n"
        "  - name: redis\n    condition: redis.enabled\n"
    ),
    "charts/shop/values.yaml": (
        "service:\n  port: 80\n  targetPort: 9000\nreadinessProbe:\n  httpGet:\n    path: /ready\n"
        "postgresql:\n  enabled: true\nredis:\n  enabled: false\n"
    ),
    "charts/shop/templates/deployment.yaml": (
        "kind: Deployment\nspec:\n  containers:\n    - ports:\n"
        "        - containerPort: {{ .Values.service.targetPort | default 8080 }}\n"
        "      readinessProbe:\n        {{- toYaml .Values.readinessProbe | nindent 8 }}\n"
        "      env:\n        - name: SHOP_MODE\n"
    ),
    "charts/shop/templates/worker-deployment.yaml": "kind: Deployment\n",
}


def test_a_chart_tells_by_its_values() -> None:
    """Templates are followed to the values; a dependency that is off is only a hint."""
    facts = facts_of(helm_facts, CHART)
    assert sure_of(facts, "port") == [(9000, "medium")]
    assert sure_of(facts, "health_path") == [("/ready", "medium")]
    assert sure_of(facts, "database") == [("postgres", "medium")]
    assert sure_of(facts, "cache") == [("redis", "low")]
    assert sure_of(facts, "worker") == [(True, "medium")]


def test_samples_tell_names_and_never_show_values() -> None:
    """Names are quoted alone; a URL's scheme or a picked driver tells the store."""
    text = (
        "APP_KEY=base64:hush\n# OPTIONAL_KEY=hush\n#not a setting\nPORT=3100\n"
        'DATABASE_URL="postgres://u:hush@localhost/x"\nCACHE_STORE=redis\n'
        "REDIS_HOST=127.0.0.1\nTEST_DATABASE_URL=mysql://hush\n"
    )
    facts = facts_of(env_file_facts, {".env.example": text})
    assert "OPTIONAL_KEY" in values_of(facts, "environment_variables")
    assert sure_of(facts, "database") == [("postgres", "medium")]
    assert sure_of(facts, "cache") == [("redis", "low")]
    assert sure_of(facts, "port") == [(3100, "medium")]
    assert all("hush" not in fact.evidence.quote for fact in facts if fact.evidence)


def test_a_port_after_what_most_variables_begin_with_is_the_services() -> None:
    """The service's own name stands before its variables; another server's does not."""
    own = "SHOP_NAME=a\nSHOP_HOST=b\nSHOP_DB_PORT=5000\nSHOP_PORT=8090\nMAIL_PORT=8091\n"
    facts = facts_of(env_file_facts, {".env": own})
    assert sure_of(facts, "port") == [(8090, "low")]
    few = facts_of(env_file_facts, {".env": "SHOP_HOST=b\nSHOP_PORT=8090\n"})
    assert sure_of(few, "port") == []


def test_references_are_filled_as_a_shell_would() -> None:
    """Defaults count where nothing is set."""
    known = assignments('A=1\nB="${A}2" # a note\n')
    assert known == {"A": "1", "B": "12"}
    assert filled("$A-${C:-x}-${D?must}-${B}", known) == "1-x--12"


def test_workflows_are_hints_unless_they_try_everything() -> None:
    """One database and one language are hints; several are a program that may use any."""
    job = (
        "jobs:\n  test:\n    services:\n"
        "      db:\n        image: {}\n      more:\n        image: {}\n    steps:\n"
        "      - uses: actions/setup-node@v4\n        with:\n          node-version: 20.x\n"
        "      - uses: actions/{}@v5\n"
    )
    path = ".github/workflows/ci.yml"
    one = facts_of(github_actions_facts, {path: job.format("postgres:16", "redis", "cache")})
    many = facts_of(github_actions_facts, {path: job.format("postgres", "mysql", "setup-go")})
    assert sure_of(one, "database") == [("postgres", "low")]
    assert sure_of(one, "runtime_version") == [("20", "low")]
    assert many == []


def test_process_managers_tell_workers_and_ports() -> None:
    """What uWSGI runs only where something is set is not always there."""
    files = {
        "docker/uwsgi.ini": (
            "[uwsgi]\nhttp-socket = :8000\nattach-daemon = ./manage.py sendalerts\n"
            "if-env = SMTPD\nattach-daemon = ./manage.py smtpd\nendif =\n"
        ),
        "supervisord.conf": "[program:jobs]\ncommand=python manage.py run_huey -f\n",
        "payment.ini": "[uwsgi]\nsocket = 127.0.0.1:3031\n",
    }
    facts = facts_of(process_file_facts, files)
    assert sure_of(facts, "port") == [(8000, "medium")]
    assert [fact.rule for fact in facts if fact.field == "worker"] == [
        "process-file/uwsgi-daemon",
        "process-file/supervisor",
    ]


def test_yaml_of_others_is_read_with_anchors_and_without_trust() -> None:
    """Merge keys are followed, documents told apart, and a file of merges costs no time."""
    node = read_nodes("a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\n")
    merged = node.get("b") if node else None
    assert merged is not None
    assert {key: value.text for key, value in merged.entries.items()} == {"x": "1", "y": "3"}
    assert len(read_documents("---\na: 1\n---\nb: 2\n")) == 2
    wide = "x: &a {" + ",".join(f"k{i}: 1" for i in range(5000)) + "}\n"
    assert read_nodes(wide + "\n".join(f"y{i}: {{<<: *a}}" for i in range(2000))) is None


def test_nais_tells_port_probes_variables_and_stores() -> None:
    """A template is read as far as it goes; topics and jobs are no application."""
    text = (
        'apiVersion: nais.io/v1alpha1\nkind: "Application"\nspec:\n  image: {{ image }}\n'
        "  port: 8100\n  liveness:\n    path: /isalive\n  readiness:\n    initialDelay: 5\n"
        "    path: isready\n  valkey:\n    - instance: sessions\n  gcp:\n    sqlInstances:\n"
        "      - type: POSTGRES_17\n  env:\n  {{#each urls}}\n    - name: SHOP_URL\n"
        "      value: {{url}}\n  {{/each}}\n  accessPolicy:\n    - name: OTHER_NAME\n"
    )
    facts = facts_of(nais_facts, {".nais/app.yaml": text})
    assert sure_of(facts, "port") == [(8100, "high")]
    assert sure_of(facts, "health_path") == [("/isready", "high"), ("/isalive", "medium")]
    assert values_of(facts, "environment_variables") == ["SHOP_URL"]
    assert [values_of(facts, field) for field in ("database", "cache")] == [["postgres"], ["redis"]]
    for other in (text.replace("Application", "Topic"), text.replace("nais.io/", "x.io/")):
        assert facts_of(nais_facts, {".nais/app.yaml": other}) == []


GROUP = """resource "aws_lb_target_group" "{name}" {{
  port     = {port}
  protocol = "HTTP"

  health_check {{
    port = 9000
    path = "{path}"
  }}
}}
"""


@pytest.mark.parametrize(
    ("groups", "paths", "ports"),
    [
        ([("a", 8080, "/ready")], [("/ready", "medium")], [(8080, "medium")]),
        ([("a", 80, "/")], [("/", "low")], []),
        ([("blue", 8080, "/up"), ("green", 8080, "/up")], [("/up", "medium")], [(8080, "medium")]),
        ([("carts", 8080, "/up"), ("shop", 81, "/a")], [("/a", "medium")], [(81, "medium")]),
        ([("carts", 8080, "/up"), ("pay", 81, "/a")], [], []),
        ([("a", "var.port", "${var.path}")], [], []),
    ],
)
def test_a_target_group_tells_where_requests_go_and_what_is_asked(
    groups: list[tuple[str, object, str]],
    paths: list[tuple[str, str]],
    ports: list[tuple[int, str]],
) -> None:
    """Those that are shifted between say the same; of others the service's own is believed."""
    files = {
        f"terraform/{name}.tf": GROUP.format(name=name, port=port, path=path)
        for name, port, path in groups
    }
    facts = facts_of(terraform_facts, {**files, "go.mod": "module a.org/shop\n"})
    assert sure_of(facts, "health_path") == paths
    assert sure_of(facts, "port") == ports


def definition(*containers: JsonValue) -> str:
    return json.dumps({"family": "shop", "containerDefinitions": list(containers)}, indent=1)


SERVED: dict[str, JsonValue] = {
    "name": "backend",
    "command": ["npm", "run", "start"],
    "portMappings": [{"containerPort": 8081, "protocol": "tcp"}],
    "healthCheck": {"command": ["CMD-SHELL", "curl -f http://localhost:8081/ready || exit 1"]},
    "environment": [{"name": "STAGE", "value": "prod"}],
    "secrets": [{"name": "API_KEY", "valueFrom": "PROD_API_KEY"}],
}
AGENT: JsonValue = {"name": "dd-agent", "portMappings": [{"containerPort": 8126}]}


def test_a_task_definition_tells_what_a_container_is_given() -> None:
    """An agent beside it listens for the service and not for its users."""
    worker: JsonValue = {"name": "worker", "command": ["npm", "run", "work"]}
    facts = facts_of(ecs_facts, {"ecs/task-definition.json": definition(SERVED, worker, AGENT)})
    assert sure_of(facts, "port") == [(8081, "high")]
    assert sure_of(facts, "health_path") == [("/ready", "high")]
    assert sure_of(facts, "start_command") == [(["npm", "run", "start"], "high")]
    assert values_of(facts, "environment_variables") == ["STAGE", "API_KEY"]
    assert sure_of(facts, "kind") == [("web", "medium")]
    assert sure_of(facts, "worker") == [(True, "high")]
    quotes = [fact.evidence.quote for fact in facts if fact.evidence and fact.field == "worker"]
    assert quotes == ['"name": "worker",']


def test_of_several_containers_that_listen_the_one_of_the_name_is_the_service() -> None:
    """What is said of production comes first; of two with other names neither is."""
    support: JsonValue = {"name": "support", "portMappings": [{"containerPort": 9000}]}
    staged: JsonValue = {**SERVED, "portMappings": [{"containerPort": 1111}]}
    files = {
        ".aws/support-task.json": definition(support),
        ".aws/backend-task.staging.json": definition(staged),
        ".aws/backend-task.prod.json": definition(SERVED),
    }
    assert facts_of(ecs_facts, files) == []
    named = {**files, "package.json": '{\n  "name": "shop-backend"\n}\n'}
    assert sure_of(facts_of(ecs_facts, named), "port") == [(8081, "high")]


def test_a_definition_of_nothing_but_a_worker_makes_the_service_one() -> None:
    """What only moves the schema runs once."""
    worker = definition({"name": "mail-worker"})
    facts = facts_of(ecs_facts, {"ecs/task.json": worker})
    assert (values_of(facts, "kind"), values_of(facts, "worker")) == (["worker"], ["True"])
    assert facts_of(ecs_facts, {"ecs/task.json": definition({"name": "migrate-queue"})}) == []


def test_terraform_tells_to_which_port_of_a_container_requests_go() -> None:
    """Two that differ are of two services."""
    text = 'module "service" {\n  container_port   = 8443\n}\n'
    facts = facts_of(terraform_facts, {"terraform/main.tf": text})
    assert sure_of(facts, "port") == [(8443, "high")]
    both = {"terraform/main.tf": text, "terraform/admin.tf": text.replace("8443", "9000")}
    assert facts_of(terraform_facts, both) == []


@pytest.mark.parametrize(
    ("resource", "engine", "field", "value"),
    [
        ("aws_elasticache_replication_group", "redis", "cache", "redis"),
        ("aws_elasticache_serverless_cache", "valkey", "cache", "redis"),
        ("aws_elasticache_cluster", "memcached", "cache", "memcached"),
        ("aws_db_instance", "postgres", "database", "postgres"),
        ("aws_rds_cluster", "aurora-mysql", "database", "mysql"),
    ],
)
def test_stores_that_are_made_beside_the_service_are_its_own(
    resource: str, engine: str, field: str, value: str
) -> None:
    """The engine says which."""
    text = f'resource "{resource}" "main" {{\n  name   = "shop"\n  engine = "{engine}"\n}}\n'
    facts = facts_of(terraform_facts, {"terraform/stores.tf": text})
    assert sure_of(facts, field) == [(value, "high")]
    assert facts_of(terraform_facts, {"docs/stores.tf": text}) == []


def test_app_engine_tells_runtime_entry_variables_and_check() -> None:
    """A file of the same name for something else tells nothing."""
    text = (
        "runtime: python312\nentrypoint: gunicorn -b :$PORT main:app\n"
        "env_variables:\n  SHOP_CURRENCY: EUR\n"
        "liveness_check:\n  path: /livez\nreadiness_check:\n  path: /readyz\n"
    )
    facts = facts_of(app_engine_facts, {"app.yaml": text})
    assert sure_of(facts, "kind") == [("web", "high")]
    assert sure_of(facts, "runtime_version") == [("3.12", "high")]
    assert values_of(facts, "environment_variables") == ["SHOP_CURRENCY"]
    assert sure_of(facts, "health_path") == [("/readyz", "high")]
    assert len(values_of(facts, "start_command")) == 1
    for said in ("kind: Deployment\nspec:\n  runtime: fast\n", "runtime: fast\n"):
        assert facts_of(app_engine_facts, {"app.yaml": said}) == []


@pytest.mark.parametrize(
    ("runtime", "version"),
    [
        ("nodejs20", "20"),
        ("java17", "17"),
        ("go122", "1.22"),
        ("php83", "8.3"),
        ("go\napi_version: go1.9", "1.9"),
    ],
)
def test_a_runtime_of_app_engine_is_named_after_its_version(runtime: str, version: str) -> None:
    """Of some the major version alone counts."""
    facts = facts_of(app_engine_facts, {"app.yaml": f"runtime: {runtime}\n"})
    assert values_of(facts, "runtime_version") == [version]
