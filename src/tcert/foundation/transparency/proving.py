"""What files that were kept elsewhere prove: a head about the tree of today, a record's proof."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum

from tcert.foundation.kernel.canonical import NotCanonical
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.transparency import headtext, leaves, merkle, queries
from tcert.foundation.transparency.enums import Signed
from tcert.foundation.transparency.headtext import HeadText
from tcert.foundation.transparency.models import Head, Leaf
from tcert.foundation.transparency.signing import Keys


class Answer(StrEnum):
    """How the tree of today relates to a kept head."""

    EXTENDS = "extends"
    OTHER_HUB = "other-hub"
    SHRUNK = "shrunk"
    REWRITTEN = "rewritten"


@dataclass(frozen=True, slots=True)
class Comparison:
    """A kept head, whose signature it carries, and how today's tree relates to it."""

    kept: HeadText
    signed: Signed
    newest: Head | None
    answer: Answer


def compare(text: str) -> Comparison:
    """Hold today's tree against a head from a file; raises `headtext.NoHead`.

    Nothing of the kept head is looked up in the database, whose heads may all be forged: the
    leaves of today must lead to the root in the file and, by a consistency proof, to today's.
    """
    kept, signature = headtext.read(text)
    newest = Head.objects.order_by("number").last()
    return Comparison(kept, Keys().judge(kept, signature), newest, _answer(kept, newest))


@dataclass(frozen=True, slots=True)
class Proven:
    """A record that stood below a head, whose signature that head carries, and what it said."""

    head: HeadText
    signed: Signed
    position: int
    committed: str
    holds: bool


def write_proof(record: AuditRecord) -> str | None:
    """Return a record as its leaf commits to it, and the path from there to the newest head.

    None while it is not sealed, or when somebody was at the rows: `tcert check records` tells more.
    """
    leaf = Leaf.objects.filter(record_id=record.id).first()
    head = Head.objects.order_by("-number").first()
    if leaf is None or head is None:
        return None
    try:
        committed = leaves.committed(record).decode()
        path = merkle.inclusion_proof(leaf.position, queries.sealed_leaves(head.size))
    except (NotCanonical, IndexError):
        return None
    proof = {
        "committed": committed,
        "position": leaf.position,
        "path": [node.hex() for node in path],
        "head": head.exported,
    }
    return json.dumps(proof, indent=1)


def check_proof(text: str, keys: Keys | None = None) -> Proven:
    """Check the proof of one record, as its page gives it; the database is not asked.

    Args:
        text: The file.
        keys: Whose signature the head must carry; None for the keys of this hub.

    Raises:
        headtext.NoHead: the text is no proof.

    """
    try:
        proof = json.loads(text)
        committed, position = str(proof["committed"]), int(proof["position"])
        leaf = merkle.leaf_hash(committed.encode())
        path = [bytes.fromhex(node) for node in proof["path"]]
        head, signature = headtext.read(str(proof["head"]))
    except (KeyError, TypeError, ValueError, OverflowError, RecursionError) as error:
        raise headtext.NoHead("this is no proof of a record") from error
    holds = merkle.verify_inclusion(leaf, position, head.size, path, head.root)
    return Proven(head, (keys or Keys()).judge(head, signature), position, committed, holds)


def _answer(kept: HeadText, newest: Head | None) -> Answer:
    if newest is None or newest.size < kept.size:
        return Answer.SHRUNK
    if newest.origin != kept.origin:
        return Answer.OTHER_HUB
    leaves = queries.sealed_leaves(newest.size)
    if len(leaves) < newest.size:
        return Answer.SHRUNK
    # The proof may lean on the kept root, so today's is computed from all the leaves.
    root = merkle.tree_head(leaves)
    path = merkle.consistency_proof(kept.size, leaves)
    extends = merkle.verify_consistency(kept.size, newest.size, kept.root, root, path)
    return Answer.EXTENDS if extends and root == bytes(newest.root) else Answer.REWRITTEN
