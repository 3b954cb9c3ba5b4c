"""What a message can be given as, and what goes wrong with it."""

from enum import StrEnum


class Protocol(StrEnum):
    """The protocols that are explained; the words of ``--as``."""

    M3UA = "m3ua"
    SCCP = "sccp"
    TCAP = "tcap"
    MAP = "map"
    DIAMETER = "diameter"
    GTP = "gtp"
    PFCP = "pfcp"
    SIP = "sip"
