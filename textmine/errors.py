"""Every exception of textmine, as one tree.

    TextmineError                        exit code
      ConfigError                        2
      MissingModel, MissingExtra         2, with the command that installs it
      UnknownPart                        2, lists the names there are
      SourceError                        4
        RateLimited, SourceUnavailable, TruncatedResponse, QueryTooLarge, IncompleteRetrieval
      RecordError                        3 (the record is quarantined, the run goes on)
        MalformedRecord, OffsetMismatch
      StoreError                         2
        SchemaTooNew, StaleDecision, ContractViolation
      ReviewError                        2
        LoginRefused, TooManyTries, NotAllowed, NotThere, BadDecision, ReadOnly

A message says what was found, the likely cause and what to do.
"""

from __future__ import annotations

from collections.abc import Iterable

__all__ = [
    "BadDecision",
    "ConfigError",
    "ContractViolation",
    "IncompleteRetrieval",
    "LoginRefused",
    "MalformedRecord",
    "MissingExtra",
    "MissingModel",
    "NotAllowed",
    "NotThere",
    "OffsetMismatch",
    "QueryTooLarge",
    "RateLimited",
    "ReadOnly",
    "RecordError",
    "ReviewError",
    "SchemaTooNew",
    "SourceError",
    "SourceUnavailable",
    "StaleDecision",
    "StoreError",
    "TextmineError",
    "TooManyTries",
    "TruncatedResponse",
    "UnknownPart",
]


class TextmineError(Exception):
    """Root of the tree; `exit_code` is what the command line ends with."""

    exit_code = 1


class ConfigError(TextmineError, ValueError):
    """A setting, a project file, a claims file or an argument cannot be used."""

    exit_code = 2


class MissingModel(TextmineError):
    """A pipeline was named that is not installed."""

    exit_code = 2


class MissingExtra(TextmineError):
    """A part needs an optional dependency that is not installed."""

    exit_code = 2

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(
            f"{package} is not installed. Install it with: pip install 'textmine[{extra}]'"
        )


class UnknownPart(TextmineError, LookupError):
    """No part of that name is registered in the group."""

    exit_code = 2

    def __init__(self, group: str, name: str, known: Iterable[str]) -> None:
        names = ", ".join(sorted(known)) or "none"
        super().__init__(f"No {group} is called {name!r}. There are: {names}.")


class SourceError(TextmineError):
    """Records could not be had from their source; trying later can help."""

    exit_code = 4


class RateLimited(SourceError):
    """The server asked for fewer requests for longer than the run may wait."""


class SourceUnavailable(SourceError):
    """The server cannot be reached or answers with errors."""


class TruncatedResponse(SourceError):
    """An answer broke off."""


class QueryTooLarge(SourceError):
    """A query has more hits than can be retrieved."""


class IncompleteRetrieval(SourceError):
    """Some of the requested records did not come; the manifest names them."""


class RecordError(TextmineError):
    """One record cannot be read."""

    exit_code = 3


class MalformedRecord(RecordError):
    """The record is broken or lacks what every record must have."""


class OffsetMismatch(RecordError):
    """A span does not hold the text that it should."""


class StoreError(TextmineError):
    """A store refused an operation."""

    exit_code = 2


class SchemaTooNew(StoreError):
    """The store was written by a newer textmine."""


class StaleDecision(StoreError):
    """A decision is about a reading that has changed since."""


class ContractViolation(StoreError):
    """A row breaks the contract of the stores."""


class ReviewError(TextmineError):
    """The reviewers' desk refused something."""

    exit_code = 2


class LoginRefused(ReviewError):
    """Name, password or link do not fit; the message never says which."""


class TooManyTries(ReviewError):
    """Too many logins failed; `wait` seconds from now another may be tried."""

    def __init__(self, wait: int) -> None:
        super().__init__(f"Too many logins failed. Try again in {wait} seconds.")
        self.wait = wait


class NotAllowed(ReviewError):
    """The account may not do that."""


class NotThere(ReviewError):
    """There is no such finding, claim, project or sample, or the account may not know of it."""


class BadDecision(ReviewError):
    """A decision's words or corrected values do not fit."""


class ReadOnly(ReviewError):
    """The desk was opened to be read only."""
