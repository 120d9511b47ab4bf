"""Make linter/iamlint/data/sdk.json anew: the IAM prefix of each service that an SDK can call.

SDK monitoring names a service by its id (`CloudWatch Logs`).  Its prefix is, of the client's
name, signing name and endpoint in botocore's model, the one whose actions bear most of the names
of its operations; a service without any is left out.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OUTPUT = ROOT / "linter" / "iamlint" / "data" / "sdk.json"
sys.path.insert(0, str(ROOT / "linter"))


def services() -> dict[str, str]:
    """Service id -> IAM prefix, of the installed botocore."""
    import botocore.session

    from iamlint.iam import catalog, events

    renamed = events.event_sources()
    session = botocore.session.get_session()
    found: dict[str, str] = {}
    for client in session.get_available_services():
        model = session.get_service_model(client)
        keys = (client, model.signing_name, model.endpoint_prefix)
        best = (0, "")
        for key in dict.fromkeys(keys):
            prefix = renamed.get(str(key), str(key))
            if catalog.service(prefix) is None:
                continue
            named = sum(
                catalog.action(f"{prefix}:{name}") is not None for name in model.operation_names
            )
            best = max(best, (named + 1, prefix), key=lambda pair: pair[0])
        if best[1]:
            found[str(model.service_id)] = best[1]
    return found


def main() -> None:
    import botocore

    from iamlint.iam import catalog

    content = {
        "source": f"botocore {botocore.__version__}, with the catalogue's prefixes",
        "licence": "Apache-2.0",
        "date": catalog.data_date(),
        "generator": "tools/make_sdk.py",
        "services": dict(sorted(services().items())),
    }
    OUTPUT.write_text(json.dumps(content, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
