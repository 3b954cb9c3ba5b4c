"""The WSGI entry point."""

import os

from django.core.wsgi import get_wsgi_application

from tcert.site.utf8 import look_for_known_codecs_only, read_as_utf8

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tcert.site.settings")
look_for_known_codecs_only()
application = read_as_utf8(get_wsgi_application())

from tcert.foundation.openpgp import hubkey  # noqa: E402 - only once Django is set up

hubkey.close_here()
