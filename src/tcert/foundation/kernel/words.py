"""Names as they are searched: by whole words and by how words begin, never by letters inside one.

A search for one company must not return another, so “orange” finds “Orange Polska” and
“Orangefield”, and never “Borange”. Accents, case and punctuation do not count. The form that is
searched stands in a column of its own (`WordsField`), since no database folds all scripts alike.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import Q

LONGEST_QUESTION = 200
MOST_WORDS = 8
SHORTEST_BEGINNING = 3
"""A shorter word is looked for as a whole: “t” is a word of “T-Mobile” and begins half of all."""
_APOSTROPHES = re.compile("['`\u2019\u02bc]")
_ACCENTED = ("COMBINING ", "HEBREW ", "ARABIC ")
"""So begin the names of marks that are left out. In other scripts one makes another letter."""
_VOICED = "\u3099\u309a"
_SPACE_OF_NO_WIDTH = "\u200b"


def fold(text: str) -> str:
    """Return text in lower case, without accents and punctuation, words apart by one space.

    What joins or steers letters and is not seen does not part words, and a sign such as that of a
    trade mark does not become letters of one.
    """
    seen = "".join(map(_seen, _APOSTROPHES.sub("", text)))
    plain = unicodedata.normalize("NFKD", seen.casefold())
    plain = unicodedata.normalize("NFKD", plain.casefold())
    letters = "".join(c for c in plain if not _is_accent(c))
    words = "".join(c if _is_letter(c) else " " for c in letters).split()
    return unicodedata.normalize("NFC", " ".join(words))


def _seen(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cf":
        return " " if character == _SPACE_OF_NO_WIDTH else ""
    return " " if category == "So" else character


def _is_accent(character: str) -> bool:
    """A mark without which it is the same word: not the voicing of kana, no vowel, no tone."""
    if not unicodedata.combining(character) or character in _VOICED:
        return False
    return unicodedata.name(character, "").startswith(_ACCENTED)


def _is_letter(character: str) -> bool:
    """Letters and digits, and the vowel signs without which some scripts cannot be written."""
    return character.isalnum() or unicodedata.category(character)[0] == "M"


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a question, each once; no more than anybody types."""
    return tuple(dict.fromkeys(fold(text[:LONGEST_QUESTION]).split()))[:MOST_WORDS]


def searched_form(names: Iterable[str]) -> str:
    """Return names as they are stored to be searched: every word between two spaces."""
    return " ".join(["", *filter(None, map(fold, names)), ""])


def has_word(column: str, word: str) -> Q:
    """Ask for rows in whose searched form a word stands, or begins one if it is long enough."""
    # A syllable of Hangul is up to three letters.
    letters = len(unicodedata.normalize("NFKD", word))
    end = "" if letters >= SHORTEST_BEGINNING else " "
    return Q(**{f"{column}__contains": f" {word}{end}"})


def is_whole(names: Iterable[str], words: Iterable[str]) -> bool:
    """Tell whether every word of a question stands whole in the names, and not only begins one."""
    there = set(searched_form(names).split())
    return all(word in there for word in words)


class WordsField(models.TextField):
    """The searched form of other fields of the row, written with them (`Worded`)."""

    def __init__(self, *args: Any, of: Iterable[str] = (), **options: Any) -> None:
        self.of = tuple(of)
        super().__init__(*args, **{"default": "", "db_default": "", "editable": False, **options})

    def deconstruct(self) -> Any:
        """Keep the names of the fields in migrations."""
        name, path, args, options = super().deconstruct()
        return name, path, args, {**options, "of": list(self.of)}

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:  # noqa: ARG002
        """Read the other fields as they are about to be written."""
        names: list[str] = []
        for name in self.of:
            value = getattr(model_instance, name)
            names += value if isinstance(value, list) else [value]
        found = searched_form(map(str, names))
        setattr(model_instance, self.attname, found)
        return found


class Worded(models.Model):
    """A row with a `WordsField` named `words`: whoever writes a name writes the words with it."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **options: Any) -> None:
        """Write the searched form along with the names."""
        fields = options.get("update_fields")
        of = self._meta.get_field("words").of  # type: ignore[union-attr]
        if fields is not None and set(of).intersection(fields):
            options["update_fields"] = [*fields, "words"]
        super().save(*args, **options)
