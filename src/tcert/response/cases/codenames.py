"""Neutral code names: two or three plain words drawn at random, telling nothing about the case."""

import secrets

FIRST = tuple(
    """
    Amber Ample Autumn Bright Broad Calm Cedar Clear Clever Cobalt Copper Coral Crisp Deep
    Distant Early Eastern Even Fair Far Fern Fine First Gentle Glass Golden Grand Green Hazel
    High Hollow Honest Indigo Inner Iron Ivory Kind Lasting Late Level Linden Little Long Low
    Lunar Marble Maple Mellow Mild Misty Narrow New Noble Northern Olive Open Outer Pale
    Patient Pearl Plain Polar Prime Quick Quiet Rapid Round Russet Sandy Scarlet Silent Silver
    Slate Slow Small Smooth Solar Southern Spring Steady Still Stone Summer Swift Tall Tender
    Thin Tidal Velvet Violet Warm Western White Wide Willow Winter Wooden
    """.split()  # noqa: SIM905 - a word list reads better as words
)
SECOND = tuple(
    """
    Acorn Anchor Arch Atlas Avenue Basin Bay Beach Beacon Bell Birch Bluff Bridge Brook Canal
    Canyon Cape Cliff Cloud Coast Cove Creek Crossing Current Delta Dune Echo Elm Estuary
    Falcon Farm Feather Ferry Field Fjord Ford Forest Fountain Garden Gate Glade Glen Grove
    Gull Harbour Haven Heath Heron Hill Horizon Inlet Island Jetty Kestrel Key Lagoon Lake
    Lantern Lark Ledge Lighthouse Meadow Mesa Mill Moor Mountain Oak Oasis Orchard Otter Pass
    Path Peak Pier Pine Plateau Pond Prairie Quay Rapids Reef Ridge River Road Sail Shore
    Sound Spire Station Stream Summit Terrace Thicket Tower Trail Valley Vista Walk Wharf Wood
    """.split()  # noqa: SIM905 - a word list reads better as words
)
TWO_WORDS_TRIES = 8


def draw(words: int = 2) -> str:
    """Draw a code name of two words, or three when two no longer give a new one."""
    first = [secrets.choice(FIRST) for _ in range(words - 1)]
    return " ".join([*dict.fromkeys(first), secrets.choice(SECOND)])
