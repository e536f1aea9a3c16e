/** Which passwords are accepted (NIST SP 800-63B-4 §3.1.1.2). */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

const BLOCKLIST = new URL('../../assets/passwords.txt', import.meta.url);
const MAX_LENGTH = 128;
const SHORTEST_WORD = 3;
const LETTERS_BESIDE_WORDS = 8;

/** NFC, so that the same characters typed on two systems match; nothing else is changed. */
export function canonical(password: string): string {
  return password.normalize('NFC');
}

/** Without regard to case, also where a letter has two forms of it. */
function folded(text: string): string {
  return canonical(text).toUpperCase().toLowerCase();
}

export class PasswordPolicy {
  readonly #minLength: number;
  readonly #appWords: readonly string[];
  readonly #blocked: ReadonlySet<string>;

  constructor(minLength: number, appWords: readonly string[]) {
    this.#minLength = minLength;
    this.#appWords = appWords;
    this.#blocked = new Set(folded(readFileSync(BLOCKLIST, 'utf8')).split('\n'));
  }

  lengthError(password: string): string | undefined {
    const { length } = Array.from(canonical(password));
    if (length < this.#minLength) return `must have at least ${this.#minLength} characters`;
    if (length > MAX_LENGTH) return `must have at most ${MAX_LENGTH} characters`;
    return undefined;
  }

  /** Why a password of fitting length is too easy to guess. */
  weakness(password: string, personal: readonly string[]): string | undefined {
    const whole = folded(password);
    if (this.#blocked.has(whole)) return 'This password is on a list of common passwords.';
    let rest = whole;
    for (const word of words([...this.#appWords, ...personal])) rest = rest.replaceAll(word, ' ');
    const letters = rest.match(/\p{L}/gu)?.length ?? 0;
    if (rest !== whole && letters < LETTERS_BESIDE_WORDS) {
      return "This password is little more than your own or this service's name.";
    }
    return undefined;
  }
}

/** The texts and their parts, the longest first, without those so short that any sentence has them. */
function words(texts: readonly string[]): string[] {
  const whole = texts.map(folded);
  const parts = whole.flatMap((text) => text.split(/[^\p{L}\p{N}]+/u));
  return [...whole, ...parts].filter((word) => word.length >= SHORTEST_WORD).toSorted((a, b) => b.length - a.length);
}

/** Search Have I Been Pwned's download by halves: HASH:COUNT lines, sorted, many gigabytes. */
export async function isBreached(password: string, path: string): Promise<boolean> {
  // SHA-1 is how the data set is indexed; it protects nothing here.
  const sha1 = createHash('sha1').update(canonical(password)).digest('hex').toUpperCase();
  const file = await open(path);
  try {
    let low = 0;
    let high = (await file.stat()).size;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      // oxlint-disable-next-line no-await-in-loop -- each step depends on the one before
      if ((await hashFrom(file, middle)) < sha1) low = middle + 1;
      else high = middle;
    }
    return (await hashFrom(file, low)) === sha1;
  } finally {
    await file.close();
  }
}

/** Of the first whole line at or after an offset; past the end something greater. */
async function hashFrom(file: FileHandle, offset: number): Promise<string> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(128), 0, 128, Math.max(offset - 1, 0));
  const text = buffer.toString('latin1', 0, bytesRead);
  const start = offset === 0 ? 0 : text.indexOf('\n') + 1;
  const atEnd = offset > 0 && start === 0;
  return (atEnd ? '' : text.slice(start, start + 40).toUpperCase()) || '~';
}
