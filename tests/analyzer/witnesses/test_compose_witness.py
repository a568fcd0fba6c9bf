"""What compose files say: which of their services is the one asked about, and its stores."""

import pytest

from analyzer import SourceTree, analyze
from analyzer.witnesses.containers.compose import compose_facts
from tests.analyzer.witnessed import facts_of, sure_of, values_of

SHOP = (
    "x-common: &common\n  restart: always\n"
    "services:\n"
    "  db:\n    image: postgres:16\n"
    "  cache:\n    image: redis:7\n"
    "  cart:\n    <<: *common\n    build: ./src/cart\n    depends_on: [cache]\n"
    '    ports: ["8081:8080"]\n'
    "  orders:\n    build:\n      context: .\n      dockerfile: ${ORDERS_FILE}\n"
    "    environment:\n      DB_URL: postgres://u:secret-word@db/orders\n"
    "    healthcheck:\n      test: [CMD, wget, -q, 'localhost:${PORT:-9000}/ready']\n"
    "    expose: ['${PORT:-9000}']\n"
    "  front:\n    build: ./src/front\n    ports: ['80:80']\n"
)
MONOREPO = {
    "compose.yml": SHOP,
    ".env": "ORDERS_FILE=src/orders/Dockerfile\n",
    "src/cart/main.go": "",
    "src/orders/main.py": "",
    "src/front/index.js": "",
}


def test_each_service_of_a_monorepo_has_only_its_own_stores() -> None:
    """A store belongs to who depends on it or names its host, and to nobody else."""
    cart = facts_of(compose_facts, MONOREPO, "src/cart")
    orders = facts_of(compose_facts, MONOREPO, "src/orders")
    front = facts_of(compose_facts, MONOREPO, "src/front")
    assert (values_of(cart, "database"), values_of(cart, "cache")) == ([], ["redis"])
    assert (values_of(orders, "database"), values_of(orders, "cache")) == (["postgres"], [])
    assert (values_of(front, "database"), values_of(front, "cache")) == ([], [])
    assert sure_of(cart, "port") == [(8080, "high")]


def test_a_dockerfile_in_the_folder_makes_the_folder_the_services() -> None:
    """With the repository as context the Dockerfile's place tells whose image it is."""
    orders = facts_of(compose_facts, MONOREPO, "src/orders")
    assert values_of(orders, "port") == ["9000"]
    assert values_of(orders, "health_path") == ["/ready"]
    assert values_of(orders, "database_version") == ["16"]
    assert {fact.evidence.file for fact in orders if fact.evidence} == {"../../compose.yml"}


def test_values_of_variables_are_never_quoted() -> None:
    """A variable is proven by its name; what it is set to stays where it is."""
    orders = facts_of(compose_facts, MONOREPO, "src/orders")
    assert all("secret-word" not in fact.evidence.quote for fact in orders if fact.evidence)


def test_an_image_of_the_repository_needs_no_build() -> None:
    """A file in the repository's root that runs one image of the authors runs the repository."""
    text = (
        "services:\n  app:\n    image: ghcr.io/me/shop:latest\n    ports: ['127.0.0.1:80:3000']\n"
        "    environment: [DATABASE_URL=postgresql://db/x]\n    depends_on: {db: {}}\n"
        "  db:\n    image: postgres:15\n  admin:\n    image: adminer\n    ports: ['8080:8080']\n"
    )
    facts = facts_of(compose_facts, {"docker-compose.yml": text})
    assert sure_of(facts, "port") == [(3000, "high")]
    assert ("postgres", "high") in sure_of(facts, "database")
    assert sure_of(facts, "cache") == [("none", "medium")]


def test_another_command_of_the_same_image_is_a_worker() -> None:
    """A service with a command of its own and no port works; one that runs once does not."""
    text = (
        "services:\n  web:\n    build: .\n    ports: ['8000:8000']\n"
        "  migrate:\n    build: .\n    command: ./manage.py migrate\n"
        "  {other}:\n    build: .\n    command: {command}\n"
    )
    working = text.format(other="jobs", command="celery -A x worker")
    once = text.format(other="assets", command="npm run build")
    assert sure_of(facts_of(compose_facts, {"compose.yml": working}), "worker") == [(True, "high")]
    assert sure_of(facts_of(compose_facts, {"compose.yml": once}), "worker") == []
    idle = text.format(other="shop-dev", command="sleep infinity")
    assert sure_of(facts_of(compose_facts, {"compose.yml": idle}), "worker") == []


@pytest.mark.parametrize(
    ("service", "found"),
    [
        ("  carts-handler:\n    build: .\n    command: node h.js\n    ports: ['81:81']\n", True),
        ("  carts:\n    build: .\n    command: node h.js\n    ports: ['81:81']\n", False),
        ("  carts:\n    build: .\n    command: node h.js\n", True),
        ("  carts:\n    build: .\n    command: node h.js\n    profiles: [check]\n", False),
        ("  carts:\n    build:\n      dockerfile: Dockerfile.carts\n    command: a\n", False),
    ],
)
def test_a_process_of_the_same_image_works_unless_it_stands_aside(
    service: str, found: bool
) -> None:
    """What waits for work may have a port; what is built or asked for by itself is another's."""
    text = f"services:\n  web:\n    build: .\n    ports: ['80:80']\n{service}"
    facts = facts_of(compose_facts, {"compose.yml": text, "Dockerfile": "FROM node\n"})
    assert bool(sure_of(facts, "worker")) == found


def test_what_others_are_told_to_reach_is_no_worker() -> None:
    """A process of the same image that answers at a port is a second server, not a worker."""
    text = (
        "services:\n  web:\n    build: .\n    ports: ['8000:8000']\n"
        "    environment: ['REMOTE={name}:7007']\n"
        "  {name}:\n    build: .\n    command: {name}\n"
    )
    agent = facts_of(compose_facts, {"compose.yml": text.format(name="agent")})
    assert sure_of(agent, "worker") == []
    worker = facts_of(compose_facts, {"compose.yml": text.format(name="worker")})
    assert sure_of(worker, "worker") == [(True, "high")]


def test_ports_inherited_by_an_anchor_do_not_make_a_worker_serve() -> None:
    """What is merged into several services is no word of any one of them."""
    text = (
        "services:\n  app: &app\n    build: .\n    ports: ['80:80']\n"
        "  queue:\n    <<: *app\n    command: php artisan queue:work\n"
    )
    assert sure_of(facts_of(compose_facts, {"compose.yml": text}), "worker") == [(True, "high")]


def test_a_build_for_developing_makes_a_file_one_for_developing() -> None:
    """The name of the Dockerfile tells that nobody is served by this."""
    text = "services:\n  app:\n    build:\n      context: .\n      dockerfile: docker/{}\n"
    text += "    ports: ['4008:4008']\n"
    for name, sure in (("dev.Dockerfile", "medium"), ("app.Dockerfile", "high")):
        found = facts_of(compose_facts, {"docker-compose.yml": text.format(name)})
        assert sure_of(found, "port") == [(4008, sure)]


def test_files_for_developing_are_heard_only_alone_and_less() -> None:
    """What is run for users outweighs how it is developed."""
    developing = "services:\n  app:\n    build: .\n    ports: ['5000:5000']\n"
    serving = "services:\n  app:\n    build: .\n    ports: ['80:8000']\n"
    alone = facts_of(compose_facts, {"docker-compose.dev.yml": developing})
    both = {"docker-compose.dev.yml": developing, "docker-compose.yml": serving}
    assert sure_of(alone, "port") == [(5000, "medium")]
    assert sure_of(facts_of(compose_facts, both), "port") == [(8000, "high")]


def test_files_that_disagree_on_the_store_are_sure_of_none() -> None:
    """One file for each database means that the authors leave the choice."""
    text = "services:\n  app:\n    image: me/app\n    depends_on: [db]\n  db:\n    image: {}\n"
    files = {
        "docker/compose/docker-compose.mariadb.yml": text.format("mariadb:11"),
        "docker/compose/docker-compose.postgres.yml": text.format("postgres:17"),
        "docker/compose/docker-compose.postgres-x.yml": text.format("postgres:17"),
    }
    stores = sure_of(facts_of(compose_facts, files), "database")
    assert stores[0] == ("postgres", "low")
    assert {confidence for _, confidence in stores} == {"low"}


def test_a_variant_beside_the_plain_file_is_not_heard() -> None:
    """`docker-compose-redis.yml` is one way of several where `docker-compose.yml` is the way."""
    files = {
        "docker-compose.yml": "services:\n  a:\n    build: .\n  d:\n    image: mongo:7\n",
        "docker-compose-redis.yml": "services:\n  a:\n    build: .\n  d:\n    image: redis:7\n",
    }
    facts = facts_of(compose_facts, files)
    assert values_of(facts, "database") == ["mongodb"]
    assert "redis" not in values_of(facts, "cache")


def test_a_store_laid_over_from_the_file_beside_is_found() -> None:
    """A file that is laid over another names stores of the other."""
    files = {
        "compose.yaml": "services:\n  db:\n    image: postgres:16\n",
        "compose.full.yaml": (
            "services:\n  jobs:\n    build: ./jobs\n    environment: ['DB=Host=db;User=x']\n"
        ),
        "jobs/a.cs": "",
    }
    facts = facts_of(compose_facts, files, "jobs")
    assert sure_of(facts, "database") == [("postgres", "high")]
    assert sure_of(facts, "kind") == [("worker", "medium")]


@pytest.mark.parametrize(
    ("profile", "confidence"), [("", "medium"), ("    profiles: [x]\n", "low")]
)
def test_a_file_of_stores_alone_is_a_hint(profile: str, confidence: str) -> None:
    """Authors who start the rest by hand keep their stores in compose."""
    text = f"services:\n  db:\n    image: mysql:8.4\n{profile}"
    facts = facts_of(compose_facts, {"docker-compose.yml": text})
    assert sure_of(facts, "database") == [("mysql", confidence)]


def test_images_of_parts_that_serve_the_whole_are_the_repositorys() -> None:
    """Apache and PHP have a Dockerfile each, made from all that there is."""
    served = "build: {{context: ., dockerfile: docker/{}/Dockerfile}}"
    parts = "".join(f"  {name}:\n    {served.format(name)}\n" for name in ("apache", "php"))
    text = f"services:\n{parts}    environment: [DB_HOST=db]\n  db:\n    image: mysql:8.4\n"
    facts = facts_of(compose_facts, {"compose.yml": text, "index.php": ""})
    assert sure_of(facts, "database") == [("mysql", "high")]


def test_stores_of_an_unknown_owner_are_nobodys() -> None:
    """A service that the file does not run gets none of its stores, and learns what is missing."""
    files = {
        "compose.yml": (
            "services:\n  a:\n    image: me/a\n    depends_on: [db]\n  b:\n    image: me/b\n"
            "  db:\n    image: postgres\n"
        ),
        "web/package.json": "{}",
    }
    for folder in ("", "web"):
        facts = facts_of(compose_facts, files, folder)
        assert [fact.rule for fact in facts] == ["compose/no-cache"]


def test_a_broken_file_says_nothing() -> None:
    """Anchors into nowhere, references to oneself and wrong shapes are passed over."""
    for text in ("services: [1, {a: *nothing}\n", "services: &s {a: *s}\n", "services: 3\n"):
        assert facts_of(compose_facts, {"compose.yml": text}) == []


def test_what_extends_another_is_made_of_the_same() -> None:
    """An image that another service builds, taken over or named, is the service's own."""
    text = (
        "services:\n  image:\n    build: .\n    image: shop/base\n"
        "  base:\n    image: shop/base\n"
        "  web:\n    extends:\n      service: base\n    ports: ['8000:8000']\n"
        "  jobs:\n    extends: base\n    command: celery -A x worker\n"
    )
    facts = facts_of(compose_facts, {"compose.yml": text})
    assert sure_of(facts, "port") == [(8000, "high")]
    assert sure_of(facts, "worker") == [(True, "high")]


def test_variables_of_a_named_file_are_proven_by_the_line_that_names_it() -> None:
    """The names stand in another file, so that the line without a value is the evidence."""
    files = {
        "compose.yml": "services:\n  web:\n    build: .\n    env_file: config/shop.vars\n",
        "config/shop.vars": "SHOP_KEY=secret\n",
        "package.json": "{}",
    }
    found = analyze(SourceTree.of_files(files), None, service="shop", commit="0" * 40)
    answer = found.answer("environment_variables")
    assert answer is not None
    assert answer.value == ["SHOP_KEY"]
    assert [quote.quote for quote in answer.evidence] == ["env_file: config/shop.vars"]


def test_what_prepares_a_store_of_tests_is_not_the_service() -> None:
    """It has an image of its own; the service's is built by its plain name."""
    text = (
        "services:\n  initialize_sqs:\n    build: {context: ., dockerfile: Dockerfile.aws}\n"
        "    command: [create-queue]\n"
    )
    files = {"compose.yml": text, "Dockerfile": "FROM node\n", "Dockerfile.aws": "FROM python\n"}
    facts = facts_of(compose_facts, files)
    assert [fact for fact in facts if fact.field in ("kind", "language", "port")] == []


def test_a_place_to_work_in_tells_of_no_worker() -> None:
    """It waits for who works there, and so do its parts."""
    text = "services:\n  shop:\n    build: ..\n  jobs-worker:\n    build: ..\n    command: work\n"
    for path, told in (("docker/compose.yml", ["True"]), (".devcontainer/compose.yml", [])):
        facts = facts_of(compose_facts, {path: text, "package.json": "{}"})
        assert values_of(facts, "worker") == told


def test_an_image_of_others_that_opens_nothing_makes_no_worker() -> None:
    """Only what is built here is sure to be the service."""
    scan = "services:\n  scan:\n    image: me/scan:1\n"
    assert values_of(facts_of(compose_facts, {"compose.yml": scan}), "kind") == []
    built = "services:\n  scan:\n    build: .\n"
    assert values_of(facts_of(compose_facts, {"compose.yml": built}), "kind") == ["worker"]


def test_a_second_one_of_the_same_is_no_worker() -> None:
    """It shows how two of them work together."""
    text = (
        "services:\n  shop:\n    build: .\n    image: shop-dev\n"
        "  shop-2:\n    image: shop-dev\n    command: ./serve.sh\n"
    )
    assert values_of(facts_of(compose_facts, {"compose.yml": text}), "worker") == []


def test_a_compose_file_may_be_called_after_its_environment() -> None:
    """Beside others, at the root; elsewhere such a name tells of anything."""
    text = "services:\n  shop:\n    build: .\n    depends_on: [db]\n  db:\n    image: postgres:17\n"
    found = facts_of(compose_facts, {"production.yml": text})
    assert values_of(found, "database") == ["postgres"]
    assert facts_of(compose_facts, {"config/production.yml": text}) == []
