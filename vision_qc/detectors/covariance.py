"""Ledoit-Wolf covariances of many sets of samples at once.

Ledoit and Wolf, "A well-conditioned estimator for large-dimensional covariance matrices", 2004: the sample
covariance drawn towards a multiple of the identity as far as the samples themselves say.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.linalg.lapack import dtrtri

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
    norm = np.einsum("sij,sij->s", empirical, empirical)
    lengths = np.square(np.einsum("snf,snf->sn", centred, centred)).sum(1)
    beta = (lengths / samples - norm) / samples / features
    delta = (norm - features * np.square(level)) / features
    shrinkage = np.where(delta > 0, np.clip(beta, 0, delta) / np.where(delta > 0, delta, 1), 1.0)
    empirical *= (1 - shrinkage)[:, None, None]
    diagonal = np.arange(features)
    empirical[:, diagonal, diagonal] += (shrinkage * level)[:, None]
    return np.asarray(empirical)


def whitener(covariance: F64) -> F32:
    """Return ``w`` such that ``|w @ x|`` is the Mahalanobis length of ``x``.

    Args:
        covariance: ``[sets, features, features]``, of standardised features.

    Returns:
        ``float32[sets, features, features]``, lower triangles.
    """
    floor = LEAST_VARIANCE * np.eye(covariance.shape[1])
    lower = np.linalg.cholesky(covariance + floor)
    # a triangle is turned round in a third of the time of any matrix
    return np.stack([dtrtri(one, lower=1)[0].astype(np.float32) for one in lower])
