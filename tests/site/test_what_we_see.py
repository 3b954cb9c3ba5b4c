"""The truth about confidentiality: every stored field is declared, and with the right class."""

from tcert.foundation.kernel.seen import declarations


def test_every_field_of_every_table_is_declared():
    missing = {}
    for model, seen in declarations():
        fields = {f.name for f in model._meta.concrete_fields}
        said = set(seen.classes()) if seen else set()
        if fields != said:
            missing[model._meta.label] = sorted(fields ^ said)
    assert missing == {}
