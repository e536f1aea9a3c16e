/** Accounts whose things lie in two databases. */

import { Accounts } from '../auth/accounts.ts';
import type { Principal } from '../auth/permissions.ts';
import { current } from '../core/context.ts';
import type { ItemService } from './service.ts';

export class AccountsOfBoth extends Accounts {
  readonly #service: ItemService;

  constructor(service: ItemService, ...parts: ConstructorParameters<typeof Accounts>) {
    super(...parts);
    this.#service = service;
  }

  /** What the service keeps goes first: if it cannot be reached, the account stays and this can be tried again. */
  override async delete(principal: Principal): Promise<void> {
    await this.#service.forget(principal.userId, current());
    await super.delete(principal);
  }
}
