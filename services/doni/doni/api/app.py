"""The app."""

from __future__ import annotations

from flask import Flask, request
from oslo_config import cfg

from doni import policies
from doni.api import access, availability, hardware, hiding, middleware, replies, root, service
from doni.hardware import types

OPEN = frozenset({"root.root", "root.description", "metrics", "hardware.export"})
"""Endpoints that need no token, or whose policy says so."""


def create_app(conf: cfg.ConfigOpts, *, auth: bool = True) -> Flask:
    """The API; the database must be configured.

    Without ``auth`` it believes the headers that say who asks: for tests.
    """
    app = Flask("doni.api", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = conf.api.max_request_body_size
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    app.url_map.converters["item"] = hardware.ItemConverter
    app.extensions[service.KEY] = service.Service(
        conf,
        types.configured(conf.enabled_hardware_types, conf.enabled_worker_types),
        policies.enforcer(conf),
    )
    hiding.install(app)
    app.before_request(access.identify)
    app.before_request(_need_token)
    app.register_blueprint(root.blueprint)
    app.register_blueprint(hardware.blueprint)
    app.register_blueprint(availability.blueprint)
    if conf.api.metrics:
        app.add_url_rule("/metrics", "metrics", root.metrics)
    replies.handle_errors(app)
    app.wsgi_app = middleware.wrapped(app.wsgi_app, conf, auth)  # type: ignore[method-assign]
    return app


def _need_token() -> None:
    if request.endpoint not in OPEN:
        access.need_token()
