"""Recommendations to show: one with something in every part, and ones whose texts are anything."""

from typing import Any

from hypothesis import strategies as st

from delightful.recommendation import (
    Answer,
    Cost,
    CostLine,
    Evidence,
    Migration,
    MigrationRisk,
    Reason,
    Recommendation,
    Sizing,
)
from delightful.running import Running
from delightful.settings import CacheSize, DatabaseSize, settings_of

COMMIT = "c" * 40
PAGE = "https://github.com/acme/shop"
BLOB = f"{PAGE}/blob/{COMMIT}/"
HOSTILE = [
    "@org/team fixes #1",
    "<img src=http://evil/?d=1>",
    "[x](javascript:alert(1))",
    "](https://evil.example) [y",
    "</details><!-- hidden -->",
    "a|b`c\\|d",
    "\u202eevil \u200b \x1b[31mred\x07 \x00 \ud800",
    "https://evil.example/x",
    "$\\color{red}{x}$",
    "../../../etc/passwd",
    "line\nline\r\nline",
    "<!-- delightful: analysis-other -->",
]
TEXTS = st.text(max_size=60) | st.sampled_from(HOSTILE)
EVIDENCE = st.builds(Evidence, file=TEXTS, line=st.integers(-5, 10**6), quote=TEXTS)


def evidence(file: str = "Procfile", line: int = 1) -> Evidence:
    """Return one line."""
    return Evidence(file=file, line=line, quote="web: gunicorn -w 4")


def sizing(**changes: Any) -> Sizing:
    """Return a sizing with a database and a cache."""
    settings = settings_of({"cpu_units": 1024, "memory_mib": 2048}).model_copy(
        update={
            "database": DatabaseSize(
                engine="postgres", instance_class="db.t4g.small", storage_gib=20
            ),
            "cache": CacheSize(node_type="cache.t4g.micro"),
        }
    )
    names = ("cpu_units", "memory_mib", "min_count", "database")
    reasons = tuple(
        Reason(field=name, text=f"why {name}", overrule=f"{name} elsewhere", evidence=(evidence(),))
        for name in names
    )
    return Sizing.model_validate(
        {
            "settings": settings,
            "requests_per_second": 50,
            "requests_per_second_per_task": 24.0,
            "memory_needed_mib": 700,
            "reasons": reasons,
            **changes,
        }
    )


def cost(monthly: float = 40.0) -> Cost:
    """Return a cost of one line."""
    line = CostLine(
        what="Load balancer", quantity=730, unit="hour", unit_usd=0.02, monthly_usd=16.4
    )
    return Cost(
        region="us-east-1",
        monthly_usd=monthly,
        at_most_usd=90.0,
        lines=(line,),
        assumptions=("20 deploys a month",),
        not_counted=("NAT gateways",),
        prices_as_of="2026-10-02",
        prices_source="AWS Price List, not asked live",
    )


def recommendation(**changes: Any) -> Recommendation:
    """Return a recommendation with something in every part."""
    return Recommendation.model_validate(
        {
            "service": "shop",
            "commit": COMMIT,
            "answers": (
                Answer(
                    field="kind", value="web", rule="r", confidence="high", evidence=(evidence(),)
                ),
                Answer(
                    field="port",
                    value=8000,
                    rule="python/run-port",
                    confidence="medium",
                    evidence=tuple(evidence("app.py", line) for line in range(1, 6)),
                ),
                Answer(field="health_path", value=None, rule="none", confidence="low"),
                Answer(field="cpu_units", value=1024, rule="size", confidence="low"),
            ),
            "variables": {"container_port": 8000, "cpu_units": 1024, "memory_mib": 2048},
            "notes": ("unknown: health_path",),
            "sizing": sizing(),
            "cost": cost(),
            **changes,
        }
    )


def running(**variables: Any) -> Running:
    """Return what runs, with the defaults but for these inputs."""
    return Running(
        release_id="shop-staging-000012",
        commit="b" * 40,
        environment="staging",
        variables={"container_port": 8080, **variables},
    )


def migration(risk: MigrationRisk) -> Migration:
    """Return a changed migration."""
    where = Evidence(file="db/1.sql", line=3, quote="drop table a")
    return Migration(path="db/1.sql", risk=risk, reason="drops a table", evidence=where)


@st.composite
def recommendations(draw: st.DrawFn) -> Recommendation:
    """Return a recommendation whose free texts are anything at all."""
    answers = draw(
        st.lists(
            st.builds(
                Answer,
                field=TEXTS | st.sampled_from(["kind", "language", "port"]),
                value=st.none() | TEXTS | st.lists(TEXTS, max_size=3),
                rule=TEXTS,
                confidence=st.sampled_from(["high", "medium", "low"]),
                evidence=st.lists(EVIDENCE, max_size=4).map(tuple),
            ),
            max_size=4,
        )
    )
    reason = st.builds(
        Reason,
        field=TEXTS | st.just("cpu_units"),
        text=TEXTS,
        overrule=TEXTS,
        evidence=st.lists(EVIDENCE, max_size=4).map(tuple),
    )
    changed = st.builds(
        Migration,
        path=TEXTS,
        risk=st.sampled_from(["expand", "contract", "irreversible", "unknown"]),
        reason=TEXTS,
        evidence=EVIDENCE,
    )
    return recommendation(
        folder=draw(TEXTS),
        answers=tuple(answers),
        variables={draw(TEXTS): draw(TEXTS), "container_port": 1},
        notes=tuple(draw(st.lists(TEXTS, max_size=3))),
        migrations=draw(st.none() | st.lists(changed, max_size=3).map(tuple)),
        sizing=draw(st.none() | st.just(sizing(reasons=tuple(draw(st.lists(reason, max_size=3)))))),
        cost=draw(st.none() | st.just(cost())),
    )
