/** What requests about accounts contain, and what is answered. */

import { z } from 'zod';

import { instant, singleLine, text, uuid } from '../core/schemas.ts';
import { normalForm } from './address.ts';

/** Where nothing must show whether an address has an account, any line will do. */
const anyAddress = singleLine.max(254);
const address = anyAddress.meta({ format: 'email' }).transform((value, context) => {
  const normal = normalForm(value);
  if (normal !== undefined) return normal;
  context.addIssue('is not an e-mail address');
  return z.NEVER;
});
/** The policy says which are good; this only bounds the work. */
const password = text.min(1).max(1024);
/** Callers are shown the policy's bounds; it judges in its own words, by normal form and settings. */
const newPassword = password.meta({ minLength: 15, maxLength: 128 });
const name = singleLine.min(1).max(100);
const secret = singleLine.min(1).max(128);

export const Registration = z
  .strictObject({ email: address, password: newPassword.nullable().default(null), name: name.nullable().default(null) })
  .meta({ id: 'Registration' });
export type Registration = z.output<typeof Registration>;

export const AddressOnly = z.strictObject({ email: anyAddress }).meta({ id: 'AddressOnly' });
export type AddressOnly = z.output<typeof AddressOnly>;

export const Verification = z.strictObject({ token: secret, password }).meta({ id: 'Verification' });
export type Verification = z.output<typeof Verification>;

export const Login = z
  .strictObject({
    email: anyAddress,
    password,
    // <% if .native %>
    transport: z.enum(['cookie', 'body']).default('cookie'),
    // <% end %>
  })
  .meta({ id: 'Login' });
export type Login = z.output<typeof Login>;

/** `{}`: a body that no page of another origin can send without asking first. */
// <% if .native %>
export const Renewal = z.strictObject({ refresh_token: secret.nullable().default(null) }).meta({ id: 'Renewal' });
// <% else %>
export const Renewal = z.strictObject({}).meta({ id: 'Renewal' });
// <% end %>
export type Renewal = z.output<typeof Renewal>;

export const Reauthentication = z.strictObject({ password }).meta({ id: 'Reauthentication' });
export type Reauthentication = z.output<typeof Reauthentication>;

export const Confirmation = z.strictObject({ token: secret }).meta({ id: 'Confirmation' });
export type Confirmation = z.output<typeof Confirmation>;

export const PasswordReset = z.strictObject({ token: secret, new_password: newPassword }).meta({ id: 'PasswordReset' });
export type PasswordReset = z.output<typeof PasswordReset>;

export const PasswordChange = z
  .strictObject({ current_password: password, new_password: newPassword })
  .meta({ id: 'PasswordChange' });
export type PasswordChange = z.output<typeof PasswordChange>;

export const AddressChange = z.strictObject({ new_email: address }).meta({ id: 'AddressChange' });
export type AddressChange = z.output<typeof AddressChange>;

export const Rename = z.strictObject({ name: name.nullable() }).meta({ id: 'Rename' });
export type Rename = z.output<typeof Rename>;

export const Accepted = z.strictObject({ status: z.literal('accepted') }).meta({ id: 'Accepted' });
export type Accepted = z.output<typeof Accepted>;

const user = { id: uuid, email: z.string().meta({ format: 'email' }), role: z.enum(['user', 'admin']) };

export const SignedInUser = z.strictObject(user).meta({ id: 'SignedInUser' });
export type SignedInUser = z.output<typeof SignedInUser>;

export const Me = z.strictObject({ ...user, name: z.string().nullable(), created_at: instant }).meta({ id: 'Me' });
export type Me = z.output<typeof Me>;

export const SignedIn = z
  .strictObject({
    access_token: z.string(),
    token_type: z.literal('Bearer'),
    expires_in: z.int(),
    // <% if .native %>
    refresh_token: z.string().exactOptional(),
    // <% end %>
    user: SignedInUser,
  })
  .meta({ id: 'SignedIn' });
export type SignedIn = z.output<typeof SignedIn>;

export const SessionView = z
  .strictObject({
    id: uuid,
    created_at: instant,
    last_seen_at: instant,
    ip: z.string(),
    user_agent: z.string(),
    amr: z.array(z.string()),
    current: z.boolean(),
  })
  .meta({ id: 'SessionView' });
export type SessionView = z.output<typeof SessionView>;

export const SessionList = z.strictObject({ items: z.array(SessionView) }).meta({ id: 'SessionList' });
export type SessionList = z.output<typeof SessionList>;

export const Key = z
  .strictObject({
    kty: z.enum(['EC', 'OKP']),
    crv: z.enum(['P-256', 'Ed25519']),
    x: z.string(),
    y: z.string().exactOptional(),
    kid: z.string(),
    use: z.literal('sig'),
    alg: z.enum(['ES256', 'EdDSA']),
  })
  .meta({ id: 'Key' });
export type Key = z.output<typeof Key>;

export const KeySet = z.strictObject({ keys: z.array(Key) }).meta({ id: 'KeySet' });
export type KeySet = z.output<typeof KeySet>;
