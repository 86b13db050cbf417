"""The primes below thirty, in one process."""


# region primes
def is_prime(number: int) -> bool:
    """Has a number no divisor but one and itself?"""
    return number > 1 and all(number % n for n in range(2, number))


print([number for number in range(30) if is_prime(number)])
# endregion primes

assert not is_prime(1)
assert is_prime(29)
