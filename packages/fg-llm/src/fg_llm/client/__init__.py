"""Language models behind one protocol: a question, an answer as text, one family of errors."""

from .chat import ChatModel, ChatReply, ChatRequest, ScriptedModel, question
from .errors import (
    AnswerCutError,
    BadAnswerError,
    BudgetSpentError,
    ModelBusyError,
    ModelError,
    ModelMissingError,
    ModelRefusedError,
    ModelServerError,
    ModelTimeoutError,
    ModelUnavailableError,
    NotRecordedError,
)
from .ollama_chat import OllamaChat
from .openai_chat import OpenAIChat
from .recorded import RecordedModel, RecordMode

__all__ = [
    "AnswerCutError",
    "BadAnswerError",
    "BudgetSpentError",
    "ChatModel",
    "ChatReply",
    "ChatRequest",
    "ModelBusyError",
    "ModelError",
    "ModelMissingError",
    "ModelRefusedError",
    "ModelServerError",
    "ModelTimeoutError",
    "ModelUnavailableError",
    "NotRecordedError",
    "OllamaChat",
    "OpenAIChat",
    "RecordMode",
    "RecordedModel",
    "ScriptedModel",
    "question",
]
