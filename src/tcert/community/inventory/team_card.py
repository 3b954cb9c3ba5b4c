"""What a team's page says of its organisation's products, where the team shows them."""

from tcert.community.directory.models import Team
from tcert.community.directory.publicity import PRODUCTS
from tcert.community.directory.team_cards import Card
from tcert.community.inventory.models import Product
from tcert.foundation.kernel.principal import Principal

MOST = 100


def card(_principal: Principal, team: Team) -> Card | None:
    """Return the names of the current products, to everybody; None where they are not shown."""
    if PRODUCTS not in team.open_fields:
        return None
    products = Product.objects.current().filter(vendor=team.organisation_id)
    names = list(products.order_by("name").values_list("name", flat=True)[: MOST + 1])
    if not names:
        return None
    return Card("inventory/team_card.html", {"names": names[:MOST], "more": len(names) > MOST})
