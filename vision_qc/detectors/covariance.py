"""Ledoit-Wolf covariances of many sets of samples at once.

Ledoit and Wolf, "A well-conditioned estimator for large-dimensional covariance matrices", 2004: the sample
covariance drawn towards a multiple of the identity as far as the samples themselves say.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]


LEAST_VARIANCE = 1e-5
"""Of standardised features: what never changed in teaching has a limit to what its first change is worth."""


def ledoit_wolf(centred: F64) -> F64:
    """Estimate one covariance a set.

    Args:
        centred: ``[sets, samples, features]``, each set with mean 0.

    Returns:
        ``[sets, features, features]``, positive definite unless all samples are 0.

    Example:
        >>> from sklearn.covariance import ledoit_wolf as one
        >>> x = np.random.default_rng(0).normal(size=(1, 20, 30))
        >>> bool(np.allclose(ledoit_wolf(x)[0], one(x[0], assume_centered=True)[0]))
        True
    """
    _, samples, features = centred.shape
    empirical = np.matmul(centred.transpose(0, 2, 1), centred) / samples
    level = np.trace(empirical, axis1=1, axis2=2) / features
    norm = np.square(empirical).sum((1, 2))
    lengths = np.square(np.square(centred).sum(2)).sum(1)
    beta = (lengths / samples - norm) / samples / features
    delta = (norm - features * np.square(level)) / features
    shrinkage = np.where(delta > 0, np.clip(beta, 0, delta) / np.where(delta > 0, delta, 1), 1.0)
    covariance = (1 - shrinkage)[:, None, None] * empirical
    diagonal = np.arange(features)
    covariance[:, diagonal, diagonal] += (shrinkage * level)[:, None]
    return np.asarray(covariance)


def whitener(covariance: F64) -> F32:
    """Return ``w`` such that ``|w @ x|`` is the Mahalanobis length of ``x``.

    Args:
        covariance: ``[sets, features, features]``, of standardised features.

    Returns:
        ``float32[sets, features, features]``, lower triangles.
    """
    floor = LEAST_VARIANCE * np.eye(covariance.shape[1])
    return np.linalg.inv(np.linalg.cholesky(covariance + floor)).astype(np.float32)
