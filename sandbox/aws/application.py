"""The WSGI application: moto's dispatcher over apps whose views are partly ours.

Nothing of moto is patched. `create_app` takes the app that moto makes for a service, swaps every
view that belongs to an overridden Response class for the same view of ours, and adds the paths
that moto lacks.
"""

import logging
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask
from moto.core.utils import convert_to_flask_response
from moto.elb.responses import ELBResponse
from moto.elb.urls import api_version_elb_backend
from moto.elbv2.responses import ELBV2Response
from moto.moto_server.werkzeug_app import (
    HTTP_METHODS,
    DomainDispatcherApplication,
    create_backend_app,
)

from sandbox.aws.extension import Override
from sandbox.aws.faults import answer_fault, answer_unrouted

log = logging.getLogger(__name__)

# moto serves both load balancer APIs from one app, under the older one's name.
_APP_OF_SERVICE = {"elbv2": "elb"}

# Its dashboard and reset would change state behind our backends.
_NOT_SERVED = {"moto_api", "instance_metadata"}


class SandboxApplication(DomainDispatcherApplication):
    """moto's dispatcher, with the apps of `overrides`."""

    def __init__(self, overrides: Iterable[Override]) -> None:
        self._overrides = tuple(overrides)
        super().__init__(self._create_app)

    def _create_app(self, service: str) -> Flask:
        if service in _NOT_SERVED:
            return Flask("not-served")
        app: Flask = create_backend_app(service)
        mine = [o for o in self._overrides if _APP_OF_SERVICE.get(o.service, o.service) == service]
        classes = {override.theirs: override.ours for override in mine}
        for endpoint, view in app.view_functions.items():
            app.view_functions[endpoint] = _swapped(view, classes)
        for override in mine:
            _add_paths(app, override)
        _answer_errors(app, service)
        return app


def _swapped(view: Any, classes: dict[type[Any], type[Any]]) -> Any:
    handler: Any = getattr(view, "callback", None)
    if handler is api_version_elb_backend:
        return convert_to_flask_response(_by_api_version(classes))
    owner = getattr(handler, "__self__", None)
    theirs = owner if isinstance(owner, type) else type(owner)
    if theirs not in classes:
        return view
    ours = classes[theirs] if isinstance(owner, type) else classes[theirs]()
    return convert_to_flask_response(getattr(ours, handler.__name__))


def _by_api_version(classes: dict[type[Any], type[Any]]) -> Callable[..., Any]:
    older, newer = classes.get(ELBResponse, ELBResponse), classes.get(ELBV2Response, ELBV2Response)

    def dispatch_by_version(request: Any, *args: Any, **kwargs: Any) -> Any:
        response = older if request.values.get("Version") == "2012-06-01" else newer
        return response.dispatch(request, *args, **kwargs)

    return dispatch_by_version


def _add_paths(app: Flask, override: Override) -> None:
    view = convert_to_flask_response(override.ours.dispatch)
    for path in override.paths:
        endpoint = f"{override.ours.__name__}{path}"
        app.add_url_rule(
            path, endpoint=endpoint, methods=HTTP_METHODS, view_func=view, strict_slashes=False
        )


def _answer_errors(app: Flask, service: str) -> None:
    def fault(error: Exception) -> Any:
        return answer_fault(service, error)

    def unrouted(error: Exception) -> Any:
        return answer_unrouted(service, error)

    app.register_error_handler(Exception, fault)
    for status in (404, 405):
        app.register_error_handler(status, unrouted)
