"""What this room puts into my day, and who reads the records of its things."""

from tcert.community.market import waiting
from tcert.community.market.models import Contact, Entry, Report
from tcert.foundation.kernel import records
from tcert.foundation.ui.waiting import register

register(waiting.entries)
register(waiting.reports)
# A record names who acted: of an entry its own team alone reads it, coordinators do not.
records.confine("market-entry", Entry.objects.own)
# What who asked did. What became of it stands with the entry: a no must not be read from it.
records.confine("market-contact", Contact.objects.asked_by)
records.confine("market-report", Report.objects.visible_to)
