"""What the endpoint answers where it has no answer.

moto answers an unimplemented call with HTTP 500, which SDKs and Terraform repeat for minutes. Here
it is an AWS-style HTTP 400 in the service's own protocol, which they report at once.
"""

import logging
from typing import Any

from flask import Response, request
from moto.core.exceptions import ServiceException
from moto.core.request import normalize_request
from moto.core.responses import ActionResult, BaseResponse
from werkzeug.exceptions import HTTPException

log = logging.getLogger(__name__)

_BOTO_NAMES = {"awslambda": "lambda", "moto_api": "s3"}


class NotInSandbox(ServiceException):
    """A call that neither moto nor the sandbox knows."""

    code = "NotImplementedException"


class SandboxFault(ServiceException):
    """The sandbox itself broke while it answered; trying again would break it again."""

    code = "SandboxFaultException"


def answer_fault(service: str, error: Exception) -> Any:
    """Return the answer to a call that raised while it was handled."""
    if isinstance(error, HTTPException):
        return error
    if isinstance(error, NotImplementedError):
        log.warning("%s: %s", service, error)
        return _error_response(service, NotInSandbox(f"The sandbox lacks this call: {error}"))
    log.exception("%s failed on %s %s", service, request.method, request.path, exc_info=error)
    reason = f"The sandbox failed on this call: {type(error).__name__}: {error}"
    return _error_response(service, SandboxFault(reason))


def answer_unrouted(service: str, error: Exception) -> Any:
    """Return the answer to a path that the service's app does not route."""
    if isinstance(error, HTTPException) and error.response is not None:
        return error.response
    log.warning("%s: no route for %s %s", service, request.method, request.path)
    call = f"{service} {request.method} {request.path}"
    return _error_response(service, NotInSandbox(f"The sandbox lacks this call: {call}"))


def _error_response(service: str, error: ServiceException) -> Response:
    answering = BaseResponse(service_name=_BOTO_NAMES.get(service, service))
    answering.setup_class(normalize_request(request), use_raw_body=True)
    _, headers, body = answering.serialized(ActionResult(error))
    return Response(body, status=400, headers=headers)
