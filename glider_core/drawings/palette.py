"""Colours that mean something, chosen to stay apart for colour-blind eyes and on light and dark ground."""

POSITIVE = "#1691a8"  # raises the explained output
NEGATIVE = "#dd7730"  # lowers it
NEUTRAL = "#8894a0"
# The same two for small text, which needs more contrast: of light pages, and of dark ones.
_INK = {True: ("#0a6c7f", "#4cc3d8"), False: ("#a34708", "#f0975a")}
QUIET = "light-dark(#5a6672,#a4b0bb)"  # of small text that matters less

# The letters of sequence logos, in shades that differ in lightness as well.
NUCLEOTIDES = {"A": "#2f9e62", "C": "#3b78d8", "G": "#c98a00", "T": "#d0473f"}

# Series of charts, after Okabe and Ito (2008), each three times as dark or light as a light and a dark ground.
SERIES = ("#0072b2", "#d55e00", "#00916a", "#b85f93", "#8c6d4f", "#7d64c8", "#77828c")

# Classes of nodes, kept apart from the two colours of sign.
CLASSES = ("#4c78d8", "#a05fc4", "#3f9e5f", "#c9a227", "#d1578a", "#8c6d4f", "#5f6b7a")


def by_sign(value: float) -> str:
    """The colour of a signed quantity."""
    return POSITIVE if value >= 0 else NEGATIVE


def ink(value: float) -> str:
    """The colour of text on a signed quantity, dark enough on a light ground and light enough on a dark one."""
    light, dark = _INK[value >= 0]
    return f"light-dark({light},{dark})"


def tint(value: float, scale: float) -> str:
    """A background for a signed quantity: its colour, the denser the nearer it is to `scale`."""
    density = min(abs(value) / scale, 1.0) if scale > 0 else 0.0
    return f"{by_sign(value)}{round(density * 0.62 * 255):02x}"
