"""`tcert explain` as a person runs it, and what becomes of a decoder that turns hostile."""

import json
from io import BytesIO, TextIOWrapper

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.response.captures import building as b
from tests.response.captures.cases import CREATE, IMSI, REQUEST

from tcert.cli import build_parser
from tcert.response.explain import confining
from tcert.response.explain.confining import NotInstalled, Unexplained, explain
from tcert.response.explain.enums import Protocol

pytestmark = [pytest.mark.once, pytest.mark.slow]

HOSTILE = """
import os, socket, sys
from tcert.response.explain import child
class Hostile:
    def __init__(self, whole): self.problems = []
    def message(self, protocol, octets):
        {does}
child.Explainer = Hostile
child.load = lambda protocols: None
sys.exit(child.main())
"""
TELLS = "from tcert.response.explain.tree import Element; return Element(said)"


def does(monkeypatch, code):
    """Let the decoder of the limited process do something."""
    monkeypatch.setattr(confining, "_PROCESS", ("-c", HOSTILE.format(does=code)))


def command(*words):
    options = build_parser().parse_args(["explain", *map(str, words)])
    return options.run(options)


@pytest.fixture
def capture(tmp_path):
    path = tmp_path / "night.pcap"
    path.write_bytes(
        b.pcap(b.over_udp(CREATE, 2123), b.over_udp(b.sip("<sip:a@b.example>", "x"), 5060))
    )
    return path


def test_a_packet_and_octets_are_explained(capture, capsys):
    assert command(capture, "--packet", 1) == 0
    shown = capsys.readouterr().out
    assert "    UDP: port 2123 to 2123" in shown
    assert "31041xxxxxxxxxx" in shown
    assert IMSI not in shown
    assert command(REQUEST.hex(" "), "--as", "diameter", "--json", "--whole") == 0
    said = capsys.readouterr()
    assert IMSI in json.dumps(json.loads(said.out))
    assert "do not pass this on" in said.err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["{}"], 2, "say --packet with a capture"),
        (["{}", "--packet", "1", "--as", "gtp"], 2, "say --packet with a capture"),
        (["{}", "--packet", "3"], 2, "the capture has 2 packets: there is no packet 3"),
        (["{}.no", "--packet", "1"], 2, "it is no file"),
        (["/dev/zero", "--packet", "1"], 2, "it is no file"),
        (["pyproject.toml", "--packet", "1"], 2, "pcap or pcapng"),
        (["xyz", "--as", "sip"], 2, "hexadecimal digits"),
        (["٠١", "--as", "sip"], 2, "hexadecimal digits"),
        (["00", "--as", "sip"], 1, "1 octets are no SIP"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(words, code, said, capture, capsys):
    assert command(*[word.format(capture) for word in words]) == code
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("while True: pass", "was stopped after"),
        ("bytearray(1 << 40)", "more memory than a message is given"),
        ("self.message(protocol, octets)", "more memory than a message is given"),
        ("os.kill(os.getpid(), 11)", "ended without an answer"),
        ("os.write(3, b'x' * (1 << 23)); os._exit(0)", "ended without an answer"),
        ("os.write(3, b'[[[[[[[[]'); os._exit(0)", "ended without an answer"),
        ("raise ValueError(octets)", "ended without an answer"),
    ],
)
def test_a_decoder_that_turns_hostile_is_a_sentence(code, said, monkeypatch):
    does(monkeypatch, code)
    with pytest.raises(Unexplained, match=said):
        explain(b"secret", protocol=Protocol.SIP, seconds=2 if "while" in code else 60)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("open('/etc/passwd')", "Too many open files"),
        ("socket.socket()", "Too many open files"),
        ("os.open('/tmp', os.O_TMPFILE | os.O_RDWR)", "Too many open files"),
    ],
)
def test_nothing_can_be_opened_behind_the_limits(code, said, monkeypatch):
    attempt = f"""
        said = 'done'
        try: {code}
        except OSError as error: said = error.strerror
        {TELLS}"""
    does(monkeypatch, attempt)
    assert explain(b"x", protocol=Protocol.SIP).element.name == said


def test_the_surroundings_do_not_reach_it(monkeypatch):
    monkeypatch.setenv("TCERT_SECRET_KEY", "keep me")
    does(monkeypatch, f"said = ' '.join(sorted(os.environ)); {TELLS}")
    assert "TCERT" not in explain(b"x", protocol=Protocol.SIP).element.name


def test_without_the_library_it_is_said_how_to_install_it(monkeypatch, capsys):
    without = """
import sys
for name in ("pycrate_mobile", "pycrate_asn1dir", "pycrate_diameter"):
    sys.modules[name] = None
from tcert.response.explain import child
sys.exit(child.main())
"""
    monkeypatch.setattr(confining, "_PROCESS", ("-c", without))
    with pytest.raises(NotInstalled, match="make extras"):
        explain(CREATE, protocol=Protocol.GTP)
    assert command(CREATE.hex(), "--as", "gtp") == 2
    assert "pip install 'tcert-hub[explain]'" in capsys.readouterr().err


@given(st.binary(min_size=1, max_size=100))
@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_octets_are_fatal_through_the_process(octets):
    assert explain(octets, protocol=Protocol.DIAMETER).element.name == "message"


def test_octets_that_are_no_text_and_names_that_command_a_terminal_are_a_sentence(
    monkeypatch, capsys
):
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(b"\x91\xff\x80"), encoding="utf-8"))
    assert command("-", "--as", "map") == 2
    assert "octets are hexadecimal digits" in capsys.readouterr().err
    assert command("\x1b[2J" + "6" * 300, "--packet", 1) == 2
    assert "\x1b" not in capsys.readouterr().err
