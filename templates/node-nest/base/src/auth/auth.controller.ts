import type { IncomingMessage, ServerResponse } from 'node:http';

import { Body, Controller, Get, Header, HttpCode, Post, Req, Res } from '@nestjs/common';

import { Describe } from '../http/describe.decorator.ts';
import { Accounts } from './accounts.ts';
import { CurrentUser, Public } from './auth.decorators.ts';
import { readMailbox } from './mail.ts';
import type { Principal } from './permissions.ts';
import * as s from './schemas.ts';
import { type Grant, Sessions } from './sessions.ts';
import { AccessTokens } from './tokens.ts';

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
  async resendVerification(@Body({ schema: s.AddressOnly }) body: s.AddressOnly): Promise<s.Accepted> {
    await this.accounts.resend(body);
    return ACCEPTED;
  }

  @Public()
  @Post('password/forgot')
  @HttpCode(202)
  @Describe({ summary: 'Ask for a mail to set a new password.', answer: s.Accepted })
  async forgotPassword(@Body({ schema: s.AddressOnly }) body: s.AddressOnly): Promise<s.Accepted> {
    await this.accounts.forgotPassword(body);
    return ACCEPTED;
  }

  @Public()
  @Post('password/reset')
  @HttpCode(204)
  @Describe({ summary: 'Set a new password with the mailed token.', refusals: [401] })
  async resetPassword(@Body({ schema: s.PasswordReset }) body: s.PasswordReset): Promise<void> {
    await this.accounts.resetPassword(body);
  }

  @Public()
  @Post('login')
  @HttpCode(200)
  @Describe({ summary: 'Sign in.', answer: s.SignedIn, refusals: [401], setsCookie: true })
  async login(
    @Body({ schema: s.Login }) body: s.Login,
    @Req() request: IncomingMessage,
    @Res({ passthrough: true }) response: ServerResponse,
  ): Promise<s.SignedIn> {
    return signedIn(await this.sessions.signIn(body, request), response);
  }

  @Public()
  @Post('refresh')
  @HttpCode(200)
  @Describe({
    summary: 'Get new tokens for the refresh token, which is used up.',
    answer: s.SignedIn,
    refusals: [401, 409],
    setsCookie: true,
  })
  async refresh(
    @Body({ schema: s.Renewal }) body: s.Renewal,
    @Req() request: IncomingMessage,
    @Res({ passthrough: true }) response: ServerResponse,
  ): Promise<s.SignedIn> {
    return signedIn(await this.sessions.refresh(body, request), response);
  }

  @Post('reauth')
  @HttpCode(200)
  @Describe({
    summary: 'Show the password again, for calls that want a fresh sign-in.',
    answer: s.SignedIn,
    setsCookie: true,
  })
  async reauth(
    @CurrentUser() user: Principal,
    @Body({ schema: s.Reauthentication }) { password }: s.Reauthentication,
    @Res({ passthrough: true }) response: ServerResponse,
  ): Promise<s.SignedIn> {
    return signedIn(await this.sessions.reauthenticate(user, password), response);
  }

  @Public()
  @Post('logout')
  @HttpCode(204)
  @Describe({ summary: 'Sign out.', setsCookie: true })
  async logout(
    @Body({ schema: s.Renewal }) body: s.Renewal,
    @Req() request: IncomingMessage,
    @Res({ passthrough: true }) response: ServerResponse,
  ): Promise<void> {
    response.setHeaders(new Map(Object.entries(await this.sessions.signOut(body, request))));
  }
}

/** The access token in the body, the refresh token where no script can read it. */
function signedIn({ answer, cookie }: Grant, response: ServerResponse): s.SignedIn {
  if (cookie !== undefined) response.setHeader('Set-Cookie', cookie);
  return answer;
}

@Public()
@Controller('.well-known')
export class KeysController {
  constructor(private readonly tokens: AccessTokens) {}

  @Get('jwks.json')
  @Describe({ summary: 'Publish the keys that access tokens are signed with.', tag: 'auth', answer: s.KeySet })
  jwks(): s.KeySet {
    return this.tokens.jwks();
  }
}

/** What development sends, to be read in a browser. */
@Public()
@Controller('dev/mailbox')
export class MailboxController {
  @Get()
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Content-Security-Policy', "default-src 'none'")
  @Describe({ summary: 'Mails sent in development.', hidden: true, mediaType: 'text/html' })
  mailbox(): Promise<string> {
    return readMailbox();
  }
}
