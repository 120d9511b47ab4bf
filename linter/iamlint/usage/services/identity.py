"""IAM, STS, KMS and Secrets Manager: who may, and with which key."""

from __future__ import annotations

import re

from iamlint.iam.catalog import Action
from iamlint.usage.resource import Call, is_arn
from iamlint.usage.services.answer import Answer, each, recorded, types_of

_KEY_ID = re.compile(r"(?:mrk-)?[0-9a-f-]{32,36}\Z")


def kms(action: Action, call: Call) -> Answer:
    if call.service != "kms":
        return None
    found = recorded(call, "kms", "key/")
    types = types_of(action)
    if "key" in types and not found:
        key = call.text("targetKeyId", "keyId", "destinationKeyId", "sourceKeyId")
        if key is None:
            return None
        if is_arn(key) and ":key/" in key:
            found = [key]
        elif _KEY_ID.match(key):
            found = [call.arn("kms", f"key/{key}")]
        else:
            return None
    if action.name in ("kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"):
        alias = call.text("aliasName")
        return [*found, call.arn("kms", alias)] if alias and alias.startswith("alias/") else None
    return found


def secretsmanager(action: Action, call: Call) -> Answer:
    names = call.texts(
        "secretId",
        "secretIdList",
        *(("name",) if action.name == "secretsmanager:CreateSecret" else ()),
    )
    if not names:
        return None if names is None else ()

    def secret(name: str) -> str | None:
        arn = name if name.startswith("arn:") else call.arn("secretsmanager", f"secret:{name}")
        if not is_arn(arn):
            return None
        # secretsmanager/latest/userguide/auth-and-access_examples: ARNs end in six random
        # characters, and a name is granted as `name-??????`.
        whole = name.startswith("arn:") and re.search(r"-[A-Za-z0-9]{6}\Z", arn)
        return arn if whole else arn + "-??????"

    return each(names, secret)


_IAM_NAMES = (
    ("role", "roleName"),
    ("user", "userName"),
    ("group", "groupName"),
    ("instance-profile", "instanceProfileName"),
    ("server-certificate", "serverCertificateName"),
)


def iam(action: Action, call: Call) -> Answer:
    if action.name == "iam:PassRole":
        return None
    if call.service != "iam":
        return None
    found: list[str] = []
    for kind in action.resource_types:
        if kind.name == "policy":
            arn = call.text("policyArn")
            name = call.text("policyName")
            if arn:
                found.append(arn)
            elif name and action.name == "iam:CreatePolicy":
                whole = (call.text("path") or "/") + name
                found.append(call.arn("iam", f"policy{whole}", region=False))
            elif kind.required:
                return None
            continue
        parameter = dict(_IAM_NAMES).get(kind.name)
        owner = call.text(parameter) if parameter else None
        if owner is None:
            if kind.required:
                return ()
            continue
        path = call.text("path")
        if path or action.name in (
            "iam:CreateRole",
            "iam:CreateUser",
            "iam:CreateGroup",
            "iam:CreateInstanceProfile",
        ):
            found.append(call.arn("iam", f"{kind.name}{path or '/'}{owner}", region=False))
        else:
            # Names are unique whatever the path, and these calls do not tell the path.
            found.append(call.arn("iam", f"{kind.name}/{owner}", region=False))
            found.append(call.arn("iam", f"{kind.name}/*/{owner}", region=False))
    return found


def sts(action: Action, call: Call) -> Answer:
    role = call.text("roleArn")
    if role is not None and action.name in (
        "sts:AssumeRole",
        "sts:TagSession",
        "sts:SetSourceIdentity",
    ):
        return (role,) if is_arn(role) else None
    return ()
