/** /v1/auth: registration, signing in, links from mails. */

import type { Response } from 'express';

import { readMailbox } from '../auth/mail.ts';
import * as s from '../auth/schemas.ts';
import type { Grant } from '../auth/sessions.ts';
import { isProduction } from '../core/config.ts';
import { route, type Route } from '../http/route.ts';
import type { Parts } from '../parts.ts';

const ANYBODY = { method: 'POST', tag: 'auth', access: 'public' } as const;
const MAILED = { ...ANYBODY, status: 202, answer: s.Accepted } as const;

export function authRoutes({ accounts, config, sessions, tokens }: Parts): Route[] {
  return [
    ...(isProduction(config) ? [] : [mailbox]),
    route(
      {
        ...ANYBODY,
        id: 'jwks',
        method: 'GET',
        path: '/.well-known/jwks.json',
        summary: 'Publish the keys that access tokens are signed with.',
        answer: s.KeySet,
      },
      () => tokens.jwks(),
    ),
    route(
      {
        ...MAILED,
        id: 'register',
        path: '/v1/auth/register',
        summary: 'Ask for an account; a mail follows.',
        body: s.Registration,
      },
      async ({ body }) => {
        await accounts.register(body);
        return { status: 'accepted' };
      },
    ),
    route(
      {
        ...ANYBODY,
        id: 'verify_email',
        path: '/v1/auth/verify-email',
        summary: 'Confirm the address with the mailed token, and open the account.',
        body: s.Verification,
        status: 204,
        refusals: [401],
      },
      ({ body }) => accounts.verifyEmail(body),
    ),
    route(
      {
        ...MAILED,
        id: 'resend_verification',
        path: '/v1/auth/verify-email/resend',
        summary: 'Mail the confirmation again.',
        body: s.AddressOnly,
      },
      async ({ body }) => {
        await accounts.resend(body);
        return { status: 'accepted' };
      },
    ),
    route(
      {
        ...MAILED,
        id: 'forgot_password',
        path: '/v1/auth/password/forgot',
        summary: 'Ask for a mail to set a new password.',
        body: s.AddressOnly,
      },
      async ({ body }) => {
        await accounts.forgotPassword(body);
        return { status: 'accepted' };
      },
    ),
    route(
      {
        ...ANYBODY,
        id: 'reset_password',
        path: '/v1/auth/password/reset',
        summary: 'Set a new password with the mailed token.',
        body: s.PasswordReset,
        status: 204,
        refusals: [401],
      },
      ({ body }) => accounts.resetPassword(body),
    ),
    route(
      {
        ...ANYBODY,
        id: 'login',
        path: '/v1/auth/login',
        summary: 'Sign in.',
        body: s.Login,
        answer: s.SignedIn,
        refusals: [401],
        setsCookie: true,
      },
      async ({ body, req, res }) => signedIn(res, await sessions.signIn(body, req)),
    ),
    route(
      {
        ...ANYBODY,
        id: 'refresh',
        path: '/v1/auth/refresh',
        summary: 'Get new tokens for the refresh token, which is used up.',
        body: s.Renewal,
        answer: s.SignedIn,
        refusals: [401, 409],
        setsCookie: true,
      },
      async ({ body, req, res }) => signedIn(res, await sessions.refresh(body, req)),
    ),
    route(
      {
        ...ANYBODY,
        id: 'reauth',
        path: '/v1/auth/reauth',
        summary: 'Show the password again, for calls that want a fresh sign-in.',
        access: 'user',
        body: s.Reauthentication,
        answer: s.SignedIn,
        setsCookie: true,
      },
      async ({ body, principal, res }) => signedIn(res, await sessions.reauthenticate(principal, body.password)),
    ),
    route(
      {
        ...ANYBODY,
        id: 'logout',
        path: '/v1/auth/logout',
        summary: 'Sign out.',
        body: s.Renewal,
        status: 204,
        setsCookie: true,
      },
      async ({ body, req, res }) => {
        res.set(await sessions.signOut(body, req));
      },
    ),
  ];
}

/** The access token in the body, the refresh token where no script can read it. */
function signedIn(res: Response, { answer, cookie }: Grant): s.SignedIn {
  if (cookie !== undefined) res.set('Set-Cookie', cookie);
  return answer;
}

/** What development mails, to be read. */
const mailbox = route(
  {
    ...ANYBODY,
    id: 'mailbox',
    method: 'GET',
    path: '/dev/mailbox',
    summary: 'The development mailbox.',
    mediaType: 'text/html',
    hidden: true,
  },
  async ({ res }) => {
    res.type('html').send(await readMailbox());
  },
);
