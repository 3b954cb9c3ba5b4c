"""The languages in which teams answer: a short closed list of BCP 47 tags (RFC 5646)."""

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

ENGLISH = "en"
RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})

NAMES: Mapping[str, str] = MappingProxyType(
    {
        "ar": "Arabic", "bg": "Bulgarian", "bn": "Bengali", "bs": "Bosnian", "ca": "Catalan",
        "cs": "Czech", "da": "Danish", "de": "German", "el": "Greek", "en": "English",
        "es": "Spanish", "et": "Estonian", "fa": "Persian", "fi": "Finnish", "fr": "French",
        "ga": "Irish", "he": "Hebrew", "hi": "Hindi", "hr": "Croatian", "hu": "Hungarian",
        "id": "Indonesian", "is": "Icelandic", "it": "Italian", "ja": "Japanese", "ka": "Georgian",
        "kk": "Kazakh", "ko": "Korean", "lb": "Luxembourgish", "lt": "Lithuanian", "lv": "Latvian",
        "mk": "Macedonian", "ms": "Malay", "mt": "Maltese", "nb": "Norwegian", "nl": "Dutch",
        "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sk": "Slovak",
        "sl": "Slovenian", "sq": "Albanian", "sr": "Serbian", "sv": "Swedish", "sw": "Swahili",
        "th": "Thai", "tl": "Filipino", "tr": "Turkish", "uk": "Ukrainian", "ur": "Urdu",
        "vi": "Vietnamese", "zh": "Chinese",
    }
)  # fmt: skip
"""English names (the IANA registry of subtags), by tag."""

_ALSO: Mapping[str, str] = MappingProxyType(
    {
        "bokmål": "nb", "castellano": "es", "deutsch": "de", "español": "es", "farsi": "fa",
        "français": "fr", "italiano": "it", "mandarin": "zh", "nederlands": "nl", "no": "nb",
        "norsk": "nb", "polski": "pl", "português": "pt", "suomi": "fi", "svenska": "sv",
        "türkçe": "tr", "русский": "ru", "українська": "uk", "中文": "zh", "日本語": "ja",
        "한국어": "ko",
    }
)  # fmt: skip

_BETWEEN = re.compile(
    r"[,;/|&+\n]|\band\b|\bund\b|(?<=[^\s,;/|&+])\s+et\s+(?=[^\s,;/|&+])", re.IGNORECASE
)
"""The French "et" joins two words; by itself it is the tag of Estonian."""
_SPOKEN = {name.casefold(): tag for tag, name in NAMES.items()} | dict(_ALSO)


def read(text: str) -> tuple[list[str], str]:
    """Read a list of languages as people wrote it: the tags in their order, and what is left.

    Nothing is guessed: one word that is not understood leaves the whole text as a note, since it
    may change what the others mean ("no English").
    """
    tags: list[str] = []
    understood = True
    for word in (part.strip(" .()\t").casefold() for part in _BETWEEN.split(text)):
        if not word:
            continue
        base = word.split("-", 1)[0]
        tag = _SPOKEN.get(word) or (word if word in NAMES else base if base in NAMES else "")
        if not tag:
            understood = False
        elif tag not in tags:
            tags.append(tag)
    return tags, "" if understood else text.strip()


def ordered(tags: Iterable[str], first: str = ENGLISH) -> list[str]:
    """Put tags in order: `first`, then by name; unknown ones are left out."""
    known = {tag for tag in tags if tag in NAMES}
    return sorted(known, key=lambda tag: (tag != first, NAMES[tag]))
