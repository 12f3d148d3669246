r"""Expected distances $E|X - Y|$ between independent parts of distributions, in closed form.

The parts are normal $N(m, s^2)$, uniform on $[a, b]$, an exponential tail $q + \sigma \beta Z$ with
$Z \sim \operatorname{Exp}(1)$ and the side $\sigma = \pm 1$, and a point. Arguments are arrays that
broadcast; nothing is checked. With $A(d, s) = E|N(d, s^2)|$
(`fg_core.scoring._kernels.expected_distance`) and $D(t) = E|t - \beta Z|$,

$$D(t) = |t| - \beta \operatorname{sgn} t + 2 \beta e^{-t / \beta} 1(t \ge 0), \qquad
\operatorname{sgn} 0 = 1,$$

the others are means of $A$ and $D$ over the second part. Narrow pieces and scales that are nearly
equal take forms in which nothing cancels.

Sources: the integrals are elementary; for mixtures of normals, Grimit et al. (2006), Q. J. R.
Meteorol. Soc. 132, doi:10.1256/qj.05.235; closed forms of the kind for the CRPS of many families,
Jordan, Krueger & Lerch (2019), J. Stat. Software 90, doi:10.18637/jss.v090.i12.
"""

from __future__ import annotations

import numpy as np

from fg_core._numeric import FloatArray
from fg_core.scoring._kernels import SQRT_2PI, expected_distance
from fg_core.transcendental import erfcx, exp, exprel, ndtr

__all__ = [
    "normal_to_tail",
    "normal_to_uniform",
    "point_to_uniform",
    "tail_to_point",
    "tail_to_tail",
    "tail_to_uniform",
]

_NARROW = 1e-3
"""Pieces narrower than this many scales: the error of the midpoint form is below 1e-15 scales."""
_SQRT_2 = float(np.sqrt(2.0))


def point_to_uniform(y: FloatArray, a: FloatArray, b: FloatArray) -> FloatArray:
    r"""Return $E|y - U|$ for $U$ uniform on $[a, b]$.

    $\{(y - a)^2 + (b - y)^2\} / \{2 (b - a)\}$ inside, the distance from the middle outside.

    Args:
        y: Point, any shape, in the unit of the series.
        a: Lower end of the interval, of a shape that broadcasts, same unit.
        b: Upper end, at least `a`; where both are equal the distance is $|y - a|$.

    Returns:
        Expected distance, of the shape to which the arguments broadcast, in the unit of the series.
    """
    width = b - a
    middle = a + 0.5 * width
    left, right = y - a, b - y
    inside = (left > 0.0) & (right > 0.0)
    safe = np.where(inside, width, 1.0)
    return np.where(
        inside, 0.5 * (left * (left / safe) + right * (right / safe)), np.abs(y - middle)
    )


def normal_to_uniform(m: FloatArray, s: FloatArray, a: FloatArray, b: FloatArray) -> FloatArray:
    r"""Return $E|X - U|$ for $X \sim N(m, s^2)$ and $U$ uniform on $[a, b]$.

    $A(d, s) = |d| + 2 s \{\varphi(z) - z \Phi(-z)\}$ with $z = |d| / s$, whose second term has the
    integral $s^2 Q(z)$ beyond $z$, $Q(z) = (1 + z^2) \Phi(-z) - z \varphi(z)$.

    Args:
        m: Mean of the normal, any shape, in the unit of the series.
        s: Standard deviation of the normal, above 0, of a shape that broadcasts, same unit.
        a: Lower end of the interval, same unit.
        b: Upper end, at least `a`.

    Returns:
        Expected distance, of the shape to which the arguments broadcast, in the unit of the series.
    """
    width = b - a
    middle = a + 0.5 * width
    narrow = width <= _NARROW * s
    z = (middle - m) / s
    near = expected_distance(middle - m, s) + width * width * _density(z) / (12.0 * s)
    low, high = (a - m) / s, (b - m) / s
    q_low, q_high = _beyond(np.abs(low)), _beyond(np.abs(high))
    across = (low < 0.0) & (high > 0.0)
    gained = np.where(across, 1.0 - q_low - q_high, np.abs(q_low - q_high))
    far = point_to_uniform(m, a, b) + s * (gained * (s / np.where(narrow, 1.0, width)))
    return np.where(narrow, near, far)


def _density(z: FloatArray) -> FloatArray:
    found: FloatArray = exp(-0.5 * z * z) / SQRT_2PI
    return found


def _beyond(z: FloatArray) -> FloatArray:
    far = np.minimum(z, 40.0)  # from there on all is 0, and nothing overflows
    found: FloatArray = (1.0 + far * far) * ndtr(-far) - far * _density(far)
    return np.maximum(found, 0.0)


def normal_to_tail(
    m: FloatArray, s: FloatArray, q: FloatArray, beta: FloatArray, side: FloatArray
) -> FloatArray:
    r"""Return $E|X - q - \sigma \beta Z|$ for $X \sim N(m, s^2)$.

    With $d = \sigma (m - q)$,
    $A(d, s) - \beta \{2 \Phi(d / s) - 1\}
    + 2 \beta e^{s^2 / (2 \beta^2) - d / \beta} \Phi(d / s - s / \beta)$.

    Args:
        m: Mean of the normal, any shape, in the unit of the series.
        s: Standard deviation of the normal, above 0, of a shape that broadcasts, same unit.
        q: Quantile where the tail begins, same unit.
        beta: Mean of the exponential tail beyond `q`, above 0, same unit.
        side: Direction of the tail: 1 upwards, -1 downwards.

    Returns:
        Expected distance, of the shape to which the arguments broadcast, in the unit of the series.
    """
    d = side * (m - q)
    u, ratio = d / s, s / beta
    z = ratio - u
    # exp(s^2 / 2 beta^2 - d / beta) = exp(z^2 / 2 - u^2 / 2); erfcx takes exp(z^2 / 2) in itself.
    scaled = 0.5 * erfcx(np.maximum(z, 0.0) / _SQRT_2) * exp(-0.5 * u * u)
    plain = exp(np.minimum(0.5 * ratio * ratio - d / beta, 0.0)) * ndtr(-z)
    last = np.where(z > 0.0, scaled, plain)
    found: FloatArray = expected_distance(d, s) - beta * (2.0 * ndtr(u) - 1.0) + 2.0 * (beta * last)
    return found


def tail_to_point(q: FloatArray, beta: FloatArray, side: FloatArray, p: FloatArray) -> FloatArray:
    r"""Return $E|q + \sigma \beta Z - p| = D\{\sigma (p - q)\}$.

    Args:
        q: Quantile where the tail begins, any shape, in the unit of the series.
        beta: Mean of the exponential tail beyond `q`, above 0, of a shape that broadcasts, same
            unit.
        side: Direction of the tail: 1 upwards, -1 downwards.
        p: Point, same unit.

    Returns:
        Expected distance, of the shape to which the arguments broadcast, in the unit of the series.
    """
    t = side * (p - q)
    beyond = t >= 0.0
    decay = exp(-np.where(beyond, t, 0.0) / beta)
    found: FloatArray = np.abs(t) + np.where(beyond, beta * (2.0 * decay - 1.0), beta)
    return found


def tail_to_uniform(
    q: FloatArray, beta: FloatArray, side: FloatArray, a: FloatArray, b: FloatArray
) -> FloatArray:
    r"""Return $E|q + \sigma \beta Z - U|$ for $U$ uniform on $[a, b]$.

    The mean of $D$ over $[a, b]$; its exponential has the mean
    $e^{-t_1 / \beta} (1 - e^{-(t_2 - t_1) / \beta})\, \beta / (b - a)$ over the part
    $[t_1, t_2]$ of the piece that lies beyond $q$.

    Args:
        q: Quantile where the tail begins, any shape, in the unit of the series.
        beta: Mean of the exponential tail beyond `q`, above 0, of a shape that broadcasts, same
            unit.
        side: Direction of the tail: 1 upwards, -1 downwards.
        a: Lower end of the interval, same unit.
        b: Upper end, at least `a`.

    Returns:
        Expected distance, of the shape to which the arguments broadcast, in the unit of the series.
    """
    half = 0.5 * (b - a)
    t = side * (a + half - q)
    # What lies on the other side of q is apart by its distance and the mean of the tail. That is
    # most of the pairs of a pool; the others cost far more and are computed alone.
    found: FloatArray = np.abs(t) + beta
    beyond = np.broadcast_to(t >= -half, found.shape)
    if np.count_nonzero(beyond):
        middle, reach, scale = (np.broadcast_to(x, found.shape)[beyond] for x in (t, half, beta))
        low, high = middle - reach, middle + reach
        start = np.maximum(low, 0.0)
        length = high - start
        wide = reach > 0.0
        safe = np.where(wide, reach, 1.0)
        part = np.where(wide, np.minimum(0.5 * (length / safe), 1.0), 1.0)
        across = 0.25 * (low * (low / safe) + high * (high / safe))
        flat = np.where(low < 0.0, across, middle)
        mean = part * exp(-start / scale) * exprel(-length / scale)
        found[beyond] = flat + scale * (1.0 - 2.0 * part) + 2.0 * (scale * mean)
    return found


def tail_to_tail(
    q: FloatArray,
    beta: FloatArray,
    side: FloatArray,
    other_q: FloatArray,
    other_beta: FloatArray,
    other_side: FloatArray,
) -> FloatArray:
    r"""Return the expected distance of two exponential tails.

    On the same side, with the first one further in and $d = \sigma (q_2 - q_1) \ge 0$:
    $d + \beta_2 - \beta_1 + 2 \beta_1^2 e^{-d / \beta_1} / (\beta_1 + \beta_2)$. On opposite sides
    with a gap $g$ between them (negative where they overlap): $|g| + \beta_1 + \beta_2$ without
    overlap, else $|g| - \beta_1 - \beta_2 + 2 (\beta_1^2 e^{g / \beta_1} - \beta_2^2 e^{g /
    \beta_2}) / (\beta_1 - \beta_2)$.

    Args:
        q: Quantile where the first tail begins, any shape, in the unit of the series.
        beta: Mean of the first tail beyond `q`, above 0, of a shape that broadcasts, same unit.
        side: Direction of the first tail: 1 upwards, -1 downwards.
        other_q: Quantile where the second tail begins, same unit.
        other_beta: Mean of the second tail, above 0, same unit.
        other_side: Direction of the second tail.

    Returns:
        Expected distance, of the shape to which the arguments broadcast, in the unit of the series.
    """
    total = beta + other_beta
    d = side * (other_q - q)
    inner = np.where(d >= 0.0, beta, other_beta)
    outer = np.where(d >= 0.0, other_beta, beta)
    apart = np.abs(d)
    same = apart + outer - inner + 2.0 * (inner * (inner / total)) * exp(-apart / inner)
    overlap = np.maximum(d, 0.0)  # as seen from the first: the other begins beyond it
    large, small = np.maximum(beta, other_beta), np.minimum(beta, other_beta)
    rate = overlap / large / small
    excess = exp(-overlap / large) * (
        total + (overlap / large) * small * exprel(-rate * (large - small))
    )
    opposite = np.where(d > 0.0, overlap - total + 2.0 * excess, apart + total)
    return np.where(side == other_side, same, opposite)
