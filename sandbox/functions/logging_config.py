"""Where a function logs to, which moto neither keeps nor tells."""

import json
from typing import Any
from urllib.parse import unquote

from moto.awslambda.responses import LambdaResponse
from moto.core.responses import TYPE_RESPONSE


class LoggingResponse(LambdaResponse):
    """Keeps the log group of a function with it, and tells it as AWS does: always."""

    def create_function(self) -> TYPE_RESPONSE:
        """Make the function with the log group it is given, else the one of its name."""
        status, headers, body = super().create_function()
        function = self.backend.get_function(json.loads(body)["FunctionName"], None)
        _keep(function, self.json_body)
        return status, headers, _told(body, function)

    def update_function_configuration(self) -> TYPE_RESPONSE:
        """Change the log group where another one is given."""
        function = self._named(2)
        _keep(function, self.json_body)
        status, headers, body = super().update_function_configuration()
        return status, headers, _told(body, function)

    def get_function_configuration(self) -> str:
        """Return the configuration with its log group."""
        return _told(super().get_function_configuration(), self._named(2))

    def get_function(self) -> str:
        """Return code and configuration, the latter with its log group."""
        answer: dict[str, Any] = json.loads(super().get_function())
        configuration = answer["Configuration"]
        configuration["LoggingConfig"] = _logging_config(self._named(1))
        return json.dumps(answer)

    def _named(self, place: int) -> Any:
        """Return the function that the path names, so many parts before its end."""
        name = unquote(self.path.rsplit("/", place)[-place])
        return self.backend.get_function(name, self._get_param("Qualifier"))


def _keep(function: Any, body: dict[str, Any]) -> None:
    group = body.get("LoggingConfig", {}).get("LogGroup")
    if group:
        function.logs_group_name = group


def _told(body: str, function: Any) -> str:
    return json.dumps({**json.loads(body), "LoggingConfig": _logging_config(function)})


def _logging_config(function: Any) -> dict[str, str]:
    return {"LogFormat": "Text", "LogGroup": function.logs_group_name}
