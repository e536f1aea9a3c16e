/** Something to develop with. */

import { newSecret } from './auth/tokens.ts';
import { saveUser } from './auth/commands.ts';
import type { Config } from './core/config.ts';

const DEVELOPER = 'developer@example.com';

/** Make a signed-in user and print a request of theirs. */
export async function seed(config: Config): Promise<void> {
  const password = newSecret();
  const token = await saveUser(config, { email: DEVELOPER, password, role: 'user' });
  process.stdout.write(`${DEVELOPER}, password ${password}\n\n`);
  process.stdout.write(`curl -H "Authorization: Bearer ${token}" ${config.PUBLIC_URL}/v1/items\n`);
}
