"""From settings to what the engine is told: which rules run, and what they are to know."""

from __future__ import annotations

from iamlint.app.config import Condition, Forbidden, RequiredCondition
from iamlint.app.errors import UsageError
from iamlint.app.settings import Settings
from iamlint.engine import registry, selection
from iamlint.engine.archive import EXTERNAL, ArchiveRule
from iamlint.rule import Demand, Rule
from iamlint.rule import Settings as RuleSettings


def rules(settings: Settings, installed: registry.Registry) -> tuple[Rule, ...]:
    """The rules to run; raises UsageError for a code that no rule has."""
    try:
        return selection.select(
            installed.rules,
            select=settings.select,
            ignore=settings.ignore,
            extend_select=settings.extend_select,
        )
    except selection.UnknownSelector as error:
        advice = (
            f"did you mean `{error.suggestion}`?"
            if error.suggestion
            else "`iamlint rules` lists them"
        )
        raise UsageError(f"no rule matches `{error.selector}`", advice) from error


def rule_settings(settings: Settings) -> RuleSettings:
    """What rules are told of the user's wishes."""
    return RuleSettings(
        account=settings.account,
        trusted_accounts=settings.trusted_accounts,
        trusted_organizations=settings.trusted_orgs,
        principals=settings.config.principals,
        severities=settings.config.severity,
        control_policies=tuple(settings.config.control_policies),
        minimum_days=settings.min_window,
        unobservable=settings.unobservable,
        granularity=settings.granularity,
        group=settings.group,
        forbidden=tuple(_demand(each, each.unless) for each in settings.config.forbidden),
        required=tuple(
            _demand(each, each.condition) for each in settings.config.required_conditions
        ),
    )


def archive(settings: Settings) -> list[ArchiveRule]:
    """The archive rules of the configuration."""
    return [
        ArchiveRule(
            because=each.because,
            rules=tuple(each.rules) or EXTERNAL,
            name=each.name,
            type=tuple(each.type),
            resource=tuple(each.resource),
            principal=tuple(each.principal),
            condition={
                key: [value] if isinstance(value, str) else value
                for key, value in each.condition.items()
            },
            until=each.until,
        )
        for each in settings.config.archive
    ]


def _demand(each: Forbidden | RequiredCondition, condition: Condition) -> Demand:
    return Demand(
        actions=tuple(each.actions),
        resources=tuple(each.resources),
        condition=condition,
        kinds=tuple(each.kinds),
        name=each.name,
        because=each.because,
    )
