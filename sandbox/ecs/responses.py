"""ECS's answers where moto's leave something out."""

from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import camelcase_to_underscores
from moto.ecs.responses import EC2ContainerServiceResponse

from sandbox.ecs.refusals import ConflictException

theirs = EC2ContainerServiceResponse
_MOST_LISTED = 100


class EcsResponse(EC2ContainerServiceResponse):
    """moto's ECS answers, with every setting of a service and with failures."""

    def create_service(self) -> ActionResult:
        """Create a service with all of its settings."""
        with self.ecs_backend.lock:
            created: ActionResult = super().create_service()
            service: Any = created.result["service"]
            self.ecs_backend.settle(service, self._snake_params())
        return created

    def _snake_params(self) -> dict[str, Any]:
        return {camelcase_to_underscores(key): value for key, value in self._get_params().items()}

    def run_task(self) -> ActionResult:
        """Run tasks; the same client token is answered with the tasks that it once started."""
        token, asked = self._get_param("clientToken"), dict(self._get_params())
        with self.ecs_backend.lock:
            known = self.ecs_backend.started.get(token)
            if known is None:
                answer: ActionResult = super().run_task()
                if token:
                    self.ecs_backend.started[token] = asked, answer
                return answer
        if known[0] != asked:
            raise ConflictException(token)
        return known[1]

    def list_task_definitions(self) -> ActionResult:
        """List revisions, at most a hundred at once."""
        listed: ActionResult = super().list_task_definitions()
        result: Any = listed.result
        start = int(self._get_param("nextToken") or 0)
        end = start + int(self._get_param("maxResults") or _MOST_LISTED)
        if result["taskDefinitionArns"][end:]:
            result["nextToken"] = str(end)
        result["taskDefinitionArns"] = result["taskDefinitionArns"][start:end]
        return listed

    def describe_tasks(self) -> ActionResult:
        """Describe tasks, and name those that are missing."""
        described: ActionResult = super().describe_tasks()
        result: Any = described.result
        found = {task.id for task in result["tasks"]}
        base = f"arn:aws:ecs:{self.region}:{self.current_account}:task"
        result["failures"] = [
            {"arn": name if name.startswith("arn:") else f"{base}/{name}", "reason": "MISSING"}
            for name in self._get_param("tasks", [])
            if name.rsplit("/", 1)[-1] not in found
        ]
        return described

    def delete_task_set(self) -> ActionResult:
        """Delete a task set, by force where that is asked."""
        task_set = self.ecs_backend.delete_task_set(
            self._get_param("cluster", "default"),
            self._get_param("service"),
            self._get_param("taskSet"),
            bool(self._get_param("force", False)),
        )
        return ActionResult({"taskSet": task_set})
