/** Whatever this machine is set up for, tests touch nothing outside of a folder of their own. */

// <% if .accounts %>
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
// <% else %>
import { mkdtempSync, rmSync } from 'node:fs';
// <% end %>
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// <% if .accounts %>
import { afterAll, beforeEach, vi } from 'vitest';
// <% else %>
import { afterAll, vi } from 'vitest';
// <% end %>

const folder = mkdtempSync(join(tmpdir(), 'scaffold-sample-'));
process.chdir(folder);

// <% if .accounts %>
beforeEach(() => {
  rmSync('var/mail', { recursive: true, force: true });
  mkdirSync('var/mail', { recursive: true });
});

// <% end %>
afterAll(() => {
  vi.restoreAllMocks();
  process.chdir('/');
  rmSync(folder, { recursive: true });
});
