/**
 * Idempotency-Key: a POST that is sent again gives the first answer again.
 *
 * One row for each (user, method, path, key), kept for a day: reserved before the handler runs, filled with its answer
 * afterwards. Only success is kept; a refusal may be retried.
 */

import { hash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

import { current, type RequestContext } from './context.ts';
import type { Database } from './db.ts';
import { Problem, sendProblem } from './problem.ts';

const KEY = /^(?:"([A-Za-z0-9_-]{8,64})"|([A-Za-z0-9_-]{8,64}))$/;
const LIFETIME_MILLISECONDS = 24 * 3600 * 1000;
/** A reservation this old belongs to a process that died. */
const ABANDONED_MILLISECONDS = 60 * 1000;
const KEPT_FIELDS = ['Content-Type', 'Location'];

export interface KeptAnswer {
  status: number;
  headers: Record<string, string>;
  body: string | null;
}

export class Idempotency {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** The first answer, to be given again; else none, and what `res` ends with is kept before it leaves. */
  async begin(req: IncomingMessage, res: ServerResponse): Promise<KeptAnswer | undefined> {
    const context = current();
    const given = req.headers['idempotency-key'];
    if (given === undefined || !isRetriable(context)) return undefined;
    const id = callId(context, String(given));
    const bodyHash = sha256(context.raw);
    if (!(await this.#reserve(id, bodyHash))) return this.#kept(id, bodyHash);
    this.#record(id, res);
    return undefined;
  }

  async #reserve(id: string, bodyHash: string): Promise<boolean> {
    const { kysely } = this.#db;
    const now = Date.now();
    const ago = (milliseconds: number): string => new Date(now - milliseconds).toISOString();
    await kysely
      .deleteFrom('idempotent_calls')
      .where((eb) =>
        eb.or([
          eb('created_at', '<', ago(LIFETIME_MILLISECONDS)),
          eb.and([eb('id', '=', id), eb('status', 'is', null), eb('created_at', '<', ago(ABANDONED_MILLISECONDS))]),
        ]),
      )
      .execute();
    const call = { id, body_hash: bodyHash, created_at: ago(0) };
    const inserted = await kysely
      .insertInto('idempotent_calls')
      .values(call)
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    return inserted.numInsertedOrUpdatedRows === 1n;
  }

  async #kept(id: string, bodyHash: string): Promise<KeptAnswer> {
    const query = this.#db.kysely.selectFrom('idempotent_calls').selectAll().where('id', '=', id);
    const call = await query.executeTakeFirst();
    if (call !== undefined && call.body_hash !== bodyHash) throw new Problem(422, 'idempotency-mismatch');
    if (call === undefined || call.status === null) {
      throw new Problem(409, 'conflict', { detail: 'The first request with this key is still running' });
    }
    const fields = JSON.parse(call.headers ?? '{}') as Record<string, string>;
    return { status: call.status, headers: { ...fields, 'Idempotent-Replayed': 'true' }, body: call.body };
  }

  /** Holds the end of an answer back until it is kept. */
  #record(id: string, res: ServerResponse): void {
    const end = res.end.bind(res);
    let ended = false;
    const finish = async (body: string): Promise<void> => {
      const table = this.#db.kysely;
      if (res.statusCode >= 200 && res.statusCode < 300) {
        const fields = KEPT_FIELDS.flatMap((name) => (res.hasHeader(name) ? [[name, res.getHeader(name)]] : []));
        const answer = { status: res.statusCode, headers: JSON.stringify(Object.fromEntries(fields)), body };
        await table.updateTable('idempotent_calls').set(answer).where('id', '=', id).execute();
      } else {
        await table.deleteFrom('idempotent_calls').where('id', '=', id).execute();
      }
    };
    res.end = ((body?: string | Buffer) => {
      if (ended) return res;
      ended = true;
      res.end = end;
      finish(body?.toString() ?? '').then(
        () => end(body),
        (error: unknown) => sendProblem(res, error),
      );
      return res;
    }) as typeof res.end;
  }
}

/** Where a key counts: whatever makes something; signing in never gives the same answer twice. */
export function isRetriable({ method, path }: { method: string; path: string }): boolean {
  return method === 'POST' && !path.startsWith('/v1/auth/');
}

export function sendKept(res: ServerResponse, { status, headers, body }: KeptAnswer): void {
  res.writeHead(status, headers).end(body);
}

function callId({ userKey, method, path }: RequestContext, given: string): string {
  const key = KEY.exec(given);
  if (key === null) {
    throw new Problem(400, 'bad-request', { detail: 'Idempotency-Key is not 8 to 64 of A-Z a-z 0-9 _ -' });
  }
  return sha256([userKey, method, path, key[1] ?? key[2]].join('\0'));
}

function sha256(data: string | Buffer): string {
  return hash('sha256', data);
}
