"""The hub's pages about itself; and no page of any room carries inline style or script."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.apps import apps
from django.template.loader import get_template

from tcert.foundation.kernel.seen import declarations

pytestmark = pytest.mark.django_db

TEMPLATES = sorted(
    path
    for config in apps.get_app_configs()
    if config.name.startswith("tcert.")
    for path in (Path(config.path) / "templates").rglob("*.html")
)


@pytest.fixture
def local(client):
    client.defaults["SERVER_NAME"] = "localhost"
    return client


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: "/".join(p.parts[-3:]))
def test_no_template_carries_inline_style_or_script(path):
    text = path.read_text()
    assert not re.search(r"\sstyle\s*=", text)
    assert "<style" not in text
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text)
    for tag in re.findall(r"<script\b[^>]*>", text):
        assert "src=" in tag or 'type="application/json"' in tag, tag
    assert "|safe" not in text
    assert "{% autoescape off" not in text


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: "/".join(p.parts[-3:]))
def test_every_template_compiles(path):
    parts = path.parts
    name = "/".join(parts[parts.index("templates") + 1 :])
    get_template(name)


class Walker(HTMLParser):
    """Collects heads, ids and labels of a page."""

    def __init__(self):
        super().__init__()
        self.heads, self.ids, self.labels = [], [], []

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if tag in {"h1", "h2", "h3"}:
            self.heads.append(tag)
        if "id" in values:
            self.ids.append(values["id"])
        assert "style" not in values
        assert not [name for name in values if name.startswith("on")]


@pytest.mark.parametrize("path", ["/about/", "/about/what-we-see/", "/about/policies/"])
def test_a_page_has_one_first_head_and_no_id_twice(local, path):
    response = local.get(path)
    assert response.status_code == 200
    walker = Walker()
    walker.feed(response.content.decode())
    assert walker.heads.count("h1") == 1
    assert len(walker.ids) == len(set(walker.ids))


def test_the_policies_say_when_deleted_things_are_gone_from_the_backups(local, settings):
    assert "have not said for how long they keep backups" in text_of(local, "/about/policies/")
    settings.BACKUP_RETENTION_DAYS = 30
    assert "gone from the last of them 30 days later" in text_of(local, "/about/policies/")


def test_the_policies_name_who_answers_for_personal_data_or_say_that_nobody_is_named(
    local, settings
):
    settings.CONTROLLER = settings.JURISDICTION = ""
    silent = text_of(local, "/about/policies/")
    assert "have not said who answers for personal data" in silent
    assert "have not said under whose law it stands" in silent
    settings.CONTROLLER, settings.JURISDICTION = "Foundation <data@example.org>", "Finland"
    said = text_of(local, "/about/policies/")
    assert "Foundation &lt;data@example.org&gt;" in said
    assert "stands under the law of: Finland" in said


def text_of(local, path):
    return local.get(path).content.decode()


def test_what_we_see_prints_every_declared_field(local):
    html = local.get("/about/what-we-see/").content.decode()
    printed = set(re.findall(r'<code class="quiet">([^<]+)</code>', html))
    declared = {
        f"{model._meta.db_table}.{name}"
        for model, seen in declarations()
        if seen is not None
        for name in seen.classes()
    }
    assert printed == declared


def test_the_style_guide_is_not_part_of_a_production_hub(local, settings):
    settings.DEMO = settings.DEBUG = False
    assert local.get("/about/styleguide/").status_code == 404
    settings.DEMO = True
    for path in ("/about/styleguide/", "/about/styleguide/?plain"):
        response = local.get(path)
        assert response.status_code == 200
        Walker().feed(response.content.decode())


def test_a_demonstration_says_so_on_every_page(local, settings):
    settings.DEMO = True
    assert "Demonstration." in local.get("/about/").content.decode()
    settings.DEMO = False
    assert "Demonstration." not in local.get("/about/").content.decode()


def test_an_ordinary_page_stays_under_100_kb(local):
    sheet = b"".join(local.get("/static/ui/hub.css").streaming_content)
    script = b"".join(local.get("/static/ui/hub.js").streaming_content)
    assert len(local.get("/about/").content) + len(sheet) + len(script) < 100_000
