"""What the web server calls: the WSGI application behind its gate."""

from contextlib import suppress

from tcert.site.gate import Gate, Limits
from tcert.site.wsgi import application as pages

from django.conf import settings  # isort: skip - the line above says which settings
from django.db import Error  # isort: skip
from tcert.foundation.kernel import schema  # isort: skip

with suppress(Error):  # a database that is away is no later one
    schema.refuse_newer()  # also when a process is started again after an upgrade

application = Gate(
    pages,
    limits=Limits(grace=settings.BODY_GRACE_SECONDS, rate=settings.BODY_OCTETS_PER_SECOND),
)
