"""Protocols that are scanned, and why something in a capture gave nothing."""

from enum import StrEnum


class Protocol(StrEnum):
    """Where a sighting was made; the names are those of the record field ``protocol``."""

    SS7 = "ss7"
    DIAMETER = "diameter"
    GTPV1 = "gtpv1"
    GTPV2 = "gtpv2"
    PFCP = "pfcp"
    SIP = "sip"


class Skipped(StrEnum):
    """Well-formed, and not read: it is of another kind, or holds nothing to find."""

    LINK = "link type not read"
    NOT_IP = "no IP packet"
    TRANSPORT = "other transport"
    PORT = "other port"
    USER_PLANE = "user plane"
    EMPTY = "no payload"
    FRAGMENT = "later fragment"
    CONTINUATION = "later part of a message"
    CUT = "cut short in the capture"
    CONTROL = "management of the link"
    PAYLOAD = "other payload"
    CONNECTION = "connection-oriented SCCP"


class Malformed(StrEnum):
    """Breaks the rules of the layer that is named."""

    FILE = "capture file"
    LINK = "link layer"
    IP = "IP"
    UDP = "UDP"
    TCP = "TCP"
    SCTP = "SCTP"
    MTP3 = "MTP3"
    SIGTRAN = "SIGTRAN"
    SCCP = "SCCP"
    DIAMETER = "Diameter"
    GTP = "GTP"
    PFCP = "PFCP"
    SIP = "SIP"
    IDENTIFIER = "identifier"
