"""A stub of the AWS provider that a real `terraform plan` talks to: python stub_provider.py FOLDER

Serves the plugin protocol, version 6, on two sockets in FOLDER until its standard input ends, and
prints a JSON object with the value of TF_REATTACH_PROVIDERS for each: `plan`, where computed
attributes are unknown as in the first plan of a deployment, and `known`, where each of them
already has the value that the deployment would give it.  Nothing is ever created.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from concurrent import futures
from typing import Any

import grpc
import msgpack
from stub_policy_document import Refused, render
from stub_schemas import ARNS, DATA, NAMES, PROVIDER, RESOURCES, Block
from tf.gen import grpc_controller_pb2 as controller
from tf.gen import grpc_controller_pb2_grpc as controller_grpc
from tf.gen import grpc_stdio_pb2_grpc as stdio_grpc
from tf.gen import tfplugin_pb2 as plugin
from tf.gen import tfplugin_pb2_grpc as plugin_grpc

ADDRESS = "registry.terraform.io/hashicorp/aws"
ACCOUNT = "123456789012"
UNKNOWN = msgpack.ExtType(0, b"\0")


def _decoded(value: Any) -> Any:
    if value.msgpack:
        return msgpack.unpackb(
            value.msgpack, raw=False, strict_map_key=False, ext_hook=msgpack.ExtType
        )
    return json.loads(value.json or b"null")


def _encoded(value: Any) -> Any:
    return plugin.DynamicValue(msgpack=msgpack.packb(value, use_bin_type=True))


def _block(described: Block) -> Any:
    nesting = plugin.Schema.NestedBlock.NestingMode
    return plugin.Schema.Block(
        attributes=[
            plugin.Schema.Attribute(
                name=item.name,
                type=json.dumps(item.type).encode(),
                required=item.required,
                optional=item.optional,
                computed=item.computed,
            )
            for item in described.attributes
        ],
        block_types=[
            plugin.Schema.NestedBlock(
                type_name=name, nesting=nesting.Value(kind), block=_block(inner)
            )
            for name, (kind, inner) in described.blocks.items()
        ],
    )


def _schema(described: Block) -> Any:
    return plugin.Schema(version=0, block=_block(described))


def _digest(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, default=repr)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


class Provider(plugin_grpc.ProviderServicer):  # type: ignore[misc]
    """The provider; `known` tells whether computed attributes have values at once."""

    def __init__(self, *, known: bool) -> None:
        self.known = known

    def GetMetadata(self, request: Any, context: Any) -> Any:
        made = plugin.GetMetadata
        return made.Response(
            resources=[made.ResourceMetadata(type_name=name) for name in RESOURCES],
            data_sources=[made.DataSourceMetadata(type_name=name) for name in DATA],
        )

    def GetProviderSchema(self, request: Any, context: Any) -> Any:
        return plugin.GetProviderSchema.Response(
            provider=_schema(PROVIDER),
            resource_schemas={name: _schema(item) for name, item in RESOURCES.items()},
            data_source_schemas={name: _schema(item) for name, item in DATA.items()},
        )

    def ValidateProviderConfig(self, request: Any, context: Any) -> Any:
        return plugin.ValidateProviderConfig.Response()

    def ConfigureProvider(self, request: Any, context: Any) -> Any:
        return plugin.ConfigureProvider.Response()

    def ValidateResourceConfig(self, request: Any, context: Any) -> Any:
        return plugin.ValidateResourceConfig.Response()

    def ValidateDataResourceConfig(self, request: Any, context: Any) -> Any:
        return plugin.ValidateDataResourceConfig.Response()

    def UpgradeResourceState(self, request: Any, context: Any) -> Any:
        state = plugin.DynamicValue(json=request.raw_state.json)
        return plugin.UpgradeResourceState.Response(upgraded_state=state)

    def ReadResource(self, request: Any, context: Any) -> Any:
        return plugin.ReadResource.Response(new_state=request.current_state)

    def PlanResourceChange(self, request: Any, context: Any) -> Any:
        value = _decoded(request.proposed_new_state)
        if value is not None and _decoded(request.prior_state) is None:
            if "path" in value and value["path"] is None:
                value["path"] = "/"
            left = [
                item.name
                for item in RESOURCES[request.type_name].attributes
                if item.computed and value.get(item.name) is None
            ]
            value.update(dict.fromkeys(left, UNKNOWN))
            if self.known:
                _create(request.type_name, value, left)
        return plugin.PlanResourceChange.Response(
            planned_state=_encoded(value), legacy_type_system=True
        )

    def ApplyResourceChange(self, request: Any, context: Any) -> Any:
        value = _decoded(request.planned_state)
        if value is not None:
            left = [name for name, one in value.items() if isinstance(one, msgpack.ExtType)]
            _create(request.type_name, value, left)
        return plugin.ApplyResourceChange.Response(
            new_state=_encoded(value), legacy_type_system=True
        )

    def ReadDataSource(self, request: Any, context: Any) -> Any:
        value = _decoded(request.config)
        try:
            value.update(_read(request.type_name, value))
        except Refused as error:
            severity = plugin.Diagnostic.Severity.Value("ERROR")
            told = plugin.Diagnostic(severity=severity, summary=str(error))
            return plugin.ReadDataSource.Response(diagnostics=[told])
        return plugin.ReadDataSource.Response(state=_encoded(value))

    def StopProvider(self, request: Any, context: Any) -> Any:
        return plugin.StopProvider.Response()


def _create(kind: str, value: dict[str, Any], left: list[str]) -> None:
    """Give the computed attributes that are `left` the values that a deployment would."""
    attributes = {item.name: item for item in RESOURCES[kind].attributes}
    # What may become known only later must not change what was once answered.
    words = {
        name: item
        for name, item in value.items()
        if name not in left and isinstance(item, str) and not name.endswith("policy")
    }
    digest = _digest([kind, words])
    named = NAMES.get(kind, "name")
    name = value[named] if named in words else f"{words.get(f'{named}_prefix') or 'made-'}{digest}"
    words |= {"name": name, "url": str(value.get("url")).removeprefix("https://")}
    for one in left:
        if attributes[one].type != "string":
            value[one] = value.get("tags") if one == "tags_all" else None
        elif one == "arn" and kind in ARNS:
            value[one] = ARNS[kind].format(**words)
        elif one in (named, "id"):
            value[one] = name
        elif one == "policy" or one.endswith("_prefix"):
            value[one] = None
        else:
            value[one] = f"{one}-{digest}"


def _read(kind: str, config: dict[str, Any]) -> dict[str, Any]:
    """The computed attributes of a data source."""
    if kind == "aws_iam_policy_document":
        version = config.get("version") or "2012-10-17"
        text = render(config)
        small = render(config, minified=True)
        return {"id": _digest(text), "version": version, "json": text, "minified_json": small}
    if kind == "aws_caller_identity":
        arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/ci"
        return {"id": ACCOUNT, "account_id": ACCOUNT, "arn": arn, "user_id": "AROAEXAMPLE:ci"}
    if kind == "aws_partition":
        return {"id": "aws", "partition": "aws", "dns_suffix": "amazonaws.com",
                "reverse_dns_prefix": "com.amazonaws"}  # fmt: skip
    if kind == "aws_region":
        name = config.get("region") or config.get("name") or "us-east-1"
        return {"id": name, "name": name, "region": name, "description": "A region"}
    if kind == "aws_organizations_organization":
        arn = f"arn:aws:organizations::{ACCOUNT}:organization/o-abcdefghij"
        return {"id": "o-abcdefghij", "arn": arn, "master_account_id": ACCOUNT}
    if kind == "aws_iam_policy":
        arn = config.get("arn") or f"arn:aws:iam::aws:policy/{config['name']}"
        return {"id": arn, "arn": arn, "name": arn.rpartition("/")[2], "path": "/",
                "policy": '{"Version":"2012-10-17","Statement":[]}', "description": ""}  # fmt: skip
    if kind == "aws_kms_key":
        return {"id": "key", "arn": f"arn:aws:kms:us-east-1:{ACCOUNT}:key/{config['key_id']}"}
    name = config.get("name") or config.get("bucket") or ""
    arn = ARNS[kind].format(path="/", name=name)
    found = {"id": name, "arn": arn}
    if kind == "aws_iam_role":
        found |= {"path": "/", "unique_id": "AROAEXAMPLE", "assume_role_policy": "{}"}
    if kind == "aws_s3_bucket":
        found |= {"region": "us-east-1"}
    return found


class Controller(controller_grpc.GRPCControllerServicer):  # type: ignore[misc]
    def Shutdown(self, request: Any, context: Any) -> Any:
        return controller.Empty()


class Stdio(stdio_grpc.GRPCStdioServicer):  # type: ignore[misc]
    def StreamStdio(self, request: Any, context: Any) -> Any:
        return iter(())


def serve(path: str, *, known: bool) -> tuple[Any, str]:
    """A running server on a unix socket, and what terraform has to be told of it."""
    server = grpc.server(futures.ThreadPoolExecutor(8))
    plugin_grpc.add_ProviderServicer_to_server(Provider(known=known), server)
    controller_grpc.add_GRPCControllerServicer_to_server(Controller(), server)
    stdio_grpc.add_GRPCStdioServicer_to_server(Stdio(), server)
    server.add_insecure_port(f"unix://{path}")
    server.start()
    address = {"Network": "unix", "String": path}
    told = {"Protocol": "grpc", "ProtocolVersion": 6, "Pid": os.getpid(), "Test": True}
    return server, json.dumps({ADDRESS: {**told, "Addr": address}})


def main(folder: str) -> None:
    found = {
        name: serve(os.path.join(folder, name), known=name == "known") for name in ("plan", "known")
    }
    print(json.dumps({name: told for name, (_, told) in found.items()}), flush=True)
    sys.stdin.read()
    for server, _ in found.values():
        server.stop(None)


if __name__ == "__main__":
    main(sys.argv[1])
