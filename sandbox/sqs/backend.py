"""SQS's state for one region: moto's, with attributes that stay as they were set."""

import json
from collections.abc import Mapping
from typing import Any

from moto.sqs import urls as sqs_urls
from moto.sqs.models import Queue, SQSBackend

_ALLOW = "RedriveAllowPolicy"


class SandboxSqsBackend(SQSBackend):
    """moto's queues; setting one attribute leaves the others alone."""

    @property
    def _url_module(self) -> Any:
        """Return moto's paths: it looks for them beside the class."""
        return sqs_urls

    def set_queue_attributes(self, queue_name: str, attributes: Mapping[str, Any]) -> Queue:
        """Set attributes; a policy that is not among them stays."""
        kept = {"Policy": self.get_queue(queue_name).policy}
        return super().set_queue_attributes(queue_name, {**kept, **attributes})

    def get_queue_attributes(self, queue_name: str, attribute_names: list[str]) -> dict[str, Any]:
        """Return attributes, who may redrive to the queue among them; documents without spaces."""
        others = [name for name in attribute_names if name != _ALLOW]
        found: dict[str, Any] = dict(super().get_queue_attributes(queue_name, others))
        allowed = getattr(self.get_queue(queue_name), "redrive_allow_policy", None)
        if policy := found.get("RedrivePolicy"):
            found["RedrivePolicy"] = json.dumps(json.loads(policy), separators=(",", ":"))
        if allowed and {_ALLOW, "All"} & set(attribute_names):
            found[_ALLOW] = allowed
        return found
