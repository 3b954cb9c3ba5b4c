"""Ask axe-core, run inside the page, for every breach of WCAG 2.2 A and AA."""

import json
from pathlib import Path

from playwright.sync_api import Page

_SOURCE = (
    Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
).read_text()
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

# A colour on its way from one state to the next is nobody's contrast.
_SETTLED = """() => Promise.all(document.getAnimations()
  .filter((one) => one.effect.getComputedTiming().iterations !== Infinity)
  .map((one) => one.finished.catch(() => null)))"""


def violations(page: Page) -> list[str]:
    """Return one line per breach: rule, impact, and the elements that it concerns.

    The library is evaluated in the page through the debugger, which a content security policy
    does not bind; nothing is added to the document.
    """
    page.wait_for_load_state()  # a click returns when the next page begins, not when it stands
    page.evaluate(_SETTLED)
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(f"() => {{ {_SOURCE}\n }}")
    found = page.evaluate(
        "options => window.axe.run(document, options)",
        {"runOnly": {"type": "tag", "values": _TAGS}, "resultTypes": ["violations"]},
    )
    return [
        f"{page.url}: {breach['id']} ({breach['impact']}): {breach['help']}: "
        + "; ".join(json.dumps(node["target"]) for node in breach["nodes"][:5])
        for breach in found["violations"]
    ]


def assert_accessible(page: Page) -> None:
    """Fail with every breach that axe finds on the page as it stands."""
    found = violations(page)
    if found:
        raise AssertionError("\n".join(found))
