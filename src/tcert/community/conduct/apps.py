from django.apps import AppConfig


class ConductConfig(AppConfig):
    """What happens to an organisation that breaks trust: suspension, exclusion, appeal."""

    name = "tcert.community.conduct"
    label = "conduct"

    def ready(self) -> None:
        """Load rules, jobs and the act of two; put the room into my day and the side list."""
        from django.utils.translation import gettext_lazy as _

        from tcert.community.conduct import acts, jobs, rules, waiting  # noqa: F401
        from tcert.community.conduct.models import Measure
        from tcert.foundation.kernel import records
        from tcert.foundation.kernel.permissions import Permission
        from tcert.foundation.ui import navigation
        from tcert.foundation.ui.waiting import register as register_waiting

        register_waiting(waiting.own_measures)
        register_waiting(waiting.appeals)
        records.confine("measure", Measure.objects.visible_to)
        navigation.register(
            navigation.Section.DESK,
            _("Measures"),
            "conduct:measures",
            Permission.CONDUCT_MEASURES_MANAGE,
            order=50,
        )
