/** Accounts for tests that are about something else, and what they need to be about accounts. */

import { saveUser } from '../../src/auth/commands.ts';
import type { Config } from '../../src/core/config.ts';

export const PASSWORD = 'a horse reads quietly';

/** The header of a signed-in user, who is made first. */
export async function authorization(config: Config, email: string): Promise<{ authorization: string }> {
  const token = await saveUser(config, { email, password: PASSWORD, role: 'user' });
  return { authorization: `Bearer ${token}` };
}
