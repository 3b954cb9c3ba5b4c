"""The vocabularies are whole, unique and say where they come from."""

from tcert.foundation.language.vocabularies import vocabularies, vocabulary


def test_every_vocabulary_has_terms_a_source_a_date_and_a_licence():
    for item in vocabularies().values():
        assert item.terms, item.slug
        assert all([item.source, item.as_of, item.licence]), item.slug


def test_codes_are_unique_and_parents_known_or_tolerated():
    # MoTIF 1.0 names MOT1477 as a parent and has no row for it.
    tolerated = {"MOT1477"}
    for item in vocabularies().values():
        codes = [t.code for t in item.terms]
        assert len(codes) == len(set(codes)), item.slug
        if item.slug.startswith("3gpp"):
            continue  # the parent there is a group of the network, not a term
        missing = {t.parent for t in item.terms if t.parent} - set(codes) - tolerated
        assert missing == set(), item.slug


def test_a_misspelt_value_is_kept_and_its_label_corrected():
    fraud = vocabulary("gsma-fraud")
    assert fraud.label("technical:data-charing-bypass") == "Data Charging Bypass"


def test_an_unknown_code_is_shown_as_it_is():
    assert vocabulary("3gpp-function").label("XYZ") == "XYZ"
