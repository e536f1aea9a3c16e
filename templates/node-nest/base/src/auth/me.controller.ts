import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Put } from '@nestjs/common';

import { Describe } from '../http/describe.decorator.ts';
import { IdParam } from '../http/input.ts';
import { Accounts } from './accounts.ts';
import { CurrentUser, StepUp } from './auth.decorators.ts';
import type { Principal } from './permissions.ts';
import * as s from './schemas.ts';
import { Sessions } from './sessions.ts';

/** The account of the caller. */
@Controller('v1/me')
export class MeController {
  constructor(
    private readonly accounts: Accounts,
    private readonly sessions: Sessions,
  ) {}

  @Get()
  @Describe({ summary: 'Read your account.', answer: s.Me })
  readMe(@CurrentUser() user: Principal): Promise<s.Me> {
    return this.accounts.me(user);
  }

  @Patch()
  @Describe({ summary: 'Change your name.', answer: s.Me })
  updateMe(@CurrentUser() user: Principal, @Body({ schema: s.Rename }) body: s.Rename): Promise<s.Me> {
    return this.accounts.rename(user, body);
  }

  @StepUp()
  @Delete()
  @HttpCode(204)
  @Describe({ summary: 'Delete your account and all it owns; wants a fresh sign-in.' })
  async deleteMe(@CurrentUser() user: Principal): Promise<void> {
    await this.accounts.delete(user);
  }

  @Put('password')
  @HttpCode(204)
  @Describe({ summary: 'Change your password; all other sessions end.' })
  async changePassword(
    @CurrentUser() user: Principal,
    @Body({ schema: s.PasswordChange }) body: s.PasswordChange,
  ): Promise<void> {
    await this.accounts.changePassword(user, body);
  }

  @StepUp()
  @Put('email')
  @HttpCode(202)
  @Describe({ summary: 'Ask for another address, to be confirmed by mail; wants a fresh sign-in.', answer: s.Accepted })
  async changeEmail(
    @CurrentUser() user: Principal,
    @Body({ schema: s.AddressChange }) body: s.AddressChange,
  ): Promise<s.Accepted> {
    await this.accounts.requestEmailChange(user, body);
    return { status: 'accepted' };
  }

  @Post('email/confirm')
  @HttpCode(204)
  @Describe({ summary: 'Confirm the new address with the mailed token.', refusals: [409] })
  async confirmEmail(
    @CurrentUser() user: Principal,
    @Body({ schema: s.Confirmation }) body: s.Confirmation,
  ): Promise<void> {
    await this.accounts.confirmEmailChange(user, body);
  }

  @Get('sessions')
  @Describe({ summary: 'List where you are signed in.', answer: s.SessionList })
  listSessions(@CurrentUser() user: Principal): Promise<s.SessionList> {
    return this.sessions.list(user);
  }

  @StepUp()
  @Delete('sessions')
  @HttpCode(204)
  @Describe({ summary: 'End all your other sessions; wants a fresh sign-in.' })
  async endOtherSessions(@CurrentUser() user: Principal): Promise<void> {
    await this.sessions.endOthers(user);
  }

  @StepUp()
  @Delete('sessions/:session_id')
  @HttpCode(204)
  @Describe({ summary: 'End one of your sessions; wants a fresh sign-in.' })
  async endSession(@CurrentUser() user: Principal, @IdParam('session_id') sessionId: string): Promise<void> {
    await this.sessions.endOne(user, sessionId);
  }
}
