"""Asks, in a terminal smaller than others, and ends as it is meant to: badly."""

# snippet: exit 3, terminal 40x10

import shutil

print("columns:", shutil.get_terminal_size().columns)
name = input("Who is there? ")
print(f"Hello, {name}.")
raise SystemExit(3)
