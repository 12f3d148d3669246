"""What can go wrong between us and a language model: one small family.

A message tells at most the beginning of what a server said.

ModelError
|-- ModelUnavailableError  nothing answers at that address
|-- ModelTimeoutError      no whole answer within the time
|-- ModelBusyError         the server has too much to do (503)
|-- ModelMissingError      the server has no such model (404)
|-- ModelRefusedError      the request is not accepted (4xx)
|-- ModelServerError       the server fails (5xx, or an error amid the answer)
|-- BadAnswerError         what came is no answer, or not of the form that was asked for
|   `-- AnswerCutError     the answer, or the prompt that it answers, was cut short
|-- NotRecordedError       only a record is asked, and it has no such question
`-- BudgetSpentError       the calls, tokens or seconds that were allowed are spent
"""

from __future__ import annotations

from fg_core.errors import ForecastGameError

__all__ = [
    "AnswerCutError",
    "BadAnswerError",
    "BudgetSpentError",
    "ModelBusyError",
    "ModelError",
    "ModelMissingError",
    "ModelRefusedError",
    "ModelServerError",
    "ModelTimeoutError",
    "ModelUnavailableError",
    "NotRecordedError",
]


class ModelError(ForecastGameError):
    """A language model gave no answer that can be used."""


class ModelUnavailableError(ModelError):
    """Nothing answers at that address."""


class ModelTimeoutError(ModelError):
    """No whole answer came within the time."""


class ModelBusyError(ModelError):
    """The server has too much to do."""


class ModelMissingError(ModelError):
    """The server has no such model."""


class ModelRefusedError(ModelError):
    """The server does not accept the request."""


class ModelServerError(ModelError):
    """The server failed."""


class BadAnswerError(ModelError):
    """What came is no answer, or not of the form that was asked for."""


class AnswerCutError(BadAnswerError):
    """The answer, or the prompt that it answers, was cut short."""


class NotRecordedError(ModelError):
    """Only a record is asked, and it has no such question."""


class BudgetSpentError(ModelError):
    """The calls, tokens or seconds that were allowed are spent."""
