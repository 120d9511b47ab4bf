"""SAM's ways of writing policies, each at its entry."""

from __future__ import annotations

from pathlib import Path

import pytest

from iamlint.sources.cloudformation.read import read
from iamlint.sources.sandbox import Sandbox
from iamlint.sources.site import PolicySite, Project, ReadOptions
from iamlint.text import SourceText


@pytest.fixture
def found(root: Path) -> Project:
    source = Sandbox(root, cwd=root).read("fixtures/cloudformation/sam.yaml")
    assert isinstance(source, SourceText)
    return read(source, Sandbox(root), ReadOptions())


def sites(found: Project, address: str) -> list[PolicySite]:
    return [site for site in found.sites if site.address == address]


def test_names_and_arns_are_attachments_to_the_role_that_sam_makes(found: Project) -> None:
    attached = [site for site in sites(found, "Reader") if site.kind == "managed-attachment"]
    assert [(site.place.text, str(site.arn)) for site in attached] == [
        ("AmazonS3FullAccess", "arn:‹AWS::Partition›:iam::aws:policy/AmazonS3FullAccess"),
        (
            "AWSLambdaBasicExecutionRole",
            "arn:‹AWS::Partition›:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
        ),
        (
            "arn:aws:iam::aws:policy/AmazonSSMReadOnlyAccess",
            "arn:aws:iam::aws:policy/AmazonSSMReadOnlyAccess",
        ),
    ]
    role = "fixtures/cloudformation/sam.yaml#ReaderRole"
    assert {site.owners for site in sites(found, "Reader")} == {(role,)}
    assert found.owners[role].kind == "role"
    assert found.owners[role].place.text == "Reader"


def test_policy_templates_are_expanded_at_their_entry(found: Project) -> None:
    expanded = ("Policies[3]", "Policies[4]")
    templates = [site for site in sites(found, "Reader") if site.argument in expanded]
    read_policy, poller = (site.policy for site in templates)
    assert read_policy is not None
    assert poller is not None
    assert [str(each) for each in read_policy.statements[0].resources] == [
        "arn:‹AWS::Partition›:s3:::‹BucketParameter›",
        "arn:‹AWS::Partition›:s3:::‹BucketParameter›/*",
    ]
    assert [str(each) for each in poller.statements[0].resources] == [
        "arn:‹AWS::Partition›:sqs:‹AWS::Region›:‹AWS::AccountId›:‹Queue.QueueName›"
    ]
    assert templates[0].place.text == "S3ReadPolicy:\n            BucketName: !Ref BucketParameter"
    (machine,) = sites(found, "Machine")
    assert machine.owners == ("fixtures/cloudformation/sam.yaml#MachineRole",)


def test_documents_stand_in_the_list_itself(found: Project) -> None:
    (inline,) = [site for site in sites(found, "Reader") if site.argument == "Policies[6]"]
    assert inline.policy is not None
    assert [str(each) for each in inline.policy.statements[0].actions] == ["dynamodb:*"]
    assert inline.editable is None


def test_a_single_policy_is_an_attribute(found: Project) -> None:
    boundary, single = sites(found, "Single")
    assert boundary.kind == "boundary"
    assert str(boundary.arn) == "arn:aws:iam::111122223333:policy/own"
    assert single.attachment is not None
    assert single.attachment.form == "attribute"
    assert single.attachment.item.text == "Policies: AdministratorAccess"


def test_with_a_role_of_its_own_policies_are_ignored(found: Project) -> None:
    assert [site.kind for site in sites(found, "WithRole")] == ["boundary"]


def test_globals_give_what_a_function_leaves_out(found: Project) -> None:
    (boundary,) = [site for site in sites(found, "Reader") if site.kind == "boundary"]
    assert boundary.place.text == "arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/boundary"
    assert boundary.editable is not None


def test_what_sam_ignores_or_does_not_know_is_said(found: Project) -> None:
    assert [(entry.address, entry.reason) for entry in found.unresolved] == [
        ("Reader.Policies[5]", "there is no SAM policy template `NoSuchPolicy`"),
        ("Reader.Policies[7]", "SAM ignores a policy inside `PolicyDocument`"),
        ("Reader.Policies[8]", "SAM ignores a statement outside a policy"),
        (
            "Queue.Connectors.Own",
            "what the connector grants is not known: a connector needs a source and a destination",
        ),
        (
            "Link",
            "what the connector grants is not known: a connector needs a source and a destination",
        ),
    ]
