from django.apps import AppConfig


class OpenpgpConfig(AppConfig):
    """Certificates, sealing, signatures: the only place that touches pysequoia."""

    name = "tcert.foundation.openpgp"
    label = "openpgp"
