"""The WSGI application: ``gunicorn -c deploy/gunicorn.conf.py wsgi:app``."""

import sys

from app import create_app
from app.core.config import ConfigError

#: gunicorn stops instead of starting the worker again and again when one ends with this status.
BOOT_FAILED = 3

try:
    app = create_app()
except ConfigError as error:
    sys.stderr.write(f"{error}\n")
    sys.stderr.flush()
    sys.exit(BOOT_FAILED)
