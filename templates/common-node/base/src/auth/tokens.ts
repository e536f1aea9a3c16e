/** Signed access tokens (RFC 9068); opaque secrets, stored only as SHA-256, and the cookie that carries one. */

import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hash,
  type KeyObject,
  randomBytes,
  randomUUID,
} from 'node:crypto';
import type { IncomingMessage } from 'node:http';

import { jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';

import { type Config, isProduction } from '../core/config.ts';
import { Key, type KeySet } from './schemas.ts';

const TYPE = 'at+jwt';
const LONGEST_LIFETIME = 900;
const LONGEST_TOKEN = 4096;
const REMEMBERED_MILLISECONDS = 1000;
const REMEMBERED_ENTRIES = 10_000;

const payload = z
  .object({
    aud: z.string(),
    sub: z.uuid(),
    sid: z.uuid(),
    jti: z.string(),
    iat: z.int(),
    nbf: z.int(),
    exp: z.int(),
    auth_time: z.int(),
  })
  .refine(({ exp, iat }) => exp - iat <= LONGEST_LIFETIME);

/** What a token says. Times are Unix seconds. */
export interface Claims {
  userId: string;
  sessionId: string;
  authTime: number;
  expiresAt: number;
}

/** The bearer token is not one of ours, or no longer. */
export class InvalidTokenError extends Error {}

/** What was found out within the last second. */
export class Remembered<T> {
  readonly #entries = new Map<string, { until: number; value: T }>();

  get(key: string): T | undefined {
    const entry = this.#entries.get(key);
    return entry !== undefined && entry.until > performance.now() ? entry.value : undefined;
  }

  put(key: string, value: T): void {
    if (this.#entries.size >= REMEMBERED_ENTRIES) this.clear();
    this.#entries.set(key, { until: performance.now() + REMEMBERED_MILLISECONDS, value });
  }

  clear(): void {
    this.#entries.clear();
  }
}

/** 256 random bits, 43 characters. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

export function digest(secret: string): string {
  return hash('sha256', secret);
}

/** A private key for ES256, as PEM. */
export function newKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** The name of a key pair: the same wherever it is loaded. */
export function keyId(key: KeyObject): string {
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
  return hash('sha256', spki).slice(0, 16);
}

interface SigningKey {
  kid: string;
  algorithm: 'ES256' | 'EdDSA';
  private: KeyObject;
  public: KeyObject;
}

/** Read concatenated PEM keys; throws unless each is on P-256 or Ed25519. */
export function loadKeys(pem: string): [SigningKey, ...SigningKey[]] {
  const blocks = pem.replaceAll('\\n', '\n').match(/-----BEGIN [A-Z ]+-----.+?-----END [A-Z ]+-----/gs) ?? [];
  const [first, ...others] = blocks.map((block): SigningKey => {
    const key = createPrivateKey(block);
    return { kid: keyId(key), algorithm: algorithmOf(key), private: key, public: createPublicKey(key) };
  });
  if (first === undefined) throw new Error('no PEM private key');
  return [first, ...others];
}

function algorithmOf({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): SigningKey['algorithm'] {
  if (type === 'ed25519') return 'EdDSA';
  if (type === 'ec' && details?.namedCurve === 'prime256v1') return 'ES256';
  throw new Error('signing keys must be P-256 or Ed25519');
}

/** Issues and verifies access tokens of one issuer, which is also their audience. The first key signs. */
export class AccessTokens {
  /** In seconds. */
  readonly lifetime: number;
  readonly #issuer: string;
  readonly #current: SigningKey;
  readonly #keys: ReadonlyMap<string | undefined, SigningKey>;
  readonly #remembered = new Remembered<Claims>();

  constructor(config: Config) {
    const keys = loadKeys(config.JWT_PRIVATE_KEYS);
    [this.#current] = keys;
    this.#keys = new Map(keys.map((key) => [key.kid, key]));
    this.#issuer = config.PUBLIC_URL;
    this.lifetime = config.ACCESS_TTL;
  }

  jwks(): KeySet {
    const keys = [...this.#keys.values()].map(({ kid, algorithm, public: key }) =>
      Key.parse(Object.assign(key.export({ format: 'jwk' }), { kid, alg: algorithm, use: 'sig' })),
    );
    return { keys };
  }

  /** A token for one lifetime, or until `latest` if that is earlier. */
  issue(claims: { userId: string; sessionId: string; authTime: number; latest: number }): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const { kid, algorithm, private: key } = this.#current;
    return new SignJWT({ sid: claims.sessionId, auth_time: claims.authTime, amr: ['pwd'], acr: 'aal1' })
      .setProtectedHeader({ alg: algorithm, kid, typ: TYPE })
      .setIssuer(this.#issuer)
      .setAudience(this.#issuer)
      .setSubject(claims.userId)
      .setJti(randomUUID())
      .setIssuedAt(now)
      .setNotBefore(now)
      .setExpirationTime(Math.min(now + this.lifetime, claims.latest))
      .sign(key);
  }

  /** Throws InvalidTokenError; a good token is remembered, by its hash, for a second. */
  async verify(token: string): Promise<Claims> {
    if (token.length > LONGEST_TOKEN) throw new InvalidTokenError();
    const hashed = digest(token);
    const known = this.#remembered.get(hashed);
    const claims = known ?? (await this.#verify(token));
    if (claims.expiresAt <= Date.now() / 1000) throw new InvalidTokenError();
    if (known === undefined) this.#remembered.put(hashed, claims);
    return claims;
  }

  async #verify(token: string): Promise<Claims> {
    try {
      const { payload: found } = await jwtVerify(token, ({ kid, alg }) => this.#keyFor(kid, alg), {
        issuer: this.#issuer,
        audience: this.#issuer,
        typ: TYPE,
        // Also refuses what was issued in the future.
        maxTokenAge: LONGEST_LIFETIME,
      });
      const { sub, sid, auth_time, exp } = payload.parse(found);
      return { userId: sub, sessionId: sid, authTime: auth_time, expiresAt: exp };
    } catch (error) {
      throw new InvalidTokenError('not a token of this service', { cause: error });
    }
  }

  /** The key decides the algorithm, not the token. */
  #keyFor(kid: string | undefined, algorithm: string): KeyObject {
    const key = this.#keys.get(kid);
    if (key?.algorithm !== algorithm) throw new InvalidTokenError();
    return key.public;
  }
}

/** Browsers take the prefix and Secure on https only, which development does not have. */
function cookieName(config: Config): string {
  return isProduction(config) ? '__Host-refresh' : 'refresh';
}

/** The Set-Cookie field of the refresh token: no script can read it, no other site can send it. Without a value it clears the cookie. */
export function refreshCookie(config: Config, value = ''): string {
  const secure = isProduction(config) ? 'Secure; ' : '';
  const age = value === '' ? 0 : config.REFRESH_IDLE_TTL;
  return `${cookieName(config)}=${value}; Path=/; ${secure}HttpOnly; SameSite=Strict; Max-Age=${age}`;
}

export function presentedCookie(config: Config, req: IncomingMessage): string | undefined {
  const start = `${cookieName(config)}=`;
  const pairs = (req.headers.cookie ?? '').split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(start))?.slice(start.length);
}
