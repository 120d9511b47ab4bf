"""What of a project's network lies between something and the internet: public addresses, routes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from iamlint.rule.addresses import doubt, entries, is_world, literal, maps, name_of, truth
from iamlint.rule.exposure import Step
from iamlint.rule.ingress import Ingress
from iamlint.sources.resources import below
from iamlint.sources.site import Project, Resource
from iamlint.tree import ListNode, Node, Scalar, Unknown

SUBNETS = ("aws_subnet", "aws_default_subnet", "AWS::EC2::Subnet")
TABLES = ("aws_route_table", "aws_default_route_table", "AWS::EC2::RouteTable")
GATEWAYS = ("aws_internet_gateway", "AWS::EC2::InternetGateway")


class Network(Ingress):
    """Answers about the subnets and routes of one project too."""

    def __init__(self, project: Project) -> None:
        super().__init__(project)
        self._tables: dict[str, list[Resource]] | None = None
        self._routes: dict[str, list[Resource]] | None = None

    def subnets(self, nodes: Sequence[Node], near: Resource) -> list[Resource]:
        """The subnets of the project among some references."""
        found = (self.project.resource_behind(node, near, *SUBNETS) for node in nodes)
        return [each for each in found if each is not None]

    def gives_addresses(self, subnet: Resource) -> Step | None:
        """That what is launched in a subnet gets a public address; None if it does not."""
        path = "MapPublicIpOnLaunch" if "::" in subnet.type else "map_public_ip_on_launch"
        flags = subnet.values(path)
        if subnet.type == "aws_default_subnet" and not flags:
            return Step(
                f"the default subnet `{subnet.address}` gives it a public address", subnet.place
            )
        for node in flags:
            if truth(node):
                why = doubt(node.possible or subnet.possible)
                return Step(
                    f"the subnet `{subnet.address}` gives it a public address", node.place, why
                )
        return None

    def route(self, subnet: Resource) -> Step | None:
        """The route between a subnet and the internet; None if its routes are shown and none is."""
        if subnet.type == "aws_default_subnet":
            return Step("the default VPC has an internet gateway", subnet.place)
        tables = self._tables_of(subnet)
        if not tables:
            doubted = f"no route between `{subnet.address}` and the internet is shown"
            return Step("its subnet routes to the internet", subnet.place, doubted)
        unknown: Step | None = None
        for table in tables:
            for step in self._routes_of(table):
                if not step.doubt:
                    return step
                unknown = unknown or step
        return unknown

    def _tables_of(self, subnet: Resource) -> list[Resource]:
        if self._tables is None:
            self._tables = {}
            project = self.project
            for kind, one, other in (
                ("aws_route_table_association", "subnet_id", "route_table_id"),
                ("AWS::EC2::SubnetRouteTableAssociation", "SubnetId", "RouteTableId"),
            ):
                for link in project.resources_of(kind):
                    tables = [
                        table
                        for node in link.values(other)
                        if (table := project.resource_behind(node, link, *TABLES)) is not None
                    ]
                    for each in self.subnets(link.values(one), link):
                        self._tables.setdefault(each.key, []).extend(tables)
            for kind in ("aws_main_route_table_association", "aws_default_route_table"):
                for link in project.resources_of(kind):
                    self._main(link)
        found = self._tables.get(subnet.key)
        if found is not None:
            return found
        return self._tables.get(f"main of {self._vpc(subnet)}", [])

    def _main(self, link: Resource) -> None:
        """The main table of a VPC, which its other subnets use."""
        assert self._tables is not None
        table: Resource | None = link
        nodes = link.values("default_route_table_id")
        if link.type == "aws_main_route_table_association":
            nodes = link.values("vpc_id")
            tables = [
                self.project.resource_behind(n, link, *TABLES)
                for n in link.values("route_table_id")
            ]
            table = next((each for each in tables if each is not None), None)
        for node in nodes:
            vpc = self.project.resource_behind(node, link, "aws_vpc", "aws_default_vpc")
            if vpc is not None and table is not None:
                self._tables.setdefault(f"main of {vpc.key}", []).append(table)

    def _vpc(self, subnet: Resource) -> str:
        for node in subnet.values("vpc_id"):
            vpc = self.project.resource_behind(node, subnet, "aws_vpc", "aws_default_vpc")
            if vpc is not None:
                return vpc.key
        return ""

    def _routes_of(self, table: Resource) -> Iterator[Step]:
        shown = f"`{table.address}` routes the internet to a gateway"
        inline = table.get("route")
        for route, why in maps(inline) if inline is not None else ():
            leaves = {name: list(below(value, "", why)) for name, value in entries(route)}
            sources = [*leaves.get("cidr_block", ()), *leaves.get("ipv6_cidr_block", ())]
            yield from self._gated(shown, table, sources, leaves.get("gateway_id", []))
        if isinstance(inline, Unknown) or (isinstance(inline, ListNode) and inline.open):
            yield Step(shown, table.place, f"the routes of `{table.address}` are not all known")
        if self._routes is None:
            self._routes = {}
            for kind, path in (
                ("aws_route", "route_table_id"),
                ("AWS::EC2::Route", "RouteTableId"),
            ):
                for route_resource in self.project.resources_of(kind):
                    for node in route_resource.values(path):
                        found = self.project.resource_behind(node, route_resource, *TABLES)
                        if found is not None:
                            self._routes.setdefault(found.key, []).append(route_resource)
        for each in self._routes.get(table.key, ()):
            sources = [
                node
                for path in (
                    "destination_cidr_block",
                    "destination_ipv6_cidr_block",
                    "DestinationCidrBlock",
                    "DestinationIpv6CidrBlock",
                )
                for node in each.values(path)
            ]
            yield from self._gated(
                shown, each, sources, [*each.values("gateway_id"), *each.values("GatewayId")]
            )

    def _gated(
        self, shown: str, near: Resource, sources: Sequence[Node], gateways: Sequence[Node]
    ) -> Iterator[Step]:
        wide = [node for node in sources if is_world(node)]
        for node in gateways if wide else ():
            found = self.project.resource_behind(node, near, *GATEWAYS)
            if found is not None:
                yield Step(shown, wide[0].place, doubt(node.possible or near.possible))
            elif isinstance(node, Unknown) or (isinstance(node, Scalar) and literal(node) is None):
                yield Step(
                    shown,
                    wide[0].place,
                    f"whether `{name_of(node)}` is an internet gateway is not known",
                )
            elif (literal(node) or "").startswith("igw-"):
                yield Step(shown, wide[0].place, doubt(node.possible or near.possible))
