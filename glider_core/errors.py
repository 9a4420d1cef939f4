"""The errors that users of Glider see: each message says what is wrong, what was given and what to do."""


class GliderError(Exception):
    """Base of every error that is meant for a user, and shown to them as it stands."""


class InvalidInput(GliderError):
    """The thing to explain cannot be explained as given: a text, a sequence, masks, a file."""


class InvalidSettings(GliderError):
    """A setting is out of its range, or two settings contradict each other."""


class ModelUnavailable(GliderError):
    """The model is unknown, its files are missing or damaged, or a package that it needs is not installed."""


class BlackBoxFailed(GliderError):
    """The black box raised, or answered with the wrong shape or with values that are not finite."""


class Cancelled(GliderError):
    """Raised by a progress callback to stop a run; the engine lets it pass through untouched."""
