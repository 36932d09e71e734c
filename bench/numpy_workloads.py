"""The workloads W1 … W6 in NumPy, as one would write them there: all lanes in one batch, and one lane at a time.

Prints one line a workload: name, seconds for the batch (best of three), seconds for all lanes one at a time (four lanes
timed, scaled up). Set OPENBLAS_NUM_THREADS to the number of cores that the other side uses.
"""
import sys
import time

import numpy as np

rng = np.random.default_rng(0)


def with_spectrum(dimension, low, high):
    q, _ = np.linalg.qr(rng.standard_normal((dimension, dimension)))
    return (q * np.geomspace(low, high, dimension)) @ q.T


def seconds(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def w1(lanes=256, d=100, steps=1000):
    """Gradient descent on a quadratic."""
    a, b = with_spectrum(d, 0.01, 1.0), rng.standard_normal(d)
    x0 = rng.standard_normal((lanes, d))

    def work():
        x = x0
        for _ in range(steps):
            x = x - 1.0 * (x @ a - b)

    return seconds(work)


def w2(lanes=256, n=1000, d=100, steps=2000):
    """SGD with one sample a step on logistic regression."""
    a = rng.standard_normal((n, d)) / 10
    y = np.sign(rng.standard_normal(n))
    lam = 0.01

    def work():
        x = np.zeros((lanes, d))
        for _ in range(steps):
            i = rng.integers(0, n, lanes)
            rows = a[i]
            margin = y[i] * np.einsum("rd,rd->r", rows, x)
            s = -y[i] / (1 + np.exp(margin))
            x = x - 0.1 * (s[:, None] * rows + lam * x)

    return seconds(work)


def distributed(n, d):
    return np.stack([with_spectrum(d, 0.1, 1.0) for _ in range(n)]), rng.standard_normal((n, 1, d))


def w3(lanes=128, n=10, d=50, steps=1000, k=5):
    """DIANA with Rand-k."""
    a, b = distributed(n, d)
    alpha = 1 / (1 + d / k - 1)

    def work():
        x, h = np.zeros((lanes, d)), np.zeros((n, lanes, d))
        for _ in range(steps):
            delta = x @ a - b - h
            chosen = np.argpartition(rng.random((n, lanes, d)), k, axis=2)[:, :, :k]
            q = np.zeros_like(delta)
            np.put_along_axis(q, chosen, np.take_along_axis(delta, chosen, 2) * (d / k), 2)
            estimate = (h + q).mean(0)
            h = h + alpha * q
            x = x - 0.1 * estimate

    return seconds(work)


def w4(lanes=128, n=10, d=50, steps=1000, k=5):
    """EF21 with Top-k."""
    a, b = distributed(n, d)

    def work():
        x, g = np.zeros((lanes, d)), np.zeros((n, lanes, d))
        for _ in range(steps):
            x = x - 0.05 * g.mean(0)
            delta = (x @ a - b) - g
            chosen = np.argpartition(-np.abs(delta), k, axis=2)[:, :, :k]
            c = np.zeros_like(delta)
            np.put_along_axis(c, chosen, np.take_along_axis(delta, chosen, 2), 2)
            g = g + c

    return seconds(work)


def w5(lanes=256, d=50, steps=2000):
    """Extragradient on a bilinear game."""
    b = with_spectrum(d, 0.1, 1.0)

    def work():
        x, y = np.ones((lanes, d)), np.ones((lanes, d))
        gamma = 0.5
        for _ in range(steps):
            xh, yh = x - gamma * (y @ b.T), y + gamma * (x @ b)
            x, y = x - gamma * (yh @ b.T), y + gamma * (xh @ b)

    return seconds(work)


def w6(lanes=64, m=32, steps=200):
    """Muon on a matrix variable with five Newton–Schulz steps."""
    c = rng.standard_normal((m, m))

    def work():
        x, momentum = np.zeros((lanes, m, m)), np.zeros((lanes, m, m))
        for _ in range(steps):
            g = x - c + 0.1 * rng.standard_normal((lanes, m, m))
            momentum = 0.9 * momentum + 0.1 * g
            u = momentum / (np.linalg.norm(momentum, axis=(1, 2), keepdims=True) + 1e-7)
            for _ in range(5):
                s = u @ u.transpose(0, 2, 1)
                u = 3.4445 * u + (-4.7750 * s + 2.0315 * (s @ s)) @ u
            x = x - 0.02 * u

    return seconds(work)


WORKLOADS = {"W1": (w1, 256), "W2": (w2, 256), "W3": (w3, 128), "W4": (w4, 128), "W5": (w5, 256), "W6": (w6, 64)}

if __name__ == "__main__":
    chosen = sys.argv[1:] or list(WORKLOADS)
    for name in chosen:
        work, lanes = WORKLOADS[name]
        work(steps=5)
        batched = min(work() for _ in range(3))
        alone = sum(work(lanes=1) for _ in range(4)) / 4 * lanes
        print(f"{name} {batched:.4f} {alone:.2f}", flush=True)
