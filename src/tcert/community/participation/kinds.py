"""Contributions of rooms that stand below and do not say so themselves.

A room says it of its own acts in its `apps.py` (`directory/contributions.py`); what stands here
moves there with one line.
"""

from django.utils.translation import gettext_lazy as _

from tcert.community.directory import contributions

contributions.register(
    "keyring:attested",
    kind="key-attested",
    label=_("Attested the key of another team"),
    how=_("Compare keys with a team that you meet, and attest its key"),
    url="directory:list",
    credits="by",
    most=1,
    daily=True,
)
contributions.register(
    "maturity:mentored",
    kind="mentored",
    label=_("Mentored a young team"),
    how=_("Offer to be a mentor to a young team"),
    url="directory:list",
)
contributions.register(
    "responsibility:confirmed",
    kind="responsibility-confirmed",
    label=_("Confirmed who owns what in the network"),
    how=_("Confirm every 90 days who owns what in your network"),
    url="directory:list",
    credits="organisation",
    needs=2,
    most=1,
    daily=True,
)
contributions.register(
    "reachability:drill_answered",
    kind="drill-answered",
    label=_("Answered a reachability drill in time"),
    how=_("Answer drills of your round-the-clock contact within the half hour"),
    url="directory:list",
    most=1,
    only="in_time",
)
