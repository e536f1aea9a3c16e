/** Work for the language alone: loops and arithmetic, no library to do it. */

/** Count the primes up to a limit, dividing by those found so far. */
export function countPrimes(limit: number): number {
  const primes: number[] = [];
  for (let number = 2; number <= limit; number += 1) {
    if (!isDivisible(number, primes)) primes.push(number);
  }
  return primes.length;
}

function isDivisible(number: number, primes: readonly number[]): boolean {
  for (const prime of primes) {
    if (prime * prime > number) return false;
    if (number % prime === 0) return true;
  }
  return false;
}
