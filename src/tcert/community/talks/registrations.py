"""What this room puts on pages of lower rooms: a team's page, and my day."""

from tcert.community.directory import team_cards
from tcert.community.talks import team_card, waiting
from tcert.community.talks.models import Refusal, Talk
from tcert.foundation.kernel import records
from tcert.foundation.ui.waiting import register

team_cards.register(team_card.card)
register(waiting.talks)
records.confine("talk", Talk.objects.visible_to)
records.confine("talk-refusal", Refusal.objects.visible_to)
