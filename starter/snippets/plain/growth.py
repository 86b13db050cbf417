"""Steps of a search: look at each, or halve what is left."""

import math

# region figure
import matplotlib.pyplot as plt

sizes = [1, 10, 100, 200]
halved = [math.log2(n) for n in sizes]

plt.figure(figsize=(7, 1.9), layout="constrained")
plt.plot(sizes, sizes, label="each")
plt.plot(sizes, halved, label="halved")
plt.title("Steps of a search")
plt.legend()
plt.show()
# endregion figure
