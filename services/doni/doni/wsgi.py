"""The API for WSGI servers: ``doni.wsgi:application``.

Options are read from /etc/doni/doni.conf, or from the files that OS_DONI_CONFIG_FILES names,
separated by semicolons.
"""

from __future__ import annotations

import os

from flask import Flask

from doni import conf
from doni.api import app
from doni.db import session

VARIABLE = "OS_DONI_CONFIG_FILES"


def make() -> Flask:
    """The API with the options of this process."""
    named = [name for name in os.environ.get(VARIABLE, "").split(";") if name]
    found = conf.prepare(files=named or None)
    session.configure(found)
    return app.create_app(found)


application = make()
