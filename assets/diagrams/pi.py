"""Prints pi.svg: points thrown at a square, those inside the quarter circle marked."""

import math
import random

SIDE = 440
POINTS = 400


def main() -> None:
    throw = random.Random(2)  # noqa: S311  (the same picture every time)
    points = [(throw.random(), throw.random()) for _ in range(POINTS)]
    inside = [p for p in points if math.hypot(*p) <= 1]
    outside = [p for p in points if math.hypot(*p) > 1]
    print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-4 -4 {SIDE + 8} {SIDE + 8}"')
    print(f'  width="{SIDE + 8}" height="{SIDE + 8}">')
    print("  <title>Random points in a square; most fall inside the quarter circle</title>")
    print(f'  <rect width="{SIDE}" height="{SIDE}" fill="#fff"/>')
    print(f'  <path d="M0 0A{SIDE} {SIDE} 0 0 1 {SIDE} {SIDE}H0z" fill="#e6ebf2"/>')
    for colour, group in (("#334155", inside), ("#8a9bb3", outside)):
        print(f'  <g fill="{colour}">')
        for x, y in group:
            print(f'    <circle cx="{x * SIDE:.0f}" cy="{(1 - y) * SIDE:.0f}" r="5"/>')
        print("  </g>")
    print(f'  <path d="M0 0A{SIDE} {SIDE} 0 0 1 {SIDE} {SIDE}" fill="none" stroke="#334155"')
    print('    stroke-width="5"/>')
    print(f'  <rect width="{SIDE}" height="{SIDE}" fill="none" stroke="#334155" stroke-width="4"/>')
    print("</svg>")


if __name__ == "__main__":
    main()
