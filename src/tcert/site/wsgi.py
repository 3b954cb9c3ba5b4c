"""The WSGI entry point."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tcert.site.settings")
application = get_wsgi_application()

from tcert.foundation.openpgp import hubkey  # noqa: E402 - only once Django is set up

hubkey.close_here()
