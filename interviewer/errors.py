"""The exceptions of this project.

::

    InterviewerError            safe to show: a full sentence a person can act on
    |-- ConfigError             a setting is missing or wrong
    |-- InputError              what the user handed over cannot be used
    |-- GuideError              a guide file cannot be read as a guide
    |-- PromptError             a prompt file and the values given to it differ
    |-- ModelError              a chat model did not deliver
    |   |-- ModelUnavailable    it could not be reached, or refused us
    |   |-- ModelTimeout        it did not answer in time
    |   `-- BadModelReply       it answered something that cannot be used
    `-- StoreError              the transcript store cannot be read or written
        |-- UnknownInterview    there is no interview with that id
        `-- StoreTooNew         a later version of this program wrote it

Anything else that is raised is a fault of the program: it is logged with an
id, and only the id is shown.
"""


class InterviewerError(Exception):
    """Something a person can act on; the text says what happened, which value, and what to do."""


class ConfigError(InterviewerError):
    """A setting is missing or wrong; names the setting, its source and what is accepted, never a secret."""


class InputError(InterviewerError):
    """What the user typed or handed over cannot be used as it is."""


class GuideError(InterviewerError):
    """A guide file cannot be read as a guide; names file and line."""


class PromptError(InterviewerError):
    """A prompt's declared variables and the values given to it differ; names all of them at once."""


class ModelError(InterviewerError):
    """A chat model did not deliver."""


class ModelUnavailable(ModelError):
    """The model could not be reached, or refused the request."""


class ModelTimeout(ModelError):
    """The model did not answer within the configured time."""


class BadModelReply(ModelError):
    """The model answered something that cannot be used.

    Attributes:
        raw: The reply as it came, for the log only.
    """

    def __init__(self, message: str, raw: str = "") -> None:
        super().__init__(message)
        self.raw = raw


class StoreError(InterviewerError):
    """The transcript store cannot be read or written."""


class UnknownInterview(StoreError):
    """There is no interview with the given id."""


class StoreTooNew(StoreError):
    """The store was written by a later version of this program."""
