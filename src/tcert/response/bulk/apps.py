from django.apps import AppConfig


class BulkConfig(AppConfig):
    """Files of any size routed where they lie: `tcert route`."""

    name = "tcert.response.bulk"
    label = "bulk"
