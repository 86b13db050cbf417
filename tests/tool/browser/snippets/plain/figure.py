"""A plot, as a program shows it."""

import matplotlib.pyplot as plt

print("workers and speed-up:")
plt.figure(figsize=(6.4, 3.2))
plt.plot([1, 2, 4, 8], [1, 1.9, 3.6, 6.5], marker="o")
plt.title("Speed-up")
plt.show()
print("that was all")
