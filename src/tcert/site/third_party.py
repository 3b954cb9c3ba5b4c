"""What the tables of libraries hold, in plain words, for the page on what the hub sees."""

from tcert.foundation.kernel.seen import Seen, declare

declare(
    "account.EmailAddress",
    Seen(
        "An address for signing in",
        readable={
            "id": "a running number",
            "user": "whose it is",
            "email": "the address",
            "verified": "whether a link sent to it was opened",
            "primary": "whether it is the main one",
        },
    ),
)
declare(
    "account.EmailConfirmation",
    Seen(
        "A pending confirmation of an address (unused)",
        readable={
            "id": "a running number",
            "email_address": "which address",
            "created": "when it was asked for",
            "sent": "when the link was sent",
            "key": "the link's secret",
        },
    ),
)
declare(
    "mfa.Authenticator",
    Seen(
        "A second factor",
        readable={
            "id": "a running number",
            "user": "whose it is",
            "type": "authenticator app, passkey or recovery codes",
            "created_at": "when it was set up",
            "last_used_at": "when it was last used",
        },
        guarded={"data": "its secrets, encrypted under a key that is not in the database"},
    ),
)
declare(
    "contenttypes.ContentType",
    Seen(
        "The list of the hub's own tables",
        readable={"id": "a running number", "app_label": "the room", "model": "the table"},
    ),
)
declare(
    "auth.Permission",
    Seen(
        "A list that the framework keeps (unused: rights follow from teams)",
        readable={
            "id": "a running number",
            "name": "a name",
            "content_type": "a table",
            "codename": "a code",
        },
    ),
)
declare(
    "auth.Group",
    Seen(
        "A list that the framework keeps (unused: rights follow from teams)",
        readable={"id": "a running number", "name": "a name"},
    ),
)
declare(
    "auth.Group_permissions",
    Seen(
        "A list that the framework keeps (unused: rights follow from teams)",
        readable={"id": "a running number", "group": "a group", "permission": "a permission"},
    ),
)
