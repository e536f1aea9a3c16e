"""Work for the language alone: loops and arithmetic, no library to do it."""


def count_primes(limit: int) -> int:
    """Count the primes up to a limit, dividing by those found so far."""
    primes: list[int] = []
    for number in range(2, limit + 1):
        if not _is_divisible(number, primes):
            primes.append(number)
    return len(primes)


def _is_divisible(number: int, primes: list[int]) -> bool:
    for prime in primes:
        if prime * prime > number:
            return False
        if number % prime == 0:
            return True
    return False
