"""Takes its time, so that there is something to see, to stop and to reload."""

import time

for number in range(1, 7):
    print(f"\033[32mstep {number}\033[0m", flush=True)
    time.sleep(0.4)
