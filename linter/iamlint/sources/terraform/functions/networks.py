"""Functions of IP networks."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from typing import Any

from iamlint.sources.terraform.functions.call import Function
from iamlint.sources.terraform.values import Fail

Network = ipaddress.IPv4Network | ipaddress.IPv6Network if False else Any


def _network(prefix: str) -> Any:
    try:
        return ipaddress.ip_network(prefix, strict=False)
    except ValueError as error:
        raise Fail(str(error)) from None


def _subnet(prefix: str, bits: float, number: float) -> str:
    network = _network(prefix)
    length = network.prefixlen + int(bits)
    if length > network.max_prefixlen:
        raise Fail("not enough address bits for the subnet")
    if not 0 <= int(number) < 2 ** int(bits):
        raise Fail("the subnet number is too large")
    start = int(network.network_address) + (int(number) << (network.max_prefixlen - length))
    return f"{type(network.network_address)(start)}/{length}"


def _subnets(prefix: str, *bits: float) -> list[str]:
    network = _network(prefix)
    at = int(network.network_address)
    end = at + network.num_addresses
    made: list[str] = []
    for extra in bits:
        length = network.prefixlen + int(extra)
        if length > network.max_prefixlen or extra < 1:
            raise Fail("not enough address bits for the subnet")
        size = 1 << (network.max_prefixlen - length)
        at = (at + size - 1) // size * size
        if at + size > end:
            raise Fail("no room for the subnet")
        made.append(f"{type(network.network_address)(at)}/{length}")
        at += size
    return made


def _host(prefix: str, number: float) -> str:
    network = _network(prefix)
    index = int(number)
    if index < 0:
        index += network.num_addresses
    if not 0 <= index < network.num_addresses:
        raise Fail("no such host in the network")
    return str(type(network.network_address)(int(network.network_address) + index))


def _mask(prefix: str) -> str:
    network = _network(prefix)
    if network.version != 4:
        raise Fail("IPv6 networks have no mask")
    return str(network.netmask)


def _contains(prefix: str, inner: str) -> bool:
    """OpenTofu's `cidrcontains`: whether a network holds an address or another network."""
    outer, other = _network(prefix), _network(inner)
    if outer.version != other.version:
        raise Fail("one is IPv4, the other IPv6")
    return bool(other.subnet_of(outer))


NODES: dict[str, Function] = {}

PLAIN: dict[str, tuple[str, Callable[..., Any]]] = {
    "cidrsubnet": ("sii", _subnet),
    "cidrsubnets": ("si*", _subnets),
    "cidrhost": ("si", _host),
    "cidrcontains": ("ss", _contains),
    "cidrnetmask": ("s", _mask),
}
