/**
 * Service tokens: this gateway's word to the service behind it, for one request of one user.
 *
 * No password is shared: only the gateway can sign, the service holds the public key. A token names the service, the
 * user, the method, the target and the body, and lives for seconds, so whoever sees one can send the same request again
 * at most.
 */

import { createHash, createPrivateKey, type KeyObject } from 'node:crypto';

import { SignJWT } from 'jose';

import { keyId } from '../auth/tokens.ts';
import { NAME } from '../core/config.ts';

const AUDIENCE = `${NAME}-service`;
const LIFETIME = '30s';

export class ServiceTokens {
  readonly #key: KeyObject;
  readonly #kid: string;

  /** Takes a private key on P-256 in PEM; throws for anything else. */
  constructor(pem: string) {
    this.#key = createPrivateKey(pem.replaceAll('\\n', '\n'));
    if (this.#key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') throw new Error('the key is not on P-256');
    this.#kid = keyId(this.#key);
  }

  async issue(userId: string, request: { method: string; target: string; body: Buffer }): Promise<string> {
    const { method, target, body } = request;
    return new SignJWT({ method, target, digest: sha256(body) })
      .setProtectedHeader({ alg: 'ES256', typ: 'service+jwt', kid: this.#kid })
      .setIssuer(NAME)
      .setAudience(AUDIENCE)
      .setSubject(userId)
      .setIssuedAt()
      .setNotBefore('0s')
      .setExpirationTime(LIFETIME)
      .sign(this.#key);
  }
}

function sha256(data: Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}
