from django.apps import AppConfig


class DirectoryConfig(AppConfig):
    """Organisations, teams, people in teams, channels and team keys."""

    name = "tcert.community.directory"
    label = "directory"

    def ready(self) -> None:
        """Load the rules, and tell lower rooms what only the directory knows."""
        from django.utils.translation import gettext_lazy as _

        from tcert.community.accounts import joining, vaults
        from tcert.community.directory import (  # noqa: F401
            contributions,
            establishing,
            path_steps,
            queries,
            rules,
            waiting,
        )
        from tcert.community.directory.domain import people
        from tcert.foundation.kernel.permissions import Permission
        from tcert.foundation.openpgp import standing
        from tcert.foundation.ui import navigation
        from tcert.foundation.ui.waiting import register as register_waiting

        vaults.provide_team_keys(queries.vault_team_keys)
        vaults.provide_ways_back(queries.ways_back)
        standing.provide(queries.revoked)
        joining.register(people.take_places)
        path_steps.register(*establishing.STEPS)
        contributions.register(
            "directory:confirmed",
            kind="directory-confirmed",
            label=_("Confirmed what the directory says of a team"),
            how=_("Confirm every 90 days what the directory says of your team"),
            url="directory:list",
            credits=contributions.OBJECT,
            needs=2,
            most=1,
            daily=True,
        )
        register_waiting(waiting.keys)
        register_waiting(waiting.confirmations)
        section = navigation.Section
        navigation.register(
            section.COMMUNITY,
            _("Directory"),
            "directory:list",
            Permission.DIRECTORY_READ,
            order=10,
            key="t",
        )
        navigation.register(
            section.PUBLIC, _("Directory"), "directory:list", Permission.DIRECTORY_READ, order=30
        )
        navigation.register(
            section.DESK,
            _("Keys to confirm"),
            "directory:waiting_keys",
            Permission.DIRECTORY_MANAGE,
            order=40,
            count=queries.count_waiting,
        )
        navigation.register(
            section.ACCOUNT, _("Your vault"), "vault:state", Permission.ACCOUNTS_VAULT_MANAGE, 20
        )
