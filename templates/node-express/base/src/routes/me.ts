/** /v1/me: the account of the caller. */

import * as s from '../auth/schemas.ts';
import { route, type Route } from '../http/route.ts';
import type { Parts } from '../parts.ts';

const ME = { tag: 'me', access: 'user', path: '/v1/me' } as const;
const SESSIONS = { ...ME, path: '/v1/me/sessions' } as const;

export function meRoutes({ accounts, sessions }: Parts): Route[] {
  return [
    route({ ...ME, id: 'read_me', method: 'GET', summary: 'Read your account.', answer: s.Me }, ({ principal }) =>
      accounts.me(principal),
    ),
    route(
      { ...ME, id: 'update_me', method: 'PATCH', summary: 'Change your name.', body: s.Rename, answer: s.Me },
      ({ body, principal }) => accounts.rename(principal, body),
    ),
    route(
      {
        ...ME,
        id: 'delete_me',
        method: 'DELETE',
        summary: 'Delete your account and all it owns; wants a fresh sign-in.',
        access: 'recent',
        status: 204,
      },
      ({ principal }) => accounts.delete(principal),
    ),
    route(
      {
        ...ME,
        id: 'change_password',
        method: 'PUT',
        path: '/v1/me/password',
        summary: 'Change your password; all other sessions end.',
        body: s.PasswordChange,
        status: 204,
      },
      ({ body, principal }) => accounts.changePassword(principal, body),
    ),
    route(
      {
        ...ME,
        id: 'change_email',
        method: 'PUT',
        path: '/v1/me/email',
        summary: 'Ask for another address, to be confirmed by mail; wants a fresh sign-in.',
        access: 'recent',
        body: s.AddressChange,
        status: 202,
        answer: s.Accepted,
      },
      async ({ body, principal }) => {
        await accounts.requestEmailChange(principal, body);
        return { status: 'accepted' };
      },
    ),
    route(
      {
        ...ME,
        id: 'confirm_email',
        method: 'POST',
        path: '/v1/me/email/confirm',
        summary: 'Confirm the new address with the mailed token.',
        body: s.Confirmation,
        status: 204,
        refusals: [409],
      },
      ({ body, principal }) => accounts.confirmEmailChange(principal, body),
    ),
    route(
      {
        ...SESSIONS,
        id: 'list_sessions',
        method: 'GET',
        summary: 'List where you are signed in.',
        answer: s.SessionList,
      },
      ({ principal }) => sessions.list(principal),
    ),
    route(
      {
        ...SESSIONS,
        id: 'end_other_sessions',
        method: 'DELETE',
        summary: 'End all your other sessions; wants a fresh sign-in.',
        access: 'recent',
        status: 204,
      },
      ({ principal }) => sessions.endOthers(principal),
    ),
    route(
      {
        ...SESSIONS,
        id: 'end_session',
        method: 'DELETE',
        path: '/v1/me/sessions/{session_id}',
        summary: 'End one of your sessions; wants a fresh sign-in.',
        access: 'recent',
        status: 204,
      },
      ({ ids, principal }) => sessions.endOne(principal, ids.session_id),
    ),
  ];
}
