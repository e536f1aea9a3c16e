/** Whatever this machine is set up for, tests touch nothing outside of a folder of their own. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'scaffold-sample-'));
process.chdir(folder);

afterAll(() => {
  process.chdir('/');
  rmSync(folder, { recursive: true });
});
