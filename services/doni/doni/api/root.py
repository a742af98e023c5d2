"""The routes that need no token."""

from __future__ import annotations

import json

from flask import Blueprint, Response

from doni.api import openapi, service
from doni.api.replies import reply

blueprint = Blueprint("root", __name__)


@blueprint.get("/")
def root() -> Response:
    """What this is."""
    return reply(
        {
            "name": "OpenStack Doni API",
            "description": "Doni enrols hardware and keeps the times at which it is not lent.",
            "default_version": "1.0",
            "versions": ["1.0"],
        }
    )


@blueprint.get("/openapi.json")
def description() -> Response:
    """The OpenAPI document."""
    found = service.current()
    document = openapi.document(found.kinds, found.conf.api.max_limit)
    return Response(json.dumps(document), mimetype="application/json")


def metrics() -> Response:
    """Metrics for Prometheus."""
    import prometheus_client

    from doni import metrics as collected

    text = prometheus_client.generate_latest(collected.REGISTRY)
    return Response(text, content_type=prometheus_client.CONTENT_TYPE_LATEST)
