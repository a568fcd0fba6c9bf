"""AWS list prices in US dollars, on demand, Linux on x86, without taxes and free tiers.

Read on PRICES_AS_OF from what public sources quote of the AWS Price List, not from the list
itself: https://aws.amazon.com/fargate/pricing, /rds/postgresql/pricing, /elasticache/pricing,
/elasticloadbalancing/pricing, /cloudwatch/pricing, /vpc/pricing show their tables by script only.

- us-east-1: two sources at least agree on each, dated 2026-09-29 and 2026-10-02 (Fargate, load
  balancer, ElastiCache for Redis OSS). Of db.m7g.xlarge and 2xlarge they differ by 0.3 %.
- A region stands here with every price that a recommendation needs, or not at all: of other regions
  no public source quotes the stores and logs, and a sum without them would be a wrong one.
- A database in two zones is taken as twice the price of one; AWS rounds its own by up to 2 %.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

PRICES_AS_OF: Final = "2026-10-02"
PRICES_SOURCE: Final = (
    "AWS Price List as public sources quote it, not asked live: https://aws.amazon.com/pricing"
)
DEFAULT_REGION: Final = "us-east-1"


@dataclass(frozen=True)
class PriceTable:
    """The prices of one region; a class that is missing has none that is known."""

    vcpu_hour: float
    gib_hour: float
    load_balancer_hour: float
    capacity_unit_hour: float
    ipv4_hour: float
    database_hour: Mapping[str, float]
    database_gib_month: float
    cache_hour: Mapping[str, float]
    log_gb: float
    log_gb_month: float


PRICES: Final[Mapping[str, PriceTable]] = {
    "us-east-1": PriceTable(
        vcpu_hour=0.04048,
        gib_hour=0.004445,
        load_balancer_hour=0.0225,
        capacity_unit_hour=0.008,
        ipv4_hour=0.005,
        database_hour={
            "db.t4g.micro": 0.016,
            "db.t4g.small": 0.032,
            "db.t4g.medium": 0.065,
            "db.t4g.large": 0.129,
            "db.m7g.large": 0.168,
            "db.m7g.xlarge": 0.337,
            "db.m7g.2xlarge": 0.674,
        },
        database_gib_month=0.115,
        cache_hour={
            "cache.t4g.micro": 0.016,
            "cache.t4g.small": 0.032,
            "cache.t4g.medium": 0.065,
            "cache.m7g.large": 0.158,
            "cache.m7g.xlarge": 0.315,
        },
        log_gb=0.50,
        log_gb_month=0.03,
    ),
}
