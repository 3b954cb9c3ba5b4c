import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcert.foundation.kernel.text import render_markdown


def test_markdown_becomes_plain_structure():
    assert render_markdown("# One\n\n*two* [three](https://example.org)") == (
        "<h2>One</h2>\n<p><em>two</em> "
        '<a href="https://example.org" rel="noopener noreferrer nofollow ugc">three</a></p>\n'
    )


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "![x](https://evil.example/pixel.png)",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        '<a href="x" style="position:fixed">x</a>',
        "`</code><script>`",
        '[x](https://a.example "onmouseover=alert(1)")<svg/onload=alert(1)>',
    ],
)
def test_nothing_runs_and_nothing_is_loaded(text):
    html = render_markdown(text)

    for bad in ("<script", "<img", "<svg", '<a href="x', 'href="javascript', 'href="data'):
        assert bad not in html.lower()


@given(st.text(alphabet="<>\"'`[]()!#*_ \nabsrcipthef:/=", max_size=200))
def test_whatever_is_typed_opens_no_foreign_element(text):
    html = render_markdown(text)

    assert "<s" not in html.replace("<s>", "").replace("<strong>", "")
    assert "<i" not in html
