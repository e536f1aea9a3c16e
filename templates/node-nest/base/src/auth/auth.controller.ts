import type { IncomingMessage, ServerResponse } from 'node:http';

import { Body, Controller, HttpCode, Post, Req, Res } from '@nestjs/common';

import { Describe } from '../http/describe.decorator.ts';
import { Accounts } from './accounts.ts';
import { CurrentUser, Public } from './auth.decorators.ts';
import type { Principal } from './permissions.ts';
import * as s from './schemas.ts';
import { Sessions } from './sessions.ts';

const ACCEPTED = { status: 'accepted' } as const;

/** Registration, signing in, links from mails. */
@Controller('v1/auth')
export class AuthController {
  constructor(
    private readonly accounts: Accounts,
    private readonly sessions: Sessions,
  ) {}

  @Public()
  @Post('register')
  @HttpCode(202)
  @Describe({ summary: 'Ask for an account; a mail follows.', answer: s.Accepted })
  async register(@Body({ schema: s.Registration }) body: s.Registration): Promise<s.Accepted> {
    await this.accounts.register(body);
    return ACCEPTED;
  }

  @Public()
  @Post('verify-email')
  @HttpCode(204)
  @Describe({ summary: 'Confirm the address with the mailed token, and open the account.', refusals: [401] })
  async verifyEmail(@Body({ schema: s.Verification }) body: s.Verification): Promise<void> {
    await this.accounts.verifyEmail(body);
  }

  @Public()
  @Post('verify-email/resend')
  @HttpCode(202)
  @Describe({ summary: 'Mail the confirmation again.', answer: s.Accepted })
  async resend(@Body({ schema: s.AddressOnly }) body: s.AddressOnly): Promise<s.Accepted> {
    await this.accounts.resend(body);
    return ACCEPTED;
  }

  @Public()
  @Post('password/forgot')
  @HttpCode(202)
  @Describe({ summary: 'Ask for a mail to set a new password.', answer: s.Accepted })
  async forgot(@Body({ schema: s.AddressOnly }) body: s.AddressOnly): Promise<s.Accepted> {
    await this.accounts.forgotPassword(body);
    return ACCEPTED;
  }

  @Public()
  @Post('password/reset')
  @HttpCode(204)
  @Describe({ summary: 'Set a new password with the mailed token.', refusals: [401] })
  async reset(@Body({ schema: s.PasswordReset }) body: s.PasswordReset): Promise<void> {
    await this.accounts.resetPassword(body);
  }
}
