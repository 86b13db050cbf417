"""Prints more than a pane shows at once."""

for number in range(1, 41):
    print(f"line {number}")
