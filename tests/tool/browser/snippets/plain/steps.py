"""Takes its time, so that there is something to see; waits where a test wants it to."""

import time
from pathlib import Path

for number in range(1, 7):
    time.sleep(0.2)
    while Path(f"hold-{number}").exists():
        time.sleep(0.02)
    print(f"\033[32mstep {number}\033[0m", flush=True)
