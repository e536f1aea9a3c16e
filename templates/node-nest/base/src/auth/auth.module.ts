import { type DynamicModule, Module, type OnApplicationShutdown } from '@nestjs/common';

import { CONFIG, provide } from '../core.module.ts';
import { type Config, isProduction } from '../core/config.ts';
import { Database } from '../core/db.ts';
import { Store } from '../core/store.ts';
import { Accounts } from './accounts.ts';
import { AuthController, KeysController, MailboxController } from './auth.controller.ts';
import { Mailer } from './mail.ts';
import { MeController } from './me.controller.ts';
import { Passwords } from './passwords.ts';
import { Authenticator } from './permissions.ts';
import { Sessions } from './sessions.ts';
import { AccessTokens } from './tokens.ts';

@Module({
  controllers: [AuthController, MeController, KeysController],
  providers: [
    provide(AccessTokens, CONFIG),
    provide(Authenticator, CONFIG, Database, AccessTokens),
    provide(Passwords, CONFIG, Store),
    provide(Mailer, CONFIG),
    provide(Sessions, CONFIG, Database, AccessTokens, Authenticator, Passwords),
    provide(Accounts, CONFIG, Database, Store, Sessions, Passwords, Mailer),
  ],
  exports: [Authenticator],
})
export class AuthModule implements OnApplicationShutdown {
  constructor(private readonly mailer: Mailer) {}

  static forRoot(config: Config): DynamicModule {
    return { module: AuthModule, global: true, controllers: isProduction(config) ? [] : [MailboxController] };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.mailer.close();
  }
}
