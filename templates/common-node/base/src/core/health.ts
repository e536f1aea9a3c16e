/** Probes: alive, and ready for traffic. */

import { z } from 'zod';

import type { Database } from './db.ts';
import type { Life } from './envelope.ts';

export const Health = z.strictObject({ status: z.enum(['ok', 'unavailable']) }).meta({ id: 'Health' });

/** Whether requests are welcome: the database is there, the process is not ending. */
export async function isReady(db: Database, life: Life): Promise<boolean> {
  return !life.draining && (await db.isUp());
}
