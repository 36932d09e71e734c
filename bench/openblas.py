"""The 512-cubed matrix product by NumPy, to compare with `Kernels --quick gemm`.

Run with OPENBLAS_NUM_THREADS=1; OPENBLAS_CORETYPE=SkylakeX forces the kernels for vectors of eight where OpenBLAS does
not know the processor. With NumPy over another BLAS the number says little: look at numpy.show_config().
"""
import time

import numpy as np

n = 512
a, b = np.random.rand(n, n), np.random.rand(n, n)
times = []
for _ in range(400):
    start = time.perf_counter()
    a @ b
    times.append(time.perf_counter() - start)
print(f"numpy {n}: best {2 * n**3 / min(times) / 1e9:.1f} GFLOP/s, median {2 * n**3 / sorted(times)[200] / 1e9:.1f}")
