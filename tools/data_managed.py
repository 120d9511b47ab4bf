"""The managed policies' two files: one line per policy, and blocks of packed documents.

Pure: values in, bytes out.  `iamlint.iam.managed` is the reader and describes the format.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from typing import Any

BLOCK = 64 * 1024
"""Raw bytes per packed block: larger packs better, smaller opens faster (64 KiB: about 0.3 ms)."""


def encode(
    policies: Mapping[str, Mapping[str, Any]],
    successors: Mapping[str, str],
    retired: Mapping[str, str],
    sources: str,
) -> tuple[bytes, bytes, str]:
    """The index (`managed.txt`), the documents (`managed.bin`) and the newest policy's day.

    `policies` are moto's; `successors` name what AWS says to use instead of a deprecated or
    retired policy; `retired` maps names that AWS has withdrawn to their last known path.
    """
    blob = bytearray()
    block = bytearray()
    waiting: list[tuple[str, ...]] = []
    lines: list[str] = []

    def close() -> None:
        packed = zlib.compress(bytes(block), 9)
        for head in waiting:
            lines.append("\t".join((*head[:6], f"{len(blob)}", f"{len(packed)}", *head[6:])))
        blob.extend(packed)
        block.clear()
        waiting.clear()

    for name in sorted(policies):
        entry = policies[name]
        raw = json.dumps(entry["Document"], separators=(",", ":"), ensure_ascii=False).encode()
        waiting.append(
            (
                name,
                entry["Path"],
                entry["DefaultVersionId"],
                entry["CreateDate"][:10],
                entry["UpdateDate"][:10],
                successors.get(name, ""),
                f"{len(block)}",
                f"{len(raw)}",
            )
        )
        block += raw
        if len(block) >= BLOCK:
            close()
    close()
    for name in sorted(set(retired) - set(policies)):
        lines.append(
            "\t".join((name, retired[name], "", "", "", successors.get(name, ""), "", "", "", ""))
        )
    date = max(entry["UpdateDate"] for entry in policies.values())[:10]
    header = f"# iamlint managed policies\t{date}\t{sources}\ttools/make_data.py"
    return ("\n".join([header, *lines]) + "\n").encode(), bytes(blob), date
