"""Access levels: what only reads is not called a change of permissions."""

from __future__ import annotations

import re

from iamlint.iam import catalog

READING = re.compile(r":(Get|List|Describe|BatchGet|Search|View)[A-Z]")
LOGINS = {"datazone:GetIamPortalLoginUrl", "opensearch:ViewLoginPage"}


def test_what_reads_manages_no_permissions() -> None:
    actions = [catalog.action(name) for name in catalog.expand("*") if READING.search(name)]
    wrong = {each.name for each in actions if each and each.level == "Permissions management"}
    assert wrong == LOGINS
